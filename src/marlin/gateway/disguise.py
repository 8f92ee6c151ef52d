"""Putting the neutral model id back into answers, and keeping keys and names out of errors.

Only three places of an answer are touched: the value of ``model`` (and of the two fields that name the serving system)
at its top, in ``message`` or in ``response``, and the texts of an ``error``. What the model said is never edited.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from .json_members import MalformedJsonError, Member, members, splice, whole_object
from .runs import Run

_ENVELOPES = ("message", "response")
_SERVING = ("system_fingerprint", "provider")
_NAMES_IN_ERRORS = ("provider", "provider_name", "organization")
_MASKED_KEY = re.compile(r"(?<![\w-])[\w-]*+\*{3,}[\w*-]*+")
_IDENTITY = re.compile(rb'"(?:model|error|usage|system_fingerprint|provider)"|\\u00')
_SECRET_HEADERS = frozenset(
    ("authorization", "x-api-key", "api-key", "cookie", "set-cookie", "proxy-authorization", "x-goog-api-key")
)
REDACTED = "[redacted]"


class Disguise:
    """What one call's answer must not show, and what it shows instead.

    :param run: the call's run.
    :param asked: the model id as the sandbox asked for it, which answers repeat.
    :param model: the real model that was asked.
    :param call: this call's own id, which stands in for the upstream's request id.
    """

    def __init__(self, run: Run, *, asked: str, model: str, call: str) -> None:
        self._asked = asked
        self._asked_json = json.dumps(asked)
        self._call = call
        self._key = run.upstream.api_key or ""
        hidden = {model, run.model, run.upstream.name, *run.hidden}
        hidden.add(urlsplit(run.upstream.base_url).hostname or "")
        hidden |= {name.rpartition("/")[2] for name in (model, run.model)}
        self._hidden = {name for name in hidden if name and name != asked}
        self._pattern = _names_pattern(self._hidden)

    def event(self, text: str) -> tuple[str, dict[str, Any] | None]:
        """A JSON object of an answer, disguised, and parsed; None where the text is no JSON object (``[DONE]``).

        In text that looks like an object and is not well formed the names are replaced as words.
        """
        try:
            found = members(text)
        except MalformedJsonError:
            return (self._words(text) if "{" in text else text), None
        edits = list(self._edits(text, found))
        return (splice(text, edits) if edits else text), {member.key: member.value for member in found}

    def error_body(self, body: bytes) -> bytes | None:
        """A JSON error body, disguised; byte for byte the same if it shows nothing. None when it is not JSON."""
        text = body.decode(errors="surrogateescape")
        try:
            whole_object(text)
        except MalformedJsonError:
            return None
        parsed = json.loads(text)
        disguised = self._error(parsed)
        if "request_id" in disguised:
            disguised["request_id"] = self._call
        if disguised == parsed:
            return body
        return json.dumps(disguised, ensure_ascii=False).encode(errors="surrogateescape")

    def learn(self, model: Any) -> None:
        """Hide what the upstream itself calls the model, too (a dated snapshot, say)."""
        if isinstance(model, str) and model and model != self._asked and model not in self._hidden:
            self._hidden.add(model)
            self._pattern = _names_pattern(self._hidden)

    def _edits(self, text: str, found: list[Member]) -> list[tuple[int, int, str]]:
        edits: list[tuple[int, int, str]] = []
        for key, value, start, end in found:
            if key == "model" and isinstance(value, str):
                self.learn(value)
                edits.append((start, end, self._asked_json))
            elif key in _SERVING and isinstance(value, str):
                edits.append((start, end, "null"))
            elif key == "error" and value:
                disguised = self._error(value)
                if disguised != value:
                    edits.append((start, end, json.dumps(disguised, ensure_ascii=False)))
            elif key in _ENVELOPES and isinstance(value, dict):
                edits += self._edits(text, members(text, start))
        return edits

    def _error(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._words(value)
        if isinstance(value, list):
            return [self._error(item) for item in value]
        if isinstance(value, dict):
            return {
                key: None if key in _NAMES_IN_ERRORS and isinstance(item, str) else self._error(item)
                for key, item in value.items()
            }
        return value

    def _words(self, text: str) -> str:
        if self._key:
            text = text.replace(self._key, REDACTED)
        text = _MASKED_KEY.sub(REDACTED, text)
        return self._pattern.sub(lambda _: self._asked, text) if self._pattern else text


def worth_a_look(data: bytes) -> bool:
    """Whether an event may hold anything to disguise or to meter. Most pieces of text don't: they pass unparsed."""
    return b'"delta"' not in data or _IDENTITY.search(data) is not None


def _names_pattern(names: set[str]) -> re.Pattern[str] | None:
    """The names as words, longest first; a name of four letters or more also with what is appended to it."""
    if not names:
        return None
    parts = [
        re.escape(name) + (r"(?:[\w.:@/-]*\w)?" if len(name) >= 4 else r"(?!\w)")
        for name in sorted(names, key=lambda name: (-len(name), name))
    ]
    return re.compile(r"(?<!\w)(?:" + "|".join(parts) + ")", re.IGNORECASE)


def redact(data: bytes, secrets: tuple[str | None, ...]) -> bytes:
    """``data`` without the secrets, for what is stored."""
    for secret in secrets:
        if secret:
            data = data.replace(secret.encode(), REDACTED.encode())
    return data


def redact_headers(headers: Mapping[str, str] | list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Headers for the record, without what authenticates."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    return [(name, REDACTED if name.lower() in _SECRET_HEADERS else value) for name, value in pairs]
