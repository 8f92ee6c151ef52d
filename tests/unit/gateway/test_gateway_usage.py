"""Usage in one meaning, from each API's own figures (shapes as in the vendors' references)."""

from __future__ import annotations

from typing import Any

import pytest

from marlin.gateway import Api, Usage
from marlin.gateway.usage import Meter

WHOLE: list[tuple[Api, dict[str, Any], Usage]] = [
    (
        Api.ANTHROPIC,
        {
            "input_tokens": 10,
            "cache_creation_input_tokens": 30,
            "cache_read_input_tokens": 50,
            "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20},
            "output_tokens": 7,
            "service_tier": "standard",
        },
        Usage(10, 7, cache_read_tokens=50, cache_write_tokens=30, cache_write_long_tokens=20),
    ),
    (
        Api.OPENAI_CHAT,
        {
            "prompt_tokens": 100,
            "completion_tokens": 9,
            "total_tokens": 109,
            "prompt_tokens_details": {"cached_tokens": 60, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 4, "accepted_prediction_tokens": 0},
        },
        Usage(40, 9, cache_read_tokens=60, reasoning_tokens=4),
    ),
    (
        Api.OPENAI_RESPONSES,
        {
            "input_tokens": 100,
            "input_tokens_details": {"cached_tokens": 60},
            "output_tokens": 9,
            "output_tokens_details": {"reasoning_tokens": 4},
            "total_tokens": 109,
        },
        Usage(40, 9, cache_read_tokens=60, reasoning_tokens=4),
    ),
]


@pytest.mark.parametrize(("api", "reported", "expected"), WHOLE)
def test_whole_answers(api: Api, reported: dict[str, Any], expected: Usage) -> None:
    meter = Meter(api)
    meter.whole({"usage": reported})
    assert meter.usage(1) == expected


@pytest.mark.parametrize("api", list(Api))
@pytest.mark.parametrize(
    "odd", [None, {}, [], "x", {"input_tokens": "9", "prompt_tokens": None, "output_tokens": True}]
)
def test_odd_usage_is_not_believed(api: Api, odd: Any) -> None:
    meter = Meter(api)
    meter.whole({"usage": odd})
    assert meter.usage(40) == Usage(input_tokens=10, source="estimated")


def test_anthropic_totals_replace_each_other() -> None:
    meter = Meter(Api.ANTHROPIC)
    meter.event({"type": "message_start", "message": {"usage": {"input_tokens": 5, "output_tokens": 1}}}, 100)
    assert meter.usage(1).source == "partial"
    meter.event({"type": "message_delta", "delta": {}, "usage": {"output_tokens": 12}}, 100)
    meter.event({"type": "message_delta", "delta": {}, "usage": {"output_tokens": 20}}, 100)
    assert meter.usage(1) == Usage(5, 20)


def test_running_totals_of_a_broken_chat_stream_are_partial() -> None:
    meter = Meter(Api.OPENAI_CHAT)
    chunk: dict[str, Any] = {"choices": [{"delta": {"content": "a"}, "finish_reason": None}]}
    meter.event(chunk | {"usage": {"prompt_tokens": 8, "completion_tokens": 3}}, 150)
    assert (meter.usage(1).source, meter.usage(1).input_tokens) == ("partial", 8)
    chunk["choices"][0]["finish_reason"] = "stop"
    meter.event(chunk | {"usage": {"prompt_tokens": 8, "completion_tokens": 4}}, 150)
    assert meter.usage(1) == Usage(8, 4)
