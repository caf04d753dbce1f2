"""The command line ``fazhi``: arguments in, exit codes out; the work is done elsewhere.

Heavy libraries (Dagster, dbt, DuckDB, pandas, Scrapy, SQLAlchemy) are imported inside the commands that need them,
so that ``fazhi --help`` and ``fazhi status`` answer at once. No business rule belongs here.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipelines import (
    cli_archive,
    cli_backup,
    cli_bench,
    cli_catalogue,
    cli_explore,
    cli_gold,
    cli_morning,
    cli_release,
    cli_review,
    cli_show,
    cli_source,
    progress,
)
from pipelines.cli_common import HELP_NAMES, AsJson, Exit, complain, err, out, print_json, stop
from pipelines.settings import Stage, apply_environment
from warehouse.paths import Home, get_home

HELP = """Crawl, read, build and publish the annual reports on building a rule-of-law government.

(法治政府建设年度报告.) Data lies in $FAZHI_HOME, by default the folder data of the project.
"""


def _lines(*lines: str) -> str:
    """Return text for the end of a help page that keeps its lines (marked so by a backspace); "" parts paragraphs."""
    return "\b\n" + "\n".join(lines).replace("\n\n", "\n\n\b\n")


EPILOG = _lines(
    "[bold]Everyday[/bold]",
    "fazhi run                       the whole night, on the bundled samples",
    "fazhi status                    last runs, coverage, staleness, release",
    'fazhi query "from fct_report"   ask the release a question',
    "fazhi extract page.html --json  read one saved page",
    "",
    "[bold]Exit codes[/bold]",
    "0  done, or nothing new to do",
    "1  something failed; the message says what",
    "2  wrong usage or unusable input; the message names it",
    "3  a blocking check is red: release withheld, the last one stands",
    "4  another run holds the lock",
)

EXIT_OF_STATUS = {
    "published": Exit.OK,
    "unchanged": Exit.OK,
    "done": Exit.OK,
    "withheld": Exit.WITHHELD,
    "failed": Exit.FAILED,
    "bad_input": Exit.BAD_INPUT,
    "locked": Exit.LOCKED,
}

app = typer.Typer(
    name="fazhi",
    help=HELP,
    epilog=EPILOG,
    rich_markup_mode="rich",
    no_args_is_help=True,
    add_completion=False,
    context_settings=HELP_NAMES,
    pretty_exceptions_enable=False,
)
app.add_typer(cli_source.app, name="source")
app.add_typer(cli_archive.app, name="archive")
app.add_typer(cli_bench.app, name="bench")
app.add_typer(cli_catalogue.app, name="catalogue")
app.add_typer(cli_gold.app, name="gold")
app.add_typer(cli_release.app, name="release")
app.add_typer(cli_review.app, name="review")
app.command()(cli_backup.backup)
app.command()(cli_backup.restore)
app.command()(cli_explore.explore)

Sources = Annotated[
    list[str] | None,
    typer.Option(
        "--sources",
        metavar="DIR|GLOB",
        help="Source files to crawl; may be given more than once. Default: $FAZHI_SOURCES or the samples.",
    ),
]
Full = Annotated[bool, typer.Option("--full", help="Read every list to its end, whatever tonight's plan says.")]


def _execute(
    stage: Stage | None,
    sources: list[str] | None,
    *,
    as_json: bool,
    accept_drop: bool,
    full: bool = False,
    province: str | None = None,
) -> None:
    home = get_home()
    _require_settings()
    _require_storage(home)
    apply_environment(home)
    from warehouse.locks import WarehouseLockedError, writer_lock

    try:
        with writer_lock(home):
            pass
    except WarehouseLockedError as error:
        raise stop(Exit.LOCKED, str(error)) from error
    with cli_show.watching(err, quiet=as_json):
        progress.stage("start")
        from pipelines.manifest import ManifestError, prepare

        try:
            prepare()
        except ManifestError as error:
            raise stop(Exit.FAILED, str(error)) from error
        from pipelines.night import NightBrokenOffError, run_night

        try:
            night = run_night(
                home, stage=stage, sources=sources or [], accept_drop=accept_drop, full=full, province=province
            )
        except NightBrokenOffError as error:
            raise stop(Exit.FAILED, str(error)) from error
    if as_json:
        print_json(cli_show.night_json(night, home))
    else:
        cli_show.show_night(out, night, home)
    raise typer.Exit(EXIT_OF_STATUS[night.status])


def _require_storage(home: Home) -> None:
    """Refuse a night that a full disk, a closed folder or a dead ledger would end half-way."""
    from pipelines.manifest import TARGET
    from warehouse.storage_check import StorageError, require_storage

    try:
        require_storage(home, [TARGET])
    except StorageError as error:
        raise stop(Exit.FAILED, str(error)) from error


def _require_settings() -> None:
    """Refuse settings that would only be missed when the night is over."""
    from pipelines.notify import NotifyConfigError, parse_targets
    from pipelines.settings import keep_days, notify_targets

    try:
        parse_targets(notify_targets())
        keep_days()
    except (NotifyConfigError, ValueError) as error:
        raise stop(Exit.BAD_INPUT, str(error)) from error


@app.command(
    epilog=_lines(
        "[bold]Examples[/bold]",
        "fazhi run                       the bundled sample portals",
        "fazhi run --sources my_sources  a folder of source files",
        "fazhi run --only build          build and check the tables again",
        "fazhi run --only publish        publish what was built and is green",
        "fazhi run --json | jq .status   for scripts",
    )
)
def run(
    sources: Sources = None,
    only: Annotated[Stage | None, typer.Option(help="Run one stage of the night alone.")] = None,
    accept_drop: Annotated[
        bool,
        typer.Option("--accept-drop", help="Publish although far fewer rows are found than last time."),
    ] = False,
    full: Full = False,
    as_json: AsJson = False,
) -> None:
    """Run the night: crawl what changed, read it, build and check the tables, publish a release.

    Without anything new the release stays as it is. A red blocking check withholds the release (exit code 3).
    """
    if sources and only not in (None, Stage.CRAWL):
        raise stop(Exit.BAD_INPUT, f"--sources means nothing to --only {only.value if only else ''}: it does not crawl")
    _execute(only, sources, as_json=as_json, accept_drop=accept_drop, full=full)


@app.command(
    epilog=_lines(
        "[bold]Examples[/bold]",
        'fazhi crawl --sources "scrapers/sources/*/lu*.yml"',
        "fazhi crawl --province 四川省    its sources alone, now, whatever the plan says",
        "fazhi crawl --plan              what tonight would ask, and why",
    )
)
def crawl(
    sources: Sources = None,
    plan: Annotated[bool, typer.Option("--plan", help="Show what would be asked, and why; ask nothing.")] = False,
    full: Full = False,
    province: Annotated[
        str | None, typer.Option(help="Ask the sources of one province alone, and now; a name or a code.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Crawl the sources into archive and ledger, nothing more; the same as run --only crawl."""
    if plan:
        from pipelines.crawling import show_plan
        from pipelines.settings import default_sources

        raise typer.Exit(show_plan(sources or default_sources(), as_json=as_json))
    key = None
    if province is not None:
        from pipelines.provinces import UnknownProvinceError, province_key

        try:
            key = province_key(province)
        except UnknownProvinceError as error:
            raise stop(Exit.BAD_INPUT, str(error)) from error
    _execute(Stage.CRAWL, sources, as_json=as_json, accept_drop=False, full=full, province=key)


