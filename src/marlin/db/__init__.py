"""The database: connection, embedded PostgreSQL, migrations, jobs, events."""

from marlin.db import events, jobs
from marlin.db.embedded import EmbeddedPostgres
from marlin.db.engine import Base, Database, current_database, opened, transaction, use_database
from marlin.db.errors import (
    DatabaseUnavailableError,
    DatabaseUrlError,
    EmbeddedPostgresError,
    JobConflictError,
    LostExecutorError,
    SchemaOutdatedError,
    UnknownWorkflowError,
    unavailable,
)
from marlin.db.ids import new_id, timeless_id
from marlin.db.models import Worker
from marlin.db.types import CleanText, Json, UtcDateTime, clean_json, clean_text, now

__all__ = [
    "Base",
    "CleanText",
    "Database",
    "DatabaseUnavailableError",
    "DatabaseUrlError",
    "EmbeddedPostgres",
    "EmbeddedPostgresError",
    "JobConflictError",
    "Json",
    "LostExecutorError",
    "SchemaOutdatedError",
    "UnknownWorkflowError",
    "UtcDateTime",
    "Worker",
    "clean_json",
    "clean_text",
    "current_database",
    "events",
    "jobs",
    "new_id",
    "now",
    "opened",
    "timeless_id",
    "transaction",
    "unavailable",
    "use_database",
]
