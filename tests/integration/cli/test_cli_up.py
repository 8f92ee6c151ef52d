"""``marlin up`` as people run it: one process, killed databases, taken ports, signals."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from sqlalchemy.engine import make_url
from tests.factories.comparisons import open_campaign, started

from marlin.accounts import Role, create_person, create_sign_in_link
from marlin.db import EmbeddedPostgres, opened
from marlin.visiting import Visitor

PATIENCE = 120.0


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A data folder of this module, with its embedded database."""
    folder = Path(tempfile.mkdtemp(prefix="marlin-up-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(home: Path, port: int | None = None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MARLIN_", "DATABASE_URL"))}
    return {**kept, "MARLIN_HOME": str(home), "MARLIN_PORT": str(port or free_port()), "COLUMNS": "120"}


def run(home: Path, *arguments: str, port: int | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "marlin", *arguments]
    return subprocess.run(command, env=environment(home, port), capture_output=True, text=True, timeout=PATIENCE)


class Up:
    """A running ``marlin up``."""

    def __init__(self, home: Path, *arguments: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "marlin", "up", *arguments],
            env=environment(home, self.port),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        ready = threading.Event()
        threading.Thread(target=self._read, args=(ready,), daemon=True).start()
        assert ready.wait(PATIENCE), "".join(self.lines)

    def _read(self, ready: threading.Event) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if "Marlin is ready" in line:
                ready.set()

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@pytest.fixture(scope="module")
def up(home: Path) -> Iterator[Up]:
    running = Up(home, "--no-worker")
    yield running
    if running.process.poll() is None:
        running.stop()


def test_it_serves_pages_and_api_and_says_where(up: Up) -> None:
    assert httpx.get(f"{up.url}/healthz").json()["status"] == "ok"
    assert httpx.get(f"{up.url}/api/v1/openapi.json").json()["info"]["title"] == "Marlin"
    assert any(up.url in line for line in up.lines)


def test_a_killed_database_is_started_again_and_requests_meanwhile_are_503(home: Path, up: Up) -> None:
    postgres = EmbeddedPostgres(home / "postgres")
    before = postgres.pid
    assert before is not None
    os.kill(before, signal.SIGKILL)
    seen: set[int] = set()
    deadline = time.monotonic() + PATIENCE
    recovered = 0
    while recovered < 5 and time.monotonic() < deadline:
        answer = httpx.get(f"{up.url}/healthz", timeout=30)
        seen.add(answer.status_code)
        if answer.status_code == 503:
            assert int(answer.headers["retry-after"]) > 0
            assert answer.json()["code"] == "database-unavailable"
        recovered = recovered + 1 if answer.status_code == 200 and postgres.pid not in (None, before) else 0
        time.sleep(0.02)
    assert recovered == 5
    assert seen <= {200, 503}


def test_a_second_one_on_the_same_address_is_told_so(home: Path, up: Up) -> None:
    answer = run(home, "up", "--no-worker", port=up.port)
    assert answer.returncode == 6
    assert "error: Can't listen" in answer.stderr
    assert "--port" in answer.stderr


def test_commands_share_the_running_database(home: Path, up: Up) -> None:
    assert run(home, "jobs", "list").stdout.strip() == "There are no jobs."
    assert run(home, "db", "check").returncode == 0
    assert EmbeddedPostgres(home / "postgres").pid is not None
    assert httpx.get(f"{up.url}/healthz").status_code == 200


def test_links_lead_to_where_it_answers_whatever_port_the_command_was_told(home: Path, up: Up) -> None:
    asyncio.run(one_person(home, "cleo@example.org"))
    assert run(home, "people", "link", "cleo@example.org").stdout.startswith(f"{up.url}/sign-in/link#")
    assert f"{up.url}/invite#" in run(home, "people", "invite", "--role", "contributor").stdout
    link = run(home, "people", "link", "cleo@example.org").stdout.strip()
    assert Visitor.from_link(up.url, link).get("/session")["person"]["email"] == "cleo@example.org"


def test_ctrl_c_stops_it_and_the_database_while_a_page_follows_a_comparison(home: Path, up: Up) -> None:
    with following(home, up) as stream:
        os.killpg(up.process.pid, signal.SIGINT)  # as a terminal does: the whole group gets it
        assert up.process.wait(PATIENCE) == 0
        assert not [line for line in stream if line.startswith("data:")]  # the answer ended, it did not break off
    assert [line for line in up.lines if not line.startswith("{")][-1] == "Stopping.\n"
    assert not [line for line in up.lines if '"level": "error"' in line]
    assert EmbeddedPostgres(home / "postgres").pid is None