@app.command(
    epilog=_lines(
        "[bold]Examples[/bold]",
        "fazhi extract report.html --url http://www.example.gov.cn/art/1.html",
        "fazhi extract pages/ --json > readings.jsonl",
        "fazhi extract report.html --explain",
    )
)
def extract(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Saved pages, texts or folders of them.")],
    url: Annotated[str | None, typer.Option(help="The address that the one page came from.")] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Also show why each number was read so, and which were left out.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read saved pages: document, sections, observations with evidence, issues. Needs no warehouse.

    With --json one JSON object a line for each document.
    """
    from pipelines.explaining import explained, explanation_json, in_lines
    from pipelines.extracting import UnreadableError, extract_files, pages_below

    try:
        paths = pages_below(files)
    except UnreadableError as error:
        raise stop(Exit.BAD_INPUT, str(error)) from error
    if url is not None and len(paths) != 1:
        raise stop(Exit.BAD_INPUT, f"--url names the address of one page, but there are {len(paths)}")
    failed = 0
    with cli_show.counting(err, "Reading pages", len(paths), quiet=as_json) as advance:
        for name, reading, trace in extract_files(paths, url):
            if isinstance(reading, str):
                failed += 1
                complain(f"{name}: {reading}")
            elif as_json:
                from pipelines.json_output import reading_to_json

                more = explanation_json(*explained(reading, trace)) if explain else {}
                sys.stdout.write(json.dumps(reading_to_json(reading, name) | more, ensure_ascii=False) + "\n")
            else:
                cli_show.show_reading(out, reading, name)
                if explain:
                    for line, style in in_lines(*explained(reading, trace)):
                        out.print(line, style=style, markup=False, highlight=False)
            advance()
    raise typer.Exit(Exit.FAILED if failed else Exit.OK)


@app.command(
    epilog=_lines(
        "[bold]Examples[/bold]",
        "fazhi evaluate tests/gold",
        "fazhi evaluate tests/gold --only 000,001,003",
        "fazhi evaluate tests/gold --without RR_CLOSED.2 --without list_opener",
        "fazhi evaluate tests/gold --ablation",
    )
)
def evaluate(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="NAME.txt|html + NAME.jsonl + NAME.doc.json.")],
    only: Annotated[
        str, typer.Option(metavar="NAME,…", help="Measure the documents whose names begin so, and no others.")
    ] = "",
    without: Annotated[
        list[str] | None, typer.Option(metavar="RULE", help="Leave out this rule; may be given more than once.")
    ] = None,
    ablation: Annotated[
        bool, typer.Option("--ablation", help="Leave out each rule in turn and show what it earns.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Measure reading against hand-labelled gold: scores, and every miss.

    A rule is a row of indicator_rules.csv or indicator_zero_rules.csv, or a named rule of structure and flags.
    """
    from pipelines.ablation import UnknownRuleError, ablate, leave_out
    from pipelines.evaluate import GoldError, render
    from pipelines.reference import load_reference

    names = [name for name in only.split(",") if name]
    try:
        with cli_show.counting(err, "Measuring", None, quiet=as_json):
            if ablation:
                found = ablate(folder, leave_out(load_reference(), without or ()), names)
            else:
                from pipelines.extracting import evaluate_gold

                evaluation = evaluate_gold(folder, names, without or ())
    except (GoldError, UnknownRuleError, OSError) as error:
        raise stop(Exit.BAD_INPUT, str(error)) from error
    if ablation:
        print_json(found.to_json()) if as_json else cli_show.show_ablation(out, found)
    elif as_json:
        print_json(evaluation.to_json() | ({"without": without} if without else {}))
    else:
        if without:
            out.print(f"Without {', '.join(without)}", style="bold", markup=False, highlight=False)
        out.print(render(evaluation))


@app.command(
    epilog=_lines(
        "[bold]Examples[/bold]",
        "fazhi status --json | jq .release.id",
        "fazhi status --morning          what the night brought, what failed and why, what to do",
        "fazhi status --morning --send   to the targets of $FAZHI_NOTIFY too",
    )
)
def status(
    morning: Annotated[
        bool, typer.Option("--morning", help="What the last night brought, what failed and why, what to do.")
    ] = False,
    send: Annotated[bool, typer.Option("--send", help="Send the morning summary to $FAZHI_NOTIFY too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the last runs, the outcomes of their attempts, coverage, staleness and the release."""
    from pipelines.night_record import NightRecordError
    from pipelines.notify import NotifyConfigError
    from pipelines.released import ReleaseDamagedError
    from pipelines.status import look

    if send and not morning:
        raise stop(Exit.BAD_INPUT, "--send sends the morning summary: add --morning")
    try:
        if morning:
            raise typer.Exit(cli_morning.show(get_home(), send=send, as_json=as_json))
        report = look(get_home())
    except (ReleaseDamagedError, NotifyConfigError, NightRecordError) as error:
        raise stop(Exit.FAILED, str(error)) from error
    if as_json:
        print_json(cli_show.status_json(report))
    else:
        cli_show.show_status(out, report)


@app.command(
    epilog=_lines(
        "[bold]Examples[/bold]",
        'fazhi query "show tables"',
        'fazhi query "describe fct_report"',
        'fazhi query "select region_name, report_year, title from fct_report" --csv',
    )
)
def query(
    sql: Annotated[str, typer.Argument(help="DuckDB SQL; the marts are its tables.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON array of objects.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV with a header.")] = False,
) -> None:
    """Ask the latest release a question. Read-only: nothing can be changed, no other file can be reached."""
    from pipelines.querying import NoReleaseError, QueryError, ask

    if as_json and as_csv:
        raise stop(Exit.BAD_INPUT, "--json and --csv exclude one another")
    try:
        answer = ask(get_home(), sql)
    except NoReleaseError as error:
        raise stop(Exit.FAILED, str(error)) from error
    except QueryError as error:
        raise stop(Exit.BAD_INPUT, str(error)) from error
    if as_json:
        print_json(answer.as_objects())
    elif as_csv:
        answer.write_csv(sys.stdout)
    else:
        cli_show.show_answer(out, answer)


@app.command("sample-portals")
def sample_portals(
    base_port: Annotated[int | None, typer.Option(help="The first of five ports on 127.0.0.1.")] = None,
) -> None:
    """Serve the five sample portals on this machine until interrupted, to look at them in a browser."""
    import subprocess

    options = [] if base_port is None else ["--base-port", str(base_port)]
    command = [sys.executable, "-m", "scrapers", "sample-portals", *options]
    try:
        code = subprocess.run(command, check=False).returncode
    except KeyboardInterrupt:
        code = 0
    raise typer.Exit(Exit.OK if code == 0 else Exit.FAILED)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Check installation, directories, locks, versions and the release, and say how to mend what is wrong.

    Exit code 1 when something would make a night fail; warnings alone leave it 0.
    """
    from pipelines.doctor import examine

    findings = list(examine(get_home()))
    if as_json:
        print_json([cli_show.finding_json(finding) for finding in findings])
    else:
        cli_show.show_findings(out, findings)
    raise typer.Exit(Exit.FAILED if any(finding.state == "bad" for finding in findings) else Exit.OK)
