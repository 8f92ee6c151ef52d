"""Running git on the host: only on Marlin's own bare repositories, with nobody's configuration but this page's.

Nothing here ever points git at a folder that a sandbox wrote. The environment is built from nothing, system and user
configuration are off, hooks, monitors, replace refs and every transport are off, paths are literal, and there is a time
limit on each call.
"""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Timer

from marlin.workspaces.errors import GitError, StorageFullError, TooLargeError

NAME = "Marlin"
EMAIL = "marlin@localhost"

CONFIG: tuple[tuple[str, str], ...] = (
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("core.untrackedCache", "false"),
    ("core.attributesFile", "/dev/null"),
    ("core.excludesFile", "/dev/null"),
    ("core.protectHFS", "true"),
    ("core.protectNTFS", "true"),
    ("core.quotePath", "false"),
    ("core.logAllRefUpdates", "false"),
    ("protocol.allow", "never"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("pack.threads", "2"),
    ("diff.renameLimit", "2000"),
    ("fastimport.unpackLimit", "0"),
    ("transfer.fsckObjects", "true"),
)
"""Configuration that every git of Marlin's runs under; command scope overrides any file."""


def environment(git_dir: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The complete environment of a git process on ``git_dir``."""
    env = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "GIT_DIR": str(git_dir),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_GRAFT_FILE": "/dev/null",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ADVICE": "0",
        "GIT_AUTHOR_NAME": NAME,
        "GIT_AUTHOR_EMAIL": EMAIL,
        "GIT_COMMITTER_NAME": NAME,
        "GIT_COMMITTER_EMAIL": EMAIL,
        "GIT_CONFIG_COUNT": str(len(CONFIG)),
    }
    for number, (key, value) in enumerate(CONFIG):
        env[f"GIT_CONFIG_KEY_{number}"] = key
        env[f"GIT_CONFIG_VALUE_{number}"] = value
    return env | dict(extra or {})


class GitFailed(GitError):
    """A git command ended with an error; ``code_of_git`` and ``stderr`` are there for callers that can explain it."""

    def __init__(self, args: Sequence[str], exit_code: int, stderr: bytes) -> None:
        self.code_of_git = exit_code
        self.stderr = stderr.decode("utf-8", "replace").strip()
        last = self.stderr.splitlines()[-1][:300] if self.stderr else "no message"
        super().__init__(
            f"git {args[0]} failed with exit code {exit_code}: {last}",
            hint="Run `marlin doctor`; if the disk and git are well, this is a defect: report it with the log.",
        )


def failure(args: Sequence[str], exit_code: int, stderr: bytes) -> GitError | StorageFullError:
    """The error for a git command that failed."""
    if b"No space left on device" in stderr or b"Disk quota exceeded" in stderr:
        return StorageFullError(
            "The disk that holds Marlin's mirrors is full.", hint="Free space under MARLIN_HOME, then try again."
        )
    return GitFailed(args, exit_code, stderr)


def run(
    git_dir: Path,
    args: Sequence[str | bytes],
    *,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float = 60.0,
    ok: tuple[int, ...] = (0,),
) -> bytes:
    """Run git to its end; what it printed.

    :param ok: exit codes that are answers rather than failures.
    :raises GitFailed: it ended otherwise.
    :raises GitError: it took longer than ``timeout`` seconds.
    :raises StorageFullError: the disk is full.
    """
    try:
        done = subprocess.run(
            ["git", *args],
            input=stdin,
            capture_output=True,
            env=environment(git_dir, env),
            cwd=cwd,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _too_slow(args, timeout) from error
    except FileNotFoundError as error:
        raise _no_git() from error
    if done.returncode not in ok:
        raise failure(_words(args), done.returncode, done.stderr)
    return done.stdout


def stream(
    git_dir: Path,
    args: Sequence[str | bytes],
    *,
    limit: int | None = None,
    timeout: float = 60.0,
    memory: int | None = None,
    chunk: int = 1 << 16,
) -> Iterator[bytes]:
    """What git prints, in chunks as it comes.

    :param limit: most bytes; beyond it the process is killed.
    :param memory: bytes that the process may take for its data.
    :raises TooLargeError: the output is larger than ``limit`` (after the chunks up to it).
    :raises GitFailed: it failed; :raises GitError: it was too slow.
    """
    try:
        process = subprocess.Popen(
            ["git", *args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(git_dir),
        )
    except FileNotFoundError as error:
        raise _no_git() from error
    limit_memory(process, memory)
    assert process.stdout is not None
    assert process.stderr is not None
    late = Timer(timeout, process.kill)
    late.start()
    seen = 0
    try:
        while data := os.read(process.stdout.fileno(), chunk):
            seen += len(data)
            if limit is not None and seen > limit:
                raise too_large(_words(args)[0], limit)
            yield data
        message = process.stderr.read()
        code = process.wait()
        if code == -9 and not late.is_alive():
            raise _too_slow(args, timeout)
        if code != 0:
            raise failure(_words(args), code, message)
    finally:
        late.cancel()
        with suppress(ProcessLookupError):
            process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def too_large(command: str, limit: int) -> TooLargeError:
    """The error for a git that has more to say than anybody wants to hear."""
    return TooLargeError(
        f"git {command} printed more than {limit:,} bytes.", hint="Ask for one file at a time.", limit=limit
    )


def limit_memory(process: subprocess.Popen[bytes], memory: int | None) -> None:
    """Let a process that has just begun take no more than so many bytes for its data: mapped packs don't count."""
    if memory is not None:
        with suppress(ProcessLookupError):
            resource.prlimit(process.pid, resource.RLIMIT_DATA, (memory, memory))


def _words(args: Sequence[str | bytes]) -> list[str]:
    return [os.fsdecode(arg) for arg in args]


def _too_slow(args: Sequence[str | bytes], timeout: float) -> GitError:
    return GitError(
        f"git {_words(args)[0]} took longer than {timeout:g} seconds and was stopped.",
        hint="Try again when the machine is less busy; a repository that always does this is too large for it.",
    )


def _no_git() -> GitError:
    return GitError("git is not installed on this machine.", hint="Install git 2.34 or newer.")
