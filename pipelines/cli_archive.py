"""``fazhi archive``: bring WARC files in, check the archive, serve it on this machine. Arguments in, exit codes out.

The work is done in ``warehouse``; which hosts belong to which source is asked of the crawl's own program.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.cli_common import AsJson, Exit, complain, err, group, line, print_json, stop
from warehouse.paths import PROJECT_ROOT, get_home

app = group("Bring WARC files in, check the archive, serve it on this machine.")
PROBLEMS_SHOWN = 20


def known_sources(patterns: Sequence[str]) -> list[dict[str, Any]]:
    """Ask the crawl's program for the sources that the names mean.

    Raises:
        typer.Exit: a source file cannot be used; the message was printed.
    """
    named = [os.path.abspath(pattern) for pattern in patterns]  # noqa: PTH100 - may be globs
    command = [sys.executable, "-m", "scrapers", "sources", "--json", "--sources", *named]
    done = subprocess.run(command, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise typer.Exit(done.returncode)
    sources: list[dict[str, Any]] = json.loads(done.stdout)
    return sources


@app.command("import")
def import_file(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="WARC files, plain or gzipped.")],
    sources: Annotated[
        list[str],
        typer.Option("--sources", metavar="DIR|GLOB", help="Only answers of these sources' hosts are taken."),
    ],
    as_json: AsJson = False,
) -> None:
    """Take answers of known sources out of WARC files into archive and ledger, each content once.

    Exit code 1 when a record was damaged; everything readable is imported all the same.
    """
    from warehouse.archive import ArchiveError
    from warehouse.archive_import import KnownSource, import_files

    missing = [path for path in files if not path.is_file()]
    if missing:
        raise stop(Exit.BAD_INPUT, f"{missing[0]}: no such file")
    known = [KnownSource.from_values(values) for values in known_sources(sources)]
    try:
        summary = import_files(get_home(), files, known)
    except ArchiveError as error:
        raise stop(Exit.LOCKED, str(error)) from error
    if as_json:
        print_json(summary.to_json())
    else:
        for name, count in summary.counts.items():
            line(f"{count:8,}  {name}")
        for problem in summary.problems[:PROBLEMS_SHOWN]:
            complain(problem)
    raise typer.Exit(Exit.FAILED if summary.problems else Exit.OK)


@app.command()
def verify(as_json: AsJson = False) -> None:
    """Check every record of the archive, and that ledger and files agree both ways. Exit code 1 when they do not."""
    from warehouse.archive_verify import verify_archive

    report = verify_archive(get_home())
    if as_json:
        print_json(report.to_json())
    else:
        for name, count in report.counts.items():
            line(f"{count:8,}  {name}")
        for problem in report.problems[:PROBLEMS_SHOWN]:
            complain(problem.text)
        hidden = len(report.problems) - PROBLEMS_SHOWN
        if hidden > 0:
            err.print(f"… and {hidden:,} more problems (--json shows all)", markup=False)
    raise typer.Exit(Exit.FAILED if report.problems else Exit.OK)


@app.command()
def replay(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 for any free one.")] = 8780,
    host: Annotated[
        str | None, typer.Option(help="Serve this one host at the root, with its links leading here.")
    ] = None,
) -> None:
    """Serve the archive on 127.0.0.1 until interrupted: an index of hosts, each page under /HOST/PATH.

    Also a proxy for http:// addresses, so that a source can be debugged offline. Nothing leaves this machine.
    """
    from warehouse.replay import serve

    try:
        serve(get_home(), port, host)
    except OSError as error:
        raise stop(Exit.FAILED, f"127.0.0.1:{port}: {error.strerror}") from error
