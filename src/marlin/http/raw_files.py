"""A file of somebody else's repository as an answer."""

from __future__ import annotations

from fastapi import Response


def raw_file(data: bytes) -> Response:
    """A repository's file as an answer no browser will run: text as plain text, anything else as a download."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return Response(data, media_type="application/octet-stream", headers={"Content-Disposition": "attachment"})
    return Response(data, media_type="text/plain; charset=utf-8")
