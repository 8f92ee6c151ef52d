"""How often each rule of the checker is right, on ratings with known faults. The figures are held as minima."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from labelled_ratings import A_CHANGE, A_PATHS, B_CHANGE, B_PATHS, FIRST_PROMPT, FOLLOW_UPS, RATINGS, SECOND, THIRD
from tests.factories.judgement import answers

from marlin.campaigns import Answers
from marlin.ratings.checker import ResultFacts, TurnWork, check_answers, check_follow_up

ALL = [*RATINGS, *SECOND, *THIRD]
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
        rating = Answers.model_validate(
            answers(strengths_a="Does it.", strengths_b="Short.", weaknesses_a="Slow.", weaknesses_b="Wrong.")
            | case.changes
        )
        problems = check_answers(TurnWork(1, "p", "ready", rating, RESULTS))
        count(case.name, (problem.code for problem in problems), case.expected, READ_FROM_TEXT)
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


def test_marks_are_where_the_words_are() -> None:
    for case in ALL:
        rating = Answers.model_validate(answers() | case.changes)
        for problem in check_answers(TurnWork(1, "p", "ready", rating, RESULTS)):
            for mark in problem.marks:
                assert getattr(rating, mark.field)[mark.start : mark.end] == mark.words != ""
            if problem.code in READ_FROM_TEXT:
                assert problem.marks, problem
