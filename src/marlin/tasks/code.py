"""Reading repositories: one place per process that knows where mirrors and the durable store are.

Everything blocks inside git, so it runs in threads. A mirror that this host lacks is made again from durable storage.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from marlin.errors import UnavailableError
from marlin.settings import Settings
from marlin.tasks.errors import SearchesBusyError
from marlin.workspaces import (
    Changes,
    DurableStore,
    Mirror,
    MirrorStore,
    Search,
    SharedRepositories,
    TreeEntry,
    diff,
    list_changes,
    list_files,
    list_tree,
    read_blob,
    search_files,
)

SEARCHES = 2
"""Searches that run at a time in one process, each for ten seconds at most: other work never waits for them."""
MOST_SEARCHES = 8
"""Searches that run or wait, each with a connection to the database; further ones are refused."""


def workspaces_folder(settings: Settings) -> Path:
    """Where a host keeps mirrors and the scratch of workspaces, beside its layers."""
    return settings.home / "workspaces"


class Code:
    """Mirrors and the durable store of one process."""

    def __init__(self, settings: Settings) -> None:
        self.durable = DurableStore(settings.storage)
        self.mirrors = MirrorStore(workspaces_folder(settings) / "mirrors", self.durable)
        self._shared = SharedRepositories(workspaces_folder(settings) / "shared", self.mirrors)
        self._searching = ThreadPoolExecutor(SEARCHES, thread_name_prefix="marlin-search")
        self._searches = 0

    async def mirror(self, repository: str, *commits: str) -> Mirror:
        """The repository's mirror, holding these commits.

        :raises CommitNotFoundError: durable storage has no such commit either.
        """
        return await asyncio.to_thread(self.mirrors.holding, repository, *commits)

    async def diff(
        self,
        repository: str,
        old: str,
        new: str,
        *,
        path: str | None = None,
        ignore_whitespace: bool = False,
        context: int = 3,
    ) -> bytes:
        """``git diff old new`` as git prints it; see :func:`marlin.workspaces.diff`."""
        mirror = await self.mirror(repository, old, new)
        return await asyncio.to_thread(
            diff, mirror, old, new, path=path, ignore_whitespace=ignore_whitespace, context=context
        )

    async def changes(self, repository: str, old: str, new: str) -> Changes:
        """Changed files between two commits, however many."""
        mirror = await self.mirror(repository, old, new)
        return await asyncio.to_thread(list_changes, mirror, old, new)

    async def read_blob(self, repository: str, commit: str, path: str) -> bytes:
        """One file of a commit."""
        return await asyncio.to_thread(read_blob, await self.mirror(repository, commit), commit, path)

    async def share(self, repository: str, base: str, branches: Mapping[str, str]) -> Path:
        """A repository with these branches and nothing else; see :class:`marlin.workspaces.SharedRepositories`."""
        return await asyncio.to_thread(self._shared.prepare, repository, base, branches)

    async def list_tree(self, repository: str, commit: str, path: str = "") -> list[TreeEntry]:
        """One folder of a commit."""
        return await asyncio.to_thread(list_tree, await self.mirror(repository, commit), commit, path)

    async def list_files(self, repository: str, commit: str) -> tuple[list[TreeEntry], bool]:
        """Every file of a commit, and whether the list is complete; see :func:`marlin.workspaces.list_files`."""
        return await asyncio.to_thread(list_files, await self.mirror(repository, commit), commit)

    async def search(
        self, repository: str, commit: str, text: str, *, ignore_case: bool = True, whole_words: bool = False
    ) -> Search:
        """Lines of a commit that hold ``text``; see :func:`marlin.workspaces.search_files`.

        :raises SearchesBusyError: if too many searches run and wait.
        """
        if self._searches >= MOST_SEARCHES:
            raise SearchesBusyError(
                "Too many searches wait for their turn.", hint="Search again in a few seconds.", retry_after=3
            )
        self._searches += 1
        try:
            mirror = await self.mirror(repository, commit)
            search = functools.partial(
                search_files, mirror, commit, text, ignore_case=ignore_case, whole_words=whole_words
            )
            return await asyncio.get_running_loop().run_in_executor(self._searching, search)
        finally:
            self._searches -= 1


_code: Code | None = None


def use_code(code: Code | None) -> None:
    """Make ``code`` the one that this process reads repositories with."""
    global _code
    _code = code


async def current_code() -> Code:
    """This process's :class:`Code`; a FastAPI dependency.

    :raises UnavailableError: the process was not set up for it.
    """
    if _code is None:
        raise UnavailableError("This process has no access to repositories.", hint="Start Marlin with `marlin up`.")
    return _code
