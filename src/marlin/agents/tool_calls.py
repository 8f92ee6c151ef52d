"""What a raw ACP tool call says, in words that are the same whichever agent made it. Pure."""

from __future__ import annotations

import difflib
import json
import re
import shlex
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Literal, get_args

from marlin.sandboxes import HOME, WORKSPACE

from .conversation import REMINDER
from .events import Location

Tool = Literal["read", "edit", "delete", "move", "search", "execute", "think", "fetch", "other"]

_TOOLS: frozenset[str] = frozenset(get_args(Tool))
_TITLE_LENGTH = 120
_INPUT_LENGTH = 16 * 1024
_TERMINAL_LENGTH = 1024 * 1024
_PATCH_LINES = 2_000
"""Longer texts get no patch here: the snapshot's diff has it, and difflib takes quadratic time."""

_MOST_LOCATIONS = 50
_MOST_DIFFS = 50
_KEPT_CHARACTERS = 1024 * 1024
_KEPT_NODES = 5_000
_KEPT_DEPTH = 32

TERMINAL = "terminal output"
"""Key under which :func:`add_terminal_output` collects what came in pieces."""

_COMMAND_KEYS = ("command", "cmd", "script")
_PATH_KEYS = ("file_path", "filePath", "path", "filename", "notebook_path", "abs_path", "target_file")
_PATTERN_KEYS = ("pattern", "query", "regex", "glob")
_CONTENT_KEYS = (
    "content",
    "new_string",
    "newString",
    "old_string",
    "oldString",
    "edits",
    "changes",
    "patch",
    "new_text",
)
_HARNESS_TAGS = re.compile(r"(?:(?<!\s)\s++)?</?(?:tool_use_error|shell_metadata|bash_metadata)>")
_FENCE = re.compile(r"\A(`{3,16})[\w-]*\n(.*?)\n?\1\s*\Z", re.DOTALL)
_SHELL = re.compile(r"^(?:/\S*/)?(?:ba|z|da)?sh$")


@dataclass(frozen=True, slots=True)
class Described:
    """A tool call in neutral words."""

    title: str
    tool: Tool
    input: str
    locations: list[Location]
    in_repository: bool
    """Title and input are nothing but a path in the repository: content, which is never redacted."""


def describe(raw: dict[str, Any]) -> Described:
    """Title, kind and input of a call, from its kind, input and locations."""
    arguments = raw.get("rawInput")
    given: dict[str, Any] = arguments if isinstance(arguments, dict) else {}
    locations = _locations(raw)
    command = _command(given)
    path = _first(given, _PATH_KEYS) or next((item["path"] for item in _diffs(raw)), None)
    if path is None and locations:
        path = str(WORKSPACE / locations[0].path)
    tool = _tool(raw, given, command=command, path=path)
    if tool == "execute" and command:
        return Described(f"Run: {_headline(command)}", tool, _cut(command), locations, False)
    if tool == "search":
        pattern = _first(given, _PATTERN_KEYS) or path or ""
        return Described(f"Search: {_headline(pattern)}".rstrip(": "), tool, _cut(pattern), locations, False)
    if tool == "fetch":
        url = _first(given, ("url", "uri", "query")) or ""
        return Described(f"Fetch: {_headline(url)}".rstrip(": "), tool, _cut(url), locations, False)
    if tool in ("read", "edit", "delete", "move") and path:
        shown = relative(path)
        inside = not shown.startswith(("/", "~"))
        return Described(f"{tool.capitalize()} {_headline(shown)}", tool, shown, locations, inside)
    if tool == "think":
        return Described("Think", tool, "", locations, False)
    if tool == "execute":
        return Described("Run a command", tool, "", locations, False)
    text = json.dumps(given, ensure_ascii=False, sort_keys=True) if given else ""
    words = {"read": "Read a file", "edit": "Edit a file", "delete": "Delete a file", "move": "Move a file"}
    return Described(words.get(tool, "Use a tool"), tool, _cut(text), locations, False)


def output_of(raw: dict[str, Any]) -> str:
    """The text that a call has put out so far, without the harness's own wrapping."""
    arguments = raw.get("rawInput")
    description = arguments.get("description") if isinstance(arguments, dict) else None
    bodies = [item["content"] for item in _contents(raw) if item.get("type") == "content" and "content" in item]
    texts = [body["text"] for body in bodies if isinstance(body, dict) and isinstance(body.get("text"), str)]
    # What the agent says about the call is not its output.
    text = "\n".join(part for part in texts if part != description) or raw.get(TERMINAL, "")
    if not text and not _diffs(raw):
        text = _raw_output(raw.get("rawOutput"))
    text = REMINDER.sub("", text)
    fenced = _FENCE.match(text)
    if fenced and fenced[1] not in fenced[2]:
        text = fenced[2]
    return _HARNESS_TAGS.sub("", text)


def add_terminal_output(raw: dict[str, Any], update: dict[str, Any]) -> None:
    """Collect output that comes as ``_meta.terminal_output_delta`` or ``_meta.terminal_output``, not as content.

    These two are all that is ever read from a ``_meta``.
    """
    meta = update.get("_meta")
    if not isinstance(meta, dict):
        return
    delta, whole = meta.get("terminal_output_delta"), meta.get("terminal_output")
    if isinstance(delta, dict) and isinstance(delta.get("data"), str):
        raw[TERMINAL] = (raw.get(TERMINAL, "") + delta["data"])[:_TERMINAL_LENGTH]
    elif isinstance(whole, dict) and isinstance(whole.get("data"), str):
        raw[TERMINAL] = whole["data"][:_TERMINAL_LENGTH]


def has_arguments(raw: dict[str, Any]) -> bool:
    """Whether the call's arguments have begun to arrive."""
    arguments = raw.get("rawInput")
    return bool(set(arguments) - {"cwd"}) if isinstance(arguments, dict) else bool(arguments)


