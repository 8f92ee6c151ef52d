"""Many files' bytes by one process, ``git cat-file --batch``: starting git takes longer than reading most files."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from types import TracebackType
from typing import Self

from marlin.workspaces import git
from marlin.workspaces.errors import GitError
from marlin.workspaces.mirrors import Mirror

_CHUNK = 1 << 16


class BlobReader:
    """Blobs of one mirror, by object id; close it at the end. Not safe between threads."""

    def __init__(self, mirror: Mirror) -> None:
        self._process = subprocess.Popen(
            ["git", "cat-file", "--batch"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=git.environment(mirror.path),
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests, self._answers = self._process.stdin, self._process.stdout

    def read(self, object_id: str, *, limit: int | None = None) -> bytes:
        """A blob's bytes.

        :param limit: no more than so many from its beginning; all when None.
        :raises GitError: the mirror has no such blob, or git is gone.
        """
        try:
            self._requests.write(object_id.encode() + b"\n")
            self._requests.flush()
            words = self._answers.readline().split()
        except OSError as error:
            raise self._lacking(object_id) from error
        if len(words) != 3 or words[1] != b"blob":
            if len(words) == 3:  # a tree, say: what follows is passed over
                self._pass_over(int(words[2]) + 1)
            raise self._lacking(object_id)
        size = int(words[2])
        wanted = size if limit is None else min(size, limit)
        data = self._answers.read(wanted)
        if not self._pass_over(size - wanted + 1):  # git was ended in the middle
            raise self._lacking(object_id)
        return data

    def close(self) -> None:
        """End the process."""
        with suppress(OSError):
            self._requests.close()
        self._answers.close()
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _pass_over(self, count: int) -> bool:
        """Whether there was so much."""
        while count > 0 and (data := self._answers.read(min(count, _CHUNK))):
            count -= len(data)
        return count == 0

    @staticmethod
    def _lacking(object_id: str) -> GitError:
        return GitError(f"The mirror lacks the object {object_id[:12]}.", hint="Remove the mirror; it is made again.")
