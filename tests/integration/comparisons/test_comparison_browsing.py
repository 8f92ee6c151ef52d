"""The files of a comparison, and which of them a person has read."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path
from uuid import UUID

from tests.factories.comparisons import open_campaign, ready_brief, run_turn, started
from tests.factories.people import Browser, Town

from marlin import tasks
from marlin.accounts import Role
from marlin.comparisons import service
from marlin.comparisons.queries import get_comparison
from marlin.db import Database
from marlin.tasks.code import MOST_SEARCHES
from marlin.tasks.errors import SearchesBusyError
from marlin.workspaces import Search, Source, SourceKind, mirror_key
from marlin.workspaces.local import bundle_local

SHOP = "def total(items):\n    return sum(items[:-1])  # the Total\n"


async def running(database: Database, town: Town, tmp_path: Path) -> tuple[Browser, str]:
    """A contributor whose comparison of a small real repository has just begun."""
    folder = tmp_path / "shop"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "shop.py").write_text(SHOP)
    (folder / "README.md").write_text("# Shop\n")
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "base"]):
        identity = ["-c", "user.name=T", "-c", "user.email=t@example.org"]
        subprocess.run(["git", *identity, *command], cwd=folder, check=True)
    source = Source(SourceKind.LOCAL_GIT, str(folder), None)
    (tmp_path / "scratch").mkdir()
    commit, bundle = bundle_local(source, tmp_path / "scratch")
    key = mirror_key(source.canonical)
    (await tasks.current_code()).mirrors.add(key, bundle, base=True)
    contributor = await town.enter(Role.CONTRIBUTOR)
    campaign = await open_campaign(database)
    brief = await ready_brief(database, campaign, contributor.person.id, repository=key, base_commit=commit)
    async with database.transaction() as session:
        comparison = await service.create_comparison(session, contributor.person.id, brief.id)
    return contributor, f"/comparisons/{comparison.id}"


async def test_the_base_can_be_read_and_searched_while_the_arms_work(
    database: Database, town: Town, tmp_path: Path
) -> None:
    contributor, path = await running(database, town, tmp_path)
    listed = (await contributor.get(f"{path}/turns/1/tree?at=base")).json()
    assert [(each["path"], each["size"]) for each in listed["files"]] == [("README.md", 7), ("src/shop.py", len(SHOP))]
    assert listed["complete"]
    text = await contributor.get(f"{path}/turns/1/blob?at=base&path=src/shop.py")
    assert text.text.startswith("def total")
    found = (await contributor.get(f"{path}/turns/1/search?at=start&text=TOTAL")).json()
    assert [(each["path"], each["line"]) for each in found["lines"]] == [("src/shop.py", 1), ("src/shop.py", 2)]
    exact = (await contributor.get(f"{path}/turns/1/search?at=base&text=Total&case=match&words=true")).json()
    assert [each["line"] for each in exact["lines"]] == [2]
    for hidden in ("tree?at=A", "search?at=B&text=x", "blob?at=A&path=README.md", "patch?from=base&to=B"):
        answer = await contributor.get(f"{path}/turns/1/{hidden}")
        assert (answer.status_code, answer.json()["code"]) == (409, "turn-running")


async def test_the_patch_that_a_page_opens_with_is_had_before_its_turns_are_known(
    database: Database, town: Town, tmp_path: Path
) -> None:
    contributor, path = await running(database, town, tmp_path)
    early = f"{path}/opening/patch?to=A"
    assert (await contributor.get(early)).status_code == 204, "nothing to show yet"
    comparison = UUID(path.rpartition("/")[2])
    await run_turn(database, comparison)
    await _left(database, tmp_path / "shop", comparison, {"A": SHOP.replace("[:-1]", ""), "B": None})

    shown = await contributor.get(early)
    named = shown.headers["Content-Location"]
    assert named == f"/api/v1{path}/turns/1/patch?from=base&to=A"
    assert "+    return sum(items)" in shown.text
    assert shown.text == (await contributor.get(named.removeprefix("/api/v1"))).text
    assert shown.text == (await contributor.get(early)).text, "kept, it is the same"
    without = await contributor.get(f"{early}&turn=1&whitespace=ignore")
    assert without.headers["Content-Location"] == f"{named}&whitespace=ignore"
    assert (await contributor.get(f"{path}/opening/patch?to=B")).status_code == 204, "it left no result"
    stranger = await town.enter(Role.CONTRIBUTOR)
    assert (await stranger.get(early)).status_code == 404


async def _left(database: Database, folder: Path, comparison: UUID, shops: dict[str, str | None]) -> None:
    """Make the sides' results these; None for none."""
    commits: dict[str, str | None] = {}
    source = Source(SourceKind.LOCAL_GIT, str(folder), None)
    for side, text in shops.items():
        commits[side] = None
        if text is not None:
            (folder / "src" / "shop.py").write_text(text)
            identity = ["-c", "user.name=T", "-c", "user.email=t@example.org"]
            subprocess.run(["git", *identity, "commit", "-qam", "change"], cwd=folder, check=True)
            (scratch := folder.parent / f"scratch-{side}").mkdir()
            commits[side], bundle = bundle_local(source, scratch)
            (await tasks.current_code()).mirrors.add(mirror_key(source.canonical), bundle)
    async with database.transaction() as session:
        found = await get_comparison(session, comparison, owner_id=None)
        for rollout in found.turns[0].rollouts:
            rollout.commit = commits[rollout.side]


