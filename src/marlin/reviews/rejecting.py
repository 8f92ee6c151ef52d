"""Disputing a rejection: its contributor may, once."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from marlin import comparisons
from marlin.accounts import Person, record_audit
from marlin.comparisons import Comparison
from marlin.db import clean_text, events
from marlin.reviews import queries
from marlin.reviews.errors import DisputeRefusedError
from marlin.reviews.models import Dispute, Review


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
        and rejection.about_id is None
        and comparison.owner_id == person.id
    )


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
    if rejection.about_id is not None:
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
