"""The whole story as people live it: real pages, a real service, and a browser that must not complain."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.acceptance import browser_story as story
from tests.acceptance.browser_window import RunningDemo, Window, chromium, running_demo, window

TITLE = "Import a delivery note completely or not at all"
COMMENT = "Overall says *better*, the reasons say *much better*: which is it?"


@pytest.mark.timeout(900)
def test_a_comparison_from_the_brief_to_its_acceptance(marlin_env: dict[str, str]) -> None:
    with running_demo(marlin_env) as demo, chromium() as browser:
        with window(browser, demo.links["contributor"]) as (contributor, page):
            story.accept_terms(page)
            story.take_example(page)
            _two_tabs_notice_each_other(contributor, page)
            story.prepare(page)
            address = story.start(page)
            _write_what_is_expected(page)
            _compare(page)
            better = _rate_the_first_turn(page)
            story.follow_up(page)
            story.await_results(page)
            # Too short a reason: the checker must say so before a reviewer does.
            story.fill_rating(page, better, why="It is simply the better one of the two.")
            story.rate(page)
            assert story.submit(page) > 0, "the checker had nothing to remark"
            _reviewer_decides(browser, demo, accept=False)
            _answer_the_review(page, address)
            _reviewer_decides(browser, demo, accept=True)
            page.goto(demo.base)
            expect(page.get_by_role("listitem").filter(has_text=TITLE)).to_contain_text("Accepted")
            assert contributor.problems == []
        _operator_looks_behind_the_curtain(browser, demo, address)


def _two_tabs_notice_each_other(contributor: Window, page: Page) -> None:
    contributor.expect(r"^409 PATCH /api/v1/briefs/")
    other = contributor.tab()
    other.goto(page.url)
    expect(other.get_by_label("Title")).to_have_value(TITLE)
    page.get_by_label("Title").fill("Typed in the first tab")
    expect(page.get_by_text("Saved ")).to_be_visible()
    other.get_by_label("Title").fill("Typed in the second tab")
    conflict = other.get_by_role("alert").filter(has_text="Also changed in another window")
    expect(conflict).to_contain_text("Typed in the first tab")
    conflict.get_by_role("button", name="Take the other: Title").click()
    conflict.get_by_role("button", name="Go on with this").click()
    expect(other.get_by_label("Title")).to_have_value("Typed in the first tab")
    other.get_by_label("Title").fill(TITLE)
    expect(other.get_by_text("Saved ")).to_be_visible()
    other.close()
    page.reload()
    expect(page.get_by_label("Title")).to_have_value(TITLE)


def _write_what_is_expected(page: Page) -> None:
    page.get_by_label("What would a strong senior engineer do here?").fill(story.EXPECTED)
    expect(page.get_by_text("Saved ")).to_be_visible()
    page.reload()
    # Whichever comes first on this machine: the page that waits, with the text, or the results.
    expect(page.get_by_text(story.EXPECTED).or_(page.get_by_label("Changes of A")).first).to_be_visible()


def _compare(page: Page) -> None:
    story.await_results(page)
    for side in "AB":
        expect(page.get_by_label(f"Changes of {side}")).to_contain_text("stockroom/deliveries.py")
    page.get_by_role("tab", name="Transcript").click()
    for side in "AB":
        expect(page.get_by_label(re.compile(rf"^Transcript of {side}")).get_by_role("group").first).to_be_visible()
    page.get_by_role("tab", name="Checks").click()
    name = page.get_by_role("rowheader", name="Every bad row is reported with its line")
    checks = page.get_by_role("row").filter(has=name)
    expect(checks.get_by_text("Passed", exact=True)).to_have_count(1)
    expect(checks.get_by_text("Failed", exact=True)).to_have_count(1)
    page.get_by_role("tab", name="Brief").click()
    expect(page.get_by_role("tabpanel", name="Brief").get_by_text(story.EXPECTED)).to_be_visible()
    page.get_by_role("tab", name="Changes").click()
    story.try_by_hand(page, "A")


def _rate_the_first_turn(page: Page) -> str:
    better = story.better_side(page)
    story.fill_rating(page, better)
    expect(page.get_by_text("Saved ")).to_be_visible()
    page.reload()
    expect(page.get_by_label(re.compile("^Why"))).to_have_value(story.WHY)
    story.rate(page)
    story.undo(page)
    expect(page.get_by_label(re.compile("^Why"))).to_have_value(story.WHY)
    story.rate(page)
    expect(page.get_by_label(f"Side {better}", exact=True)).to_contain_text("preferred")
    return better


def _reviewer_decides(browser: Browser, demo: RunningDemo, *, accept: bool) -> None:
    with window(browser, demo.links["reviewer"]) as (reviewer, page):
        page.wait_for_url(re.compile(r"/(reviews)?$"))
        terms = page.get_by_text("Before you go on")
        expect(terms.or_(page.get_by_role("link", name=TITLE))).to_be_visible()
        if terms.count():
            story.accept_terms(page)
        story.open_queue(page, demo.base, TITLE)
        if accept:
            story.accept(page)
        else:
            story.return_with(page, COMMENT)
        assert reviewer.problems == []


def _answer_the_review(page: Page, address: str) -> None:
    page.goto(f"{address}?turn=1")
    expect(page.get_by_text("Changes requested")).to_be_visible()
    expect(page.get_by_text("which is it?")).to_be_visible()
    page.get_by_role("button", name="Change the rating").click()
    story.fill_rating(page, story.better_side(page), strength=3)
    page.get_by_role("button", name="Save the new rating").click()
    expect(page.get_by_text(re.compile("^[AB] is much better$")).first).to_be_visible()
    page.goto(address)
    story.submit(page)


def _operator_looks_behind_the_curtain(browser: Browser, demo: RunningDemo, address: str) -> None:
    with window(browser, demo.links["operator"]) as (operator, page):
        story.accept_terms(page)
        page.goto(f"{address}?view=operator")
        page.get_by_role("button", name="Show arms, usage and provenance").click()
        for arm in ("careful", "hasty"):
            expect(page.get_by_text(arm, exact=True).first).to_be_visible()
        page.goto(f"{demo.base}/operator?tab=system")
        expect(page.get_by_text("What this host can isolate")).to_be_visible()
        assert operator.problems == []
