"""What the tables and the stores know of one judged pair of results."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import accounts, campaigns, comparisons, tasks
from marlin.campaigns import Arm
from marlin.comparisons import Attempt, Comparison, Rollout, Turn
from marlin.reviews import AcceptedRating, accepted_ratings
from marlin.tasks import Brief, Environment


@dataclass(frozen=True, slots=True)
class Item:
    """Two results of one turn, and everybody's accepted rating of them."""

    comparison_id: UUID
    turn_number: int
    ratings: tuple[AcceptedRating, ...]

    @property
    def task_rejected(self) -> bool:
        """Whether what was asked was rejected in review: nobody trains on it, whoever judged the results."""
        return any(rating.task_rejected for rating in self.ratings)


@dataclass(frozen=True, slots=True)
class Facts:
    """What an item is about.

    :ivar sides: rollouts, arms and last attempts of A and B, as the comparison that made them showed them.
    :ivar swapped: ratings, by id, that were made with the sides changed.
    :ivar terms: the newest version of the terms that each rater, by id, accepted.
    """

    comparison: Comparison
    turn: Turn
    brief: Brief
    environment: Environment
    rubric_version: int
    sides: tuple[tuple[Rollout, Arm, Attempt | None], tuple[Rollout, Arm, Attempt | None]]
    swapped: frozenset[UUID]
    terms: Mapping[UUID, str]


async def chunks(session: AsyncSession, campaign_id: UUID, size: int) -> AsyncIterator[list[Item]]:
    """Every judged pair of results of a campaign, as the comparisons that made them began, so many at a time."""
    held: list[Item] = []
    async for item in _items(session, campaign_id):
        held.append(item)
        if len(held) == size:
            yield held
            held = []
    if held:
        yield held


async def _items(session: AsyncSession, campaign_id: UUID) -> AsyncIterator[Item]:
    held: list[AcceptedRating] = []
    async for rating in accepted_ratings(session, campaign_id, by_item=True):
        if held and (held[0].item_id, held[0].turn_number) != (rating.item_id, rating.turn_number):
            yield _item(held)
            held = []
        held.append(rating)
    if held:
        yield _item(held)


def _item(ratings: Sequence[AcceptedRating]) -> Item:
    return Item(ratings[0].item_id, ratings[0].turn_number, tuple(ratings))


async def facts_of(session: AsyncSession, items: Sequence[Item], arms: Mapping[UUID, Arm]) -> list[Facts]:
    """What there is to know about each item, but for the contents of its results.

    :param arms: those of the campaign, by id.
    """
    known = await comparisons.comparisons_by_id(session, {item.comparison_id for item in items})
    briefs = await tasks.briefs_by_id(session, {one.brief_id for one in known.values()})
    environments = await tasks.environments_by_id(session, {one.environment_id for one in known.values()})
    turns = [comparisons.turn_of(known[item.comparison_id], item.turn_number) for item in items]
    rollouts = [comparisons.by_side(turn) for turn in turns]
    attempts = await comparisons.last_attempts(session, [one for made in rollouts for one in made.values()])
    people = {rating.person_id for item in items for rating in item.ratings}
    terms = await accounts.accepted_terms(session, people)
    found = []
    for item, turn, made in zip(items, turns, rollouts, strict=True):
        comparison = known[item.comparison_id]
        sides = [(made[side], arms[made[side].arm_id], attempts.get(made[side].id)) for side in comparisons.SIDES]
        rubric = await campaigns.load_rubric(session, item.ratings[0].rubric_version_id)
        found.append(
            Facts(
                comparison=comparison,
                turn=turn,
                brief=briefs[comparison.brief_id],
                environment=environments[comparison.environment_id],
                rubric_version=rubric.number,
                sides=(sides[0], sides[1]),
                swapped=await _swapped(session, item, made["A"].id),
                terms=terms,
            )
        )
    return found


async def _swapped(session: AsyncSession, item: Item, made_a_id: UUID) -> frozenset[UUID]:
    shown = {rating.rollout_a_id: rating.rating_id for rating in item.ratings if rating.rollout_a_id != made_a_id}
    if not shown:
        return frozenset()
    found = await session.execute(select(Rollout.id, Rollout.repeats_id).where(Rollout.id.in_(shown)))
    return frozenset(shown[rollout] for rollout, repeats in found if repeats != made_a_id)
