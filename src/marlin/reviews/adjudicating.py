"""Deciding between judgements that differ: a label of record with its reason, or one of them sent back."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from marlin import comparisons
from marlin.accounts import Person, record_audit
from marlin.comparisons import Comparison
from marlin.db import events, new_id, now
from marlin.errors import MarlinError
from marlin.reviews import disagreements
from marlin.reviews.disagreements import Judgement
from marlin.reviews.errors import AdjudicationRefusedError, OwnWorkError, UnblindedError
from marlin.reviews.models import Adjudication, Review


async def item_of(session: AsyncSession, comparison_id: UUID) -> tuple[Comparison, list[Judgement]]:
    """The comparison that results were made for, whichever judgement of them is named, and what was said of them.

    :raises ComparisonNotFoundError: there is none. :raises AdjudicationRefusedError: fewer than two people judged them.
    """
    found = await comparisons.get_comparison(session, comparison_id, owner_id=None)
    item = (
        found
        if found.repeats_id is None
        else await comparisons.get_comparison(session, found.repeats_id, owner_id=None)
    )
    said = (await disagreements.judgements(session, item_id=item.id)).get(item.id, [])
    return item, said


async def refusal(
    session: AsyncSession, operator: Person, item: Comparison, said: Sequence[Judgement]
) -> MarlinError | None:
    """Why an operator decides nothing between these judgements; None if they may."""
    if len({one.said for one in said}) < 2:
        return AdjudicationRefusedError(
            "There is nothing to decide: fewer than two people judged these results, or they say the same.",
            hint="Reload the list of disagreements.",
        )
    if operator.id in {one.person_id for one in said}:
        return OwnWorkError("One of these judgements is your own.", hint="Let another operator decide.")
    if await comparisons.has_looked(session, item, operator.id):
        return UnblindedError.looked()
    return None


async def label(
    session: AsyncSession, operator: Person, comparison_id: UUID, *, verdict: str, preferred: str | None, reason: str
) -> Adjudication:
    """Say what is right. A label that is the same as the one before changes nothing; another one takes its place.

    :param preferred: A or B as the item's own comparison shows them, with the verdict preference.
    :raises AdjudicationRefusedError: fewer than two people judged the results, or they say the same.
    :raises OwnWorkError: the operator is one of those who judged.
    :raises UnblindedError: they have looked at which arm is which.
    """
    item, said = await _divided(session, operator, comparison_id)
    sides = comparisons.by_side(comparisons.turn_of(item, 1))
    chosen = None if preferred is None else sides["A" if preferred == "A" else "B"].id
    before = (await disagreements.labels_of(session, [item.id])).get(item.id)
    if before is not None and (before.verdict, before.preferred_id, before.reason) == (verdict, chosen, reason.strip()):
        return before
    return _kept(
        session,
        operator,
        item,
        said,
        Adjudication(decision="label", verdict=verdict, preferred_id=chosen, reason=reason),
    )


async def send_back(
    session: AsyncSession, operator: Person, comparison_id: UUID, *, judgement_id: UUID, reason: str
) -> Adjudication:
    """Return one of the judgements to whoever gave it, with the reason. Only one that is not accepted yet can be.

    :param judgement_id: the comparison in which it was given.
    :raises AdjudicationRefusedError: it is none of them, or was accepted: what is paid is not asked for again.
    :raises OwnWorkError: the operator is one of those who judged.
    :raises UnblindedError: they have looked at which arm is which.
    """
    item, said = await _divided(session, operator, comparison_id)
    known = next((one for one in said if one.comparison_id == judgement_id), None)
    if known is None or known.status != "submitted":
        raise AdjudicationRefusedError(
            "This judgement can't be sent back."
            if known is None
            else "This judgement was accepted; it is paid and can't be sent back.",
            hint="Decide the label of record instead.",
        )
    returned = await comparisons.get_comparison(session, judgement_id, owner_id=None, lock=True)
    comparisons.mark_reviewed(returned, "returned")
    session.add(
        Review(
            id=new_id(),
            comparison_id=judgement_id,
            reviewer_id=operator.id,
            decision="return",
            comments=reason.strip(),
            remarks=[],
            created_at=now(),
        )
    )
    row = _kept(
        session, operator, item, said, Adjudication(decision="send_back", sent_back_id=judgement_id, reason=reason)
    )
    await session.flush()
    await events.append(session, judgement_id, "comparison_status", {"status": returned.status})
    return row


async def _divided(session: AsyncSession, operator: Person, comparison_id: UUID) -> tuple[Comparison, list[Judgement]]:
    item, _ = await item_of(session, comparison_id)
    # one at a time: two operators who decide at once leave two rows in order, each with what it considered
    item = await comparisons.get_comparison(session, item.id, owner_id=None, lock=True)
    _, said = await item_of(session, item.id)
    refused = await refusal(session, operator, item, said)
    if refused is not None:
        raise refused
    return item, said


def _kept(
    session: AsyncSession, operator: Person, item: Comparison, said: list[Judgement], row: Adjudication
) -> Adjudication:
    row.id, row.item_id, row.operator_id, row.created_at = new_id(), item.id, operator.id, now()
    row.considered, row.reason = [str(one.rating_id) for one in said], row.reason.strip()
    session.add(row)
    record_audit(
        session, operator, f"adjudication.{row.decision}", f"comparison:{item.id}", {"adjudication": str(row.id)}
    )
    return row
