"""Real agents through the whole platform: as operators set them up, as contributors see them, over a killed worker."""

from __future__ import annotations

import json
import shutil
import signal
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from atif import Trajectory as Atif
from tests.acceptance.real_world import Models, Platform, Witness, as_toml, campaign, platform, provide, remove
from tests.factories.model_server import (
    EditFile,
    ReadFile,
    Received,
    ScriptedModelServer,
    Shell,
    Text,
    Thinking,
    Turn,
    WriteFile,
)

from marlin.cli.story import Verdict, play

KEYS = {
    "SENTINEL_FIRST_KEY": "sk-sentinel-first-0123456789",
    "SENTINEL_SECOND_KEY": "sk-sentinel-second-9876543210",
}
PRICING = {"input": 3.0, "output": 15.0, "cache_read": 0.3, "cache_write": 3.75}
FOLLOW_UP = "Please add a line about it to the notes."


def says(name: str, word: str) -> tuple[Turn, ...]:
    """Two turns of a model that is indiscreet; what its tools leave behind carries ``word``."""
    boast = f"I am sentinel-model-{name} at sentinel-upstream-{name}, in sentinel-arm-{name}."
    return (
        Turn(
            [
                [Thinking("I wonder."), Text(boast), Shell(f"echo {word} one > notes.txt; echo made {word}")],
                [WriteFile(f"/workspace/stockroom/{word}.py", f'"""Made {word}."""\n')],
                [Text(f"The first turn is done; {boast}")],
            ]
        ),
        Turn(
            [
                [ReadFile("/workspace/notes.txt")],
                [EditFile("/workspace/notes.txt", " one", f" one, then {word}")],
                [Shell("echo two >> notes.txt; cat notes.txt")],
                [Text("The second turn is done.")],
            ]
        ),
    )


def arm(name: str, agent: str, *, key_env: str | None = None, upstream: str | None = None) -> dict[str, Any]:
    made = {
        "name": f"sentinel-arm-{name}",
        "agent": agent,
        "model": f"sentinel-model-{name}",
        "upstream": upstream or f"sentinel-upstream-{name}",
        "outputs_may_train": True,
        "pricing": PRICING,
    }
    return made | ({"key_env": key_env} if key_env else {})


def upstream(name: str, server: ScriptedModelServer, api: str, key_env: str) -> dict[str, Any]:
    return {"name": f"sentinel-upstream-{name}", "base_url": server.base_url, "api": api, "key_env": key_env}


SENTINELS = (
    *("sentinel-arm", "sentinel-model", "sentinel-upstream", "sentinel-first", "sentinel-second", "sentinel-organi"),
    *("SENTINEL_FIRST", "SENTINEL_SECOND", "req_sentinel", "sentinel-cookie"),
    *("claude", "anthropic", "opencode", "openai", "toolu_", "call_0"),
)


@pytest.fixture(scope="module")
def models() -> Iterator[Models]:
    made = Models()
    yield made
    made.close()


@pytest.fixture(scope="module")
def marlin() -> Iterator[Platform]:
    home = Path(tempfile.mkdtemp(prefix="marlin-real-", dir="/var/tmp"))
    home.chmod(0o711)
    provide(home, agents=("claude-code", "opencode"))
    with platform(home, KEYS) as running:
        yield running
    remove(home)


@pytest.fixture(scope="module")
def operator(marlin: Platform) -> Iterator[Witness]:
    made = marlin.operator()
    yield made
    made.close()


@pytest.fixture(scope="module")
def contributor(marlin: Platform, operator: Witness) -> Iterator[Witness]:
    made = marlin.invited("contributor")
    yield made
    made.close()


@pytest.fixture(scope="module")
def reviewer(marlin: Platform, operator: Witness) -> Iterator[Witness]:
    made = marlin.invited("reviewer")
    yield made
    made.close()


def said(request: Received) -> list[dict[str, Any]]:
    """The messages of a request to a model."""
    found = request.body.get("messages") if isinstance(request.body, dict) else None
    return found if isinstance(found, list) else []


def dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def generating(server: ScriptedModelServer, text: str) -> list[Received]:
    """The calls in which a model was asked for an answer to a prompt, with tools to use."""
    return [one for one in server.requests if said(one) and one.body.get("tools") and text in dump(said(one))]


def keys_sent(server: ScriptedModelServer) -> set[str]:
    heads = [(one.headers.get("x-api-key"), one.headers.get("authorization")) for one in server.requests]
    return {value.removeprefix("Bearer ") for pair in heads for value in pair if value}


def patches(witness: Witness, comparison: str, turn: int) -> dict[str, str]:
    path = f"/comparisons/{comparison}/turns/{turn}/patch"
    return {side: witness.visitor.text(path, **{"from": "base", "to": side}) for side in "AB"}


