"""The audit log: who did what to what, written in the transaction that does it."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from sqlalchemy import CTE, Select, Table, insert
from sqlalchemy.ext.asyncio import AsyncSession

from marlin.accounts.models import AuditEntry, Person


def record_audit(
    session: AsyncSession, actor: Person | UUID | None, action: str, subject: str, data: dict[str, Any] | None = None
) -> None:
    """Add an entry to the log; it is kept if and only if the rest of the transaction is.

    :param actor: who did it; None for Marlin itself and for somebody at the machine's command line.
    :param action: noun and verb in the past, such as ``campaign.created``.
    :param subject: kind and id, such as ``campaign:0197…``.
    :param data: facts about it; never secrets, nor anything a person typed that may hold some.
    """
    actor_id = actor.id if isinstance(actor, Person) else actor
    session.add(AuditEntry(actor_id=actor_id, action=action, subject=subject, data=data or {}))


def auditing(entries: Select[UUID, str, str, dict[str, Any]]) -> CTE:
    """:func:`record_audit` as a part of a larger statement, where a round trip more would be felt.

    :param entries: actor, action, subject and data of each.
    """
    table = cast("Table", AuditEntry.__table__)
    statement = insert(table).from_select(["actor_id", "action", "subject", "data"], entries)
    return statement.returning(table.c.id).cte("audited")
