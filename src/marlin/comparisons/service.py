"""Writing comparisons: start, follow up, cancel, retry; and what ratings and reviews tell them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from marlin import campaigns, tasks
from marlin.campaigns import Weights
from marlin.comparisons import queries
from marlin.comparisons.blinding import SIDES, Side, draw_sides
from marlin.comparisons.continuation import Result, Start, choose_start, next_starts
from marlin.comparisons.errors import (
    AlreadyRatedError,
    ComparisonClosedError,
    ExpectationOutdatedError,
    NotRatedError,
    TurnLimitError,
    TurnNotRateableError,
    TurnRunningError,
)
from marlin.comparisons.lifecycle import announce
from marlin.comparisons.models import Comparison, Rollout, Turn
from marlin.db import clean_text, jobs, new_id, now
from marlin.errors import InvalidInputError

RUN_TURN = "comparisons.run_turn"
"""Name of the job."""

OPEN = ("running", "to_rate", "rated", "returned", "failed")
_RETURNED = "A reviewer may return it to you."


@dataclass(frozen=True, slots=True)
class RatedSide:
    """What a rating says it is about."""

    rollout_id: UUID
    arm_id: UUID


@dataclass(frozen=True, slots=True)
class TurnToRate:
    """A turn whose results are in and which has no rating."""

    turn_id: UUID
    comparison_id: UUID
    number: int
    rubric_version_id: UUID
    sides: dict[Side, RatedSide]


async def create_comparison(
    session: AsyncSession, owner_id: UUID, brief_id: UUID, *, weights: Weights | None = None
) -> Comparison:
    """Start a comparison: take the brief, draw arms and sides, queue turn 1. Rows and job commit together.

    :param weights: how often each pair of arms is drawn; None: alike.

    :raises BriefNotReadyError: the brief is not prepared.
    :raises BriefInUseError: it already has a comparison.
    :raises ConflictError: the campaign is closed, or lacks two arms that may work on this repository.
    """
    brief = await tasks.take_brief(session, owner_id, brief_id)
    campaign = await campaigns.get_open_campaign(session, brief.campaign_id)
    policy = campaigns.policy_of(campaign.assignment)
    assert brief.environment_id is not None
    environment = await tasks.get_environment(session, brief.environment_id)
    pair = await campaigns.draw_arms(
        session, campaign.id, aa_rate=policy.aa_rate, weights=weights, repository=environment.repository
    )
    draw = draw_sides(pair.arms[0].id, pair.arms[1].id)
    assert brief.base_commit is not None
    comparison = Comparison(
        id=new_id(),
        campaign_id=campaign.id,
        brief_id=brief.id,
        owner_id=owner_id,
        environment_id=brief.environment_id,
        rubric_version_id=await campaigns.current_rubric_version_id(session, campaign.id),
        arm_a_id=draw.arms["A"],
        arm_b_id=draw.arms["B"],
        draw={"method": draw.method, "seed": draw.seed, "pair": pair.record},
        terms=campaigns.terms_snapshot(campaign) | {"base_image": brief.base_image},
    )
    session.add(comparison)
    start = Start(brief.base_commit)
    await _start_turn(
        session,
        comparison,
        number=1,
        prompt=brief.prompt,
        continued_from=None,
        continuation="first",
        starts=dict.fromkeys(SIDES, start),
    )
    return comparison


async def _start_turn(
    session: AsyncSession,
    comparison: Comparison,
    *,
    number: int,
    prompt: str,
    continued_from: str | None,
    continuation: str,
    starts: dict[Side, Start],
) -> Turn:
    turn_id = new_id()
    turn = Turn(
        id=turn_id,
        comparison_id=comparison.id,
        number=number,
        prompt=prompt,
        continued_from=continued_from,
        continuation=continuation,
        job_id=str(turn_id),
    )
    session.add(turn)
    arms: dict[Side, UUID] = {"A": comparison.arm_a_id, "B": comparison.arm_b_id}
    session.add_all(
        Rollout(id=new_id(), turn_id=turn.id, arm_id=arms[side], side=side, start=starts[side].to_json())
        for side in SIDES
    )
    comparison.status = "running"
    comparison.updated_at = now()
    await session.flush()
    await _enqueue(session, comparison, turn)
    await announce(session, turn)
    return turn


async def _enqueue(session: AsyncSession, comparison: Comparison, turn: Turn) -> None:
    await jobs.enqueue(
        session,
        RUN_TURN,
        turn.job_id,
        queue="turns",
        payload={"turn_id": str(turn.id)},
        partition=str(comparison.campaign_id),
    )


async def follow_up(
    session: AsyncSession, owner_id: UUID, comparison_id: UUID, *, prompt: str, wished: str | None
) -> Turn:
    """Send the next prompt; it continues from the winner of the turn before.

    :raises NotRatedError: the last turn has no rating yet.
    :raises TurnLimitError: the campaign's greatest number of turns is reached.
    :raises ContinueFromError: see :func:`~marlin.comparisons.continuation.choose_start`.
    """
    comparison = await queries.get_comparison(session, comparison_id, owner_id=owner_id, lock=True)
    if not prompt.strip():
        raise InvalidInputError("The follow-up prompt is empty.", hint="Say what should change or come next.")
    refusal = queries.follow_up_refusal(comparison)
    if refusal is not None:
        raise refusal
    last = comparison.turns[-1]
    rollouts = queries.by_side(last)
    results = {side: _result(rollout) for side, rollout in rollouts.items()}
    preferred: Side | None = "A" if last.preferred == "A" else "B" if last.preferred == "B" else None
    choice = choose_start(
        continuation=comparison.terms["continuation"],
        verdict=last.verdict,
        preferred=preferred,
        wished=wished,
        finished=frozenset(side for side, result in results.items() if result is not None),
    )
    starts = next_starts(
        choice,
        continuation=comparison.terms["continuation"],
        starts={side: Start.from_json(rollout.start) for side, rollout in rollouts.items()},
        results=results,
    )
    return await _start_turn(
        session,
        comparison,
        number=last.number + 1,
        prompt=prompt,
        continued_from=choice,
        continuation=comparison.terms["continuation"] if choice != "base" else last.continuation,
        starts=starts,
    )


def _result(rollout: Rollout) -> Result | None:
    return Result.from_json(rollout.result) if rollout.result else None


async def set_expectation(
    session: AsyncSession, owner_id: UUID, comparison_id: UUID, number: int, text: str, *, before: str | None = None
) -> None:
    """Keep what the contributor expects of a strong senior engineer; open until the turn is rated.

    :param before: what it said when its writer last saw it; None: whatever it says.
    :raises AlreadyRatedError: if the turn is rated, or the comparison submitted.
    :raises ExpectationOutdatedError: if it says something else by now.
    """
    comparison = await queries.get_comparison(session, comparison_id, owner_id=owner_id, lock=True)
    turn = queries.turn_of(comparison, number)
    if turn.rated_at is not None or comparison.status not in OPEN:
        raise AlreadyRatedError(
            "The turn is rated; what you expected before is kept as it was.", hint="Undo the rating first to change it."
        )
    text = clean_text(text)
    if before is not None and turn.expectation not in (clean_text(before), text):
        raise ExpectationOutdatedError(
            "What you expected was changed elsewhere.",
            hint="Compare it with yours, then save again with what it says now in before.",
            text=turn.expectation,
        )
    turn.expectation = text


async def cancel_turn(session: AsyncSession, owner_id: UUID, comparison_id: UUID, number: int) -> Turn:
    """Stop both arms: the worker that runs them sees the row within a second. The turn can be retried.

    :raises ConflictError: it is not running.
    """
    comparison = await queries.get_comparison(session, comparison_id, owner_id=owner_id, lock=True)
    turn = await queries.get_turn(session, queries.turn_of(comparison, number).id, lock=True)
    if turn.status not in ("queued", "running"):
        raise TurnNotRateableError(f"Turn {number} is not running.", hint="Reload the page to see where it stands.")
    turn.status = "cancelled"
    turn.ready_at = now()
    comparison.status = "cancelled" if turn.number == 1 else "failed"
    comparison.updated_at = now()
    await announce(session, turn)
    return turn


async def retry_turn(session: AsyncSession, owner_id: UUID, comparison_id: UUID, number: int) -> Turn:
    """Run a failed or cancelled turn again from the same start; earlier attempts are kept.

    :raises ConflictError: it is running, or has results.
    """
    comparison = await queries.get_comparison(session, comparison_id, owner_id=owner_id, lock=True)
    turn = queries.turn_of(comparison, number)
    if turn.status not in ("failed", "cancelled") or turn is not comparison.turns[-1]:
        raise TurnNotRateableError(
            f"Turn {number} can't be retried.", hint="Only a turn that was cancelled, or failed on both sides, can."
        )
    turn.retries += 1
    turn.job_id = f"{turn.id}-{turn.retries}"
    turn.status, turn.ready_at = "queued", None
    for rollout in turn.rollouts:
        rollout.status, rollout.outcome, rollout.outcome_message = "queued", None, ""
        rollout.commit = rollout.result = rollout.finished_at = None
        rollout.files, rollout.left_out, rollout.final_message = [], [], ""
    comparison.status = "running"
    comparison.updated_at = now()
    await _enqueue(session, comparison, turn)
    await announce(session, turn)
    return turn


async def turn_to_rate(session: AsyncSession, comparison: Comparison, number: int) -> TurnToRate:
    """A turn that can be rated now.

    :raises TurnRunningError: an arm is still at work.
    :raises AlreadyRatedError: it has a rating.
    :raises TurnNotRateableError: cancelled, or failed on both sides.
    :raises ComparisonClosedError: the comparison was submitted.
    """
    turn = queries.turn_of(comparison, number)
    if turn.status in ("queued", "running"):
        raise TurnRunningError(f"Turn {number} is still running.", hint="Wait until both sides have stopped.")
    if turn.status == "checking":
        raise TurnRunningError(
            f"The checks of turn {number} are still running.", hint="Your draft is saved; rate when they are done."
        )
    if turn.status != "ready":
        raise TurnNotRateableError(
            f"Turn {number} has no result to rate.", hint="Retry the turn, or write a new brief if it keeps failing."
        )
    if comparison.status not in OPEN:
        raise ComparisonClosedError("The comparison was submitted; its ratings can't change.", hint=_RETURNED)
    if turn.rated_at is not None:
        raise AlreadyRatedError(f"Turn {number} is already rated.", hint="Undo that rating to give another one.")
    return _rateable(comparison, turn)


def _rateable(comparison: Comparison, turn: Turn) -> TurnToRate:
    return TurnToRate(
        turn_id=turn.id,
        comparison_id=comparison.id,
        number=turn.number,
        rubric_version_id=comparison.rubric_version_id,
        sides={side: RatedSide(rollout.id, rollout.arm_id) for side, rollout in queries.by_side(turn).items()},
    )


def mark_rated(comparison: Comparison, number: int, *, preferred: Side | None, verdict: str) -> None:
    """Ratings say: this turn has a rating."""
    turn = queries.turn_of(comparison, number)
    turn.preferred, turn.verdict, turn.rated_at = preferred, verdict, now()
    if comparison.status != "returned":
        comparison.status = "rated"
    comparison.updated_at = now()


def mark_unrated(comparison: Comparison, number: int) -> None:
    """Ratings say: the rating was taken back.

    :raises NotRatedError: there was none.
    :raises ConflictError: a later prompt was sent, or the comparison was submitted.
    """
    turn = queries.turn_of(comparison, number)
    if turn.rated_at is None:
        raise NotRatedError(f"Turn {number} has no rating to undo.", hint="Reload the page.")
    if comparison.status not in OPEN:
        raise ComparisonClosedError("The comparison was submitted; its ratings can't change.", hint=_RETURNED)
    if turn is not comparison.turns[-1] and comparison.status != "returned":
        raise ComparisonClosedError(
            "The next prompt was sent; this rating decided where it starts.",
            hint="Say what you see now in the next rating.",
        )
    turn.preferred = turn.verdict = turn.rated_at = None
    if comparison.status != "returned":
        comparison.status = "to_rate"
    comparison.updated_at = now()


def mark_submitted(comparison: Comparison) -> None:
    """Ratings say: the contributor has submitted.

    :raises NotRatedError: a turn with results has no rating.
    :raises TurnRunningError: a turn is running.
    :raises TurnLimitError: fewer rated turns than the campaign asks for.
    """
    if comparison.status not in ("rated", "returned", "failed"):
        if comparison.status == "running":
            raise TurnRunningError("A turn is still running.", hint="Wait for it, or cancel it.")
        if comparison.status == "to_rate":
            raise NotRatedError("The last turn is not rated yet.", hint="Rate it, then submit.")
        raise ComparisonClosedError(
            "The comparison was already submitted or is closed.", hint="Reload the page to see where it stands."
        )
    unrated = [turn.number for turn in comparison.turns if turn.status == "ready" and turn.rated_at is None]
    if unrated:
        raise NotRatedError(f"Turn {unrated[0]} is not rated yet.", hint="Rate it, then submit.")
    rated = sum(turn.rated_at is not None for turn in comparison.turns)
    if rated < int(comparison.terms["min_turns"]):
        raise TurnLimitError(
            f"The campaign asks for at least {comparison.terms['min_turns']} turns; {rated} rated so far.",
            hint="Send a follow-up prompt.",
        )
    comparison.status = "submitted"
    comparison.submitted_at = comparison.updated_at = now()
