"""A campaign's accepted votes as CSV, line by line and in constant memory, for whoever wants to compute anew.

The columns that ``marlin.statistics.Votes.from_frame`` reads have the names it reads them by.
"""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from marlin import campaigns
from marlin.leaderboards.ballots import OVERALL
from marlin.leaderboards.csv_cells import cell
from marlin.leaderboards.ranking import left_out_because
from marlin.reviews import AcceptedVote, accepted_votes

_COLUMNS = [
    "arm_a", "arm_b", "grade", "both_bad", "contributor", "task", "turn", "left_out", "category", "verdict", "key_axis",
    "comparison", "repeat", "again", "gold", "gold_agreed", "picked", "price_usd", "accepted_at",
]  # fmt: skip
_LINES_AT_A_TIME = 500


async def votes_as_csv(session: AsyncSession, campaign_id: UUID) -> AsyncIterator[tuple[str, int]]:
    """Pieces of the file, each with how many votes there have been so far; the first one is the head.

    :raises CampaignNotFoundError: if there is no such campaign.
    """
    await campaigns.get_campaign(session, campaign_id)
    arms = {arm.id: arm.name for arm in await campaigns.list_arms(session, campaign_id)}
    rubric = await campaigns.current_rubric(session, campaign_id)
    axes = [str(axis["name"]) for axis in rubric.content["axes"]]
    text, votes = io.StringIO(), 0
    writer = csv.writer(text)
    writer.writerow([*_COLUMNS, *(cell(f"grade_{axis}") for axis in axes)])
    yield text.getvalue(), 0
    text.seek(0)
    text.truncate()
    async for vote in accepted_votes(session, campaign_id):
        writer.writerow([cell(value) for value in _values(vote, arms, axes)])
        votes += 1
        if votes % _LINES_AT_A_TIME == 0:
            yield text.getvalue(), votes
            text.seek(0)
            text.truncate()
    yield text.getvalue(), votes


def _values(vote: AcceptedVote, arms: Mapping[UUID, str], axes: Sequence[str]) -> list[object]:
    return [
        arms[vote.arm_a_id], arms[vote.arm_b_id], vote.overall, vote.verdict == "both_bad", vote.person_id,
        vote.item_id, vote.turn_number, left_out_because(vote, OVERALL), vote.category, vote.verdict,
        vote.key_axis, vote.comparison_id, vote.repeat, vote.again, vote.gold, vote.gold_agreed, vote.picked,
        vote.price_cents / 100, vote.accepted_at.isoformat(), *(vote.scores.get(axis) for axis in axes),
    ]  # fmt: skip
