"""The changes of three sizes in a real browser: the built pages in headless Chromium, over the made-up API of web/dev.

The results are generated when they are asked for, the same each time: 17,600 changed lines in 231 files, 69,500 in 529,
and 20,000 in one file of 33,000. Each is opened cold, both sides beside each other, and scrolled by wheel for eight
seconds. A frame that the machine's other work delays counts like any other: the load is told with the figures. What the
page's thread has run for 1,000 px says what the page itself costs, however many frames the machine had time for.

In the same run the viewer's own library is measured with the same patches on a page that has nothing else
(``web/dev/bare``): what this machine can do with it at all.
"""

from __future__ import annotations

import asyncio
import mimetypes
import os
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, CDPSession, Page, Route, async_playwright
from tests.benchmarks.laps import Row, quick, tell
from tests.factories.pages import NODE, WEB, served

SIZES = {
    "bench-17600": "17,600 lines in 231 files",
    "bench-69500": "69,500 lines in 529 files",
    "bench-33000": "one file of 33,000 lines",
}
WINDOW = {"width": 1600, "height": 1000}
SCROLLED_S = 8.0
WHEEL_PX = 120

WATCH = """
(() => {
  const seen = { first: null, highlighted: null, long: [], frames: [] };
  window.__seen = seen;
  new PerformanceObserver((list) => seen.long.push(...list.getEntries().map((e) => [e.startTime, e.duration])))
    .observe({ type: "longtask", buffered: true });
  const look = (now) => {
    seen.frames.push(now);
    if (seen.highlighted === null)
      for (const node of document.querySelectorAll("diffs-container")) {
        const line = node.shadowRoot?.querySelector("[data-line]");
        if (line && seen.first === null) seen.first = performance.now();
        if (node.shadowRoot?.querySelector("[data-line] span[style]")) seen.highlighted = performance.now();
      }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();
"""


async def build_bare(folder: Path) -> None:
    """Build the page that has the viewer alone."""
    vite = [str(NODE), "node_modules/vite/bin/vite.js", "build", "--config", "dev/bare/vite.config.ts"]
    process = await asyncio.create_subprocess_exec(*vite, "--outDir", str(folder), "--logLevel", "error", cwd=WEB)
    assert await process.wait() == 0, "the page with the viewer alone was not built"


async def measure_bare(browser: Browser, base: str, built: Path, comparison: str, seconds: float) -> dict[str, float]:
    """Scroll through the same patches where the viewer is alone, beside each other too."""

    async def answer(route: Route) -> None:
        name = route.request.url.split("/bare/", 1)[1].split("?")[0] or "index.html"
        await route.fulfill(body=(built / name).read_bytes(), content_type=mimetypes.guess_type(name)[0])

    context = await browser.new_context(viewport=WINDOW)
    await context.add_cookies([{"name": "marlin_session", "value": "contributor", "url": base}])
    page = await context.new_page()
    await page.add_init_script(WATCH)
    await page.route("**/bare/**", answer)
    session = await context.new_cdp_session(page)
    await session.send("Performance.enable", {"timeDomain": "threadTicks"})
    await page.goto(f"{base}/bare/?of={comparison}&panes=2", wait_until="commit")
    while not await page.evaluate("Boolean(window.__seen?.highlighted)"):
        await asyncio.sleep(0.2)
    await page.wait_for_timeout(1500)
    before = await metrics(session)
    scrolled = await scroll(page, seconds)
    after = await metrics(session)
    await context.close()
    return {
        "fps": scrolled["fps"],
        "way_work": 1e6 * (after["TaskDuration"] - before["TaskDuration"]) / scrolled["moved"],
    }


