"""What the gateway adds to a call: the same calls, directly and through it, in turn, in one run.

Three processes, as in use: upstream, gateway, sandbox (this one). Each streamed event carries the time at which it was
sent, on the clock that all processes of a machine share, so that a chunk's way is measured and not its pace.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.laps import cpu_seconds, quick

from marlin.gateway import FileSink, Gateway, Run, Upstream, serve

CALLS = 60
"""Per way and size of request; fewer in a quick run."""
EVENTS = 30
PACE = 0.001
"""Seconds between two events."""
LISTENERS = 50
TOKEN = "mrl-benchmark-0123456789abcdef"
_STAMP = re.compile(rb"@(\d+\.\d+)@")


async def _upstream() -> None:
    """Answers any POST with a stream of stamped events."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await _head(reader):
            await reader.readexactly(int(re.search(rb"(?i)content-length: (\d+)", head)[1]))  # type: ignore[index]
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
            for number in range(EVENTS):
                chunk = {
                    "id": "chatcmpl-1",
                    "object": "chat.completion.chunk",
                    "model": "real-1",
                    "system_fingerprint": "f",
                }
                text = f"@{time.perf_counter():.7f}@" + "word " * 8
                choices = [{"index": number, "delta": {"content": text}, "finish_reason": None}]
                data = b"data: " + json.dumps({**chunk, "choices": choices}).encode() + b"\n\n"
                writer.write(b"%x\r\n%s\r\n" % (len(data), data))
                await asyncio.sleep(PACE)
            writer.write(b"data: [DONE]\n\n".join((b"e\r\n", b"\r\n0\r\n\r\n")))
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, limit=1 << 22)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def _gateway(upstream: str) -> None:
    """The gateway as the worker runs it: every exchange is stored."""
    with tempfile.TemporaryDirectory() as folder:
        gateway = Gateway(FileSink(Path(folder)))
        given = Upstream("u", f"http://127.0.0.1:{upstream}", "sk-0123456789")
        run = gateway.runs.add(Run("run", given, "real-1", "neutral-1", token=TOKEN))
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        await serve(gateway.for_run(run), listener)
        took = []
        for _ in range(LISTENERS):
            more = socket.create_server(("127.0.0.1", 0))
            began = time.perf_counter()
            await serve(gateway.for_run(run), more)
            took.append(time.perf_counter() - began)
        print(port, max(took), flush=True)
        await asyncio.Event().wait()


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


class _Caller:
    """A sandbox's connection, kept alive."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.first: list[float] = []
        self.chunks: list[float] = []

    async def connect(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 20)

    async def call(self, body: bytes) -> None:
        head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\n"
        began = time.perf_counter()
        self._writer.write(
            f"{head}content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body
        )
        assert b" 200 " in (await self._reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0]
        first = True
        while size := int(await self._reader.readline(), 16):
            data = await self._reader.readexactly(size + 2)
            now = time.perf_counter()
            if first:
                self.first.append(now - began)
                first = False
            else:
                self.chunks += [now - float(sent) for sent in _STAMP.findall(data)]
        await self._reader.readline()


def _body(size: int) -> bytes:
    text = 'def f(x):\n    return "a" + x\n' * 40
    messages: list[dict[str, str]] = []
    while len(messages) * len(text) < size:
        messages.append({"role": "user", "content": text})
    return json.dumps({"model": "neutral-1", "stream": True, "messages": messages}).encode()


async def _measure(direct_port: int, gateway_port: int, gateway: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for label, size in (("1 KB request", 1), ("200 KB request", 200_000)):
        body = _body(size)
        direct, through = _Caller(direct_port), _Caller(gateway_port)
        for caller in (direct, through):
            await caller.connect()
            for _ in range(5):
                await caller.call(body)
            caller.first.clear()
            caller.chunks.clear()
        busy = cpu_seconds(gateway)
        calls = 10 if quick() else CALLS
        for _ in range(calls):
            await direct.call(body)
            await through.call(body)
        busy = cpu_seconds(gateway) - busy
        rows += _rows(f"gateway: added to first byte, {label}", through.first, direct.first, 2.0)
        rows += _rows(f"gateway: added to a chunk, {label}", through.chunks, direct.chunks, 0.2)
        name = f"gateway: CPU for a call of {EVENTS} chunks, stored, {label}"
        rows.append({"name": name, "value": round(busy / calls * 1000, 2), "unit": "ms", "target": None, "ratio": None})
    return rows


def _rows(name: str, through: Sequence[float], direct: Sequence[float], target: float) -> list[dict[str, Any]]:
    rows = []
    for label, part in (("p50", 50), ("p99", 99)):
        one, other = (statistics.quantiles(values, n=100)[part - 1] * 1000 for values in (through, direct))
        row = {"name": f"{name}, {label}", "value": round(one - other, 3), "unit": "ms", "ratio": round(one / other, 2)}
        rows.append(row | {"target": target if part == 99 else None})
    return rows


def run() -> list[dict[str, Any]]:
    """Rows of name, value, unit, target and ratio (through the gateway / directly)."""
    processes: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> list[str]:
        command = [sys.executable, "-m", "tests.benchmarks.gateway", *arguments]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        processes.append(process)
        assert process.stdout is not None
        return process.stdout.readline().split()

    try:
        (direct,) = start("upstream")
        through, listener = start("gateway", direct)
        rows = asyncio.run(_measure(int(direct), int(through), processes[-1].pid))
    finally:
        for process in processes:
            process.kill()
            process.wait()
    name = f"gateway: slowest start of {LISTENERS} listeners"
    rows.append({"name": name, "value": round(float(listener) * 1000, 2), "unit": "ms", "target": 10, "ratio": None})
    return rows


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["upstream"]:
            asyncio.run(_upstream())
        case ["gateway", port]:
            asyncio.run(_gateway(port))
        case _:
            for row in run():
                print(row)
