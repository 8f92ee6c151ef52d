"""The pages of evidence: every state, both themes, keyboard, address, and what is sent. Over the made-up API."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Page, expect
from tests.web.looking import NARROW, PATIENCE_MS, WIDE, findings, opened

LAPTOP, HUGE = (1280, 800), (3840, 2000)

# Campaign of web/dev/evidence.ts, tab and what follows it, words that say it arrived, window, theme.
STATES = [
    ("camp-1", "decision", "is ahead", LAPTOP, "light"),
    ("camp-futile", "decision", "near enough to 0", NARROW, "light"),
    ("camp-one", "decision", "Nothing is known before the first look", WIDE, "light"),
    ("camp-unasked", "decision", "of what a design without looks costs", LAPTOP, "dark"),
    ("camp-1", "leaderboard", "the first place is open between", WIDE, "light"),
    ("camp-1", "leaderboard&scores=held&axis=security", "Standings: security", LAPTOP, "dark"),
    ("camp-split", "leaderboard", "One arm has no score beside the others", NARROW, "dark"),
    ("camp-empty", "leaderboard", "No vote was accepted yet", WIDE, "light"),
    ("camp-large", "leaderboard", "an-arm-with-a-name", HUGE, "light"),
    ("camp-1", "agreement", "in 71 of 100 cases", LAPTOP, "dark"),
    ("camp-large", "agreement", "300 people", WIDE, "light"),
    ("camp-synthetic", "method", "Synthetic campaign.", LAPTOP, "light"),
]


def address(base: str, campaign: str, tab: str) -> str:
    return f"{base}/operator/campaigns/{campaign}/evidence?tab={tab}"


def real(errors: list[str]) -> list[str]:
    """Errors of the page: a refused request, which some states are about, is told by the browser as one."""
    return [text for text in errors if "Failed to load resource" not in text]


@pytest.mark.timeout(900)
async def test_every_state_fits_and_can_be_used_by_all(place: tuple[Browser, str]) -> None:
    browser, base = place
    problems: list[str] = []
    for campaign, tab, words, size, scheme in STATES:
        async with opened(browser, base, "operator", size, scheme) as (page, errors):
            await page.goto(address(base, campaign, tab))
            await expect(page.get_by_text(words).first).to_be_visible(timeout=PATIENCE_MS)
            where = f"{campaign}, {tab}, {size[0]} px, {scheme}"
            overflow = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            if overflow > 0:
                problems.append(f"{where}: {overflow} px too wide")
            problems += [f"{where}: {text}" for text in [*real(errors), *await findings(page)]]
    assert problems == [], "\n".join(problems)


@pytest.mark.timeout(200)
async def test_others_are_refused_and_nothing_is_fetched_for_them(place: tuple[Browser, str]) -> None:
    browser, base = place
    for who in ("contributor", "reviewer"):
        async with opened(browser, base, who, WIDE, "light") as (page, _):
            asked: list[str] = []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            await page.goto(address(base, "camp-1", "leaderboard"))
            await expect(page.get_by_text("This page is for operators")).to_be_visible(timeout=PATIENCE_MS)
            assert [url for url in asked if "/api/v1/campaigns/camp-1" in url] == []


@pytest.mark.timeout(200)
async def test_a_question_is_planned_registered_and_amended_with_a_reason(place: tuple[Browser, str]) -> None:
    browser, base = place
    async with opened(browser, base, "operator", WIDE, "light") as (page, errors):
        await page.goto(address(base, "camp-unasked", "decision"))
        await expect(page.get_by_text("Without looks", exact=True).first).to_be_visible(timeout=PATIENCE_MS)
        await page.get_by_role("textbox", name="Cap", exact=True).fill("500")
        await expect(page.get_by_text("$140,000").first).to_be_visible(timeout=PATIENCE_MS)
        await page.get_by_label("Smallest effect of interest").fill("40")
        await expect(page.get_by_text("More than 50, less than 100.")).to_be_visible()
        await page.get_by_role("button", name="Register…").click()
        await expect(page.get_by_role("alert")).to_contain_text("One field must be mended")
        await page.get_by_label("Smallest effect of interest").fill("60")
        await page.get_by_role("button", name="Register…").click()
        dialog = page.get_by_role("dialog", name="Register this question?")
        await expect(dialog).to_contain_text("It can’t be changed silently")
        assert await findings(page) == []
        await dialog.get_by_role("button", name="Register the question").press("Enter")
        await expect(page.get_by_text("Registered after votes were in")).to_be_visible(timeout=PATIENCE_MS)

        await page.get_by_role("button", name="Amend the question…").click()
        await page.get_by_role("textbox", name="Looks", exact=True).fill("5")
        await page.get_by_role("button", name="Amend…").click()
        await expect(page.get_by_text("Say why: it is shown with every result.")).to_be_visible()
        await page.get_by_label("Why is it amended?").fill("Fewer looks are enough.")
        await page.get_by_role("button", name="Amend…").click()
        await page.get_by_role("button", name="Amend the question", exact=True).click()
        await expect(page.get_by_text("Amended (version 2)")).to_be_visible(timeout=PATIENCE_MS)
        await expect(page.get_by_text("looks: 10 → 5")).to_be_visible()
        assert real(errors) == []


@pytest.mark.timeout(200)
async def test_whoever_amends_what_somebody_else_amended_is_told_and_loses_nothing(place: tuple[Browser, str]) -> None:
    browser, base = place
    async with opened(browser, base, "operator", WIDE, "dark") as (page, errors):
        await page.goto(address(base, "camp-futile", "decision&amend=true"))
        await page.get_by_role("textbox", name="Power", exact=True).fill("85")
        await page.get_by_label("Why is it amended?").fill("To miss less.")
        other = {"arms": ["current", "tuned-3"], "smallest_share": 0.55, "alpha": 0.05, "power": 0.8, "sides": 2}
        other |= {"looks": 5, "icc": 0.05, "contributors": 47, "equal_share": 0.12, "most_comparisons": 780}
        other |= {"axis": "overall", "control": "none", "counts": "side", "when_decided": "pause"}
        questions = f"{base}/api/v1/campaigns/camp-futile/questions"
        made = await page.request.post(questions, data=other | {"amends": 1, "reason": "Fewer looks."})
        assert made.status == 201
        await page.get_by_role("button", name="Amend…").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("power: 80 % → 85 %")
        await dialog.get_by_role("button", name="Amend the question").click()
        told = page.get_by_role("alert")
        await expect(told).to_contain_text("The question was amended while you were at version 1", timeout=PATIENCE_MS)
        await expect(told).to_contain_text("looks: 10 → 5")
        await expect(page.get_by_role("button", name="Amend…")).to_be_disabled()
        assert await findings(page) == []
        await page.reload()
        await told.get_by_role("button", name="Go on with mine, on version 2").click()
        await expect(page.get_by_role("textbox", name="Looks", exact=True)).to_have_value("5")
        await expect(page.get_by_label("Why is it amended?")).to_have_value("To miss less.")
        await page.get_by_role("button", name="Amend…").click()
        await expect(dialog).to_contain_text("Different from version 2:power: 80 % → 85 %Because: To miss less.")
        await dialog.get_by_role("button", name="Amend the question").click()
        await expect(page.get_by_text("Amended (version 3)")).to_be_visible(timeout=PATIENCE_MS)
        assert real(errors) == []


@pytest.mark.timeout(200)
async def test_slices_and_sorting_are_in_the_address_and_come_back(place: tuple[Browser, str]) -> None:
    browser, base = place
    async with opened(browser, base, "operator", WIDE, "dark") as (page, errors):
        await page.goto(address(base, "camp-1", "leaderboard"))
        language = page.get_by_role("combobox", name="Language")
        await language.click()
        await page.get_by_role("option", name=re.compile("Python")).click()
        await expect(page.get_by_text("Python: ")).to_be_visible(timeout=PATIENCE_MS)
        await page.get_by_role("radio", name="First").press("Space")
        await expect(page.get_by_text("Python, first: ")).to_be_visible(timeout=PATIENCE_MS)
        assert "language=python" in page.url
        assert "turns=first" in page.url
        await page.reload()
        await expect(page.get_by_text("Python, first: ")).to_be_visible(timeout=PATIENCE_MS)
        await page.get_by_role("button", name="Count all votes again").click()
        await expect(page.get_by_text("All votes: ")).to_be_visible(timeout=PATIENCE_MS)
        await page.get_by_role("textbox", name="Budget").fill("56000")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("spent on all pairs alike")).to_be_visible(timeout=PATIENCE_MS)

        await page.get_by_role("tab", name="Leaderboard").press("ArrowRight")
        await expect(page.get_by_role("tab", name="Agreement")).to_have_attribute("aria-selected", "true")
        people = page.get_by_role("region", name="Contributors, table")
        await people.get_by_role("button", name="Agreement").press("Enter")
        heading = people.get_by_role("columnheader", name="Agreement 95 % interval")
        await expect(heading).to_have_attribute("aria-sort", "descending")
        await heading.get_by_role("button").press("Enter")
        await expect(heading).to_have_attribute("aria-sort", "ascending")
        await page.get_by_label("Only those with a flag (4)").check()
        await expect(people.get_by_role("row")).to_have_count(5)
        assert "sort=agreement" in page.url
        await page.reload()
        await expect(people.get_by_role("row")).to_have_count(5, timeout=PATIENCE_MS)
        assert errors == []


@pytest.mark.timeout(200)
async def test_the_numbers_of_a_chart_open_by_keyboard_and_keep_the_page_in_place(place: tuple[Browser, str]) -> None:
    browser, base = place
    async with opened(browser, base, "operator", WIDE, "light") as (page, _):
        await page.goto(address(base, "camp-1", "decision"))
        chart = page.get_by_role("figure").filter(has_text="The rule: z at each look")
        await expect(chart.locator("svg").first).to_be_attached(timeout=PATIENCE_MS)
        await chart.locator("summary").focus()
        await page.keyboard.press("Enter")
        table = chart.get_by_role("table", name="Looks and boundaries")
        await expect(table.get_by_role("row")).to_have_count(11)
        await expect(table).to_contain_text("not yet")
        assert await moved(page) < 0.02, "the layout jumped while it loaded"


async def moved(page: Page) -> float:
    """How much of the page moved by itself, as browsers count it (cumulative layout shift)."""
    return float(
        await page.evaluate(
            "new Promise((done) => new PerformanceObserver((list) => done(list.getEntries()"
            ".filter((entry) => !entry.hadRecentInput).reduce((sum, entry) => sum + entry.value, 0)))"
            ".observe({type: 'layout-shift', buffered: true}) || setTimeout(() => done(0), 1500))"
        )
    )


@pytest.mark.timeout(200)
async def test_failures_are_told_where_they_happen_and_files_are_named(place: tuple[Browser, str]) -> None:
    browser, base = place
    async with opened(browser, base, "operator", WIDE, "light") as (page, _):
        await page.goto(address(base, "camp-failing", "leaderboard"))
        await expect(page.get_by_role("alert")).to_contain_text("The server failed to answer", timeout=PATIENCE_MS)
        await page.get_by_role("tab", name="Method").click()
        await page.get_by_role("button", name="Download the report (HTML)").click()
        await expect(page.get_by_text("The file was not made")).to_be_visible(timeout=PATIENCE_MS)
        assert await findings(page) == []

        await page.goto(address(base, "camp-1", "method"))
        async with page.expect_download() as started:
            await page.get_by_role("button", name="Download the leaderboard (CSV)").click()
        assert (await started.value).suggested_filename == "secure-refactoring-leaderboard.csv"
        await expect(page.get_by_text("Saved as secure-refactoring-leaderboard.csv")).to_be_visible()

        await page.goto(address(base, "camp-1", "leaderboard"))
        await expect(page.get_by_text("All votes: ")).to_be_visible(timeout=PATIENCE_MS)
        await page.route("**/leaderboard", lambda route: route.fulfill(status=500, body="no JSON"))
        await page.get_by_role("button", name="Look again").click()
        await expect(page.get_by_text("What you see may be old")).to_be_visible(timeout=PATIENCE_MS)
        await expect(page.get_by_text("All votes: ")).to_be_visible()
