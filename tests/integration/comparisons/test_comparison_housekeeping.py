"""What ended long ago is forgotten; what lives, or ended lately, is not."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from tests.factories.judgement import ready_comparison
from tests.factories.people import Town

from marlin.accounts import Role
from marlin.checkouts import Checkout, prune_checkouts
from marlin.comparisons import get_comparison
from marlin.db import now
from marlin.terminals import Terminal, prune_terminals

KEEP = timedelta(days=30)


async def test_ended_terminals_and_old_addresses_are_forgotten_after_a_while(town: Town) -> None:
    person = await town.person(Role.CONTRIBUTOR)
    comparison_id = await ready_comparison(town.database, person.id)
    old, young = now() - timedelta(days=31), now() - timedelta(days=29)
    async with town.database.transaction() as session:
        comparison = await get_comparison(session, comparison_id, owner_id=None)
        rollout_id = comparison.turns[0].rollouts[0].id
        ends = (("ended", old), ("ended", young), ("open", None), ("waiting", None))
        terminals = [
            Terminal(
                comparison_id=comparison_id,
                rollout_id=rollout_id,
                person_id=person.id,
                turn=1,
                side="A",
                columns=80,
                rows=24,
                status=status,
                created_at=old - timedelta(days=1),
                ended_at=ended,
            )
            for status, ended in ends
        ]
        addresses = [
            Checkout(
                comparison_id=comparison_id,
                person_id=person.id,
                token_hash=bytes([number]) * 32,
                through_turn=1,
                created_at=old - timedelta(days=1),
                expires_at=expires,
                spent_at=spent,
            )
            for number, (expires, spent) in enumerate([(old, None), (old, old), (young, None), (young, young)])
        ]
        session.add_all([*terminals, *addresses])
    assert await prune_terminals(KEEP) == 1
    assert await prune_checkouts(KEEP) == 2
    assert await prune_terminals(KEEP) == await prune_checkouts(KEEP) == 0
    assert await kept(town) == {each.id for each in [*terminals[1:], *addresses[2:]]}


async def kept(town: Town) -> set[UUID]:
    async with town.database.transaction() as session:
        return {*(await session.scalars(select(Terminal.id))), *(await session.scalars(select(Checkout.id)))}
