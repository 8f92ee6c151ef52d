"""``marlin report``: what a campaign has found out so far."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import accounts, campaigns
from marlin.cli.columns import folded
from marlin.cli.database import in_transaction
from marlin.cli.whole_files import whole_file
from marlin.counted import counted
from marlin.leaderboards import (
    DecisionOut,
    Interval,
    LeaderboardOut,
    Report,
    Slice,
    full_report,
    to_csv,
    to_html,
    votes_as_csv,
)

console = Console(soft_wrap=True, highlight=False)
told = Console(stderr=True, soft_wrap=True, highlight=False)


def report(
    campaign: Annotated[str, typer.Argument(help="The campaign's slug.")],
    axis: Annotated[str, typer.Option(help="overall, or an axis of the rubric.")] = "overall",
    category: Annotated[str | None, typer.Option(help="Votes on this kind of work only, such as bug_fix.")] = None,
    language: Annotated[str | None, typer.Option(help="Votes on changes in this language only.")] = None,
    agent: Annotated[str | None, typer.Option(help="Votes between arms of this agent only.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write everything into one HTML file.", metavar="FILE")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write the leaderboard as CSV.", metavar="FILE")] = None,
    votes: Annotated[
        Path | None, typer.Option(help="Write every accepted vote as CSV, for statistics of your own.", metavar="FILE")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Tell which arm of a campaign is better, how sure that is, and what the next dollar buys.

    It names arms: for operators' eyes.

    marlin report spring --axis maintainability
    marlin report spring --html spring.html --csv spring.csv
    marlin report spring --votes votes.csv
    """
    wish = Slice(category, language, agent)

    async def work(session: AsyncSession) -> Report:
        found = await campaigns.find_campaign(session, campaign)
        # what was looked at is not taken away again: reviewers' undo asks the log
        accounts.record_audit(session, None, "report.made", f"campaign:{found.id}")
        return await full_report(session, found.id, axis=axis, wish=wish)

    found = in_transaction(work)
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
    else:
        _print(found)
    for path, text in ((html, to_html), (csv, lambda one: to_csv(one.leaderboard))):
        if path is not None:
            _write(path, text(found))
    if votes is not None:
        in_transaction(lambda session: _write_votes(session, found.leaderboard.campaign_id, votes))


async def _write_votes(session: AsyncSession, campaign_id: UUID, path: Path) -> None:
    """As they are read: a hundred thousand need no more memory than one."""
    with whole_file(path) as file, told.status("Writing votes …") as status:
        async for text, count in votes_as_csv(session, campaign_id):
            file.write(text)
            status.update(f"Writing votes … {count:,}")
    told.print(f"Wrote {escape(str(path))}: {counted(count, 'vote')}.")


def _write(path: Path, text: str) -> None:
    with whole_file(path) as file:
        file.write(text)
    told.print(f"Wrote {escape(str(path))}.")


def _print(found: Report) -> None:
    board = found.leaderboard
    if board.synthetic:
        console.print("[bold white on red] SYNTHETIC: simulated contributors, no real judgement [/]")
    counts = board.counts
    console.print(
        f"[bold]{escape(board.title)}[/]: {counts.in_words()} ({counts.ties:,} equal, {counts.both_bad:,} both bad); "
        f"{escape(board.slice)}."
    )
    console.print(f"\n[bold]Since {found.changes.since:%Y-%m-%d}[/]")
    for said in found.changes.words:
        console.print(f"- {escape(said)}")
    if found.decision is not None:
        _print_decision(found.decision)
    else:
        console.print("No question is registered, so nothing is decided; `marlin question register` registers one.")
    _print_standings(board)
    for note in board.provenance.notes:
        console.print(f"[yellow]note:[/] {escape(note)}")
    made = board.provenance
    data = f"; data {made.data_hash}" if made.data_hash else ""
    console.print(f"[dim]{escape(made.method)}{data}[/]")


def _print_decision(found: DecisionOut) -> None:
    console.print(f"\n[bold]{escape(found.words)}[/]")
    if found.control is not None:
        console.print(escape(found.control.words))
    console.print(f"Anyone may watch: {escape(found.watched.words)}")
    console.print(f"Spent ${found.spent_usd:,.0f} on {counted(found.comparisons, 'comparison')}.\n")


def _print_standings(board: LeaderboardOut) -> None:
    table = Table("rank", folded("arm"), "score", "95 %", "votes", "won", "lost", "equal", "both bad", title=board.axis)
    for row in board.standings:
        table.add_row(
            "–" if row.rank is None else f"{row.rank} ({row.rank_low}–{row.rank_high})",
            escape(row.arm),
            _number(row.score),
            _range(row.score),
            *(f"{value:,}" for value in (row.votes, row.wins, row.losses, row.ties, row.both_bad)),
        )
    console.print(table)


def _number(value: Interval) -> str:
    return "–" if value.estimate is None else f"{value.estimate:,.0f}"


def _range(value: Interval) -> str:
    return "–" if value.low is None or value.high is None else f"{value.low:,.0f} to {value.high:,.0f}"
