"""The linters Marlin brings: which files each reads, under whose rules, and what it says. Pure but for finding them.

Each is one program without dependencies, so it can be mounted into a sandbox and needs nothing of the repository's.
Files that none of them reads are said to have had no linter; they are never counted as clean (decision 0007).
"""

from __future__ import annotations

import json
import sysconfig
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import Any

from marlin.errors import UnavailableError
from marlin.sandboxes import WORKSPACE
from marlin.toml_texts import read_toml

RULES_OF_OURS = {
    "ruff": (
        *("E4", "E7", "E9", "F", "B", "C90", "PLE", "ASYNC", "BLE", "PLR0912", "PLR0913", "PLR0915"),
        *("S102", "S110", "S112", "S301", "S306", "S307", "S324", "S501", "S506", "S602", "S605", "S608", "S701"),
    ),
    "oxlint": ("correctness", "suspicious", "complexity", "max-depth", "max-params"),
}
"""Where a repository has no rules of its own: mistakes, traps, complexity and known holes; no matters of taste."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a linter says of one place. Lines and columns count from 1."""

    path: str
    line: int
    column: int
    rule: str
    message: str
    linter: str


@dataclass(frozen=True, slots=True)
class Linter:
    """One linter.

    :ivar configs: names of files in which a repository may have its own rules for it.
    :ivar arguments: the command after its name and before the paths; told whether the repository's rules apply.
    :ivar read: the findings in its output, and how many entries of it could not be read.
    """

    name: str
    suffixes: frozenset[str]
    configs: tuple[str, ...]
    arguments: Callable[[bool], Sequence[str]]
    read: Callable[[bytes], tuple[list[Finding], int]]

    @property
    def version(self) -> str:
        """Of the program that is installed."""
        return metadata.version(self.name)

    @property
    def program(self) -> Path:
        """Where it is on this host.

        :raises UnavailableError: it is not installed.
        """
        program = Path(sysconfig.get_path("scripts")) / self.name
        if not program.is_file():
            raise UnavailableError(
                f"The linter {self.name} is not installed beside Marlin.", hint="Install Marlin's dependencies again."
            )
        return program

    def reads(self, path: str) -> bool:
        """Whether a file of this name is for it."""
        return PurePosixPath(path.strip('"')).suffix in self.suffixes

    def rules_in(self, path: str, data: bytes | None) -> Any:
        """What the file ``path`` says of its rules, comparable; None when it says nothing."""
        if data is None or PurePosixPath(path).name not in self.configs:
            return None
        if PurePosixPath(path).name != "pyproject.toml" or b"\0" in data:  # no text, or not read: it may say anything
            return data
        try:
            return read_toml(data.decode()).get("tool", {}).get(self.name)
        except (ValueError, AttributeError, RecursionError):
            return data if b"[tool.ruff" in data else None


def _ruff_arguments(own: bool) -> list[str]:
    always = ["check", "--output-format=json-lines", "--exit-zero", "--no-cache", "--no-fix", "--no-fix-only"]
    if own:
        return [*always, "--force-exclude"]
    # The newest syntax, because without the repository's own word for it no syntax is too new.
    return [*always, "--isolated", "--target-version=py314", f"--select={','.join(RULES_OF_OURS['ruff'])}"]


def _read_ruff(output: bytes) -> tuple[list[Finding], int]:
    found, unread = [], 0
    for line in output.splitlines():
        try:
            entry = json.loads(line)
            where = entry["location"]
            found.append(
                Finding(
                    path=entry["filename"].removeprefix(f"{WORKSPACE}/"),
                    line=int(where["row"]),
                    column=int(where["column"]),
                    rule=entry["code"] or "invalid-syntax",
                    message=entry["message"],
                    linter="ruff",
                )
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            unread += 1  # output beyond the limit is dropped from the middle of a line
    return found, unread


def _oxlint_arguments(own: bool) -> list[str]:
    always = ["--format=json", "--threads=1", "--no-error-on-unmatched-pattern"]
    if own:
        return always
    rules = [word for rule in RULES_OF_OURS["oxlint"] for word in ("-W", rule)]
    return [*always, "--disable-nested-config", "-A", "all", *rules]


def _read_oxlint(output: bytes) -> tuple[list[Finding], int]:
    found, unread = [], 0
    try:
        entries = json.loads(output)["diagnostics"]
    except (ValueError, KeyError, TypeError):
        return [], int(bool(output.strip()))
    for entry in entries:
        try:
            where = entry["labels"][0]["span"]
            rule = str(entry.get("code") or "invalid-syntax")
            found.append(
                Finding(
                    path=entry["filename"].removeprefix(f"{WORKSPACE}/").removeprefix("./"),
                    line=int(where["line"]),
                    column=int(where["column"]),
                    rule=rule.removeprefix("eslint(").removesuffix(")") if rule.startswith("eslint(") else rule,
                    message=entry["message"],
                    linter="oxlint",
                )
            )
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):
            unread += 1
    return found, unread


LINTERS = (
    Linter(
        "ruff", frozenset({".py", ".pyi"}), ("ruff.toml", ".ruff.toml", "pyproject.toml"), _ruff_arguments, _read_ruff
    ),
    Linter(
        "oxlint",
        frozenset({".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx"}),
        (".oxlintrc.json", ".oxlintrc.jsonc"),
        _oxlint_arguments,
        _read_oxlint,
    ),
)
