"""Identity words out of what agents say, so that people compare work and not names.

Applies to an agent's prose and metadata for display only. Repository content, diffs and tool output are never touched
(real repositories name vendors, too), and what is stored raw stays as it was.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator

from marlin import logging

log = logging.get(__name__)

PLACEHOLDER = "[redacted]"
LEAST_LENGTH = 3
"""Identity words shorter than this are left alone: redacting them would wreck ordinary text."""

VENDOR_WORDS: tuple[str, ...] = (
    r"claude\ code",
    r"codex\ cli",
    r"claude",
    r"anthropic",
    r"openai",
    r"open\ ai",
    r"chatgpt",
    r"gpt",
    r"codex",
    r"opencode",
    r"open\ code",
    r"gemini",
    r"deepmind",
    r"mistral",
    r"devstral",
    r"codestral",
    r"qwen",
    r"deepseek",
    r"kimi",
    r"moonshot",
    r"grok",
    r"llama",
    r"copilot",
    r"openrouter",
    r"bedrock",
    r"vertex\ ai",
)
"""Vendors, models and harnesses, as pattern text; a space stands for any joint (``open-code``, ``OpenCode``)."""

_MODEL_NUMBERS = (
    r"(?:opus|sonnet|haiku|fable|mythos)[ -]?\d[\w.]{0,64}",
    r"gpt[ -]?\d[\w.-]{0,64}",
    r"o[1345]-(?:mini|preview|pro)",
)
_PATH_IN_REPOSITORY = re.compile(r"[`'\"(\[<]*+(?![~/]|\.\w|home/|opt/)[\w@.+-]+(?:/[\w@.+-]+)+\.[A-Za-z]\w{0,5}\b")
_WORD = re.compile(r"[^ \t\n\r]+")
_INVISIBLE = re.compile(
    r"[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]"
)
"""Characters of no width: one within a name would hide it from a search, and from nobody's eyes."""
_LONGEST_HELD = 512
_NEVER_AN_ACCIDENT = 8


class Redactor:
    """Replaces identity words, and counts what it replaced.

    :param names: exact names to hide: of arms, models, upstreams, harnesses. Names shorter than three characters are
        ignored.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.words: tuple[str, ...] = tuple(names)
        """The exact names it was given."""
        exact = sorted(
            {name.strip() for name in self.words if len(name.strip()) >= LEAST_LENGTH}, key=len, reverse=True
        )
        self._exact = re.compile("|".join(_pattern(name) for name in exact), re.IGNORECASE) if exact else None
        # A vendor's word takes the rest of a model id with it: claude-x-4-5, gpt-oss:20b.
        words = [*_MODEL_NUMBERS, *(word.replace("\\ ", r"[\s_-]?") for word in VENDOR_WORDS)]
        # Not without end: of a text that streams in, a word is read again until it is over.
        rest = r"[\w:-]{0,96}+(?:\.\d[\w-]{0,32}+){0,8}+"
        self._vendors = re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(words)}){rest}", re.IGNORECASE)
        self._words_held = 1 + max((len(re.split(r"[\s_-]+", name)) for name in exact), default=1)
        self.hits: Counter[str] = Counter()
        """What was replaced, lower case, and how often."""

    def clean(self, text: str) -> str:
        """``text`` without identity words."""
        spans = self._spans(text)
        if not spans:
            return text
        parts, at = [], 0
        for start, end in spans:
            word = text[start:end].lower()
            self.hits[word] += 1
            log.debug("identity word redacted", word=word)
            parts += [text[at:start], PLACEHOLDER]
            at = end
        return "".join([*parts, text[at:]])

    def count(self, text: str) -> Counter[str]:
        """The identity words in ``text``, lower case, and how often; for text that must stay as it is."""
        return Counter(text[start:end].lower() for start, end in self._spans(text))

    def split_at(self, text: str) -> int:
        """How much of an unfinished text can be cleaned and shown: no identity word can begin there and end later."""
        starts = [match.start() for match in re.finditer(r"\S+", text)]
        # The last words may grow into a name; white space at the end does not finish a name of several words.
        held = starts[-self._words_held :]
        cut = held[0] if held else len(text)
        if len(text) - cut > _LONGEST_HELD:
            cut = len(text) - _LONGEST_HELD
        for start, end in self._spans(text):
            if start < cut < end:
                return start
        return cut

    def _spans(self, text: str) -> list[tuple[int, int]]:
        """Where identity words stand, also those with characters within that nobody sees."""
        gone = [match.start() - number for number, match in enumerate(_INVISIBLE.finditer(text))]
        if not gone:
            return self._seen(text)

        def place(at: int) -> int:
            return at + bisect_right(gone, at)

        return [(place(start), place(end - 1) + 1) for start, end in self._seen(_INVISIBLE.sub("", text))]

    def _seen(self, text: str) -> list[tuple[int, int]]:
        found = [match.span() for match in self._exact.finditer(text)] if self._exact else []
        generic = self._vendors.finditer(text)
        found += _outside_paths(text, (match.span() for match in generic))
        found.sort()
        merged: list[tuple[int, int]] = []
        for start, end in found:
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged


class RedactedStream:
    """Text that arrives in pieces, cleaned so that a word split over pieces is caught, too."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._held = ""

    def feed(self, piece: str) -> str:
        """Take a piece; the text that can be shown now, perhaps empty."""
        text = self._held + piece
        cut = self._redactor.split_at(text)
        self._held = text[cut:]
        return self._redactor.clean(text[:cut])

    def end(self) -> str:
        """The rest."""
        rest, self._held = self._held, ""
        return self._redactor.clean(rest)


def _pattern(name: str) -> str:
    loose = r"[\s_-]+".join(re.escape(part) for part in re.split(r"[\s_-]+", name) if part) or re.escape(name)
    # A long name is no accident within a longer word; a short one may be.
    return loose if len(name) >= _NEVER_AN_ACCIDENT else rf"(?<![A-Za-z0-9]){loose}(?![A-Za-z0-9])"


def _outside_paths(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Those in no word that looks like a file of the repository (``src/openai/x.py``)."""
    begin = end = 0
    path = (0, 0)
    for start, stop in spans:
        if start >= end:
            begin = max(text.rfind(space, end, start) for space in " \t\n\r") + 1 or end
            word = _WORD.match(text, begin)
            end = word.end() if word else begin
            match = _PATH_IN_REPOSITORY.match(text, begin)
            path = match.span() if match else (0, 0)
        if not path[0] <= start < path[1]:
            yield start, stop
