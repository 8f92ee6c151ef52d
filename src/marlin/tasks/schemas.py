"""What the API takes and gives for briefs."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from marlin.sandboxes import ImageName
from marlin.tasks.categories import Category


class BriefFields(BaseModel):
    """The editable part of a brief. Fields that are left out stay as they are."""

    model_config = ConfigDict(extra="forbid")

    source: str | None = Field(default=None, max_length=2000)
    """https URL of a git repository, pull request or source archive, or ``pypi:NAME==VERSION``."""
    commit: str | None = Field(default=None, max_length=200)
    """Commit, tag or branch; empty for the default branch, or what the source itself names."""
    category: Category | Literal[""] | None = None
    title: str | None = Field(default=None, max_length=200)
    prompt: str | None = Field(default=None, max_length=60_000)
    acceptance_criteria: str | None = Field(default=None, max_length=20_000)
    set_up_command: str | None = Field(default=None, max_length=10_000)
    test_command: str | None = Field(default=None, max_length=10_000)
    base_image: ImageName | None = None
    """One of the campaign's base images; a new brief takes the first."""
    effort_minutes: int | None = Field(default=None, ge=1, le=10_000)


class BriefCreate(BriefFields):
    """A new brief, from nothing or from one of the campaign's examples."""

    campaign_id: UUID
    example: str | None = Field(default=None, max_length=100)


class BriefEdit(BriefFields):
    """An edit of the revision the editor was looking at."""

    revision: int


class LintRequest(BaseModel):
    """Text to lint, without saving it."""

    source: str = ""
    category: str = ""
    prompt: str = Field(default="", max_length=60_000)
    acceptance_criteria: str = Field(default="", max_length=20_000)
    test_command: str = ""


class LintOut(BaseModel):
    """A remark about one field."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    severity: Literal["warning", "error"]
    field: str
    message: str
    hint: str


class LintsOut(BaseModel):
    lints: list[LintOut]


class BaseCheckOut(BaseModel):
    """The test command's result on the base."""

    model_config = ConfigDict(from_attributes=True)

    status: Literal["passed", "failed", "error", "timed_out", "none"]
    exit_code: int | None = None
    seconds: float | None = None
    summary: str = ""


class PreparationOut(BaseModel):
    """How far fetching, set-up and the base's tests have come."""

    status: Literal["none", "queued", "fetching", "setting_up", "testing", "ready", "failed"]
    message: str
    hint: str
    base_commit: str | None
    resolved_title: str
    warnings: list[str]
    environment_id: UUID | None
    base_check: BaseCheckOut
    started_at: datetime | None
    finished_at: datetime | None


class BriefOut(BaseModel):
    """A brief as its author sees it."""

    id: UUID
    campaign_id: UUID
    example: str | None
    source: str
    commit: str
    category: str
    title: str
    prompt: str
    acceptance_criteria: str
    set_up_command: str
    test_command: str
    base_image: str
    effort_minutes: int | None
    revision: int
    status: Literal["draft", "preparing", "ready", "failed", "used"]
    preparation: PreparationOut
    created_at: datetime
    updated_at: datetime


class TreeEntryOut(BaseModel):
    """A file, folder, link or submodule of the base commit."""

    name: str
    path: str
    type: Literal["file", "dir", "link", "submodule"]
    size: int | None


class TreeOut(BaseModel):
    entries: list[TreeEntryOut]
