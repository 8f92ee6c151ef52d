"""The words that reasons on each axis are given in: which axis does a text argue with? Pure, English."""

from __future__ import annotations

import re

_STEMS = {
    "correctness": (
        r"correct|incorrect|wrong|bugs?\b|buggy|works?\b|working|broken|breaks?\b|broke\b|pass|fail|"
        r"requirement|asked|prompt|brief|behavio|output|outcome|results? |spec\b|handles?\b|drops?\b|miss|"
        r"keeps?\b|accept|reject|crash|case|complete|feature|function|accura|test|return|does what|solve|fix|"
        r"regress"
    ),
    "security": (
        r"secur|vulnerab|inject|exploit|attack|saniti|escap|untrusted|hostile|travers|xss|csrf|credential|"
        r"secret|password|permission|privileg|shell|safe|unsafe|hole|token|encrypt|leak|expos|allow-?list|"
        r"malicious|quot"
    ),
    "reliability": (
        r"reliab|robust|error|exception|crash|retr(?:y|ies)|time-?out|race\b|concurren|edge|fail|resource|"
        r"leak|flak|test|recover|clos(?:e|es|ed)\b|lock|atomic|empty|missing|invalid|odd|malformed|"
        r"handles?\b|rais|fallback|brittle|fragile|resilien|stable|validat|partial|twice|idempot|log"
    ),
    "maintainability": (
        r"maintain|readab|clean|simpl|complex|duplica|refactor|naming|named|names\b|structur|conventio|idiom|"
        r"abstract|helper|dead code|style|document|docstring|comment|understand|follow|small|short|long\b|"
        r"verbose|minimal|lines\b|diff\b|separat|modular|own this|layer|unnecessar|needless|over-?engineer|"
        r"tidy|review|consisten|concis|convolut|mess"
    ),
}
_WORDS = {axis: re.compile(rf"\b(?:{stems})\w*", re.IGNORECASE) for axis, stems in _STEMS.items()}


def argues_with(text: str, axis: str, label: str) -> list[re.Match[str]]:
    """Words in the text that speak of an axis: by its stems if it is one of the four, else by its label's words."""
    pattern = _WORDS.get(axis)
    if pattern is None:
        own = [re.escape(word[:6]) for word in re.findall(r"[^\W\d_]{4,}", label)]
        if not own:
            return []
        pattern = re.compile(rf"\b(?:{'|'.join(own)})\w*", re.IGNORECASE)
    return list(pattern.finditer(text))


def is_known(axis: str) -> bool:
    """Whether the axis' usual words are known; of others nothing is concluded from silence."""
    return axis in _WORDS
