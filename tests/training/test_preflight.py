"""The preflight refuses what would spoil a run in silence, with numbers, and nothing else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.factories.preferences import call, folder, sealed_dataset
from tests.training import tiny
from typer.testing import CliRunner

from marlin.cli import app
from marlin.dataset_files import read_manifest
from marlin.training import preflight as checking
from marlin.training import templates
from marlin.training.dataset import DatasetFolder
from marlin.training.encoding import encode
from marlin.training.errors import PreflightRefusedError
from marlin.training.preflight import preflight
from marlin.training.report import Report
from marlin.training.templates import load_tokenizer

Row = dict[str, Any]


def report(path: Path, model: Path, change: Callable[[Row, str], Row] | None = None, **options: Any) -> Report:
    made = folder(path / "data", train=12, test=6, change=change, tools=False)
    return preflight(DatasetFolder(made), load_tokenizer(str(model)), **options)


def codes(found: Report) -> set[str]:
    return {check.code for check in found.refused}


def test_a_sound_dataset_passes_with_its_numbers(data: Path, model: Path) -> None:
    found = preflight(DatasetFolder(data), load_tokenizer(str(model)))
    assert found.passed
    found.require()
    assert found.amounts["train"].pairs == 64
    assert found.amounts["train"].tasks == 32
    train = found.amounts["train"]
    assert 0 < train.chosen_trained_tokens < train.trained_tokens < train.tokens / 2
    assert sum(count for _, count in found.lengths.histogram) == found.lengths.pairs == 88
    assert found.max_length >= found.lengths.longest


def test_a_template_that_never_ends_is_stopped(data: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "_MOST_SECONDS", 0.3)
    tokenizer = load_tokenizer(str(model))
    loop = "{% for i in range(99999) %}"
    endless = f"{loop * 3}{'{% endfor %}' * 3}{{% generation %}}{{% endgeneration %}}"
    for template in (endless, "{{ 9 ** 9 ** 9 }}"):  # of the second nothing in this process could stop the first step
        tokenizer.chat_template = template
        assert codes(preflight(DatasetFolder(data), tokenizer)) == {"endless-template"}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("llama3", "drops-tool-calls"),
        ("phi3", "drops-tool-calls"),
        ("gemma", "broken-template"),
        ("cohere2", "broken-template"),
        ("qwen2_5_vl", "drops-tool-schemas"),
        ("llama3_1", "unknown-template"),
    ],
)
def test_templates_of_real_models_that_swallow_tools_are_refused(data: Path, model: Path, name: str, code: str) -> None:
    tokenizer = load_tokenizer(str(model))
    tokenizer.chat_template = tiny.template(name)
    assert code in codes(preflight(DatasetFolder(data), tokenizer))


@pytest.mark.parametrize("name", ["qwen2_5", "qwen3", "qwen3_instruct_2507", "qwen3_6"])
def test_templates_of_real_models_that_keep_tools_pass(data: Path, model: Path, name: str) -> None:
    tokenizer = load_tokenizer(str(model))
    tokenizer.chat_template = tiny.template(name)
    assert codes(preflight(DatasetFolder(data), tokenizer)) == set()


def test_a_template_without_tools_may_be_trained_on_patches(tmp_path: Path, model: Path) -> None:
    made = folder(tmp_path / "data", train=6, test=4, tools=False)
    for split in ("train", "test"):
        rows = [json.loads(line) for line in (made / "views" / "trl_pref" / f"{split}.jsonl").read_text().splitlines()]
        patches = [
            {**row, "tools": None}
            | {
                side: [{"role": "assistant", "content": f"+ {row[side][-1]['content']}"}]
                for side in ("chosen", "rejected")
            }
            for row in rows
        ]
        for row in patches:
            row["prompt"] = [one for one in row["prompt"] if one["role"] == "user"]
        (made / "views" / "patch_pref").mkdir(exist_ok=True)
        (made / "views" / "patch_pref" / f"{split}.jsonl").write_text("\n".join(map(json.dumps, patches)) + "\n")
    sealed_dataset(made)
    for name in ("llama3", "gemma", "phi3"):
        tokenizer = load_tokenizer(str(model))
        tokenizer.chat_template = tiny.template(name)
        assert codes(preflight(DatasetFolder(made, "patch_pref"), tokenizer)) == set(), name


def test_templates_nobody_knows_or_that_mark_the_wrong_words_are_refused(data: Path, model: Path) -> None:
    folder_ = DatasetFolder(data)
    plain = "{% for m in messages %}<|im_start|>{{ m.role }} {{ m.content }}{{ m.tool_calls }}{% endfor %}{{ tools }}"
    tokenizer = load_tokenizer(str(model))
    tokenizer.chat_template = plain
    assert "no-generation-mask" in codes(preflight(folder_, tokenizer))
    tokenizer.chat_template = (
        "{{ tools | tojson }}{% for m in messages %}<|im_start|>{{ m.role }}{% generation %}{{ m.content }}"
        "{% if m.tool_calls %}{{ m.tool_calls | tojson }}{% endif %}{% endgeneration %}<|im_end|>{% endfor %}"
    )
    assert "mask-covers-environment" in codes(preflight(folder_, tokenizer))
    tokenizer.chat_template = None
    assert codes(preflight(folder_, tokenizer)) == {"no-template"}


def test_arguments_as_text_or_with_columns_of_other_tools_are_refused(tmp_path: Path, model: Path) -> None:
    def as_text(row: Row, split: str) -> Row:
        function = row["chosen"][0]["tool_calls"][0]["function"]
        return {**row, "chosen": [call("edit", 1) | _with(json.dumps(function["arguments"])), *row["chosen"][1:]]}

    def _with(arguments: Any) -> Row:
        function = {"name": "edit", "arguments": arguments}
        return {"tool_calls": [{"id": "call_1", "type": "function", "function": function}]}

    found = report(tmp_path, model, as_text)
    check = next(check for check in found.refused if check.code == "text-arguments")
    assert (check.count, check.of) == (12, 12)

    def as_arrow(row: Row, split: str) -> Row:
        row["chosen"][0]["tool_calls"][0]["function"]["arguments"]["command"] = None
        return row

    made = folder(tmp_path / "arrow", train=4, test=4, change=as_arrow)
    assert "undeclared-arguments" in codes(preflight(DatasetFolder(made), load_tokenizer(str(model))))


def test_what_truncation_makes_of_pairs_is_counted(tmp_path: Path, model: Path) -> None:
    def long(row: Row, split: str) -> Row:
        if row["id"] == "train-3":
            row["prompt"][1]["content"] += " word" * 400
        if row["id"] == "train-4":  # they part after 400 words
            for side in ("chosen", "rejected"):
                row[side] = [call("edit", 1, path="same" + " word" * 400), *row[side]]
        return row

    found = report(tmp_path, model, long, max_length=256)
    counts = {check.code: check.count for check in found.refused}
    assert counts["dropped"] == 1
    assert counts["identical"] == 1
    with pytest.raises(PreflightRefusedError, match="1 of 12 pairs of train has a prompt of 256 tokens") as told:
        found.require()
    assert "--max-length" in (told.value.hint or "")
    kept = preflight(DatasetFolder(tmp_path / "data"), load_tokenizer(str(model)), max_length=256, leave_out_long=True)
    assert kept.passed
    assert kept.left_out == {"train": ("train-3", "train-4")}
    assert kept.amounts["train"].pairs == 10
    assert "longer-than-model" in codes(
        preflight(DatasetFolder(tmp_path / "data"), load_tokenizer(str(model)), max_length=4096, positions=2048)
    )


def test_the_length_that_is_advised_keeps_all_of_both_splits(tmp_path: Path, model: Path) -> None:
    def long(row: Row, split: str) -> Row:
        row["prompt"][1]["content"] += " word" * {"train": 100, "test": 300}[split]
        return row

    found = report(tmp_path, model, long, max_length=64)
    advised = {word for check in found.refused for word in check.hint.split() if word.isdigit()}
    assert advised == {str(found.lengths.longest)}
    again = preflight(DatasetFolder(tmp_path / "data"), load_tokenizer(str(model)), max_length=int(advised.pop()))
    assert again.passed


def test_sides_that_teach_nothing_are_refused(tmp_path: Path, model: Path) -> None:
    def same(row: Row, split: str) -> Row:
        number = int(row["id"].rpartition("-")[2])
        if number == 0:
            row["rejected"] = row["chosen"]
        elif number == 1:  # only what a tool said differs
            row["rejected"] = [
                {**step, "content": "other"} if step["role"] == "tool" else step for step in row["chosen"]
            ]
        elif number == 2:
            row["rejected"] = [step for step in row["rejected"] if step["role"] == "tool"]
        return row

    found = report(tmp_path, model, same)
    counts = {(check.code, check.examples[:1]) for check in found.refused}
    assert {("identical", ("train-0",)), ("same-trained", ("train-1",))} <= counts
    assert {("nothing-trained", ("train-2",)), ("not-a-segment", ("train-2",))} <= counts


def test_leaks_across_the_split_and_an_empty_split_are_refused(tmp_path: Path, model: Path) -> None:
    def leak(row: Row, split: str) -> Row:
        if row["id"].endswith("-0"):
            row |= {"task_id": "shared", "repository": "shared"}
            row["prompt"][1]["content"] = "fix it"
        return row

    assert {"task-leak", "repository-leak", "prompt-leak"} <= codes(report(tmp_path, model, leak))
    (tmp_path / "data" / "views" / "trl_pref" / "test.jsonl").write_text("")
    sealed_dataset(tmp_path / "data")
    found = preflight(DatasetFolder(tmp_path / "data"), load_tokenizer(str(model)))
    assert "empty" in codes(found)


def test_an_empty_split_says_what_would_fill_it(tmp_path: Path, model: Path) -> None:
    folder(tmp_path / "data", train=4, test=2)
    views = tmp_path / "data" / "views"
    shutil.copytree(views / "trl_pref", views / "patch_pref")
    for split in ("train", "test"):
        (views / "trl_pref" / f"{split}.jsonl").write_text("")
    sealed_dataset(tmp_path / "data")
    found = preflight(DatasetFolder(tmp_path / "data"), load_tokenizer(str(model)))
    hints = [check.hint for check in found.checks if check.code == "empty"]
    assert hints == [f"The view patch_pref has {n}: add --view patch_pref." for n in (4, 2)]
    manifest = read_manifest(tmp_path / "data")
    whole = manifest.model_copy(update={"split": manifest.split.model_copy(update={"test_fraction": 0.0})})
    (tmp_path / "data" / "dataset.json").write_bytes(whole.sealed().to_bytes())
    found = preflight(DatasetFolder(tmp_path / "data"), load_tokenizer(str(model)))
    assert ["--no-test-split" in check.hint for check in found.checks if check.code == "empty"] == [False, True]


class Watched:
    """A tokenizer that remembers the longest conversation it was given."""

    def __init__(self, real: Any) -> None:
        self.__dict__.update(real=real, longest=0)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.real, name, value)

    def apply_chat_template(self, conversation: Any, **options: Any) -> Any:
        self.__dict__["longest"] = max(self.longest, len(str(conversation)))
        return self.real.apply_chat_template(conversation, **options)


def _in_what_a_tool_said(row: Row, text: str) -> None:
    row["chosen"][1]["content"] = text


def _in_a_call(row: Row, text: str) -> None:
    row["chosen"][0] = call("edit", 1, path=text)


def _in_thoughts(row: Row, text: str) -> None:
    row["rejected"][0]["reasoning_content"] = text


def _in_the_prompt(row: Row, text: str) -> None:
    row["prompt"][1]["content"] = text


@pytest.mark.parametrize("put", [_in_what_a_tool_said, _in_a_call, _in_thoughts, _in_the_prompt])
def test_a_trajectory_of_a_million_tokens_is_refused_without_being_tokenized(
    tmp_path: Path, model: Path, put: Callable[[Row, str], None]
) -> None:
    def huge(row: Row, split: str) -> Row:
        if row["id"] == "train-1":
            put(row, "x" * (checking.LONGEST * 8 + 1))
        return row

    made = folder(tmp_path / "data", train=12, test=6, change=huge, tools=False)
    tokenizer = Watched(load_tokenizer(str(model)))
    found = preflight(DatasetFolder(made), tokenizer)
    check = next(check for check in found.refused if check.code == "too-long")
    assert check.examples == ("train-1",)
    assert 0 < tokenizer.longest < 10_000


def test_the_command_tells_people_and_programs(data: Path, model: Path, tmp_path: Path) -> None:
    runner = CliRunner()
    shown = runner.invoke(app, ["tune", "preflight", str(data), "--model", str(model), "--json"])
    assert shown.exit_code == 0, shown.output
    assert json.loads(shown.stdout)["passed"] is True
    again = runner.invoke(app, ["tune", "preflight", str(data), "--model", str(model)])
    assert "Checked before" in again.stdout
    other = shutil.copytree(model, tmp_path / "other")
    (other / "chat_template.jinja").write_text((other / "chat_template.jinja").read_text() + "{# mended #}")
    again = runner.invoke(app, ["tune", "preflight", str(data), "--model", str(other)])
    assert "Checked before" not in again.stdout
    shown = runner.invoke(app, ["tune", "preflight", str(data), "--model", str(model), "--max-length", "90"])
    assert shown.exit_code == 2
    assert "refused" in shown.stdout
    shown = runner.invoke(app, ["tune", "preflight", str(tmp_path), "--model", str(model)])
    assert (shown.exit_code, "dataset.json" in shown.output) == (2, True)
    shown = runner.invoke(app, ["tune", "preflight", str(data), "--model", "./nothing"])
    assert shown.exit_code == 3


_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="<|>"), min_size=1, max_size=30)
_CALL = st.builds(lambda value: call("run", 1, command=value), _TEXT)
_OUTPUT = st.builds(lambda text: {"role": "tool", "name": "run", "tool_call_id": "call_1", "content": text}, _TEXT)
_SAID = st.builds(lambda text: {"role": "assistant", "content": text}, _TEXT)
_SIDE = st.tuples(st.lists(st.tuples(_CALL, _OUTPUT), max_size=3), _SAID).map(
    lambda parts: [step for both in parts[0] for step in both] + [parts[1]]
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=_TEXT, chosen=_SIDE, rejected=_SIDE)
def test_no_token_of_any_tools_answer_is_ever_trained_on(
    model: Path, asked: str, chosen: list[Row], rejected: list[Row]
) -> None:
    from marlin.training.dataset import Pair
    from marlin.training.templates import prepare

    tokenizer = load_tokenizer(str(model))
    assert prepare(tokenizer) == []
    marked = [
        [{**step, "content": f"OUTPUT-{step['content']}"} if step["role"] == "tool" else step for step in side]
        for side in (chosen, rejected)
    ]
    found = encode(tokenizer, Pair("x", [{"role": "user", "content": asked}], marked[0], marked[1], []))
    for side, encoded in ((marked[0], found.chosen), (marked[1], found.rejected)):
        learnt = tokenizer.decode(encoded.trained)
        assert learnt.count("OUTPUT-") == sum(
            str(step.get("content")).count("OUTPUT-") for step in side if step["role"] != "tool"
        )
        assert learnt.count("<|im_end|>") == sum(step["role"] == "assistant" for step in side)
        assert str(side[-1]["content"]).strip() in learnt
