"""What two results hold: conversations from the raw traffic, patches from git, licences of what was there or changed.

Everything here blocks, and knows no table: it runs in processes of its own (:mod:`marlin.datasets.making`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marlin import comparisons
from marlin.agents import Trajectory, TrajectoryTooLongError
from marlin.datasets.errors import DatasetStorageError
from marlin.datasets.licences import Licences
from marlin.datasets.patches import ChangedFile, files_in
from marlin.datasets.segments import Part, part_of, shared
from marlin.errors import InvalidInputError, NotFoundError
from marlin.gateway import ExchangeStoreError
from marlin.workspaces import ArchiveMissingError, Differ, DurableStore, GitError, MirrorStore

Row = dict[str, Any]

LARGEST_PATCH = 4 * 1024**2
"""Bytes. Nobody judges, and no model learns, from a longer one."""
LARGEST_CONVERSATION = 16 * 1024**2
"""Characters of a side's messages: some four million tokens."""
_GIT_MEMORY = 1024**3
"""Bytes that git may take for a difference: of a file of half a gigabyte it would take several."""
TOO_LARGE = "the change is too large"
TOO_LONG = "a side's conversation is too long"
GONE = "the side's commit is gone"
UNTOLD = "git can't tell the side's change, or not in time"
BROKEN = "the record of a side's model calls is broken or gone"
MAY_NOT_TRAIN = "an arm's outputs may not train"


@dataclass(frozen=True, slots=True)
class Result:
    """Where a side's contents are.

    :ivar start: the commit that its turn began with. :ivar commit: its own, if it left one.
    :ivar raw: keys of its raw traffic; None where it never ran. :ivar may_train: whether anybody may train on it.
    """

    start: str
    commit: str | None
    raw: Mapping[str, Any] | None
    may_train: bool


class Contents:
    """Reads them; close it at the end. Not safe between threads."""

    def __init__(self, durable: DurableStore, mirrors: MirrorStore) -> None:
        self._durable, self._mirrors = durable, mirrors
        self._differ = Differ()
        self._licences = Licences(mirrors)

    def close(self) -> None:
        """End what was started for reading."""
        self._differ.close()
        self._licences.close()

    def complete(self, row: Row, results: tuple[Result, Result]) -> None:
        """Add to a row of :func:`marlin.datasets.rows.known_row` what its sides hold. It is not scrubbed yet."""
        parts, changed, unread = [], list[ChangedFile](), False
        for side, result in zip((row["a"], row["b"]), results, strict=True):
            part = self._part(result)
            patch, side["patch_refused"] = self._patch(row["repository"], result)
            side["patch"] = patch.decode(errors="replace")
            for file in files_in(patch):
                file.commit = result.commit
                changed.append(file)
            unread |= side["patch_refused"] in (TOO_LARGE, GONE, UNTOLD)
            side |= {"source": part.source, "usable": part.refused is None, "refused": part.refused}
            side |= {"system": part.system, "tools": list(part.tools), "messages": list(part.messages)}
            parts.append(part)
        commits = (row["base_commit"], row["start_commit"])
        row["licences"] = self._licences.of(row["repository"], commits, changed, unread=unread)
        known = [part for part, result in zip(parts, results, strict=True) if result.may_train] or parts
        common = shared(known[0], known[-1], row["request"], first=row["turn"] == 1)
        if row["continuation"] != "own" or row["turn"] == 1:
            row["prompt"] = None if common.prompt is None else list(common.prompt)
            row["tools"] = None if common.tools is None else list(common.tools)
        refused = row["pairs_refused"] or parts[0].refused or parts[1].refused or common.refused
        row["trajectory"], row["trajectory_refused"] = refused is None, refused

    def _part(self, result: Result) -> Part:
        if not result.may_train:
            return Part("none", refused=MAY_NOT_TRAIN)
        if result.raw is None:
            return part_of(None)
        try:
            found: Trajectory | None = comparisons.read_trajectory(
                self._durable, result.raw, largest=LARGEST_CONVERSATION
            )
        except NotFoundError:
            found = None
        except TrajectoryTooLongError:
            return Part("none", refused=TOO_LONG)
        except OSError as error:
            raise _unreadable(error) from error
        except ExchangeStoreError as error:
            if isinstance(error.__cause__, OSError) and not isinstance(error.__cause__, FileNotFoundError):
                raise _unreadable(error.__cause__) from error
            return Part("none", refused=BROKEN)
        except ArchiveMissingError:
            return Part("none", refused=BROKEN)
        return part_of(found)

    def _patch(self, repository: str, result: Result) -> tuple[bytes, str | None]:
        """What a side changed in this turn, as git prints it, and why there is none."""
        if not result.may_train:
            return b"", MAY_NOT_TRAIN
        if result.commit is None:
            return b"", "the side left no result"
        try:
            mirror = self._mirrors.holding(repository, result.start, result.commit)
            data = self._differ.diff(mirror, result.start, result.commit, limit=LARGEST_PATCH, memory=_GIT_MEMORY)
        except (NotFoundError, ArchiveMissingError):
            return b"", GONE
        except GitError:
            return b"", UNTOLD
        except InvalidInputError:
            return b"", TOO_LARGE
        return data, None if data else "the side changed nothing"


def _unreadable(error: OSError) -> DatasetStorageError:
    """A storage that fails for a while would else cost rows their trajectories, and the next build give other bytes."""
    return DatasetStorageError(
        f"The storage can't be read: {error.strerror or error}.",
        hint="Mend it (MARLIN_STORAGE_URL names it), then run the same command again: it goes on from what was done.",
    )
