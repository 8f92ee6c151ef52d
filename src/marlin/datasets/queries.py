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
from marlin.errors import NotFoundError
from marlin.reviews import AcceptedRating, accepted_ratings
from marlin.tasks import Brief, Environment


@dataclass(frozen=True, slots=True)
class Item:
    """Two results of one turn, and everybody's accepted rating of them."""

    comparison_id: UUID
    turn_number: int
    ratings: tuple[AcceptedRating, ...]


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


async def items(session: AsyncSession, campaign_id: UUID) -> AsyncIterator[Item]:
    """Every judged pair of results of a campaign, as the comparisons that made them began. In constant memory."""
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


async def facts_of(session: AsyncSession, item: Item) -> Facts:
    """What there is to know about an item, but for the contents of its results."""
    comparison = await comparisons.get_comparison(session, item.comparison_id, owner_id=None)
    turn = comparisons.turn_of(comparison, item.turn_number)
    made = comparisons.by_side(turn)
    sides = []
    for side in comparisons.SIDES:
        rollout = made[side]
        try:
            attempt: Attempt | None = await comparisons.last_attempt(session, rollout)
        except NotFoundError:
            attempt = None
        sides.append((rollout, await campaigns.get_arm(session, rollout.arm_id), attempt))
    brief = await tasks.get_brief(session, comparison.brief_id, owner_id=None)
    rubric = await campaigns.load_rubric(session, item.ratings[0].rubric_version_id)
    return Facts(
        comparison=comparison,
        turn=turn,
        brief=brief,
        environment=await tasks.get_environment(session, comparison.environment_id),
        rubric_version=rubric.number,
        sides=(sides[0], sides[1]),
        swapped=await _swapped(session, item, made["A"].id),
        terms=await accounts.accepted_terms(session, {rating.person_id for rating in item.ratings}),
    )


async def _swapped(session: AsyncSession, item: Item, made_a_id: UUID) -> frozenset[UUID]:
    shown = {rating.rollout_a_id: rating.rating_id for rating in item.ratings if rating.rollout_a_id != made_a_id}
    if not shown:
        return frozenset()
    found = await session.execute(select(Rollout.id, Rollout.repeats_id).where(Rollout.id.in_(shown)))
    return frozenset(shown[rollout] for rollout, repeats in found if repeats != made_a_id)
