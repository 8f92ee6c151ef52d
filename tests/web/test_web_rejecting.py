"""Rejecting, disputing and deciding, in the pages: what is asked, what is kept, what is told. Over the made-up API."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect
from tests.factories.pages import served
from tests.web.looking import LEAST, NARROW, PATIENCE_MS, SAVED, WIDE, findings, opened

WORDS = "The reasons are those of another task: they speak of rows, and there are none here."
AGAINST = "Both tasks end in the same helper; lines 12 to 20 are about pip alone."


async def in_both_themes(page: Page) -> list[str]:
    """What axe finds in either."""
    found = []
    for dark in (True, False):
        await page.emulate_media(color_scheme="dark" if dark else "light")
        await expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark" if dark else "light")
        found += await findings(page)
    return found


@pytest.mark.timeout(200)
async def test_a_rejection_is_asked_about_sent_taken_back_and_disputed(browser: Browser) -> None:
    async with served() as base:
        async with opened(browser, base, "reviewer", LEAST, "light") as (page, errors):
            await page.goto(f"{base}/comparisons/submitted")
            await page.get_by_role("button", name="Reject…").press("Enter")
            asked = page.get_by_role("dialog", name="Reject this submission?")
            await expect(asked.get_by_role("radio")).to_have_count(7, timeout=PATIENCE_MS)
            await asked.get_by_role("button", name="Reject", exact=True).click()
            await expect(asked.get_by_text("Choose one.")).to_be_visible(timeout=PATIENCE_MS)
            await expect(asked.get_by_text("Say what you saw.")).to_be_visible(timeout=PATIENCE_MS)
            assert await in_both_themes(page) == []
            await asked.get_by_role("radio", name="Copied justification").check()
            await asked.get_by_label("In words").fill(WORDS)
            await asked.get_by_role("button", name="Cancel").click()
            await expect(asked).to_be_hidden()
            await expect(page.get_by_label("Comments to the contributor")).to_have_value(WORDS)
            await expect(page.get_by_text(SAVED).first).to_be_visible(timeout=PATIENCE_MS)
            await page.get_by_role("button", name="Reject…").click()
            await asked.get_by_role("radio", name="Copied justification").check()
            await asked.get_by_role("button", name="Reject", exact=True).click()
            await expect(page.get_by_text("Rejected. The contributor reads your reason")).to_be_visible(
                timeout=PATIENCE_MS
            )
            assert await findings(page) == []
            await page.get_by_role("button", name="Take it back").click()
            await expect(page.get_by_text("Your review", exact=True)).to_be_visible(timeout=PATIENCE_MS)
            assert errors == []
        async with opened(browser, base, "contributor", NARROW, "dark") as (page, errors):
            await page.goto(f"{base}/comparisons/rejected")
            await page.get_by_role("button", name="Rating and next step").click()
            await expect(page.get_by_text("Rejected: Copied justification")).to_be_visible(timeout=PATIENCE_MS)
            await page.get_by_role("button", name="Dispute this…").click()
            await page.get_by_label("Why the rejection is wrong").fill(AGAINST)
            await page.reload()
            await page.get_by_role("button", name="Rating and next step").click()
            await page.get_by_role("button", name="Dispute this…").click()
            await expect(page.get_by_label("Why the rejection is wrong")).to_have_value(AGAINST)
            assert await findings(page) == []
            await page.get_by_role("button", name="Send the dispute").click()
            await expect(page.get_by_text("Disputed: somebody else decides")).to_be_visible(timeout=PATIENCE_MS)
            await expect(page.get_by_text(AGAINST)).to_be_visible(timeout=PATIENCE_MS)
            await expect(page.get_by_role("button", name="Dispute this…")).to_have_count(0)
            assert errors == []


@pytest.mark.timeout(200)
async def test_whoever_decides_reads_both_and_whoever_comes_second_is_told(browser: Browser) -> None:
    async with served() as base:
        async with (
            opened(browser, base, "reviewer", WIDE, "light") as (page, errors),
            opened(browser, base, "operator", WIDE, "dark") as (other, _),
        ):
            for window in (page, other):
                await window.goto(f"{base}/comparisons/disputed")
                await expect(window.get_by_text("A disputed rejection: you decide")).to_be_visible(timeout=PATIENCE_MS)
                await expect(window.get_by_text("so the same sentence fits", exact=False)).to_be_visible(
                    timeout=PATIENCE_MS
                )
            assert await findings(other) == []
            await page.get_by_role("button", name="Uphold the rejection…").click()
            asked = page.get_by_role("dialog", name="Uphold the rejection?")
            await expect(asked.get_by_role("radio", name="Copied justification")).to_be_checked(timeout=PATIENCE_MS)
            await asked.get_by_label("In words").fill("Nothing is said of those lines.")
            await asked.get_by_role("button", name="Uphold it").click()
            await expect(page.get_by_text("Rejected. The contributor reads your reason")).to_be_visible(
                timeout=PATIENCE_MS
            )
            await other.get_by_role("button", name="Accept after all").click()
            refused = other.get_by_role("alert").filter(has_text="Another reviewer has rejected this")
            await expect(refused.first).to_be_visible(timeout=PATIENCE_MS)
            assert errors == []
        async with opened(browser, base, "contributor", WIDE, "light") as (page, errors):
            await page.goto(f"{base}/comparisons/disputed")
            await expect(page.get_by_text("Two people have looked; this is final.")).to_be_visible(timeout=PATIENCE_MS)
            await expect(page.get_by_role("button", name="Dispute this…")).to_have_count(0)
            assert errors == []
