"""What the accounts' endpoints take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from marlin.accounts.models import ApiToken, Invitation, Person, Role
from marlin.db import now

_Secret = Annotated[str, Field(max_length=1024)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PersonOut(BaseModel):
    """A person, as others who may see them do."""

    id: UUID
    name: str
    email: str
    roles: list[Role]

    @classmethod
    def of(cls, person: Person) -> PersonOut:
        return cls(id=person.id, name=person.name, email=person.email, roles=[Role(role) for role in person.roles])


class PersonListed(PersonOut):
    """A person in the operator's list."""

    created_at: datetime
    has_password: bool

    @classmethod
    def of(cls, person: Person) -> PersonListed:
        return cls(
            **PersonOut.of(person).model_dump(),
            created_at=person.created_at,
            has_password=person.password_hash is not None,
        )


class TermsState(BaseModel):
    """The current terms' version, whether the caller accepted it, and if not, whether they accepted an earlier one."""

    version: str
    accepted: bool
    earlier: bool = False


class SessionOut(BaseModel):
    """Who is signed in. ``csrf_token`` goes into ``X-CSRF-Token``; it is null for a program with a bearer token."""

    person: PersonOut
    csrf_token: str | None
    terms: TermsState


class TermsOut(BaseModel):
    """The current terms."""

    version: str
    markdown: str


class SignInBody(_In):
    """An address and a password."""

    email: str = Field(max_length=1024)
    password: _Secret


class SignInLinkBody(_In):
    """The token of a sign-in link."""

    token: _Secret


class ConsentBody(_In):
    """The version of the terms that the caller has read."""

    terms_version: str = Field(max_length=100)


class PasswordBody(_In):
    """A new password; ``current`` only if there is one already."""

    current: _Secret | None = None
    password: _Secret


class InvitationShown(BaseModel):
    """What somebody with an invitation sees."""

    roles: list[Role]
    email: str | None
    expires_at: datetime
    terms: TermsOut


class AcceptInvitationBody(_In):
    """Somebody joins."""

    name: str = Field(max_length=200)
    email: str = Field(max_length=1024)
    password: _Secret
    terms_version: str = Field(max_length=100)


class InviteBody(_In):
    """An operator invites somebody."""

    email: str | None = Field(default=None, max_length=1024)
    roles: list[Role] = Field(min_length=1, max_length=3)
    expires_in_days: int = Field(default=14, ge=1, le=90)


class InvitationOut(BaseModel):
    """An invitation in the operator's list. ``state``: open, accepted, revoked or expired."""

    id: UUID
    email: str | None
    roles: list[Role]
    state: str
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None

    @classmethod
    def of(cls, invitation: Invitation) -> InvitationOut:
        state = "open"
        if invitation.accepted_at is not None:
            state = "accepted"
        elif invitation.revoked_at is not None:
            state = "revoked"
        elif invitation.expires_at <= now():
            state = "expired"
        return cls(
            id=invitation.id,
            email=invitation.email,
            roles=[Role(role) for role in invitation.roles],
            state=state,
            created_at=invitation.created_at,
            expires_at=invitation.expires_at,
            accepted_at=invitation.accepted_at,
        )


class InvitationCreated(InvitationOut):
    """A fresh invitation; its ``url`` is shown this once."""

    url: str


class RolesBody(_In):
    """All roles of a person."""

    roles: list[Role] = Field(max_length=3)


class LinkOut(BaseModel):
    """A sign-in link, shown this once."""

    url: str
    expires_at: datetime


class ApiTokenBody(_In):
    """A name that says what the token is for."""

    name: str = Field(max_length=200)


class ApiTokenOut(BaseModel):
    """A token in the person's list."""

    id: UUID
    name: str
    created_at: datetime
    last_used_at: datetime | None

    @classmethod
    def of(cls, token: ApiToken) -> ApiTokenOut:
        return cls(id=token.id, name=token.name, created_at=token.created_at, last_used_at=token.last_used_at)


class ApiTokenCreated(ApiTokenOut):
    """A fresh token, shown this once."""

    token: str
