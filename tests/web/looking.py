"""How pages are looked at in a real browser: sizes, patience, whose page it is, and what axe finds."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable

from playwright.async_api import Browser, Locator, Page, expect
from tests.factories.pages import WEB

AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE_MS = 60_000
# Whatever is expected may take this long, where the library gives 5 s: on a busy machine pages are slow, not wrong.
expect.set_options(timeout=PATIENCE_MS)
# "Not saved yet" and "Saved elsewhere" stand there, too, at times.
SAVED = re.compile(r"^Saved \d")
# Colours are compared when they have arrived, not on their way from one theme to the other.
SETTLED = (
    # In what is folded away (closed details) a transition that a look at its style begins is never run to its end.
    "Promise.race([new Promise((done) => setTimeout(done, 2000)), "
    "Promise.allSettled(document.getAnimations().filter(a => a instanceof CSSTransition).map(a => a.finished))])"
    ".then(() => null)"
)
WIDE, LEAST, NARROW = (1440, 900), (1280, 800), (400, 800)


@contextlib.asynccontextmanager
async def opened(
    browser: Browser, base: str, who: str | None, size: tuple[int, int], scheme: str
) -> AsyncIterator[tuple[Page, list[str]]]:
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if scheme == "dark" else "light"
    )
    if who:
        await context.add_cookies([{"name": "marlin_session", "value": who, "url": base}])
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        # Being told "401: nobody is signed in" is how the sign-in page begins.
        lambda entry: errors.append(entry.text) if entry.type == "error" and "401" not in entry.text else None,
    )
    try:
        yield page, errors
    finally:
        await context.close()


@contextlib.asynccontextmanager
async def noticing(*shown: Locator) -> AsyncIterator[None]:
    """See what comes in the block and stays for seconds only: whoever looks after it may be too late."""
    async with asyncio.TaskGroup() as group:
        for one in shown:
            group.create_task(expect(one).to_be_visible())
        yield


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait for what no locator can tell."""
    async with asyncio.timeout(PATIENCE_MS / 1000):
        while not await condition():
            await asyncio.sleep(0.05)


async def findings(page: Page) -> list[str]:
    await page.evaluate(SETTLED)
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text())
    result = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{found['impact']} {found['id']}: {found['nodes'][0]['html'][:200]}" for found in result["violations"]]
