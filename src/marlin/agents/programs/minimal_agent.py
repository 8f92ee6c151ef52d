"""A minimal coding agent for small models: short prompt, four tools, any OpenAI-compatible chat endpoint, ACP on stdio.

Settings: ``MARLIN_BASE_URL`` (ends in /v1), ``MARLIN_API_KEY``, ``MARLIN_MODEL``, ``MARLIN_MAX_STEPS`` (100).
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import socket
import time
from urllib.parse import urlsplit

from acp_server import Cancelled, RequestFailed, Server, shorten

SYSTEM = """You are a careful software engineer working in the repository at {cwd}.
Do what the user asks, completely, and nothing else. Prefer the smallest change that a reviewer would approve: simple,
readable, in the style of the code around it.

How to work:
1. Look first: use bash (ls, grep, git log) and read to find the code that matters.
2. Change files with edit (replaces one exact text) or write (whole new file).
3. Check your work: run the tests or the program with bash, and read your own diff with `git diff`.
4. When it is done, say in a few sentences what you changed and why, without calling a tool.

Rules: never invent file contents or results. If a tool fails, read the error and try another way. There is no network.
Nobody answers questions while you work: decide, and say what you assumed."""

TOOLS = [
    (
        "bash",
        "Run a shell command in the repository. Returns output and exit code.",
        {"command": "The command", "timeout": "Seconds before it is stopped; default 120"},
        ["command"],
    ),
    (
        "read",
        "Read a text file, with line numbers.",
        {"path": "Path in the repository", "start": "First line, from 1", "lines": "How many; default 400"},
        ["path"],
    ),
    ("write", "Write a whole file.", {"path": "Path", "content": "All of its new text"}, ["path", "content"]),
    (
        "edit",
        "Replace text in a file. `old` must occur exactly once.",
        {"path": "Path", "old": "Exact text to replace, with its indentation", "new": "Text to put there"},
        ["path", "old", "new"],
    ),
]
NUMBERS = {"timeout", "start", "lines"}
RESULT_LIMIT = 16_000
TRIES = 4
CONTEXT = re.compile(
    r"context[_ ](?:length|window|size)|maximum context|too many tokens|prompt is too long", re.IGNORECASE
)


class ContextFull(Exception):
    """The conversation no longer fits."""


def tool_definitions():
    """The tools as the chat API wants them."""
    definitions = []
    for name, description, parameters, required in TOOLS:
        properties = {
            key: {"type": "integer" if key in NUMBERS else "string", "description": text}
            for key, text in parameters.items()
        }
        schema = {"type": "object", "properties": properties, "required": required}
        function = {"name": name, "description": description, "parameters": schema}
        definitions.append({"type": "function", "function": function})
    return definitions


class Endpoint:
    """One chat completions endpoint."""

    def __init__(self):
        self.url = urlsplit(os.environ.get("MARLIN_BASE_URL", "http://127.0.0.1:8080/v1").rstrip("/"))
        self.key = os.environ.get("MARLIN_API_KEY", "")
        self.model = os.environ.get("MARLIN_MODEL", "minimal")

    def stream(self, session, messages):
        """Yield the choices' deltas of one call; retries what may pass (429, 5xx, connection refused)."""
        body = json.dumps(
            {"model": self.model, "messages": messages, "tools": tool_definitions(), "stream": True}
        ).encode()
        for attempt in range(1, TRIES + 1):
            session.check()
            kind = http.client.HTTPSConnection if self.url.scheme == "https" else http.client.HTTPConnection
            connection = kind(self.url.hostname, self.url.port, timeout=600)
            session.on_cancel = lambda used=connection: hang_up(used)
            try:
                headers = {"content-type": "application/json", "authorization": f"Bearer {self.key}"}
                connection.request("POST", f"{self.url.path}/chat/completions", body, headers)
                response = connection.getresponse()
                if response.status == 200:
                    yield from self.deltas(session, response)
                    return
                self.refuse_or_wait(session, response, attempt)
            except OSError as error:
                session.check()
                if attempt == TRIES:
                    raise RequestFailed(-32603, f"connection error: {error}") from None
                session.pause(0.5 * 2**attempt)
            except http.client.HTTPException as error:
                session.check()
                raise RequestFailed(-32603, f"connection error: the stream broke off ({error!r})") from None
            finally:
                session.on_cancel = None
                connection.close()

    def refuse_or_wait(self, session, response, attempt):
        """Raise what an error status means, or wait before the next attempt."""
        text = response.read(20_000).decode("utf-8", "replace")
        if response.status in (400, 413, 422) and CONTEXT.search(text):
            raise ContextFull
        if (response.status not in (408, 409, 429) and response.status < 500) or attempt == TRIES:
            raise RequestFailed(-32603, f"API error: HTTP {response.status}: {text[:1000]}")
        with contextlib.suppress(ValueError):
            session.pause(min(30.0, float(response.headers.get("retry-after") or 0.5 * 2**attempt)))

    def deltas(self, session, response):
        """Parse server-sent events."""
        if "text/event-stream" not in response.headers.get("content-type", ""):
            choice = json.loads(response.read())["choices"][0]
            calls = [dict(call, index=number) for number, call in enumerate(choice["message"].get("tool_calls") or [])]
            yield {"delta": {**choice["message"], "tool_calls": calls}, "finish_reason": choice.get("finish_reason")}
            return
        finished = False
        for line in response:
            session.check()
            if not line.startswith(b"data:"):
                continue
            data = line[5:].strip()
            if data == b"[DONE]":
                return
            event = json.loads(data)
            if event.get("error"):
                if CONTEXT.search(json.dumps(event["error"])):
                    raise ContextFull
                raise RequestFailed(-32603, f"API error: {json.dumps(event['error'])[:1000]}")
            for choice in (event.get("choices") or [])[:1]:
                finished = finished or bool(choice.get("finish_reason"))
                yield choice
        session.check()
        if not finished:
            raise RequestFailed(-32603, "connection error: the stream ended before the answer was complete")


