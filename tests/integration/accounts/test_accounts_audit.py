"""The audit log and other records that are never edited: the database itself refuses."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from marlin.accounts import Role, append_only, create_person, list_audit, record_audit, set_roles
from marlin.db import Base, Database
from marlin.db.migrating import import_models


async def test_what_is_done_is_recorded_with_it(database: Database) -> None:
    async with database.transaction() as session:
        operator = await create_person(session, name="Ada", email="ada@example.org", roles=[Role.OPERATOR])
        other = await create_person(session, name="Bob", email="bob@example.org", roles=[], actor=operator)
        await set_roles(session, other.id, [Role.REVIEWER], actor=operator)
    async with database.transaction() as session:
        entries = await list_audit(session, subject=f"person:{other.id}")
    assert [(entry.action, entry.actor_id) for entry in entries] == [
        ("person.created", operator.id),
        ("person.roles_changed", operator.id),
    ]
    assert entries[1].data == {"before": [], "after": ["reviewer"]}


async def test_an_entry_is_kept_only_with_the_deed(database: Database) -> None:
    async def fail_halfway() -> None:
        async with database.transaction() as session:
            record_audit(session, None, "thing.done", "thing:1")
            await session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_halfway()
    async with database.transaction() as session:
        assert await list_audit(session) == []


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"]
)
async def test_the_audit_log_refuses_changes(database: Database, statement: str) -> None:
    async with database.transaction() as session:
        record_audit(session, None, "thing.done", "thing:1", {"fact": 1})
    async with database.sessions() as session:
        with pytest.raises(DBAPIError, match="never changed or removed"):
            await session.execute(text(statement))
    async with database.transaction() as session:
        assert len(await list_audit(session)) == 1


async def test_every_append_only_table_has_its_triggers(database: Database) -> None:
    import_models()
    expected = {
        f"{table}_{kind}" for table in append_only.tables(Base.metadata) for kind in ("append_only", "no_truncate")
    }
    assert {"audit_entry_append_only", "rubric_version_append_only", "review_append_only"} <= expected
    async with database.transaction() as session:
        found = set((await session.execute(select(text("tgname")).select_from(text("pg_trigger")))).scalars())
    assert expected <= found
