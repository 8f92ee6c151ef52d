"""The example of the reference runs, and the library stays out of the way until it is asked."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

REFERENCE = Path(__file__).parents[3] / "docs/reference/statistics.md"


def test_the_example_of_the_reference_runs() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", REFERENCE.read_text(), re.DOTALL)
    ran = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1].startswith("new is preferred, ")
    assert "% interval [" in ran.stdout


def test_the_command_line_loads_no_scipy_and_the_library_no_pandas() -> None:
    program = "import sys, marlin.cli; assert not {'scipy', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
    program = "import sys, marlin.statistics; assert not {'pandas', 'sqlalchemy', 'scipy.stats'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
