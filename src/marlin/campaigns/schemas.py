"""A campaign as a file or a request states it, and as it is shown. The same model reads TOML and JSON."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from marlin.campaigns.assigning import AssignmentPolicy
from marlin.campaigns.checker_rules import CHECKER_RULES, Level, unknown_rules
from marlin.campaigns.key_names import HINT, key_name_problem, secret_setting, setting_naming_a_file
from marlin.campaigns.models import Arm, Campaign
from marlin.campaigns.rubric import Rubric, default_rubric
from marlin.sandboxes import ImageName

Api = Literal["anthropic", "openai-chat", "openai-responses"]
Status = Literal["open", "paused", "closed"]

_Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")]
_Markdown = Annotated[str, Field(min_length=1, max_length=100_000)]


_DIRECTIONS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _on_one_line(value: str) -> str:
    title = value.strip()
    if not title:
        raise ValueError("it is blank")
    if any(each in _DIRECTIONS or unicodedata.category(each) in ("Cc", "Zl", "Zp") for each in title):
        raise ValueError("it holds line breaks, control characters or characters that turn the direction of writing")
    return title


_Title = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_on_one_line)]
"""It stands in lists, in window titles and in reports, beside words that are not its own."""


def _checked_key_name(value: str) -> str:
    problem = key_name_problem(value)
    if problem is not None:
        raise ValueError(f"{problem} {HINT}")
    return value


KeyName = Annotated[str, AfterValidator(_checked_key_name)]
"""The name of an environment variable; never a key."""


def _known_rules(choices: dict[str, Level]) -> dict[str, Level]:
    unknown = unknown_rules(choices)
    if unknown:
        known = ", ".join(rule.code for rule in CHECKER_RULES)
        raise ValueError(f"the checker has no rule {unknown[0]!r}; there are: {known}")
    return choices


CheckerChoices = Annotated[dict[str, Level], AfterValidator(_known_rules)]
"""Rules of the submission checker: code to error, warning or off."""


def _distinct(names: list[str]) -> list[str]:
    if len(set(names)) < len(names):
        raise ValueError("a base image is listed twice")
    return names


BaseImages = Annotated[list[ImageName], Field(min_length=1, max_length=20), AfterValidator(_distinct)]
"""Names of base images."""


class _Strict(BaseModel):
    # what was sent is not repeated in an error: it may be a key in the wrong place
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Limits(_Strict):
    """What one sandbox may use."""

    memory_mib: int = Field(default=4096, ge=128, le=1_048_576)
    pids: int = Field(default=1024, ge=32, le=1_000_000)
    cpus: float = Field(default=2.0, gt=0, le=1024)
    disk_mib: int = Field(default=8192, ge=64, le=16_777_216)


class Pricing(_Strict):
    """US dollars per million tokens."""

    input: float = Field(default=0, ge=0)
    output: float = Field(default=0, ge=0)
    cache_read: float = Field(default=0, ge=0)
    cache_write: float = Field(default=0, ge=0)


def plain_address(value: str) -> str:
    """An upstream's address without a trailing slash.

    :raises ValueError: if it is none, or carries what belongs elsewhere.
    """
    value = value.strip()
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("give an address such as https://models.example.com")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("the address must not carry a user, password, query or fragment; the key goes into key_env")
    return value.rstrip("/")


class UpstreamWish(_Strict):
    """A service that answers model calls."""

    name: _Name
    base_url: str = Field(max_length=2000)
    api: Api
    key_env: KeyName | None = None

    @field_validator("base_url")
    @classmethod
    def _plain_address(cls, value: str) -> str:
        return plain_address(value)


class Lineage(_Strict):
    """Where a tuned model comes from, by hashes.

    :ivar run: SHA-256 of the run's adapter. :ivar model: of the merged model that is served.
    :ivar parent: the base model's name; ``parent_hash`` of its files.
    :ivar trained_on: repositories of the training split: it never meets their tasks.
    """

    run: str = Field(min_length=1, max_length=200)
    method: str = Field(min_length=1, max_length=20)
    model: str = Field(min_length=1, max_length=200)
    dataset: str = Field(min_length=1, max_length=200)
    split: str = Field(min_length=1, max_length=200)
    synthetic: bool
    parent: str = Field(min_length=1, max_length=2000)
    parent_hash: str = Field(min_length=1, max_length=200)
    trained_on: list[str] = Field(max_length=100_000)


class ArmWish(_Strict):
    """An agent to enter the campaign."""

    name: _Name
    agent: str = Field(min_length=1, max_length=500)
    model: str | None = Field(default=None, min_length=1, max_length=200)
    upstream: str | None = Field(default=None, max_length=2000)
    """Name of an upstream; or, with ``api``, its address."""
    api: Api | None = None
    """Only with an address as ``upstream``."""
    key_env: KeyName | None = None
    settings: dict[str, Any] = Field(default_factory=dict)
    outputs_may_train: bool = False
    pricing: Pricing = Field(default_factory=Pricing)
    lineage: Lineage | None = None
    """Of a tuned model; `marlin tune register` fills it in."""

    @field_validator("settings")
    @classmethod
    def _no_secrets(cls, settings: dict[str, Any]) -> dict[str, Any]:
        found = secret_setting(settings)
        if found is not None:
            raise ValueError(f"{found} seems to hold a secret, and settings are stored. {HINT}")
        outside = setting_naming_a_file(settings)
        if outside is not None:
            raise ValueError(
                f"{outside} names a file or an address. Settings are plain values; files belong into an agent spec of "
                "your own (docs/how-to/add-an-agent.md), addresses into upstream."
            )
        return settings

    @model_validator(mode="after")
    def _whole(self) -> ArmWish:
        address = self.upstream is not None and "://" in self.upstream
        if self.upstream is not None and address:
            plain_address(self.upstream)
        if address and self.api is None:
            raise ValueError("an upstream given by its address needs api: anthropic, openai-chat or openai-responses")
        if self.api is not None and not address:
            raise ValueError("api belongs to an upstream given by its address; a named upstream has its own")
        if self.upstream is not None and self.model is None:
            raise ValueError("an arm with an upstream needs model: what the upstream calls it")
        return self


class CampaignWish(_Strict):
    """A campaign to create."""

    slug: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    title: _Title
    guidelines: _Markdown
    price_cents: int = Field(ge=0, le=100_000_000)
    continuation: Literal["session", "transcript", "own"] = "session"
    reveal: Literal["together", "live"] = "together"
    min_turns: int = Field(default=1, ge=1, le=50)
    max_turns: int = Field(default=10, ge=1, le=50)
    time_limit_seconds: int = Field(default=1800, ge=10, le=86_400)
    base_images: BaseImages = Field(default_factory=lambda: ["debian"])
    """What briefs choose from; the first is the default. Workers need each of them."""
    base_image: ImageName | None = Field(default=None, exclude=True)
    """The same as ``base_images`` with this one alone."""
    set_up_time_limit_seconds: int = Field(default=900, ge=5, le=86_400)
    check_time_limit_seconds: int = Field(default=300, ge=1, le=86_400)
    limits: Limits = Field(default_factory=Limits)
    budget_usd: float = Field(default=5.0, ge=0, le=10_000)
    brief_approval: Literal[False] = False
    """Approval of briefs before work is not there yet; the field is, so that a file can say so."""
    rubric: Rubric = Field(default_factory=default_rubric)
    checker: CheckerChoices = Field(default_factory=dict)
    """Rules that block (error), must be acknowledged (warning) or are off, where the defaults don't suit."""
    assignment: AssignmentPolicy = Field(default_factory=AssignmentPolicy)
    """Who does what next: overlap, gold tasks, A/A controls, caps."""
    synthetic: bool = False
    """For simulated contributors; can't be changed afterwards."""
    upstreams: list[UpstreamWish] = Field(default_factory=list, max_length=50)
    arms: list[ArmWish] = Field(default_factory=list, max_length=50)
    example_briefs: list[str] = Field(default_factory=list, max_length=100)

    @field_validator("brief_approval", mode="before")
    @classmethod
    def _no_approval(cls, value: object) -> object:
        if value is True:
            raise ValueError("approval of briefs is not available; leave brief_approval out or set it to false")
        return value

    @field_validator("example_briefs", mode="before")
    @classmethod
    def _names_only(cls, value: object) -> object:
        if isinstance(value, list) and any(not isinstance(item, str) for item in value):
            raise ValueError("example_briefs takes names of example briefs; tables are not read here")
        return value

    @model_validator(mode="after")
    def _one_image(self) -> CampaignWish:
        if self.base_image is not None:
            if "base_images" in self.model_fields_set and self.base_images != [self.base_image]:
                raise ValueError("give base_images or base_image, not both")
            self.base_images = [self.base_image]
        return self

    @model_validator(mode="after")
    def _fits_together(self) -> CampaignWish:
        if self.max_turns < self.min_turns:
            raise ValueError(f"max_turns ({self.max_turns}) is less than min_turns ({self.min_turns})")
        for kind, names in (("arms", [a.name for a in self.arms]), ("upstreams", [u.name for u in self.upstreams])):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"two {kind} are named {twice[0]!r}")
        return self


