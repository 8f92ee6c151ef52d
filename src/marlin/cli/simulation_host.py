"""What a simulation needs of the database it starts a Marlin on: to be alone there, and an operator of its own."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import accounts
from marlin.accounts import Role
from marlin.campaigns import Campaign
from marlin.comparisons import Comparison, Turn
from marlin.db import Worker, now, transaction
from marlin.errors import ConflictError
from marlin.settings import Settings

OPERATOR = "operator@simulated.invalid"
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
            f"{turns} turns of real campaigns are under way in this database; the simulation's worker would run them.",
            hint="Let `marlin up` finish them first, or set MARLIN_HOME to another folder.",
        )


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
