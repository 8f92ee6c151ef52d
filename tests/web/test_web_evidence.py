"""Evidence in a real browser, over the made-up API: marks of what is cited, ways there and back, two tabs."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect
from tests.web.looking import PATIENCE_MS, SAVED, WIDE, findings, opened, until

FILE = "mlflow/models/container/__init__.py"
SELECTED = "(({selectionStart: from, selectionEnd: to, value}) => value?.slice(from, to))(document.activeElement)"


async def selected(page: Page, words: str) -> bool:
    """Whether these are selected: what leads to a field waits until it is drawn."""
    return bool(await page.evaluate(SELECTED) == words)


@pytest.mark.timeout(300)
async def test_what_is_cited_is_marked_and_leads_to_the_words_and_back(base: str, browser: Browser) -> None:
    async with opened(browser, base, "contributor", WIDE, "light") as (page, errors):
        await page.goto(f"{base}/comparisons/ready")
        await page.get_by_text("import logging").first.wait_for()
        why = page.get_by_label("Why", exact=True)
        await why.fill(f"Imports [B#{FILE}:3-4], a logger far below [B#{FILE}:13]. It ran little [A#step-3].")
        mark = page.get_by_text("Lines 3 to 4")
        await expect(mark).to_be_visible(timeout=PATIENCE_MS)
        # The line numbers show how far it reaches, in this pane alone.
        numbers = page.get_by_role("region", name="Changes of B").locator("[data-about=cited][data-about-side=B]")
        await expect(numbers).to_have_text(["3", "4"])
        await expect(numbers.first).to_have_attribute("title", "Cited")
        await expect(page.get_by_role("region", name="Changes of A").locator("[data-about]")).to_have_count(0)
        await page.get_by_role("tab", name="Changes").focus()
        await page.keyboard.press("s")  # old beside new
        await expect(page.locator("diffs-container [data-deletions]").first).to_be_attached()
        await expect(numbers).to_have_text(["3", "4"])
        assert await findings(page) == []
        await page.get_by_role("button", name="Why", exact=True).click()
        await until(lambda: selected(page, f"[B#{FILE}:3-4]"))

        # N goes on to the next one, whose line is not unfolded yet.
        await mark.click()
        await page.get_by_role("region", name="Changes of B").locator("[tabindex='0']").first.focus()
        await page.keyboard.press("b")
        await page.keyboard.press("N")
        await expect(page.get_by_text("Line 13", exact=True)).to_be_visible(timeout=PATIENCE_MS)

        await page.get_by_role("list", name="Cited here").get_by_role("link", name="step 3").click()
        step = page.locator("article[data-step='3'][data-marked]")
        await expect(step).to_contain_text("Cited in", timeout=PATIENCE_MS)
        await step.get_by_role("button", name="Why", exact=True).click()
        await until(lambda: selected(page, "[A#step-3]"))
        assert await findings(page) == []
        assert errors == []


@pytest.mark.timeout(300)
async def test_a_finding_before_submitting_leads_to_its_turn_and_field(base: str, browser: Browser) -> None:
    async with opened(browser, base, "contributor", WIDE, "dark") as (page, errors):
        await page.goto(f"{base}/comparisons/second?view=brief")
        await page.get_by_role("button", name="Submit the comparison").click()
        await page.get_by_role("button", name="Go to “Why” in turn 1").first.click()
        await expect(page.locator("#field-justification")).to_be_focused(timeout=PATIENCE_MS)
        await expect(page.get_by_role("link", name="Turn 1").first).to_have_attribute("aria-current", "page")
        assert await findings(page) == []
        assert errors == []


@pytest.mark.timeout(300)
async def test_a_second_tab_sees_a_rating_and_its_undoing_without_being_loaded_again(
    base: str, browser: Browser
) -> None:
    async with (
        opened(browser, base, "contributor", WIDE, "light") as (one, _),
        opened(browser, base, "contributor", WIDE, "light") as (two, errors),
    ):
        for page in (one, two):
            async with page.expect_response("**/events/stream*"):
                await page.goto(f"{base}/comparisons/rated?view=brief")
            await page.get_by_role("button", name="Undo the rating").wait_for()
        await one.get_by_role("button", name="Undo the rating").click()
        await expect(two.get_by_role("button", name="Rate this turn")).to_be_visible(timeout=PATIENCE_MS)
        assert errors == []


@pytest.mark.timeout(300)
async def test_what_was_typed_offline_is_offered_beside_what_another_device_saved(base: str, browser: Browser) -> None:
    async with (
        opened(browser, base, "contributor", WIDE, "light") as (here, _),
        opened(browser, base, "contributor", WIDE, "dark") as (there, errors),
    ):
        for page in (here, there):
            await page.goto(f"{base}/comparisons/tie?view=brief")
            await page.get_by_label("Next prompt").wait_for()
        await here.route("**/follow-up/draft", lambda route: route.abort())
        await here.get_by_label("Next prompt").fill("Typed in the train.")
        await expect(here.get_by_text("Not saved yet")).to_be_visible(timeout=PATIENCE_MS)
        await there.get_by_label("Next prompt").fill("Typed at the desk.")
        await expect(there.get_by_text(SAVED)).to_be_visible(timeout=PATIENCE_MS)
        here.on("dialog", lambda dialog: dialog.accept())
        await here.unroute("**/follow-up/draft")
        await here.reload()
        conflict = here.get_by_role("alert")
        await expect(conflict).to_contain_text("Typed at the desk.", timeout=PATIENCE_MS)
        await expect(here.get_by_label("Next prompt (turn 2)")).to_have_value("Typed in the train.")
        await expect(here.get_by_role("button", name="Send to both sides")).to_be_disabled()
        assert await findings(here) == []
        await conflict.get_by_role("button", name="Take the other: Next prompt").click()
        await conflict.get_by_role("button", name="Go on with this").click()
        await expect(here.get_by_label("Next prompt (turn 2)")).to_have_value("Typed at the desk.")
        assert errors == []


@pytest.mark.timeout(300)
async def test_two_versions_of_a_brief_and_of_what_is_expected_are_put_together(base: str, browser: Browser) -> None:
    async with opened(browser, base, "contributor", WIDE, "dark") as (page, _):
        await page.goto(f"{base}/briefs/conflict")
        prompt = page.get_by_label("Prompt", exact=True)
        await prompt.fill("Quote what reaches the shell.")
        conflict = page.get_by_role("alert")
        # The title, which only the other window changed, is no question.
        await expect(conflict.get_by_role("group")).to_have_count(1, timeout=PATIENCE_MS)
        await conflict.get_by_role("button", name="Keep mine: Prompt").click()
        assert await findings(page) == []
        await conflict.get_by_role("button", name="Go on with this").click()
        await expect(page.get_by_text(SAVED)).to_be_visible(timeout=PATIENCE_MS)
        await page.reload()
        await expect(prompt).to_have_value("Quote what reaches the shell.", timeout=PATIENCE_MS)
        await expect(page.get_by_label("Title")).to_have_value("Changed in another window!")
    async with (
        opened(browser, base, "contributor", WIDE, "light") as (one, _),
        opened(browser, base, "contributor", WIDE, "light") as (two, _),
    ):
        label = "What would a strong senior engineer do here?"
        for page in (one, two):
            await page.goto(f"{base}/comparisons/running")
            await page.get_by_label(label).wait_for()
        await one.get_by_label(label).fill("Find the cause.")
        await expect(one.get_by_text(SAVED)).to_be_visible(timeout=PATIENCE_MS)
        await two.get_by_label(label).fill("Begin with a test.")
        conflict = two.get_by_role("alert")
        await conflict.get_by_role("button", name="Keep both").click()
        await conflict.get_by_role("button", name="Go on with this").click()
        await expect(two.get_by_label(label)).to_have_value("Begin with a test.\nFind the cause.")
        await expect(two.get_by_text(SAVED)).to_be_visible(timeout=PATIENCE_MS)


@pytest.mark.timeout(300)
async def test_a_returned_submission_shows_each_remark_beside_its_answer(base: str, browser: Browser) -> None:
    async with opened(browser, base, "contributor", WIDE, "light") as (page, errors):
        await page.goto(f"{base}/comparisons/returned?view=brief&turn=1")
        await expect(page.get_by_text("4 remarks on your answers, 2 still open:")).to_be_visible(timeout=PATIENCE_MS)
        await page.get_by_role("button", name="Turn 2: “Why”").click()
        await expect(page.locator("#field-justification")).to_contain_text("Which entry breaks?", timeout=PATIENCE_MS)
        assert await findings(page) == []
        await page.get_by_role("button", name="Change the rating").click()
        await page.get_by_label("Why", exact=True).wait_for()
        remark = page.get_by_role("note", name="Remark").filter(has_text="Which entry breaks?")
        await expect(remark.get_by_role("link")).to_have_text("B · container/__init__.py:29")
        assert await findings(page) == []
        assert errors == []


@pytest.mark.timeout(300)
async def test_odd_texts_are_kept_and_shown_for_what_they_are(base: str, browser: Browser) -> None:
    async with opened(browser, base, "contributor", WIDE, "dark") as (page, errors):
        await page.goto(f"{base}/comparisons/one-failed?view=brief")
        why = page.locator("#field-justification")
        await why.fill("x" * 100_000)
        await expect(page.get_by_text("80,000 characters too many: 20,000 fit")).to_be_visible(timeout=PATIENCE_MS)
        page.on("dialog", lambda dialog: dialog.accept())
        await page.reload()
        await expect(why).to_have_value("x" * 100_000)  # too much to outlive the page, and kept all the same
        await why.fill("A ist besser.\u202e Siehe [A#exe.\u0007\u202etxt.py:1].")
        await expect(page.get_by_text("The checker reads English only")).to_be_visible(timeout=PATIENCE_MS)
        await expect(page.get_by_text("Holds characters that are not seen here")).to_be_visible()
        assert await findings(page) == []
        assert errors == []
