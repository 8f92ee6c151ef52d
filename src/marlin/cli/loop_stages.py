"""The stages of ``marlin loop --demo``. Each uses the commands and the HTTP API that people use."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

from marlin import campaigns
from marlin.cli.loop_record import Result, Results, Stage
from marlin.cli.loop_shared import Loop
from marlin.counted import counted
from marlin.dataset_files import read_rows
from marlin.errors import UnavailableError
from marlin.examples.shops import shop_briefs
from marlin.simulation import ByChecks
from marlin.simulation.teachers import BUSY, CAREFUL, teachers
from marlin.training import DatasetFolder, serving
from marlin.training.errors import RoundTripError, ServedModelError
from marlin.training.serving import Served
from marlin.visiting import Visitor

LIMITS = {"memory_mib": 512, "pids": 256, "cpus": 1.0, "disk_mib": 256}
HELD_OUT = 0.34
"""Share of the shops that nothing is trained on: there the tuned model meets its parent."""
TRIES = 3
"""Times that a tiny model is taught, each from other random weights, until a round trip with it parses."""
DPO = (
    *("--epochs", "6", "--batch", "4", "--accumulation", "1", "--learning-rate", "1e-3", "--lora-rank", "8"),
    *("--sft-weight", "1", "--dtype", "float32", "--no-gradient-checkpointing", "--save-steps", "10", "--yes"),
)


def stages(loop: Loop) -> list[Stage]:
    """All of them, in order."""
    there = _exists
    return [
        Stage(
            "collect",
            "Two scripted models work, simulated people judge by checks",
            "accepted preferences",
            lambda done: collect(loop),
        ),
        Stage(
            "dataset",
            "Freeze the accepted judgement",
            "a dataset, marked synthetic",
            lambda done: dataset(loop),
            there("path"),
        ),
        Stage(
            "teach",
            "Teach a tiny model the tool format, on a CPU",
            "the parent, which can call tools",
            lambda done: teach(loop, done),
            there("path"),
        ),
        Stage(
            "tune",
            "Tune it on the preferences (masked DPO)",
            "a tuned model",
            lambda done: tune(loop, done),
            there("path"),
        ),
        Stage(
            "evaluate",
            "Ask what it has learnt, on shops it never saw",
            "held-out accuracy, in words",
            lambda done: evaluate(loop),
        ),
        Stage(
            "register",
            "Serve both and enter the tuned model as an arm",
            "an arm that has shown it can call tools",
            lambda done: register(loop, done),
        ),
        Stage(
            "compare",
            "Tuned meets parent, blinded, on held-out shops",
            "new accepted comparisons",
            lambda done: compare(loop, done),
        ),
    ]


def _exists(name: str) -> Callable[[Result], bool]:
    return lambda result: Path(str(result[name])).is_dir()


def collect(loop: Loop) -> Result:
    """Agents work behind the gateway for two scripted models; people who go by the tests judge."""
    names = shop_briefs()[: loop.shops * 3]
    with teachers(loop.port("teachers")) as url:
        arms = [
            {
                "name": name,
                "agent": "minimal",
                "model": model,
                "upstream": url,
                "api": "openai-chat",
                "outputs_may_train": True,
            }
            for name, model in (("careful", CAREFUL), ("busy", BUSY))
        ]
        title = f"Loop {loop.name}: what two scripted models do"
        wish = _wish(loop.teaching, title, names) | {"arms": arms}
        return loop.play(ByChecks(loop.teaching, ("careful", "busy"), tuple(names), wish))


def _wish(slug: str, title: str, names: list[str]) -> dict[str, Any]:
    return {
        "slug": slug,
        "title": title,
        "guidelines": "Simulated contributors judge here, by the repositories' own tests: nobody's opinion.",
        "price_cents": 28000,
        "continuation": "session",
        "min_turns": 1,
        "max_turns": 1,
        "time_limit_seconds": 120,
        "set_up_time_limit_seconds": 60,
        "check_time_limit_seconds": 60,
        "budget_usd": 1,
        "limits": LIMITS,
        "synthetic": True,
        "assignment": {"overlap_rate": 0, "aa_rate": 0, "max_comparisons": len(names), "required": True},
        "example_briefs": names,
    }


def dataset(loop: Loop) -> Result:
    """By `marlin dataset build`, split by repository."""
    to = loop.folder / "datasets"
    lines = loop.marlin("dataset", "build", loop.teaching, "--to", str(to), "--test-fraction", str(HELD_OUT))
    path = to / next(name for line in reversed(lines) for name in [line.rpartition("/")[2]] if (to / name).is_dir())
    folder = DatasetFolder(path)
    rows = folder.manifest.views["trl_pref"].rows
    if not folder.synthetic or not all(rows[split] for split in ("train", "test")):
        raise UnavailableError(
            f"{path} has {counted(rows['train'], 'pair')} of trajectories to train on and {rows['test']} to test by, "
            f"and is {'' if folder.synthetic else 'not '}marked synthetic: there is nothing to go on with.",
            hint=f"What the arms did stands in the operator's view of {loop.teaching}; begin anew with --name.",
        )
    return {"path": str(path), "dataset": folder.id, "train": rows["train"], "test": rows["test"]}


def teach(loop: Loop, done: Results) -> Result:
    """From random weights until calls can be read, and until the server that agents will use can read them, too.

    :raises RoundTripError: not in so many tries; shows what the model said.
    """
    path = Path(done["dataset"]["path"])
    folder = DatasetFolder(path)
    pair = next(chain(folder.pairs("test"), folder.pairs("train")))
    for seed in range(1, TRIES + 1):
        models = loop.folder / "models" / f"seed-{seed}"
        loop.marlin("tune", "tiny", str(path), "--output", str(models), "--seed", str(seed))
        parent = _parent(models)
        url = loop.served(parent, "parent")
        try:
            said = serving.round_trip(parent, pair, serving.asking(url, None))
        except (RoundTripError, ServedModelError) as error:
            loop.servers.stop(parent)
            if seed == TRIES:
                raise
            loop.say(f"  {error.message}\n  Another try, from other random weights:")
            continue
        break
    loop.say(f"  round trip through {url}: {parent.name} calls {_calls(said)}")
    return {"path": str(parent.folder), "name": parent.name, "hash": parent.hash}


def _parent(models: Path) -> Served:
    """The base model that was taught the tool format.

    :raises UnavailableError: it is not there.
    """
    from marlin.training.tiny import taught_before

    found = taught_before(models)
    if found is None:
        raise UnavailableError(f"There is no model in {models}.", hint="Run the same command again.")
    return Served(found.folder, found.name, found.hash)


def _calls(said: dict[str, Any]) -> str:
    return "; ".join(f"{call['function']['name']} {call['function']['arguments']}" for call in said["tool_calls"])


def tune(loop: Loop, done: Results) -> Result:
    """By `marlin tune dpo`; a run that was killed is resumed."""
    from marlin.training import record

    state = record.read(loop.run).get("state")
    if state == "trained":
        loop.say("  The run was trained to its end before.")
    elif state is not None:
        loop.marlin("tune", "resume", str(loop.run.path))
    else:
        named = ("--model", done["teach"]["path"], "--output", str(loop.run.path))
        loop.marlin("tune", "dpo", done["dataset"]["path"], *named, *DPO)
    return {"path": str(loop.run.path), "adapter": record.read(loop.run)["adapter_hash"]}


def evaluate(loop: Loop) -> Result:
    """By `marlin tune evaluate`."""
    from marlin.training import record

    loop.marlin("tune", "evaluate", str(loop.run.path))
    found: Result = record.read(loop.run)["evaluation"]
    return {"conclusion": found["conclusion"]}


def register(loop: Loop, done: Results) -> Result:
    """The campaign “tuned against parent”, and the tuned arm by `marlin tune register`, whose round trip must parse."""
    from marlin.training import record

    parent_url = loop.served(_parent(Path(done["teach"]["path"]).parent), "parent")
    loop.marlin("tune", "serve", str(loop.run.path), "--print-only")
    tuned = serving.served(loop.run)
    url = loop.served(tuned, "tuned")
    held_out = held_out_briefs(Path(done["dataset"]["path"]))
    campaign = _campaign(loop.operator, loop.meeting)
    if campaign is None:
        inputs = record.read(loop.run)["inputs"]
        text = campaigns.tuned_against_parent(
            slug=loop.meeting,
            parent=Path(done["teach"]["path"]).name,
            parent_hash=inputs["model"]["hash"],
            url=parent_url,
            agent="minimal",
            dataset=inputs["dataset"]["id"],
            synthetic=bool(inputs["dataset"]["synthetic"]),
        )
        title = f"Loop {loop.name}: tuned against parent"
        wish = tomllib.loads(text) | _wish(loop.meeting, title, held_out) | {"base_images": [loop.base_image]}
        campaign = str(loop.operator.post("/campaigns", wish)["id"])
    arm = f"tuned-{tuned.hash[:12]}"
    if arm not in [one["name"] for one in loop.operator.get(f"/campaigns/{campaign}/arms")]:
        loop.marlin("tune", "register", str(loop.run.path), loop.meeting, "--url", url, "--name", arm)
    return {"campaign": campaign, "arm": arm, "briefs": held_out}


def _campaign(operator: Visitor, slug: str) -> str | None:
    return next((str(one["id"]) for one in operator.get("/campaigns") if one["slug"] == slug), None)


def held_out_briefs(path: Path) -> list[str]:
    """Briefs on the shops of a dataset's test split."""
    shops = {str(row["source"]).removeprefix("example:") for row in read_rows(path, "test")}
    return [name for name in shop_briefs() if name.rpartition("-")[0] in shops]


def compare(loop: Loop, done: Results) -> Result:
    """New comparisons by real agents in sandboxes: every call goes through the gateway to one model or the other."""
    parent, tuned = _parent(Path(done["teach"]["path"]).parent), serving.served(loop.run)
    for model, of in ((parent, "parent"), (tuned, "tuned")):
        loop.servers.start(model, loop.port(of))
    for model, of in ((parent, "parent"), (tuned, "tuned")):
        loop.served(model, of)
    names = tuple(done["register"]["briefs"])
    title = f"Loop {loop.name}: tuned against parent"
    script = ByChecks(loop.meeting, ("parent", done["register"]["arm"]), names, _wish(loop.meeting, title, list(names)))
    found = loop.play(script)
    loop.marlin("report", loop.meeting)
    standings = loop.operator.get(f"/campaigns/{found['campaign']}/leaderboard")["standings"]
    return found | {"standings": {row["arm"]: {key: row[key] for key in COUNTS} for row in standings}}


COUNTS = ("votes", "wins", "losses", "ties", "both_bad")
