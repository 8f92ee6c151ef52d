"""Settings, from the environment (``MARLIN_*``, ``DATABASE_URL``) and nothing else. No I/O at import."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def _default_home() -> Path:
    """``/var/lib/marlin`` for root, else the XDG data folder (freedesktop.org Base Directory Specification)."""
    if os.geteuid() == 0:
        return Path("/var/lib/marlin")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "marlin"


class Settings(BaseSettings):
    """Everything an operator can set. Each field is a variable ``MARLIN_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="MARLIN_", extra="ignore")

    home: Path = Field(default_factory=_default_home)
    """Folder for Marlin's data: database, mirrors, layers, archives, agents, logs."""

    database_url: str | None = Field(default=None, validation_alias=AliasChoices("MARLIN_DATABASE_URL", "DATABASE_URL"))
    """PostgreSQL to use; without it Marlin starts and stops an embedded one under ``home``."""

    database_pool: int = 10
    """Database connections that a process is planned for; under load as many again are opened, and kept."""

    storage_url: str | None = None
    """fsspec URL for durable archives and raw exchanges; default: ``<home>/storage``. Must be shared by all workers."""

    host: str = "127.0.0.1"
    """Address the web service listens on. Loopback unless you put a TLS proxy in front."""

    port: int = 8420
    """Port the web service listens on."""

    public_url: str | None = None
    """The address people open, if it differs from ``http://host:port`` (behind a proxy). Also the allowed Origin."""

    worker_concurrency: int = 2
    """Turns one worker runs at a time (each turn is two rollouts)."""

    campaign_concurrency: int = 100
    """Turns of one campaign that run at a time, over all workers."""

    queue_poll: float = 0.2
    """Seconds between two looks of a worker into a queue. With many hosts, make it longer."""

    terminals_per_worker: int = 8
    """Terminals one worker keeps open at a time; further ones wait for room."""

    terminals_per_person: int = 4
    """Terminals one person may have open at a time."""

    terminal_idle: float = 900.0
    """Seconds without a key pressed after which a terminal ends."""

    terminal_longest: float = 14400.0
    """Seconds after which a terminal ends whatever happens in it."""

    terminal_host: str = "127.0.0.1"
    """Address at which a worker takes connections to its terminals; web services on other hosts must reach it there."""

    terminal_port: int = 0
    """Port at that address; 0 is any free one."""

    checkout_minutes: int = 15
    """Minutes for which an address to fetch results from with git can be used."""

    drain_limit: float = 30.0
    """Seconds that jobs in progress get to finish when a worker is told to stop; then other workers take them over."""

    heartbeat_limit: float = 30.0
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

    log_level: str = "INFO"
    """Least level that is logged."""

    @property
    def storage(self) -> str:
        """The fsspec URL of the durable store."""
        return self.storage_url or (self.home / "storage").as_uri()

    @property
    def base_url(self) -> str:
        """The address people open, without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """This process's settings, read once."""
    return Settings()
