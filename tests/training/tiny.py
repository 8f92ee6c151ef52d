"""A model of some hundred thousand random weights, in the shape of a Qwen, with a tokenizer that knows tool calls."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>"]


def template(name: str = "qwen2_5") -> str:
    """A chat template as TRL ships it."""
    import trl

    return (Path(trl.__file__).parent / "chat_templates" / f"{name}.jinja").read_text(encoding="utf-8")


def tokenizer(texts: Iterable[str], *, chat_template: str | None = None, vocab_size: int = 1000) -> Any:
    """Bytes and the commonest joins of the texts."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bare = Tokenizer(models.BPE())
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    bare.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=vocab_size, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False
        ),
    )
    made = PreTrainedTokenizerFast(
        tokenizer_object=bare, pad_token="<|endoftext|>", eos_token="<|im_end|>", padding_side="left"
    )
    made.add_special_tokens({"additional_special_tokens": ["<|im_start|>"]})
    made.chat_template = template() if chat_template is None else chat_template
    return made


def _rendered(dataset: Path) -> list[str]:
    """The texts as the template renders them, so that a sequence takes few tokens."""
    plain = tokenizer([])
    rows = [json.loads(line) for line in (dataset / "views" / "trl_pref" / "train.jsonl").read_text().splitlines()[:48]]
    return [
        plain.apply_chat_template(row["prompt"] + row[side], tools=row["tools"], tokenize=False)
        for row in rows
        for side in ("chosen", "rejected")
    ]


def model(path: Path, dataset: Path, *, chat_template: str | None = None, seed: int = 1) -> Path:
    """Save one, made for the texts of a dataset."""
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    made = tokenizer(_rendered(dataset), chat_template=chat_template)
    made.save_pretrained(path)
    torch.manual_seed(seed)
    shape = Qwen2Config(
        vocab_size=len(made),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=2048,
        pad_token_id=made.pad_token_id,
        eos_token_id=made.eos_token_id,
        bos_token_id=None,
        tie_word_embeddings=True,
    )
    Qwen2ForCausalLM(shape).save_pretrained(path)
    return path
