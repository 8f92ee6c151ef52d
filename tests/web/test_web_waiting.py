"""What pages show until the server has answered, and when it answers that it can't. In a real browser."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, expect
from tests.web.looking import PATIENCE_MS, WIDE, findings, noticing, opened

# Main pages and who reads them.
MAIN = [
    ("/", "contributor"),
    ("/briefs/ready", "contributor"),
    ("/comparisons/ready", "contributor"),
    ("/comparisons/ready?view=checks", "contributor"),
    ("/comparisons/running", "contributor"),
    ("/account/tokens", "contributor"),
    ("/reviews", "reviewer"),
    ("/operator?tab=campaigns", "operator"),
    ("/operator?tab=people", "operator"),
    ("/operator?tab=system", "operator"),
]
SHIFTS = (
    "window.shifted = []; new PerformanceObserver(list => { for (const entry of list.getEntries()) "
    "if (!entry.hadRecentInput) window.shifted.push([entry.value, ...entry.sources.map(s => "
    "(s.node?.outerHTML || String(s.node?.textContent)).slice(0, 90))]); })"
    ".observe({ type: 'layout-shift', buffered: true })"
)
# What a page reads first: the session is answered, or there would be no page to fail.
FIRST_READ = {
    "/": ["/campaigns", "/comparisons", "/briefs"],
    "/briefs/ready": ["/briefs/ready"],
    "/comparisons/ready": ["/comparisons/ready"],
    "/account/tokens": ["/api-tokens"],
    "/reviews": ["/reviews/queue"],
    "/operator?tab=campaigns": ["/campaigns"],
    "/operator?tab=people": ["/people"],
    "/operator?tab=system": ["/system"],
}
READERS = dict(MAIN)


@contextlib.asynccontextmanager
async def reading(place: tuple[Browser, str], who: str) -> AsyncIterator[tuple[Page, str]]:
    browser, base = place
    async with opened(browser, base, who, WIDE, "light") as (page, _):
        yield page, base


async def late(route: Route) -> None:
    """Answer as a server far away would: late enough that what holds the place is seen."""
    await asyncio.sleep(0.3)
    await route.continue_()


@pytest.mark.timeout(300)
async def test_pages_do_not_jump_when_what_they_waited_for_comes(place: tuple[Browser, str]) -> None:
    jumped = {}
    for who in dict.fromkeys(READERS.values()):
        async with reading(place, who) as (page, base):
            await page.add_init_script(SHIFTS)
            await page.route("**/api/v1/**", late)
            for path in [path for path, reader in MAIN if reader == who]:
                await page.goto(base + path)
                await page.wait_for_load_state("networkidle")
                await expect(page.locator("[aria-busy=true]")).to_have_count(0, timeout=PATIENCE_MS)
                await expect(page.locator("h1")).to_be_visible(timeout=PATIENCE_MS)
                await page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
                shifted = await page.evaluate("window.shifted")
                if sum(entry[0] for entry in shifted) >= 0.05:
                    jumped[path] = shifted
    assert jumped == {}


def _holding(answer: asyncio.Event) -> Callable[[Route], Coroutine[Any, Any, None]]:
    async def hold(route: Route) -> None:
        await answer.wait()
        await route.continue_()

    return hold


@pytest.mark.timeout(300)
async def test_what_takes_long_is_seen_and_then_said(place: tuple[Browser, str]) -> None:
    async with reading(place, "contributor") as (page, base):
        for path, what in [("/briefs/ready", "brief"), ("/comparisons/ready", "comparison")]:
            answer = asyncio.Event()
            await page.route(f"**/api/v1{path}", _holding(answer))
            await page.goto(base + path)
            waiting = page.get_by_role("status", name=f"Loading the {what}")
            await expect(waiting).to_be_visible(timeout=PATIENCE_MS)
            words = waiting.get_by_text("takes longer than usual")
            await expect(words.locator("..")).to_have_css("opacity", "1", timeout=PATIENCE_MS)
            assert await findings(page) == []
            answer.set()
            await expect(waiting).to_have_count(0, timeout=PATIENCE_MS)
            await expect(page.locator("h1")).to_be_visible(timeout=PATIENCE_MS)


def _refusing(status: int) -> Callable[[Route], Coroutine[Any, Any, None]]:
    """Answer with a problem document; with none at all for 500, as a proxy or a crash does."""

    async def refuse(route: Route) -> None:
        if status == 500:
            await route.fulfill(status=500, body="<h1>Internal Server Error</h1>", content_type="text/html")
            return
        document = {"status": status, "detail": f"No, says the server ({status}).", "hint": "Ask for it.", "code": "no"}
        await route.fulfill(status=status, body=json.dumps(document), content_type="application/problem+json")

    return refuse


@pytest.mark.timeout(300)
@pytest.mark.parametrize("status", [403, 404, 500])
async def test_a_page_that_is_refused_says_why_and_what_to_do(place: tuple[Browser, str], status: int) -> None:
    for who in dict.fromkeys(READERS.values()):
        async with reading(place, who) as (page, base):
            for path, reads in FIRST_READ.items():
                if READERS[path] != who:
                    continue
                for read in reads:
                    await page.route(re.compile(rf"/api/v1{read}(\?.*)?$"), _refusing(status))
                await page.goto(base + path)
                alert = page.get_by_role("alert").first
                await expect(alert).to_be_visible(timeout=PATIENCE_MS)
                if status == 500:
                    await expect(alert).to_contain_text("The server failed to answer.")
                    await expect(alert).to_contain_text("tell the operator")
                else:
                    await expect(alert).to_contain_text(f"No, says the server ({status}).")
                    await expect(alert).to_contain_text("Ask for it.")
                if status == 404:  # what the others look like is the same, only their words are not
                    assert await findings(page) == [], path
                await page.unroute_all()
                again = page.get_by_role("button", name="Try again")
                while await again.count():
                    # A page may try by itself meanwhile, and the button be gone before it is pressed.
                    await again.evaluate_all("(all) => all[0]?.click()")
                    await expect(page.locator("[aria-busy=true]")).to_have_count(0)
                await expect(page.get_by_role("alert").filter(has_text="server")).to_have_count(0)


@pytest.mark.timeout(300)
async def test_a_page_that_found_no_server_comes_by_itself_when_it_is_back(place: tuple[Browser, str]) -> None:
    async with reading(place, "reviewer") as (page, base):
        await page.goto(base + "/reviews")
        await expect(page.get_by_text("1 turn").or_(page.get_by_text("2 turns")).first).to_be_visible()
        await page.route("**/api/v1/**", lambda route: route.abort())
        await page.get_by_role("link", name="mlflow").or_(page.locator("main li a")).first.click()
        await expect(page.get_by_text("Marlin can’t be reached.").first).to_be_visible(timeout=PATIENCE_MS)
        await expect(page.get_by_role("alert")).to_contain_text("The comparison can’t be shown", timeout=PATIENCE_MS)
        async with noticing(page.get_by_text("Connected again.")):
            await page.unroute_all()
            # It may have found the server by itself, and the button be gone before it is pressed.
            await page.get_by_role("button", name="Try now").evaluate_all("(all) => all[0]?.click()")
        await expect(page.locator("h1")).to_be_visible(timeout=PATIENCE_MS)


@pytest.mark.timeout(300)
async def test_whose_sign_in_runs_out_reads_on_after_signing_in_in_another_tab(place: tuple[Browser, str]) -> None:
    async with reading(place, "everyone") as (page, base):
        await page.goto(base + "/comparisons/ready?view=checks")
        await expect(page.get_by_text("pip options keep working").first).to_be_visible(timeout=PATIENCE_MS)
        await page.context.clear_cookies()
        await page.get_by_role("tab", name="Files").dispatch_event("click")
        dialog = page.get_by_role("dialog", name="Your sign-in ran out")
        await expect(dialog).to_be_visible(timeout=PATIENCE_MS)
        other = await page.context.new_page()
        await other.goto(base + "/sign-in")
        await other.get_by_label("Email").fill("everyone@example.org")
        await other.get_by_role("textbox", name="Password").fill("secret")
        await other.keyboard.press("Enter")
        await expect(dialog).to_have_count(0, timeout=PATIENCE_MS)
        await expect(page.get_by_text("README.md").first).to_be_visible(timeout=PATIENCE_MS)
