"""A Hub on loopback: as much of its protocol as copying a dataset needs, with files and large files (git-lfs batch).

``python -m tests.stores.hub PORT``. One repository, ``datasets/marlin/spring``, exists. Written after what
huggingface_hub 2.4.0 asks for; Xet, which the Hub itself prefers, is not spoken.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

REPOSITORY = "marlin/spring"
LARGE = 1 << 20
"""Bytes from which on a file goes by git-lfs."""
PAUSE = 1.0
"""Seconds that a commit takes: so long a killer has."""


@dataclass
class Repository:
    """Commits, oldest first, with all files of each; tags; contents by hash, whether or not a commit shows them."""

    commits: list[tuple[str, dict[str, bytes]]] = field(default_factory=lambda: [("0" * 40, {})])
    tags: dict[str, str] = field(default_factory=dict)
    large: dict[str, bytes] = field(default_factory=dict)
    sent: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def files(self, revision: str) -> tuple[str, dict[str, bytes]] | None:
        name = self.commits[-1][0] if revision == "main" else self.tags.get(revision, revision)
        return next((one for one in self.commits if one[0] == name), None)

    def commit(self, lines: list[dict[str, Any]]) -> str:
        with self.lock:
            files = dict(self.commits[-1][1])
            for line in lines:
                value = line["value"]
                if line["key"] == "file":
                    files[value["path"]] = base64.b64decode(value["content"])
                elif line["key"] == "lfsFile":
                    files[value["path"]] = self.large[value["oid"]]
                elif line["key"] == "deletedFile":
                    del files[value["path"]]
            name = hashlib.sha1(f"{len(self.commits)}".encode()).hexdigest()
            self.commits.append((name, files))
            return name


REPO = Repository()


class Handler(BaseHTTPRequestHandler):
    """Requests of one connection."""

    protocol_version = "HTTP/1.1"

    def _body(self) -> bytes:
        if self.headers.get("transfer-encoding") == "chunked":
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def _say(self, status: int, body: Any = b"", **headers: str) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def _missing(self, code: str) -> None:
        self._say(404, {"error": code}, X_Error_Code=code)

    def _handle(self) -> None:
        address = urlsplit(self.path)
        body = self._body()
        if address.path == "/api/validate-yaml":
            return self._say(200, {"errors": [], "warnings": []})
        if address.path.startswith("/lfs/"):
            REPO.large[address.path.removeprefix("/lfs/")] = body
            REPO.sent += 1
            return self._say(200)
        if address.path == "/sent":
            return self._say(200, REPO.sent)
        if address.path == f"/datasets/{REPOSITORY}.git/info/lfs/objects/batch":
            return self._batch(json.loads(body))
        files = f"/datasets/{REPOSITORY}/resolve/"
        if address.path.startswith(files):
            return self._file(*address.path.removeprefix(files).split("/", 1))
        rest = address.path.removeprefix(f"/api/datasets/{REPOSITORY}")
        if rest == address.path or (rest and not rest.startswith("/")):
            return self._missing("RepoNotFound")
        words = [unquote(word) for word in rest.strip("/").split("/")]
        return self._api(words, body, parse_qs(address.query))

    do_GET = do_HEAD = do_POST = do_PUT = _handle  # noqa: N815 - so the base class calls them

    def _api(self, words: list[str], body: bytes, query: dict[str, list[str]]) -> None:
        revision = words[1] if len(words) > 1 else "main"
        found = REPO.files(revision)
        if found is None:
            return self._missing("RevisionNotFound")
        name, files = found
        match words[0]:
            case "" | "revision":
                siblings = [{"rfilename": path} for path in files]
                said = {"id": REPOSITORY, "sha": name, "siblings": siblings, "private": True, "tags": []}
                return self._say(200, {**said, "downloads": 0, "likes": 0, "author": "marlin"})
            case "preupload":
                asked = json.loads(body)["files"]
                modes = [
                    {"path": one["path"], "uploadMode": "lfs" if one["size"] >= LARGE else "regular"} for one in asked
                ]
                return self._say(200, {"files": [{**one, "shouldIgnore": False, "oid": None} for one in modes]})
            case "commit":
                lines = [json.loads(line) for line in body.splitlines()]
                time.sleep(PAUSE)
                if lines[0]["value"].get("parentCommit", REPO.commits[-1][0]) != REPO.commits[-1][0]:
                    return self._say(412, {"error": "A commit has happened since. Please refresh and try again."})
                made = REPO.commit(lines)
                shown = f"http://{self.headers['host']}/datasets/{REPOSITORY}/commit/{made}"
                return self._say(200, {"commitOid": made, "commitUrl": shown})
            case "tag":
                tag = json.loads(body)["tag"]
                if tag in REPO.tags:
                    return self._say(409, {"error": "Tag exists"})
                REPO.tags[tag] = name
                return self._say(200)
            case "tree":
                recursive = query.get("recursive", [""])[0].lower() == "true"
                return self._say(200, _tree(files, "/".join(words[2:]), recursive))
            case "paths-info":
                paths = parse_qs(body.decode())["paths"]
                return self._say(200, [_entry(path, files[path]) for path in paths if path in files])
            case _:
                return self._missing("EntryNotFound")

    def _batch(self, asked: dict[str, Any]) -> None:
        objects = []
        for one in asked["objects"]:
            upload = {"upload": {"href": f"http://{self.headers['host']}/lfs/{one['oid']}"}}
            known = one["oid"] in REPO.large
            objects.append({"oid": one["oid"], "size": one["size"]} | ({} if known else {"actions": upload}))
        self._say(200, {"transfer": "basic", "objects": objects})

    def _file(self, revision: str, path: str) -> None:
        found = REPO.files(unquote(revision))
        if found is None:
            return self._missing("RevisionNotFound")
        data = found[1].get(unquote(path))
        if data is None:
            return self._missing("EntryNotFound")
        etag = hashlib.sha256(data).hexdigest()
        return self._say(200, data, X_Repo_Commit=found[0], ETag=f'"{etag}"', Accept_Ranges="none")


def _entry(path: str, data: bytes) -> dict[str, Any]:
    oid = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
    return {"type": "file", "path": path, "oid": oid, "size": len(data)}


def _tree(files: dict[str, bytes], folder: str, recursive: bool) -> list[dict[str, Any]]:
    below = f"{folder}/" if folder else ""
    entries = {}
    for path, data in files.items():
        if not path.startswith(below):
            continue
        parts = path.removeprefix(below).split("/")
        for depth in range(1, len(parts) if recursive else min(2, len(parts))):
            name = below + "/".join(parts[:depth])
            entries[name] = {"type": "directory", "path": name, "oid": hashlib.sha1(name.encode()).hexdigest()}
        if recursive or len(parts) == 1:
            entries[path] = _entry(path, data)
    return list(entries.values())


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