@contextlib.contextmanager
def following(home: Path, up: Up) -> Iterator[Iterator[str]]:
    """The event stream of a comparison, open as a page has it."""
    postgres = EmbeddedPostgres(home / "postgres")
    try:
        comparison_id, link = asyncio.run(begun(postgres.start()))
    finally:
        postgres.stop()
    visitor = Visitor.from_link(up.url, link)
    with visitor.client.stream("GET", f"/comparisons/{comparison_id}/events/stream") as answer:
        assert answer.status_code == 200
        lines = answer.iter_lines()
        for line in lines:
            if line.startswith("data:"):
                yield lines
                return


async def one_person(home: Path, email: str) -> None:
    postgres = EmbeddedPostgres(home / "postgres")
    try:
        async with opened(await asyncio.to_thread(postgres.start)) as database, database.transaction() as session:
            await create_person(session, name="Cleo", email=email, roles=[Role.CONTRIBUTOR])
    finally:
        postgres.stop()


async def begun(database_url: str) -> tuple[UUID, str]:
    """A comparison, and a link by which its contributor signs in."""
    async with opened(database_url) as database:
        async with database.transaction() as session:
            roles = [Role.CONTRIBUTOR]
            person = await create_person(session, name="Ada", email="ada@example.org", roles=roles)
            token, _ = await create_sign_in_link(session, person)
        comparison = await started(database, await open_campaign(database), person.id)
    return comparison.id, token


def test_doctor_tells_findings_where_no_data_folder_can_be_made() -> None:
    answer = run(Path("/proc/marlin"), "doctor", "--json")
    assert answer.returncode == 6, answer.stderr
    bad = [one for one in json.loads(answer.stdout)["findings"] if one["required"] and not one["ok"]]
    assert bad
    assert all(one["fix"] for one in bad)


def test_doctor_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    answer = subprocess.run(
        [sys.executable, "-m", "marlin", "doctor", "--json"],
        env={**environment(folder), "MARLIN_STORAGE_URL": (tmp_path / "storage").as_uri()},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    names = {one["name"]: one for one in json.loads(answer.stdout)["findings"]}
    assert names["durable storage"]["ok"]
    assert "will be made" in names["durable storage"]["detail"]
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_does_not_exist_or_does_not_answer_is_said(home: Path) -> None:
    postgres = EmbeddedPostgres(home / "postgres")
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as silent:
        url = make_url(postgres.start())
        missing = url.set(database="nowhere").render_as_string(hide_password=False)
        mute = f"postgresql://marlin@127.0.0.1:{silent.getsockname()[1]}/marlin"
        try:
            told = [up_with(home, address) for address in (missing, mute)]
        finally:
            postgres.stop()
    assert [one.returncode for one in told] == [6, 6]
    assert "does not exist" in told[0].stderr
    assert "createdb nowhere" in told[0].stderr
    assert "few seconds" not in told[0].stderr
    assert "timeout" in told[1].stderr
    assert "does not answer" in told[1].stderr


def up_with(home: Path, address: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "marlin", "up", "--no-worker"],
        env={**environment(home), "DATABASE_URL": address},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def test_doctor_tells_findings_and_fails_when_something_needed_is_missing(home: Path) -> None:
    answer = run(home, "doctor", "--json")
    told = json.loads(answer.stdout)
    assert answer.returncode == (0 if told["ok"] else 6)
    names = {one["name"] for one in told["findings"]}
    assert {"data folder", "database", "git", "bubblewrap", "probes"} <= names
    for one in told["findings"]:
        assert one["ok"] or one["fix"]
    broken = subprocess.run(
        [sys.executable, "-m", "marlin", "doctor"],
        env={**environment(home), "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/nothing"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert broken.returncode == 6
    assert "missing" in broken.stdout


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["jobs", "list", "--state", "odd"], 2, "There is no state 'odd'"),
        (["jobs", "cancel", "nothing"], 3, "There is no job nothing"),
        (["worker"], 6, "DATABASE_URL"),
    ],
)
def test_an_error_says_what_happened_and_what_to_do(home: Path, arguments: list[str], status: int, said: str) -> None:
    answer = run(home, *arguments)
    assert answer.returncode == status
    assert answer.stderr.startswith("error: ")
    assert "hint:" in answer.stderr
    assert said in answer.stderr
