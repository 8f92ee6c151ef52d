"""Words of the environment that give the label away: they go with one side, and the model did not write them.

Masking keeps a model from learning such words, not from reacting to them where it reads them. So they are pointed out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from marlin.training.dataset import Message, Pair

MOST_LINES = 200_000
"""Distinct lines that are counted; memory stays bounded, and a cue that matters is met early."""
LEAST_SHARE, ONE_SIDED = 0.05, 0.9
LEAST_PAIRS = 10
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Cue:
    """A line of tool output that stands on one side only.

    :ivar losing: in so many pairs on the side that was not preferred; ``winning`` on the other.
    """

    line: str
    losing: int
    winning: int


@dataclass(slots=True)
class CueCounter:
    """Counts, pair by pair."""

    pairs: int = 0
    _counts: dict[str, list[int]] = field(default_factory=dict)

    def add(self, pair: Pair) -> None:
        """Look at what tools answered on either side."""
        self.pairs += 1
        chosen, rejected = _lines(pair.chosen), _lines(pair.rejected)
        for side, lines in ((0, rejected - chosen), (1, chosen - rejected)):
            for line in lines:
                if line in self._counts or len(self._counts) < MOST_LINES:
                    self._counts.setdefault(line, [0, 0])[side] += 1

    def found(self) -> Iterator[Cue]:
        """Those that go with one side in enough pairs to be learnt from, the commonest first."""
        least = max(LEAST_PAIRS, LEAST_SHARE * self.pairs)
        for line, (losing, winning) in sorted(self._counts.items(), key=lambda one: -sum(one[1])):
            together = losing + winning
            if together >= least and max(losing, winning) >= ONE_SIDED * together:
                yield Cue(line, losing, winning)


def _lines(messages: list[Message]) -> set[str]:
    """Of tool output, cut to what is remembered; numbers are alike, since times and sizes never repeat."""
    return {
        _NUMBER.sub("0", line.strip())[:120]
        for message in messages
        if message["role"] == "tool"
        for line in str(message.get("content") or "").splitlines()
        if line.strip()
    }
