"""Lint of changed lines: what a linter says of a result that it did not say of the base.

Both are linted in sandboxes under the base's rules, wherever the result may have put its own: an arm must not win by
editing them. A linter only ever warns; whether a warning matters is for the person who judges.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath
from typing import Any, Literal

from marlin.comparisons.errors import LinterFailedError
from marlin.comparisons.findings import Compared, LineMap, LintedFile, compare
from marlin.comparisons.linters import LINTERS, Finding, Linter
from marlin.errors import NotFoundError
from marlin.sandboxes import MIB, WORKSPACE, ExecTimeoutError, Mount, Sandbox
from marlin.tasks import Environment, Workbench, put_back
from marlin.workspaces import StoredLayer, TooLargeError

SECONDS = 60.0
"""A linter that is not done by then is stopped."""

LARGEST_FILE = 1 * MIB
"""Larger files are generated more often than written: they are named as not linted."""

LISTED = 200
"""Findings that are kept; the rest is counted."""

_FOLDER = PurePosixPath("/opt/marlin/linters")
_OUTPUT = 16 * MIB


@dataclass(frozen=True, slots=True)
class Change:
    """What a result changed, as the linters need it.

    :ivar changed: the changed files, as the rollout's row has them.
    :ivar before, after: their contents by the path in the result; None where there is no file, or none to read.
    """

    environment: Environment
    commit: str
    files: tuple[StoredLayer, ...]
    changed: Sequence[Mapping[str, Any]]
    before: Mapping[str, bytes | None]
    after: Mapping[str, bytes | None]


@dataclass(slots=True)
class Lint:
    """What all linters found, for the database and for people."""

    linters: list[dict[str, Any]] = field(default_factory=list)
    compared: Compared = field(default_factory=Compared)
    unlinted: Counter[str] = field(default_factory=Counter)
    """Files that are no linter's, by the end of their name."""
    unread: int = 0
    """Files that are a linter's, but too large, oddly named or beyond the number that is read."""
    rules_changed: list[str] = field(default_factory=list)
    """Files in which the result changed the rules; the base's applied."""

    @property
    def status(self) -> Literal["passed", "warning", "skipped"]:
        """Never a failure; ``skipped`` when no linter read anything."""
        if not self.linters:
            return "skipped"
        return "warning" if self._new else "passed"

    @property
    def _new(self) -> int:
        return len(self.compared.on_changed_lines) + len(self.compared.elsewhere)

    def summary(self) -> str:
        """One line for people."""
        parts = []
        if self.linters:
            parts.append(f"{self._new} new finding{'s' * (self._new != 1)}" if self._new else "no new findings")
        if self.compared.elsewhere:
            parts.append(f"{len(self.compared.elsewhere)} of them on lines that it did not touch")
        if self.compared.gone:
            parts.append(f"{self.compared.gone} gone")
        if self.unlinted:
            parts.append(f"no linter for {_endings(self.unlinted)}")
        if self.unread:
            parts.append(f"{self.unread} file{'s' * (self.unread != 1)} not read")
        return ", ".join(parts) or "nothing to lint"

    def to_json(self) -> dict[str, Any]:
        """For the database."""
        new = [(finding, True) for finding in self.compared.on_changed_lines]
        new += [(finding, False) for finding in self.compared.elsewhere]
        return {
            "linters": self.linters,
            "new": self._new,
            "elsewhere": len(self.compared.elsewhere),
            "gone": self.compared.gone,
            "findings": [{**asdict(finding), "on_changed_line": on} for finding, on in new[:LISTED]],
            "unlinted": dict(self.unlinted.most_common(20)),
            "unread": self.unread,
            "rules_changed": self.rules_changed,
        }


def _endings(unlinted: Counter[str]) -> str:
    names = [name for name, _ in unlinted.most_common(4)]
    more = f" and {len(unlinted) - 4} more kinds" if len(unlinted) > 4 else ""
    return f"{', '.join(names)}{more}"


async def lint(bench: Workbench, change: Change, *, sandbox_id: str, limits: Mapping[str, Any]) -> Lint:
    """Lint a result, and the base of its changed files.

    :param sandbox_id: for the sandbox of the result; the base's is derived from it.
    :raises LinterFailedError: a linter did not end in time, or not well.
    """
    lint = Lint()
    work: list[tuple[Linter, list[Mapping[str, Any]]]] = [(linter, []) for linter in LINTERS]
    for file in change.changed:
        readers = [files for linter, files in work if linter.reads(file["path"])]
        if file["status"] == "D":
            continue
        if not readers:
            lint.unlinted[_kind(file["path"])] += 1
        elif not _readable(file, change):
            lint.unread += 1
        else:
            readers[0].append(file)
    work = [(linter, files) for linter, files in work if files]
    if not work:
        return lint
    rules = await _Rules.of(bench, change, [linter for linter, _ in work])
    lint.rules_changed = sorted(rules.changed)
    for linter, files in work:
        own = sum(rules.own(linter, file["path"]) for file in files)
        whose = "repository" if own == len(files) else "marlin" if not own else "both"
        lint.linters.append(
            {"name": linter.name, "version": linter.version, "files": len(files), "rules": whose, "note": ""}
        )
    mounts = [Mount(linter.program, _FOLDER / linter.name) for linter, _ in work]

    async def run(name: str, layers: Sequence[StoredLayer], on_base: bool) -> list[_Ran]:
        sandbox = await bench.open_sandbox(
            change.environment, sandbox_id=name, files=layers, mounts=mounts, limits=limits
        )
        try:
            await put_back(sandbox, {} if on_base else rules.changed)
            return [
                await _run(sandbox, linter, _on_base(files) if on_base else [file["path"] for file in files], rules)
                for linter, files in work
            ]
        finally:
            await sandbox.destroy()

    now = await run(sandbox_id, change.files, on_base=False)
    base = await run(f"{sandbox_id[:16]}base", (), on_base=True)
    for told, ran in zip(lint.linters, now, strict=True):
        told["note"] = ran.note
    found = [finding for ran in now for finding in ran.findings]
    stood = [finding for ran in base for finding in ran.findings]
    with_any = {finding.path for finding in (*found, *stood)}
    files = [file for _, files in work for file in files if {file["path"], file["old_path"]} & with_any]
    lint.compared = compare([await _linted_file(bench, change, file) for file in files], found, stood)
    return lint


