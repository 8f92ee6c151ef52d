"""``marlin question``: what a campaign is to find out, written down before the answer can be seen."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import accounts, campaigns, leaderboards
from marlin.cli.database import in_transaction
from marlin.cli.question_prints import print_amendment, print_plan, print_question, print_versions
from marlin.errors import InvalidInputError
from marlin.leaderboards import PlanOut, QuestionOut, QuestionWish

app = typer.Typer(
    no_args_is_help=True, help="Questions: plan, register, amend and show what a campaign is to find out."
)
console = Console(soft_wrap=True, highlight=False)
told = Console(stderr=True, soft_wrap=True, highlight=False)

_DEFAULTS = {name: field.default for name, field in QuestionWish.model_fields.items()}


def _option(field: str, text: str, default: str | None = None) -> Any:
    """An option of three commands. It says what a new question has; an amendment keeps what the question has."""
    return typer.Option(help=f"{text} Default: {_DEFAULTS[field] if default is None else default}.")


Slug = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="The campaign's slug.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Yes = Annotated[bool, typer.Option("--yes", help="Register it without asking.")]

_BASELINE = "The arm that you have."
_CANDIDATE = "The arm that may be better: shares above one half speak for it."
Baseline = Annotated[str, typer.Option(help=_BASELINE, metavar="ARM")]
Candidate = Annotated[str, typer.Option(help=_CANDIDATE, metavar="ARM")]
NewBaseline = Annotated[str | None, typer.Option(help=_BASELINE, metavar="ARM")]
NewCandidate = Annotated[str | None, typer.Option(help=_CANDIDATE, metavar="ARM")]

Axis = Annotated[str | None, _option("axis", "overall, or an axis of the rubric.")]
SmallestShare = Annotated[
    float | None,
    _option("smallest_share", "The smallest effect of interest: the share of preferences that makes you act."),
]
Alpha = Annotated[float | None, _option("alpha", "Chance of a wrong preference, at most.")]
Power = Annotated[float | None, _option("power", "Chance of finding the smallest effect, at least.")]
Sides = Annotated[int | None, _option("sides", "2: which arm is better? 1: is the candidate?")]
MostComparisons = Annotated[
    int | None, _option("most_comparisons", "The cap of accepted comparisons.", "as many as the power needs")
]
Looks = Annotated[int | None, _option("looks", "At how many points the rule may stop.")]
Contributors = Annotated[int | None, _option("contributors", "How many are expected to take part.", "not known")]
Icc = Annotated[float | None, _option("icc", "How alike two votes of one contributor are; needs --contributors.")]
EqualShare = Annotated[float | None, _option("equal_share", "The share of equal verdicts that is expected.")]
Control = Annotated[
    str | None, _option("control", "Control variate: none, checks_passed, changed_lines or model_calls.")
]
Counts = Annotated[str | None, _option("counts", "What of a vote counts: side, or strength.")]
WhenDecided = Annotated[str | None, _option("when_decided", "tell, or pause: no new work once it is decided.")]


@app.command()
def plan(
    context: typer.Context,
    campaign: Slug,
    baseline: Baseline,
    candidate: Candidate,
    axis: Axis = None,
    smallest_share: SmallestShare = None,
    alpha: Alpha = None,
    power: Power = None,
    sides: Sides = None,
    most_comparisons: MostComparisons = None,
    looks: Looks = None,
    contributors: Contributors = None,
    icc: Icc = None,
    equal_share: EqualShare = None,
    control: Control = None,
    counts: Counts = None,
    when_decided: WhenDecided = None,
    as_json: AsJson = False,
) -> None:
    """Tell what a question would find and cost. Nothing is registered.

    marlin question plan spring --baseline current --candidate tuned --smallest-share 0.6
    """
    wish = leaderboards.wish_of(_given(context), called=_called)

    async def foreseen(session: AsyncSession) -> PlanOut:
        return await leaderboards.plan(session, await campaigns.find_campaign(session, campaign), wish)

    found = in_transaction(foreseen)
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
        return
    print_question(console, wish)
    print_plan(console, found, wish)


@app.command()
def register(
    context: typer.Context,
    campaign: Slug,
    baseline: Baseline,
    candidate: Candidate,
    axis: Axis = None,
    smallest_share: SmallestShare = None,
    alpha: Alpha = None,
    power: Power = None,
    sides: Sides = None,
    most_comparisons: MostComparisons = None,
    looks: Looks = None,
    contributors: Contributors = None,
    icc: Icc = None,
    equal_share: EqualShare = None,
    control: Control = None,
    counts: Counts = None,
    when_decided: WhenDecided = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Register what a campaign is to find out. It shows the plan first, and asks: it can't be changed silently.

    marlin question register spring --baseline current --candidate tuned --smallest-share 0.6
    """
    wish = leaderboards.wish_of(_given(context), called=_called)
    _require_somebody(yes)

    async def foreseen(session: AsyncSession) -> PlanOut:
        found = await campaigns.find_campaign(session, campaign)
        await leaderboards.require_newest(session, found.id, wish)
        return await leaderboards.plan(session, found, wish)

    found = in_transaction(foreseen)
    screen = told if as_json else console
    print_question(screen, wish)
    print_plan(screen, found, wish)
    _agree("Register it? It stays on record.", yes)
    _register(campaign, wish, as_json=as_json)


