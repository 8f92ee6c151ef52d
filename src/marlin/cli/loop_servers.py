"""The model servers of a loop: `transformers serve` as child processes that end with it, or when it is run again."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from marlin.errors import UnavailableError
from marlin.training.serving import Served, development_command

PATIENCE = 240.0
"""Seconds until a server answers: it imports torch first."""
_HOST = "127.0.0.1"


class ServerError(UnavailableError):
    """A model's server did not come up."""

    code = "model-server"


@dataclass
class Servers:
    """Servers of one loop. :ivar folder: where their logs and process ids are kept."""

    folder: Path
    stopping: Callable[[], bool]
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def _ids(self) -> Path:
        return self.folder / "servers.json"

    def start(self, model: Served, port: int) -> str:
        """Serve a model, unless it is served already; the address, which ends in ``/v1``. It may not answer yet.

        :raises ServerError: it can't be started.
        """
        running = self._running.get(model.name)
        if running is None or running.poll() is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            environment = os.environ | {
                "HF_HUB_OFFLINE": "1",
                "OMP_NUM_THREADS": "1",
                "TOKENIZERS_PARALLELISM": "false",
            }
            with self._log(model).open("ab") as log:
                self._running[model.name] = subprocess.Popen(
                    development_command(model, _HOST, port),
                    cwd=model.folder.parent,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            self._remember()
        return f"http://{_HOST}:{port}/v1"

    def await_answer(self, model: Served, port: int) -> None:
        """:raises ServerError: it ended, or does not answer in time; shows its last words."""
        deadline = time.monotonic() + PATIENCE
        while not self.stopping():
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://{_HOST}:{port}/health", timeout=5).close()
                return
            if self._running[model.name].poll() is not None or time.monotonic() > deadline:
                words = self._log(model).read_bytes()[-800:].decode(errors="replace")
                raise ServerError(
                    f"The server of {model.name} does not answer on {_HOST}:{port}. Its last words: {words}",
                    hint=f"{self._log(model)} has all of them; perhaps something else listens on that port.",
                )
            time.sleep(0.25)

    def stop(self, model: Served) -> None:
        """End one of them."""
        process = self._running.pop(model.name, None)
        if process is not None:
            _end(process.pid)
            process.wait()
            self._remember()

    def end(self) -> None:
        """End all of them, and forget them."""
        with self._lock:
            for process in self._running.values():
                _end(process.pid)
                process.wait()
            self._running.clear()
            self._ids.unlink(missing_ok=True)

    def end_leftovers(self) -> int:
        """End what a killed loop left running; how many."""
        try:
            known = json.loads(self._ids.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return 0
        left = [pid for name, pid in known.items() if _serves(pid, name)]
        for pid in left:
            _end(pid)
        self._ids.unlink(missing_ok=True)
        return len(left)

    def _log(self, model: Served) -> Path:
        return self.folder / f"{model.name}.log"

    def _remember(self) -> None:
        fresh = self._ids.with_suffix(".new")
        fresh.write_text(json.dumps({name: process.pid for name, process in self._running.items()}), encoding="utf-8")
        fresh.replace(self._ids)


def _serves(pid: int, name: str) -> bool:
    """Whether that process is still the server of that model: ids are given again."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return name.encode() in words and b"serve" in words


def _end(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGTERM)
