"""Citations as data say what the text says, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_ratings_citations import _citations

from marlin.campaigns import Answers
from marlin.ratings import citations
from marlin.ratings.checker import TEXTS, ResultFacts
from marlin.ratings.citations import Citation
from marlin.ratings.cited import Cited, cited_in, looked_up, read, stored


@given(st.lists(st.tuples(st.sampled_from(TEXTS), _citations), max_size=8), st.integers(1, 9))
def test_what_is_cited_comes_back_from_data_as_it_was_written(cited: list[tuple[str, Citation]], turn: int) -> None:
    texts = dict.fromkeys(TEXTS, "")
    for name, citation in cited:
        texts[name] += f"so {citations.write(citation)}"
    answers = Answers.model_construct(**texts)
    found = read(stored(cited_in(answers, turn)))
    expected = [(name, citation) for name in TEXTS for field, citation in cited if field == name]
    assert [(each.field, each.citation) for each in found] == expected
    for each in found:
        assert texts[each.field][each.start : each.end] == citations.write(each.citation)
        assert each.turn == turn


def test_each_kind_has_what_it_needs_and_no_more() -> None:
    why = "[A#a.py] [B#b.py:3-9@base] [A#step-4]"
    rows = [each.model_dump(exclude_none=True) for each in cited_in(Answers(justification=why), 2)]
    common = {"field": "justification", "turn": 2}
    assert rows == [
        common | {"start": 0, "end": 8, "kind": "file", "side": "A", "path": "a.py", "at": "result"},
        common
        | {"start": 9, "end": 26, "kind": "lines", "side": "B", "path": "b.py", "at": "base"}
        | {"first_line": 3, "last_line": 9},
        common | {"start": 27, "end": 37, "kind": "step", "side": "A", "step": 4},
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[A#a.py:3]", True),
        ("[A#a.py:4]", False),
        ("[A#gone.py]", False),
        ("[A#unread.py]", None),
        ("[A#step-2]", True),
        ("[A#step-3]", False),
        ("[B#a.py:3]", None),
    ],
)
def test_whether_it_is_there_is_told_where_that_is_known(text: str, found: bool | None) -> None:
    facts = ResultFacts(lines={("a.py", "result"): 3, ("gone.py", "result"): None}, steps=2)
    (looked,) = looked_up(cited_in(Answers(justification=text), 1), {"A": facts})
    assert looked.found is found
    assert Cited.model_validate(looked.model_dump()) == looked
