"""Tool output is read but never learnt: against TRL's own tokens, and against an environment that lies."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from tests.factories.preferences import WARNING, folder
from tests.training import tiny

from marlin.training.collators import MaskedPreference, MaskedUnpaired
from marlin.training.dataset import DatasetFolder
from marlin.training.encoding import EncodedPair, Side, encode
from marlin.training.models import local_model
from marlin.training.plan import Plan, RunFolder
from marlin.training.scoring import loaded, log_probability
from marlin.training.templates import load_tokenizer, prepare
from marlin.training.trainers import built

RunOf = Callable[..., RunFolder]
PlanOf = Callable[..., Plan]


def prepared_tokenizer(model: Path) -> Any:
    tokenizer = load_tokenizer(str(model))
    assert prepare(tokenizer) == []
    return tokenizer


def test_our_tokens_are_those_that_trl_makes_of_the_same_messages(data: Path, model: Path, tmp_path: Path) -> None:
    from datasets import Dataset
    from trl import DPOConfig, DPOTrainer

    tokenizer = prepared_tokenizer(model)
    pairs = list(DatasetFolder(data).pairs("test"))[:6]
    bare = object.__new__(DPOTrainer)
    bare._tokenizer = tokenizer
    rows = [{"number": number} for number in range(len(pairs))]

    class Messages(Dataset):
        """Rows of messages that don't go through Arrow, which would add keys to arguments."""

    stock = Messages.from_list(rows)
    made = []

    def collect(function: Any, fn_kwargs: Any = None, **_: Any) -> Any:
        for pair in pairs:
            row = {"prompt": pair.prompt, "chosen": pair.chosen, "rejected": pair.rejected, "tools": pair.tools}
            made.append(function(row, **(fn_kwargs or {})))
        return stock

    class First:
        """What TRL asks of a dataset before it tokenizes."""

        def __iter__(self) -> Any:
            return iter([{"prompt": pairs[0].prompt, "chosen": pairs[0].chosen, "rejected": pairs[0].rejected}])

        map = staticmethod(collect)

    args = DPOConfig(output_dir=str(tmp_path), max_length=None, report_to=[], use_cpu=True, bf16=False)
    bare._prepare_dataset(First(), tokenizer, args, "train")
    for pair, theirs in zip(pairs, made, strict=True):
        ours = encode(tokenizer, pair)
        assert (ours.prompt, ours.chosen.ids, ours.rejected.ids) == (
            theirs["prompt_ids"],
            theirs["chosen_ids"],
            theirs["rejected_ids"],
        )


def test_the_collators_take_the_environment_out_of_the_masks() -> None:
    rows = [
        {
            "prompt_ids": [1, 2],
            "chosen_ids": [3, 4, 5, 6],
            "rejected_ids": [7, 8],
            "chosen_mask": [1, 0, 0, 1],
            "rejected_mask": [0, 1],
        },
        {
            "prompt_ids": [1],
            "chosen_ids": [3],
            "rejected_ids": [7, 8, 9],
            "chosen_mask": [1],
            "rejected_mask": [1, 0, 1],
        },
    ]
    found = MaskedPreference(0, None)(rows)
    assert found["completion_mask"].tolist() == [
        [0, 0, 1, 0, 0, 1],
        [0, 1, 0, 0, 0, 0],
        [0, 0, 0, 1, 0, 0],
        [0, 1, 0, 1, 0, 0],
    ]
    assert MaskedPreference(0, 4)(rows)["completion_mask"].tolist()[0] == [0, 0, 1, 0]
    single = [
        {
            "prompt_ids": [1, 2],
            "completion_ids": [3, 4, 5],
            "completion_own": [1, 0, 1],
            "KL_completion_ids": [6, 7],
            "KL_completion_own": [0, 1],
            "label": True,
        }
    ]
    one = MaskedUnpaired(0, None)(single)
    assert one["completion_mask"].tolist() == [[0, 0, 1, 0, 1]]
    assert one["KL_completion_mask"].tolist() == [[0, 0, 0, 1]]


def test_an_environment_that_lies_fools_stock_dpo_and_not_ours(tmp_path: Path, plan: PlanOf, run: RunOf) -> None:
    """A warning in 80 % of losing tool outputs, in winning ones at evaluation; a quarter of the labels flipped."""
    from trl.trainer.dpo_trainer import DataCollatorForPreference

    data = folder(tmp_path / "adversary", train=96, test=24, flips=0.25, environment=True, tools=False, seed=3)
    model = tiny.model(tmp_path / "model", data)
    assert WARNING in (data / "views" / "trl_pref" / "train.jsonl").read_text()
    tokenizer = prepared_tokenizer(model)
    asked = plan("dpo", dataset=str(data), model=str(model), sft_weight=0.0, save_steps=1000)
    found = {}
    for name, collator in (
        ("stock", DataCollatorForPreference(pad_token_id=tokenizer.pad_token_id, max_length=asked.max_length)),
        ("masked", None),
    ):
        made = run(asked, name)
        trainer = built(asked, made, prepared_tokenizer(model), local_model(str(model)), collator=collator)
        trainer.train()
        trainer.save_model(str(made.adapter))
        found[name] = _accuracy(asked, made, tokenizer, everything=name == "stock")
    print(found)
    assert found["masked"] >= 0.8
    assert found["stock"] <= 0.5


def _accuracy(plan: Plan, run: RunFolder, tokenizer: Any, *, everything: bool) -> float:
    """As TRL's own ``rewards/accuracies``: over all tokens after the prompt for stock DPO, over ours otherwise."""
    model = loaded(plan, run, tokenizer, local_model(plan.model)).eval()
    right = 0.0
    pairs = list(DatasetFolder(Path(plan.dataset)).pairs("test"))
    for pair in pairs:
        encoded = encode(tokenizer, pair)
        if everything:
            sides = (encoded.chosen, encoded.rejected)
            encoded = EncodedPair(encoded.prompt, *(Side(side.ids, [1] * len(side.ids)) for side in sides))
        with torch.inference_mode():
            tuned = [log_probability(model, encoded.prompt, side) for side in (encoded.chosen, encoded.rejected)]
            with model.disable_adapter():
                before = [log_probability(model, encoded.prompt, side) for side in (encoded.chosen, encoded.rejected)]
        right += (tuned[0] - before[0]) > (tuned[1] - before[1])
    return right / len(pairs)
