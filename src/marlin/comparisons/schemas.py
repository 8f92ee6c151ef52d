"""What the API takes and gives for comparisons. Nothing here can tell one arm from the other."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from marlin.tasks import BaseCheckOut

SideName = Literal["A", "B"]

ComparisonStatus = Literal[
    "running",
    "to_rate",
    "rated",
    "submitted",
    "returned",
    "accepted",
    "rejected",
    "disputed",
    "cancelled",
    "failed",
]
"""rejected: not paid, and never evidence or training data. disputed: the contributor asks that somebody else decide."""


class ComparisonCreate(BaseModel):
    """Start a comparison from a prepared brief."""

    model_config = ConfigDict(extra="forbid")

    brief_id: UUID


class FollowUp(BaseModel):
    """The next prompt."""

    model_config = ConfigDict(extra="forbid")

    prompt: str = Field(min_length=1, max_length=60_000)
    continue_from: Literal["A", "B", "base"] | None = None


class FollowUpDraftIn(BaseModel):
    """A draft of the next prompt: ``revision`` is the one that was edited (0: there was none yet)."""

    model_config = ConfigDict(extra="forbid")

    revision: int = Field(ge=0, le=2**31 - 2)
    prompt: str = Field(max_length=60_000)
    continue_from: Literal["A", "B", "base"] | None = None


class FollowUpDraftOut(BaseModel):
    """A draft of the next prompt; revision 0 when there is none yet."""

    model_config = ConfigDict(from_attributes=True)

    revision: int = 0
    prompt: str = ""
    continue_from: Literal["A", "B", "base"] | None = None
    saved_at: datetime | None = None


class Expectation(BaseModel):
    """What a strong senior engineer would do, in the contributor's words."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=20_000)
    before: str | None = Field(default=None, max_length=20_000)
    """What it said when the writer last saw it; if it says something else by now, nothing is saved."""


class ChangedFile(BaseModel):
    """A file that a result changed."""

    path: str
    old_path: str | None = None
    status: Literal["A", "M", "D", "R", "C", "T"]
    additions: int
    deletions: int
    binary: bool = False


class LeftOutFile(BaseModel):
    """Something the snapshot could not or must not hold, shown to whoever judges."""

    path: str
    reason: str


class Diffstat(BaseModel):
    files: int
    additions: int
    deletions: int


class CheckOut(BaseModel):
    """An automatic verification of a result."""

    id: UUID
    name: str
    kind: Literal["test_command", "test_command_base_tests", "acceptance", "lint", "size"]
    status: Literal["passed", "failed", "error", "timed_out", "warning", "skipped"]
    summary: str
    exit_code: int | None
    seconds: float
    against_base: Literal["same", "newly_failing", "newly_passing", "unknown"]
    has_log: bool
    data: dict[str, Any]


class FilesOut(BaseModel):
    """A page of the files that a side changed. ``next_after`` asks for the next page; None at the end."""

    files: list[ChangedFile]
    total: int
    next_after: int | None


class RolloutOut(BaseModel):
    """One side of a turn. While results are withheld only ``side`` and ``status`` say anything."""

    side: SideName
    status: Literal["queued", "preparing", "working", "capturing", "checking", "finished"]
    attempt: int | None = None
    """None to those who must not learn which side was faster."""
    outcome: str | None = None
    outcome_message: str = ""
    commit: str | None = None
    diffstat: Diffstat | None = None
    files: list[ChangedFile] = []
    """The first 2,000 of the ``diffstat.files`` files that it changed; all of them are in ``…/files``."""
    left_out: list[LeftOutFile] = []
    checks: list[CheckOut] = []
    final_message: str = ""
    rateable: bool = False


class TurnOut(BaseModel):
    """A prompt and both sides' answers."""

    number: int
    prompt: str
    status: Literal["queued", "running", "checking", "ready", "failed", "cancelled"]
    """checking: both results can be read, their checks still run. ready: they can be rated."""
    continued_from: str | None
    expectation: str
    created_at: datetime
    started_at: datetime | None
    ready_at: datetime | None
    sides: dict[SideName, RolloutOut]


