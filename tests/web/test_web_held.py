"""Deciding what is a secret in the pages, by keyboard, and taking it back. Over the made-up API."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect
from tests.factories.pages import served
from tests.web.looking import NARROW, PATIENCE_MS, findings, opened


@pytest.mark.timeout(120)
async def test_values_are_decided_on_undone_and_found_among_many(browser: Browser) -> None:
    async with served() as base, opened(browser, base, "operator", NARROW, "dark") as (page, errors):
        await page.goto(f"{base}/operator?tab=datasets")
        await page.get_by_role("link", name="decide on 2 values").click()
        autumn = page.get_by_role("region", name="Autumn: everyday bug fixes")
        waiting = autumn.get_by_role("list", name="Waiting for you").get_by_role("listitem")
        await expect(waiting).to_have_count(2, timeout=PATIENCE_MS)
        await autumn.get_by_role("button", name="Redact STRIPE_API_KEY").press("Enter")
        await expect(autumn.get_by_text("Redacted STRIPE_API_KEY")).to_be_visible(timeout=PATIENCE_MS)
        await expect(waiting).to_have_count(1)
        await expect(waiting).to_be_focused()
        assert await findings(page) == []
        await autumn.get_by_text("2 decided values").click()
        await expect(autumn.get_by_text("redacted by Olga")).to_be_visible()
        await autumn.get_by_role("button", name="Undo").click()
        await expect(waiting).to_have_count(2, timeout=PATIENCE_MS)
        await autumn.get_by_role("button", name="Change api_key").click()
        await autumn.get_by_role("button", name="Leave api_key").click()
        await expect(waiting).to_have_count(3, timeout=PATIENCE_MS)
        await page.get_by_role("combobox", name="Campaign").click()
        await page.get_by_role("option", name="All campaigns").click()
        many = page.get_by_role("region", name="Overfull")
        await expect(many.get_by_role("listitem")).to_have_count(50, timeout=PATIENCE_MS)
        await page.get_by_label("Search the values").fill("SERVICE_499_")
        await expect(many.get_by_role("listitem")).to_have_count(1, timeout=PATIENCE_MS)
        await page.get_by_label("Search the values").fill("")
        await many.get_by_role("button", name="Redact all 500 undecided").click()
        await expect(many.get_by_text("Redacted 500 values.")).to_be_focused(timeout=PATIENCE_MS)
        assert errors == []
