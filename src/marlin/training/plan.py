"""What a run is asked to do: ``run.yaml``, written before anything else, and enough to do it again."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

from marlin.counted import counted
from marlin.training.dataset import VIEW, DatasetFolder
from marlin.training.errors import InvalidRunError

Method = Literal["sft", "dpo", "reward", "kto"]
METHODS: tuple[Method, ...] = get_args(Method)
Scale = Literal["single", "ddp", "fsdp2", "zero3"]
SCALES: tuple[Scale, ...] = get_args(Scale)
Dtype = Literal["bfloat16", "float32"]
DTYPES: tuple[Dtype, ...] = get_args(Dtype)
LOGGERS = ("tensorboard", "wandb")
SEEDS = 2**32
"""So many there are: numpy takes no other."""
_WHOLE = ("batch", "accumulation", "lora_rank", "save_steps", "processes", "nodes")
LEARNING_RATES: dict[Method, float] = {"sft": 2e-4, "dpo": 1e-5, "reward": 1e-4, "kto": 1e-5}


@dataclass(frozen=True, slots=True)
class Plan:
    """A tuning run as it was asked for. Starting points of the recipe, unvalidated on large models.

    :ivar batch: pairs (for KTO completions) a device takes at once; ``accumulation`` of them make a step.
    :ivar view: the pairs of the dataset that are read.
    :ivar sft_weight: the share of the likelihood of the preferred side in DPO's loss, which keeps it from falling
        while the margin grows.
    :ivar control: ``shuffled-labels`` swaps the sides of each training pair with probability ½: a run that must learn
        nothing, and shows whether the evaluation can tell.
    :ivar scale: one process; or several, each with a copy of the model (``ddp``) or a share of it.
    :ivar processes: over all machines; each has a device.
    :ivar nodes: machines that share the processes evenly; more than one are started by Slurm.
    :ivar max_steps: the run ends after so many steps, though it has not read all: a trial. None where that is no fewer
        than it has.
    :ivar log_to: where numbers go besides ``metrics.jsonl``: names of :data:`LOGGERS`, by commas.
    :ivar left_out: ids of rows, by split, that the operator agreed to leave out.
    """

    method: Method
    dataset: str
    model: str
    max_length: int
    view: str = "trl_pref"
    seed: int = 1
    epochs: float = 1.0
    batch: int = 1
    accumulation: int = 32
    learning_rate: float = 1e-5
    beta: float = 0.1
    sft_weight: float = 0.2
    lora_rank: int = 32
    lora_alpha: int = 64
    dtype: Dtype = "bfloat16"
    gradient_checkpointing: bool = True
    margin: bool = True
    repeat_by_strength: bool = False
    control: Literal["none", "shuffled-labels"] = "none"
    save_steps: int = 50
    log_steps: int = 1
    scale: Scale = "single"
    processes: int = 1
    nodes: int = 1
    max_steps: int | None = None
    log_to: str = "tensorboard"
    left_out: dict[str, list[str]] | None = None

    @property
    def folder(self) -> DatasetFolder:
        """The dataset that it reads."""
        return DatasetFolder(Path(self.dataset), self.view, self._singles())

    def _singles(self) -> str | None:
        """SFT and KTO learn from single results where the dataset has them; what is asked of pairs needs pairs."""
        alone = self.view == VIEW and not self.repeat_by_strength and self.control == "none"
        return self.method if alone and self.method in ("sft", "kto") else None

    @property
    def loggers(self) -> tuple[str, ...]:
        """Names out of :data:`LOGGERS`, each once."""
        return tuple(dict.fromkeys(name.strip() for name in self.log_to.split(",") if name.strip()))

    def step_of(self) -> int:
        """Rows a step takes, over all devices."""
        return self.batch * self.accumulation * self.processes

    def excluded(self, split: str) -> frozenset[str]:
        """Ids of rows to leave out of a split."""
        return frozenset((self.left_out or {}).get(split, ()))

    def to_yaml(self) -> str:
        """As ``run.yaml``; each value is JSON, which YAML reads as it is."""
        head = (
            "# What this run was asked to do. `marlin tune resume` reads it; a new run with it does the same again.\n"
        )
        return head + "".join(f"{key}: {json.dumps(value)}\n" for key, value in asdict(self).items())

    @classmethod
    def from_yaml(cls, text: str) -> Plan:
        """Read ``run.yaml``.

        :raises InvalidRunError: a line or a name of it is unknown.
        """
        known = {field.name for field in fields(cls)}
        values: dict[str, Any] = {}
        for number, line in enumerate(text.splitlines(), start=1):
            if not line.strip() or line.startswith("#"):
                continue
            key, colon, value = line.partition(":")
            try:
                values[key.strip()] = json.loads(value)
            except ValueError as error:
                raise InvalidRunError(f"run.yaml:{number} can't be read: {line!r}", hint=_HINT) from error
            if not colon or key.strip() not in known:
                raise InvalidRunError(f"run.yaml:{number} says “{key.strip()}”, which is unknown.", hint=_HINT)
        try:
            return cls(**values)
        except TypeError as error:
            raise InvalidRunError(f"run.yaml is not whole: {error}", hint=_HINT) from error

    def changed(self, **values: Any) -> Plan:
        """The same, but for these."""
        return replace(self, **values)

    def check(self) -> None:
        """Refuse numbers with which nothing can be trained.

        :raises InvalidRunError: names the first.
        """
        for name in (
            "batch",
            "accumulation",
            "epochs",
            "learning_rate",
            "lora_rank",
            "save_steps",
            "processes",
            "nodes",
            "beta",
        ):
            value = getattr(self, name)
            if not isinstance(value, int | float) or not 0 < value < math.inf:
                raise InvalidRunError(f"{name} is {value!r}.", hint="It must be a number, and more than zero.")
            if name in _WHOLE and type(value) is not int:
                raise InvalidRunError(f"{name} is {value!r}.", hint="It must be a whole number.")
        if not isinstance(self.sft_weight, int | float) or not 0 <= self.sft_weight < math.inf:
            raise InvalidRunError(f"sft_weight is {self.sft_weight!r}.", hint="It must be a number, and not negative.")
        if type(self.seed) is not int or not 0 <= self.seed < SEEDS:
            raise InvalidRunError(f"seed is {self.seed!r}.", hint=f"It goes from 0 to {SEEDS - 1:,}.")
        if self.max_steps is not None and (type(self.max_steps) is not int or self.max_steps <= 0):
            raise InvalidRunError(f"max_steps is {self.max_steps}.", hint="Give one step at least, or leave it out.")
        unknown = [name for name in self.loggers if name not in LOGGERS]
        if unknown or not self.loggers:
            raise InvalidRunError(
                f"Nothing can be logged to “{', '.join(unknown) or self.log_to}”.", hint=f"Name {' or '.join(LOGGERS)}."
            )
        if self.method == "kto" and self.batch < 2:
            raise InvalidRunError(
                "KTO compares completions within a batch, and the batch is 1.", hint="Use --batch 2 or more."
            )
        if self.scale == "single" and self.processes != 1:
            raise InvalidRunError(
                f"Scale single is one process, and {self.processes} were asked for.",
                hint="Use --scale ddp, fsdp2 or zero3.",
            )
        if self.processes % self.nodes:
            raise InvalidRunError(
                f"{counted(self.processes, 'process', 'processes')} can't be shared evenly by {self.nodes:,} machines.",
                hint="--processes counts the GPUs of all machines; with it goes --scale ddp, fsdp2 or zero3.",
            )


_HINT = "Each line is “name: value”; compare it with one that `marlin tune` wrote."


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Where a run keeps everything."""

    path: Path

    @property
    def plan_file(self) -> Path:
        """What it was asked to do; written first, once the preflight has passed."""
        return self.path / "run.yaml"

    @property
    def record_file(self) -> Path:
        """Every hash and version, the state and the results."""
        return self.path / "record.json"

    @property
    def metrics_file(self) -> Path:
        """One JSON object a line, appended while it trains."""
        return self.path / "metrics.jsonl"

    @property
    def checkpoints(self) -> Path:
        """Where a killed run goes on from."""
        return self.path / "checkpoints"

    @property
    def adapter(self) -> Path:
        """The result."""
        return self.path / "adapter"

    @property
    def log_file(self) -> Path:
        """What the trainers printed."""
        return self.path / "train.log"

    def plan(self) -> Plan:
        """Read it.

        :raises InvalidRunError: there is no run here, or its numbers can't be trained with.
        """
        try:
            plan = Plan.from_yaml(self.plan_file.read_text(encoding="utf-8"))
            plan.check()
            return plan
        except OSError as error:
            if not self.path.is_dir():
                raise InvalidRunError(
                    f"There is no folder {self.path}.",
                    hint="A run's folder is made once its check has passed; start the run again if it ended before.",
                ) from error
            raise InvalidRunError(
                f"{self.path} is no run: its run.yaml can't be read.", hint="Name a folder that `marlin tune` made."
            ) from error
