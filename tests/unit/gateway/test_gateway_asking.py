"""Which requests pass, with which model, and what is refused how."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

import pytest
import zstandard

from marlin.gateway import Auxiliary, Run, Target, Upstream
from marlin.gateway.apis import ENDPOINTS, Api, Refusal, error_body
from marlin.gateway.asking import MAX_REQUEST_BYTES, Asked, ask, decompress, parse

MESSAGES, CHAT = ENDPOINTS["/v1/messages"], ENDPOINTS["/v1/chat/completions"]


def run(**more: Any) -> Run:
    return Run("r", Upstream("u", "https://models.example.org", "sk-0123456789"), "real-1", "neutral-1", **more)


def asked(body: dict[str, Any], run: Run) -> Asked:
    return ask(run, MESSAGES, parse(json.dumps(body).encode()))


def test_the_neutral_model_becomes_the_real_one() -> None:
    result = asked({"model": "neutral-1", "stream": True}, run())
    assert json.loads(result.body) == {"model": "real-1", "stream": True}
    assert (result.auxiliary, result.streamed, result.requested_model) == (None, True, "neutral-1")


def test_auxiliary_models() -> None:
    same = asked({"model": "small"}, run())
    assert (same.target.model, same.auxiliary, same.requested_model) == ("real-1", "same", "small")
    by_map = Auxiliary("map", {"small": Target("real-small")})
    mapped = asked({"model": "small"}, run(auxiliary=by_map))
    assert (mapped.target.model, mapped.auxiliary) == ("real-small", "mapped")
    for auxiliary, model in ((by_map, "other"), (Auxiliary("deny"), "small")):
        with pytest.raises(Refusal) as caught:
            asked({"model": model}, run(auxiliary=auxiliary))
        assert caught.value.status == 404
        assert "real" not in caught.value.message
    assert asked({"model": "neutral-1"}, run(auxiliary=Auxiliary("deny"))).auxiliary is None


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"model":1}', b"{}", b'{"model":"a b"}', b'{"model":"a\\n"}', b'{"model":"\xff"}', b"\xff"],
)
def test_broken_requests_are_refused(body: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        parse(body)
    assert caught.value.status == 400


@pytest.mark.parametrize(
    "reach",
    [
        '"models":["gpt-x"]',
        '"fallbacks":["x"]',
        '"provider":{"order":["x"]}',
        '"mcp_servers":[{"url":"https://x"}]',
        '"web_search_options":{"a":1}',
        '"tools":[{"type":"function","name":"a"},{"type":"web_search_20250305","name":"web_search"}]',
        '"tools":[{"type":"web_search_preview"}]',
        '"tools":[{"type":"code_execution_20250522"}],"tools":[]',
        '"tools":[{"type":"mcp","server_url":"https://x"}]',
    ],
)
def test_requests_that_reach_past_the_run_are_refused(reach: str) -> None:
    parsed = parse(('{"model":"neutral-1",' + reach + "}").encode())
    with pytest.raises(Refusal) as caught:
        ask(run(), MESSAGES, parsed)
    assert caught.value.status == 400


def test_hosted_tools_can_be_allowed_and_local_ones_always_pass() -> None:
    hosted = {"model": "neutral-1", "tools": [{"type": "web_search_20250305", "name": "web_search"}]}
    assert asked(hosted, run(hosted_tools=True)).target.model == "real-1"
    kinds = ("function", "custom", "local_shell", "bash_20250124", "text_editor_20250728", "memory_20250818")
    local = {"model": "neutral-1", "tools": [{"type": kind, "name": "x"} for kind in kinds] + [{"name": "web_search"}]}
    assert asked(local, run()).target.model == "real-1"


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("", b"{}"),
        ("identity", b"{}"),
        ("gzip", gzip.compress(b"{}", mtime=0)),
        ("deflate", zlib.compress(b"{}")),
        ("zstd", zstandard.compress(b"{}")),
    ],
)
def test_compressed_requests_are_read(encoding: str, data: bytes) -> None:
    assert decompress(data, encoding) == b"{}"


@pytest.mark.parametrize(
    ("encoding", "data", "status"),
    [
        ("br", b"x", 415),
        ("gzip", b"x", 400),
        ("zstd", b"x", 400),
        ("deflate", b"x", 400),
        ("gzip", gzip.compress(b"0" * (MAX_REQUEST_BYTES + 1)), 413),
        ("zstd", zstandard.compress(b"0" * (MAX_REQUEST_BYTES + 1)), 413),
        ("", b"0" * (MAX_REQUEST_BYTES + 1), 413),
    ],
)
def test_bombs_and_broken_compression_are_refused(encoding: str, data: bytes, status: int) -> None:
    with pytest.raises(Refusal) as caught:
        decompress(data, encoding)
    assert caught.value.status == status


def test_errors_are_in_the_apis_own_shape() -> None:
    refusal = Refusal(402, "billing_error", "insufficient_quota", "used up")
    anthropic = json.loads(error_body(Api.ANTHROPIC, refusal, call="req_1"))
    assert anthropic == {
        "type": "error",
        "error": {"type": "billing_error", "message": "used up"},
        "request_id": "req_1",
    }
    openai = json.loads(error_body(Api.OPENAI_CHAT, refusal, call="req_1"))["error"]
    assert (openai["code"], openai["type"], openai["message"]) == (
        "insufficient_quota",
        "invalid_request_error",
        "used up",
    )
