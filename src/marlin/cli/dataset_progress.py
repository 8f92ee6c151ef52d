"""How far a command on datasets is: a bar on a terminal; elsewhere, in a log say, a line every ten seconds."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Literal, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

Unit = Literal["rows", "bytes"]
EVERY_S = 10.0


class _Amount(ProgressColumn):
    """Rows as numbers, bytes as megabytes."""

    def __init__(self) -> None:
        super().__init__()
        self._columns = {"rows": MofNCompleteColumn(), "bytes": DownloadColumn()}

    def render(self, task: Task) -> object:  # type: ignore[override]
        return self._columns[task.fields["unit"]].render(task)


class Steps:
    """The stages of a command, in the order in which they begin.

    :param console: where to tell of them, away from the command's output.
    :param every: seconds between two lines where it is no terminal.
    """

    def __init__(self, console: Console, *, every: float = EVERY_S) -> None:
        self._console, self._every = console, every
        columns = (TextColumn("{task.description}"), BarColumn(), _Amount(), TimeElapsedColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._tasks: dict[str, Task] = {}
        self._told = time.monotonic()

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Take the bars away."""
        self._bar.stop()

    def begin(self, stage: str, unit: Unit, total: float | None = None) -> None:
        """Show a stage, or tell how much there is of one that is shown."""
        known = self._tasks.get(stage)
        if known is None:
            number = self._bar.add_task(stage, total=total, unit=unit)
            self._tasks[stage] = next(task for task in self._bar.tasks if task.id == number)
        else:
            self._bar.update(known.id, total=total)

    def advance(self, stage: str, count: int, unit: Unit = "rows") -> None:
        """So much more of a stage is done."""
        if stage not in self._tasks:
            self.begin(stage, unit)
        task = self._tasks[stage]
        self._bar.update(task.id, advance=count)
        if not self._console.is_terminal and time.monotonic() - self._told >= self._every:
            self._told = time.monotonic()
            self._console.print(self._line(task))

    @staticmethod
    def _line(task: Task) -> str:
        if task.fields["unit"] == "rows":
            done, total = f"{task.completed:,.0f}", None if task.total is None else f"{task.total:,.0f} rows"
        else:
            done, total = f"{task.completed / 1e6:,.1f}", None if task.total is None else f"{task.total / 1e6:,.1f} MB"
        unit = {"rows": " rows", "bytes": " MB"}[task.fields["unit"]]
        return f"{task.description}: {done} of {total}" if total else f"{task.description}: {done}{unit}"
