"""Packed patches are kept while there is room, the last used longest."""

from __future__ import annotations

from typing import cast

from marlin.comparisons.patches import Patches, PatchWish
from marlin.http.packing import LEAST
from marlin.tasks import Code


class _Git:
    """Says what was asked of it; a patch is as large as its commit's number says."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def diff(self, _repository: str, _old: str, new: str, **_: object) -> bytes:
        self.asked.append(new)
        return b"x" * int(new)


def wish(new: str, *, ignore_whitespace: bool = False) -> PatchWish:
    return PatchWish("r", "0", new, ignore_whitespace=ignore_whitespace)


async def test_what_was_asked_for_is_not_made_again() -> None:
    git, patches = _Git(), Patches()
    code = cast("Code", git)
    first = await patches.get(code, wish("100"), None)
    assert await patches.get(code, wish("100"), None) is first
    assert git.asked == ["100"]
    await patches.get(code, wish("100", ignore_whitespace=True), None)
    assert git.asked == ["100", "100"], "without white space it is another patch"


async def test_only_what_is_worth_it_is_packed() -> None:
    patches, code = Patches(), cast("Code", _Git())
    assert (await patches.get(code, wish(str(LEAST - 1)), "gzip")).coding is None
    large = await patches.get(code, wish(str(LEAST)), "gzip")
    assert large.coding == "gzip"
    assert len(large.body) < LEAST


async def test_the_least_lately_used_goes_first_and_a_huge_one_is_not_kept() -> None:
    git, patches = _Git(), Patches(most=400)
    code = cast("Code", git)
    for new in ("96", "97", "98", "99", "96", "100", "97", "96"):
        await patches.get(code, wish(new), None)
    assert git.asked == ["96", "97", "98", "99", "100", "97"], "97 had to go for 100, 96 was used since"
    for _ in range(2):
        await patches.get(code, wish("101"), None)
    assert git.asked[-2:] == ["101", "101"]
