"""Pictures of operators' pages that need more than the demo's one comparison: made-up votes, rejections and runs, from
the API of ``web/dev``."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, async_playwright, expect
from tests.factories.chromium import CHROMIUM
from tests.factories.pages import served

_EVIDENCE = "/operator/campaigns/camp-decided/evidence?tab="
PICTURES = {
    # name: address, words that say it arrived, theme, height
    "evidence": (f"{_EVIDENCE}decision", "The rule: z at each look", "light", 1300),
    "evidence-dark": (f"{_EVIDENCE}decision", "The rule: z at each look", "dark", 1300),
    "leaderboard": (f"{_EVIDENCE}leaderboard", "Pair by pair", "light", 1300),
    "agreement": (f"{_EVIDENCE}agreement", "Agreement by axis", "light", 1300),
    "rejections": ("/operator/campaigns/camp-1/work?tab=rejections", "Against it:", "light", 900),
    "dataset": ("/operator?tab=datasets&dataset=autumn", "1,842 rows", "light", 1250),
    "dataset-row": ("/operator/datasets/autumn/row?number=6", "CalledProcessError", "light", 900),
    "tuning": ("/operator?tab=tuning&run=autumn-dpo", "min left", "light", 1100),
}


async def take(folder: Path) -> list[Path]:
    """Write every picture into ``folder``."""
    async with served() as base, async_playwright() as playwright:
        browser = await playwright.chromium.launch(**CHROMIUM)
        taken = [await _shoot(browser, base, folder / f"{name}.png", *wish) for name, wish in PICTURES.items()]
        await browser.close()
    return taken


async def _shoot(browser: Browser, base: str, path: Path, address: str, words: str, theme: str, height: int) -> Path:
    context = await browser.new_context(
        viewport={"width": 1440, "height": height}, color_scheme="dark" if theme == "dark" else "light"
    )
    await context.add_cookies([{"name": "marlin_session", "value": "operator", "url": base}])
    page = await context.new_page()
    await page.goto(base + address)
    await expect(page.get_by_text(words).first).to_be_visible(timeout=60_000)
    await page.screenshot(path=path, animations="disabled", caret="hide")
    await context.close()
    return path
