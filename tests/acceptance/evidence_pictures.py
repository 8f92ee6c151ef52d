"""Pictures of the pages of evidence. The demo has one comparison, which decides nothing: these show made-up votes, from
the API of ``web/dev``."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, async_playwright, expect
from tests.factories.pages import served

PICTURES = {
    # name: tab, words that say it arrived, theme
    "evidence": ("decision", "The rule: z at each look", "light"),
    "evidence-dark": ("decision", "The rule: z at each look", "dark"),
    "leaderboard": ("leaderboard", "Pair by pair", "light"),
    "agreement": ("agreement", "Agreement by axis", "light"),
}


async def take(folder: Path) -> list[Path]:
    """Write every picture into ``folder``."""
    async with served() as base, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        taken = [await _shoot(browser, base, folder / f"{name}.png", *wish) for name, wish in PICTURES.items()]
        await browser.close()
    return taken


async def _shoot(browser: Browser, base: str, path: Path, tab: str, words: str, theme: str) -> Path:
    context = await browser.new_context(
        viewport={"width": 1440, "height": 1300}, color_scheme="dark" if theme == "dark" else "light"
    )
    await context.add_cookies([{"name": "marlin_session", "value": "operator", "url": base}])
    page = await context.new_page()
    await page.goto(f"{base}/operator/campaigns/camp-decided/evidence?tab={tab}")
    await expect(page.get_by_text(words).first).to_be_visible(timeout=60_000)
    await page.screenshot(path=path, animations="disabled", caret="hide")
    await context.close()
    return path
