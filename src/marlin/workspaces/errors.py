"""The errors of workspaces. Each message says what happened, each hint what to do."""

from __future__ import annotations

from marlin.errors import ConflictError, InvalidInputError, NotFoundError, UnavailableError


class InvalidSourceError(InvalidInputError):
    """The text does not name a repository that this person may bring."""

    code = "invalid-source"


class SourceNotFoundError(NotFoundError):
    """There is no such repository, archive, release or pull request, or it is private."""

    code = "source-not-found"


class CommitNotFoundError(NotFoundError):
    """The repository has no such commit, branch or tag."""

    code = "commit-not-found"


class PathNotFoundError(NotFoundError):
    """The commit has no such file or folder."""

    code = "path-not-found"


class SourceTooLargeError(InvalidInputError):
    """The source is beyond a size limit; the message names the limit."""

    code = "source-too-large"


class UnsafeSourceError(InvalidInputError):
    """The source holds something no honest one does (``../`` in an archive, a ``.git`` entry in a tree)."""

    code = "unsafe-source"


class FetchError(UnavailableError):
    """The source could not be fetched: unreachable, refused, or too slow."""

    code = "fetch-failed"


class StorageFullError(UnavailableError):
    """The durable store or the mirrors' disk is full. Nothing half written was kept."""

    code = "storage-full"


class ArchiveMissingError(UnavailableError):
    """The durable store lacks something that was put there, or gave back other bytes."""

    code = "archive-missing"


class GitError(UnavailableError):
    """Git itself failed on this machine in a way that no input explains."""

    code = "git-failed"


class TooLargeError(InvalidInputError):
    """A diff or a file is larger than the caller's limit: ask for a part of it."""

    code = "too-large"


class MirrorBusyError(ConflictError):
    """Another process held a repository's lock for too long."""

    code = "mirror-busy"
