"""Finding a release's source archive through the simple API (PEP 503, PEP 691). Nothing of it is executed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from .download import _credentials, open_url
from .failures import Failure

_ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
_SUFFIXES = (".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz")


@dataclass
class IndexFile:
    """One file of a project on an index."""

    filename: str
    url: str
    sha256: str | None
    headers: dict[str, str] = field(default_factory=dict)


def resolve(indexes: list[str], name: str, version: str) -> IndexFile:
    """The source archive of ``name`` ``version`` on the first index that has it.

    :raises Failure: no index has the release, it has wheels only, or no hash is given for it.
    """
    versions: set[str] = set()
    wheels = False
    for index in indexes:
        try:
            files = _files(index, name)
        except Failure as error:
            if error.code != "not-found":
                raise
            continue
        for file in files:
            if file.filename.endswith(_SUFFIXES):
                found = _version(file.filename, name)
                versions.update({found} if found else ())
                if found and _same(found, version):
                    return _hashed(file)
            elif file.filename.endswith(".whl") and _same(file.filename.split("-")[1], version):
                wheels = True
    if wheels:
        raise Failure(
            "not-found",
            f"{name} {version} has wheels on the package index, but no source archive.",
            "Bring the project's git repository instead.",
        )
    some = ", ".join(sorted(versions)[-5:])
    raise Failure(
        "not-found",
        f"The package index has no source archive of {name} {version}.",
        f"It has these versions, among others: {some}." if some else "Check the spelling of the name.",
    )


def _hashed(file: IndexFile) -> IndexFile:
    if not file.sha256:
        raise Failure(
            "unsafe",
            f"The package index gives no SHA-256 for {file.filename}.",
            "Use an index that does, such as PyPI.",
        )
    return file


def _files(index: str, name: str) -> list[IndexFile]:
    page = f"{index.rstrip('/')}/{name}/"
    _, login = _credentials(page)
    with open_url(page, headers={"Accept": _ACCEPT}) as source:
        data, base = source.read(64 << 20), getattr(source, "url", page)
    kind = source.headers.get("Content-Type", "") if hasattr(source, "headers") else ""
    files = _from_json(data, base) if "json" in kind else _from_html(data, base)
    for file in files:
        if login and urlsplit(file.url).netloc == urlsplit(page).netloc.rpartition("@")[2]:
            file.headers = login
    return files


def _from_json(data: bytes, base: str) -> list[IndexFile]:
    files: list[dict[str, Any]] = json.loads(data)["files"]
    return [IndexFile(each["filename"], urljoin(base, each["url"]), each["hashes"].get("sha256")) for each in files]


def _from_html(data: bytes, base: str) -> list[IndexFile]:
    links = _Links()
    links.feed(data.decode("utf-8", "replace"))
    found = []
    for href in links.hrefs:
        url, fragment = urldefrag(urljoin(base, href))
        match = re.search(r"sha256=([0-9a-f]{64})", fragment)
        found.append(IndexFile(unquote(urlsplit(url).path.rsplit("/", 1)[-1]), url, match[1] if match else None))
    return found


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.hrefs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hrefs += [value for key, value in attrs if tag == "a" and key == "href" and value]


def _version(filename: str, name: str) -> str | None:
    """The version in a source archive's name, if it is one of ``name`` (PEP 625, and older ways)."""
    stem = next(filename[: -len(suffix)] for suffix in _SUFFIXES if filename.endswith(suffix))
    for match in re.finditer("-", stem):
        if (
            re.sub(r"[-_.]+", "-", stem[: match.start()]).lower() == name
            and stem[match.end() : match.end() + 1].isdigit()
        ):
            return stem[match.end() :]
    return None


def _same(left: str, right: str) -> bool:
    return _normal(left) == _normal(right)


def _normal(version: str) -> str:
    """Near enough to PEP 440: case, separators and trailing ``.0`` do not matter."""
    return re.sub(r"(\.0)+$", "", re.sub(r"[-_]", ".", version.lower().lstrip("v")))
