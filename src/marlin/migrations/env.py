"""Alembic's entry: the connection comes from ``marlin.db.migrating``, which holds the lock.

A revision stays what it was when the models move on, so it names PostgreSQL's types, not ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext

from marlin.accounts import append_only
from marlin.db import Base, CleanText, Json, UtcDateTime
from marlin.db.migrating import import_models, is_ours

_PLAIN: dict[type, str] = {
    CleanText: "sa.Text()",
    UtcDateTime: "sa.DateTime(timezone=True)",
    Json: "postgresql.JSONB()",
}


def render(kind: str, item: Any, generating: AutogenContext) -> str | Literal[False]:
    """Our column types as the plain ones that they are in the database."""
    if kind != "type" or type(item) not in _PLAIN:
        return False
    if isinstance(item, Json):
        generating.imports.add("from sqlalchemy.dialects import postgresql")
    return _PLAIN[type(item)]


def add_triggers(
    migration: MigrationContext, revision: str | Iterable[str | None] | Iterable[str], directives: list[Any]
) -> None:
    """Autogenerate does not see triggers: add those of new append-only tables."""
    upgrades = directives[0].upgrade_ops
    protected = set(append_only.tables(Base.metadata))
    for made in [one for one in upgrades.ops if isinstance(one, ops.CreateTableOp)]:
        if made.table_name in protected:
            upgrades.ops += [ops.ExecuteSQLOp(statement) for statement in append_only.statements(made.table_name)]


import_models()
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    compare_type=True,
    compare_server_default=True,
    include_name=is_ours,
    render_item=render,
    process_revision_directives=add_triggers,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
