"""Real agents through the whole platform: as operators set them up, as contributors see them, over a killed worker."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from atif import Trajectory as Atif
from tests.acceptance.real_world import Models, Platform, Witness, as_toml, campaign, platform, provide, remove, until
from tests.factories.model_server import (
    EditFile,
    Fault,
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

pytestmark = pytest.mark.timeout(1200)  # generous: several agents on a busy machine

KEYS = {
    "SENTINEL_FIRST_KEY": "sk-sentinel-first-0123456789",
    "SENTINEL_SECOND_KEY": "sk-sentinel-second-9876543210",
}
PRICING = {"input": 3.0, "output": 15.0, "cache_read": 0.3, "cache_write": 3.75}
FOLLOW_UP = "Please add a line about it to the notes."


def says(name: str, word: str, service: str, *, again: str | None = None) -> tuple[Turn, ...]:
    """Two turns of a model that is indiscreet; what its tools leave behind carries ``word``.

    :param service: what the operator calls its upstream, after ``sentinel-upstream-``.
    :param again: what the second prompt holds, for sessions in which it is the first.
    """
    boast = f"I am sentinel-model-{name} at sentinel-upstream-{service}, in sentinel-arm-{name}."
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
                [Text("The second turn is done."), Text("It goes on from sentinel-arm-first: sentinel-model-first.")],
            ],
            when=again,
        ),
    )


def arm(name: str, agent: str, service: str, *, key_env: str | None = None) -> dict[str, Any]:
    made = {
        "name": f"sentinel-arm-{name}",
        "agent": agent,
        "model": f"sentinel-model-{name}",
        "upstream": f"sentinel-upstream-{service}",
        "outputs_may_train": True,
        "pricing": PRICING,
    }
    return made | ({"key_env": key_env} if key_env else {})


def upstream(service: str, base_url: str, api: str, key_env: str) -> dict[str, Any]:
    return {"name": f"sentinel-upstream-{service}", "base_url": base_url, "api": api, "key_env": key_env}


SENTINELS = (
    *("sentinel-arm", "sentinel-model", "sentinel-upstream", "sentinel-first", "sentinel-second", "sentinel-organi"),
    *("SENTINEL_FIRST", "SENTINEL_SECOND", "req_sentinel", "sentinel-cookie"),
    *("claude", "anthropic", "opencode", "openai", "codex", "toolu_", "call_0", "SENTINEL_UNSET"),
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
    first = models.serve(*says("first", "alpha", "same-first"), api_key=KEYS["SENTINEL_FIRST_KEY"])
    second = models.serve(*says("second", "beta", "same-second"), api_key=KEYS["SENTINEL_SECOND_KEY"])
    wish = campaign(
        "same-agent",
        [
            arm("first", "claude-code", "same-first"),
            arm("second", "claude-code", "same-second", key_env="SENTINEL_SECOND_KEY"),
        ],
        [
            upstream("same-first", first.base_url, "anthropic", "SENTINEL_FIRST_KEY"),
            upstream("same-second", second.base_url, "anthropic", "SENTINEL_UNUSED_KEY"),
        ],
        continuation="session",
        reveal="live",
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

    def report(text: str) -> None:
        if text == "turn 1: running":
            until("its sandboxes to be seen while they are there", marlin.leftovers_of_sandboxes)

    story = play(
        contributor.visitor,
        reviewer.visitor,
        campaign="same-agent",
        example="stockroom-import",
        follow_ups=[FOLLOW_UP],
        judge=judge,
        report=report,
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
        witness.require_blind(*SENTINELS, *(f":{one.base_url.rpartition(':')[2]}" for one in (first, second)))
    for side in "AB":
        deadline = time.monotonic() + 60  # the witness reconnects by itself, as a browser does
        while "The second turn is done." not in contributor.heard_live(2, side):
            assert time.monotonic() < deadline, "the events went on after the restart"
            time.sleep(0.5)
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


def titles(events: list[dict[str, Any]]) -> list[str]:
    """What the tools that were called are shown as, in order; a later event says more about the same call."""
    calls = {event["data"]["call_id"]: event["data"]["title"] for event in events if event["kind"] == "tool_call"}
    return list(calls.values())


def test_two_different_agents_and_a_conversation_told_as_text(
    marlin: Platform, models: Models, operator: Witness, contributor: Witness, reviewer: Witness
) -> None:
    first = models.serve(*says("first", "alpha", "two-first", again=FOLLOW_UP), api_key=KEYS["SENTINEL_FIRST_KEY"])
    second = models.serve(*says("second", "beta", "two-second", again=FOLLOW_UP), api_key=KEYS["SENTINEL_SECOND_KEY"])
    wish = campaign(
        "two-agents",
        [arm("first", "opencode", "two-first"), arm("second", "claude-code", "two-second")],
        [
            upstream("two-first", first.base_url, "openai-chat", "SENTINEL_FIRST_KEY"),
            upstream("two-second", second.base_url, "anthropic", "SENTINEL_SECOND_KEY"),
        ],
        continuation="transcript",
    )
    operator.visitor.post("/campaigns", wish)

    def judge(turn: dict[str, Any]) -> Verdict:
        found = contributor.visitor.get("/comparisons")[0]["id"]
        return Verdict(-2 if "alpha.py" in patches(contributor, found, 1)["A"] else 2, "it is the first one.")

    story = play(
        contributor.visitor,
        reviewer.visitor,
        campaign="two-agents",
        example="stockroom-import",
        follow_ups=[FOLLOW_UP],
        judge=judge,
        report=print,
    )
    comparison = story["comparison_id"]
    assert [set(turn["outcomes"].values()) for turn in story["turns"]] == [{"completed"}, {"completed"}]
    view = operator.visitor.get(f"/comparisons/{comparison}/operator")
    sides = {name.removeprefix("sentinel-arm-"): side for side, name in view["arms"].items()}
    for name, server, word in (("first", first, "alpha"), ("second", second, "beta")):
        opening = said(generating(server, FOLLOW_UP)[0])
        assert "assistant" not in {message["role"] for message in opening}, "a fresh session"
        told = dump([message for message in opening if message["role"] == "user"])
        for part in ("stockroom import", "is done; I am sentinel-model-first", "made alpha", FOLLOW_UP):
            assert part in told, "told as text"
        two = patches(contributor, comparison, 2)
        assert f"+alpha one, then {word}\n+two\n" in two[sides[name]]
        assert "stockroom/beta.py" not in two[sides[name]]
    require_metered(view, {sides["first"]: first, sides["second"]: second})
    for number in (1, 2):
        require_trajectory(operator, comparison, number, sides["first"], "opencode")
        require_trajectory(operator, comparison, number, sides["second"], "claude-code")
    transcripts = contributor.see_all(comparison)
    for number in (1, 2):  # tools have the same names, whoever used them
        first_ran, second_ran = (titles(transcripts[number, sides[name]]) for name in ("first", "second"))
        assert [title.replace("beta", "alpha") for title in second_ran] == first_ran
    reviewer.see_all(comparison)
    for witness in (contributor, reviewer):
        witness.require_blind(*SENTINELS, *(f":{one.base_url.rpartition(':')[2]}" for one in (first, second)))
    assert marlin.leftovers_of_sandboxes() == []


def begin(contributor: Witness, slug: str) -> str:
    """Take the campaign's example brief, prepare it, and start a comparison; its id."""
    visitor = contributor.visitor
    found = next(entry for entry in visitor.get("/campaigns") if entry["slug"] == slug)
    brief = visitor.post("/briefs", {"campaign_id": found["id"], "example": "stockroom-import"})["id"]
    visitor.post(f"/briefs/{brief}/prepare")

    def prepared() -> bool:
        preparation = visitor.get(f"/briefs/{brief}")["preparation"]
        assert preparation["status"] != "failed", preparation
        return bool(preparation["status"] == "ready")

    until(f"the brief of {slug} to be ready", prepared)
    return str(visitor.post("/comparisons", {"brief_id": brief})["id"])


