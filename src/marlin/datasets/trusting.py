"""Whose judgement counts, by how reliable people are. Pure.

What a person less reliable than asked has judged is in no row. What others say of the same results still is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from marlin.datasets.queries import Item

NOT_ESTIMATED = "reliability not estimated: nothing that others judged too, and no gold task"
LESS = "less reliable than asked"
NOBODY_LEFT = "filter: reliability"


@dataclass(frozen=True, slots=True)
class Trust:
    """What is asked of people.

    :ivar least: reliability that a person must have, 0 to 1.
    :ivar known: people's reliability, of those for whom it can be estimated.
    :ivar keep_unestimated: whether the others count all the same.
    """

    least: float
    known: Mapping[UUID, float]
    keep_unestimated: bool = False

    def refusal(self, person_id: UUID) -> str | None:
        """Why a person's judgement doesn't count; None if it does."""
        reliability = self.known.get(person_id)
        if reliability is None:
            return None if self.keep_unestimated else NOT_ESTIMATED
        return None if reliability >= self.least else LESS

    def sifted(self, item: Item) -> tuple[Item | None, list[tuple[UUID, str]]]:
        """An item with the ratings that count, None if there is none; and people whose ratings don't, with why.

        Ratings of gold tasks stay: they count for nothing, but say that the results were such a task's.
        """
        refused = [
            (rating.person_id, reason)
            for rating in item.ratings
            if not rating.gold and (reason := self.refusal(rating.person_id))
        ]
        if not refused:
            return item, []
        people = {person for person, _ in refused}
        left = tuple(rating for rating in item.ratings if rating.gold or rating.person_id not in people)
        return (None if all(rating.gold for rating in left) else replace(item, ratings=left)), refused
