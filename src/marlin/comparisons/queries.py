"""Reads of comparisons, and the pure rules that say what may be done next."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, selectinload
from sqlalchemy.orm.strategy_options import _AbstractLoad as Load

from marlin.accounts import Person, Role
from marlin.campaigns import Campaign
from marlin.comparisons.blinding import Side
from marlin.comparisons.deciding import WAITING
from marlin.comparisons.errors import (
    ComparisonClosedError,
    ComparisonNotFoundError,
    JudgedOnceMoreError,
    NotRatedError,
    TurnLimitError,
    TurnNotFoundError,
    TurnNotRateableError,
    TurnRunningError,
)
from marlin.comparisons.models import CheckResult, Comparison, Rollout, Turn
from marlin.db import Worker
from marlin.db.paging import Order, Page, Window, fetch_page, matching
from marlin.errors import MarlinError
from marlin.tasks import Brief

REVIEWABLE = ("submitted", "returned", "accepted", "rejected", "disputed")

_JUDGED = ("submitted", "accepted")
"""Statuses in which a comparison may be judged once more."""

SHOWN = ("checking", "ready", "failed")
"""Statuses of a turn in which both sides may be looked at. A cancelled turn stays closed: it can be retried, and what
one side had done by then would tell which is faster."""


def _loaded() -> Load:
    return selectinload(Comparison.turns).selectinload(Turn.rollouts).selectinload(Rollout.checks)


async def get_comparison(
    session: AsyncSession, comparison_id: UUID, *, owner_id: UUID | None, lock: bool = False
) -> Comparison:
    """A comparison with its turns, rollouts and checks.

    :param owner_id: whose it must be; None for the platform's own jobs.
    :param lock: take the row's lock until the transaction ends.
    :raises ComparisonNotFoundError: it does not exist or is someone else's.
    """
    query = select(Comparison).where(Comparison.id == comparison_id).options(_loaded())
    query = query.execution_options(populate_existing=True)  # collections as they are now, not as they were read before
    if lock:
        query = query.with_for_update(of=Comparison)
    comparison = await session.scalar(query)
    if comparison is None or (owner_id is not None and comparison.owner_id != owner_id):
        raise ComparisonNotFoundError("There is no such comparison.", hint="Open it from your list of tasks.")
    return comparison


async def comparisons_by_id(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Comparison]:
    """Many comparisons with their turns, rollouts and checks, in four queries."""
    found = await session.scalars(select(Comparison).where(Comparison.id.in_(ids)).options(_loaded()))
    return {comparison.id: comparison for comparison in found}


async def require_owner(session: AsyncSession, comparison_id: UUID, person: Person) -> Comparison:
    """The caller's own comparison, its row locked until the transaction ends.

    :raises ComparisonNotFoundError: it does not exist or is someone else's.
    """
    return await get_comparison(session, comparison_id, owner_id=person.id, lock=True)


async def visible_comparison(session: AsyncSession, comparison_id: UUID, person: Person) -> Comparison:
    """A comparison the caller may look at: the owner's, a reviewer's once it is submitted, an operator's.

    :raises ComparisonNotFoundError: otherwise. :raises JudgedOnceMoreError: it is the caller's own, and they judge the
        same results once more just now.
    """
    comparison = await get_comparison(session, comparison_id, owner_id=None)
    mine = comparison.owner_id == person.id
    if mine and not comparison.again and comparison.status in _JUDGED and await _judges_again(session, comparison):
        raise JudgedOnceMoreError(
            "You are judging these results once more, and should not be swayed by what you said before.",
            hint="It opens again as soon as you have submitted that judgement.",
        )
    if not (mine or Role.OPERATOR in person.roles or await _reviewable(session, comparison, person)):
        raise ComparisonNotFoundError("There is no such comparison.", hint="Open it from your list of tasks.")
    return comparison


async def _judges_again(session: AsyncSession, comparison: Comparison) -> bool:
    """Whether its owner has another judgement of the same results in hand."""
    other = select(Comparison.id).where(
        Comparison.brief_id == comparison.brief_id,
        Comparison.owner_id == comparison.owner_id,
        Comparison.again,
        Comparison.status.in_(("to_rate", "rated")),
    )
    return await session.scalar(other.limit(1)) is not None


async def _reviewable(session: AsyncSession, comparison: Comparison, person: Person) -> bool:
    """Whether a reviewer may see it: submitted, and not another person's judgement of results they judge themselves."""
    if Role.REVIEWER not in person.roles or comparison.status not in REVIEWABLE:
        return False
    return not await judged_by(session, comparison, person.id)


async def judged_by(session: AsyncSession, comparison: Comparison, person_id: UUID) -> bool:
    """Whether a person judges these results themselves, in this comparison or in another."""
    own = select(Comparison.id).where(Comparison.brief_id == comparison.brief_id, Comparison.owner_id == person_id)
    return await session.scalar(own.limit(1)) is not None


