"""What the API tells of datasets."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from marlin.campaigns import Campaign
from marlin.dataset_files import Manifest
from marlin.datasets.held import HeldValue, Place
from marlin.datasets.suspicions import Decision

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
    held_problem: str | None = None
    """Why what waits can't be told."""


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


MOST_HELD = 1000
"""Values of a campaign that are shown at once."""
HeldId = Annotated[str, Field(pattern="^[0-9a-f]{12}$")]


class HeldPlaceOut(Place):
    """Where a value stands, and in which comparison that is."""

    comparison_id: str
    turn: int

    @classmethod
    def of(cls, place: Place) -> HeldPlaceOut:
        """A row is called by its comparison and turn."""
        comparison, _, turn = place.row.rpartition("-")
        return cls(**place.model_dump(), comparison_id=comparison, turn=int(turn) if turn.isdecimal() else 1)


class HeldValueOut(BaseModel):
    """A value that may be a secret: never itself, only its first characters.

    :ivar name: what it was assigned to. :ivar count: rows that it holds, or held, back.
    :ivar decision: null until somebody decides. :ivar by: who decided, or took that back; :ivar at: when.
    """

    id: HeldId
    name: str
    shown: str
    count: int
    places: list[HeldPlaceOut]
    decision: Decision | None
    by: str | None
    at: datetime | None


class HeldCampaignOut(BaseModel):
    """What a campaign's builds held back.

    :ivar undecided: how many values wait. :ivar values: those first, most rows first; then the others, the one decided
        last first; at most 1,000. :ivar total: how many there are.
    :ivar problems: files that can't be read, and why.
    """

    campaign_id: UUID
    campaign: str
    title: str
    undecided: int
    total: int
    values: list[HeldValueOut]
    problems: list[str]

    @classmethod
    def of(cls, campaign: Campaign, values: dict[str, HeldValue], problems: list[str]) -> HeldCampaignOut:
        """In the order in which they are decided on."""
        undecided = sorted((-one.count, name) for name, one in values.items() if not one.decision)
        decided = sorted(
            ((one.at.timestamp() if one.at else 0.0, name) for name, one in values.items() if one.decision),
            reverse=True,
        )
        order = [name for _, name in (*undecided, *decided)][:MOST_HELD]
        return cls(
            campaign_id=campaign.id,
            campaign=campaign.slug,
            title=campaign.title,
            undecided=len(undecided),
            total=len(values),
            values=[_held_out(name, values[name]) for name in order],
            problems=problems,
        )


def _held_out(name: str, one: HeldValue) -> HeldValueOut:
    told = {field: getattr(one, field) for field in ("name", "shown", "count", "decision", "by", "at")}
    return HeldValueOut(id=name, places=[HeldPlaceOut.of(place) for place in one.places], **told)


class HeldWaiting(BaseModel):
    """How many values of a campaign wait for a person."""

    campaign_id: UUID
    campaign: str
    title: str
    undecided: int


class HeldDecision(BaseModel):
    """What a person says of a value.

    :ivar decision: ``keep``: it is no secret, and stays as it is in every later build. ``redact``: a marker replaces it
        in every later build. Null takes back what was decided.
    :ivar seen_at: ``at`` of the value as the person saw it.
    """

    id: HeldId
    decision: Decision | None
    seen_at: AwareDatetime | None


class HeldDecisions(BaseModel):
    """Several at once: all of them, or none."""

    decisions: Annotated[list[HeldDecision], Field(min_length=1, max_length=MOST_HELD)]
