"""Comments on lines and steps through the HTTP API."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, insert, null, select
from tests.factories.judgement import answers, ready_comparison
from tests.factories.people import Browser, Town

from marlin.accounts import Role
from marlin.ratings.comments import MOST_COMMENTS, MOST_KEPT
from marlin.ratings.models import Comment

LINES = {"side": "A", "path": "src/rows.py", "first_line": 12, "last_line": 14}
STEP = {"side": "B", "step": 7}


@pytest.fixture
async def contributor(town: Town) -> Browser:
    return await town.enter(Role.CONTRIBUTOR)


def at(comparison: UUID, comment: str = "", rest: str = "") -> str:
    return f"/comparisons/{comparison}/comments" + (f"/{comment}" if comment else "") + rest


def body(text: str, revision: int = 0, **changes: Any) -> dict[str, Any]:
    return {"turn": 1, "anchor": LINES, "quote": "return rows", "text": text, "revision": revision} | changes


async def texts(browser: Browser, comparison: UUID) -> list[str]:
    answer = await browser.get(at(comparison))
    assert answer.status_code == 200
    return [comment["text"] for comment in answer.json()]


async def test_a_comment_is_written_changed_deleted_and_brought_back(town: Town, contributor: Browser) -> None:
    comparison, one = await ready_comparison(town.database, contributor.person.id), str(uuid4())
    first = (await contributor.put(at(comparison, one), body("Why", draft=True))).json()
    assert (first["revision"], first["draft"]) == (1, True)
    assert first["anchor"] == LINES | {"at": "result", "step": None}
    assert (await contributor.put(at(comparison, one), body("Why", draft=True))).json() == first, "the same twice"
    second = (await contributor.put(at(comparison, one), body("Why a list?", 1))).json()
    assert (second["revision"], second["draft"], second["quote"]) == (2, False, "return rows")
    stale = await contributor.put(at(comparison, one), body("Other tab", 1))
    assert (stale.status_code, stale.json()["code"]) == (409, "comment-outdated")
    assert stale.json()["details"]["comment"]["text"] == "Why a list?", "the newer one comes with the refusal"

    assert (await contributor.delete(at(comparison, one))).status_code == 204
    assert (await contributor.delete(at(comparison, one))).status_code == 204
    assert await texts(contributor, comparison) == []
    gone = await contributor.put(at(comparison, one), body("Late", 2))
    assert gone.json()["details"]["comment"]["deleted"]
    restored = await contributor.post(at(comparison, one, "/restore"), {})
    assert restored.json()["text"] == "Why a list?"
    assert await texts(contributor, comparison) == ["Why a list?"]


async def test_what_it_hangs_on_is_one_thing_and_never_changes(town: Town, contributor: Browser) -> None:
    comparison, one = await ready_comparison(town.database, contributor.person.id), str(uuid4())
    wrong: list[dict[str, Any]] = [
        {"side": "A"},
        {"side": "C", "step": 1},
        LINES | {"step": 3},
        STEP | {"at": "base"},
        LINES | {"first_line": 15},
        {"side": "A", "path": "x.py"},
        {"side": "A", "step": 0},
    ]
    for anchor in wrong:
        assert (await contributor.put(at(comparison, one), body("x", anchor=anchor))).status_code == 422, anchor
    assert (await contributor.put(at(comparison, one), body("x", anchor=STEP))).status_code == 200
    moved = await contributor.put(at(comparison, one), body("y", 1, anchor=LINES))
    assert moved.json()["anchor"]["step"] == 7
    assert (await contributor.put(at(comparison, str(uuid4())), body("x", turn=2))).status_code == 404
    odd = body("nul \x00 here", anchor=LINES | {"path": "odd\x00name\n.py"})
    assert (await contributor.put(at(comparison, str(uuid4())), odd)).json()["text"] == "nul \ufffd here"


async def test_reviewers_read_them_once_submitted_and_nobody_else_does(town: Town, contributor: Browser) -> None:
    comparison, one, two = await ready_comparison(town.database, contributor.person.id), str(uuid4()), str(uuid4())
    other, reviewer, operator = [await town.enter(role) for role in (Role.CONTRIBUTOR, Role.REVIEWER, Role.OPERATOR)]
    await contributor.put(at(comparison, one), body("Shown later"))
    await contributor.put(at(comparison, two), body("Half a though", draft=True, anchor=STEP))
    assert await texts(operator, comparison) == []
    assert (await reviewer.get(at(comparison))).status_code == 404
    assert (await other.get(at(comparison))).status_code == 404
    for request in (other.put(at(comparison, one), body("Mine now", 1)), other.delete(at(comparison, one))):
        assert (await request).status_code == 404
    elsewhere = await ready_comparison(town.database, other.person.id)
    assert (await other.put(at(elsewhere, one), body("Mine now", 1))).status_code == 404, "the id is taken"

    await contributor.post(f"/comparisons/{comparison}/turns/1/rating", answers())
    assert (await contributor.post(f"/comparisons/{comparison}/submit", {})).status_code == 200
    assert await texts(reviewer, comparison) == ["Shown later"]
    assert await texts(operator, comparison) == ["Shown later"]
    assert (await other.get(at(comparison))).status_code == 404
    assert await texts(contributor, comparison) == ["Shown later", "Half a though"]
    closed = [
        await contributor.put(at(comparison, one), body("Too late", 1)),
        await contributor.delete(at(comparison, one)),
        await contributor.post(at(comparison, one, "/restore"), {}),
    ]
    assert [answer.status_code for answer in closed] == [409, 409, 409]


async def test_two_tabs_at_once_overwrite_nothing(town: Town, contributor: Browser) -> None:
    comparison, one = await ready_comparison(town.database, contributor.person.id), str(uuid4())
    saved = await asyncio.gather(*(contributor.put(at(comparison, one), body(f"tab {n}")) for n in range(6)))
    assert sorted(answer.status_code for answer in saved) == [200, 409, 409, 409, 409, 409]
    winner = next(answer.json()["text"] for answer in saved if answer.status_code == 200)
    assert await texts(contributor, comparison) == [winner]


async def test_there_is_an_end_to_them_whatever_revision_is_claimed(town: Town, contributor: Browser) -> None:
    comparison, one = await ready_comparison(town.database, contributor.person.id), str(uuid4())
    assert (await contributor.put(at(comparison, one), body("One"))).status_code == 200
    assert (await contributor.delete(at(comparison, one))).status_code == 204
    await _multiply(town, UUID(one), MOST_COMMENTS, deleted=False)
    for revision in (0, 5):
        full = await contributor.put(at(comparison, str(uuid4())), body("One more", revision))
        assert (full.status_code, full.json()["code"]) == (409, "too-many-comments")
    assert (await contributor.post(at(comparison, one, "/restore"), {})).status_code == 409, "nor by bringing one back"
    await _multiply(town, UUID(one), MOST_KEPT - MOST_COMMENTS, deleted=True)
    full = await contributor.put(at(comparison, str(uuid4())), body("One more"))
    assert "deleted ones among them" in full.json()["detail"]


async def _multiply(town: Town, comment: UUID, count: int, *, deleted: bool) -> None:
    """As many again of a deleted comment, without a request for each."""
    columns = [column.name for column in Comment.__table__.columns if column.name not in ("id", "deleted_at")]
    source = select(
        func.gen_random_uuid(),
        Comment.deleted_at if deleted else null(),
        *(getattr(Comment, name) for name in columns),
    ).select_from(Comment, func.generate_series(1, count))
    async with town.database.transaction() as session:
        names = ["id", "deleted_at", *columns]
        await session.execute(insert(Comment).from_select(names, source.where(Comment.id == comment)))
