"""Tables of commands cut nothing that somebody types again."""

from __future__ import annotations

import io

from rich.console import Console
from rich.table import Table

from marlin.cli.columns import folded, number, whole


def test_names_stand_whole_words_go_on_below_and_numbers_end_together() -> None:
    table = Table(whole("id"), folded("upstream address"), number("rows"), box=None)
    identity = "01a21c5a-b34a-792e-82fd-9d0d3c4fa665"
    table.add_row(identity, "https://models.example.com/v1", "7")
    table.add_row("short", "–", "1,842")
    out = io.StringIO()
    Console(file=out, width=60).print(table)
    lines = out.getvalue().splitlines()
    assert "…" not in out.getvalue()
    assert sum(identity in line for line in lines) == 1
    told = [line for line in lines if line.rstrip().endswith(("7", "1,842"))]
    assert len({len(line.rstrip()) for line in told}) == 1
    assert any("upstream" in line for line in lines)  # a heading is folded between words