class CampaignPatch(_Strict):
    """Changes to a campaign. New guidelines and rubrics are new versions; comparisons keep those they began with."""

    status: Status | None = None
    title: _Title | None = None
    guidelines: _Markdown | None = None
    rubric: Rubric | None = None
    price_cents: int | None = Field(default=None, ge=0, le=100_000_000)
    min_turns: int | None = Field(default=None, ge=1, le=50)
    max_turns: int | None = Field(default=None, ge=1, le=50)
    time_limit_seconds: int | None = Field(default=None, ge=10, le=86_400)
    budget_usd: float | None = Field(default=None, ge=0, le=10_000)
    base_images: BaseImages | None = None
    """Briefs that were prepared on another one stay ready."""
    checker: CheckerChoices | None = None
    """Takes the place of all the choices before."""
    assignment: AssignmentPolicy | None = None
    """The fields that are given change; the others stay."""
    example_briefs: list[str] | None = Field(default=None, max_length=100)


class ArmPatch(_Strict):
    """Rest an arm, or let it play again. Anything else makes another arm."""

    active: bool


class CampaignListed(BaseModel):
    """A campaign as contributors see it: nothing about arms, models or upstreams."""

    id: UUID
    slug: str
    title: str
    status: Status
    price_cents: int
    min_turns: int
    max_turns: int
    continuation: str
    reveal: str
    guidelines_markdown: str
    synthetic: bool
    """Played by simulated contributors; only operators are told of such campaigns."""

    @classmethod
    def of(cls, campaign: Campaign) -> CampaignListed:
        names = ("id", "slug", "title", "status", "price_cents", "min_turns", "max_turns", "continuation", "reveal")
        facts = {name: getattr(campaign, name) for name in (*names, "synthetic")}
        return cls(**facts, guidelines_markdown=campaign.guidelines)


