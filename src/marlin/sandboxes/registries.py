"""This machine's own package mirrors: from the settings of pip, npm and apt, never from a list of ours.

Nothing secret goes along: user names and passwords in addresses and tokens in npmrc stay on the host (an index that
wants them can't be used by a sandbox; put a mirror without them in front of it).
"""

from __future__ import annotations

import configparser
import os
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit, urlunsplit

from marlin.sandboxes.images import CA_BUNDLE
from marlin.sandboxes.protocol import Egress, Mount

_INSIDE = PurePosixPath("/opt/marlin/registries")
_CA_INSIDE = PurePosixPath("/opt/marlin/ca-certificates.crt")
_APT_INSIDE = PurePosixPath("/opt/marlin/apt.conf")
_CA_VARIABLES = (
    *("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT", "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO"),
    *("CARGO_HTTP_CAINFO", "AWS_CA_BUNDLE", "npm_config_cafile"),
)
_PIP_KEYS = ("index-url", "extra-index-url", "find-links")


@dataclass(frozen=True, slots=True)
class MachineRegistries:
    """What a sandbox with egress needs to install packages as this machine does.

    :ivar hosts: ``host`` or ``host:port`` of the mirrors. The operator chose them: they may be private.
    :ivar env: variables for pip and npm, and where the certificates are.
    :ivar mounts: local package folders and the certificates, read-only.
    """

    hosts: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()


def machine_registries(
    environ: Mapping[str, str] | None = None,
    *,
    etc: Path = Path("/etc"),
    home: Path | None = None,
    apt_settings: Path | None = None,
) -> MachineRegistries:
    """Read this machine's settings.

    :param environ: the environment; this process's when None.
    :param apt_settings: a folder to write a settings file for the sandbox's apt in (where the certificates are).
    """
    environ = dict(os.environ if environ is None else environ)
    home = home or Path(environ.get("HOME", "/nonexistent"))
    hosts: list[str] = []
    mounts: list[Mount] = []
    env: dict[str, str] = {}
    for key, values in _pip(environ, etc, home).items():
        addresses = [_inside(value, hosts, mounts) for value in values]
        if kept := [address for address in addresses if address]:
            env[f"PIP_{key.upper().replace('-', '_')}"] = " ".join(kept)
    if registry := _npm(environ, etc, home):
        env["npm_config_registry"] = _inside(registry, hosts, mounts) or registry
    for source in apt_sources(etc):
        _inside(source.address, hosts, mounts)
    bundle = _bundle(environ, etc)
    if bundle is not None:
        mounts.append(Mount(bundle, _CA_INSIDE))
        env |= dict.fromkeys(_CA_VARIABLES, str(_CA_INSIDE))
        if apt_settings is not None:
            mounts.append(Mount(_apt_settings(apt_settings), _APT_INSIDE))
            env["APT_CONFIG"] = str(_APT_INSIDE)
    return MachineRegistries(tuple(dict.fromkeys(hosts)), env, tuple(mounts))


def package_egress(registries: Iterable[str], machine: MachineRegistries | None = None) -> Egress:
    """The egress of set-up commands: the named registries, and this machine's own mirrors.

    Registries named in full may resolve to private addresses: the operator chose the names, nobody else can, and many
    networks answer for them with a mirror of their own. Patterns (``*.example.org``) may not.

    :param registries: the operator's choice (``Settings.package_registries``).
    """
    machine = machine_registries() if machine is None else machine
    named = [*registries, *machine.hosts]
    hosts = tuple(dict.fromkeys(host for host in named if ":" not in host))
    return Egress(hosts=hosts, trusted=tuple(dict.fromkeys(host for host in named if "*" not in host)))


def _apt_settings(folder: Path) -> Path:
    """apt has no variable for certificates, but one for a settings file."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "apt.conf"
    path.write_text(f'Acquire::https::CaInfo "{_CA_INSIDE}";\n')
    path.chmod(0o644)
    return path


def _inside(address: str, hosts: list[str], mounts: list[Mount]) -> str:
    """An address as the sandbox sees it; notes its host, or the local folder it needs. Empty when it can't be used."""
    parts = urlsplit(address)
    if parts.scheme in ("http", "https") and parts.hostname:
        host = parts.hostname.lower()
        hosts.append(f"{host}:{parts.port}" if parts.port else host)
        netloc = host if parts.port is None else f"{host}:{parts.port}"
        return urlunsplit((parts.scheme, netloc, parts.path, parts.query, ""))
    if parts.scheme not in ("", "file"):
        return ""
    path = Path(unquote(parts.path))
    if not path.is_absolute() or not path.is_dir():
        return ""
    return _mounted(path, "file://" if parts.scheme == "file" else "", mounts)


