"""``python -m marlin``: the command line."""

from marlin.cli import app

app(prog_name="marlin")
