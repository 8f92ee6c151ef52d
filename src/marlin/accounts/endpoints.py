"""Signing in and out, terms, people, invitations, API tokens: /api/v1."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from marlin.accounts import guards, queries, service, signing_in
from marlin.accounts.guards import CurrentPerson, Operator, SignedIn
from marlin.accounts.links import invitation_url, sign_in_url
from marlin.accounts.models import Role
from marlin.accounts.schemas import (
    AcceptInvitationBody,
    ApiTokenBody,
    ApiTokenCreated,
    ApiTokenOut,
    ConsentBody,
    InvitationCreated,
    InvitationOut,
    InvitationShown,
    InviteBody,
    LinkOut,
    PasswordBody,
    PersonListed,
    PersonOut,
    RolesBody,
    SessionOut,
    SignInBody,
    SignInLinkBody,
    TermsOut,
    TermsState,
)
from marlin.accounts.terms import current_terms
from marlin.accounts.tokens import csrf_token
from marlin.errors import ForbiddenError
from marlin.http.paging import Paged, Search
from marlin.http.sessions import Session

router = APIRouter(tags=["accounts"])


def _base_url(request: Request) -> str:
    return str(request.app.state.settings.base_url)


def _shows_secret(request: Request) -> None:
    request.scope["marlin.answer_not_kept"] = True  # marlin.http.idempotency must not store the answer


_SECRET = [Depends(_shows_secret)]

BaseUrl = Annotated[str, Depends(_base_url)]
"""The address that people open, without a trailing slash."""


async def _show_session(session: Session, caller: guards.Caller) -> SessionOut:
    earlier = not caller.terms_accepted and await queries.has_accepted_any(session, caller.person)
    terms = TermsState(version=current_terms().version, accepted=caller.terms_accepted, earlier=earlier)
    return SessionOut(person=PersonOut.of(caller.person), csrf_token=caller.csrf_token, terms=terms)


async def _welcome(response: Response, opened: signing_in.OpenedSignIn, session: Session, base_url: str) -> SessionOut:
    response.set_cookie(
        guards.COOKIE,
        opened.token,
        max_age=int(signing_in.ABSOLUTE_LIMIT.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=base_url.startswith("https://"),
        path="/",
    )
    response.headers["Cache-Control"] = "no-store"
    accepted = await queries.has_accepted(session, opened.person, current_terms().version)
    return await _show_session(session, guards.Caller(opened.person, None, csrf_token(opened.token), accepted))


def _network_address(request: Request) -> str:
    return request.client.host if request.client else "-"


# --- anybody ---------------------------------------------------------------------------------------------------------


@router.post("/sign-in")
async def sign_in(
    body: SignInBody, request: Request, response: Response, session: Session, base_url: BaseUrl
) -> SessionOut:
    """Sign in by password; sets the cookie ``marlin_session``. 401 if refused, 429 after too many attempts."""
    opened = await signing_in.sign_in(body.email, body.password, network_address=_network_address(request))
    return await _welcome(response, opened, session, base_url)


@router.post("/sign-in/link")
async def sign_in_by_link(body: SignInLinkBody, response: Response, session: Session, base_url: BaseUrl) -> SessionOut:
    """Sign in by a link's token; sets the cookie ``marlin_session``. 404 if the link was used or has expired."""
    return await _welcome(response, await signing_in.sign_in_by_link(session, body.token), session, base_url)


@router.get("/terms")
async def read_terms() -> TermsOut:
    """The current terms."""
    return TermsOut(version=current_terms().version, markdown=current_terms().markdown)


@router.get("/invitations/{token}")
async def read_invitation(token: str, session: Session) -> InvitationShown:
    """What an invitation offers. 404 if unknown, 409 if it was used, withdrawn, or has expired."""
    invitation = await service.open_invitation(session, token)
    return InvitationShown(
        roles=[Role(role) for role in invitation.roles],
        email=invitation.email,
        expires_at=invitation.expires_at,
        terms=await read_terms(),
    )


@router.post("/invitations/{token}/accept", status_code=201)
async def accept_invitation(
    token: str, body: AcceptInvitationBody, response: Response, session: Session, base_url: BaseUrl
) -> SessionOut:
    """Join: become a person, accept the terms, be signed in."""
    opened = await service.accept_invitation(
        token, name=body.name, email=body.email, password=body.password, terms_version=body.terms_version
    )
    return await _welcome(response, opened, session, base_url)


# --- whoever is signed in, before consent ----------------------------------------------------------------------------


@router.get("/session")
async def read_session(caller: SignedIn, response: Response, session: Session) -> SessionOut:
    """Who is signed in. 401 if nobody."""
    response.headers["Cache-Control"] = "no-store"
    return await _show_session(session, caller)


