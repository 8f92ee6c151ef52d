"""git for example repositories: the same commits on every machine."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from marlin.errors import UnavailableError


def run_git(folder: Path, *arguments: str, date: str = "") -> str:
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
            f"An example repository could not be made in {folder}: {error.stderr.strip()[:300]}",
            hint="Check that the folder can be written and the disk has room.",
        ) from error
    return done.stdout