@app.command()
def amend(
    context: typer.Context,
    campaign: Slug,
    reason: Annotated[str, typer.Option(help="Why it is amended: shown with every result.")],
    version: Annotated[
        int | None, typer.Option(help="The version that you saw: refused if there is a newer one. Default: the newest.")
    ] = None,
    baseline: NewBaseline = None,
    candidate: NewCandidate = None,
    axis: Axis = None,
    smallest_share: SmallestShare = None,
    alpha: Alpha = None,
    power: Power = None,
    sides: Sides = None,
    most_comparisons: MostComparisons = None,
    looks: Looks = None,
    contributors: Contributors = None,
    icc: Icc = None,
    equal_share: EqualShare = None,
    control: Control = None,
    counts: Counts = None,
    when_decided: WhenDecided = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Amend a registered question: what is not given stays as it is, the cap among it. All versions are kept and shown.

    marlin question amend spring --looks 5 --reason "Fewer looks are enough."
    """
    _require_somebody(yes)

    async def foreseen(session: AsyncSession) -> tuple[QuestionOut, QuestionWish, PlanOut]:
        found = await campaigns.find_campaign(session, campaign)
        await leaderboards.require_question(session, found.id)
        seen = (await leaderboards.questions_of(session, found.id))[0]
        wish = leaderboards.amendment_of(seen, _given(context, seen) | {"amends": version}, called=_called)
        await leaderboards.require_newest(session, found.id, wish)
        return seen, wish, await leaderboards.plan(session, found, wish)

    seen, wish, found = in_transaction(foreseen)
    screen = told if as_json else console
    print_question(screen, wish)
    print_amendment(screen, wish, seen)
    print_plan(screen, found, wish)
    _agree(f"Amend version {seen.version}? Both stay on record.", yes)
    _register(campaign, wish, as_json=as_json)


@app.command()
def show(campaign: Slug, as_json: AsJson = False) -> None:
    """Show the registered question, and every version with its reason and what it changed."""

    async def work(session: AsyncSession) -> tuple[list[QuestionOut], dict[Any, str]]:
        found = await campaigns.find_campaign(session, campaign)
        await leaderboards.require_question(session, found.id)
        versions = await leaderboards.questions_of(session, found.id)
        people = {one.registered_by_id for one in versions if one.registered_by_id is not None}
        return versions, await accounts.names_of(session, people)

    versions, names = in_transaction(work)
    if as_json:
        typer.echo(json.dumps([one.model_dump(mode="json") for one in versions], indent=2))
        return
    print_versions(console, versions, names)


def _given(context: typer.Context, seen: QuestionOut | None = None) -> dict[str, Any]:
    """The options that are fields of a question, by their names there; where no arm is given it is that of ``seen``."""
    given = {name: value for name, value in context.params.items() if name in QuestionWish.model_fields}
    before = seen.arms if seen else [None, None]
    names = (context.params["baseline"], context.params["candidate"])
    return given | {"arms": [name or old for name, old in zip(names, before, strict=True)]}


def _called(field: str) -> str:
    """What the option of a field is called."""
    other = {"arms.0": "--baseline", "arms.1": "--candidate", "amends": "--version"}
    return other.get(field, f"--{field.replace('_', '-')}")


def _register(slug: str, wish: QuestionWish, *, as_json: bool) -> None:
    async def work(session: AsyncSession) -> QuestionOut:
        campaign = await campaigns.find_campaign(session, slug)
        return await leaderboards.register_question(session, campaign, wish, actor=None)

    made = in_transaction(work)
    if as_json:
        typer.echo(made.model_dump_json(indent=2))
        return
    done = "is registered" if made.version == 1 else f"is amended: version {made.version}"
    console.print(f"The question of {escape(slug)} {done}.")
    if made.accepted_before:
        console.print(
            f"{made.accepted_before:,} of its comparisons had been accepted by then; that is shown with every result."
        )


def _require_somebody(yes: bool) -> None:
    """:raises InvalidInputError: nobody could agree: said before anything is computed."""
    if not yes and not sys.stdin.isatty():
        raise InvalidInputError("Nobody is there to agree to this question.", hint="Add --yes.")


def _agree(ask: str, yes: bool) -> None:
    if not yes:
        typer.confirm(ask, abort=True, err=True)
