"""What a terminal may not do, and what nobody may do with one."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from page import at
from tests.factories.judgement import set_turn_status
from tests.factories.place import Place, Start, serving, settings_of, working
from websockets.exceptions import InvalidStatus

from marlin import terminals
from marlin.accounts import Role
from marlin.terminals.frames import control
from marlin.terminals.live import SCROLLBACK, WINDOW
from marlin.terminals.socket import SOCKETS_PER_PERSON


async def test_without_a_key_it_ends_and_says_so_before(start: Start) -> None:
    async with start(terminal_idle=4) as here:
        terminal = await here.open()
        async with at(here, terminal["id"]) as page:
            notice = await page.hears("ending")
            assert notice["reason"] == "idle"
            assert 0 < notice["seconds"] <= 4
            page.told.remove(notice)
            await page.type(" ")
            assert await page.hears("ending") in (
                {"type": "ending", "reason": None, "seconds": None},
                {"type": "ending", "reason": "idle", "seconds": 4},
            )
            assert (await page.hears("ended"))["reason"] == "idle"
        assert (await here.ended(terminal["id"])).reason == "idle"


async def test_its_longest_life_is_an_end_whatever_is_typed(start: Start) -> None:
    async with start(terminal_longest=2) as here:
        terminal = await here.open()
        async with at(here, terminal["id"]) as page:
            await page.type("echo here\n")
            assert (await page.hears("ended"))["reason"] == "longest"


async def test_endless_output_waits_for_the_page_and_stops_at_ctrl_c(start: Start) -> None:
    async with start() as here:
        terminal = await here.open()
        async with at(here, terminal["id"]) as page:
            page.draws = False
            await page.type("yes\n")
            async with asyncio.timeout(60):
                while len(page.drawn) < WINDOW:
                    await page.hear()
            with contextlib.suppress(TimeoutError):  # it draws nothing: no more than what was under way comes
                async with asyncio.timeout(1):
                    while True:
                        await page.hear()
            assert len(page.drawn) < WINDOW + 65536
            page.draws = True
            await page.type(b"\x03")
            await page.say("ack", bytes=len(page.drawn))
            await page.type("echo $((6*7))\n")
            await page.sees(b"\r42")


async def test_endless_output_that_nobody_sees_fills_nothing(start: Start) -> None:
    async with start() as here:
        terminal = await here.open()
        async with at(here, terminal["id"]) as page:
            await page.type("yes\n")
            await page.sees(b"y\r\ny")
        async with at(here, terminal["id"]) as page:
            assert (await page.hears("attached"))["replay"] <= SCROLLBACK
            await page.type(b"\x03")
            await page.type("echo $((6*7))\n")
            await page.sees(b"\r42")


async def test_a_fork_bomb_stays_in_its_own_copy(start: Start) -> None:
    async with start() as here:
        bomb, other = await here.open("A"), await here.open("B")
        async with at(here, bomb["id"]) as page, at(here, other["id"]) as beside:
            await page.type(":(){ :|:& };:\n")
            await page.sees(b"fork")
            await beside.type("tail -n 1 shop.py\n")
            await beside.sees(b"by B")
            assert (await here.owner.delete(f"/terminals/{bomb['id']}")).status_code == 204
            assert (await page.hears("ended"))["reason"] == "closed"


async def test_a_person_has_so_many_and_a_worker_so_many(start: Start) -> None:
    async with start(terminals_per_person=2, terminals_per_worker=1) as here:
        first, second = await here.open(), await here.open()
        answer = await here.owner.post(f"/comparisons/{here.comparison}/turns/1/terminals", {"side": "A"})
        assert (answer.status_code, answer.json()["code"]) == (409, "too-many-terminals")
        async with at(here, first["id"]) as page, at(here, second["id"]) as waiting:
            await page.type("echo $((40+1))\n")
            await page.sees(b"\r41")
            assert (await waiting.hears("state"))["state"] == "waiting"
            await here.owner.delete(f"/terminals/{first['id']}")
            await waiting.type("echo $((40+2))\n")
            await waiting.sees(b"\r42")
        third = await here.open()
        await here.owner.delete(f"/terminals/{third['id']}")
        assert (await here.ended(third["id"])).reason == "closed"


async def test_nobody_reaches_the_terminal_of_another(start: Start) -> None:
    async with start() as here:
        terminal = await here.open()
        for person in (await here.town.enter(Role.CONTRIBUTOR), await here.town.enter(Role.OPERATOR, Role.REVIEWER)):
            async with at(here, terminal["id"], who=person) as page:
                assert await page.closed() == 4404
            assert (await person.delete(f"/terminals/{terminal['id']}")).status_code == 404
        async with at(here, str(uuid4())) as page:
            assert await page.closed() == 4404
        with pytest.raises(InvalidStatus):
            async with at(here, terminal["id"], origin="https://elsewhere.example"):
                pass
        answer = await here.owner.post("/sign-out")
        assert answer.is_success
        here.owner.http.cookies.set("marlin_session", "mrl_s_gone")
        async with at(here, terminal["id"]) as page:
            assert await page.closed() == 4401


async def test_what_is_withheld_can_not_be_opened(start: Start) -> None:
    async with start(worker=False) as here:
        await set_turn_status(here.database, here.comparison, "running")
        answer = await here.owner.post(f"/comparisons/{here.comparison}/turns/1/terminals", {"side": "A"})
        assert (answer.status_code, answer.json()["code"]) == (409, "turn-running")
        stranger = await here.town.enter(Role.CONTRIBUTOR)
        answer = await stranger.post(f"/comparisons/{here.comparison}/turns/1/terminals", {"side": "A"})
        assert answer.status_code == 404


async def test_messages_that_are_none_end_the_connection_and_nothing_else(start: Start) -> None:
    async with start() as here:
        terminal = await here.open()
        for message in ("not json", '{"type": 1}', "[1]", "{" * 900, b"x" * 70_000):
            async with at(here, terminal["id"]) as page:
                await page.type(message) if isinstance(message, bytes) else await page._socket.send(message)
                assert await page.closed() == 4413, message
        async with at(here, terminal["id"]) as page:
            await page.say("resize", columns=-5, rows="many")
            await page.say("ack", bytes=-(10**12))
            await page.say("no-such-thing")
            await page.type("stty size\n")
            await page.sees(b"2 2")


async def test_a_workers_listener_opens_to_a_ticket_once(start: Start) -> None:
    async with start() as here:
        terminal = await here.open()
        async with at(here, terminal["id"]) as page:
            await page.type("echo $((6*7))\n")
            await page.sees(b"\r42")
            async with here.database.transaction() as session:
                row = await session.get_one(terminals.Terminal, UUID(terminal["id"]))
            assert row.ticket is None
            assert row.address is not None
            port = int(row.address.rpartition(":")[2])
            for hello in (
                control("hello", terminal=terminal["id"], ticket="guessed").encode(),
                control("hello", terminal=[], ticket={}).encode(),
                b"GET / HTTP/1.1\r\n\r\n",
                b"c\xff\xff\xff\xff",
            ):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(hello)
                assert await reader.read() == b""
                writer.close()
            await page.type("echo $((6*8))\n")
            await page.sees(b"\r48")


async def test_another_web_service_reaches_the_same_shell(start: Start) -> None:
    async with start() as here:
        terminal = await here.open()
        async with at(here, terminal["id"]) as page:
            await page.type("word=kept; echo first\n")
            await page.sees(b"\rfirst")
        listening = socket.create_server(("127.0.0.1", 0))
        here.port = listening.getsockname()[1]
        settings = settings_of(here.database, here.bench.settings.home, here.port)
        async with serving(settings, listening), at(here, terminal["id"]) as page:
            await page.type("echo $word\n")
            await page.sees(b"\rkept")


async def test_a_storm_of_connections_is_refused_before_it_costs_anything(start: Start) -> None:
    async with start(worker=False) as here, contextlib.AsyncExitStack() as stack:
        terminal = await here.open()
        for _ in range(SOCKETS_PER_PERSON):
            page = await stack.enter_async_context(at(here, terminal["id"]))
            assert (await page.hears("state")) == {"type": "state", "state": "waiting", "ahead": 0, "taken": False}
        async with at(here, terminal["id"]) as page:
            assert await page.closed() == 4429


async def test_a_killed_worker_is_told_and_the_next_terminal_is_a_new_one(start: Start) -> None:
    async with start(worker=False) as here:
        url, home = here.database.url.render_as_string(hide_password=False), str(here.bench.settings.home)
        here.town.app.state.settings = here.town.app.state.settings.model_copy(update={"heartbeat_limit": 2.0})
        process = await asyncio.create_subprocess_exec(
            *[sys.executable, str(Path(__file__).with_name("worker_process.py")), url, home],
            stdout=asyncio.subprocess.PIPE,
            env={name: value for name, value in os.environ.items() if not name.startswith("MARLIN_")},
        )
        assert process.stdout is not None
        try:
            assert b"ready" in await process.stdout.readuntil(b"ready")
            terminal = await here.open()
            async with at(here, terminal["id"]) as page:
                await page.type("echo $((6*7)); sleep 1000\n")
                await page.sees(b"\r42")
                process.send_signal(signal.SIGKILL)
                ended = await page.hears("ended")
                assert ended["reason"] == "lost"
                assert "worker" in ended["message"]
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
        again = await here.open()
        settings = settings_of(here.database, here.bench.settings.home)
        async with working(settings, here.bench), at(here, again["id"]) as page:
            await page.type("tail -n 1 shop.py\n")
            await page.sees(b"by A")


async def test_a_job_entered_again_opens_no_second_shell(start: Start) -> None:
    async with start(worker=False) as here:
        terminal = await here.open()
        async with here.database.transaction() as session:
            row = await session.get_one(terminals.Terminal, UUID(terminal["id"]))
            row.status, row.executor, row.address = "open", "another", "127.0.0.1:1"
        async with working(settings_of(here.database, here.bench.settings.home), here.bench):
            assert (await here.ended(terminal["id"])).reason == "lost"


async def test_nothing_in_it_says_whose_work_it_is(start: Start) -> None:
    async with start() as here:
        terminal = await here.open()
        async with at(here, terminal["id"]) as page:
            await page.type(
                "env; cat /proc/self/mountinfo /proc/1/cmdline; grep -rsl sentinel ~ /workspace /tmp; echo $((6*7))\n"
            )
            await page.sees(b"42\r\n")
            assert b"sentinel" not in page.drawn.replace(b"grep -rsl sentinel", b"")
            assert str(here.comparison).encode() not in page.drawn
            assert _names(here) & set(page.drawn.split()) == set()


def _names(here: Place) -> set[bytes]:
    return {b"careful", b"hasty", here.owner.person.name.encode()}
