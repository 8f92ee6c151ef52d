"""``marlin campaign``: create campaigns from files, list, show, pause."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import campaigns, examples
from marlin.campaigns import Campaign, CampaignPatch
from marlin.cli.columns import folded, number, whole
from marlin.cli.database import in_transaction
from marlin.counted import counted
from marlin.errors import InvalidInputError, NotFoundError
from marlin.sandboxes import HOST_VIEW, LayerStore, pinned_images
from marlin.settings import get_settings

app = typer.Typer(no_args_is_help=True, help="Campaigns: create them from files, list, show, pause.")
console = Console(soft_wrap=True, highlight=False)

Slug = Annotated[str, typer.Argument(help="The campaign's slug.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def create(
    file: Annotated[str, typer.Argument(help="A campaign file (TOML), or example:NAME for a shipped one.")],
) -> None:
    """Create a campaign from a file."""
    wish = campaigns.parse_campaign(_read(file), source=file)

    async def work(session: AsyncSession) -> tuple[Campaign, int]:
        campaign = await campaigns.create_campaign(session, wish, actor=None)
        return campaign, len(await campaigns.list_arms(session, campaign.id))

    campaign, arms = in_transaction(work)
    console.print(f"Campaign {campaign.slug} is open, with {counted(arms, 'arm')}.")
    if arms < 2:
        console.print(f"It needs two arms: `marlin arm add {campaign.slug} AGENT …`.")
    here = pinned_images(LayerStore(get_settings().home / "layers"))
    lacking = [name for name in campaign.base_images if name not in here and name != HOST_VIEW]
    if lacking:
        console.print(f"Not on this machine, but each worker needs it: base image {', '.join(lacking)}.")
        console.print("`marlin image build NAME` makes one.")


def _read(file: str) -> str:
    if file.startswith("example:"):
        return examples.load_campaign_text(file.removeprefix("example:"))
    try:
        return Path(file).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        shipped = ", ".join(f"example:{name}" for name in examples.list_campaigns())
        raise NotFoundError(f"There is no file {file}.", hint=f"Shipped examples: {shipped}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{file} can't be read: {error}.", hint="A campaign file is UTF-8 text.") from error


@app.command()
def example(name: Annotated[str, typer.Argument(help="A shipped campaign's name, as in example:NAME.")]) -> None:
    """Print the file of a shipped campaign, to start your own from."""
    typer.echo(examples.load_campaign_text(name), nl=False)


@app.command("list")
def list_campaigns(as_json: AsJson = False) -> None:
    """List all campaigns."""

    async def work(session: AsyncSession) -> list[tuple[Campaign, int]]:
        found = await campaigns.list_campaigns(session, only_open=False)
        return [(one, len(await campaigns.list_arms(session, one.id, only_active=True))) for one in found]

    rows = in_transaction(work)
    if as_json:
        typer.echo(json.dumps([_facts(campaign) | {"active_arms": arms} for campaign, arms in rows], indent=2))
        return
    table = Table(whole("slug"), folded("title"), "status", *map(number, ("price", "turns", "active arms")))
    for campaign, arms in rows:
        price, turns = f"{campaign.price_cents / 100:.2f}", f"{campaign.min_turns}–{campaign.max_turns}"
        table.add_row(campaign.slug, escape(campaign.title), campaign.status, price, turns, str(arms))
    console.print(table)


@app.command()
def show(slug: Slug, as_json: AsJson = False) -> None:
    """Show a campaign with its rubric."""

    async def work(session: AsyncSession) -> dict[str, Any]:
        campaign = await campaigns.find_campaign(session, slug)
        rubric = await campaigns.current_rubric(session, campaign.id)
        axes = [axis["name"] for axis in rubric.content["axes"]]
        return _facts(campaign) | {"rubric": {"version": rubric.version, "axes": axes}}

    facts = in_transaction(work)
    if as_json:
        typer.echo(json.dumps(facts, indent=2))
        return
    table = Table("", "", show_header=False)
    for name, value in facts.items():
        table.add_row(name, escape(json.dumps(value) if isinstance(value, dict | list) else str(value)))
    console.print(table)


def _set_status(slug: str, status: str) -> None:
    async def work(session: AsyncSession) -> None:
        campaign = await campaigns.find_campaign(session, slug)
        patch = CampaignPatch.model_validate({"status": status})
        await campaigns.change_campaign(session, campaign.id, patch, actor=None)

    in_transaction(work)
    console.print(f"Campaign {escape(slug)} is {status}.")


@app.command()
def pause(slug: Slug) -> None:
    """Let nothing new begin; what has begun can be finished."""
    _set_status(slug, "paused")


@app.command("open")
def open_(slug: Slug) -> None:
    """Let work begin again."""
    _set_status(slug, "open")


@app.command()
def close(slug: Slug) -> None:
    """End the campaign; what has begun can be finished."""
    _set_status(slug, "closed")


def _facts(campaign: Campaign) -> dict[str, Any]:
    terms = campaigns.terms_snapshot(campaign)
    return {"id": str(campaign.id), "status": campaign.status, **terms, "example_briefs": campaign.example_briefs}
