"""Registering what a campaign wants to know, before it can be seen."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import campaigns
from marlin.accounts import Person, record_audit
from marlin.campaigns import Arm, Campaign
from marlin.comparisons import Comparison
from marlin.db import new_id
from marlin.leaderboards import ballots
from marlin.leaderboards.decisions import plan_of
from marlin.leaderboards.errors import QuestionInvalidError, QuestionMissingError, QuestionRegisteredError
from marlin.leaderboards.models import Question
from marlin.leaderboards.question_schemas import QuestionWish


async def current_question(session: AsyncSession, campaign_id: UUID) -> Question | None:
    """The campaign's question as it was last amended; None before there is one."""
    statement = select(Question).where(Question.campaign_id == campaign_id).order_by(Question.version.desc()).limit(1)
    found: Question | None = await session.scalar(statement)
    return found


async def require_question(session: AsyncSession, campaign_id: UUID) -> Question:
    """:raises QuestionMissingError: if the campaign has none."""
    question = await current_question(session, campaign_id)
    if question is None:
        raise QuestionMissingError(
            "The campaign has no registered question, so nothing can be decided.",
            hint="Register which two arms it compares, on which axis, and how sure you want to be.",
        )
    return question


async def questions_of(session: AsyncSession, campaign_id: UUID) -> list[Question]:
    """Every version, the latest first."""
    statement = select(Question).where(Question.campaign_id == campaign_id).order_by(Question.version.desc())
    return list(await session.scalars(statement))


async def register_question(
    session: AsyncSession, campaign: Campaign, wish: QuestionWish, *, actor: Person | None
) -> Question:
    """Write a question down. A second one is an amendment, needs a reason, and both are kept and shown.

    :param actor: None for somebody at the machine's command line.
    :raises QuestionInvalidError: unknown arms or axis, or one arm twice.
    :raises InvalidQuestionError: no data could answer it.
    :raises QuestionRegisteredError: there is one, and no reason for another.
    """
    # one at a time: two operators must not both register version 1
    await session.execute(select(Campaign.id).where(Campaign.id == campaign.id).with_for_update())
    first, second = await require_askable(session, campaign, wish)
    before = await current_question(session, campaign.id)
    if before is not None and not wish.reason.strip():
        raise QuestionRegisteredError(
            "The campaign has a registered question.",
            hint="Say in reason why it is amended; both versions are kept and shown with every result.",
        )
    plan = plan_of(wish, price_cents=campaign.price_cents)
    question = Question(
        id=new_id(),
        campaign_id=campaign.id,
        version=1 if before is None else before.version + 1,
        baseline_id=first.id,
        candidate_id=second.id,
        accepted_before=await _accepted(session, campaign.id, first.id, second.id),
        registered_by_id=actor.id if actor else None,
        most_comparisons=plan.cap,
        **wish.model_dump(exclude={"arms", "most_comparisons"}),
    )
    session.add(question)
    facts = wish.model_dump() | {"version": question.version, "accepted_before": question.accepted_before}
    record_audit(session, actor, "question.registered", f"campaign:{campaign.id}", facts)
    await session.flush()
    return question


async def require_askable(session: AsyncSession, campaign: Campaign, wish: QuestionWish) -> tuple[Arm, Arm]:
    """The two arms of a question that this campaign can ask.

    :raises QuestionInvalidError: unknown arms or axis, or one arm twice.
    """
    arms = await _arms(session, campaign, wish)
    await _check_axis(session, campaign, wish.axis)
    return arms


async def _arms(session: AsyncSession, campaign: Campaign, wish: QuestionWish) -> tuple[Arm, Arm]:
    by_name = {arm.name: arm for arm in await campaigns.list_arms(session, campaign.id)}
    for name in wish.arms:
        if name not in by_name:
            raise QuestionInvalidError(
                f"The campaign has no arm {name!r}.", hint=f"Its arms are: {', '.join(by_name) or 'none yet'}."
            )
    if wish.arms[0] == wish.arms[1]:
        raise QuestionInvalidError("A question needs two different arms.", hint="Name another arm as the second.")
    return by_name[wish.arms[0]], by_name[wish.arms[1]]


async def _check_axis(session: AsyncSession, campaign: Campaign, axis: str) -> None:
    rubric = await campaigns.current_rubric(session, campaign.id)
    known = [ballots.OVERALL, *(one["name"] for one in rubric.content["axes"])]
    if axis not in known:
        raise QuestionInvalidError(f"The rubric has no axis {axis!r}.", hint=f"Choose one of: {', '.join(known)}.")


async def _accepted(session: AsyncSession, campaign_id: UUID, first: UUID, second: UUID) -> int:
    pair = (first, second)
    statement = select(func.count()).where(
        Comparison.campaign_id == campaign_id,
        Comparison.status == "accepted",
        Comparison.repeats_id.is_(None),  # as decisions count them
        Comparison.arm_a_id.in_(pair),
        Comparison.arm_b_id.in_(pair),
        Comparison.arm_a_id != Comparison.arm_b_id,
    )
    return int(await session.scalar(statement) or 0)
