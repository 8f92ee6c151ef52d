"""The built single-page app: its files, and its one page for every other address."""

from __future__ import annotations

import asyncio
import mimetypes
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

from marlin.errors import NotFoundError
from marlin.http.packing import coding_for, pack

PACKED = {".js", ".css", ".svg", ".json", ".wasm"}
"""Endings of files that packing makes smaller."""

NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Marlin</title>
<body style="font: 16px/1.5 system-ui; max-width: 40em; margin: 4em auto; padding: 0 1em">
<h1>The web pages are not built</h1>
<p>The service runs, and its API is at <a href="/api/v1/openapi.json">/api/v1/openapi.json</a>. In a source checkout,
build the pages with <code>make setup</code>, then reload; an installed package brings them along.</p>"""


def install(app: FastAPI, folder: Path) -> None:
    """Serve ``folder`` at every path that nothing else answers; add it last.

    Files under ``assets/`` carry a hash in their name and may be kept for ever. Every other path is a place within the
    app and gets ``index.html``, which is never kept. Assets are packed when they are first asked for, and stay so in
    memory: some megabytes of text, much of which has to reach a browser before anything is seen.
    """
    root = folder.resolve()
    packed: dict[tuple[Path, str], bytes] = {}

    async def asset(file: Path, coding: str | None) -> Response:
        headers = {"Cache-Control": "public, max-age=31536000, immutable"}
        if file.suffix not in PACKED:
            return FileResponse(file, headers=headers)
        headers["Vary"] = "Accept-Encoding"
        if coding is None:
            return FileResponse(file, headers=headers)
        if (file, coding) not in packed:
            packed[file, coding] = await asyncio.to_thread(lambda: pack(file.read_bytes(), coding, small=True))
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        return Response(packed[file, coding], media_type=kind, headers=headers | {"Content-Encoding": coding})

    @app.get("/{path:path}", include_in_schema=False)
    async def page(path: str, request: Request) -> Response:
        if path.startswith(("api/", "git/", "healthz")):
            raise NotFoundError(f"There is nothing at /{path}.", hint="See /api/v1/openapi.json for what there is.")
        file = _file(root, path)
        if file is not None:
            if path.startswith("assets/"):
                return await asset(file, coding_for(request.headers.get("accept-encoding", "")))
            return FileResponse(file, headers={"Cache-Control": "no-cache"})
        if path.startswith("assets/"):
            raise NotFoundError(f"There is no file /{path}.", hint="Reload the page: Marlin was updated.")
        index = root / "index.html"
        if not index.is_file():
            return HTMLResponse(NOT_BUILT, status_code=503, headers={"Cache-Control": "no-store"})
        return FileResponse(index, headers={"Cache-Control": "no-cache"})


def _file(root: Path, path: str) -> Path | None:
    """The file at ``path`` within ``root``, or None: also for what lies outside, by dots or links."""
    if not path or "\0" in path:
        return None
    try:
        found = (root / path).resolve()
    except (OSError, ValueError):
        return None
    return found if found.is_relative_to(root) and found.is_file() else None
