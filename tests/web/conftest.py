"""One browser a file; a browser test that fails is run a second time, and told (docs/decisions/0024)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Playwright, async_playwright
from tests.factories.chromium import CHROMIUM
from tests.factories.pages import served

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder has pages and windows of its own, so a second run begins anew."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.flaky(reruns=1))
            if pytest_asyncio.is_async_test(item):
                # What drives the browser belongs to the loop that it was started in.
                item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What failed the first time, with all that is known of it: a test that needs two tries has a race in it."""
    for report in terminalreporter.getreports("rerun"):
        terminalreporter.section(f"failed the first time, was run again: {report.nodeid}", yellow=True)
        terminalreporter.write_line(report.longreprtext)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shared_browser(playwright: Playwright) -> AsyncIterator[list[Browser]]:
    """The browser of a file: to start one takes two seconds of a core, as long as many a test."""
    started: list[Browser] = []
    yield started
    for browser in started:
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def browser(playwright: Playwright, shared_browser: list[Browser]) -> Browser:
    """A browser without a window. Windows are opened in a context of their own, which shares nothing with another's."""
    if not shared_browser or not shared_browser[-1].is_connected():
        shared_browser.append(await playwright.chromium.launch(**CHROMIUM))
    return shared_browser[-1]


@pytest_asyncio.fixture(loop_scope="session")
async def base() -> AsyncIterator[str]:
    """The address of the built pages, over a made-up API that nothing has been done to yet."""
    async with served() as address:
        yield address


@pytest_asyncio.fixture(loop_scope="session")
async def place(browser: Browser, base: str) -> tuple[Browser, str]:
    """A browser and that address."""
    return browser, base
