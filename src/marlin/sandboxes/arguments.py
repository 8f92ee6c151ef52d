"""The command line of bubblewrap, and the environment of a command (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from marlin.errors import InvalidInputError
from marlin.sandboxes.keeper.running import SECCOMP_FD, STATUS_FD, USERNS_FD
from marlin.sandboxes.protocol import HOME, Limits

SHM_BYTES_MAX = 256 << 20
_FAKE_ROOT_CAPABILITIES = (
    *("CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL"),
    *("CAP_SETGID", "CAP_SETUID", "CAP_SETFCAP", "CAP_NET_BIND_SERVICE"),
)
"""What package managers need. They count in the sandbox's own user namespace only."""


def environment(
    fake_root: bool, spec: Mapping[str, str], command: Mapping[str, str] | None, *, terminal: bool = False
) -> dict[str, str]:
    """All variables of a command: the fixed ones, then the sandbox's, then the command's own."""
    folders = ["/usr/local/bin", "/usr/bin", "/bin"]
    if fake_root:
        folders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
    # Git refuses folders of other users, even to root: the workspace is the agent's.
    trust = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
    return {
        "PATH": ":".join(folders),
        "HOME": str(HOME),
        "USER": "root" if fake_root else "agent",
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color" if terminal else "dumb",
        **(trust if fake_root else {}),
        **spec,
        **(command or {}),
    }


def bubblewrap(
    root: str,
    *,
    env: Mapping[str, str],
    cwd: PurePosixPath,
    limits: Limits,
    fake_root: bool,
    terminal: bool,
) -> bytes:
    """Arguments for ``--args``: separated by NUL, and so out of the process list.

    The user namespace was made by the keeper: all 65,536 ids are mapped, so root's files are root's and the agent's are
    the agent's, and creating further user namespaces is switched off in it (``--disable-userns`` does it the same way).

    :raises InvalidInputError: a zero byte in a variable: it would begin an option of its own.
    """
    arguments = [
        *("--bind", root, "/", "--proc", "/proc", "--dev", "/dev"),
        *("--perms", "1777", "--size", str(min(SHM_BYTES_MAX, limits.tmp_bytes)), "--tmpfs", "/dev/shm"),
        *(
            "--userns",
            str(USERNS_FD),
            "--block-fd",
            str(USERNS_FD),
            "--unshare-pid",
            "--unshare-ipc",
            "--unshare-uts",
            "--unshare-cgroup-try",
        ),
        *("--hostname", "sandbox", "--die-with-parent", "--cap-drop", "ALL"),
    ]
    if fake_root:
        for capability in _FAKE_ROOT_CAPABILITIES:
            arguments += ["--cap-add", capability]
    arguments.append("--clearenv")
    for name, value in sorted(env.items()):
        arguments += ["--setenv", name, value]
    if not terminal:
        # A terminal's command keeps the keeper's fresh session, whose controlling terminal it is; the filter refuses
        # TIOCSTI.
        arguments.append("--new-session")
    arguments += ["--seccomp", str(SECCOMP_FD), "--json-status-fd", str(STATUS_FD), "--chdir", str(cwd)]
    if any("\0" in argument for argument in arguments):
        raise InvalidInputError(
            "a variable or folder of a command holds a zero byte", hint="no program can be given one: remove it"
        )
    return b"".join(argument.encode(errors="surrogateescape") + b"\0" for argument in arguments)


def resource_limits(limits: Limits) -> dict[str, int]:
    """Per-process limits (setrlimit), beside the control group's."""
    return {
        "RLIMIT_FSIZE": limits.file_bytes,
        "RLIMIT_CORE": 0,
        "RLIMIT_NOFILE": limits.open_files,
        "RLIMIT_MEMLOCK": 64 << 10,
        "RLIMIT_MSGQUEUE": 0,
        "RLIMIT_RTPRIO": 0,
        "RLIMIT_NICE": 0,
    }


def search_path(env: Mapping[str, str]) -> Sequence[str]:
    """The folders a command is looked for in."""
    return [folder for folder in env["PATH"].split(":") if folder]