@router.post("/sign-out", status_code=204)
async def sign_out(caller: SignedIn, session: Session, response: Response) -> None:
    """End this browser's sign-in. A program's token ends with DELETE /api-tokens/{id}."""
    if caller.sign_in_id is not None:
        await signing_in.sign_out(session, caller.person, caller.sign_in_id)
    response.delete_cookie(guards.COOKIE, path="/", httponly=True, samesite="lax")


@router.post("/consent")
async def accept_terms(body: ConsentBody, caller: SignedIn, session: Session) -> TermsState:
    """Accept the terms. 409 if they have changed since they were read."""
    await service.accept_terms(session, caller.person, body.terms_version)
    return TermsState(version=current_terms().version, accepted=True)


@router.put("/password", status_code=204)
async def change_password(body: PasswordBody, caller: SignedIn) -> None:
    """Choose a (new) password; every other sign-in of the person ends."""
    _from_a_browser(caller)
    await service.change_password(caller.person, current=body.current, password=body.password, keep=caller.sign_in_id)


# --- everybody, for themselves ---------------------------------------------------------------------------------------


@router.get("/api-tokens")
async def list_api_tokens(person: CurrentPerson, session: Session) -> list[ApiTokenOut]:
    """The caller's own tokens that still work."""
    return [ApiTokenOut.of(token) for token in await queries.list_api_tokens(session, person)]


@router.post("/api-tokens", status_code=201, dependencies=_SECRET)
async def create_api_token(
    body: ApiTokenBody, person: CurrentPerson, caller: SignedIn, session: Session
) -> ApiTokenCreated:
    """A bearer token for a program; shown this once. From a browser only: a leaked token must not make others."""
    _from_a_browser(caller)
    row, token = await service.create_api_token(session, person, body.name)
    return ApiTokenCreated(**ApiTokenOut.of(row).model_dump(), token=token)


@router.delete("/api-tokens/{token_id}", status_code=204)
async def revoke_api_token(token_id: UUID, person: CurrentPerson, session: Session) -> None:
    """End one of the caller's own tokens."""
    await service.revoke_api_token(session, person, token_id)


# --- operators -------------------------------------------------------------------------------------------------------


@router.get("/people")
async def list_people(
    _: Operator, session: Session, paging: Paged, search: Search = None, role: Role | None = None
) -> list[PersonListed]:
    """Everyone, by name; with ``role``, those who have it. ``search`` looks at names and addresses."""
    page = await queries.page_of_people(session, paging.window, search=search, role=role)
    return [PersonListed.of(person) for (person,) in paging.rows(page)]


@router.put("/people/{person_id}/roles")
async def set_roles(person_id: UUID, body: RolesBody, operator: Operator, session: Session) -> PersonListed:
    """Give a person exactly these roles. 409 if no operator would be left."""
    return PersonListed.of(await service.set_roles(session, person_id, body.roles, actor=operator))


@router.post("/people/{person_id}/sign-in-link", status_code=201, dependencies=_SECRET)
async def create_sign_in_link(
    person_id: UUID, operator: Operator, session: Session, response: Response, base_url: BaseUrl
) -> LinkOut:
    """A link that signs this person in once within 15 minutes: for who forgot a password."""
    person = await queries.get_person(session, person_id)
    token, expires_at = await signing_in.create_sign_in_link(session, person, actor=operator)
    response.headers["Cache-Control"] = "no-store"
    return LinkOut(url=sign_in_url(base_url, token), expires_at=expires_at)


@router.get("/invitations")
async def list_invitations(
    _: Operator, session: Session, paging: Paged, state: Literal["open"] | None = None
) -> list[InvitationOut]:
    """Every invitation, the latest first; with ``state=open``, those that can still be accepted."""
    page = await queries.page_of_invitations(session, paging.window, only_open=state == "open")
    return [InvitationOut.of(invitation) for (invitation,) in paging.rows(page)]


@router.post("/invitations", status_code=201, dependencies=_SECRET)
async def create_invitation(
    body: InviteBody, operator: Operator, session: Session, response: Response, base_url: BaseUrl
) -> InvitationCreated:
    """Invite somebody; send them the ``url``, which is shown this once."""
    invitation, token = await service.create_invitation(
        session,
        email=body.email,
        roles=body.roles,
        lifetime=timedelta(days=body.expires_in_days),
        actor=operator,
    )
    response.headers["Cache-Control"] = "no-store"
    url = invitation_url(base_url, token)
    return InvitationCreated(**InvitationOut.of(invitation).model_dump(), url=url)


@router.delete("/invitations/{invitation_id}", status_code=204)
async def revoke_invitation(invitation_id: UUID, operator: Operator, session: Session) -> None:
    """Withdraw an invitation that nobody has accepted yet."""
    await service.revoke_invitation(session, invitation_id, actor=operator)


def _from_a_browser(caller: guards.Caller) -> None:
    if caller.sign_in_id is None:
        raise ForbiddenError("An API token may not do this.", hint="Sign in in a browser for it.")
