"""Refuses every socket connection and name look-up that would leave this machine, and remembers the host.

Built on Python's audit events, so that libraries which keep their own reference to ``socket`` are caught too.
Sockets opened by C++ code inside an extension module raise no audit event and are not seen.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from collections.abc import Callable

# events whose second argument is an address, and events whose first argument is a host
ADDRESS_EVENTS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
HOST_EVENTS = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})

LOG_VARIABLE = "LOOPBACK_ONLY_LOG"

refused_hosts: list[str] = []


class OutsideConnectionError(RuntimeError):
    """Something reached for a host beyond loopback; the message names the host."""


def is_inside(host: object) -> bool:
    """Whether a host is this machine: None, a loopback or unspecified address, or the name localhost."""
    if isinstance(host, bytes | bytearray):
        host = host.decode("ascii", errors="replace")
    if host is None or host in ("", "localhost", socket.gethostname()):
        return True
    try:
        address = ipaddress.ip_address(str(host).partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def host_of(event: str, arguments: tuple[object, ...]) -> object:
    """The host that an audit event names; None for events and address families that name none."""
    if event in HOST_EVENTS:
        return arguments[0]
    if event in ADDRESS_EVENTS:
        address = arguments[1]
        return address[0] if isinstance(address, tuple) and isinstance(address[0], str) else None
    return None


def install(remember: Callable[[str], None]) -> None:
    """Refuse outside connections in this process from now on; ``remember`` gets each refused host."""

    def refuse(event: str, arguments: tuple[object, ...]) -> None:
        host = host_of(event, arguments)
        if not is_inside(host):
            remember(str(host))
            raise OutsideConnectionError(f"{event}: {host!r} is not this machine")

    sys.addaudithook(refuse)


def remember_in_log(host: str) -> None:
    """Append the host to the file that the environment names, for the parent process to read."""
    log = os.open(os.environ[LOG_VARIABLE], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(log, f"{host}\n".encode())
    finally:
        os.close(log)
