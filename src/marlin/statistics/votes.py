"""Votes in columns: who was compared with whom, what was said, by whom, on which task and turn.

The scale is the rubric's: −3 side A is much better … 0 equal … +3 side B is much better; *both bad* is an answer of
its own, never a tie. Columns hold codes in narrow integers, so that ten million votes fit in 100 MB.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from marlin.statistics.arrays import BoolArray, Codes, FloatArray, IntArray
from marlin.statistics.errors import InvalidVotesError, NotEnoughVotesError

if TYPE_CHECKING:
    from marlin.statistics.pooling import Pool

GRADES = 7
BOTH_BAD = 7
"""The outcome code of "neither would be accepted"; 0 to 6 are the grades −3 to +3."""
OUTCOMES = 8
TIE = 3


@dataclass(frozen=True, eq=False)
class Votes:
    """Validated votes. Make them with :meth:`from_columns`, :meth:`from_frame` or, from codes, :meth:`from_codes`.

    :ivar arms: names; ``arm_a`` and ``arm_b`` are indices into them.
    :ivar outcome: 0 to 6 for the grades −3 to +3, 7 for both bad.
    :ivar contributor: indices into ``contributors``; None if not known, and then votes are taken as independent.
    :ivar task: indices into ``tasks``; the turns of one task share one.
    :ivar differences: numbers, side A's less side B's (changed lines, files, transcript length …), for controlled
        scores.
    :ivar contexts: text that both sides share (category, language, client), for slices and controlled scores.
    """

    arms: tuple[str, ...]
    arm_a: Codes
    arm_b: Codes
    outcome: NDArray[np.int8]
    contributors: tuple[str, ...] = ()
    contributor: Codes | None = None
    tasks: tuple[str, ...] = ()
    task: Codes | None = None
    turn: NDArray[np.int16] | None = None
    differences: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    contexts: Mapping[str, NDArray[np.str_]] = field(default_factory=dict)

    @classmethod
    def from_columns(
        cls,
        arm_a: ArrayLike,
        arm_b: ArrayLike,
        grade: ArrayLike,
        *,
        both_bad: ArrayLike | None = None,
        contributor: ArrayLike | None = None,
        task: ArrayLike | None = None,
        turn: ArrayLike | None = None,
        differences: Mapping[str, ArrayLike] | None = None,
        contexts: Mapping[str, ArrayLike] | None = None,
        arms: Sequence[str] | None = None,
    ) -> Votes:
        """Votes from columns of equal length.

        :param grade: −3 (side A much better) to +3 (side B much better); ignored where ``both_bad`` is true.
        :param arms: the arms that may occur, in the order wished; without it, those that do occur, sorted.
        :raises NotEnoughVotesError: there is no vote at all.
        :raises InvalidVotesError: a missing value, an arm that is not in ``arms``, an arm against itself, a grade off
            the scale, or columns of different lengths.
        """
        a_values, b_values = _column(arm_a, "arm_a"), _column(arm_b, "arm_b")
        size = len(a_values)
        if size == 0:
            raise NotEnoughVotesError("there is no vote", hint="wait for the first accepted rating")
        known = tuple(arms) if arms is not None else tuple(sorted({*map(str, set(a_values)), *map(str, set(b_values))}))
        bad = np.zeros(size, dtype=bool) if both_bad is None else _column(both_bad, "both_bad", size).astype(bool)
        people, person = _named(contributor, "contributor", size)
        tasks, task_codes = _named(task, "task", size)
        return cls.from_codes(
            known,
            _look_up(a_values, known, "arm_a"),
            _look_up(b_values, known, "arm_b", size),
            _outcomes(_column(grade, "grade", size), bad),
            contributors=people,
            contributor=person,
            tasks=tasks,
            task=task_codes,
            turn=None if turn is None else _whole(_column(turn, "turn", size), "turn").astype(np.int16),
            differences={name: _numbers(values, name, size) for name, values in (differences or {}).items()},
            contexts={name: _column(values, name, size).astype(np.str_) for name, values in (contexts or {}).items()},
        )

    @classmethod
    def from_codes(
        cls,
        arms: Sequence[str],
        arm_a: Codes,
        arm_b: Codes,
        outcome: NDArray[np.int8],
        *,
        contributors: Sequence[str] = (),
        contributor: Codes | None = None,
        tasks: Sequence[str] = (),
        task: Codes | None = None,
        turn: NDArray[np.int16] | None = None,
        differences: Mapping[str, NDArray[np.float32]] | None = None,
        contexts: Mapping[str, NDArray[np.str_]] | None = None,
    ) -> Votes:
        """Votes from arrays that are coded already: nothing is copied, but everything is checked.

        :raises NotEnoughVotesError: there is no vote at all.
        :raises InvalidVotesError: a code is out of range, an arm meets itself, or lengths differ.
        """
        names = tuple(arms)
        if len(arm_a) == 0:
            raise NotEnoughVotesError("there is no vote", hint="wait for the first accepted rating")
        if len(set(names)) < len(names):
            raise InvalidVotesError("two arms have the same name", hint="give every arm a name of its own")
        _in_range(arm_a, len(names), "arm_a", len(arm_a))
        _in_range(arm_b, len(names), "arm_b", len(arm_a))
        _in_range(outcome, OUTCOMES, "outcome", len(arm_a))
        if contributor is not None:
            _in_range(contributor, len(contributors), "contributor", len(arm_a))
        if task is not None:
            _in_range(task, len(tasks), "task", len(arm_a))
        if np.equal(arm_a, arm_b).any():
            where = int(np.flatnonzero(np.equal(arm_a, arm_b))[0])
            raise InvalidVotesError(
                f"vote {where} compares {names[int(arm_a[where])]} with itself",
                hint="leave A/A controls out of a ranking; marlin.statistics.reliability analyses them",
            )
        columns = (tuple(contributors), contributor, tuple(tasks), task, turn, differences or {}, contexts or {})
        return cls(names, arm_a, arm_b, outcome, *columns)

    @classmethod
    def from_frame(
        cls,
        frame: Any,
        *,
        differences: Sequence[str] = (),
        contexts: Sequence[str] = (),
        arms: Sequence[str] | None = None,
    ) -> Votes:
        """Votes from a DataFrame (pandas, polars, a mapping of columns: anything with columns by name).

        The columns are called as the parameters of :meth:`from_columns`; those it doesn't have are taken as absent.

        :raises InvalidVotesError: ``arm_a``, ``arm_b``, ``grade`` or a named further column is missing, or as above.
        """
        present = set(frame.keys() if hasattr(frame, "keys") else frame.columns)
        missing = [name for name in ("arm_a", "arm_b", "grade", *differences, *contexts) if name not in present]
        if missing:
            raise InvalidVotesError(
                f"the table has no column {', '.join(missing)}",
                hint="rename its columns to arm_a, arm_b, grade, both_bad, contributor, task, turn",
            )
        optional = {name: frame[name] for name in ("both_bad", "contributor", "task", "turn") if name in present}
        return cls.from_columns(
            frame["arm_a"],
            frame["arm_b"],
            frame["grade"],
            differences={name: frame[name] for name in differences},
            contexts={name: frame[name] for name in contexts},
            arms=arms,
            **optional,
        )

    def __len__(self) -> int:
        return len(self.arm_a)

    def select(self, where: BoolArray | Codes) -> Votes:
        """Those votes alone; names of arms and contributors stay, so that codes mean the same.

        :raises NotEnoughVotesError: none is left.
        """
        part: dict[str, Any] = {
            name: None if (column := getattr(self, name)) is None else column[where]
            for name in ("arm_a", "arm_b", "outcome", "contributor", "task", "turn")
        }
        if len(part["arm_a"]) == 0:
            raise NotEnoughVotesError("no vote fits the selection", hint="widen the slice")
        return replace(
            self,
            **part,
            differences={name: column[where] for name, column in self.differences.items()},
            contexts={name: column[where] for name, column in self.contexts.items()},
        )

    def swapped(self) -> Votes:
        """The same judgements with the sides exchanged: A is called B and the grades change their sign."""
        mirrored = np.where(self.outcome == BOTH_BAD, BOTH_BAD, GRADES - 1 - self.outcome).astype(np.int8)
        opposite = {name: -column for name, column in self.differences.items()}
        return replace(self, arm_a=self.arm_b, arm_b=self.arm_a, outcome=mirrored, differences=opposite)

    @property
    def grade(self) -> FloatArray:
        """−3 to +3; NaN where both are bad."""
        return np.where(self.outcome == BOTH_BAD, np.nan, self.outcome - float(TIE))

    def counts(self) -> dict[str, int]:
        """How many votes, arms, contributors and tasks, and how many are equal or both bad."""
        from marlin.statistics.pooling import counted_votes

        return counted_votes(self.pool)

    @cached_property
    def pool(self) -> Pool:
        """The votes counted by pair and outcome, once for all analyses."""
        from marlin.statistics.pooling import pooled

        return pooled(self)

    @cached_property
    def by_contributor(self) -> IntArray | None:
        """How many votes each gave."""
        from marlin.statistics.pooling import counted

        return None if self.contributor is None else counted(self.contributor, len(self.contributors))

    @cached_property
    def by_task(self) -> IntArray | None:
        """How many votes each task got."""
        from marlin.statistics.pooling import counted

        return None if self.task is None else counted(self.task, len(self.tasks))

    @cached_property
    def data_hash(self) -> str:
        """Of all votes, whatever their order: it tells that two results saw the same data (not that nobody forged it).

        Each vote is mixed to 64 bits; their sum and their exclusive-or go into a SHA-256 with all names.
        """
        from marlin.statistics.pooling import mixed_rows

        digest = hashlib.sha256()
        further = tuple(sorted(self.differences)), tuple(sorted(self.contexts))
        for names in (self.arms, self.contributors, self.tasks, *further):
            digest.update("\x1f".join(names).encode() + b"\x1e")
        digest.update(mixed_rows(self.pool))
        return digest.hexdigest()[:32]


def _column(values: ArrayLike, name: str, size: int | None = None) -> NDArray[Any]:
    """A one-dimensional array of the right length without missing values."""
    column = np.asarray(values)
    if column.ndim != 1:
        raise InvalidVotesError(f"{name} has {column.ndim} dimensions", hint="give one value for each vote")
    if size is not None and len(column) != size:
        raise InvalidVotesError(
            f"{name} has {len(column)} values, arm_a has {size}", hint="give every column one value for each vote"
        )
    missing = np.isnan(column) if column.dtype.kind == "f" else _absent(column)
    if missing.any():
        where = np.flatnonzero(missing)
        raise InvalidVotesError(
            f"{name} is missing in {len(where)} votes, first in vote {where[0]}",
            hint="leave these votes out, or find out why they have no value",
        )
    return column


def _absent(column: NDArray[Any]) -> BoolArray:
    """Where an object column holds None or NaN (which alone differs from itself)."""
    if column.dtype.kind != "O":
        return np.zeros(len(column), dtype=bool)
    return np.array([value is None or value != value for value in column], dtype=bool)


def _whole(column: NDArray[Any], name: str) -> NDArray[Any]:
    if column.dtype.kind in "biu":
        return column.astype(np.int64)
    try:
        numbers = column.astype(np.float64)
    except (TypeError, ValueError) as refused:
        raise InvalidVotesError(f"{name} is not a number everywhere", hint=f"give {name} as whole numbers") from refused
    if (numbers != np.round(numbers)).any():
        where = int(np.flatnonzero(numbers != np.round(numbers))[0])
        raise InvalidVotesError(f"{name} is {numbers[where]:g} in vote {where}", hint=f"give {name} as whole numbers")
    return numbers.astype(np.int64)


def _outcomes(grade: NDArray[Any], both_bad: BoolArray) -> NDArray[np.int8]:
    grades = _whole(grade, "grade")
    off = (np.abs(grades) > TIE) & ~both_bad
    if off.any():
        where = int(np.flatnonzero(off)[0])
        raise InvalidVotesError(
            f"grade is {grades[where]} in vote {where}; the scale runs from −3 to +3",
            hint="for bare preferences use −1 and +1",
        )
    return np.where(both_bad, BOTH_BAD, grades + TIE).astype(np.int8)


def _narrow(codes: NDArray[Any], size: int) -> Codes:
    return codes.astype(np.int8 if size <= 127 else np.int16 if size <= 32_767 else np.int32)


def _look_up(values: NDArray[Any], known: tuple[str, ...], name: str, size: int | None = None) -> Codes:
    """Codes of names that must be among the known ones."""
    if size is not None and len(values) != size:
        raise InvalidVotesError(f"{name} has {len(values)} values, arm_a has {size}", hint="give one value each")
    distinct, inverse = np.unique(values.astype(str), return_inverse=True)
    place = {arm: index for index, arm in enumerate(known)}
    unknown = [str(value) for value in distinct if str(value) not in place]
    if unknown:
        raise InvalidVotesError(
            f"{name} names {', '.join(unknown[:5])}, not among the arms {', '.join(known[:8])}",
            hint="name every arm in arms, or leave arms out",
        )
    return _narrow(np.array([place[str(value)] for value in distinct])[inverse], len(known))


def _named(values: ArrayLike | None, name: str, size: int) -> tuple[tuple[str, ...], Codes | None]:
    if values is None:
        return (), None
    distinct, inverse = np.unique(_column(values, name, size).astype(str), return_inverse=True)
    return tuple(map(str, distinct)), _narrow(inverse, len(distinct))


def _numbers(values: ArrayLike, name: str, size: int) -> NDArray[np.float32]:
    column = _column(values, name, size)
    try:
        numbers = column.astype(np.float32)
    except (TypeError, ValueError) as refused:
        raise InvalidVotesError(f"{name} is not a number everywhere", hint="give text as a context") from refused
    if not np.isfinite(numbers).all():
        raise InvalidVotesError(f"{name} is infinite somewhere", hint="leave these votes out or bound the value")
    return numbers


def _in_range(codes: Codes | NDArray[np.int8], size: int, name: str, length: int) -> None:
    if len(codes) != length:
        raise InvalidVotesError(
            f"{name} has {len(codes)} values, arm_a has {length}", hint="give every column one value for each vote"
        )
    if codes.dtype.kind not in "iu":
        raise InvalidVotesError(f"{name} holds {codes.dtype}, not codes", hint="use from_columns for names")
    low, high = int(codes.min()), int(codes.max())
    if low < 0 or high >= size:
        raise InvalidVotesError(
            f"{name} holds the code {low if low < 0 else high}; there are {size} names", hint="name every code"
        )
