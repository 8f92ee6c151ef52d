"""Transcripts in a browser: how fast a long one is there, how it scrolls, and what a live one costs the page.

Headless Chromium on the built pages over the made-up API of ``web/dev``: two transcripts of 100,000 events each, beside
each other, and a live turn in which both sides tell 1,200 events a second together.
"""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Any

from playwright.async_api import Browser, CDPSession, Page, async_playwright, expect
from tests.benchmarks.laps import Row, quick, tell
from tests.benchmarks.web.watching import FAST_PX, SLOW_PX
from tests.factories.chromium import CHROMIUM
from tests.factories.pages import served
from tests.web.looking import PATIENCE_MS, opened

SIZE = (1600, 1000)
SPEEDS = {"slowly": SLOW_PX, "fast": FAST_PX, "at 20 screens a second": 480}
"""What the wheel turns by, 60 times a second: as in a diff, and when somebody looks for a place far away."""
WATCH = """
window.marks = {long: [], frames: [], on: false};
new PerformanceObserver(list => { for (const entry of list.getEntries()) if (window.marks.on)
  window.marks.long.push(entry.duration); }).observe({type: 'longtask'});
(function frame(before) { requestAnimationFrame(now => {
  if (window.marks.on && before) window.marks.frames.push(now - before); frame(now); }); })(0);
"""
BEGIN = "window.marks.long = []; window.marks.frames = []; window.marks.on = true"
END = "(window.marks.on = false, window.marks)"
STEPS_OF_A = "document.querySelector('[aria-label$=\"ranscript of A\"] [class*=count]')?.textContent ?? ''"


async def _heap_mb(session: CDPSession) -> float:
    await session.send("HeapProfiler.collectGarbage")
    found: dict[str, Any] = await session.send("Runtime.getHeapUsage")
    return float(found["usedSize"]) / 1e6


async def _until(page: Page, condition: str) -> None:
    # Not wait_for_function: it compiles text in the page, which the content security policy forbids.
    async with asyncio.timeout(PATIENCE_MS / 1000):
        while not await page.evaluate(condition):
            await asyncio.sleep(0.05)


async def _cpu(browser: Browser) -> float:
    """Seconds that the processes of pages have run: unlike times on the wall, it does not depend on the neighbours."""
    session = await browser.new_browser_cdp_session()
    found: dict[str, Any] = await session.send("SystemInfo.getProcessInfo")
    await session.detach()
    return sum(float(each["cpuTime"]) for each in found["processInfo"] if each["type"] == "renderer")


async def _watched(page: Page, doing: Any) -> tuple[float, float, float, float]:
    """Frames a second, 99th percentile of a frame and longest task (ms), share of a core, while ``doing`` goes on."""
    browser = page.context.browser
    assert browser is not None
    await page.evaluate(BEGIN)
    began, ran = time.monotonic(), await _cpu(browser)
    await doing
    spent, share = time.monotonic() - began, await _cpu(browser) - ran
    marks = await page.evaluate(END)
    frames = sorted(marks["frames"])
    return len(frames) / spent, frames[int(len(frames) * 0.99)], max(marks["long"], default=0.0), share / spent * 100


async def _scroll(page: Page, seconds: float, by: float) -> None:
    await page.get_by_label("Steps of Transcript of A").hover()
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        await page.mouse.wheel(0, by)
        await asyncio.sleep(1 / 60)


async def _long(browser: Browser, base: str, seconds: float) -> list[Row]:
    async with opened(browser, base, "contributor", SIZE, "light") as (page, _):
        await page.add_init_script(WATCH)
        session = await page.context.new_cdp_session(page)
        began = time.monotonic()
        await page.goto(f"{base}/comparisons/long?view=transcript")
        await expect(page.get_by_text("Round 0: what else").first).to_be_visible(timeout=PATIENCE_MS)
        first = time.monotonic() - began
        await _until(page, f"{STEPS_OF_A} === '30,000 steps'")
        whole = time.monotonic() - began
        scrolled = {name: await _watched(page, _scroll(page, seconds, by)) for name, by in SPEEDS.items()}
        drawn = await page.locator("[data-index]").count()
        heap = await _heap_mb(session)
    name = "2 × 100,000 events"
    return [
        _row(f"{name}: first step on the screen", "s", first, 1.5),
        _row(f"{name}: all read and numbered", "s", whole),
        *[row for how, seen in scrolled.items() for row in _scrolling(f"{name}: scrolling {how}", seen)],
        _row(f"{name}: heap", "MB", heap),
        _row(f"{name}: rows in the document", "rows", drawn),
    ]


def _scrolling(name: str, seen: tuple[float, float, float, float]) -> list[Row]:
    fps, slowest, task, share = seen
    return [
        _row(f"{name}: frames", "1/s", fps, 55),
        _row(f"{name}: slowest of 100 frames", "ms", slowest),
        _row(f"{name}: longest task", "ms", task, 100),
        _row(f"{name}: the page's share of a core", "%", share),
    ]


async def _live(browser: Browser, base: str, seconds: float) -> list[Row]:
    async with opened(browser, base, "contributor", SIZE, "light") as (page, _):
        await page.add_init_script(WATCH)
        await page.goto(f"{base}/comparisons/flood")
        await _until(page, f"parseInt({STEPS_OF_A}) > 30")
        fps, slowest, task, share = await _watched(page, asyncio.sleep(seconds))
        # 24,000 events, three steps in ten of each side's half: none may be missing at the end.
        await _until(page, f"{STEPS_OF_A} === '3,600 steps'")
    name = "1,200 live events a second"
    return [
        _row(f"{name}: frames", "1/s", fps, 55),
        _row(f"{name}: slowest of 100 frames", "ms", slowest),
        _row(f"{name}: longest task", "ms", task, 100),
        _row(f"{name}: the page's share of a core", "%", share),
    ]


def _row(name: str, unit: str, value: float, target: float | None = None) -> Row:
    return Row(name=name, unit=unit, value=value, target=target, ratio=None, against=None)


async def _run() -> list[Row]:
    seconds = 2.0 if quick() else 8.0
    async with served() as base, async_playwright() as playwright:
        browser = await playwright.chromium.launch(**CHROMIUM)
        tell("two transcripts of 100,000 events")
        rows = await _long(browser, base, seconds)
        tell("a live turn")
        rows += await _live(browser, base, seconds)
        await browser.close()
    return rows


def run() -> list[Row]:
    """Measure it."""
    return asyncio.run(_run())


if __name__ == "__main__":  # ``python -m tests.benchmarks.web_transcripts``: this benchmark alone
    from tests.benchmarks.__main__ import main

    sys.argv[1:1] = ["--only", "web_transcripts"]
    sys.exit(main())
