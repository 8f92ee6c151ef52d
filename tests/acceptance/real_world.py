"""Whole Marlins with real agents: images and agents from a cache, models on loopback, browsers that keep every byte."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import itertools
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from tests.factories.model_server import Scenario, ScriptedModelServer, Turn

from marlin.agents import install, load_spec
from marlin.sandboxes import LayerStore, build_image, shipped_recipe
from marlin.settings import Settings
from marlin.visiting import Visitor

MARLIN = str(Path(sys.executable).with_name("marlin"))
PATIENCE = 400.0
"""Seconds for anything at all: this is no measurement, and the machine may be busy."""


def until(what: str, look: Callable[[], Any], *, pause: float = 0.2) -> Any:
    """Look again and again until it gives something."""
    deadline = time.monotonic() + PATIENCE
    while not (found := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {PATIENCE:g} s in vain for {what}")
        time.sleep(pause)
    return found


def provide(home: Path, *, agents: tuple[str, ...] = ()) -> None:
    """Put a Debian base image and agents into a fresh home, made once per machine and then taken from a cache."""
    usual = Settings().home
    cache = LayerStore(usual / "test-cache" / "layers")
    cache.root.mkdir(parents=True, exist_ok=True)
    with (cache.root / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not cache.exists("debian"):
            build_image(cache, shipped_recipe("debian"))
    layers = home / "layers"
    layers.mkdir(mode=0o700, exist_ok=True)
    if not (layers / "debian").exists():
        made = str(cache.root / "debian")
        same_disk = cache.root.stat().st_dev == layers.stat().st_dev
        how = "--link" if same_disk else "--reflink=auto"  # links do: an image never changes
        subprocess.run(["cp", "--archive", how, made, str(layers / "debian")], check=True)
    (home / "agents").mkdir(exist_ok=True)
    for name in agents:
        install(load_spec(name), usual / "agents")
        (home / "agents" / name).symlink_to(usual / "agents" / name)


class Models:
    """Scripted models that run beside the test, on a loop of their own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="scripted-models", daemon=True)
        self._thread.start()
        self._servers: list[ScriptedModelServer] = []

    def serve(self, *turns: Turn, api_key: str | None = None) -> ScriptedModelServer:
        """A model that says ``turns``."""
        server = ScriptedModelServer(Scenario(turns), api_key=api_key)
        self._run(server.start())
        self._servers.append(server)
        return server

    def _run(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def close(self) -> None:
        """Stop them all."""
        for server in self._servers:
            self._run(server.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)


@dataclass
class Witness:
    """Somebody at a browser, and every byte that browser was sent."""

    visitor: Visitor
    heard: list[tuple[str, bytes]] = field(default_factory=list)
    _watching: list[threading.Thread] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def of(cls, base_url: str, enter: Callable[[httpx.Client], dict[str, Any]]) -> Witness:
        """Enter by ``enter``, which gives the answer that signed in."""
        heard: list[tuple[str, bytes]] = []

        def listen(answer: httpx.Response) -> None:
            if "event-stream" not in answer.headers.get("content-type", ""):
                answer.read()
            head = "".join(f"{name}: {value}\n" for name, value in answer.headers.items())
            body = b"" if "event-stream" in head else answer.content
            heard.append((str(answer.request.url.path), head.encode() + b"\n" + body))

        client = httpx.Client(
            base_url=f"{base_url}/api/v1",
            timeout=60,
            headers={"Origin": base_url},
            event_hooks={"response": [listen]},
            trust_env=False,
        )
        session = enter(client)
        visitor = Visitor(client, session["csrf_token"], session["person"]["name"])
        if not session["terms"]["accepted"]:
            visitor.post("/consent", {"terms_version": session["terms"]["version"]})
        return cls(visitor, heard)

    def watch(self, comparison: str) -> None:
        """Follow a comparison's live events until :meth:`close`, over restarts of the service, as browsers do."""

        def follow() -> None:
            last = 0
            path = f"/comparisons/{comparison}/events/stream"
            while not self._stop.is_set():
                with contextlib.suppress(httpx.TransportError):
                    headers = {"Last-Event-ID": str(last)}
                    with self.visitor.client.stream("GET", path, headers=headers, timeout=3) as answer:
                        for line in answer.iter_lines():
                            self.heard.append((path, line.encode()))
                            last = int(line[4:]) if line.startswith("id: ") else last
                            if self._stop.is_set():
                                break
                self._stop.wait(0.5)

        thread = threading.Thread(target=follow, name="events", daemon=True)
        thread.start()
        self._watching.append(thread)

    def heard_live(self, turn: int, side: str) -> str:
        """What an agent said in a turn, as the live events told it."""
        events = [
            json.loads(line.removeprefix(b"data: "))
            for path, line in self.heard
            if path.endswith("/events/stream") and line.startswith(b"data: ")
        ]
        mine = [event for event in events if (event["turn"], event["side"], event["kind"]) == (turn, side, "message")]
        return "".join(event["data"]["text"] for event in mine)

    def see_all(self, comparison: str) -> dict[tuple[int, str], list[dict[str, Any]]]:
        """Fetch everything there is to see of a comparison; the transcripts by turn and side."""
        here = f"/comparisons/{comparison}"
        shown = self.visitor.get(here)
        self.visitor.get(f"{here}/events", limit=5000)
        transcripts = {}
        for turn in shown["turns"]:
            at = f"{here}/turns/{turn['number']}"
            with_result = [side for side in "AB" if turn["sides"][side]["commit"]]
            for side in "AB":
                transcripts[turn["number"], side] = self.visitor.get(f"{at}/transcript", side=side)["events"]
                for check in turn["sides"][side]["checks"]:
                    if check["has_log"]:
                        self.visitor.text(f"{here}/checks/{check['id']}/log")
            for start, to in itertools.permutations(["base", *with_result], 2):
                self.visitor.text(f"{at}/patch", **{"from": start, "to": to})
        for path in ("/session", "/campaigns", f"{here}/ratings", f"{here}/reviews"):
            self.visitor.get(path)
        return transcripts

    def require_blind(self, *sentinels: str) -> None:
        """No byte that was served says who the arms are."""
        found = {
            (word, path, _around(served, word))
            for path, served in self.heard
            for word in sentinels
            if word.lower().encode() in served.lower()
        }
        assert not found, sorted(found)[:10]

    def close(self) -> None:
        """Close the browser."""
        self._stop.set()
        for thread in self._watching:
            thread.join(30)
        self.visitor.client.close()


def _around(served: bytes, word: str) -> str:
    at = served.lower().index(word.lower().encode())
    return served[max(0, at - 150) : at + 150].decode(errors="replace")


class Platform:
    """``marlin up`` on a home of its own, which can be killed and started again, and the command line beside it.

    :param env: further variables of the service, such as keys.
    """

    def __init__(self, home: Path, env: dict[str, str] | None = None) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.home = home
        self.base_url = f"http://127.0.0.1:{self.port}"
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("MARLIN_", "DATABASE_URL"))}
        own = {"MARLIN_HOME": str(home), "MARLIN_PORT": str(self.port), "MARLIN_DRAIN_LIMIT": "5"}
        self.env = {**clean, **own, **(env or {})}
        self.log_path = home / "marlin.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """What the service said."""
        return self.log_path.read_text(errors="replace")

    def start(self) -> None:
        """Start it (again), and wait until it is ready."""
        offset = self.log_path.stat().st_size if self.log_path.exists() else 0
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen([MARLIN, "up"], env=self.env, stdout=log, stderr=log)

        def ready() -> bool:
            assert self._process is not None
            assert self._process.poll() is None, self.log[offset:][-3000:]
            return b"Marlin is ready" in self.log_path.read_bytes()[offset:]

        until("Marlin to be ready", ready)

    def end(self, number: signal.Signals) -> None:
        """End it by a signal and wait until it is gone."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(number)
        try:
            self._process.wait(120)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise

    def run(self, *arguments: str) -> str:
        """A command's standard output."""
        done = subprocess.run([MARLIN, *arguments], env=self.env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (arguments, done.stderr[-3000:])
        return done.stdout

    def operator(self) -> Witness:
        """The first operator, made by ``marlin init``."""
        self.run("init", "--name", "Olu Operator", "--email", "olu@example.org", "--no-password")
        token = self.run("people", "link", "olu@example.org").strip().rsplit("#", 1)[-1]
        return Witness.of(self.base_url, lambda client: client.post("/sign-in/link", json={"token": token}).json())

    def invited(self, role: str) -> Witness:
        """Somebody who follows an invitation."""
        url = self.run("people", "invite", "--role", role).split()[-1]
        token = url.rsplit("#", 1)[-1].rsplit("/", 1)[-1]

        def accept(client: httpx.Client) -> dict[str, Any]:
            offered = client.get(f"/invitations/{token}").json()
            who = {"name": f"Some {role}", "email": f"{role}@example.org", "password": secrets.token_urlsafe(18)}
            terms = {"terms_version": offered["terms"]["version"]}
            entered = client.post(f"/invitations/{token}/accept", json={**who, **terms})
            assert entered.status_code == 201, entered.text
            return dict(entered.json())

        return Witness.of(self.base_url, accept)

    def leftovers_of_sandboxes(self) -> list[str]:
        """What is still there of its sandboxes: folders, and processes that see this home as sandboxes do."""
        folder = self.home / "sandboxes"
        found = [str(path) for path in folder.iterdir() if not path.name.startswith(".")] if folder.is_dir() else []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if f"{self.home}/".removeprefix("/") in (process / "mountinfo").read_text():
                    found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        return found


@contextlib.contextmanager
def platform(home: Path, env: dict[str, str] | None = None) -> Iterator[Platform]:
    """A running Marlin, its processes ended afterwards."""
    made = Platform(home, env)
    try:
        made.start()
        yield made
    finally:
        made.end(signal.SIGTERM)
        _stop_database(home)


def _stop_database(home: Path) -> None:
    """Stop a database that a killed Marlin left running."""
    with contextlib.suppress(OSError, ValueError):
        pid = int((home / "postgres/data/postmaster.pid").read_text().splitlines()[0])
        if b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(pid, signal.SIGINT)
            until("the database to stop", lambda: not Path(f"/proc/{pid}").exists())


def remove(home: Path) -> None:
    """Remove a home."""
    shutil.rmtree(home, ignore_errors=True)


def campaign(slug: str, arms: list[dict[str, Any]], upstreams: list[dict[str, Any]], **terms: Any) -> dict[str, Any]:
    """A campaign on the sample repository, as a file or a request states it."""
    return {
        "slug": slug,
        "title": "A stock keeper's import",
        "guidelines": "Review both results as pull requests.",
        "price_cents": 28000,
        "min_turns": 1,
        "time_limit_seconds": 600,
        "check_time_limit_seconds": 240,
        "example_briefs": ["stockroom-import"],
        "limits": {"memory_mib": 3072, "pids": 1024, "cpus": 2.0, "disk_mib": 2048},
        "upstreams": upstreams,
        "arms": arms,
        **terms,
    }


def as_toml(wish: dict[str, Any]) -> str:
    """A campaign as a file."""
    plain = {name: value for name, value in wish.items() if name not in ("limits", "upstreams", "arms")}
    lines = [f"{name} = {_toml(value)}" for name, value in plain.items()]
    lines += ["[limits]", *(f"{name} = {_toml(value)}" for name, value in wish["limits"].items())]
    for kind in ("upstreams", "arms"):
        for entry in wish[kind]:
            lines += [f"[[{kind}]]", *(f"{name} = {_toml(value)}" for name, value in entry.items())]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_toml(item)}" for name, item in value.items()) + " }"
    return json.dumps(value)  # strings, numbers, truth and flat lists are the same in both
