"""The stages of a loop, and what each came to: kept in ``<home>/loops/NAME/loop.json``, so that a killed loop goes on.

A stage's result is written when it is whole. Whatever a killed one left behind is its own to take up or to replace.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from marlin.errors import MarlinError, UnavailableError

Result = dict[str, Any]
Results = dict[str, Result]


class RecordBrokenError(UnavailableError):
    """The record of a loop can't be read or written."""

    code = "loop-record-broken"


class StageFailedError(MarlinError):
    """A stage of a loop did not come to its end; the message says which, and why."""

    code = "loop-stage-failed"


@dataclass(frozen=True, slots=True)
class Stage:
    """One part of a loop.

    :ivar makes: what it leaves, in a few words. :ivar work: given the results so far, its own.
    :ivar holds: whether a result of an earlier run is still there, as files may have gone since.
    """

    name: str
    title: str
    makes: str
    work: Callable[[Results], Result]
    holds: Callable[[Result], bool] = lambda _: True


@dataclass(slots=True)
class Record:
    """What a loop has come to. :ivar kept: anything else that must stay as it was, such as ports."""

    path: Path
    stages: Results = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Record:
        """:raises RecordBrokenError: the file is there and can't be read."""
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            return cls(path, dict(found["stages"]), dict(found["kept"]))
        except FileNotFoundError:
            return cls(path)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RecordBrokenError(
                f"{path}, where the loop's stages are kept, can't be read: {error}.",
                hint="Remove it to look at each stage again, or begin another loop with --name.",
            ) from error

    def write(self) -> None:
        """In one step: a kill leaves the old or the new one. :raises RecordBrokenError: it can't be written."""
        beside = self.path.with_suffix(".new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with beside.open("w", encoding="utf-8") as file:
                json.dump({"stages": self.stages, "kept": self.kept}, file, indent=2)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.path)
        except OSError as error:
            raise RecordBrokenError(
                f"{self.path} can't be written: {error.strerror}.",
                hint="Make room, or set MARLIN_HOME to a folder that this user may write; then run it again.",
            ) from error


def go_through(
    stages: Sequence[Stage],
    record: Record,
    say: Callable[[str], None],
    *,
    clock: Callable[[], float] = time.monotonic,
) -> Results:
    """Do what is not done yet, in order, and tell of each stage; all results.

    A stage that has to be done again makes those after it void, since they were made from its result.

    :raises StageFailedError: a stage failed; those before it are kept.
    """
    began = clock()
    again = False
    for number, stage in enumerate(stages, start=1):
        head = f"Stage {number} of {len(stages)}: {stage.title}"
        done = record.stages.get(stage.name)
        if done is not None and not again and stage.holds(done):
            say(f"{head}: done before ({done['seconds']:.0f} s).")
            continue
        again = True
        for later in stages[number - 1 :]:
            record.stages.pop(later.name, None)
        say(f"{head} → {stage.makes}  [{clock() - began:.0f} s so far]")
        started = clock()
        try:
            found = stage.work(record.stages)
        except MarlinError as error:
            raise StageFailedError(
                f"Stage {number} of {len(stages)} ({stage.title}) failed: {error.message}",
                hint=f"{error.hint or ''} The stages before it are kept; the same command goes on here.".strip(),
            ) from error
        record.stages[stage.name] = {**found, "seconds": round(clock() - started, 1)}
        record.write()
    return record.stages