def finished(contributor: Witness, comparison: str) -> dict[str, Any]:
    """The first turn, when it is over."""

    def over() -> dict[str, Any] | None:
        turn: dict[str, Any] = contributor.visitor.get(f"/comparisons/{comparison}")["turns"][0]
        return turn if turn["status"] in ("ready", "failed") else None

    return dict(until("the turn to be over", over))


def closed_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture(scope="module")
def troubles(models: Models, operator: Witness, contributor: Witness) -> dict[str, str]:
    """Comparisons of a good arm and one that fails, all of them started; by what fails."""
    good = models.serve(*says("first", "alpha", "good"), api_key=KEYS["SENTINEL_FIRST_KEY"])
    strict = models.serve(*says("second", "beta", "strict"), api_key="sk-sentinel-another-0000")
    full = models.serve(Turn([[Fault("context_length", times=None)]]))
    works = upstream("good", good.base_url, "openai-chat", "SENTINEL_FIRST_KEY")
    bad = {
        "not-installed": ("codex", "openai-responses", strict.base_url),
        "refused-key": ("minimal", "openai-chat", strict.base_url),
        "upstream-down": ("minimal", "openai-chat", closed_port()),
        "context-length": ("claude-code", "anthropic", full.base_url),
    }
    begun = {}
    for slug, (agent, api, base_url) in bad.items():
        arms = [arm("first", "minimal", "good"), arm("second", agent, slug)]
        services = [works, upstream(slug, base_url, api, "SENTINEL_SECOND_KEY")]
        operator.visitor.post("/campaigns", campaign(slug, arms, services))
        begun[slug] = begin(contributor, slug)
    arms = [arm("first", "minimal", "locked"), arm("second", "minimal", "locked")]
    locked = upstream("locked", good.base_url, "openai-chat", "SENTINEL_UNSET_KEY")
    operator.visitor.post("/campaigns", campaign("key-unset", arms, [locked]))
    begun["key-unset"] = begin(contributor, "key-unset")
    return begun


