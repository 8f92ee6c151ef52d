"""What people do in Marlin's pages, as they find things: by labels, names and keys, never by markup."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as NotSeenError
from tests.acceptance.browser_window import PATIENCE_MS

from marlin import examples

EXAMPLE = "stockroom-import"
EXPECTED = "Read the whole file before anything is booked, collect every bad row, then book all or nothing."
WHY = (
    "The preferred side checks all rows in `import_delivery` before it books one, so a broken file leaves the stock as "
    "it was; the other books row by row in stockroom/cli.py and fails the check of the bad rows."
)

expect.set_options(timeout=PATIENCE_MS)


def accept_terms(page: Page) -> None:
    """The gate before every page, the first time."""
    page.get_by_label("I have read the terms and agree to them").check()
    page.get_by_role("button", name="Agree and go on").click()
    expect(page.get_by_label("I have read the terms and agree to them")).to_have_count(0)


def take_example(page: Page) -> None:
    """From the first page into a copy of the campaign's example brief."""
    button = page.get_by_role("button", name="Take an example brief")
    button.click()
    dialog = page.get_by_role("dialog", name="Example briefs")
    try:
        dialog.wait_for(timeout=20_000)
    except NotSeenError:  # seen once, on a busy machine: the press went beside the button. A person presses again.
        button.click()
    dialog.get_by_role("button", name="Take it: ").first.click()
    expect(page.get_by_label("Prompt")).not_to_be_empty()


def prepare(page: Page) -> None:
    """Fetch, set up and test the base."""
    page.get_by_role("button", name="Prepare", exact=True).click()
    expect(page.get_by_role("button", name="Start the comparison")).to_be_visible()


def start(page: Page) -> str:
    """Start both sides; the comparison's address."""
    page.get_by_role("button", name="Start the comparison").click()
    page.wait_for_url(re.compile("/comparisons/"))
    return page.url


def await_results(page: Page) -> None:
    """Both diffs are there, and the checks have run."""
    for side in "AB":
        expect(page.get_by_label(f"Changes of {side}")).to_be_visible()
    expect(page.get_by_role("button", name="Rate this turn")).to_be_enabled()


def try_by_hand(page: Page, side: str) -> None:
    """Work in a terminal in a copy of a side's result, reload the page in between, and find the result as it was."""
    api = re.sub(r"/comparisons/([^?]+).*", r"/api/v1/comparisons/\1", page.url)
    patch = f"{api}/turns/1/patch?to={side}"
    before = page.request.get(patch).text(), page.request.get(api).json()["turns"][0]["sides"][side]["commit"]
    page.get_by_role("button", name="Terminal", exact=True).click()
    panel = page.get_by_role("region", name="Terminals")
    panel.get_by_role("button", name=f"New in {side}").click()
    shell = panel.get_by_role("tabpanel")
    expect(shell).to_contain_text(f"{side}:/workspace$")
    page.keyboard.type("touch made-by-hand && git status --short && echo $((6*7))\n")
    expect(shell).to_contain_text("?? made-by-hand")
    expect(shell).to_contain_text("42")
    page.reload()
    expect(shell).to_contain_text("?? made-by-hand")
    panel.get_by_role("textbox", name=re.compile(f"copy of side {side}")).focus()
    page.keyboard.type("rm -rf * .git; exit 3\n")
    expect(shell).to_contain_text("The shell ended with exit status 3")
    panel.get_by_role("tab").press("Delete")
    panel.get_by_role("button", name="Hide the terminals").click()
    after = page.request.get(patch).text(), page.request.get(api).json()["turns"][0]["sides"][side]["commit"]
    assert before == after, "the result that is judged has changed"


def better_side(page: Page) -> str:
    """The side fewer of whose checks failed, as its card says."""
    failed = {side: _failed_checks(page.get_by_label(f"Side {side}", exact=True)) for side in "AB"}
    return min("AB", key=lambda side: failed[side])


