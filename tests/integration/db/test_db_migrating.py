"""The migrations make exactly the tables that the models describe, also when several processes start at once."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text

from marlin.accounts import append_only
from marlin.db import Base, Database, EmbeddedPostgres, SchemaOutdatedError
from marlin.db.engine import parse_url
from marlin.db.migrating import check_schema, head, import_models, is_ours, upgrade

_numbers = itertools.count(1)


@pytest.fixture
def empty_database(postgres: EmbeddedPostgres) -> Iterator[str]:
    name = f"empty_{next(_numbers)}"
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[call-overload]
    yield postgres.url(name)
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')  # type: ignore[call-overload]


def test_migrations_make_what_the_models_describe(empty_database: str) -> None:
    import_models()
    upgrade(parse_url(empty_database))
    engine = create_engine(parse_url(empty_database))
    tables = {name: table for name, table in Base.metadata.tables.items() if not name.startswith("test_")}
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": is_ours, "compare_type": True, "compare_server_default": True}
        )
        drift = [
            change
            for change in compare_metadata(context, Base.metadata)
            if not (isinstance(change, tuple) and change[0] == "add_table" and change[1].name not in tables)
        ]
        triggers = set(connection.scalars(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")))
    engine.dispose()
    assert drift == [], "write a migration (docs/how-to/change-tables.md)"
    for table in append_only.tables(Base.metadata):
        assert {f"{table}_append_only", f"{table}_no_truncate"} <= triggers


CATALOG = """
SELECT conrelid::regclass::text || ' ' || conname || ': ' || pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE relnamespace = 'public'::regnamespace
UNION ALL
SELECT pg_get_triggerdef(pg_trigger.oid) FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE NOT tgisinternal AND relnamespace = 'public'::regnamespace
"""


def test_migrations_make_the_constraints_too(empty_database: str) -> None:
    """Alembic compares neither check constraints nor the conditions of indexes: the catalogs do."""
    import_models()
    url = parse_url(empty_database)
    engine = create_engine(url)
    tables = [table for name, table in Base.metadata.tables.items() if not name.startswith("test_")]
    with engine.connect() as connection:
        Base.metadata.create_all(connection, tables=tables)
        described = set(connection.scalars(text(CATALOG)))
        connection.rollback()
    upgrade(url)
    with engine.connect() as connection:
        made = {one for one in connection.scalars(text(CATALOG)) if "alembic_version" not in one}
    engine.dispose()
    assert made == described


async def test_processes_that_start_at_once_bring_the_tables_up_to_date_once(empty_database: str) -> None:
    await asyncio.gather(*(asyncio.to_thread(upgrade, parse_url(empty_database)) for _ in range(3)))
    database = Database(empty_database)
    await check_schema(database)
    await database.close()


async def test_a_new_database_is_told_how_to_get_its_tables(empty_database: str) -> None:
    database = Database(empty_database)
    with pytest.raises(SchemaOutdatedError, match=r"^There are no tables yet\.$") as refused:
        await check_schema(database)
    assert "marlin init" in str(refused.value.hint)
    await database.close()


async def test_tables_of_another_version_are_refused(database: Database) -> None:
    await check_schema(database)
    async with database.transaction() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = 'later'"))
    with pytest.raises(SchemaOutdatedError, match=f"later.*{head()}"):
        await check_schema(database)
    with pytest.raises(SchemaOutdatedError, match="does not know"):
        await asyncio.to_thread(upgrade, database.url)
