"""The client against real processes that misbehave; no sandbox is needed for that."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import textwrap
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from marlin.agents import (
    AgentCrashedError,
    AgentError,
    AgentFloodError,
    AgentGarbageError,
    AgentRequestError,
    JsonlSink,
    MemorySink,
    WireLimits,
    read_jsonl,
)
from marlin.agents.acp import AcpConnection


class HostProcess:
    """A process of this machine in the shape of a sandbox's."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        self._process = process
        self.stdin, self.stdout, self.stderr = process.stdin, process.stdout, process.stderr

    @property
    def returncode(self) -> int | None:
        return self._process.returncode

    async def wait(self) -> int:
        code = await self._process.wait()
        return code if code >= 0 else 128 - code

    async def terminate(self, *, grace: float = 3.0) -> int:
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):  # it may end at any moment by itself
                os.killpg(self._process.pid, signal.SIGTERM)
            try:
                await asyncio.wait_for(self._process.wait(), grace)
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)
        return await self.wait()


Updates = list[dict[str, Any]]


async def _unknown(method: str, params: dict[str, Any]) -> dict[str, Any] | None:
    return {"method": method} if method == "known" else None


@asynccontextmanager
async def agent(
    program: str,
    *,
    limits: WireLimits | None = None,
    on_update: Callable[[dict[str, Any]], Awaitable[None]] | None = None,
) -> AsyncIterator[tuple[AcpConnection, Updates, MemorySink]]:
    """Run a Python program as an agent; ``say`` and ``hear`` are defined in it."""
    prelude = (
        "import json, sys, os, time\n"
        "def say(m): sys.stdout.write(json.dumps(m) + '\\n'); sys.stdout.flush()\n"
        "def hear(): return json.loads(sys.stdin.readline())\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        prelude + textwrap.dedent(program),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    updates: Updates = []
    sink = MemorySink()

    async def keep(params: dict[str, Any]) -> None:
        updates.append(params)
        if on_update:
            await on_update(params)

    connection = AcpConnection(
        HostProcess(process), on_update=keep, on_request=_unknown, sink=sink, limits=limits, secrets=("tok-secret",)
    )
    try:
        yield connection, updates, sink
    finally:
        await connection.close(sigterm=True, grace=1.0)
        process._transport.close()  # type: ignore[attr-defined] # a paused pipe never sees its end


async def test_a_request_its_updates_and_its_answer_arrive_in_order() -> None:
    program = """
    m = hear()
    for n in range(100): say({"method": "session/update", "params": {"n": n, "unknown": ["kept"]}})
    say({"id": m["id"], "result": {"stopReason": "odd"}})
    """
    async with agent(program) as (connection, updates, sink):
        assert await connection.request("session/prompt", {"x": "é\n"}) == {"stopReason": "odd"}
        assert [item["n"] for item in updates] == list(range(100))
        assert updates[0]["unknown"] == ["kept"]
        assert [line.direction for line in sink.lines] == ["to_agent"] + ["from_agent"] * 101


async def test_halves_of_characters_become_text_that_can_be_stored() -> None:
    program = r"""
    m = hear()
    out = sys.stdout.buffer
    for text in (rb"cut \ud83d", rb"\ude00 on", rb"\\ud83d stays", rb"\ud83d\ude00 whole", b"raw \xed\xa0\x80 \xff"):
        out.write(b'{"method": "session/update", "params": {"text": "' + text + b'", "key\\udfff": 1}}\n')
    out.flush()
    say({"id": m["id"], "result": {}})
    """
    async with agent(program) as (connection, updates, sink):
        await connection.request("session/prompt", {})
        told = [item["text"] for item in updates]
        assert told[:4] == ["cut \ufffd", "\ufffd on", "\\ud83d stays", "\U0001f600 whole"]
        assert told[4].startswith("raw \ufffd")
        for item in updates:
            json.dumps(item, ensure_ascii=False).encode()
    first = sink.lines[1].message
    assert first
    assert first["params"]["text"] == "cut \ud83d", "the raw log keeps what was sent"


async def test_an_error_answer_raises_with_its_code_and_data() -> None:
    program = 'm = hear(); say({"id": m["id"], "error": {"code": -32000, "message": "no", "data": {"a": 1}}}); hear()'
    async with agent(program) as (connection, _, _sink):
        with pytest.raises(AgentRequestError) as caught:
            await connection.request("session/new", {})
        assert (caught.value.error_code, caught.value.text, caught.value.data) == (-32000, "no", {"a": 1})


async def test_the_agents_own_requests_are_answered_at_once() -> None:
    program = """
    m = hear()
    say({"id": "a", "method": "known", "params": {}})
    first = hear()
    say({"id": 7, "method": "fs/read_text_file", "params": {}})
    second = hear()
    say({"id": m["id"], "result": {"first": first, "second": second}})
    """
    async with agent(program) as (connection, _, _sink):
        answers = await connection.request("x", {})
        assert answers["first"] == {"jsonrpc": "2.0", "id": "a", "result": {"method": "known"}}
        assert answers["second"]["id"] == 7
        assert answers["second"]["error"]["code"] == -32601


async def test_a_crash_says_its_code_and_the_end_of_stderr_without_secrets() -> None:
    program = 'hear(); sys.stderr.write("x" * 100000 + " key tok-secret bad"); sys.stderr.flush(); os._exit(3)'
    async with agent(program) as (connection, _, _sink):
        with pytest.raises(AgentCrashedError) as caught:
            await connection.request("initialize", {})
        assert caught.value.exit_status == 3
        assert caught.value.stderr.endswith("key [redacted] bad")
        assert len(caught.value.stderr) <= 70_000
        assert "tok-secret" not in json.dumps(caught.value.details)
        with pytest.raises(AgentCrashedError):
            await connection.request("again", {})


async def test_some_stray_lines_are_tolerated_and_kept() -> None:
    program = """
    m = hear()
    for line in ("log line", "[1]", "3", "null", "{", '{"neither": 1}', "", "[" * 100000): print(line, flush=True)
    say({"id": 999, "result": {}})
    say({"id": None, "result": {}})
    say({"id": m["id"], "result": {"ok": True}})
    hear()
    """
    async with agent(program) as (connection, _, sink):
        assert await connection.request("x", {}) == {"ok": True}
        assert sum(1 for line in sink.lines if line.message is None) == 6


async def test_too_much_garbage_ends_the_agent() -> None:
    program = """
    hear()
    for n in range(100000): print("not a message", n, flush=True)
    """
    async with agent(program) as (connection, _, sink):
        with pytest.raises(AgentGarbageError, match="not a message") as caught:
            await connection.request("x", {})
        assert "stderr" in (caught.value.hint or "")
        assert len(sink.lines) <= 203


async def test_an_endless_line_ends_the_agent() -> None:
    program = 'hear()\nwhile True: sys.stdout.write("x" * 65536)'
    async with agent(program, limits=WireLimits(line_bytes=2**20)) as (connection, _, _sink):
        with pytest.raises(AgentFloodError, match="line longer than 1 MiB"):
            await connection.request("x", {})


async def test_too_much_in_total_ends_the_agent() -> None:
    program = 'hear()\nwhile True: say({"method": "session/update", "params": {"x": "y" * 60000}})'
    async with agent(program, limits=WireLimits(total_bytes=4 * 2**20)) as (connection, updates, _sink):
        with pytest.raises(AgentFloodError, match="more than 4 MiB"):
            await connection.request("x", {})
        assert len(updates) <= 4 * 2**20 / 60000


async def test_a_slow_consumer_slows_the_agent_down() -> None:
    """Backpressure: the agent's writes block, so that nothing piles up in this process."""
    program = """
    m = hear()
    for n in range(200):
        say({"method": "session/update", "params": {"n": n, "x": "y" * 60000}})
        sys.stderr.write("."); sys.stderr.flush()
    say({"id": m["id"], "result": {}})
    """
    gate = asyncio.Event()

    async def wait(_: dict[str, Any]) -> None:
        await gate.wait()

    async with agent(program, on_update=wait) as (connection, updates, _sink):
        request = asyncio.create_task(connection.request("x", {}))
        while not connection.stderr_tail:
            await asyncio.sleep(0.01)
        before = -1
        while before != len(connection.stderr_tail):  # until it stands still
            before = len(connection.stderr_tail)
            await asyncio.sleep(0.2)
        assert before < 100
        gate.set()
        await request
        assert len(updates) == 200


async def test_a_failing_consumer_fails_the_request_instead_of_hanging_it() -> None:
    async def fail(_: dict[str, Any]) -> None:
        raise OSError("disk full")

    program = 'hear(); say({"method": "session/update", "params": {}}); hear()'
    async with agent(program, on_update=fail) as (connection, _, _sink):
        with pytest.raises(AgentError, match="disk full"):
            await connection.request("x", {})


async def test_an_agent_that_ignores_the_end_of_stdin_is_ended() -> None:
    async with agent("import signal; hear(); time.sleep(600)") as (connection, _, _sink):
        await connection.notify("x", {})
        assert await connection.close(grace=0.3) in (128 + signal.SIGTERM, 0)


async def test_the_raw_log_survives_a_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "acp" / "raw.jsonl"
    with JsonlSink(path) as sink:
        await sink.record("to_agent", 1.5, b'{"id": 1}')
        await sink.record("from_agent", 2.5, b"\xff not json")
    with path.open("ab") as file:
        file.write(b'{"at": "2026-')  # killed here
    with JsonlSink(path) as sink:
        await sink.record("from_agent", 3.5, b'{"id": 1, "result": {}}')
    lines = list(read_jsonl(path))
    assert [(line.at, line.message) for line in lines] == [
        (1.5, {"id": 1}),
        (2.5, None),
        (3.5, {"id": 1, "result": {}}),
    ]
    assert lines[1].text == "� not json"
