"""A source archive as one commit: the same files give the same commit id, wherever they came from.

Nothing is extracted: names and bytes go to ``git fast-import`` over a pipe, so a path in an archive is only ever a
name.
"""

from __future__ import annotations

import os
import posixpath
import stat
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any

from .failures import Failure
from .repository import bundle

_DATE = "946684800 +0000"
"""2000-01-01: archives have no date of their own that would be the same for the same files."""

_RATIO = 200
_RATIO_FROM = 64 << 20


@dataclass
class Entry:
    """A file or link of an archive."""

    path: bytes
    mode: str
    size: int
    open: Callable[[], IO[bytes] | None]
    target: bytes = b""


def convert(path: str, name: str, out: str, limits: dict[str, int], progress: Callable[[str], None]) -> dict[str, Any]:
    """Turn the archive at ``path`` into the bundle ``out``.

    :param name: its file name, which says the format.
    :raises Failure: it is none, is unsafe, empty or beyond a limit.
    """
    warnings: list[str] = []
    progress("reading the archive")
    folder = tempfile.mkdtemp(dir=os.environ["HOME"], suffix=".git")
    git = _Git(folder)
    try:
        entries = _zip(path, warnings) if name.lower().endswith(".zip") else _tar(path, warnings)
        count = _import(git, _checked(entries, os.path.getsize(path), limits, warnings))
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise Failure(
            "unsafe", f"The archive can't be read: {error}.", "Check that it is complete, then try again."
        ) from error
    except OSError as error:
        if error.errno is not None:
            raise
        raise Failure("unsafe", f"The archive can't be read: {error}.", "Check that it is complete.") from error
    if not count:
        raise Failure("empty", "The archive holds no files.", "Bring another archive.")
    commit = git.run("commit-tree", "-m", "Source archive", _tree(git))
    bundle(folder, git.run, git.write_pack, commit, out)
    return {
        "commit": commit,
        "warnings": warnings[:20] + ([f"… and {len(warnings) - 20} more"] if len(warnings) > 20 else []),
    }


class _Git:
    def __init__(self, folder: str) -> None:
        self.env = dict(os.environ)
        self.env.update(GIT_DIR=folder, GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL="/dev/null", LC_ALL="C")
        for role in ("AUTHOR", "COMMITTER"):
            self.env.update(
                {f"GIT_{role}_NAME": "Marlin", f"GIT_{role}_EMAIL": "marlin@localhost", f"GIT_{role}_DATE": _DATE}
            )
        self.run("init", "-q", "--bare", "--template=", folder)

    def run(self, *args: str) -> str:
        return subprocess.run(["git", *args], capture_output=True, env=self.env, check=True).stdout.decode().strip()

    def write_pack(self, commit: str, target: Any) -> None:
        command = ["git", "pack-objects", "--revs", "--stdout", "-q", "--threads=1"]
        subprocess.run(command, input=f"{commit}\n".encode(), stdout=target, env=self.env, check=True)


def _import(git: _Git, entries: Iterator[Entry]) -> int:
    command = ["git", "fast-import", "--quiet", "--done", "--date-format=raw"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, env=git.env)
    pipe = process.stdin
    assert pipe is not None
    pipe.write(f"commit refs/heads/raw\ncommitter Marlin <marlin@localhost> {_DATE}\ndata 0\n".encode())
    count = 0
    try:
        for entry in entries:
            pipe.write(b"M %b inline %b\n" % (entry.mode.encode(), _quote(entry.path)))
            if entry.mode == "120000":
                pipe.write(b"data %d\n%b\n" % (len(entry.target), entry.target))
            else:
                _copy(entry, pipe)
            count += 1
        pipe.write(b"done\n")
        pipe.close()
        if process.wait() != 0:
            raise Failure("unsafe", "git refuses the archive's files.", "Check the names in the archive.")
    finally:
        process.kill()
        process.wait()
    return count


def _copy(entry: Entry, pipe: IO[bytes]) -> None:
    pipe.write(b"data %d\n" % entry.size)
    left, source = entry.size, entry.open()
    while left and source is not None:
        data = source.read(min(left, 1 << 20))
        if not data:
            break
        pipe.write(data)
        left -= len(data)
    if left:
        raise Failure("unsafe", f"{_show(entry.path)} is shorter than the archive says.", "Check that it is complete.")
    pipe.write(b"\n")


