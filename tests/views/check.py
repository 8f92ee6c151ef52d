"""Runs in a reader's own environment: its code loads the views made for it.

Use: ``python tests/views/check.py READER DIR MODEL``.

Each check ends in a line ``VIEW <view> | <library version> | <what was done> | ok``; anything else is a failure.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import shutil
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any


def lines(path: Path) -> list[dict[str, Any]]:
    """The rows as they are written."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def passed(view: str, library: str, what: str) -> None:
    """Tell of a check that went well."""
    print(f"VIEW {view} | {library} {importlib.metadata.version(library)} | {what} | ok", flush=True)


def trl(root: Path, model: Path) -> None:
    """One step of the trainer of each view; arguments of tools arrive as they were written."""
    from datasets import load_dataset
    from tests.training import tiny
    from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer, RewardConfig, RewardTrainer, SFTConfig, SFTTrainer

    tiny.model(model, root)
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model)
    plan: dict[str, tuple[Any, Any]] = {
        "trl_pref": (DPOTrainer, DPOConfig),
        "axes/security": (DPOTrainer, DPOConfig),
        "patch_pref": (DPOTrainer, DPOConfig),
        "reward": (RewardTrainer, RewardConfig),
        "kto": (KTOTrainer, KTOConfig),
        "sft": (SFTTrainer, SFTConfig),
    }
    for view, (trainer, config) in plan.items():
        path = root / "views" / view / "train.jsonl"
        data = load_dataset("json", data_files=str(path), split="train")
        for got, wrote in zip(data, lines(path), strict=True):
            assert {name: got[name] for name in wrote} == wrote, f"{view}: {got} is not {wrote}"
        out = root / "runs" / view.replace("/", "_")
        wish = config(
            output_dir=str(out), max_steps=1, per_device_train_batch_size=4, report_to=[], use_cpu=True, bf16=False,
            max_length=1024, save_strategy="no", logging_steps=1, disable_tqdm=True,
        )  # fmt: skip
        made = trainer(model=str(model), args=wish, train_dataset=data, processing_class=tokenizer)
        done = made.train()
        assert done.training_loss == done.training_loss, f"{view}: the loss is no number"
        passed(
            view,
            "trl",
            f"{trainer.__name__}: {len(data)} rows read back unchanged, one step, loss {done.training_loss:.3f}",
        )


def openrlhf(root: Path, model: Path) -> None:
    """Its loader, its dataset for the reward model and for DPO, its collator and its loss."""
    # its trainers import flash-attn, which is built for CUDA alone: its readers of data are imported past them
    package = Path(importlib.util.find_spec("openrlhf").submodule_search_locations[0])  # type: ignore[union-attr,index]
    bare = types.ModuleType("openrlhf.models")
    bare.__path__ = [str(package / "models")]
    sys.modules["openrlhf.models"] = bare
    import torch
    from openrlhf.datasets.reward_dataset import RewardDataset
    from openrlhf.datasets.utils import blending_datasets
    from openrlhf.models.loss import PairWiseLoss
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model)
    keys = types.SimpleNamespace(
        prompt_key="prompt", chosen_key="chosen", rejected_key="rejected", apply_chat_template=True
    )
    strategy = types.SimpleNamespace(
        args=types.SimpleNamespace(data=keys, use_ms=False), print=print, is_rank_0=lambda: True
    )
    path = root / "views" / "openrlhf" / "train.jsonl"
    data = blending_datasets(str(path), strategy=strategy)
    scorer = AutoModelForSequenceClassification.from_pretrained(model, num_labels=1)
    scorer.config.pad_token_id = tokenizer.pad_token_id
    for dpo in (True, False):
        made = RewardDataset(data, tokenizer, 1024, strategy, is_dpo=dpo, num_processors=1)
        wrote = lines(path)
        assert len(made) == len(wrote), f"{len(made)} of {len(wrote)} rows"
        for index, row in enumerate(wrote):
            whole = made.prompts[index] + made.chosens[index]
            assert all(message["content"].strip() in whole for message in row["chosen"]), whole
            assert "<tool_call>" in made.chosens[index], "no call is left"
            assert '"name": "edit"' in made.prompts[index], "tools are missing from the prompt"
            assert made.chosens[index] != made.rejects[index]
        batch = made.collate_fn([made[index] for index in range(4)])
    chosen = scorer(input_ids=batch[0].squeeze(1), attention_mask=batch[1].squeeze(1)).logits.squeeze(-1)
    reject = scorer(input_ids=batch[2].squeeze(1), attention_mask=batch[3].squeeze(1)).logits.squeeze(-1)
    loss = PairWiseLoss()(chosen, reject, torch.tensor(batch[4], dtype=torch.float32))
    loss.backward()
    assert [round(float(one), 4) for one in batch[4]] == [row["margin"] for row in wrote[:4]]
    passed(
        "openrlhf",
        "openrlhf",
        f"RewardDataset (DPO and reward) of {len(made)} rows, PairWiseLoss with margin {loss:.3f}",
    )


