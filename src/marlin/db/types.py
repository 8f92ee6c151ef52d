"""Column types: UTC times only, and text and JSON that PostgreSQL can always store."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def now() -> datetime:
    """The present time, in UTC."""
    return datetime.now(UTC)


def clean_text(value: str) -> str:
    """``value`` with U+FFFD in place of what PostgreSQL text can't hold: NUL and lone surrogates.

    PostgreSQL refuses both (documentation, sections 8.3 and 8.14). They reach us from binary files that agents print
    and from names that are not UTF-8; the raw bytes are kept elsewhere (snapshots, raw exchanges).
    """
    return _UNSTORABLE.sub("\ufffd", value)


def clean_json(value: Any) -> Any:
    """``value`` with every string cleaned by :func:`clean_text`, and NaN and infinities, which JSON lacks, as strings.

    :raises TypeError: for anything that JSON can't express.
    """
    if isinstance(value, str):
        return clean_text(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {clean_text(_key(key)): clean_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean_json(item) for item in value]
    raise TypeError(f"{type(value).__name__} can't be stored as JSON")


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a JSON object's name must be a string, not {type(key).__name__}")
    return key


class UtcDateTime(TypeDecorator[datetime]):
    """``timestamptz`` that refuses times without a zone and always gives UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """:raises ValueError: if ``value`` has no zone."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a zone is ambiguous: use marlin.db.now()")
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)


class CleanText(TypeDecorator[str]):
    """``text``; what PostgreSQL can't hold becomes U+FFFD (see :func:`clean_text`)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else clean_text(value)


class Json(TypeDecorator[Any]):
    """``jsonb``; what PostgreSQL can't hold is replaced (see :func:`clean_json`). Python's None is SQL's NULL."""

    impl = JSONB(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return clean_json(value)
