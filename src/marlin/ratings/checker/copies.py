"""Texts that a person wrote for another comparison before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from marlin.ratings.checker.problems import Copy, Problem


def copied(copies: Iterable[Copy]) -> Iterator[Problem]:
    """A problem for each text that is its author's own of another comparison."""
    for copy in copies:
        how = "word for word" if copy.exact else "nearly"
        if copy.field == "prompt":
            yield Problem(
                "prompt-copied",
                "warning",
                copy.turn,
                "prompt",
                f"The prompt of turn {copy.turn} is {how} that of another comparison of the same person.",
                "The same task twice shows nothing new. If it is another task, on other code, acknowledge this.",
                refers=copy.of,
            )
        else:
            yield Problem(
                "justification-copied",
                "warning",
                copy.turn,
                "justification",
                f"The justification of turn {copy.turn} is {how} that of another comparison of the same person.",
                "Say what decided between these two results. Copied reasons are a ground for rejection.",
                refers=copy.of,
            )
