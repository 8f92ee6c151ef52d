"""What the API tells of one canonical row."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from marlin.dataset_files import DatasetDamagedError, Place, Split

Part = Literal["prompt", "a", "b"]


class RowCheckOut(BaseModel):
    """A check of one side's result. :ivar against_base: what became of it since the base, ``newly_failing`` for one."""

    kind: str
    name: str
    status: str
    against_base: str | None


class RowSideOut(BaseModel):
    """One side of a row, without what it says and changed.

    :ivar patch_bytes: of its change as git prints it; 0 where there is none, and ``patch_refused`` says why.
    :ivar messages: how many it has. :ivar refused: why its conversation is in no view of trajectories.
    """

    arm: str
    agent: str | None
    model: str | None
    commit: str | None
    outcome: str | None
    source: str
    refused: str | None
    patch_bytes: int
    patch_refused: str | None
    messages: int
    newly_failing: int
    checks: list[RowCheckOut]
    backend: str | None
    base_image: str | None


class RowRatingOut(BaseModel):
    """One person's judgement. :ivar rater: a pseudonym. :ivar axes: −3 A is much better … +3 B is.

    :ivar sides_swapped: this person saw the row's A as B; ``preferred`` and ``axes`` are on the row's sides all the
        same, the words of ``justification`` on theirs.
    """

    rater: str
    terms: str | None
    verdict: str
    preferred: str | None
    strength: int
    axes: dict[str, int]
    key_axis: str | None
    justification: str
    sides_swapped: bool
    gold: bool


class RowJudgementOut(BaseModel):
    """All ratings as one. :ivar label: A, B, equal, both_bad or split. :ivar agreement: share that says the label."""

    label: str
    strength: int
    n: int
    agreement: float
    method: str
    axes: dict[str, float]


class RowOut(BaseModel):
    """A canonical row as a comparison: all of it but what both sides say and changed, which may be long.

    :ivar number: its place in its split, from 1, ``of`` so many. :ivar previous: the row before it, over the splits;
        null for the first; so ``next``.
    :ivar bytes: of its line. :ivar prompt_messages: null where no history is shared. :ivar tools: their names.
    :ivar here: whether this installation has the comparison.
    """

    id: str
    split: Split
    number: int
    of: int
    previous: str | None
    next: str | None
    bytes: int
    comparison_id: str
    turn: int
    continuation: str
    campaign: str
    synthetic: bool
    task_id: str
    category: str
    repository: str
    source: str | None
    base_commit: str
    start_commit: str
    licences: list[str]
    image: str | None
    set_up: str | None
    rubric_version: int
    guidelines_version: int
    request: str
    prompt_messages: int | None
    tools: list[str]
    a: RowSideOut
    b: RowSideOut
    ratings: list[RowRatingOut]
    agg: RowJudgementOut
    pairs: bool
    pairs_refused: str | None
    trajectory: bool
    trajectory_refused: str | None
    single: bool
    here: bool = False
    place: int | None = None
    """Its place among the rows that match, from 1; null where nothing was chosen, or it is none of them."""
    matching: int | None = None
    """How many match; null where nothing was chosen."""

    @classmethod
    def of_row(cls, row: dict[str, Any], place: Place, of: int, around: tuple[str | None, str | None]) -> RowOut:
        """Made of a row as it was read.

        :raises DatasetDamagedError: it is not as this format has rows.
        """
        try:
            known = {
                **row,
                "split": place.split,
                "number": place.number,
                "of": of,
                "bytes": place.length,
                "previous": around[0],
                "next": around[1],
                "image": row["environment"]["base_image"],
                "set_up": row["environment"]["set_up"],
                "prompt_messages": None if row["prompt"] is None else len(row["prompt"]),
                "tools": [str(tool["function"]["name"]) for tool in row["tools"] or ()],
                "a": _side(row["a"]),
                "b": _side(row["b"]),
            }
            return cls.model_validate(known)
        except (KeyError, TypeError, AttributeError, ValidationError) as error:
            what = _first(error) if isinstance(error, ValidationError) else str(error)
            raise DatasetDamagedError(
                f"The row {place.row_id} is not as this format has rows: {what}", hint="Build the dataset again."
            ) from error


def _side(side: dict[str, Any]) -> dict[str, Any]:
    return {
        **side,
        "backend": side["sandbox"].get("backend"),
        "base_image": side["sandbox"].get("base_image"),
        "outcome": side.get("outcome"),
        "refused": side.get("refused"),
        "patch_refused": side.get("patch_refused"),
        "patch_bytes": len(side["patch"].encode()),
        "messages": len(side["messages"]),
        "newly_failing": side["checks"]["newly_failing"],
        "checks": side["checks"]["results"],
    }


def _first(error: ValidationError) -> str:
    one = error.errors()[0]
    return f"{'.'.join(map(str, one['loc']))}: {one['msg']}"


class FacetValueOut(BaseModel):
    """A value. :ivar count: rows that match whatever else is chosen. :ivar total: rows of the whole dataset."""

    value: str
    count: int
    total: int


class FacetOut(BaseModel):
    """How rows are distributed. :ivar more: values that are not told: the first fifty are, and the chosen ones."""

    name: str
    values: list[FacetValueOut]
    more: int


class RowLineOut(BaseModel):
    """A row in a list. :ivar n: how many people judged it. :ivar pairs: whether it is in pairwise views."""

    id: str
    split: Split
    number: int
    title: str
    label: str
    strength: int
    n: int
    category: str
    repository: str
    turn: int
    pairs: bool


class RowsOut(BaseModel):
    """Rows that match, and how all are distributed; or how far it is until that can be told.

    :ivar state: ``reading``: every row is being read once; ``done`` of ``of`` bytes are. Then ``ready``.
    :ivar matching: of ``total`` rows. :ivar rows: some of them, from ``start`` on.
    """

    state: Literal["reading", "ready"]
    done: int = 0
    of: int = 0
    total: int = 0
    matching: int = 0
    start: int = 0
    facets: list[FacetOut] = []
    rows: list[RowLineOut] = []


class RowMessagesOut(BaseModel):
    """Some messages of a row, as they lie in it. :ivar start: how many came before. :ivar total: how many there are."""

    messages: list[dict[str, Any]]
    start: int
    total: int
