"""HTTP: addresses to fetch results at with git, and git's own requests to them (gitprotocol-http, the smart one).

What git is told when it is refused is plain text: git shows it to whoever typed the command.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import zlib
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, status
from fastapi.responses import PlainTextResponse, Response, StreamingResponse

from marlin.accounts.guards import CurrentPerson
from marlin.checkouts import service
from marlin.checkouts.errors import TooManyFetchesError
from marlin.checkouts.schemas import CheckoutOut
from marlin.db import transaction
from marlin.errors import MarlinError
from marlin.http.idempotency import NOT_KEPT
from marlin.http.sessions import Session
from marlin.logging import get
from marlin.tasks import Code, current_code
from marlin.workspaces import UploadPack

router = APIRouter(tags=["checkouts"])
git_router = APIRouter(prefix="/git/{token}/{name}", include_in_schema=False)

Repositories = Annotated[Code, Depends(current_code)]

REQUEST_LIMIT = 8 << 20
"""Most bytes of git's request, unpacked: it lists the commits that the client has."""
SENDING, SENDING_EACH = 16, 2
"""Fetches that one web process serves at a time, and of one person; further ones wait, or are refused."""
_NAME = re.compile(r"comparison-[0-9a-f]{8}(\.git)?")
_NEVER_KEPT = {"Cache-Control": "no-cache, max-age=0, must-revalidate", "Pragma": "no-cache"}
_sending = asyncio.Semaphore(SENDING)
_fetching: Counter[UUID] = Counter()
_log = get(__name__)


@router.post("/comparisons/{comparison_id}/turns/{number}/checkouts", status_code=status.HTTP_201_CREATED)
async def create_checkout(
    comparison_id: UUID, number: int, request: Request, session: Session, person: CurrentPerson
) -> CheckoutOut:
    """Make an address to fetch the results of a turn, and of those before it, with git. It works once."""
    request.scope[NOT_KEPT] = True
    settings = request.app.state.settings
    return await service.create_checkout(
        session, person, comparison_id, number, base_url=settings.base_url, minutes=settings.checkout_minutes
    )


@git_router.get("/info/refs")
async def info_refs(token: str, name: str, code: Repositories, request: Request) -> Response:
    """What can be fetched."""
    if request.query_params.get("service") != "git-upload-pack":
        return _refusal(403, "Results can be fetched, by git 1.6.6 or newer; nothing can be pushed here.")
    try:
        async with _sending:
            pack, _ = await _upload_pack(token, name, code, request)
            body = await pack.advertise()
    except MarlinError as error:
        return _refused(error)
    return Response(body, media_type="application/x-git-upload-pack-advertisement", headers=_NEVER_KEPT)


@git_router.post("/git-upload-pack")
async def upload_pack(token: str, name: str, code: Repositories, request: Request) -> Response:
    """What git asks, and at last the files."""
    try:
        body = await _body(request)
        pack, shared = await _upload_pack(token, name, code, request)
        answer = _answer(pack, body, shared)
        first = await anext(answer, b"")
    except MarlinError as error:
        return _refused(error)
    except ValueError:
        return _refusal(400, "The request can't be read.")

    async def whole() -> AsyncIterator[bytes]:
        async with contextlib.aclosing(answer):
            yield first
            try:
                async for part in answer:
                    yield part
            except MarlinError as error:  # the answer has begun: git notices that its end is missing
                _log.warning("a fetch broke off", reason=error.message)

    return StreamingResponse(whole(), media_type="application/x-git-upload-pack-result", headers=_NEVER_KEPT)


@git_router.post("/git-receive-pack")
async def receive_pack() -> Response:
    """Nothing is taken."""
    return _refusal(403, "Results can be fetched; nothing can be pushed here.")


async def _upload_pack(token: str, name: str, code: Code, request: Request) -> tuple[UploadPack, service.Shared]:
    async with transaction() as session:
        shared = await service.find_shared(session, token if _NAME.fullmatch(name) else "")
    repository = await code.share(shared.repository, shared.base, shared.branches)
    return UploadPack(repository, protocol=request.headers.get("git-protocol")), shared


async def _answer(pack: UploadPack, body: bytes, shared: service.Shared) -> AsyncGenerator[bytes, None]:
    async with _slot(shared.person_id), contextlib.aclosing(pack.answer(body)) as parts:
        async for part in parts:
            yield part
    if pack.delivered:
        async with transaction() as session:
            await service.spend(session, shared.checkout_id)


@contextlib.asynccontextmanager
async def _slot(person_id: UUID) -> AsyncIterator[None]:
    """One of the fetches served at a time; a slow reader can hold two, not all.

    :raises TooManyFetchesError: the person has two.
    """
    if _fetching[person_id] >= SENDING_EACH:
        raise TooManyFetchesError("Two of your fetches are in progress.", hint="Wait until one of them is done.")
    _fetching[person_id] += 1
    try:
        async with _sending:
            yield
    finally:
        _fetching[person_id] -= 1
        if not _fetching[person_id]:
            del _fetching[person_id]


async def _body(request: Request) -> bytes:
    """The request, unpacked.

    :raises ValueError: it is too large, or not packed as it says.
    """
    raw = await request.body()
    packing = request.headers.get("content-encoding", "identity")
    if packing in ("gzip", "x-gzip"):
        try:
            unpacker = zlib.decompressobj(wbits=31)
            raw = unpacker.decompress(raw, REQUEST_LIMIT)
        except zlib.error as error:
            raise ValueError("not gzip") from error
        if unpacker.unconsumed_tail:
            raise ValueError("too large")
    elif packing != "identity":
        raise ValueError("an unknown packing")
    return raw


def _refused(error: MarlinError) -> Response:
    if error.status >= 500:
        _log.warning("a fetch failed", code=error.code, reason=error.message)
    return _refusal(error.status, f"{error.message} {error.hint or ''}".strip())


def _refusal(code: int, text: str) -> Response:
    return PlainTextResponse(f"{text}\n", status_code=code, headers=_NEVER_KEPT)