def _tree(git: _Git) -> str:
    """The files' tree; a single top folder, as archives of releases have it, is stripped."""
    lines = git.run("ls-tree", "refs/heads/raw").splitlines()
    if len(lines) == 1 and lines[0].split()[1] == "tree":
        return lines[0].split()[2]
    return git.run("rev-parse", "refs/heads/raw^{tree}")


def _checked(entries: Iterator[Entry], packed: int, limits: dict[str, int], warnings: list[str]) -> Iterator[Entry]:
    count = total = 0
    for entry in entries:
        parts = [part for part in entry.path.split(b"/") if part not in (b"", b".")]
        if entry.path.startswith(b"/") or b".." in parts or b"\0" in entry.path:
            raise Failure(
                "unsafe",
                f"The archive holds the path {_show(entry.path)}, which leads outside it.",
                "An honest source archive has no such path; don't use this one.",
            )
        if not parts:
            continue
        entry.path = b"/".join(parts)
        if any(part.lower() == b".git" for part in parts):
            _warn(warnings, f"left out: {_show(entry.path)} (a git folder)")
            continue
        if entry.mode == "120000" and _leads_out(entry):
            _warn(warnings, f"left out: {_show(entry.path)} (a link out of the archive)")
            continue
        count, total = count + 1, total + entry.size
        if entry.size > limits["file_bytes"]:
            raise _too_large(f"{_show(entry.path)} has {entry.size:,} bytes", f"{limits['file_bytes']:,} bytes a file")
        if count > limits["files"]:
            raise _too_large("The archive has more files", f"{limits['files']:,} files")
        if total > limits["total_bytes"]:
            raise _too_large("The archive's files are larger", f"{limits['total_bytes']:,} bytes together")
        if total > _RATIO_FROM and total > _RATIO * packed:
            raise _too_large(f"The archive expands to more than {_RATIO} times its size", f"{_RATIO} times")
        yield entry


def _tar(path: str, warnings: list[str]) -> Iterator[Entry]:
    with tarfile.open(path, "r:*") as archive:
        for member in archive:
            name = os.fsencode(member.name)
            if member.isdir():
                continue
            if member.issym():
                yield Entry(name, "120000", 0, lambda: None, os.fsencode(member.linkname))
            elif member.isreg() or member.islnk():
                source = member
                if member.islnk():
                    try:
                        source = archive._find_link_target(member)  # type: ignore[attr-defined]
                    except KeyError:
                        _warn(warnings, f"left out: {_show(name)} (a link to nothing in the archive)")
                        continue
                mode = "100755" if source.mode & 0o100 else "100644"
                yield Entry(name, mode, source.size, lambda source=source: archive.extractfile(source))  # type: ignore[misc]
            else:
                _warn(warnings, f"left out: {_show(name)} (a device or pipe)")


def _zip(path: str, warnings: list[str]) -> Iterator[Entry]:
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            name = info.filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437", "surrogateescape")
            if info.flag_bits & 0x1:
                raise Failure("unsafe", "The archive is encrypted.", "Bring it without a password.")
            kind = stat.S_IFMT(info.external_attr >> 16)
            if info.is_dir():
                continue
            if kind == stat.S_IFLNK:
                if info.file_size > 4096:
                    raise Failure("unsafe", f"{_show(name)} is an impossible link.", "Don't use this archive.")
                yield Entry(name, "120000", 0, lambda: None, archive.read(info))
            elif kind in (0, stat.S_IFREG):
                mode = "100755" if (info.external_attr >> 16) & 0o100 else "100644"
                yield Entry(name, mode, info.file_size, lambda info=info: archive.open(info))  # type: ignore[misc]
            else:
                _warn(warnings, f"left out: {_show(name)} (a device or pipe)")


def _leads_out(entry: Entry) -> bool:
    if entry.target.startswith(b"/"):
        return True
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(entry.path), entry.target))
    return joined == b".." or joined.startswith(b"../")


def _quote(path: bytes) -> bytes:
    return (
        b'"'
        + b"".join(b"\\%03o" % byte if byte < 0x20 or byte > 0x7E or byte in b'"\\' else bytes([byte]) for byte in path)
        + b'"'
    )


def _warn(warnings: list[str], text: str) -> None:
    if len(warnings) < 10_000:
        warnings.append(text)


def _show(path: bytes) -> str:
    return path[:200].decode("utf-8", "backslashreplace")


def _too_large(what: str, limit: str) -> Failure:
    return Failure("too-large", f"{what}; the limit is {limit}.", "Bring a smaller source archive.")
