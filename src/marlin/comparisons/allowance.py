"""How much of what an agent does goes into the log that people follow. Pure.

The log lies in the database and an agent is not trusted: without a bound one could fill it. The raw conversation, which
is bounded on its own, has everything.
"""

from __future__ import annotations

from dataclasses import dataclass

MOST_EVENTS = 50_000
"""Of one attempt. The longest honest rollouts have some thousands."""

MOST_CHARACTERS = 48 * 1024**2
"""Of one attempt's events, as JSON."""

LONGEST_EVENT = 2 * 1024**2
"""Characters of one event, as JSON."""

NOTICE = "The transcript ends here: the agent reported more than Marlin shows. The diff and the checks are complete."


@dataclass(slots=True)
class Allowance:
    """What is left for one attempt."""

    events: int = MOST_EVENTS
    characters: int = MOST_CHARACTERS
    spent: bool = False
    """Whether an event was refused: then none is shown any more, so that a transcript has no holes."""

    def admits(self, characters: int) -> bool:
        """Take one event of so many characters out of it, if there is room."""
        if self.spent or self.events < 1 or characters > min(self.characters, LONGEST_EVENT):
            self.spent = True
            return False
        self.events -= 1
        self.characters -= characters
        return True
