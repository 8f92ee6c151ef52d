"""Reviewing: accept a submission, return it with comments and remarks on its answers, or reject it with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from marlin import campaigns, comparisons, ratings
from marlin.accounts import Person, record_audit
from marlin.comparisons import Comparison
from marlin.db import clean_json, events, new_id, now
from marlin.reviews import drafting, queries
from marlin.reviews.errors import CommentsMissingError, DecidedMeanwhileError, RemarkError
from marlin.reviews.models import Review
from marlin.reviews.reasons import Reason
from marlin.reviews.remarks import PROMPT, Remark, fields_of

OUTCOMES: dict[str, comparisons.Outcome] = {"accept": "accepted", "return": "returned", "reject": "rejected"}

_DECIDED = {"accept": "accepted this", "return": "returned this to the contributor", "reject": "rejected this"}


async def review(
    session: AsyncSession,
    reviewer: Person,
    comparison_id: UUID,
    *,
    decision: str,
    comments: str,
    remarks: Sequence[Remark] = (),
    reason: Reason | None = None,
) -> Review:
    """Decide on a submission, or on a dispute of its rejection. Sending the same decision twice does no harm.

    :param decision: accept, return or reject. :param reason: why it is rejected.
    :raises NotFoundError: if there is no such comparison, or the reviewer may not see it.
    :raises OwnWorkError: if it is the reviewer's own.
    :raises CommentsMissingError: if it is returned or rejected without a word.
    :raises RemarkError: if a remark is on nothing that was answered, or cites what is not there.
    :raises DecidedMeanwhileError: if somebody has decided on it already.
    :raises ComparisonClosedError: if it waits for no review.
    """
    # locked first: a dispute that comes this very moment changes who may decide
    comparison = await comparisons.get_comparison(session, comparison_id, owner_id=None, lock=True)
    await drafting.to_review(session, reviewer, comparison_id)
    comments = comments.strip()
    if decision == "return" and not comments and not remarks:
        raise CommentsMissingError(
            "Say what has to be mended.",
            hint="Comments, and remarks on single answers, are what the contributor works from.",
            errors=[{"field": "comments", "message": "Say what has to be mended."}],
        )
    if decision == "reject" and not comments:
        raise CommentsMissingError(
            "Say in words why it is rejected.",
            hint="The contributor reads them, and so does whoever decides if they dispute it.",
            errors=[{"field": "comments", "message": "Say in words why it is rejected."}],
        )
    latest = await queries.latest_review(session, comparison_id)
    if comparison.status not in comparisons.WAITING and latest is not None:
        if latest.reviewer_id == reviewer.id and _same(latest, decision, comments, remarks, reason):
            return latest
        raise _decided_meanwhile(reviewer, latest)
    disputed = comparison.status == "disputed"
    comparisons.mark_reviewed(comparison, OUTCOMES[decision])
    row = Review(
        id=new_id(),
        comparison_id=comparison_id,
        reviewer_id=reviewer.id,
        decision=decision,
        comments=comments,
        remarks=await _kept(session, comparison, remarks),
        reason=reason,
        about_id=latest.id if disputed and latest is not None else None,
        created_at=now(),
    )
    session.add(row)
    await drafting.forget_draft(session, reviewer, comparison_id)
    verb = f"comparison.{OUTCOMES[decision]}"
    record_audit(session, reviewer, verb, f"comparison:{comparison_id}", {"review": str(row.id)})
    await session.flush()
    await events.append(session, comparison_id, "comparison_status", {"status": comparison.status})
    return row


def _decided_meanwhile(reviewer: Person, latest: Review) -> DecidedMeanwhileError:
    who = "You have already" if latest.reviewer_id == reviewer.id else "Another reviewer has"
    what = _DECIDED.get(latest.decision, "taken back what was decided on this")
    return DecidedMeanwhileError(
        f"{who} {what}; your review was not recorded.", hint="Reload the page to see what was said."
    )


def _same(known: Review, decision: str, comments: str, remarks: Sequence[Remark], reason: str | None) -> bool:
    said = [{name: remark[name] for name in Remark.model_fields} for remark in known.remarks]
    mine = clean_json([_plain(remark) for remark in remarks])
    return (known.decision, known.comments, known.reason, said) == (decision, comments, reason, mine)


async def _kept(session: AsyncSession, comparison: Comparison, remarks: Sequence[Remark]) -> list[dict[str, Any]]:
    """The remarks with what the answers said, each looked at: is there such an answer, and what it cites?"""
    rubric = (await campaigns.load_rubric(session, comparison.rubric_version_id)).rubric
    says = await queries.answers_now(session, comparison)
    rated = await ratings.current_ratings(session, comparison.id)
    turns = {turn.number for turn in comparison.turns}
    known = fields_of(rubric)
    errors: list[dict[str, str]] = []
    for index, remark in enumerate(remarks):
        there = remark.turn in turns and (remark.field == PROMPT or remark.turn in rated)
        if not there or remark.field not in known:
            words = [f"Turn {remark.turn} has no answer {remark.field!r}."]
        else:
            words = await ratings.cited_nowhere(session, comparison, remark.turn, remark.text)
        errors += [{"field": f"remarks.{index}.text", "message": word} for word in words]
    if errors:
        raise RemarkError(
            f"A remark can't be sent like this: {errors[0]['message']}",
            hint="Mend the remarks named in errors, then send the review again; your draft is kept.",
            errors=errors,
        )
    return [_plain(remark) | {"said": says(remark.turn, remark.field)} for remark in remarks]


def _plain(remark: Remark) -> dict[str, Any]:
    return remark.model_dump() | {"text": remark.text.strip()}
