"""Terminals into the results, and results fetched with git, in a real browser."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect
from tests.factories.pages import served
from tests.web.looking import NARROW, WIDE, findings, opened


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "light"), (NARROW, "dark")])
async def test_terminals_in_every_state(browser: Browser, size: tuple[int, int], scheme: str) -> None:
    async with served() as base, opened(browser, base, "contributor", size, scheme) as (page, errors):
        await page.goto(f"{base}/comparisons/second?view=checks")
        await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await page.evaluate("navigator.clipboard.writeText('mine')")
        await page.get_by_role("button", name="Terminals (4)").click()
        panel = page.get_by_role("region", name="Terminals")
        await expect(panel.get_by_role("tab")).to_have_count(4)
        await expect(panel.get_by_text("1 failed, 8 passed").first).to_be_visible()
        await expect(panel.get_by_role("tab", selected=True)).to_contain_text("turn 1")
        await page.keyboard.type("ls -l")
        await expect(panel.get_by_text("ls -l").first).to_be_visible()
        await panel.get_by_text("harmless words").first.click(force=True)  # xterm.js lies over it
        assert "HOSTILE" not in await page.title()
        assert await page.evaluate("navigator.clipboard.readText()") == "mine"
        assert page.context.pages == [page]
        assert page.url.startswith(base)
        problems = await findings(page)

        await page.keyboard.press("F6")
        tabs = panel.get_by_role("tab")
        await expect(tabs.first).to_be_focused()
        await page.keyboard.press("ArrowRight")
        await expect(panel.get_by_text("Closes in")).to_be_visible()
        await panel.get_by_role("button", name="Keep it open").click()
        await tabs.nth(2).click()
        await expect(panel.get_by_text("ended with exit status 2")).to_be_visible()
        problems += await findings(page)
        await panel.get_by_role("button", name="Start again").click()
        await expect(panel.get_by_text("ended with exit status 2")).to_have_count(0)
        await tabs.nth(3).click()
        await expect(panel.get_by_text("2 terminals before yours")).to_be_visible()
        await tabs.nth(3).press("Delete")
        await expect(tabs).to_have_count(3)

        edge = panel.get_by_role("separator", name="Height of the terminals")
        before = int(await edge.get_attribute("aria-valuenow") or 0)
        await edge.press("ArrowUp")
        await expect(edge).to_have_attribute("aria-valuenow", str(before + 24))
        overflow = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert overflow <= 0, f"{overflow} px too wide"
        await panel.get_by_role("button", name="Hide the terminals").click()
        await expect(panel).to_have_count(0)
        assert problems == []
        assert errors == []


@pytest.mark.timeout(300)
async def test_commands_for_git_are_shown_to_copy(browser: Browser) -> None:
    async with served() as base, opened(browser, base, "contributor", WIDE, "dark") as (page, errors):
        await page.goto(f"{base}/comparisons/ready?view=checks")
        await page.get_by_role("button", name="Fetch with git…").click()
        dialog = page.get_by_role("dialog", name="Fetch with git")
        await expect(dialog.get_by_text("git clone http://127.0.0.1:8420/git/")).to_be_visible()
        await expect(dialog.get_by_text("turn-1-a:marlin/turn-1-a")).to_be_visible()
        link = await dialog.get_by_role("link", name="Open in VS Code").get_attribute("href")
        assert link is not None
        assert link.startswith("vscode://vscode.git/clone?url=http%3A%2F%2F")
        assert await findings(page) == []
        assert errors == []
