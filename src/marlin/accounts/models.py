"""Tables of the people, how they sign in, and what was done."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from marlin.accounts.append_only import protect
from marlin.db import Base, new_id


class Role(StrEnum):
    """What a person may do here."""

    OPERATOR = "operator"
    """Runs campaigns and invites people."""
    CONTRIBUTOR = "contributor"
    """Writes briefs, compares and rates."""
    REVIEWER = "reviewer"
    """Accepts or returns what others submit."""


_KNOWN_ROLES = "roles <@ ARRAY['operator', 'contributor', 'reviewer']"


class Person(Base):
    """Somebody who can sign in."""

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint(_KNOWN_ROLES, name="roles_known"),
        CheckConstraint("email = lower(email)", name="email_lower"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    """In lower case: addresses differ in case only by accident."""
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    password_hash: Mapped[str | None]
    """argon2id; None until the person chooses a password."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    def has(self, roles: Iterable[Role | str]) -> bool:
        """Whether the person has at least one of ``roles``."""
        return any(str(role) in self.roles for role in roles)


class Invitation(Base):
    """A link that lets one person join, once."""

    __tablename__ = "invitation"
    __table_args__ = (CheckConstraint(_KNOWN_ROLES, name="roles_known"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    email: Mapped[str | None]
    """Only this address may accept; None: any."""
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    revoked_at: Mapped[datetime | None]


class SignIn(Base):
    """A browser that a person signed in with."""

    __tablename__ = "sign_in"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    """Slides forward with use, up to an absolute end (see ``service``)."""
    signed_out_at: Mapped[datetime | None]


class SignInLink(Base):
    """A link that signs a person in without a password."""

    __tablename__ = "sign_in_link"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    reusable: Mapped[bool]
    """Works until it expires, not once: for the demo."""
    used_at: Mapped[datetime | None]


class ApiToken(Base):
    """A bearer token for programs that act for a person."""

    __tablename__ = "api_token"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class SignInFailures(Base):
    """Failed attempts in a row, per person, per network address, and per pair of them (hashed)."""

    __tablename__ = "sign_in_failures"

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime]


class Consent(Base):
    """A person accepted a version of the terms."""

    __tablename__ = "consent"
    __table_args__ = (UniqueConstraint("person_id", "terms_version"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    terms_version: Mapped[str]
    accepted_at: Mapped[datetime] = mapped_column(server_default=func.now())


class AuditEntry(Base):
    """Who did what to what. Append-only: the database itself refuses to change or remove an entry."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index(None, "subject", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    """None: Marlin itself, or somebody at the machine's command line."""
    action: Mapped[str]
    """A verb in the past with its noun, such as ``campaign.created``."""
    subject: Mapped[str]
    """What it was done to, such as ``campaign:0197…``."""
    data: Mapped[dict[str, Any]]
    """Facts about it; never secrets."""


protect(AuditEntry.__table__)
