"""Secrets and personal data out of every text of a row; halves of characters, too. Pure.

Only what has a known shape is replaced: a shape is proof, while high entropy is also a commit id. A replacement names
its kind and stays the same for the same value, so that code which compares two of them still does. What only may be a
secret is noted for a person (:mod:`marlin.datasets.suspicions`).
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from marlin.datasets.suspicions import Decision, Suspicion, suspicions_in

_SECRETS: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in {
        # ends before another one begins: else a text of beginnings is read eight thousand times
        "private_key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----(?:[^-]|-(?!----BEGIN)){16,8192}?"
        r"-----END (?:[A-Z]+ )*PRIVATE KEY-----",
        "github_token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{60,255})",
        "gitlab_token": r"\bglpat-[A-Za-z0-9_-]{20,64}",
        "aws_access_key": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
        "slack_token": r"\bxox[abposr]-[A-Za-z0-9-]{10,250}",
        "google_api_key": r"\bAIza[A-Za-z0-9_-]{35}",
        "model_api_key": r"\bsk-(?:ant-|proj-|or-|svcacct-)?[A-Za-z0-9_-]{32,250}",
        "stripe_key": r"\b[sr]k_live_[A-Za-z0-9]{20,250}",
        "hub_token": r"\bhf_[A-Za-z0-9]{30,64}",
        "npm_token": r"\bnpm_[A-Za-z0-9]{36}\b",
        "pypi_token": r"\bpypi-[A-Za-z0-9_-]{50,300}",
        "json_web_token": r"\beyJ[A-Za-z0-9_-]{10,2000}+\.eyJ[A-Za-z0-9_-]{10,8000}+\.[A-Za-z0-9_-]{10,2000}",
        "password_in_url": r"(?<=://)[^\s/:@'\"<>]{1,64}:[^\s/:@'\"<>]{3,128}(?=@[A-Za-z0-9])",
    }.items()
}
_HINTS: dict[str, tuple[str, ...]] = {
    "private_key": ("PRIVATE KEY-----",),
    "github_token": ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
    "gitlab_token": ("glpat-",),
    "aws_access_key": ("AKIA", "ASIA"),
    "slack_token": ("xox",),
    "google_api_key": ("AIza",),
    "model_api_key": ("sk-",),
    "stripe_key": ("k_live_",),
    "hub_token": ("hf_",),
    "npm_token": ("npm_",),
    "pypi_token": ("pypi-",),
    "json_web_token": ("eyJ",),
    "password_in_url": ("://",),
}
"""A text without these needs no search for the pattern: that is what makes a gigabyte quick."""
_ANY_HINT = re.compile("|".join(re.escape(hint) for hints in _HINTS.values() for hint in hints))
_SHORT = 64
_REMEMBERED = 50_000

_TRAILER = re.compile(
    r"(?m)^([ +-]{0,5}(?:Signed-off-by|Co-authored-by|Reviewed-by|Acked-by|Author|Committer): )([^<\n]{1,120}) (?=<)"
)
_DOMAIN = re.compile(r"@(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,24}\b")
_MAILBOX = re.compile(r"(?<![\w.+-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}\Z")
_HOME = re.compile(r"((?:/home|/Users)/)([A-Za-z][A-Za-z0-9._-]{0,40})(?=[/\s'\":]|$)")
_RESERVED = (".example", ".invalid", ".test", "example.com", "example.org", "example.net")
_NOBODY = frozenset({"user", "agent", "runner", "ubuntu", "node", "app", "vscode"})
_HALVES = re.compile("[\ud800-\udfff]")
_ADDRESS = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)")
_DOTTED = re.compile(r"\.\d{1,3}\.\d{1,3}")
_VERSION = re.compile(r"(?i)(?:version|release|[=~^<>v])[\"']?[\s:=]{0,3}[\"']?\Z")
"""Four numbers after these words are a release of something, and no machine."""
_RESOLVERS = frozenset({"1.1.1.1", "1.0.0.1", "8.8.8.8", "8.8.4.4", "9.9.9.9"})
_PHONE = re.compile(r"(?<![\w+./-])\+[1-9]\d{0,2}(?:[ .-]\(?\d{2,8}\)?){2,5}(?![\w-]|\.\d)")
_FAMILIES = (
    r"claude(?:[ -](?:code|opus|sonnet|haiku|instant|\d[\w.]*))*|gpt-?\d[\w.-]*|chatgpt|o[134]-(?:mini|preview|pro)|"
    r"codex|gemini[ -][\w.-]+|qwen[\w.-]*|deepseek[\w.-]*|llama-?\d[\w.-]*|mistral[\w.-]*|codestral[\w.-]*|"
    r"devstral[\w.-]*|kimi-?k\d[\w.-]*|glm-?\d[\w.-]*|grok-?\d[\w.-]*|opencode|copilot"
)
"""Names by which agents and models call themselves."""


class Scrubber:
    """Cleans values, and counts what it replaced by kind in ``counts``.

    :param models: names of agents and models to take out, those of the well-known families too; none when None.
    :param decisions: what people said of suspicious values, by id.
    :ivar held: suspicious values that nobody has decided on, by id.
    """

    def __init__(self, *, models: Iterable[str] | None = None, decisions: Mapping[str, Decision] | None = None) -> None:
        self.counts: Counter[str] = Counter()
        self.held: dict[str, Suspicion] = {}
        self._decisions = decisions or {}
        self._clean: set[str] = set()
        self._models: re.Pattern[str] | None = None
        if models is not None:
            names = [re.escape(name) for name in sorted(set(models), key=len, reverse=True) if len(name) > 2]
            self._models = re.compile(rf"(?i)(?<![\w-])(?:{'|'.join([*names, _FAMILIES])})(?![\w-])")

    def value(self, value: Any) -> Any:
        """The same JSON value with clean texts, keys of objects included."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(name): self.value(item) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(item) for item in value]
        return value

    def text(self, text: str) -> str:
        """One clean text."""
        if text in self._clean:
            return text
        clean = self._text(text)
        if len(text) <= _SHORT and clean is text and len(self._clean) < _REMEMBERED:
            self._clean.add(text)  # names of fields, of tools, of columns: the same thousands of times
        return clean

    def _text(self, text: str) -> str:
        try:
            text.encode()
        except UnicodeEncodeError:
            self.counts["half_character"] += len(_HALVES.findall(text))
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        if _ANY_HINT.search(text):
            for kind, hints in _HINTS.items():
                if any(hint in text for hint in hints):
                    text = self._replace(_SECRETS[kind], kind, text)
        if "-by: " in text or "Author: " in text or "Committer: " in text:
            text = _TRAILER.sub(self._trailer, text)
        if "@" in text:
            text = self._emails(text)
        if "/home/" in text or "/Users/" in text:
            text = _HOME.sub(self._home, text)
        if _DOTTED.search(text):
            text = _ADDRESS.sub(self._address, text)
        if "+" in text:
            text = _PHONE.sub(self._phone, text)
        if self._models is not None:
            text = self._models.sub(self._model, text)
        return self._suspect(text)

    def _suspect(self, text: str) -> str:
        parts, done = [], 0
        for suspicion, found in suspicions_in(text):
            decision = self._decisions.get(suspicion.id)
            if decision is None:
                self.held[suspicion.id] = suspicion
            elif decision == "redact":
                self.counts["by_decision"] += 1
                parts += [text[done : found.start(3)], f"[secret-{_digest(found.group(3))}]"]
                done = found.end(3)
        return "".join([*parts, text[done:]]) if parts else text

    def _replace(self, pattern: re.Pattern[str], kind: str, text: str) -> str:
        def marked(found: re.Match[str]) -> str:
            self.counts[kind] += 1
            return f"[{kind}-{_digest(found.group())}]"

        return pattern.sub(marked, text)

    def _trailer(self, found: re.Match[str]) -> str:
        self.counts["name_in_trailer"] += 1
        return f"{found.group(1)}Person {_digest(found.group(2))} "

    def _emails(self, text: str) -> str:
        """From each @ backwards: a search that begins at every word reads code ten times slower."""
        parts, done = [], 0
        for domain in _DOMAIN.finditer(text):
            mailbox = _MAILBOX.search(text, max(done, domain.start() - 66), domain.start())
            if mailbox is None:
                continue
            address = mailbox.group() + domain.group()
            if address.lower().endswith(_RESERVED):
                continue
            self.counts["email"] += 1
            parts += [text[done : mailbox.start()], f"person-{_digest(address.lower())}@example.com"]
            done = domain.end()
        return "".join([*parts, text[done:]])

    def _home(self, found: re.Match[str]) -> str:
        if found.group(2) in _NOBODY:
            return found.group()
        self.counts["home_folder"] += 1
        return f"{found.group(1)}user"

    def _address(self, found: re.Match[str]) -> str:
        address = found.group()
        try:
            public = ipaddress.IPv4Address(address).is_global
        except ValueError:
            return address
        if (
            not public
            or address in _RESOLVERS
            or _VERSION.search(found.string, max(0, found.start() - 16), found.start())
        ):
            return address
        self.counts["ip_address"] += 1
        return f"203.0.113.{int(_digest(address), 16) % 254 + 1}"

    def _phone(self, found: re.Match[str]) -> str:
        if sum(character.isdigit() for character in found.group()) < 9:
            return found.group()
        if found.string[found.start() - 1 : found.start()] in (
            "",
            "\n",
        ):  # an added line of a patch, with numbers first
            return found.group()
        self.counts["phone_number"] += 1
        return f"[phone-{_digest(found.group())}]"

    def _model(self, _found: re.Match[str]) -> str:
        self.counts["model_name"] += 1
        return "[model]"


def _digest(value: str) -> str:
    return hashlib.sha256(f"marlin-scrub\0{value}".encode()).hexdigest()[:8]
