"""The pure rules: aggregating, scrubbing, splitting, pairing."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from marlin.agents import build_trajectory
from marlin.datasets.aggregating import Vote, aggregate, swap
from marlin.datasets.errors import DatasetWishError
from marlin.datasets.lines import to_line
from marlin.datasets.scrubbing import Scrubber
from marlin.datasets.segments import part_of, shared
from marlin.datasets.shaping import views_of
from marlin.datasets.splitting import Groups
from marlin.datasets.wishes import Wish


def vote(label: str, strength: int = 2, **more: Any) -> Vote:
    return Vote(label, strength, {"security": -1 if label == "A" else 1}, **more)


def test_the_majority_decides_and_says_how_many_agree() -> None:
    found = aggregate([vote("A", 3), vote("A", 2), vote("B")])
    assert (found.label, found.strength, found.n, found.agreement, found.method) == ("A", 3, 3, 0.6667, "majority")
    assert found.axes == {"security": -0.3333}


def test_without_a_majority_nothing_is_decided_until_somebody_does() -> None:
    assert aggregate([vote("A"), vote("B")]).label == "split"
    decided = aggregate([vote("A", record="B"), vote("B", 1, record="B")])
    assert (decided.label, decided.strength, decided.method) == ("B", 1, "label of record")


def test_gold_ratings_say_nothing_about_results() -> None:
    assert aggregate([vote("A"), vote("B", counts=False)]).n == 1
    assert aggregate([vote("B", counts=False)]).label == "split"


def test_swapping_changes_sides_only() -> None:
    assert [swap(label) for label in ("A", "B", "equal", None)] == ["B", "A", "equal", None]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("token=ghp_" + "a1" * 18, "github_token"),
        ("AKIA" + "ABCDEFGH12345678", "aws_access_key"),
        ("sk-ant-" + "x9" * 20, "model_api_key"),
        ("https://joe:hunter22@git.internal/x", "password_in_url"),
        ("-----BEGIN RSA PRIVATE KEY-----\n" + "QUJD" * 10 + "\n-----END RSA PRIVATE KEY-----", "private_key"),
        ("mail jo.doe@corp.io now", "email"),
        ("    Signed-off-by: Jo Doe <jo@corp.io>", "name_in_trailer"),
        ("/home/jdoe/src", "home_folder"),
        ("a\ud800b", "half_character"),
    ],
)
def test_secrets_and_persons_are_replaced(text: str, kind: str) -> None:
    scrubber = Scrubber()
    clean = scrubber.value({"deep": [{text: text}]})
    assert scrubber.counts[kind] == 2
    assert text not in json.dumps(clean, ensure_ascii=False)
    to_line(clean)


@pytest.mark.parametrize(
    "text",
    [
        "0123456789abcdef0123456789abcdef01234567",
        "sk-learn and hf_hub and npm_config",
        "x@example.com",
        "/home/user/app",
        "a decorator @app.get('/x')",
        "😀 größer",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert Scrubber().text(text) == text


def test_a_long_hostile_text_is_scrubbed_in_time() -> None:
    text = "eyJ" * 200_000 + "-----BEGIN PRIVATE KEY-----" * 2_000 + "a@" * 100_000 + "://" * 100_000
    assert len(Scrubber().text(text)) == len(text)


def test_addresses_are_found_wherever_they_stand_and_the_same_one_gets_the_same_name() -> None:
    scrubber = Scrubber()
    clean = scrubber.text(
        "<a.b+c@corp.io>,a.b+c@corp.io;x@@corp.io;é@corp.io;@app.route.path;d@example.com,E@sub.corp.io"
    )
    first, second, rest = clean.replace(";", ",").split(",", 2)
    assert first == f"<{second}>"
    assert rest.startswith("x@@corp.io,é@corp.io,@app.route.path,d@example.com,person-")
    assert scrubber.counts["email"] == 3


def test_pairs_of_halves_are_put_together() -> None:
    assert Scrubber().text("\ud83d\ude00") == "😀"


def rows(groups: Groups, *facts: tuple[str, str, str, str]) -> list[bytes]:
    return [groups.add(repository=r, task=t, base_commit=b, request=q) for r, t, b, q in facts]


def test_what_hangs_together_is_never_divided() -> None:
    lone = Groups()
    keys = rows(lone, *[(f"r{n}", f"t{n}", f"b{n}", f"q{n}") for n in range(100)], ("fork", "x", "b3", "y"))
    found = lone.divide(seed="0", test_fraction=0.2)
    assert found is not None
    splits = [found.split_of(key) for key in keys]
    assert splits[3] == splits[100]
    assert 15 <= splits.count("test") <= 25
    again = Groups()
    rows(again, ("fork", "x", "b3", "y"), *reversed([(f"r{n}", f"t{n}", f"b{n}", f"q{n}") for n in range(100)]))
    same = again.divide(seed="0", test_fraction=0.2)
    assert same is not None
    assert [same.split_of(key) for key in keys] == splits


def test_one_repository_can_not_be_divided() -> None:
    groups = Groups()
    rows(groups, ("r", "t1", "b1", "q1"), ("r", "t2", "b2", "q2"))
    assert groups.divide(seed="0", test_fraction=0.5) is None


def test_filters_that_can_not_be_are_refused() -> None:
    for bad in (
        {"categories": ("x",)},
        {"min_strength": 4},
        {"min_agreement": 2.0},
        {"labels": ("A",)},
        {"turns": (0,)},
    ):
        with pytest.raises(DatasetWishError):
            Wish(**bad)  # type: ignore[arg-type]


@dataclass
class Call:
    """A recorded model call."""

    request_body: bytes
    response_body: bytes
    number: int = 1
    api: str = "openai-chat"
    generates: bool = True
    model: str | None = "m"
    auxiliary: str | None = None
    status: int | None = 200
    state: str = "completed"
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    seconds: float = 1.0
    usage: Any = None
    cost_usd: Any = None


BASH = {"type": "function", "function": {"name": "bash", "parameters": {"type": "object", "properties": {"c": {}}}}}


def calls(request: str, said: str, *, system: str = "Be good.", history: Any = (), tool: Any = BASH) -> list[Call]:
    """A side that runs one command and says ``said``."""
    asked = [{"role": "system", "content": system}, *history, {"role": "user", "content": request}]
    use = {"role": "assistant", "content": "", "tool_calls": [
        {"id": "c1", "type": "function", "function": {"name": "bash", "arguments": '{"c": "ls"}'}}
    ]}  # fmt: skip
    told = [*asked, use, {"role": "tool", "tool_call_id": "c1", "content": "a.py"}]
    return [
        Call(json.dumps({"messages": messages, "tools": [tool]}).encode(), answer(said_now), number)
        for number, (messages, said_now) in enumerate(((asked, use), (told, {"role": "assistant", "content": said})), 1)
    ]


def answer(message: Any) -> bytes:
    return json.dumps({"choices": [{"message": message, "finish_reason": "stop"}]}).encode()


def test_a_pair_shares_history_and_each_side_goes_on_from_it() -> None:
    a, b = (part_of(build_trajectory(calls("Fix it.", said))) for said in ("Done.", "Gave up."))
    common = shared(a, b, "Fix it.", first=True)
    assert common.refused is None
    assert [message["role"] for message in common.prompt or ()] == ["system", "user"]
    assert [message["role"] for message in a.messages] == ["assistant", "tool", "assistant"]
    assert a.messages[0]["tool_calls"][0]["function"]["arguments"] == {"c": "ls"}
    assert common.tools is not None
    assert [tool["function"]["name"] for tool in common.tools] == ["bash"]


def test_earlier_turns_are_history_never_a_side() -> None:
    history = [{"role": "user", "content": "First."}, {"role": "assistant", "content": "Did."}]
    a, b = (part_of(build_trajectory(calls("Then.", said, history=history))) for said in ("X", "Y"))
    common = shared(a, b, "Then.", first=False)
    assert [message["content"] for message in common.prompt or ()] == ["Be good.", "First.", "Did.", "Then."]
    assert a.messages[-1]["content"] == "X"


def test_sides_with_other_histories_make_no_pair_after_the_first_turn() -> None:
    a = part_of(build_trajectory(calls("Then.", "X", history=[{"role": "user", "content": "First."}])))
    b = part_of(build_trajectory(calls("Then.", "Y")))
    assert shared(a, b, "Then.", first=False).refused == "the sides' histories differ"
    common = shared(a, b, "Then.", first=True)
    assert [message["content"] for message in common.prompt or ()] == ["Be good.", "Then."]


def test_two_meanings_of_a_tool_make_no_pair() -> None:
    other = {"type": "function", "function": {"name": "bash", "parameters": {"type": "object", "properties": {}}}}
    a, b = part_of(build_trajectory(calls("F", "X"))), part_of(build_trajectory(calls("F", "Y", tool=other)))
    assert shared(a, b, "F", first=True).refused == "the sides have different tools of the same name"


def test_a_broken_call_refuses_the_side_and_a_silent_one_too() -> None:
    broken = [*calls("F", "X"), Call(b'{"messages": [', b"{}", 3)]
    assert part_of(build_trajectory(broken)).refused == "a side has a model call that can't be read"
    assert part_of(None).refused == "no conversation was recorded"
    assert part_of(build_trajectory([])).source == "none"


def whole(label: str = "B", **more: Any) -> dict[str, Any]:
    sides = {}
    for name, said in (("a", "Done."), ("b", "Gave up.")):
        part = part_of(build_trajectory(calls("Fix it.", said)))
        sides[name] = {
            "messages": list(part.messages),
            "patch": f"+{said}",
            "usable": True,
            "checks": {"newly_failing": 0},
        }
    common = shared(part, part, "Fix it.", first=True)
    facts = {"id": "x-1", "task_id": "t", "repository": "r", "category": "bug_fix", "source": "s", "start_commit": "0"}
    agg = {"label": label, "strength": 2, "agreement": 1.0, "axes": {"security": -2.0, "speed": 0.0}}
    return {
        **facts,
        **sides,
        "request": "Fix it.",
        "prompt": list(common.prompt or ()),
        "tools": list(common.tools or ()),
        "agg": agg,
        "pairs": label in ("A", "B"),
        "trajectory": label in ("A", "B"),
        "single": True,
    } | more


def shaped(row: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    made: dict[str, list[dict[str, Any]]] = {}
    for view, one in views_of(row):
        made.setdefault(view, []).append(one)
    return made


def test_every_view_says_which_side_was_preferred() -> None:
    found = shaped(whole("B"))
    assert set(found) == {
        "trl_pref", "openrlhf", "openai_pref", "axes/security", "patch_pref", "reward", "axolotl", "llama_factory",
        "openai_patch", "tinker", "kto", "sft",
    }  # fmt: skip
    assert found["trl_pref"][0]["chosen"][-1]["content"] == "Gave up."
    assert found["axes/security"][0]["chosen"][-1]["content"] == "Done."
    assert found["patch_pref"][0]["chosen"][0]["content"] == "```diff\n+Gave up.\n```"
    assert found["tinker"][0]["label"] == "B"
    assert "Done." in found["tinker"][0]["comparison"]["completion_A"][0]["content"]
    call = found["openai_pref"][0]["preferred_output"][0]["tool_calls"][0]
    assert json.loads(call["function"]["arguments"]) == {"c": "ls"}
    single = found["openai_patch"][0]
    assert single["preferred_output"] == [{"role": "assistant", "content": "```diff\n+Gave up.\n```"}]
    assert single["non_preferred_output"] == [{"role": "assistant", "content": "```diff\n+Done.\n```"}]
    assert single["input"] == {"messages": found["patch_pref"][0]["prompt"]}
    assert '"bash"' in found["openrlhf"][0]["prompt"][0]["content"]
    assert found["openrlhf"][0]["chosen"] == [
        {"role": "assistant", "content": '<tool_call>\n{"name": "bash", "arguments": {"c": "ls"}}\n</tool_call>'},
        {"role": "user", "content": "<tool_response>\na.py\n</tool_response>"},
        {"role": "assistant", "content": "Gave up."},
    ]
    assert [row["label"] for row in found["kto"]] == [False, True]
    assert [row["side"] for row in found["sft"]] == ["B"]
    assert found["reward"][0]["margin"] == pytest.approx(0.6667)


@pytest.mark.parametrize(("label", "labels"), [("equal", [True, True]), ("both_bad", [False, False]), ("split", [])])
def test_ties_give_single_rows_only(label: str, labels: list[bool]) -> None:
    found = shaped(whole(label))
    assert [row["label"] for row in found.get("kto", [])] == labels
    assert "trl_pref" not in found
    assert "patch_pref" not in found


def test_a_side_that_breaks_checks_is_not_shown_as_an_example() -> None:
    row = whole("B")
    row["b"]["checks"]["newly_failing"] = 1
    assert "sft" not in shaped(row)
    assert shaped(whole("A", single=False)).keys().isdisjoint({"kto", "sft"})
