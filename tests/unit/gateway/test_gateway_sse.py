"""However a stream is cut into chunks: the same bytes come out, and the same usage."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories.model_server import Counted, Refusal, Text, Thinking, ToolCall
from tests.factories.model_wire import Answer, chat_events, messages_events, responses_events

from marlin.gateway import Api, Run, Upstream, Usage
from marlin.gateway.disguise import Disguise
from marlin.gateway.sse import EventStream
from marlin.gateway.usage import Meter

REAL, NEUTRAL = "sentinel-model-9", "neutral-1"
RUN = Run("r", Upstream("sentinel-upstream", "http://x", "sk-sentinel"), REAL, NEUTRAL)
EVENTS = {Api.ANTHROPIC: messages_events, Api.OPENAI_CHAT: chat_events, Api.OPENAI_RESPONSES: responses_events}

SAID = st.lists(
    st.one_of(
        st.text(max_size=60).map(Text),
        st.text(max_size=60).map(Thinking),
        st.just(Text(f'data: {{"model": "{REAL}", "usage": {{"output_tokens": 9}}}}\n\ndata: [DONE]\n\n')),
        st.text(max_size=20).map(Refusal),
        st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=3).map(lambda a: ToolCall("Bash", a)),
    ),
    max_size=4,
)
COUNTED = Counted(prompt=100, cache_read=20, cache_write=0, output=55, reasoning=5)


def pass_through(api: Api, chunks: list[bytes]) -> tuple[bytes, Usage, bool]:
    meter = Meter(api)
    stream = EventStream(Disguise(RUN, asked=NEUTRAL, model=REAL, call="req_1"), meter)
    out = []
    for chunk in chunks:
        out.append(stream.feed(chunk))
        stream.tap()
    out.append(stream.finish())
    stream.tap()
    return b"".join(out), meter.usage(400), meter.complete


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


@given(
    st.sampled_from(list(Api)),
    SAID,
    st.sampled_from([b"\n", b"\r\n", b"\r"]),
    st.lists(st.integers(min_value=0), max_size=30),
)
def test_chunks_make_no_difference(api: Api, said: list[Any], line_end: bytes, places: list[int]) -> None:
    events = b"".join(EVENTS[api](Answer(1, REAL, said, COUNTED))).replace(b"\n", line_end)
    whole, usage, complete = pass_through(api, [events])
    assert pass_through(api, cut(events, places)) == (whole, usage, complete)
    assert pass_through(api, [events[i : i + 1] for i in range(len(events))]) == (whole, usage, complete)
    assert usage.source == "reported"
    assert complete
    assert (usage.input_tokens, usage.cache_read_tokens, usage.output_tokens) == (80, 20, 55)
    assert usage.reasoning_tokens == (0 if api is Api.ANTHROPIC else 5)
    # What the model said is untouched; the model's name is gone from everywhere else.
    real, neutral = f'"model": "{REAL}"'.encode(), f'"model": "{NEUTRAL}"'.encode()
    assert whole == events.replace(real, neutral).replace(b'"fp_44709d6fcb"', b"null")


@given(st.binary(max_size=200), st.lists(st.integers(min_value=0), max_size=10))
def test_any_bytes_pass(data: bytes, places: list[int]) -> None:
    whole = pass_through(Api.OPENAI_CHAT, [data])
    assert pass_through(Api.OPENAI_CHAT, cut(data, places)) == whole
    if b"{" not in data:
        assert whole[0] == data


def test_json_over_several_data_lines() -> None:
    event = f': note\nevent: x\ndata: {{"model":\ndata:"{REAL}",\ndata: "error": {{"m":\ndata: "{REAL}"}}}}\nid: 7\n\n'
    out, _, _ = pass_through(Api.OPENAI_CHAT, [event.encode()])
    assert REAL.encode() not in out
    lines = out.decode().splitlines()
    data = "\n".join(line[5:].removeprefix(" ") for line in lines if line.startswith("data:"))
    assert json.loads(data) == {"model": NEUTRAL, "error": {"m": NEUTRAL}}
    assert (lines[0], lines[1], lines[-2]) == (": note", "event: x", "id: 7")


@pytest.mark.parametrize("broken", ['{"model": "%s"', '{"model": "%s"} {', '{"model": %s}'])
def test_names_in_broken_json_are_replaced_as_words(broken: str) -> None:
    out, _, _ = pass_through(Api.OPENAI_CHAT, [b"data: " + (broken % REAL).encode() + b"\n\n"])
    assert REAL.encode() not in out
    assert NEUTRAL.encode() in out


def test_a_cut_stream_is_partly_known() -> None:
    events = list(messages_events(Answer(1, REAL, [Text("word " * 400)], COUNTED)))
    _, usage, complete = pass_through(Api.ANTHROPIC, events[: len(events) // 2])
    assert not complete
    assert usage.source == "partial"
    assert (usage.input_tokens, usage.cache_read_tokens) == (80, 20)
    assert 50 < usage.output_tokens < 2000


def test_chat_without_usage_is_estimated() -> None:
    events = list(chat_events(Answer(1, REAL, [Text("word " * 100)], COUNTED, include_usage=False)))
    _, usage, complete = pass_through(Api.OPENAI_CHAT, events)
    assert complete
    assert usage.source == "estimated"
    assert usage.input_tokens == 100
    assert usage.output_tokens > 20
