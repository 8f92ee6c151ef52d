"""People: joining, roles, consent, passwords, API tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from marlin.accounts import queries, signing_in
from marlin.accounts.addresses import clean_address
from marlin.accounts.audit import record_audit
from marlin.accounts.errors import (
    InvitationSpentError,
    LastOperatorError,
    PersonExistsError,
    SignInRefusedError,
    TermsOutdatedError,
)
from marlin.accounts.models import ApiToken, Consent, Invitation, Person, Role
from marlin.accounts.passwords import check_password, hash_now, hash_password, verify_password
from marlin.accounts.signing_in import OpenedSignIn
from marlin.accounts.terms import current_terms
from marlin.accounts.tokens import Purpose, hash_token, new_token
from marlin.db import new_id, now, transaction
from marlin.errors import ForbiddenError, InvalidInputError, NotFoundError


async def create_person(
    session: AsyncSession,
    *,
    name: str,
    email: str,
    roles: Sequence[Role],
    password_hash: str | None = None,
    actor: Person | None = None,
) -> Person:
    """Add a person.

    :raises PersonExistsError: if somebody has this address.
    :raises InvalidInputError: if the name is empty or the address is none.
    """
    address, name = clean_address(email), name.strip()
    if not name:
        raise InvalidInputError("The name is empty.", errors=[{"field": "name", "message": "Say your name."}])
    person_id = new_id()
    statement = insert(Person).values(
        id=person_id, name=name, email=address, roles=_role_names(roles), password_hash=password_hash
    )
    created = await session.execute(statement.on_conflict_do_nothing(index_elements=["email"]).returning(Person))
    person = created.scalar_one_or_none()
    if person is None:
        raise PersonExistsError(
            "There is an account with this address already.",
            hint="Sign in with it; an operator can change its roles.",
            errors=[{"field": "email", "message": "There is an account with this address already."}],
        )
    record_audit(session, actor or person, "person.created", f"person:{person.id}", {"roles": person.roles})
    return person


async def create_operator(session: AsyncSession, *, name: str, email: str, password: str | None = None) -> Person:
    """Add an operator, from the command line of the machine.

    :param password: None: they sign in by a link.
    :raises PersonExistsError: if somebody has this address.
    :raises WeakPasswordError: if the password is refused.
    """
    if password is not None:
        check_password(password, email=clean_address(email), name=name)
    return await create_person(
        session,
        name=name,
        email=email,
        roles=[Role.OPERATOR],
        password_hash=None if password is None else hash_now(password),
    )


async def set_roles(
    session: AsyncSession, person_id: UUID, roles: Sequence[Role], *, actor: Person | None, may_be_last: bool = False
) -> Person:
    """Give a person exactly these roles.

    :param may_be_last: for a program that takes back what it gave on a machine where nobody was an operator before.
    :raises NotFoundError: if there is no such person.
    :raises LastOperatorError: if no operator would be left.
    """
    others = await queries.other_operators(session, person_id)
    person = await queries.get_person(session, person_id)
    names = _role_names(roles)
    if Role.OPERATOR not in names and person.has([Role.OPERATOR]) and not (others or may_be_last):
        raise LastOperatorError(
            f"{person.name} is the last operator.", hint="Make somebody else an operator first, then repeat this."
        )
    if names != person.roles:
        record_audit(
            session, actor, "person.roles_changed", f"person:{person.id}", {"before": person.roles, "after": names}
        )
        person.roles = names
    return person


async def accept_terms(session: AsyncSession, person: Person, terms_version: str) -> None:
    """Record that the person accepts the current terms. Accepting twice does no harm.

    :raises TermsOutdatedError: if ``terms_version`` is not the current one: they would accept what they have not read.
    """
    current = current_terms().version
    if terms_version != current:
        raise TermsOutdatedError(
            f"The current terms are version {current}.", hint="Read them again, then accept.", terms_version=current
        )
    statement = insert(Consent).values(id=new_id(), person_id=person.id, terms_version=current)
    added = await session.execute(statement.on_conflict_do_nothing().returning(Consent.id))
    if added.scalar_one_or_none() is not None:
        record_audit(session, person, "terms.accepted", f"person:{person.id}", {"terms_version": current})


async def change_password(person: Person, *, current: str | None, password: str, keep: UUID | None) -> None:
    """Choose a (new) password; every other sign-in of the person ends.

    :param current: the present password; None only if there is none yet.
    :raises SignInRefusedError: if ``current`` is wrong.
    :raises WeakPasswordError: if the new one is refused.
    """
    check_password(password, email=person.email, name=person.name)
    limits = signing_in.person_limits(person.email)
    async with transaction() as session:
        await signing_in.count_attempt(session, limits)
    if person.password_hash is not None and not await verify_password(person.password_hash, current or ""):
        raise SignInRefusedError("The present password is not right.", hint="Ask an operator for a sign-in link.")
    hashed = await hash_password(password)
    async with transaction() as session:
        await session.execute(update(Person).where(Person.id == person.id).values(password_hash=hashed))
        await signing_in.forget_attempts(session, limits)
        await signing_in.end_sign_ins(session, person.id, keep=keep)
        record_audit(session, person, "person.password_changed", f"person:{person.id}")


# --- invitations -----------------------------------------------------------------------------------------------------


async def create_invitation(
    session: AsyncSession, *, email: str | None, roles: Sequence[Role], lifetime: timedelta, actor: Person | None
) -> tuple[Invitation, str]:
    """An invitation, and its token for ``/invite#<token>``, which is not kept.

    :raises AddressError: if ``email`` is none.
    :raises InvalidInputError: if there are no roles.
    """
    if not roles:
        raise InvalidInputError(
            "An invitation needs at least one role.", errors=[{"field": "roles", "message": "Choose a role."}]
        )
    token = new_token(Purpose.INVITATION)
    invitation = Invitation(
        id=new_id(),
        token_hash=hash_token(Purpose.INVITATION, token),
        email=clean_address(email) if email else None,
        roles=_role_names(roles),
        created_by=actor.id if actor else None,
        created_at=now(),
        expires_at=now() + lifetime,
    )
    session.add(invitation)
    record_audit(session, actor, "invitation.created", f"invitation:{invitation.id}", {"roles": invitation.roles})
    return invitation, token


async def revoke_invitation(session: AsyncSession, invitation_id: UUID, *, actor: Person | None) -> None:
    """Withdraw an invitation. Doing it twice does no harm.

    :raises NotFoundError: if there is none.
    :raises InvitationSpentError: if it was accepted already.
    """
    statement = select(Invitation).where(Invitation.id == invitation_id).with_for_update()
    invitation = (await session.execute(statement)).scalar_one_or_none()
    if invitation is None:
        raise NotFoundError("There is no such invitation.", hint="Reload the page.")
    if invitation.accepted_at is not None:
        raise InvitationSpentError(
            "This invitation was accepted already.", hint="Take the person's roles away instead."
        )
    if invitation.revoked_at is None:
        invitation.revoked_at = now()
        record_audit(session, actor, "invitation.revoked", f"invitation:{invitation.id}")


async def open_invitation(session: AsyncSession, token: str, *, lock: bool = False) -> Invitation:
    """The invitation with this token, if it can be accepted.

    :raises NotFoundError: if there is none.
    :raises InvitationSpentError: if it was used, withdrawn, or has expired.
    """
    statement = select(Invitation).where(Invitation.token_hash == hash_token(Purpose.INVITATION, token))
    found = await session.execute(statement.with_for_update() if lock else statement)
    invitation = found.scalar_one_or_none()
    if invitation is None:
        raise NotFoundError(
            "There is no such invitation.", hint="Copy the whole link from your invitation, or ask for a new one."
        )
    if invitation.accepted_at is not None:
        raise InvitationSpentError("This invitation was used already.", hint="Sign in with the password you chose.")
    if invitation.revoked_at is not None:
        raise InvitationSpentError("This invitation was withdrawn.", hint="Ask whoever invited you.")
    if invitation.expires_at <= now():
        raise InvitationSpentError("This invitation has expired.", hint="Ask whoever invited you for a new one.")
    return invitation


async def accept_invitation(token: str, *, name: str, email: str, password: str, terms_version: str) -> OpenedSignIn:
    """Join by an invitation: become a person, accept the terms, and be signed in.

    Works in transactions of its own, see :func:`marlin.accounts.signing_in.sign_in`.

    :raises NotFoundError: if there is no such invitation.
    :raises InvitationSpentError: if it was used, withdrawn, or has expired.
    :raises PersonExistsError: if somebody has this address.
    :raises TooManyAttemptsError: if too many addresses were tried with it.
    """
    address = clean_address(email)
    async with transaction() as session:
        invitation = await open_invitation(session, token)
        limits = signing_in.invitation_limits(invitation.id)
        await signing_in.count_attempt(session, limits)
    if invitation.email is not None and invitation.email != address:
        raise ForbiddenError(
            "This invitation is for another address.", hint="Use the address that it was sent to, or ask for a new one."
        )
    check_password(password, email=address, name=name)
    hashed = await hash_password(password)
    async with transaction() as session:
        invitation = await open_invitation(session, token, lock=True)
        roles = [Role(role) for role in invitation.roles]
        person = await create_person(session, name=name, email=address, roles=roles, password_hash=hashed)
        await accept_terms(session, person, terms_version)
        invitation.accepted_at, invitation.accepted_by = now(), person.id
        await signing_in.forget_attempts(session, limits)
        record_audit(session, person, "invitation.accepted", f"invitation:{invitation.id}")
        return await signing_in.open_sign_in(session, person, how="invitation")


# --- API tokens ------------------------------------------------------------------------------------------------------


async def create_api_token(session: AsyncSession, person: Person, name: str) -> tuple[ApiToken, str]:
    """A bearer token for a program that acts for ``person``; the token itself is not kept."""
    if not name.strip():
        raise InvalidInputError(
            "The token needs a name.", errors=[{"field": "name", "message": "Say what it is for, such as laptop."}]
        )
    token = new_token(Purpose.API)
    row = ApiToken(
        id=new_id(),
        token_hash=hash_token(Purpose.API, token),
        person_id=person.id,
        name=name.strip(),
        created_at=now(),
    )
    session.add(row)
    record_audit(session, person, "api_token.created", f"api_token:{row.id}", {"name": row.name})
    return row, token


async def revoke_api_token(session: AsyncSession, person: Person, token_id: UUID) -> None:
    """End one of the person's own tokens. Doing it twice does no harm.

    :raises NotFoundError: if they have none with this id.
    """
    statement = select(ApiToken).where(ApiToken.id == token_id, ApiToken.person_id == person.id).with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise NotFoundError("You have no such API token.", hint="GET /api/v1/api-tokens lists yours.")
    if row.revoked_at is None:
        row.revoked_at = now()
        record_audit(session, person, "api_token.revoked", f"api_token:{row.id}")


def _role_names(roles: Sequence[Role]) -> list[str]:
    """Without repetition, in the order in which :class:`Role` lists them."""
    return [role.value for role in Role if role in roles]
