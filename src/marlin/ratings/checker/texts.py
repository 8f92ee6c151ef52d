"""Texts that say too little, or the same twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from marlin.campaigns import Answers
from marlin.ratings.checker.problems import Problem, TurnWork, text_of

FEWEST_WORDS = 12
"""A justification with fewer words says too little."""

_SPACE = re.compile(r"\s+")


def plain(text: str) -> str:
    """For comparing: without differences in case, blanks and closing punctuation. A dash or "none" is nothing."""
    folded = _SPACE.sub(" ", text).strip().casefold().rstrip(".!;, ")
    return "" if folded in {"", "-", "–", "—", "n/a", "na", "none", "nothing", "no"} else folded


def same_text_twice(number: int, answers: Answers) -> Iterator[Problem]:
    """The same text for both sides, or for both kinds."""
    for kind in ("strengths", "weaknesses"):
        mine, theirs = (plain(text_of(answers, f"{kind}_{side}")) for side in "ab")
        if mine and mine == theirs and answers.preferred is not None:
            yield Problem(
                f"same-{kind}",
                "warning",
                number,
                f"{kind}_b",
                f"The {kind} of A and of B are the same text.",
                "Say what distinguishes the two.",
            )
    for side in "ab":
        strengths, weaknesses = (plain(text_of(answers, f"{kind}_{side}")) for kind in ("strengths", "weaknesses"))
        if strengths and strengths == weaknesses:
            yield Problem(
                "strength-is-weakness",
                "error",
                number,
                f"weaknesses_{side}",
                f"The strengths and the weaknesses of {side.upper()} are the same text.",
                "One of them was probably pasted into the wrong field.",
            )


def too_little_text(number: int, answers: Answers) -> Iterator[Problem]:
    """A justification that nobody can follow."""
    words = len(answers.justification.split())
    if words < FEWEST_WORDS:
        yield Problem(
            "justification-too-short",
            "warning",
            number,
            "justification",
            f"The justification has {words} word{'' if words == 1 else 's'}.",
            "Say why, so that somebody who has not seen the results can follow.",
        )


def repeats_one_word(number: int, answers: Answers) -> Iterator[Problem]:
    """Filler in place of a justification."""
    words = len(answers.justification.split())
    if len(set(plain(answers.justification).split())) == 1 < words:
        yield Problem(
            "justification-repeats",
            "error",
            number,
            "justification",
            "The justification repeats one word.",
            "Say why you decided as you did.",
        )


def both_bad_without_weaknesses(number: int, answers: Answers) -> Iterator[Problem]:
    """Both rejected, without saying what is wrong with each."""
    if answers.verdict == "both_bad" and not (plain(answers.weaknesses_a) and plain(answers.weaknesses_b)):
        yield Problem(
            "both-bad-without-weaknesses",
            "warning",
            number,
            "weaknesses_b" if plain(answers.weaknesses_a) else "weaknesses_a",
            "You call both results bad without saying what is wrong with each.",
            "Name the weaknesses of both sides.",
        )


def repeated_justifications(turns: Sequence[TurnWork]) -> Iterator[Problem]:
    """The same justification for two turns."""
    seen: dict[str, int] = {}
    for turn in turns:
        text = plain(turn.answers.justification) if turn.answers else ""
        if text and text in seen:
            yield Problem(
                "justification-repeated",
                "warning",
                turn.number,
                "justification",
                f"The justification of turn {turn.number} is that of turn {seen[text]}.",
                "Say what decided this turn.",
            )
        elif text:
            seen[text] = turn.number
