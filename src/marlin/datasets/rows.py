"""One canonical row: facts, contents of both results, and everybody's judgement."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from marlin import comparisons
from marlin.agents import Trajectory
from marlin.campaigns import Arm
from marlin.comparisons import Attempt, Rollout
from marlin.datasets.aggregating import Aggregate, Vote, aggregate, swap
from marlin.datasets.licences import Licences
from marlin.datasets.queries import Facts, Item
from marlin.datasets.segments import Part, part_of, shared
from marlin.errors import InvalidInputError, NotFoundError
from marlin.gateway import ExchangeStoreError
from marlin.reviews import AcceptedRating
from marlin.tasks import Code
from marlin.workspaces import ArchiveMissingError

Row = dict[str, Any]

LARGEST_PATCH = 4 * 1024**2
"""Characters. Nobody judges, and no model learns, from a longer one."""


async def canonical_row(
    code: Code, licences: Licences, item: Item, facts: Facts, *, campaign: str, anonymous: bool = False
) -> Row:
    """The row of an item, not scrubbed yet.

    :param anonymous: arms by numbers made of their ids, without agent and model.

    A side whose provider lets nobody train on its outputs keeps its facts and loses its contents.
    """
    first = item.ratings[0]
    agg = aggregate([_vote(rating, rating.rating_id in facts.swapped) for rating in item.ratings])
    may_train = _may_train(item, facts)
    parts, sides = [], []
    for (rollout, arm, attempt), allowed in zip(facts.sides, may_train, strict=True):
        part = await _part(code, attempt) if allowed else Part("none", refused="an arm's outputs may not train")
        patch, patch_refused = await _patch(code, facts, rollout) if allowed else ("", "an arm's outputs may not train")
        parts.append(part)
        sides.append(_side(rollout, arm, attempt, part, patch, patch_refused, anonymous))
    if all(may_train):
        common = shared(parts[0], parts[1], first.prompt, first=item.turn_number == 1)
    else:
        known = parts[0] if may_train[0] else parts[1]
        common = shared(known, known, first.prompt, first=item.turn_number == 1)
    refused = _pairs_refused(item, agg, may_train)
    trajectory_refused = refused or parts[0].refused or parts[1].refused or common.refused
    own = first.continuation == "own" and item.turn_number > 1
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
        "licences": await licences.of(facts.environment.repository, facts.environment.base_commit),
        "environment": _environment(facts),
        "rubric_version": facts.rubric_version,
        "guidelines_version": first.guidelines_version,
        "request": first.prompt,
        "prompt": None if own or common.prompt is None else list(common.prompt),
        "tools": None if own or common.tools is None else list(common.tools),
        "a": sides[0],
        "b": sides[1],
        "ratings": [_rating(rating, facts) for rating in item.ratings],
        "agg": {name: getattr(agg, name) for name in ("label", "strength", "n", "agreement", "method", "axes")},
        "pairs": refused is None,
        "pairs_refused": refused,
        "single": not first.aa and not any(rating.gold for rating in item.ratings),
        "trajectory": trajectory_refused is None,
        "trajectory_refused": trajectory_refused,
    }


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
        return "an arm's outputs may not train"
    if agg.label not in ("A", "B"):
        return {"split": "people disagree, and nobody decided"}.get(agg.label, f"no preference: {agg.label}")
    return None


async def _part(code: Code, attempt: Attempt | None) -> Part:
    if attempt is None:
        return part_of(None)
    try:
        found: Trajectory | None = await comparisons.load_trajectory(code, attempt.raw)
    except NotFoundError:
        found = None
    except (ExchangeStoreError, ArchiveMissingError):
        return Part("none", refused="the record of a side's model calls is broken or gone")
    return part_of(found)


async def _patch(code: Code, facts: Facts, rollout: Rollout) -> tuple[str, str | None]:
    """What a side changed in this turn, as git prints it, and why there is none."""
    if rollout.commit is None:
        return "", "the side left no result"
    try:
        data = await code.diff(facts.environment.repository, str(rollout.start["commit"]), rollout.commit)
    except NotFoundError:
        return "", "the side's commit is gone"
    except InvalidInputError:
        return "", "the change is too large"
    if len(data) > LARGEST_PATCH:
        return "", "the change is too large"
    return data.decode(errors="replace"), None if data else "the side changed nothing"


def _side(
    rollout: Rollout,
    arm: Arm,
    attempt: Attempt | None,
    part: Part,
    patch: str,
    patch_refused: str | None,
    anonymous: bool,
) -> Row:
    checks = [check for check in rollout.checks if check.attempt == rollout.attempt]
    sandbox = attempt.provenance.get("sandbox", {}) if attempt else {}
    return {
        "arm": arm_pseudonym(arm.id) if anonymous else arm.name,
        "agent": None if anonymous else arm.agent,
        "model": None if anonymous else arm.model,
        "commit": rollout.commit,
        "outcome": rollout.outcome,
        "patch": patch,
        "patch_refused": patch_refused,
        "source": part.source,
        "usable": part.refused is None,
        "refused": part.refused,
        "system": part.system,
        "tools": list(part.tools),
        "messages": list(part.messages),
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
