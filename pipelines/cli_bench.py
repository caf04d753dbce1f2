"""``fazhi bench``: measure the project on this machine. Arguments in, exit codes out; the work is elsewhere."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.cli_common import Exit, group, out, print_json, stop
from warehouse.paths import PROJECT_ROOT

app = group("Measure the project on this machine; nothing leaves it.")


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


@app.command()
def extract(
    rounds: Annotated[int, typer.Option(min=1, help="Times that each side reads all pages; medians are compared.")] = 3,
    memory: Annotated[int, typer.Option(min=0, help="Also read so many documents, to see that memory stays.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Compare the whole reading of a page with the extraction of its main text by trafilatura, on one core."""
    from pipelines.bench_extract import BenchError, run_bench
    from pipelines.bench_pages import NoPagesError

    try:
        figures = run_bench(rounds, memory)
    except (BenchError, NoPagesError) as error:
        raise stop(Exit.FAILED, f"error: {error}") from error
    _print(figures, as_json=as_json)


@app.command()
def fuzz(
    pages: Annotated[int, typer.Option(min=1, help="Damaged pages to read.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Another seed damages in other ways.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Read damaged pages; exit code 1 when one makes reading fail or takes more than a second of computing."""
    from pipelines.bench_fuzz import run_fuzz
    from pipelines.bench_pages import NoPagesError

    try:
        figures = run_fuzz(pages, seed)
    except NoPagesError as error:
        raise stop(Exit.FAILED, f"error: {error}") from error
    _print(figures, as_json=as_json)
    if figures["crashes"] or figures["over_one_second"]:
        raise typer.Exit(Exit.FAILED)


@app.command()
def warehouse(
    reports: Annotated[
        int, typer.Option(min=350, help="Synthetic reports; the default is every government in eleven years.")
    ] = 35_343,
    seed: Annotated[int, typer.Option(help="Another seed makes other versions and statements.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Build and release a synthetic national decade against DuckDB alone; quiet nights; peak memory. Takes a while."""
    from pipelines.bench_pages import NoPagesError
    from pipelines.bench_warehouse import run_warehouse_bench, wanted
    from pipelines.bench_warehouse_steps import BenchError

    try:
        figures = run_warehouse_bench(reports, seed, lambda said: typer.echo(f"{said} …", err=True))
    except (BenchError, NoPagesError, ValueError) as error:
        raise stop(Exit.FAILED, f"error: {error}") from error
    if as_json:
        _print(figures, as_json=True)
        return
    _tabulate(figures, wanted(figures))


@app.command()
def explorer(
    home: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="A data home with a release; else one is made.")
    ] = None,
    reports: Annotated[int, typer.Option(min=350, help="Synthetic reports of the release that is made.")] = 35_343,
    rounds: Annotated[int, typer.Option(min=1, help="Pages of each kind that are asked for.")] = 30,
    seed: Annotated[int, typer.Option(help="Another seed makes other reports and asks for other pages.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Time the pages of the explorer on the release of a synthetic national decade. Takes a while."""
    from pipelines.bench_explorer import ExplorerBenchError, run_explorer_bench, wanted
    from pipelines.bench_pages import NoPagesError
    from pipelines.bench_warehouse_steps import BenchError
    from warehouse.paths import Home

    chosen = Home(home.resolve()) if home else None
    try:
        figures = run_explorer_bench(chosen, reports, rounds, seed, lambda said: typer.echo(f"{said} …", err=True))
    except (BenchError, ExplorerBenchError, NoPagesError, ValueError) as error:
        raise stop(Exit.FAILED, f"error: {error}") from error
    if as_json:
        _print(figures, as_json=True)
        return
    _tabulate(figures, wanted(figures))


def _tabulate(figures: dict[str, Any], limits: Sequence[tuple[str, float, float]]) -> None:
    """Print figures as a table, with what is wanted of some."""
    from rich.box import SIMPLE
    from rich.table import Table

    allowed = {name: f"≤ {limit}" for name, _, limit in limits}
    table = Table("figure", "seen", "wanted", box=SIMPLE)
    for name, value in figures.items():
        shown = "\n".join(f"{part} {each}" for part, each in value.items()) if isinstance(value, dict) else str(value)
        table.add_row(name.replace("_", " "), shown, allowed.get(name, ""))
    out.print(table)


def _print(figures: dict[str, Any], *, as_json: bool) -> None:
    """Print figures as JSON, or one a line."""
    if as_json:
        print_json(figures)
        return
    width = max(map(len, figures))
    for name, value in figures.items():
        typer.echo(f"{name:{width}}  {value}")
