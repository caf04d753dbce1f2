"""``fazhi source``: list, make, check and confirm sources. Arguments in, exit codes out.

All but the reading of a recorded article is done by the crawl's own program, as a process of its own; here it is
started, and here a person is shown what was recorded before a source counts as verified.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from pipelines.cli_common import AsJson, Exit, group, out, stop
from warehouse.paths import PROJECT_ROOT

app = group("List, make, check and confirm sources: one YAML file for each portal.")
ENTRIES_SHOWN = 12

Sources = Annotated[
    list[str] | None,
    typer.Option("--sources", metavar="DIR|GLOB", help="Source files. Default: all that come with the project."),
]
Golden = Annotated[
    Path | None, typer.Option(help="Folder of the golden files. Default: tests/pages_sources/ID.", show_default=False)
]


def _absolute(path: str | Path) -> str:
    """A path that means the same in the project's folder, where the other program runs; may be a glob."""
    return os.path.abspath(path)  # noqa: PTH100 - may be a glob


def _command(action: str, *arguments: str, sources: Sequence[str] | None = None) -> list[str]:
    named = ["--sources", *map(_absolute, sources)] if sources else []
    return [sys.executable, "-m", "scrapers", "source", action, *arguments, *named]


def _pass_on(command: list[str]) -> typer.Exit:
    """Run a command with this program's own output, and return the exit to raise."""
    return typer.Exit(subprocess.run(command, cwd=PROJECT_ROOT, check=False).returncode)


@app.command("list")
def list_sources(sources: Sources = None, as_json: AsJson = False) -> None:
    """Show every source: status, family, division, owner, and when its list was last read."""
    raise _pass_on(_command("list", *["--json"] * as_json, sources=sources))


@app.command()
def new(
    url: Annotated[str, typer.Argument(help="The column of reports, or a page from which links lead to it.")],
    region: Annotated[str, typer.Option(help="GB/T 2260 code of the owner's division.")],
    owner: Annotated[
        str | None, typer.Option(help="The body that runs the site. Default: the division's government.")
    ] = None,
    source_id: Annotated[str | None, typer.Option("--id", help="Its id. Default: made from the host.")] = None,
    from_file: Annotated[
        Path | None, typer.Option(help="A saved copy of the page; nothing is asked of the portal.")
    ] = None,
    here: Annotated[bool, typer.Option("--here", help="The page is the column, even without a report.")] = False,
    into: Annotated[Path | None, typer.Option(help="Folder of the source file. Default: scrapers/sources/cn.")] = None,
    golden: Golden = None,
    as_json: AsJson = False,
) -> None:
    """Make a source from an address: find the column of reports, detect its family, record golden pages.

    The portal is asked as in any night: robots.txt, delays and limits hold. The source is unverified until
    somebody confirms it with: fazhi source verify.
    """
    options: list[tuple[str, str | Path | None]] = [
        ("--region", region),
        ("--owner", owner),
        ("--id", source_id),
        ("--from-file", _absolute(from_file) if from_file else None),
        ("--into", _absolute(into) if into else None),
        ("--golden", _absolute(golden) if golden else None),
    ]
    arguments = [part for name, value in options if value is not None for part in (name, str(value))]
    raise _pass_on(_command("new", url, *arguments, *["--here"] * here, *["--json"] * as_json))


@app.command()
def check(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]…", help="Ids of sources.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Check every source.")] = False,
    sources: Sources = None,
    as_json: AsJson = False,
) -> None:
    """Ask sources for their first list pages: do they answer, may we ask, is the family right, what is newest?

    Exit code 0 when all is as it should be, 1 when something is not, 2 when an id or a file cannot be used.
    """
    from pipelines.crawling import CrawlError, any_sample, sample_portals, source_files

    files = source_files(sources or [str(folder) for folder in (PROJECT_ROOT / "scrapers" / "sources").iterdir()])
    wanted = [path for path in files if every or path.stem in (ids or [])]
    command = _command("check", *(ids or []), *["--all"] * every, *["--json"] * as_json, sources=sources)
    bundled = [path for path in wanted if path.parent.name == "sample"]
    try:
        with sample_portals() if any_sample(bundled) else nullcontext():
            raise _pass_on(command)
    except CrawlError as error:
        raise stop(Exit.FAILED, str(error)) from error


