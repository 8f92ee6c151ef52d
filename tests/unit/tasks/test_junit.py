"""JUnit XML: what real runners write, what hostile ones do, and what stands below a log."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marlin.tasks.junit import (
    DEPTH,
    NAME,
    SECTION_BYTES,
    TESTS,
    NotAReportError,
    Report,
    counted,
    read_report,
    read_section,
    section,
    split_section,
    together,
)
from marlin.tasks.outcomes import lines_of, outcomes_data, read_outcomes

PYTEST = b"""<?xml version="1.0" encoding="utf-8"?>
<testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="4" time="0.04">
<testcase classname="tests.test_rows.TestRows" name="test_keeps[a &lt; b]" time="0.001" />
<testcase classname="tests.test_rows" name="test_cuts"><failure message="1 == 2">def ...</failure></testcase>
<testcase classname="tests.test_rows" name="test_later"><skipped type="pytest.skip" message="not yet"/></testcase>
<testcase classname="tests.test_rows" name="test_opens"><error message="failed on setup">E</error></testcase>
</testsuite></testsuites>"""

SUREFIRE = b"""<?xml version="1.0" encoding="UTF-8"?>
<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" name="com.shop.RowsTest" tests="2" failures="1">
<properties><property name="os" value="Linux"/></properties>
<testcase name="keeps" classname="com.shop.RowsTest"><system-out><![CDATA[<failure>]]></system-out></testcase>
<testcase name="cuts" classname="com.shop.RowsTest"><failure type="AssertionError">at ...</failure></testcase>
</testsuite>"""

JEST = b"""<testsuites name="jest tests" tests="2"><testsuite name="rows">
<testcase classname="rows keeps" name="rows keeps"></testcase>
<testcase classname="rows cuts" name="rows cuts"><failure>Error</failure></testcase>
</testsuite></testsuites>"""


@pytest.mark.parametrize(
    ("data", "outcomes"),
    [
        (
            PYTEST,
            {
                "tests.test_rows.TestRows::test_keeps[a < b]": "passed",
                "tests.test_rows::test_cuts": "failed",
                "tests.test_rows::test_later": "not_run",
                "tests.test_rows::test_opens": "failed",
            },
        ),
        (SUREFIRE, {"com.shop.RowsTest::keeps": "passed", "com.shop.RowsTest::cuts": "failed"}),
        (JEST, {"rows keeps": "passed", "rows cuts": "failed"}),
        (b"<testsuites/>", {}),
        (b'<testsuite><testcase classname="A"/></testsuite>', {}),
    ],
)
def test_what_runners_write_is_read(data: bytes, outcomes: dict[str, str]) -> None:
    assert read_report(data) == Report(outcomes, whole=True)


LAUGHS = b"<!DOCTYPE t [<!ENTITY a 'ha'>" + b"".join(
    b"<!ENTITY %c '%s'>" % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(8)
)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (LAUGHS + b"]><testsuite><testcase name='&i;'/></testsuite>", "document type"),
        (b"<!DOCTYPE t [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><testsuite name='&x;'/>", "document type"),
        (b"<!DOCTYPE t SYSTEM 'http://127.0.0.1/x.dtd'><testsuite/>", "document type"),
        (b"<testsuite>" + b"<a>" * DEPTH + b"</a>" * DEPTH + b"</testsuite>", "nested"),
        (b"<a>" * 1_000_000, "no test suite"),
        (b"<coverage version='7'/>", "no test suite"),
        (b"<testsuite><testcase name='&nothing;'/></testsuite>", "no well-formed"),
        (b"<testsuite><testcase name='a", "no well-formed"),
        (b"<testsuite><testcase name='\x1b[31m'/></testsuite>", "no well-formed"),
        (b"\x00" * 100, "no well-formed"),
        (b"", "no well-formed"),
    ],
)
def test_what_is_hostile_or_no_report_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(NotAReportError, match=reason):
        read_report(data)


def test_names_are_one_line_of_a_bounded_length_and_a_failure_is_never_hidden() -> None:
    cases = [
        '<testcase name="a&#10;✓ forged&#9;b" classname="c"/>',
        f'<testcase name="{"x" * 5_000}"/>',
        *('<testcase name="twice"><failure/></testcase>', '<testcase name="twice"/>'),
        *('<testcase name="retried"><skipped/></testcase>', '<testcase name="retried"/>'),
        '<testcase name="both"><failure/><skipped/></testcase>',
        '<testcase name="dark ‮"/>',
    ]
    report = read_report(f"<testsuite>{''.join(cases)}</testsuite>".encode())
    assert report.outcomes == {
        "c::a ✓ forged b": "passed",
        "x" * NAME: "passed",
        "twice": "failed",
        "retried": "passed",
        "both": "failed",
        "dark ‮": "passed",
    }
    others = Report({"twice": "passed", "new": "not_run"}, whole=True)
    assert together([report, others], whole=True).outcomes["twice"] == "failed"
    assert together([report], whole=False).whole is False


def test_more_tests_than_are_read_are_called_partial() -> None:
    many = b"".join(b'<testcase name="t%d"/>' % n for n in range(TESTS + 1))
    report = read_report(b"<testsuite>" + many + b"</testsuite>")
    assert (len(report.outcomes), report.whole) == (TESTS, False)
    written = section(report, ["report.xml"])
    assert len(written) < SECTION_BYTES + 1_000
    run = read_outcomes(b"all fine\n" + written)
    assert run is not None
    assert run.named == "some", "of a test that is not listed nothing is said"


def test_what_stands_below_a_log_says_the_same_again() -> None:
    report = read_report(PYTEST)
    written = section(report, ["a.xml", "b\n.xml", "c.xml", "d.xml"])
    lines = lines_of(b"2 failed, 1 passed in 0.1s\n" + written)
    above, below = split_section(lines)
    assert below[0] == "=== JUnit XML: 2 failed, 1 passed, 1 skipped · a.xml, b .xml, c.xml and 1 more files"
    assert "=== JUnit" not in "".join(above)
    reading = read_section(below)
    assert reading is not None
    assert {test: outcome for test, outcome, _ in reading.entries} == report.outcomes
    assert counted(Report({}, whole=True)) == "no tests"


def log(*failing: str, report: bool = True) -> bytes:
    names = ("keeps", "cuts")
    printed = "".join(f"tests/test_a.py::{name} {'FAILED' if name in failing else 'PASSED'}\n" for name in names)
    printed += f"=== {len(failing)} failed, {2 - len(failing)} passed in 0.1s ===\n"
    if not report:
        return printed.encode()
    outcomes = {f"tests.test_a::{name}": "failed" if name in failing else "passed" for name in names}
    return printed.encode() + section(Report(outcomes, whole=True), ["r.xml"])  # type: ignore[arg-type]


def test_what_changed_against_the_base_comes_from_the_reports_of_both() -> None:
    data = outcomes_data(log("keeps"), log("cuts"))
    assert (data["runners"], data["named"]) == (["JUnit XML"], "all")
    assert [(test["name"], test["group"]) for test in data["changed"]] == [
        ("tests.test_a::cuts", "newly_failing"),
        ("tests.test_a::keeps", "newly_passing"),
    ]
    line = data["changed"][0]["line"]
    assert "cuts" in lines_of(log("cuts"))[line - 1], "it leads to its place in the log"


@pytest.mark.parametrize(("base", "now"), [(True, False), (False, True)])
def test_a_report_of_one_of_the_two_is_not_held_against_what_the_other_printed(base: bool, now: bool) -> None:
    data = outcomes_data(log("keeps", report=base), log("cuts", report=now))
    assert data["runners"] == ["pytest"]
    assert data["counts"] == {"newly_failing": 1, "newly_passing": 1}


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: f"<testsuite>{text}</testsuite>".encode()))
def test_any_bytes_are_a_report_or_refused(data: bytes) -> None:
    with contextlib.suppress(NotAReportError):
        read_report(data)
