"""Which files a person has read: their own note, seen by nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from marlin.comparisons.errors import TooManyMarksError
from marlin.comparisons.models import ViewedFile

MARKS_LIMIT = 20_000
"""Most marks of one person in one comparison: several turns of the largest results."""

Mark = tuple[str, str, str]
"""Side (or ``between``), path, and the content that was read."""


async def marks_of(session: AsyncSession, comparison_id: UUID, person_id: UUID) -> Sequence[ViewedFile]:
    """A person's marks in a comparison."""
    query = select(ViewedFile).where(ViewedFile.comparison_id == comparison_id, ViewedFile.person_id == person_id)
    return (await session.scalars(query.order_by(ViewedFile.viewed_at))).all()


async def mark(session: AsyncSession, comparison_id: UUID, person_id: UUID, turn: int, marks: Sequence[Mark]) -> None:
    """Keep marks. One that is there already is left as it is.

    :raises TooManyMarksError: there would be more than :data:`MARKS_LIMIT`.
    """
    if not marks:
        return
    count = select(func.count()).where(ViewedFile.comparison_id == comparison_id, ViewedFile.person_id == person_id)
    if (await session.scalar(count) or 0) + len(marks) > MARKS_LIMIT:
        raise TooManyMarksError(
            f"No more than {MARKS_LIMIT:,} files can be marked as viewed in one comparison.",
            hint="Take marks of earlier turns back.",
        )
    rows = [
        {
            "comparison_id": comparison_id,
            "person_id": person_id,
            "digest": _digest((side, path, content)),
            "turn": turn,
            "side": side,
            "path": path,
            "content": content,
        }
        for side, path, content in marks
    ]
    await session.execute(insert(ViewedFile).values(rows).on_conflict_do_nothing())


async def unmark(session: AsyncSession, comparison_id: UUID, person_id: UUID, marks: Sequence[Mark]) -> None:
    """Take marks back; one that is not there is no mistake."""
    await session.execute(
        delete(ViewedFile).where(
            ViewedFile.comparison_id == comparison_id,
            ViewedFile.person_id == person_id,
            ViewedFile.digest.in_([_digest(each) for each in marks]),
        )
    )


def _digest(mark: Mark) -> str:
    return sha256("\0".join(mark).encode("utf-8", "surrogatepass")).hexdigest()
