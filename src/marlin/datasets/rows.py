"""One canonical row: what the tables know of two results, and everybody's judgement of them."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from marlin.campaigns import Arm
from marlin.comparisons import Attempt, Rollout
from marlin.datasets.aggregating import Aggregate, Vote, aggregate, swap
from marlin.datasets.contents import MAY_NOT_TRAIN, Result
from marlin.datasets.queries import Facts, Item
from marlin.reviews import AcceptedRating

Row = dict[str, Any]


def known_row(item: Item, facts: Facts, *, campaign: str, anonymous: bool = False) -> Row:
    """All of an item's row that the tables know; :func:`marlin.datasets.contents.complete` adds what its sides hold.

    :param anonymous: arms by numbers made of their ids, without agent and model.
    """
    first = item.ratings[0]
    agg = aggregate([_vote(rating, rating.rating_id in facts.swapped) for rating in item.ratings])
    refused = _pairs_refused(item, agg, _may_train(item, facts))
    return {
        "id": f"{item.comparison_id}-{item.turn_number}",
        "comparison_id": str(item.comparison_id),
        "turn": item.turn_number,
        "continuation": first.continuation,
        "campaign": campaign,
        "synthetic": first.synthetic,
        "task_id": str(facts.brief.id),
        "category": facts.brief.category,
        "repository": facts.environment.repository,
        "source": facts.brief.source,
        "base_commit": facts.environment.base_commit,
        "start_commit": str(facts.sides[0][0].start["commit"]),
        "licences": [],
        "environment": _environment(facts),
        "rubric_version": facts.rubric_version,
        "guidelines_version": first.guidelines_version,
        "request": first.prompt,
        "prompt": None,
        "tools": None,
        "a": _side(*facts.sides[0], anonymous),
        "b": _side(*facts.sides[1], anonymous),
        "ratings": [_rating(rating, facts) for rating in item.ratings],
        "agg": {name: getattr(agg, name) for name in ("label", "strength", "n", "agreement", "method", "axes")},
        "pairs": refused is None,
        "pairs_refused": refused,
        "single": not first.aa and not any(rating.gold for rating in item.ratings),
        "trajectory": False,
        "trajectory_refused": refused,
    }


def results_of(item: Item, facts: Facts) -> tuple[Result, Result]:
    """Where the contents of both sides are. A side whose provider lets nobody train on its outputs loses them."""
    a, b = (
        Result(str(rollout.start["commit"]), rollout.commit, dict(attempt.raw) if attempt else None, allowed)
        for (rollout, _, attempt), allowed in zip(facts.sides, _may_train(item, facts), strict=True)
    )
    return a, b


def never_trains(item: Item, facts: Facts) -> bool:
    """Whether nothing of an item may be trained on: both sides, or the history that they share."""
    allowed = _may_train(item, facts)
    return not any(allowed) or (item.turn_number > 1 and not all(allowed))


def _may_train(item: Item, facts: Facts) -> tuple[bool, bool]:
    return facts.sides[0][1].outputs_may_train, facts.sides[1][1].outputs_may_train


def _pairs_refused(item: Item, agg: Aggregate, may_train: tuple[bool, bool]) -> str | None:
    first = item.ratings[0]
    if first.aa:
        return "both sides were the same arm (a control)"
    if any(rating.gold for rating in item.ratings):
        return "a gold task"
    if first.continuation == "own" and item.turn_number > 1:
        return "each arm had gone on by itself: no shared history"
    if not all(may_train):
        return MAY_NOT_TRAIN
    if agg.label not in ("A", "B"):
        return {"split": "people disagree, and nobody decided"}.get(agg.label, f"no preference: {agg.label}")
    return None


def _side(rollout: Rollout, arm: Arm, attempt: Attempt | None, anonymous: bool) -> Row:
    checks = [check for check in rollout.checks if check.attempt == rollout.attempt]
    sandbox = attempt.provenance.get("sandbox", {}) if attempt else {}
    return {
        "arm": arm_pseudonym(arm.id) if anonymous else arm.name,
        "agent": None if anonymous else arm.agent,
        "model": None if anonymous else arm.model,
        "commit": rollout.commit,
        "outcome": rollout.outcome,
        "patch": "",
        "patch_refused": None,
        "source": "none",
        "usable": False,
        "refused": None,
        "system": "",
        "tools": [],
        "messages": [],
        "checks": {
            "newly_failing": sum(check.against_base == "newly_failing" for check in checks),
            "results": [
                {"kind": check.kind, "name": check.name, "status": check.status, "against_base": check.against_base}
                for check in checks
            ],
        },
        "sandbox": {name: sandbox.get(name) for name in ("backend", "base_image")},
    }


def _environment(facts: Facts) -> Row:
    found = facts.environment
    return {"id": str(found.id), "key": found.key, "base_image": found.base_image, "set_up": found.set_up_command}


def _vote(rating: AcceptedRating, swapped: bool) -> Vote:
    label = rating.preferred or rating.verdict
    sign = -1 if swapped else 1
    return Vote(
        label=str(swap(label) if swapped else label),
        strength=rating.strength,
        axes={name: sign * score for name, score in rating.answers.axes.items() if score is not None},
        record=swap(rating.label) if swapped else rating.label,
        counts=not rating.gold,
    )


def _rating(rating: AcceptedRating, facts: Facts) -> Row:
    swapped = rating.rating_id in facts.swapped
    vote = _vote(rating, swapped)
    return {
        "rater": pseudonym(rating.campaign_id, rating.person_id),
        "terms": facts.terms.get(rating.person_id),
        "verdict": rating.verdict,
        "preferred": vote.label if vote.label in ("A", "B") else None,
        "strength": rating.strength,
        "axes": dict(vote.axes),
        "key_axis": rating.answers.key_axis,
        "justification": rating.answers.justification,
        "sides_swapped": swapped,
        "gold": rating.gold,
        "gold_agreed": rating.gold_agreed,
    }


def arm_pseudonym(arm_id: UUID) -> str:
    """An arm's name in a dataset that tells no model."""
    return "arm-" + hashlib.sha256(f"marlin-arm\0{arm_id}".encode()).hexdigest()[:8]


def pseudonym(campaign_id: UUID, person_id: UUID) -> str:
    """A person's name in a dataset: the same all over one campaign, another in the next."""
    return "rater-" + hashlib.sha256(f"marlin-rater\0{campaign_id}\0{person_id}".encode()).hexdigest()[:12]
