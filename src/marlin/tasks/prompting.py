"""Slips of style in any prompt, first or follow-up: what professionals don't write to an agent. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_PULL_REQUEST = re.compile(
    r"\b(?:pull request|merge request|(?:this|the|my|your|our) (?:PR|MR)\b|PR #?\d+)", re.IGNORECASE
)
_ROLE_PLAY = re.compile(
    r"(?:^|(?<=[.!?]))[^\S\n]*+(?:now |please |from now on,? )?"
    r"(?:you are (?:now )?(?:an?|the) |you're (?:now )?an? |act (?:as|like) an? |pretend (?:to be|you)|play the role of"
    r"|imagine (?:that )?you(?:'re| are) |as an? (?:expert|senior|world|experienced|professional)[- ])",
    re.IGNORECASE | re.MULTILINE,
)
_CODE_BLOCK = re.compile(r"```.*?(?:```|$)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class StyleSlip:
    """Something a prompt should not say: characters ``start`` up to ``end``."""

    code: str
    start: int
    end: int
    message: str
    hint: str


def style_slips(prompt: str) -> list[StyleSlip]:
    """All slips in a prompt, in their order. What stands in a code block is not the author's voice."""
    prose = _CODE_BLOCK.sub(lambda block: " " * len(block[0]), prompt)
    return sorted(_slips(prose), key=lambda slip: slip.start)


def _slips(prose: str) -> Iterator[StyleSlip]:
    for match in _PULL_REQUEST.finditer(prose):
        yield StyleSlip(
            "mentions-pull-request",
            match.start(),
            match.end(),
            "The prompt speaks of a pull request, which the agent can't see.",
            "Describe the change itself, as if nobody had made it yet.",
        )
    for match in _ROLE_PLAY.finditer(prose):
        lead = len(match[0]) - len(match[0].lstrip())
        yield StyleSlip(
            "role-play",
            match.start() + lead,
            match.end(),
            "The prompt assigns the agent a role.",
            "Write as you would to a colleague; agents bring their own instructions.",
        )
