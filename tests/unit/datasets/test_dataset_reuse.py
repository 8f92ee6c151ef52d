"""``REUSE.toml``: which files its tables cover, which one speaks, and what counts beside a file's own words."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from marlin.datasets.reuse import UNREADABLE, Table, resolved, table_for, tables_of

EXAMPLE = """
version = 1
SPDX-PackageName = "whatever"

[[annotations]]
path = ["po/*.po", "po/*.pot"]
precedence = "aggregate"
SPDX-FileCopyrightText = "2019 Translation Company"
SPDX-License-Identifier = "GPL-3.0-or-later"

[[annotations]]
path = "tests/resources/**"
precedence = "override"
SPDX-License-Identifier = ["CC0-1.0", "MIT OR Apache-2.0"]

[[annotations]]
path = "tests/resources/of-nobody.txt"
SPDX-FileCopyrightText = "2019 Jane Doe"
"""


def spoken(text: str, path: str) -> tuple[str, list[str]] | None:
    table = table_for(tables_of(text.encode()), path)
    return None if table is None else (table.precedence, sorted(table.licences))


def test_the_last_table_that_covers_a_file_speaks_for_it() -> None:
    assert spoken(EXAMPLE, "po/de.po") == ("aggregate", ["GPL-3.0-or-later"])
    assert spoken(EXAMPLE, "po/old/de.po") is None
    assert spoken(EXAMPLE, "tests/resources/a/b.png") == ("override", ["Apache-2.0", "CC0-1.0", "MIT"])
    assert spoken(EXAMPLE, "tests/resources/of-nobody.txt") is None
    assert spoken(EXAMPLE, "src/a.py") is None


@pytest.mark.parametrize(
    ("glob", "path", "covered"),
    [
        ("**", "a/.b/c", True),
        ("*", "a/b", False),
        ("*", ".hidden", True),
        ("**/b.c", "b.c", True),
        ("**/b.c", "x/y/b.c", True),
        ("a/**/z", "a/z", True),
        ("a/*/z", "a/z", False),
        ("**a*b", "x/a/ab", True),
        ("*.p?", "a.py", False),
        ("[a]", "a", False),
        (r"\\*.md", "*.md", True),
        (r"\\*.md", "a.md", False),
        (r"a\\\\b*", r"a\bc", True),
        (r"\\a", "a", True),
        ("a.b*", "axb", False),
        ("é*", "été/x", False),
    ],
)
def test_asterisks_are_read_as_the_specification_has_them(glob: str, path: str, covered: bool) -> None:
    text = f'version = 1\n[[annotations]]\npath = "{glob}"\nSPDX-License-Identifier = "MIT"\n'
    assert (spoken(text, path) is not None) is covered


@given(st.text("ab/*", max_size=12), st.text("ab/", max_size=10))
@example("**a*b", "a/ab")
@example("*a**a*", "aa/aa")
def test_a_glob_covers_what_a_regular_expression_does(glob: str, path: str) -> None:
    (table,) = tables_of(f"version = 1\n[[annotations]]\npath = '{glob}'\nSPDX-License-Identifier = 'MIT'\n".encode())
    parts = re.findall(r"\*\*/?|\*|[^*]", glob)
    plain = "".join({"*": "[^/]*"}.get(part, ".*" if part[0] == "*" else re.escape(part)) for part in parts)
    assert table.covers(path) is (re.fullmatch(plain, path) is not None)


def test_a_glob_of_many_asterisks_is_read_in_linear_time() -> None:
    """A regular expression would take longer than anybody waits."""
    text = "version = 1\n[[annotations]]\npath = '{}b'\nSPDX-License-Identifier = 'MIT'\n"
    assert spoken(text.format("*a" * 2000), "a" * 4000) is None
    assert tables_of(text.format("*a" * 20_000).encode()) == UNREADABLE


def table(precedence: str, *licences: str) -> Table:
    return Table(frozenset({"f"}), (), precedence, frozenset(licences))  # type: ignore[arg-type]


def test_what_is_closer_to_a_file_counts_unless_the_tables_say_otherwise() -> None:
    closest, aggregate, override = (table(one, one) for one in ("closest", "aggregate", "override"))
    assert resolved([], {"own"}) == {"own"}
    assert resolved([closest], {"own"}) == {"own"}
    assert resolved([closest], set()) == {"closest"}
    assert resolved([closest, table("closest", "deeper")], set()) == {"deeper"}
    assert resolved([aggregate], {"own"}) == {"own", "aggregate"}
    assert resolved([closest, aggregate], set()) == {"closest", "aggregate"}
    assert resolved([closest, aggregate], {"own"}) == {"own", "aggregate"}
    assert resolved([override], {"own"}) == {"override"}
    assert resolved([override, aggregate, table("override", "deeper")], {"own"}) == {"override"}
    assert resolved([aggregate, closest, override, closest], {"own"}) == {"aggregate", "override"}


@pytest.mark.parametrize(
    "text",
    [
        "version = 2\n[[annotations]]\npath = 'a'\n",
        "[[annotations]]\npath = 'a'\n",
        "version = 1\n[[annotations]]\nSPDX-License-Identifier = 'MIT'\n",
        "version = 1\n[[annotations]]\npath = 3\n",
        "version = 1\n[[annotations]]\npath = ['a', 3]\n",
        "version = 1\n[[annotations]]\npath = 'a'\nprecedence = 'mine'\n",
        "version = 1\n[[annotations]]\npath = 'a'\nprecedence = ['closest']\n",
        "version = 1\nannotations = 'a'\n",
        "version = 1\nannotations = ['a']\n",
        "version = 1\n<<<<<<< HEAD\n",
        "a = " + "[" * 5000,
        "\0\1",
    ],
)
def test_one_that_can_not_be_read_says_some_licence_of_what_says_none(text: str) -> None:
    assert tables_of(text.encode()) == UNREADABLE
    assert spoken(text, "a/b") == ("closest", ["unrecognised"])


def test_an_expression_that_is_none_is_some_licence() -> None:
    text = "version = 1\n[[annotations]]\npath = '**'\nSPDX-License-Identifier = ['Ask Jo', 'MIT']\n"
    assert spoken(text, "a") == ("closest", ["MIT", "unrecognised"])
