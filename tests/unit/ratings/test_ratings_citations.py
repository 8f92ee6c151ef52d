"""Citations are read back as they were written, and as the pages read them (the same vectors)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marlin.ratings import citations
from marlin.ratings.citations import Citation

VECTORS = json.loads(
    (Path(__file__).parents[3] / "web/src/pages/comparison/evidence/vectors.json").read_text(encoding="utf-8")
)


def plain(citation: Citation) -> dict[str, Any]:
    if citation.step is not None:
        return {"side": citation.side, "step": citation.step}
    lines = {"lines": list(citation.lines)} if citation.lines else {}
    at = {} if citation.at == "result" else {"at": citation.at}
    return {"side": citation.side, "path": citation.path, **lines, **at}


@pytest.mark.parametrize("vector", VECTORS, ids=range(len(VECTORS)))
def test_the_vectors_that_the_pages_share(vector: dict[str, Any]) -> None:
    found = citations.find(vector["text"])
    assert [plain(entry.citation) for entry in found] == vector["found"]
    assert [citations.write(entry.citation) for entry in found] == vector["canonical"]


_paths = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
_lines = st.tuples(st.integers(1, citations.MOST_LINES), st.integers(1, citations.MOST_LINES))
_citations = st.builds(
    Citation,
    side=st.sampled_from(["A", "B"]),
    path=_paths,
    lines=st.none() | _lines.map(lambda ends: (min(ends), max(ends))),
    at=st.sampled_from(["result", "base", "start"]),
) | st.builds(Citation, side=st.sampled_from(["A", "B"]), step=st.integers(1, citations.MOST_STEPS))


@given(st.lists(_citations, max_size=4), st.text(st.characters(exclude_characters="[]"), max_size=20))
def test_what_is_written_is_found_again(cited: list[Citation], between: str) -> None:
    text = between + "".join(citations.write(citation) + between for citation in cited)
    found = citations.find(text)
    assert [entry.citation for entry in found] == cited
    assert [text[entry.start : entry.end] for entry in found] == [citations.write(citation) for citation in cited]


@given(st.text(st.sampled_from("[]AB#:@%-/ 19xyz.\n"), max_size=80))
def test_any_text_can_be_searched(text: str) -> None:
    for entry in citations.find(text):
        again = citations.find(citations.write(entry.citation))
        assert [found.citation for found in again] == [entry.citation]
