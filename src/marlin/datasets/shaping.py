"""From a canonical row to the rows of every view. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

Row = dict[str, Any]
_FACTS = ("id", "task_id", "repository", "category")
_OTHER = {"A": "b", "B": "a"}


def views_of(row: Row) -> Iterator[tuple[str, Row]]:
    """Every view's rows of one canonical row, each with the view's name."""
    if row["pairs"]:
        yield from _patch_views(row)
        if row["trajectory"]:
            yield from _trajectory_views(row)
    if row["single"] and row["prompt"] is not None and row["tools"] is not None:
        yield from _single_views(row)


def _trajectory_views(row: Row) -> Iterator[tuple[str, Row]]:
    label, strength = row["agg"]["label"], row["agg"]["strength"]
    chosen, rejected = _sides(row, label)
    pair = {"prompt": row["prompt"], "chosen": chosen["messages"], "rejected": rejected["messages"]}
    facts = _pair_facts(row, strength, row["agg"]["agreement"])
    yield "trl_pref", {**facts, **pair, "tools": row["tools"]}
    told = {"prompt": _told_tools(row["prompt"], row["tools"])}
    yield "openrlhf", {**facts, **{name: _as_text(said) for name, said in {**pair, **told}.items()}}
    yield (
        "openai_pref",
        {
            "input": {"messages": _strings(row["prompt"]), "tools": row["tools"], "parallel_tool_calls": True},
            "preferred_output": _strings(pair["chosen"]),
            "non_preferred_output": _strings(pair["rejected"]),
            "id": row["id"],
        },
    )
    for axis, score in row["agg"]["axes"].items():
        if not score:
            continue
        better, worse = _sides(row, "A" if score < 0 else "B")
        sided = {"prompt": row["prompt"], "chosen": better["messages"], "rejected": worse["messages"]}
        about = _pair_facts(row, max(1, min(3, int(abs(score) + 0.5))), row["agg"]["agreement"])
        yield f"axes/{axis}", {**about, "axis": axis, "score": score, **sided, "tools": row["tools"]}


def _patch_views(row: Row) -> Iterator[tuple[str, Row]]:
    label, strength = row["agg"]["label"], row["agg"]["strength"]
    sides = _sides(row, label)
    if not all(side["patch"] for side in sides) or sides[0]["patch"] == sides[1]["patch"]:
        return
    chosen, rejected = (f"```diff\n{side['patch']}\n```" for side in sides)
    request = _patch_request(row)
    facts = _pair_facts(row, strength, row["agg"]["agreement"])
    pair = {
        "prompt": [{"role": "user", "content": request}],
        "chosen": [{"role": "assistant", "content": chosen}],
        "rejected": [{"role": "assistant", "content": rejected}],
    }
    yield "patch_pref", {**facts, **pair}
    yield "reward", {**facts, **pair}
    yield "axolotl", {**facts, "messages": pair["prompt"], "chosen": pair["chosen"][0], "rejected": pair["rejected"][0]}
    yield (
        "llama_factory",
        {
            "conversations": [{"from": "human", "value": request}],
            "chosen": {"from": "gpt", "value": chosen},
            "rejected": {"from": "gpt", "value": rejected},
            "id": row["id"],
        },
    )
    yield (
        "openai_patch",
        {
            "input": {"messages": pair["prompt"]},
            "preferred_output": pair["chosen"],
            "non_preferred_output": pair["rejected"],
            "id": row["id"],
        },
    )
    yield (
        "tinker",
        {
            "comparison": {
                "prompt_conversation": pair["prompt"],
                "completion_A": pair["chosen"] if label == "A" else pair["rejected"],
                "completion_B": pair["rejected"] if label == "A" else pair["chosen"],
            },
            "label": label,
            "id": row["id"],
        },
    )


def _single_views(row: Row) -> Iterator[tuple[str, Row]]:
    label = row["agg"]["label"]
    good = {"A": ("a",), "B": ("b",), "equal": ("a", "b")}.get(label, ())
    judged = () if label == "split" else ("a", "b")
    for name in judged:
        side = row[name]
        if not side["usable"]:
            continue
        facts = {fact: row[fact] for fact in _FACTS} | {"side": name.upper()}
        body = {"prompt": row["prompt"], "completion": side["messages"], "label": name in good, "tools": row["tools"]}
        yield "kto", {**facts, **body}
        if name in good and side["checks"]["newly_failing"] == 0:
            yield "sft", {**facts, "messages": [*row["prompt"], *side["messages"]], "tools": row["tools"]}


def _sides(row: Row, label: str) -> tuple[Row, Row]:
    return row[label.lower()], row[_OTHER[label]]


def _pair_facts(row: Row, strength: int, agreement: float) -> Row:
    facts = {name: row[name] for name in _FACTS}
    return {**facts, "strength": strength, "margin": round(strength / 3, 4), "agreement": agreement}


def _patch_request(row: Row) -> str:
    return (
        f"Repository {row['source'] or row['repository']} at commit {row['start_commit']}.\n\n{row['request']}\n\n"
        "Answer with the change as a unified diff."
    )


def _strings(messages: list[Row]) -> list[Row]:
    """Arguments as JSON text, and nothing that the API does not know."""
    made = []
    for message in messages:
        plain = {name: value for name, value in message.items() if name not in ("reasoning_content", "name")}
        if "tool_calls" in plain:
            plain["tool_calls"] = [
                {
                    **call,
                    "function": {
                        "name": call["function"]["name"],
                        "arguments": json.dumps(call["function"]["arguments"], ensure_ascii=False),
                    },
                }
                for call in plain["tool_calls"]
            ]
        made.append(plain)
    return made


def _told_tools(prompt: list[Row], tools: list[Row]) -> list[Row]:
    """The prompt with the tools' definitions, and how to call them, in its system text."""
    if not tools:
        return prompt
    listed = "\n".join(json.dumps(tool, ensure_ascii=False, sort_keys=True) for tool in tools)
    told = (
        f"You have these tools:\n{listed}\nCall one with "
        '<tool_call>\n{"name": <its name>, "arguments": <a JSON object>}\n</tool_call>'
    )
    if prompt and prompt[0]["role"] == "system":
        return [{**prompt[0], "content": f"{prompt[0]['content']}\n\n{told}"}, *prompt[1:]]
    return [{"role": "system", "content": told}, *prompt]


def _as_text(messages: list[Row]) -> list[Row]:
    """Role and content alone: calls stand in the content as the Hermes format has them, results are told by the user.

    OpenRLHF puts its rendered text into the column that held the messages, which works only while messages are plain.
    """
    made = []
    for message in messages:
        content = str(message.get("content") or "")
        for call in message.get("tool_calls", ()):
            said = {"name": call["function"]["name"], "arguments": call["function"]["arguments"]}
            content += f"\n<tool_call>\n{json.dumps(said, ensure_ascii=False)}\n</tool_call>"
        role = message["role"]
        if role == "tool":
            role, content = "user", f"<tool_response>\n{content}\n</tool_response>"
        made.append({"role": role, "content": content.lstrip("\n")})
    return made