async def measure(browser: Browser, base: str, comparison: str, seconds: float) -> dict[str, float]:
    """Open one comparison cold and scroll through it; what was seen, in milliseconds, frames a second, MB and nodes."""
    context = await browser.new_context(viewport=WINDOW)
    await context.add_cookies([{"name": "marlin_session", "value": "contributor", "url": base}])
    page = await context.new_page()
    await page.add_init_script(WATCH)
    session = await context.new_cdp_session(page)
    await session.send("Performance.enable", {"timeDomain": "threadTicks"})
    for side in ("A", "B"):  # git's own time is measured elsewhere
        url = f"{base}/api/v1/comparisons/{comparison}/turns/1/patch?from=base&to={side}"
        await context.request.get(url, timeout=300_000)
    await page.goto(f"{base}/comparisons/{comparison}", wait_until="commit")
    while not await page.evaluate("Boolean(window.__seen?.highlighted)"):  # the policy forbids playwright's own waiting
        await asyncio.sleep(0.2)
    work = await metrics(session)
    await page.wait_for_timeout(1500)
    longest = "Math.max(0, ...__seen.long.map((entry) => entry[1]))"
    opened = await page.evaluate(f"({{first: __seen.first, highlighted: __seen.highlighted, longest: {longest}}})")
    before = await metrics(session)
    scrolled = await scroll(page, seconds)
    after = await metrics(session)
    await session.send("HeapProfiler.collectGarbage")
    left = await metrics(session)
    await context.close()
    return {
        **opened,
        **scrolled,
        "work": 1000 * work["TaskDuration"],
        "frame_work": 1000 * (after["TaskDuration"] - before["TaskDuration"]) / scrolled["frames"],
        "way_work": 1e6 * (after["TaskDuration"] - before["TaskDuration"]) / scrolled["moved"],
        "heap": left["JSHeapUsedSize"] / 1e6,
        "nodes": left["Nodes"],
    }


async def metrics(session: CDPSession) -> dict[str, float]:
    """Chromium's own count. Durations are what the page's thread has run: waiting for the machine is not in them."""
    return {each["name"]: each["value"] for each in (await session.send("Performance.getMetrics"))["metrics"]}


async def scroll(page: Page, seconds: float) -> dict[str, float]:
    """Turn the wheel over the left pane; the frames while it turned, and the tasks that held them up."""
    await page.mouse.move(WINDOW["width"] * 0.25, WINDOW["height"] * 0.7)
    started = await page.evaluate("(__seen.frames.length = 0, performance.now())")
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while loop.time() < end:
        await page.mouse.wheel(0, WHEEL_PX)
        await asyncio.sleep(1 / 60)
    found: dict[str, Any] = await page.evaluate(
        """(started) => ({
            frames: __seen.frames,
            long: __seen.long.filter(([start]) => start >= started).map((entry) => entry[1]),
            moved: Math.max(...[...document.querySelectorAll('[class*=view]')].map((node) => node.scrollTop)),
        })""",
        started,
    )
    assert found["moved"] > 0, "the pane did not scroll"
    frames = found["frames"]
    gaps = sorted(after - before for before, after in pairwise(frames))
    return {
        "frames": float(len(gaps)),
        "fps": 1000 * len(gaps) / (frames[-1] - frames[0]),
        "frame_p99": gaps[min(len(gaps) - 1, len(gaps) * 99 // 100)],
        "moved": float(found["moved"]),
        "long": max(found["long"], default=0.0),
        "long_sum": sum(found["long"]),
    }


async def _all() -> dict[str, dict[str, float]]:
    seconds = 2.0 if quick() else SCROLLED_S
    with tempfile.TemporaryDirectory() as folder:
        await build_bare(Path(folder))
        return await _each(Path(folder), seconds)


async def _each(built: Path, seconds: float) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    async with served() as base, async_playwright() as playwright:
        for comparison, name in SIZES.items():
            browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            load = os.getloadavg()[0]
            found[name] = await measure(browser, base, comparison, seconds)
            bare = await measure_bare(browser, base, built, comparison, seconds)
            found[name] |= {f"bare_{key}": value for key, value in bare.items()}
            await browser.close()
            told = ", ".join(f"{key} {value:,.0f}" for key, value in found[name].items())
            tell(f"{name} (load {load:.1f}): {told}")
    return found


FIGURES: list[tuple[str, str, str, float | None]] = [
    ("first", "first line", "ms", 1000),
    ("highlighted", "highlighted", "ms", None),
    ("work", "page's thread until highlighted", "ms", None),
    ("longest", "longest task while it opens", "ms", None),
    ("fps", "frames while scrolling", "fps", 55),
    ("frame_p99", "p99 frame while scrolling", "ms", None),
    ("frame_work", "page's thread for a frame while scrolling", "ms", None),
    ("way_work", "page's thread for 1,000 px of scrolling", "ms", None),
    ("long", "longest task while scrolling", "ms", 100),
    ("heap", "heap", "MB", None),
    ("nodes", "DOM nodes", "nodes", None),
]


def run() -> list[Row]:
    """The rows of the table."""
    return [
        {
            "name": f"{size}: {name}",
            "value": seen[key],
            "unit": unit,
            "target": target,
            "ratio": seen[key] / seen[f"bare_{key}"] if f"bare_{key}" in seen else None,
            "against": "the viewer alone" if f"bare_{key}" in seen else None,
        }
        for size, seen in asyncio.run(_all()).items()
        for key, name, unit, target in FIGURES
    ]
