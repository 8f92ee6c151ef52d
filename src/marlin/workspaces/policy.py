"""What this installation lets fetching do, from its settings and from the machine's own pip configuration."""

from __future__ import annotations

from collections.abc import Mapping

from marlin.sandboxes import MachineRegistries, machine_registries
from marlin.settings import Settings
from marlin.workspaces.fetching import FetchPolicy

_PYPI = "https://pypi.org/simple"


def fetch_policy(settings: Settings, machine: MachineRegistries | None = None) -> FetchPolicy:
    """An installation's policy: tokens and trusted hosts from ``settings``, package indexes from pip's own files.

    :param machine: the machine's mirrors; read now when None.
    """
    machine = machine_registries() if machine is None else machine
    apis = {host: f"https://{host}/api/v3" for host in settings.github_hosts if host != "github.com"}
    return FetchPolicy(
        trusted=tuple(settings.trusted_source_hosts),
        tokens={host.lower(): token.get_secret_value() for host, token in settings.git_tokens.items()},
        apis={"github.com": "https://api.github.com", **apis},
        indexes=package_indexes(machine.env),
        registries=(*settings.package_registries, *machine.hosts),
    )


def package_indexes(pip: Mapping[str, str]) -> tuple[str, ...]:
    """The https package indexes that pip would ask, first one first; PyPI's own when it has none of its own.

    :param pip: pip's variables (``PIP_INDEX_URL``, ``PIP_EXTRA_INDEX_URL``).
    """
    named = f"{pip.get('PIP_INDEX_URL', _PYPI)} {pip.get('PIP_EXTRA_INDEX_URL', '')}".split()
    return tuple(each for each in named if each.startswith("https://")) or (_PYPI,)
