"""Splicing changes the value it is meant to change, and no other byte."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marlin.gateway.json_members import MalformedJsonError, members, splice, whole_object

SPACE = st.text(alphabet=" \t\r\n", max_size=3)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)


@st.composite
def written(draw: st.DrawFn, value: Any) -> str:
    """``value`` as somebody might have written it: odd white space, any escapes."""
    if isinstance(value, str):
        return draw(written_string(value))
    if isinstance(value, list):
        return "[" + ",".join(draw(padded(draw(written(item)))) for item in value) + draw(SPACE) + "]"
    if isinstance(value, dict):
        return draw(written_object(list(value.items())))
    return json.dumps(value)


@st.composite
def written_string(draw: st.DrawFn, value: str) -> str:
    plain = json.dumps(value, ensure_ascii=draw(st.booleans()))
    if draw(st.booleans()):
        return plain
    return '"' + "".join(json.dumps(c)[1:-1] if ord(c) > 0xFFFF else f"\\u{ord(c):04x}" for c in value) + '"'


@st.composite
def padded(draw: st.DrawFn, text: str) -> str:
    return draw(SPACE) + text + draw(SPACE)


@st.composite
def written_object(draw: st.DrawFn, pairs: list[tuple[str, Any]]) -> str:
    parts = [draw(padded(draw(written_string(k)))) + ":" + draw(padded(draw(written(v)))) for k, v in pairs]
    return "{" + (",".join(parts) or draw(SPACE)) + "}"


@st.composite
def objects_with_models(draw: st.DrawFn) -> tuple[str, list[tuple[str, Any]]]:
    """An object with any members, ``model`` among them any number of times; also within other values."""
    keys = st.text(max_size=6) | st.sampled_from(["model", "message", "models", "Model", "stream"])
    pairs = draw(st.lists(st.tuples(keys, VALUES | st.just({"model": "inner"}) | st.just('"model":"x"')), max_size=6))
    for _ in range(draw(st.integers(0, 3))):
        pairs.insert(draw(st.integers(0, len(pairs))), ("model", draw(st.text())))
    return draw(padded(draw(written_object(pairs)))), pairs


@given(objects_with_models(), st.text())
def test_only_the_values_of_the_model_change(case: tuple[str, list[tuple[str, Any]]], model: str) -> None:
    text, pairs = case
    found = whole_object(text)
    assert [(member.key, member.value) for member in found] == json.loads(text, object_pairs_hook=Top).pairs
    assert [member.key for member in found] == [key for key, _ in pairs]
    places = [(member.start, member.end) for member in found if member.key == "model"]
    result = splice(text, [(start, end, json.dumps(model)) for start, end in places])
    # Outside the values nothing changed …
    kept, position = [], 0
    for start, end in places:
        kept.append(text[position:start])
        position = end
    assert result == json.dumps(model).join([*kept, text[position:]])
    # … and a parser sees that alone.
    changed = [
        (key, model if key == "model" else value) for key, value in json.loads(text, object_pairs_hook=Top).pairs
    ]
    assert json.loads(result, object_pairs_hook=Top).pairs == changed


class Top(dict[str, Any]):
    """An object that remembers its duplicates."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "[]",
        '"model"',
        "{",
        '{"a"}',
        '{"a":}',
        '{"a":1,}',
        '{"a":1 "b":2}',
        '{"a":1',
        "{'a':1}",
        '{"a":"\n"}',
        '{"a":1}{"model":"x"}',
        '{"a":1}x',
        "{}}",
        '{"a":' + "[" * 100_000,
        '{"a":' + "9" * 10_000 + "}",
    ],
)
def test_what_is_not_one_object_is_refused(text: str) -> None:
    with pytest.raises(MalformedJsonError):
        whole_object(text)


def test_members_of_an_inner_object() -> None:
    text = '{"response": {"model" : "a"}}'
    outer = members(text)[0]
    inner = members(text, outer.start)[0]
    assert text[inner.start : inner.end] == '"a"'
    assert members("{ }") == []
