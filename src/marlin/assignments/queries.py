"""Reading assignments: what somebody holds, how a campaign stands, which results could be judged again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from marlin.accounts import Person, Role
from marlin.assignments.choosing import Standing
from marlin.assignments.errors import AssignmentNotFoundError, AssignmentRequiredError
from marlin.assignments.models import Assignment, GoldTask
from marlin.campaigns import Campaign, policy_of
from marlin.comparisons import REPEATABLE, Comparison, Rollout, Turn
from marlin.db import now
from marlin.tasks import Brief

HELD_FOR = timedelta(hours=2)
"""How long an assignment that nobody touches is kept for whoever holds it."""

GONE = ("cancelled", "rejected")
"""Statuses of comparisons that came to nothing: their place is free again."""


async def held(session: AsyncSession, campaign_id: UUID, person_id: UUID) -> Assignment | None:
    """The assignment that a person holds in a campaign, past its time or not."""
    query = select(Assignment).where(
        Assignment.campaign_id == campaign_id, Assignment.person_id == person_id, Assignment.status == "held"
    )
    return (await session.scalars(query)).one_or_none()


async def under_way(session: AsyncSession, campaign_id: UUID, person_id: UUID) -> Assignment | None:
    """Results that a person has begun to judge and not submitted."""
    query = (
        select(Assignment)
        .join(Comparison, Comparison.id == Assignment.comparison_id)
        .where(
            Assignment.campaign_id == campaign_id,
            Assignment.person_id == person_id,
            Assignment.status == "begun",
            Assignment.kind != "own",
            Comparison.status.in_(("to_rate", "rated")),
        )
        .order_by(Assignment.id)
        .limit(1)
    )
    return await session.scalar(query)


async def own_assignment(session: AsyncSession, assignment_id: UUID, person_id: UUID) -> Assignment:
    """:raises AssignmentNotFoundError: it does not exist or is someone else's."""
    found = await session.get(Assignment, assignment_id)
    if found is None or found.person_id != person_id:
        raise AssignmentNotFoundError("There is no such assignment.", hint="Ask for one on the campaign's page.")
    return found


async def is_over(session: AsyncSession, assignment: Assignment) -> bool:
    """Whether a held assignment is over: two hours in which nobody worked on it, or results that nobody is to judge any
    more, because their submission was returned or rejected meanwhile."""
    if assignment.source_id is not None:
        source = select(Comparison.status).where(Comparison.id == assignment.source_id)
        if await session.scalar(source) not in REPEATABLE:
            return True
    if assignment.expires_at > now():
        return False
    if assignment.kind != "own":
        return True
    query = select(Brief.id).where(
        Brief.owner_id == assignment.person_id,
        Brief.campaign_id == assignment.campaign_id,
        Brief.status != "used",
        Brief.updated_at > now() - HELD_FOR,
    )
    return await session.scalar(query.limit(1)) is None


async def require_held(session: AsyncSession, campaign: Campaign, person_id: UUID) -> Assignment | None:
    """The assignment to write a brief that a person holds; None where the campaign asks for none and they hold none.

    :raises AssignmentRequiredError: the campaign asks for one.
    """
    found = await held(session, campaign.id, person_id)
    if found is not None and await is_over(session, found):
        found = None
    if found is not None and found.kind == "own":
        return found
    if policy_of(campaign.assignment).required:
        raise AssignmentRequiredError(
            "In this campaign a task of your own begins when it is your turn to write one."
            if found is None
            else "It is your turn to judge results in this campaign, not to write a task.",
            hint="Open the campaign's page and take what is next for you; your brief is kept.",
        )
    return None


async def standing(session: AsyncSession, campaign_id: UUID, person_id: UUID) -> Standing:
    """How a campaign and one of its contributors stand. What a person holds counts as theirs already."""
    gold = exists().where(Assignment.comparison_id == Comparison.id, Assignment.kind == "gold")
    counted = (
        select(
            func.count().filter(Comparison.repeats_id.is_(None)),
            func.count().filter(Comparison.repeats_id.is_not(None), ~gold, ~Comparison.again),
            func.count(),
            func.count().filter(Comparison.owner_id == person_id),
        )
        .select_from(Comparison)
        .where(Comparison.campaign_id == campaign_id, Comparison.status.not_in(GONE))
    )
    originals, repeats, total, mine = (await session.execute(counted)).one()
    others = (
        select(func.count(), func.count().filter(Assignment.kind == "overlap"))
        .select_from(Assignment)
        .where(
            Assignment.campaign_id == campaign_id,
            Assignment.status == "held",
            Assignment.expires_at > now(),
            Assignment.person_id != person_id,
        )
    )
    waiting, overlaps = (await session.execute(others)).one()
    judged = select(func.count(), func.count().filter(Assignment.agreed.is_(True))).where(
        Assignment.campaign_id == campaign_id,
        Assignment.person_id == person_id,
        Assignment.agreed.is_not(None),
        ~_rejected(),
    )
    gold_judged, gold_agreed = (await session.execute(judged)).one()
    return Standing(
        originals=originals,
        repeats=repeats + overlaps,
        total=total + waiting,
        mine=mine,
        gold_judged=gold_judged,
        gold_agreed=gold_agreed,
    )


