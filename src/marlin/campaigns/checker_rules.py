"""The rules of the submission checker as a campaign sees them: what each is for, and whether it blocks. Pure.

What a rule looks at is in ``marlin.ratings.checker``. Here is what an operator decides: ``[checker]`` in the campaign
file sets a rule to ``error`` (it keeps a comparison from being submitted), ``warning`` (it must be read and
acknowledged) or ``off``. The choice is part of the terms, so comparisons that have begun keep theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning", "off"]


@dataclass(frozen=True, slots=True)
class CheckerRule:
    """A rule, and what it does unless the campaign says otherwise."""

    code: str
    level: Level
    finds: str
    why: str


CHECKER_RULES: tuple[CheckerRule, ...] = (
    # words against scores
    CheckerRule(
        "words-against-axis",
        "warning",
        "The text says that one side is better on an axis, and the score of that axis favours the other.",
        "One of the two is a slip, and nobody can tell later which.",
    ),
    CheckerRule(
        "words-against-overall",
        "warning",
        "The text prefers one side, and the overall score the other or neither.",
        "The preference is what models learn from; a slip here teaches the opposite.",
    ),
    CheckerRule(
        "strengths-only-for-the-loser",
        "warning",
        "Strengths are named for the side that is not preferred, and none for the one that is.",
        "The sides may be mixed up.",
    ),
    CheckerRule(
        "weaknesses-only-for-the-winner",
        "warning",
        "Weaknesses are named for the preferred side only.",
        "The sides may be mixed up.",
    ),
    # scores against scores
    CheckerRule(
        "key-axis-against-overall",
        "error",
        "The axis that decided favours the side that is not preferred.",
        "It can't have decided for the other side.",
    ),
    CheckerRule(
        "no-axis-for-the-winner",
        "warning",
        "A side is preferred that no axis favours.",
        "Then something decided that the rubric does not ask for: the text must say what.",
    ),
    CheckerRule(
        "axes-against-overall",
        "warning",
        "Added up, the axes clearly favour the side that is not preferred.",
        "That can be right when one axis outweighs the others, and is more often a slip.",
    ),
    CheckerRule(
        "equal-against-scores",
        "warning",
        "The verdict is equal, and every axis favours the same side.",
        "Then that side is better.",
    ),
    CheckerRule(
        "key-axis-unlike-the-text",
        "warning",
        "The text argues with other axes and nowhere with the one that decided.",
        "The reasons given are not the reason named.",
    ),
    # evidence
    CheckerRule(
        "extreme-score-without-evidence",
        "warning",
        "A score at the end of the scale, and the text names no file, line, code, output, check or number.",
        "Strong preferences weigh most, so they must be checkable.",
    ),
    CheckerRule(
        "citation-points-to-nothing",
        "error",
        "A cited file, line or step does not exist on that side.",
        "Whoever follows it finds nothing.",
    ),
    CheckerRule(
        "praise-of-what-is-not-there",
        "warning",
        "A side is praised for a file or code that its change does not hold; often it is the other side's.",
        "The sides may be mixed up, or the text describes what somebody expected to see.",
    ),
    CheckerRule(
        "both-bad-without-weaknesses",
        "warning",
        "Both are called bad, and the weaknesses of one are missing.",
        "A pair that is rejected teaches only through its reasons.",
    ),
    # the text itself
    CheckerRule(
        "same-strengths",
        "warning",
        "Both sides have the same text as strengths.",
        "It does not say what distinguishes them.",
    ),
    CheckerRule(
        "same-weaknesses",
        "warning",
        "Both sides have the same text as weaknesses.",
        "It does not say what distinguishes them.",
    ),
    CheckerRule(
        "strength-is-weakness",
        "error",
        "The strengths and the weaknesses of a side are the same text.",
        "One was pasted into the wrong field.",
    ),
    CheckerRule(
        "justification-too-short",
        "warning",
        "The justification has fewer than twelve words.",
        "Somebody who has not seen the results can't follow it.",
    ),
    CheckerRule(
        "justification-repeats", "error", "The justification repeats one word.", "It is filler, and teaches nothing."
    ),
    CheckerRule(
        "justification-repeated",
        "warning",
        "Two turns have the same justification.",
        "Each turn is decided by something of its own.",
    ),
    # texts of the same person's other comparisons
    CheckerRule(
        "justification-copied",
        "warning",
        "The justification is one that the contributor submitted with another comparison, word for word or nearly.",
        "Copied reasons are about other results, and count as a second opinion though there is only one.",
    ),
    CheckerRule(
        "prompt-copied",
        "warning",
        "A prompt is one that the contributor submitted with another comparison, word for word or nearly.",
        "The same task again shows nothing new, and counts as if it did.",
    ),
    # follow-ups
    CheckerRule(
        "follow-up-asks-nothing",
        "warning",
        "A follow-up neither asks nor orders anything.",
        "The turn it starts costs as much as any other and shows nothing.",
    ),
    CheckerRule(
        "follow-up-not-concrete",
        "warning",
        "A follow-up asks for improvement in general: nothing in it could be checked afterwards.",
        "Both sides guess what was meant, and the comparison measures luck.",
    ),
    CheckerRule(
        "follow-up-repeats",
        "warning",
        "A follow-up says again what an earlier prompt said.",
        "Say what is still wrong with the result instead.",
    ),
    CheckerRule(
        "role-play",
        "warning",
        "A follow-up gives the agent a role.",
        "Engineers write to a colleague; agents bring their own instructions.",
    ),
    CheckerRule(
        "mentions-pull-request",
        "warning",
        "A follow-up speaks of a pull request.",
        "The agent sees files, not pull requests; and it may give away where the task comes from.",
    ),
)

_DEFAULTS: dict[str, Level] = {rule.code: rule.level for rule in CHECKER_RULES}


def checker_levels(choices: Mapping[str, Level] | None = None) -> dict[str, Level]:
    """Every rule's level under a campaign's choices."""
    known = {code: level for code, level in (choices or {}).items() if code in _DEFAULTS}
    return _DEFAULTS | known


def unknown_rules(choices: Mapping[str, Level]) -> list[str]:
    """Codes that no rule has."""
    return sorted(set(choices) - set(_DEFAULTS))
