"""Charts for the report, as SVG that follows the page's colours. Pure; a table beside each holds the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from marlin.counted import counted
from marlin.leaderboards.schemas import PathPoint, Standing
from marlin.statistics import grades

_WIDTH = 860
_LEFT = 200
_RIGHT = 30
_ROW = 28


_ROWS_AT_A_TIME = 20
"""A taller chart fits on no printed page beside its heading, and would be cut there."""


def interval_charts(standings: Sequence[Standing]) -> list[tuple[str, str]]:
    """A dot and its interval for each arm, in charts of the same scale that a page can hold, each with its caption."""
    rows = [row for row in standings if row.score.estimate is not None]
    if not rows:
        return []
    lows = [value for row in rows if (value := row.score.low) is not None] or [
        row.score.estimate or 0.0 for row in rows
    ]
    highs = [value for row in rows if (value := row.score.high) is not None] or lows
    scale = _Scale(min(*lows, 0.0), max(*highs, 0.0))
    found = []
    for start in range(0, len(rows), _ROWS_AT_A_TIME):
        shown = rows[start : start + _ROWS_AT_A_TIME]
        which = "" if len(shown) == len(rows) else f", arms {start + 1} to {start + len(shown)} of {len(rows)}"
        caption = f"Scores with 95 % intervals{which}"
        found.append((caption, _frame(_ROW * len(shown) + 40, caption, _intervals(shown, scale))))
    return found


def _intervals(rows: Sequence[Standing], scale: _Scale) -> list[str]:
    parts = [_axis(scale, _ROW * len(rows) + 40)]
    for place, row in enumerate(rows):
        y = _ROW * place + 20
        parts.append(f'<text x="{_LEFT - 12}" y="{y + 4}" text-anchor="end">{escape(_short(row.arm))}</text>')
        if row.score.low is not None and row.score.high is not None:
            parts.append(
                f'<line x1="{scale(row.score.low):.1f}" x2="{scale(row.score.high):.1f}" y1="{y}" y2="{y}" '
                'stroke="var(--mark)" stroke-width="2"/>'
            )
        assert row.score.estimate is not None
        parts.append(f'<circle cx="{scale(row.score.estimate):.1f}" cy="{y}" r="5" fill="var(--mark)"/>')
    return parts


def path_charts(path: Sequence[PathPoint], arm: str, *, graded: bool = False) -> list[tuple[str, str]]:
    """The share of preferences as comparisons came in, with the band that holds at every look, and its caption.

    :param graded: what is shown are grades of the scale, −3 to +3.
    """
    if len(path) < 2:
        return []
    height, top, bottom = 260, 20, 220
    last = path[-1].comparisons
    first = path[0].comparisons

    def x(comparisons: int) -> float:
        return _LEFT + (comparisons - first) / max(1, last - first) * (_WIDTH - _LEFT - _RIGHT)

    def y(share: float) -> float:
        return bottom - share * (bottom - top)

    upper = [f"{x(point.comparisons):.1f},{y(point.high):.1f}" for point in path]
    lower = [f"{x(point.comparisons):.1f},{y(point.low):.1f}" for point in reversed(path)]
    line = [f"{x(point.comparisons):.1f},{y(point.share):.1f}" for point in path]
    parts = [
        f'<polygon points="{" ".join(upper + lower)}" fill="var(--mark)" opacity="0.2"/>',
        f'<polyline points="{" ".join(line)}" fill="none" stroke="var(--mark)" stroke-width="2"/>',
    ]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        dash = "" if share == 0.5 else ' stroke-dasharray="2 4"'
        tick = grades(share) if graded else f"{share:.0%}"
        parts.append(
            f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y(share):.1f}" y2="{y(share):.1f}" stroke="var(--line)"'
            f'{dash}/><text x="{_LEFT - 12}" y="{y(share) + 4:.1f}" text-anchor="end">{tick}</text>'
        )
    parts.append(f'<text x="{_LEFT}" y="{height - 10}">{first:,}</text>')
    parts.append(
        f'<text x="{_WIDTH - _RIGHT}" y="{height - 10}" text-anchor="end">{counted(last, "comparison")}</text>'
    )
    what = "Lead in grades" if graded else "Share of preferences"
    caption = f"{what} for {arm}, with the interval that anyone may watch"
    return [(caption, _frame(height, caption, parts))]


class _Scale:
    """From values to places across."""

    def __init__(self, low: float, high: float) -> None:
        self.low = low
        self.high = high if high > low else low + 1

    def __call__(self, value: float) -> float:
        return _LEFT + (value - self.low) / (self.high - self.low) * (_WIDTH - _LEFT - _RIGHT)


def _axis(scale: _Scale, height: int) -> str:
    zero = scale(0.0)
    apart = _LEFT + 60 < zero < _WIDTH - _RIGHT - 60  # from the names of both ends
    return (
        f'<line x1="{zero:.1f}" x2="{zero:.1f}" y1="5" y2="{height - 25}" stroke="var(--line)" stroke-dasharray="2 4"/>'
        f'<text x="{scale(scale.low):.1f}" y="{height - 6}">{_points(scale.low)}</text>'
        f'<text x="{scale(scale.high):.1f}" y="{height - 6}" text-anchor="end">{_points(scale.high)}</text>'
        + (f'<text x="{zero:.1f}" y="{height - 6}" text-anchor="middle">0</text>' if apart else "")
    )


def _frame(height: int, label: str, parts: list[str]) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" role="img" '
        f'aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )


def _points(value: float) -> str:
    return f"{value:,.0f}".replace("-", "\N{MINUS SIGN}")


def _short(name: str) -> str:
    return name if len(name) <= 26 else name[:25] + "…"