async def test_many_searches_take_turns_and_too_many_are_refused(
    database: Database, town: Town, tmp_path: Path
) -> None:
    contributor, path = await running(database, town, tmp_path)
    async with database.transaction() as session:
        comparison = await get_comparison(session, UUID(path.rpartition("/")[2]), owner_id=None)
        brief = await tasks.get_brief(session, comparison.brief_id, owner_id=None)
    code = await tasks.current_code()
    searches = (code.search(brief.repository or "", brief.base_commit or "", "TOTAL") for _ in range(MOST_SEARCHES + 3))
    told = await asyncio.gather(*searches, return_exceptions=True)
    refused = [each for each in told if isinstance(each, SearchesBusyError)]
    assert len(refused) == 3
    assert all(isinstance(each, Search) and len(each.lines) == 2 for each in told if each not in refused)
    found = await contributor.get(f"{path}/turns/1/search?at=base&text=TOTAL")
    assert found.status_code == 200, "nobody waits any more"


async def test_marks_hold_for_one_person_one_side_and_one_content(database: Database, town: Town) -> None:
    contributor = await town.enter(Role.CONTRIBUTOR)
    comparison = await started(database, await open_campaign(database), contributor.person.id)
    await run_turn(database, comparison.id)
    path = f"/comparisons/{comparison.id}/viewed"
    mark = {"side": "A", "path": '"caf\\351"', "content": "1111..2222:100644"}
    other = mark | {"side": "between"}
    for _ in range(2):
        answer = await contributor.put(path, {"turn": 1, "marks": [mark, other], "viewed": True})
        assert answer.status_code == 204, answer.text
    assert (await contributor.get(path)).json() == [mark, other]
    changed = mark | {"content": "1111..3333:100644"}
    assert (await contributor.put(path, {"turn": 1, "marks": [changed, other], "viewed": False})).status_code == 204
    assert (await contributor.get(path)).json() == [mark], "taking back another content's mark leaves this one"
    operator = await town.enter(Role.OPERATOR)
    assert (await operator.get(path)).json() == [], "a mark is its owner's"
    stranger = await town.enter(Role.CONTRIBUTOR)
    assert (await stranger.get(path)).status_code == 404
    beyond = await contributor.put(path, {"turn": 2, "marks": [mark], "viewed": True})
    assert (beyond.status_code, beyond.json()["code"]) == (404, "turn-not-found")
    async with database.transaction() as session:
        assert (await get_comparison(session, comparison.id, owner_id=None)).status == "to_rate"
