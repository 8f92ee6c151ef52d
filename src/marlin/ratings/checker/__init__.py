"""The submission checker: what a reviewer would send back, shown while it is written and before it is sent. Pure.

The same rules run in the page, in the API and beside the review. Errors keep a submission from being sent. Warnings are
read and acknowledged: a person may know better. Which is which, the campaign decides: ``campaigns.CHECKER_RULES``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from marlin.campaigns import Answers, Level, checker_levels
from marlin.ratings.checker import copies as copying
from marlin.ratings.checker import evidence, follow_ups, scores, texts
from marlin.ratings.checker.evidence import cited_exists, missing
from marlin.ratings.checker.language import is_english
from marlin.ratings.checker.problems import (
    TEXTS,
    Copy,
    Mark,
    Problem,
    Reference,
    ResultFacts,
    Severity,
    SideName,
    TurnWork,
    text_of,
)

__all__ = [
    "TEXTS",
    "Copy",
    "Mark",
    "Problem",
    "Reference",
    "ResultFacts",
    "Severity",
    "SideName",
    "TurnWork",
    "check_answers",
    "check_follow_up",
    "check_submission",
    "cited_exists",
    "is_english",
    "missing",
    "unread_texts",
]

Levels = Mapping[str, Level]

_Rule = Callable[[int, Answers], Iterator[Problem]]

_RULES: tuple[_Rule, ...] = (
    scores.notes_against_preference,
    scores.scores_against_overall,
    texts.both_bad_without_weaknesses,
    texts.same_text_twice,
    texts.repeats_one_word,
)
_READING: tuple[_Rule, ...] = (scores.words_against_scores, scores.key_axis_unlike_text)
"""They read words, each text by itself: one in another language is no text to them."""
_READING_ALL: tuple[_Rule, ...] = (evidence.extreme_without_evidence, texts.too_little_text)
"""They conclude from what no text says: one in another language may say it."""


def check_submission(
    turns: Sequence[TurnWork], *, min_turns: int, levels: Levels | None = None, copies: Sequence[Copy] = ()
) -> list[Problem]:
    """Everything to mend or acknowledge before the comparison is submitted, errors first, then by turn.

    :param copies: texts of these turns that their author wrote before.
    """
    problems = [*_unfinished(turns, min_turns)]
    chosen: list[Problem] = []
    for index, turn in enumerate(turns):
        if turn.number > 1:
            chosen += follow_ups.check_prompt(turn.number, turn.prompt, [before.prompt for before in turns[:index]])
        if turn.answers is not None:
            chosen += _of_answers(turn)
    chosen += texts.repeated_justifications(turns)
    chosen += copying.copied(copies)
    problems += _at_level(chosen, levels)
    return sorted(problems, key=lambda problem: (problem.severity != "error", problem.turn or 0))


def check_answers(turn: TurnWork, *, levels: Levels | None = None, copies: Sequence[Copy] = ()) -> list[Problem]:
    """Everything about one turn's answers, complete or not, errors first. For while they are being written."""
    own = _of_answers(turn) if turn.answers is not None else []
    found = _at_level([*own, *copying.copied(copies)], levels)
    return sorted(found, key=lambda problem: problem.severity != "error")


def check_follow_up(
    prompt: str, earlier: Sequence[str], *, levels: Levels | None = None, copies: Sequence[Copy] = ()
) -> list[Problem]:
    """Everything about a follow-up that is not sent yet."""
    own = follow_ups.check_prompt(len(earlier) + 1, prompt, earlier)
    found = _at_level([*own, *copying.copied(copies)], levels)
    return sorted(found, key=lambda problem: problem.severity != "error")


MOST_OF_A_RULE = 20
"""Findings of one rule in one turn: who has mended these is told the next."""


def _of_answers(turn: TurnWork) -> Iterator[Problem]:
    assert turn.answers is not None
    unread = unread_texts(turn.answers)
    english = turn.answers.model_copy(update=dict.fromkeys(unread, ""))
    found = [
        *(rule(turn.number, turn.answers) for rule in _RULES),
        *(rule(turn.number, english) for rule in _READING),
        *(rule(turn.number, turn.answers) for rule in (_READING_ALL if not unread else ())),
        evidence.citations_to_nothing(turn.number, turn.answers, turn.results),
        evidence.praise_of_nothing(turn.number, english, turn.results),
    ]
    for problems in found:
        yield from islice(problems, MOST_OF_A_RULE)


def unread_texts(answers: Answers) -> list[str]:
    """The fields whose text seems to be in another language than English: their words are held against nothing."""
    return [name for name in TEXTS if not is_english(text_of(answers, name))]


def _at_level(problems: Iterable[Problem], levels: Levels | None) -> list[Problem]:
    chosen = checker_levels(levels)
    found = []
    for problem in problems:
        level = chosen[problem.code]
        if level != "off":
            found.append(replace(problem, severity=level))
    return found


def _unfinished(turns: Sequence[TurnWork], min_turns: int) -> Iterator[Problem]:
    """What no campaign can do without."""
    for turn in turns:
        if turn.status in ("queued", "running", "checking"):
            what = "Its checks are still running." if turn.status == "checking" else "Wait, or cancel it."
            yield Problem("turn-running", "error", turn.number, None, f"Turn {turn.number} is still running.", what)
        elif turn.status == "ready" and turn.answers is None:
            yield Problem("turn-unrated", "error", turn.number, None, f"Turn {turn.number} is not rated.", "Rate it.")
    rated = sum(turn.answers is not None for turn in turns)
    if rated < min_turns:
        yield Problem(
            "too-few-turns",
            "error",
            None,
            None,
            f"The campaign asks for at least {min_turns} rated turns; there {'is' if rated == 1 else 'are'} {rated}.",
            "Send a follow-up prompt and rate what comes back.",
        )
