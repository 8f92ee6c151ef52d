"""Which headers pass. Both ways by allow-list: what is unknown could name the upstream, or steer it."""

from __future__ import annotations

from collections.abc import Iterable

from .apis import Api
from .runs import Upstream

_TO_UPSTREAM = frozenset(
    (
        "accept",
        "content-type",
        "user-agent",
        "idempotency-key",
        "x-app",
        "x-client-request-id",
        "originator",
        "session_id",
        "session-id",
        "thread-id",
        "conversation_id",
        "version",
    )
)
_TO_UPSTREAM_PREFIXES = ("anthropic-", "openai-", "x-stainless-", "x-codex-", "x-claude-", "x-qwen-")
_NEVER_TO_UPSTREAM = frozenset(("openai-organization", "openai-project", "anthropic-organization-id"))
"""The key's owner decides on whose account a call goes."""

_TO_SANDBOX = frozenset(("content-type", "cache-control", "retry-after", "retry-after-ms", "x-should-retry"))

Headers = list[tuple[str, str]]


def for_upstream(headers: Headers, upstream: Upstream, api: Api) -> Headers:
    """The agent's vendor headers, the operator's own over them, and the key."""
    passed = [
        (name, value)
        for name, value in headers
        if name not in _NEVER_TO_UPSTREAM
        and (name in _TO_UPSTREAM or name.startswith(_TO_UPSTREAM_PREFIXES))
        and not any(name == own.lower() for own in upstream.headers)
    ]
    # The answer's bytes are read as they pass, so they must not be compressed.
    passed += [("accept-encoding", "identity"), *upstream.headers.items()]
    auth = upstream.auth
    if auth == "auto":
        auth = "x-api-key" if api is Api.ANTHROPIC else "bearer"
    if auth != "none" and upstream.api_key:
        bearer = auth == "bearer"
        passed.append(("authorization", f"Bearer {upstream.api_key}") if bearer else ("x-api-key", upstream.api_key))
    return passed


def for_sandbox(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """What an agent needs to read the answer, and nothing else."""
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers if name.lower() in _TO_SANDBOX]


def presented_tokens(headers: Headers) -> list[str]:
    """What a sandbox presents as its token, as ``x-api-key`` or ``Authorization: Bearer``; some agents send both."""
    keys = [value for name, value in headers if name == "x-api-key" and value]
    return keys + [
        value[7:].strip() for name, value in headers if name == "authorization" and value[:7].lower() == "bearer "
    ]