def bounded(value: Any) -> Any:
    """``value`` without what exceeds a call's share of memory and time.

    An agent says it once; we keep it, describe it and compare it with each update of the call.
    """
    nodes, characters = _KEPT_NODES, _KEPT_CHARACTERS

    def keep(item: Any, depth: int) -> Any:
        nonlocal nodes, characters
        nodes -= 1
        if isinstance(item, str):
            kept = item[: max(0, characters)]
            characters -= len(kept)
            return kept
        if isinstance(item, (dict, list)) and depth >= _KEPT_DEPTH:
            return None
        if isinstance(item, list):
            return [keep(each, depth + 1) for each in item[: max(0, nodes)] if nodes > 0]
        if isinstance(item, dict):
            return {keep(name, depth): keep(each, depth + 1) for name, each in item.items() if nodes > 0}
        return item

    return keep(value, 0)


def patch_of(raw: dict[str, Any]) -> str:
    """A unified diff of the changes that a call reports; empty when there are none, or they are large."""
    patches = []
    for item in _diffs(raw) or _edits(raw):
        old, new = item.get("oldText") or "", item.get("newText") or ""
        if not isinstance(old, str) or not isinstance(new, str) or old == new:
            continue
        if len(old) + len(new) >= _KEPT_CHARACTERS:
            continue  # perhaps not all of it
        before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
        if len(before) > _PATCH_LINES or len(after) > _PATCH_LINES:
            continue
        path = relative(item["path"])
        if path.startswith(("/", "~")):
            continue  # plans and notes in the agent's own folders: not a change of the repository
        lines = difflib.unified_diff(before, after, f"a/{path}" if old else "/dev/null", f"b/{path}")
        patches.append(
            "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
        )
    return "".join(patches)


def relative(path: str) -> str:
    """A path as shown: relative to the workspace, ``~/…`` in HOME, absolute elsewhere."""
    path = path.removeprefix("file://")
    pure = PurePosixPath(path)
    if not pure.is_absolute():
        return str(pure)
    if pure.is_relative_to(WORKSPACE):
        return str(pure.relative_to(WORKSPACE))
    if pure.is_relative_to(HOME):
        return f"~/{pure.relative_to(HOME)}"
    return str(pure)


def _tool(raw: dict[str, Any], given: dict[str, Any], *, command: str | None, path: str | None) -> Tool:
    kind = raw.get("kind")
    if kind in _TOOLS and kind != "other":
        return kind  # type: ignore[no-any-return]
    if command:
        return "execute"
    if _diffs(raw) or (path and any(key in given for key in _CONTENT_KEYS)):
        return "edit"
    if _first(given, _PATTERN_KEYS):
        return "search"
    if _first(given, ("url", "uri")):
        return "fetch"
    return "read" if path and _first(given, _PATH_KEYS) else "other"


def _command(given: dict[str, Any]) -> str | None:
    for key in _COMMAND_KEYS:
        value = given.get(key)
        if isinstance(value, str) and value.strip():
            try:
                words = shlex.split(value) if re.match(r"^\S*sh -l?c ", value) else []
            except ValueError:
                words = []
            return _unwrap(words) or value
        if isinstance(value, list) and value:
            words = [str(word) for word in value]
            return _unwrap(words) or shlex.join(words)
    return None


def _unwrap(words: list[str]) -> str | None:
    """``bash -lc COMMAND`` says no more than COMMAND."""
    if len(words) == 3 and _SHELL.match(words[0]) and words[1] in ("-c", "-lc"):
        return words[2]
    return None


def _first(given: dict[str, Any], keys: tuple[str, ...]) -> str | None:
    return next((given[key] for key in keys if isinstance(given.get(key), str) and given[key]), None)


def _contents(raw: dict[str, Any]) -> list[dict[str, Any]]:
    content = raw.get("content")
    return [item for item in content if isinstance(item, dict)] if isinstance(content, list) else []


def _diffs(raw: dict[str, Any]) -> list[dict[str, Any]]:
    found = [item for item in _contents(raw) if item.get("type") == "diff" and isinstance(item.get("path"), str)]
    return found[:_MOST_DIFFS]


def _edits(raw: dict[str, Any]) -> list[dict[str, Any]]:
    """The change that an edit's arguments describe, for agents that send no diff."""
    given = raw.get("rawInput")
    if raw.get("kind") != "edit" or not isinstance(given, dict):
        return []
    path, new = _first(given, _PATH_KEYS), _first(given, ("new_string", "newString", "content"))
    if path is None or new is None:
        return []
    return [{"path": path, "oldText": _first(given, ("old_string", "oldString")), "newText": new}]


def _locations(raw: dict[str, Any]) -> list[Location]:
    found = []
    given = raw.get("locations")
    for item in given[:_MOST_LOCATIONS] if isinstance(given, list) else []:
        if isinstance(item, dict) and isinstance(item.get("path"), str):
            path = relative(item["path"])
            line = item.get("line")
            if not path.startswith(("/", "~")) and path != ".":
                found.append(Location(path=path, line=line if isinstance(line, int) else None))
    return found


def _raw_output(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        for key in ("output", "formatted_output", "aggregated_output", "stdout", "error"):
            if isinstance(value.get(key), str) and value[key]:
                return str(value[key])
    return ""


def _headline(text: str) -> str:
    line = text.strip().split("\n", 1)[0]
    return line if len(line) <= _TITLE_LENGTH and line == text.strip() else line[: _TITLE_LENGTH - 1] + "…"


def _cut(text: str) -> str:
    return text if len(text) <= _INPUT_LENGTH else text[: _INPUT_LENGTH - 1] + "…"
