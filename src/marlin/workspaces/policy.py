"""What this installation lets fetching do, from its settings and from the machine's own pip configuration."""

from __future__ import annotations

import configparser
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from marlin.settings import Settings
from marlin.workspaces.fetching import FetchPolicy

_PYPI = "https://pypi.org/simple"


def fetch_policy(settings: Settings) -> FetchPolicy:
    """An installation's policy: tokens and trusted hosts from ``settings``, package indexes from pip's own files."""
    apis = {host: f"https://{host}/api/v3" for host in settings.github_hosts if host != "github.com"}
    return FetchPolicy(
        trusted=tuple(settings.trusted_source_hosts),
        tokens={host.lower(): token.get_secret_value() for host, token in settings.git_tokens.items()},
        apis={"github.com": "https://api.github.com", **apis},
        indexes=package_indexes(os.environ, _pip_files()),
    )


def package_indexes(environment: Mapping[str, str], files: list[Path]) -> tuple[str, ...]:
    """The https package indexes that pip would ask, first one first; PyPI's own when none is set."""
    index, extra = _PYPI, []
    for name, value in [*_configured(files), *_from_environment(environment)]:
        if name == "index-url":
            index = value.strip()
        elif name == "extra-index-url":
            extra = value.split()
    return tuple(each for each in (index, *extra) if each.startswith("https://")) or (_PYPI,)


def _from_environment(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in ("index-url", "extra-index-url"):
        value = environment.get("PIP_" + name.upper().replace("-", "_"))
        if value:
            yield name, value


def _configured(files: list[Path]) -> Iterator[tuple[str, str]]:
    for file in files:
        parser = configparser.RawConfigParser()
        try:
            parser.read(file, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue  # pip itself will complain about it, in words of its own
        for section in ("global", "download"):
            if parser.has_section(section):
                yield from parser.items(section)


def _pip_files() -> list[Path]:
    """Where pip looks, least important first (pip's user guide, “Configuration”)."""
    own = os.environ.get("PIP_CONFIG_FILE")
    if own == os.devnull:
        return []
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    files = [
        Path("/etc/xdg/pip/pip.conf"),
        Path("/etc/pip.conf"),
        Path.home() / ".pip/pip.conf",
        config / "pip/pip.conf",
    ]
    return [*files, Path(sys.prefix) / "pip.conf", *([Path(own)] if own else [])]
