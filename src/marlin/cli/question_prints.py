"""How ``marlin question`` tells questions and what they cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from marlin.cli.output import visible
from marlin.counted import counted
from marlin.leaderboards import PlanOut, QuestionOut, QuestionWish, question_words


def print_question(screen: Console, question: QuestionOut | QuestionWish) -> None:
    """The question and what is registered beside it."""
    screen.print(f"[bold]{escape(question_words.asked(question))}[/]")
    screen.print(escape(" ".join(question_words.beside(question))))


def print_amendment(screen: Console, wish: QuestionWish, seen: QuestionOut) -> None:
    """What it changes in the version it amends."""
    screen.print(f"\nAmends version {seen.version}, because: {escape(visible(wish.reason.strip()))}")
    for change in question_words.changes(wish, seen) or ["Nothing but the reason is different."]:
        screen.print(f"- {escape(change)}")


def print_plan(screen: Console, plan: PlanOut, wish: QuestionWish) -> None:
    """What it would find and cost: in a sentence, by true share, and at which looks."""
    screen.print(f"\n[bold]{_summary(plan, wish)}[/]")
    for note in plan.provenance.notes:
        screen.print(f"[yellow]note:[/] {escape(note)}")
    if plan.fixed_comparisons is None or plan.fixed_usd is None:
        screen.print("Without looks: never enough, as no number of votes of so few contributors is.")
    else:
        screen.print(f"Without looks: {counted(plan.fixed_comparisons, 'comparison')}, ${plan.fixed_usd:,.0f}.")
    screen.print(f"At most: {counted(plan.most_comparisons, 'comparison')}, ${plan.most_usd:,.0f}.")
    *others, last = (look.comparisons for look in plan.looks)
    after = ", ".join([*(f"{number:,}" for number in others), counted(last, "accepted comparison")])
    screen.print(f"{'Looks after' if others else 'One look, after'} {after}.\n")
    columns = ("true share", "chance of finding it", "stopped as futile", "comparisons", "dollars")
    table = Table(*columns, title="On average")
    for column in table.columns:
        column.justify = "right"
    for point in plan.curve:
        table.add_row(
            question_words.exactly(point.share),
            f"{100 * point.power:.1f} %",
            f"{100 * point.futile:.1f} %",
            f"{point.mean_comparisons:,.0f}",
            f"${point.mean_usd:,.0f}",
        )
    screen.print(table)


def _summary(plan: PlanOut, wish: QuestionWish) -> str:
    point = min(plan.curve, key=lambda one: abs(one.share - wish.smallest_share))
    part = ""
    if plan.fixed_comparisons:
        part = f", {100 * point.mean_comparisons / plan.fixed_comparisons:.0f} % of what a design without looks costs"
    return (
        f"If the better arm really gets {question_words.exactly(point.share)}, it is found in {100 * point.power:.0f} "
        f"of 100 campaigns, after {counted(point.mean_comparisons, 'comparison')} on average: "
        f"${point.mean_usd:,.0f}{part}."
    )


def print_versions(screen: Console, versions: Sequence[QuestionOut], names: Mapping[UUID, str]) -> None:
    """The newest question in words, then each version: when, by whom, why, and what it changed.

    :param versions: the newest first.
    :param names: of the people who registered them.
    """
    print_question(screen, versions[0])
    for place, version in enumerate(versions):
        person = version.registered_by_id
        by = "from the command line" if person is None else f"by {names.get(person, 'somebody')}"
        screen.print(
            f"\nVersion {version.version}, {version.created_at:%Y-%m-%d %H:%M} UTC, {escape(visible(by))}; "
            f"{counted(version.accepted_before, 'comparison')} accepted before."
        )
        if version.reason:
            screen.print(f"Because: {escape(visible(version.reason))}")
        if place + 1 < len(versions):
            changed = question_words.changes(version, versions[place + 1])
            for change in changed or ["Nothing but the reason is different."]:
                screen.print(f"- {escape(change)}")
