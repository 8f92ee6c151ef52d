"""Upstreams that fail, in every way they do; and sandboxes that go away."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

import httpx
import pytest
from tests.factories.gateway import KEY, NEUTRAL, PATHS, SNAPSHOT, Bench, request_body
from tests.factories.model_server import Fault

from marlin.gateway import Run, TimeLimits

STATUS = {"unauthorized": 401, "rate_limited": 429, "server_error": 500, "context_length": 400, "model_not_found": 404}


def message(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["message"])


@pytest.mark.parametrize("kind", STATUS)
@pytest.mark.parametrize("path", PATHS)
async def test_errors_pass_in_status_and_shape_and_name_nobody(bench: Bench, path: str, kind: Any) -> None:
    run = bench.new_run()
    client = await bench.client(run)
    bench.upstream.fail_next(Fault(kind, seconds=7))
    answer = await client.post(path, json=request_body(path))
    assert answer.status_code == STATUS[kind]
    assert "error" in answer.json()
    for secret in (KEY, KEY[:7], "sentinel", SNAPSHOT):
        assert secret not in answer.text + str(answer.headers)
    assert answer.headers.get("retry-after") == ("7" if kind == "rate_limited" else None)
    if kind == "model_not_found":
        assert NEUTRAL in message(answer)
    if kind == "context_length":
        assert "too long" in message(answer) or "maximum context length" in message(answer)
    (exchange,) = await bench.exchanges(run)
    assert (exchange.state, exchange.status, exchange.usage) == ("completed", STATUS[kind], None)
    assert KEY.encode() not in exchange.response_body
    assert (run.spent.calls, run.spent.failed_calls) == (0, 1)


async def test_overloaded_keeps_its_status(bench: Bench) -> None:
    client = await bench.client(bench.new_run())
    bench.upstream.fail_next(Fault("overloaded"))
    assert (await client.post(PATHS[0], json=request_body(PATHS[0]))).status_code == 529


async def test_context_length_within_a_responses_stream(bench: Bench) -> None:
    client = await bench.client(bench.new_run())
    bench.upstream.fail_next(Fault("context_length"))
    answer = await client.post("/v1/responses", json=request_body("/v1/responses", stream=True))
    assert "context_length_exceeded" in answer.text
    assert f"context window of {NEUTRAL}." in answer.text
    assert "sentinel" not in answer.text


@pytest.mark.parametrize("path", PATHS)
async def test_a_proxys_page_becomes_an_error_of_the_api(bench: Bench, path: str) -> None:
    run = bench.new_run()
    client = await bench.client(run)
    bench.upstream.fail_next(Fault("html_error"))
    answer = await client.post(path, json=request_body(path))
    assert answer.status_code == 502
    assert message(answer) == "The model can't be reached."
    (exchange,) = await bench.exchanges(run)
    assert b"cloudflare" in exchange.response_body
    assert exchange.state == "failed"


@pytest.mark.parametrize("stream", [False, True])
async def test_reset_before_the_answer(bench: Bench, stream: bool) -> None:
    run = bench.new_run()
    client = await bench.client(run)
    bench.upstream.fail_next(Fault("reset_before_response"))
    answer = await client.post(PATHS[0], json=request_body(PATHS[0], stream=stream))
    assert answer.status_code == 502
    (exchange,) = await bench.exchanges(run)
    assert (exchange.state, exchange.status) == ("failed", None)
    assert "broke off" in (exchange.problem or "")


@pytest.mark.parametrize("path", PATHS)
async def test_reset_within_a_stream_cuts_the_sandboxs_stream(bench: Bench, path: str) -> None:
    run = bench.new_run()
    client = await bench.client(run)
    bench.upstream.fail_next(Fault("reset_mid_stream"))
    got = bytearray()

    async def read() -> None:
        async with client.stream("POST", path, json=request_body(path, stream=True)) as answer:
            assert answer.status_code == 200
            async for chunk in answer.aiter_raw():
                got.extend(chunk)

    with pytest.raises(httpx.RemoteProtocolError):
        await read()
    (exchange,) = await bench.exchanges(run)
    assert exchange.state == "failed"
    assert got.decode() == exchange.response_body.decode().replace(SNAPSHOT, NEUTRAL).replace('"fp_44709d6fcb"', "null")
    assert exchange.usage is not None
    assert exchange.usage.source != "reported"
    assert run.spent.estimated_calls == 1


async def test_reset_within_a_whole_answer(bench: Bench) -> None:
    client = await bench.client(bench.new_run())
    bench.upstream.fail_next(Fault("reset_mid_stream"))
    assert (await client.post(PATHS[0], json=request_body(PATHS[0]))).status_code == 502


async def test_upstream_down(bench: Bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    run = bench.new_run(base_url=f"http://127.0.0.1:{port}")
    client = await bench.client(run)
    answer = await client.post(PATHS[0], json=request_body(PATHS[0]))
    assert answer.status_code == 502
    assert str(port) not in answer.text
    (exchange,) = await bench.exchanges(run)
    assert "no connection" in (exchange.problem or "")


@pytest.mark.parametrize(
    ("fault", "limits", "problem"),
    [
        (Fault("slow_first_byte", 30), TimeLimits(first_byte=0.2), "no first byte"),
        (Fault("stall_mid_stream", 30), TimeLimits(idle=0.2), "nothing came for"),
        (Fault("stall_mid_stream", 30), TimeLimits(total=0.3), "longer than"),
    ],
)
async def test_a_slow_upstream_is_given_up(bench: Bench, fault: Fault, limits: TimeLimits, problem: str) -> None:
    run = bench.new_run(limits=limits)
    client = await bench.client(run)
    bench.upstream.fail_next(fault)
    try:
        answer = await client.post(PATHS[0], json=request_body(PATHS[0], stream=True))
        assert answer.status_code == 504
    except httpx.RemoteProtocolError:
        assert fault.kind == "stall_mid_stream"
    (exchange,) = await bench.exchanges(run)
    assert exchange.state == "failed"
    assert problem in (exchange.problem or "")


async def test_a_sandbox_that_goes_away_lets_the_upstream_go(bench: Bench) -> None:
    run = bench.new_run()
    client = await bench.client(run)
    bench.upstream.fail_next(Fault("stall_mid_stream", 60))
    async with client.stream("POST", PATHS[0], json=request_body(PATHS[0], stream=True)) as answer:
        async for _ in answer.aiter_raw():
            break
    while not bench.upstream.aborted:
        await asyncio.sleep(0.01)
    (exchange,) = await bench.exchanges(run)
    assert (exchange.state, exchange.status) == ("interrupted", 200)
    assert b"message_start" in exchange.response_body
    assert exchange.usage is not None
    assert run.spent.calls == 1
    assert run.in_flight == 0


async def test_a_sandbox_that_goes_away_before_the_first_byte(bench: Bench) -> None:
    run = bench.new_run()
    client = await bench.client(run)
    bench.upstream.fail_next(Fault("slow_first_byte", 60))
    task = asyncio.create_task(client.post(PATHS[0], json=request_body(PATHS[0])))
    while not bench.upstream.requests:
        await asyncio.sleep(0.01)
    task.cancel()
    while not bench.upstream.aborted:
        await asyncio.sleep(0.01)
    (exchange,) = await bench.exchanges(run)
    assert (exchange.state, exchange.status, exchange.usage) == ("interrupted", None, None)


async def test_hanging_up_after_the_last_event_is_no_interruption(bench: Bench) -> None:
    run = bench.new_run()
    client = await bench.client(run)
    bench.upstream.pace = 0.01
    got = b""
    async with client.stream("POST", PATHS[0], json=request_body(PATHS[0], stream=True)) as answer:
        async for chunk in answer.aiter_raw():
            got += chunk
            if b"message_stop" in got:
                break
    (exchange,) = await bench.exchanges(run)
    assert exchange.state == "completed"
    assert exchange.usage is not None
    assert exchange.usage.source == "reported"


async def test_finish_interrupts_what_is_in_flight_and_records_it(bench: Bench) -> None:
    run = bench.new_run()
    client = await bench.client(run)
    bench.upstream.fail_next(Fault("stall_mid_stream", 60))
    got = asyncio.Event()

    async def call() -> None:
        async with client.stream("POST", PATHS[0], json=request_body(PATHS[0], stream=True)) as answer:
            async for _ in answer.aiter_raw():
                got.set()

    task = asyncio.create_task(call())
    await got.wait()
    await bench.gateway.finish(run, grace=0.05)
    assert [exchange.state for exchange in bench.sink.exchanges] == ["interrupted"]
    with pytest.raises(httpx.RemoteProtocolError):
        await task
    answer = await client.post(PATHS[0], json=request_body(PATHS[0]))
    assert answer.status_code == 403
    assert "ended" in message(answer)


async def test_when_nothing_can_be_recorded_nothing_more_is_called(bench: Bench) -> None:
    class FullDisk:
        async def record(self, exchange: object) -> None:
            raise OSError(28, "No space left on device")

    bench.gateway._sink = FullDisk()
    run: Run = bench.new_run()
    client = await bench.client(run)
    assert (await client.post(PATHS[0], json=request_body(PATHS[0]))).status_code == 200
    refused = await client.post(PATHS[0], json=request_body(PATHS[0]))
    assert refused.status_code == 403
    assert len(bench.upstream.requests) == 1
    assert run.state == "unrecorded"
    assert "No space" in (run.problem or "")
    assert json.loads(refused.text)["error"]["type"] == "permission_error"
