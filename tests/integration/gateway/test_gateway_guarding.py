"""Who may call, what for, and how much."""

from __future__ import annotations

import asyncio
import gzip
import json
from decimal import Decimal
from typing import Any

import httpx
import pytest
from tests.factories.gateway import KEY, NEUTRAL, PATHS, REAL, Bench, request_body
from tests.factories.model_server import Fault

from marlin.gateway import Api, Auxiliary, Budget, Pricing, Target, TimeLimits, Upstream


async def test_a_listener_serves_its_own_run_alone(bench: Bench) -> None:
    mine, other = bench.new_run("mine"), bench.new_run("other")
    client = await bench.client(mine)
    for token, status in ((mine.token, 200), (other.token, 401), ("mrl-guess", 401), (KEY, 401)):
        answer = await client.post(PATHS[0], json=request_body(PATHS[0]), headers={"x-api-key": token})
        assert answer.status_code == status
    assert len(bench.upstream.requests) == 1
    assert (await bench.exchanges(other)) == []


async def test_a_token_may_come_as_bearer_too(bench: Bench) -> None:
    run = bench.new_run()
    client = await bench.client(run)
    headers = {"authorization": f"Bearer {run.token}", "x-api-key": "placeholder"}
    answer = await client.post("/v1/responses", json=request_body("/v1/responses"), headers=headers)
    assert answer.status_code == 200
    del client.headers["x-api-key"]
    assert (await client.post("/v1/responses", json=request_body("/v1/responses"))).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/v1/files", 404),
        ("POST", "/v1/messages/batches", 404),
        ("POST", "/v1/messages/../files", 404),
        ("POST", "/v1//messages", 404),
        ("POST", "/v1/messages/", 404),
        ("POST", "/v1/embeddings", 404),
        ("GET", "/v1/responses/resp_1", 404),
        ("GET", "/v1/organizations", 404),
        ("HEAD", "/", 404),
        ("GET", "/v1/messages", 405),
        ("DELETE", "/v1/models", 404),
        ("GET", f"/v1/models/{REAL}", 404),
    ],
)
async def test_other_paths_do_not_exist(bench: Bench, method: str, path: str, status: int) -> None:
    client = await bench.client(bench.new_run())
    answer = await client.request(method, path)
    assert answer.status_code == status
    assert not bench.upstream.requests


async def test_models_are_the_neutral_one_alone(bench: Bench) -> None:
    run = bench.new_run()
    client = await bench.client(run)
    listed = (await client.get("/v1/models")).json()
    assert [entry["id"] for entry in listed["data"]] == [NEUTRAL]
    assert listed["has_more"] is False
    bearer = {"authorization": f"Bearer {run.token}"}
    plain = httpx.AsyncClient(base_url=client.base_url, headers=bearer)
    async with plain:
        assert (await plain.get("/v1/models")).json()["object"] == "list"
        assert (await plain.get(f"/v1/models/{NEUTRAL}")).json()["id"] == NEUTRAL
    assert (await client.get(f"/v1/models/{NEUTRAL}")).json()["id"] == NEUTRAL
    assert not bench.upstream.requests


async def test_counting_tokens_is_no_generation(bench: Bench) -> None:
    run = bench.new_run(budget=Budget(calls=0))
    client = await bench.client(run)
    answer = await client.post("/v1/messages/count_tokens", json=request_body(PATHS[0]))
    assert answer.status_code == 200
    assert answer.json()["input_tokens"] > 0
    (exchange,) = await bench.exchanges(run)
    assert not exchange.generates
    assert run.spent.calls == 0


@pytest.mark.parametrize("path", PATHS)
async def test_a_used_up_budget_stops_the_agent(bench: Bench, path: str) -> None:
    run = bench.new_run(budget=Budget(calls=1))
    client = await bench.client(run)
    assert (await client.post(path, json=request_body(path))).status_code == 200
    stopped = await client.post(path, json=request_body(path, stream=True))
    assert stopped.status_code == 402
    assert stopped.headers["x-should-retry"] == "false"
    assert "budget" in stopped.json()["error"]["message"]
    assert run.state == "budget_exhausted"
    assert (await client.post(path, json=request_body(path))).status_code == 402
    answered, refused = await bench.exchanges(run)
    assert (answered.state, refused.state, refused.status) == ("completed", "refused", 402)
    assert run.spent.refused_calls == 1


async def test_a_budget_of_money_is_metered(bench: Bench) -> None:
    run = bench.new_run(budget=Budget(usd=Decimal("0.0001")))
    client = await bench.client(run)
    assert (await client.post(PATHS[0], json=request_body(PATHS[0], stream=True))).status_code == 200
    assert (await client.post(PATHS[0], json=request_body(PATHS[0]))).status_code == 402
    (answered, _) = await bench.exchanges(run)
    counted = bench.upstream.counted[0]
    fresh = counted.prompt - counted.cache_read - counted.cache_write
    usd = fresh * Decimal(3) + counted.output * Decimal(15)
    usd += counted.cache_read * Decimal("0.30") + counted.cache_write * Decimal("3.75")
    assert answered.cost_usd == run.spent.usd == usd / 1_000_000


