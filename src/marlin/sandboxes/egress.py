"""Who a sandbox with egress may talk to: the rules (pure), and the record of what was refused."""

from __future__ import annotations

import ipaddress
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime

from marlin.sandboxes.protocol import Egress, EgressEvent

_EMBEDDING = (
    ipaddress.ip_network("64:ff9b::/96"),
    ipaddress.ip_network("64:ff9b:1::/48"),
    ipaddress.ip_network("2002::/16"),
    ipaddress.ip_network("2001::/32"),
    ipaddress.ip_network("::/96"),
)
"""IPv6 ranges that carry an IPv4 address inside, and could lead to a private one (NAT64, 6to4, Teredo, compatible)."""

_LOG_LENGTH = 10_000


class EgressLog:
    """The latest connections, allowed and refused."""

    def __init__(self) -> None:
        self._events: deque[EgressEvent] = deque(maxlen=_LOG_LENGTH)
        self.refused = 0
        """How many were refused, those that the log has forgotten included."""

    def add(self, host: str, port: int, *, allowed: bool, reason: str) -> None:
        """Record one."""
        self.refused += not allowed
        self._events.append(EgressEvent(datetime.now(UTC), host[:255], port, allowed, reason))

    def events(self) -> tuple[EgressEvent, ...]:
        """The latest 10,000, oldest first."""
        return tuple(self._events)


def normal_host(host: str) -> str:
    """A host name as it is compared: lower case, no brackets, no trailing dot."""
    return host.strip().lower().removeprefix("[").removesuffix("]").removesuffix(".")


def is_named(host: str, port: int, egress: Egress) -> bool:
    """Whether the rules let a connection to ``host:port`` through, as far as its name goes."""
    if is_trusted(host, port, egress):
        return True
    if port not in egress.ports:
        return False
    return any(_matches(host, pattern.lower()) for pattern in egress.hosts)


def is_listed(host: str, port: int, egress: Egress) -> bool:
    """Whether the rules name the host itself or its domain, rather than let every public host through."""
    listed = any(pattern != "*" and _matches(host, pattern.lower()) for pattern in egress.hosts)
    return listed or is_trusted(host, port, egress)


def is_trusted(host: str, port: int, egress: Egress) -> bool:
    """Whether the operator lets ``host:port`` lie in a private network. A bare host is trusted on the usual ports."""
    for entry in egress.trusted:
        name, separator, number = entry.lower().rpartition(":")
        if separator and number.isdigit() and not entry.endswith("]"):
            if normal_host(name) == host and int(number) == port:
                return True
        elif normal_host(entry) == host and port in egress.ports:
            return True
    return False


def _matches(host: str, pattern: str) -> bool:
    if pattern == "*":
        return True
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and len(host) > len(pattern) - 1
    return host == normal_host(pattern)


def is_public(address: str) -> bool:
    """Whether an IP address is a public one: not private, loopback, link-local, shared, reserved or multicast."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if any(ip in network for network in _EMBEDDING):
            return False
    return ip.is_global and not ip.is_multicast


def usable(addresses: Iterable[str], *, trusted: bool) -> list[str]:
    """Those of a host's addresses that may be connected to, in order."""
    return [address for address in addresses if trusted or is_public(address)]
