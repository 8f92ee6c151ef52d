"""What the checker is given to hold words against: the two results, and the files and steps that are cited."""

from __future__ import annotations

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import comparisons, tasks
from marlin.campaigns import Answers
from marlin.comparisons import SIDES, Comparison, Side, Turn
from marlin.errors import MarlinError, UnavailableError
from marlin.ratings import citations
from marlin.ratings.checker import TEXTS, ResultFacts
from marlin.ratings.citations import At

MOST_FILES = 60
"""Cited files that are looked up in one turn."""

_log = structlog.get_logger(__name__)


async def result_facts(
    session: AsyncSession, comparison: Comparison, number: int, answers: Answers
) -> dict[Side, ResultFacts]:
    """What is known of the results of turn ``number``; of what can't be read now the checker says nothing."""
    turn = comparisons.turn_of(comparison, number)
    if turn.status != "ready" or not any(getattr(answers, name).strip() for name in TEXTS):
        return {}
    try:
        code = await tasks.current_code()
    except UnavailableError:
        return {}
    try:
        return await _facts(session, code, comparison, turn, answers)
    except MarlinError as error:
        # The words are then checked by themselves. A judgement must not wait for a repository that can't be read.
        _log.warning("results can't be read for the checker", comparison=str(comparison.id), reason=error.message)
        return {}


async def _facts(
    session: AsyncSession, code: tasks.Code, comparison: Comparison, turn: Turn, answers: Answers
) -> dict[Side, ResultFacts]:
    cited = [found.citation for name in TEXTS for found in citations.find(getattr(answers, name))]
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
