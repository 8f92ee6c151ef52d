"""A dataset's rows as comparisons: read by keyboard from row to row, also a huge one, a damaged one, and none."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect
from tests.factories.pages import served
from tests.web.looking import NARROW, PATIENCE_MS, WIDE, findings, opened

FIRST = "Quote the dependencies of a model before they reach the shell."


@pytest.mark.timeout(180)
async def test_rows_are_read_one_after_the_other_and_found_again(browser: Browser) -> None:
    async with served() as base:
        async with opened(browser, base, "operator", WIDE, "light") as (page, errors):
            await page.goto(f"{base}/operator?tab=datasets&dataset=autumn")
            await page.get_by_role("link", name=FIRST, exact=True).first.click()
            await expect(page.get_by_role("region", name="Side A: Chosen", exact=True)).to_be_visible(
                timeout=PATIENCE_MS
            )
            await expect(page).to_have_url(
                f"{base}/operator/datasets/autumn/row?row=019ab3c2-7d1e-7c51-9b0a-train00000001-1"
            )
            changes = page.get_by_role("region", name="Changes of B", exact=True)
            await expect(changes.get_by_text("CalledProcessError").first).to_be_visible(timeout=PATIENCE_MS)
            await page.get_by_role("button", name="A · tracking/endpoint_store.py:49", exact=True).first.click()
            shown = page.get_by_role("region", name="Changes of A", exact=True).get_by_text("endpoint_store.py")
            await expect(shown.first).to_be_in_viewport(timeout=PATIENCE_MS)
            await page.keyboard.press(".")
            await expect(page.get_by_role("region", name="Side A: Equal", exact=True)).to_be_visible(
                timeout=PATIENCE_MS
            )
            await expect(page.get_by_text("Not in pairwise views: no preference: equal.", exact=True)).to_be_visible()
            await page.keyboard.press(".")  # the one with a million tokens
            await expect(page.get_by_role("textbox", name="Row of train", exact=True)).to_have_value(
                "3", timeout=PATIENCE_MS
            )
            await page.emulate_media(color_scheme="dark")  # its comments stand among changed words
            comments = page.get_by_role("region", name="Changes of A", exact=True).locator("[style*='#b1bac4']")
            await expect(comments.first).to_be_attached()
            assert await findings(page) == []
            await page.keyboard.press("g")
            await page.keyboard.press("s")
            feed = page.get_by_role("feed", name="Steps of Conversation of A", exact=True)
            await expect(feed).to_have_attribute("aria-busy", "false", timeout=PATIENCE_MS)
            await expect(page.get_by_text("3,002 steps", exact=True)).to_have_count(2)
            assert await feed.get_by_role("article").count() < 60
            await page.keyboard.press("g")
            await page.keyboard.press("j")
            await expect(page.get_by_role("region", name="JSON of the row, train", exact=True)).to_be_visible(
                timeout=PATIENCE_MS
            )
            await page.keyboard.press(",")
            await expect(page.get_by_role("textbox", name="Row of train", exact=True)).to_have_value(
                "2", timeout=PATIENCE_MS
            )
            assert await findings(page) == []
            assert errors == []
        async with opened(browser, base, "operator", NARROW, "dark") as (page, errors):
            await page.goto(f"{base}/operator/datasets/autumn/row?split=test&number=1")
            await expect(page.get_by_text("2 checks newly failing", exact=True)).to_be_visible(timeout=PATIENCE_MS)
            await page.get_by_role("tab", name="Judgement", exact=True).click()
            more = page.get_by_role("button", name="Show all of the request", exact=True)
            await more.press("Enter")
            await expect(page.get_by_text("the same way are mended as well", exact=False)).to_be_visible()
            await page.get_by_role("button", name="Show less of the request", exact=True).press("Enter")
            await expect(more).to_be_focused()
            await expect(page.get_by_role("link", name="Open it, turn 1", exact=True)).to_be_attached(
                timeout=PATIENCE_MS
            )
            assert await findings(page) == []
            number = page.get_by_role("textbox", name="Row of test", exact=True)
            await number.fill("187")
            await number.press("Enter")
            await expect(page.get_by_role("button", name="Next row", exact=True)).to_be_disabled(timeout=PATIENCE_MS)
            assert errors == []
            await page.goto(f"{base}/operator/datasets/autumn/row?number=5")
            await expect(page.get_by_role("alert").get_by_text("is no JSON")).to_be_visible(timeout=PATIENCE_MS)
            await page.goto(f"{base}/operator/datasets/nothing/row")
            await expect(page.get_by_role("alert").get_by_text("has no row")).to_be_visible(timeout=PATIENCE_MS)


@pytest.mark.timeout(180)
async def test_rows_are_counted_chosen_and_gone_through_by_keyboard(browser: Browser) -> None:
    async with served() as base, opened(browser, base, "operator", NARROW, "dark") as (page, errors):
        await page.goto(f"{base}/operator?tab=datasets&dataset=loop-demo")
        await expect(page.get_by_role("progressbar", name="Reading every row", exact=True)).to_be_visible(
            timeout=PATIENCE_MS
        )
        assert await findings(page) == []
        await expect(page.get_by_text("96 rows", exact=True)).to_be_visible(timeout=PATIENCE_MS)
        await page.goto(f"{base}/operator?tab=datasets&dataset=nothing")
        await expect(
            page.get_by_text("The dataset has no rows; what was left out says why.", exact=True)
        ).to_be_visible(timeout=PATIENCE_MS)
        await page.goto(f"{base}/operator?tab=datasets&dataset=autumn")
        wins = page.get_by_role("button", name="Judgement: A is better", exact=True)
        await wins.press("Enter")
        await expect(page.get_by_text("1,262 of 1,842 rows match", exact=True)).to_be_visible(timeout=PATIENCE_MS)
        await expect(wins).to_be_focused()
        await expect(wins).to_have_attribute("aria-pressed", "true")
        await page.get_by_role("button", name="Licence: unknown", exact=True).press("Space")
        await expect(page.get_by_text("315 of 1,842 rows match", exact=True)).to_be_visible(timeout=PATIENCE_MS)
        search = page.get_by_role("textbox", name="Search requests and justifications", exact=True)
        await search.fill("ATOMIC")
        await expect(page.get_by_text("No row is all of that.")).to_be_visible(timeout=PATIENCE_MS)
        await search.fill("broke off")
        matching = page.get_by_role("list", name="Rows that match", exact=True)
        await expect(matching.get_by_role("listitem")).to_have_count(25, timeout=PATIENCE_MS)
        await page.get_by_role("button", name="Rows after", exact=True).press("Enter")
        await expect(page.get_by_text("26 to 50 of 315", exact=True)).to_be_visible(timeout=PATIENCE_MS)
        assert await findings(page) == []
        await page.reload()
        await expect(page.get_by_text("26 to 50 of 315", exact=True)).to_be_visible(timeout=PATIENCE_MS)
        await matching.get_by_role("link").first.press("Enter")
        await expect(page.get_by_text("26 of 315 that match", exact=True)).to_be_visible(timeout=PATIENCE_MS)
        await page.keyboard.press(".")
        await expect(page.get_by_text("27 of 315 that match", exact=True)).to_be_visible(timeout=PATIENCE_MS)
        await page.get_by_role("link", name="← autumn-40d52b797f6f", exact=True).click()
        await page.get_by_role("button", name="Take back Licence: unknown", exact=True).press("Enter")
        await page.get_by_role("button", name="Show all rows", exact=True).press("Enter")
        await expect(page.get_by_text("1,842 rows", exact=True)).to_be_visible(timeout=PATIENCE_MS)
        assert errors == []
