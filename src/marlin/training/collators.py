"""TRL's collators, with one change: what the environment wrote is in no completion mask.

TRL's preference trainers train on every token after the prompt, tool output included. Each collator here lets TRL's do
its work, and then takes the tokens out of ``completion_mask`` that the model did not write. Loss, reference and
metrics of DPO and KTO all go by that mask.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Row = dict[str, Any]


class MaskedPreference:
    """For pairs: columns ``chosen_mask`` and ``rejected_mask`` beside those that TRL makes."""

    def __init__(self, pad_token_id: int, max_length: int | None) -> None:
        from trl.trainer.dpo_trainer import DataCollatorForPreference

        self._stock = DataCollatorForPreference(pad_token_id=pad_token_id, max_length=max_length)

    def __call__(self, rows: list[Row]) -> dict[str, Any]:
        """A batch: preferred sides first, then the others."""
        batch = dict(self._stock(rows))
        own = [_padded(row, "chosen", batch) for row in rows] + [_padded(row, "rejected", batch) for row in rows]
        batch["completion_mask"] = _both(batch["completion_mask"], own)
        return batch


class MaskedUnpaired:
    """For single completions: columns ``completion_own`` and, for the estimate of KL, ``KL_completion_own``."""

    def __init__(self, pad_token_id: int, max_length: int | None) -> None:
        from trl.trainer.kto_trainer import DataCollatorForUnpairedPreference

        self._stock = DataCollatorForUnpairedPreference(pad_token_id=pad_token_id, max_length=max_length)

    def __call__(self, rows: list[Row]) -> dict[str, Any]:
        """A batch of completions."""
        batch = dict(self._stock(rows))
        for prefix in ("", "KL_"):
            name = f"{prefix}completion_mask"
            if name in batch:
                width = batch[name].shape[1]
                own = [_fitted(row["prompt_ids"], row[f"{prefix}completion_own"], width) for row in rows]
                batch[name] = _both(batch[name], own)
        return batch


def _padded(row: Row, side: str, batch: dict[str, Any]) -> list[int]:
    mask, ids = row[f"{side}_mask"], row[f"{side}_ids"]
    if len(mask) != len(ids):
        raise ValueError(f"a mask of {len(mask)} for {len(ids)} tokens")
    return _fitted(row["prompt_ids"], mask, batch["completion_mask"].shape[1])


def _fitted(prompt: Sequence[int], mask: Sequence[int], width: int) -> list[int]:
    whole = [*([0] * len(prompt)), *mask][:width]
    return whole + [0] * (width - len(whole))


def _both(stock: Any, own: list[list[int]]) -> Any:
    import torch

    return stock * torch.tensor(own, dtype=stock.dtype)
