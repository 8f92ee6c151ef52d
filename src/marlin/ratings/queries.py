"""Reading drafts and ratings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from marlin import comparisons, tasks
from marlin.accounts import Person
from marlin.campaigns import Answers
from marlin.comparisons import Comparison, Rollout, Side, Turn
from marlin.errors import NotFoundError
from marlin.ratings import copying
from marlin.ratings.checker import (
    TEXTS,
    Copy,
    Problem,
    ResultFacts,
    TurnWork,
    check_answers,
    check_follow_up,
    check_submission,
    is_english,
)
from marlin.ratings.facts import result_facts
from marlin.ratings.models import Comment, Rating, RatingDraft, Submission

Found = TypeVar("Found")

_checking = ThreadPoolExecutor(2, thread_name_prefix="marlin-checker")
"""Two at a time: ever so many would take the processor from the requests that do not wait for them."""

MAX_NUMBER = 2**31
"""Of turns; the database can't even be asked for larger ones."""


@dataclass(frozen=True, slots=True)
class OwnTurn:
    """A turn of the caller's own, without what its arms did: all that saving a draft needs."""

    turn_id: UUID
    comparison_status: str


async def own_turn(session: AsyncSession, comparison_id: UUID, number: int, person: Person) -> OwnTurn:
    """The caller's own turn, in one query: drafts are saved often.

    :raises NotFoundError: if the comparison does not exist, is someone else's, or has no such turn.
    """
    if not 0 < number < MAX_NUMBER:
        raise NotFoundError("There is no such turn.", hint="Reload the page.")
    statement = (
        select(Comparison.status, Turn.id)
        .outerjoin(Turn, (Turn.comparison_id == Comparison.id) & (Turn.number == number))
        .where(Comparison.id == comparison_id, Comparison.owner_id == person.id)
    )
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise NotFoundError("There is no such comparison.", hint="Open it from your list of tasks.")
    if row[1] is None:
        raise NotFoundError(f"The comparison has no turn {number}.", hint="Reload the page.")
    return OwnTurn(row[1], row[0])


_TURNS = selectinload(Comparison.turns)
_LOCK_TO_RATE = (
    select(Comparison)
    .where(Comparison.id == bindparam("comparison_id"), Comparison.owner_id == bindparam("owner_id"))
    .options(
        _TURNS.load_only(
            Turn.number,
            Turn.comparison_id,
            Turn.status,
            Turn.preferred,
            Turn.verdict,
            Turn.rated_at,
            raiseload=True,
        ),
        _TURNS.joinedload(Turn.rollouts).load_only(Rollout.turn_id, Rollout.arm_id, Rollout.side, raiseload=True),
    )
    .with_for_update(of=Comparison)
    .execution_options(populate_existing=True)
)


async def lock_to_rate(session: AsyncSession, comparison_id: UUID, person: Person) -> Comparison:
    """The caller's own comparison with only what rating needs, its row locked until the transaction ends.

    Two queries: ``comparisons.require_owner`` loads everything that the arms did, in four, and accepting a rating has
    to be quick. Not one: after waiting for the lock PostgreSQL reads the locked row anew, but not those joined to it.

    :raises NotFoundError: if it does not exist or is someone else's.
    """
    values = {"comparison_id": comparison_id, "owner_id": person.id}
    comparison = (await session.execute(_LOCK_TO_RATE, values)).scalar_one_or_none()
    if comparison is None:
        raise NotFoundError("There is no such comparison.", hint="Open it from your list of tasks.")
    return comparison


def require_mine(comparison: Comparison, person: Person) -> None:
    """:raises NotFoundError: if somebody else looks at a comparison where its contributor alone may."""
    if comparison.owner_id != person.id:
        raise NotFoundError("There is no such comparison.", hint="Open it from your list of tasks.")


async def current_ratings(session: AsyncSession, comparison_id: UUID) -> dict[int, Rating]:
    """The ratings that count, by number of the turn."""
    statement = select(Rating).where(Rating.comparison_id == comparison_id, Rating.ended.is_(None))
    return {rating.turn_number: rating for rating in (await session.execute(statement)).scalars()}


async def worked_on_since(session: AsyncSession, comparison_id: UUID, since: datetime) -> bool:
    """Whether the contributor has written anything in a comparison since then: answers, drafts, comments."""
    turns = select(Turn.id).where(Turn.comparison_id == comparison_id)
    traces = (
        select(Rating.id).where(Rating.comparison_id == comparison_id, Rating.created_at > since),
        select(RatingDraft.turn_id).where(RatingDraft.turn_id.in_(turns), RatingDraft.saved_at > since),
        select(Comment.id).where(Comment.comparison_id == comparison_id, Comment.updated_at > since),
    )
    for trace in traces:
        if await session.scalar(trace.limit(1)) is not None:
            return True
    return False