class CampaignTerms(BaseModel):
    """What the campaign asks of this comparison."""

    id: UUID
    title: str
    min_turns: int
    max_turns: int
    continuation: Literal["session", "transcript", "own"]
    reveal: Literal["together", "live"]
    guidelines_markdown: str
    rubric: dict[str, Any]
    time_limit_seconds: int
    """How long each side may work on a turn."""
    usual_turn_seconds: float | None = None
    """Median of the campaign's last turns, from their start until they could be rated; None where too few are known."""


class BriefSummary(BaseModel):
    """The brief, as it was when the comparison began."""

    title: str
    source: str
    base_commit: str
    category: str
    prompt: str
    acceptance_criteria: str
    test_command: str
    base_check: BaseCheckOut


class Action(BaseModel):
    """Whether something can be done now, and if not, why."""

    allowed: bool
    reason: str | None = None


class Actions(BaseModel):
    follow_up: Action
    cancel: Action
    retry: Action


class ComparisonOut(BaseModel):
    """A comparison as its contributor and reviewers see it."""

    id: UUID
    status: ComparisonStatus
    campaign: CampaignTerms
    brief: BriefSummary
    turns: list[TurnOut]
    actions: Actions
    mine: bool
    judging: bool
    """The results were there before, and their first turn is judged here once more."""
    worker_away: bool
    """A turn is to be worked on, and no worker has shown itself for a while: it waits until one is back."""
    created_at: datetime
    updated_at: datetime
    submitted_at: datetime | None


class ComparisonRow(BaseModel):
    """A comparison in a list."""

    id: UUID
    title: str
    campaign_title: str
    status: str
    turns: int
    created_at: datetime
    updated_at: datetime


class Amount(BaseModel):
    """Some comparisons, and what was promised for them."""

    count: int
    cents: int
    """In US cents."""


class EarningsOut(BaseModel):
    """What the caller's comparisons come to."""

    accepted: Amount
    """Earned: accepted in review. Whether it is paid yet is known to finance."""
    in_review: Amount
    """Submitted, or disputed: it is earned once it is accepted."""
    returned: Amount
    """Waits for the caller: to be mended and submitted again."""
    under_way: Amount
    """Begun, and not submitted yet."""


class EventOut(BaseModel):
    """An entry of the event log, or of one side's transcript."""

    id: int
    """In the log: its number. In a transcript: its place there, from 1."""
    at: datetime | None
    """None in a transcript whose times would tell which side was faster."""
    kind: str
    turn: int
    side: SideName | None
    attempt: int | None
    data: dict[str, Any]


class EventsOut(BaseModel):
    events: list[EventOut]
    last_id: int


class FileEntry(BaseModel):
    """A file, link or submodule."""

    path: str
    mode: str
    size: int | None
    id: str


class FileListing(BaseModel):
    """The files at a point of a turn."""

    files: list[FileEntry]
    complete: bool


class FoundLineOut(BaseModel):
    """A line that a search found; ``text`` is part of it when it is long."""

    path: str
    line: int
    text: str


class SearchOut(BaseModel):
    """What a search found; ``complete`` is false when there was more."""

    lines: list[FoundLineOut]
    complete: bool


class ViewedMark(BaseModel):
    """A file's change that a person has read."""

    side: Literal["A", "B", "between"]
    path: str = Field(pattern=r"^[^\x00]+$", max_length=8192)
    content: str = Field(pattern=r"^[\x20-\x7e]{1,300}$")
    """The content that was read, as the reader's own key: old and new id and modes, from the patch."""


class ViewedMarks(BaseModel):
    """Marks to keep or to take back."""

    turn: int = Field(ge=1)
    marks: list[ViewedMark] = Field(max_length=1000)
    viewed: bool
