"""``marlin arm``: enter agents into campaigns, list them, rest them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import campaigns
from marlin.campaigns import Arm, ArmOut
from marlin.cli.columns import folded, whole
from marlin.cli.database import in_transaction
from marlin.errors import InvalidInputError, NotFoundError

app = typer.Typer(no_args_is_help=True, help="Arms: the agents within a campaign.")
console = Console(soft_wrap=True, highlight=False)

Slug = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="The campaign's slug.")]
Name = Annotated[str, typer.Argument(metavar="ARM", help="The arm's name.")]
KeyEnv = Annotated[str | None, typer.Option(help="NAME of the environment variable that holds the key; never the key.")]
MayTrain = Annotated[
    bool,
    typer.Option("--outputs-may-train", help="The provider's terms let a model be trained on this arm's outputs."),
]


@app.command()
def add(
    slug: Slug,
    agent: Annotated[str, typer.Argument(help="A shipped agent spec's name, or the path of your own (TOML).")],
    name: Annotated[str | None, typer.Option(help="The arm's name; contributors never see it. [agent-model]")] = None,
    model: Annotated[str | None, typer.Option(help="What the upstream calls the model.")] = None,
    upstream: Annotated[str | None, typer.Option(help="Name of an upstream, or its address (then with --api).")] = None,
    api: Annotated[str | None, typer.Option(help="anthropic, openai-chat or openai-responses.")] = None,
    key_env: KeyEnv = None,
    setting: Annotated[list[str] | None, typer.Option(help="A setting, name=value; may be repeated.")] = None,
    outputs_may_train: MayTrain = False,
    price_input: Annotated[float, typer.Option(help="US dollars per million input tokens.")] = 0.0,
    price_output: Annotated[float, typer.Option(help="US dollars per million output tokens.")] = 0.0,
    price_cache_read: Annotated[float, typer.Option(help="US dollars per million cached tokens read.")] = 0.0,
    price_cache_write: Annotated[float, typer.Option(help="US dollars per million tokens written to the cache.")] = 0.0,
) -> None:
    """Enter an agent into a campaign. The key itself is never stored: a worker looks it up in its environment."""
    wish = campaigns.parse_arm(
        {
            "name": name or _default_name(agent, model),
            "agent": str(Path(agent).expanduser().resolve()) if _is_path(agent) else agent,
            "model": model,
            "upstream": upstream,
            "api": api,
            "key_env": key_env,
            "settings": _settings(setting or []),
            "outputs_may_train": outputs_may_train,
            "pricing": {
                "input": price_input,
                "output": price_output,
                "cache_read": price_cache_read,
                "cache_write": price_cache_write,
            },
        }
    )

    async def work(session: AsyncSession) -> ArmOut:
        campaign = await campaigns.find_campaign(session, slug)
        return ArmOut.of(await campaigns.add_arm(session, campaign, wish, actor=None))

    added = in_transaction(work)
    console.print(f"Arm {added.name} entered {escape(slug)}.")
    if added.key_env and not os.environ.get(added.key_env):
        console.print(f"{added.key_env} is not set here; set it where `marlin up` or `marlin worker` starts.")


def _is_path(agent: str) -> bool:
    return "/" in agent or agent.endswith(".toml")


def _default_name(agent: str, model: str | None) -> str:
    base = Path(agent).stem if _is_path(agent) else agent
    whole = f"{base}-{model}" if model else base
    return "".join(character if character.isalnum() or character in "._-" else "-" for character in whole.lower())[:63]


def _settings(pairs: list[str]) -> dict[str, object]:
    settings: dict[str, object] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise InvalidInputError(
                f"A setting is name=value, not {name!r}.", hint="For example --setting effort=high."
            )
        try:
            settings[name.strip()] = json.loads(value)
        except ValueError:
            settings[name.strip()] = value
    return settings


@app.command("list")
def list_arms(slug: Slug, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List a campaign's arms. For operators: contributors must not learn what is behind a side."""

    async def work(session: AsyncSession) -> list[ArmOut]:
        campaign = await campaigns.find_campaign(session, slug)
        return [ArmOut.of(arm) for arm in await campaigns.list_arms(session, campaign.id)]

    arms = in_transaction(work)
    if as_json:
        typer.echo(json.dumps([arm.model_dump(mode="json") for arm in arms], indent=2))
        return
    table = Table(whole("name"), *map(folded, ("agent", "model", "upstream", "key in", "may train", "active")))
    for arm in arms:
        key = arm.key_env or "–"
        if arm.key_env and not os.environ.get(arm.key_env):
            key += " (not set here)"
        names = (arm.name, arm.agent, arm.model or "–", arm.upstream or "–", key)
        table.add_row(*map(escape, names), _yes(arm.outputs_may_train), _yes(arm.active))
    console.print(table)


def _yes(fact: bool) -> str:
    return "yes" if fact else "no"


def _set_active(slug: str, name: str, *, active: bool) -> None:
    async def work(session: AsyncSession) -> Arm:
        campaign = await campaigns.find_campaign(session, slug)
        for arm in await campaigns.list_arms(session, campaign.id):
            if arm.name == name:
                return await campaigns.set_arm_active(session, campaign.id, arm.id, active=active, actor=None)
        raise NotFoundError(f"Campaign {slug} has no arm {name}.", hint=f"`marlin arm list {slug}` shows its arms.")

    in_transaction(work)
    console.print(f"Arm {escape(name)} {'plays' if active else 'rests'}.")


@app.command()
def rest(slug: Slug, name: Name) -> None:
    """Draw an arm for no new comparison; those that have begun go on."""
    _set_active(slug, name, active=False)


@app.command()
def activate(slug: Slug, name: Name) -> None:
    """Draw a resting arm again."""
    _set_active(slug, name, active=True)