@app.command()
def verify(
    source_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the source.")],
    yes: Annotated[bool, typer.Option("--yes", help="Confirm without being asked.")] = False,
    golden: Golden = None,
    sources: Sources = None,
) -> None:
    """Show what was recorded of a source and how it is read; on a yes the source counts as verified.

    Refused while the recorded lists are read differently from what was expected, or the article is no report.
    """
    recorded = _recorded(source_id, golden, sources)
    folder = Path(recorded["golden"])
    reading = article_reading(folder, recorded)
    show_recorded(out, recorded, reading)
    faults = faults_of(recorded, reading)
    if faults:
        raise stop(Exit.FAILED, "\n".join(["Not to be confirmed as it is:", *faults]))
    if not yes and not typer.confirm("Is this right?"):
        raise stop(Exit.FAILED, f"{source_id} stays {recorded['status']}")
    keep_reading(folder, reading)
    raise _pass_on(_command("status", source_id, "--set", "verified", sources=sources))


def _recorded(source_id: str, golden: Path | None, sources: Sequence[str] | None) -> dict[str, Any]:
    arguments = ["--golden", _absolute(golden)] if golden else []
    done = subprocess.run(
        _command("show", source_id, *arguments, sources=sources),
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise typer.Exit(done.returncode)
    recorded: dict[str, Any] = json.loads(done.stdout)
    return recorded


def article_reading(folder: Path, recorded: Mapping[str, Any]) -> dict[str, Any] | None:
    """Read the recorded article: what a person compares with the page; None when none was recorded."""
    article = recorded["recorded"]["article"]
    if article is None:
        return None
    from datetime import date

    from pipelines.model import Page
    from pipelines.reading import read
    from pipelines.reference import load_reference

    page = Page(
        name=article["file"],
        content=(folder / article["file"]).read_bytes(),
        content_type=article["content_type"],
        url=article["url"],
        source_id=recorded["source_id"],
        family=recorded["family"],
        source_region_code=recorded["region_code"],
        source_owner=recorded["owner"],
        list_title=article["list_title"],
        list_date=date.fromisoformat(article["list_date"]) if article["list_date"] else None,
    )
    reading = read(page, load_reference())
    document = reading.document
    return {
        "title": document.title,
        "is_annual_report": document.is_annual_report,
        "why_not": None if document.is_annual_report else document.doc_type_reason,
        "region_code": document.region.code if document.region else None,
        "region_name": document.region.name if document.region else None,
        "report_year": document.report_year,
        "issuing_body": document.issuing_body or document.issuing_body_inferred,
        "publication_date": document.publication_date.isoformat() if document.publication_date else None,
        "characters": len(document.text),
        "sections": len(reading.sections),
        "observations": len(reading.observations),
    }


def faults_of(recorded: Mapping[str, Any], reading: Mapping[str, Any] | None) -> list[str]:
    """Why a source cannot be confirmed; empty when it can."""
    faults = list(recorded["differences"])
    if reading is None:
        faults.append("no article was recorded: make the source again when a report is out, with source new")
    elif not reading["is_annual_report"]:
        faults.append(f"the recorded article is no annual report: {reading['why_not']}")
    elif reading["region_code"] not in {None, recorded["region_code"]}:
        faults.append(f"the report is of {reading['region_code']}, the source of {recorded['region_code']}")
    return faults


def show_recorded(console: Console, recorded: Mapping[str, Any], reading: Mapping[str, Any] | None) -> None:
    """Show the source, its recorded lists and the reading of its article."""

    def line(text: str) -> None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    for name in ("source_id", "owner", "region_code", "family", "status", "golden"):
        line(f"{name:12} {recorded[name]}")
    for host in recorded["attachment_hosts"]:
        line(f"{'files':12} also from {host}")
    for host in recorded["proposed_attachment_hosts"]:
        line(f"{'files':12} lie on {host} too, and are not asked for: see the comment in {recorded['file']}")
    for page in recorded["recorded"]["lists"]:
        entries = page["expected"]["entries"]
        line(f"\n{page['file']}  {page['url']}  {len(entries)} entries, next: {page['expected']['next']}")
        for entry in entries[:ENTRIES_SHOWN]:
            line(f"  {entry['date'] or '–':10}  {entry['title']}")
        if len(entries) > ENTRIES_SHOWN:
            line(f"  … and {len(entries) - ENTRIES_SHOWN} more")
    if reading is not None:
        line(f"\n{recorded['recorded']['article']['file']}  {recorded['recorded']['article']['url']}")
        for name, value in reading.items():
            line(f"  {name:18} {'not stated' if value is None else value}")


def keep_reading(folder: Path, reading: Mapping[str, Any] | None) -> None:
    """Keep the confirmed reading as the expected one, for the tests."""
    path = folder / "golden.json"
    golden = json.loads(path.read_text(encoding="utf-8"))
    golden["reading"] = dict(reading) if reading else None
    path.write_text(json.dumps(golden, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
