"""Repositories, workspaces, snapshots and diffs: git is the store of code.

:class:`Workspaces` is the door. Mirrors and layers on a host are a cache; :class:`DurableStore` is what lasts.
"""

from marlin.workspaces.blobs import BlobReader
from marlin.workspaces.browsing import FoundLine, Search, list_files, search_files
from marlin.workspaces.differ import Differ
from marlin.workspaces.diffs import (
    Changes,
    ChangeStatus,
    FileChange,
    TreeEntry,
    diff,
    diff_stream,
    diffstat,
    find_files,
    list_changes,
    list_tree,
    read_blob,
)
from marlin.workspaces.durable import DurableStore
from marlin.workspaces.errors import (
    ArchiveMissingError,
    CommitNotFoundError,
    FetchError,
    GitError,
    InvalidSourceError,
    MirrorBusyError,
    PathNotFoundError,
    SourceNotFoundError,
    SourceTooLargeError,
    StorageFullError,
    TooLargeError,
    UnsafeSourceError,
)
from marlin.workspaces.facade import Imported, TurnStart, Workspaces
from marlin.workspaces.fetching import FetchPolicy
from marlin.workspaces.mirrors import Mirror, MirrorStore, mirror_key
from marlin.workspaces.paths import from_text, to_text
from marlin.workspaces.policy import fetch_policy
from marlin.workspaces.scan import LeftOut, Reason, ScanLimits
from marlin.workspaces.sharing import SharedRepositories, UploadPack
from marlin.workspaces.snapshots import Snapshot, StoredLayer
from marlin.workspaces.sources import Source, SourceKind, parse_source
from marlin.workspaces.trees import TreeLimits, TreeReport

__all__ = [
    "ArchiveMissingError",
    "BlobReader",
    "ChangeStatus",
    "Changes",
    "CommitNotFoundError",
    "Differ",
    "DurableStore",
    "FetchError",
    "FetchPolicy",
    "FileChange",
    "FoundLine",
    "GitError",
    "Imported",
    "InvalidSourceError",
    "LeftOut",
    "Mirror",
    "MirrorBusyError",
    "MirrorStore",
    "PathNotFoundError",
    "Reason",
    "ScanLimits",
    "Search",
    "SharedRepositories",
    "Snapshot",
    "Source",
    "SourceKind",
    "SourceNotFoundError",
    "SourceTooLargeError",
    "StorageFullError",
    "StoredLayer",
    "TooLargeError",
    "TreeEntry",
    "TreeLimits",
    "TreeReport",
    "TurnStart",
    "UnsafeSourceError",
    "UploadPack",
    "Workspaces",
    "diff",
    "diff_stream",
    "diffstat",
    "fetch_policy",
    "find_files",
    "from_text",
    "list_changes",
    "list_files",
    "list_tree",
    "mirror_key",
    "parse_source",
    "read_blob",
    "search_files",
    "to_text",
]
