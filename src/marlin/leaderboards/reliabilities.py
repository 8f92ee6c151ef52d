"""How reliable each contributor is, by a model after Dawid and Skene over what several people judged, and gold tasks.

Votes are taken one after the other, and only what the model needs of each is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import statistics
from marlin.leaderboards.ballots import Ballot
from marlin.reviews import accepted_votes
from marlin.statistics import Estimate, NotEnoughVotesError


class Reliabilities:
    """Of all contributors who cast the votes of a campaign."""

    def __init__(self, ballots: Iterable[Ballot] = ()) -> None:
        self._judged: list[str] = []
        self._people: list[str] = []
        self._said: list[int] = []
        self._gold: dict[str, int] = {}
        self._tested: set[tuple[str, str]] = set()
        self._beside: dict[str, str] = {}
        self._overlapping: set[str] = set()
        for one in ballots:
            self.add(one)

    def add(self, ballot: Ballot) -> None:
        """Take a vote in. People's second votes on the same results are none of these."""
        vote = ballot.vote
        if not vote.picked:
            first = self._beside.setdefault(ballot.judged, ballot.person)
            if first != ballot.person:
                self._overlapping |= {first, ballot.person}
        if vote.verdict == "both_bad":
            return
        said = int(np.sign(-vote.overall if ballot.flipped else vote.overall))
        self._judged.append(ballot.judged)
        self._people.append(ballot.person)
        self._said.append(said)
        if vote.gold:
            self._tested.add((ballot.judged, ballot.person))
            # What a gold task's answer is, tells a vote that agreed with it; where nobody did, it anchors nothing.
            if vote.gold_agreed:
                self._gold[ballot.judged] = said

    def found(self) -> Mapping[str, Estimate]:
        """The chance that each person reports a decisive truth rightly, by the person's id as ballots have it.

        Whoever judged nothing that another person judged too, and no gold task with a known answer, is not there.
        """
        if not self._judged:
            return {}
        try:
            found = statistics.dawid_skene(self._judged, self._people, self._said, gold=self._gold)
        except NotEnoughVotesError:
            return {}
        known = self._overlapping | {person for judged, person in self._tested if judged in self._gold}
        return {name: one for name, one in found.accuracy.items() if name in known}


async def contributor_reliability(session: AsyncSession, campaign_id: UUID) -> dict[UUID, float]:
    """Each contributor's reliability in a campaign, by all that is accepted, from 0 to 1 in steps of 0.0001.

    People who can't be told apart from anybody yet are not there: see :meth:`Reliabilities.found`. It takes about
    0.5 kB of memory for each vote, until it is done.
    """
    votes = Reliabilities()
    async for vote in accepted_votes(session, campaign_id):
        if not vote.again:
            votes.add(Ballot(vote, None, None, ""))
    # The last digits of the sums depend on the machine; which rows are in a dataset must not.
    return {UUID(person): round(one.value, 4) for person, one in votes.found().items()}
