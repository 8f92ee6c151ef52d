"""Tables whose rows are never changed or removed: the database itself refuses, whoever asks.

Alembic's autogenerate does not see triggers, so a migration that creates such a table runs :func:`statements` for it.
"""

from __future__ import annotations

from sqlalchemy import DDL, MetaData, Table, event
from sqlalchemy.sql import FromClause

_FUNCTION = """CREATE OR REPLACE FUNCTION marlin_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$"""


def protect(table: FromClause) -> None:
    """Make ``table`` append-only wherever it is created by ``metadata.create_all``, and known to :func:`tables`."""
    assert isinstance(table, Table)
    table.info["append_only"] = True
    for statement in statements(table.name):
        ddl: DDL = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
        event.listen(table, "after_create", ddl)


def statements(table: str) -> tuple[str, ...]:
    """The SQL that makes ``table`` append-only. Running it again does no harm."""
    return (
        _FUNCTION,
        f"CREATE OR REPLACE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION marlin_refuse_change()",
        f"CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION marlin_refuse_change()",
    )


_FIXED = """CREATE OR REPLACE FUNCTION marlin_refuse_column_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'column %.% is never changed', TG_TABLE_NAME, TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END $$"""


def fix_column(table: FromClause, column: str) -> None:
    """Make ``column`` keep what it was inserted with, wherever ``table`` is created by ``metadata.create_all``."""
    assert isinstance(table, Table)
    for statement in fix_statements(table.name, column):
        ddl: DDL = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
        event.listen(table, "after_create", ddl)


def fix_statements(table: str, column: str) -> tuple[str, ...]:
    """The SQL that fixes a column. Running it again does no harm."""
    return (
        _FIXED,
        f"CREATE OR REPLACE TRIGGER {table}_{column}_fixed BEFORE UPDATE ON {table} FOR EACH ROW "
        f"WHEN (OLD.{column} IS DISTINCT FROM NEW.{column}) EXECUTE FUNCTION marlin_refuse_column_change('{column}')",
    )


def tables(metadata: MetaData) -> list[str]:
    """The names of all append-only tables."""
    return sorted(table.name for table in metadata.tables.values() if table.info.get("append_only"))
