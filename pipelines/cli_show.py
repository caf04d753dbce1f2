"""What the command line shows: tables and bars for a person, plain values for ``--json``; nothing is worked out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from pipelines import progress
from pipelines.model import Observation, Reading
from pipelines.released import Released, latest_release
from warehouse.paths import Home

if TYPE_CHECKING:  # these modules load heavy libraries, which what is shown here does not need
    from pipelines.ablation import Ablation
    from pipelines.doctor import Finding
    from pipelines.night_record import Night
    from pipelines.querying import Answer
    from pipelines.status import StatusReport

ROWS_SHOWN = 50
SOURCES_SHOWN = 20
HOURS_IN_TWO_DAYS = 48

STAGE_TITLES = {
    "start": "Starting",
    "crawl": "Crawling the sources",
    "load": "Loading the ledger",
    "read": "Reading pages",
    "build": "Building and testing tables",
    "check": "Checking before publishing",
    "publish": "Publishing",
}


class Bars:
    """Draws a bar for each stage on a terminal."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._task: TaskID | None = None

    def stage(self, name: str, total: int | None) -> None:
        """Finish the bar of the stage before and begin one."""
        self.finish()
        self._task = self._bars.add_task(STAGE_TITLES[name], total=total)

    def advance(self, steps: int) -> None:
        """Move the present bar on."""
        if self._task is not None:
            self._bars.advance(self._task, steps)

    def finish(self) -> None:
        """Fill the present bar."""
        if self._task is not None:
            task = self._bars.tasks[self._bars.task_ids.index(self._task)]
            self._bars.update(self._task, total=task.total or 1, completed=task.total or 1)
            self._bars.stop_task(self._task)


class Lines:
    """Prints a line for each stage where there is no terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def stage(self, name: str, total: int | None) -> None:
        """Print the name of the stage."""
        size = "" if total is None else f" ({total})"
        self._console.print(f"{STAGE_TITLES[name]}{size} …", highlight=False)

    def advance(self, steps: int) -> None:
        """Print nothing: lines are for stages."""


@contextmanager
def watching(console: Console, *, quiet: bool) -> Iterator[None]:
    """Show the stages of what runs in the ``with`` block: bars on a terminal, lines elsewhere, nothing if quiet."""
    if quiet:
        yield
    elif not console.is_terminal:
        with progress.reporting_to(Lines(console)):
            yield
    else:
        columns = (
            SpinnerColumn(finished_text="✓"),
            TextColumn("{task.description:<28}"),
            BarColumn(bar_width=28),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=console) as bars:
            reporter = Bars(bars)
            with progress.reporting_to(reporter):
                yield
            reporter.finish()


@contextmanager
def counting(console: Console, title: str, total: int | None, *, quiet: bool) -> Iterator[Callable[[], None]]:
    """Show a bar while the ``with`` block runs; gives the function that moves it on by one."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as bars:
        task = bars.add_task(title, total=total)
        yield lambda: bars.advance(task)


# -- the night ---------------------------------------------------------------------------------------

HEADLINES: Mapping[str, tuple[str, str]] = {
    "published": ("green", "A new release is published."),
    "unchanged": ("green", "Nothing new: the release stays as it is."),
    "done": ("green", "Done."),
    "withheld": ("red", "The release was withheld; the last one stands."),
    "failed": ("red", "The night failed; the release stays as it was."),
    "bad_input": ("red", "The input cannot be used; nothing was changed."),
    "locked": ("yellow", "Another run holds the lock; nothing was done."),
}


def night_json(night: Night, home: Home) -> dict[str, Any]:
    """Return what ``fazhi run --json`` prints."""
    release = latest_release(home)
    return {
        "run_id": night.run_id,
        "status": night.status,
        "release": release_json(release),
        "summary": dict(summary(night, release)),
        "checks": [asdict(check) for check in night.checks],
        "skipped": list(night.skipped),
        "failures": [asdict(failure) for failure in night.failures],
        "assets": {name: dict(values) for name, values in night.metadata.items()},
    }


def summary(night: Night, release: Released | None) -> Iterator[tuple[str, int | None]]:
    """Yield the lines of the summary table; None where a stage did not run and nothing is known."""
    crawl = night.metadata.get("crawl", {})
    yield "sources", crawl.get("sources")
    yield "pages", crawl.get("pages")
    yield "new captures", crawl.get("captures_new")
    rows = release.rows if release else {}
    yield "reports", rows.get("fct_report")
    yield "observations", rows.get("fct_observation")
    yield "issues", rows.get("fct_data_issue")
    for state in ("passed", "warned", "failed"):
        made = [check for check in night.checks if check.status == state]
        yield f"checks {state}", len(made) if night.checks else None


