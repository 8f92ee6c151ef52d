"""What a simulated campaign is played by: its campaign, its briefs, and how its people judge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Occasion:
    """What is judged, by whom, and the how-manieth of theirs it is: together the seed of its noise."""

    contributor: int
    ordinal: int
    turn: int
    arm_a: str
    arm_b: str
    item_id: str


class Script(Protocol):
    """Everything that playing a campaign asks of whoever made it up."""

    @property
    def campaign(self) -> str:
        """The campaign's slug."""

    @property
    def arms(self) -> tuple[str, ...]:
        """Names of its arms, in their order."""

    @property
    def contributors(self) -> int:
        """How many people."""

    @property
    def comparisons(self) -> int:
        """How many comparisons in all."""

    @property
    def turns(self) -> int:
        """Turns of each comparison."""

    def campaign_wish(self, base_image: str) -> dict[str, Any]:
        """The campaign, as ``POST /campaigns`` takes it."""

    def example(self, contributor: int, ordinal: int) -> str | None:
        """The example brief of this person's next comparison of their own; None: they have done their part."""

    def answers(self, turn: dict[str, Any], occasion: Callable[[], Occasion]) -> dict[str, Any]:
        """The rating of a turn, as its contributor sees it.

        :param occasion: tells which arm stands on which side; whoever judges blind doesn't ask.
        """
