"""Handing out what to do next: ask, begin, skip, release; and starting a comparison under the campaign's policy.

Everything here takes the campaign's row first, so that in one campaign it goes one by one: two people who ask at once
never both get the last place, and one person never gets two.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import campaigns, comparisons
from marlin.accounts import Person, is_simulated, record_audit
from marlin.assignments import choosing, queries, verdicts, weighing
from marlin.assignments.errors import AssignmentNotFoundError, AssignmentOverError, SimulatedPersonError
from marlin.assignments.models import Assignment
from marlin.campaigns import AssignmentPolicy, Campaign, CampaignClosedError, Weights, policy_of
from marlin.comparisons import Comparison
from marlin.db import new_id, now
from marlin.errors import MarlinError
from marlin.tasks import get_brief

_ASK = "Ask for another one."
MOST_CANDIDATES = 1000
"""Results among which evidence looks for what is to be judged again; the oldest first."""


async def ask(session: AsyncSession, person: Person, campaign_id: UUID) -> Assignment:
    """What a contributor does next: what they hold or are judging, else something new. Asking again changes nothing.

    :raises CampaignNotFoundError: there is no such campaign. :raises CampaignClosedError: it is paused or closed.
    :raises MarlinError: nothing can be assigned now; see :mod:`marlin.assignments.errors`.
    """
    campaign = await campaigns.lock_campaign(session, campaign_id)
    current = await _current(session, person.id, campaign_id)
    if current is not None:
        return current
    chosen = await _next(session, person, campaign)
    if isinstance(chosen, MarlinError):
        raise chosen
    session.add(chosen)
    await session.flush()
    return chosen


async def look(
    session: AsyncSession, person: Person, campaign_id: UUID
) -> tuple[Assignment | None, MarlinError | None]:
    """What a contributor holds or is judging; or else why nothing would be assigned now. Nothing is handed out."""
    campaign = await campaigns.get_campaign(session, campaign_id)
    found = await queries.under_way(session, campaign_id, person.id)
    found = found or await queries.held(session, campaign_id, person.id)
    if found is not None and (found.status == "begun" or not await queries.is_over(session, found)):
        return found, None
    if campaign.status != "open":
        return None, _closed(campaign)
    if _out_of_place(person, campaign):
        return None, _simulated()
    standing = await queries.standing(session, campaign_id, person.id)
    return None, choosing.refusal(policy_of(campaign.assignment), standing)


async def _current(session: AsyncSession, person_id: UUID, campaign_id: UUID) -> Assignment | None:
    judging = await queries.under_way(session, campaign_id, person_id)
    if judging is not None:
        return judging
    found = await queries.held(session, campaign_id, person_id)
    if found is not None and await queries.is_over(session, found):
        _end(found, "expired")
        await session.flush()
        return None
    return found


def _out_of_place(person: Person, campaign: Campaign) -> bool:
    """Whether a simulated person would vote among real ones: what is synthetic must not reach what counts."""
    return is_simulated(person.email) and not campaign.synthetic


def _simulated() -> SimulatedPersonError:
    return SimulatedPersonError(
        "Simulated contributors take part in synthetic campaigns alone.", hint="Sign in as somebody who is real."
    )


def _closed(campaign: Campaign) -> CampaignClosedError:
    return CampaignClosedError(
        f"The campaign is {campaign.status}; nothing new can begin in it.",
        hint="Choose another campaign; what you began can be finished.",
    )


async def _next(session: AsyncSession, person: Person, campaign: Campaign) -> Assignment | MarlinError:
    """A new assignment, or why there is none."""
    if campaign.status != "open":
        return _closed(campaign)
    if _out_of_place(person, campaign):
        return _simulated()
    policy = policy_of(campaign.assignment)
    standing = await queries.standing(session, campaign.id, person.id)
    refused = choosing.refusal(policy, standing)
    if refused is not None:
        return refused
    golds: list[queries.Item] = []
    overlaps: list[queries.Item] = []
    if queries.may_judge_others(person):
        if policy.gold_rate or policy.gold_to_qualify:
            golds = list(await queries.gold_items(session, campaign.id, person.id))
        limit = MOST_CANDIDATES if policy.overlap_by == "evidence" else 100
        found = await queries.overlap_items(session, campaign.id, person.id, people=policy.overlap_people, limit=limit)
        overlaps = list(found)
    agains: list[queries.Item] = []
    if policy.again_rate:
        agains = list(await queries.again_items(session, campaign.id, person.id, days=policy.again_after_days))
    seed = secrets.token_hex(16)
    drawn = choosing.lot(seed)
    kind = choosing.choose(policy, standing, drawn, gold=bool(golds), overlap=bool(overlaps), again=bool(agains))
    if isinstance(kind, MarlinError):
        return kind
    items = {"gold": golds, "overlap": overlaps, "again": agains}.get(kind, [])
    by_evidence = kind == "overlap" and policy.overlap_by == "evidence"
    item, picked = await _pick(session, person, campaign.id, items, seed, by_evidence=by_evidence)
    return Assignment(
        id=new_id(),
        campaign_id=campaign.id,
        person_id=person.id,
        kind=kind,
        source_id=item.source_id if item else None,
        gold_id=item.gold_id if item else None,
        price_cents=_price(campaign, policy, judging=item is not None),
        draw={
            "method": choosing.METHOD,
            "seed": seed,
            "originals": standing.originals,
            "repeats": standing.repeats,
            "gold": len(golds),
            "overlap": len(overlaps),
            "again": len(agains),
            **picked,
        },
        expires_at=now() + queries.HELD_FOR,
    )


async def _pick(
    session: AsyncSession,
    person: Person,
    campaign_id: UUID,
    items: Sequence[queries.Item],
    seed: str,
    *,
    by_evidence: bool,
) -> tuple[queries.Item | None, dict[str, Any]]:
    """One of the items, by lot, so that two who know each other can't foretell what both will get; and how likely it
    was. Evidence moves the chances of half the lots, where the campaign asks for it and there is enough."""
    if not items:
        return None, {}
    lot = choosing.lot(f"{seed}:item")
    record: dict[str, Any] = {"by": "chance"}
    if by_evidence:
        said = await verdicts.opinions(session, campaign_id)
        wanted = [item.source_id for item in items]
        shares, why = await asyncio.to_thread(weighing.chances, said, wanted, person.id)
        if shares is not None and lot >= weighing.BY_CHANCE:
            lot = (lot - weighing.BY_CHANCE) / (1 - weighing.BY_CHANCE)
            chosen, chance = weighing.places(dict(zip(wanted, shares, strict=True)), lot)
            record = {"by": "evidence", "probability": (1 - weighing.BY_CHANCE) * chance, **why}
            return next(item for item in items if item.source_id == chosen), {"item": record}
        record |= why
        lot = lot / weighing.BY_CHANCE if shares is not None else lot
        record["share"] = weighing.BY_CHANCE if shares is not None else 1.0
        first = list(items)  # all alike, so that what is measured on them speaks for all
    else:
        first = [item for item in items if item.people == items[0].people]
    record["probability"] = record.pop("share", 1.0) / len(first)
    return first[int(lot * len(first))], {"item": record}


def _price(campaign: Campaign, policy: AssignmentPolicy, *, judging: bool) -> int:
    if judging and policy.overlap_price_cents is not None:
        return policy.overlap_price_cents
    return campaign.price_cents


async def begin(session: AsyncSession, person: Person, assignment_id: UUID) -> Assignment:
    """Begin to judge the results of an assignment: makes its comparison. Beginning again changes nothing.

    :raises AssignmentNotFoundError: it does not exist or is someone else's.
    :raises AssignmentOverError: its time is over, or it was skipped, or it asks for a brief.
    """
    found = await _locked(session, assignment_id, person.id)
    if found.status == "begun":
        return found
    _require_held(found)
    if await queries.is_over(session, found):
        raise AssignmentOverError("This assignment is over: its time, or what was to be judged.", hint=_ASK)
    if found.source_id is None:
        raise AssignmentOverError(
            "This assignment asks you to write a task.",
            hint="Write a brief and start its comparison: POST /comparisons.",
        )
    campaign = await campaigns.get_open_campaign(session, found.campaign_id)
    paused = choosing.pause(policy_of(campaign.assignment))
    if paused is not None:
        raise paused
    comparison = await comparisons.repeat_comparison(
        session, person.id, found.source_id, price_cents=found.price_cents, again=found.kind == "again"
    )
    await session.flush()
    _begun(found, comparison)
    return found


async def start_comparison(session: AsyncSession, person: Person, brief_id: UUID) -> Comparison:
    """Start a comparison from a prepared brief, within the campaign's caps.

    :raises AssignmentRequiredError: the campaign wants it assigned first.
    :raises MarlinError: see :func:`marlin.assignments.choosing.refusal` and
        :func:`marlin.comparisons.create_comparison`.
    """
    brief = await get_brief(session, brief_id, owner_id=person.id)
    campaign = await campaigns.lock_campaign(session, brief.campaign_id)
    if _out_of_place(person, campaign):
        raise _simulated()
    if brief.status != "used" and campaign.status == "open":
        assignment = await queries.require_held(session, campaign, person.id)
        # whoever holds an assignment has their place in the caps: others count it as theirs, and they themselves don't
        standing = await queries.standing(session, campaign.id, person.id)
        refused = choosing.refusal(policy_of(campaign.assignment), standing)
        if refused is not None:
            raise refused
        weights = await _weights(session, person, campaign)
        comparison = await comparisons.create_comparison(session, person.id, brief_id, weights=weights)
        if assignment is not None:
            _begun(assignment, comparison)
        return comparison
    return await comparisons.create_comparison(session, person.id, brief_id)  # it says what is wrong


async def _weights(session: AsyncSession, person: Person, campaign: Campaign) -> Weights | None:
    """How often each pair is to be drawn for this person: from what others have said; None where all are alike."""
    policy = policy_of(campaign.assignment)
    if policy.pairs_by == "chance":
        return None
    said = await verdicts.tallies(session, campaign.id, without=person.id)
    active = [arm.id for arm in await campaigns.list_arms(session, campaign.id, only_active=True)]
    # some ten milliseconds of arithmetic: not on the loop that serves everybody else
    return await asyncio.to_thread(weighing.weights, said, active, floor=policy.pairs_floor)


async def skip(session: AsyncSession, person: Person, assignment_id: UUID, *, reason: str) -> Assignment:
    """Give an assignment back, with a reason; also results one has begun to judge and not submitted.

    :raises AssignmentNotFoundError: it does not exist or is someone else's.
    :raises AssignmentOverError: there is nothing to give back any more.
    """
    found = await _locked(session, assignment_id, person.id)
    if found.status == "skipped":
        return found
    await _give_back(session, found, "skipped", reason, owner_id=person.id)
    return found


async def release(session: AsyncSession, operator: Person, assignment_id: UUID, *, reason: str) -> Assignment:
    """Take an assignment back, so that somebody else gets it.

    :raises AssignmentNotFoundError: there is none. :raises AssignmentOverError: it is over, or the work is done.
    """
    found = await _locked(session, assignment_id, None)
    await _give_back(session, found, "released", reason, owner_id=None)
    record_audit(session, operator, "assignment.released", f"assignment:{found.id}", {"reason": reason})
    return found


async def _give_back(
    session: AsyncSession, found: Assignment, status: str, reason: str, *, owner_id: UUID | None
) -> None:
    if found.status == "begun" and found.kind != "own":
        assert found.comparison_id is not None
        await comparisons.give_back(session, found.comparison_id, owner_id=owner_id)
        found.agreed = None
    else:
        _require_held(found)
    _end(found, status)
    found.reason = reason.strip()


async def _locked(session: AsyncSession, assignment_id: UUID, person_id: UUID | None) -> Assignment:
    """An assignment, its campaign and its row kept from changing until the transaction ends."""
    query = select(Assignment.campaign_id, Assignment.person_id).where(Assignment.id == assignment_id)
    row = (await session.execute(query)).one_or_none()
    if row is None or (person_id is not None and row.person_id != person_id):
        raise AssignmentNotFoundError("There is no such assignment.", hint="Ask for one on the campaign's page.")
    await campaigns.lock_campaign(session, row.campaign_id)
    return await session.get_one(Assignment, assignment_id, populate_existing=True)


def _require_held(found: Assignment) -> None:
    if found.status != "held":
        said = {"begun": "begun", "skipped": "skipped", "released": "taken back by an operator"}
        raise AssignmentOverError(
            f"This assignment was {said.get(found.status, 'given up: its time was over')}.", hint=_ASK
        )


def _begun(assignment: Assignment, comparison: Comparison) -> None:
    _end(assignment, "begun")
    assignment.comparison_id = comparison.id


def _end(assignment: Assignment, status: str) -> None:
    assignment.status, assignment.ended_at = status, now()
