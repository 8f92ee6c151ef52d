"""The web service, put together. Nothing imports this but the command line and tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib import metadata
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import JSONResponse

import marlin
from marlin import tasks
from marlin.accounts.guards import admit
from marlin.db import DatabaseUnavailableError, current_database, events, jobs, opened
from marlin.db.migrating import check_schema
from marlin.http import pages, problems
from marlin.http.idempotency import Idempotency
from marlin.http.middleware import BodyLimit, OriginCheck, RequestFrame, own_origins
from marlin.routes import GIT, ROUTERS
from marlin.settings import Settings

VERSION = metadata.version("marlin")

BODY_LIMIT = 1 << 20
"""Most bytes of a request's body."""

BODY_LIMITS: dict[str, int] = {"/git/": 8 << 20}
"""Other limits, by the beginning of the path."""


def create_app(settings: Settings) -> FastAPI:
    """The ASGI application. Its lifespan opens the database at ``settings.database_url`` and listens for events.

    :raises DatabaseUrlError: at start-up, if that is no PostgreSQL address.
    :raises SchemaOutdatedError: at start-up, if the tables are not those of this version.
    """
    app = FastAPI(
        title="Marlin",
        version=VERSION,
        summary="Turn the judgement of professional engineers into training data for coding agents",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan(settings),
    )
    app.state.settings = settings
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router, prefix="/api/v1")
    app.include_router(GIT)
    _add_health(app)
    pages.install(app, Path(marlin.__file__).parent / "web_dist")
    # the last one added is the outermost
    app.add_middleware(Idempotency, admit=admit)
    app.add_middleware(OriginCheck, origins=own_origins(settings.base_url, settings.host, settings.port))
    app.add_middleware(BodyLimit, limit=BODY_LIMIT, by_prefix=BODY_LIMITS)
    app.add_middleware(RequestFrame, secure=settings.base_url.startswith("https:"))
    return app


def _lifespan(settings: Settings) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if settings.database_url is None:
            raise DatabaseUnavailableError(
                "No database is set.", hint="Start the service with `marlin up`, or set DATABASE_URL."
            )
        async with opened(settings.database_url, pool_size=settings.database_pool) as database:
            await check_schema(database)
            hub = events.EventHub(database)
            events.use_hub(hub)
            tasks.use_code(tasks.Code(settings))
            await hub.start()
            try:
                yield
            finally:
                tasks.use_code(None)
                events.use_hub(None)
                await hub.stop()
                await asyncio.to_thread(jobs.close_clients)

    return lifespan


def _add_health(app: FastAPI) -> None:
    @app.get("/healthz", include_in_schema=False)
    async def health() -> JSONResponse:
        """200 while the service can answer requests; 503 with a problem document while the database is away."""
        await current_database().ping()
        return JSONResponse({"status": "ok", "version": VERSION})
