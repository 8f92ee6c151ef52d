"""Who has something to do is told, and led there: operators, reviewers and contributors."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect
from tests.factories.pages import served
from tests.web.looking import NARROW, PATIENCE_MS, SAVED, WIDE, findings, opened

EXPECTED = "Quote each option by itself; begin with the test that fails."


@pytest.mark.timeout(240)
async def test_whoever_has_to_act_is_told_and_led_there(browser: Browser) -> None:
    async with served() as base:
        async with opened(browser, base, "operator", WIDE, "light") as (page, errors):
            await page.goto(f"{base}/account/tokens")
            place = page.get_by_role("link", name="Operate (1 dispute to decide)")
            await expect(place).to_be_visible(timeout=PATIENCE_MS)
            await place.click()
            await expect(page.get_by_text("1 dispute waits for a decision")).to_be_visible(timeout=PATIENCE_MS)
            card = page.get_by_role("region", name="Real repositories: fixes that hold", exact=True)
            await card.get_by_role("link", name="1 dispute to decide").click()
            await expect(page.get_by_text("Against it:")).to_have_count(1, timeout=PATIENCE_MS)
            assert "became=disputed" in page.url
            assert errors == []
        async with opened(browser, base, "contributor", NARROW, "light") as (page, errors):
            await page.goto(base)
            await expect(page.get_by_role("heading", name="Returned to you (1)")).to_be_visible(timeout=PATIENCE_MS)
            await expect(page.get_by_role("region", name="What your comparisons come to")).to_contain_text("Earned$280")
            await page.goto(f"{base}/comparisons/ready?view=brief")
            tabs = page.get_by_role("tablist")
            await expect(tabs.get_by_role("tab", name="Brief")).to_be_in_viewport(timeout=PATIENCE_MS)
            box = await tabs.bounding_box()
            assert box is not None
            assert box["height"] < 50, "one row"
            await page.get_by_role("button", name="Rating and next step").click()
            await page.get_by_text("What would a strong senior engineer do here?").first.click()
            field = page.get_by_label("What would a strong senior engineer do here?")
            await field.fill(EXPECTED)
            await expect(page.get_by_text(SAVED).first).to_be_visible(timeout=PATIENCE_MS)
            assert await findings(page) == []
            await page.reload()
            await page.get_by_role("button", name="Rating and next step").click()
            await expect(page.get_by_text(EXPECTED).first).to_be_visible(timeout=PATIENCE_MS)
            assert errors == []
        async with opened(browser, base, "reviewer", NARROW, "dark") as (page, errors):
            await page.goto(f"{base}/reviews")
            await page.get_by_role("tab", name="Decided by you").click()
            await page.get_by_role("textbox", name="Search what you decided").fill("Which entry breaks")
            rows = page.get_by_role("listitem")
            await expect(rows).to_have_count(2, timeout=PATIENCE_MS)
            assert await findings(page) == []
            await rows.first.get_by_role("button", name="Take it back").click()
            await rows.first.get_by_role("link").click()
            await page.get_by_role("button", name="Rating and next step").click()
            await expect(page.get_by_text("Your review", exact=True)).to_be_visible(timeout=PATIENCE_MS)
            assert errors == []
