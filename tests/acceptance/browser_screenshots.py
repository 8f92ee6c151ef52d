"""The pictures of the documentation, taken while the story is played: ``scripts/screenshots [FOLDER]``."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, expect
from tests.acceptance import browser_story as story
from tests.acceptance import operator_pictures
from tests.acceptance.browser_window import RunningDemo, chromium, running_demo, window

IMAGES = Path(__file__).parents[2] / "docs" / "images"
LARGEST = 300_000
"""Bytes of a picture: they are in the repository."""
TITLE = "Import a delivery note completely or not at all"
Shoot = Callable[[Page, str], None]


def main() -> int:
    """Take every picture; 1 when one is too large to keep."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES
    folder.mkdir(parents=True, exist_ok=True)
    too_large: list[str] = []

    def shoot(page: Page, name: str) -> None:
        page.mouse.move(720, 4)  # nothing is hovered
        page.wait_for_timeout(700)  # highlighting comes after the text
        path = folder / f"{name}.png"
        page.screenshot(path=path, animations="disabled", caret="hide")
        if path.stat().st_size > LARGEST:
            too_large.append(f"{path}: {path.stat().st_size:,} bytes")
        print(path)

    home = Path(tempfile.mkdtemp(prefix="marlin-pictures-", dir="/var/tmp"))
    home.chmod(0o711)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MARLIN_", "DATABASE_URL"))}
    try:
        with running_demo({**clean, "MARLIN_HOME": str(home)}) as demo, chromium() as browser:
            address = _contributor(browser, demo, shoot)
            _reviewer(browser, demo, shoot)
            _operator(browser, demo, address, shoot)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    for path in asyncio.run(operator_pictures.take(folder)):
        print(path)
        if path.stat().st_size > LARGEST:
            too_large.append(f"{path}: {path.stat().st_size:,} bytes")
    for line in too_large:
        print(f"too large: {line}", file=sys.stderr)
    return 1 if too_large else 0


def _contributor(browser: Browser, demo: RunningDemo, shoot: Shoot) -> str:
    with window(browser, demo.links["contributor"]) as (_, page):
        story.accept_terms(page)
        story.take_example(page)
        story.prepare(page)
        shoot(page, "brief")
        address = story.start(page)
        page.get_by_label("What would a strong senior engineer do here?").fill(story.EXPECTED)
        expect(page.get_by_text("Both sides are at work")).to_be_visible()
        expect(page.get_by_text("Saved ")).to_be_visible()
        shoot(page, "working")
        story.await_results(page)
        shoot(page, "compare")
        _in_the_dark(page, "compare-dark", shoot)
        _tab(page, "Transcript", shoot)
        _tab(page, "Checks", shoot)
        _tab(page, "Files", shoot)
        page.get_by_role("tab", name="Changes").click()
        _comment(page, shoot)
        _terminal(page, shoot)
        _fetch(page, shoot)
        _palette(page, shoot)
        better = story.better_side(page)
        story.fill_rating(page, better)
        shoot(page, "rate")
        story.rate(page)
        page.get_by_label("Next prompt (turn 2)").fill(story.next_prompt())
        shoot(page, "follow-up")
        story.follow_up(page)
        story.await_results(page)
        story.fill_rating(page, better, why="It is simply the better one of the two.")
        story.rate(page)
        page.get_by_role("button", name="Submit the comparison…").click()
        expect(page.get_by_label("I have looked, and it is as I mean it").first).to_be_visible()
        shoot(page, "submit")
        page.get_by_role("button", name="Not yet").click()
        story.submit(page)
        return address


def _tab(page: Page, name: str, shoot: Shoot) -> None:
    page.get_by_role("tab", name=name).click()
    expect(page.get_by_role("tabpanel", name=name)).to_be_visible()
    shoot(page, name.lower())


def _in_the_dark(page: Page, name: str, shoot: Shoot) -> None:
    page.emulate_media(color_scheme="dark")
    shoot(page, name)
    page.emulate_media(color_scheme="light")


def _comment(page: Page, shoot: Shoot) -> None:
    """A comment on a line of the changes."""
    # A file that only the other side changed is held open by lines that nobody sees.
    page.locator("diffs-container [data-column-number]").filter(visible=True).nth(8).click()
    page.keyboard.press("c")
    page.get_by_role("button", name="Comment", exact=True).click()
    page.keyboard.type("Does a file with no rows at all count as imported?")
    page.get_by_text("Comments (1)").click()
    shoot(page, "comment")
    card = page.get_by_role("article").last
    card.get_by_role("button", name="Comment", exact=True).click()
    expect(card.get_by_role("button", name="Edit")).to_be_visible()
    page.get_by_role("complementary", name="Rating").get_by_text("Turn 1", exact=True).click()


def _terminal(page: Page, shoot: Shoot) -> None:
    """The tests, run by hand in a copy of A's result."""
    page.get_by_role("button", name="Terminal", exact=True).click()
    panel = page.get_by_role("region", name="Terminals")
    panel.get_by_role("button", name="New in A").click()
    shell = panel.get_by_role("tabpanel")
    expect(shell).to_contain_text("A:/workspace$")
    page.keyboard.type("git diff --stat; python3 -m unittest discover -s tests -q\n")
    expect(shell).to_contain_text("OK")
    shoot(page, "terminal")
    panel.get_by_role("button", name="Hide the terminals").click()


def _fetch(page: Page, shoot: Shoot) -> None:
    """The commands for one's own git; the address is used up or too old when anybody sees the picture."""
    page.get_by_role("button", name="Fetch with git…").click()
    dialog = page.get_by_role("dialog", name="Fetch with git")
    expect(dialog.get_by_text("git clone ")).to_be_visible()
    shoot(page, "fetch")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def _palette(page: Page, shoot: Shoot) -> None:
    page.keyboard.press("ControlOrMeta+k")
    expect(page.get_by_role("dialog")).to_be_visible()
    shoot(page, "palette")
    page.keyboard.press("Escape")


def _reviewer(browser: Browser, demo: RunningDemo, shoot: Shoot) -> None:
    with window(browser, demo.links["reviewer"]) as (_, page):
        story.accept_terms(page)
        story.open_queue(page, demo.base, TITLE)
        shoot(page, "review")
        story.accept(page)


def _operator(browser: Browser, demo: RunningDemo, address: str, shoot: Shoot) -> None:
    with window(browser, demo.links["operator"]) as (_, page):
        story.accept_terms(page)
        page.goto(f"{address}?view=operator")
        page.get_by_role("button", name="Show arms, usage and provenance").click()
        expect(page.get_by_text(re.compile("^careful$")).first).to_be_visible()
        shoot(page, "operator")


if __name__ == "__main__":
    sys.exit(main())
