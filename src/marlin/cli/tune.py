"""``marlin tune``: from a dataset's folder to a tuned model, and what may be said of it."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from marlin.cli.columns import folded, number
from marlin.cli.doing import Doing
from marlin.counted import counted
from marlin.errors import InvalidInputError
from marlin.settings import get_settings
from marlin.training import DatasetFolder, require_extra
from marlin.training.cost import Cost
from marlin.training.disks import telling_full
from marlin.training.holding import Holder
from marlin.training.plan import DTYPES, LEARNING_RATES, METHODS, SCALES, Method, Plan, RunFolder
from marlin.training.report import Report
from marlin.tuning_runs import note_run

if TYPE_CHECKING:
    from marlin.training.evaluation import Evaluation

app = typer.Typer(
    no_args_is_help=True,
    help="Tuning: check a dataset, train on it, say what was learnt. Needs the extra “tune”.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
console = Console(soft_wrap=True, highlight=False)
errors = Console(stderr=True, soft_wrap=True, highlight=False)

Dataset = Annotated[Path, typer.Argument(help="A dataset's folder.", metavar="DATASET")]
Run = Annotated[Path, typer.Argument(help="A run's folder.", metavar="RUN")]
Model = Annotated[str, typer.Option(help="The base model: a folder, or a name on the Hugging Face Hub.")]
View = Annotated[str, typer.Option(help="Pairs to read: trl_pref, patch_pref, reward or axes/<axis>.")]


def _one_at_least(tokens: int | None) -> int | None:
    # Instead of a range, which takes the room that names of options need in an 80-column help.
    if tokens is not None and tokens < 1:
        raise typer.BadParameter("one token at least.")
    return tokens


MaxLength = Annotated[
    int | None,
    typer.Option(callback=_one_at_least, help="Tokens of a sequence; by default, what the longest pair needs."),
]
LeaveOut = Annotated[
    bool,
    typer.Option("--leave-out-long", help="Leave out pairs that are longer, and say how many, instead of refusing."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def preflight(
    dataset: Dataset,
    model: Model,
    view: View = "trl_pref",
    max_length: MaxLength = None,
    leave_out_long: LeaveOut = False,
    as_json: AsJson = False,
) -> None:
    """Say whether a model can be trained on a dataset, with numbers. Exit status 2 if not.

    marlin tune preflight datasets/spring --model models/base
    """
    require_extra()
    with Doing(errors, quiet=as_json) as doing:
        doing("loading the libraries")
        from marlin.training.kept_preflights import checked, kept_shape
        from marlin.training.models import local_model

        folder, base = DatasetFolder(dataset, view), local_model(model)
        report, before = checked(folder, base, max_length=max_length, leave_out_long=leave_out_long, say=doing)
        if report.passed:
            kept_shape(folder, base, doing)  # so that the run's cost is told at once
    if as_json:
        typer.echo(json.dumps(report.to_json(), indent=2))
    else:
        _print_report(report, before)
    if not report.passed:
        raise typer.Exit(2)


def tune(
    ctx: typer.Context,
    dataset: Dataset,
    model: Model,
    output: Annotated[Path, typer.Option(help="The run's folder; it must be new or empty.")],
    view: View = "trl_pref",
    max_length: MaxLength = None,
    leave_out_long: LeaveOut = False,
    epochs: Annotated[float, typer.Option(help="How often everything is read.")] = 1.0,
    batch: Annotated[int | None, typer.Option(help="Pairs (KTO: completions) a device takes at once.")] = None,
    accumulation: Annotated[int, typer.Option(help="Batches that make a step.")] = 32,
    learning_rate: Annotated[float | None, typer.Option(help="By default 2e-4 (sft), 1e-4 (reward), 1e-5.")] = None,
    beta: Annotated[float, typer.Option(help="How strongly DPO and KTO hold to the parent.")] = 0.1,
    sft_weight: Annotated[float, typer.Option(help="Share of the preferred side's likelihood in DPO's loss.")] = 0.2,
    lora_rank: Annotated[int, typer.Option(help="Rank of the adapter; its alpha is twice that.")] = 32,
    dtype: Annotated[str, typer.Option(help="bfloat16 or float32.")] = "bfloat16",
    no_gradient_checkpointing: Annotated[
        bool, typer.Option("--no-gradient-checkpointing", help="More memory for a quarter less time.")
    ] = False,
    no_margin: Annotated[
        bool, typer.Option("--no-margin", help="reward: a stronger preference need not win by more.")
    ] = False,
    repeat_by_strength: Annotated[
        bool, typer.Option("--repeat-by-strength", help="Show strong preferences up to three times.")
    ] = False,
    shuffle_labels: Annotated[
        bool, typer.Option("--shuffle-labels", help="A control run, which must learn nothing.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Of everything drawn.")] = 1,
    max_steps: Annotated[int | None, typer.Option(help="A trial: end after so many steps, whatever is left.")] = None,
    log_to: Annotated[str, typer.Option(help="tensorboard, wandb, or both by a comma.")] = "tensorboard",
    save_steps: Annotated[int, typer.Option(help="Steps between checkpoints.")] = 50,
    scale: Annotated[str, typer.Option(help="single, ddp, fsdp2 or zero3 (not verified on several GPUs).")] = "single",
    processes: Annotated[int, typer.Option(help="GPUs of all machines together, for ddp, fsdp2 and zero3.")] = 1,
    nodes: Annotated[int, typer.Option(help="Machines of a Slurm cluster; launch.sh is then for sbatch.")] = 1,
    yes: Annotated[bool, typer.Option("--yes", help="Start without asking.")] = False,
    prepare_only: Annotated[
        bool, typer.Option("--prepare-only", help="Write the run's folder and launch.sh; start nothing.")
    ] = False,
) -> None:
    require_extra()
    prepare_only = prepare_only or nodes > 1
    if not (yes or prepare_only or sys.stdin.isatty()):  # before the check, which takes minutes
        raise InvalidInputError(
            "Nobody is there to agree to the cost.", hint="Add --yes; with --prepare-only it is shown, nothing started."
        )
    method: Method = ctx.info_name  # type: ignore[assignment]  # the names under which it is registered
    for name, value, known in (("dtype", dtype, DTYPES), ("scale", scale, SCALES)):
        if value not in known:
            raise InvalidInputError(f"There is no {name} “{value}”.", hint=f"One of: {', '.join(known)}.")
    plan = Plan(
        method=method,
        dataset=str(dataset.resolve()),
        model=str(Path(model).expanduser().resolve()) if Path(model).expanduser().is_dir() else model,
        max_length=max_length or 0,
        view=view,
        seed=seed,
        epochs=epochs,
        batch=batch if batch is not None else 2 if method == "kto" else 1,
        accumulation=accumulation,
        learning_rate=learning_rate if learning_rate is not None else LEARNING_RATES[method],
        beta=beta,
        sft_weight=sft_weight,
        lora_rank=lora_rank,
        lora_alpha=2 * lora_rank,
        dtype=dtype,  # type: ignore[arg-type]  # checked above
        gradient_checkpointing=not no_gradient_checkpointing,
        margin=not no_margin,
        repeat_by_strength=repeat_by_strength,
        control="shuffled-labels" if shuffle_labels else "none",
        save_steps=save_steps,
        max_steps=max_steps,
        log_to=log_to,
        scale=scale,  # type: ignore[arg-type]  # checked above
        processes=processes,
        nodes=nodes,
    )
    with Doing(errors) as doing:
        doing("loading the libraries")
        from marlin.training.launch import prepared, written

        ready = prepared(plan, output, leave_out_long=leave_out_long, say=doing)
    _print_report(ready.report, ready.checked_before)
    _print_cost(ready.cost, ready.plan)
    if not yes and not prepare_only:
        typer.confirm("Start?", abort=True)
    with Doing(errors) as doing:
        run = written(ready, doing)
    if prepare_only:
        _note(run)
        script = escape(shlex.quote(str(run.path / "launch.sh")))
        console.print(f"Ready: sbatch {script}" if nodes > 1 else f"Ready: {script} starts it.")
        return
    _train(run)


_SUMMARIES: dict[Method, str] = {
    "sft": "Teach a model the preferred sides' own words (supervised; tool output is read, not learnt).",
    "dpo": "Teach a model to prefer what people preferred (masked DPO; tool output is read, not learnt).",
    "reward": "Train a model that scores results, by a margin where the preference was strong.",
    "kto": "Teach a model from single good and bad results (masked KTO).",
}
for _method in METHODS:
    app.command(
        _method,
        help=f"{_SUMMARIES[_method]}\n\nShows what it will cost first. "
        f"Example: marlin tune {_method} datasets/spring --model models/base --output runs/one",
    )(tune)


@app.command()
def resume(run: Run) -> None:
    """Go on with a run that was stopped, killed or out of disk, from its last whole checkpoint.

    marlin tune resume runs/one
    """
    require_extra()
    _train(RunFolder(run))


@app.command()
def evaluate(run: Run, as_json: AsJson = False) -> None:
    """Say what a run has learnt, on held-out pairs, against trivial rules; writes evaluation.json into its folder.

    marlin tune evaluate runs/one
    """
    require_extra()
    with Doing(errors, quiet=as_json) as doing, telling_full(run, _AGAIN.format("evaluate")):
        found = _evaluated(RunFolder(run), doing)
    if as_json:
        typer.echo(json.dumps(found.to_json(), indent=2))
        return
    for words in found.conclusion:
        console.print(escape(words))
    table = Table("slice", folded("value"), *map(number, ("accuracy", "95 %", "pairs", "tasks")))
    for kind, values in found.slices.items():
        for value, one in values.items():
            table.add_row(
                kind,
                escape(value),
                f"{one.mean:.1%}",
                f"{one.low:.1%} to {one.high:.1%}",
                f"{one.pairs:,}",
                f"{one.tasks:,}",
            )
    if found.slices:
        console.print(table)


_AGAIN = "Free some space, then {} again; the run itself is whole."


def _evaluated(folder: RunFolder, doing: Doing) -> Evaluation:
    doing("loading the libraries")
    from marlin.training import record
    from marlin.training.evaluation import evaluated
    from marlin.training.models import local_model
    from marlin.training.scoring import scored

    plan = folder.plan()
    record.require_adapter(folder)
    record.require_dataset(folder, plan, doing)
    record.require_model(folder, plan, local_model(plan.model), doing)
    found = evaluated(plan, plan.folder, scored(folder, doing))
    record.write_whole(folder.path / "evaluation.json", json.dumps(found.to_json(), indent=2) + "\n")
    record.update(folder, evaluation=found.to_json())
    return found


@app.command()
def merge(run: Run, output: Annotated[Path, typer.Option(help="A new folder for the whole model.")]) -> None:
    """Merge a run's adapter into its base, as one folder that vLLM or `transformers serve` loads.

    marlin tune merge runs/one --output models/tuned
    """
    require_extra()
    with Doing(errors) as doing:
        doing("loading the libraries")
        from marlin.training.merge import merged

        found = merged(RunFolder(run), output, doing)
    console.print(
        f"Wrote {escape(found['path'])} ({found['hash'][:12]}). To make an arm of it: marlin tune serve {run}"
    )


def _train(run: RunFolder) -> None:
    from marlin.training.launch import require_startable, start

    require_startable(run)
    console.print(
        f"Training in {escape(str(run.path))}; metrics.jsonl, tensorboard/ and the web (Operate, Tuning) follow it."
    )
    _note(run)
    try:
        with Doing(errors) as doing, telling_full(run.path):
            doing("starting")
            found = start(run, follow=_Follower(run, doing).show, waiting=_waiting)
    except KeyboardInterrupt:
        errors.print(f"Stopped. `marlin tune resume {escape(str(run.path))}` goes on from the last whole checkpoint.")
        raise typer.Exit(130) from None
    console.print(
        f"Trained {counted(found['steps'], 'step')}. Adapter {found['adapter_hash'][:12]} in "
        f"{escape(str(run.adapter))}. Next: marlin tune evaluate {escape(str(run.path))}"
    )


def _note(run: RunFolder) -> None:
    home = get_settings().home
    with telling_full(home, "Free some space there: the list of runs that the web shows lies on it."):
        note_run(home, run.path)


def _waiting(who: Holder | None) -> None:
    by = f" ({escape(str(who))})" if who is not None else ""
    errors.print(f"Somebody else still trains it{by}; waiting up to a minute, in case that is about to end…")


class _Follower:
    """Prints each new step, and what is done until the next one."""

    def __init__(self, run: RunFolder, doing: Doing) -> None:
        self.run, self.doing = run, doing
        self.at = run.metrics_file.stat().st_size if run.metrics_file.exists() else 0

    def show(self) -> None:
        if not self.run.metrics_file.exists():
            return
        with self.run.metrics_file.open(encoding="utf-8") as lines:
            lines.seek(self.at)
            for line in lines:
                if not line.endswith("\n"):
                    break
                self.at += len(line.encode())
                self._tell(json.loads(line))

    def _tell(self, said: dict[str, Any]) -> None:
        event = said.get("event")
        if event == "doing":
            self.doing(said["what"], said["done"], said["of"])
        elif event == "torn":
            self.doing.print(
                f"Checkpoint {said['checkpoint']:,} can't be used: {said['why']}. Going on from {said['from']}."
            )
        elif event == "started":
            if said["step"]:
                self.doing.print(f"  going on after step {said['step']:,} of {said['steps']:,}")
            self.doing(f"step {said['step'] + 1:,} of {said['steps']:,}")
        elif "loss" in said:
            left = said.get("seconds_left")
            more = f", {said['rewards/accuracies']:.0%} right" if "rewards/accuracies" in said else ""
            self.doing.print(
                f"  step {said['step']:,} of {said['steps']:,}: loss {said['loss']:.3f}{more}"
                + (f", {left:,} s left" if left is not None else "")
            )
            if said["step"] < said["steps"]:
                self.doing(f"step {said['step'] + 1:,} of {said['steps']:,}")


def _print_report(report: Report, before: bool) -> None:
    if before:
        console.print("Checked before: neither dataset, tokenizer, template nor what is asked has changed since.")
    if report.synthetic:
        console.print("[bold white on red] SYNTHETIC: simulated judgement [/]")
    lengths = report.lengths
    if lengths.pairs:
        console.print(
            f"Sequences of {counted(lengths.pairs, 'pair')}, in tokens: half up to {lengths.p50:,}, "
            f"90 % {lengths.p90:,}, 99 % {lengths.p99:,}, longest {lengths.longest:,}; "
            f"the run takes {report.max_length:,}."
        )
        most = max(count for _, count in lengths.histogram)
        for upto, count in lengths.histogram:
            console.print(f"  up to {upto:>9,}  {'█' * max(1, round(40 * count / most))} {count:,}")
    for split, amount in report.amounts.items():
        what = "result" if report.singles and split == "train" else "pair"
        of = f" of {report.singles}" if what == "result" else ""
        console.print(
            f"{split}: {counted(amount.pairs, what)}{of}, {counted(amount.tasks, 'task')}, "
            f"{counted(amount.tokens, 'token')}; trained on are the {amount.trained_tokens:,} that the model wrote."
        )
    for check in report.checks:
        mark = "[bold red]refused[/]" if check.refuses else "[yellow]note[/]"
        named = f" Such as {', '.join(check.examples)}." if check.examples else ""
        console.print(f"{mark} {escape(check.message)}{escape(named)} [dim]{escape(check.hint)}[/]")
    if report.passed:
        console.print("[green]Nothing stands against training on this.[/]")


def _print_cost(cost: Cost, plan: Plan) -> None:
    parts = ", ".join(f"{name} {size / 1e9:,.2f}" for name, size in cost.memory_parts.items())
    steps = counted(cost.steps, "step")
    learnt = "of each side a score is learnt" if plan.method == "reward" else f"{cost.trained_tokens:,} trained on"
    if cost.steps < cost.full_steps:
        steps += f" of {cost.full_steps:,} (cut short by --max-steps)"
    console.print(
        f"{plan.method}: {steps} over {counted(cost.rows, 'row')}; {counted(cost.tokens, 'token')} are read "
        f"({counted(cost.forward_passes, 'forward pass', 'forward passes')} each), {learnt}; "
        f"an adapter of {cost.adapter_parameters:,} weights."
    )
    console.print(
        f"Estimated: {cost.memory / 1e9:,.2f} GB of memory on each device ({parts}), {cost.flops:.2g} floating-point "
        f"operations, {cost.disk / 1e6:,.0f} MB of disk."
    )
