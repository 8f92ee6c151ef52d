"""What errors and headers show of the upstream: nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from marlin.gateway import Api, Run, Upstream
from marlin.gateway.disguise import Disguise, redact, redact_headers
from marlin.gateway.headers import for_sandbox, for_upstream, presented_tokens

KEY = "sk-proj-0123456789abcdefghij"
UPSTREAM = Upstream("warehouse", "https://api.vendor.example/v1", KEY, headers={"X-Org": "own", "User-Agent": "own"})


def disguise(model: str = "vendor/big-model-2", **more: Any) -> Disguise:
    run = Run("r", UPSTREAM, model, "neutral-1", **more)
    return Disguise(run, asked="neutral-1", model=model, call="req_own")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("model: vendor/big-model-2", "model: neutral-1"),
        ("The model `big-model-2-20261101` is gone.", "The model `neutral-1` is gone."),
        ("BIG-MODEL-2: no.", "neutral-1: no."),
        ("call api.vendor.example at warehouse", "call neutral-1 at neutral-1"),
        (f"wrong key {KEY}!", "wrong key [redacted]!"),
        ("Incorrect API key provided: sk-proj-****************ghij.", "Incorrect API key provided: [redacted]."),
        ("prompt is too long: 9 > 8", "prompt is too long: 9 > 8"),
        ("Acme says no", "neutral-1 says no"),
    ],
)
def test_errors_name_neither_model_nor_key(said: str, shown: str) -> None:
    body = json.dumps({"type": "error", "error": {"type": "x", "message": said}}).encode()
    result = disguise(hidden=("Acme",)).error_body(body)
    assert result is not None
    assert json.loads(result)["error"]["message"] == shown


def test_errors_that_show_nothing_pass_byte_for_byte() -> None:
    body = b'{ "error" : {"message":"caf\xc3\xa9 \\u00e9", "code":null}}\n'
    assert disguise().error_body(body) == body
    assert disguise().error_body(b"<html>no</html>") is None
    assert disguise().error_body(b"[1]") is None


def test_router_metadata_and_request_ids_are_hidden() -> None:
    body = {"error": {"message": "no", "metadata": {"provider_name": "Acme", "raw": "big-model-2"}}, "request_id": "r1"}
    shown = json.loads(disguise().error_body(json.dumps(body).encode()) or b"")
    assert shown == {
        "error": {"message": "no", "metadata": {"provider_name": None, "raw": "neutral-1"}},
        "request_id": "req_own",
    }


def test_a_very_short_model_name_is_a_word_of_its_own() -> None:
    body = json.dumps({"error": {"message": "model o1 or so, not foo1 or o12"}}).encode()
    shown = json.loads(disguise("o1").error_body(body) or b"")
    assert shown["error"]["message"] == "model neutral-1 or so, not foo1 or o12"


def test_the_snapshots_name_is_learnt_from_answers() -> None:
    one = disguise()
    one.event('{"model": "nightly-build-77"}')
    text, _ = one.event('{"error": {"message": "nightly-build-77 failed"}}')
    assert json.loads(text)["error"]["message"] == "neutral-1 failed"


def test_what_the_model_said_is_not_edited() -> None:
    said = '{"type":"content_block_start","content_block":{"model":"vendor/big-model-2","text":"I am big-model-2"}}'
    assert disguise().event(said)[0] == said
    said = '{"model":"m","choices":[{"delta":{"model":"big-model-2","content":"error: big-model-2"}}]}'
    assert disguise().event(said)[0] == said.replace('"m"', '"neutral-1"')


def test_headers_to_the_upstream() -> None:
    given = [("user-agent", "agent/1"), ("anthropic-beta", "x"), ("authorization", "Bearer t"), ("x-api-key", "t")]
    given += [("openai-project", "p"), ("host", "h"), ("x-forwarded-for", "f"), ("x-portkey-config", "c")]
    sent = for_upstream(given, UPSTREAM, Api.OPENAI_CHAT)
    assert sent == [
        ("anthropic-beta", "x"),
        ("accept-encoding", "identity"),
        ("X-Org", "own"),
        ("User-Agent", "own"),
        ("authorization", f"Bearer {KEY}"),
    ]
    assert for_upstream([], UPSTREAM, Api.ANTHROPIC)[-1] == ("x-api-key", KEY)
    keyless = Upstream("u", "http://localhost:1", auth="none")
    assert for_upstream([], keyless, Api.ANTHROPIC) == [("accept-encoding", "identity")]


def test_headers_to_the_sandbox() -> None:
    given = [
        ("Content-Type", "a"),
        ("retry-after", "3"),
        ("request-id", "r"),
        ("x-ratelimit-limit", "1"),
        ("cf-ray", "c"),
    ]
    assert for_sandbox(given) == [(b"content-type", b"a"), (b"retry-after", b"3")]


def test_tokens_as_key_or_bearer() -> None:
    assert presented_tokens([("authorization", "bearer  one "), ("x-api-key", "two")]) == ["two", "one"]
    assert presented_tokens([("authorization", "Basic x"), ("x-api-key", "")]) == []


def test_records_hold_no_secret() -> None:
    assert redact(f'{{"a":"{KEY}"}}'.encode(), (KEY, None)) == b'{"a":"[redacted]"}'
    assert redact_headers([("x-api-key", "k"), ("accept", "a")]) == [("x-api-key", "[redacted]"), ("accept", "a")]
