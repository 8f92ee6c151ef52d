"""Where things lie in a dataset's folder, and which views there are. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

Split = Literal["train", "test"]
SPLITS: tuple[Split, ...] = ("train", "test")

MANIFEST = "dataset.json"
CARD = "README.md"
CROISSANT = "croissant.json"


@dataclass(frozen=True, slots=True)
class ViewSpec:
    """One shape in which the rows are offered.

    :ivar reader: whose format it is.
    :ivar content: ``trajectory`` (messages with tool calls) or ``patch`` (one message with the diff).
    :ivar verified: the reader's version whose own code was seen to load it by ``scripts/verify-views``; False where it
        was written after the reader's documentation alone, and product and docs call it unverified.
    """

    name: str
    reader: str
    content: Literal["trajectory", "patch"]
    verified: str | Literal[False] = False


_TRL = "trl 1.16.0"

VIEWS: dict[str, ViewSpec] = {
    spec.name: spec
    for spec in (
        ViewSpec("trl_pref", "TRL, DPOTrainer", "trajectory", _TRL),
        ViewSpec("patch_pref", "TRL, DPOTrainer", "patch", _TRL),
        ViewSpec("reward", "TRL, RewardTrainer", "patch", _TRL),
        ViewSpec("kto", "TRL, KTOTrainer", "trajectory", _TRL),
        ViewSpec("sft", "TRL, SFTTrainer", "trajectory", _TRL),
        # OpenAI's own service takes one message of each side, Azure's takes calls and results, too
        ViewSpec("openai_pref", "Azure OpenAI preference files", "trajectory"),
        ViewSpec("openai_patch", "OpenAI and Azure preference files", "patch"),
        ViewSpec("openrlhf", "OpenRLHF", "trajectory", "openrlhf 0.11.2"),
        ViewSpec("axolotl", "Axolotl, chat_template.default", "patch", "axolotl 0.19.0"),
        ViewSpec("llama_factory", "LLaMA-Factory, sharegpt ranking", "patch", "llamafactory 0.9.5"),
        ViewSpec("tinker", "Tinker, comparisons", "patch", "tinker-cookbook 0.6.1"),
    )
}
"""Besides these a dataset has one view ``axes/<axis>`` for each axis of its rubric, of the shape of ``trl_pref``."""


def rows_path(split: Split) -> str:
    """The canonical rows of a split."""
    return str(PurePosixPath("rows") / f"{split}.jsonl")


def view_path(view: str, split: Split) -> str:
    """A view's rows of a split."""
    return str(PurePosixPath("views") / view / f"{split}.jsonl")
