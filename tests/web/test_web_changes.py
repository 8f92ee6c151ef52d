"""The changes of a turn in a real browser: read by keyboard, searched, filtered, marked, linked to, never obeyed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Locator, Page, Route, expect
from tests.factories.pages import served
from tests.web.looking import PATIENCE_MS, WIDE, findings, opened, until

CONTAINER = "mlflow/models/container/__init__.py"
ALIAS = "mlflow/store/tracking/alias_store.py"
SELECTED = "[data-line][data-selected-line]"


@contextlib.asynccontextmanager
async def reading(browser: Browser, path: str) -> AsyncIterator[tuple[Page, list[str]]]:
    """A contributor's page; whatever went wrong in it is collected."""
    async with served() as base, opened(browser, base, "contributor", WIDE, "light") as (page, errors):
        await page.goto(base + path)
        yield page, errors


def pane(page: Page, side: str) -> Locator:
    return page.get_by_role("region", name=f"Changes of {side}", exact=True)


@pytest.mark.timeout(300)
async def test_changes_are_walked_marked_searched_and_filtered_without_a_mouse(browser: Browser) -> None:
    # Line 12 of this file is unchanged and folded: the link makes the page fetch and open it.
    async with reading(browser, f"/comparisons/ready?view=changes&file={ALIAS}&side=B&line=12&to=13") as (page, errors):
        await expect(pane(page, "B").locator(SELECTED)).to_have_count(2, timeout=PATIENCE_MS)
        await expect(pane(page, "B").locator(SELECTED).last).to_have_text("    def __init__(self, engine):")

        await page.keyboard.press("n")
        await expect(pane(page, "B").locator(SELECTED)).to_have_text("        name = _validate_name(name)")
        await page.keyboard.press("j")
        await expect(pane(page, "B").locator(SELECTED)).to_have_text("        with self._session() as session:")
        await page.keyboard.press("Shift+J")
        await expect(pane(page, "B").locator(SELECTED)).to_have_count(2)

        await page.keyboard.press("v")
        mark = pane(page, "B").get_by_role("checkbox", name=f"Viewed: {ALIAS}")
        await expect(mark).to_be_checked()
        await expect(pane(page, "B").get_by_role("button", name=f"Show {ALIAS}")).to_be_visible()
        await expect(page.get_by_text("0 of 25 viewed")).to_be_visible()
        await page.keyboard.press("a")
        await page.keyboard.press("v")
        await expect(page.get_by_text("1 of 25 viewed")).to_be_visible()
        await page.reload()
        await expect(page.get_by_text("1 of 25 viewed")).to_be_visible(timeout=PATIENCE_MS)

        await page.keyboard.press("Control+f")
        await page.keyboard.type("shlex")
        counts = page.get_by_role("search").get_by_role("status")
        await expect(counts).to_contain_text("A 3")
        await expect(counts).to_contain_text("B 2")
        await page.keyboard.press("Shift+Enter")
        await expect(counts).to_contain_text("5 of 5")
        marked = "[...(CSS.highlights.get('marlin-find-current') ?? [])].map(String).join()"
        await until(lambda: _is(page, marked, "shlex"))  # marked once the worker has told the places
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("search")).to_have_count(0)

        await page.keyboard.press("t")
        await page.keyboard.type("*.md")
        tree = page.get_by_role("tree", name="Changed files")
        await expect(tree.get_by_role("treeitem")).to_have_count(2)
        await expect(pane(page, "A").get_by_text("__init__.py")).to_have_count(0)
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("r")
        await page.keyboard.press("Enter")
        await expect(tree.get_by_role("treeitem", selected=True)).to_contain_text("README.md")
        assert errors == []


@pytest.mark.timeout(300)
async def test_what_is_odd_is_shown_and_never_obeyed(browser: Browser) -> None:
    async with reading(browser, "/comparisons/odd?mode=A") as (page, errors):
        changes = pane(page, "A")
        await expect(changes.get_by_text("Before · 64 × 64")).to_be_visible(timeout=PATIENCE_MS)
        await expect(changes.get_by_text("After · 64 × 64, 180 bytes")).to_be_visible()
        assert "run" not in await page.title(), "a script within a picture did not run"

        await page.keyboard.press("/")
        await page.keyboard.type("⟨U+202E⟩")
        await expect(page.get_by_role("search").get_by_role("status")).to_contain_text("A 1")
        await page.keyboard.press("Enter")
        await expect(changes.locator("[data-line]", has_text="⟨U+202E⟩⟨U+2066⟩# only for admins")).to_be_visible()
        await expect(changes.locator("[data-line]", has_text="␛[31mred?␛[0m␇")).to_be_visible()
        warning = changes.get_by_role("button", name="Has characters that change the order")
        await expect(warning.first).to_be_attached()

        await page.get_by_label("Search both sides’ changes").fill("more characters, not shown")
        await page.keyboard.press("Enter")
        cut = changes.locator("[data-line]", has_text="998,017 more characters")
        await expect(cut).to_be_visible()
        assert len(await cut.inner_text()) < 3000
        assert "‮" not in await page.locator("body").inner_text(), "not in a name either"

        await page.goto(page.url.replace("odd?mode=A", "odd?view=files&at=A&file=assets/icon.svg"))
        await expect(page.get_by_role("figure")).to_contain_text("64 × 64", timeout=PATIENCE_MS)
        assert errors == []
        assert await findings(page) == []