def show_night(console: Console, night: Night, home: Home) -> None:
    """Show how a night ended, what there is now, what went wrong and what to do next."""
    release = latest_release(home)
    colour, headline = HEADLINES[night.status]
    console.print()
    console.print(headline, style=f"bold {colour}")
    if release:
        console.print(f"Release {release.name}: {release.folder}", highlight=False, soft_wrap=True)
    table = Table(box=SIMPLE, show_header=False, pad_edge=False)
    table.add_column()
    table.add_column(justify="right")
    for name, value in summary(night, release):
        table.add_row(name, "–" if value is None else f"{value:,}")
    console.print(table)
    for check in night.checks:
        if check.status != "passed":
            colour = "yellow" if check.status == "warned" else "red"
            text = f"{check.status}: {check.asset}.{check.name}: {check.message or 'see the tests of the dbt project'}"
            told = [text, *(f"    {each}" for each in check.found), *([f"    {check.to_do}"] if check.to_do else [])]
            console.print("\n".join(told), style=colour, markup=False, highlight=False, soft_wrap=True)
    for failure in night.failures:
        console.print(f"{failure.step}: {failure.reason}", style="red", markup=False, highlight=False)
    console.print("Next:", style="bold")
    for command, purpose in next_steps(night):
        console.print(f"  {command:<50} {purpose}", markup=False, highlight=False, soft_wrap=True)


def next_steps(night: Night) -> list[tuple[str, str]]:
    """Return commands worth a try after this night, with their purpose."""
    if night.status == "bad_input":
        return [("python -m scrapers sources --sources …", "check the source files alone")]
    if night.status in ("withheld", "failed"):
        return [
            ("fazhi doctor", "check the installation"),
            ("make dagster", "look at the run and its checks at http://127.0.0.1:3000"),
        ]
    steps = [
        ("fazhi status", "the last runs, coverage and staleness"),
        ('fazhi query "from fct_report"', "ask the release a question"),
        ("make dagster", "the asset graph at http://127.0.0.1:3000"),
    ]
    if night.status in ("published", "unchanged"):
        steps.append(("make explore", "see it in a browser, at http://127.0.0.1:8765"))
    return steps


# -- status ------------------------------------------------------------------------------------------


def release_json(release: Released | None) -> dict[str, Any] | None:
    """Return a release as plain values."""
    if release is None:
        return None
    return {
        "id": release.name,
        "path": str(release.folder),
        "created": release.created,
        "rows": dict(release.rows),
    }


def status_json(report: StatusReport) -> dict[str, Any]:
    """Return what ``fazhi status --json`` prints."""
    return {
        "home": str(report.home),
        "looked_at": report.looked_at.isoformat(),
        "release": release_json(report.release),
        "coverage": dict(report.coverage),
        "captures": report.captures,
        "runs": [
            {
                **asdict(run),
                "started_at": run.started_at.isoformat(),
                "finished_at": run.finished_at.isoformat() if run.finished_at else None,
            }
            for run in report.runs
        ],
        "sources": [
            {
                **asdict(source),
                "last_good_at": source.last_good_at.isoformat() if source.last_good_at else None,
                "is_failing": source.is_failing,
            }
            for source in report.sources
        ],
    }


def show_status(console: Console, report: StatusReport) -> None:
    """Show the state of a data home."""
    console.print(f"Data home: {report.home}", highlight=False, soft_wrap=True)
    if report.release is None:
        console.print("No release yet; make one with: fazhi run", style="yellow")
    else:
        console.print(f"Release {report.release.name}, made {report.release.created}", style="bold", highlight=False)
        rows = report.release.rows
        console.print(f"  {rows.get('fct_report', 0):,} reports, {rows.get('fct_observation', 0):,} observations")
    if report.coverage:
        parts = (f"{count:,} {name}" for name, count in sorted(report.coverage.items()))
        console.print(f"  coverage: {', '.join(parts)}", highlight=False)
    if not report.runs:
        console.print("No run yet.")
        return
    runs = Table("started", "status", "seconds", "attempts", "outcomes", title="Last runs", box=SIMPLE)
    for run in report.runs:
        seconds = "–" if run.finished_at is None else f"{(run.finished_at - run.started_at).total_seconds():.0f}"
        outcomes = ", ".join(f"{name} {count}" for name, count in run.outcomes.items())
        runs.add_row(f"{run.started_at:%Y-%m-%d %H:%M}Z", run.status, seconds, str(run.attempts), outcomes)
    console.print(runs)
    sources = Table("source", "name", "last page", "last outcomes", title="Sources", box=SIMPLE)
    for source in sorted(report.sources, key=lambda each: (not each.is_failing, each.source_id))[:SOURCES_SHOWN]:
        style = "red" if source.is_failing else ""
        sources.add_row(
            source.source_id,
            source.name,
            age(source.last_good_at, report.looked_at),
            ", ".join(source.last_outcomes) or "never asked",
            style=style,
        )
    console.print(sources)
    if len(report.sources) > SOURCES_SHOWN:
        console.print(f"… and {len(report.sources) - SOURCES_SHOWN} more (--json shows all)")


def age(moment: datetime | None, now: datetime) -> str:
    """Return how long ago something was, in words."""
    if moment is None:
        return "never"
    hours = (now - moment).total_seconds() / 3600
    if hours < 1:
        return "within the hour"
    return f"{hours:.0f} hours ago" if hours < HOURS_IN_TWO_DAYS else f"{hours / 24:.0f} days ago"