def test_two_turns_of_one_agent_over_a_killed_worker(
    marlin: Platform, models: Models, operator: Witness, contributor: Witness, reviewer: Witness, tmp_path: Path
) -> None:
    first = models.serve(*says("first", "alpha"), api_key=KEYS["SENTINEL_FIRST_KEY"])
    second = models.serve(*says("second", "beta"), api_key=KEYS["SENTINEL_SECOND_KEY"])
    wish = campaign(
        "same-agent",
        [arm("first", "claude-code"), arm("second", "claude-code", key_env="SENTINEL_SECOND_KEY")],
        [
            upstream("first", first, "anthropic", "SENTINEL_FIRST_KEY"),
            upstream("second", second, "anthropic", "SENTINEL_UNUSED_KEY"),
        ],
        continuation="session",
    )
    file = tmp_path / "campaign.toml"
    file.write_text(as_toml(wish))
    marlin.run("campaign", "create", str(file))

    def judge(turn: dict[str, Any]) -> Verdict:
        found = contributor.visitor.get("/comparisons")[0]["id"]
        if turn["number"] == 1:
            contributor.watch(found)
            assert marlin.leftovers_of_sandboxes() == [], "what ran for the turn is gone when it is ready"
            marlin.end(signal.SIGKILL)
            marlin.start()
            written = patches(contributor, found, 1)
            return Verdict(-2 if "alpha" in written["A"] else 2, "it is the first one.")
        return Verdict(-2, "it reads better.")

    story = play(
        contributor.visitor,
        reviewer.visitor,
        campaign="same-agent",
        example="stockroom-import",
        follow_ups=[FOLLOW_UP],
        judge=judge,
        report=print,
    )
    comparison = story["comparison_id"]
    assert story["status"] == "accepted"
    assert [set(turn["outcomes"].values()) for turn in story["turns"]] == [{"completed"}, {"completed"}]
    view = operator.visitor.get(f"/comparisons/{comparison}/operator")
    sides = {name.removeprefix("sentinel-arm-"): side for side, name in view["arms"].items()}
    assert story["turns"][1]["continued_from"] == sides["first"]

    # the files are those that each agent's own tool calls made, and turn 2 began from the winner's
    one, two = patches(contributor, comparison, 1), patches(contributor, comparison, 2)
    for name, word in (("first", "alpha"), ("second", "beta")):
        assert f"+{word} one\n" in one[sides[name]]
        assert f'+"""Made {word}."""\n' in one[sides[name]]
        assert f"+alpha one, then {word}\n+two\n" in two[sides[name]]
        assert "stockroom/alpha.py" in two[sides[name]]
        assert "stockroom/beta.py" not in two[sides[name]]

    # each arm used its own upstream, key and model; in turn 2 both were told the winner's conversation
    for name, server, key in (("first", first, "SENTINEL_FIRST_KEY"), ("second", second, "SENTINEL_SECOND_KEY")):
        assert keys_sent(server) == {KEYS[key]}
        assert {one.body["model"] for one in server.requests if isinstance(one.body, dict)} == {
            f"sentinel-model-{name}"
        }
        later = generating(server, FOLLOW_UP)
        assert len(later) >= 4
        history = dump(said(later[0]))
        assert "is done; I am sentinel-model-first" in history, "the winner's own words, unredacted"
        assert "made alpha" in history, "and what its tools said"
        assert "made beta" not in history
        assert "tool_use" in history, "a session, not a transcript"

    # everything is on record
    require_metered(view, {sides["first"]: first, sides["second"]: second})
    shutil.rmtree(marlin.home / "raw", ignore_errors=True)  # a cache: what is kept rests in durable storage
    for number in (1, 2):
        for side in "AB":
            require_trajectory(operator, comparison, number, side, "claude-code")

    # nobody who judges learns who was who
    for witness in (contributor, reviewer):
        witness.see_all(comparison)
        witness.require_blind(*SENTINELS, first.base_url.rpartition(":")[2], second.base_url.rpartition(":")[2])
    live = [line for path, line in contributor.heard if path.endswith("/events/stream") and b'"turn":2' in line]
    assert any(b"The second turn is done." in line for line in live), "the events went on after the restart"
    assert marlin.leftovers_of_sandboxes() == []


def require_metered(view: dict[str, Any], servers: dict[str, ScriptedModelServer]) -> None:
    """Tokens are those that the upstream counted, and cost is their price."""
    for side, server in servers.items():
        used = [one["attempts"][-1]["usage"] for one in view["sides"] if one["side"] == side]
        counted = server.counted
        assert sum(one["calls"] for one in used) == len(counted) > 0
        assert sum(one["output_tokens"] for one in used) == sum(one.output for one in counted)
        assert sum(one["cache_read_tokens"] for one in used) == sum(one.cache_read for one in counted)
        tokens = {name: sum(one[f"{name}_tokens"] for one in used) for name in PRICING}
        price = sum(Decimal(str(PRICING[name])) * tokens[name] for name in PRICING) / 1_000_000
        assert abs(sum(Decimal(one["usd"]) for one in used) - price) < Decimal("0.0001")
        assert price > 0


def require_trajectory(operator: Witness, comparison: str, number: int, side: str, agent: str) -> None:
    path = f"/comparisons/{comparison}/turns/{number}/trajectory"
    document = operator.visitor.get(path, side=side)
    Atif.model_validate(document)
    assert document["agent"]["name"] == agent
    assert any(step.get("tool_calls") for step in document["steps"])
    conversations = operator.visitor.get(path, side=side, layout="openai")
    assert conversations[-1]["tools"]
    roles = [message["role"] for message in conversations[-1]["messages"]]
    assert {"user", "assistant", "tool"} <= set(roles)
    assert any(message.get("tool_calls") for message in conversations[-1]["messages"])