_LAST_CHANGED_FIRST = Order((Comparison.updated_at.expression, Comparison.id.expression), (datetime, UUID), True)
_OLDEST_FIRST = Order((Comparison.submitted_at.expression, Comparison.id.expression), (datetime, UUID))
_CAMPAIGN_TITLE = func.jsonb_extract_path_text(Comparison.terms, "title")


async def comparisons_of(
    session: AsyncSession,
    owner_id: UUID,
    window: Window,
    *,
    statuses: Sequence[str] = (),
    search: str | None = None,
) -> Page[tuple[Comparison, str, int]]:
    """A person's comparisons, last changed first, with the brief's title and the number of turns.

    :param statuses: only these; all when empty.
    :param search: only those whose title, or whose campaign's title, contains it.
    """
    turns = select(func.count()).where(Turn.comparison_id == Comparison.id).scalar_subquery()
    query = (
        select(Comparison, Brief.title, turns)
        .join(Brief, Brief.id == Comparison.brief_id)
        .where(Comparison.owner_id == owner_id)
    )
    if statuses:
        query = query.where(Comparison.status.in_(statuses))
    if search:
        query = query.where(matching(search, Brief.title.expression, _CAMPAIGN_TITLE))
    return await fetch_page(session, query, _LAST_CHANGED_FIRST, window)


async def totals_of(session: AsyncSession, owner_id: UUID) -> dict[str, tuple[int, int]]:
    """How many of a person's comparisons are in each status, and what they were promised for them, in cents."""
    price = Comparison.terms["price_cents"].as_integer()
    query = select(Comparison.status, func.count(), func.sum(price)).where(Comparison.owner_id == owner_id)
    rows = await session.execute(query.group_by(Comparison.status))
    return {str(status): (int(count), int(cents)) for status, count, cents in rows}


async def comparisons_in(
    session: AsyncSession,
    campaign_id: UUID,
    window: Window,
    *,
    statuses: Sequence[str] = (),
    search: str | None = None,
) -> Page[tuple[Comparison, str, str, int]]:
    """A campaign's comparisons, last changed first, with title, contributor's name and number of turns.

    :param statuses: only these; all when empty.
    :param search: only those whose title, or whose contributor's name, contains it.
    """
    turns = select(func.count()).where(Turn.comparison_id == Comparison.id).scalar_subquery()
    query = (
        select(Comparison, Brief.title, Person.name, turns)
        .join(Brief, Brief.id == Comparison.brief_id)
        .join(Person, Person.id == Comparison.owner_id)
        .where(Comparison.campaign_id == campaign_id)
    )
    if statuses:
        query = query.where(Comparison.status.in_(statuses))
    if search:
        query = query.where(matching(search, Brief.title.expression, Person.name.expression))
    return await fetch_page(session, query, _LAST_CHANGED_FIRST, window)


async def submitted_comparisons(
    session: AsyncSession,
    window: Window,
    *,
    not_owner_id: UUID,
    without: Select[UUID],
    search: str | None = None,
    only: UUID | None = None,
) -> Page[tuple[Comparison, str]]:
    """A page of the comparisons that wait for a review, oldest first, with the brief's title.

    What simulated contributors submit waits for no person.

    :param not_owner_id: leave this person's own out, and whatever other people judge of the same results.
    :param without: ids of disputed ones to leave out: a dispute is decided by somebody else.
    :param search: only those whose title, or whose campaign's title, contains it.
    """
    own = aliased(Comparison)
    theirs = select(own.id).where(own.brief_id == Comparison.brief_id, own.owner_id == not_owner_id)
    query = (
        select(Comparison, Brief.title)
        .join(Brief, Brief.id == Comparison.brief_id)
        .join(Campaign, Campaign.id == Comparison.campaign_id)
        .where(Comparison.status.in_(WAITING), ~Campaign.synthetic, ~theirs.exists())
        .where(~((Comparison.status == "disputed") & Comparison.id.in_(without)))
        .options(selectinload(Comparison.turns))
    )
    if only is not None:
        query = query.where(Comparison.id == only)
    if search:
        query = query.where(matching(search, Brief.title.expression, _CAMPAIGN_TITLE))
    return await fetch_page(session, query, _OLDEST_FIRST, window)


async def usual_turn_seconds(session: AsyncSession, campaign_id: UUID, *, least: int = 5) -> float | None:
    """Median time from start to ready of a campaign's last 100 turns; None with fewer than ``least`` of them."""
    last = (
        select(func.extract("epoch", Turn.ready_at - Turn.started_at).label("seconds"))
        .join(Comparison, Comparison.id == Turn.comparison_id)
        .where(Comparison.campaign_id == campaign_id, Comparison.repeats_id.is_(None))
        .where(Turn.ready_at.is_not(None), Turn.started_at.is_not(None))
        .order_by(Turn.ready_at.desc())
        .limit(100)
        .subquery()
    )
    median = func.percentile_cont(0.5).within_group(last.c.seconds)
    known, seconds = (await session.execute(select(func.count(), median).select_from(last))).one()
    return float(seconds) if known >= least else None


