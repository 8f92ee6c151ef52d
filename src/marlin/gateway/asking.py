"""Examining a request before it goes anywhere: which model it asks for, what it would get, and what is refused."""

from __future__ import annotations

import gzip
import io
import json
import re
import zlib
from dataclasses import dataclass
from typing import Any, Literal

import zstandard

from .apis import Api, Endpoint, Refusal
from .json_members import MalformedJsonError, Member, splice, whole_object
from .runs import Run, RunState, Target

MAX_REQUEST_BYTES = 32 * 1024 * 1024
"""As large as Anthropic takes; compressed or not."""

_MODEL_ID = re.compile(r"[\x21-\x7e]{1,256}")

_ROUTING = ("models", "fallbacks", "route", "provider", "plugins", "transforms")
"""Fields by which routers such as OpenRouter are told to use another model or to edit the history."""

_HOSTED_TOOLS = (
    "web_search",
    "web_fetch",
    "code_execution",
    "code_interpreter",
    "file_search",
    "image_generation",
    "mcp",
)
"""Tools that run at the vendor's, by the beginning of their ``type``."""

_HOSTED_FIELDS = ("mcp_servers", "web_search_options")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that will be passed on."""

    requested_model: str
    target: Target
    auxiliary: Literal["same", "mapped"] | None
    streamed: bool
    body: bytes
    """With the real model's id in it, else as it came."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A request body that is a JSON object with a model."""

    text: str
    found: list[Member]
    fields: dict[str, Any]
    model: str


def decompress(body: bytes, encoding: str) -> bytes:
    """The body without its content encoding. What is spliced must be read first.

    :raises Refusal: the encoding is unknown, or the body too large or broken.
    """
    try:
        match encoding:
            case "" | "identity":
                plain = body
            case "gzip":
                plain = gzip.GzipFile(fileobj=io.BytesIO(body)).read(MAX_REQUEST_BYTES + 1)
            case "deflate":
                stream = zlib.decompressobj()
                plain = stream.decompress(body, MAX_REQUEST_BYTES + 1)
                if not stream.eof and len(plain) <= MAX_REQUEST_BYTES:
                    raise EOFError
            case "zstd":
                plain = zstandard.ZstdDecompressor().stream_reader(body).read(MAX_REQUEST_BYTES + 1)
            case _:
                raise Refusal(415, "invalid_request_error", "unsupported_encoding", f"unknown encoding {encoding!r}")
    except (OSError, EOFError, zlib.error, zstandard.ZstdError):
        raise Refusal(400, "invalid_request_error", "invalid_encoding", f"the body is not {encoding}") from None
    if len(plain) > MAX_REQUEST_BYTES:
        raise too_large()
    return plain


def too_large() -> Refusal:
    """The request exceeds :data:`MAX_REQUEST_BYTES`."""
    limit = f"the request exceeds {MAX_REQUEST_BYTES // 1024**2} MiB"
    return Refusal(413, "request_too_large", "request_too_large", limit)


def parse(body: bytes) -> Parsed:
    """Read the request's own fields; the values of everything else are not looked at.

    :raises Refusal: it is no JSON object in UTF-8, or names no model.
    """
    try:
        text = body.decode()
        found = whole_object(text)
    except (UnicodeDecodeError, MalformedJsonError) as error:
        message = f"the body is not a JSON object: {error}"
        raise Refusal(400, "invalid_request_error", "invalid_json", message) from None
    fields = {member.key: member.value for member in found}
    model = fields.get("model")
    if not isinstance(model, str) or not _MODEL_ID.fullmatch(model):
        raise Refusal(400, "invalid_request_error", "missing_model", "model: a model id is required")
    return Parsed(text, found, fields, model)


def check_state(run: Run, api: Api) -> None:
    """Refuse calls of a run that may not call.

    The statuses make agents stop instead of trying again: every client library repeats 408, 409, 429 and 5xx, none
    repeats 402 or 403 (docs/explanation/gateway.md).

    :raises Refusal: the run is at its end, or does not speak this API.
    """
    if run.state is RunState.BUDGET_EXHAUSTED:
        raise out_of_budget()
    if run.state is not RunState.ACTIVE:
        raise Refusal(403, "permission_error", "run_ended", "This session has ended; no more model calls are possible.")
    if api not in run.upstream.apis:
        raise Refusal(404, "not_found_error", "unknown_api", f"This model is not served by the {api.value} API.")


def out_of_budget() -> Refusal:
    """The run's budget is used up."""
    message = "The budget of this session is used up; no more model calls are possible. Stop here."
    return Refusal(402, "billing_error", "insufficient_quota", message)


def ask(run: Run, endpoint: Endpoint, parsed: Parsed) -> Asked:
    """Decide which model answers, and put its id into the request.

    :raises Refusal: the model is not to be had in this run, or the request reaches past it.
    """
    target, auxiliary = _target(run, parsed.model, endpoint.api)
    _check_reach(run, parsed.found)
    value = json.dumps(target.model, ensure_ascii=False)
    edits = [(member.start, member.end, value) for member in parsed.found if member.key == "model"]
    return Asked(
        requested_model=parsed.model,
        target=target,
        auxiliary=auxiliary,
        streamed=parsed.fields.get("stream") is True,
        body=splice(parsed.text, edits).encode(),
    )


def _target(run: Run, model: str, api: Api) -> tuple[Target, Literal["same", "mapped"] | None]:
    own = Target(run.model, run.pricing)
    if model == run.requested_model:
        return own, None
    if run.auxiliary.policy == "same":
        return own, "same"
    if run.auxiliary.policy == "map" and model in run.auxiliary.models:
        return run.auxiliary.models[model], "mapped"
    if api is Api.ANTHROPIC:
        raise Refusal(404, "not_found_error", "model_not_found", f"model: {model}")
    message = f"The model `{model}` does not exist or you do not have access to it."
    raise Refusal(404, "not_found_error", "model_not_found", message)


def _check_reach(run: Run, found: list[Member]) -> None:
    """Every member counts, also one that a later duplicate hides from this parser, but not from another's."""
    for member in found:
        if member.key in _ROUTING and member.value:
            message = f"{member.key}: a session is bound to one model; this field is not allowed."
            raise Refusal(400, "invalid_request_error", "routing_not_allowed", message)
        if not run.hosted_tools and (hosted := _hosted(member)):
            message = f"{hosted}: tools that run outside the sandbox are not available. Turn this tool off."
            raise Refusal(400, "invalid_request_error", "hosted_tool_not_allowed", message)


def _hosted(member: Member) -> str | None:
    if member.key in _HOSTED_FIELDS and member.value:
        return member.key
    tools = member.value if member.key == "tools" and isinstance(member.value, list) else ()
    for tool in tools:
        kind = tool.get("type") if isinstance(tool, dict) else None
        if isinstance(kind, str) and kind.startswith(_HOSTED_TOOLS):
            return kind
    return None
