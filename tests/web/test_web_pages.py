"""The built pages in a real browser, over the made-up API of ``web/dev``, under the strictest content security policy.

Every route and every state of the story is opened wide and narrow, light and dark: no script error, no refused
resource, nothing wider than the window, and no finding of axe. Needs what ``make setup`` leaves:
``web/node_modules`` and the built pages in ``src/marlin/web_dist``.
"""

from __future__ import annotations

import re
from typing import Literal

import pytest
from playwright.async_api import Browser, ConsoleMessage, Error, Page, expect
from tests.factories.pages import WEB, served
from tests.web.looking import LEAST, NARROW, PATIENCE_MS, WIDE, findings, opened

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
    ("/comparisons/workerless", "contributor", "None answers at present"),
    ("/comparisons/live", "contributor", "Run"),
    ("/comparisons/ready", "contributor", "import logging"),
    ("/comparisons/odd", "contributor", "icon.svg"),
    ("/comparisons/ready?view=files&at=B&file=README.md", "contributor", "MLflow"),
    ("/comparisons/ready?view=transcript", "contributor", "start with the code"),
    ("/comparisons/ready?view=checks", "contributor", "pip options keep working"),
    ("/comparisons/one-failed?view=brief", "contributor", "Ran out of context"),
    ("/comparisons/failed", "contributor", "Start the turn again"),
    ("/comparisons/second", "contributor", "import logging"),
    ("/comparisons/submitted?view=brief&turn=2", "reviewer", "Prompt of turn 1"),
    ("/comparisons/rejected", "contributor", "import logging"),
    ("/comparisons/upheld", "contributor", "import logging"),
    ("/comparisons/rejected", "operator", "import logging"),
    ("/reviews", "reviewer", "submitted"),
    ("/reviews?tab=decided", "reviewer", "Take it back"),
    ("/operator?tab=campaigns", "operator", "Outputs may not train"),
    ("/operator?tab=people", "operator", "Invite someone"),
    ("/operator?tab=datasets", "operator", "2 values wait for you"),
    ("/operator?tab=datasets&dataset=autumn", "operator", "Open this row as a comparison"),
    ("/operator?tab=datasets&dataset=loop-demo", "operator", "no pairs are held out"),
    ("/operator?tab=datasets&dataset=torn", "operator", "is no JSON"),
    ("/operator/datasets/autumn/row?number=1", "operator", "CHANGELOG.md"),
    ("/operator/datasets/autumn/row?number=1&view=prompt", "operator", "Shared history"),
    ("/operator/datasets/held?campaign=autumn", "operator", "rotate before release"),
    ("/operator?tab=tuning", "operator", "Folder is gone"),
    ("/operator?tab=tuning&run=autumn-dpo", "operator", "min left"),
    ("/operator?tab=tuning&run=summer-dpo", "operator", "became less likely"),
    ("/operator?tab=tuning&run=spring-sft", "operator", "Its process is gone"),
    ("/operator?tab=system", "operator", "What this host can isolate"),
    ("/operator/campaigns/camp-decided/evidence", "operator", "Registered after votes were in"),
    ("/operator/campaigns/camp-1/work", "operator", "kept until"),
    ("/operator/campaigns/camp-1/work?tab=disagreements", "operator", "6 apart"),
    ("/operator/campaigns/camp-1/work?tab=disagreements&item=ready", "operator", "Saw the sides swapped"),
    ("/operator/campaigns/camp-1/work?tab=rejections", "operator", "Against it:"),
    ("/operator/campaigns/camp-1/work?tab=gold", "operator", "Known answer"),
    ("/operator/campaigns/camp-1/work?tab=policy", "operator", "Change the policy"),
    ("/operator/campaigns/camp-1/comparisons", "operator", "judged again"),
    ("/account/tokens", "contributor", "Editor on the laptop"),
    ("/no-such-page", "contributor", "nothing at this address"),
]


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


@pytest.mark.timeout(1200)
async def test_every_page_arrives_fits_and_can_be_used_by_all(browser: Browser) -> None:
    problems: list[str] = []
    async with served() as base:
        for who in dict.fromkeys(who for _, who, _ in PAGES):
            async with opened(browser, base, who, WIDE, "light") as (first, _):
                for path, _, words in [page for page in PAGES if page[1] == who]:
                    problems += await _looked_at(first, base + path, words)
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
