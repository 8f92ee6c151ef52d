"""Names of files: their text form, and which of them git must never be given.

Git's names are bytes. Everywhere outside this package a path is text in one documented form: the name itself when it is
valid UTF-8, holds no control character and does not begin with ``"``; else git's own C-quoted form
(``"caf\\303\\251"``, octal escapes), as printed by ``git diff`` itself. The form is reversible and safe in JSON and in
PostgreSQL.
"""

from __future__ import annotations

MAX_PATH_BYTES = 1024
"""Longest path in a snapshot: macOS' PATH_MAX, so that a contributor can check every result out."""

MAX_DEPTH = 255
"""Most components of a path in a snapshot."""

_SIMPLE_ESCAPES = {7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 34: '"', 92: "\\"}
_SIMPLE_UNESCAPES = {letter: code for code, letter in _SIMPLE_ESCAPES.items()}

_HFS_IGNORED = frozenset(
    chr(code) for code in (*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF)
)
"""Code points that HFS+ drops from names (git's ``utf8.c``, ``next_hfs_char``)."""


def quote(path: bytes) -> str:
    """Git's C-quoted form, with the quotes; every byte outside printable ASCII is an octal escape."""
    out = []
    for byte in path:
        if byte in _SIMPLE_ESCAPES:
            out.append("\\" + _SIMPLE_ESCAPES[byte])
        elif 0x20 <= byte < 0x7F:
            out.append(chr(byte))
        else:
            out.append(f"\\{byte:03o}")
    return '"' + "".join(out) + '"'


def to_text(path: bytes) -> str:
    """The text form of a path (see the module)."""
    try:
        text = path.decode("utf-8")
    except UnicodeDecodeError:
        return quote(path)
    if text.startswith('"') or any(ord(char) < 0x20 or ord(char) == 0x7F for char in text):
        return quote(path)
    return text


def from_text(text: str) -> bytes:
    """The bytes of a path in text form.

    :raises ValueError: it begins with ``"`` and is not a C-quoted string, or can't be a path at all.
    """
    if not text.startswith('"'):
        return text.encode("utf-8")
    if len(text) < 2 or not text.endswith('"'):
        raise ValueError(f"not a quoted path: {text!r}")
    body, out, at = text[1:-1], bytearray(), 0
    while at < len(body):
        if body[at] != "\\":
            out += body[at].encode("utf-8")
            at += 1
        elif at + 1 < len(body) and body[at + 1] in _SIMPLE_UNESCAPES:
            out.append(_SIMPLE_UNESCAPES[body[at + 1]])
            at += 2
        else:
            digits = body[at + 1 : at + 4]
            if len(digits) != 3 or not digits.isascii() or not digits.isdigit() or int(digits, 8) > 0xFF:
                raise ValueError(f"not a quoted path: {text!r}")
            out.append(int(digits, 8))
            at += 4
    return bytes(out)


def is_dot_git(name: bytes) -> bool:
    """Whether some file system takes ``name`` for ``.git``.

    Covers case folding, HFS+ (ignored code points) and NTFS (``git~1``, trailing dots and spaces, streams), after git's
    ``is_hfs_dotgit`` and ``is_ntfs_dotgit``. Backslashes separate folders on NTFS.
    """
    text = name.decode("utf-8", "replace")
    if "".join(char for char in text if char not in _HFS_IGNORED).lower() == ".git":
        return True
    for part in text.lower().replace("\\", "/").split("/"):
        stem = part.split(":", 1)[0].rstrip(". ")
        if stem in (".git", "git~1"):
            return True
    return False


def refused(path: bytes) -> str | None:
    """Why a relative path may not enter a tree (``name``, ``too-deep``), or None."""
    parts = path.split(b"/")
    if any(part in (b"", b".", b"..") or is_dot_git(part) for part in parts) or b"\0" in path:
        return "name"
    if len(path) > MAX_PATH_BYTES or len(parts) > MAX_DEPTH:
        return "too-deep"
    return None
