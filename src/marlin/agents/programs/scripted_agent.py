"""An agent that plays a script: it speaks ACP for real and runs its tools for real, but asks no model.

For the demonstration and for tests. The script (``MARLIN_SCRIPT``, JSON or TOML) is described in
``docs/reference/agent-specs.md``. Turn n of a session plays ``turns[n - 1]``; without one it says so honestly.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from acp_server import RequestFailed, Server, Session

DEFAULT_SCRIPT = "/opt/marlin/script.json"
CHUNK = 24
CHUNK_SECONDS = 0.03
COMMAND_TIMEOUT = 600
STATE_OF_WORK = "git rev-parse --git-dir >/dev/null 2>&1 && git --no-pager diff --stat && git status --short || ls"

_TRANSCRIPT = re.compile(r"^Conversation so far \((\d+) turns?\)", re.MULTILINE)


def load_script(path):
    """Read the script; an empty one when there is none."""
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        return {"turns": []}
    if str(path).endswith(".toml"):
        import tomllib

        return tomllib.loads(data.decode("utf-8"))
    return json.loads(data)


class Player:
    """Plays the turns of one script."""

    def __init__(self, script):
        self.script = script
        self.speed = float(os.environ.get("MARLIN_SCRIPT_SPEED") or script.get("speed", 1.0))
        self.server = Server("scripted-agent", self.run_turn)

    def pace(self, session: Session, seconds: float) -> None:
        """Wait as long as the script's speed says."""
        session.check()
        session.pause(seconds * self.speed)

    def run_turn(self, session, text):
        """Play the turn that is next in this session."""
        number = session.state.setdefault("turn", 0)
        told = _TRANSCRIPT.search(text)
        if number == 0 and told:
            number = int(told[1])
        session.state["turn"] = number + 1
        session.save()
        turn = self.choose(session, number, text)
        if turn is None:
            return self.unscripted(session, number + 1)
        self.server.ignore_cancel = bool(turn.get("ignore_cancel"))
        for step in turn.get("steps", []):
            session.check()
            reason = self.play(session, step)
            if reason:
                return reason
        return turn.get("stop", "end_turn")

    def choose(self, session, number, text):
        """The turn to play; ``number`` counts from 0.

        A turn whose ``match`` fits the prompt comes first, else the one with this number: its ``turn`` (from 1), or its
        position when it names neither. Where ``when_start_has`` is given it must hold, so that a follow-up can
        fit whichever side it continues from. Otherwise ``default``.
        """
        turns = self.script.get("turns", [])
        for turn in turns:
            if turn.get("match") and re.search(turn["match"], text) and self.starts_with(session, turn):
                return turn
        for position, turn in enumerate(turns, start=1):
            planned = turn.get("turn", None if turn.get("match") else position)
            if planned == number + 1 and self.starts_with(session, turn):
                return turn
        return self.script.get("default")

    def starts_with(self, session, turn):
        """Whether the files are as the turn's ``when_start_has`` wants them."""
        condition = turn.get("when_start_has")
        if condition is None:
            return True
        try:
            text = session.absolute(condition["path"]).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return False
        return condition["text"] in text

    def unscripted(self, session, number):
        """An honest answer to a prompt that the script does not know."""
        self.say(
            session,
            "agent_message_chunk",
            f"I play a script, and it has nothing for turn {number}. This is what has changed so far:",
        )
        self.run(session, {"run": STATE_OF_WORK})
        self.say(session, "agent_message_chunk", "I have changed nothing in this turn.")
        return "end_turn"

    def play(self, session, step):
        """One step; a stop reason when it ends the turn."""
        known = ("thought", "message", "plan", "run", "read", "write", "edit", "patch", "sleep", "permission", "behave")
        name = next((key for key in known if key in step), None)
        if name is None:
            raise RequestFailed(-32602, f"The script has a step that is none of {', '.join(known)}: {sorted(step)}")
        if name in ("thought", "message"):
            self.say(session, f"agent_{name}_chunk", step[name])
            return None
        return getattr(self, name)(session, step)

    def say(self, session, kind, text):
        """Stream text in small pieces."""
        message_id = f"msg-{time.monotonic_ns()}"
        for start in range(0, len(text), CHUNK):
            self.pace(session, CHUNK_SECONDS)
            content = {"type": "text", "text": text[start : start + CHUNK]}
            session.update(kind, messageId=message_id, content=content)

    def plan(self, session, step):
        """Show a plan."""
        entries = [
            {"content": item, "status": "pending", "priority": "medium"}
            if isinstance(item, str)
            else {"priority": "medium", "status": "pending", **item}
            for item in step["plan"]
        ]
        session.update("plan", entries=entries)

    def run(self, session, step):
        """Run a shell command."""
        command = step["run"]
        call_id = session.call(f"`{command}`", "execute", {"command": command})
        if step.get("background"):
            process = subprocess.Popen(
                ["/bin/sh", "-c", command],
                cwd=session.cwd,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            session.end_call(call_id, True, f"Started in the background as process {process.pid}.")
            return
        limit = float(step.get("timeout", COMMAND_TIMEOUT))
        code, output = session.shell(command, limit, call_id)
        if code is None:
            session.end_call(call_id, False, f"{output}\nStopped after {limit:g} s.")
        else:
            session.end_call(call_id, code == 0, output if code == 0 else f"{output}\nexit code {code}")

    def read(self, session, step):
        """Read a file."""
        path = session.absolute(step["read"])
        call_id = session.call(f"Read {step['read']}", "read", {"path": str(path)}, [path])
        self.pace(session, 0.2)
        try:
            session.end_call(call_id, True, path.read_text(encoding="utf-8", errors="replace")[:65536])
        except OSError as error:
            session.end_call(call_id, False, str(error))

    def write(self, session, step):
        """Write a whole file."""
        path = session.absolute(step["write"])
        call_id = session.call(f"Write {step['write']}", "edit", {"path": str(path)}, [path])
        self.pace(session, 0.3)
        try:
            old = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(step["content"], encoding="utf-8")
        except OSError as error:
            session.end_call(call_id, False, str(error))
            return
        session.end_call(call_id, True, diff={"path": str(path), "oldText": old, "newText": step["content"]})

    def edit(self, session, step):
        """Replace an exact text in a file; it must occur once, or ``all`` be true."""
        path = session.absolute(step["edit"])
        call_id = session.call(f"Edit {step['edit']}", "edit", {"path": str(path)}, [path])
        self.pace(session, 0.3)
        try:
            before = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            session.end_call(call_id, False, str(error))
            return
        count = before.count(step["old"])
        if count == 0 or (count > 1 and not step.get("all")):
            session.end_call(call_id, False, f"The text to replace occurs {count} times in {step['edit']}.")
            return
        after = before.replace(step["old"], step["new"])
        path.write_text(after, encoding="utf-8")
        diff = {"path": str(path), "oldText": step["old"], "newText": step["new"]}
        session.end_call(call_id, True, diff=diff)

    def patch(self, session, step):
        """Apply a unified diff."""
        paths = re.findall(r"^\+\+\+ b/(\S+)", step["patch"], re.MULTILINE)
        call_id = session.call("Apply a patch", "edit", {"path": paths[0] if paths else "", "patch": True}, paths)
        done = subprocess.run(
            ["git", "apply", "--whitespace=nowarn", "-"],
            cwd=session.cwd,
            input=step["patch"].encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        session.end_call(call_id, done.returncode == 0, done.stdout.decode("utf-8", "replace"))

    def sleep(self, session, step):
        """Do nothing for a while (scaled by the speed)."""
        self.pace(session, float(step["sleep"]))

    def permission(self, session, step):
        """Ask the client for permission and say what it answered."""
        call_id = session.call(step["permission"], "execute", {"command": step["permission"]})
        options = [
            {"optionId": "always", "name": "Always allow", "kind": "allow_always"},
            {"optionId": "once", "name": "Allow", "kind": "allow_once"},
            {"optionId": "no", "name": "Reject", "kind": "reject_once"},
        ]
        answer = self.server.request(
            "session/request_permission",
            {"sessionId": session.id, "toolCall": {"toolCallId": call_id}, "options": options},
        )
        chosen = (answer.get("outcome") or {}).get("optionId", "cancelled")
        session.end_call(call_id, chosen in ("once", "always"), f"permission: {chosen}")

    def behave(self, session, step):
        """Misbehave in a known way, so that the harness around it can be tested."""
        how = step["behave"]
        if how == "refuse":
            return "refusal"
        if how == "context_limit":
            return "max_tokens"
        if how == "max_turns":
            return "max_turn_requests"
        if how == "unknown_stop":
            return "out_of_coffee"
        if how == "unknown_update":
            session.update("weather_report", keep=False, text="sunny")
        elif how == "error":
            raise RequestFailed(-32603, step.get("text", "Internal error"), step.get("data"))
        elif how == "hang":
            while True:
                time.sleep(3600)
        else:
            misbehave(how, self.server)
        return None


def misbehave(how, server=None):
    """Break the protocol: crash, garbage, flood_line, flood_lines, never_ready."""
    if how == "crash":
        sys.stderr.write("scripted crash, as the script says\n")
        sys.stderr.flush()
        os._exit(3)
    elif how == "garbage":
        for number in range(5000):
            print(f"this is a log line, not a message: {number}", flush=True)  # noqa: T201
    elif how == "some_garbage":
        print("one stray log line", flush=True)  # noqa: T201
    elif how == "flood_line":
        while True:
            sys.stdout.buffer.write(b"x" * 65536)
    elif how == "flood_lines":
        while True:
            server.notify("session/update", {"update": {"sessionUpdate": "noise", "text": "y" * 60000}})
    elif how == "never_ready":
        while True:
            time.sleep(3600)
    else:
        raise RequestFailed(-32602, f"The script asks for an unknown behaviour: {how}")


def main():
    """Serve until stdin ends."""
    script = load_script(os.environ.get("MARLIN_SCRIPT") or DEFAULT_SCRIPT)
    if script.get("start"):
        misbehave(script["start"], Player(script).server)
    Player(script).server.serve()


if __name__ == "__main__":
    main()
