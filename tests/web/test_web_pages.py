"""The built pages in a real browser, over the made-up API of ``web/dev``, under the strictest content security policy.

Every route and every state of the story is opened wide and narrow, light and dark: no script error, no refused
resource, nothing wider than the window, and no finding of axe. Needs what ``make setup`` leaves:
``web/node_modules`` and the built pages in ``src/marlin/web_dist``.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator
from typing import Literal

import pytest
from playwright.async_api import Browser, ConsoleMessage, Error, Page, async_playwright, expect
from tests.factories.pages import WEB, served

AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE_MS = 60_000
# Colours are compared when they have arrived, not on their way from one theme to the other.
SETTLED = (
    "Promise.allSettled(document.getAnimations().filter(a => a instanceof CSSTransition).map(a => a.finished))"
    ".then(() => null)"
)
WIDE, LEAST, NARROW = (1440, 900), (1280, 800), (400, 800)

# How each page is looked at, one after the other, and whether axe looks too: another width alone changes no colour.
LOOKS: list[tuple[tuple[int, int], Literal["light", "dark"], bool]] = [
    (WIDE, "light", True),
    (WIDE, "dark", True),
    (LEAST, "dark", False),
    (NARROW, "dark", True),
    (NARROW, "light", False),
]

# Path, who is signed in, the words that say the page has arrived. Every route of web/src/router.tsx is here.
PAGES = [
    ("/sign-in", None, "Marlin is by invitation"),
    ("/sign-in/link", None, "its last part is missing"),
    ("/sign-in/link#expired", None, "used already or is too old"),
    ("/invite#offer-1", None, "Create the account"),
    ("/", "newcomer", "Agree and go on"),
    ("/", "contributor", "Start a task"),
    ("/briefs/new", "contributor", "Still needed"),
    ("/briefs/failed", "contributor", "Prepare again"),
    ("/briefs/ready", "contributor", "Start the comparison"),
    ("/comparisons/running", "contributor", "Both sides are at work"),
    ("/comparisons/live", "contributor", "Run"),
    ("/comparisons/ready", "contributor", "import logging"),
    ("/comparisons/odd", "contributor", "icon.svg"),
    ("/comparisons/ready?view=files&at=B&file=README.md", "contributor", "MLflow"),
    ("/comparisons/ready?view=transcript", "contributor", "start with the code"),
    ("/comparisons/ready?view=checks", "contributor", "pip options keep working"),
    ("/comparisons/one-failed?view=brief", "contributor", "Ran out of context"),
    ("/comparisons/failed", "contributor", "Start the turn again"),
    ("/comparisons/second", "contributor", "import logging"),
    ("/comparisons/submitted?view=brief", "reviewer", "Prompt of turn 1"),
    ("/reviews", "reviewer", "submitted"),
    ("/operator?tab=campaigns", "operator", "Outputs may not train"),
    ("/operator?tab=people", "operator", "Invite someone"),
    ("/operator?tab=system", "operator", "What this host can isolate"),
    ("/operator/campaigns/camp-decided/evidence", "operator", "Registered after votes were in"),
    ("/account/tokens", "contributor", "Editor on the laptop"),
    ("/no-such-page", "contributor", "nothing at this address"),
]


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


async def findings(page: Page) -> list[str]:
    await page.evaluate(SETTLED)
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text())
    result = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{found['impact']} {found['id']}: {found['nodes'][0]['html'][:200]}" for found in result["violations"]]


def test_every_route_has_a_page_that_is_looked_at() -> None:
    routes = re.findall(r'path: "([^"]+)"', (WEB / "src/router.tsx").read_text())
    assert len(routes) > 8, "the routes are not where they were: mend this test"
    shown = {re.split(r"[?#]", path)[0] for path, _, _ in PAGES}
    missed = [route for route in routes if not any(_is_at(route, path) for path in shown)]
    assert missed == [], "add them to PAGES: what nobody opens in a test is accessible by luck"


def _is_at(route: str, path: str) -> bool:
    wanted, parts = route.split("/"), path.split("/")
    return len(wanted) == len(parts) and all(
        known == part or known.startswith("$") for known, part in zip(wanted, parts, strict=True)
    )


@pytest.mark.timeout(600)
async def test_every_page_arrives_fits_and_can_be_used_by_all() -> None:
    problems: list[str] = []
    async with served() as base, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for who in dict.fromkeys(who for _, who, _ in PAGES):
            async with opened(browser, base, who, WIDE, "light") as (first, _):
                for path, _, words in [page for page in PAGES if page[1] == who]:
                    problems += await _looked_at(first, base + path, words)
        await browser.close()
    assert problems == []


async def _looked_at(page: Page, address: str, words: str) -> list[str]:
    """What is wrong with a page, in both themes and at every width."""
    problems: list[str] = []

    def note(entry: ConsoleMessage) -> None:
        # Being told "401: nobody is signed in" is how the sign-in page begins; a link that is too old is a 404.
        if entry.type == "error" and not re.search(r"\b40[14]\b", entry.text):
            problems.append(entry.text)

    def fail(error: Error) -> None:
        problems.append(str(error))

    page.on("console", note)
    page.on("pageerror", fail)
    await page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    await page.emulate_media(color_scheme="light")
    # By way of nothing: an address that differs after # alone would not be loaded anew.
    await page.goto("about:blank")
    await page.goto(address)
    await expect(page.get_by_text(words).first).to_be_attached(timeout=PATIENCE_MS)
    for (width, height), scheme, in_whole in LOOKS:
        await page.set_viewport_size({"width": width, "height": height})
        await page.emulate_media(color_scheme=scheme)
        await expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", scheme)
        await expect(page.get_by_text(words).first).to_be_attached(timeout=PATIENCE_MS)
        overflow = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        where = f"{width} px, {scheme}"
        if overflow > 0:
            problems.append(f"{where}: {overflow} px too wide")
        if in_whole:
            problems += [f"{where}: {found}" for found in await findings(page)]
    page.remove_listener("console", note)
    page.remove_listener("pageerror", fail)
    return [f"{address}: {problem}" for problem in problems]


@pytest.mark.timeout(300)
async def test_a_turn_is_rated_by_keyboard_and_survives_a_reload() -> None:
    async with served() as base, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        async with opened(browser, base, "contributor", WIDE, "light") as (page, errors):
            await page.goto(f"{base}/comparisons/ready?view=checks")
            keys = {"Correctness": "6", "Security": "5", "Reliability": "4", "Maintainability": "7", "Overall": "6"}
            for name, key in keys.items():
                await page.get_by_role("group", name=name).get_by_role("radio").first.focus()
                await page.keyboard.press(key)
            await page.get_by_role("button", name="Rate this turn").click()
            panel = page.get_by_role("complementary")
            await expect(panel.get_by_role("alert")).to_contain_text("What decided it, Why")

            await page.get_by_role("radio", name="Correctness").focus()
            await page.keyboard.press("Space")
            await page.get_by_label("Why").fill("B passes a list to pip.")
            await expect(page.get_by_text("Saved ")).to_be_visible(timeout=PATIENCE_MS)
            await page.reload()
            await expect(page.get_by_label("Why")).to_have_value("B passes a list to pip.", timeout=PATIENCE_MS)

            await page.get_by_role("button", name="Rate this turn").click()
            await expect(page.get_by_text("Turn 1 of at least 2")).to_be_visible(timeout=PATIENCE_MS)
            await page.get_by_label("Next prompt (turn 2)").fill("Cover the options with tests.")
            await expect(page.get_by_text("Saved ")).to_be_visible(timeout=PATIENCE_MS)
            await page.reload()
            following = page.get_by_label("Next prompt (turn 2)")
            await expect(following).to_have_value("Cover the options with tests.", timeout=PATIENCE_MS)
            await page.get_by_role("button", name="Undo the rating").click()
            await expect(page.get_by_role("button", name="Rate this turn")).to_be_visible(timeout=PATIENCE_MS)
            assert errors == []
        await browser.close()


@pytest.mark.timeout(300)
async def test_a_failing_test_leads_to_its_place_in_the_log_and_a_finding_to_its_line() -> None:
    async with served() as base, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        async with opened(browser, base, "contributor", WIDE, "light") as (page, errors):
            await page.goto(f"{base}/comparisons/ready?view=checks")
            await expect(page.get_by_text("The tests disagree about A")).to_be_visible(timeout=PATIENCE_MS)
            await page.get_by_role("button", name="test_requirements_file").press("Enter")
            log = page.get_by_role("region", name="Log of Tests, with the base's test files on A")
            await expect(log.get_by_text("test_requirements_file")).to_be_in_viewport(timeout=PATIENCE_MS)
            await expect(log.get_by_title("right-to-left override")).to_be_visible()
            await page.get_by_label("Search in Log of Tests, with the base's").fill("idle and stays")
            await expect(page.get_by_text("36 lines")).to_be_visible(timeout=PATIENCE_MS)
            await page.keyboard.press("Enter")
            await expect(page.get_by_text("1 of 36 lines")).to_be_visible(timeout=PATIENCE_MS)
            await expect(log.locator("mark").first).to_be_visible()
            assert await findings(page) == []
            await page.get_by_role("link", name="container/__init__.py:41").click()
            await page.wait_for_url("**view=changes**")
            assert "line=41" in page.url
            assert errors == []
        await browser.close()


@pytest.mark.timeout(300)
async def test_unchanged_lines_open_by_keyboard() -> None:
    async with served() as base, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        async with opened(browser, base, "contributor", WIDE, "light") as (page, errors):
            await page.goto(f"{base}/comparisons/ready")
            control = page.get_by_role("button", name="Show more lines").nth(1)
            await control.wait_for()
            lines = page.locator("diffs-container [data-line]")
            before = await lines.count()
            await control.focus()
            await page.keyboard.press("Enter")
            await expect(lines).not_to_have_count(before, timeout=PATIENCE_MS)
            assert errors == []
        await browser.close()


@pytest.mark.timeout(300)
async def test_a_token_is_made_shown_once_and_revoked_from_the_persons_menu() -> None:
    async with served() as base, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        async with opened(browser, base, "contributor", WIDE, "light") as (page, errors):
            await page.goto(base)
            await page.get_by_role("button", name="account and appearance").click()
            await page.get_by_role("menuitem", name="API tokens").click()
            await page.get_by_label("What is it for?").fill("My script")
            await page.keyboard.press("Enter")
            await expect(page.get_by_label("Token “My script”")).to_have_value(re.compile("^mrl_t_"))
            await page.reload()
            await expect(page.get_by_text("My script")).to_be_visible(timeout=PATIENCE_MS)
            await expect(page.get_by_label("Token “My script”")).to_have_count(0)
            await page.get_by_role("button", name="Revoke the token My script").click()
            await page.keyboard.press("Enter")
            await expect(page.get_by_text("My script")).to_have_count(0, timeout=PATIENCE_MS)
            assert errors == []
        await browser.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "light"), (NARROW, "dark")])
async def test_terminals_in_every_state(size: tuple[int, int], scheme: str) -> None:
    async with served() as base, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        async with opened(browser, base, "contributor", size, scheme) as (page, errors):
            await page.goto(f"{base}/comparisons/second?view=checks")
            await page.get_by_role("button", name="Terminals (4)").click()
            panel = page.get_by_role("region", name="Terminals")
            await expect(panel.get_by_role("tab")).to_have_count(4)
            await expect(panel.get_by_text("1 failed, 8 passed").first).to_be_visible()
            await expect(panel.get_by_role("tab", selected=True)).to_contain_text("turn 1")
            await page.keyboard.type("ls -l")
            await expect(panel.get_by_text("ls -l").first).to_be_visible()
            assert "HOSTILE" not in await page.title()
            problems = await findings(page)

            await page.keyboard.press("F6")
            tabs = panel.get_by_role("tab")
            await expect(tabs.first).to_be_focused()
            await page.keyboard.press("ArrowRight")
            await expect(panel.get_by_text("Closes in")).to_be_visible()
            await panel.get_by_role("button", name="Keep it open").click()
            await tabs.nth(2).click()
            await expect(panel.get_by_text("ended with exit status 2")).to_be_visible()
            problems += await findings(page)
            await panel.get_by_role("button", name="Start again").click()
            await expect(panel.get_by_text("ended with exit status 2")).to_have_count(0)
            await tabs.nth(3).click()
            await expect(panel.get_by_text("2 terminals before yours")).to_be_visible()
            await tabs.nth(3).press("Delete")
            await expect(tabs).to_have_count(3)

            edge = panel.get_by_role("separator", name="Height of the terminals")
            before = int(await edge.get_attribute("aria-valuenow") or 0)
            await edge.press("ArrowUp")
            await expect(edge).to_have_attribute("aria-valuenow", str(before + 24))
            overflow = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert overflow <= 0, f"{overflow} px too wide"
            await panel.get_by_role("button", name="Hide the terminals").click()
            await expect(panel).to_have_count(0)
            assert problems == []
            assert errors == []
        await browser.close()


@pytest.mark.timeout(300)
async def test_commands_for_git_are_shown_to_copy() -> None:
    async with served() as base, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        async with opened(browser, base, "contributor", WIDE, "dark") as (page, errors):
            await page.goto(f"{base}/comparisons/ready?view=checks")
            await page.get_by_role("button", name="Fetch with git…").click()
            dialog = page.get_by_role("dialog", name="Fetch with git")
            await expect(dialog.get_by_text("git clone http://127.0.0.1:8420/git/")).to_be_visible()
            await expect(dialog.get_by_text("turn-1-a:marlin/turn-1-a")).to_be_visible()
            link = await dialog.get_by_role("link", name="Open in VS Code").get_attribute("href")
            assert link is not None
            assert link.startswith("vscode://vscode.git/clone?url=http%3A%2F%2F")
            assert await findings(page) == []
            assert errors == []
        await browser.close()


@pytest.mark.timeout(300)
async def test_lines_are_commented_on_and_cited_and_the_checker_marks_words() -> None:
    async with served() as base, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        async with opened(browser, base, "contributor", WIDE, "dark") as (page, errors):
            await page.goto(f"{base}/comparisons/ready")
            await page.get_by_text("import logging").first.wait_for()
            line = page.locator("diffs-container [data-column-number]").nth(8)
            await line.click()
            await page.keyboard.press("c")
            await page.get_by_role("button", name="Cite", exact=True).click()
            why = page.get_by_label("Why")
            await expect(why).to_have_value(re.compile(r"^\[[AB]#\S+:\d+\]$"))
            await why.press_sequentially(" shows it. A is safer.")
            await expect(page.get_by_text("favours A on security")).to_be_visible(timeout=PATIENCE_MS)
            await expect(page.locator("mark", has_text="A is safer")).to_be_attached()
            assert await findings(page) == []

            await page.locator("diffs-container [data-column-number]").nth(5).click()
            await page.keyboard.press("c")
            await page.get_by_role("button", name="Comment", exact=True).click()
            await page.keyboard.type("Why not a list?")
            await page.get_by_text("Comments (1)").click()
            card = page.get_by_role("article").last
            await expect(card.get_by_label("Comment", exact=True)).to_have_value("Why not a list?")
            await card.get_by_role("button", name="Comment", exact=True).click()
            await expect(card.get_by_role("button", name="Edit")).to_be_visible(timeout=PATIENCE_MS)
            await card.get_by_role("button", name="Delete").click()
            await expect(page.get_by_text("was deleted")).to_be_visible(timeout=PATIENCE_MS)
            await page.get_by_role("button", name="Undo").click()
            await expect(page.get_by_text("Comments (1)")).to_be_visible(timeout=PATIENCE_MS)
            assert await findings(page) == []
            await page.reload()
            await expect(page.get_by_text("Comments (1)")).to_be_visible(timeout=PATIENCE_MS)
            await expect(why).to_have_value(re.compile("shows it. A is safer.$"))
            assert errors == []
        await browser.close()


@pytest.mark.timeout(300)
async def test_two_windows_with_two_versions_are_brought_together() -> None:
    async with served() as base, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        async with (
            opened(browser, base, "contributor", WIDE, "light") as (one, _),
            opened(browser, base, "contributor", WIDE, "light") as (two, _),
        ):
            for page in (one, two):
                await page.goto(f"{base}/comparisons/ready?view=brief")
                await page.get_by_label("Why").wait_for()
            await one.get_by_label("Why").fill("B quotes.")
            await expect(one.get_by_text("Saved ")).to_be_visible(timeout=PATIENCE_MS)
            await two.get_by_label("Why").fill("A joins.")
            conflict = two.get_by_role("alert")
            await expect(conflict).to_contain_text("B quotes.", timeout=PATIENCE_MS)
            assert await findings(two) == []
            # Nothing is chosen for anybody; what is put together can be edited first.
            await expect(conflict.get_by_role("button", name="1 choice left")).to_be_disabled()
            await conflict.get_by_role("button", name="Keep both: Why").click()
            stands = conflict.get_by_label("What will stand: Why")
            await expect(stands).to_have_value("A joins.\nB quotes.")
            await stands.fill("A joins, B quotes.")
            assert await findings(two) == []
            await conflict.get_by_role("button", name="Go on with this").click()
            await expect(two.locator("#field-justification")).to_have_value("A joins, B quotes.")
            await expect(two.get_by_text("Saved ")).to_be_visible(timeout=PATIENCE_MS)
            await one.reload()
            await expect(one.get_by_label("Why")).to_have_value("A joins, B quotes.", timeout=PATIENCE_MS)
        await browser.close()


@pytest.mark.timeout(300)
async def test_what_could_not_be_saved_is_there_after_a_reload() -> None:
    async with served() as base, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        async with opened(browser, base, "contributor", WIDE, "light") as (page, _):
            await page.goto(f"{base}/comparisons/ready?view=brief")
            await page.get_by_label("Why").wait_for()
            await page.route("**/rating/draft", lambda route: route.abort())
            await page.get_by_label("Why").fill("Typed while the network was gone.")
            await expect(page.get_by_text("Not saved yet")).to_be_visible(timeout=PATIENCE_MS)
            page.on("dialog", lambda dialog: dialog.accept())
            await page.reload()
            await page.unroute("**/rating/draft")
            why = page.get_by_label("Why")
            await expect(why).to_have_value("Typed while the network was gone.", timeout=PATIENCE_MS)
            await expect(page.get_by_text(re.compile("Saving|Not saved"))).to_have_count(0, timeout=PATIENCE_MS)
            await expect(page.get_by_role("alert")).to_have_count(0)
            left = "Object.keys(localStorage).filter((key) => key.startsWith('marlin-unsaved'))"
            assert await page.evaluate(left) == []
            await page.reload()
            await expect(why).to_have_value("Typed while the network was gone.", timeout=PATIENCE_MS)
        await browser.close()


@pytest.mark.timeout(300)
async def test_comments_become_the_next_prompt_and_reviewers_read_them() -> None:
    async with served() as base, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        async with opened(browser, base, "contributor", WIDE, "light") as (page, errors):
            await page.goto(f"{base}/comparisons/second?view=brief")
            await page.get_by_text("Comments (2)").click()
            await page.get_by_role("button", name="Make the next prompt from 2 comments").click()
            prompt = page.get_by_label("Next prompt")
            await expect(prompt).to_have_value(re.compile(r"__init__\.py:12-13: Imports stay sorted"))
            await prompt.press("Control+z")
            await expect(prompt).to_have_value("")
            assert errors == []
        async with opened(browser, base, "reviewer", WIDE, "dark") as (page, errors):
            await page.goto(f"{base}/comparisons/submitted?view=brief&turn=1")
            await page.get_by_role("button", name="Remark on Why").click()
            await page.get_by_label("Your remark on Why").fill("Which line?")
            await expect(page.get_by_text("Saved ")).to_be_visible(timeout=PATIENCE_MS)
            await page.get_by_role("link", name="Turn 2").click()
            await page.get_by_role("button", name="Turn 1: “Why”").click()
            await expect(page.get_by_label("Your remark on Why")).to_have_value("Which line?", timeout=PATIENCE_MS)
            await page.get_by_text("Comments (2)").click()
            await expect(page.get_by_text("Imports stay sorted here")).to_be_visible()
            await expect(page.get_by_role("button", name="Delete")).to_have_count(0)
            assert await findings(page) == []
            assert errors == []
        await browser.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "dark"), (NARROW, "light")])
async def test_what_is_next_is_taken_skipped_with_a_reason_and_begun(size: tuple[int, int], scheme: str) -> None:
    async with served() as base, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        async with opened(browser, base, "contributor", size, scheme) as (page, errors):
            await page.goto(base)
            ask = page.get_by_role("button", name="What is next for me?")
            await ask.click()
            card = page.get_by_role("region", name="Next for you")
            await expect(card).to_contain_text("judge “Keep rows when a file ends without a newline”")
            await expect(card).to_contain_text("$90")
            assert await findings(page) == []
            await card.get_by_role("button", name="Begin to judge").click()
            await page.wait_for_url("**/comparisons/ready**")
            await page.goto(base)
            await expect(card.get_by_role("link", name="Go on")).to_be_visible()
            await card.get_by_role("button", name="Give it back").click()
            dialog = page.get_by_role("dialog")
            await dialog.get_by_role("button", name="Give it back").click()
            await expect(dialog).to_contain_text("Say why, in a few words.")
            await dialog.get_by_label("Why?").fill("I wrote this module.")
            assert await findings(page) == []
            await dialog.get_by_role("button", name="Give it back").click()
            await ask.click()
            await expect(card).to_contain_text("a task of your own")
            await card.get_by_role("button", name="Skip").click()
            await dialog.get_by_label("Why?").fill("Not today.")
            await dialog.get_by_label("Why?").press("Tab")
            await dialog.get_by_role("button", name="Skip it").click()
            await expect(page.get_by_text("Nothing new for you here now")).to_be_visible()
            await expect(page.get_by_text("What you began can be finished and submitted.")).to_be_visible()
            assert await findings(page) == []
        async with opened(browser, base, "operator", size, scheme) as (page, more):
            await page.goto(f"{base}/operator?tab=campaigns")
            await page.get_by_role("button", name="Pause handing out work").click()
            await page.get_by_label("What contributors are told").fill("The question is answered.")
            await page.get_by_role("button", name="Pause", exact=True).click()
            panel = page.get_by_role("region", name="Assignments")
            await expect(panel.get_by_text("The question is answered.")).to_be_visible()
            assert await findings(page) == []
            await page.get_by_role("button", name="Hand out work again").click()
            await expect(page.get_by_role("button", name="Pause handing out work")).to_be_visible()
        await browser.close()
    assert [*errors, *more] == []
