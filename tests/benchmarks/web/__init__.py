"""The changes of three sizes in a real browser: the built pages in headless Chromium, over the made-up API of web/dev.

The results are generated when they are asked for, the same each time: 17,600 changed lines in 231 files, 69,500 in 529,
and 20,000 in one file of 33,000. Each is opened cold, both sides beside each other, three times: the median is told,
and the slowest. The last page is then scrolled by wheel, slowly and fast, sent to the last file, and read to its end.
A frame that the machine's other work delays counts like any other: the load is told with the figures. What the page's
thread has run for 1,000 px says what the page itself costs, however many frames the machine had time for.

What the machine can do at all is measured in the same run: an empty page of the same server, a page of the app that has
nothing to show, and the viewer's own library with the same patches on a page that has nothing else (``web/dev/bare``).

``tests.benchmarks.web.service`` measures the same in front of the real service.
"""

from __future__ import annotations

import asyncio
import mimetypes
import os
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import Browser, Route, async_playwright
from tests.benchmarks.laps import Row, quick, tell
from tests.benchmarks.web import watching
from tests.benchmarks.web.watching import Place
from tests.factories.chromium import CHROMIUM
from tests.factories.pages import NODE, WEB, served

SIZES = {
    "bench-17600": "17,600 lines in 231 files",
    "bench-69500": "69,500 lines in 529 files",
    "bench-33000": "one file of 33,000 lines",
}
OPENINGS = 3
SCROLLED_S = 5.0


async def build_bare(folder: Path) -> None:
    """Build the page that has the viewer alone."""
    vite = [str(NODE), "node_modules/vite/bin/vite.js", "build", "--config", "dev/bare/vite.config.ts"]
    process = await asyncio.create_subprocess_exec(*vite, "--outDir", str(folder), "--logLevel", "error", cwd=WEB)
    assert await process.wait() == 0, "the page with the viewer alone was not built"


async def measure_bare(
    browser: Browser, place: Place, built: Path, comparison: str, seconds: float
) -> dict[str, float]:
    """Open and scroll the same patches where the viewer is alone, beside each other too."""

    async def answer(route: Route) -> None:
        name = route.request.url.split("/bare/", 1)[1].split("?")[0] or "index.html"
        await route.fulfill(body=(built / name).read_bytes(), content_type=mimetypes.guess_type(name)[0])

    page, session = await place.page(browser)
    await page.route("**/bare/**", answer)
    await page.goto(f"{place.base}/bare/?of={comparison}&panes=2", wait_until="commit")
    await watching.until(page, "Boolean(window.__seen?.highlighted)")
    await page.wait_for_timeout(1500)
    first = await page.evaluate("__seen.first")
    longest = await page.evaluate(watching.LONGEST)
    scrolled = await watching.scroll(page, session, seconds, watching.FAST_PX)
    await page.context.close()
    return {"first": first, "longest": longest, "fps": scrolled["fps"], "way_work": scrolled["way_work"]}


async def measure(browser: Browser, place: Place, address: str, *, files: int, seconds: float) -> dict[str, float]:
    """Open one comparison cold, some times, and read through it at last: milliseconds, frames a second, MB, nodes."""
    opened: list[dict[str, float]] = []
    for _ in range((1 if quick() else OPENINGS) - 1):
        page, session, seen = await watching.opening(browser, place, address)
        opened.append(seen)
        await page.context.close()
    page, session, seen = await watching.opening(browser, place, address)
    opened.append(seen)
    found = {key: statistics.median(each[key] for each in opened) for key in opened[0]}
    found |= {f"{key}_most": max(each[key] for each in opened) for key in ("first", "longest", "longest_ran")}
    found["heap"] = await watching.heap_mb(session)
    for way, by in (("slow", watching.SLOW_PX), ("fast", watching.FAST_PX)):
        scrolled = await watching.scroll(page, session, seconds, by)
        found |= {f"{way}_{key}": value for key, value in scrolled.items()}
    found["jump"] = await watching.jump_to_last(page, files=files)
    await page.evaluate("document.querySelectorAll('[class*=view]').forEach((node) => { node.scrollTop = 0; })")
    await page.wait_for_timeout(1000)
    await watching.read_through(page)
    found["heap_read"] = await watching.heap_mb(session)
    found["nodes"] = (await watching.metrics(session))["Nodes"]
    found |= await watching.again(page, place.base + address)
    await page.context.close()
    return found


