"""Structured logs: one JSON object a line for machines, coloured key=value for a terminal. Keys never reach a log."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET_NAME = re.compile(r"(authorization|api[_-]?key|token|password|secret|cookie)", re.IGNORECASE)
_SECRET_VALUE = re.compile(r"\b(?:sk|mrl|key|ghp|glpat)[-_][A-Za-z0-9_\-]{12,}")


def _redact(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in event.items():
        if _SECRET_NAME.search(name) and value:
            event[name] = "[redacted]"
        elif isinstance(value, str):
            event[name] = _SECRET_VALUE.sub("[redacted]", value)
    return event


def configure(*, level: str = "INFO", as_json: bool | None = None) -> None:
    """Set up logging for a process.

    :param level: least level that is written (``DEBUG`` … ``ERROR``).
    :param as_json: JSON lines (True), console (False), or decided by whether stderr is a terminal (None).
    """
    as_json = (not sys.stderr.isatty()) if as_json is None else as_json
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("httpx", "httpcore", "uvicorn.access", "alembic"):
        logging.getLogger(noisy).setLevel("WARNING")


def get(name: str) -> structlog.stdlib.BoundLogger:
    """A logger for ``name`` (a module's ``__name__``)."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger
