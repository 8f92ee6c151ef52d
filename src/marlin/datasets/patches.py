"""Which files a patch is about, as git prints it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from marlin.workspaces import from_text

_NAMES = (b"--- ", b"+++ ", b"rename from ", b"rename to ", b"copy from ", b"copy to ")
_BODY = (b"@@ ", b"Binary files ", b"GIT binary patch")
_INDEX = re.compile(rb"index ([0-9a-f]{40,64})\.\.([0-9a-f]{40,64})(?: (\d{6}))?")
_LINK, _SUBMODULE = b"120000", b"160000"
"""Modes of what is no file."""


@dataclass(slots=True)
class ChangedFile:
    """A file of a patch.

    :ivar paths: old and new. :ivar before: object id of its content; None where there was none, or nothing was changed
        but its mode or name, or it is a link or a submodule. :ivar after: the same of the new one.
    :ivar link: object id of where a link leads to now. :ivar commit: the change's own, where that is known.
    """

    paths: set[bytes] = field(default_factory=set)
    before: str | None = None
    after: str | None = None
    link: str | None = None
    commit: str | None = None


def files_in(patch: bytes) -> list[ChangedFile]:
    """Every file that a patch is about, in its order; the patch has whole object ids (``--full-index``)."""
    found: list[ChangedFile] = []
    head, mode = False, b""
    for line in patch.split(b"\n"):
        if line.startswith(b"diff --git "):
            head, mode = True, b""
            found.append(ChangedFile(_twice(line.removeprefix(b"diff --git "))))
        elif head and line.startswith(_BODY):
            head = False
        elif head and line.startswith(_NAMES):
            found[-1].paths |= _named(line)
        elif head and line.startswith((b"new file mode ", b"deleted file mode ")):
            mode = line[-6:]
        elif head and (index := _INDEX.match(line)):
            kind = index[3] or mode
            if kind == _LINK:
                found[-1].link = _object(index[2])
            elif kind != _SUBMODULE:
                found[-1].before, found[-1].after = _object(index[1]), _object(index[2])
    return found


def _object(name: bytes) -> str | None:
    return name.decode() if name.strip(b"0") else None


def _named(line: bytes) -> set[bytes]:
    sign = next(name for name in _NAMES if line.startswith(name))
    path = _unquoted(line.removeprefix(sign).removesuffix(b"\t"))
    if path is None or path == b"/dev/null":
        return set()
    return {path[2:] if sign in _NAMES[:2] else path}


def _twice(names: bytes) -> set[bytes]:
    """The path of a file that kept its name: no other line may tell it, of a binary file or a change of mode."""
    half = len(names) // 2
    old, new = _unquoted(names[:half]), _unquoted(names[half + 1 :])
    same = old is not None and new is not None and old[2:] == new[2:] and names[half : half + 1] == b" "
    return {old[2:]} if same and old else set()


def _unquoted(name: bytes) -> bytes | None:
    if not name.startswith(b'"'):
        return name
    try:
        return from_text(name.decode())
    except ValueError:  # half of a name with a space in it
        return None
