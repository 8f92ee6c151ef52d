"""What is known of a result in numbers: counted in the database, from its files and checks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from tests.factories.judgement import ready_comparison
from tests.factories.people import Town

from marlin.accounts import Role
from marlin.comparisons import Measures, Rollout, Turn, measures_of
from marlin.comparisons.models import Attempt, CheckResult
from marlin.db import Database

FILES = [
    {"path": "a/x.py", "additions": 10, "deletions": 2},
    {"path": "y.TS", "additions": 1, "deletions": 0},
    {"path": "logo.png", "additions": None, "deletions": None},
    {"path": "z.pyi"},
]
OTHERS = ["Makefile", "py", ".py", "src/.go", "a.rs/b", "b.tar.gz", "x.", "", "src.go/", "odd\nname", "\u00e4.\u00f6"]


async def results(town: Town) -> list[UUID]:
    """Both sides' rollouts of a turn that is ready, neither with any file, check or call yet."""
    owner = await town.enter(Role.CONTRIBUTOR)
    comparison = await ready_comparison(town.database, owner.person.id)
    async with town.database.transaction() as session:
        rollouts = (await session.scalars(select(Rollout).join(Turn).where(Turn.comparison_id == comparison))).all()
        for rollout in rollouts:
            rollout.files, rollout.status = [], "finished"
        return [rollout.id for rollout in rollouts]


def check(rollout: UUID, position: int, kind: str, status: str = "passed", **data: Any) -> CheckResult:
    about: dict[str, Any] = {"against_base": "unknown", "summary": "", "seconds": 0.1, "data": data}
    return CheckResult(rollout_id=rollout, attempt=1, position=position, kind=kind, name=kind, status=status, **about)


async def measured(database: Database, rollouts: list[UUID]) -> dict[UUID, Measures]:
    async with database.transaction() as session:
        return await measures_of(session, rollouts)


async def test_a_result_is_counted_from_its_files_checks_and_last_attempt(town: Town) -> None:
    first, second = await results(town)
    async with town.database.transaction() as session:
        (await session.get_one(Rollout, first)).files = FILES
        for number, usage in ((1, {"calls": 7, "usd": "0.12"}), (2, {"calls": 900, "usd": "90"})):
            session.add(Attempt(rollout_id=first, number=number, executor="a worker", usage=usage))
        size = {"complexity": 4, "duplicated_lines": 6, "new_dependencies": ["left-pad"]}
        session.add_all(
            [
                check(first, 11, "size", **size),
                check(first, 12, "test_command"),
                check(first, 13, "acceptance", "failed"),
                check(first, 14, "lint", "failed"),
            ]
        )
    found = await measured(town.database, [first, second])
    assert found[first] == Measures(4, 13, 4, 6, 1, 7, 0.12, 0.5, {"Python": 12, "TypeScript": 1, "other": 0})
    assert found[second] == Measures(0, 0, None, None, None, 0, 0.0, None, {})


async def test_what_has_no_ending_that_tells_a_language_is_other(town: Town) -> None:
    first, second = await results(town)
    async with town.database.transaction() as session:
        (await session.get_one(Rollout, first)).files = [
            {"path": path, "additions": 1, "deletions": 0} for path in OTHERS
        ]
        (await session.get_one(Rollout, second)).files = [
            {"path": path, "additions": 1, "deletions": 0} for path in ("a.RS", "x/.b/c.h", "d.e.cpp", "..java")
        ]
    found = await measured(town.database, [second, first])
    assert (found[first].files, found[first].languages) == (len(OTHERS), {"other": len(OTHERS)})
    assert found[second].languages == {"Rust": 1, "C": 1, "C++": 1, "Java": 1}


async def test_a_result_that_is_not_finished_has_no_measures(town: Town) -> None:
    first, second = await results(town)
    async with town.database.transaction() as session:
        (await session.get_one(Rollout, first)).status = "preparing"
    assert set(await measured(town.database, [first, second])) == {second}
