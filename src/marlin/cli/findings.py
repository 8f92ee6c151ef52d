"""What ``marlin doctor`` looks at: each function asks the machine one kind of question and changes nothing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import fsspec
from fsspec.implementations.local import LocalFileSystem
from sqlalchemy import text

import marlin
from marlin import agents
from marlin.db import Database, EmbeddedPostgres
from marlin.db.migrating import check_schema
from marlin.db.postgres_host import SYSTEM_USER
from marlin.errors import MarlinError
from marlin.sandboxes import machine_registries, open_backend, pinned_images
from marlin.settings import Settings

Area = Literal["isolate", "store", "reach", "run"]
_ENOUGH_DISK = 10 << 30
_LEAST_DISK = 1 << 30


@dataclass(frozen=True)
class Finding:
    """One thing Marlin needs, and whether this machine has it.

    :ivar required: whether ``marlin up`` can't do its work without it.
    :ivar fix: what to do, when it is missing.
    """

    area: Area
    name: str
    ok: bool
    detail: str
    fix: str | None = None
    required: bool = True


async def examine(settings: Settings) -> list[Finding]:
    """Everything, area by area."""
    found = [*_programs(), *_home(settings), await asyncio.to_thread(_storage, settings)]
    found += [await _database(settings), *await _isolation(settings), _port(settings)]
    found += [*_agents(settings), _pages(), *await _registries(settings)]
    return found


@contextlib.contextmanager
def _scratch() -> Iterator[Path]:
    """A folder for the sandboxes in which attacks are tried: the data folder stays as it is."""
    with tempfile.TemporaryDirectory(prefix="marlin-doctor-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


async def _isolation(settings: Settings) -> list[Finding]:
    with _scratch() as folder:
        backend = open_backend(folder)
        try:
            checks = await backend.check_host()
        except OSError as error:
            where = f"{error.filename}: {error.strerror}"
            return [Finding("isolate", "attacks", False, f"not tried, {where}", "Set TMPDIR to a folder to write in.")]
        finally:
            await backend.close()
    found = [Finding("isolate", one.name, one.ok, one.detail, one.fix, one.required) for one in checks]
    images = ", ".join(pinned_images(open_backend(settings.home).store))
    return [
        *found,
        Finding(
            "isolate",
            "base images",
            bool(images),
            images or "none was built yet",
            "marlin image build debian (the demo does without); marlin image recipes lists more",
            required=False,
        ),
    ]


def _programs() -> Iterator[Finding]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    yield Finding("run", "Python", sys.version_info >= (3, 11), version, "Install Python 3.11 or newer.")
    git = shutil.which("git")
    told = subprocess.run([git, "--version"], capture_output=True, text=True).stdout.strip() if git else "missing"
    yield Finding("run", "git", git is not None, told, "Install git, e.g. apt-get install git.")


def _home(settings: Settings) -> Iterator[Finding]:
    existing = settings.home
    while not existing.exists():
        existing = existing.parent
    writable = os.access(existing, os.W_OK | os.X_OK)
    yield Finding(
        "store",
        "data folder",
        writable,
        f"{settings.home}{'' if existing == settings.home else ' (will be made)'}",
        "Set MARLIN_HOME to a folder that this user may write.",
    )
    free = shutil.disk_usage(existing).free
    yield Finding(
        "store",
        "free disk",
        free >= _ENOUGH_DISK,
        f"{free / (1 << 30):.1f} GiB",
        "Free some: a comparison keeps tens of MB, an environment hundreds.",
        required=free < _LEAST_DISK,
    )


def _storage(settings: Settings) -> Finding:
    fix = "Set MARLIN_STORAGE_URL to a folder or bucket that this user may write (fsspec URL)."
    if settings.storage_url is None:
        return Finding("store", "durable storage", True, f"{settings.storage} (of this machine alone)", required=False)
    try:
        files, path = fsspec.core.url_to_fs(settings.storage)
        if isinstance(files, LocalFileSystem) and not files.exists(path):
            return _folder_to_be(Path(path), settings.storage, fix)
        files.makedirs(path, exist_ok=True)
        probe = f"{path}/.marlin-doctor-{os.getpid()}"
        files.pipe(probe, b"probe")
        files.rm(probe)
    except Exception as error:
        return Finding("store", "durable storage", False, f"{settings.storage}: {error}", fix)
    return Finding("store", "durable storage", True, settings.storage)


def _folder_to_be(folder: Path, name: str, fix: str) -> Finding:
    parent = next(parent for parent in folder.absolute().parents if parent.exists())
    writable = os.access(parent, os.W_OK | os.X_OK)
    return Finding("store", "durable storage", writable, f"{name} (will be made)", fix)


async def _database(settings: Settings) -> Finding:
    if settings.database_url is None:
        return _embedded(settings)
    try:
        database = Database(settings.database_url, pool_size=1)
    except MarlinError as error:
        return Finding("store", "database", False, error.message, error.hint)
    try:
        async with database.transaction() as session:
            version = await session.scalar(text("SHOW server_version"))
            number = int(await session.scalar(text("SHOW server_version_num")) or 0)
        if number < 140000:
            return Finding("store", "database", False, f"PostgreSQL {version}", "Use PostgreSQL 14 or newer.")
        await check_schema(database)
    except MarlinError as error:
        return Finding("store", "database", False, error.message, error.hint)
    finally:
        await database.close()
    return Finding("store", "database", True, f"PostgreSQL {version}, tables up to date")


def _embedded(settings: Settings) -> Finding:
    postgres = EmbeddedPostgres(settings.home / "postgres")
    if (pid := postgres.pid) is not None:
        return Finding("store", "database", True, f"embedded PostgreSQL, running (process {pid})")
    if os.geteuid() == 0 and not _has_user(SYSTEM_USER) and shutil.which("useradd") is None:
        fix = f"Install useradd, make the user {SYSTEM_USER} yourself, or set DATABASE_URL."
        return Finding("store", "database", False, "PostgreSQL can't run as root and has no user of its own", fix)
    if os.geteuid() == 0 and (closed := _closed_parent(settings.home)) is not None:
        fix = "Set MARLIN_HOME to a folder whose parents others may enter, or set DATABASE_URL."
        return Finding("store", "database", False, f"PostgreSQL's own user may not enter {closed}", fix)
    return Finding("store", "database", True, "embedded PostgreSQL, not running")


def _has_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _closed_parent(home: Path) -> Path | None:
    for parent in reversed(home.absolute().parents):
        if parent.exists() and not parent.stat().st_mode & 0o001:
            return parent
    return None


def _port(settings: Settings) -> Finding:
    name = f"address {settings.host}:{settings.port}"
    try:
        with socket.create_connection((settings.host, settings.port), timeout=1):
            pass
    except OSError:
        return Finding("run", name, True, "free", required=False)
    return Finding(
        "run", name, False, "something listens there (Marlin itself?)", "Use --port if it is not.", required=False
    )


def _agents(settings: Settings) -> Iterator[Finding]:
    for spec in agents.shipped_specs():
        name = spec.name
        try:
            agents.find_installed(spec, settings.home / "agents")
        except MarlinError as error:
            yield Finding("run", f"agent {name}", False, error.message, error.hint, required=False)
        else:
            yield Finding("run", f"agent {name}", True, f"{spec.version}", required=False)


def _pages() -> Finding:
    built = (Path(marlin.__file__).parent / "web_dist" / "index.html").is_file()
    return Finding(
        "run", "web pages", built, "built" if built else "not built", "Run make setup in the checkout.", required=False
    )


async def _registries(settings: Settings) -> list[Finding]:
    hosts = list(dict.fromkeys([*machine_registries().hosts, *settings.package_registries]))

    async def reach(host: str) -> Finding:
        name, _, port = host.partition(":")
        fix = "Set-up commands can't install from it; drop it from MARLIN_PACKAGE_REGISTRIES, or open the network."
        try:
            async with asyncio.timeout(4):
                _, writer = await asyncio.open_connection(name, int(port or 443))
                writer.close()
        except (OSError, TimeoutError) as error:
            return Finding("reach", host, False, f"not reached: {error or 'no answer'}", fix, required=False)
        return Finding("reach", host, True, "reached", required=False)

    return list(await asyncio.gather(*(reach(host) for host in hosts)))