@pytest.mark.timeout(300)
async def test_a_link_that_leads_nowhere_says_so_and_files_are_searched(browser: Browser) -> None:
    async with reading(
        browser, "/comparisons/ready?view=changes&file=mlflow/store/tracking/run_store.py&side=A&line=3"
    ) as (
        page,
        errors,
    ):
        await page.get_by_role("link", name="Open the whole file").click(timeout=PATIENCE_MS)
        viewer = page.get_by_role("region", name="mlflow/store/tracking/run_store.py")
        await expect(viewer.locator(SELECTED)).to_contain_text("from mlflow.exceptions", timeout=PATIENCE_MS)
        await page.get_by_label("Search in all files").fill("def _pip_install")
        await expect(page.get_by_text("No line holds this.")).to_be_visible()
        await page.get_by_role("radiogroup", name="Files of").get_by_text("B", exact=True).click()
        await page.get_by_role("button", name="_pip_install").click()
        viewer = page.get_by_role("region", name=CONTAINER)
        await expect(viewer.locator(SELECTED)).to_contain_text("def _pip_install")
        assert "view=files" in page.url
        assert "line=" in page.url
        assert errors == []


@pytest.mark.timeout(300)
async def test_a_pattern_that_never_ends_is_stopped_and_the_page_goes_on(browser: Browser) -> None:
    async with reading(browser, "/comparisons/bench-17600") as (page, errors):
        await expect(pane(page, "A").locator("[data-line]").first).to_be_visible(timeout=PATIENCE_MS)
        await page.keyboard.press("/")
        field = page.get_by_label("Search both sides’ changes")
        counts = page.get_by_role("search").get_by_role("status")
        await page.get_by_role("button", name="Regular expression").click()
        await field.fill("([ #a-z]+)+~")
        # Everything else goes on meanwhile: run in the page, this pattern would keep it for hours.
        await page.get_by_role("button", name="Hide the rating").click()
        await expect(page.get_by_role("button", name="Show the rating")).to_be_visible()
        problem = page.get_by_text("This pattern takes too long on src/package_0/module_000.py. Make it simpler")
        await expect(problem).to_be_visible(timeout=PATIENCE_MS)
        assert await findings(page) == []
        # The next pattern gets a worker of its own; Enter right after the last letter means what was typed.
        await field.fill("def sess[a-z]+_[0-9]+5\\(")
        await field.press("Enter")
        await expect(counts).to_contain_text("1 of ", timeout=PATIENCE_MS)
        await expect(problem).to_have_count(0)
        marked = "[...(CSS.highlights.get('marlin-find-current') ?? [])].map(String).join()"
        while not str(await page.evaluate(marked)).startswith("def sess"):  # marked once the worker has told the places
            await asyncio.sleep(0.05)
        await field.fill("self")
        await expect(counts).to_contain_text("5000 or more", timeout=PATIENCE_MS)
        assert errors == []


@pytest.mark.timeout(300)
async def test_unchanged_lines_open_by_keyboard(browser: Browser) -> None:
    async with reading(browser, "/comparisons/ready") as (page, errors):
        control = page.get_by_role("button", name="Show more lines").nth(1)
        await control.wait_for()
        lines = page.locator("diffs-container [data-line]")
        before = await lines.count()
        await control.focus()
        await page.keyboard.press("Enter")
        await expect(lines).not_to_have_count(before, timeout=PATIENCE_MS)
        assert errors == []


async def _is(page: Page, script: str, wanted: str) -> bool:
    return bool(await page.evaluate(script) == wanted)


async def _colours(page: Page) -> list[str]:
    """Of the words of A's lines on the screen. Empty: not coloured yet."""
    found: list[str] = await pane(page, "A").evaluate(
        """(pane) => [...pane.querySelectorAll('diffs-container')]
          .flatMap((node) => [...(node.shadowRoot?.querySelectorAll('[data-line] span[style]') ?? [])])
          .map((word) => getComputedStyle(word).color)"""
    )
    return found


