"""Listeners: given sockets, Unix sockets, many of them; no signals, no leftovers."""

from __future__ import annotations

import asyncio
import signal
import socket
from pathlib import Path

import httpx
import pytest
from tests.factories.gateway import PATHS, Bench, request_body
from tests.factories.model_server import Fault

from marlin.gateway import ListenError, Run, Serving, serve, serve_unix


async def test_fifty_listeners_in_one_process(bench: Bench) -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    runs = [bench.new_run(f"run-{number}") for number in range(50)]
    clients = [await bench.client(run) for run in runs]
    answers = await asyncio.gather(*(client.post(PATHS[0], json=request_body(PATHS[0])) for client in clients))
    assert [answer.status_code for answer in answers] == [200] * 50
    crossed = await clients[0].post(PATHS[0], json=request_body(PATHS[0]), headers={"x-api-key": runs[1].token})
    assert crossed.status_code == 401
    assert {number: signal.getsignal(number) for number in before} == before


async def test_unix_socket(bench: Bench, tmp_path: Path) -> None:
    run = bench.new_run()
    path = tmp_path / "gateway.sock"
    for _ in range(2):  # the second time over a dead socket
        serving = await serve_unix(bench.gateway.for_run(run), path)
        transport = httpx.AsyncHTTPTransport(uds=str(path))
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            headers = {"x-api-key": run.token}
            assert (await client.post(PATHS[0], json=request_body(PATHS[0]), headers=headers)).status_code == 200
        with pytest.raises(ListenError):
            await serve_unix(bench.gateway.for_run(run), path)
        await serving.close()
        assert not path.exists()
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(path))


async def test_unusable_places_are_refused(bench: Bench, tmp_path: Path) -> None:
    app = bench.gateway.for_run(bench.new_run())
    with socket.socket() as deaf, pytest.raises(ListenError, match="does not listen"):
        await serve(app, deaf)
    (tmp_path / "file").write_text("precious")
    for path in (tmp_path / "file", tmp_path / "no" / "folder", tmp_path / ("x" * 200)):
        with pytest.raises(ListenError, match="can't listen"):
            await serve_unix(app, path)
    assert (tmp_path / "file").read_text() == "precious"


async def _serving(bench: Bench, run: Run) -> tuple[Serving, str]:
    listener = socket.create_server(("127.0.0.1", 0))
    return await serve(bench.gateway.for_run(run), listener), f"http://127.0.0.1:{listener.getsockname()[1]}"


async def _asked(bench: Bench, client: httpx.AsyncClient) -> asyncio.Task[httpx.Response]:
    """A streamed call that has reached the upstream."""
    before = len(bench.upstream.requests)
    call = asyncio.create_task(client.post(PATHS[0], json=request_body(PATHS[0], stream=True)))
    while len(bench.upstream.requests) == before:
        await asyncio.sleep(0.01)
    return call


async def test_closing_lets_answers_end(bench: Bench) -> None:
    run = bench.new_run()
    serving, url = await _serving(bench, run)
    async with httpx.AsyncClient(base_url=url, headers={"x-api-key": run.token}) as client:
        bench.upstream.pace = 0.02
        ending = await _asked(bench, client)
        await serving.close(grace=60)  # far more than it needs, however busy the machine: it returns with the answer
        assert (await ending).status_code == 200
        with pytest.raises(httpx.ConnectError):
            await client.get("/v1/models")
    await serving.close()
    assert [exchange.state for exchange in await bench.exchanges(run)] == ["completed"]


async def test_closing_cuts_answers_that_do_not_end(bench: Bench) -> None:
    run = bench.new_run()
    serving, url = await _serving(bench, run)
    async with httpx.AsyncClient(base_url=url, headers={"x-api-key": run.token}) as client:
        bench.upstream.fail_next(Fault("stall_mid_stream", 600))
        stuck = await _asked(bench, client)
        await serving.close(grace=0.3)
        with pytest.raises(httpx.TransportError):
            await stuck
    assert [exchange.state for exchange in await bench.exchanges(run)] == ["interrupted"]


async def test_another_network_namespaces_socket(bench: Bench) -> None:
    """A listener made by a process elsewhere is served like any other: only the descriptor counts."""
    run = bench.new_run()
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    passed = socket.socket(fileno=listener.detach())
    async with await serve(bench.gateway.for_run(run), passed), httpx.AsyncClient() as client:
        answer = await client.get(f"http://127.0.0.1:{port}/v1/models", headers={"x-api-key": run.token})
        assert answer.status_code == 200
