"""Checks of both results in a real browser."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect
from tests.factories.pages import served
from tests.web.looking import PATIENCE_MS, WIDE, findings, opened


@pytest.mark.timeout(300)
async def test_a_failing_test_leads_to_its_place_in_the_log_and_a_finding_to_its_line(browser: Browser) -> None:
    async with served() as base, opened(browser, base, "contributor", WIDE, "light") as (page, errors):
        await page.goto(f"{base}/comparisons/ready?view=checks")
        await expect(page.get_by_text("The tests disagree about A")).to_be_visible(timeout=PATIENCE_MS)
        await page.get_by_role("button", name="test_requirements_file").press("Enter")
        log = page.get_by_role("region", name="Log of Tests, with the base's test files on A")
        await expect(log.get_by_text("test_requirements_file")).to_be_in_viewport(timeout=PATIENCE_MS)
        await expect(log.get_by_title("right-to-left override")).to_be_visible()
        await page.get_by_label("Search in Log of Tests, with the base's").fill("idle and stays")
        await expect(page.get_by_text("36 lines")).to_be_visible(timeout=PATIENCE_MS)
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("1 of 36 lines")).to_be_visible(timeout=PATIENCE_MS)
        await expect(log.locator("mark").first).to_be_visible()
        assert await findings(page) == []
        await page.get_by_role("link", name="container/__init__.py:41").click()
        await page.wait_for_url("**view=changes**")
        assert "line=41" in page.url
        assert errors == []
