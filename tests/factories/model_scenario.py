"""What a scripted model says: scenarios, and how a request's conversation chooses the next step of one.

A :class:`Scenario` is a list of turns (one per user prompt), a turn is a list of steps (one per model call), a step is
a list of actions. The server keeps no conversation: like a real model it sees only the request, so a resumed agent
session, a copied HOME or a second process all continue where the conversation stands.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

FaultKind = Literal[
    "unauthorized",
    "rate_limited",
    "server_error",
    "overloaded",
    "context_length",
    "model_not_found",
    "html_error",
    "slow_first_byte",
    "stall_mid_stream",
    "reset_mid_stream",
    "reset_before_response",
]


@dataclass(frozen=True)
class Text:
    """The assistant says ``text``."""

    text: str


@dataclass(frozen=True)
class Thinking:
    """The assistant reasons (a thinking block, or ``reasoning_content``, or a reasoning summary)."""

    text: str


@dataclass(frozen=True)
class Refusal:
    """The model declines (``stop_reason: refusal``; OpenAI's ``refusal``)."""

    text: str


@dataclass(frozen=True)
class ToolCall:
    """Call the tool ``name`` exactly like this."""

    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Shell:
    """Run a shell command, with whatever the agent calls its shell tool."""

    command: str


@dataclass(frozen=True)
class ReadFile:
    """Read a file with the agent's own tool, else with ``cat``."""

    path: str


@dataclass(frozen=True)
class WriteFile:
    """Write a file with the agent's own tool, else with its shell."""

    path: str
    content: str


@dataclass(frozen=True)
class EditFile:
    """Replace ``old`` by ``new`` with the agent's own tool (most want a :class:`ReadFile` before), else its shell."""

    path: str
    old: str
    new: str


@dataclass(frozen=True)
class Fault:
    """The upstream fails.

    :ivar seconds: how long to be silent (slow_first_byte, stall_mid_stream), or the retry-after of rate_limited.
    :ivar times: how often, before the rest of the step is answered normally; None is always.
    """

    kind: FaultKind
    seconds: float = 0.0
    times: int | None = 1


Action = Text | Thinking | Refusal | ToolCall | Shell | ReadFile | WriteFile | EditFile | Fault
Step = Sequence[Action]


@dataclass(frozen=True)
class Turn:
    """What the model does after one user prompt.

    :ivar when: text that must occur in the last prompt; turns without it are taken in order, by the prompts' count.
    """

    steps: Sequence[Step]
    when: str | None = None


@dataclass(frozen=True)
class Scenario:
    """Everything the model will say.

    :ivar otherwise: the answer to prompts beyond the list.
    :ivar side_text: the answer to requests that offer no tools though the step needs one (titles, summaries, probes).
    """

    turns: Sequence[Turn]
    otherwise: Step = (Text("There is nothing left to do."),)
    side_text: str = "Scripted session"


@dataclass(frozen=True)
class Tool:
    """A tool as the request offers it."""

    name: str
    properties: Mapping[str, Any] = field(default_factory=dict)
    required: Sequence[str] = ()
    kind: str = "function"


@dataclass
class Conversation:
    """What a request says about where the conversation stands."""

    prompts: list[str] = field(default_factory=list)
    results: int = 0
    """Tool results since the last user prompt."""
    tools: list[Tool] = field(default_factory=list)
    _in_prompt: bool = False

    def says_user(self, text: str) -> None:
        """A user's message. Neighbouring ones are one prompt; injected reminders are none."""
        if not re.sub(r"<system-reminder>.*?</system-reminder>", "", text, flags=re.DOTALL).strip():
            return
        if self._in_prompt:
            self.prompts[-1] += "\n" + text
        else:
            self.prompts.append(text)
            self.results = 0
        self._in_prompt = True

    def says_assistant(self) -> None:
        """An assistant's message."""
        self._in_prompt = False

    def has_results(self, count: int = 1) -> None:
        """Tool results came in."""
        self._in_prompt = False
        self.results += count


def choose(scenario: Scenario, conversation: Conversation) -> tuple[tuple[int, int], Step]:
    """The key (turn, step) and the step that comes next in this conversation."""
    position, turn = _turn(scenario, conversation)
    if turn is None:
        return (position, 0), scenario.otherwise
    if not conversation.tools and any(_is_call(action) for step in turn.steps for action in step):
        return (-1, 0), (Text(scenario.side_text),)
    called = 0
    for index, step in enumerate(turn.steps):
        if called >= conversation.results:
            return (position, index), step
        called += sum(1 for action in step if _is_call(action))
    return (position, len(turn.steps)), (Text("Done."),)


def _turn(scenario: Scenario, conversation: Conversation) -> tuple[int, Turn | None]:
    last = conversation.prompts[-1] if conversation.prompts else ""
    for index, turn in enumerate(scenario.turns):
        if turn.when is not None and turn.when in last:
            return index, turn
    index = max(0, len(conversation.prompts) - 1)
    if index < len(scenario.turns) and scenario.turns[index].when is None:
        return index, scenario.turns[index]
    return len(scenario.turns), None


def _is_call(action: Action) -> bool:
    return isinstance(action, ToolCall | Shell | ReadFile | WriteFile | EditFile)


# The agents' own tools, most specific first: (names, argument for path, further arguments)
_SHELLS = ("Bash", "bash", "shell_command", "exec_command", "run_shell_command", "shell", "local_shell")
_READERS = ("Read", "read", "read_file")
_WRITERS = ("Write", "write", "write_file")
_EDITORS = ("Edit", "edit", "replace", "edit_file", "str_replace")


def as_tool_call(action: Action, tools: Sequence[Tool]) -> ToolCall:
    """Say a neutral action with the tools that this agent offers.

    :raises LookupError: the agent offers neither such a tool nor a shell.
    """
    match action:
        case ToolCall():
            return action
        case Shell(command):
            return _shell(command, tools)
        case ReadFile(path):
            tool = _find(tools, _READERS)
            return _file_call(tool, path, {}) if tool else _shell(f"cat {_quoted(path)}", tools)
        case WriteFile(path, content):
            tool = _find(tools, _WRITERS)
            if tool:
                return _file_call(tool, path, {"content": content})
            data = base64.b64encode(content.encode()).decode()
            return _shell(f'mkdir -p "$(dirname {_quoted(path)})" && echo {data} | base64 -d > {_quoted(path)}', tools)
        case EditFile(path, old, new):
            tool = _find(tools, _EDITORS)
            if tool:
                return _file_call(tool, path, {"old_string": old, "new_string": new})
            script = f"p={path!r};s=open(p).read();assert {old!r} in s;open(p,'w').write(s.replace({old!r},{new!r},1))"
            data = base64.b64encode(script.encode()).decode()
            return _shell(f"echo {data} | base64 -d | python3 -", tools)
    raise LookupError(f"{action!r} is not a tool call")


def _find(tools: Sequence[Tool], names: Sequence[str]) -> Tool | None:
    by_name = {tool.name: tool for tool in tools}
    return next((by_name[name] for name in names if name in by_name), None)


def _file_call(tool: Tool, path: str, values: Mapping[str, str]) -> ToolCall:
    arguments: dict[str, Any] = {}
    for name in ("file_path", "filePath", "path", "absolute_path"):
        if name in tool.properties:
            arguments[name] = path
            break
    for name, value in values.items():
        camel = re.sub(r"_(\w)", lambda found: found[1].upper(), name)
        arguments[camel if camel in tool.properties else name] = value
    return ToolCall(tool.name, arguments)


def _shell(command: str, tools: Sequence[Tool]) -> ToolCall:
    tool = _find(tools, _SHELLS)
    if tool is None:
        raise LookupError(f"the agent offers no shell, only {[tool.name for tool in tools]}")
    if tool.kind == "local_shell":
        return ToolCall("local_shell", {"command": ["bash", "-lc", command]})
    name = "cmd" if "cmd" in tool.properties else "command"
    shape = tool.properties.get(name)
    is_list = isinstance(shape, dict) and shape.get("type") == "array"
    arguments: dict[str, Any] = {name: ["bash", "-lc", command] if is_list else command}
    if "description" in tool.properties:
        arguments["description"] = "Run a command"
    return ToolCall(tool.name, arguments)


def _quoted(path: str) -> str:
    return "'" + path.replace("'", "'\\''") + "'"