@pytest.mark.timeout(120)
async def test_code_is_coloured_anew_when_the_theme_of_the_page_changes(browser: Browser) -> None:
    async with reading(browser, "/comparisons/ready?view=changes") as (page, errors):

        async def coloured(unlike: set[str]) -> set[str]:
            async with asyncio.timeout(PATIENCE_MS / 1000):
                while len(now := set(await _colours(page))) < 3 or now & unlike:
                    await asyncio.sleep(0.1)
            return now

        await expect(pane(page, "A")).to_be_visible(timeout=PATIENCE_MS)
        light = await coloured(set())
        await page.emulate_media(color_scheme="dark")
        dark = await coloured(light)
        await page.emulate_media(color_scheme="light")
        assert await coloured(dark) == light
        assert not errors


COUNT_COLOURED = """(() => {
    window.coloured = 0;
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (message, ...rest) {
      if (message?.type === "diff") window.coloured += 1;
      return post.call(this, message, ...rest);
    };
})()"""
COUNT_DRAWN = """(pane) => {
    window.drawnAgain = 0;
    for (const node of pane.querySelectorAll("diffs-container"))
      new MutationObserver((changes) => { window.drawnAgain += changes.length; })
        .observe(node.shadowRoot, { childList: true, subtree: true });
}"""


@pytest.mark.timeout(300)
async def test_what_comes_later_leaves_the_lines_alone_and_few_files_are_coloured(browser: Browser) -> None:
    async with served() as base, opened(browser, base, "contributor", WIDE, "light") as (page, errors):
        later = asyncio.Event()

        async def hold(route: Route) -> None:
            await later.wait()
            await route.continue_()

        await page.add_init_script(COUNT_COLOURED)
        await page.route("**/patch?*to=B*", hold)
        await page.goto(f"{base}/comparisons/bench-17600")
        lines = pane(page, "A").locator("[data-line] span[style]")
        await expect(lines.first).to_be_visible(timeout=PATIENCE_MS)
        # What stands around comes by itself; the other pane with its patch.
        await expect(page.get_by_role("radio", name="A ↔ B")).to_be_attached(timeout=PATIENCE_MS)
        await expect(page.get_by_role("tab", name="Checks")).to_be_visible()
        rating = page.get_by_role("complementary", name="Rating")
        await expect(rating.get_by_role("textbox").first).to_be_visible(timeout=PATIENCE_MS)
        await pane(page, "A").evaluate(COUNT_DRAWN)
        later.set()
        other = pane(page, "B").locator("[data-line] span[style]")
        await expect(other.first).to_be_visible(timeout=PATIENCE_MS)
        assert await page.evaluate("window.drawnAgain") == 0
        assert 0 < await page.evaluate("window.coloured") < 40, "of 231 files on one side and 116 on the other"

        # The last of all files is gone to at once, also when the viewer was not given it yet.
        last = "src/package_0/module_230.py"
        await page.goto(f"{base}/comparisons/bench-17600?file={last}&side=A")
        await expect(pane(page, "A").get_by_text("module_230.py")).to_be_visible(timeout=PATIENCE_MS)
        assert errors == []


@pytest.mark.timeout(300)
async def test_a_click_on_code_selects_its_line_and_drawing_over_it_selects_text(browser: Browser) -> None:
    async with reading(browser, "/comparisons/ready?view=changes") as (page, errors):
        left, right = pane(page, "A"), pane(page, "B")
        line, later = left.get_by_text("import shlex"), left.get_by_text("from pathlib import Path")
        await expect(line).to_be_visible(timeout=PATIENCE_MS)
        await expect(right.get_by_text("import sys", exact=True)).to_be_visible(timeout=PATIENCE_MS)
        # CHANGELOG.md is in A alone: B leaves as much room for it, so the file below begins at the same height.
        heads = [side.locator("[title='" + CONTAINER + "']").first for side in (left, right)]
        await expect(heads[1]).to_be_visible()

        async def level() -> bool:
            tops = [(await head.bounding_box() or {"y": -1.0})["y"] for head in heads]
            return abs(tops[0] - tops[1]) < 2

        await until(level)

        await line.click()
        await expect(left.locator(SELECTED)).to_have_text("import shlex")
        await later.click(modifiers=["Shift"])
        await expect(left.locator(SELECTED)).to_have_count(3)
        words = "node => node.getRootNode().getSelection().toString()"
        assert await line.evaluate(words) == "", "lines are drawn out, not text"
        await line.click()
        await line.click()
        await expect(left.locator(SELECTED)).to_have_count(0)

        await line.dblclick(position={"x": 80, "y": 8})
        assert (await line.evaluate(words)).strip() == "shlex"
        await expect(left.locator(SELECTED)).to_have_count(0)
        box = await line.bounding_box()
        assert box is not None
        await page.mouse.move(box["x"] + 18, box["y"] + 8)
        await page.mouse.down()
        await page.mouse.move(box["x"] + 70, box["y"] + 8, steps=4)
        await page.mouse.up()
        assert "import" in await line.evaluate(words)
        await expect(left.locator(SELECTED)).to_have_count(0)
        assert errors == []
