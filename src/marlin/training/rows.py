"""Training rows: a split, encoded once, kept on disk by ``datasets`` so that its size is no matter of memory."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from marlin.training.dataset import DatasetFolder, Pair, Split
from marlin.training.encoding import EncodedPair, Side, Tokenizer, encode, encode_single
from marlin.training.plan import Plan
from marlin.training.saying import Say, counting, silently

Row = dict[str, Any]


def training_rows(plan: Plan, tokenizer: Tokenizer, split: Split, cache: Path, say: Say = silently) -> Any:
    """The rows of a split for the plan's method, as a ``datasets.Dataset``."""
    from datasets import Dataset

    folder = plan.folder
    made = cache / f"{split}-{_fingerprint(plan, folder, split, str(tokenizer.chat_template))}"
    found = Dataset.from_generator(
        lambda: made_for(plan, tokenizer, folder, split, say),
        cache_dir=str(made),
        fingerprint=made.name.rpartition("-")[2],
    )
    return ordered(found, plan) if plan.method == "kto" and split == "train" else found


def made_for(
    plan: Plan, tokenizer: Tokenizer, folder: DatasetFolder, split: Split, say: Say = silently
) -> Iterator[Row]:
    """The rows themselves."""
    excluded = plan.excluded(split)
    if folder.singles is not None and split == "train":
        results = folder.single_results(split)
        for single in counting(results, say, f"encoding results of {split}", folder.amount(split, folder.singles)):
            if single.id not in excluded:
                prompt, side = encode_single(tokenizer, single)
                prompt = prompt[: plan.max_length]
                yield _single_row(plan, prompt, side.kept(plan.max_length - len(prompt)), single.label)
        return
    kept = (pair for pair in folder.pairs(split) if pair.id not in excluded)
    total = folder.amount(split) - len(excluded)
    for position, pair in enumerate(counting(kept, say, f"encoding pairs of {split}", total)):
        encoded = encode(tokenizer, pair).truncated(plan.max_length)
        if plan.control == "shuffled-labels" and split == "train" and swapped(position, plan.seed):
            encoded = EncodedPair(encoded.prompt, encoded.rejected, encoded.chosen)
        for _ in range(repeats(pair) if plan.repeat_by_strength and split == "train" else 1):
            yield from _rows(plan, pair, encoded)


def swapped(position: int, seed: int) -> bool:
    """Whether the control swaps a pair: of each two neighbours one, by a coin that falls alike on every machine.

    Exactly half are swapped, so that what is left of a signal that all pairs share cancels out.
    """
    coin = hashlib.sha256(f"{seed}\0{position // 2}".encode()).digest()[0] % 2
    return position % 2 == coin


def strength(pair: Pair) -> int:
    """How strong the preference is: 1 to 3; 1 where the row doesn't say."""
    said = pair.facts.get("strength")
    return min(max(round(float(said)), 1), 3) if isinstance(said, int | float) else 1


def repeats(pair: Pair) -> int:
    """How often a strong preference is shown."""
    return strength(pair)


def _rows(plan: Plan, pair: Pair, encoded: EncodedPair) -> Iterator[Row]:
    prompt, chosen, rejected = encoded.prompt, encoded.chosen, encoded.rejected
    if plan.method == "dpo":
        yield {
            "prompt_ids": prompt,
            "chosen_ids": chosen.ids,
            "rejected_ids": rejected.ids,
            "chosen_mask": chosen.mask,
            "rejected_mask": rejected.mask,
        }
    elif plan.method == "sft":
        yield _single_row(plan, prompt, chosen, True)
    elif plan.method == "reward":
        row: Row = {"chosen_ids": prompt + chosen.ids, "rejected_ids": prompt + rejected.ids}
        if plan.margin:
            row["margin"] = float(pair.facts.get("margin") or strength(pair) / 3)
        yield row
    else:
        for side, label in ((chosen, True), (rejected, False)):
            yield _single_row(plan, prompt, side, label)


def _single_row(plan: Plan, prompt: list[int], side: Side, label: bool) -> Row:
    if plan.method == "kto":
        return {"prompt_ids": prompt, "completion_ids": side.ids, "completion_own": side.mask, "label": label}
    own = zip(side.ids, side.mask, strict=True)
    labels = [-100] * len(prompt) + [token if trained else -100 for token, trained in own]
    return {"input_ids": prompt + side.ids, "labels": labels}


def ordered(rows: Any, plan: Plan) -> Any:
    """KTO's rows in the order of training, each with another row's completion, for its estimate of KL.

    TRL rotates completions within batches of neighbours; done here so that the masks go along. Order matters: the
    trainer reads them one after the other.
    """
    order = list(range(len(rows)))
    random.Random(plan.seed).shuffle(order)  # noqa: S311  # not a secret
    length = len(order) - len(order) % plan.batch
    rows = rows.select(order[:length] or order)

    def rotate(batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
        return {f"KL_{name}": [batch[name][-1], *batch[name][:-1]] for name in ("completion_ids", "completion_own")}

    return rows.map(rotate, batched=True, batch_size=plan.batch)


def _fingerprint(plan: Plan, folder: DatasetFolder, split: Split, template: str) -> str:
    said = "\0".join([plan.to_yaml(), json.dumps(folder.hashes(), sort_keys=True), split, template])
    return hashlib.sha256(said.encode()).hexdigest()[:16]
