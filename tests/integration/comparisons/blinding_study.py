"""Can a program tell the arms apart by what is served beside the work? Run by hand, for the figures in
docs/reference/blinding-attacks.md::

    .venv/bin/python -m pytest -q -s tests/integration/comparisons/blinding_study.py

Two arms do the same work in every comparison, each in its own manner (see ``test_comparison_blind_to_speed``): one is
first, streams in small pieces and is never lost; the other is last, says things whole, prints late, and is lost once.
Which side each has is drawn by the service itself. Everything that any operation of the access table serves to the
contributor and to a reviewer is taken apart into features (every value, header, and the time that the answer took); a
ridge classifier that has seen all other comparisons says which arm is A, and each feature alone is held against chance.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from tests.factories.comparisons import open_campaign, started
from tests.factories.judgement import answers, arms_of
from tests.factories.people import Browser, Town
from tests.integration.comparisons.test_comparison_blind_to_speed import Story, hub, leaves

from marlin.accounts import Role
from marlin.db import Database

__all__ = ["hub"]
COMPARISONS = int(os.environ.get("COMPARISONS", "80"))
SHUFFLES = 500


class Listening:
    """A browser that notes the headers of every answer, and how long it took."""

    def __init__(self, browser: Browser, noted: dict[str, Any]) -> None:
        self._browser, self._noted, self.person = browser, noted, browser.person

    async def get(self, path: str, **options: Any) -> Any:
        began = time.perf_counter()
        answer = await self._browser.get(path, **options)
        asked = f"{re.sub(r'[0-9a-f-]{36}', 'id', path)} {options.get('params')}"
        self._noted[f"{asked} seconds"] = time.perf_counter() - began
        for name, value in answer.headers.items():
            self._noted[f"{asked} {name}"] = value
        return answer


def numbers(value: Any, began: float) -> Iterator[float]:
    """What a program could make of a value."""
    text = str(value)
    if isinstance(value, bool | int | float):
        yield float(value)
    elif re.match(r"\d{4}-\d\d-\d\dT", text):
        yield datetime.fromisoformat(text).timestamp() - began
    elif re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text):
        yield float(UUID(text).int >> 80)
    else:
        yield float(len(text))
        yield float(hash(text) % 1_000_003)


@pytest.mark.timeout(3000)
async def test_no_arm_can_be_told_by_what_is_served(database: Database, town: Town, hub: None) -> None:
    campaign = await open_campaign(database, min_turns=1)
    fast = min(arm.id for arm in await arms_of(database, campaign.id))
    rows, labels = [], []
    for _ in range(COMPARISONS):
        contributor, reviewer = await town.enter(Role.CONTRIBUTOR), await town.enter(Role.REVIEWER)
        comparison = await started(database, campaign, contributor.person.id)
        began = comparison.created_at.timestamp()
        story = Story(database, comparison, "A" if comparison.arm_a_id == fast else "B")
        await story.begin()
        for side in story.order:
            await story.work(side)
        for side in story.order:
            await story.check(side)
        await story.finish()
        noted: dict[str, Any] = {}
        seen = {"contributor": await story.seen_by(Listening(contributor, noted))}  # type: ignore[arg-type]
        for path, body in (("turns/1/rating", answers()), ("submit", {})):
            assert (await contributor.post(f"/comparisons/{story.id}/{path}", body)).is_success
        seen["reviewer"] = await story.seen_by(Listening(reviewer, noted))  # type: ignore[arg-type]
        row = {}
        for place, value in [*leaves(seen), *noted.items()]:
            for part, number in enumerate(numbers(value, began)):
                row[f"{place} {part}"] = number
        rows.append(row)
        labels.append(comparison.arm_a_id == fast)
    report(rows, np.array(labels))


def report(rows: list[dict[str, float]], labels: np.ndarray) -> None:
    """Print what a program can tell."""
    names = sorted({name for row in rows for name in row})
    values = np.array([[row.get(name, -1.0) for name in names] for row in rows])
    varied = values.std(axis=0) > 0
    values, names = values[:, varied], [name for name, vary in zip(names, varied, strict=True) if vary]
    ranks = values.argsort(axis=0).argsort(axis=0) / len(rows) - 0.5
    random = np.random.default_rng(1)
    accuracy, gaps = classified(ranks, labels), separation(ranks, labels)
    chance = [random.permutation(labels) for _ in range(SHUFFLES)]
    accuracies = [classified(ranks, each) for each in chance]
    largest = [separation(ranks, each).max() for each in chance]
    print(f"\n{len(rows)} comparisons, {int(labels.sum())} with the one arm as A")
    print(f"{len(varied)} features, {len(names)} vary")
    print(f"classifier: {accuracy:.0%} right; {np.mean(accuracies):.0%} on shuffled labels")
    print(f"  p = {above(accuracies, accuracy)}")
    for at in gaps.argsort()[::-1][:5]:
        print(f"  separation {gaps[at]:.2f}, p = {above(largest, gaps[at])} ({names[at][-140:]})")


def above(chance: list[float], found: float) -> str:
    return f"{(1 + sum(each >= found - 1e-9 for each in chance)) / (1 + len(chance)):.3f}"


def separation(ranks: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """For each feature, how far apart the arms lie on it: 0 not at all, 1 wholly."""
    gap: np.ndarray = np.abs(ranks[labels].mean(axis=0) - ranks[~labels].mean(axis=0)) * 2
    return gap


def classified(ranks: np.ndarray, labels: np.ndarray) -> float:
    """Share of comparisons whose arms a ridge classifier names that was fitted to all the others."""
    scaled = ranks / np.sqrt(max(1, ranks.shape[1]))
    kernel = scaled @ scaled.T
    hat = kernel @ np.linalg.inv(kernel + 0.01 * np.eye(len(labels)))
    wanted = np.where(labels, 1.0, -1.0)
    left_out = wanted - (wanted - hat @ wanted) / (1 - np.diag(hat))
    return float(((left_out > 0) == labels).mean())
