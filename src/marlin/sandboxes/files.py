"""Reading and writing single files of a sandbox, as its user: by commands inside, so that no link leads outside."""

from __future__ import annotations

from pathlib import PurePosixPath

from marlin.sandboxes.errors import DiskFullError, ExecTimeoutError, SandboxFileError
from marlin.sandboxes.protocol import MIB, Sandbox

_SECONDS = 60.0
_NOT_THERE, _NOT_A_FILE, _TOO_LARGE, _NO_FOLDER = 91, 92, 93, 94

_READ = f"""
[ -e "$1" ] || exit {_NOT_THERE}
[ -f "$1" ] || exit {_NOT_A_FILE}
size=$(stat -L -c %s -- "$1") || exit 1
[ "$size" -le "$2" ] || exit {_TOO_LARGE}
exec head -c "$2" -- "$1"
"""

_WRITE = f"""
[ ! -e "$1" ] || [ -f "$1" ] || exit {_NOT_A_FILE}
case $1 in */*) mkdir -p -- "${{1%/*}}/" || exit {_NO_FOLDER};; esac
cat > "$1" || exit 1
chmod -- "$2" "$1"
"""


async def read_file(sandbox: Sandbox, path: PurePosixPath, limit: int) -> bytes:
    """See ``Sandbox.read_file``."""
    try:
        result = await sandbox.exec(
            ["/bin/sh", "-c", _READ, "sh", str(path), str(limit)], timeout=_SECONDS, output_limit=limit + MIB
        )
    except ExecTimeoutError as error:
        raise SandboxFileError(f"{path} could not be read within {_SECONDS:g} s") from error
    if result.exit_code == 0:
        return result.stdout
    reasons = {
        _NOT_THERE: "does not exist",
        _NOT_A_FILE: "is not a regular file",
        _TOO_LARGE: f"is larger than {limit} bytes",
    }
    said = result.stderr.decode(errors="replace").strip()
    raise SandboxFileError(f"{path} {reasons.get(result.exit_code, f'can not be read: {said}')}")


async def write_file(sandbox: Sandbox, path: PurePosixPath, data: bytes, mode: int) -> None:
    """See ``Sandbox.write_file``."""
    try:
        result = await sandbox.exec(
            ["/bin/sh", "-c", _WRITE, "sh", str(path), f"{mode & 0o7777:o}"], timeout=_SECONDS, stdin=data
        )
    except ExecTimeoutError as error:
        raise SandboxFileError(f"{path} could not be written within {_SECONDS:g} s") from error
    if result.exit_code == 0:
        return
    said = result.stderr.decode(errors="replace").strip()
    if "No space left" in said:
        raise DiskFullError(f"{path}: no room left in the sandbox", hint="raise its disk limit, or remove files in it")
    if result.exit_code == _NOT_A_FILE:
        said = "there is something else of that name"
    raise SandboxFileError(f"{path} can't be written: {said}")
