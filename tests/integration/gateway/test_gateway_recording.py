"""What is kept of each call, and that it survives."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from tests.factories.gateway import KEY, NEUTRAL, PATHS, REAL, SNAPSHOT, Bench, request_body
from tests.factories.model_server import Counted

from marlin.gateway import Api, Exchange, ExchangeStoreError, FileSink, Usage, read_exchanges

WRITER = """
import asyncio, dataclasses, pickle, sys
from pathlib import Path
from marlin.gateway import FileSink

async def main():
    sink = FileSink(Path(sys.argv[1]))
    exchange = pickle.loads(bytes.fromhex(sys.argv[2]))
    for number in range(1, 1_000_000):
        await sink.record(dataclasses.replace(exchange, number=number))
        print(number, flush=True)

asyncio.run(main())
"""


def expected(api: Api, counted: Counted) -> Usage:
    return Usage(
        input_tokens=counted.prompt - counted.cache_read - counted.cache_write,
        output_tokens=counted.output,
        cache_read_tokens=counted.cache_read,
        cache_write_tokens=counted.cache_write,
        reasoning_tokens=0 if api is Api.ANTHROPIC else counted.reasoning,
    )


@pytest.fixture
def exchange() -> Exchange:
    return Exchange(
        id="req_1",
        run_id="run-1",
        number=1,
        api=Api.ANTHROPIC,
        path="/v1/messages",
        generates=True,
        requested_model="neutral",
        model="real",
        auxiliary=None,
        streamed=True,
        request_headers=[("accept", "*/*"), ("x", "é")],
        request_body='{"a": "größer"}\n'.encode(),
        status=200,
        response_headers=[],
        response_body=b"\xff\x00 not text",
        started_at=datetime(2026, 11, 1, 12, tzinfo=UTC),
        queued_seconds=0.0,
        first_byte_seconds=0.25,
        seconds=1.5,
        usage=Usage(1, 2, source="partial"),
        cost_usd=Decimal("0.000123"),
        state="completed",
    )


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", PATHS)
async def test_an_exchange_holds_the_raw_traffic_without_secrets(bench: Bench, path: str, stream: bool) -> None:
    run = bench.new_run()
    client = await bench.client(run)
    body = json.dumps(request_body(path, stream=stream, note=f"{KEY} {run.token}")).encode()
    answer = await client.post(path, content=body)
    assert answer.status_code == 200
    (exchange,) = await bench.exchanges(run)
    assert exchange.request_body == body.replace(KEY.encode(), b"[redacted]").replace(run.token.encode(), b"[redacted]")
    assert exchange.response_body.decode().replace(SNAPSHOT, NEUTRAL).replace('"fp_44709d6fcb"', "null") == answer.text
    assert SNAPSHOT.encode() in exchange.response_body
    for secret in (KEY, run.token):
        assert secret not in repr(exchange)
    assert ("x-api-key", "[redacted]") in exchange.request_headers
    assert ("request-id", "req_sentinel_request") in exchange.response_headers
    assert exchange.usage == expected(exchange.api, bench.upstream.counted[0])
    assert exchange.first_byte_seconds is not None
    assert 0 < exchange.first_byte_seconds <= exchange.seconds
    assert (exchange.state, exchange.model, exchange.requested_model) == ("completed", REAL, NEUTRAL)
    assert (exchange.number, exchange.streamed, exchange.status) == (1, stream, 200)
    assert run.spent.tokens == bench.upstream.counted[0].prompt + bench.upstream.counted[0].output


async def test_chat_streams_without_usage_are_estimated(bench: Bench) -> None:
    run = bench.new_run()
    client = await bench.client(run)
    await client.post(PATHS[1], json=request_body(PATHS[1], stream=True) | {"stream_options": None})
    (exchange,) = await bench.exchanges(run)
    assert exchange.usage is not None
    assert exchange.usage.source == "estimated"
    assert b"include_usage" not in bench.upstream.requests[0].raw
    assert run.spent.estimated_calls == 1


async def test_files_keep_every_field(tmp_path: Path, exchange: Exchange) -> None:
    sink = FileSink(tmp_path / "exchanges")
    refused = dataclasses.replace(exchange, number=2, usage=None, cost_usd=None, status=None, model=None)
    await sink.record(exchange)
    await sink.record(refused)
    assert list(read_exchanges(sink.path("run-1"))) == [exchange, refused]
    assert sink.path("run-1").stat().st_mode & 0o077 == 0
    plain = subprocess.run(
        [
            sys.executable,
            "-c",
            "import zstandard,sys;zstandard.ZstdDecompressor().copy_stream(open(sys.argv[1],'rb'),"
            "sys.stdout.buffer,read_size=1,write_size=1)",
            sink.path("run-1"),
        ],
        capture_output=True,
        check=True,
    ).stdout
    assert json.loads(plain.splitlines()[0])["run_id"] == "run-1"


async def test_a_torn_end_is_left_out_and_set_aside(tmp_path: Path, exchange: Exchange) -> None:
    path = FileSink(tmp_path).path("run-1")
    await FileSink(tmp_path).record(exchange)
    size = path.stat().st_size
    await FileSink(tmp_path).record(dataclasses.replace(exchange, number=2))
    for torn in (path.read_bytes()[:-7], path.read_bytes()[:size] + b"\0" * 100):
        path.write_bytes(torn)
        assert [found.number for found in read_exchanges(path)] == [1]
        await FileSink(tmp_path).record(dataclasses.replace(exchange, number=3))
        assert [found.number for found in read_exchanges(path)] == [1, 3]
        assert path.with_name(f"{path.name}.torn-{size}").read_bytes() == torn[size:]


async def test_a_killed_writer_loses_nothing_it_acknowledged(tmp_path: Path, exchange: Exchange) -> None:
    import pickle

    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path), pickle.dumps(exchange).hex()], stdout=subprocess.PIPE
    )
    assert writer.stdout is not None
    writer.stdout.readline()
    time.sleep(0.2)
    os.kill(writer.pid, signal.SIGKILL)
    acknowledged = 1 + len(writer.stdout.readlines())
    writer.wait()
    writer.stdout.close()
    numbers = [found.number for found in read_exchanges(FileSink(tmp_path).path("run-1"))]
    assert numbers == list(range(1, len(numbers) + 1))
    assert acknowledged <= len(numbers) <= acknowledged + 1


async def test_unwritable_and_unreadable_files_say_so(tmp_path: Path, exchange: Exchange) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ExchangeStoreError, match="can't be stored"):
        await FileSink(tmp_path / "file").record(exchange)
    with pytest.raises(ExchangeStoreError, match="can't name a file"):
        await FileSink(tmp_path).record(dataclasses.replace(exchange, run_id="../x"))
    with pytest.raises(ExchangeStoreError, match="can't be read"):
        list(read_exchanges(tmp_path / "missing.jsonl.zst"))
