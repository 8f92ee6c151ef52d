"""The draft of the next prompt: kept while it is typed, on every device, until it is sent."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from marlin.comparisons import queries
from marlin.comparisons.errors import ComparisonClosedError, FollowUpOutdatedError
from marlin.comparisons.models import FollowUpDraft
from marlin.comparisons.service import OPEN
from marlin.db import clean_text, now


async def save_draft(
    session: AsyncSession,
    owner_id: UUID,
    comparison_id: UUID,
    number: int,
    *,
    revision: int,
    prompt: str,
    continue_from: str | None,
) -> FollowUpDraft:
    """Keep what was typed so far of the prompt that follows turn ``number``. Sending the same twice does no harm.

    :param revision: of the draft that was edited; 0 when there was none.
    :raises ComparisonClosedError: that prompt was sent, or the comparison was submitted.
    :raises FollowUpOutdatedError: a newer draft was saved elsewhere; it is in the error's details.
    """
    comparison = await queries.get_comparison(session, comparison_id, owner_id=owner_id, lock=True)
    turn = queries.turn_of(comparison, number)
    if turn is not comparison.turns[-1]:
        raise ComparisonClosedError(
            f"The prompt after turn {number} was sent.", hint="Write the next one once its turn is rated."
        )
    if comparison.status not in OPEN:
        raise ComparisonClosedError(
            "The comparison takes no further prompts.", hint="Reload the page to see where it stands."
        )
    typed = {"prompt": clean_text(prompt), "continue_from": continue_from}
    values = {**typed, "revision": revision + 1, "saved_at": now()}
    statement = insert(FollowUpDraft).values(turn_id=turn.id, **values)
    statement = statement.on_conflict_do_update(
        index_elements=["turn_id"], set_=values, where=FollowUpDraft.revision == revision
    )
    result = await session.execute(statement.returning(FollowUpDraft), execution_options={"populate_existing": True})
    saved = result.scalar_one_or_none()
    if saved is not None:
        return saved
    newer = await find_draft(session, turn.id)
    assert newer is not None
    if (newer.prompt, newer.continue_from) == (typed["prompt"], continue_from):
        return newer
    raise FollowUpOutdatedError(
        f"This draft was changed elsewhere (revision {newer.revision}).",
        hint="Compare it with yours, then save again with its revision.",
        draft={
            "revision": newer.revision,
            "prompt": newer.prompt,
            "continue_from": newer.continue_from,
            "saved_at": newer.saved_at.isoformat(),
        },
    )


async def find_draft(session: AsyncSession, turn_id: UUID) -> FollowUpDraft | None:
    """The draft of the prompt that follows a turn, as the database has it now."""
    statement = select(FollowUpDraft).where(FollowUpDraft.turn_id == turn_id)
    return (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