async def _each(built: Path, seconds: float) -> list[Row]:
    async with served() as base, async_playwright() as playwright:
        place = Place(base, "contributor")
        browser = await playwright.chromium.launch(**CHROMIUM)
        rows = floor_rows(await watching.floors(browser, place))
        await browser.close()
        for comparison, name in SIZES.items():
            for side in ("A", "B"):  # git's own time is measured elsewhere
                await warm(f"{base}/api/v1/comparisons/{comparison}/turns/1/patch?from=base&to={side}", place.cookie)
            browser = await playwright.chromium.launch(**CHROMIUM)
            load = os.getloadavg()[0]
            files = 1 if comparison == "bench-33000" else 2
            found = await measure(browser, place, f"/comparisons/{comparison}", files=files, seconds=seconds)
            bare = await measure_bare(browser, place, built, comparison, seconds)
            await browser.close()
            told = ", ".join(f"{key} {value:,.0f}" for key, value in found.items())
            tell(f"{name} (load {load:.1f}): {told}; bare {bare}")
            rows += figures(name, found, bare)
    return rows


async def warm(url: str, cookie: str) -> None:
    """Have the made-up API make a patch that it then keeps."""
    command = ["curl", "--silent", "--fail", "--output", os.devnull, "--cookie", f"marlin_session={cookie}", url]
    assert await (await asyncio.create_subprocess_exec(*command)).wait() == 0, url


FIGURES: Sequence[tuple[str, str, str, float | None, str | None]] = [
    ("first", "first line, median", "ms", 1000, "first"),
    ("first_most", "first line, slowest", "ms", None, None),
    ("highlighted", "highlighted", "ms", None, None),
    ("ran_first", "what the page's thread had run by then: first line, median", "ms", None, None),
    ("work", "page's thread until highlighted", "ms", None, None),
    ("longest", "longest task while it opens, median", "ms", 100, "longest"),
    ("longest_most", "longest task while it opens, longest", "ms", None, None),
    ("longest_ran", "most that the page's thread ran in one task, median", "ms", 100, None),
    ("longest_ran_most", "most that the page's thread ran in one task, most", "ms", None, None),
    ("again", "first line when loaded again", "ms", 1000, None),
    ("again_longest", "longest task when loaded again", "ms", 100, None),
    ("slow_fps", "frames while scrolling slowly", "fps", 55, None),
    ("slow_frame_p99", "p99 frame while scrolling slowly", "ms", None, None),
    ("slow_long", "longest task while scrolling slowly", "ms", 100, None),
    ("fast_fps", "frames while scrolling fast", "fps", 55, "fps"),
    ("fast_frame_p99", "p99 frame while scrolling fast", "ms", None, None),
    ("fast_frame_work", "page's thread for a frame while scrolling fast", "ms", None, None),
    ("fast_way_work", "page's thread for 1,000 px of scrolling", "ms", None, "way_work"),
    ("fast_long", "longest task while scrolling fast", "ms", 100, None),
    ("jump", "from the key to the last file on the screen", "ms", None, None),
    ("heap", "heap after opening", "MB", None, None),
    ("heap_read", "heap after all was scrolled through", "MB", None, None),
    ("nodes", "DOM nodes then", "nodes", None, None),
]


def figures(size: str, found: dict[str, float], bare: dict[str, float] | None = None) -> list[Row]:
    """The rows of one size."""
    rows: list[Row] = []
    for key, name, unit, target, other in FIGURES:
        if key in found:
            compared = bare is not None and other is not None and bare[other] > 0
            rows.append(
                {
                    "name": f"{size}: {name}",
                    "value": found[key],
                    "unit": unit,
                    "target": target,
                    "ratio": found[key] / bare[other] if compared and bare and other else None,
                    "against": "the viewer alone" if compared else None,
                }
            )
    return rows


def floor_rows(found: dict[str, float]) -> list[Row]:
    """What any page costs here."""
    names = {
        "empty": ("a page without any code: first frame", "ms"),
        "shell": ("a page of the app with nothing to show: its heading", "ms"),
        "shell_longest": ("a page of the app with nothing to show: longest task", "ms"),
        "shell_work": ("a page of the app with nothing to show: page's thread until then", "ms"),
        "plain_fps": ("a page of plain text: frames while scrolling slowly", "fps"),
        "plain_frame_work": ("a page of plain text: page's thread for a frame while scrolling slowly", "ms"),
    }
    return [
        {"name": name, "value": found[key], "unit": unit, "target": None, "ratio": None, "against": None}
        for key, (name, unit) in names.items()
    ]


async def _all() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        await build_bare(Path(folder))
        return await _each(Path(folder), 2.0 if quick() else SCROLLED_S)


def run() -> list[Row]:
    """The rows of the table."""
    return asyncio.run(_all())
