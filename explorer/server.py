"""The web server of the explorer: uvicorn on one address, ready line and end.

What it serves is put together in ``app.py``.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette

from explorer import charts, finding


class AddressInUseError(OSError):
    """Another program listens on the port."""


def serve(app: Starlette, host: str, port: int, when_ready: Callable[[str], None]) -> None:
    """Serve until interrupted; port 0 takes a free one. The address is told once connections are taken.

    Raises:
        AddressInUseError: another program listens there, or this user may not.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise AddressInUseError(f"{host}:{port}: {error.strerror}") from error
    listener.listen(128)
    shown = f"[{host}]" if family == socket.AF_INET6 else host
    threading.Thread(target=_warm_up, daemon=True).start()
    when_ready(f"http://{shown}:{listener.getsockname()[1]}/")
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, date_header=True)
    with listener:
        uvicorn.Server(config).run(sockets=[listener])


def _warm_up() -> None:
    """Load what the first plot and the first search by pinyin would wait a second for."""
    charts.warm_up()
    finding.pinyin("法治")
