"""Twelve tiny repositories with three small bugs each: work that a model of some hundred thousand weights can learn.

All have the same ``sums.py``; README and request name the shop. So what is learnt in some is of use in the others, and
a dataset can still be split by repository. Each bug has a test of its own, which fails on the base.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from marlin.examples.git import run_git

PREFIX = "shop-"
FILE = "sums.py"
SHOPS = (
    *("bakery", "forge", "orchard", "library", "harbour", "nursery"),
    *("pottery", "dairy", "vineyard", "workshop", "aquarium", "chandlery"),
)
_DATE = "2025-05-05T09:00:00+00:00"


@dataclass(frozen=True, slots=True)
class Sum:
    """One function of ``sums.py``, how it is wrong, and two changes of it.

    :ivar right: mends it. :ivar busy: looks like work and mends nothing.
    """

    name: str
    arguments: str
    wrong: str
    right: str
    busy: str
    meaning: str
    request: str
    example: str

    @property
    def test_class(self) -> str:
        """The name of its tests."""
        return self.name.capitalize()


SUMS = (
    Sum(
        "total",
        "price, count",
        "price + count",
        "price * count",
        "round(price + count)",
        "What so many cost together.",
        "the bill comes out too small. `total` in sums.py should multiply price and count.",
        "sums.total(7, 3), 21",
    ),
    Sum(
        "left",
        "stock, sold",
        "stock + sold",
        "stock - sold",
        "abs(stock + sold)",
        "How many are left on the shelf.",
        "the shelf seems to fill up while we sell. `left` in sums.py should subtract what is sold.",
        "sums.left(9, 4), 5",
    ),
    Sum(
        "share",
        "amount, people",
        "amount * people",
        "amount // people",
        "int(amount * people)",
        "How many everybody gets, in whole ones.",
        "everybody gets more than there is. `share` in sums.py should divide, in whole ones.",
        "sums.share(17, 5), 3",
    ),
)


def shop_briefs() -> list[str]:
    """Names of all briefs on shops, shop by shop."""
    return [f"{PREFIX}{shop}-{sum_.name}" for shop in SHOPS for sum_ in SUMS]


def shop_of(brief: str) -> tuple[str, Sum] | None:
    """The shop and the sum that a brief's name means; None for other briefs."""
    for shop in SHOPS:
        for sum_ in SUMS:
            if brief == f"{PREFIX}{shop}-{sum_.name}":
                return shop, sum_
    return None


def asked_for(request: str) -> Sum | None:
    """The sum that a request is about; None for other requests."""
    return next((sum_ for sum_ in SUMS if sum_.request in request), None)


def request(shop: str, sum_: Sum) -> str:
    """What the contributor asks for."""
    return f"At the {shop}: {sum_.request}"


def shop_commit(shop: str, dest: Path) -> str:
    """Create a shop's repository in ``dest``, an empty folder; the id of its one commit, the same on every machine."""
    dest.mkdir(parents=True, exist_ok=True)
    run_git(dest, "init", "--quiet", "--initial-branch=main", ".")
    for path, text in _files(shop).items():
        target = dest / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        target.chmod(0o644)
    run_git(dest, "add", "--all", date=_DATE)
    run_git(dest, "commit", "--quiet", "--message", f"Sums of the {shop}", date=_DATE)
    return run_git(dest, "rev-parse", "HEAD").strip()


def _files(shop: str) -> dict[str, str]:
    functions = [
        f'\n\ndef {sum_.name}({sum_.arguments}):\n    """{sum_.meaning}"""\n    return {sum_.wrong}\n' for sum_ in SUMS
    ]
    tests = [
        f"\n\nclass {sum_.test_class}(unittest.TestCase):\n    def test_{sum_.name}(self):\n"
        f"        self.assertEqual({sum_.example})\n"
        for sum_ in SUMS
    ]
    return {
        "README.md": f"# The {shop}\n\nWhat we count every evening.\n",
        FILE: '"""What a shop counts every evening."""\n' + "".join(functions),
        "tests/__init__.py": "",
        "tests/test_sums.py": "import unittest\n\nimport sums\n" + "".join(tests),
    }
