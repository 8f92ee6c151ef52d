"""Sockets, addresses, shared memory and keys."""

from __future__ import annotations

import ctypes
import os
import socket
import struct
from typing import Any

from .base import probe, read, syscall


def _socket(family: int, kind: int, protocol: int = 0) -> str:
    socket.socket(family, kind, protocol).close()
    return "made one"


@probe
def raw_socket(_: dict[str, Any]) -> str | None:
    return _socket(socket.AF_INET, socket.SOCK_RAW, 1)


@probe
def raw_socket_6(_: dict[str, Any]) -> str | None:
    return _socket(socket.AF_INET6, socket.SOCK_RAW, 58)


@probe
def packet_socket(_: dict[str, Any]) -> str | None:
    return _socket(17, socket.SOCK_RAW, socket.htons(3))


@probe
def vsock(_: dict[str, Any]) -> str | None:
    return _socket(40, socket.SOCK_STREAM)


@probe
def crypto_socket(_: dict[str, Any]) -> str | None:
    return _socket(38, socket.SOCK_SEQPACKET)


@probe
def key_socket(_: dict[str, Any]) -> str | None:
    return _socket(15, socket.SOCK_RAW, 2)


@probe
def netfilter_netlink(_: dict[str, Any]) -> str | None:
    return _socket(16, socket.SOCK_RAW, 12)


@probe
def audit_netlink(_: dict[str, Any]) -> str | None:
    return _socket(16, socket.SOCK_RAW, 9)


@probe
def socket_family_high_bits(_: dict[str, Any]) -> str | None:
    os.close(syscall(41, (1 << 32) | 17, socket.SOCK_RAW, 0))
    return "the filter did not see the family"


@probe
def route_change(_: dict[str, Any]) -> str | None:
    with socket.socket(16, socket.SOCK_RAW, 0) as link:
        # RTM_NEWLINK with a request to create a dummy interface.
        info = struct.pack("HH", 4 + 12, 18) + struct.pack("HH", 10, 1) + b"dummy\0\0\0"
        body = struct.pack("BxHiII", 0, 0, 0, 0, 0) + info
        link.send(struct.pack("IHHII", 16 + len(body), 16, 0x605, 1, 0) + body)
        answer = link.recv(4096)
        return None if struct.unpack_from("i", answer, 16)[0] < 0 else "made a network interface"


def _connect(address: tuple[str, int], family: int = socket.AF_INET) -> str:
    with socket.socket(family, socket.SOCK_STREAM) as client:
        client.settimeout(1.5)
        client.connect(address)
    return f"connected to {address[0]}:{address[1]}"


@probe
def host_loopback(facts: dict[str, Any]) -> str | None:
    return _connect(("127.0.0.1", facts["host_port"]))


@probe
def host_address(facts: dict[str, Any]) -> str | None:
    for address in facts["host_addresses"]:
        try:
            return _connect((address, facts["host_port"]))
        except OSError:
            continue
    return None


@probe
def metadata_address(_: dict[str, Any]) -> str | None:
    return _connect(("169.254.169.254", 80))


@probe
def internet(_: dict[str, Any]) -> str | None:
    return _connect(("192.0.2.1", 443))


@probe
def name_server(facts: dict[str, Any]) -> str | None:
    for server in facts["name_servers"]:
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.settimeout(1.5)
                query = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x07example\x03com\0\0\x01\0\x01"
                client.sendto(query, (server, 53))
                client.recv(512)
                return f"{server} answered"
        except OSError:
            continue
    return None


@probe
def ipv6(_: dict[str, Any]) -> str | None:
    return _connect(("2001:db8::1", 443), socket.AF_INET6)


@probe
def abstract_socket(facts: dict[str, Any]) -> str | None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect("\0" + facts["abstract"])
    return "connected to a host's abstract socket"


@probe
def container_sockets(_: dict[str, Any]) -> str | None:
    places = ("/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock", "/run/podman/podman.sock")
    found = [path for path in (*places, "/run/dbus/system_bus_socket", "/run/systemd/private") if os.path.exists(path)]
    return f"{found}" if found else None


@probe
def other_sandbox_port(facts: dict[str, Any]) -> str | None:
    return _connect(("127.0.0.1", facts["other_port"]))


@probe
def system_v_memory(facts: dict[str, Any]) -> str | None:
    syscall(29, facts["shm_key"], 0, 0)
    return "found the host's segment"


@probe
def posix_memory(facts: dict[str, Any]) -> str | None:
    return "read" if facts["secret"].encode() in read(f"/dev/shm/{facts['shm_name']}") else None


@probe
def add_key(_: dict[str, Any]) -> str | None:
    syscall(248, ctypes.c_char_p(b"user"), ctypes.c_char_p(b"x"), ctypes.c_char_p(b"y"), 1, -3)
    return "added a key"


@probe
def keyctl(_: dict[str, Any]) -> str | None:
    syscall(250, 0, -3, 1)
    return "reached a keyring"