def _rejected() -> ColumnElement[bool]:
    """Whether what came of an assignment was rejected: then it judged nothing, whatever its answers were."""
    return exists().where(Comparison.id == Assignment.comparison_id, Comparison.status == "rejected")


@dataclass(frozen=True, slots=True)
class Item:
    """Results that a person could judge."""

    source_id: UUID
    gold_id: UUID | None
    people: int
    """How many have judged them, or are about to."""


def may_judge_others(person: Person) -> bool:
    """Whoever may read what others wrote about results can't judge them independently."""
    return not person.has([Role.REVIEWER, Role.OPERATOR])


async def gold_items(session: AsyncSession, campaign_id: UUID, person_id: UUID) -> Sequence[Item]:
    """Gold tasks that a person has not seen, those that the fewest have judged first."""
    query = (
        _unseen(campaign_id, person_id)
        .add_columns(GoldTask.id, _people())
        .join(GoldTask, and_(GoldTask.comparison_id == Comparison.id, GoldTask.revoked_at.is_(None)))
    )
    rows = await session.execute(query.order_by(_people(), Comparison.id).limit(100))
    return [Item(source, gold, people) for source, gold, people in rows]


async def overlap_items(
    session: AsyncSession, campaign_id: UUID, person_id: UUID, *, people: int, limit: int = 100
) -> Sequence[Item]:
    """Results that fewer than ``people`` distinct people have judged and this person has not seen; those that some
    have judged again come first, so that items become complete. Gold tasks and A/A controls are left out."""
    gold = exists().where(GoldTask.comparison_id == Comparison.id, GoldTask.revoked_at.is_(None))
    query = _unseen(campaign_id, person_id).add_columns(_people()).where(~gold, _people() < people)
    rows = await session.execute(query.order_by(_people().desc(), Comparison.id).limit(limit))
    return [Item(source, None, count) for source, count in rows]


async def again_items(session: AsyncSession, campaign_id: UUID, person_id: UUID, *, days: int) -> Sequence[Item]:
    """Results that a person judged at least so many days ago and was never asked about again, of their own tasks and of
    others'. Gold tasks, whose answer is known anyway, and A/A controls are left out."""
    item = func.coalesce(Comparison.repeats_id, Comparison.id)
    source = aliased(Comparison)
    asked = exists().where(
        Assignment.source_id == item,
        Assignment.person_id == person_id,
        Assignment.kind == "again",
        Assignment.status != "expired",
    )
    query = (
        select(item)
        .join(source, source.id == item)
        .join(Turn, and_(Turn.comparison_id == source.id, Turn.number == 1))
        .where(
            Comparison.campaign_id == campaign_id,
            Comparison.owner_id == person_id,
            Comparison.status.in_(REPEATABLE),
            Comparison.submitted_at <= now() - timedelta(days=days),
            Comparison.arm_a_id != Comparison.arm_b_id,
            source.status.in_(REPEATABLE),
            Turn.status == "ready",
            ~Comparison.again,
            ~exists().where(Assignment.comparison_id == Comparison.id, Assignment.kind == "gold"),
            ~exists().where(GoldTask.comparison_id == item, GoldTask.revoked_at.is_(None)),
            ~asked,
            _both_sides(),
        )
    )
    return [Item(source_id, None, 1) for source_id in await session.scalars(query.order_by(item).limit(100))]