def axolotl(root: Path, model: Path) -> None:
    """Its own training command for DPO, one step."""
    from axolotl.cli.config import load_cfg
    from axolotl.common.datasets import load_preference_datasets
    from axolotl.train import train
    from axolotl.utils.dict import DictDefault

    path = root / "views" / "axolotl" / "train.jsonl"
    wish = {
        "base_model": str(model), "rl": "dpo", "chat_template": "tokenizer_default", "sequence_len": 1024,
        "datasets": [{"path": str(path), "ds_type": "json", "split": "train", "type": "chat_template.default"}],
        "output_dir": str(root / "runs" / "axolotl"), "dataset_prepared_path": str(root / "runs" / "axolotl-prepared"),
        "micro_batch_size": 4, "gradient_accumulation_steps": 1, "max_steps": 1, "num_epochs": 1, "learning_rate": 1e-4,
        "optimizer": "adamw_torch", "lr_scheduler": "constant", "bf16": False, "fp16": False, "tf32": False,
        "val_set_size": 0, "dataset_num_proc": 1, "dataloader_num_workers": 0, "save_strategy": "no", "use_cpu": True,
        "flash_attention": False, "sample_packing": False, "save_safetensors": True,
    }  # fmt: skip
    cfg = load_cfg(DictDefault(wish))
    meta = load_preference_datasets(cfg=cfg)
    wrote = lines(path)
    assert len(meta.train_dataset) == len(wrote), f"{len(meta.train_dataset)} of {len(wrote)} rows"
    for got in meta.train_dataset:
        assert "```diff" in got["chosen"]
        assert got["chosen"] != got["rejected"]
    done = "prompt, chosen and rejected rendered"
    _, _, trainer = train(cfg=cfg, dataset_meta=meta)
    loss = next(one["train_loss"] for one in reversed(trainer.state.log_history) if "train_loss" in one)
    assert loss == loss
    passed("axolotl", "axolotl", f"chat_template.default: {len(wrote)} rows, {done}, one DPO step, loss {loss:.3f}")


def llamafactory(root: Path, model: Path) -> None:
    """Its own training entry for DPO, one step."""
    if importlib.util.find_spec("torchaudio") is None:  # read for sound only, and its builds need CUDA
        silent = types.ModuleType("torchaudio")
        silent.__spec__ = importlib.util.spec_from_loader("torchaudio", None)
        sys.modules["torchaudio"] = silent
    from llamafactory.train.tuner import run_exp

    folder = root / "views" / "llama_factory"
    tags = {"role_tag": "from", "content_tag": "value", "user_tag": "human", "assistant_tag": "gpt"}
    about = {
        "file_name": "train.jsonl", "formatting": "sharegpt", "ranking": True, "tags": tags,
        "columns": {"messages": "conversations", "chosen": "chosen", "rejected": "rejected"},
    }  # fmt: skip
    (folder / "dataset_info.json").write_text(json.dumps({"marlin": about}))
    out = root / "runs" / "llama_factory"
    run_exp(
        {
            "stage": "dpo", "do_train": True, "model_name_or_path": str(model), "finetuning_type": "full",
            "dataset_dir": str(folder), "dataset": "marlin", "template": "qwen", "cutoff_len": 1024,
            "output_dir": str(out), "per_device_train_batch_size": 4, "max_steps": 1, "report_to": "none",
            "logging_steps": 1, "use_cpu": True, "save_strategy": "no", "overwrite_cache": True,
        }
    )  # fmt: skip
    loss = json.loads((out / "trainer_state.json").read_text())["log_history"][-1]["train_loss"]
    assert loss == loss
    passed("llama_factory", "llamafactory", f"dpo: sharegpt ranking, one step, loss {loss:.3f}")


