"""Which files a patch is about, as git prints it. Pure."""

from __future__ import annotations

from marlin.workspaces import from_text

_NAMES = (b"--- ", b"+++ ", b"rename from ", b"rename to ", b"copy from ", b"copy to ")
_BODY = (b"@@ ", b"Binary files ", b"GIT binary patch")


def paths_in(patch: bytes) -> set[bytes]:
    """Old and new paths of every file."""
    found: set[bytes] = set()
    head = False
    for line in patch.split(b"\n"):
        if line.startswith(b"diff --git "):
            head = True
            found |= _twice(line.removeprefix(b"diff --git "))
        elif head and line.startswith(_BODY):
            head = False
        elif head and line.startswith(_NAMES):
            found |= _named(line)
    return found


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