async def test_calls_at_once_do_not_pass_a_budget_of_calls(bench: Bench) -> None:
    run = bench.new_run(budget=Budget(calls=2))
    client = await bench.client(run)
    bench.upstream.pace = 0.01
    answers = await asyncio.gather(*(client.post(PATHS[0], json=request_body(PATHS[0], stream=True)) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 402, 402, 402]
    assert len(bench.upstream.requests) == 2


async def test_auxiliary_models(bench: Bench) -> None:
    small = "small-neutral"
    body = request_body(PATHS[0], model=small)
    by_map = Auxiliary("map", {small: Target("sentinel-small", Pricing(Decimal(1), Decimal(1)))})
    cases: list[tuple[str, Auxiliary, int, str | None, str]] = [
        ("same", Auxiliary("same"), 200, REAL, "same"),
        ("mapped", by_map, 200, "sentinel-small", "mapped"),
        ("denied", Auxiliary("deny"), 404, None, "denied"),
    ]
    for name, auxiliary, status, model, recorded in cases:
        run = bench.new_run(name, auxiliary=auxiliary)
        answer = await (await bench.client(run)).post(PATHS[0], json=body)
        assert answer.status_code == status
        if status == 200:
            assert answer.json()["model"] == small
            assert bench.upstream.requests[-1].body["model"] == model
        (exchange,) = await bench.exchanges(run)
        assert (exchange.auxiliary, exchange.model, exchange.requested_model) == (recorded, model, small)


async def test_an_api_the_upstream_does_not_speak(bench: Bench) -> None:
    upstream = Upstream("u", bench.upstream.base_url, KEY, apis=frozenset((Api.OPENAI_CHAT,)))
    client = await bench.client(bench.new_run(upstream=upstream))
    assert (await client.post(PATHS[0], json=request_body(PATHS[0]))).status_code == 404
    assert (await client.post(PATHS[1], json=request_body(PATHS[1]))).status_code == 200


async def test_compressed_requests_pass_plain(bench: Bench) -> None:
    run = bench.new_run()
    client = await bench.client(run)
    body = json.dumps(request_body(PATHS[2])).encode()
    headers = {"content-encoding": "gzip", "content-type": "application/json"}
    answer = await client.post(PATHS[2], content=gzip.compress(body), headers=headers)
    assert answer.status_code == 200
    assert bench.upstream.requests[-1].body["model"] == REAL
    assert "content-encoding" not in bench.upstream.requests[-1].headers
    (exchange,) = await bench.exchanges(run)
    assert exchange.request_body == body


async def test_broken_and_oversized_requests(bench: Bench) -> None:
    run = bench.new_run()
    client = await bench.client(run)
    assert (await client.post(PATHS[0], content=b"{nonsense")).status_code == 400
    assert (await client.post(PATHS[0], content=b" " * (33 * 1024**2))).status_code == 413
    assert (await client.post(PATHS[0], json=request_body(PATHS[0]))).status_code == 200
    assert [exchange.state for exchange in await bench.exchanges(run)] == ["refused", "completed"]


async def test_an_upstreams_limit_on_calls_at_once_holds_over_all_runs(bench: Bench) -> None:
    upstream = Upstream("u", bench.upstream.base_url, KEY, max_concurrent=1)
    runs = [bench.new_run(f"run-{number}", upstream=upstream) for number in range(3)]
    clients = [await bench.client(run) for run in runs]
    bench.upstream.pace = 0.005
    busy = 0
    most = 0

    async def call(client: httpx.AsyncClient) -> None:
        nonlocal busy, most
        async with client.stream("POST", PATHS[0], json=request_body(PATHS[0], stream=True)) as answer:
            busy += 1
            most = max(most, busy)
            async for chunk in answer.aiter_raw():
                if b"message_stop" in chunk:
                    busy -= 1

    await asyncio.gather(*(call(client) for client in clients))
    assert most == 1
    queued = [exchange.queued_seconds for run in runs for exchange in await bench.exchanges(run)]
    assert min(queued) < max(queued)


async def test_a_call_that_waits_for_its_turn_can_be_given_up(bench: Bench) -> None:
    upstream = Upstream("u", bench.upstream.base_url, KEY, max_concurrent=1)
    run = bench.new_run(upstream=upstream, limits=TimeLimits(first_byte=0.3))
    client = await bench.client(run)
    bench.upstream.fail_next(Fault("slow_first_byte", 60))
    first = asyncio.create_task(client.post(PATHS[0], json=request_body(PATHS[0])))
    while not bench.upstream.requests:
        await asyncio.sleep(0.01)
    second = asyncio.create_task(client.post(PATHS[0], json=request_body(PATHS[0])))
    while run.in_flight < 2:
        await asyncio.sleep(0.01)
    second.cancel()
    assert (await first).status_code == 504
    states: dict[int, Any] = {exchange.number: exchange.state for exchange in await bench.exchanges(run)}
    assert states == {1: "failed", 2: "interrupted"}
    assert len(bench.upstream.requests) == 1
