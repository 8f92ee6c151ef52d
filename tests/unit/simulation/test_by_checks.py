"""Contributors who go by the repositories' tests, and the scripted models that agents work for."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from marlin.campaigns import default_rubric
from marlin.simulation import ByChecks
from marlin.simulation.by_checks import judged
from marlin.simulation.teachers import BUSY, CAREFUL, PortTakenError, teachers


def turn(a: list[str], b: list[str]) -> dict[str, Any]:
    def side(statuses: list[str]) -> dict[str, Any]:
        tests = [{"kind": "test_command", "status": status} for status in statuses]
        return {"checks": [*tests, {"kind": "size", "status": "passed"}]}

    return {"number": 1, "sides": {"A": side(a), "B": side(b)}}


@pytest.mark.parametrize(
    ("a", "b", "verdict", "overall"),
    [
        (["passed"], ["failed"], "preference", -3),
        (["failed"], ["passed"], "preference", 3),
        (["passed"], ["passed"], "equal", 0),
        (["failed"], ["timed_out"], "both_bad", 0),
        (["passed", "failed"], ["passed", "passed"], "preference", 3),
        ([], ["passed"], "preference", 3),
    ],
)
def test_the_side_whose_tests_pass_is_preferred(a: list[str], b: list[str], verdict: str, overall: int) -> None:
    answers = judged(turn(a, b))
    assert (answers["verdict"], answers["overall"]) == (verdict, overall)
    assert set(answers["axes"]) == {axis.name for axis in default_rubric().axes}
    if overall:
        assert answers["axes"][answers["key_axis"]] == overall


def test_people_share_the_briefs_and_know_their_next_one_after_an_interruption() -> None:
    script = ByChecks("loop", ("x", "y"), ("a", "b", "c", "d", "e"), {}, contributors=2)
    shared = [[script.example(person, ordinal) for ordinal in range(4)] for person in range(2)]
    assert shared == [["a", "c", "e", None], ["b", "d", None, None]]
    assert script.comparisons == 5


def ask(url: str, model: str, messages: list[dict[str, Any]]) -> httpx.Response:
    return httpx.post(f"{url}/chat/completions", json={"model": model, "messages": messages, "stream": True})


def test_teachers_read_change_and_say_so_each_in_its_own_way() -> None:
    request = "At the bakery: the bill comes out too small. `total` in sums.py should multiply price and count."
    ended = {}
    with teachers(0) as url:
        for model in (CAREFUL, BUSY):
            messages: list[dict[str, Any]] = [{"role": "user", "content": request}]
            calls = []
            for _ in range(3):
                message = ask(url, model, messages).json()["choices"][0]["message"]
                messages.append(message)
                for call in message.get("tool_calls") or []:
                    calls.append((call["function"]["name"], json.loads(call["function"]["arguments"])))
                    messages.append({"role": "tool", "tool_call_id": call["id"], "content": "ok"})
            assert [name for name, _ in calls] == ["read", "edit"]
            ended[model] = calls[1][1]["new"]
        assert ended == {CAREFUL: "price * count", BUSY: "round(price + count)"}
        assert ask(url, "somebody-else", [{"role": "user", "content": request}]).status_code == 404
        assert httpx.post(f"{url}/chat/completions", content=b"{").status_code == 400
        with pytest.raises(PortTakenError, match="which the campaign's arms know"), teachers(httpx.URL(url).port or 0):
            pass
