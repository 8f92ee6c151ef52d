"""What can go wrong with the database, and what to do about it."""

from __future__ import annotations

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


def unavailable(error: BaseException) -> DatabaseUnavailableError | None:
    """The :class:`DatabaseUnavailableError` that ``error`` amounts to, or None when it is of another kind.

    SQLSTATE classes 08 (connection exceptions), 53 (insufficient resources) and 57P (operator intervention) count, and
    errors of the connection itself, which carry no SQLSTATE (PostgreSQL documentation, appendix A).
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
    if state is not None and not state.startswith(("08", "53", "57P")):
        return None
    hint = _HINTS_BY_STATE.get(state or "", "Repeat the request in a few seconds; `marlin doctor` says what is wrong.")
    reason = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
    return DatabaseUnavailableError(f"The database is not available: {reason}", hint=hint)
