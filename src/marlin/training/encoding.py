"""From messages to tokens and masks: the one place that does it, for preflight, training and evaluation alike.

A token is trained on if the model wrote it, by the ``{% generation %}`` markers of the chat template, *and* it comes
after the shared prompt. So tool output, which the environment wrote, is read but never learnt.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from marlin.training.dataset import Message, Pair, Single
from marlin.training.deadlines import EndlessError, limited
from marlin.training.errors import UnknownTemplateError

MOST_SECONDS = 120.0
"""Of processor time, for one row: the longest take a few."""


class Tokenizer(Protocol):
    """What is asked of a tokenizer of transformers."""

    chat_template: Any
    pad_token_id: int | None

    def apply_chat_template(self, conversation: Any, **options: Any) -> Any:
        """Render messages, or tokenize them."""

    def decode(self, token_ids: Any) -> str:
        """The text of tokens."""


@dataclass(frozen=True, slots=True)
class Side:
    """A completion: its tokens, and 1 for each that the model itself wrote."""

    ids: list[int]
    mask: list[int]

    def kept(self, room: int) -> Side:
        """What is left of it when only ``room`` tokens fit."""
        room = max(room, 0)
        return Side(self.ids[:room], self.mask[:room])

    @property
    def trained(self) -> list[int]:
        """The tokens that are learnt."""
        return [token for token, own in zip(self.ids, self.mask, strict=True) if own]


@dataclass(frozen=True, slots=True)
class EncodedPair:
    """A pair as a trainer sees it."""

    prompt: list[int]
    chosen: Side
    rejected: Side

    def truncated(self, max_length: int | None) -> EncodedPair:
        """As TRL truncates: each sequence keeps its start."""
        if max_length is None:
            return self
        room = max_length - len(self.prompt)
        return EncodedPair(self.prompt[:max_length], self.chosen.kept(room), self.rejected.kept(room))

    @property
    def longest(self) -> int:
        """Tokens of the longer of its two sequences."""
        return len(self.prompt) + max(len(self.chosen.ids), len(self.rejected.ids))

    @property
    def tokens(self) -> int:
        """Tokens of both sequences together."""
        return 2 * len(self.prompt) + len(self.chosen.ids) + len(self.rejected.ids)


def encode(tokenizer: Tokenizer, pair: Pair) -> EncodedPair:
    """Tokenize a pair as TRL's preference trainers do, with a mask of what the model wrote.

    The completion begins where the rendered prompt and the rendered whole part, which need not be the prompt's end.

    :raises UnknownTemplateError: the template does not come to an end.
    """
    with _ending(pair.id):
        prompt = _prompt(tokenizer, pair)
        chosen_ids, chosen_mask = encode_messages(tokenizer, pair.prompt + pair.chosen, pair.tools)
        rejected_ids, rejected_mask = encode_messages(tokenizer, pair.prompt + pair.rejected, pair.tools)
    start = min(common_start(prompt, chosen_ids), common_start(prompt, rejected_ids))
    return EncodedPair(
        prompt[:start],
        Side(chosen_ids[start:], chosen_mask[start:]),
        Side(rejected_ids[start:], rejected_mask[start:]),
    )


def encode_single(tokenizer: Tokenizer, single: Single) -> tuple[list[int], Side]:
    """Tokenize a result on its own: the prompt, and what followed it, as :func:`encode` does with a side."""
    with _ending(single.id):
        prompt = _prompt(tokenizer, single)
        ids, mask = encode_messages(tokenizer, single.prompt + single.completion, single.tools)
    start = common_start(prompt, ids)
    return prompt[:start], Side(ids[start:], mask[start:])


def _prompt(tokenizer: Tokenizer, row: Pair | Single) -> list[int]:
    found = tokenizer.apply_chat_template(
        row.prompt, tools=row.tools or None, add_generation_prompt=True, tokenize=True, return_dict=True
    )
    return list(found["input_ids"])


@contextlib.contextmanager
def _ending(row: str) -> Iterator[None]:
    try:
        with limited(MOST_SECONDS):
            yield
    except EndlessError as error:
        raise UnknownTemplateError(
            f"The chat template took more than {MOST_SECONDS:g} seconds of the processor for row {row}.",
            hint="Don't trust where the model came from; use another one.",
        ) from error


def encode_messages(
    tokenizer: Tokenizer, messages: Sequence[Message], tools: Sequence[dict[str, Any]]
) -> tuple[list[int], list[int]]:
    """Tokens of a conversation, and 1 for each that lies between the template's generation markers."""
    found = tokenizer.apply_chat_template(
        list(messages),
        tools=list(tools) or None,
        tokenize=True,
        return_dict=True,
        return_assistant_tokens_mask=True,
    )
    return list(found["input_ids"]), list(found["assistant_masks"])


def common_start(one: Sequence[int], other: Sequence[int]) -> int:
    """How many first tokens two sequences share."""
    shared = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        shared += 1
    return shared
