"""``marlin tune serve``, ``register`` and ``campaign``: a run's model back as an arm. Adds them to ``marlin tune``."""

from __future__ import annotations

import os
import shlex
import subprocess
from importlib.util import find_spec
from itertools import chain
from typing import Annotated, Any

import typer
from rich.markup import escape
from sqlalchemy.ext.asyncio import AsyncSession

from marlin import campaigns
from marlin.campaigns import ArmOut
from marlin.cli.arms import KeyEnv, MayTrain, Slug
from marlin.cli.database import in_transaction
from marlin.cli.doing import Doing
from marlin.cli.tiny_models import app
from marlin.cli.tune import Run, console, errors
from marlin.counted import counted
from marlin.errors import InvalidInputError
from marlin.training import require_extra
from marlin.training.errors import RunStateError, TuneExtraMissingError
from marlin.training.plan import RunFolder

__all__ = ["app"]


@app.command()
def serve(
    run: Run,
    host: Annotated[str, typer.Option(help="Where to listen; the endpoint asks for no key.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Where to listen.")] = 8000,
    parser: Annotated[str, typer.Option(help="vLLM's tool-call parser for this family of models.")] = "hermes",
    print_only: Annotated[bool, typer.Option("--print-only", help="Merge, print the commands, start nothing.")] = False,
) -> None:
    """Serve a run's merged model under a name that holds its hash, by `transformers serve`: for development.

    Prints the command for vLLM, which belongs into an environment of its own, for production. Ctrl-C ends it.

    marlin tune serve runs/one
    """
    require_extra()
    with Doing(errors) as doing:
        doing("loading the libraries")
        from marlin.training import serving
        from marlin.training.ending import ending_with_parent

        model = serving.served(RunFolder(run), doing)
    console.print(f"Model {model.name} in {escape(str(model.folder))}, SHA-256 {model.hash}")
    console.print("For production, from an environment with vLLM:")
    console.print(f"  {escape(shlex.join(serving.production_command(model, parser, host, port)))}")
    if print_only:
        return
    if find_spec("openai") is None:
        raise TuneExtraMissingError(
            "`transformers serve` needs the package openai.", hint="Run `make setup-tune` again."
        )
    console.print(f"Serving {model.name} at http://{host}:{port}/v1 …  Ctrl-C ends it. Then, in another terminal:")
    console.print(f"  marlin tune register {escape(str(run))} CAMPAIGN --url http://{host}:{port}/v1")
    environment = os.environ | {"HF_HUB_OFFLINE": "1"}
    status = subprocess.call(
        serving.development_command(model, host, port),
        cwd=model.folder.parent,
        env=environment,
        preexec_fn=ending_with_parent(),  # a server that nobody sees would hold port and memory
    )
    if status not in (0, 130, -2):
        raise RunStateError(
            f"The server ended with status {status}.",
            hint="Its own words are above; perhaps the port is taken: --port.",
        )


@app.command()
def register(
    run: Run,
    campaign: Slug,
    url: Annotated[str, typer.Option(help="Where the model is served, as workers reach it; ends in /v1.")],
    name: Annotated[str | None, typer.Option(help="The arm's name; contributors never see it. [tuned-HASH]")] = None,
    agent: Annotated[str, typer.Option(help="The harness, one that speaks openai-chat.")] = "minimal",
    key_env: KeyEnv = None,
    outputs_may_train: MayTrain = False,
) -> None:
    """Enter a run's served model into a campaign, once it has shown that it is that model and can call tools.

    It is asked with a prompt of its dataset, must answer under the name that holds its hash, and with a call of a
    declared tool that can be read; else it is refused and what it said is shown. The arm keeps the run, the dataset and
    the parent it comes from, and is never drawn for a repository of its training split.

    marlin tune register runs/one spring --url http://127.0.0.1:8000/v1
    """
    require_extra()
    with Doing(errors) as doing:
        doing("loading the libraries")
        from marlin.training import serving

        folder = RunFolder(run)
        model = serving.served(folder, doing)
        doing("reading the run's dataset")
        origin = serving.lineage(folder, model)
        dataset = folder.plan().folder
        pair = next(chain(dataset.pairs("test"), dataset.pairs("train")), None)
        if pair is None:
            raise RunStateError(
                "The run's dataset has no pair whose prompt could be asked.", hint="Use one with pairs."
            )
        key = os.environ.get(key_env) if key_env else None
        if key_env and not key:
            raise InvalidInputError(
                f"{key_env} is not set here.", hint="Set it to the server's key, and register again."
            )
        doing(f"asking {url}")
        said = serving.round_trip(model, pair, serving.asking(url, key))
    calls = [call["function"] for call in said["tool_calls"]]
    shown = "; ".join(f"{one['name']} {one['arguments']}" for one in calls)
    console.print(f"{model.name} calls {escape(shown)}")
    wish = campaigns.parse_arm(
        {
            "name": name or f"tuned-{model.hash[:12]}",
            "agent": agent,
            "model": model.name,
            "upstream": url,
            "api": "openai-chat",
            "key_env": key_env,
            "outputs_may_train": outputs_may_train,
            "lineage": origin,
        }
    )

    async def work(session: AsyncSession) -> tuple[ArmOut, list[str]]:
        found = await campaigns.find_campaign(session, campaign)
        others = [arm.name for arm in await campaigns.list_arms(session, found.id, only_active=True)]
        return ArmOut.of(await campaigns.add_arm(session, found, wish, actor=None)), others

    added, others = in_transaction(work)
    _tell(added, others, campaign, origin)


def _tell(arm: ArmOut, others: list[str], campaign: str, origin: dict[str, Any]) -> None:
    console.print(f"Arm {arm.name} entered {escape(campaign)}: {arm.model}, by {origin['method']}.")
    console.print(
        f"Parent {escape(origin['parent'])} ({origin['parent_hash'][:12]}), dataset {origin['dataset'][:12]}."
    )
    if origin["synthetic"]:
        console.print("[bold white on red] SYNTHETIC [/] It learnt from simulated judgement.")
    repositories = counted(len(origin["trained_on"]), "repository", "repositories")
    console.print(f"It is never drawn for the {repositories} that it was trained on.")
    if not others:
        console.print(f"The campaign has no other arm yet. Its parent: marlin arm add {escape(campaign)} {arm.agent} …")


@app.command("campaign")
def template(
    run: Run,
    slug: Annotated[str, typer.Option(help="The new campaign's slug.")],
    parent_url: Annotated[str, typer.Option(help="Where the parent is served; ends in /v1.")],
    parent_model: Annotated[str | None, typer.Option(help="What that server calls it. [the run's base model]")] = None,
    agent: Annotated[str, typer.Option(help="The harness of both arms.")] = "minimal",
) -> None:
    """Print the file of a campaign “tuned against parent”: the parent's arm, and what to decide beforehand.

    Create it, then `marlin tune register` enters the tuned model. Both have one harness, so that what differs is the
    model alone.

    marlin tune campaign runs/one --slug next --parent-url http://127.0.0.1:8001/v1 > next.toml
    """
    from marlin.training import record

    inputs = record.read(RunFolder(run)).get("inputs") or {}
    if not inputs:
        raise RunStateError(f"{run} has no record.", hint="Name a folder that `marlin tune` made.")
    text = campaigns.tuned_against_parent(
        slug=slug,
        parent=parent_model or inputs["model"]["name"],
        parent_hash=inputs["model"]["hash"],
        url=parent_url,
        agent=agent,
        dataset=inputs["dataset"]["id"],
        synthetic=bool(inputs["dataset"]["synthetic"]),
    )
    typer.echo(text, nl=False)