def _unseen(campaign_id: UUID, person_id: UUID) -> Select[UUID]:
    """Comparisons whose first turn can be judged again, by somebody who has nothing to do with them yet."""
    mine = aliased(Comparison)
    seen = or_(
        exists().where(mine.brief_id == Comparison.brief_id, mine.owner_id == person_id),
        exists().where(
            Assignment.source_id == Comparison.id,
            Assignment.person_id == person_id,
            Assignment.status != "expired",
        ),
    )
    return (
        select(Comparison.id)
        .join(Turn, and_(Turn.comparison_id == Comparison.id, Turn.number == 1))
        .where(
            Comparison.campaign_id == campaign_id,
            Comparison.repeats_id.is_(None),
            Comparison.status.in_(REPEATABLE),
            Comparison.arm_a_id != Comparison.arm_b_id,
            Turn.status == "ready",
            ~seen,
            _both_sides(),
        )
    )


def _both_sides() -> ColumnElement[bool]:
    without = exists().where(Rollout.turn_id == Turn.id, Rollout.outcome == "platform_error")
    return ~without


def _people() -> ColumnElement[int]:
    """Distinct people of an item: its own, others who judge it again, and others who hold it."""
    theirs = aliased(Comparison)
    begun = (
        select(func.count())
        .where(theirs.repeats_id == Comparison.id, theirs.status.not_in(GONE), ~theirs.again)
        .correlate(Comparison)
        .scalar_subquery()
    )
    taken = aliased(Assignment)
    holding = (
        select(func.count())
        .where(
            taken.source_id == Comparison.id,
            taken.status == "held",
            taken.kind != "again",
            taken.expires_at > now(),
        )
        .correlate(Comparison)
        .scalar_subquery()
    )
    return 1 + begun + holding


@dataclass(frozen=True, slots=True)
class Held:
    """An assignment with who has it and what became of it."""

    assignment: Assignment
    person_name: str
    comparison_status: str | None


async def recent(session: AsyncSession, campaign_id: UUID, *, limit: int = 200) -> Sequence[Held]:
    """A campaign's assignments, those that are held first, then the latest."""
    query = (
        select(Assignment, Person.name, Comparison.status)
        .join(Person, Person.id == Assignment.person_id)
        .outerjoin(Comparison, Comparison.id == Assignment.comparison_id)
        .where(Assignment.campaign_id == campaign_id)
        .order_by(case((Assignment.status == "held", 0), else_=1), Assignment.id.desc())
        .limit(limit)
    )
    return [Held(*row) for row in await session.execute(query)]


@dataclass(frozen=True, slots=True)
class GoldStanding:
    """A gold task and how it fares."""

    task: GoldTask
    expected: str
    """The better side, as the comparison itself shows it."""
    title: str
    judged: int
    agreed: int


async def gold_standings(session: AsyncSession, campaign_id: UUID) -> Sequence[GoldStanding]:
    """A campaign's gold tasks, with how many have judged them and agreed."""
    done = aliased(Comparison)
    counts = exists().where(done.id == Assignment.comparison_id, done.status != "rejected")
    query = (
        select(
            GoldTask,
            Rollout.side,
            func.coalesce(func.nullif(Brief.title, ""), Brief.resolved_title),
            func.count(Assignment.id).filter(Assignment.agreed.is_not(None)),
            func.count(Assignment.id).filter(Assignment.agreed.is_(True)),
        )
        .join(Comparison, Comparison.id == GoldTask.comparison_id)
        .join(Brief, Brief.id == Comparison.brief_id)
        .join(Rollout, Rollout.id == GoldTask.expected_rollout_id)
        .outerjoin(Assignment, and_(Assignment.gold_id == GoldTask.id, counts))
        .where(Comparison.campaign_id == campaign_id, GoldTask.revoked_at.is_(None))
        .group_by(GoldTask.id, Rollout.side, Brief.title, Brief.resolved_title)
        .order_by(GoldTask.id)
    )
    return [GoldStanding(*row) for row in await session.execute(query)]


async def gold_task_of(session: AsyncSession, comparison_id: UUID, *, lock: bool = False) -> GoldTask | None:
    """The known answer of a comparison's first turn, if it is a gold task now."""
    query = select(GoldTask).where(GoldTask.comparison_id == comparison_id, GoldTask.revoked_at.is_(None))
    return await session.scalar(query.with_for_update() if lock else query)


async def is_gold(session: AsyncSession, comparison_id: UUID) -> bool:
    """Whether a comparison's first turn is, or was, a gold task: people's answers were held against it."""
    return await session.scalar(select(GoldTask.id).where(GoldTask.comparison_id == comparison_id).limit(1)) is not None


async def assignment_of(session: AsyncSession, comparison_id: UUID) -> Assignment | None:
    """The assignment that a comparison came from."""
    return await session.scalar(select(Assignment).where(Assignment.comparison_id == comparison_id))
