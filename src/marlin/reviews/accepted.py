"""The narrow waist: accepted ratings, the one source that everything downstream reads."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from marlin.assignments import Assignment
from marlin.campaigns import Answers, Arm, Campaign
from marlin.comparisons import Comparison, Rollout, Turn
from marlin.ratings import Cited, Rating
from marlin.reviews.models import Adjudication, Review
from marlin.reviews.queries import standing_acceptance
from marlin.reviews.reasons import OF_THE_TASK

_ROWS_AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class AcceptedRating:
    """One turn's rating in a comparison that a reviewer accepted, with everything needed to use it honestly.

    :ivar prompt: what was asked in this turn.
    :ivar continued_from: where the turn started: None (the base), A, B, base or own.
    :ivar continuation: how it carried on: first, session, transcript or own. Under ``own`` turns from the second on the
        arms share no prompt any more: of use for rankings and trajectories, never as a pair to train on.
    :ivar preferred: the better side; None when equal or both bad.
    :ivar strength: how much better, 0 to 3.
    :ivar guidelines_version: of the campaign's guidelines when the comparison began.
    :ivar citations: what the texts of the answers cite, as data, each with whether it was there.
    :ivar repeats_comparison_id: the comparison whose results were judged again here, by another person; None for a
        contributor's own task.
    :ivar item_id: what was judged: the comparison that the results were made for. Ratings with the same item and turn
        are of the same two results, though perhaps with sides swapped.
    :ivar gold: whether it was given as a task with a known answer. :ivar gold_agreed: and whether the rating agrees.
    :ivar label: the label of record that an operator decided where people judged the same results differently, as this
        rating's own sides: A, B, equal or both_bad; None where nothing was decided.
    :ivar task_rejected: whether the comparison that the results were made for was rejected for what it asked: then
        this rating of them, though accepted, is nothing to learn from.
    :ivar aa: whether both sides were the same arm: a control, never a preference to learn from.
    :ivar synthetic: whether simulated contributors play this campaign: never evidence of anything real.
    :ivar outputs_may_train_a: whether the provider lets a model be trained on what side A's arm wrote.
    """

    rating_id: UUID
    comparison_id: UUID
    campaign_id: UUID
    brief_id: UUID
    environment_id: UUID
    turn_id: UUID
    turn_number: int
    person_id: UUID
    prompt: str
    continued_from: str | None
    continuation: str
    answers: Answers
    citations: tuple[Cited, ...]
    verdict: Literal["preference", "equal", "both_bad"]
    preferred: Literal["A", "B"] | None
    strength: int
    rubric_version_id: UUID
    guidelines_version: int
    repeats_comparison_id: UUID | None
    item_id: UUID
    gold: bool
    gold_agreed: bool | None
    label: str | None
    task_rejected: bool
    aa: bool
    synthetic: bool
    arm_a_id: UUID
    arm_b_id: UUID
    rollout_a_id: UUID
    rollout_b_id: UUID
    outputs_may_train_a: bool
    outputs_may_train_b: bool
    rated_at: datetime
    review_id: UUID
    reviewer_id: UUID
    accepted_at: datetime


async def accepted_ratings(
    session: AsyncSession, campaign_id: UUID | None = None, *, by_item: bool = False
) -> AsyncIterator[AcceptedRating]:
    """Every accepted rating, by comparison in the order they began, then by turn. In constant memory.

    What people said when they judged the same results a second time is left out: it is about them, not the results.

    :param campaign_id: of one campaign only; without one, synthetic campaigns are left out.
    :param by_item: keep together, turn by turn, what several people said of the same results.
    """
    arm_a, arm_b, made_a = aliased(Arm), aliased(Arm), aliased(Rollout)
    latest = aliased(Adjudication)
    decided = (
        select(latest.id)
        .where(latest.item_id == func.coalesce(Comparison.repeats_id, Comparison.id), latest.decision == "label")
        .order_by(latest.id.desc())
        .limit(1)
        .correlate(Comparison)
        .scalar_subquery()
    )
    statement = (
        select(
            Rating,
            Comparison,
            Turn,
            arm_a.outputs_may_train,
            arm_b.outputs_may_train,
            Review,
            Assignment,
            Campaign,
            Adjudication,
            func.coalesce(made_a.repeats_id, made_a.id),
            _task_rejected(),
        )
        .select_from(Rating)
        .join(Comparison, Comparison.id == Rating.comparison_id)
        .join(Turn, Turn.id == Rating.turn_id)
        .join(arm_a, arm_a.id == Rating.arm_a_id)
        .join(arm_b, arm_b.id == Rating.arm_b_id)
        .join(Campaign, Campaign.id == Comparison.campaign_id)
        .join(made_a, made_a.id == Rating.rollout_a_id)
        .outerjoin(Adjudication, (Adjudication.id == decided) & (Rating.turn_number == 1))
        .outerjoin(Assignment, Assignment.comparison_id == Comparison.id)
        .join(Review, standing_acceptance())
        .where(Rating.ended.is_(None), Comparison.status == "accepted", ~Comparison.again)
    )
    if by_item:
        item = func.coalesce(Comparison.repeats_id, Comparison.id)
        statement = statement.order_by(item, Rating.turn_number, Comparison.id)
    else:
        statement = statement.order_by(Comparison.id, Rating.turn_number)
    if campaign_id is not None:
        statement = statement.where(Comparison.campaign_id == campaign_id)
    else:
        statement = statement.where(~Campaign.synthetic)
    rows: Any = await session.stream(statement.execution_options(yield_per=_ROWS_AT_A_TIME))
    async for row in rows:
        yield _accepted(*row)


def _task_rejected() -> ColumnElement[bool]:
    source, rejection = aliased(Comparison), aliased(Review)
    return (
        select(rejection.id)
        .join(source, source.id == rejection.comparison_id)
        .where(
            source.id == Comparison.repeats_id,
            source.status.in_(("rejected", "disputed")),
            rejection.reason.in_(OF_THE_TASK),
        )
        .exists()
    )


def _accepted(
    rating: Rating,
    comparison: Comparison,
    turn: Turn,
    train_a: bool,
    train_b: bool,
    review: Review,
    assignment: Assignment | None,
    campaign: Campaign,
    decided: Adjudication | None,
    made_a_id: UUID,
    task_rejected: bool,
) -> AcceptedRating:
    facts: dict[str, Any] = {
        name: getattr(rating, name)
        for name in (
            "turn_id",
            "turn_number",
            "person_id",
            "verdict",
            "preferred",
            "strength",
            "rubric_version_id",
            "guidelines_version",
            "arm_a_id",
            "arm_b_id",
            "rollout_a_id",
            "rollout_b_id",
        )
    }
    return AcceptedRating(
        **facts,
        rating_id=rating.id,
        comparison_id=comparison.id,
        campaign_id=comparison.campaign_id,
        brief_id=comparison.brief_id,
        environment_id=comparison.environment_id,
        prompt=turn.prompt,
        continued_from=turn.continued_from,
        continuation=turn.continuation,
        answers=Answers.model_validate(rating.answers),
        citations=tuple(Cited.model_validate(each) for each in rating.citations),
        repeats_comparison_id=comparison.repeats_id,
        item_id=comparison.repeats_id or comparison.id,
        gold=assignment is not None and assignment.kind == "gold",
        gold_agreed=assignment.agreed if assignment is not None else None,
        label=None if decided is None else _label(decided, made_a_id),
        task_rejected=task_rejected,
        aa=rating.arm_a_id == rating.arm_b_id,
        synthetic=campaign.synthetic,
        outputs_may_train_a=train_a,
        outputs_may_train_b=train_b,
        rated_at=rating.created_at,
        review_id=review.id,
        reviewer_id=review.reviewer_id,
        accepted_at=review.created_at,
    )


def _label(decided: Adjudication, made_a_id: UUID) -> str | None:
    if decided.preferred_id is None:
        return decided.verdict
    return "A" if decided.preferred_id == made_a_id else "B"
