"""After the agent has stopped: seal the sandbox, commit what it left, archive it, and name the changed files."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from marlin import logging
from marlin.agents import PromptOutcome, Redactor
from marlin.comparisons.continuation import Result
from marlin.comparisons.lifecycle import Assignment
from marlin.comparisons.preparing import Prepared
from marlin.tasks import Workbench
from marlin.workspaces import Changes, ChangeStatus, FileChange, GitError, LeftOut, Reason

IDENTITY_SCAN_BYTES = 2_000_000
"""How much of the diff is searched for identity words that the arm wrote into files."""

UNLISTED_FOLDERS = 30
"""Folders that are named one by one when a change has more files than can be listed."""

log = logging.get(__name__)

_LETTERS = {
    ChangeStatus.ADDED: "A",
    ChangeStatus.MODIFIED: "M",
    ChangeStatus.DELETED: "D",
    ChangeStatus.RENAMED: "R",
    ChangeStatus.COPIED: "C",
    ChangeStatus.TYPE_CHANGED: "T",
}
"""As git writes them."""
_NAMES_KEPT = frozenset({ChangeStatus.MODIFIED, ChangeStatus.DELETED, ChangeStatus.TYPE_CHANGED})
"""What happened to a file whose name was there before."""


@dataclass(frozen=True, slots=True)
class Captured:
    """What an attempt left, durable and named."""

    result: Result
    files: list[dict[str, Any]]
    left_out: list[dict[str, Any]]
    identity_in_files: dict[str, int]
    """Identity words in added lines and in new names: flagged to the operator, never changed (repositories name
    vendors, too)."""


async def capture(bench: Workbench, work: Assignment, prepared: Prepared, outcome: PromptOutcome) -> Captured:
    """Seal and snapshot one side. The sandbox is gone afterwards.

    :raises StorageFullError: no room for the archives.
    """
    environment = prepared.environment
    snapshot = await bench.snapshot(
        environment,
        prepared.sandbox,
        parent=work.start.commit,
        files=work.start.files,
        comparison=str(work.comparison_id),
        turn=work.turn_number,
        side=work.side,
        earlier=[LeftOut(**{**entry, "reason": Reason(entry["reason"])}) for entry in work.start.left_out],
    )
    prepared.sealed = True
    changes, identity_in_files = await asyncio.gather(
        bench.code.changes(environment.repository, environment.base_commit, snapshot.commit),
        _identity_words(bench, work, prepared, snapshot.commit),
    )
    data = snapshot.to_json()
    left_out = list(data["left_out"])
    in_names = identity_in_names(changes.files, [entry["path"] for entry in left_out], prepared.words)
    return Captured(
        result=Result(
            commit=snapshot.commit,
            files=snapshot.files,
            home=snapshot.home,
            session=outcome.session_id or None,
            left_out=tuple(left_out),
        ),
        files=[_file(change) for change in changes.files],
        left_out=[*(told_of(entry, prepared.redactor) for entry in left_out), *unlisted(changes)],
        identity_in_files=dict(identity_in_files + in_names),
    )


def _file(change: FileChange) -> dict[str, Any]:
    return {
        "path": change.path,
        "old_path": change.old_path,
        "status": _LETTERS[change.status],
        "additions": change.additions or 0,
        "deletions": change.deletions or 0,
        "binary": change.binary,
    }


def identity_in_names(files: Sequence[FileChange], left_out: Sequence[str], words: Sequence[str]) -> Counter[str]:
    """Identity words in the names of new files, and of what was left out, such as branches."""
    names = [*(change.path for change in files if change.status not in _NAMES_KEPT), *left_out]
    return Redactor(words).count("\n".join(names))


def unlisted(changes: Changes) -> list[dict[str, Any]]:
    """What to tell whoever judges of a change that is too large to be measured."""
    if changes.measured:
        return []
    told = [("", "too large to measure: its lines were not counted, and no renamed files were looked for")]
    folders = list(changes.unlisted.items())
    for folder, files in folders[:UNLISTED_FOLDERS]:
        told.append((folder or "files in the root", f"too large: {files:,} more changed files are not listed"))
    if rest := sum(files for _, files in folders[UNLISTED_FOLDERS:]):
        told.append(("other folders", f"too large: {rest:,} more changed files are not listed"))
    return [{"path": path, "reason": reason} for path, reason in told]


def told_of(entry: dict[str, Any], redactor: Redactor) -> dict[str, str]:
    """What whoever judges is told of something left out. A branch is no file, and harnesses put their names there."""
    branch = entry["reason"] == Reason.OTHER_BRANCH
    path = str(entry["path"])
    return {"path": redactor.clean(path) if branch else path, "reason": _reason(entry)}


def _reason(entry: dict[str, Any]) -> str:
    reason = str(entry["reason"]).replace("_", " ").replace("-", " ")
    return f"{reason}: {entry['detail']}" if entry.get("detail") else reason


async def _identity_words(bench: Workbench, work: Assignment, prepared: Prepared, commit: str) -> Counter[str]:
    patch = bytearray()
    chunks = bench.workspaces.diff_chunks(prepared.environment.repository, work.start.commit, commit)
    try:  # in pieces: a change too large to show must not cost the arm its result
        async with contextlib.aclosing(chunks):
            async for data in chunks:
                patch += data
                if len(patch) >= IDENTITY_SCAN_BYTES:
                    break
    except GitError as error:  # nor must one that git takes too long over
        log.warning(
            "identity words were looked for in a part of the change", turn=str(work.turn_id), error=error.message
        )
    added = [
        line[1:]
        for line in patch[:IDENTITY_SCAN_BYTES].decode(errors="replace").splitlines()
        if line.startswith("+") and not line.startswith("+++")
    ]
    counter = Redactor(prepared.words)
    counter.clean("\n".join(added))
    return counter.hits