def _failed_checks(card: Locator) -> int:
    expect(card).to_contain_text("checks")
    found = re.search(r"(\d+) of \d+ checks failed", card.inner_text())
    return int(found[1]) if found else 0


def fill_rating(page: Page, better: str, *, strength: int = 2, why: str = WHY) -> None:
    """Answer everything with the keyboard alone, from the first axis to the reason."""
    key = str(4 - strength) if better == "A" else str(4 + strength)
    scales = page.get_by_role("complementary", name="Rating").get_by_role("group").filter(has=page.get_by_role("radio"))
    scales.first.get_by_role("radio").first.focus()
    for index in range(scales.count()):
        scale = scales.nth(index)
        for _ in range(20):  # tab on until the row has the focus: an unanswered row may have more than one tab stop
            if scale.locator(":focus").count():
                break
            page.keyboard.press("Tab")
        page.keyboard.press(key)
        expect(scale.get_by_role("radio", checked=True)).to_be_focused()
    page.get_by_role("radiogroup", name="What decided it").get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    _type_into(page, f"Strengths of {better}", "It checks every row before it books the first one.")
    _type_into(page, f"Weaknesses of {'B' if better == 'A' else 'A'}", "It books rows of a file that then fails.")
    _type_into(page, re.compile("^Why"), why)


def _type_into(page: Page, label: str | re.Pattern[str], text: str) -> None:
    box = page.get_by_role("complementary", name="Rating").get_by_label(label)
    box.focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(text)
    expect(box).to_have_value(text)


def rate(page: Page) -> None:
    """Send the rating by keyboard."""
    page.get_by_role("button", name="Rate this turn").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Undo the rating")).to_be_visible()


def undo(page: Page) -> None:
    """Take the rating back; the form is there again."""
    page.get_by_role("button", name="Undo the rating").click()
    expect(page.get_by_role("button", name="Rate this turn")).to_be_enabled()


def next_prompt() -> str:
    """The example's own second prompt."""
    return examples.load_brief(EXAMPLE).follow_up


def follow_up(page: Page) -> None:
    """Send the second prompt of the example."""
    page.get_by_label("Next prompt (turn 2)").fill(next_prompt())
    page.get_by_role("button", name="Send to both sides").click()
    expect(page.get_by_role("navigation", name="Turns")).to_contain_text("Turn 2")


def submit(page: Page) -> int:
    """Read the checker's remarks, stand by them, and submit; how many there were."""
    page.get_by_role("button", name="Submit the comparison…").click()
    dialog = page.get_by_role("dialog", name="Submit the comparison")
    expect(dialog.get_by_role("button", name="Not yet")).to_be_visible()
    remarks = dialog.get_by_label("I have looked, and it is as I mean it")
    for index in range(remarks.count()):
        remarks.nth(index).check()
    number = remarks.count()
    dialog.get_by_role("button", name="Submit", exact=True).click()
    expect(page.get_by_text("In review").first).to_be_visible()
    return number


def open_queue(page: Page, base: str, title: str) -> None:
    """As a reviewer, open what waits."""
    page.goto(f"{base}/reviews")
    page.get_by_role("link", name=title).click()
    expect(page.get_by_label("Comments to the contributor")).to_be_visible()
    for side in "AB":
        expect(page.get_by_label(f"Changes of {side}")).to_be_visible()


def return_with(page: Page, comment: str) -> None:
    """Send it back."""
    page.get_by_label("Comments to the contributor").fill(comment)
    page.get_by_role("button", name="Return with comments").click()
    page.wait_for_url(re.compile(r"/reviews\?returned="))


def accept(page: Page) -> None:
    """Take it."""
    page.get_by_role("button", name="Accept", exact=True).click()
    page.wait_for_url(re.compile(r"/reviews\?accepted="))
    expect(page.get_by_text("Nothing waits for a review")).to_be_visible()
