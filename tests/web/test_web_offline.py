"""A network gone for a minute, a browser closed meanwhile, buttons pressed twice: nothing typed is lost."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Page, Request, expect
from tests.web.looking import PATIENCE_MS, SAVED, WIDE, findings, noticing, opened

NOT_YET = "Not saved yet; trying again"
LEFT = "Object.keys(localStorage).filter((key) => key.startsWith('marlin-unsaved'))"


async def comment(page: Page, text: str) -> None:
    """Begin a comment on a line, by its number."""
    await page.locator("diffs-container [data-column-number]").nth(5).click()
    await page.keyboard.press("c")
    await page.get_by_role("button", name="Comment", exact=True).click()
    await page.keyboard.type(text)


@pytest.mark.timeout(300)
async def test_a_minute_without_a_network_loses_nothing_and_ends_by_itself(place: tuple[Browser, str]) -> None:
    browser, base = place
    async with opened(browser, base, "contributor", WIDE, "light") as (page, _):
        await page.clock.install()
        brief = await page.context.new_page()
        await brief.clock.install()
        await brief.goto(f"{base}/briefs/draft")
        prompt = brief.get_by_label("Prompt", exact=True)
        await prompt.wait_for()
        await page.goto(f"{base}/comparisons/ready")
        await page.get_by_text("import logging").first.wait_for()
        why = page.get_by_label("Why", exact=True)
        await why.fill("Before.")
        await expect(page.get_by_text(SAVED)).to_be_visible(timeout=PATIENCE_MS)

        await page.context.set_offline(True)
        banner = "You are offline."
        await why.press_sequentially(" During.")
        await comment(page, "Said to nobody yet")
        await prompt.fill("Asked of nobody yet")
        for one in (page, brief):
            await expect(one.get_by_text(banner)).to_be_visible(timeout=PATIENCE_MS)
            await expect(one.get_by_text(NOT_YET).first).to_be_visible(timeout=PATIENCE_MS)
        for _ in range(6):  # a minute, in which tries fail again and again
            await page.clock.fast_forward(10_000)
            await brief.clock.fast_forward(10_000)
        await why.press_sequentially(" After a minute.")
        await expect(page.get_by_text(banner)).to_be_visible()
        assert await findings(page) == []
        async with noticing(*(one.get_by_text("Connected again.") for one in (page, brief))):
            await page.context.set_offline(False)

        for one in (page, brief):
            await expect(one.get_by_text(NOT_YET)).to_have_count(0, timeout=PATIENCE_MS)
        await expect(page.get_by_text(SAVED).first).to_be_visible(timeout=PATIENCE_MS)
        await expect(brief.get_by_text(SAVED)).to_be_visible(timeout=PATIENCE_MS)
        assert await page.evaluate(LEFT) == []
        for one in (page, brief):
            await one.reload()
        await expect(why).to_have_value("Before. During. After a minute.", timeout=PATIENCE_MS)
        await expect(prompt).to_have_value("Asked of nobody yet", timeout=PATIENCE_MS)
        await page.get_by_text("Comments (1)").click(timeout=PATIENCE_MS)
        await expect(page.get_by_text("Said to nobody yet").first).to_be_visible(timeout=PATIENCE_MS)


@pytest.mark.timeout(300)
async def test_a_browser_that_is_closed_while_offline_opens_with_what_was_typed(place: tuple[Browser, str]) -> None:
    browser, base = place
    async with opened(browser, base, "contributor", WIDE, "dark") as (page, _):
        await page.goto(f"{base}/comparisons/ready")
        await page.get_by_text("import logging").first.wait_for()
        await page.context.set_offline(True)
        await page.get_by_label("Why", exact=True).fill("Typed, and the lid closed.")
        await comment(page, "In the train")
        await expect(page.get_by_text(NOT_YET).first).to_be_visible(timeout=PATIENCE_MS)
        await page.close(run_before_unload=False)
        await page.context.set_offline(False)
        again = await page.context.new_page()
        await again.goto(f"{base}/comparisons/ready")
        await expect(again.get_by_label("Why", exact=True)).to_have_value(
            "Typed, and the lid closed.", timeout=PATIENCE_MS
        )
        await expect(again.get_by_text(SAVED).first).to_be_visible(timeout=PATIENCE_MS)
        await again.get_by_text("Comments (1)").click(timeout=PATIENCE_MS)
        await expect(again.get_by_label("Comment", exact=True).first).to_have_value("In the train")


@pytest.mark.timeout(300)
async def test_what_is_pressed_offline_says_so_and_twice_is_once(place: tuple[Browser, str]) -> None:
    browser, base = place
    async with opened(browser, base, "contributor", WIDE, "light") as (page, _):
        sent: list[str] = []

        def note(request: Request) -> None:
            if request.method == "POST" and re.search(r"/(rating|submit|turns)$", request.url):
                sent.append(request.url.rsplit("/", 1)[1])

        await page.goto(f"{base}/comparisons/ready?view=brief")
        for name in ("Correctness", "Security", "Reliability", "Maintainability", "Overall"):
            await page.get_by_role("group", name=name).get_by_role("radio").first.focus()
            await page.keyboard.press("6")
        await page.get_by_role("radio", name="Correctness").focus()
        await page.keyboard.press("Space")
        await page.get_by_label("Why", exact=True).fill("B passes a list to pip.")
        await expect(page.get_by_text(SAVED)).to_be_visible(timeout=PATIENCE_MS)
        rate = page.get_by_role("button", name="Rate this turn")
        await page.context.set_offline(True)
        await rate.click()
        await expect(page.get_by_text("The rating was not accepted")).to_be_visible(timeout=PATIENCE_MS)
        assert await findings(page) == []
        # Nothing is sent behind anybody's back when the network returns: it is pressed again.
        async with noticing(page.get_by_text("Connected again.")):
            await page.context.set_offline(False)
        await expect(rate).to_be_enabled()
        page.on("request", note)
        await rate.evaluate("button => { button.click(); button.click(); }")
        await expect(page.get_by_text("Turn 1 of at least 2")).to_be_visible(timeout=PATIENCE_MS)
        assert sent == ["rating"]

        await page.get_by_label("Next prompt (turn 2)").fill("Cover the options with tests.")
        send = page.get_by_role("button", name="Send to both sides")
        async with page.expect_response(re.compile("/turns$")):
            await send.evaluate("button => { button.click(); button.click(); }")
        assert sent == ["rating", "turns"]

        await page.goto(f"{base}/comparisons/second?view=brief")
        await page.get_by_role("button", name="Submit the comparison").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_role("checkbox").first.wait_for()  # all() takes what is there already, and that may be none
        for box in await dialog.get_by_role("checkbox").all():
            await box.check()
        await dialog.get_by_role("button", name="Submit", exact=True).evaluate(
            "button => { button.click(); button.click(); }"
        )
        await expect(dialog).to_have_count(0, timeout=PATIENCE_MS)
        assert sent == ["rating", "turns", "submit"]


@pytest.mark.timeout(300)
async def test_a_sign_in_that_runs_out_while_offline_asks_once_the_network_is_back(place: tuple[Browser, str]) -> None:
    browser, base = place
    async with opened(browser, base, "everyone", WIDE, "light") as (page, _):
        await page.goto(f"{base}/comparisons/ready?view=brief")
        why = page.get_by_label("Why", exact=True)
        await why.wait_for()
        await page.context.set_offline(True)
        await why.fill("Half a thought")
        await expect(page.get_by_text(NOT_YET)).to_be_visible(timeout=PATIENCE_MS)
        await page.context.clear_cookies()
        await page.context.set_offline(False)
        dialog = page.get_by_role("dialog", name="Your sign-in ran out")
        await dialog.get_by_role("textbox", name="Password").fill("secret", timeout=PATIENCE_MS)
        await page.keyboard.press("Enter")
        await expect(dialog).to_have_count(0, timeout=PATIENCE_MS)
        await expect(why).to_have_value("Half a thought")
        await expect(page.get_by_text(SAVED)).to_be_visible(timeout=PATIENCE_MS)