@pytest.mark.parametrize(
    ("slug", "outcome", "told"),
    [
        ("not-installed", "platform_error", "Marlin could not run this side (agent-not-installed)"),
        ("refused-key", "upstream_error", "The model's service failed or refused the call."),
        ("upstream-down", "upstream_error", "The model's service failed or refused the call."),
        ("context-length", "context_limit", "The conversation no longer fits the model's context."),
    ],
)
def test_an_arm_that_fails_says_so_and_the_other_can_be_preferred(
    slug: str,
    outcome: str,
    told: str,
    troubles: dict[str, str],
    operator: Witness,
    contributor: Witness,
    reviewer: Witness,
    marlin: Platform,
) -> None:
    comparison = troubles[slug]
    turn = finished(contributor, comparison)
    assert turn["status"] == "ready", turn
    view = operator.visitor.get(f"/comparisons/{comparison}/operator")
    sides = {name.removeprefix("sentinel-arm-"): side for side, name in view["arms"].items()}
    good, bad = turn["sides"][sides["first"]], turn["sides"][sides["second"]]
    assert (good["outcome"], good["rateable"]) == ("completed", True)
    assert (bad["outcome"], bad["rateable"]) == (outcome, outcome != "platform_error")
    assert told in bad["outcome_message"]
    attempt = next(one for one in view["sides"] if one["side"] == sides["second"])["attempts"][-1]
    if slug == "not-installed":
        assert "is not installed" in attempt["redactions"]["error"]
        assert attempt["redactions"]["hint"] == "Run: marlin agent install codex"
    else:
        assert attempt["usage"]["failed_calls"] > 0
        assert Decimal(attempt["usage"]["usd"]) == 0
    rate_and_submit(contributor, comparison, preferred=sides["first"])
    transcripts = contributor.see_all(comparison)
    assert transcripts[1, sides["first"]]
    reviewer.see_all(comparison)
    for witness in (contributor, reviewer):
        witness.require_blind(*SENTINELS)


def rate_and_submit(contributor: Witness, comparison: str, *, preferred: str) -> None:
    here = f"/comparisons/{comparison}"
    overall = -3 if preferred == "A" else 3
    axes = contributor.visitor.get(here)["campaign"]["rubric"]["axes"]
    better, worse = ("a", "b") if preferred == "A" else ("b", "a")
    answers = {
        "axes": {axis["name"]: overall for axis in axes},
        "overall": overall,
        "verdict": "preference",
        "key_axis": axes[0]["name"],
        f"strengths_{better}": "It writes the notes that were asked for, and its module reads well.",
        f"weaknesses_{better}": "The notes say little about why the change was made.",
        f"strengths_{worse}": "It broke nothing that worked before.",
        f"weaknesses_{worse}": "It stopped before it changed a single file of the repository.",
        "justification": f"Side {preferred} did the work; of the other side there is no result to speak of.",
    }
    contributor.visitor.post(f"{here}/turns/1/rating", answers)
    problems = contributor.visitor.get(f"{here}/submission/problems")["problems"]
    assert not [problem for problem in problems if problem["severity"] == "error"], problems
    codes = sorted({problem["code"] for problem in problems})
    assert contributor.visitor.post(f"{here}/submit", {"acknowledged": codes})["status"] == "submitted"


def test_a_turn_without_keys_fails_and_goes_on_when_the_operator_has_set_them(
    troubles: dict[str, str], operator: Witness, contributor: Witness, marlin: Platform
) -> None:
    comparison = troubles["key-unset"]
    turn = finished(contributor, comparison)
    assert turn["status"] == "failed"
    for side in turn["sides"].values():
        assert (side["outcome"], side["rateable"]) == ("platform_error", False)
        assert "(key-missing)" in side["outcome_message"]
    view = operator.visitor.get(f"/comparisons/{comparison}/operator")
    for side in view["sides"]:
        assert "SENTINEL_UNSET_KEY is not set" in side["attempts"][-1]["redactions"]["error"]
    contributor.require_blind(*SENTINELS)

    marlin.end(signal.SIGTERM)
    marlin.env["SENTINEL_UNSET_KEY"] = KEYS["SENTINEL_FIRST_KEY"]
    marlin.start()
    contributor.visitor.post(f"/comparisons/{comparison}/turns/1/retry")
    turn = finished(contributor, comparison)
    assert turn["status"] == "ready", turn
    assert {side["outcome"] for side in turn["sides"].values()} == {"completed"}
    assert marlin.leftovers_of_sandboxes() == []
    for key in KEYS.values():
        assert key not in marlin.log
