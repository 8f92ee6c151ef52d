"""The sample repository as a git repository that is the same, commit by commit, on every machine."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from marlin.errors import ConflictError
from marlin.examples.git import run_git

_FOLDER = Path(__file__).parent / "sample_repository"

# Its history: what each commit brings in, oldest first. A prefix takes what no earlier commit has brought.
_HISTORY: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "2025-03-03T09:12:00+00:00",
        "Keep stock in a JSON file",
        (
            ".gitignore",
            "README.md",
            "pyproject.toml",
            "stockroom/__init__.py",
            "stockroom/inventory.py",
            "stockroom/money.py",
            "stockroom/storage.py",
        ),
    ),
    ("2025-04-14T15:40:00+00:00", "Read delivery notes", ("stockroom/deliveries.py", "docs/", "tests/data/")),
    ("2025-06-02T08:05:00+00:00", "Add reports and the command line", ("stockroom/",)),
    ("2025-06-20T11:30:00+00:00", "Add tests and a changelog", ("",)),
)


def sample_repository_commit(dest: Path) -> str:
    """Create the sample repository, work tree included, in ``dest``; the id of its last commit.

    The id depends on the files alone, so that it is the same on every machine of one version of Marlin.

    :param dest: a folder that does not exist yet, or is empty.
    :raises ConflictError: ``dest`` is not empty.
    :raises UnavailableError: git is missing.
    """
    if dest.exists() and any(dest.iterdir()):
        raise ConflictError(f"{dest} is not empty.", hint="Name a folder that does not exist yet.")
    dest.mkdir(parents=True, exist_ok=True)
    run_git(dest, "init", "--quiet", "--initial-branch=main", ".")
    left = _files()
    for date, message, prefixes in _HISTORY:
        now = [path for path in left if str(path).startswith(prefixes)]
        left = [path for path in left if path not in now]
        for path in now:
            _copy(path, dest)
        run_git(dest, "add", "--all", date=date)
        run_git(dest, "commit", "--quiet", "--message", message, date=date)
    return run_git(dest, "rev-parse", "HEAD").strip()


def _files() -> list[PurePosixPath]:
    """All files, sorted; without what running or installing them leaves behind."""
    found = (path.relative_to(_FOLDER) for path in _FOLDER.rglob("*") if path.is_file())
    return sorted(PurePosixPath(path) for path in found if "__pycache__" not in path.parts)


def _copy(path: PurePosixPath, dest: Path) -> None:
    target = dest / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes((_FOLDER / path).read_bytes())
    target.chmod(0o644)
