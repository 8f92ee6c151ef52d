"""What lies around a comparison, in a real browser: what is next for somebody, and their tokens."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect
from tests.factories.pages import served
from tests.web.looking import NARROW, PATIENCE_MS, WIDE, findings, opened


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "dark"), (NARROW, "light")])
async def test_what_is_next_is_taken_skipped_with_a_reason_and_begun(
    browser: Browser, size: tuple[int, int], scheme: str
) -> None:
    async with served() as base:
        async with opened(browser, base, "contributor", size, scheme) as (page, errors):
            await page.goto(base)
            ask = page.get_by_role("button", name="What is next for me?")
            await ask.click()
            card = page.get_by_role("region", name="Next for you")
            await expect(card).to_contain_text("judge “Keep rows when a file ends without a newline”")
            await expect(card).to_contain_text("$90")
            assert await findings(page) == []
            await card.get_by_role("button", name="Begin to judge").click()
            await page.wait_for_url("**/comparisons/ready**")
            await page.goto(base)
            await expect(card.get_by_role("link", name="Go on")).to_be_visible()
            await card.get_by_role("button", name="Give it back").click()
            dialog = page.get_by_role("dialog")
            await dialog.get_by_role("button", name="Give it back").click()
            await expect(dialog).to_contain_text("Say why, in a few words.")
            await dialog.get_by_label("Why?").fill("I wrote this module.")
            assert await findings(page) == []
            await dialog.get_by_role("button", name="Give it back").click()
            await ask.click()
            await expect(card).to_contain_text("a task of your own")
            await card.get_by_role("button", name="Skip").click()
            await dialog.get_by_label("Why?").fill("Not today.")
            await dialog.get_by_label("Why?").press("Tab")
            await dialog.get_by_role("button", name="Skip it").click()
            await expect(page.get_by_text("Nothing new for you here now")).to_be_visible()
            await expect(page.get_by_text("What you began can be finished and submitted.")).to_be_visible()
            assert await findings(page) == []
        async with opened(browser, base, "operator", size, scheme) as (page, more):
            await page.goto(f"{base}/operator?tab=campaigns")
            await page.get_by_role("button", name="Pause handing out work").click()
            await page.get_by_label("What contributors are told").fill("The question is answered.")
            await page.get_by_role("button", name="Pause", exact=True).click()
            panel = page.get_by_role("region", name="Assignments")
            await expect(panel.get_by_text("The question is answered.")).to_be_visible()
            assert await findings(page) == []
            await page.get_by_role("button", name="Hand out work again").click()
            await expect(page.get_by_role("button", name="Pause handing out work")).to_be_visible()
    assert [*errors, *more] == []


@pytest.mark.timeout(300)
async def test_a_token_is_made_shown_once_and_revoked_from_the_persons_menu(browser: Browser) -> None:
    async with served() as base, opened(browser, base, "contributor", WIDE, "light") as (page, errors):
        await page.goto(base)
        await page.get_by_role("button", name="account and appearance").click()
        await page.get_by_role("menuitem", name="API tokens").click()
        await page.get_by_label("What is it for?").fill("My script")
        await page.keyboard.press("Enter")
        await expect(page.get_by_label("Token “My script”")).to_have_value(re.compile("^mrl_t_"))
        await page.reload()
        await expect(page.get_by_text("My script")).to_be_visible(timeout=PATIENCE_MS)
        await expect(page.get_by_label("Token “My script”")).to_have_count(0)
        await page.get_by_role("button", name="Revoke the token My script").click()
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("My script")).to_have_count(0, timeout=PATIENCE_MS)
        assert errors == []
