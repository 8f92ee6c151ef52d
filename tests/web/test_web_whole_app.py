"""What holds everywhere: keys, the palette, a lost sign-in, a lost network. In a real browser over the made-up API."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect
from tests.web.looking import PATIENCE_MS, SAVED, WIDE, findings, noticing, opened

READY = "/comparisons/ready?view=checks"


async def focused(page: Page) -> str:
    """Role or tag, and name, of what has the keyboard."""
    return str(
        await page.evaluate(
            "(() => { const e = document.activeElement; return `${e.getAttribute('role') || e.tagName} "
            "${e.getAttribute('aria-label') || e.textContent.slice(0, 60)}`; })()"
        )
    )


async def tab_to(page: Page, what: str, *, most: int = 200) -> None:
    """Press Tab until ``what`` has the keyboard."""
    for _ in range(most):
        if what in await focused(page):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reached {what!r}; it is at {await focused(page)!r}")


@pytest.mark.timeout(300)
async def test_a_comparison_is_judged_without_a_mouse(place: tuple[Browser, str]) -> None:
    browser, base = place
    async with opened(browser, base, "contributor", WIDE, "light") as (page, errors):
        await page.goto(base)
        await expect(page.get_by_text("Start a task").first).to_be_visible(timeout=PATIENCE_MS)
        await page.keyboard.press("Control+k")  # by the palette to the task
        await expect(page.get_by_role("combobox", name="Command")).to_be_focused()
        await page.keyboard.type("ready to compare")
        option = page.get_by_role("option", selected=True)
        await expect(option).to_contain_text("Ready to compare", timeout=PATIENCE_MS)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("tab", name="Changes")).to_be_visible(timeout=PATIENCE_MS)
        await page.goto(f"{base}/comparisons/ready")  # the one whose turn can be rated
        await expect(page.get_by_text("import logging").first).to_be_attached(timeout=PATIENCE_MS)

        for keys, tab in (("gs", "Transcript"), ("gk", "Checks"), ("gb", "Brief"), ("gf", "Files"), ("gc", "Changes")):
            for key in keys:
                await page.keyboard.press(key)
            await expect(page.get_by_role("tab", name=tab, exact=True)).to_have_attribute("aria-selected", "true")
        await page.keyboard.press("n")
        assert errors == []

        await page.keyboard.press("r")  # into the rating: its first row has the keyboard
        await expect(page.get_by_role("group", name="Correctness").get_by_role("radio").first).to_be_focused()
        for name, key in (("Correctness", "6"), ("Security", "5"), ("Reliability", "4"), ("Maintainability", "7")):
            row = page.get_by_role("group", name=name)
            for _ in range(20):
                if await row.locator(":focus").count():
                    break
                await page.keyboard.press("Tab")
            await page.keyboard.press(key)
        overall = page.get_by_role("group", name="Overall")
        for _ in range(20):
            if await overall.locator(":focus").count():
                break
            await page.keyboard.press("Tab")
        await page.keyboard.press("6")
        decided = page.get_by_role("radiogroup", name="What decided it")
        for _ in range(20):
            if await decided.locator(":focus").count():
                break
            await page.keyboard.press("Tab")
        await page.keyboard.press("Space")
        why = page.get_by_label("Why", exact=True)
        for _ in range(30):
            if await why.evaluate("field => field === document.activeElement"):
                break
            await page.keyboard.press("Tab")
        await page.keyboard.type("n and g r are letters here. B passes a list to pip.")  # typing is no command
        await expect(why).to_have_value("n and g r are letters here. B passes a list to pip.")
        await tab_to(page, "Rate this turn")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Turn 1 of at least 2")).to_be_visible(timeout=PATIENCE_MS)
        assert errors == []


@pytest.mark.timeout(300)
async def test_the_help_lists_every_key_and_keys_can_be_switched_off(place: tuple[Browser, str]) -> None:
    browser, base = place
    async with opened(browser, base, "contributor", WIDE, "dark") as (page, errors):
        await page.goto(base + READY)
        await expect(page.get_by_role("tab", name="Checks")).to_be_visible(timeout=PATIENCE_MS)
        await page.keyboard.press("?")
        dialog = page.get_by_role("dialog", name="Keys")
        for label in ("Next change", "Go to my tasks", "Show the checks", "Choose a point of the scale"):
            await expect(dialog.get_by_text(label)).to_be_visible()
        assert await findings(page) == []
        await dialog.get_by_role("switch").focus()
        await page.keyboard.press("Space")
        await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
        await page.keyboard.press("g")
        await page.keyboard.press("b")
        await page.keyboard.press("?")
        await expect(page.get_by_role("tab", name="Checks")).to_have_attribute("aria-selected", "true")
        await expect(dialog).to_have_count(0)
        await page.keyboard.press("Control+k")  # with Ctrl they go on
        await expect(page.get_by_role("combobox", name="Command")).to_be_focused()
        assert await findings(page) == []
        await page.keyboard.type("brief")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("tab", name="Brief")).to_have_attribute("aria-selected", "true")
        assert errors == []


@pytest.mark.timeout(300)
@pytest.mark.parametrize("path", ["/", "/comparisons/ready?view=transcript", "/comparisons/live", "/briefs/new"])
async def test_the_keyboard_is_never_trapped(place: tuple[Browser, str], path: str) -> None:
    browser, base = place
    async with opened(browser, base, "contributor", WIDE, "light") as (page, _):
        await page.goto(base + path)
        await expect(page.locator("h1")).to_be_visible(timeout=PATIENCE_MS)
        await page.keyboard.press("Tab")
        assert "Skip to the content" in await focused(page) or await page.evaluate(
            "document.activeElement !== document.body"
        )
        for _ in range(400):  # all the way round: the browser's own controls come after the last, then the body again
            await page.keyboard.press("Tab")
            if await page.evaluate("document.activeElement === document.body"):
                return
        raise AssertionError(f"Tab never leaves the page; it is at {await focused(page)!r}")


@pytest.mark.timeout(300)
async def test_a_sign_in_that_runs_out_loses_nothing(place: tuple[Browser, str]) -> None:
    browser, base = place
    async with opened(browser, base, "everyone", WIDE, "light") as (page, _):
        await page.goto(base + READY)
        why = page.get_by_label("Why", exact=True)
        await expect(why).to_be_visible(timeout=PATIENCE_MS)
        await page.context.clear_cookies()
        await why.fill("Half a thought")
        dialog = page.get_by_role("dialog", name="Your sign-in ran out")
        await expect(dialog).to_be_visible(timeout=PATIENCE_MS)
        assert await findings(page) == []
        await dialog.get_by_role("textbox", name="Password").fill("secret")
        await page.keyboard.press("Enter")
        await expect(dialog).to_have_count(0, timeout=PATIENCE_MS)
        await expect(why).to_have_value("Half a thought")
        await expect(page.get_by_text(SAVED)).to_be_visible(timeout=PATIENCE_MS)
        await page.reload()
        await expect(why).to_have_value("Half a thought", timeout=PATIENCE_MS)


@pytest.mark.timeout(300)
async def test_somebody_else_who_signs_in_gets_nothing_of_the_first(place: tuple[Browser, str]) -> None:
    browser, base = place
    async with opened(browser, base, "contributor", WIDE, "light") as (page, _):
        await page.goto(f"{base}/comparisons/running")
        field = page.get_by_label("What would a strong senior engineer do here?")
        await expect(field).to_be_visible(timeout=PATIENCE_MS)
        await page.context.clear_cookies()
        await field.fill("Ada's own words")
        dialog = page.get_by_role("dialog", name="Your sign-in ran out")
        await dialog.get_by_label("Email").fill("everyone@example.org", timeout=PATIENCE_MS)
        await dialog.get_by_role("textbox", name="Password").fill("secret")
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"{base}/")
        await expect(page.get_by_text("Start a task").first).to_be_visible(timeout=PATIENCE_MS)
        await page.goto(f"{base}/comparisons/running")
        await expect(field).to_have_value("", timeout=PATIENCE_MS)
        # Ada comes back at this browser, and finds what she had typed.
        await page.context.add_cookies([{"name": "marlin_session", "value": "contributor", "url": base}])
        await page.goto(f"{base}/comparisons/running")
        await expect(field).to_have_value("Ada's own words", timeout=PATIENCE_MS)
        await expect(page.get_by_text(SAVED)).to_be_visible(timeout=PATIENCE_MS)


@pytest.mark.timeout(300)
async def test_a_lost_network_keeps_what_is_typed(place: tuple[Browser, str]) -> None:
    browser, base = place
    async with opened(browser, base, "contributor", WIDE, "light") as (page, _):
        await page.goto(base + READY)
        why = page.get_by_label("Why", exact=True)
        await expect(why).to_be_visible(timeout=PATIENCE_MS)
        await page.route("**/api/v1/**", lambda route: route.abort())
        await why.fill("Typed while nobody answers")
        banner = page.get_by_text("Marlin can’t be reached.")
        await expect(banner).to_be_visible(timeout=PATIENCE_MS)
        assert await findings(page) == []
        await page.get_by_role("button", name="Try now").click()
        await expect(banner).to_be_visible(timeout=PATIENCE_MS)
        # Once the server answers the page notices by itself.
        async with noticing(page.get_by_text("Connected again.")):
            await page.unroute("**/api/v1/**")
        await expect(page.get_by_text(SAVED)).to_be_visible(timeout=PATIENCE_MS)
        await page.reload()
        await expect(why).to_have_value("Typed while nobody answers", timeout=PATIENCE_MS)
