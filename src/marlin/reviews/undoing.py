"""Taking a decision back, for as long as nothing rests on it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import assignments, comparisons, ratings
from marlin.accounts import Person, Role, record_audit, was_done
from marlin.comparisons import Comparison
from marlin.db import events, new_id, now
from marlin.errors import MarlinError
from marlin.reviews import queries
from marlin.reviews.errors import (
    CommentsMissingError,
    DecisionNotYoursError,
    OwnWorkError,
    ReopenRefusedError,
    UnblindedError,
)
from marlin.reviews.models import Review, ReviewDraft
from marlin.reviews.rejecting import standing_rejection

ACCEPTANCES_FOR = timedelta(days=1)
"""How long whoever accepted can take it back: contributors are to rely on it."""

COUNTING = (
    "agreement.read",
    "allocation.read",
    "changes.read",
    "dataset.built",
    "decision.read",
    "decision.reached",
    "leaderboard.downloaded",
    "leaderboard.read",
    "report.downloaded",
    "report.made",
    "votes.downloaded",
)
"""What is done with a campaign's accepted votes, as the audit log calls it: from then on none leaves them again."""


async def refusal(
    session: AsyncSession, comparison: Comparison, latest: Review | None, person: Person
) -> MarlinError | None:
    """Why a person can't take the last decision on a comparison back; None when they can.

    A rejection: until it is disputed, by whoever rejected; an operator can whenever no dispute of it waits. A return:
    until the contributor works on it again. An acceptance: for a day, and until it was counted or exported.
    """
    if comparison.owner_id == person.id:
        return OwnWorkError("This is your own work.", hint="Dispute a rejection, if that is what it is.")
    if comparison.status == "disputed":
        return ReopenRefusedError(
            "The contributor has disputed this rejection.",
            hint="Whoever decides on the dispute can accept or return it.",
        )
    if latest is None or latest.decision == "reopen":
        return ReopenRefusedError(
            "There is nothing to take back: it waits for a review, or was never submitted.",
            hint="Reload the page to see where it stands.",
        )
    mine = latest.reviewer_id == person.id
    if not mine and not (latest.decision == "reject" and person.has([Role.OPERATOR])):
        return DecisionNotYoursError(
            f"Another reviewer {_DID[latest.decision]} this.",
            hint="They can take it back" + (", and so can an operator." if latest.decision == "reject" else "."),
        )
    if latest.decision == "reject":
        return None if standing_rejection(comparison, latest) else _over(latest)
    if latest.about_id is not None:
        return ReopenRefusedError(
            "This decided on a dispute, and that word is final.", hint="Write to the contributor in another way."
        )
    if await comparisons.has_looked(session, comparison, person.id):
        return UnblindedError(
            "You have looked at which arm is which here since.", hint="What you decided before stands."
        )
    if latest.decision == "return":
        return await _return_refusal(session, comparison, latest)
    return await _acceptance_refusal(session, comparison, latest)


_DID = {"accept": "accepted", "return": "returned", "reject": "rejected"}


def _over(latest: Review) -> ReopenRefusedError:
    return ReopenRefusedError(
        f"It is not {_DID[latest.decision]} any more.", hint="Reload the page to see where it stands."
    )


async def _return_refusal(session: AsyncSession, comparison: Comparison, latest: Review) -> MarlinError | None:
    if comparison.status == "returned" and not await ratings.worked_on_since(session, comparison.id, latest.created_at):
        return None
    return ReopenRefusedError(
        "The contributor is at work on it again." if comparison.status != "submitted" else "It was submitted again.",
        hint="It comes back to the queue when it is submitted: decide anew then.",
    )


async def _acceptance_refusal(session: AsyncSession, comparison: Comparison, latest: Review) -> MarlinError | None:
    if comparison.status != "accepted":
        return _over(latest)
    if latest.created_at + ACCEPTANCES_FOR < now():
        return ReopenRefusedError(
            "It was accepted more than a day ago; its contributor relies on that.",
            hint="Tell an operator if something is wrong with it.",
        )
    counted = await was_done(session, COUNTING, f"campaign:{comparison.campaign_id}", since=latest.created_at)
    # one answer for both: reviewers are not to learn which tasks have a known answer
    if counted or await assignments.is_gold(session, comparison.id):
        return ReopenRefusedError(
            "It was counted or exported since, and what was counted is never taken away again.",
            hint="Tell an operator if something is wrong with it.",
        )
    return None


async def reopen(session: AsyncSession, person: Person, comparison_id: UUID, *, comments: str) -> Review:
    """Take the last decision on a comparison back: it waits for a review again, as if there had been none.

    Whoever decided finds their words in their draft again; see :func:`refusal` for how long they can. An operator who
    takes somebody's rejection back says why. Asking again changes nothing.

    :raises ComparisonNotFoundError: there is none, or the person may not see it. :raises OwnWorkError: it is theirs.
    :raises DecisionNotYoursError: somebody else decided. :raises UnblindedError: they have looked at its arms.
    :raises ReopenRefusedError: there is no decision, or something rests on it by now.
    :raises CommentsMissingError: an operator gave no reason.
    """
    await comparisons.visible_comparison(session, comparison_id, person)
    comparison = await comparisons.get_comparison(session, comparison_id, owner_id=None, lock=True)
    latest = await queries.latest_review(session, comparison_id)
    taken_back = latest is not None and (latest.decision, latest.reviewer_id) == ("reopen", person.id)
    if latest is not None and taken_back and comparison.status == "submitted":
        return latest
    refused = await refusal(session, comparison, latest, person)
    if refused is not None:
        raise refused
    assert latest is not None
    mine = latest.reviewer_id == person.id
    if not mine and not comments.strip():
        raise CommentsMissingError(
            "Say why the rejection is taken back.",
            hint="The contributor and the reviewer read it.",
            errors=[{"field": "comments", "message": "Say why the rejection is taken back."}],
        )
    comparisons.mark_reopened(comparison)
    row = Review(
        id=new_id(),
        comparison_id=comparison_id,
        reviewer_id=person.id,
        decision="reopen",
        comments=comments.strip(),
        remarks=[],
        about_id=latest.id,
        created_at=now(),
    )
    session.add(row)
    if mine:
        await _draft_again(session, latest)
    record_audit(session, person, "comparison.reopened", f"comparison:{comparison_id}", {"review": str(row.id)})
    await session.flush()
    await events.append(session, comparison_id, "comparison_status", {"status": comparison.status})
    return row


async def _draft_again(session: AsyncSession, review: Review) -> None:
    """What the reviewer wrote, as the draft that it was."""
    remarks = [{name: remark[name] for name in ("turn", "field", "text")} for remark in review.remarks]
    draft = {"comments": review.comments, "remarks": remarks, "saved_at": now()}
    place = {"comparison_id": review.comparison_id, "reviewer_id": review.reviewer_id}
    statement = insert(ReviewDraft).values(**place, **draft, revision=1)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["comparison_id", "reviewer_id"], set_=draft | {"revision": ReviewDraft.revision + 1}
        )
    )
