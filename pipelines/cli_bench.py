"""``fazhi bench``: measure the project on this machine. Arguments in, exit codes out; the work is elsewhere."""

from __future__ import annotations

import subprocess
import sys
from typing import Annotated

import typer

from warehouse.paths import PROJECT_ROOT

app = typer.Typer(
    help="Measure the project on this machine; nothing leaves it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def bench() -> None:
    """Measure the project on this machine; nothing leaves it."""


@app.command()
def crawl(
    pages: Annotated[int, typer.Option(min=1, help="Pages of 20 KB on the local portal.")] = 2000,
    rounds: Annotated[int, typer.Option(min=1, help="Times that each side runs; medians are compared.")] = 3,
    memory: Annotated[
        bool, typer.Option("--memory", help="Also crawl ten times the pages, to compare memory.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Compare the crawl, archive and ledger and all, with a bare Scrapy spider that keeps nothing."""
    command = [sys.executable, "-m", "scrapers", "bench", "crawl", "--pages", str(pages), "--rounds", str(rounds)]
    command += ["--memory"] * memory + ["--json"] * as_json
    raise typer.Exit(subprocess.run(command, cwd=PROJECT_ROOT, check=False).returncode)