async def any_worker(session: AsyncSession, *, silent: timedelta = timedelta(seconds=20)) -> bool:
    """Whether any worker has shown itself within ``silent``, by the database's clock; they do every few seconds."""
    seen = select(Worker.id).where(Worker.seen_at > func.clock_timestamp() - silent).limit(1)
    return await session.scalar(seen) is not None


async def get_turn(session: AsyncSession, turn_id: UUID, *, lock: bool = False) -> Turn:
    """A turn with its comparison and rollouts, for the job that runs it."""
    query = select(Turn).where(Turn.id == turn_id).options(selectinload(Turn.comparison), selectinload(Turn.rollouts))
    if lock:
        query = query.with_for_update(of=Turn).execution_options(populate_existing=True)
    turn = await session.scalar(query)
    if turn is None:
        raise TurnNotFoundError("There is no such turn.", hint="Reload the page.")
    return turn


def find_check(comparison: Comparison, check_id: UUID) -> tuple[Turn, CheckResult]:
    """One check of a comparison, and its turn.

    :raises TurnNotFoundError: it is not one of this comparison's.
    """
    for turn in comparison.turns:
        for rollout in turn.rollouts:
            for check in rollout.checks:
                if check.id == check_id:
                    return turn, check
    raise TurnNotFoundError("There is no such check.", hint="Reload the page.")


def turn_of(comparison: Comparison, number: int) -> Turn:
    """Turn ``number``, counted from 1.

    :raises TurnNotFoundError: the comparison has no such turn.
    """
    for turn in comparison.turns:
        if turn.number == number:
            return turn
    raise TurnNotFoundError(f"The comparison has no turn {number}.", hint="Reload the page.")


def opening_turn(comparison: Comparison, wanted: int | None, person: Person) -> Turn:
    """The wanted turn; else the last, where its contributor goes on, and the first for whoever reads from the start.

    The page follows the same rule (``web/src/api/first-patches.ts``).

    :raises TurnNotFoundError: the comparison has no turn yet.
    """
    if not comparison.turns:
        raise TurnNotFoundError("The comparison has no turn yet.", hint="Reload the page.")
    other = comparison.turns[-1 if comparison.owner_id == person.id else 0]
    return next((turn for turn in comparison.turns if turn.number == wanted), other)


def by_side(turn: Turn) -> dict[Side, Rollout]:
    """The turn's two rollouts."""
    return {("A" if rollout.side == "A" else "B"): rollout for rollout in turn.rollouts}


def revealed(comparison: Comparison, turn: Turn) -> bool:
    """Whether what the sides did may be seen: always in live campaigns, else once both have been captured."""
    return comparison.terms["reveal"] == "live" or turn.status in SHOWN


def checks_shown(comparison: Comparison, turn: Turn) -> bool:
    """Whether checks may be seen: always in live campaigns, else once those of both sides are done."""
    return comparison.terms["reveal"] == "live" or turn.status in ("ready", "failed")


def follow_up_refusal(comparison: Comparison) -> MarlinError | None:
    """Why no follow-up can be sent now; None when one can."""
    last = comparison.turns[-1]
    if comparison.status == "running":
        return TurnRunningError(f"Turn {last.number} is still running.", hint="Wait until both sides have stopped.")
    if comparison.status == "to_rate":
        return NotRatedError(f"Turn {last.number} is not rated yet.", hint="Rate it; the winner is where you go on.")
    if comparison.status != "rated":
        return ComparisonClosedError("The comparison takes no further prompts.")
    if comparison.repeats_id is not None:
        return TurnLimitError("Only the first turn is judged here.", hint="Submit the comparison.")
    if last.number >= int(comparison.terms["max_turns"]):
        return TurnLimitError(
            f"The campaign allows {comparison.terms['max_turns']} turns.", hint="Submit the comparison."
        )
    return None


def cancel_refusal(comparison: Comparison) -> MarlinError | None:
    """Why the last turn can't be cancelled; None when it can."""
    last = comparison.turns[-1]
    if last.status not in ("queued", "running"):
        return TurnNotRateableError("No turn is running.")
    return None


def retry_refusal(comparison: Comparison) -> MarlinError | None:
    """Why the last turn can't be retried; None when it can."""
    last = comparison.turns[-1]
    if last.status not in ("failed", "cancelled"):
        return TurnNotRateableError("Only a turn that was cancelled, or failed on both sides, can be retried.")
    return None
