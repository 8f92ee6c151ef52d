"""What one side did, for whoever judges it: each message, thought and call whole, in the order in which they began.

In what pieces text, arguments and output came, and what came between them, is no work of the arm. It tells how its
model streams and how long its commands ran (output is looked at once a second), and so which arm it is (decision 0009).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from marlin.db import events

_ONE_THING = {"message": "message_id", "thought": "message_id", "tool_call": "call_id", "tool_update": "call_id"}
"""Kinds of events of which several tell of one thing, and what they have in common."""

Having = Mapping[str, Any]


async def count_whole(session: AsyncSession, comparison_id: UUID, *, having: Having, without: Collection[str]) -> int:
    """How many events :func:`read_whole` would find."""
    return await events.count_things(session, comparison_id, names=_ONE_THING, having=having, without=without)


async def read_whole(
    session: AsyncSession, comparison_id: UUID, *, having: Having, without: Collection[str], skip: int, limit: int
) -> list[events.StoredEvent]:
    """A side's events, those that tell of one thing as one.

    :param having: what their data must have. :param without: kinds to leave out.
    :param skip: how many to leave out at the beginning.
    """
    things = await events.read_things(
        session, comparison_id, names=_ONE_THING, having=having, without=without, skip=skip, limit=limit
    )
    return [whole(thing) for thing in things]


def whole(pieces: Sequence[events.StoredEvent]) -> events.StoredEvent:
    """Events of one kind that tell of one thing as one event, as a page would put them together. Pure."""
    first, last = pieces[0], pieces[-1]
    if len(pieces) == 1:
        return first
    if first.kind in ("message", "thought"):
        text = "".join(str(piece.data.get("text", "")) for piece in pieces)
        return replace(first, data={**first.data, "text": text})
    if first.kind == "tool_update":
        output = "".join(str(piece.data.get("output", "")) for piece in pieces)
        patch = next((piece.data["patch"] for piece in reversed(pieces) if piece.data.get("patch")), "")
        return replace(first, data={**last.data, "output": output, "patch": patch})
    return replace(first, data=last.data)  # a call that was described anew
