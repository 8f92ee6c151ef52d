"""Long lists in all their states: overfull, empty, filtered, on their way. Over the made-up API, in a real browser."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Browser, Route, expect
from tests.web.looking import NARROW, PATIENCE_MS, WIDE, findings, opened

SMALL_LAPTOP = (1280, 800)
SHIFTS = (
    "window.shifted = []; new PerformanceObserver(list => { for (const entry of list.getEntries()) "
    "if (!entry.hadRecentInput) window.shifted.push([entry.value, ...entry.sources.map(s => "
    "(s.node?.outerHTML || String(s.node?.textContent)).slice(0, 90))]); })"
    ".observe({ type: 'layout-shift', buffered: true })"
)
LOOKS = [(WIDE, "dark"), (SMALL_LAPTOP, "light"), (NARROW, "dark"), (WIDE, "light")]
STATES = [
    ("/", "busy", "The first 50 comparisons"),
    ("/", "nobody", "No campaign is open now"),
    ("/?q=nothing+like+it", "busy", "No comparisons match"),
    ("/reviews", "busy", "The first 50 submissions"),
    ("/reviews", "nobody", "Nothing waits for a review"),
    ("/operator/campaigns/camp-1/work?tab=rejections", "busy", "The first 50 rejections"),
    ("/operator/campaigns/camp-empty/work?tab=rejections", "operator", "Nothing was rejected"),
    ("/operator?tab=people", "busy", "The first 50 people"),
    ("/operator?tab=campaigns", "busy", "The first 10 campaigns"),
    ("/briefs/none", "contributor", "There is no such brief"),
    ("/comparisons/none", "contributor", "There is no such comparison"),
]


@pytest.mark.timeout(900)
async def test_full_empty_and_refused_pages_fit_and_can_be_used_by_all(place: tuple[Browser, str]) -> None:
    browser, base = place
    problems: list[str] = []

    async def look(index: int, path: str, who: str | None, words: str) -> None:
        size, scheme = LOOKS[index % len(LOOKS)]
        async with opened(browser, base, who, size, scheme) as (page, _):
            await page.goto(base + path)
            await expect(page.get_by_text(words).first).to_be_visible(timeout=PATIENCE_MS)
            where = f"{path} as {who}, {size[0]} px, {scheme}"
            for other in (scheme, "light" if scheme == "dark" else "dark"):
                await page.emulate_media(color_scheme="dark" if other == "dark" else "light")
                await expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", other)
                problems.extend(f"{where}, then {other}: {text}" for text in await findings(page))
            overflow = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            if overflow > 0:
                problems.append(f"{where}: {overflow} px too wide")

    for index, (path, who, words) in enumerate(STATES):
        await look(index, path, who, words)
    assert problems == []


@pytest.mark.timeout(300)
async def test_long_lists_are_searched_and_walked_and_the_address_keeps_the_filter(place: tuple[Browser, str]) -> None:
    browser, base = place
    async with opened(browser, base, "busy", WIDE, "light") as (page, errors):
        await page.goto(f"{base}/operator?tab=people")
        people = page.get_by_role("region", name="People")
        rows = people.get_by_role("listitem")
        await expect(rows).to_have_count(50, timeout=PATIENCE_MS)
        await people.get_by_role("button", name="Show more").press("Enter")
        await expect(rows).to_have_count(100, timeout=PATIENCE_MS)
        first_new = await rows.nth(50).element_handle()
        await page.wait_for_function("row => row.contains(document.activeElement)", arg=first_new)
        await people.get_by_label("Search the people").fill("li wei")
        await expect(people.get_by_text("All 50 people")).to_be_visible(timeout=PATIENCE_MS)
        await expect(page).to_have_url(re.compile(r"q=li(\+|%20)wei"))
        await page.reload()
        await expect(people.get_by_label("Search the people")).to_have_value("li wei", timeout=PATIENCE_MS)
        await expect(rows).to_have_count(50, timeout=PATIENCE_MS)
        await people.get_by_label("Search the people").fill("nobody of the kind")
        await people.get_by_role("button", name="Show all").click()
        await expect(people.get_by_text("The first 50 people")).to_be_visible(timeout=PATIENCE_MS)
        assert errors == []

        await page.goto(f"{base}/?status=returned")
        mine = page.get_by_role("region", name="My comparisons")
        await expect(mine.get_by_text("Returned to you")).to_have_count(20, timeout=PATIENCE_MS)
        moment = mine.locator("time").first
        await moment.hover()
        await expect(page.get_by_role("tooltip")).to_contain_text(re.compile(r"\d{4}.*\d:\d\d:\d\d"))


@pytest.mark.timeout(300)
async def test_rows_take_the_place_that_was_kept_for_them(place: tuple[Browser, str]) -> None:
    browser, base = place
    for path, who, words in [
        ("/", "busy", "The first 50 comparisons"),
        ("/", "contributor", "My comparisons"),
        ("/reviews", "busy", "The first 50 submissions"),
        ("/operator?tab=people", "busy", "The first 50 people"),
        ("/operator?tab=campaigns", "busy", "The first 10 campaigns"),
        ("/operator?tab=system", "operator", "What this host can isolate"),
        ("/account/tokens", "contributor", "Editor on the laptop"),
        ("/comparisons/ready?view=brief", "contributor", "answers missing"),
        ("/", "newcomer", "These are the terms that you work under"),
    ]:
        async with opened(browser, base, who, WIDE, "light") as (page, errors):
            held = asyncio.Event()

            async def hold(route: Route, *, until: asyncio.Event = held) -> None:
                if "/session" not in route.request.url:
                    await until.wait()
                await route.continue_()

            await page.route("**/api/v1/**", hold)
            await page.add_init_script(SHIFTS)
            await page.goto(base + path)
            waiting = page.get_by_role("status", name=re.compile("^Loading")).first
            await expect(waiting).to_have_css("opacity", "1", timeout=PATIENCE_MS)
            assert await findings(page) == []
            held.set()
            await expect(page.get_by_text(words).first).to_be_visible(timeout=PATIENCE_MS)
            await page.wait_for_load_state("networkidle")
            await page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
            shifted = await page.evaluate("window.shifted")
            assert sum(entry[0] for entry in shifted) < 0.05, (path, who, shifted)
            assert errors == []