def _readable(file: Mapping[str, Any], change: Change) -> bool:
    after = change.after.get(file["path"])
    return after is not None and len(after) <= LARGEST_FILE and not file["path"].startswith('"')


def _kind(path: str) -> str:
    pure = PurePosixPath(path)
    return pure.suffix or pure.name


def _old_path(file: Mapping[str, Any]) -> str | None:
    return None if file["status"] == "A" else file["old_path"] or file["path"]


def _on_base(files: Sequence[Mapping[str, Any]]) -> list[str]:
    return [path for file in files if (path := _old_path(file)) and not path.startswith('"')]


async def _linted_file(bench: Workbench, change: Change, file: Mapping[str, Any]) -> LintedFile:
    path, old_path = file["path"], _old_path(file)
    lines = None
    if old_path is not None:
        environment = change.environment
        patch = await bench.workspaces.diff(
            environment.repository,
            environment.base_commit,
            change.commit,
            path=path,
            old_path=file["old_path"],
            context=0,
        )
        lines = LineMap.of(patch)
    text, old_text = (
        (data or b"").decode(errors="replace").splitlines() for data in (change.after[path], change.before.get(path))
    )
    return LintedFile(path, old_path, lines, text, old_text)


@dataclass(slots=True)
class _Rules:
    """Where the base has rules of its own, and what the result made of them."""

    folders: dict[str, set[PurePosixPath]]
    """By the linter's name: folders with a file of rules."""
    changed: dict[str, bytes | None]
    """Files of rules that the result changed, with the base's content."""

    @classmethod
    async def of(cls, bench: Workbench, change: Change, linters: Sequence[Linter]) -> _Rules:
        environment = change.environment
        repository, base = environment.repository, environment.base_commit

        async def read(path: str) -> bytes | None:
            try:
                return await bench.code.read_blob(repository, base, path)
            except (NotFoundError, TooLargeError):
                return None

        names = {name for linter in linters for name in linter.configs}
        listed = await bench.workspaces.list_tree(repository, base, recursive=True)
        on_base = {entry.path: await read(entry.path) for entry in listed if PurePosixPath(entry.path).name in names}
        after = {
            path: change.after.get(path) if path == file["path"] and file["status"] != "D" else None
            for file in change.changed
            for path in (file["path"], file["old_path"])
            if path and PurePosixPath(path).name in names
        }
        return cls(
            folders={
                linter.name: {
                    PurePosixPath(path).parent
                    for path, data in on_base.items()
                    if linter.rules_in(path, data) is not None
                }
                for linter in linters
            },
            changed={
                path: on_base.get(path)
                for path, data in after.items()
                if any(linter.rules_in(path, data) != linter.rules_in(path, on_base.get(path)) for linter in linters)
            },
        )

    def own(self, linter: Linter, path: str) -> bool:
        """Whether the repository's rules apply to a file."""
        return not self.folders[linter.name].isdisjoint(PurePosixPath(path).parents)


@dataclass(slots=True)
class _Ran:
    findings: list[Finding] = field(default_factory=list)
    note: str = ""


async def _run(sandbox: Sandbox, linter: Linter, paths: Sequence[str], rules: _Rules) -> _Ran:
    """A linter on files: those under the repository's rules, then the others under ours."""
    ran = _Ran()
    own = [path for path in paths if rules.own(linter, path)]
    others = [path for path in paths if not rules.own(linter, path)]
    if own:
        findings, trouble = await _lint_files(sandbox, linter, own, own=True)
        if trouble:
            ran.note = f"The repository's rules could not be used, Marlin's were: {trouble}"
            others = list(paths)
        else:
            ran.findings += findings
    if others:
        findings, trouble = await _lint_files(sandbox, linter, others, own=False)
        if trouble:
            raise LinterFailedError(f"{linter.name} failed: {trouble}", hint="Look at the sandbox's base image.")
        ran.findings += findings
    return ran


async def _lint_files(
    sandbox: Sandbox, linter: Linter, paths: Sequence[str], *, own: bool
) -> tuple[list[Finding], str]:
    """The findings, and why there are none to rely on."""
    argv = [str(_FOLDER / linter.name), *linter.arguments(own), "--", *(f"./{path}" for path in paths)]
    try:
        done = await sandbox.exec(argv, timeout=SECONDS, cwd=WORKSPACE, output_limit=_OUTPUT)
    except ExecTimeoutError as error:
        raise LinterFailedError(
            f"{linter.name} did not end within {SECONDS:g} s.", hint="Read the changes without it."
        ) from error
    findings, unread = linter.read(done.stdout)
    if done.exit_code not in (0, 1) or unread:
        said = done.stderr.decode(errors="replace").strip() or f"exit code {done.exit_code}"
        return [], f"{unread} entries of its output could not be read" if unread and done.exit_code < 2 else said[:400]
    return findings, ""
