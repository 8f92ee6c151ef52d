"""Errors as RFC 9457 problem documents."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from marlin.db import DatabaseUnavailableError, clean_json, unavailable
from marlin.errors import MarlinError
from marlin.logging import get

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = 2
"""Seconds after which a client should try again when something is away and nothing better is known."""
_HINTS: dict[int, str] = {
    HTTPStatus.BAD_REQUEST: "Send the body as JSON in UTF-8.",
    HTTPStatus.NOT_FOUND: "Check the address; docs/reference/http-api.md lists all of them.",
    HTTPStatus.METHOD_NOT_ALLOWED: "Check the method; docs/reference/http-api.md lists all operations.",
}
"""What to do about what the framework itself refuses."""
_log = get(__name__)


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    hint: str | None = None,
    request_id: str | None = None,
    details: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """A problem document.

    Beside the members of RFC 9457 it has ``code`` (stable, for programs), ``hint`` (what to do, for people),
    ``request_id`` (which is also in the log), ``errors`` (field and message of each field to correct) and ``details``
    (other facts, for programs).
    """
    document: dict[str, Any] = {
        "type": f"urn:marlin:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if hint:
        document["hint"] = hint
    if request_id:
        document["request_id"] = request_id
    details = dict(details or {})
    if (errors := details.pop("errors", None)) is not None:
        document["errors"] = clean_json(_plain(errors))
    if details:
        document["details"] = clean_json(_plain(details))
    more = {"Retry-After": str(RETRY_AFTER)} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    return JSONResponse(document, status_code=status, media_type=MEDIA_TYPE, headers={**more, **(headers or {})})


def marlin_problem(error: MarlinError, request_id: str | None) -> JSONResponse:
    """The problem document of an error that Marlin raised on purpose."""
    headers = {}
    if (seconds := error.details.get("retry_after")) is not None:
        headers["Retry-After"] = str(max(1, round(float(seconds))))
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="marlin"'
    return problem(
        error.status,
        error.code,
        error.message,
        hint=error.hint,
        request_id=request_id,
        details=error.details,
        headers=headers,
    )


def install(app: FastAPI) -> None:
    """Answer every error of ``app``'s endpoints with a problem document."""

    @app.exception_handler(MarlinError)
    async def marlin_error(request: Request, error: MarlinError) -> JSONResponse:
        if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            _log.warning("request failed", code=error.code, reason=error.message)
        return marlin_problem(error, _request_id(request))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        fields = [{"field": _field(one["loc"]), "message": one["msg"]} for one in error.errors()]
        listed = "; ".join(f"{one['field']}: {one['message']}" for one in fields[:3])
        return problem(
            422,
            "invalid-input",
            f"The request is not as it should be: {listed}.",
            hint="Correct the fields named in errors, then send it again.",
            request_id=_request_id(request),
            details={"errors": fields},
        )

    @app.exception_handler(HTTPException)
    async def plain(request: Request, error: HTTPException) -> JSONResponse:
        code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
        return problem(
            error.status_code,
            code,
            str(error.detail),
            hint=_HINTS.get(error.status_code),
            request_id=_request_id(request),
            headers=dict(error.headers or {}),
        )

    @app.exception_handler(SQLAlchemyError)
    async def database(request: Request, error: SQLAlchemyError) -> JSONResponse:
        away = unavailable(error)
        if away is None:
            raise error
        return await marlin_error(request, away)


def unexpected(error: Exception, request_id: str) -> JSONResponse:
    """The problem document of a defect. Nothing about it but the id under which it is in the log."""
    away = unavailable(error)
    if isinstance(away, DatabaseUnavailableError):
        return marlin_problem(away, request_id)
    _log.error("a request met a defect", exc_info=error)
    return problem(
        500,
        "defect",
        "Marlin met a defect of its own; what you sent was not stored.",
        hint=f"Try again; if it stays, tell the operator this number: {request_id}.",
        request_id=request_id,
    )


def _request_id(request: Request) -> str | None:
    found: str | None = request.scope.get("marlin.request_id")
    return found


def _field(location: tuple[int | str, ...]) -> str:
    """A field's path as a client knows it: in the body without saying so, else with query, path or header before it."""
    parts = location[1:] if location[:1] == ("body",) else location
    return ".".join(str(part) for part in parts) or "body"


def _plain(value: Any) -> Any:
    """Details may hold ids, times and sets; a problem document gives them as text and lists."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return str(value)
