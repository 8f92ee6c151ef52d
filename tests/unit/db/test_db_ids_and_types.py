"""Identifiers that sort by time, and text that can always be stored."""

from __future__ import annotations

import json
import threading
import time
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marlin.db import clean_json, clean_text, new_id

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec=None)), inner),
    max_leaves=20,
)


def test_ids_are_version_7_and_carry_the_time() -> None:
    before = time.time_ns() // 1_000_000
    made = new_id()
    after = time.time_ns() // 1_000_000
    assert (made.version, made.variant) == (7, RFC_4122)
    assert before <= made.int >> 80 <= after + 1


def test_ids_strictly_increase_also_between_threads() -> None:
    found: list[list[UUID]] = [[] for _ in range(4)]

    def make(into: list[UUID]) -> None:
        into.extend(new_id() for _ in range(2_000))

    threads = [threading.Thread(target=make, args=(into,)) for into in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for made in found:
        assert made == sorted(made)
    assert len({one for made in found for one in made}) == 8_000


@given(st.text(st.characters(codec=None)))
def test_clean_text_can_be_encoded_and_keeps_what_could_be(text: str) -> None:
    cleaned = clean_text(text)
    assert "\0" not in cleaned
    cleaned.encode()
    assert len(cleaned) == len(text)
    assert all(new in (old, "\ufffd") for old, new in zip(text, cleaned, strict=True))
    assert clean_text(cleaned) == cleaned


@given(json_values)
def test_clean_json_is_strict_json_and_cleaning_again_changes_nothing(value: object) -> None:
    cleaned = clean_json(value)
    written = json.dumps(cleaned, allow_nan=False)
    assert "\\u0000" not in written
    assert clean_json(cleaned) == cleaned


@pytest.mark.parametrize("value", [{1: 2}, {"x": object()}, b"bytes", {"x": {3, 4}}])
def test_what_is_not_json_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        clean_json(value)
