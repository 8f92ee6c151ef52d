"""The submission checker: what a reviewer would send back, shown before it is sent. Pure.

Errors keep a submission from being sent. Warnings are read and acknowledged: a person may know better.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from marlin.campaigns import Answers

Severity = Literal["warning", "error"]

FEWEST_WORDS = 12
"""A justification with fewer words says too little."""

EXTREME = 3

_EVIDENCE = re.compile(
    r"""
    [\w./-]+\.[A-Za-z]{1,8}\b           # a file
    | \b(?:line|step|test|check|turn)s?\s*[#:]?\s*\w*\d   # line 12, step 4, test_3
    | \b[A-Za-z_]\w*\(\)?               # a call
    | \b\w+_\w+\b                       # a snake_case name
    | \b[a-z]+[A-Z]\w*\b                # a camelCase name
    | `[^`\n]+`                         # quoted code
    | "[^"\n]{4,}"                      # quoted output
    | \b\d+\s*(?:lines?|files?|tests?|ms|seconds?|%|of\s+\d+)\b
    | \[(?:A|B)\#[^\]]+\]               # a citation made by click
    """,
    re.VERBOSE,
)
_ASKS = re.compile(
    r"\b(add|allow|assert|avoid|benchmark|change|check|clean|convert|cover|create|delete|describe|document|drop|ensure|"
    r"explain|extend|extract|fix|handle|implement|improve|inline|keep|make|merge|migrate|move|optimi[sz]e|print|raise|"
    r"reduce|refactor|remove|rename|reorgani[sz]e|replace|report|restore|return|revert|rewrite|run|separate|show|"
    r"simplify|split|support|test|tidy|undo|update|use|validate|verify|write|why|what|which|how|where|when|can|could|"
    r"should|would|must|need|needs|please|instead|without)\b|\?",
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class TurnWork:
    """What a contributor did in one turn.

    :ivar status: the turn's: queued, running, ready, failed, cancelled.
    :ivar answers: its rating; None without one.
    """

    number: int
    prompt: str
    status: str
    answers: Answers | None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to mend, or to acknowledge.

    :ivar turn: None: about the comparison as a whole.
    :ivar field: of the rating, or ``prompt``.
    """

    code: str
    severity: Severity
    turn: int | None
    field: str | None
    message: str
    hint: str


def check_submission(turns: Sequence[TurnWork], *, min_turns: int) -> list[Problem]:
    """Everything to mend or acknowledge before the comparison is submitted, errors first, then by turn."""
    problems = [*_unfinished(turns, min_turns)]
    for turn in turns:
        if turn.number > 1:
            problems += _empty_follow_up(turn)
        if turn.answers is not None:
            for rule in _RULES:
                problems += rule(turn.number, turn.answers)
    problems += _repeated_justifications(turns)
    return sorted(problems, key=lambda problem: (problem.severity != "error", problem.turn or 0))


def _unfinished(turns: Sequence[TurnWork], min_turns: int) -> Iterator[Problem]:
    for turn in turns:
        if turn.status in ("queued", "running"):
            yield Problem(
                "turn-running",
                "error",
                turn.number,
                None,
                f"Turn {turn.number} is still running.",
                "Wait, or cancel it.",
            )
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


def _empty_follow_up(turn: TurnWork) -> Iterator[Problem]:
    words = turn.prompt.split()
    if len(words) < 3 or not _ASKS.search(turn.prompt):
        yield Problem(
            "follow-up-asks-nothing",
            "warning",
            turn.number,
            "prompt",
            f"The follow-up of turn {turn.number} does not seem to ask for anything.",
            "A follow-up asks for a change or an explanation. If this one does, acknowledge the warning.",
        )


def _text_against_scores(number: int, answers: Answers) -> Iterator[Problem]:
    """Praise for the loser alone, or blame for the winner alone."""
    if answers.preferred is None:
        return
    winner, loser = ("a", "b") if answers.preferred == "A" else ("b", "a")
    texts = {
        field: bool(_plain(getattr(answers, field)))
        for field in ("strengths_a", "strengths_b", "weaknesses_a", "weaknesses_b")
    }
    if texts[f"strengths_{loser}"] and not texts[f"strengths_{winner}"]:
        yield Problem(
            "strengths-only-for-the-loser",
            "warning",
            number,
            f"strengths_{winner}",
            f"You prefer {winner.upper()}, but name strengths of {loser.upper()} only.",
            f"Say what {winner.upper()} does better, or check which side you meant.",
        )
    if texts[f"weaknesses_{winner}"] and not texts[f"weaknesses_{loser}"]:
        yield Problem(
            "weaknesses-only-for-the-winner",
            "warning",
            number,
            f"weaknesses_{loser}",
            f"You prefer {winner.upper()}, but name weaknesses of {winner.upper()} only.",
            f"Say what {loser.upper()} does worse, or check which side you meant.",
        )


def _scores_against_overall(number: int, answers: Answers) -> Iterator[Problem]:
    scores = {name: score for name, score in answers.axes.items() if score is not None}
    overall = answers.overall or 0
    if answers.preferred is not None:
        key = scores.get(answers.key_axis or "", 0)
        if key * overall < 0:
            yield Problem(
                "key-axis-against-overall",
                "error",
                number,
                "key_axis",
                f"The axis that decided ({answers.key_axis}) favours the side that you do not prefer.",
                "Choose another key axis, or correct one of the two scores.",
            )
        if scores and not any(score * overall > 0 for score in scores.values()):
            yield Problem(
                "no-axis-for-the-winner",
                "warning",
                number,
                "overall",
                f"You prefer {answers.preferred}, but no axis favours it.",
                "Say in the justification what decided, or correct the scores.",
            )
    elif answers.verdict == "equal" and scores and (min(scores.values()) > 0 or max(scores.values()) < 0):
        yield Problem(
            "equal-against-scores",
            "warning",
            number,
            "verdict",
            "You call the results equal, but every axis favours the same side.",
            "Prefer that side, or correct the scores.",
        )


def _extreme_without_evidence(number: int, answers: Answers) -> Iterator[Problem]:
    everything = " ".join(
        (
            answers.justification,
            answers.strengths_a,
            answers.weaknesses_a,
            answers.strengths_b,
            answers.weaknesses_b,
        )
    )
    fields = [f"axes.{name}" for name, score in answers.axes.items() if score is not None and abs(score) == EXTREME]
    if answers.overall is not None and abs(answers.overall) == EXTREME:
        fields.append("overall")
    if fields and not _EVIDENCE.search(everything):
        yield Problem(
            "extreme-score-without-evidence",
            "warning",
            number,
            fields[-1],
            "A score at the end of the scale stands without evidence.",
            "Cite what shows it: a file and line, a name, an output, a check. Or choose a milder score.",
        )


def _both_bad_against_text(number: int, answers: Answers) -> Iterator[Problem]:
    if answers.verdict == "both_bad" and not (_plain(answers.weaknesses_a) and _plain(answers.weaknesses_b)):
        yield Problem(
            "both-bad-without-weaknesses",
            "warning",
            number,
            "weaknesses_b" if _plain(answers.weaknesses_a) else "weaknesses_a",
            "You call both results bad without saying what is wrong with each.",
            "Name the weaknesses of both sides.",
        )


def _same_text_twice(number: int, answers: Answers) -> Iterator[Problem]:
    for kind in ("strengths", "weaknesses"):
        mine, other = _plain(getattr(answers, f"{kind}_a")), _plain(getattr(answers, f"{kind}_b"))
        if mine and mine == other and answers.preferred is not None:
            yield Problem(
                f"same-{kind}",
                "warning",
                number,
                f"{kind}_b",
                f"The {kind} of A and of B are the same text.",
                "Say what distinguishes the two.",
            )
    for first, second in (("strengths_a", "weaknesses_a"), ("strengths_b", "weaknesses_b")):
        if _plain(getattr(answers, first)) and _plain(getattr(answers, first)) == _plain(getattr(answers, second)):
            side = first[-1].upper()
            yield Problem(
                "strength-is-weakness",
                "error",
                number,
                second,
                f"The strengths and the weaknesses of {side} are the same text.",
                "One of them was probably pasted into the wrong field.",
            )


def _too_little_text(number: int, answers: Answers) -> Iterator[Problem]:
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
    if len(set(_plain(answers.justification).split())) == 1 < words:
        yield Problem(
            "justification-repeats",
            "error",
            number,
            "justification",
            "The justification repeats one word.",
            "Say why you decided as you did.",
        )


def _repeated_justifications(turns: Sequence[TurnWork]) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for turn in turns:
        text = _plain(turn.answers.justification) if turn.answers else ""
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


def _plain(text: str) -> str:
    """For comparing: without differences in case, blanks and closing punctuation. A dash or "none" is nothing."""
    plain = _SPACE.sub(" ", text).strip().casefold().rstrip(".!;, ")
    return "" if plain in {"", "-", "–", "—", "n/a", "na", "none", "nothing", "no"} else plain


_RULES: tuple[Callable[[int, Answers], Iterator[Problem]], ...] = (
    _text_against_scores,
    _scores_against_overall,
    _extreme_without_evidence,
    _both_bad_against_text,
    _same_text_twice,
    _too_little_text,
)
