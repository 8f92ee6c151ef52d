"""The submission checker: each rule fires on what it is for, and a good rating passes them all."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marlin.campaigns import Answers
from marlin.ratings.checker import Problem, TurnWork, check_submission

GOOD: dict[str, Any] = {
    "axes": {"correctness": -2, "security": 0, "reliability": -1, "maintainability": 1},
    "overall": -2,
    "verdict": "preference",
    "key_axis": "correctness",
    "strengths_a": "Handles the empty file and says which line was wrong.",
    "weaknesses_a": "One helper too many.",
    "strengths_b": "Shorter.",
    "weaknesses_b": "Drops the last row without a newline.",
    "justification": (
        "A keeps the last row when the file ends without a newline, which import_rows() of B drops; "
        "the check `rows survive` shows it."
    ),
}


def turn(number: int = 1, *, prompt: str = "Fix the import.", status: str = "ready", **changes: Any) -> TurnWork:
    return TurnWork(number, prompt, status, Answers.model_validate(GOOD | changes))


def codes(*turns: TurnWork, min_turns: int = 1) -> dict[str, str]:
    return {problem.code: problem.severity for problem in check_submission(turns, min_turns=min_turns)}


def test_a_good_rating_has_no_problems() -> None:
    assert codes(turn()) == {}


def test_unfinished_work_is_an_error() -> None:
    assert codes(TurnWork(1, "p", "running", None)) == {"turn-running": "error", "too-few-turns": "error"}
    assert codes(TurnWork(1, "p", "ready", None)) == {"turn-unrated": "error", "too-few-turns": "error"}
    assert codes(turn(), min_turns=2) == {"too-few-turns": "error"}
    assert codes(turn(), TurnWork(2, "Add a test.", "cancelled", None)) == {}


def test_text_that_contradicts_the_scores() -> None:
    assert codes(turn(strengths_a="", weaknesses_a="")) == {"strengths-only-for-the-loser": "warning"}
    assert codes(turn(weaknesses_b="none", strengths_b="-")) == {"weaknesses-only-for-the-winner": "warning"}
    against = codes(turn(key_axis="maintainability"))
    assert against == {"key-axis-against-overall": "error"}
    nothing = {"correctness": 0, "security": 0, "reliability": 0, "maintainability": 1}
    assert codes(turn(axes=nothing)) == {"no-axis-for-the-winner": "warning"}
    one_way = {"correctness": 1, "security": 1, "reliability": 2, "maintainability": 1}
    assert codes(turn(verdict="equal", overall=0, axes=one_way)) == {"equal-against-scores": "warning"}


def test_an_extreme_score_needs_evidence() -> None:
    vague = "It simply feels a great deal better to me than the other one does in every way."
    bare = {"strengths_a": "Nice.", "strengths_b": "", "weaknesses_a": "", "weaknesses_b": "Ugly."}
    assert codes(turn(overall=-3, justification=vague, **bare)) == {"extreme-score-without-evidence": "warning"}
    assert codes(turn(overall=-3)) == {}
    assert codes(turn(overall=-2, justification=vague, **bare)) == {}


@pytest.mark.parametrize(
    "evidence",
    [
        "see stock/importer.py",
        "line 12",
        "test_3 fails",
        "parse()",
        "read_rows",
        "readRows",
        "`x = 1`",
        "12 of 14",
        "[A#src/x.py:4]",
    ],
)
def test_what_counts_as_evidence(evidence: str) -> None:
    text = f"It is better in every way that matters to me and here is where it shows: {evidence}"
    bare = {"strengths_a": "Nice.", "strengths_b": "", "weaknesses_a": "", "weaknesses_b": "Ugly."}
    assert "extreme-score-without-evidence" not in codes(turn(overall=-3, justification=text, **bare))


def test_both_bad_says_what_is_wrong_with_each() -> None:
    both = {"verdict": "both_bad", "overall": 0}
    assert codes(turn(**both)) == {}
    assert codes(turn(**both, weaknesses_b="")) == {"both-bad-without-weaknesses": "warning"}


def test_the_same_text_on_both_sides() -> None:
    assert codes(turn(strengths_a="Clean code.", strengths_b=" clean  CODE")) == {"same-strengths": "warning"}
    assert codes(turn(weaknesses_a="Long.", weaknesses_b="Long")) == {"same-weaknesses": "warning"}
    assert codes(turn(weaknesses_a=GOOD["strengths_a"])) == {"strength-is-weakness": "error"}


def test_too_little_text() -> None:
    assert codes(turn(justification="A is better, see importer.py")) == {"justification-too-short": "warning"}
    repeated = codes(turn(justification="good " * 20))
    assert repeated["justification-repeats"] == "error"


def test_one_justification_for_two_turns() -> None:
    assert codes(turn(1), turn(2, prompt="Add a test for it.")) == {"justification-repeated": "warning"}


@pytest.mark.parametrize(
    "prompt", ["ok", "Thanks a lot, great work!", "continue", "Looks good to me.", "nice one there"]
)
def test_follow_ups_that_ask_for_nothing(prompt: str) -> None:
    second = turn(2, prompt=prompt, justification=GOOD["justification"] + " Again.")
    assert codes(turn(1), second) == {"follow-up-asks-nothing": "warning"}
    assert codes(turn(1, prompt=prompt)) == {}, "the first prompt is the brief's, which has lints of its own"


@pytest.mark.parametrize(
    "prompt",
    [
        "Please add a test for it",
        "Why is that a class?",
        "Rename rows to lines.",
        "The parser still drops it; fix that",
    ],
)
def test_follow_ups_that_ask(prompt: str) -> None:
    second = turn(2, prompt=prompt, justification=GOOD["justification"] + " Again.")
    assert codes(turn(1), second) == {}


_texts = st.text(max_size=40)


@given(
    st.builds(
        Answers,
        axes=st.dictionaries(st.sampled_from(["correctness", "security"]), st.none() | st.integers(-3, 3)),
        overall=st.none() | st.integers(-3, 3),
        verdict=st.sampled_from([None, "preference", "equal", "both_bad"]),
        key_axis=st.sampled_from([None, "correctness", "beauty"]),
        strengths_a=_texts,
        weaknesses_a=_texts,
        strengths_b=_texts,
        weaknesses_b=_texts,
        justification=_texts,
    )
)
def test_the_checker_never_fails_and_mirrors_with_the_sides(answers: Answers) -> None:
    mirrored = answers.model_copy(
        update={
            "axes": {name: None if score is None else -score for name, score in answers.axes.items()},
            "overall": None if answers.overall is None else -answers.overall,
            "strengths_a": answers.strengths_b,
            "strengths_b": answers.strengths_a,
            "weaknesses_a": answers.weaknesses_b,
            "weaknesses_b": answers.weaknesses_a,
        }
    )

    def found(given_answers: Answers) -> set[tuple[str, str]]:
        problems: list[Problem] = check_submission([TurnWork(1, "p", "ready", given_answers)], min_turns=1)
        assert all(problem.message and problem.hint for problem in problems)
        return {(problem.code, problem.severity) for problem in problems}

    assert found(answers) == found(mirrored), "A and B are names only"
