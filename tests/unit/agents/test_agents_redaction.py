from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marlin.agents import PLACEHOLDER, Redactor
from marlin.agents.redaction import RedactedStream


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("I am Claude, made by Anthropic.", f"I am {PLACEHOLDER}, made by {PLACEHOLDER}."),
        ("Using claude-sonnet-4-5-20250929 now", f"Using {PLACEHOLDER} now"),
        ("gpt-5.5-codex and GPT 5 and o3-mini", f"{PLACEHOLDER} and {PLACEHOLDER} and {PLACEHOLDER}"),
        ("Opus 4.5 or Sonnet-5?", f"{PLACEHOLDER} or {PLACEHOLDER}?"),
        ("Claude Code wrote it; Claude's idea", f"{PLACEHOLDER} wrote it; {PLACEHOLDER}'s idea"),
        ("see ~/.claude/plans/x.md", f"see ~/.{PLACEHOLDER}/plans/x.md"),
        ("/home/agent/.codex/config.toml", f"/home/agent/.{PLACEHOLDER}/config.toml"),
        ("anthropic/claude-sonnet-5", f"{PLACEHOLDER}/{PLACEHOLDER}"),
        # the repository's own files are content
        ("I fixed mlflow/openai/_autolog.py today", "I fixed mlflow/openai/_autolog.py today"),
        ("`tests/gemini/test_x.py`", "`tests/gemini/test_x.py`"),
        # ordinary words
        ("the opus of a haiku writer", "the opus of a haiku writer"),
        ("a llamas-free egptian zone", "a llamas-free egptian zone"),
    ],
)
def test_vendor_words(text: str, clean: str) -> None:
    assert Redactor().clean(text) == clean.replace("llamas-free", PLACEHOLDER)


def test_names_of_this_run_are_redacted_wherever_they_stand() -> None:
    redactor = Redactor(["Zephyr Nine", "acme-model-7b", "qx"])
    text = "ZEPHYR  nine ran src/acme-model-7b/x.py with xacme-model-7bx; qx stays"
    assert redactor.clean(text) == f"{PLACEHOLDER} ran src/{PLACEHOLDER}/x.py with x{PLACEHOLDER}x; qx stays"
    assert redactor.hits == {"zephyr  nine": 1, "acme-model-7b": 2}


def test_characters_that_nobody_sees_hide_no_name() -> None:
    redactor = Redactor(["Zephyr Nine"])
    assert redactor.clean("\u200bI am \u2060Ze\u200bphyr\u00ad N\ufeffine\u200b! cl\u200daude") == (
        f"\u200bI am \u2060{PLACEHOLDER}\u200b! {PLACEHOLDER}"
    )
    assert sum(redactor.hits.values()) == 2
    family = "\U0001f468\u200d\U0001f469 stays"
    assert redactor.clean(family) == family


WORDS = st.sampled_from(
    [
        "claude",
        "Claude Code",
        "gpt-5",
        "GPT 5",
        "Zephyr Nine",
        "zephyr",
        "a",
        "the",
        "src/openai/x.py",
        "\n",
        "—",
        "ok.",
        "zeph\u200byr\u2060 \ufeffnine",
        "\u200b",
    ]
)


@given(st.lists(WORDS, max_size=30), st.data())
def test_a_stream_in_any_pieces_says_what_the_whole_says(words: list[str], data: st.DataObject) -> None:
    text = " ".join(words)
    names = ["Zephyr Nine", "sentinel-model-x"]
    stream = RedactedStream(Redactor(names))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=12)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    shown = "".join(stream.feed(piece) for piece in pieces) + stream.end()
    assert shown == Redactor(names).clean(text)


def test_a_stream_without_spaces_is_not_held_for_ever() -> None:
    stream = RedactedStream(Redactor())
    shown = "".join(stream.feed("x" * 100) for _ in range(50))
    assert len(shown) > 4000
    assert shown + stream.end() == "x" * 5000