def tinker(root: Path, model: Path) -> None:
    """Its own reader of comparisons, its renderer, and its data for DPO and for a preference model; not its service."""
    from tinker_cookbook.preference.dpo_datasets import DPODatasetBuilderFromComparisons
    from tinker_cookbook.preference.preference_datasets import (
        ChatDatasetBuilderFromComparisons,
        ComparisonBuilderFromJsonl,
    )
    from tinker_cookbook.supervised.types import ChatDatasetBuilderCommonConfig
    from transformers import AutoTokenizer

    files = {split: root / "views" / "tinker" / f"{split}.jsonl" for split in ("train", "test")}
    reader = ComparisonBuilderFromJsonl(train_path=str(files["train"]), test_path=str(files["test"]))
    common = ChatDatasetBuilderCommonConfig(
        model_name_for_tokenizer=str(model), renderer_name="qwen3_instruct", max_length=2048, batch_size=1
    )
    tokenizer = AutoTokenizer.from_pretrained(model)
    wrote = [row for file in files.values() for row in lines(file)]
    assert {row["label"] for row in wrote} == {"A", "B"}, "a tie would be taken for B"
    pairs, judged = (
        [datum for made in build(common_config=common, comparison_builder=reader)() for datum in _every(made)]
        for build in (DPODatasetBuilderFromComparisons, ChatDatasetBuilderFromComparisons)
    )
    texts = [tokenizer.decode(datum.model_input.to_ints()) for datum in pairs]
    assert len(texts) == 2 * len(wrote), f"{len(texts)} sides of {len(wrote)} rows"
    left = list(zip(texts[::2], texts[1::2], strict=True))
    for row in wrote:
        said = row["comparison"]
        sides = [said[f"completion_{label}"][0]["content"] for label in ("AB" if row["label"] == "A" else "BA")]
        asked = said["prompt_conversation"][0]["content"]
        left.remove(next((one, other) for one, other in left if asked in one and sides[0] in one and sides[1] in other))
    assert not left
    labels = [tokenizer.decode(datum.loss_fn_inputs["target_tokens"].data[-1:]) for datum in judged]
    assert len(labels) == len(wrote)
    assert set(labels) <= {"A", "B"}
    passed(
        "tinker", "tinker-cookbook",
        f"ComparisonBuilderFromJsonl, data for DPO and for a preference model of {len(wrote)} rows, nothing trained",
    )  # fmt: skip


def openai(root: Path, model: Path) -> None:
    """The types of its client's requests: not its service, which alone reads the files."""
    from openai.types.chat import ChatCompletionFunctionToolParam, ChatCompletionMessageParam
    from pydantic import TypeAdapter

    says, offers = TypeAdapter(list[ChatCompletionMessageParam]), TypeAdapter(list[ChatCompletionFunctionToolParam])
    for view in ("openai_pref", "openai_patch"):
        wrote = [row for split in ("train", "test") for row in lines(root / "views" / view / f"{split}.jsonl")]
        for row in wrote:
            sides = row["preferred_output"], row["non_preferred_output"]
            for part in (row["input"]["messages"], *sides):
                # what the types do not know is left out of what they make, so it would be missing here
                assert _plain(says.validate_python(part)) == part, part
            tools = row["input"].get("tools", [])
            assert _plain(offers.validate_python(tools)) == tools, tools
            assert sides[0] != sides[1]
            assert {said["role"] for side in sides for said in side} <= {"assistant", "tool"}
            assert all(side[-1]["role"] == "assistant" for side in sides)
            assert view == "openai_pref" or [len(side) for side in sides] == [1, 1]
        passed(view, "openai", f"messages and tools of {len(wrote)} rows are of its types; not read by its service")


def _plain(made: Any) -> Any:
    """Pydantic checks what a type calls iterable when it is walked through."""
    if isinstance(made, dict):
        return {name: _plain(value) for name, value in made.items()}
    return made if isinstance(made, str) or not hasattr(made, "__iter__") else [_plain(one) for one in made]


def _every(made: Any) -> list[Any]:
    return [datum for index in range(len(made)) for datum in made.get_batch(index)]


def main(reader: str, root: Path, model: Path) -> None:
    """Check one reader's views."""
    checks: dict[str, Callable[[Path, Path], None]] = {
        "trl": trl, "openrlhf": openrlhf, "axolotl": axolotl, "llamafactory": llamafactory,
        "tinker": tinker, "openai": openai,
    }  # fmt: skip
    shutil.rmtree(root / "runs" / reader, ignore_errors=True)
    checks[reader](root, model)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
