"""Run the named probes, one JSON line each."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from typing import Any

from . import bombs, files, kernel, machine, namespaces, network, processes
from .base import PROBES

MODULES = (files, processes, namespaces, network, kernel, machine, bombs)
_SECONDS = 10.0


def attempt(name: str, facts: dict[str, Any]) -> dict[str, str]:
    """Run one probe in a child, which may hang or be killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            got = PROBES[name](facts)
            answer = {"outcome": "through", "detail": got} if got else {"outcome": "stopped", "detail": "nothing there"}
        except OSError as error:
            answer = {"outcome": "stopped", "detail": error.strerror or str(error)}
        except BaseException as error:
            answer = {"outcome": "broken", "detail": f"{type(error).__name__}: {error}"}
        os.write(writing, json.dumps(answer).encode())
        os._exit(0)
    os.close(writing)
    ready, _, _ = select.select([reading], [], [], _SECONDS)
    data = os.read(reading, 65536) if ready else b""
    os.close(reading)
    if not data:
        os.kill(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if data:
        found: dict[str, str] = json.loads(data)
        return found
    return {"outcome": "stopped", "detail": f"killed by signal {-status}" if ready else "hung until it was killed"}


if __name__ == "__main__":
    _facts = json.load(sys.stdin)
    for _name in sys.argv[1:]:
        sys.stdout.write(json.dumps({"name": _name, **attempt(_name, _facts)}) + "\n")
        sys.stdout.flush()
