"""The agent's end of ACP v1 over stdio, for the agents that Marlin ships. Standard library only; runs in the sandbox.

Sessions are files in HOME, so that a new process, or a copy of HOME elsewhere, goes on where the last one stopped.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

MAX_OUTPUT = 64 * 1024


class Cancelled(Exception):
    """The client cancelled the turn."""


class RequestFailed(Exception):
    """The answer to a request is a JSON-RPC error."""

    def __init__(self, code, message, data=None):
        super().__init__(message)
        self.code = code
        self.data = data


class Session:
    """One conversation: its stored state, and the tools that work on the workspace."""

    def __init__(self, server, session_id, cwd, folder):
        self.server = server
        self.id = session_id
        self.cwd = cwd
        self.path = folder / f"{session_id}.json"
        self.state = {"cwd": cwd, "updates": []}
        self.cancelled = threading.Event()
        self.on_cancel = None
        self.running = None

    def save(self):
        """Write the state so that a kill at any moment leaves the old or the new one."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.path.with_suffix(".new")
        temporary.write_text(json.dumps(self.state), encoding="utf-8")
        os.replace(temporary, self.path)

    def update(self, update_kind, *, keep=True, **fields):
        """Send a ``session/update`` and remember it for replay."""
        update = {"sessionUpdate": update_kind, **fields}
        if keep:
            self.state["updates"].append(update)
        self.server.notify("session/update", {"sessionId": self.id, "update": update})

    def check(self):
        """Raise :class:`Cancelled` once the client cancelled."""
        if self.cancelled.is_set():
            raise Cancelled

    def pause(self, seconds):
        """Sleep, unless the turn is cancelled meanwhile."""
        if seconds > 0 and self.cancelled.wait(seconds):
            raise Cancelled

    def call(self, title, kind, raw_input, locations=()):
        """Announce a tool call; its id."""
        call_id = f"call-{uuid.uuid4().hex[:12]}"
        self.update(
            "tool_call",
            toolCallId=call_id,
            title=title,
            kind=kind,
            status="in_progress",
            rawInput=raw_input,
            locations=[{"path": str(self.absolute(path))} for path in locations],
        )
        return call_id

    def end_call(self, call_id, ok, text="", diff=None):
        """Report how a tool call ended."""
        content = []
        if diff:
            content.append({"type": "diff", **diff})
        if text:
            content.append({"type": "content", "content": {"type": "text", "text": text}})
        self.update("tool_call_update", toolCallId=call_id, status="completed" if ok else "failed", content=content)

    def absolute(self, path):
        """A path relative to the workspace, made absolute."""
        return Path(self.cwd) / path

    def shell(self, command, timeout, call_id=None):
        """Run a command, streaming its output into the call; (exit code or None at the time limit, output)."""
        process = subprocess.Popen(  # noqa: S602 - running shell commands is an agent's work; the sandbox is the fence
            command,
            shell=True,
            cwd=self.cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.running = process
        collected = []
        reader = threading.Thread(target=self._collect, args=(process, collected), daemon=True)
        reader.start()
        deadline = time.monotonic() + timeout
        shown = 0
        try:
            while process.poll() is None:
                self.cancelled.wait(0.05)
                self.check()
                if time.monotonic() > deadline:
                    kill_group(process)
                    return None, shorten(b"".join(collected))
                size = sum(map(len, collected))
                if call_id and size > shown and size <= MAX_OUTPUT:
                    shown = size
                    text = b"".join(collected).decode("utf-8", "replace")
                    content = [{"type": "content", "content": {"type": "text", "text": text}}]
                    self.update(
                        "tool_call_update", keep=False, toolCallId=call_id, status="in_progress", content=content
                    )
        except Cancelled:
            kill_group(process)
            raise
        finally:
            self.running = None
        reader.join(1.0)  # a process left in the background may hold the pipe open
        return process.returncode, shorten(b"".join(collected))

    @staticmethod
    def _collect(process, collected):
        size = 0
        while chunk := os.read(process.stdout.fileno(), 65536):
            size += len(chunk)
            if size < 16 * 1024 * 1024:
                collected.append(chunk)


class Server:
    """Reads requests from stdin and runs each prompt in a thread of its own.

    :param name: the folder of the sessions in HOME.
    :param run_turn: called with a session and the prompt's text; returns the stop reason.
    """

    def __init__(self, name, run_turn):
        self.name = name
        self.run_turn = run_turn
        self.folder = Path(os.environ.get("HOME", "/tmp")) / ".local" / "state" / name / "sessions"
        self.sessions = {}
        self.lock = threading.Lock()
        self.waiting = {}
        self.next_id = 0
        self.ignore_cancel = False

    def write(self, message):
        """Send one message."""
        line = json.dumps(message, ensure_ascii=True).encode() + b"\n"
        with self.lock:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()

    def notify(self, method, params):
        """Send a notification."""
        self.write({"jsonrpc": "2.0", "method": method, "params": params})

    def request(self, method, params):
        """Ask the client and wait for the answer."""
        with self.lock:
            self.next_id += 1
            request_id = f"agent-{self.next_id}"
            arrived = threading.Event()
            self.waiting[request_id] = [arrived, None]
        self.write({"jsonrpc": "2.0", "id": request_id, "method": method, "params": params})
        arrived.wait()
        return self.waiting.pop(request_id)[1]

    def serve(self):
        """Until stdin ends."""
        signal.signal(signal.SIGTERM, lambda *_: self.stop())
        for line in sys.stdin.buffer:
            with contextlib.suppress(ValueError):
                self.dispatch(json.loads(line))
        self.stop()

    def stop(self):
        """End the commands that still run, and the process."""
        for session in self.sessions.values():
            if session.running:
                kill_group(session.running)
        os._exit(0)

    def dispatch(self, message):
        """Act on one message."""
        method = message.get("method")
        if method is None:
            entry = self.waiting.get(message.get("id"))
            if entry:
                entry[1] = message.get("result") or {}
                entry[0].set()
            return
        params = message.get("params") or {}
        if method == "session/cancel":
            session = self.sessions.get(params.get("sessionId"))
            if session and not self.ignore_cancel:
                session.cancelled.set()
                if session.on_cancel:
                    session.on_cancel()
            return
        if method == "session/prompt":
            threading.Thread(target=self.answer, args=(message, self.prompt), daemon=True).start()
            return
        handlers = {
            "initialize": self.initialize,
            "session/new": self.new_session,
            "session/load": self.load_session,
            "session/resume": self.resume_session,
        }
        if "id" in message:
            self.answer(message, handlers.get(method))

    def answer(self, message, handler):
        """Run a handler and send what it returns."""
        reply = {"jsonrpc": "2.0", "id": message["id"]}
        try:
            if handler is None:
                raise RequestFailed(-32601, f"Method not found: {message['method']}")
            reply["result"] = handler(message.get("params") or {})
        except RequestFailed as error:
            reply["error"] = {"code": error.code, "message": str(error), "data": error.data}
        except Exception as error:
            reply["error"] = {"code": -32603, "message": f"{type(error).__name__}: {error}"}
        self.write(reply)

    def initialize(self, _params):
        """Say what this agent can do."""
        return {
            "protocolVersion": 1,
            "agentCapabilities": {"loadSession": True, "sessionCapabilities": {"resume": {}}},
            "agentInfo": {"name": self.name, "version": "1"},
            "authMethods": [],
        }

    def new_session(self, params):
        """Begin a conversation."""
        session = Session(self, uuid.uuid4().hex, params.get("cwd") or os.getcwd(), self.folder)
        session.save()
        self.sessions[session.id] = session
        return {"sessionId": session.id}

    def resume_session(self, params):
        """Go on with a stored conversation."""
        self.open_session(params)
        return {}

    def load_session(self, params):
        """Go on with a stored conversation, after telling it again."""
        session = self.open_session(params)
        for update in session.state["updates"]:
            self.notify("session/update", {"sessionId": session.id, "update": update})
        return {}

    def open_session(self, params):
        """Read a stored conversation."""
        session_id = str(params.get("sessionId"))
        session = Session(self, session_id, params.get("cwd") or os.getcwd(), self.folder)
        if not session_id.isalnum() or not session.path.is_file():
            raise RequestFailed(-32002, f"There is no session {session_id}", {"folder": str(self.folder)})
        session.state = json.loads(session.path.read_text(encoding="utf-8"))
        self.sessions[session.id] = session
        return session

    def prompt(self, params):
        """Run a turn."""
        session = self.sessions.get(params.get("sessionId"))
        if session is None:
            raise RequestFailed(-32002, "There is no such session in this process")
        session.cancelled.clear()
        text = "".join(block.get("text", "") for block in params.get("prompt", []) if block.get("type") == "text")
        session.state["updates"].append(
            {"sessionUpdate": "user_message_chunk", "content": {"type": "text", "text": text}}
        )
        try:
            reason = self.run_turn(session, text)
        except Cancelled:
            reason = "cancelled"
        finally:
            session.save()
        return {"stopReason": reason}


def kill_group(process):
    """Kill a command and what it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def shorten(data, limit=MAX_OUTPUT):
    """Output as text, its middle dropped when it is long."""
    if len(data) > limit:
        half = limit // 2
        data = data[:half] + f"\n… {len(data) - 2 * half} bytes left out …\n".encode() + data[-half:]
    return data.decode("utf-8", "replace")
