"""Opening a comparison in a real browser, reading through it, and what the page's thread had to do for that.

Everything is seen from within the page, frame by frame: what a person could have seen, when they could have seen it.
Chromium's own counters say what the page's thread has run; waiting for the machine is not in them.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from playwright.async_api import Browser, CDPSession, Page

WINDOW = {"width": 1600, "height": 1000}
FAST_PX, SLOW_PX = 120, 40
"""What the wheel turns by: 60 times a second by as much as a hand does, and by what is read while it moves."""

WATCH = """
(() => {
  const seen = { painted: null, first: null, highlighted: null, long: [], frames: [] };
  window.__seen = seen;
  new PerformanceObserver((list) => seen.long.push(...list.getEntries().map((e) => [e.startTime, e.duration])))
    .observe({ type: "longtask", buffered: true });
  const files = () => [...document.querySelectorAll("diffs-container")].filter((node) => node.shadowRoot);
  const look = (now) => {
    seen.frames.push(now);
    if (seen.painted === null && document.querySelector("h1, [data-line], diffs-container"))
      seen.painted = performance.now();
    if (seen.highlighted === null)
      for (const node of files()) {
        if (seen.first === null && node.shadowRoot.querySelector("[data-line]")) seen.first = performance.now();
        if (node.shadowRoot.querySelector("[data-line] span[style]")) seen.highlighted = performance.now();
      }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  addEventListener("keydown", () => { seen.pressed = performance.now(); }, true);
  // When a line of the last file stands in the left pane, at its end where there is one file.
  seen.atTheEnd = (name) => new Promise((done) => {
    const try_ = () => {
      const box = document.querySelector("[class*=view] diffs-container")?.closest("[class*=view]");
      const area = box?.getBoundingClientRect();
      const there = area && files().some((node) => box.contains(node) && node.textContent.includes(name) &&
        [...node.shadowRoot.querySelectorAll("[data-line]")].some((line) => {
          const { top, bottom } = line.getBoundingClientRect();
          return bottom > area.top && top < area.bottom;
        }));
      if (there) done(performance.now() - seen.pressed);
      else requestAnimationFrame(try_);
    };
    requestAnimationFrame(try_);
  });
})();
"""
PLAIN = "<!doctype html><style>body{margin:0}.view{height:100vh;overflow:auto}</style><div class=view><pre>" + "".join(
    f"{line:6}  a line of plain text, neither coloured nor measured by anybody\n" for line in range(5000)
)
LONGEST = "Math.max(0, ...__seen.long.map((entry) => entry[1]))"


@dataclass(frozen=True)
class Place:
    """Where pages are served, and the cookie of the person who looks at them."""

    base: str
    cookie: str

    async def page(self, browser: Browser) -> tuple[Page, CDPSession]:
        """A page of a browser that has never been here."""
        context = await browser.new_context(viewport=WINDOW)
        await context.add_cookies([{"name": "marlin_session", "value": self.cookie, "url": self.base}])
        page = await context.new_page()
        await page.add_init_script(WATCH)
        session = await context.new_cdp_session(page)
        await session.send("Performance.enable", {"timeDomain": "threadTicks"})
        return page, session


async def metrics(session: CDPSession) -> dict[str, float]:
    """Chromium's own count. Durations are what the page's thread has run: waiting for the machine is not in them."""
    return {each["name"]: each["value"] for each in (await session.send("Performance.getMetrics"))["metrics"]}


async def heap_mb(session: CDPSession) -> float:
    """What is left after a collection."""
    await session.send("HeapProfiler.collectGarbage")
    return (await metrics(session))["JSHeapUsedSize"] / 1e6


async def until(page: Page, condition: str, patience: float = 120) -> None:
    """Wait in the page's own words: the content security policy forbids playwright's own waiting."""
    async with asyncio.timeout(patience):
        while not await page.evaluate(condition):
            await asyncio.sleep(0.1)


async def floors(browser: Browser, place: Place) -> dict[str, float]:
    """What any page costs here: one without a script of ours, and one of the app that has nothing to show."""
    page, _ = await place.page(browser)
    await page.goto(f"{place.base}/favicon.svg", wait_until="commit")
    await until(page, "window.__seen?.frames.length > 0")
    empty = await page.evaluate("__seen.frames[0]")
    await page.context.close()
    page, session = await place.page(browser)
    await page.goto(f"{place.base}/there/is/nothing/here", wait_until="commit")
    await until(page, "Boolean(window.__seen?.painted)")
    work = await metrics(session)
    await page.wait_for_timeout(500)
    found = await page.evaluate(f"[__seen.painted, {LONGEST}]")
    await page.context.close()
    opened = {"empty": empty, "shell": found[0], "shell_longest": found[1], "shell_work": 1000 * work["TaskDuration"]}
    return opened | await _plain(browser, place)


async def _plain(browser: Browser, place: Place) -> dict[str, float]:
    """Plain text in one box, scrolled: as many frames as this machine draws at all."""
    page, session = await place.page(browser)
    await page.route("**/plain", lambda route: route.fulfill(body=PLAIN, content_type="text/html"))
    await page.goto(f"{place.base}/plain")
    await page.wait_for_timeout(500)
    scrolled = await scroll(page, session, 2.0, SLOW_PX)
    await page.context.close()
    return {"plain_fps": scrolled["fps"], "plain_frame_work": scrolled["frame_work"]}


async def opening(browser: Browser, place: Place, address: str) -> tuple[Page, CDPSession, dict[str, float]]:
    """Open a comparison cold: nothing of it, and nothing of the app, is in the browser."""
    page, session = await place.page(browser)
    async with tasks_of(browser) as tasks:
        await page.goto(place.base + address, wait_until="commit")
        await until(page, "Boolean(window.__seen?.highlighted)")
        work = await metrics(session)
        await page.wait_for_timeout(1500)
    seen = await page.evaluate(f"({{first: __seen.first, highlighted: __seen.highlighted, longest: {LONGEST}}})")
    ran = [(at, each) for at, each in tasks if at >= 0]
    seen["work"] = 1000 * work["TaskDuration"]
    seen["ran_first"] = sum(each for at, each in ran if at < seen["first"])
    seen["longest_ran"] = max(each for _, each in ran)
    return page, session, seen


@asynccontextmanager
async def tasks_of(browser: Browser) -> AsyncIterator[list[tuple[float, float]]]:
    """The tasks of the page's thread: when each began, in ms after the navigation, and how long it ran on a core.

    That is what a task costs on this machine. How long it lasts is more where others want the core as well.
    """
    tasks: list[tuple[float, float]] = []
    session = await browser.new_browser_cdp_session()
    told: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
    session.on("Tracing.tracingComplete", lambda event: told.set_result(event))
    traced = {"includedCategories": ["toplevel", "blink.user_timing", "devtools.timeline"], "excludedCategories": ["*"]}
    await session.send("Tracing.start", {"traceConfig": traced, "transferMode": "ReturnAsStream"})
    yield tasks
    await session.send("Tracing.end")
    handle, parts = (await told)["stream"], []
    while True:
        part = await session.send("IO.read", {"handle": handle, "size": 1 << 20})
        parts.append(part["data"])
        if part.get("eof"):
            break
    await session.detach()
    tasks += _top_level(json.loads("".join(parts))["traceEvents"])


def _top_level(events: list[dict[str, Any]]) -> list[tuple[float, float]]:
    """Of the page's thread: the one of all pages' threads that called the most functions."""
    calls = Counter((each["pid"], each["tid"]) for each in events if each.get("name") == "FunctionCall")
    mains = {
        (each["pid"], each["tid"])
        for each in events
        if each.get("name") == "thread_name" and each["args"]["name"] == "CrRendererMain"
    }
    main = max(mains, key=lambda thread: calls[thread])
    own = [each for each in events if (each.get("pid"), each.get("tid")) == main]
    began = max(
        each["ts"]
        for each in own
        if each.get("name") == "navigationStart" and "/comparisons/" in json.dumps(each.get("args", {}))
    )
    found, end = [], 0.0
    for each in sorted((each for each in own if each.get("ph") == "X"), key=lambda e: (e["ts"], -e.get("dur", 0))):
        if each["ts"] >= end and each["name"] != "RunTask":
            end = each["ts"] + each.get("dur", 0)
            found.append(((each["ts"] - began) / 1000, each.get("tdur", 0) / 1000))
    return found


async def again(page: Page, address: str) -> dict[str, float]:
    """Load the page again: the app's code is in the browser by now."""
    await page.goto("about:blank")
    await page.goto(address, wait_until="commit")
    await until(page, "Boolean(window.__seen?.highlighted)")
    await page.wait_for_timeout(1000)
    seen: dict[str, float] = await page.evaluate(f"({{again: __seen.first, again_longest: {LONGEST}}})")
    return seen


async def scroll(page: Page, session: CDPSession, seconds: float, by: float) -> dict[str, float]:
    """Turn the wheel over the left pane; the frames while it turned, and the tasks that held them up."""
    await page.mouse.move(WINDOW["width"] * 0.25, WINDOW["height"] * 0.7)
    before = await metrics(session)
    at = await page.evaluate(SCROLLED)
    started = await page.evaluate("(__seen.frames.length = 0, performance.now())")
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while loop.time() < end:
        await page.mouse.wheel(0, by)
        await asyncio.sleep(1 / 60)
    found: dict[str, Any] = await page.evaluate(
        f"""(started) => ({{
            frames: __seen.frames,
            long: __seen.long.filter(([start]) => start >= started).map((entry) => entry[1]),
            moved: {SCROLLED},
        }})""",
        started,
    )
    moved = found["moved"] - at
    assert moved > 0, "the pane did not scroll"
    ran = (await metrics(session))["TaskDuration"] - before["TaskDuration"]
    frames = found["frames"]
    gaps = sorted(later - earlier for earlier, later in pairwise(frames))
    return {
        "fps": 1000 * len(gaps) / (frames[-1] - frames[0]),
        "frame_p99": gaps[min(len(gaps) - 1, len(gaps) * 99 // 100)],
        "frame_work": 1000 * ran / len(gaps),
        "way_work": 1e6 * ran / moved,
        "long": max(found["long"], default=0.0),
    }


SCROLLED = "Math.max(...[...document.querySelectorAll('[class*=view]')].map((node) => node.scrollTop))"
LEFT = """[...document.querySelectorAll('[aria-label="Changes of A"] [class*=view]')]
    .reduce((most, node) => Math.max(most, node.scrollHeight - node.clientHeight - node.scrollTop), 0)"""


async def jump_to_last(page: Page, *, files: int) -> float:
    """The last file, by the keyboard in the list of files, or the end of the only one; ms until it is there."""
    if files > 1:
        await page.get_by_role("button", name="Files (").click()
        tree = page.get_by_role("tree", name="Changed files")
        await tree.get_by_role("treeitem").first.wait_for()
        await tree.focus()
        await page.keyboard.press("End")
        # The last row, which is drawn when the list has been scrolled there.
        await until(page, "Boolean(document.querySelector('[role=treeitem][data-cursor][aria-level]')?.title)")
        name = str(await page.evaluate("document.querySelector('[role=treeitem][data-cursor]').title"))
        await page.keyboard.press("Enter")
        return float(await page.evaluate("(name) => __seen.atTheEnd(name)", name.rsplit("/", 1)[-1]))
    await page.get_by_label("Changes of A").locator("[class*=view]").first.focus()
    await page.keyboard.press("End")
    return float(await page.evaluate("__seen.atTheEnd('')"))


async def read_through(page: Page) -> None:
    """To the very end of the left pane, the right one following, twenty windows at a time."""
    await page.mouse.move(WINDOW["width"] * 0.25, WINDOW["height"] * 0.7)
    async with asyncio.timeout(300):
        while await page.evaluate(LEFT) > 4:
            await page.mouse.wheel(0, 20 * WINDOW["height"])
            await asyncio.sleep(1 / 60)
    await page.wait_for_timeout(1000)
