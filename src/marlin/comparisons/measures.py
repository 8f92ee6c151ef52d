"""How large each result is and what it took, for contexts above that set preference beside size. Read in bulk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from marlin.comparisons.models import Attempt, CheckResult, Rollout

_IDS_AT_A_TIME = 500
_REMEMBERED = 200_000


_LANGUAGES = {
    "C": "c h",
    "C++": "cc cpp cxx hpp hh",
    "C#": "cs",
    "CSS": "css scss less",
    "Go": "go",
    "HTML": "html htm",
    "Java": "java",
    "JavaScript": "js jsx mjs cjs",
    "Kotlin": "kt kts",
    "PHP": "php",
    "Python": "py pyi",
    "Ruby": "rb",
    "Rust": "rs",
    "Scala": "scala",
    "Shell": "sh bash",
    "SQL": "sql",
    "Swift": "swift",
    "TypeScript": "ts tsx",
}
_BY_ENDING = {ending: name for name, endings in _LANGUAGES.items() for ending in endings.split()}

OTHER_LANGUAGE = "other"


@dataclass(frozen=True, slots=True)
class Measures:
    """One side's result of one turn, in numbers. None where it was not measured.

    :ivar changed_lines: added and removed, against the base; so ``files``.
    :ivar complexity: change of the summed cyclomatic complexity.
    :ivar steps: model calls of the last attempt.
    :ivar usd: what the gateway metered for it.
    :ivar passed: share of test and acceptance checks that passed; None without any.
    :ivar languages: changed lines by language.
    """

    files: int
    changed_lines: int
    complexity: int | None
    duplicated_lines: int | None
    new_dependencies: int | None
    steps: int
    usd: float
    passed: float | None
    languages: Mapping[str, int]


_known: dict[UUID, Measures] = {}


async def measures_of(session: AsyncSession, rollout_ids: Collection[UUID]) -> dict[UUID, Measures]:
    """Measures of those rollouts that are finished, by id. They never change then, so the last ones are remembered."""
    wanted = [rollout_id for rollout_id in rollout_ids if rollout_id not in _known]
    for start in range(0, len(wanted), _IDS_AT_A_TIME):
        found = await _read(session, wanted[start : start + _IDS_AT_A_TIME])
        _known.update(found)
    result = {rollout_id: _known[rollout_id] for rollout_id in rollout_ids if rollout_id in _known}
    while len(_known) > _REMEMBERED:
        _known.pop(next(iter(_known)))
    return result


async def _read(session: AsyncSession, rollout_ids: Sequence[UUID]) -> dict[UUID, Measures]:
    checks: dict[UUID, list[tuple[str, str, dict[str, Any]]]] = {}
    statement = (
        select(CheckResult.rollout_id, CheckResult.kind, CheckResult.status, CheckResult.data)
        .join(Rollout, and_(Rollout.id == CheckResult.rollout_id, Rollout.attempt == CheckResult.attempt))
        .where(CheckResult.rollout_id.in_(rollout_ids), CheckResult.kind != "lint")
    )
    for rollout_id, kind, status, data in await session.execute(statement):
        checks.setdefault(rollout_id, []).append((kind, status, data if kind == "size" else {}))
    rows = await session.execute(
        select(Rollout.id, Rollout.files, Attempt.usage)
        .outerjoin(Attempt, and_(Attempt.rollout_id == Rollout.id, Attempt.number == Rollout.attempt))
        .where(Rollout.id.in_(rollout_ids), Rollout.status == "finished")
    )
    return {rollout_id: measure(files, usage or {}, checks.get(rollout_id, [])) for rollout_id, files, usage in rows}


def measure(
    files: Iterable[Mapping[str, Any]], usage: Mapping[str, Any], checks: Iterable[tuple[str, str, Mapping[str, Any]]]
) -> Measures:
    """The measures of one rollout.

    :param files: changed files, as a rollout keeps them.
    :param usage: of its last attempt.
    :param checks: kind, status and data of its checks.
    """
    changed: Counter[str] = Counter()
    count = 0
    for entry in files:
        count += 1
        lines = int(entry.get("additions") or 0) + int(entry.get("deletions") or 0)
        changed[language_of(str(entry.get("path", "")))] += lines
    size: Mapping[str, Any] = {}
    verdicts = []
    for kind, status, data in checks:
        if kind == "size":
            size = data
        else:
            verdicts.append(status == "passed")
    return Measures(
        files=count,
        changed_lines=changed.total(),
        complexity=size.get("complexity"),
        duplicated_lines=size.get("duplicated_lines"),
        new_dependencies=len(size["new_dependencies"]) if "new_dependencies" in size else None,
        steps=int(usage.get("calls") or 0),
        usd=float(usage.get("usd") or 0),
        passed=sum(verdicts) / len(verdicts) if verdicts else None,
        languages=changed,
    )


def language_of(path: str) -> str:
    """The programming language that a file's ending tells, or ``other``."""
    stem, dot, ending = path.rpartition(".")
    if not dot or not stem or stem.endswith("/"):  # none, or a hidden file's name
        return OTHER_LANGUAGE
    return _BY_ENDING.get(ending.lower(), OTHER_LANGUAGE)
