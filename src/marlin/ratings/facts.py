"""What the checker is given to hold words against: the two results, and the files and steps that are cited."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import comparisons, tasks
from marlin.comparisons import SIDES, Comparison, Side, Turn
from marlin.errors import MarlinError, UnavailableError
from marlin.ratings import citations
from marlin.ratings.checker import ResultFacts, missing
from marlin.ratings.citations import At

MOST_FILES = 60
"""Cited files that are looked up in one turn."""

_log = structlog.get_logger(__name__)


async def result_facts(
    session: AsyncSession, comparison: Comparison, number: int, texts: Sequence[str]
) -> dict[Side, ResultFacts]:
    """What is known of the results of turn ``number``, with the files and steps that ``texts`` cite.

    Of what can't be read now nothing is said.
    """
    turn = comparisons.turn_of(comparison, number)
    if turn.status != "ready" or not any(text.strip() for text in texts):
        return {}
    try:
        code = await tasks.current_code()
    except UnavailableError:
        return {}
    try:
        return await _facts(session, code, comparison, turn, texts)
    except MarlinError as error:
        # The words are then checked by themselves. A judgement must not wait for a repository that can't be read.
        _log.warning("results can't be read for the checker", comparison=str(comparison.id), reason=error.message)
        return {}


async def _facts(
    session: AsyncSession, code: tasks.Code, comparison: Comparison, turn: Turn, texts: Sequence[str]
) -> dict[Side, ResultFacts]:
    cited = [found.citation for text in texts for found in citations.find(text)]
    files: list[tuple[Side, str, At]] = [(each.side, each.path, each.at) for each in cited if each.path is not None]
    lines = await comparisons.count_lines(session, code, comparison, turn, list(dict.fromkeys(files))[:MOST_FILES])
    facts: dict[Side, ResultFacts] = {}
    for side in SIDES:
        change = await comparisons.change_of(session, code, comparison, turn, side)
        steps = None
        if any(each.side == side and each.step is not None for each in cited):
            steps = await comparisons.count_steps(session, comparison, turn, side)
        facts[side] = ResultFacts(
            paths=change.paths if change else None,
            words=change.words if change else None,
            lines={(path, at): count for (whose, path, at), count in lines.items() if whose == side},
            steps=steps,
        )
    return facts


async def cited_nowhere(session: AsyncSession, comparison: Comparison, number: int, text: str) -> list[str]:
    """What a text about turn ``number`` cites that is not there, in words; empty while that can't be told."""
    cited = citations.find(text)
    if not cited:
        return []
    facts = await result_facts(session, comparison, number, [text])
    lacking = (missing(found.citation, facts[found.citation.side]) for found in cited if found.citation.side in facts)
    return [words for words in lacking if words is not None]