class Agent:
    """The loop: ask the model, run its tools, until it answers without one."""

    def __init__(self):
        self.endpoint = Endpoint()
        self.most_steps = int(os.environ.get("MARLIN_MAX_STEPS", "100"))
        self.server = Server("minimal-agent", self.run_turn)

    def run_turn(self, session, text):
        """One prompt; its stop reason."""
        messages = session.state.setdefault("messages", [])
        if not messages:
            messages.append({"role": "system", "content": SYSTEM.format(cwd=session.cwd)})
        messages.append({"role": "user", "content": text})
        session.save()
        for _ in range(self.most_steps):
            try:
                message, finish = self.ask(session, messages)
            except ContextFull:
                return "max_tokens"
            messages.append(message)
            calls = message.get("tool_calls", [])
            self.run_calls(session, messages, calls)
            session.save()
            if finish == "content_filter":
                return "refusal"
            if not calls:
                return "max_tokens" if finish == "length" else "end_turn"
        return "max_turn_requests"

    def ask(self, session, messages):
        """One model call, streamed to the client; the assistant's message and its finish reason."""
        text, calls, finish = "", {}, None
        message_id = f"msg-{time.monotonic_ns()}"
        for choice in self.endpoint.stream(session, messages):
            delta = choice.get("delta") or {}
            finish = choice.get("finish_reason") or finish
            thought = delta.get("reasoning_content") or delta.get("reasoning")
            if thought:
                self.say(session, "agent_thought_chunk", message_id, thought)
            if delta.get("content"):
                text += delta["content"]
                self.say(session, "agent_message_chunk", message_id, delta["content"])
            for part in delta.get("tool_calls") or []:
                call = calls.setdefault(part.get("index", 0), {"id": "", "name": "", "arguments": ""})
                function = part.get("function") or {}
                call["id"] = part.get("id") or call["id"]
                call["name"] += function.get("name") or ""
                call["arguments"] += function.get("arguments") or ""
        message = {"role": "assistant", "content": text or None}
        if calls:
            message["tool_calls"] = [
                {
                    "id": call["id"] or f"call_{number}",
                    "type": "function",
                    "function": {"name": call["name"], "arguments": call["arguments"] or "{}"},
                }
                for number, call in sorted(calls.items())
            ]
        elif not text:
            message["content"] = ""
        return message, finish

    def say(self, session, kind, message_id, text):
        """Pass text on."""
        session.update(kind, messageId=message_id, content={"type": "text", "text": text})

    def run_calls(self, session, messages, calls):
        """Run the tools; every call gets a result, also when the turn is cancelled, so that history stays valid."""
        for number, call in enumerate(calls):
            try:
                result = self.run_call(session, call)
            except Cancelled:
                for left in calls[number:]:
                    messages.append({"role": "tool", "tool_call_id": left["id"], "content": "cancelled by the user"})
                session.save()
                raise
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})

    def run_call(self, session, call):
        """Run one tool; its result as text."""
        name = call["function"]["name"]
        try:
            given = json.loads(call["function"]["arguments"])
            if not isinstance(given, dict):
                raise ValueError("arguments must be an object")
        except ValueError as error:
            # The history must stay valid JSON for the endpoint.
            call["function"]["arguments"] = "{}"
            return f"error: the arguments are not valid JSON ({error})"
        tool = {"bash": self.bash, "read": self.read, "write": self.write, "edit": self.edit}.get(name)
        if tool is None:
            return f"error: there is no tool named {name!r}; use bash, read, write or edit"
        kind = {"bash": "execute", "read": "read"}.get(name, "edit")
        locations = [str(given["path"])] if "path" in given else []
        call_id = session.call(name, kind, given, locations)
        try:
            ok, result, diff = tool(session, call_id, given)
        except (KeyError, TypeError, ValueError, OSError) as error:
            ok, result, diff = False, f"error: {type(error).__name__}: {error}", None
        session.end_call(call_id, ok, "" if diff else result, diff)
        return result

    def bash(self, session, call_id, given):
        """Run a command."""
        limit = max(1, min(int(given.get("timeout") or 120), 600))
        code, output = session.shell(str(given["command"]), limit, call_id)
        output = shorten(output.encode("utf-8", "replace"), RESULT_LIMIT)
        if code is None:
            return False, f"{output}\n[stopped after {limit} s]", None
        return code == 0, f"{output}\n[exit code {code}]", None

    def read(self, session, _call_id, given):
        """Read part of a file."""
        lines = session.absolute(given["path"]).read_text(encoding="utf-8", errors="replace").splitlines()
        start = max(1, int(given.get("start") or 1))
        count = max(1, int(given.get("lines") or 400))
        part = [f"{number}\t{line}" for number, line in enumerate(lines[start - 1 : start - 1 + count], start)]
        left = len(lines) - (start - 1 + len(part))
        if left > 0:
            part.append(f"[{left} more lines]")
        return True, shorten("\n".join(part).encode(), RESULT_LIMIT) or "[the file is empty]", None

    def write(self, session, _call_id, given):
        """Write a file."""
        path = session.absolute(given["path"])
        old = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(given["content"]), encoding="utf-8")
        return True, f"wrote {given['path']}", {"path": str(path), "oldText": old, "newText": str(given["content"])}

    def edit(self, session, _call_id, given):
        """Replace one exact text."""
        path = session.absolute(given["path"])
        before, old, new = path.read_text(encoding="utf-8"), str(given["old"]), str(given["new"])
        count = before.count(old) if old else 0
        if count != 1:
            return False, f"error: `old` occurs {count} times in {given['path']}; it must occur exactly once", None
        path.write_text(before.replace(old, new), encoding="utf-8")
        return True, f"edited {given['path']}", {"path": str(path), "oldText": old, "newText": new}


def hang_up(connection):
    """Wake a thread that waits for this connection."""
    if connection.sock:
        with contextlib.suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)


if __name__ == "__main__":
    Agent().server.serve()
