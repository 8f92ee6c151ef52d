"""How large each result is and what it took, for contexts above that set preference beside size. Read in bulk."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_IDS_AT_A_TIME = 5_000
_REMEMBERED = 400_000


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
    # ids are in the order of time, and so are the rows: one after the other they are read in a third of the time
    wanted = sorted((one for one in rollout_ids if one not in _known), key=lambda one: one.int)
    for start in range(0, len(wanted), _IDS_AT_A_TIME):
        found = await _read(session, wanted[start : start + _IDS_AT_A_TIME])
        _known.update(found)
    result = {rollout_id: _known[rollout_id] for rollout_id in rollout_ids if rollout_id in _known}
    while len(_known) > _REMEMBERED:
        _known.pop(next(iter(_known)))
    return result


_COUNTED = text(
    """
    SELECT rollout.id, changed.files, changed.lines, attempt.usage ->> 'calls', attempt.usage ->> 'usd',
        checks.complexity, checks.duplicated_lines, checks.new_dependencies, checks.judged, checks.passed
    FROM rollout
    LEFT JOIN attempt ON attempt.rollout_id = rollout.id AND attempt.number = rollout.attempt
    LEFT JOIN LATERAL (
        SELECT sum(files)::int AS files, jsonb_object_agg(ending, lines) AS lines
        FROM (
            SELECT CASE WHEN substr(path, length(path) - length(last) - 1, 1) IN ('', '/') THEN '' ELSE last END
                    AS ending,
                count(*) AS files, sum(coalesce(additions, 0) + coalesce(deletions, 0)) AS lines
            FROM jsonb_to_recordset(rollout.files) AS file(path text, additions bigint, deletions bigint),
                split_part(path, '.', -1) AS last
            GROUP BY 1
        ) AS by_ending
    ) AS changed ON true
    LEFT JOIN LATERAL (
        SELECT count(*) FILTER (WHERE kind <> 'size') AS judged,
            count(*) FILTER (WHERE kind <> 'size' AND status = 'passed') AS passed,
            max((data ->> 'complexity')::int) FILTER (WHERE kind = 'size') AS complexity,
            max((data ->> 'duplicated_lines')::int) FILTER (WHERE kind = 'size') AS duplicated_lines,
            max(jsonb_array_length(data -> 'new_dependencies')) FILTER (WHERE kind = 'size') AS new_dependencies
        FROM check_result
        WHERE rollout_id = rollout.id AND attempt = rollout.attempt AND kind <> 'lint'
    ) AS checks ON true
    WHERE rollout.id = ANY(:ids) AND rollout.status = 'finished'
    """
)
"""Counted where it lies: lists of changed files are long, and reading them from hundreds of thousands of results took
most of a leaderboard's time. What has no ending (none at all, or a hidden file's name) is under the empty one."""


async def _read(session: AsyncSession, rollout_ids: Sequence[UUID]) -> dict[UUID, Measures]:
    return {
        rollout_id: Measures(
            files=files or 0,
            changed_lines=sum(lines.values()) if lines else 0,
            complexity=complexity,
            duplicated_lines=duplicated_lines,
            new_dependencies=new_dependencies,
            steps=int(calls or 0),
            usd=float(usd or 0),
            passed=passed / judged if judged else None,
            languages=by_language(lines or {}),
        )
        for (
            rollout_id, files, lines, calls, usd, complexity, duplicated_lines, new_dependencies, judged, passed,
        ) in await session.execute(_COUNTED, {"ids": list(rollout_ids)})
    }  # fmt: skip


def by_language(lines: Mapping[str, int]) -> Mapping[str, int]:
    """Changed lines by the programming language that a file's ending tells, or under ``other``.

    :param lines: by ending, in any case; what has none under the empty text.
    """
    found: dict[str, int] = {}
    for ending, count in lines.items():
        language = _BY_ENDING.get(ending.lower(), OTHER_LANGUAGE)
        found[language] = found.get(language, 0) + count
    return found
