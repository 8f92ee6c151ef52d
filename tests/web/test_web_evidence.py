"""Evidence in a real browser, over the made-up API: marks of what is cited, ways there and back, two tabs."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright, expect
from tests.factories.pages import served
from tests.web.test_web_pages import PATIENCE_MS, WIDE, findings, opened

FILE = "mlflow/models/container/__init__.py"
SELECTED = "(({selectionStart: from, selectionEnd: to, value}) => value.slice(from, to))(document.activeElement)"


@pytest.fixture
async def base() -> AsyncIterator[str]:
    async with served() as address:
        yield address


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest.mark.timeout(300)
async def test_what_is_cited_is_marked_and_leads_to_the_words_and_back(base: str, browser: Browser) -> None:
    async with opened(browser, base, "contributor", WIDE, "light") as (page, errors):
        await page.goto(f"{base}/comparisons/ready")
        await page.get_by_text("import logging").first.wait_for()
        why = page.get_by_label("Why")
        await why.fill(f"Imports [B#{FILE}:3-4], a logger far below [B#{FILE}:13]. It ran little [A#step-3].")
        mark = page.get_by_text("Lines 3 to 4")
        await expect(mark).to_be_visible(timeout=PATIENCE_MS)
        assert await findings(page) == []
        await page.get_by_role("button", name="Why", exact=True).click()
        assert await page.evaluate(SELECTED) == f"[B#{FILE}:3-4]"

        # N goes on to the next one, whose line is not unfolded yet.
        await mark.click()
        await page.get_by_role("region", name="Changes of B").locator("[tabindex='0']").first.focus()
        await page.keyboard.press("b")
        await page.keyboard.press("N")
        await expect(page.get_by_text("Line 13", exact=True)).to_be_visible(timeout=PATIENCE_MS)

        await page.get_by_role("list", name="Cited here").get_by_role("link", name="step 3").click()
        step = page.locator("article[data-step='3'][data-marked]")
        await expect(step).to_contain_text("Cited in", timeout=PATIENCE_MS)
        await step.get_by_role("button", name="Why", exact=True).click()
        assert await page.evaluate(SELECTED) == "[A#step-3]"
        assert await findings(page) == []
        assert errors == []


@pytest.mark.timeout(300)
async def test_a_finding_before_submitting_leads_to_its_turn_and_field(base: str, browser: Browser) -> None:
    async with opened(browser, base, "contributor", WIDE, "dark") as (page, errors):
        await page.goto(f"{base}/comparisons/second?view=brief")
        await page.get_by_role("button", name="Submit the comparison").click()
        await page.get_by_role("button", name="Go to “Why” in turn 1").click()
        await expect(page.locator("#field-justification")).to_be_focused(timeout=PATIENCE_MS)
        await expect(page.get_by_role("link", name="Turn 1")).to_have_attribute("aria-current", "page")
        assert await findings(page) == []
        assert errors == []


@pytest.mark.timeout(300)
async def test_a_second_tab_sees_a_rating_and_its_undoing_without_being_loaded_again(
    base: str, browser: Browser
) -> None:
    async with (
        opened(browser, base, "contributor", WIDE, "light") as (one, _),
        opened(browser, base, "contributor", WIDE, "light") as (two, errors),
    ):
        for page in (one, two):
            async with page.expect_response("**/events/stream*"):
                await page.goto(f"{base}/comparisons/rated?view=brief")
            await page.get_by_role("button", name="Undo the rating").wait_for()
        await one.get_by_role("button", name="Undo the rating").click()
        await expect(two.get_by_role("button", name="Rate this turn")).to_be_visible(timeout=PATIENCE_MS)
        assert errors == []
