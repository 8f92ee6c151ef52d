"""What passes through the gateway: everything, but for the model's name."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest
from tests.factories.gateway import KEY, NEUTRAL, PATHS, REAL, SNAPSHOT, Bench, request_body
from tests.factories.model_server import Received

Direct = Callable[[], httpx.AsyncClient]
SENTINELS = ("sentinel", "cloudflare", KEY, "fp_44709d6fcb", "20261101")


def neutral(text: str) -> str:
    return text.replace(SNAPSHOT, NEUTRAL).replace('"fp_44709d6fcb"', "null")


def shown(response: httpx.Response) -> str:
    return "\n".join(f"{name}: {value}" for name, value in response.headers.items()) + "\n" + response.text


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("path", PATHS)
async def test_answer_is_the_upstreams_but_for_the_model(bench: Bench, direct: Direct, path: str, stream: bool) -> None:
    client = await bench.client(bench.new_run())
    body = json.dumps(request_body(path, stream=stream)).encode()
    async with direct() as plain:
        expected = await plain.post(path, content=body.replace(NEUTRAL.encode(), REAL.encode()))
    bench.upstream.counted.clear()  # ids are numbered by it
    answer = await client.post(path, content=body)
    assert answer.status_code == 200
    assert answer.text == neutral(expected.text)
    assert answer.headers["content-type"] == expected.headers["content-type"]
    assert not [word for word in SENTINELS if word in shown(answer)]


@pytest.mark.parametrize("path", PATHS)
async def test_request_is_the_agents_but_for_the_model_and_the_key(bench: Bench, path: str) -> None:
    client = await bench.client(bench.new_run())
    odd = '{ "metadata" :{"model":"NEUTRAL"},\n\t"mod\\u0065l" : "x",  "model"\n:\t"NEUTRAL" ,"extra":[1.50,1e3,"\\/"],'
    odd = odd.replace("NEUTRAL", NEUTRAL)
    text = odd + json.dumps(request_body(path))[1:].replace(f'"model": "{NEUTRAL}", ', "")
    headers = {
        "anthropic-beta": "a,b",
        "openai-beta": "responses=v1",
        "x-stainless-lang": "js",
        "user-agent": "agent/1",
        "x-forwarded-for": "10.0.0.1",
        "cookie": "a=b",
        "openai-organization": "other",
    }
    answer = await client.post(path + "?beta=true&key=1", content=text.encode(), headers=headers)
    assert answer.status_code == 200, answer.text
    received: Received = bench.upstream.requests[-1]
    assert received.raw.decode() == text.replace('"x"', f'"{REAL}"', 1).replace(f':\t"{NEUTRAL}"', f':\t"{REAL}"')
    assert received.path == path + "?beta=true"
    for name in ("anthropic-beta", "openai-beta", "x-stainless-lang", "user-agent"):
        assert received.headers[name] == headers[name]
    assert not {"cookie", "x-forwarded-for", "openai-organization"} & set(received.headers)
    auth = ("x-api-key", KEY) if path == "/v1/messages" else ("authorization", f"Bearer {KEY}")
    assert received.headers[auth[0]] == auth[1]
    assert not {"x-api-key", "authorization"} - {auth[0]} & set(received.headers)


async def test_an_upstreams_cookies_are_not_kept(bench: Bench) -> None:
    for name in ("run-1", "run-2"):
        client = await bench.client(bench.new_run(name))
        assert (await client.post(PATHS[0], json=request_body(PATHS[0]))).status_code == 200
    assert not [request for request in bench.upstream.requests if "cookie" in request.headers]
