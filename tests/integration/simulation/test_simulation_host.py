"""A simulation's operator is one only while it runs, however it ends."""

from __future__ import annotations

import pytest

from marlin import accounts
from marlin.accounts import Role
from marlin.cli.simulation_host import OPERATOR, NotAloneError, only_one, operator_link, retire_leftover
from marlin.db import Database
from marlin.settings import Settings


async def _is_operator(database: Database) -> bool:
    async with database.transaction() as session:
        person = await accounts.find_person(session, OPERATOR)
        assert person is not None
        return person.has([Role.OPERATOR])


async def _retired(database: Database) -> bool:
    async with database.transaction() as session:
        return await retire_leftover(session)


async def test_a_killed_simulations_role_is_taken_back_and_a_running_ones_is_not(
    database: Database, database_url: str
) -> None:
    settings = Settings(database_url=database_url)
    assert not await _retired(database)
    await operator_link(settings)
    with only_one(settings):  # the connection that holds it ends with the process
        assert not await _retired(database)
        assert await _is_operator(database)
        with pytest.raises(NotAloneError, match="Another simulation"), only_one(settings):
            pass
    assert await _retired(database)
    assert not await _is_operator(database)
    assert not await _retired(database)
