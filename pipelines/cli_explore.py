"""``fazhi explore``: the releases as web pages; arguments in, exit codes out. The pages live in ``explorer``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli_common import Exit, line, stop
from warehouse.paths import get_home

if TYPE_CHECKING:
    from explorer.web import Site

LOOPBACK = "127.0.0.1"


def explore(
    host: Annotated[str, typer.Option(help="Address to listen on; others than loopback are seen by the network.")] = (
        LOOPBACK
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8765,
    name: Annotated[
        list[str] | None, typer.Option(help="A name under which browsers may ask, when it is not loopback.")
    ] = None,
    edit: Annotated[
        bool, typer.Option("--edit", help="Let the review list write decisions into corrections.csv.")
    ] = False,
) -> None:
    """Show the newest release as web pages: coverage, indicators, regions, reports with their numbers, health.

    Whoever can open a page may decide when --edit is given: keep such an explorer on loopback.
    """
    from explorer.app import create_app
    from explorer.server import AddressInUseError, serve
    from pipelines.explorer_desk import NightlyDesk

    def tell(address: str) -> None:
        line(f"fazhi explorer: {address}  (Ctrl+C ends it)")

    home = get_home()
    app = create_app(home, NightlyDesk(home), may_edit=edit, host_names=[host, *(name or [])])
    try:
        serve(app, host, port, tell, lambda: _begin_index(app.state.site))
    except AddressInUseError as error:
        raise stop(Exit.FAILED, f"{error}; choose another with --port") from error


def _begin_index(site: Site) -> None:
    """Begin to index the newest release for searching; without one, the first search begins it."""
    from explorer.releases import NoReleaseError, ReleaseGoneError
    from explorer.search_build import builder

    try:
        builder(site.search_folder).ensure(site.releases.newest())
    except (NoReleaseError, ReleaseGoneError):
        return
