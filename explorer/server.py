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

FIRST_PAGE_SECONDS = 3.0
"""How long the first page has the machine to itself, before what later pages need is loaded in the background."""


class AddressInUseError(OSError):
    """Another program listens on the port."""


def serve(
    app: Starlette, host: str, port: int, when_ready: Callable[[str], None], in_background: Callable[[], None]
) -> None:
    """Serve until interrupted; port 0 takes a free one.

    Args:
        app: what is served.
        host: address to listen on.
        port: port to listen on.
        when_ready: told the address once connections are taken.
        in_background: done in a thread, a moment after that.

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
    later = threading.Timer(FIRST_PAGE_SECONDS, _warm_up, (in_background,))
    later.daemon = True
    later.start()
    when_ready(f"http://{shown}:{listener.getsockname()[1]}/")
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, date_header=True)
    with listener:
        uvicorn.Server(config).run(sockets=[listener])


def _warm_up(then: Callable[[], None]) -> None:
    """Load what the first plot and the first search by pinyin would wait a second for, then do the rest."""
    charts.warm_up()
    finding.pinyin("法治")
    then()
