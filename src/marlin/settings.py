"""Settings, from the environment (``MARLIN_*``, ``DATABASE_URL``) and nothing else. No I/O at import."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from marlin.errors import InvalidInputError

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


def _default_home() -> Path:
    """``/var/lib/marlin`` for root, else the XDG data folder (freedesktop.org Base Directory Specification)."""
    if os.geteuid() == 0:
        return Path("/var/lib/marlin")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "marlin"


def check_log_level(text: object) -> str:
    """The level that ``text`` names, in whichever case.

    :raises ValueError: if it names none.
    """
    level = str(text).strip().upper()
    if level not in LOG_LEVELS:
        raise ValueError(f"it is one of {', '.join(LOG_LEVELS)}")
    return level


class Settings(BaseSettings):
    """Everything an operator can set. Each field is a variable ``MARLIN_<NAME>``; an empty one counts as not set."""

    model_config = SettingsConfigDict(env_prefix="MARLIN_", extra="ignore", env_ignore_empty=True)

    home: Annotated[Path, AfterValidator(lambda path: path.expanduser().absolute())] = Field(
        default_factory=_default_home
    )
    """Folder for Marlin's data: database, mirrors, layers, archives, agents, logs."""

    database_url: str | None = Field(default=None, validation_alias=AliasChoices("MARLIN_DATABASE_URL", "DATABASE_URL"))
    """PostgreSQL to use; without it Marlin starts and stops an embedded one under ``home``."""

    database_pool: int = Field(default=10, ge=1)
    """Database connections that a process is planned for; under load as many again are opened, and kept."""

    storage_url: str | None = None
    """fsspec URL for durable archives and raw exchanges; default: ``<home>/storage``. Must be shared by all workers."""

    host: str = "127.0.0.1"
    """Address the web service listens on. Loopback unless you put a TLS proxy in front."""

    port: int = Field(default=8420, ge=1, le=65535)
    """Port the web service listens on."""

    public_url: str | None = None
    """The address people open, if it differs from ``http://host:port`` (behind a proxy). Also the allowed Origin."""

    worker_concurrency: int = Field(default=2, ge=1)
    """Turns one worker runs at a time (each turn is two rollouts)."""

    campaign_concurrency: int = Field(default=100, ge=1)
    """Turns of one campaign that run at a time, over all workers."""

    queue_poll: float = Field(default=0.2, gt=0, allow_inf_nan=False)
    """Seconds between two looks of a busy worker into a queue. With many hosts, make it longer."""

    terminals_per_worker: int = Field(default=8, ge=1)
    """Terminals one worker keeps open at a time; further ones wait for room."""

    terminals_per_person: int = Field(default=4, ge=1)
    """Terminals one person may have open at a time."""

    terminal_idle: float = Field(default=900.0, gt=0, allow_inf_nan=False)
    """Seconds without a key pressed after which a terminal ends."""

    terminal_longest: float = Field(default=14400.0, gt=0, allow_inf_nan=False)
    """Seconds after which a terminal ends whatever happens in it."""

    terminal_host: str = "127.0.0.1"
    """Address at which a worker takes connections to its terminals; web services on other hosts must reach it there."""

    terminal_port: int = Field(default=0, ge=0, le=65535)
    """Port at that address; 0 is any free one."""

    checkout_minutes: int = Field(default=15, ge=1)
    """Minutes for which an address to fetch results from with git can be used."""

    drain_limit: float = Field(default=30.0, ge=0, allow_inf_nan=False)
    """Seconds that jobs in progress get to finish when a worker is told to stop; then other workers take them over."""

    heartbeat_limit: float = Field(default=30.0, gt=0, allow_inf_nan=False)
    """Seconds of silence after which another worker takes over a worker's turns."""

    package_registries: list[str] = Field(
        default_factory=lambda: [
            "pypi.org",
            "files.pythonhosted.org",
            "registry.npmjs.org",
            "deb.debian.org",
            "security.debian.org",
        ]
    )
    """Hosts that set-up commands may reach; the machine's own pip, npm and apt mirrors are added to them."""

    git_tokens: dict[str, SecretStr] = Field(default_factory=dict)
    """Host → token that opens its private repositories, as JSON: ``{"github.com": "…"}``. Never stored or logged."""

    trusted_source_hosts: list[str] = Field(default_factory=list)
    """``host`` or ``host:port`` of your own code hosts whose addresses are private."""

    github_hosts: list[str] = Field(default_factory=lambda: ["github.com"])
    """Hosts whose pull-request addresses are understood: github.com, and your GitHub Enterprise servers."""

    log_level: Annotated[str, BeforeValidator(check_log_level)] = "INFO"
    """Least level that is logged."""

    @property
    def storage(self) -> str:
        """The fsspec URL of the durable store."""
        return self.storage_url or (self.home / "storage").as_uri()

    @property
    def base_url(self) -> str:
        """The address people open, without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


class SettingsInvalidError(InvalidInputError):
    """An environment variable says something that it can't mean."""

    code = "settings-invalid"


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """This process's settings, read once.

    :raises SettingsInvalidError: naming the variable, never its value, which may be a token.
    """
    hint = "Correct it or unset it; docs/reference/settings.md lists all variables."
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        reason = str(first["msg"]).removeprefix("Value error, ")
        place = str(first["loc"][0])
        variable = place.upper() if place.upper().endswith("DATABASE_URL") else f"MARLIN_{place.upper()}"
        raise SettingsInvalidError(f"{variable} can't be used: {reason}.", hint=hint) from None
    except SettingsError as error:  # a list or a table that is not JSON; the text names the field alone
        field = str(error).partition('"')[2].partition('"')[0]
        raise SettingsInvalidError(f"MARLIN_{field.upper()} is not JSON.", hint=hint) from None
