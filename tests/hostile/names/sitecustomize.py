"""For crawls under test: the loopback guard, and a name server that lies.

``*.rebinding.invalid`` resolves to this machine and ``*.metadata.invalid`` to a metadata service, as the DNS answers
of a hostile portal may; no other name of ``.invalid`` resolves.
"""

import os
import socket
import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[2] / "guard"))

import loopback_only

LIES = {".rebinding.invalid": "127.0.0.1", ".metadata.invalid": "169.254.169.254"}
honest = socket.getaddrinfo


def getaddrinfo(host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
    """Answer for the names of the tests, and pass all others on."""
    name = host.decode("ascii") if isinstance(host, bytes) else str(host)
    for ending, address in LIES.items():
        if name.endswith(ending):
            return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port))]
    if name.endswith(".invalid"):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return honest(host, port, *arguments, **options)


if loopback_only.LOG_VARIABLE in os.environ:
    socket.getaddrinfo = getaddrinfo
    loopback_only.install(loopback_only.remember_in_log)
