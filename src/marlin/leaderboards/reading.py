"""A campaign's ballots, read once for as long as nothing changes in them.

Several pages want the same votes at once, and one that is looked at again wants those of a moment ago. So the last
ones are kept, beside the version that the database had before they were read: a reader asks for the version as its own
transaction sees it, and reads again unless it is the same. What is kept are votes, for whoever may ask for all of a
campaign's; the endpoints decide that before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID
from weakref import WeakValueDictionary

from sqlalchemy.ext.asyncio import AsyncSession

from marlin import campaigns, comparisons
from marlin.leaderboards.ballots import OVERALL, ArmFacts, Ballot, Ballots, ballot
from marlin.reviews import accepted_votes, votes_version

MOST_VOTES = 200_000
"""Kept at a time, of all campaigns together, at 2.5 kB each. A larger campaign is read whenever it is looked at."""


class Shelf:
    """The ballots that were read last.

    :ivar reads: how often they were read from the database.
    """

    def __init__(self, most: int = MOST_VOTES) -> None:
        self._most = most
        self._kept: dict[UUID, tuple[tuple[Any, ...], Sequence[Ballot]]] = {}
        self._reading: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()
        self.reads = 0

    @property
    def votes(self) -> int:
        """How many are kept."""
        return sum(len(rows) for _, rows in self._kept.values())

    async def rows(self, session: AsyncSession, campaign_id: UUID) -> Sequence[Ballot]:
        """Every accepted vote of a campaign in the order of acceptance, as this transaction sees them."""
        found = self._find(campaign_id, await votes_version(session, campaign_id))
        if found is not None:
            return found
        lock = self._reading.setdefault(campaign_id, asyncio.Lock())
        async with lock:  # who waited finds what the other has read
            version = await votes_version(session, campaign_id)
            found = self._find(campaign_id, version)
            if found is None:
                # A change that comes in between is read, or not, and the next version will tell either way.
                found = await _read(session, campaign_id)
                self.reads += 1
                self._keep(campaign_id, version, found)
        return found

    def _find(self, campaign_id: UUID, version: tuple[Any, ...]) -> Sequence[Ballot] | None:
        kept = self._kept.get(campaign_id)
        if kept is None or kept[0] != version:
            return None
        self._kept[campaign_id] = self._kept.pop(campaign_id)  # the latest used comes last
        return kept[1]

    def _keep(self, campaign_id: UUID, version: tuple[Any, ...], rows: Sequence[Ballot]) -> None:
        self._kept.pop(campaign_id, None)
        if len(rows) > self._most:
            return
        self._kept[campaign_id] = (version, rows)
        while self.votes > self._most:
            self._kept.pop(next(iter(self._kept)))


_shelf = Shelf()


async def load_ballots(session: AsyncSession, campaign_id: UUID, *, shelf: Shelf = _shelf) -> Ballots:
    """Everything accepted in a campaign.

    :raises CampaignNotFoundError: if there is none.
    """
    await campaigns.get_campaign(session, campaign_id)
    arms = [
        ArmFacts(arm.id, arm.name, arm.agent, arm.active) for arm in await campaigns.list_arms(session, campaign_id)
    ]
    rubric = await campaigns.current_rubric(session, campaign_id)
    axes = [OVERALL, *(axis["name"] for axis in rubric.content["axes"])]
    return Ballots.of(arms, axes, await shelf.rows(session, campaign_id))


async def _read(session: AsyncSession, campaign_id: UUID) -> Sequence[Ballot]:
    votes = [vote async for vote in accepted_votes(session, campaign_id)]
    rollouts = {rollout for vote in votes for rollout in (vote.rollout_a_id, vote.rollout_b_id)}
    measures = await comparisons.measures_of(session, rollouts)
    return tuple(ballot(vote, measures) for vote in votes)
