"""The table of checkouts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from marlin.db import Base, new_id, now


class Checkout(Base):
    """An address that lets one person fetch one comparison's results with git, once."""

    __tablename__ = "checkout"
    __table_args__ = (Index("ix_checkout_person_id_expires_at", "person_id", "expires_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    comparison_id: Mapped[UUID] = mapped_column(ForeignKey("comparison.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    through_turn: Mapped[int]
    """The last turn that was revealed when it was made; later ones need a new address."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]
    """When the files were sent in full."""
