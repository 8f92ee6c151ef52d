"""Words against scores, and scores against one another."""

from __future__ import annotations

from collections.abc import Iterator

from marlin.campaigns import Answers
from marlin.ratings.checker.claims import Claim, claims_in
from marlin.ratings.checker.problems import LABELS, TEXTS, Mark, Problem, SideName, favours, other, text_of
from marlin.ratings.checker.texts import plain
from marlin.ratings.checker.vocabulary import argues_with, is_known

CLEARLY = 3
"""Sum of the axes' scores from which on they clearly favour a side."""


def words_against_scores(number: int, answers: Answers) -> Iterator[Problem]:
    """Claims in the text that the scores contradict. Claims that contradict one another are left alone."""
    found = [(name, claim) for name in TEXTS for claim in claims_in(text_of(answers, name))]
    sides: dict[tuple[str, ...], set[SideName]] = {}
    for _, claim in found:
        sides.setdefault(claim.axes, set()).add(claim.side)
    for name, claim in found:
        if len(sides[claim.axes]) > 1:
            continue
        mark = Mark.of(name, text_of(answers, name), claim.start, claim.end)
        if claim.axes:
            yield from _against_axis(number, answers, claim, mark)
        elif name == "justification":
            yield from _against_overall(number, answers, claim, mark)


def _against_axis(number: int, answers: Answers, claim: Claim, mark: Mark) -> Iterator[Problem]:
    scores = {axis: score for axis in claim.axes if (score := answers.axes.get(axis)) is not None}
    if not scores or any(favours(score) == claim.side for score in scores.values()):
        return
    least = 1 if claim.strong else 2
    against = [axis for axis, score in scores.items() if favours(score) == other(claim.side) and abs(score) >= least]
    if not against:
        return
    axis = against[0]
    yield Problem(
        "words-against-axis",
        "warning",
        number,
        mark.field,
        f"“{mark.words.strip()}” in {LABELS[mark.field]} favours {claim.side} on {axis}; its score favours "
        f"{other(claim.side)}.",
        f"Correct the words or the score of {axis}.",
        (mark,),
    )


def _against_overall(number: int, answers: Answers, claim: Claim, mark: Mark) -> Iterator[Problem]:
    if answers.verdict == "preference" and answers.preferred not in (None, claim.side):
        scored = f"the overall score prefers {answers.preferred}"
    elif answers.verdict in ("equal", "both_bad"):
        scored = f"the verdict is {'equal' if answers.verdict == 'equal' else 'both bad'}"
    else:
        return
    yield Problem(
        "words-against-overall",
        "warning",
        number,
        mark.field,
        f"“{mark.words.strip()}” prefers {claim.side}; {scored}.",
        "Correct the words or the overall answer.",
        (mark,),
    )


def notes_against_preference(number: int, answers: Answers) -> Iterator[Problem]:
    """Praise for the loser alone, or blame for the winner alone."""
    if answers.preferred is None:
        return
    winner = answers.preferred.lower()
    loser = other(answers.preferred).lower()
    texts = {
        name: bool(plain(text_of(answers, name)))
        for name in ("strengths_a", "strengths_b", "weaknesses_a", "weaknesses_b")
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


def scores_against_overall(number: int, answers: Answers) -> Iterator[Problem]:
    """Axes and key axis against the preference."""
    scores = {name: score for name, score in answers.axes.items() if score is not None}
    if answers.preferred is not None:
        yield from _against_preference(number, answers, scores, answers.overall or 0)
    elif answers.verdict == "equal" and scores and (min(scores.values()) > 0 or max(scores.values()) < 0):
        yield Problem(
            "equal-against-scores",
            "warning",
            number,
            "verdict",
            "You call the results equal, but every axis favours the same side.",
            "Prefer that side, or correct the scores.",
        )


def _against_preference(number: int, answers: Answers, scores: dict[str, int], overall: int) -> Iterator[Problem]:
    if scores.get(answers.key_axis or "", 0) * overall < 0:
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
    elif (total := sum(scores.values())) * overall < 0 and abs(total) >= CLEARLY:
        yield Problem(
            "axes-against-overall",
            "warning",
            number,
            "overall",
            f"You prefer {answers.preferred}; added up, the axes favour {favours(total)} by {abs(total)}.",
            "Right if one axis outweighs the others: say so. Else correct the scores.",
        )


def key_axis_unlike_text(number: int, answers: Answers) -> Iterator[Problem]:
    """The text speaks of other axes, and nowhere of the one that decided."""
    key = answers.key_axis
    if answers.preferred is None or key is None or not is_known(key):
        return
    everything = " ".join(text_of(answers, name) for name in TEXTS)
    if argues_with(everything, key, key):
        return
    text = answers.justification
    spoken = {axis: argues_with(text, axis, axis) for axis in answers.axes if axis != key}
    axis = max(spoken, key=lambda name: len(spoken[name]), default=None)
    if axis is None or len(spoken[axis]) < 2:
        return
    words = spoken[axis][:3]
    yield Problem(
        "key-axis-unlike-the-text",
        "warning",
        number,
        "key_axis",
        f"You say that {key} decided, but the text speaks of {axis} "
        f"({', '.join(f'“{word[0]}”' for word in words)}) and nowhere of {key}.",
        f"Say what about {key} decided, or choose another key axis.",
        tuple(Mark.of("justification", text, word.start(), word.end()) for word in words),
    )
