"""Signing in and out: by password, by link, by API token."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from marlin.accounts import queries, throttle
from marlin.accounts.addresses import clean_address
from marlin.accounts.audit import record_audit
from marlin.accounts.errors import AddressError, SignInLinkError, SignInRefusedError, TooManyAttemptsError
from marlin.accounts.models import ApiToken, Person, SignIn, SignInFailures, SignInLink
from marlin.accounts.passwords import verify_password
from marlin.accounts.tokens import Purpose, hash_token, new_token
from marlin.db import now, transaction

IDLE_LIMIT = timedelta(days=14)
"""A sign-in that is not used for so long ends."""

ABSOLUTE_LIMIT = timedelta(days=90)
"""A sign-in ends after so long, used or not."""

TOUCH_EVERY = timedelta(minutes=5)
"""How exactly use is recorded: reading a page must not cost a write each time."""

LINK_LIFETIME = timedelta(minutes=15)
"""A one-time sign-in link works for so long."""

REUSABLE_LINK_LIFETIME = timedelta(hours=24)
"""A demo's link works for so long, at most."""


@dataclass(frozen=True, slots=True)
class OpenedSignIn:
    """A fresh sign-in: the token is for the cookie, and known to nobody else."""

    person: Person
    token: str


async def sign_in(email: str, password: str, *, network_address: str) -> OpenedSignIn:
    """Sign a person in by password.

    Works in transactions of its own: the attempt is counted even though the request then fails, and no connection is
    held while the password is checked.

    :raises SignInRefusedError: if they do not belong together; in the same time and words if there is no such person.
    :raises TooManyAttemptsError: if this person or this network address has to wait.
    """
    try:
        address = clean_address(email)
    except AddressError:
        address = "-"  # nobody's; goes the same way
    limits = _limits(address, network_address)
    async with transaction() as session:
        await count_attempt(session, limits)
        person = await queries.find_person(session, address)
    if not await verify_password(person.password_hash if person else None, password) or person is None:
        raise SignInRefusedError(
            "The e-mail address and the password do not belong together.",
            hint="Try again, or ask an operator for a sign-in link.",
        )
    async with transaction() as session:
        await _forget_attempt(session, address, network_address)
        return await open_sign_in(session, person, how="password")


async def open_sign_in(session: AsyncSession, person: Person, *, how: str) -> OpenedSignIn:
    """Sign ``person`` in, who has proved who they are."""
    token = new_token(Purpose.SIGN_IN)
    session.add(
        SignIn(
            person_id=person.id,
            token_hash=hash_token(Purpose.SIGN_IN, token),
            last_seen_at=now(),
            expires_at=now() + IDLE_LIMIT,
        )
    )
    record_audit(session, person, "person.signed_in", f"person:{person.id}", {"how": how})
    return OpenedSignIn(person, token)


async def sign_in_by_link(session: AsyncSession, token: str) -> OpenedSignIn:
    """Sign in whoever the link was made for.

    :raises SignInLinkError: if it is unknown, expired, or used.
    """
    statement = (
        update(SignInLink)
        .where(
            SignInLink.token_hash == hash_token(Purpose.LINK, token),
            SignInLink.expires_at > now(),
            or_(SignInLink.reusable, SignInLink.used_at.is_(None)),
        )
        .values(used_at=now())
        .returning(SignInLink.person_id)
    )
    person_id = (await session.execute(statement)).scalar_one_or_none()
    if person_id is None:
        raise SignInLinkError(
            "This sign-in link has expired or was used already.",
            hint="Sign in with your password, or ask for a new link.",
        )
    return await open_sign_in(session, await queries.get_person(session, person_id), how="link")


async def create_sign_in_link(
    session: AsyncSession,
    person: Person,
    *,
    actor: Person | None = None,
    reusable: bool = False,
    lifetime: timedelta | None = None,
) -> tuple[str, datetime]:
    """A link's token, to be put into ``/sign-in/link#<token>``, and when it ends.

    :param reusable: it works until it ends (the demo's links, at most 24 hours) instead of once (15 minutes).
    :param lifetime: shorter or longer than usual, up to 24 hours.
    """
    lifetime = min(lifetime or (REUSABLE_LINK_LIFETIME if reusable else LINK_LIFETIME), REUSABLE_LINK_LIFETIME)
    token, expires_at = new_token(Purpose.LINK), now() + lifetime
    session.add(
        SignInLink(
            person_id=person.id,
            token_hash=hash_token(Purpose.LINK, token),
            created_by=actor.id if actor else None,
            expires_at=expires_at,
            reusable=reusable,
        )
    )
    record_audit(session, actor, "sign_in_link.created", f"person:{person.id}", {"reusable": reusable})
    return token, expires_at


