"""Registering what a campaign wants to know, before it can be seen."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import accounts, campaigns
from marlin.accounts import Person, record_audit
from marlin.campaigns import Arm, Campaign
from marlin.comparisons import Comparison
from marlin.db import new_id
from marlin.leaderboards import ballots, question_words
from marlin.leaderboards.decisions import plan_of
from marlin.leaderboards.errors import (
    QuestionChangedError,
    QuestionInvalidError,
    QuestionMissingError,
    QuestionRegisteredError,
)
from marlin.leaderboards.models import Question
from marlin.leaderboards.question_schemas import QuestionOut, QuestionWish


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


async def questions_of(session: AsyncSession, campaign_id: UUID) -> list[QuestionOut]:
    """Every version of the campaign's question, the latest first."""
    statement = select(Question).where(Question.campaign_id == campaign_id).order_by(Question.version.desc())
    arms = {arm.id: arm.name for arm in await campaigns.list_arms(session, campaign_id)}
    return [question_out(question, arms) for question in await session.scalars(statement)]


async def register_question(
    session: AsyncSession, campaign: Campaign, wish: QuestionWish, *, actor: Person | None
) -> QuestionOut:
    """Write a question down. A second one is an amendment: it says which version it amends, and why, and all are kept.

    :param actor: None for somebody at the machine's command line.
    :raises QuestionInvalidError: unknown arms or axis, one arm twice, or an amendment without a reason.
    :raises InvalidQuestionError: no data could answer it.
    :raises QuestionMissingError: there is none that could be amended.
    :raises QuestionRegisteredError: there is one, and the wish doesn't say which version it amends.
    :raises QuestionChangedError: the version that it amends is not the newest.
    """
    # one at a time: of two operators who saw the same, the second is told
    await session.execute(select(Campaign.id).where(Campaign.id == campaign.id).with_for_update())
    first, second = await require_askable(session, campaign, wish)
    before = await require_newest(session, campaign.id, wish)
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
        **wish.model_dump(exclude={"arms", "most_comparisons", "amends"}),
    )
    session.add(question)
    facts = wish.model_dump() | {"version": question.version, "accepted_before": question.accepted_before}
    record_audit(session, actor, "question.registered", f"campaign:{campaign.id}", facts)
    await session.flush()
    return question_out(question, {first.id: first.name, second.id: second.name})


async def require_newest(session: AsyncSession, campaign_id: UUID, wish: QuestionWish) -> Question | None:
    """The version that this one would follow: nobody amends what somebody else has amended, and they did not see.

    :raises QuestionMissingError: there is none that could be amended.
    :raises QuestionRegisteredError: there is one, and the wish doesn't say which version it amends.
    :raises QuestionInvalidError: it doesn't say why.
    :raises QuestionChangedError: the version that it amends is not the newest.
    """
    newest = await current_question(session, campaign_id)
    if newest is None:
        if wish.amends is not None:
            raise QuestionMissingError(
                "The campaign has no registered question that could be amended.", hint="Register one first."
            )
        return None
    if wish.amends is None:
        raise QuestionRegisteredError(
            f"The campaign has a registered question: version {newest.version}, {await _origin(session, newest)}.",
            hint="To amend it, name that version in amends, and say why in reason; `marlin question amend` does both. "
            "All versions are kept and shown with every result.",
            version=newest.version,
        )
    if not wish.reason.strip():
        raise QuestionInvalidError(
            "An amendment needs a reason.", hint="Say why in reason; it is shown with every result."
        )
    if wish.amends != newest.version:
        raise await _changed(session, newest, wish.amends)
    return newest


async def _changed(session: AsyncSession, newest: Question, seen: int) -> QuestionChangedError:
    known = {one.version: one for one in await questions_of(session, newest.campaign_id)}
    if seen not in known:
        return QuestionChangedError(
            f"The question has no version {seen}; the newest is {newest.version}.",
            hint="Look at the newest, then amend that one.",
            version=newest.version,
            changes=[],
        )
    told = question_words.changes(known[newest.version], known[seen])
    return QuestionChangedError(
        f"The question was amended since you saw version {seen}: version {newest.version} is the newest, "
        f"{await _origin(session, newest)} ({'; '.join(told) or 'nothing but the reason is different'}).",
        hint="Nothing of yours was registered. Look at the newest version, then amend that one if you still want to.",
        version=newest.version,
        changes=told,
    )


async def _origin(session: AsyncSession, question: Question) -> str:
    person = question.registered_by_id
    by = "from the command line"
    if person is not None:
        by = f"by {(await accounts.names_of(session, {person}))[person]}"
    return f"registered {by} at {question.created_at:%Y-%m-%d %H:%M} UTC"


def question_out(question: Question, arms: Mapping[UUID, str]) -> QuestionOut:
    """A question for operators.

    :param arms: names of the campaign's arms.
    """
    facts = {name: getattr(question, name) for name in QuestionOut.model_fields if name != "arms"}
    return QuestionOut(arms=[arms[question.baseline_id], arms[question.candidate_id]], **facts)


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
