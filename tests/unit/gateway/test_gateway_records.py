"""What is kept of calls, and how much of it."""

from __future__ import annotations

from marlin.gateway import MemorySink, Run, RunState, Upstream
from marlin.gateway.apis import ENDPOINTS, Refusal
from marlin.gateway.calls import MAX_RECORDED_BYTES, Received, record, refused_exchange


async def test_refused_calls_can_not_fill_the_disk() -> None:
    upstream = Upstream(name="here", base_url="http://127.0.0.1:1", auth="none")
    run = Run(id="r", upstream=upstream, model="m", requested_model="model")
    endpoint = next(iter(ENDPOINTS.values()))
    refusal = Refusal(400, "invalid_request_error", "invalid_json", "no JSON")
    sink = MemorySink()
    exchange = refused_exchange(
        Received(endpoint, [], b"x" * 1000), run, refusal, b"", call="c", number=1, model="", streamed=False
    )
    await record(sink, run, exchange)
    assert (run.state, run.recorded_bytes) == (RunState.ACTIVE, 1000)
    run.recorded_bytes = MAX_RECORDED_BYTES
    await record(sink, run, exchange)
    assert run.state is RunState.UNRECORDED
    assert run.problem is not None
    assert len(sink.exchanges) == 2, "also the one that ended the run"
