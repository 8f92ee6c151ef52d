"""Who is calling, and whether they may: the dependencies that every endpoint declares.

A caller is a browser (cookie, and on unsafe methods the CSRF token that only Marlin's own pages can know) or a program
(bearer token). Everything but signing in and accepting the terms needs consent to the current terms.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from marlin.accounts import queries, signing_in
from marlin.accounts.errors import CsrfError, NotSignedInError, RoleRequiredError, TermsNotAcceptedError
from marlin.accounts.models import Person, Role
from marlin.accounts.terms import current_terms
from marlin.accounts.tokens import csrf_matches, csrf_token
from marlin.db import now, transaction
from marlin.http.sessions import Session

COOKIE = "marlin_session"
CSRF_HEADER = "x-csrf-token"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request, and how they proved it.

    :ivar sign_in_id: the browser's sign-in; None for a program with a bearer token.
    :ivar csrf_token: what this browser's unsafe requests carry; None for a program.
    :ivar terms_accepted: whether the person accepted the current terms.
    """

    person: Person
    sign_in_id: UUID | None
    csrf_token: str | None
    terms_accepted: bool


async def signed_in_caller(request: HTTPConnection, session: Session) -> Caller:
    """The caller, whether or not they accepted the terms. A WebSocket's handshake is a GET.

    :raises NotSignedInError: if it is nobody we know.
    :raises CsrfError: if a browser's unsafe request lacks the CSRF token.
    """
    authorization = request.headers.get("authorization")
    if authorization is not None:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise NotSignedInError(
                "The Authorization header is not a bearer token.", hint="Send `Authorization: Bearer <api token>`."
            )
        return await _program(session, token.strip())
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        raise NotSignedInError("You are not signed in.", hint="Sign in, or send `Authorization: Bearer <api token>`.")
    return await _browser(session, cookie, request)


async def _program(session: Session, token: str) -> Caller:
    found = await queries.api_token_caller(session, token, current_terms().version)
    if found is None:
        raise NotSignedInError(
            "This API token is unknown or was revoked.", hint="Make a new one under your account, or POST /api-tokens."
        )
    person, token_id, last_used_at, accepted = found
    if last_used_at is None or now() - last_used_at > timedelta(minutes=5):
        await signing_in.touch_api_token(session, token_id)
    return Caller(person, None, None, accepted)


async def _browser(session: Session, cookie: str, request: HTTPConnection) -> Caller:
    found = await queries.sign_in_caller(session, cookie, current_terms().version)
    if found is None:
        raise NotSignedInError("Your sign-in has expired.", hint="Sign in again; what you had saved is still there.")
    person, sign_in, accepted = found
    unsafe = request.scope.get("method", "GET") not in _SAFE_METHODS
    if unsafe and not csrf_matches(cookie, request.headers.get(CSRF_HEADER)):
        raise CsrfError(
            "The request does not come from Marlin's own pages.",
            hint="Reload the page. Programs send the csrf_token of GET /api/v1/session as X-CSRF-Token.",
        )
    if now() - sign_in.last_seen_at > signing_in.TOUCH_EVERY:
        await signing_in.touch_sign_in(session, sign_in)
    return Caller(person, sign_in.id, csrf_token(cookie), accepted)


async def admit(request: Request) -> None:
    """Whether the credentials of a request are still good, where no endpoint looks at them.

    :raises NotSignedInError: if not. :raises CsrfError: if a browser's unsafe request lacks the CSRF token.
    """
    async with transaction() as session:
        await signed_in_caller(request, session)


SignedIn = Annotated[Caller, Depends(signed_in_caller)]
"""An endpoint's caller, before consent: only for signing in and out, and for the terms themselves."""


async def current_person(caller: SignedIn) -> Person:
    """The person who calls, and who accepted the current terms.

    :raises TermsNotAcceptedError: if they have not.
    """
    if not caller.terms_accepted:
        raise TermsNotAcceptedError(
            "You have not accepted the current terms.",
            hint="Read them at GET /api/v1/terms and accept them with POST /api/v1/consent.",
            terms_version=current_terms().version,
        )
    return caller.person


CurrentPerson = Annotated[Person, Depends(current_person)]
"""An endpoint's caller: signed in, with consent; any role or none."""


def require(*roles: Role) -> Callable[[Person], Awaitable[Person]]:
    """A dependency that gives the current person if they hold one of ``roles``.

    :raises RoleRequiredError: (when called) if they hold none of them.
    """
    wanted = " or ".join(str(role) for role in roles)

    async def person_with_role(person: CurrentPerson) -> Person:
        if not person.has(roles):
            raise RoleRequiredError(
                f"This needs the role {wanted}.", hint="Ask an operator for it if it is part of your work."
            )
        return person

    return person_with_role


Operator = Annotated[Person, Depends(require(Role.OPERATOR))]
"""An endpoint's caller, an operator."""

Contributor = Annotated[Person, Depends(require(Role.CONTRIBUTOR))]
"""An endpoint's caller, a contributor."""

Reviewer = Annotated[Person, Depends(require(Role.REVIEWER))]
"""An endpoint's caller, a reviewer."""