class RubricOut(Rubric):
    """A rubric with the number of its version."""

    version: int


class ExampleBriefOut(BaseModel):
    """An example brief that a contributor may take."""

    name: str
    title: str
    summary: str


class BaseImageOut(BaseModel):
    """A base image that a brief may choose."""

    name: str
    description: str
    """What is on it, when it has the name of a recipe that ships with Marlin; else empty."""


class CampaignOut(CampaignListed):
    """A campaign with what a contributor needs to work on it."""

    rubric: RubricOut
    base_images: list[BaseImageOut]
    """The first is the default."""
    example_briefs: list[ExampleBriefOut]


class ArmOut(BaseModel):
    """An arm as operators see it, and nobody else."""

    id: UUID
    name: str
    agent: str
    model: str | None
    upstream: str | None
    api: str | None
    base_url: str | None
    key_env: str | None
    settings: dict[str, Any]
    pricing: dict[str, Any]
    outputs_may_train: bool
    lineage: Lineage | None
    """Where a tuned model comes from; null for any other arm."""
    active: bool
    created_at: datetime

    @classmethod
    def of(cls, arm: Arm) -> ArmOut:
        upstream = arm.upstream
        return cls(
            id=arm.id,
            name=arm.name,
            agent=arm.agent,
            model=arm.model,
            upstream=upstream.name if upstream else None,
            api=upstream.api if upstream else None,
            base_url=upstream.base_url if upstream else None,
            key_env=arm.key_env or (upstream.key_env if upstream else None),
            settings=arm.settings,
            pricing=arm.pricing,
            outputs_may_train=arm.outputs_may_train,
            lineage=Lineage.model_validate(arm.lineage) if arm.lineage else None,
            active=arm.active,
            created_at=arm.created_at,
        )
