"""The APIs that agents speak to the gateway: their paths, and their own shapes for errors and for lists of models."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple


class Api(StrEnum):
    """A vendor-neutral name for the protocol on the wire."""

    ANTHROPIC = "anthropic"
    """Anthropic Messages."""
    OPENAI_CHAT = "openai-chat"
    """OpenAI Chat Completions."""
    OPENAI_RESPONSES = "openai-responses"
    """OpenAI Responses."""


class Endpoint(NamedTuple):
    """A path that is passed on to the upstream."""

    path: str
    api: Api
    generates: bool
    """Whether a call there is a generation, which is metered and counts against the budget."""


ENDPOINTS: Mapping[str, Endpoint] = {
    endpoint.path: endpoint
    for endpoint in (
        Endpoint("/v1/messages", Api.ANTHROPIC, True),
        Endpoint("/v1/messages/count_tokens", Api.ANTHROPIC, False),
        Endpoint("/v1/chat/completions", Api.OPENAI_CHAT, True),
        Endpoint("/v1/responses", Api.OPENAI_RESPONSES, True),
    )
}
"""The allow-list: any other path is 404, except ``/v1/models``, which the gateway answers itself."""

MODELS_PATH = "/v1/models"


class Refusal(Exception):
    """The gateway answers a call itself, with an error. Raised while a request is examined; never leaves the package.

    :ivar status: HTTP status.
    :ivar kind: Anthropic's error type.
    :ivar code: OpenAI's error code.
    """

    def __init__(self, status: int, kind: str, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.code = code
        self.message = message


def error_body(api: Api, refusal: Refusal, *, call: str) -> bytes:
    """An error as this API words it.

    Anthropic: docs.anthropic.com "Errors"; OpenAI: platform.openai.com "Error codes".
    """
    body: dict[str, Any]
    if api is Api.ANTHROPIC:
        error = {"type": refusal.kind, "message": refusal.message}
        body = {"type": "error", "error": error, "request_id": call}
    else:
        family = "server_error" if refusal.status >= 500 else "invalid_request_error"
        body = {"error": {"message": refusal.message, "type": family, "param": None, "code": refusal.code}}
    return json.dumps(body).encode()


def models_body(model: str, *, anthropic: bool) -> bytes:
    """The list of models: the neutral one alone."""
    if anthropic:
        entry = {"type": "model", "id": model, "display_name": model, "created_at": "2025-01-01T00:00:00Z"}
        return json.dumps({"data": [entry], "has_more": False, "first_id": model, "last_id": model}).encode()
    return json.dumps({"object": "list", "data": [_openai_model(model)]}).encode()


def model_body(model: str, *, anthropic: bool) -> bytes:
    """One model of the list."""
    if anthropic:
        entry = {"type": "model", "id": model, "display_name": model, "created_at": "2025-01-01T00:00:00Z"}
        return json.dumps(entry).encode()
    return json.dumps(_openai_model(model)).encode()


def _openai_model(model: str) -> dict[str, Any]:
    return {"id": model, "object": "model", "created": 1_735_689_600, "owned_by": "system"}


def guess_api(path: str, headers: Mapping[str, str]) -> Api:
    """Which API's shape to answer in, for any path."""
    endpoint = ENDPOINTS.get(path)
    if endpoint:
        return endpoint.api
    if "anthropic-version" in headers or "x-api-key" in headers or path.startswith("/v1/messages"):
        return Api.ANTHROPIC
    return Api.OPENAI_CHAT
