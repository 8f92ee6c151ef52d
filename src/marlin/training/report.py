"""What a preflight says: checks, amounts, and whether they stop the run. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from marlin.training.errors import PreflightRefusedError
from marlin.training.lengths import Lengths


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked for.

    :ivar count: how often it was found, ``of`` how many it could have been.
    :ivar refuses: whether it alone stops the run.
    """

    code: str
    message: str
    hint: str
    count: int = 1
    of: int = 1
    refuses: bool = True
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Amount:
    """How much there is to train on."""

    pairs: int = 0
    tasks: int = 0
    tokens: int = 0
    trained_tokens: int = 0
    chosen_tokens: int = 0
    chosen_trained_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """All that the preflight found.

    :ivar max_length: the length it was done for; what the run must use.
    :ivar left_out: rows that the operator agreed to leave out, because they are longer.
    """

    dataset_id: str
    synthetic: bool
    max_length: int
    lengths: Lengths
    amounts: dict[str, Amount]
    checks: tuple[Check, ...] = ()
    left_out: dict[str, tuple[str, ...]] = field(default_factory=dict)
    singles: str | None = None
    """The view of single results that stands for the training pairs: the amounts of ``train`` are then its own."""

    @property
    def refused(self) -> tuple[Check, ...]:
        """What stops the run."""
        return tuple(check for check in self.checks if check.refuses)

    @property
    def passed(self) -> bool:
        """Nothing stops the run."""
        return not self.refused

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {"passed": self.passed, **asdict(self)}

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Report:
        """Read what :meth:`to_json` wrote.

        :raises KeyError, TypeError: it is no report.
        """
        facts = {name: value for name, value in said.items() if name != "passed"}
        lengths = dict(facts["lengths"])
        histogram = tuple((upto, count) for upto, count in lengths.pop("histogram"))
        return cls(
            **{
                **facts,
                "lengths": Lengths(**lengths, histogram=histogram),
                "amounts": {split: Amount(**amount) for split, amount in facts["amounts"].items()},
                "checks": tuple(Check(**{**one, "examples": tuple(one["examples"])}) for one in facts["checks"]),
                "left_out": {split: tuple(ids) for split, ids in facts["left_out"].items()},
            }
        )

    def require(self) -> None:
        """Stop here if the run would be spoilt.

        :raises PreflightRefusedError: with every reason.
        """
        if not self.passed:
            reasons = " ".join(check.message for check in self.refused)
            raise PreflightRefusedError(
                f"The preflight refuses this run: {reasons}",
                hint=self.refused[0].hint,
                codes=[check.code for check in self.refused],
            )
