"""What a simulation needs of the database it starts a Marlin on: to be alone there, and an operator of its own.

One that is killed can't take its operator's role back. So it holds a lock of the database's meanwhile, which ends with
its connection, however that ends: whoever finds an operator of a simulation, and the lock free, takes the role away.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import accounts
from marlin.accounts import Role
from marlin.campaigns import Campaign
from marlin.comparisons import Comparison, Turn
from marlin.counted import counted
from marlin.db import Worker, now, transaction
from marlin.db.engine import parse_url
from marlin.errors import ConflictError
from marlin.settings import Settings

OPERATOR = "operator@simulated.invalid"
_LOCK = 0x73696D756C617465  # "simulate"
_ALIVE = timedelta(seconds=15)
"""Workers say that they are there every second or so."""


class NotAloneError(ConflictError):
    """A Marlin runs on this database, or real work waits there."""

    code = "simulation-not-alone"


async def require_alone(session: AsyncSession) -> None:
    """A simulation's worker takes whatever is in the queue, and its host-view is nothing for real work.

    :raises NotAloneError: another worker runs on this database, or turns of real campaigns are under way.
    """
    there = await session.scalar(select(func.count()).select_from(Worker).where(Worker.seen_at > now() - _ALIVE))
    if there:
        raise NotAloneError(
            "A Marlin runs on this database already; a simulation beside it would share its queue.",
            hint="Play there: --url, an operator's token in MARLIN_TOKEN. Or stop it, or choose another MARLIN_HOME.",
        )
    waiting = (
        select(func.count())
        .select_from(Turn)
        .join(Comparison, Comparison.id == Turn.comparison_id)
        .join(Campaign, Campaign.id == Comparison.campaign_id)
        .where(Turn.status.in_(("queued", "running", "checking")), ~Campaign.synthetic)
    )
    turns = await session.scalar(waiting)
    if turns:
        raise NotAloneError(
            f"Real campaigns have {counted(turns, 'turn')} under way in this database, which the simulation's worker "
            "would run.",
            hint="Let `marlin up` finish them first, or set MARLIN_HOME to another folder.",
        )


@contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Hold the simulations' lock for the block.

    :raises NotAloneError: another simulation runs on this database.
    """
    assert settings.database_url is not None
    url = parse_url(settings.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        taken = connection.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK]).fetchone()
        if taken is None or not taken[0]:
            raise NotAloneError(
                "Another simulation runs on this database.",
                hint="Wait until it has ended, or choose another MARLIN_HOME.",
            )
        try:
            yield
        finally:  # a closed connection's locks stand until the server has noticed; the next one may not wait for that
            connection.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


async def retire_leftover(session: AsyncSession) -> bool:
    """Take away the role that a simulation left behind when it was killed; nothing while one runs.

    :returns: whether there was one.
    """
    if not await session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))):
        return False
    person = await accounts.find_person(session, OPERATOR)
    if person is None or not person.has([Role.OPERATOR]):
        return False
    await accounts.set_roles(session, person.id, [], actor=None, may_be_last=True)
    return True


async def operator_link(settings: Settings) -> str:
    """A link that signs in the operator who runs simulations here: one of their own, with the role only meanwhile."""
    async with transaction() as session:
        person = await accounts.find_person(session, OPERATOR)
        if person is None:
            roles = [Role.OPERATOR]
            person = await accounts.create_person(session, name="Simulation", email=OPERATOR, roles=roles)
        elif not person.has([Role.OPERATOR]):
            await accounts.set_roles(session, person.id, [Role.OPERATOR], actor=None)
        token, _ = await accounts.create_sign_in_link(session, person)
        return accounts.sign_in_url(settings.base_url, token)


async def retire_operator() -> None:
    """Take the role back, also where nobody else is an operator: nobody was before."""
    async with transaction() as session:
        person = await accounts.find_person(session, OPERATOR)
        if person is not None:
            await accounts.set_roles(session, person.id, [], actor=None, may_be_last=True)
