"""Bringing an untrusted source in: everything happens in a sandbox, and one bundle comes out.

The sandbox reaches public hosts through the backend's proxy, which checks the resolved address of every connection
(redirects included); hosts in private ranges only when the operator trusts them. A token for a private host goes over
stdin to the fetch sandbox of that host, which then reaches that host alone; it is never stored or logged.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from marlin import logging
from marlin.errors import MarlinError
from marlin.sandboxes import GIB, HOME, Backend, Egress, Layer, LayerStore, Limits, Mount, Process, Sandbox, SandboxSpec
from marlin.workspaces.errors import (
    CommitNotFoundError,
    FetchError,
    InvalidSourceError,
    SourceNotFoundError,
    SourceTooLargeError,
    UnsafeSourceError,
)
from marlin.workspaces.local import bundle_local
from marlin.workspaces.sources import Source, SourceKind
from marlin.workspaces.trees import TreeLimits

_log = logging.get(__name__)

Progress = Callable[[str], None]
"""Called with a short text whenever there is news."""

_PROGRAM = PurePosixPath("/opt/marlin/fetcher")
_ARCHIVE = PurePosixPath("/opt/marlin/archive")
_CA = PurePosixPath("/opt/marlin/ca.pem")
_OUT = "source.bundle"

_ERRORS: dict[str, type[MarlinError]] = {
    "not-found": SourceNotFoundError,
    "no-commit": CommitNotFoundError,
    "empty": InvalidSourceError,
    "too-large": SourceTooLargeError,
    "unsafe": UnsafeSourceError,
    "refused": InvalidSourceError,
    "unavailable": FetchError,
}


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """What fetching may do on this installation.

    :ivar trusted: ``host`` or ``host:port`` that may have private addresses or odd ports: the operator's own.
    :ivar tokens: host → token for its private repositories.
    :ivar apis: host → root of its GitHub REST API, for pull requests.
    :ivar indexes: simple package indexes, first one first.
    :ivar registries: package hosts of the operator's choice; they may have private addresses (a network's own mirror).
    :ivar ca_file: certificates to trust instead of the sandbox's own.
    :ivar seconds: limit for one source.
    :ivar download_bytes: largest archive.
    """

    trusted: tuple[str, ...] = ()
    tokens: Mapping[str, str] = field(default_factory=dict, repr=False)
    apis: Mapping[str, str] = field(default_factory=lambda: {"github.com": "https://api.github.com"})
    indexes: tuple[str, ...] = ("https://pypi.org/simple",)
    registries: tuple[str, ...] = ()
    ca_file: Path | None = None
    seconds: float = 900.0
    download_bytes: int = GIB
    tree: TreeLimits = field(default_factory=TreeLimits)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A source's one commit in a bundle.

    :ivar title: of the pull request, else empty; so ``body``.
    :ivar warnings: sentences about what was left out.
    """

    bundle: Path
    commit: str
    title: str = ""
    body: str = ""
    warnings: tuple[str, ...] = ()


@asynccontextmanager
async def fetch(
    source: Source, *, backend: Backend, image: Layer, layers: LayerStore, policy: FetchPolicy, progress: Progress
) -> AsyncIterator[Fetched]:
    """Fetch ``source``; the bundle is there until the block ends.

    :raises SourceNotFoundError: there is none, or it is private. :raises CommitNotFoundError: it lacks the revision.
    :raises InvalidSourceError: it is empty, or its address is refused. :raises UnsafeSourceError: it is malicious.
    :raises SourceTooLargeError: a limit. :raises FetchError: unreachable, or slower than the policy allows.
    """
    with tempfile.TemporaryDirectory(prefix="marlin-fetch-") as folder:
        scratch = Path(folder)
        if source.kind is SourceKind.LOCAL_GIT:
            commit, bundle = await asyncio.to_thread(bundle_local, source, scratch)
            yield Fetched(bundle, commit)
            return
        request, spec = _prepare(source, image, policy, scratch)
        sandbox = await backend.open(spec)
        made: list[Layer] = []
        try:
            answer = await _converse(await _start(sandbox, policy), request, policy.seconds, progress)
            made += await sandbox.seal(f"fetch-{spec.id}")
            yield Fetched(
                _regular(made[1].path / _OUT),
                answer["commit"],
                answer.get("title", ""),
                answer.get("body", ""),
                tuple(answer["warnings"]),
            )
        finally:
            await sandbox.destroy()
            for layer in made:
                await asyncio.to_thread(layers.remove, layer.name)


def _prepare(source: Source, image: Layer, policy: FetchPolicy, scratch: Path) -> tuple[dict[str, Any], SandboxSpec]:
    """The request for the program, and the sandbox it runs in."""
    token = policy.tokens.get(source.host)
    limits = {
        "download_bytes": policy.download_bytes,
        "files": policy.tree.files,
        "file_bytes": policy.tree.file_bytes,
        "total_bytes": policy.tree.total_bytes,
    }
    request: dict[str, Any] = {"kind": str(source.kind), "out": str(HOME / _OUT), "limits": limits, "token": token}
    mounts = [Mount(Path(__file__).with_name("fetcher"), _PROGRAM)]
    reached = [source.location]
    if source.kind is SourceKind.LOCAL_ARCHIVE:
        mounts.append(Mount(_copy_local(Path(source.location), scratch), _ARCHIVE))
        request |= {"path": str(_ARCHIVE), "name": source.location.rsplit("/", 1)[-1]}
        reached = []
    elif source.kind is SourceKind.SDIST:
        name, version = source.location.split("==")
        request |= {"name": name, "version": version, "indexes": list(policy.indexes)}
        reached = list(policy.indexes)
    elif source.kind is SourceKind.PULL_REQUEST:
        owner, name = urlsplit(source.location).path.strip("/").split("/")
        api = policy.apis[source.host]
        request |= {"url": source.location, "owner": owner, "name": name, "number": source.number, "api": api}
        reached.append(api)
    else:
        request |= {"url": source.location, "revision": source.revision}
    if policy.ca_file is not None:
        mounts.append(Mount(policy.ca_file, _CA))
    spec = SandboxSpec(
        id=secrets.token_hex(8),
        base=image,
        mounts=tuple(mounts),
        limits=Limits(
            memory_bytes=2 * GIB, disk_bytes=2 * policy.tree.total_bytes + 2 * policy.download_bytes, file_bytes=4 * GIB
        ),
        workdir=HOME,
        egress=_egress(source, reached, policy, private=token is not None) if reached else None,
    )
    return request, spec


