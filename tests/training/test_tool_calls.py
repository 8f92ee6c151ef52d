"""A tiny model is taught to call tools, tuned, served, and asked through the gateway: its weights answer, no script."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.factories.gateway import NEUTRAL, Bench
from tests.factories.model_server import ScriptedModelServer
from tests.factories.preferences import sealed_dataset
from tests.training.served import VLLM, listening

from marlin.examples.shops import FILE, SHOPS, SUMS, Sum, request
from marlin.gateway import Upstream
from marlin.simulation.teachers import BUSY, CAREFUL, said
from marlin.training import serving, tiny
from marlin.training.dataset import DatasetFolder
from marlin.training.errors import RoundTripError
from marlin.training.launch import prepared, written
from marlin.training.plan import Plan, RunFolder
from marlin.training.tiny import taught, taught_before
from marlin.training.worker import train

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": about,
            "parameters": {"type": "object", "properties": {key: {"type": "string"} for key in keys}, "required": keys},
        },
    }
    for name, about, keys in (("read", "Read a file.", ["path"]), ("edit", "Replace text.", ["path", "old", "new"]))
]


def prompt(shop: str, sum_: Sum) -> list[dict[str, Any]]:
    return [
        {"role": "system", "content": "You are a careful engineer.\nDo what the user asks."},
        {"role": "user", "content": request(shop, sum_)},
    ]


def side(model: str, shop: str, sum_: Sum) -> list[dict[str, Any]]:
    """What a teacher does, with the arguments as objects, as datasets have them."""
    done: list[dict[str, Any]] = []
    for answer in (f"1\tdef {sum_.name}({sum_.arguments}):\n2\t    return {sum_.wrong}", f"edited {FILE}", ""):
        message = said(model, [*prompt(shop, sum_), *done])
        for call in message.get("tool_calls") or []:
            call["function"]["arguments"] = json.loads(call["function"]["arguments"])
        done.append({**message, "content": message["content"] or ""})
        if answer:
            done.append({"role": "tool", "tool_call_id": message["tool_calls"][0]["id"], "content": answer})
    return done


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of six shops, two of them held out."""
    path = tmp_path_factory.mktemp("shops") / "data"
    for place, shop in enumerate(SHOPS[:6]):
        split = "train" if place < 4 else "test"
        for sum_ in SUMS:
            facts = {"id": f"{shop}-{sum_.name}", "task_id": f"{shop}-{sum_.name}", "repository": shop}
            sides = {"chosen": side(CAREFUL, shop, sum_), "rejected": side(BUSY, shop, sum_)}
            rows = [("trl_pref", facts | {"strength": 3, "category": "bug_fix"} | sides)]
            rows += [
                ("kto", facts | {"side": name, "completion": messages, "label": name == "chosen"})
                for name, messages in sides.items()
            ]
            for view, row in rows:
                file = path / "views" / view / f"{split}.jsonl"
                file.parent.mkdir(parents=True, exist_ok=True)
                with file.open("a") as lines:
                    lines.write(json.dumps({**row, "prompt": prompt(shop, sum_), "tools": TOOLS}) + "\n")
    return sealed_dataset(path)


def test_a_model_that_was_not_taught_long_enough_is_refused_with_its_own_words(shops: Path, tmp_path: Path) -> None:
    with pytest.raises(RoundTripError, match="It said: "):
        taught(shops, tmp_path / "models", rounds=1, epochs=2)
    assert taught_before(tmp_path / "models") is None


def tuned(shops: Path, folder: Path) -> RunFolder:
    """A run by DPO on a tiny model that was taught to call tools."""
    with pytest.MonkeyPatch.context() as patch:
        if VLLM is not None:  # its attention on a CPU takes no heads of less than 32
            patch.setattr(tiny, "HEADS", 2)
        parent = taught(shops, folder / "models")
    assert taught_before(folder / "models") == parent
    plan = Plan(method="dpo", dataset=str(shops), model=str(parent.folder), max_length=0, epochs=2.0, batch=4)
    plan = plan.changed(accumulation=1, learning_rate=1e-3, lora_rank=8, lora_alpha=16, dtype="float32", sft_weight=1.0)
    run = written(prepared(plan.changed(gradient_checkpointing=False), folder / "run"))
    train(run)
    return run


async def test_a_tuned_model_calls_tools_through_the_gateway(shops: Path, tmp_path: Path) -> None:
    run = tuned(shops, tmp_path)
    model = serving.served(run)
    held_out = next(DatasetFolder(shops).pairs("test"))
    with listening(model) as url:
        assert serving.round_trip(model, held_out, serving.asking(url, None))["tool_calls"]
        async with ScriptedModelServer() as unused:
            bench = Bench(unused)
            try:
                upstream = Upstream("development", url, "unasked", auth="none")
                gate = bench.new_run("run-tuned", upstream=upstream, model=model.name, pricing=None)
                client = await bench.client(gate)
                body = {"model": NEUTRAL, "tools": TOOLS, "stream": True, "messages": held_out.prompt}
                headers = {"authorization": f"Bearer {gate.token}"}
                answer = await client.post("/v1/chat/completions", json=body, headers=headers)
                assert answer.status_code == 200, answer.text
                calls = _calls(answer.text)
                recorded = await bench.exchanges(gate)
            finally:
                await bench.close()
    assert calls == [("read", {"path": FILE})]
    assert [exchange.status for exchange in recorded] == [200]
    assert model.name.encode() in recorded[0].response_body
    assert model.name not in answer.text, "the sandbox never learns which model answered"


def _calls(stream: str) -> list[tuple[str, dict[str, Any]]]:
    found: dict[int, dict[str, str]] = {}
    for line in stream.splitlines():
        if line.startswith("data: {"):
            for choice in json.loads(line.removeprefix("data: "))["choices"]:
                for call in (
                    choice["delta"].get("tool_calls") or []
                ):  # vLLM sends name and arguments one after the other
                    whole = found.setdefault(call["index"], {"name": "", "arguments": ""})
                    for key in whole:
                        whole[key] += call["function"].get(key) or ""
    return [(call["name"], json.loads(call["arguments"])) for call in found.values()]
