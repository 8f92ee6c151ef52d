"""The size of a change."""

from __future__ import annotations

from marlin.comparisons.measuring import measured
from marlin.comparisons.size import LARGEST_FILE, measure

BASE = b"def total(items):\n    return sum(items)\n"
GROWN = b"def total(items):\n    if not items:\n        return 0\n    return sum(item for item in items if item)\n"


def test_lines_complexity_and_tests_are_counted_apart() -> None:
    size = measure(
        {"shop/total.py": BASE, "tests/test_total.py": None},
        {"shop/total.py": GROWN, "tests/test_total.py": b"def test_none():\n    assert total([]) == 0\n"},
        {"shop/total.py": (3, 1), "tests/test_total.py": (2, 0)},
        tests={"tests/test_total.py"},
    )
    assert (size.files, size.added_lines, size.removed_lines, size.added_test_lines) == (2, 5, 1, 2)
    assert size.complexity == 3
    assert size.most_complex == 4
    assert size.summary() == "+5 −1 in 2 files, 2 of them tests, complexity +3"


def test_no_change_measures_nothing() -> None:
    size = measure({"a.py": BASE}, {"a.py": BASE}, {})
    assert (size.added_lines, size.removed_lines, size.complexity, size.duplicated_lines) == (0, 0, 0, 0)


def test_copied_blocks_count_as_duplicated() -> None:
    block = "\n".join(f"    step_{number}()" for number in range(8))
    text = f"def a():\n{block}\n\ndef b():\n{block}\n".encode()
    assert measure({"a.py": b""}, {"a.py": text}, {"a.py": (19, 0)}).duplicated_lines >= 16
    once = f"def a():\n{block}\n".encode()
    assert measure({"a.py": b""}, {"a.py": once}, {"a.py": (9, 0)}).duplicated_lines == 0


def test_new_dependencies_are_named() -> None:
    size = measure(
        {
            "pyproject.toml": b'dependencies = [\n  "httpx>=0.27",\n]\n',
            "package.json": b'{"dependencies": {\n  "react": "^19.0.0"\n}}\n',
            "requirements-dev.txt": b"pytest\n",
        },
        {
            "pyproject.toml": b'dependencies = [\n  "httpx>=0.28",\n  "attrs[x] >= 1",\n]\n',
            "package.json": b'{"dependencies": {\n  "react": "^19.0.0",\n  "left-pad": "1.0.0"\n}}\n',
            "requirements-dev.txt": b"pytest==8.0\nnumpy ; python_version < '3.12'\n",
        },
        {},
    )
    assert size.new_dependencies == ("attrs", "left-pad", "numpy")


def test_binary_and_huge_files_are_only_counted() -> None:
    size = measure(
        {"a.bin": b"\0\1", "b.py": None},
        {"a.bin": b"\0\2", "b.py": b"x = 1\n" * 100_000},
        {"a.bin": (0, 0), "b.py": (100_000, 0)},
    )
    assert (size.files, size.unread, size.added_lines) == (2, 2, 100_000)


def test_text_that_no_reader_follows_does_no_harm() -> None:
    assert measure({"a.py": None}, {"a.py": b"def (((\n\xff\xfe\n" * 50}, {"a.py": (100, 0)}).files == 1


async def test_it_is_measured_apart_as_it_is_here() -> None:
    after = {"a.py": GROWN, "go.mod": b"require a.b/c v1\n"}
    change = ({"a.py": BASE, "go.mod": None}, after, {"a.py": (3, 1), "go.mod": (1, 0)})
    assert await measured(*change) == measure(*change)
    assert await measured({}, {}, {}) == measure({}, {}, {})


def test_a_file_that_takes_too_long_is_left_out_and_said() -> None:
    slow = b"class A { void f() { " + b"a<" * 100_000
    lines = {"A.java": (1, 0), "b.py": (3, 1)}
    size = measure({"A.java": None, "b.py": BASE}, {"A.java": slow, "b.py": GROWN}, lines, seconds_a_file=0.05)
    assert (size.uncounted, size.complexity) == (1, 3)
    assert "functions of 1 file not counted in time" in size.summary()


async def test_a_change_that_takes_too_long_or_too_much_room_is_not_measured() -> None:
    long = {f"{number}.py": b"\n" * LARGEST_FILE for number in range(10)}
    assert await measured(dict.fromkeys(long), long, dict.fromkeys(long, (1, 0)), seconds=1) is None
    large = {"a.bin": b"\0" * (120 << 20)}
    assert await measured({"a.bin": None}, large, {"a.bin": (0, 0)}, memory=100 << 20) is None