def _egress(source: Source, reached: list[str], policy: FetchPolicy, *, private: bool) -> Egress:
    """Whom the fetch sandbox may talk to: any public host, and the operator's own; with a token only its own host."""
    trusted, ports, hosts = set(policy.trusted), {443, 80}, set()
    for url in reached:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 443
        hosts.add(host)
        if source.kind is SourceKind.SDIST or url in policy.apis.values():
            trusted.add(f"{host}:{port}")  # named by the operator's configuration, like the hosts in it
        elif port != 443 and f"{host}:{port}" not in policy.trusted:
            raise InvalidSourceError(
                f"{parts.netloc} is not on the usual port of https (443).",
                hint="Give the address on port 443; an operator can list host:port in MARLIN_TRUSTED_SOURCE_HOSTS.",
            )
        ports.add(port)
    if source.kind is SourceKind.SDIST:
        trusted |= {entry for entry in policy.registries if "*" not in entry}
    if private:  # nothing can carry the token elsewhere
        trusted = {entry for entry in trusted if entry.rpartition(":")[0] in hosts or entry in hosts}
    return Egress(tuple(sorted(hosts)) if private else ("*",), tuple(sorted(trusted)), tuple(sorted(ports)))


async def _start(sandbox: Sandbox, policy: FetchPolicy) -> Process:
    env = {"PYTHONPATH": str(_PROGRAM.parent), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}
    env |= {"no_proxy": "", "NO_PROXY": ""}  # nothing is served within: every address goes through the proxy's checks
    if policy.ca_file is not None:
        env |= {"SSL_CERT_FILE": str(_CA), "GIT_SSL_CAINFO": str(_CA), "CURL_CA_BUNDLE": str(_CA)}
    return await sandbox.spawn(["python3", "-s", "-m", "fetcher"], cwd=HOME, env=env)


async def _converse(process: Process, request: dict[str, Any], seconds: float, progress: Progress) -> dict[str, Any]:
    """Send the request, pass progress on, and return the result."""
    errors = asyncio.create_task(_tail(process.stderr))
    try:
        async with asyncio.timeout(seconds):
            with suppress(ConnectionError):
                process.stdin.write(json.dumps(request).encode() + b"\n")
                await process.stdin.drain()
            async for line in _lines(process.stdout):
                message = json.loads(line)
                if "progress" in message:
                    progress(str(message["progress"]))
                elif "failure" in message:
                    said = message["failure"]
                    raise _ERRORS.get(said["code"], FetchError)(said["message"], hint=said["hint"] or None)
                elif "result" in message:
                    result: dict[str, Any] = message["result"]
                    return result
            await process.wait()
    except TimeoutError as error:
        raise FetchError(
            f"The source could not be fetched within {seconds:g} seconds.",
            hint="Try again when the host is faster, or bring a source archive instead.",
        ) from error
    except json.JSONDecodeError as error:
        raise FetchError("The fetch sandbox answered with garbage.", hint="Report this with the log.") from error
    finally:
        await process.terminate(grace=0.5)
        errors.cancel()
        with suppress(asyncio.CancelledError):
            await errors
    said_last = errors.result() if errors.done() and not errors.cancelled() else b""
    _log.warning("fetch program ended early", stderr=said_last[-2000:].decode("utf-8", "replace"))
    raise FetchError(
        "The program that fetches sources ended without an answer (out of memory, perhaps).",
        hint="Try a smaller source; the log has its last words.",
    )


async def _lines(stream: asyncio.StreamReader, limit: int = 4 << 20) -> AsyncIterator[bytes]:
    """Lines of any length up to ``limit`` bytes."""
    rest = b""
    while data := await stream.read(65536):
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            yield line
        if len(rest) > limit:
            raise FetchError("The fetch sandbox answered with garbage.", hint="Report this with the log.")


async def _tail(stream: asyncio.StreamReader) -> bytes:
    kept = b""
    while data := await stream.read(65536):
        kept = (kept + data)[-8192:]
    return kept


def _copy_local(path: Path, scratch: Path) -> Path:
    """A copy of an operator's archive that the sandbox's user may read."""
    copy = scratch / "archive"
    try:
        shutil.copyfile(path, copy)
    except FileNotFoundError as error:
        raise SourceNotFoundError(f"There is no file {path}.", hint="Check the path.") from error
    except OSError as error:
        raise InvalidSourceError(f"{path} can't be read: {error.strerror}.", hint="Check the file.") from error
    scratch.chmod(0o755)
    copy.chmod(0o644)
    return copy


def _regular(path: Path) -> Path:
    """``path``, if the sandbox left a regular file there."""
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        status = None
    if status is None or not stat.S_ISREG(status.st_mode):
        raise FetchError("The fetch sandbox handed over no bundle.", hint="Report this with the log.")
    return path
