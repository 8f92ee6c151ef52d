"""The way out of a set-up sandbox: what the proxy lets through, and what it refuses."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from marlin.sandboxes import Egress, Sandbox
from marlin.sandboxes.proxy import EgressProxy
from marlin.settings import Settings

Opener = Callable[..., Awaitable[Sandbox]]


@dataclass
class Upstream:
    """A server on this machine that says what it was sent."""

    port: int = 0
    heads: list[bytes] = field(default_factory=list)


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    found = Upstream()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found.heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    yield found
    server.close()


async def curl(sandbox: Sandbox, *arguments: str) -> tuple[int, str]:
    command = ["curl", "-sS", "-m", "20", "-w", "\n%{http_code} %{http_connect}", *arguments]
    result = await sandbox.exec(command, timeout=60)
    return result.exit_code, (result.stdout + result.stderr).decode()


async def test_allowed_hosts_are_reached_by_tunnel_and_by_plain_get(open_sandbox: Opener, upstream: Upstream):
    sandbox = await open_sandbox(egress=Egress(trusted=(f"localhost:{upstream.port}",)))
    address = f"http://localhost:{upstream.port}/a?b=c"
    assert await curl(sandbox, "--noproxy", "", address) == (0, "hello\n200 000")
    assert await curl(sandbox, "--noproxy", "", "--proxytunnel", address) == (0, "hello\n200 200")
    plain, tunnelled = upstream.heads
    assert plain.startswith(f"GET /a?b=c HTTP/1.1\r\nHost: localhost:{upstream.port}\r\n".encode())
    assert b"proxy" not in plain.lower()
    assert tunnelled.startswith(b"GET /a?b=c HTTP/1.1\r\n")
    assert [(e.host, e.port, e.allowed) for e in sandbox.egress_log()] == [("localhost", upstream.port, True)] * 2


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://example.org/", "not on the list"),
        ("https://example.org/", "not on the list"),
        ("http://169.254.169.254/latest/meta-data", "not on the list"),
        ("http://localhost/", "not a public address"),
        ("http://127.0.0.1/", "not a public address"),
        ("http://[::1]/", "not a public address"),
        ("http://[::ffff:127.0.0.1]/", "not a public address"),
        ("http://2130706433/", "not a public address"),
        ("http://0x7f.1/", "not a public address"),
        ("http://localhost:22/", "not on the list"),
    ],
)
async def test_other_hosts_and_private_addresses_are_refused_and_logged(
    open_sandbox: Opener, address: str, reason: str
):
    allowed = ("localhost", "127.0.0.1", "::1", "::ffff:127.0.0.1", "2130706433", "0x7f.1", "127.1")
    sandbox = await open_sandbox(egress=Egress(hosts=allowed))
    _, said = await curl(sandbox, "--noproxy", "", "--path-as-is", address)
    assert "403" in said, said
    (event,) = sandbox.egress_log()
    assert not event.allowed
    assert reason in event.reason, event


async def test_a_wildcard_allows_public_addresses_only(open_sandbox: Opener, upstream: Upstream):
    sandbox = await open_sandbox(egress=Egress(hosts=("*",), ports=(80, 443, upstream.port)))
    _, said = await curl(sandbox, "--noproxy", "", f"http://localhost:{upstream.port}/")
    assert "403" in said
    assert upstream.heads == []


class Rebinding(EgressProxy):
    """A proxy whose name server answers differently each time, as an attacker's does."""

    def __init__(self, answers: list[list[str]], egress: Egress) -> None:
        import socket

        self.listener = socket.create_server(("127.0.0.1", 0))
        super().__init__(self.listener, egress, environ={})
        self.answers = answers

    async def _resolve(self, host: str, port: int) -> list[str]:
        return self.answers.pop(0)


async def test_the_address_that_was_checked_is_the_one_connected_to(upstream: Upstream):
    """DNS rebinding: a public answer for the check, a private one for the connection."""
    proxy = Rebinding([["10.0.0.1", "127.0.0.1"], ["127.0.0.1"]], Egress(hosts=("evil.test",), ports=(upstream.port,)))
    await proxy.start()
    reader, writer = await asyncio.open_connection(*proxy.listener.getsockname())
    writer.write(f"CONNECT evil.test:{upstream.port} HTTP/1.1\r\n\r\n".encode())
    assert (await reader.readline()).split()[1] == b"403"
    writer.close()
    await proxy.stop()
    assert len(proxy.answers) == 1
    assert upstream.heads == []


@pytest.mark.parametrize(
    "request_text",
    [
        "POST http://localhost/ HTTP/1.1",
        "GET /relative HTTP/1.1",
        "GET ftp://localhost/ HTTP/1.1",
        "GET http://user:pass@localhost/ HTTP/1.1",
        "CONNECT localhost HTTP/1.1",
        "CONNECT :443 HTTP/1.1",
        "nonsense",
        "GET http://localhost/\x00 HTTP/1.1 extra",
    ],
)
async def test_what_is_no_request_is_refused(upstream: Upstream, request_text: str):
    proxy = Rebinding([], Egress(hosts=("localhost",)))
    await proxy.start()
    reader, writer = await asyncio.open_connection(*proxy.listener.getsockname())
    writer.write(request_text.encode() + b"\r\n\r\n")
    assert (await reader.readline()).split()[1] == b"400"
    writer.close()
    await proxy.stop()


