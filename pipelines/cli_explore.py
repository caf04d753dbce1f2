"""``fazhi explore``: the releases as web pages; arguments in, exit codes out. The pages live in ``explorer``."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from warehouse.paths import get_home

EXIT_FAILED = 1
LOOPBACK = "127.0.0.1"


def explore(
    host: Annotated[str, typer.Option(help="Address to listen on; others than loopback are seen by the network.")] = (
        LOOPBACK
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8765,
    name: Annotated[
        list[str] | None, typer.Option(help="A name under which browsers may ask, when it is not loopback.")
    ] = None,
) -> None:
    """Show the newest release as web pages: coverage, indicators, regions, reports with their numbers, health."""
    from explorer.app import create_app
    from explorer.server import AddressInUseError, serve

    out = Console()

    def tell(address: str) -> None:
        out.print(f"fazhi explorer: {address}  (Ctrl+C ends it)", highlight=False, soft_wrap=True)

    try:
        serve(create_app(get_home(), host_names=[host, *(name or [])]), host, port, tell)
    except AddressInUseError as error:
        Console(stderr=True).print(f"{error}; choose another with --port", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(EXIT_FAILED) from error
