"""A question in words, and one that is made from options."""

from __future__ import annotations

import pytest
from tests.unit.leaderboards.test_leaderboards_changing import question

from marlin.leaderboards import QuestionWish, amendment_of, question_words, wish_of
from marlin.leaderboards.errors import QuestionInvalidError


def test_an_amendment_keeps_what_is_not_given_and_tells_what_is_different() -> None:
    seen = question(1)
    wish = amendment_of(seen, {"icc": 0.05, "contributors": 1200, "looks": None, "reason": "They are known by now."})
    assert (wish.amends, wish.looks, wish.most_comparisons) == (1, 2, 20)
    assert question_words.changes(wish, seen) == [
        "contributors: not known → 1,200",
        "likeness of one person's votes (ICC): 0 → 0.05",
    ]
    assert question_words.changes(seen, seen) == []


def test_what_is_asked_is_told_with_its_digits() -> None:
    wish = wish_of({"arms": ["old", "new"], "alpha": 0.025, "sides": 1, "smallest_share": 0.5725, "looks": None})
    assert question_words.asked(wish) == (
        "Is new preferred to old (overall), if the better one gets at least 57.25 % of preferences? The chance of a "
        "wrong preference is 2.5 % at most, of finding the better one 80 % at least, with 10 looks and as many "
        "comparisons as that needs."
    )
    told = " ".join(question_words.beside(QuestionWish(arms=["a", "b"], counts="strength", when_decided="pause")))
    assert "how strongly" in told
    assert "pause by themselves" in told


def test_every_wrong_field_is_named() -> None:
    with pytest.raises(QuestionInvalidError) as refused:
        wish_of({"arms": ["old", "n" * 64], "looks": 11, "power": float("nan")}, called=lambda field: f"<{field}>")
    assert [one["field"] for one in refused.value.details["errors"]] == ["<arms.1>", "<power>", "<looks>"]