async def rating_history(session: AsyncSession, comparison_id: UUID) -> Sequence[Rating]:
    """Every rating that was ever given, undone and replaced ones included, in the order they were given."""
    statement = select(Rating).where(Rating.comparison_id == comparison_id).order_by(Rating.id)
    return (await session.execute(statement)).scalars().all()


async def drafts(session: AsyncSession, comparison: Comparison) -> dict[int, RatingDraft]:
    """The drafts, by number of the turn."""
    numbers = {turn.id: turn.number for turn in comparison.turns}
    statement = select(RatingDraft).where(RatingDraft.turn_id.in_(numbers))
    return {numbers[draft.turn_id]: draft for draft in (await session.execute(statement)).scalars()}


async def find_draft(session: AsyncSession, turn_id: UUID) -> RatingDraft | None:
    """A turn's draft, as the database has it now."""
    statement = select(RatingDraft).where(RatingDraft.turn_id == turn_id)
    return (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()


async def submission_problems(session: AsyncSession, comparison: Comparison) -> list[Problem]:
    """What the checker finds in a comparison now, its results looked into."""
    ratings = await current_ratings(session, comparison.id)
    copies = await copying.copies(session, comparison, copying.texts_of(comparison, ratings))
    return await problems_of(comparison, ratings, await facts_of(session, comparison, ratings), copies)


async def facts_of(
    session: AsyncSession, comparison: Comparison, ratings: Mapping[int, Rating]
) -> dict[int, dict[Side, ResultFacts]]:
    """What is known of the results that these ratings speak of, by turn."""
    return {
        number: await result_facts(session, comparison, number, _texts(Answers.model_validate(rating.answers)))
        for number, rating in ratings.items()
    }


def _texts(answers: Answers) -> list[str]:
    return [getattr(answers, name) for name in TEXTS]


async def draft_problems(session: AsyncSession, comparison: Comparison, number: int, answers: Answers) -> list[Problem]:
    """What the checker finds in a turn's answers while they are being written."""
    turn = comparisons.turn_of(comparison, number)
    results = await result_facts(session, comparison, number, _texts(answers))
    work = TurnWork(number, turn.prompt, turn.status, answers, results)
    copies = await copying.copies(session, comparison, {(number, "justification"): answers.justification})
    return await _apart(check_answers, work, levels=comparison.terms.get("checker"), copies=copies)


async def follow_up_problems(session: AsyncSession, comparison: Comparison, prompt: str) -> list[Problem]:
    """What the checker finds in a follow-up that is not sent yet."""
    earlier = [turn.prompt for turn in comparison.turns]
    copies = await copying.copies(session, comparison, {(len(earlier) + 1, "prompt"): prompt})
    return await _apart(check_follow_up, prompt, earlier, levels=comparison.terms.get("checker"), copies=copies)


async def titles_for(session: AsyncSession, person: Person, problems: Iterable[Problem]) -> dict[UUID, str]:
    """Titles of the other comparisons that problems are about, of those that a person may see."""
    titles = {}
    for comparison_id in {problem.refers.comparison_id for problem in problems if problem.refers is not None}:
        try:
            found = await comparisons.visible_comparison(session, comparison_id, person)
        except NotFoundError:
            continue
        brief = await tasks.get_brief(session, found.brief_id, owner_id=None)
        titles[comparison_id] = brief.title or brief.resolved_title
    return titles


async def last_submission(session: AsyncSession, comparison_id: UUID) -> Submission | None:
    """The contributor's last word that the comparison is finished."""
    statement = select(Submission).where(Submission.comparison_id == comparison_id)
    return await session.scalar(statement.order_by(Submission.id.desc()).limit(1))


async def problems_of(
    comparison: Comparison,
    ratings: dict[int, Rating],
    results: Mapping[int, Mapping[Side, ResultFacts]] | None = None,
    copies: Sequence[Copy] = (),
) -> list[Problem]:
    """What the checker finds in a comparison with these ratings.

    :param results: what is known of the results, by turn; without it words are held against scores only.
    :param copies: texts of it that its contributor submitted before.
    """
    known = results or {}
    turns = [
        TurnWork(
            number=turn.number,
            prompt=turn.prompt,
            status=turn.status,
            answers=Answers.model_validate(ratings[turn.number].answers) if turn.number in ratings else None,
            results=known.get(turn.number, {}),
        )
        for turn in comparison.turns
    ]
    least, levels = int(comparison.terms["min_turns"]), comparison.terms.get("checker")
    return await _apart(check_submission, turns, min_turns=least, levels=levels, copies=copies)


async def unread(texts: Mapping[str, str]) -> list[str]:
    """The names of texts that seem to be in another language than English."""
    return await _apart(lambda: [name for name, text in texts.items() if not is_english(text)])


async def _apart(check: Callable[..., list[Found]], *work: Any, **how: Any) -> list[Found]:
    """Run the checker beside the loop that serves everybody: full fields take it part of a second."""
    return await asyncio.get_running_loop().run_in_executor(_checking, partial(check, *work, **how))
