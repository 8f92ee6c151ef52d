"""Two scripted models on an OpenAI-compatible endpoint, for the shops of the examples: one is right, one busy.

They stand behind the gateway like any upstream, so what agents do with them is recorded like any agent's work. They
know the shops' briefs by heart: whoever shall learn from them is to be given nothing but the records.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from marlin.errors import ConflictError
from marlin.examples.shops import FILE, asked_for

CAREFUL, BUSY = "teacher-careful", "teacher-busy"


class PortTakenError(ConflictError):
    """Something else listens where a campaign's arms expect their model."""

    code = "port-taken"


@contextmanager
def teachers(port: int) -> Iterator[str]:
    """Answer on this port of the loopback address for the block; the address, which ends in ``/v1``.

    :raises PortTakenError: something else listens there.
    """
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), _Answering)
    except OSError as error:
        raise PortTakenError(
            f"The scripted models can't listen on 127.0.0.1:{port}, which the campaign's arms know: {error.strerror}.",
            hint="End what listens there, and run the same command again.",
        ) from error
    thread = threading.Thread(target=server.serve_forever, name="marlin-teachers", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def said(model: str, messages: list[dict[str, Any]]) -> dict[str, Any]:
    """What a teacher answers: read, change, say so; the assistant's message."""
    last = max((at for at, message in enumerate(messages) if message["role"] == "user"), default=0)
    step = sum(message["role"] == "assistant" for message in messages[last:])
    sum_ = asked_for(str(messages[last].get("content"))) if messages else None
    if sum_ is None:
        return {"role": "assistant", "content": "I know the sums of shops only."}
    if step == 0:
        return _call(step, "read", {"path": FILE})
    if step == 1:
        new = sum_.right if model == CAREFUL else sum_.busy
        return _call(step, "edit", {"path": FILE, "old": sum_.wrong, "new": new})
    return {"role": "assistant", "content": f"`{sum_.name}` is {'mended' if model == CAREFUL else 'tidied up'}."}


def _call(step: int, name: str, arguments: dict[str, str]) -> dict[str, Any]:
    function = {"name": name, "arguments": json.dumps(arguments)}
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": f"call_{step + 1}", "type": "function", "function": function}],
    }


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        try:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            model, messages = str(body["model"]), list(body["messages"])
        except (KeyError, TypeError, ValueError):
            return self._send(400, {"error": {"message": "No chat completion can be read.", "type": "invalid_request"}})
        if not self.path.endswith("/chat/completions") or model not in (CAREFUL, BUSY):
            return self._send(404, {"error": {"message": f"There is no {model} at {self.path}.", "type": "not_found"}})
        message = said(model, messages)
        finish = "tool_calls" if message.get("tool_calls") else "stop"
        words = sum(len(str(one.get("content") or "").split()) for one in messages)
        usage = {"prompt_tokens": words, "completion_tokens": 20, "total_tokens": words + 20}
        choice = {"index": 0, "message": message, "finish_reason": finish}
        identity = {"id": "chatcmpl-teacher", "object": "chat.completion", "created": 0, "model": model}
        return self._send(200, identity | {"choices": [choice], "usage": usage})

    def _send(self, status: int, answer: dict[str, Any]) -> None:
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """The gateway keeps the record."""