async def sign_out(session: AsyncSession, person: Person, sign_in_id: UUID) -> None:
    """End one sign-in. Doing it twice does no harm."""
    statement = update(SignIn).where(SignIn.id == sign_in_id, SignIn.signed_out_at.is_(None))
    await session.execute(statement.values(signed_out_at=now()))
    record_audit(session, person, "person.signed_out", f"person:{person.id}")


async def end_sign_ins(session: AsyncSession, person_id: UUID, *, keep: UUID | None = None) -> None:
    """End every sign-in and unused link of a person, but for the sign-in ``keep``."""
    statement = update(SignIn).where(SignIn.person_id == person_id, SignIn.signed_out_at.is_(None))
    if keep is not None:
        statement = statement.where(SignIn.id != keep)
    await session.execute(statement.values(signed_out_at=now()))
    await session.execute(
        update(SignInLink)
        .where(SignInLink.person_id == person_id, SignInLink.expires_at > now())
        .values(expires_at=now())
    )


async def touch_sign_in(session: AsyncSession, sign_in: SignIn) -> None:
    """Slide the sign-in's end forward. A row that another request is touching is left to it, without waiting."""
    free = select(SignIn.id).where(SignIn.id == sign_in.id).with_for_update(skip_locked=True)
    ends = min(now() + IDLE_LIMIT, sign_in.created_at + ABSOLUTE_LIMIT)
    statement = update(SignIn).where(SignIn.id.in_(free)).values(last_seen_at=now(), expires_at=ends)
    await session.execute(statement.execution_options(synchronize_session=False))


async def touch_api_token(session: AsyncSession, token_id: UUID) -> None:
    """Record that a token was used; see :func:`touch_sign_in`."""
    free = select(ApiToken.id).where(ApiToken.id == token_id).with_for_update(skip_locked=True)
    statement = update(ApiToken).where(ApiToken.id.in_(free)).values(last_used_at=now())
    await session.execute(statement.execution_options(synchronize_session=False))


def _key(*parts: str) -> bytes:
    return hashlib.sha256("\0".join(parts).encode(errors="surrogatepass")).digest()


def _limits(address: str, network_address: str) -> dict[bytes, throttle.Limit]:
    return {
        _key("pair", address, network_address): throttle.PER_PERSON_AND_ADDRESS,
        _key("person", address): throttle.PER_PERSON,
        _key("address", network_address): throttle.PER_ADDRESS,
    }


def invitation_limits(invitation_id: UUID) -> dict[bytes, throttle.Limit]:
    """Who holds an invitation must not find out who else is here by trying addresses."""
    return {_key("invitation", str(invitation_id)): throttle.PER_PERSON_AND_ADDRESS}


def person_limits(address: str) -> dict[bytes, throttle.Limit]:
    """Somebody at an open browser tries to change its owner's password."""
    return {_key("change", address): throttle.PER_PERSON_AND_ADDRESS}


async def count_attempt(session: AsyncSession, limits: dict[bytes, throttle.Limit]) -> None:
    """Count an attempt before it is made, so that many at once gain nothing.

    :raises TooManyAttemptsError: if it comes too early; then it is not counted.
    """
    keys, moment = sorted(limits), now()
    rows = [{"key": key, "failures": 0, "last_at": moment} for key in keys]
    await session.execute(insert(SignInFailures).values(rows).on_conflict_do_nothing())
    statement = select(SignInFailures).where(SignInFailures.key.in_(keys)).order_by(SignInFailures.key)
    for known in (await session.execute(statement.with_for_update())).scalars():
        if moment - known.last_at > throttle.FORGOTTEN_AFTER:
            known.failures = 0
        seconds = throttle.seconds_left(known.last_at, known.failures, limits[known.key], moment)
        if seconds > 0:
            retry_after = int(seconds) + 1
            raise TooManyAttemptsError(
                "Too many failed attempts.",
                hint=f"Wait {retry_after} seconds, then try again; or ask an operator for a sign-in link.",
                retry_after=retry_after,
            )
        known.failures, known.last_at = known.failures + 1, moment


async def forget_attempts(session: AsyncSession, limits: dict[bytes, throttle.Limit]) -> None:
    """Start the counts of :func:`count_attempt` again at zero."""
    await session.execute(delete(SignInFailures).where(SignInFailures.key.in_(sorted(limits))))


async def _forget_attempt(session: AsyncSession, address: str, network_address: str) -> None:
    mine = [_key("pair", address, network_address), _key("person", address)]
    await session.execute(delete(SignInFailures).where(SignInFailures.key.in_(mine)))
    shared = update(SignInFailures).where(
        SignInFailures.key == _key("address", network_address), SignInFailures.failures > 0
    )
    await session.execute(
        shared.values(failures=SignInFailures.failures - 1).execution_options(synchronize_session=False)
    )
