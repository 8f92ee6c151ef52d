"""A turn is rated and commented on in a real browser: by keyboard, in two windows, across reloads."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect
from tests.factories.pages import served
from tests.web.looking import PATIENCE_MS, SAVED, WIDE, findings, opened


@pytest.mark.timeout(300)
async def test_a_turn_is_rated_by_keyboard_and_survives_a_reload(browser: Browser) -> None:
    async with served() as base, opened(browser, base, "contributor", WIDE, "light") as (page, errors):
        await page.goto(f"{base}/comparisons/ready?view=checks")
        keys = {"Correctness": "6", "Security": "5", "Reliability": "4", "Maintainability": "7", "Overall": "6"}
        for name, key in keys.items():
            await page.get_by_role("group", name=name).get_by_role("radio").first.focus()
            await page.keyboard.press(key)
        await page.get_by_role("button", name="Rate this turn").click()
        panel = page.get_by_role("complementary")
        await expect(panel.get_by_role("alert")).to_contain_text("What decided it, Why")

        await page.get_by_role("radio", name="Correctness").focus()
        await page.keyboard.press("Space")
        await page.get_by_label("Why", exact=True).fill("B passes a list to pip.")
        await expect(page.get_by_text(SAVED)).to_be_visible(timeout=PATIENCE_MS)
        await page.reload()
        await expect(page.get_by_label("Why", exact=True)).to_have_value("B passes a list to pip.", timeout=PATIENCE_MS)

        await page.get_by_role("button", name="Rate this turn").click()
        await expect(page.get_by_text("Turn 1 of at least 2")).to_be_visible(timeout=PATIENCE_MS)
        await page.get_by_label("Next prompt (turn 2)").fill("Cover the options with tests.")
        await expect(page.get_by_text(SAVED)).to_be_visible(timeout=PATIENCE_MS)
        await page.reload()
        following = page.get_by_label("Next prompt (turn 2)")
        await expect(following).to_have_value("Cover the options with tests.", timeout=PATIENCE_MS)
        await page.get_by_role("button", name="Undo the rating").click()
        await expect(page.get_by_role("button", name="Rate this turn")).to_be_visible(timeout=PATIENCE_MS)
        assert errors == []


@pytest.mark.timeout(300)
async def test_lines_are_commented_on_and_cited_and_the_checker_marks_words(browser: Browser) -> None:
    async with served() as base, opened(browser, base, "contributor", WIDE, "dark") as (page, errors):
        await page.goto(f"{base}/comparisons/ready")
        await page.get_by_text("import logging").first.wait_for()
        line = page.locator("diffs-container [data-column-number]").nth(8)
        await line.click()
        await page.keyboard.press("c")
        await page.get_by_role("button", name="Cite", exact=True).click()
        why = page.get_by_label("Why", exact=True)
        await expect(why).to_have_value(re.compile(r"^\[[AB]#\S+:\d+\]$"))
        await why.press_sequentially(" shows it. A is safer.")
        await expect(page.get_by_text("favours A on security")).to_be_visible(timeout=PATIENCE_MS)
        await expect(page.locator("mark", has_text="A is safer")).to_be_attached()
        assert await findings(page) == []

        await page.locator("diffs-container [data-column-number]").nth(5).click()
        await page.keyboard.press("c")
        await page.get_by_role("button", name="Comment", exact=True).click()
        await page.keyboard.type("Why not a list?")
        await page.get_by_text("Comments (1)").click()
        card = page.get_by_role("article").last
        await expect(card.get_by_label("Comment", exact=True)).to_have_value("Why not a list?")
        await card.get_by_role("button", name="Comment", exact=True).click()
        await expect(card.get_by_role("button", name="Edit")).to_be_visible(timeout=PATIENCE_MS)
        await card.get_by_role("button", name="Delete").click()
        await expect(page.get_by_text("was deleted")).to_be_visible(timeout=PATIENCE_MS)
        await page.get_by_role("button", name="Undo").click()
        await expect(page.get_by_text("Comments (1)")).to_be_visible(timeout=PATIENCE_MS)
        assert await findings(page) == []
        await page.reload()
        await expect(page.get_by_text("Comments (1)")).to_be_visible(timeout=PATIENCE_MS)
        await expect(why).to_have_value(re.compile("shows it. A is safer.$"))
        assert errors == []


@pytest.mark.timeout(300)
async def test_two_windows_with_two_versions_are_brought_together(browser: Browser) -> None:
    async with (
        served() as base,
        opened(browser, base, "contributor", WIDE, "light") as (one, _),
        opened(browser, base, "contributor", WIDE, "light") as (two, _),
    ):
        for page in (one, two):
            await page.goto(f"{base}/comparisons/ready?view=brief")
            await page.get_by_label("Why", exact=True).wait_for()
        await one.get_by_label("Why", exact=True).fill("B quotes.")
        await expect(one.get_by_text(SAVED)).to_be_visible(timeout=PATIENCE_MS)
        await two.get_by_label("Why", exact=True).fill("A joins.")
        conflict = two.get_by_role("alert")
        await expect(conflict).to_contain_text("B quotes.", timeout=PATIENCE_MS)
        assert await findings(two) == []
        # Nothing is chosen for anybody; what is put together can be edited first.
        await expect(conflict.get_by_role("button", name="1 choice left")).to_be_disabled()
        await conflict.get_by_role("button", name="Keep both: Why").click()
        stands = conflict.get_by_label("What will stand: Why")
        await expect(stands).to_have_value("A joins.\nB quotes.")
        await stands.fill("A joins, B quotes.")
        assert await findings(two) == []
        await conflict.get_by_role("button", name="Go on with this").click()
        await expect(two.locator("#field-justification")).to_have_value("A joins, B quotes.")
        await expect(two.get_by_text(SAVED)).to_be_visible(timeout=PATIENCE_MS)
        await one.reload()
        await expect(one.get_by_label("Why", exact=True)).to_have_value("A joins, B quotes.", timeout=PATIENCE_MS)


@pytest.mark.timeout(300)
async def test_what_could_not_be_saved_is_there_after_a_reload(browser: Browser) -> None:
    async with served() as base, opened(browser, base, "contributor", WIDE, "light") as (page, _):
        await page.goto(f"{base}/comparisons/ready?view=brief")
        await page.get_by_label("Why", exact=True).wait_for()
        await page.route("**/rating/draft", lambda route: route.abort())
        await page.get_by_label("Why", exact=True).fill("Typed while the network was gone.")
        await expect(page.get_by_text("Not saved yet")).to_be_visible(timeout=PATIENCE_MS)
        page.on("dialog", lambda dialog: dialog.accept())
        await page.reload()
        await page.unroute("**/rating/draft")
        why = page.get_by_label("Why", exact=True)
        await expect(why).to_have_value("Typed while the network was gone.", timeout=PATIENCE_MS)
        await expect(page.get_by_text(re.compile("Saving|Not saved"))).to_have_count(0, timeout=PATIENCE_MS)
        await expect(page.get_by_role("alert")).to_have_count(0)
        left = "Object.keys(localStorage).filter((key) => key.startsWith('marlin-unsaved'))"
        assert await page.evaluate(left) == []
        await page.reload()
        await expect(why).to_have_value("Typed while the network was gone.", timeout=PATIENCE_MS)


@pytest.mark.timeout(300)
async def test_comments_become_the_next_prompt_and_reviewers_read_them(browser: Browser) -> None:
    async with served() as base:
        async with opened(browser, base, "contributor", WIDE, "light") as (page, errors):
            await page.goto(f"{base}/comparisons/second?view=brief")
            await page.get_by_text("Comments (2)").click()
            await page.get_by_role("button", name="Make the next prompt from 2 comments").click()
            prompt = page.get_by_label("Next prompt")
            await expect(prompt).to_have_value(re.compile(r"__init__\.py:12-13: Imports stay sorted"))
            await prompt.press("Control+z")
            await expect(prompt).to_have_value("")
            assert errors == []
        async with opened(browser, base, "reviewer", WIDE, "dark") as (page, errors):
            await page.goto(f"{base}/comparisons/submitted?view=brief&turn=1")
            await page.get_by_role("button", name="Remark on Why").click()
            await page.get_by_label("Your remark on Why").fill("Which line?")
            await expect(page.get_by_text(SAVED)).to_be_visible(timeout=PATIENCE_MS)
            await page.get_by_role("link", name="Turn 2").click()
            await page.get_by_role("button", name="Turn 1: “Why”").click()
            await expect(page.get_by_label("Your remark on Why")).to_have_value("Which line?", timeout=PATIENCE_MS)
            await page.get_by_text("Comments (2)").click()
            await expect(page.get_by_text("Imports stay sorted here")).to_be_visible()
            await expect(page.get_by_role("button", name="Delete")).to_have_count(0)
            assert await findings(page) == []
            assert errors == []
