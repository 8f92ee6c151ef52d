"""Leaderboards and reports as files: CSV, and one HTML page that needs nothing else. Pure."""

from __future__ import annotations

import csv
import io
from html import escape

from marlin.counted import counted
from marlin.leaderboards import svg
from marlin.leaderboards.agreement_schemas import AgreementOut, SelfAgreement
from marlin.leaderboards.csv_cells import cell
from marlin.leaderboards.figure_schemas import Interval, Provenance
from marlin.leaderboards.schemas import ChangesOut, DecisionOut, LeaderboardOut, Pairing, Report, Standing

_COLUMNS = [
    "campaign", "synthetic", "axis", "slice", "arm", "agent", "score", "score_low", "score_high", "rank", "rank_low",
    "rank_high", "votes", "wins", "losses", "ties", "both_bad", "week_change", "method", "data_hash", "computed_at",
]  # fmt: skip


def to_csv(board: LeaderboardOut) -> str:
    """One line for each arm, overall and then on each other axis. Opened in a spreadsheet no cell is a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    shown = [(board.axis, board.standings), *((one.axis, one.standings) for one in board.profile)]
    done: set[str] = set()
    for axis, standings in shown:
        if axis in done:
            continue
        done.add(axis)
        for row in standings:
            writer.writerow([cell(value) for value in _values(board, axis, row)])
    return text.getvalue()


def _values(board: LeaderboardOut, axis: str, row: Standing) -> list[object]:
    made = board.provenance
    return [
        board.campaign, board.synthetic, axis, board.slice, row.arm, row.agent, row.score.estimate, row.score.low,
        row.score.high, row.rank, row.rank_low, row.rank_high, row.votes, row.wins, row.losses, row.ties, row.both_bad,
        row.week_change, made.method, made.data_hash, made.computed_at.isoformat(),
    ]  # fmt: skip


def to_html(report: Report) -> str:
    """The whole report: tables and charts, no script, nothing fetched."""
    board = report.leaderboard
    parts = [_head(board), _changes(report.changes)]
    if report.decision is not None:
        parts.append(_decision(report.decision))
    parts += [_standings(board), _profile(board), _pairings(board), _sizes(board), _agreement(report.agreement)]
    parts.append(_provenance(board.provenance))
    return _PAGE.format(title=escape(f"{board.title}: evidence"), style=_STYLE, body="\n".join(parts))


def _head(board: LeaderboardOut) -> str:
    counts = board.counts
    mark = (
        '<p class="loud">Synthetic campaign: simulated contributors, no real judgement.</p>' if board.synthetic else ""
    )
    return (
        f"<h1>{escape(board.title)}</h1>{mark}<p>{counts.in_words()}; {counts.ties:,} equal, "
        f"{counts.both_bad:,} both bad. "
        f"{escape(board.slice[:1].upper() + board.slice[1:])}, axis {escape(board.axis)}.</p>"
        + _notes(board.provenance)
    )


def _changes(found: ChangesOut) -> str:
    said = "".join(f"<li>{escape(one)}</li>" for one in found.words)
    rows = [
        [one.arm, f"{one.rank_then or '–'}", f"{one.rank_now or '–'}", _estimate(one.score_then, 0),
         _estimate(one.score_now, 0), f"{one.new_votes:,}"]
        for one in found.moves
    ]  # fmt: skip
    headings = ["arm", "rank then", "rank now", "score then", "score now", "new votes"]
    return f"<h2>What changed since {found.since:%Y-%m-%d}</h2><ul>{said}</ul>{_table(headings, rows)}"


def _decision(found: DecisionOut) -> str:
    asked = found.question
    late = (
        f" It was registered after {counted(asked.accepted_before, 'comparison')} had been accepted."
        if asked.accepted_before
        else ""
    )
    graded = asked.counts == "strength"

    def told(value: Interval | None) -> str:
        return _estimate(_grades(value), 2) if graded else _estimate(value, 1, 100)

    heading, counts = ("lead, grades", " Votes count by their strength.") if graded else ("share, %", "")
    control = "" if found.control is None else f"<p>{escape(found.control.words)}</p>"
    rows = [
        [
            str(look.number),
            f"{look.comparisons:,}",
            _number(look.z),
            f"{'±' if asked.sides == 2 else ''}{look.upper:.2f}",
            # below 0 a question of two directions gives neither up
            "–" if asked.sides == 2 and (look.futility or 0) < 0 else _number(look.futility),
            told(look.share),
            _crossed(look.crossed, asked.arms),
        ]
        for look in found.looks
    ]
    return (
        f'<h2>Decision</h2><p class="words">{escape(found.words)}</p><p>Question {asked.version}: '
        f"{escape(asked.arms[0])} or {escape(asked.arms[1])} on {escape(asked.axis)}; α {asked.alpha:g}, power "
        f"{asked.power:g} at a share of {100 * asked.smallest_share:.4g} %, at most "
        f"{counted(asked.most_comparisons, 'comparison')}.{counts}{late}</p>{control}"
        f"<p>Anyone may watch: {escape(found.watched.words)}</p>"
        f"{_charts(svg.path_charts(found.path, asked.arms[1], graded=graded))}"
        + _table(["look", "comparisons", "z", "boundary", "futility", heading, "decided"], rows)
        + _notes(found.provenance)
    )


def _crossed(line: str | None, arms: list[str]) -> str:
    """What it means that a look has crossed a line."""
    return {"first": f"{arms[0]} preferred", "second": f"{arms[1]} preferred", "futility": "no difference"}.get(
        line or "", ""
    )


def _grades(value: Interval | None) -> Interval | None:
    """Support from 0 to 1 as grades of the scale."""
    if value is None:
        return None
    ends = (None if one is None else (one - 0.5) * 6 for one in (value.estimate, value.low, value.high))
    return Interval(**dict(zip(("estimate", "low", "high"), ends, strict=True)))


def _standings(board: LeaderboardOut) -> str:
    rows = [
        [
            f"{row.rank or '–'}", row.arm, row.agent, _number(row.score.estimate, 0), _range(row.score, 0),
            _ranks(row), f"{row.votes:,}", f"{row.wins:,}", f"{row.losses:,}",
            f"{row.ties:,}", f"{row.both_bad:,}", _number(row.week_change, 0),
        ]
        for row in board.standings
    ]  # fmt: skip
    headings = [
        "rank", "arm", "agent", "score", "95 % interval", "ranks", "votes", "won", "lost", "equal", "both bad", "week",
    ]  # fmt: skip
    return f"<h2>Leaderboard</h2>{_charts(svg.interval_charts(board.standings))}{_table(headings, rows, texts=3)}"


def _ranks(row: Standing) -> str:
    if row.rank_low is None or row.rank_high is None:
        return "–"
    return f"{row.rank_low}" if row.rank_low == row.rank_high else f"{row.rank_low}–{row.rank_high}"


def _profile(board: LeaderboardOut) -> str:
    by_axis = {one.axis: {row.arm: row.score for row in one.standings} for one in board.profile}
    rows = [[row.arm, *(_estimate(scores.get(row.arm), 0) for scores in by_axis.values())] for row in board.standings]
    return "<h2>By axis</h2>" + _table(["arm", *by_axis], rows if by_axis else [])


def _pairings(board: LeaderboardOut) -> str:
    rows = [
        [one.first, one.second, f"{one.votes:,}", f"{one.first_wins:,}", f"{one.second_wins:,}", f"{one.ties:,}",
         f"{one.both_bad:,}", _of_votes(one), _estimate(one.share, 1, 100)]
        for one in board.pairings
    ]  # fmt: skip
    headings = [
        "first", "second", "votes", "first won", "second won", "equal", "both bad", "second's share of votes, %",
        "estimated share, %",
    ]  # fmt: skip
    said = (
        "<p>The share of votes as they were given, and as it is estimated from the votes of the pair alone; while all "
        "of these go one way the estimate is drawn towards one half. An equal verdict counts half for each.</p>"
    )
    return f"<h2>Pair by pair</h2>{said}{_table(headings, rows, texts=2)}"


def _of_votes(one: Pairing) -> str:
    votes = one.first_wins + one.second_wins + one.ties
    return _number(100 * (one.second_wins + one.ties / 2) / votes if votes else None, 1)


def _sizes(board: LeaderboardOut) -> str:
    rows = [
        [one.arm, f"{one.results:,}", *(
            _number(value, digits)
            for value, digits in (
                (one.changed_lines, 0), (one.files, 0), (one.complexity, 1), (one.duplicated_lines, 1),
                (one.new_dependencies, 2), (one.steps, 0), (one.usd, 2),
            )
        ), _number(one.passed and one.passed * 100, 0)]
        for one in board.sizes
    ]  # fmt: skip
    headings = [
        "arm", "results", "changed lines", "files", "complexity", "duplicated lines", "new dependencies", "model calls",
        "US$", "checks passed, %",
    ]  # fmt: skip
    return "<h2>Size and simplicity</h2>" + _table(headings, rows)


def _agreement(found: AgreementOut) -> str:
    rows = [
        [one.axis, f"{one.items:,}", _estimate(one.alpha, 2), _estimate(one.agreement, 1, 100)] for one in found.axes
    ]
    return (
        "<h2>Agreement</h2>"
        + _table(["axis", "results judged by two", "alpha", "agreement, %"], rows)
        + f"<p>Preferences for side A: {_estimate(found.side, 1, 100)} %; sides are drawn, so 50 is expected. "
        f"{_themselves(found.themselves)}</p>" + _notes(found.provenance)
    )


def _themselves(found: SelfAgreement) -> str:
    if not found.judged_twice:
        return "Nobody judged again what they had judged before."
    results = f"{counted(found.judged_twice, 'result')}"
    return f"People who judged {results} a second time said the same in {_estimate(found.same, 1, 100)} %."


def _provenance(made: Provenance) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in sorted(made.versions.items()))
    return (
        f"<h2>Method</h2><p>{escape(made.method)}</p><p>Data hash <code>{escape(made.data_hash)}</code>; computed "
        f"{made.computed_at:%Y-%m-%d %H:%M} UTC with {escape(versions)}.</p>"
    )


def _notes(made: Provenance) -> str:
    if not made.notes:
        return ""
    return '<ul class="notes">' + "".join(f"<li>{escape(note)}</li>" for note in made.notes) + "</ul>"


_ON_ONE_PAGE = 12
"""A table of so few rows is printed on one page."""


def _table(headings: list[str], rows: list[list[str]], *, texts: int = 1) -> str:
    """:param texts: how many columns are text, from the left; the others are numbers."""
    if not rows:
        return "<p>Nothing to show yet.</p>"
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in headings)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    whole = " whole" if len(rows) <= _ON_ONE_PAGE else ""
    return f'<div><table class="text-{texts}{whole}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _charts(drawn: list[tuple[str, str]]) -> str:
    """Charts under their captions. A narrow page scrolls them rather than shrinks them until nobody can read them."""
    return "".join(
        f'<figure><figcaption>{escape(caption)}</figcaption><div class="chart">{chart}</div></figure>'
        for caption, chart in drawn
    )


def _number(value: float | None, digits: int = 2) -> str:
    return "–" if value is None else _signed(value, digits)


def _signed(value: float, digits: int) -> str:
    """With a minus sign, which is no hyphen; and no sign before a zero."""
    told = f"{value:,.{digits}f}".replace("-", "\N{MINUS SIGN}")
    return told.lstrip("\N{MINUS SIGN}") if not told.strip("\N{MINUS SIGN}0.") else told


def _range(value: Interval, digits: int, times: float = 1) -> str:
    if value.low is None or value.high is None:
        return "–"
    return f"{_signed(value.low * times, digits)} to {_signed(value.high * times, digits)}"


def _estimate(value: Interval | None, digits: int, times: float = 1) -> str:
    if value is None or value.estimate is None:
        return "–"
    return f"{_signed(value.estimate * times, digits)} [{_range(value, digits, times)}]"


_PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    # the file promises to need nothing else: a browser holds it to that
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    "<title>{title}</title><style>{style}</style></head><body><main>{body}</main></body></html>\n"
)

_STYLE = (
    ":root{color-scheme:light dark;--line:#8a8f98;--ink:#1a1d21;--ground:#fff;--mark:#0a58ca;--soft:#eef1f5}"
    "@media (prefers-color-scheme:dark){:root{--ink:#e6e8eb;--ground:#16181c;--mark:#7db1ff;--soft:#22262c}}"
    "body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--ground);margin:0}"
    "main{max-width:84rem;margin:auto;padding:2rem}h2{margin-top:2.5rem}div{overflow-x:auto}"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums}th,td{text-align:right;padding:.3rem .7rem;"
    "border-bottom:1px solid var(--soft);white-space:nowrap}th{vertical-align:bottom;white-space:normal}"
    ".text-1 :is(th,td):nth-child(-n+1),.text-2 :is(th,td):nth-child(-n+2),.text-3 :is(th,td):nth-child(-n+3)"
    "{text-align:left;white-space:normal;overflow-wrap:anywhere;min-width:5rem}"
    "h1{overflow-wrap:anywhere}.chart svg{min-width:36rem}.words{font-size:1.3em}"
    "figure{margin:1rem 0}figcaption{font-weight:600}"
    ".loud{background:#8a1c1c;color:#fff;padding:.5rem 1rem;font-weight:600}"
    ".notes{background:var(--soft);padding:.7rem 2rem}svg{max-width:100%;height:auto}svg text{fill:var(--ink);"
    "font:13px system-ui,sans-serif}code{overflow-wrap:anywhere}"
    "@page{size:A4 landscape;margin:12mm}@media print{:root{color-scheme:light;--ink:#000;--ground:#fff;--mark:#0a58ca;"
    "--soft:#d5dae1}body{font-size:10px}main{max-width:none;padding:0}h2{margin-top:1.5rem;break-after:avoid}"
    "div{overflow:visible}tr,figure,.whole,.notes,.loud{break-inside:avoid}h2+p{break-after:avoid}thead{display:table-header-group}"
    ".loud{color:#8a1c1c;background:none;border:2px solid}.notes{background:none;border-left:3px solid var(--line)}}"
)
