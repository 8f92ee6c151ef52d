"""Long lists in pages: keyset pagination, so that a page costs the same wherever it stands in the list.

A cursor holds the sort key of the last row that was served, and a page begins behind it. Rows that are added while
somebody walks the pages can therefore neither repeat a row nor push one out of the walk, as they would with offsets.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from marlin.db.types import clean_text
from marlin.errors import InvalidInputError

Row = TypeVar("Row")

USUAL_LIMIT, LARGEST_LIMIT = 50, 200

_READERS: dict[type, Callable[[Any], Any]] = {str: str, UUID: UUID, datetime: datetime.fromisoformat}


class BadCursorError(InvalidInputError):
    """A cursor that this list never gave out."""

    code = "bad-cursor"


@dataclass(frozen=True, slots=True)
class Window:
    """Which rows of a list are wanted: at most ``limit``, behind ``cursor``."""

    limit: int = USUAL_LIMIT
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list, and the cursor behind which the next ones stand; None on the last page."""

    rows: Sequence[Row]
    next: str | None


@dataclass(frozen=True, slots=True)
class Order:
    """A total order: ``keys`` together are unique, and all ascend or all descend."""

    keys: tuple[ColumnElement[Any], ...]
    types: tuple[type, ...]
    descending: bool = False


async def fetch_page(session: AsyncSession, query: Select[*tuple[Any, ...]], order: Order, window: Window) -> Page[Any]:
    """One page of ``query``, which has no order or limit of its own. Its rows come without the sort keys.

    :raises BadCursorError: the cursor is not one of this list.
    """
    keys = tuple_(*order.keys)
    if window.cursor is not None:
        behind = tuple_(*_read(window.cursor, order.types))
        query = query.where(keys < behind if order.descending else keys > behind)
    directed = [key.desc() if order.descending else key.asc() for key in order.keys]
    count = len(order.keys)
    found = (await session.execute(query.add_columns(*order.keys).order_by(*directed).limit(window.limit + 1))).all()
    kept = found[: window.limit]
    after = _write(kept[-1][-count:]) if len(found) > window.limit else None
    return Page([row[:-count] for row in kept], after)


def matching(text: str, *columns: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether one of the columns contains ``text``, in whatever case; its wildcards are letters like any other."""
    sought = clean_text(text)  # as the columns hold it
    first, *others = [column.icontains(sought, autoescape=True) for column in columns]
    for other in others:
        first = first | other
    return first


def _write(values: Sequence[Any]) -> str:
    plain = [value.isoformat() if isinstance(value, datetime) else str(value) for value in values]
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str, types: tuple[type, ...]) -> list[Any]:
    refusal = BadCursorError(
        "The cursor is not one of this list.",
        hint="Take it from the Link header of the page before, or leave it out to begin at the start.",
    )
    try:
        plain = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        if not isinstance(plain, list) or len(plain) != len(types):
            raise refusal
        values = [_READERS[kind](value) for kind, value in zip(types, plain, strict=True)]
    except (ValueError, TypeError, AttributeError, binascii.Error, RecursionError):
        raise refusal from None
    if any(isinstance(value, str) and clean_text(value) != value for value in values):
        raise refusal
    if any(isinstance(value, datetime) and value.tzinfo is None for value in values):
        raise refusal
    return values
