"""Letting somebody fetch a few commits with git, and nothing else.

What may be fetched is put into a small bare repository of its own, with no way back to the mirror: in version 2 of
git's protocol a client may ask for any object that the repository holds, advertised or not (gitprotocol-v2, ``want``),
and in every version it may claim to have any, and learn from the answer. So the repository holds the base commit
(whose history is cut off, as in a shallow clone), the results made on it, and not one object more.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import shutil
import time
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from uuid import uuid4

from marlin.workspaces import git
from marlin.workspaces.errors import GitError
from marlin.workspaces.locks import file_lock
from marlin.workspaces.mirrors import MirrorStore, make_bare
from marlin.workspaces.objects import read_commit

BASE = "base"
"""Name of the branch at the base commit; it is what a clone checks out."""

_BRANCH = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PROTOCOL = re.compile(r"version=[012]")
_KEEP_SECONDS = 3600.0
_CHUNK = 1 << 16

_READ_ONLY = (
    ("uploadpack.allowFilter", "false"),
    ("uploadpack.allowAnySHA1InWant", "false"),
    ("uploadpack.allowReachableSHA1InWant", "false"),
    ("uploadpack.allowTipSHA1InWant", "false"),
    ("advice.graftFileDeprecated", "false"),  # it would tell the client of a setting of ours
    ("pack.threads", "1"),
    ("pack.windowMemory", "64m"),
    ("core.bigFileThreshold", "8m"),
)


class SharedRepositories:
    """Repositories made for fetching, on this host; they can be made again at any time.

    :param root: folder for them.
    """

    def __init__(self, root: Path, mirrors: MirrorStore) -> None:
        self._root = root
        self._mirrors = mirrors

    def prepare(self, key: str, base: str, branches: Mapping[str, str]) -> Path:
        """A repository with a branch ``base`` and these branches, made if this host lacks it. Blocking.

        :param key: of the mirror.
        :param base: where history ends: the commit on which all others were made.
        :param branches: commit by name.
        :raises CommitNotFoundError: a commit is nowhere to be found.
        :raises StorageFullError: no room.
        """
        if bad := [name for name in branches if not _BRANCH.fullmatch(name) or name == BASE]:
            raise ValueError(f"no branch of ours: {bad[0]!r}")
        heads = {**branches, BASE: base}
        told = "\n".join([key, *(f"{name} {heads[name]}" for name in sorted(heads))])
        path = self._root / f"{hashlib.sha256(told.encode()).hexdigest()[:32]}.git"
        with file_lock(self._root / "shared.lock", 600):
            self._sweep(keep=path)
            if path.exists():
                os.utime(path)
            else:
                self._make(path, key, base, heads)
        return path

    def _make(self, path: Path, key: str, base: str, heads: Mapping[str, str]) -> None:
        for commit in dict.fromkeys(heads.values()):
            mirror = self._mirrors.ensure(key, commit)
        temporary = path.with_name(f"{uuid4().hex}.new")
        try:
            make_bare(temporary)
            lines = [f"--shallow {base}", *dict.fromkeys(heads.values())]
            git.run(
                mirror.path,
                ["pack-objects", "--revs", "--shallow", "--quiet", str(temporary / "objects/pack/pack")],
                stdin="".join(f"{line}\n" for line in lines).encode(),
                timeout=600,
            )
            if read_commit(mirror.path, base).parents:
                (temporary / "shallow").write_text(f"{base}\n")
            for name, commit in heads.items():
                (temporary / "refs/heads" / name).write_text(f"{commit}\n")
            (temporary / "HEAD").write_text(f"ref: refs/heads/{BASE}\n")
            temporary.rename(path)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)

    def _sweep(self, *, keep: Path) -> None:
        """Remove what nobody has fetched from for an hour (the caller holds the lock)."""
        for folder in self._root.glob("*.git"):
            if folder != keep and time.time() - folder.stat().st_mtime > _KEEP_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
        for leftover in self._root.glob("*.new"):  # of a process that was killed: the lock is ours
            shutil.rmtree(leftover, ignore_errors=True)


class UploadPack:
    """One request of a fetching git, answered by git itself.

    :param repository: as :meth:`SharedRepositories.prepare` gave it.
    :param protocol: the client's ``Git-Protocol`` header.
    :ivar delivered: whether files were sent, and all of them.
    """

    def __init__(self, repository: Path, *, protocol: str | None) -> None:
        self._repository = repository
        self._protocol = protocol if protocol and _PROTOCOL.fullmatch(protocol) else "version=0"
        self._sent = _PackWatch()
        self._went_well = False
        self.delivered = False

    async def advertise(self) -> bytes:
        """What there is to fetch: the body of ``info/refs``."""
        greeting = b"001e# service=git-upload-pack\n0000"
        return greeting + b"".join([part async for part in self._run(b"", "--http-backend-info-refs", seconds=60)])

    async def answer(self, request: bytes, *, seconds: float = 600) -> AsyncGenerator[bytes, None]:
        """The answer to a ``git-upload-pack`` request, as it comes. Close the generator to stop git.

        :raises GitError: git failed, or took longer than ``seconds``.
        """
        async with contextlib.aclosing(self._run(request, seconds=seconds)) as parts:
            async for part in parts:
                self._sent.feed(part)
                yield part
        self.delivered = self._sent.seen and self._went_well

    async def _run(self, request: bytes, *options: str, seconds: float) -> AsyncGenerator[bytes, None]:
        settings = [word for key, value in _READ_ONLY for word in ("-c", f"{key}={value}")]
        command = [*settings, "upload-pack", "--strict", "--stateless-rpc", *options, str(self._repository)]
        process = await asyncio.create_subprocess_exec(
            "git",
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=git.environment(self._repository, {"GIT_PROTOCOL": self._protocol}),
            start_new_session=True,
        )
        feeding, said = asyncio.create_task(_feed(process, request)), False
        assert process.stdout is not None
        try:
            async with asyncio.timeout(seconds):
                while part := await process.stdout.read(_CHUNK):
                    said = True
                    yield part
                self._went_well = await process.wait() == 0
        except TimeoutError as error:
            raise GitError(f"Sending the files took longer than {seconds:g} s.", hint="Fetch again.") from error
        finally:
            feeding.cancel()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 9)  # upload-pack, and the pack-objects that it started
            await process.wait()
        if not said:  # else it told the client itself what it did not like
            raise GitError("git refused the request.", hint="Fetch a branch by its name, with git 2.18 or newer.")


async def _feed(process: asyncio.subprocess.Process, request: bytes) -> None:
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(request)
        await process.stdin.drain()
    process.stdin.close()


class _PackWatch:
    """Notices that files begin in git's answer: a packet of side band 1 with ``PACK`` (gitprotocol-common)."""

    def __init__(self) -> None:
        self.seen = False
        self._left = b""
        self._skip = 0

    def feed(self, data: bytes) -> None:
        """Look at more of the answer."""
        if self.seen:
            return
        if self._skip >= len(data):
            self._skip -= len(data)
            return
        rest, self._skip = self._left + data[self._skip :], 0
        while len(rest) >= 9 or rest[:4] in (b"0000", b"0001", b"0002"):
            try:
                length = max(4, int(rest[:4], 16))
            except ValueError:
                self.seen = b"PACK" in rest  # a client without side bands
                return
            if rest[4:9] == b"\x01PACK" and length > 8:
                self.seen = True
                return
            if length > len(rest):
                self._skip, rest = length - len(rest), b""
                break
            rest = rest[length:]
        self._left = rest
