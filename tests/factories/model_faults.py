"""How the upstreams word their errors, indiscreetly."""

from __future__ import annotations

from typing import Any


def anthropic_error(kind: str, model: str, key: str) -> tuple[int, dict[str, Any]]:
    """Status and body as Anthropic words a fault; it quotes the key."""
    status, name, message = {
        "unauthorized": (401, "authentication_error", f"invalid x-api-key {key}"),
        "rate_limited": (429, "rate_limit_error", f"This request would exceed the rate limit of {model}."),
        "server_error": (500, "api_error", "Internal server error"),
        "overloaded": (529, "overloaded_error", "Overloaded"),
        "context_length": (400, "invalid_request_error", "prompt is too long: 250000 tokens > 200000 maximum"),
        "model_not_found": (404, "not_found_error", f"model: {model}"),
    }[kind]
    return status, {"type": "error", "error": {"type": name, "message": message}, "request_id": "req_sentinel_request"}


def openai_error(kind: str, model: str, key: str) -> tuple[int, dict[str, Any]]:
    """Status and body as OpenAI words a fault; it quotes the key in part."""
    masked = f"{key[:7]}{'*' * 8}{key[-4:]}"
    long = "This model's maximum context length is 128000 tokens. However, your messages resulted in 250000 tokens."
    status, name, code, message = {
        "unauthorized": (401, "invalid_request_error", "invalid_api_key", f"Incorrect API key provided: {masked}."),
        "rate_limited": (429, "requests", "rate_limit_exceeded", f"Rate limit reached for {model} in organization."),
        "server_error": (500, "server_error", None, "The server had an error while processing your request."),
        "overloaded": (503, "server_error", None, "The engine is currently overloaded, please try again later."),
        "context_length": (400, "invalid_request_error", "context_length_exceeded", long),
        "model_not_found": (404, "invalid_request_error", "model_not_found", f"The model `{model}` does not exist."),
    }[kind]
    return status, {"error": {"message": message, "type": name, "param": None, "code": code}}
