"""Reviewers' decisions, and what follows them, over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tests.factories.people import Browser, Town

from marlin.campaigns import Campaign
from marlin.reviews import accepted_ratings, accepted_votes

WORDS = "The justification is the one of another task, word for word."
ANSWER = "It is my own text of last week: both tasks are about the same import, and both drop the last row."


async def decide(who: Browser, comparison: UUID | str, decision: str, words: str = WORDS, **more: Any) -> Any:
    reason = {"reason": "copied"} if decision == "reject" else {}
    return await who.post(
        f"/comparisons/{comparison}/reviews", {"decision": decision, "comments": words, **reason, **more}
    )


async def reject(who: Browser, comparison: UUID | str, reason: str = "copied") -> Any:
    answer = await decide(who, comparison, "reject", reason=reason)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def dispute(who: Browser, comparison: UUID | str, words: str = ANSWER) -> Any:
    return await who.post(f"/comparisons/{comparison}/dispute", {"text": words})


async def reopen(who: Browser, comparison: UUID | str, words: str = "") -> Any:
    return await who.post(f"/comparisons/{comparison}/reviews/reopen", {"comments": words})


async def status_of(who: Browser, comparison: UUID | str) -> str:
    return str((await who.get(f"/comparisons/{comparison}")).json()["status"])


async def latest(who: Browser, comparison: UUID | str) -> Any:
    return (await who.get(f"/comparisons/{comparison}/reviews")).json()[0]


async def queue(who: Browser) -> list[tuple[str, bool]]:
    rows = (await who.get("/reviews/queue")).json()
    return [(row["comparison_id"], row["disputed"]) for row in rows]


async def evidence(town: Town, campaign: Campaign) -> tuple[int, int]:
    """How many ratings can become training data, and how many votes count."""
    async with town.database.transaction() as session:
        ratings = [row async for row in accepted_ratings(session, campaign.id) if not row.task_rejected]
        return len(ratings), len([vote async for vote in accepted_votes(session, campaign.id)])
