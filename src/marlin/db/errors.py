"""What can go wrong with the database, and what to do about it."""

from __future__ import annotations

import re
from typing import ClassVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from marlin.errors import ConflictError, InvalidInputError, UnavailableError


class DatabaseUrlError(InvalidInputError):
    """``DATABASE_URL`` is not a PostgreSQL address."""

    code: ClassVar[str] = "database-url"


class DatabaseUnavailableError(UnavailableError):
    """The database can't be reached, is starting, full, or out of connections. Nothing of the request was kept."""

    code: ClassVar[str] = "database-unavailable"


class SchemaOutdatedError(UnavailableError):
    """The database's tables are not those of this version of Marlin."""

    code: ClassVar[str] = "schema-outdated"


class EmbeddedPostgresError(UnavailableError):
    """The embedded PostgreSQL could not be prepared, started or stopped."""

    code: ClassVar[str] = "embedded-postgres"


class LostExecutorError(UnavailableError):
    """This worker was declared dead while it was frozen or cut off; its jobs run elsewhere."""

    code: ClassVar[str] = "lost-executor"


class JobConflictError(ConflictError):
    """The id of a job is taken by a job of another kind."""

    code: ClassVar[str] = "job-conflict"


class UnknownWorkflowError(InvalidInputError):
    """A job names a workflow that no imported module has registered."""

    code: ClassVar[str] = "unknown-workflow"


_HINTS_BY_STATE = {
    "53100": "The database's disk is full: free some space, then repeat the request.",
    "53200": "The database is out of memory: give the machine more, or lower the number of workers.",
    "53300": "The database has no free connection: raise max_connections, or run fewer web and worker processes.",
    "57P01": "The database is restarting: repeat the request in a few seconds.",
    "57P02": "The database is recovering from a crash: repeat the request in a few seconds.",
    "57P03": "The database is starting: repeat the request in a few seconds.",
}


_HINTS_BY_REASON = (
    (
        re.compile(r'database "(?P<name>[^"]+)" does not exist'),
        "Create it (`createdb {name}`, with -h, -p and -U as in DATABASE_URL), or correct its name in DATABASE_URL.",
    ),
    (
        re.compile(r'role "(?P<name>[^"]+)" does not exist|password authentication failed for user "(?P<user>[^"]+)"'),
        "Correct the user and the password in DATABASE_URL, or make the user with `createuser`.",
    ),
    (
        re.compile("timeout expired|timed out"),
        "Something took the connection and does not answer: see that PostgreSQL runs at DATABASE_URL's host and port.",
    ),
)
"""What a refused connection says, without an SQLSTATE. In other languages than English the usual hint is given."""


_AWAY = ("08", "28", "3D000", "53", "57P")


def _hint(state: str | None, reason: str) -> str:
    if state in _HINTS_BY_STATE:
        return _HINTS_BY_STATE[state]
    for pattern, hint in _HINTS_BY_REASON:
        if (found := pattern.search(reason)) is not None:
            return hint.format(**found.groupdict())
    return "Repeat the request in a few seconds; `marlin doctor` says what is wrong."


def unavailable(error: BaseException) -> DatabaseUnavailableError | None:
    """The :class:`DatabaseUnavailableError` that ``error`` amounts to, or None when it is of another kind.

    SQLSTATE classes 08 (connection exceptions), 28 and 3D000 (no such user or database), 53 (insufficient resources)
    and 57P (operator intervention) count, and errors of the connection itself, which carry no SQLSTATE (PostgreSQL
    documentation, appendix A).
    """
    if isinstance(error, PoolTimeoutError):
        return DatabaseUnavailableError(
            "Every database connection of this process is in use.", hint=_HINTS_BY_STATE["53300"]
        )
    if not isinstance(error, DBAPIError):
        return None
    state: str | None = getattr(error.orig, "sqlstate", None)
    if state is None and not error.connection_invalidated and type(error).__name__ != "OperationalError":
        return None
    if state is not None and not state.startswith(_AWAY):
        return None
    reason = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
    return DatabaseUnavailableError(f"The database is not available: {reason}", hint=_hint(state, str(error.orig)))
