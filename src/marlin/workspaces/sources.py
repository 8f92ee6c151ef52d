"""What a person may write to name a repository, and what it means. Pure: nothing is looked up here.

Contributors name public https addresses (a git repository, a GitHub pull request, a source archive) or a release on
PyPI (``pypi:NAME==VERSION``). An operator may also name a folder or an archive on the machine. A revision (commit,
branch or tag) follows after ``#``, or is part of the address as GitHub and GitLab write it (``/tree/…``,
``/commit/…``).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from marlin.workspaces.errors import InvalidSourceError

ARCHIVE_SUFFIXES = (".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar", ".zip")
"""Endings that make an address or a file a source archive."""

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_PULL_REQUEST = re.compile(r"/([\w.-]+)/([\w.-]+)/pull/(\d{1,9})(?:/(?:files|commits|checks)(?:/.*)?)?/?")
_IN_PATH = re.compile(r"(/.+?)/(?:-/)?(?:tree|commit|commits)/(.+)")
_PYPI = re.compile(r"pypi:\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*==\s*([A-Za-z0-9][A-Za-z0-9.!+_-]*)")
_SCP = re.compile(r"[\w.-]+@[\w.-]+:.+")
_REVISION = re.compile(r"[A-Za-z0-9_][\w./+@-]{0,254}")
_BINARY = (".whl", ".egg", ".exe", ".deb", ".rpm", ".jar", ".msi", ".dmg", ".7z", ".rar")


class SourceKind(StrEnum):
    """Where files come from."""

    GIT = "git"
    PULL_REQUEST = "pull-request"
    ARCHIVE = "archive"
    SDIST = "sdist"
    LOCAL_GIT = "local-git"
    LOCAL_ARCHIVE = "local-archive"


@dataclass(frozen=True, slots=True)
class Source:
    """A repository as somebody named it.

    :ivar location: https address without revision, ``NAME==VERSION``, or an absolute path. The mirror's identity.
    :ivar revision: commit, branch or tag asked for; None means the default branch (or is meaningless).
    :ivar number: of the pull request.
    """

    kind: SourceKind
    location: str
    revision: str | None = None
    number: int | None = None

    @property
    def canonical(self) -> str:
        """One text per repository, whatever revision is asked for: what a mirror's key is made from."""
        if self.kind is SourceKind.SDIST:
            return f"pypi:{self.location}"
        return self.location

    @property
    def host(self) -> str:
        """Host name of an https source, with the port if it is not 443; empty otherwise."""
        if self.kind in (SourceKind.GIT, SourceKind.PULL_REQUEST, SourceKind.ARCHIVE):
            return urlsplit(self.location).netloc
        return ""


def parse_source(text: str, *, operator: bool = False, pull_request_hosts: Collection[str] = ("github.com",)) -> Source:
    """What ``text`` names.

    :param operator: also accept paths on this machine.
    :param pull_request_hosts: hosts whose ``/OWNER/NAME/pull/N`` addresses are pull requests.
    :raises InvalidSourceError: it names nothing this person may bring; the hint says what to write instead.
    """
    text = text.strip()
    if not text:
        raise _refuse("No repository was given.", "Give an https address, or pypi:NAME==VERSION.")
    if any(ord(char) < 0x20 or ord(char) == 0x7F or char.isspace() for char in text if char != " "):
        raise _refuse("The address holds control characters.", "Paste it again as plain text on one line.")
    if len(text) > 2048:
        raise _refuse("The address is longer than 2,048 characters.", "Give the repository's own short address.")
    if text.lower().startswith("pypi:"):
        return _sdist(text)
    if "://" in text:
        return _address(text, pull_request_hosts)
    if "::" in text:
        raise _refuse(
            "Addresses with `::` start a program on this machine and are never accepted.", "Give an https address."
        )
    if _SCP.fullmatch(text):
        raise _refuse(
            "ssh addresses are not accepted: Marlin holds no ssh keys.",
            "Give the https address; for a private repository the operator sets a token for its host.",
        )
    if operator:
        return _local(text)
    if re.fullmatch(r"[\w.-]+(/[\w.-]+){1,}(\.git)?", text) and not text.startswith((".", "/", "~")):
        raise _refuse(
            f"“{text}” is not a complete address.", "Write it with https://, e.g. https://github.com/OWNER/NAME."
        )
    raise _refuse(
        f"“{text}” is not an https address; paths on the server are for its operator only.",
        "Give an https address, or pypi:NAME==VERSION.",
    )


