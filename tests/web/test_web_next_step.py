"""From reading to rating to the next turn without a mouse, in a real browser, over the made-up API."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect
from tests.web.looking import PATIENCE_MS, WIDE, findings, opened

FILE = "mlflow/models/container/__init__.py"


@pytest.mark.timeout(300)
async def test_the_keyboard_goes_from_a_comment_to_the_rating_to_the_next_turn(base: str, browser: Browser) -> None:
    async with opened(browser, base, "contributor", WIDE, "light") as (page, errors):
        # A place of this turn stands in the address, as after a jump to a citation.
        await page.goto(f"{base}/comparisons/ready?turn=1&file={FILE}&side=A&line=4")
        await page.get_by_text("import logging").first.wait_for()
        pane = page.get_by_role("region", name="Changes of A").locator("[tabindex='0']").first
        await pane.focus()
        await page.keyboard.press("c")
        await page.get_by_role("button", name="Comment", exact=True).press("Enter")
        await page.get_by_role("textbox", name="Comment").fill("`Path` is not **used**.\nDrop it.")
        await page.keyboard.press("Control+Enter")
        comment = page.get_by_role("article", name="Comment on A")
        await expect(comment).to_be_focused(timeout=PATIENCE_MS)
        await expect(comment.locator("code")).to_have_text("Path")
        assert await findings(page) == []

        # A citation takes the cursor into the text; Escape brings the keyboard back to the code.
        await page.keyboard.press("n")
        await page.keyboard.press("c")
        await page.get_by_role("button", name="Cite", exact=True).press("Enter")
        why = page.get_by_label("Why", exact=True)
        await expect(why).to_be_focused(timeout=PATIENCE_MS)
        await page.keyboard.press("End")
        await page.keyboard.type(" It quotes what the model's author wrote, so nothing of theirs is run.")
        await page.keyboard.press("Escape")
        await expect(pane).to_be_focused()

        await page.keyboard.press("r")
        for row in ("Correctness", "Security", "Reliability", "Maintainability", "Overall"):
            await expect(page.get_by_role("group", name=row).locator("input:focus")).to_have_count(1)
            await page.keyboard.press("2")
            await page.keyboard.press("Tab")
        await page.get_by_role("radiogroup", name="What decided it").get_by_text("Security").click()
        await page.get_by_role("button", name="Rate this turn").press("Enter")
        await expect(page.get_by_role("status").filter(has_text="Turn 1 is rated")).to_be_focused(timeout=PATIENCE_MS)

        # The next step is the prompt, not the way back.
        await page.keyboard.press("r")
        prompt = page.get_by_label("Next prompt (turn 2)")
        await expect(prompt).to_be_focused(timeout=PATIENCE_MS)
        await page.keyboard.type("Quote the path in the log message, too, and test it.")
        await page.get_by_role("button", name="Send to both sides").press("Enter")
        # The latest turn is the one that was asked for, and no place in the last one follows.
        await expect(page).not_to_have_url(re.compile("turn=|line=|file="), timeout=PATIENCE_MS)
        assert errors == []
