"""Texts that say the same have the same sketch or a near one, and keys in common; others have not."""

from __future__ import annotations

import random

import pytest

from marlin.nearness import NEAR
from marlin.ratings.sketching import FEWEST_WORDS, similarity, sketch

TEXT = (
    "A keeps the last row when the file ends without a newline, which import_rows() of B drops; the check "
    "`rows survive` shows it. B is shorter, but it reads the whole file before it looks at the first line, and its "
    "error names no line, so whoever imports ten thousand rows is left to search. [A#rows.py:12] is where I looked."
)
OTHER = (
    "Both stop the injection. B quotes each option by itself and has a test with a semicolon; A joins the options "
    "first and quotes the whole, which breaks every option that takes a value. I typed both by hand in a terminal."
)


def near(one: str, other: str, whose: str = "p") -> tuple[bool, float, bool]:
    """Whether two texts have the same digest, how similar they are, and whether an index finds one by the other."""
    a, b = sketch(one, whose=whose), sketch(other, whose=whose)
    assert a is not None
    assert b is not None
    return a.digest == b.digest, similarity(a.numbers, b.numbers), bool(set(a.keys) & set(b.keys))


@pytest.mark.parametrize(
    "same",
    [
        TEXT.upper(),
        TEXT.replace(", ", " – ").replace("\n", " "),
        TEXT.replace("[A#rows.py:12]", "[B#src/other.py:7-9@base]"),
        "  " + TEXT.replace(" ", "\n"),
    ],
    ids=["case", "punctuation", "citations", "blanks"],
)
def test_case_punctuation_blanks_and_citations_make_no_other_text(same: str) -> None:
    assert near(TEXT, same) == (True, 1.0, True)


def test_a_few_other_words_make_a_near_text_that_an_index_finds() -> None:
    exact, alike, found = near(TEXT, TEXT.replace("shorter", "smaller").replace("ten thousand", "many"))
    assert not exact
    assert alike >= NEAR - 0.1
    assert found


def test_another_text_is_neither_near_nor_found() -> None:
    exact, alike, found = near(TEXT, OTHER)
    assert (exact, found) == (False, False)
    assert alike < 0.2


def test_the_same_text_of_somebody_else_is_not_found() -> None:
    mine, theirs = sketch(TEXT, whose="ada"), sketch(TEXT, whose="bruno")
    assert mine is not None
    assert theirs is not None
    assert not set(mine.keys) & set(theirs.keys)


def test_short_texts_are_the_same_by_chance() -> None:
    assert sketch(" ".join(["word"] * (FEWEST_WORDS - 1)), whose="p") is None
    assert sketch("", whose="p") is None


def test_scripts_without_blanks_are_compared_by_their_letters() -> None:
    text = "甲在文件末尾没有换行时保留最后一行而乙会丢掉它"
    assert near(text, text + "！") == (True, 1.0, True)


def test_near_texts_are_found_and_far_ones_seldom() -> None:
    words = [f"w{number}" for number in range(4000)]
    chance = random.Random(7)
    missed = wrong = 0
    for _ in range(60):
        text = chance.choices(words, k=120)
        changed = list(text)
        for at in chance.sample(range(120), 3):
            changed[at] = "other"
        missed += not near(" ".join(text), " ".join(changed))[2]
        wrong += near(" ".join(text), " ".join(chance.choices(words, k=120)))[1] >= NEAR
    assert (missed, wrong) == (0, 0)


@pytest.mark.timeout(30)
def test_no_text_keeps_the_service_busy() -> None:
    for text in ("\ufdfa" * 60_000, "a " * 30_000, "x" * 60_000, "[A#" * 20_000):
        sketch(text, whose="p")  # the limit is that of a hang
