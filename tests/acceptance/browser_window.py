"""A running demo, and windows on it that write down everything a browser complains about."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, sync_playwright
from tests.factories import chromium

MARLIN = str(Path(sys.executable).with_name("marlin"))
PATIENCE_MS = 120_000
"""Milliseconds that any step may take: on a busy machine everything is slow, and nothing here is a measurement."""
WIDE = (1440, 900)
ARGUMENTS = [
    *chromium.ARGUMENTS,
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
_LINK = re.compile(r"^\s+(contributor|reviewer|operator)\s+(http://\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class RunningDemo:
    """``marlin demo`` as people start it.

    :ivar links: sign-in link of each role.
    """

    base: str
    links: dict[str, str]


@contextlib.contextmanager
def running_demo(env: dict[str, str]) -> Iterator[RunningDemo]:
    """Start ``marlin demo`` and wait for its links; stop it at the end."""
    port = _free_port()
    process = subprocess.Popen(
        [MARLIN, "demo", "--port", str(port)],
        env={**env, "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    told = ""
    try:
        while len(links := dict(_LINK.findall(told))) < 3 or "Ctrl-C" not in told:
            line = process.stdout.readline()
            assert line, f"the demo did not start:\n{told}"
            told += line
        drain = threading.Thread(target=process.stdout.read, daemon=True)  # a full pipe would stop the service
        drain.start()
        yield RunningDemo(f"http://127.0.0.1:{port}", links)
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's browser, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("MARLIN_TEST_CHROMIUM", "/usr/bin/chromium"), args=ARGUMENTS
        )
        yield browser
        browser.close()


@dataclass
class Window:
    """One person's browser profile. Its tabs share what they complain about.

    :ivar problems: script errors, policy violations, and answers that were refused or never came.
    """

    context: BrowserContext
    problems: list[str] = field(default_factory=list)
    _expected: list[re.Pattern[str]] = field(default_factory=list)

    def tab(self) -> Page:
        """A new tab that is watched."""
        page = self.context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self._note(f"script error: {error}"))
        page.on("console", self._heard)
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)
        return page

    def expect(self, pattern: str) -> None:
        """Requests that this story means to be refused, as ``STATUS METHOD PATH``."""
        self._expected.append(re.compile(pattern))

    def _note(self, text: str) -> None:
        self.problems.append(text)

    def _heard(self, message: ConsoleMessage) -> None:
        # The browser's own line about a refused request is judged where the answer is, with its status and address.
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self._note(f"console {message.type}: {message.text}")

    def _failed(self, request: Request) -> None:
        # A page that is left or loaded again breaks off what it still waited for.
        if "ERR_ABORTED" not in (request.failure or ""):
            self._note(f"no answer: {request.method} {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status < 400:
            return
        path = re.sub(r"^https?://[^/]+", "", response.url)
        line = f"{response.status} {response.request.method} {path}"
        if not any(pattern.search(line) for pattern in self._expected):
            self._note(f"refused: {line}")


@contextlib.contextmanager
def window(
    browser: Browser, link: str | None = None, *, size: tuple[int, int] = WIDE, dark: bool = False
) -> Iterator[tuple[Window, Page]]:
    """A fresh profile, signed in by a link when one is given."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
    )
    made = Window(context)
    made.expect(r"^401 GET /api/v1/session$")  # how a page learns that nobody is signed in
    page = made.tab()
    if link is not None:
        page.goto(link)
    try:
        yield made, page
    finally:
        context.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