def _mounted(path: Path, prefix: str, mounts: list[Mount]) -> str:
    # An index's pages point beside themselves (simple/ to ../packages/): the folder above goes along.
    top = path.parent if path.name == "simple" and path.parent != Path("/") else path
    for mount in mounts:
        if mount.source == top:
            break
    else:
        mount = Mount(top, _INSIDE / str(len(mounts)))
        mounts.append(mount)
    inside = mount.target / path.relative_to(top)
    return f"{prefix}{inside}"


def _pip(environ: Mapping[str, str], etc: Path, home: Path) -> dict[str, list[str]]:
    """pip's settings, the stronger over the weaker: files (machine, user), then variables."""
    files = [etc / "xdg/pip/pip.conf", etc / "pip.conf", home / ".pip/pip.conf", home / ".config/pip/pip.conf"]
    if named := environ.get("PIP_CONFIG_FILE"):
        files = [] if named == os.devnull else [*files, Path(named)]
    found: dict[str, list[str]] = {}
    for file in files:
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            parser.read_string(file.read_text())
        except (OSError, configparser.Error, UnicodeDecodeError):
            continue
        for section in ("global", "install"):
            for key in _PIP_KEYS:
                if value := parser.get(section, key, fallback=""):
                    found[key] = value.split()
    for key in _PIP_KEYS:
        if named := environ.get(f"PIP_{key.upper().replace('-', '_')}"):
            found[key] = named.split()
    return found


def _npm(environ: Mapping[str, str], etc: Path, home: Path) -> str | None:
    """npm's registry: the variable, the user's npmrc, the machine's."""
    for name in ("npm_config_registry", "NPM_CONFIG_REGISTRY"):
        if environ.get(name):
            return environ[name]
    prefix = etc.parent
    for file in (home / ".npmrc", prefix / "usr/local/etc/npmrc", prefix / "usr/etc/npmrc", etc / "npmrc"):
        try:
            text = file.read_text()
        except (OSError, UnicodeDecodeError):
            continue
        if found := re.search(r"^\s*registry\s*=\s*(\S+)", text, re.MULTILINE):
            return found.group(1)
    return None


@dataclass(frozen=True, slots=True)
class AptSource:
    """One suite of a Debian mirror."""

    address: str
    suite: str
    components: tuple[str, ...]

    @property
    def line(self) -> str:
        """As in ``sources.list``."""
        return f"deb {self.address} {self.suite} {' '.join(self.components)}"

    @property
    def plain(self) -> str:
        """The same without a user and password: what may be written down."""
        return re.sub(r"(https?://)[^/@\s]+@", r"\1", self.line)


def apt_sources(etc: Path = Path("/etc")) -> list[AptSource]:
    """This machine's sources of binary packages over HTTP, of both formats."""
    found: list[AptSource] = []
    for file in [etc / "apt/sources.list", *sorted((etc / "apt/sources.list.d").glob("*"))]:
        try:
            text = file.read_text()
        except (OSError, UnicodeDecodeError):
            continue
        if file.suffix == ".sources":
            for stanza in re.split(r"\n\s*\n", text):
                found += _stanza_sources(stanza)
        elif file.suffix == ".list":
            found += [source for line in text.splitlines() if (source := _one_line_source(line))]
    return [source for source in found if source.address.startswith(("http://", "https://"))]


def _stanza_sources(stanza: str) -> list[AptSource]:
    """The sources of a deb822 paragraph."""
    lines = [line for line in stanza.splitlines() if not line.startswith("#")]
    fields: dict[str, list[str]] = {}
    name = ""
    for line in lines:
        if line[:1].isspace():
            fields.setdefault(name, []).extend(line.split())
        else:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            fields[name] = value.split()
    if "deb" not in fields.get("types", []) or fields.get("enabled") == ["no"]:
        return []
    components = tuple(fields.get("components", []))
    return [AptSource(uri, suite, components) for uri in fields.get("uris", []) for suite in fields.get("suites", [])]


def _one_line_source(line: str) -> AptSource | None:
    try:
        words = shlex.split(re.sub(r"\[[^]]*\]", "", line), comments=True)
    except ValueError:
        return None
    return AptSource(words[1], words[2], tuple(words[3:])) if len(words) > 2 and words[0] == "deb" else None


def _bundle(environ: Mapping[str, str], etc: Path) -> Path | None:
    usual = CA_BUNDLE if etc == Path("/etc") else etc / CA_BUNDLE.relative_to("/etc")
    for candidate in (environ.get("SSL_CERT_FILE"), environ.get("REQUESTS_CA_BUNDLE"), str(usual)):
        if candidate and Path(candidate).is_file():
            return Path(candidate).resolve()
    return None
