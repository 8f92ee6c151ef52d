"""The sample repository as a git repository that is the same, commit by commit, on every machine."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path, PurePosixPath

from marlin.errors import ConflictError, UnavailableError

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
    _git(dest, "init", "--quiet", "--initial-branch=main", ".")
    left = _files()
    for date, message, prefixes in _HISTORY:
        now = [path for path in left if str(path).startswith(prefixes)]
        left = [path for path in left if path not in now]
        for path in now:
            _copy(path, dest)
        _git(dest, "add", "--all", date=date)
        _git(dest, "commit", "--quiet", "--message", message, date=date)
    return _git(dest, "rev-parse", "HEAD").strip()


def _files() -> list[PurePosixPath]:
    """All files, sorted; without what running or installing them leaves behind."""
    found = (path.relative_to(_FOLDER) for path in _FOLDER.rglob("*") if path.is_file())
    return sorted(PurePosixPath(path) for path in found if "__pycache__" not in path.parts)


def _copy(path: PurePosixPath, dest: Path) -> None:
    target = dest / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes((_FOLDER / path).read_bytes())
    target.chmod(0o644)


def _git(folder: Path, *arguments: str, date: str = "") -> str:
    """Run git there, deaf to the machine's own configuration and hooks."""
    person = {"NAME": "Stockroom", "EMAIL": "stockroom@example.org"}
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TEMPLATE_DIR": "",
        **{f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in person.items()},
        **({"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date} if date else {}),
    }
    command = ["git", "-c", "core.autocrlf=false", "-c", "core.fileMode=true", "-c", "init.defaultObjectFormat=sha1"]
    try:
        done = subprocess.run(
            [*command, *arguments], cwd=folder, env=environment, check=True, capture_output=True, text=True
        )
    except FileNotFoundError as error:
        raise UnavailableError("git is missing on this machine.", hint="Install git (apt install git).") from error
    except subprocess.CalledProcessError as error:
        raise UnavailableError(
            f"The sample repository could not be made in {folder}: {error.stderr.strip()[:300]}",
            hint="Check that the folder can be written and the disk has room.",
        ) from error
    return done.stdout