async def test_nothing_follows_a_plain_request(open_sandbox: Opener, upstream: Upstream):
    """A second request on the connection could name another host of the same server."""
    sandbox = await open_sandbox(egress=Egress(trusted=(f"localhost:{upstream.port}",)))
    first = f"GET http://localhost:{upstream.port}/ HTTP/1.1\\r\\nConnection: keep-alive\\r\\nHost: other\\r\\n\\r\\n"
    second = "GET / HTTP/1.1\\r\\nHost: forbidden\\r\\n\\r\\n"
    # in one write: the proxy closes after the first request, and bash's own printf writes line by line
    script = f"printf '{first}{second}' > /tmp/both; exec 3<>/dev/tcp/127.0.0.1/3128; cat /tmp/both >&3; cat <&3"
    result = await sandbox.exec(["bash", "-c", script], timeout=60)
    assert result.stdout.endswith(b"hello")
    assert len(upstream.heads) == 1
    assert b"forbidden" not in upstream.heads[0]
    assert b"Host: other" not in upstream.heads[0]


async def test_this_machines_own_proxy_is_used_when_it_has_one(upstream: Upstream):
    seen: list[bytes] = []

    async def machine_proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        inner = await asyncio.open_connection("127.0.0.1", upstream.port)
        inner[1].write(await reader.readuntil(b"\r\n\r\n"))
        writer.write(await inner[0].read())
        inner[1].close()
        writer.close()

    server = await asyncio.start_server(machine_proxy, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    proxy = Rebinding([["198.51.100.7"], []], Egress(hosts=("*",), trusted=("mirror.test",)))
    proxy._environ = {"HTTPS_PROXY": f"http://me:secret@127.0.0.1:{port}", "NO_PROXY": "internal.test"}
    await proxy.start()
    reader, writer = await asyncio.open_connection(*proxy.listener.getsockname())
    writer.write(b"GET http://mirror.test/x HTTP/1.1\r\n\r\n")
    assert (await reader.read()).endswith(b"hello")
    writer.close()
    assert seen[0].startswith(b"CONNECT mirror.test:80 HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic bWU6c2VjcmV0" in seen[0]
    await proxy.stop()
    server.close()


async def test_this_machines_proxy_is_given_the_address_that_was_checked():
    """DNS rebinding by way of the machine's proxy: its name server is told something else, or ours is told nothing."""
    seen: list[bytes] = []

    async def machine_proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readline())
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(machine_proxy, "127.0.0.1", 0)
    proxy = Rebinding([["10.0.0.1", "1.1.1.1"], []], Egress(hosts=("*",)))
    proxy._environ = {"HTTPS_PROXY": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"}
    await proxy.start()
    statuses = []
    for _ in range(2):
        reader, writer = await asyncio.open_connection(*proxy.listener.getsockname())
        writer.write(b"CONNECT evil.test:443 HTTP/1.1\r\n\r\n")
        statuses.append((await reader.readline()).split()[1])
        writer.close()
    assert statuses == [b"200", b"403"]
    assert seen == [b"CONNECT 1.1.1.1:443 HTTP/1.1\r\n"]
    await proxy.stop()
    server.close()


async def test_rollouts_have_no_proxy(sandbox: Sandbox):
    code, said = await curl(sandbox, "-x", "http://127.0.0.1:3128", "http://localhost/")
    assert code == 7, said


async def test_a_package_is_installed_from_this_machines_index(open_sandbox: Opener):
    """pip, with the machine's own mirrors and certificates, through the proxy."""
    from marlin.sandboxes import package_egress

    sandbox = await open_sandbox(egress=package_egress(Settings().package_registries))
    command = ["python3", "-m", "pip", "download", "--no-deps", "-d", "/workspace/wheels", "iniconfig"]
    result = await sandbox.exec(command, timeout=200)
    assert result.exit_code == 0, result
    found = await sandbox.exec(["ls", "/workspace/wheels"], timeout=60)
    assert found.stdout.startswith(b"iniconfig-")
    environment = json.loads((await sandbox.exec(["python3", "-c", _ENV], timeout=60)).stdout)
    assert environment["https_proxy"] == environment["HTTP_PROXY"] == "http://127.0.0.1:3128"


_ENV = "import os, json; print(json.dumps(dict(os.environ)))"


async def test_secrets_of_the_machines_settings_stay_on_the_host(tmp_path: Path):
    from marlin.sandboxes import machine_registries

    (tmp_path / "pip.conf").write_text("[global]\nindex-url = https://bob:hunter2@pypi.corp.test:8443/simple\n")
    found = machine_registries({"HOME": str(tmp_path), "SSL_CERT_FILE": ""}, etc=tmp_path)
    assert found.hosts == ("pypi.corp.test:8443",)
    assert found.env["PIP_INDEX_URL"] == "https://pypi.corp.test:8443/simple"
    assert "hunter2" not in repr(found)
