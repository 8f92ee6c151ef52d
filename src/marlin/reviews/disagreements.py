"""Results that people judged differently: which, how, how far apart. Sides are those of the item's own comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from marlin.comparisons import Comparison
from marlin.ratings import Rating
from marlin.reviews.models import Adjudication
from marlin.tasks import Brief

JUDGED = ("submitted", "accepted")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one person says of an item's first turn.

    :ivar swapped: whether they saw the sides the other way round; their texts name the sides as they saw them.
    :ivar answers: with scores and texts turned to the item's sides.
    """

    comparison_id: UUID
    rating_id: UUID
    person_id: UUID
    status: str
    swapped: bool
    verdict: str
    answers: Mapping[str, Any]
    given_at: datetime

    @property
    def towards(self) -> int:
        """−3 the item's side A is much better … +3 side B is; 0 when equal or both bad."""
        return int(self.answers.get("overall") or 0) if self.verdict == "preference" else 0

    @property
    def said(self) -> str:
        """A, B, equal or both_bad."""
        return self.verdict if self.verdict != "preference" else "A" if self.towards < 0 else "B"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An item on which people don't say the same.

    :ivar apart: how far the overall scores are apart, 0 to 6. :ivar label: the latest one, if any.
    """

    item_id: UUID
    title: str
    category: str
    judgements: Sequence[Judgement]
    label: Adjudication | None

    @property
    def apart(self) -> int:
        values = [one.towards for one in self.judgements]
        return max(values) - min(values)

    @property
    def since(self) -> datetime:
        """When the last judgement was given."""
        return max(one.given_at for one in self.judgements)


def turned(answers: Mapping[str, Any], *, swapped: bool) -> dict[str, Any]:
    """Answers as they would have been with the sides the other way round, if they were."""
    if not swapped:
        return dict(answers)
    other = {"a": "b", "b": "a"}
    found = dict(answers)
    found["axes"] = {axis: None if score is None else -score for axis, score in answers.get("axes", {}).items()}
    found["overall"] = None if answers.get("overall") is None else -answers["overall"]
    for kind in ("strengths", "weaknesses"):
        for side in other:
            found[f"{kind}_{side}"] = answers.get(f"{kind}_{other[side]}", "")
    return found


async def judgements(
    session: AsyncSession, *, campaign_id: UUID | None = None, item_id: UUID | None = None
) -> dict[UUID, list[Judgement]]:
    """By item, what people say of it, the first one first: of a campaign, or of one item. A/A controls are
    left out, and what somebody says when they judge once more."""
    source = aliased(Comparison)
    item = func.coalesce(Comparison.repeats_id, Comparison.id)
    statement = (
        select(item, Rating, Comparison.status, Rating.arm_a_id != source.arm_a_id)
        .join(Comparison, Comparison.id == Rating.comparison_id)
        .join(source, source.id == item)
        .where(
            Rating.turn_number == 1,
            Rating.ended.is_(None),
            Comparison.status.in_(JUDGED),
            Comparison.arm_a_id != Comparison.arm_b_id,
            ~Comparison.again,
        )
        .order_by(Rating.id)
    )
    if campaign_id is not None:
        statement = statement.where(Comparison.campaign_id == campaign_id)
    if item_id is not None:
        statement = statement.where(item == item_id)
    found: dict[UUID, list[Judgement]] = {}
    for place, rating, status, swapped in await session.execute(statement):
        found.setdefault(place, []).append(
            Judgement(
                comparison_id=rating.comparison_id,
                rating_id=rating.id,
                person_id=rating.person_id,
                status=status,
                swapped=swapped,
                verdict=rating.verdict,
                answers=turned(rating.answers, swapped=swapped),
                given_at=rating.created_at,
            )
        )
    return found


async def disagreements(session: AsyncSession, campaign_id: UUID) -> list[Disagreement]:
    """A campaign's, those without a label first, then those that are furthest apart, then the latest."""
    divided = {
        item: said
        for item, said in (await judgements(session, campaign_id=campaign_id)).items()
        if len({one.said for one in said}) > 1
    }
    if not divided:
        return []
    known = select(Comparison.id, Brief).join(Brief, Brief.id == Comparison.brief_id)
    briefs = {row[0]: row[1] for row in await session.execute(known.where(Comparison.id.in_(divided)))}
    labels = await labels_of(session, list(divided))
    found = [
        Disagreement(
            item, briefs[item].title or briefs[item].resolved_title, briefs[item].category, said, labels.get(item)
        )
        for item, said in divided.items()
    ]
    return sorted(found, key=lambda one: (one.label is not None, -one.apart, -one.since.timestamp()))


async def labels_of(session: AsyncSession, items: Sequence[UUID]) -> dict[UUID, Adjudication]:
    """The label of record of each item that has one: the latest."""
    statement = select(Adjudication).where(Adjudication.item_id.in_(items), Adjudication.decision == "label")
    return {row.item_id: row for row in await session.scalars(statement.order_by(Adjudication.id))}


async def adjudications_of(session: AsyncSession, item_id: UUID) -> Sequence[Adjudication]:
    """Everything that was decided on an item, the latest first."""
    statement = select(Adjudication).where(Adjudication.item_id == item_id).order_by(Adjudication.id.desc())
    return list(await session.scalars(statement))