# -- the rest ----------------------------------------------------------------------------------------


def finding_json(finding: Finding) -> dict[str, Any]:
    """Return a doctor's finding as plain values."""
    return asdict(finding)


def show_findings(console: Console, findings: Sequence[Finding]) -> None:
    """Show what the doctor found, with the remedies."""
    colours = {"ok": "green", "warn": "yellow", "bad": "red"}
    table = Table("", "what", "found", box=SIMPLE)
    for finding in findings:
        remedy = f"\n→ {finding.remedy}" if finding.remedy else ""
        table.add_row(Text(finding.state, colours[finding.state]), finding.name, Text(finding.message + remedy))
    console.print(table)


def show_answer(console: Console, answer: Answer) -> None:
    """Show the rows of a query, the first of them when there are many."""
    table = Table(*answer.columns, box=SIMPLE)
    for row in answer.rows[:ROWS_SHOWN]:
        table.add_row(*(Text("" if value is None else str(value)) for value in row))
    console.print(table)
    hidden = len(answer.rows) - ROWS_SHOWN
    if hidden > 0:
        console.print(f"… and {hidden:,} more rows (--csv or --json prints all)")


# Columns that the table of observations needs beside the evidence, and the least that evidence gets.
_BESIDE_EVIDENCE = 52
_LEAST_EVIDENCE = 12


def _evidence(observation: Observation, width: int) -> Text:
    """The words of the sentence around the number, with the number marked, for a terminal of ``width`` columns."""
    room = max(_LEAST_EVIDENCE, (width - _BESIDE_EVIDENCE) // 2) - len(observation.value_text)
    start = observation.char_start - observation.sentence_start
    end = start + len(observation.value_text)
    behind = observation.sentence[end : end + room // 3]
    before = observation.sentence[max(0, start - room + len(behind)) : start]
    return Text.assemble(before, (observation.value_text, "bold"), behind, overflow="ellipsis", no_wrap=True)


def _flags(observation: Observation) -> str:
    """What keeps a number from being this year's own count, in one word."""
    flags = (
        (observation.is_plan, "plan"),
        (observation.is_proposed, "proposed"),
        (observation.is_cumulative, "cumulative"),
        (observation.comparison is not None, observation.comparison or ""),
        (observation.authority is not None, "other organ"),
    )
    return next((word for holds, word in flags if holds), "")


def show_reading(console: Console, reading: Reading, name: str) -> None:
    """Show what was read from one page."""
    document = reading.document
    console.rule(name)
    kind = "annual report" if document.is_annual_report else f"not an annual report: {document.doc_type_reason}"
    lines = Table(box=None, show_header=False, pad_edge=False)
    region = document.region
    facts = (
        ("kind", kind),
        ("title", document.title),
        ("region", f"{region.name} {region.code} ({region.level})" if region else None),
        ("year", document.report_year),
        ("issuer", document.issuing_body or document.issuing_body_inferred),
        ("published", document.publication_date),
        ("signed", document.signature_date),
        ("number", document.document_number),
    )
    for label, value in facts:
        lines.add_row(Text(label, "dim"), Text("not stated" if value is None else str(value)))
    console.print(lines)
    if reading.observations:
        table = Table("indicator", "value", "unit", "as", "evidence", box=SIMPLE)
        for observation in reading.observations:
            table.add_row(
                observation.indicator_code,
                Text(observation.value_text),
                Text(observation.unit or ""),
                Text(_flags(observation), "yellow"),
                _evidence(observation, console.width),
            )
        console.print(table)
    console.print(
        f"{len(reading.sections)} sections, {len(reading.observations)} observations, {len(reading.issues)} issues"
    )
    for issue in reading.issues:
        text = f"{issue.severity}: {issue.kind}: {issue.message}"
        console.print(text, style="yellow", markup=False, highlight=False)


def show_ablation(console: Console, ablation: Ablation) -> None:
    """Show what each rule earns, and name those that earn nothing."""
    table = Table("rule", "kind", box=SIMPLE)
    for heading in ("used", "coded F1", "facts lost", "more wrong"):
        table.add_column(heading, justify="right")
    for each in ablation.of("earns") + ablation.of("harms"):
        cells = (str(each.used), f"{-each.coded_f1:+.4f}", str(each.facts_lost), f"{each.misses:+d}")
        table.add_row(Text(each.rule, "red" if each.verdict == "harms" else ""), each.kind, *cells)
    console.print(table)
    coded = "none" if ablation.coded_f1 is None else f"{ablation.coded_f1:.4f}"
    console.print(f"{ablation.documents} documents, coded F1 {coded} with all rules; the columns tell what each costs.")
    for verdict, title in (("nothing", "Earn nothing here"), ("unused", "Decide no number here")):
        names = ", ".join(each.rule for each in ablation.earnings if each.verdict == verdict)
        console.print(Text.assemble((f"{title}: ", "bold"), names or "none"))
