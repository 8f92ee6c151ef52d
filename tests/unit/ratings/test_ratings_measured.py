"""How often each rule of the checker is right, on ratings with known faults. The figures are held as minima."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
from engineers_ratings import HELD_OUT, OTHER_LANGUAGES, TUNING
from labelled_ratings import (
    A_CHANGE,
    A_PATHS,
    B_CHANGE,
    B_PATHS,
    FIRST_PROMPT,
    FOLLOW_UPS,
    RATINGS,
    SECOND,
    THIRD,
    Case,
)
from tests.factories.judgement import answers

from marlin.campaigns import Answers
from marlin.ratings.checker import (
    ResultFacts,
    TurnWork,
    check_answers,
    check_follow_up,
    is_english,
    unread_texts,
)

ALL = [*RATINGS, *SECOND, *THIRD, *TUNING]
READ_FROM_TEXT = {
    "words-against-axis",
    "words-against-overall",
    "key-axis-unlike-the-text",
    "praise-of-what-is-not-there",
}
MINIMA = {
    # rule: precision, recall
    "words-against-axis": (0.95, 0.85),
    "words-against-overall": (0.95, 0.95),
    "key-axis-unlike-the-text": (1.0, 1.0),
    "praise-of-what-is-not-there": (1.0, 1.0),
    "follow-up-asks-nothing": (1.0, 1.0),
    "follow-up-not-concrete": (1.0, 1.0),
    "follow-up-repeats": (1.0, 1.0),
    "role-play": (1.0, 1.0),
    "mentions-pull-request": (1.0, 1.0),
}


def facts(change: str, paths: tuple[str, ...]) -> ResultFacts:
    return ResultFacts(paths=frozenset(paths), words=frozenset(re.findall(r"\w+", change)))


RESULTS = {"A": facts(A_CHANGE, A_PATHS), "B": facts(B_CHANGE, B_PATHS)}


def said_of(changes: dict[str, Any]) -> set[str]:
    """What the rules that read words say of a rating."""
    usual = answers(strengths_a="Does it.", strengths_b="Short.", weaknesses_a="Slow.", weaknesses_b="Wrong.")
    problems = check_answers(TurnWork(1, "p", "ready", Answers.model_validate(usual | changes), RESULTS))
    return {problem.code for problem in problems} & READ_FROM_TEXT


def figures(cases: list[Case]) -> tuple[int, int, int]:
    """How many remarks are right, how many are made, and how many slips there are."""
    found = [(said_of(case.changes), case.expected) for case in cases]
    right = sum(len(said & expected) for said, expected in found)
    return right, sum(len(said) for said, _ in found), sum(len(expected) for _, expected in found)


def measured() -> tuple[Counter[str], Counter[str], Counter[str], list[str]]:
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    differences: list[str] = []

    def count(name: str, found: Iterable[str], expected: frozenset[str], rules: set[str]) -> None:
        said = set(found) & rules
        right.update(said & expected)
        wrong.update(said - expected)
        missed.update(expected - said)
        differences.extend(f"{name}: {code} is a false alarm" for code in said - expected)
        differences.extend(f"{name}: {code} is missed" for code in expected - said)

    for case in ALL:
        count(case.name, said_of(case.changes), case.expected, READ_FROM_TEXT)
    for prompt, expected in FOLLOW_UPS:
        problems = check_follow_up(prompt, [FIRST_PROMPT])
        count(
            prompt, (problem.code for problem in problems), expected, {problem.code for problem in problems} | expected
        )
    return right, wrong, missed, differences


def test_each_rule_is_right_often_enough() -> None:
    right, wrong, missed, differences = measured()
    for code, (precision, recall) in MINIMA.items():
        said, there = right[code] + wrong[code], right[code] + missed[code]
        assert there >= 2, f"{code} has hardly any cases"
        assert right[code] / max(said, 1) >= precision, (code, differences)
        assert right[code] / there >= recall, (code, differences)
    assert set(wrong) <= set(MINIMA), differences
    assert len(ALL) >= 60


def test_on_engineers_texts_the_figures_are_those_that_the_reference_gives() -> None:
    assert len(TUNING) + len(HELD_OUT) >= 40
    assert figures(TUNING) == (15, 15, 15)
    assert figures(HELD_OUT) == (12, 14, 15)


@pytest.mark.parametrize("text", OTHER_LANGUAGES, ids=range(len(OTHER_LANGUAGES)))
def test_nothing_is_found_in_another_language_and_that_is_said(text: str) -> None:
    wrong = {"overall": 3, "axes": dict.fromkeys(("correctness", "security", "reliability", "maintainability"), 3)}
    for changes in ({}, wrong):
        rating = Answers.model_validate(answers(justification=text) | changes)
        found = {problem.code for problem in check_answers(TurnWork(1, "p", "ready", rating, RESULTS))}
        assert not found & (READ_FROM_TEXT | {"justification-too-short", "extreme-score-without-evidence"})
        assert unread_texts(rating) == ["justification"]
    assert {problem.code for problem in check_follow_up(text, [FIRST_PROMPT])} == set()


def test_english_is_taken_for_english() -> None:
    texts = [case.changes["justification"] for case in [*ALL, *HELD_OUT]] + [prompt for prompt, _ in FOLLOW_UPS]
    assert [text for text in texts if not is_english(text)] == []


def test_marks_are_where_the_words_are() -> None:
    for case in ALL:
        rating = Answers.model_validate(answers() | case.changes)
        for problem in check_answers(TurnWork(1, "p", "ready", rating, RESULTS)):
            for mark in problem.marks:
                assert getattr(rating, mark.field)[mark.start : mark.end] == mark.words != ""
            if problem.code in READ_FROM_TEXT:
                assert problem.marks, problem