def _sdist(text: str) -> Source:
    match = _PYPI.fullmatch(text[:5].lower() + text[5:])
    if not match:
        raise _refuse(f"“{text}” does not name one release.", "Write pypi:NAME==VERSION, e.g. pypi:papermill==2.6.0.")
    name = re.sub(r"[-_.]+", "-", match[1]).lower()  # PEP 503
    return Source(SourceKind.SDIST, f"{name}=={match[2]}")


def _address(text: str, pull_request_hosts: Collection[str]) -> Source:
    if " " in text:
        raise _refuse("The address holds a space.", "Write %20 for a space, or give one address only.")
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError as error:
        raise _refuse(f"“{text}” is not a valid address: {error}.", "Copy it again from the browser.") from error
    if url.scheme.lower() != "https":
        raise _refuse(
            f"Only https addresses are accepted, not {url.scheme.lower()}.",
            "Give the https address of the same repository.",
        )
    if url.username is not None or url.password is not None or "@" in url.netloc:
        raise _refuse(
            "The address holds a user name or a password.",
            "Take it out (and change the password if it was real); the operator sets tokens for private repositories.",
        )
    host = (url.hostname or "").rstrip(".")
    _check_host(host)
    name = f"[{host}]" if ":" in host else host
    netloc = name if port in (None, 443) else f"{name}:{port}"
    return _classify(url, netloc, pull_request_hosts)


def _check_host(host: str) -> None:
    try:
        address: ipaddress.IPv4Address | ipaddress.IPv6Address | None = ipaddress.ip_address(host)
    except ValueError:
        address = None
    if address is not None and not address.is_global:
        raise _refuse(f"{host} is a private address.", "Give a public address.")
    if address is None and not _HOST.fullmatch(host):
        raise _refuse(
            f"“{host}” is not a host name in plain ASCII letters.",
            "Give the host's own name (xn--… for other scripts).",
        )


def _classify(url: SplitResult, netloc: str, pull_request_hosts: Collection[str]) -> Source:
    path = url.path
    if ".." in unquote(path).split("/") or "//" in path.rstrip("/"):
        raise _refuse("The address holds `..` or `//`.", "Give the repository's own address.")
    if netloc in pull_request_hosts and (match := _PULL_REQUEST.fullmatch(path)):
        owner, name, number = match.groups()
        return Source(SourceKind.PULL_REQUEST, f"https://{netloc}/{owner}/{_bare(name)}", None, int(number))
    lower = path.lower()
    if lower.endswith(ARCHIVE_SUFFIXES):
        query = f"?{url.query}" if url.query else ""
        return Source(SourceKind.ARCHIVE, f"https://{netloc}{path}{query}")
    if lower.endswith(_BINARY):
        raise _refuse(
            f"{path.rsplit('/', 1)[-1]} is not a source archive.",
            f"Give a source archive ({', '.join(ARCHIVE_SUFFIXES)}), or pypi:NAME==VERSION for a release on PyPI.",
        )
    if url.query:
        raise _refuse("The address of a git repository has no `?…`.", "Give the address you would clone from.")
    revision = unquote(url.fragment) or None
    if revision is None and (match := _IN_PATH.fullmatch(path)):
        path, revision = match[1], unquote(match[2].removesuffix("/"))
    path = _bare(path.rstrip("/"))
    if path in ("", "/"):
        raise _refuse(f"{netloc} is a host, not a repository.", "Give the address you would clone from.")
    return Source(SourceKind.GIT, f"https://{netloc}{path}", check_revision(revision))


def _local(text: str) -> Source:
    path, _, revision = text.partition("#")
    absolute = str(Path(path).expanduser().absolute())
    if absolute.lower().endswith(ARCHIVE_SUFFIXES):
        return Source(SourceKind.LOCAL_ARCHIVE, absolute)
    return Source(SourceKind.LOCAL_GIT, absolute, check_revision(revision or None))


def check_revision(revision: str | None) -> str | None:
    """The revision, if it can be the name of a commit, branch or tag.

    :raises InvalidSourceError: it can't (an option, a range, a reflog expression, …).
    """
    if revision is None:
        return None
    if not _REVISION.fullmatch(revision) or ".." in revision or "@{" in revision or revision.endswith((".lock", "/")):
        raise _refuse(
            f"“{revision}” is not a commit, branch or tag.", "Give a full commit id, a branch or a tag after #."
        )
    return revision


def _bare(path: str) -> str:
    return path.removesuffix(".git")


def _refuse(message: str, hint: str) -> InvalidSourceError:
    return InvalidSourceError(message, hint=hint)
