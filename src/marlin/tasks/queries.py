"""Reads of briefs and environments."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from marlin.db.paging import Order, Page, Window, fetch_page, matching
from marlin.tasks.errors import BriefNotFoundError
from marlin.tasks.models import BaseCheck, Brief, Environment


async def get_brief(session: AsyncSession, brief_id: UUID, *, owner_id: UUID | None, lock: bool = False) -> Brief:
    """A brief.

    :param owner_id: whose it must be; None for the platform's own jobs.
    :param lock: take the row's lock until the transaction ends.
    :raises BriefNotFoundError: it does not exist or is someone else's.
    """
    query = select(Brief).where(Brief.id == brief_id)
    if lock:  # as it is once the lock is held, not as it was read before
        query = query.with_for_update().execution_options(populate_existing=True)
    brief = await session.scalar(query)
    if brief is None or (owner_id is not None and brief.owner_id != owner_id):
        raise BriefNotFoundError("There is no such brief.", hint="Open it from your list of tasks.")
    return brief


_LAST_EDITED_FIRST = Order((Brief.updated_at.expression, Brief.id.expression), (datetime, UUID), descending=True)


async def briefs_of(
    session: AsyncSession, owner_id: UUID, window: Window, *, search: str | None = None
) -> Page[tuple[Brief]]:
    """A page of a person's briefs that no comparison uses yet, last edited first.

    :param search: only those whose title or source contains it.
    """
    query = select(Brief).where(Brief.owner_id == owner_id, Brief.status != "used")
    if search:
        query = query.where(matching(search, Brief.title.expression, Brief.source.expression))
    return await fetch_page(session, query, _LAST_EDITED_FIRST, window)


async def get_environment(session: AsyncSession, environment_id: UUID) -> Environment:
    """An environment by id; it must exist."""
    return await session.get_one(Environment, environment_id)


async def briefs_by_id(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Brief]:
    """Many briefs."""
    return {found.id: found for found in await session.scalars(select(Brief).where(Brief.id.in_(ids)))}


async def environments_by_id(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Environment]:
    """Many environments."""
    return {found.id: found for found in await session.scalars(select(Environment).where(Environment.id.in_(ids)))}


async def environments_by_image(session: AsyncSession) -> dict[str, int]:
    """How many environments stand on each base image."""
    statement = select(Environment.base_image, func.count()).group_by(Environment.base_image)
    return {row[0]: row[1] for row in await session.execute(statement)}


async def base_checks(session: AsyncSession, environment_id: UUID) -> list[BaseCheck]:
    """Every result recorded on an environment's base."""
    return list(await session.scalars(select(BaseCheck).where(BaseCheck.environment_id == environment_id)))


async def base_check(
    session: AsyncSession, environment_id: UUID, *, kind: str, name: str, command: str
) -> BaseCheck | None:
    """The result of one command on the base, if it has run."""
    query = select(BaseCheck).where(
        BaseCheck.environment_id == environment_id,
        BaseCheck.kind == kind,
        BaseCheck.name == name,
        BaseCheck.command == command,
    )
    found: BaseCheck | None = await session.scalar(query)
    return found
