"""Reading accounts. Secrets are looked up by hash only."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from marlin.accounts.models import ApiToken, AuditEntry, Consent, Invitation, Person, Role, SignIn
from marlin.accounts.tokens import Purpose, hash_token
from marlin.db.paging import Order, Page, Window, fetch_page, matching
from marlin.errors import NotFoundError

_ACCEPTED = exists().where(Consent.person_id == Person.id, Consent.terms_version == bindparam("terms_version"))

# Built once: every request asks one of these, and putting the statement together took longer than its answer.
_SIGN_IN_CALLER = (
    select(Person, SignIn, _ACCEPTED)
    .join(SignIn, SignIn.person_id == Person.id)
    .where(
        SignIn.token_hash == bindparam("token_hash"),
        SignIn.signed_out_at.is_(None),
        SignIn.expires_at > func.now(),
    )
)
_API_TOKEN_CALLER = (
    select(Person, ApiToken.id, ApiToken.last_used_at, _ACCEPTED)
    .join(ApiToken, ApiToken.person_id == Person.id)
    .where(ApiToken.token_hash == bindparam("token_hash"), ApiToken.revoked_at.is_(None))
)


async def sign_in_caller(session: AsyncSession, token: str, terms_version: str) -> tuple[Person, SignIn, bool] | None:
    """Who holds the sign-in, the sign-in, and whether they accepted the terms; None if it is not valid."""
    values = {"token_hash": hash_token(Purpose.SIGN_IN, token), "terms_version": terms_version}
    row = (await session.execute(_SIGN_IN_CALLER, values)).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


async def api_token_caller(
    session: AsyncSession, token: str, terms_version: str
) -> tuple[Person, UUID, datetime | None, bool] | None:
    """Whose API token it is, its id and last use, and whether they accepted the terms; None if it is not valid."""
    values = {"token_hash": hash_token(Purpose.API, token), "terms_version": terms_version}
    row = (await session.execute(_API_TOKEN_CALLER, values)).one_or_none()
    return None if row is None else (row[0], row[1], row[2], row[3])


async def accepted_terms(session: AsyncSession, people: Collection[UUID]) -> dict[UUID, str]:
    """The version of the terms that each of these people accepted last; nobody who accepted none."""
    order = select(Consent.person_id, Consent.terms_version).order_by(Consent.accepted_at, Consent.id)
    found = await session.execute(order.where(Consent.person_id.in_(people)))
    return {one.person_id: one.terms_version for one in found}


async def find_person(session: AsyncSession, email: str) -> Person | None:
    """The person with this (clean) address."""
    return (await session.execute(select(Person).where(Person.email == email))).scalar_one_or_none()


async def get_person(session: AsyncSession, person_id: UUID) -> Person:
    """:raises NotFoundError: if there is no such person."""
    person = await session.get(Person, person_id)
    if person is None:
        raise NotFoundError("There is no such person.", hint="GET /api/v1/people lists them.")
    return person


async def names_of(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, str]:
    """Names by id, of those there are."""
    found: dict[UUID, str] = {}
    wanted = sorted(ids)
    for start in range(0, len(wanted), 5000):
        statement = select(Person.id, Person.name).where(Person.id.in_(wanted[start : start + 5000]))
        found.update({row.id: row.name for row in await session.execute(statement)})
    return found


async def list_people(session: AsyncSession) -> Sequence[Person]:
    """Everyone, by name."""
    return (await session.execute(select(Person).order_by(func.lower(Person.name), Person.id))).scalars().all()


_BY_NAME = Order((func.lower(Person.name), Person.id.expression), (str, UUID))
_LATEST_FIRST = Order((Invitation.id.expression,), (UUID,), descending=True)


async def page_of_people(
    session: AsyncSession, window: Window, *, search: str | None = None, role: Role | None = None
) -> Page[tuple[Person]]:
    """A page of :func:`list_people`, of those whose name or address contains ``search`` and who have ``role``."""
    query = select(Person)
    if search:
        query = query.where(matching(search, Person.name.expression, Person.email.expression))
    if role is not None:
        query = query.where(Person.roles.contains([role.value]))
    return await fetch_page(session, query, _BY_NAME, window)


async def other_operators(session: AsyncSession, person_id: UUID) -> Sequence[UUID]:
    """The operators besides this person, locked until the transaction ends."""
    statement = (
        select(Person.id)
        .where(Person.roles.contains([Role.OPERATOR.value]), Person.id != person_id)
        .order_by(Person.id)
        .with_for_update()
    )
    return (await session.execute(statement)).scalars().all()


async def page_of_invitations(
    session: AsyncSession, window: Window, *, only_open: bool = False
) -> Page[tuple[Invitation]]:
    """A page of the invitations, the latest first; of those that can still be accepted with ``only_open``."""
    query = select(Invitation)
    if only_open:
        query = query.where(
            Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None), Invitation.expires_at > func.now()
        )
    return await fetch_page(session, query, _LATEST_FIRST, window)


async def list_api_tokens(session: AsyncSession, person: Person) -> Sequence[ApiToken]:
    """The person's tokens that still work, the latest first."""
    statement = (
        select(ApiToken)
        .where(ApiToken.person_id == person.id, ApiToken.revoked_at.is_(None))
        .order_by(ApiToken.id.desc())
    )
    return (await session.execute(statement)).scalars().all()


async def has_accepted(session: AsyncSession, person: Person, terms_version: str) -> bool:
    """Whether the person accepted this version of the terms."""
    statement = select(Consent.id).where(Consent.person_id == person.id, Consent.terms_version == terms_version)
    return (await session.execute(statement)).first() is not None


async def has_accepted_any(session: AsyncSession, person: Person) -> bool:
    """Whether the person accepted some version of the terms."""
    return (
        await session.execute(select(Consent.id).where(Consent.person_id == person.id).limit(1))
    ).first() is not None


async def has_done(session: AsyncSession, person_id: UUID, actions: Collection[str], subjects: Collection[str]) -> bool:
    """Whether the audit log has any of these actions of this person on any of these subjects."""
    entry = exists().where(
        AuditEntry.subject.in_(subjects), AuditEntry.actor_id == person_id, AuditEntry.action.in_(actions)
    )
    return bool(await session.scalar(select(entry)))


async def was_done(session: AsyncSession, actions: Collection[str], subject: str, *, since: datetime) -> bool:
    """Whether the audit log has any of these actions on a subject, by whomever, since then."""
    entry = exists().where(AuditEntry.subject == subject, AuditEntry.action.in_(actions), AuditEntry.at >= since)
    return bool(await session.scalar(select(entry)))


async def list_audit(session: AsyncSession, *, subject: str | None = None) -> Sequence[AuditEntry]:
    """The audit log in the order of its writing, all of it or one subject's."""
    statement = select(AuditEntry).order_by(AuditEntry.id)
    if subject is not None:
        statement = statement.where(AuditEntry.subject == subject)
    return (await session.execute(statement)).scalars().all()
