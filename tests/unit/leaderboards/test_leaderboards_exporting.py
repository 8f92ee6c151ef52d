"""Leaderboards as files."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from uuid import UUID

from marlin.leaderboards.agreement_schemas import AgreementOut, AxisAgreement, SelfAgreement
from marlin.leaderboards.csv_cells import cell
from marlin.leaderboards.exporting import to_csv, to_html
from marlin.leaderboards.figure_schemas import Counts, Interval, Provenance
from marlin.leaderboards.question_schemas import QuestionOut
from marlin.leaderboards.schemas import (
    AxisStandings,
    ChangesOut,
    DecisionOut,
    LeaderboardOut,
    Look,
    Move,
    Pairing,
    PathPoint,
    Report,
    Standing,
    Watched,
)

AT = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
CAMPAIGN = UUID(int=7)
NOTHING = Interval(estimate=None, low=None, high=None)


def made(*notes: str) -> Provenance:
    return Provenance(
        method="Davidson", data_hash="ab" * 32, computed_at=AT, versions={"marlin": "1"}, notes=list(notes)
    )


def standing(arm: str, score: Interval = NOTHING, **values: object) -> Standing:
    facts = {"rank": 1, "rank_low": 1, "rank_high": 2, "votes": 10, "wins": 6, "losses": 3, "ties": 1, "both_bad": 0}
    return Standing.model_validate(
        {"arm": arm, "agent": "scripted", "score": score, "week_change": None, **facts, **values}
    )


def board(*standings: Standing, **values: object) -> LeaderboardOut:
    facts = {
        "campaign_id": CAMPAIGN,
        "campaign": "demo",
        "title": "Demo",
        "synthetic": False,
        "axis": "overall",
        "axes": ["overall", "security"],
        "slice": "all votes",
        "categories": {},
        "languages": {},
        "agents": [],
        "counts": Counts(comparisons=10, votes=12, contributors=3, ties=1, both_bad=0, left_out={}),
        "standings": list(standings),
        "controlled": [],
        "effects": [],
        "pairings": [],
        "profile": [AxisStandings(axis="security", standings=list(standings))],
        "sizes": [],
        "provenance": made(),
    }
    return LeaderboardOut.model_validate(facts | values)


def agreement() -> AgreementOut:
    return AgreementOut(
        campaign_id=CAMPAIGN,
        axes=[AxisAgreement(axis="overall", items=4, alpha=NOTHING, agreement=NOTHING)],
        ceiling=NOTHING,
        side=Interval(estimate=0.52, low=0.45, high=0.59),
        same_arm=NOTHING,
        same_arm_equal=None,
        themselves=SelfAgreement(
            same=Interval(estimate=0.8, low=0.6, high=0.93), judged_twice=1, people=1, mean_move=1.0
        ),
        contributors=[],
        drifts=[],
        weeks=[],
        provenance=made("nobody judged what another had judged"),
    )


def decision() -> DecisionOut:
    return DecisionOut(
        question=QuestionOut(
            version=2,
            arms=["parent", "<b>tuned</b>"],
            axis="overall",
            smallest_share=0.55,
            alpha=0.05,
            power=0.8,
            sides=2,
            icc=0.0,
            contributors=None,
            equal_share=0.0,
            most_comparisons=800,
            looks=10,
            control="none",
            counts="side",
            when_decided="tell",
            accepted_before=12,
            reason="a third arm left",
            registered_by_id=None,
            created_at=AT,
        ),
        state="collecting",
        words="Nothing is decided: 57 % for <b>tuned</b>.",
        comparisons=80,
        share=Interval(estimate=0.57, low=0.44, high=0.69),
        level=0.95,
        watched=Watched(
            share=Interval(estimate=0.57, low=0.4, high=0.72),
            level=0.95,
            e_value=1.4,
            state="open",
            words="57 % for <b>tuned</b>: still open which is preferred.",
        ),
        looks=[Look(number=1, comparisons=80, reached=True, upper=2.4, futility=None, z=1.3, crossed=None, share=None)],
        path=[PathPoint(comparisons=n, share=0.5, low=0.1, high=0.9) for n in (10, 20, 80)],
        spent_usd=22_400,
        more_comparisons=200,
        more_usd=56_000,
        fixed_comparisons=780,
        provenance=made(),
    )


def changes() -> ChangesOut:
    return ChangesOut(
        since=AT,
        comparisons=3,
        votes=3,
        contributors=2,
        new_contributors=1,
        usd=840,
        moves=[Move(arm="<i>x", rank_then=2, rank_now=1, score_then=NOTHING, score_now=NOTHING, new_votes=3)],
        decision=None,
        agreement_then=NOTHING,
        agreement_now=NOTHING,
        words=["<i>x went from place 2 to 1."],
    )


def test_csv_has_a_line_for_each_arm_and_axis() -> None:
    text = to_csv(board(standing("b", Interval(estimate=12.5, low=-3, high=28)), standing("a")))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["axis"], row["arm"]) for row in rows] == [
        ("overall", "b"),
        ("overall", "a"),
        ("security", "b"),
        ("security", "a"),
    ]
    assert (rows[0]["score"], rows[0]["score_low"], rows[1]["score"]) == ("12.5", "-3", "")
    assert rows[0]["data_hash"] == "ab" * 32


def test_no_cell_of_the_csv_is_a_formula() -> None:
    text = to_csv(board(standing("=HYPERLINK(1)"), campaign="@sum"))
    row = next(csv.DictReader(io.StringIO(text)))
    assert (row["arm"], row["campaign"]) == ("'=HYPERLINK(1)", "'@sum")
    for name in ("'quoted", "'=1+1", "=1+1", "\uff1d1+1", "\n=1+1", "-2+3+cmd|' /C calc'!A0", "plain"):
        written = next(csv.DictReader(io.StringIO(to_csv(board(standing(name))))))["arm"]
        assert written[0] == ("p" if name == "plain" else "'")
        assert written.removeprefix("'") == name, "the value can be had again"


def test_arms_named_like_numbers_or_dates_stay_what_they_are_called() -> None:
    """Of arms 4.1 and 4.10, spreadsheets and data frames would make one; as ssconvert 1.12.55 showed."""
    values = (
        "4.10",
        "007",
        "1e5",
        "2026-01-02",
        "1-2",
        "may-4",
        "sep2",
        "5 Jan",
        "1:30 pm",
        "50%",
        "true",
        "nan",
        "#N/A",
    )
    assert [cell(text) for text in values] == [f"'{text}" for text in values]
    texts = ("tuned-3", "4.10-fine", "v2", "mays-4", "gpt_4", "march", "a", "", "2026-01-02T03:04:00+00:00")
    assert [cell(text) for text in texts] == list(texts)
    assert cell(UUID(int=12)) == "00000000-0000-0000-0000-00000000000c", "an id can't be taken for one"


def test_the_report_stands_alone_and_interprets_nothing() -> None:
    shown = board(
        standing("<script>alert(1)</script>", Interval(estimate=30, low=10, high=50)),
        standing("a", Interval(estimate=-30, low=-50, high=-10)),
        pairings=[
            Pairing(first="a", second="<i>", votes=5, first_wins=1, second_wins=4, ties=0, both_bad=0, share=NOTHING)
        ],
        title="Demo & more",
    )
    html = to_html(Report(changes=changes(), leaderboard=shown, agreement=agreement(), decision=decision()))
    assert "<script" not in html
    assert "<i>" not in html
    assert "<b>" not in html
    assert "&lt;b&gt;tuned&lt;/b&gt;" in html
    assert "Demo &amp; more" in html
    assert not re.search(r"""(?:src|href|url)\s*[=(]""", html)
    assert html.count("<svg") == 2
    assert "&lt;i&gt;x went from place 2 to 1." in html
    assert "registered after 12 comparisons" in html
    assert "nobody judged what another had judged" in html


def test_the_report_writes_words_and_numbers_as_people_do() -> None:
    shown = board(
        standing("a", Interval(estimate=-0.2, low=-50, high=-10)), slice="TypeScript, Claude & co, later turns"
    )
    html = to_html(Report(changes=changes(), leaderboard=shown, agreement=agreement(), decision=decision()))
    assert "TypeScript, Claude &amp; co, later turns, axis overall." in html
    assert "\N{MINUS SIGN}50 to \N{MINUS SIGN}10" in html
    assert "\N{MINUS SIGN}0<" not in html
    assert not re.search(r">-\d", html)
    assert "Content-Security-Policy" in html.split("<style>")[0]


def test_charts_are_no_taller_than_a_printed_page_and_say_what_they_show() -> None:
    arms = [standing(f"arm-{place:02d}", Interval(estimate=-place, low=-place - 9, high=9)) for place in range(45)]
    html = to_html(Report(changes=changes(), leaderboard=board(*arms), agreement=agreement(), decision=None))
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", html)
    assert captions == [
        f"Scores with 95 % intervals, arms {part} of 45" for part in ("1 to 20", "21 to 40", "41 to 45")
    ]
    assert html.count(">\N{MINUS SIGN}53</text>") == 3, "they share a scale"
    assert all(int(height) <= 600 for height in re.findall(r'<svg[^>]* height="(\d+)"', html))


def test_a_report_of_nothing_says_so() -> None:
    html = to_html(Report(changes=changes(), leaderboard=board(), agreement=agreement(), decision=None))
    assert "Nothing to show yet." in html
    assert "<svg" not in html
    assert "Decision" not in html


def test_a_synthetic_campaign_is_loud() -> None:
    assert "Synthetic campaign" in to_html(
        Report(changes=changes(), leaderboard=board(synthetic=True), agreement=agreement(), decision=None)
    )


def test_one_of_a_kind_is_one() -> None:
    one = Counts(comparisons=1, votes=1, contributors=1, ties=0, both_bad=0, left_out={})
    assert one.in_words() == "1 accepted comparison, 1 vote of 1 contributor"
    many = one.model_copy(update={"votes": 1200, "contributors": 12, "comparisons": 0})
    assert many.in_words() == "0 accepted comparisons, 1,200 votes of 12 contributors"
    late = decision().question.model_copy(update={"accepted_before": 1})
    text = to_html(
        Report(
            changes=changes(),
            leaderboard=board(),
            agreement=agreement(),
            decision=decision().model_copy(update={"question": late}),
        )
    )
    assert "after 1 comparison had been accepted" in text
