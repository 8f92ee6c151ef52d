"""What the API tells of datasets."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from marlin.dataset_files import Manifest

State = Literal["ready", "gone", "unreadable"]


class DatasetRow(BaseModel):
    """A dataset at a glance."""

    id: str
    """Of its folder on this installation; ``manifest_id`` is that of its contents."""
    name: str
    path: str
    state: State
    """``gone``: there is no such folder any more. ``unreadable``: its manifest is none of this Marlin's."""
    manifest_id: str | None = None
    campaigns: list[str] = []
    synthetic: bool = False
    written_at: datetime | None = None
    rows: int = 0
    pairs: int = 0
    trajectory_pairs: int = 0
    split_rows: dict[str, int] = {}
    bytes: int = 0
    undecided: int = 0
    """Values of its campaign that may be secrets and that nobody has decided on yet, in this folder's builds."""


class DatasetOut(DatasetRow):
    """Everything about a dataset."""

    manifest: Manifest | None
    problem: str | None
    """Why it can't be read."""


class PreviewRow(BaseModel):
    """A line of a view.

    :ivar row_id: the canonical row that it was made from, where it says so.
    :ivar text: its JSON, indented. :ivar cut: whether there is more than is shown.
    """

    number: int
    row_id: str | None
    text: str
    cut: bool


class TraceOut(BaseModel):
    """Where a row comes from: its commits, sandbox images, versions of rubric and guidelines, and who judged."""

    split: str
    facts: dict[str, Any]
