"""A run's model served for as long as a test needs it: by `transformers serve`, or vLLM where MARLIN_VLLM names it."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from marlin.training import serving
from marlin.training.serving import Served

VLLM = os.environ.get("MARLIN_VLLM")
"""The program `vllm` of an environment of its own: `scripts/verify-serving` sets it."""


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def command(model: Served, port: int, *, parser: str = "hermes") -> list[str]:
    """What `marlin tune serve` runs or, for vLLM, prints."""
    if VLLM is None:
        return serving.development_command(model, "127.0.0.1", port)
    printed = serving.production_command(model, parser, "127.0.0.1", port)
    assert printed[0] == "vllm"
    return [VLLM, *printed[1:]]


@contextmanager
def listening(model: Served, *more: str, parser: str = "hermes") -> Iterator[str]:
    """:param more: further options of the server."""
    port = free_port()
    process = subprocess.Popen([*command(model, port, parser=parser), *more], cwd=model.folder.parent)
    try:
        deadline = time.monotonic() + (280 if VLLM is None else 900)
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5)
                break
            except OSError:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait()
