"""TRL's trainers, given rows that are encoded and masked already. Everything here runs in the training process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from marlin.training.collators import MaskedPreference, MaskedUnpaired
from marlin.training.encoding import Tokenizer
from marlin.training.plan import Plan, RunFolder
from marlin.training.progress import callback
from marlin.training.rows import training_rows
from marlin.training.saying import Say, silently


def built(
    plan: Plan, run: RunFolder, tokenizer: Tokenizer, model: Path, *, collator: Any = None, say: Say = silently
) -> Any:
    """The trainer of a plan.

    :param collator: in place of the masked one: for measuring what masking is for.
    """
    import torch

    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token  # type: ignore[attr-defined]
    torch.manual_seed(plan.seed)
    make = {"sft": _sft, "dpo": _dpo, "reward": _reward, "kto": _kto}[plan.method]
    rows = training_rows(plan, tokenizer, "train", run.path / "cache", say)
    say("loading the model")
    return make(plan, run, tokenizer, model, rows, collator)


def _common(plan: Plan, run: RunFolder) -> dict[str, Any]:
    import torch

    cuda = torch.cuda.is_available()
    return {
        "output_dir": str(run.checkpoints),
        "seed": plan.seed,
        "data_seed": plan.seed,
        "num_train_epochs": plan.epochs,
        "max_steps": plan.max_steps or -1,
        "per_device_train_batch_size": plan.batch,
        "gradient_accumulation_steps": plan.accumulation,
        "learning_rate": plan.learning_rate,
        "lr_scheduler_type": "cosine",
        "warmup_steps": 0.1,
        "gradient_checkpointing": plan.gradient_checkpointing,
        "bf16": cuda and plan.dtype == "bfloat16",
        "use_cpu": not cuda,
        "max_length": plan.max_length,
        "logging_steps": plan.log_steps,
        "logging_first_step": True,
        "save_strategy": "steps",
        "save_steps": plan.save_steps,
        "save_total_limit": 2,
        "report_to": list(plan.loggers),
        "run_name": run.path.resolve().name,
        "remove_unused_columns": False,
        "dataloader_pin_memory": cuda,
        "disable_tqdm": True,
    }


def _lora(plan: Plan, **more: Any) -> Any:
    from peft import LoraConfig

    return LoraConfig(
        r=plan.lora_rank, lora_alpha=plan.lora_alpha, lora_dropout=0.0, target_modules="all-linear", **more
    )


def causal(plan: Plan, model: Path) -> Any:
    """The base of every other method."""
    import torch
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(str(model), dtype=getattr(torch, plan.dtype), trust_remote_code=False)


def _dpo(plan: Plan, run: RunFolder, tokenizer: Tokenizer, model: Path, rows: Any, collator: Any) -> Any:
    from trl import DPOConfig, DPOTrainer

    class EncodedDPOTrainer(DPOTrainer):
        """Takes rows as they are: the preflight counted these very tokens, and TRL would drop some in silence."""

        def _prepare_dataset(self, dataset: Any, *_: Any, **__: Any) -> Any:
            return dataset

    weighted = plan.sft_weight > 0
    return EncodedDPOTrainer(
        model=causal(plan, model),
        args=DPOConfig(
            **_common(plan, run),
            beta=plan.beta,
            loss_type=["sigmoid", "sft"] if weighted else ["sigmoid"],
            loss_weights=[1.0, plan.sft_weight] if weighted else None,
        ),
        train_dataset=rows,
        processing_class=tokenizer,
        peft_config=_lora(plan, task_type="CAUSAL_LM"),
        data_collator=collator or MaskedPreference(_pad(tokenizer), plan.max_length),
        callbacks=[callback(run)],
    )


def _kto(plan: Plan, run: RunFolder, tokenizer: Tokenizer, model: Path, rows: Any, collator: Any) -> Any:
    from trl import KTOConfig, KTOTrainer

    class EncodedKTOTrainer(KTOTrainer):
        """Takes rows as they are, with the completions for KL that :mod:`marlin.training.rows` chose."""

        def _prepare_dataset(self, dataset: Any, *_: Any, **__: Any) -> Any:
            return dataset

    return EncodedKTOTrainer(
        model=causal(plan, model),
        args=KTOConfig(**_common(plan, run), beta=plan.beta),
        train_dataset=rows,
        processing_class=tokenizer,
        peft_config=_lora(plan, task_type="CAUSAL_LM"),
        data_collator=collator or MaskedUnpaired(_pad(tokenizer), plan.max_length),
        callbacks=[callback(run)],
    )


def _sft(plan: Plan, run: RunFolder, tokenizer: Tokenizer, model: Path, rows: Any, collator: Any) -> Any:
    from trl import SFTConfig, SFTTrainer

    return SFTTrainer(
        model=causal(plan, model),
        args=SFTConfig(**_common(plan, run)),
        train_dataset=rows,
        processing_class=tokenizer,
        peft_config=_lora(plan, task_type="CAUSAL_LM"),
        data_collator=collator,
        callbacks=[callback(run)],
    )


def _reward(plan: Plan, run: RunFolder, tokenizer: Tokenizer, model: Path, rows: Any, collator: Any) -> Any:
    from trl import RewardConfig, RewardTrainer

    return RewardTrainer(
        model=scorer(plan, tokenizer, model),
        args=RewardConfig(**_common(plan, run)),
        train_dataset=rows,
        processing_class=tokenizer,
        peft_config=_lora(plan, task_type="SEQ_CLS", modules_to_save=["score"]),
        data_collator=collator,
        callbacks=[callback(run)],
    )


def scorer(plan: Plan, tokenizer: Tokenizer, model: Path) -> Any:
    """The base of a reward model. Its new head is drawn by the plan's seed, so that evaluation can draw it again."""
    import torch
    from transformers import AutoModelForSequenceClassification

    torch.manual_seed(plan.seed)
    found = AutoModelForSequenceClassification.from_pretrained(
        str(model), num_labels=1, dtype=getattr(torch, plan.dtype), trust_remote_code=False
    )
    found.config.pad_token_id = _pad(tokenizer)
    return found


def _pad(tokenizer: Tokenizer) -> int:
    if tokenizer.pad_token_id is None:
        raise ValueError("the tokenizer has no padding token")
    return tokenizer.pad_token_id
