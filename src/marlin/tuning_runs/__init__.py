"""Tuning runs as the web shows them: the folders that `marlin tune` writes, followed while they train.

Nothing of a run is in the database: its folder is the truth (:mod:`marlin.training`), and a list of the folders that
were begun on this installation says where to look.
"""

from marlin.tuning_runs.reading import note_run

__all__ = ["note_run"]
