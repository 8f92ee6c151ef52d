"""Transcripts and the page while agents work, in a real browser over the made-up API: what readers of them rely on."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Browser, Page, Route, expect
from tests.web.looking import PATIENCE_MS, WIDE, opened


async def _steps(page: Page, label: str) -> list[int]:
    """Numbers of the steps that are drawn."""
    return [
        int(step)
        for step in await page.get_by_label(label)
        .locator("[data-step]")
        .evaluate_all("rows => rows.map(row => row.dataset.step)")
    ]


@pytest.mark.timeout(300)
async def test_hostile_output_is_shown_and_marked_and_never_acts(place: tuple[Browser, str]) -> None:
    browser, base = place
    async with opened(browser, base, "contributor", WIDE, "light") as (page, errors):
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(f"{base}/comparisons/ready?view=transcript")
        box = page.get_by_label("Search in Transcript of A")
        await box.fill("evil.example")
        pane = page.get_by_label("Transcript of A", exact=True)
        await expect(pane.get_by_text("1 of 2")).to_be_visible(timeout=PATIENCE_MS)
        marked = pane.locator("[data-marked]")
        await expect(marked).to_contain_text("⟨ESC⟩]0;owned⟨BEL⟩before")
        await expect(marked).to_contain_text("cat ⟨U+202E⟩gnp.evil")
        await expect(marked).to_contain_text("<img src=x onerror=alert(1)>")
        await expect(marked.get_by_title("right-to-left override (U+202E)").first).to_be_visible()
        # The message after it: links, images and markup of the same author.
        message = pane.locator("[data-step]", has_text="<script>alert(1)</script>")
        await expect(message).to_contain_text("A link, an [image: image]")
        await expect(message.locator("a[href], img, script")).to_have_count(1)  # the row's own address
        await box.fill("bundle.min.js")
        await expect(marked).to_contain_text("998,000 more characters in this line")
        assert [url for url in asked if not url.startswith(base)] == []
        assert errors == []


@pytest.mark.timeout(300)
async def test_a_step_has_an_address_and_files_lead_to_the_changes(place: tuple[Browser, str]) -> None:
    browser, base = place
    async with opened(browser, base, "contributor", WIDE, "dark") as (page, errors):
        await page.goto(f"{base}/comparisons/ready?view=transcript&turn=1&side=B&step=281")
        pane = page.get_by_label("Transcript of B", exact=True)
        await expect(pane.locator("[data-marked]")).to_have_attribute("data-step", "281", timeout=PATIENCE_MS)
        await expect(pane.locator("[data-marked]")).to_contain_text("40 passed")
        # The other side stays at its beginning.
        await expect(page.get_by_label("Transcript of A", exact=True).locator("[data-step='1']")).to_be_attached()
        await pane.locator("[data-step='281']").get_by_role("button", name="Cite").click()
        await expect(page.get_by_label("Why", exact=True)).to_have_value("[B#step-281]")
        await pane.get_by_role("button", name="1 file touched").click()
        await page.get_by_label("Files touched").get_by_role("button").first.click()
        await expect(page.get_by_role("tab", name="Changes")).to_have_attribute("aria-selected", "true")
        assert errors == []


@pytest.mark.timeout(300)
async def test_a_live_transcript_is_followed_until_the_reader_looks_back(place: tuple[Browser, str]) -> None:
    browser, base = place
    async with opened(browser, base, "contributor", WIDE, "light") as (page, errors):
        await page.goto(f"{base}/comparisons/flood")
        pane = page.get_by_label("Live transcript of A", exact=True)
        box = page.get_by_label("Steps of Live transcript of A")
        jump = pane.get_by_role("button", name="Jump to the latest")
        await expect(pane.get_by_text("steps")).to_be_visible(timeout=PATIENCE_MS)
        await expect(jump).to_have_count(0)
        await page.wait_for_function(
            "box => box.scrollHeight > 3 * box.clientHeight", arg=await box.element_handle(), timeout=PATIENCE_MS
        )
        await box.hover()
        await page.mouse.wheel(0, -900)
        await expect(jump).to_contain_text("new", timeout=PATIENCE_MS)
        stays = await box.evaluate("box => box.scrollTop")
        await expect(jump).not_to_have_text("Jump to the latest · 1 new")
        assert await box.evaluate("box => box.scrollTop") == stays, "what comes below moves nothing"
        await jump.click()
        await expect(jump).to_have_count(0)
        assert errors == []


@pytest.mark.timeout(300)
async def test_a_lost_connection_is_said_and_nothing_is_lost(place: tuple[Browser, str]) -> None:
    browser, base = place
    async with opened(browser, base, "contributor", WIDE, "light") as (page, _):
        asked: list[str] = []
        back = asyncio.Event()

        async def answer(route: Route) -> None:
            asked.append(route.request.url)
            if len(asked) == 1 or back.is_set():
                await route.continue_()
            else:
                await route.fulfill(status=503, json={})

        await page.route("**/events/stream*", answer)
        await page.goto(f"{base}/comparisons/shaky")  # the server breaks the stream off, and is away until it was said
        await expect(page.get_by_text("Reconnecting…")).to_be_visible(timeout=PATIENCE_MS)
        back.set()
        for side in "AB":  # 3 messages, 40 thoughts, 67 calls and a notice, each once
            pane = page.get_by_label(f"Live transcript of {side}", exact=True)
            await expect(pane.get_by_text("111 steps")).to_be_visible(timeout=PATIENCE_MS)
            await expect(pane.locator("[data-step='111']")).to_be_visible()
            seen = await _steps(page, f"Steps of Live transcript of {side}")
            assert seen == sorted(set(seen))
        await expect(page.get_by_text("Reconnecting…")).to_have_count(0)


@pytest.mark.timeout(300)
async def test_together_the_page_says_nothing_of_either_side(place: tuple[Browser, str]) -> None:
    browser, base = place
    async with opened(browser, base, "contributor", WIDE, "light") as (page, errors):
        await page.goto(f"{base}/comparisons/running")
        await expect(page.get_by_text("Both sides are at work")).to_be_visible(timeout=PATIENCE_MS)
        await expect(page.get_by_text("each side has 30 min at most")).to_be_visible()
        await expect(page.get_by_text("usually take about 12 minutes")).to_be_visible()
        assert await page.title() == "At work: Stop the command injection in the container set-up · Marlin"
        assert await page.get_by_role("region", name="transcript").count() == 0
        await page.get_by_role("button", name="Tell me when ready").click()
        sound = page.get_by_role("switch", name="A short sound")
        await expect(sound).not_to_be_checked()
        assert errors == []
