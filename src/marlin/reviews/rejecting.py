"""What may follow a rejection: the contributor disputes it, once; or it is taken back."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import comparisons
from marlin.accounts import Person, Role, record_audit
from marlin.comparisons import Comparison
from marlin.db import clean_text, events, new_id, now
from marlin.reviews import queries
from marlin.reviews.errors import (
    CommentsMissingError,
    DisputeRefusedError,
    OwnWorkError,
    RejectionNotYoursError,
    ReopenRefusedError,
)
from marlin.reviews.models import Dispute, Review, ReviewDraft


def standing_rejection(comparison: Comparison, latest: Review | None) -> Review | None:
    """The rejection that a comparison stands under, disputed or not; None where it stands under none."""
    if comparison.status not in ("rejected", "disputed") or latest is None or latest.decision != "reject":
        return None
    return latest


def can_dispute(comparison: Comparison, latest: Review | None, person: Person) -> bool:
    """Whether the person may dispute: their own work, and nobody has decided on a dispute of it yet."""
    rejection = standing_rejection(comparison, latest)
    return (
        comparison.status == "rejected"
        and rejection is not None
        and rejection.rejection_id is None
        and comparison.owner_id == person.id
    )


def can_reopen(comparison: Comparison, latest: Review | None, person: Person) -> bool:
    """Whether the person may take a rejection back: it is theirs, or they are an operator; not where it is disputed."""
    rejection = standing_rejection(comparison, latest)
    if comparison.status != "rejected" or rejection is None or comparison.owner_id == person.id:
        return False
    return rejection.reviewer_id == person.id or person.has([Role.OPERATOR])


async def dispute(session: AsyncSession, contributor: Person, comparison_id: UUID, *, text: str) -> Review:
    """Say why a rejection is wrong; somebody else decides then. Sending the same twice does no harm.

    :raises ComparisonNotFoundError: there is no such comparison, or it is somebody else's.
    :raises DisputeRefusedError: it is not rejected, or a dispute was decided already.
    """
    comparison = await comparisons.require_owner(session, comparison_id, contributor)
    rejection = standing_rejection(comparison, await queries.latest_review(session, comparison_id))
    known = None if rejection is None else await session.get(Dispute, rejection.id)
    said = clean_text(text.strip())
    if known is not None and rejection is not None and comparison.status == "disputed" and known.text == said:
        return rejection
    if comparison.status == "disputed":
        raise DisputeRefusedError(
            "You have disputed this already; somebody else is to decide.", hint="Nothing more is needed from you."
        )
    if rejection is None:
        raise DisputeRefusedError(
            "This is not rejected; there is nothing to dispute.", hint="Reload the page to see where it stands."
        )
    if rejection.rejection_id is not None:
        raise DisputeRefusedError(
            "A second person has decided on your dispute, and their word is final.",
            hint="If you think that both are wrong, write to an operator: they can take the rejection back.",
        )
    comparisons.mark_disputed(comparison)
    session.add(Dispute(review_id=rejection.id, comparison_id=comparison_id, text=said))
    record_audit(
        session, contributor, "comparison.disputed", f"comparison:{comparison_id}", {"review": str(rejection.id)}
    )
    await session.flush()
    await events.append(session, comparison_id, "comparison_status", {"status": comparison.status})
    return rejection


async def reopen(session: AsyncSession, person: Person, comparison_id: UUID, *, comments: str) -> Review:
    """Take a rejection back: the comparison waits for a review again, as if there had been none.

    Whoever rejected it may, until it is disputed, and finds their words in their draft again. An operator may at any
    time but while a dispute of it waits, and says why. Asking again changes nothing.

    :raises ComparisonNotFoundError: there is none, or the person may not see it. :raises OwnWorkError: it is theirs.
    :raises RejectionNotYoursError: somebody else rejected it, and the person is no operator.
    :raises ReopenRefusedError: it is not rejected, or a dispute of it waits to be decided.
    :raises CommentsMissingError: an operator gave no reason.
    """
    await comparisons.visible_comparison(session, comparison_id, person)
    comparison = await comparisons.get_comparison(session, comparison_id, owner_id=None, lock=True)
    if comparison.owner_id == person.id:
        raise OwnWorkError("This is your own work.", hint="Dispute the rejection instead.")
    latest = await queries.latest_review(session, comparison_id)
    taken_back = latest is not None and (latest.decision, latest.reviewer_id) == ("reopen", person.id)
    if latest is not None and taken_back and comparison.status == "submitted":
        return latest
    rejection = standing_rejection(comparison, latest)
    if comparison.status == "disputed":
        raise ReopenRefusedError(
            "The contributor has disputed this rejection.",
            hint="Whoever decides on the dispute can accept or return it.",
        )
    if rejection is None:
        raise ReopenRefusedError(
            "This is not rejected; there is nothing to take back.", hint="Reload the page to see where it stands."
        )
    if not can_reopen(comparison, latest, person):
        raise RejectionNotYoursError(
            "Another reviewer rejected this.", hint="They can take it back, and so can an operator."
        )
    mine = rejection.reviewer_id == person.id
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
        rejection_id=rejection.id,
        created_at=now(),
    )
    session.add(row)
    if mine:
        await _draft_again(session, rejection)
    record_audit(session, person, "comparison.reopened", f"comparison:{comparison_id}", {"review": str(row.id)})
    await session.flush()
    await events.append(session, comparison_id, "comparison_status", {"status": comparison.status})
    return row


async def _draft_again(session: AsyncSession, rejection: Review) -> None:
    """What the reviewer wrote, as the draft that it was."""
    remarks = [{name: remark[name] for name in ("turn", "field", "text")} for remark in rejection.remarks]
    draft = {"comments": rejection.comments, "remarks": remarks, "saved_at": now()}
    place = {"comparison_id": rejection.comparison_id, "reviewer_id": rejection.reviewer_id}
    statement = insert(ReviewDraft).values(**place, **draft, revision=1)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["comparison_id", "reviewer_id"], set_=draft | {"revision": ReviewDraft.revision + 1}
        )
    )
