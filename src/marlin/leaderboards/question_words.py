"""A question as people say it, and what an amendment of it changes. Pure."""

from __future__ import annotations

from marlin.leaderboards.question_schemas import QuestionOut, QuestionWish

Asked = QuestionOut | QuestionWish
"""Registered, or about to be."""

CONTROLS = {
    "none": "none",
    "checks_passed": "checks passed",
    "changed_lines": "changed lines",
    "model_calls": "model calls",
}
_COUNTS = {"side": "which side is preferred", "strength": "how strongly a side is preferred"}
_WHEN_DECIDED = {"tell": "tells", "pause": "pauses new assignments"}


def asked(question: Asked) -> str:
    """The question itself: arms, axis, and what would answer it."""
    baseline, candidate = question.arms
    first = f"Which is preferred ({question.axis}), {candidate} or {baseline}"
    if question.sides == 1:
        first = f"Is {candidate} preferred to {baseline} ({question.axis})"
    looks = "one look" if question.looks == 1 else f"{question.looks} looks"
    return (
        f"{first}, if the better one gets at least {exactly(question.smallest_share)} of preferences? The chance of a "
        f"wrong preference is {exactly(question.alpha)} at most, of finding the better one {exactly(question.power)} "
        f"at least, with {looks} and {_cap(question.most_comparisons)}."
    )


def beside(question: Asked) -> list[str]:
    """What else is registered with it, in sentences: all of it stays on record."""
    said = []
    if question.counts == "strength":
        said.append("Votes count by how strongly a side is preferred.")
    if question.control != "none":
        said.append(f"Control variate: {CONTROLS[question.control]}.")
    if question.contributors is not None:
        alike = f", with an ICC of {question.icc:g} of one person's votes" if question.icc else ""
        said.append(f"{question.contributors:,} contributors are expected{alike}.")
    if question.equal_share:
        said.append(f"{exactly(question.equal_share)} of verdicts are expected to be equal.")
    if question.when_decided == "pause":
        said.append("New assignments pause by themselves when it is decided.")
    else:
        said.append("When it is decided you are told; nothing pauses by itself.")
    return said


def changes(now: Asked, before: Asked) -> list[str]:
    """What is different, each with before and after: ``looks: 10 → 5``."""
    told_now, told_before = _facts(now), _facts(before)
    return [f"{name}: {told_before[name]} → {told}" for name, told in told_now.items() if told != told_before[name]]


def _facts(question: Asked) -> dict[str, str]:
    people = question.contributors
    return {
        "arms": f"{question.arms[1]} against {question.arms[0]}",
        "axis": question.axis,
        "smallest effect": exactly(question.smallest_share),
        "error": exactly(question.alpha),
        "power": exactly(question.power),
        "cap": _cap(question.most_comparisons),
        "directions": "either" if question.sides == 2 else f"only whether {question.arms[1]} is better",
        "looks": f"{question.looks}",
        "what counts": _COUNTS[question.counts],
        "contributors": "not known" if people is None else f"{people:,}",
        "likeness of one person's votes (ICC)": f"{question.icc:g}",
        "equal verdicts": exactly(question.equal_share),
        "control variate": CONTROLS[question.control],
        "when decided": _WHEN_DECIDED[question.when_decided],
    }


def _cap(most: int | None) -> str:
    return "as many comparisons as that needs" if most is None else f"at most {most:,} comparisons"


def exactly(share: float) -> str:
    """With the digits it was registered with: an error of 2.5 % is neither 2 nor 3."""
    return f"{float(f'{100 * share:.6g}'):g} %"
