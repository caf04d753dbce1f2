"""Commands of ``python -m scrapers``: ``source``, ``plan``, ``bench``. Arguments and tables; the work is elsewhere.

Nothing here knows what a report says; reading a recorded article is another program's business.
"""

from __future__ import annotations

import argparse
import json
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scrapers.sources import (
    SourceConfig,
    SourceFileError,
    load_sources,
    parse_source,
    proposed_file_hosts,
    source_files,
)
from warehouse.paths import PROJECT_ROOT, get_home

SOURCES = PROJECT_ROOT / "scrapers" / "sources"
GOLDEN = PROJECT_ROOT / "tests" / "pages_sources"
EXIT_FAILED = 1
EXIT_BAD_INPUT = 2
WIDEST_COLUMN = 60


def add_commands(commands: Any) -> None:
    """Add ``source``, ``plan`` and ``bench`` to the parser of the program."""
    bench = commands.add_parser("bench", help="measure the crawl against a spider that keeps nothing; loopback only")
    bench.add_argument("part", choices=("crawl", "serve", "bare", "fazhi"), help="crawl: all of it; others: one part")
    bench.add_argument("--pages", type=int, default=2000, help="pages of the local portal (default %(default)s)")
    bench.add_argument("--rounds", type=int, default=3, help="times that each side runs (default %(default)s)")
    bench.add_argument("--memory", action="store_true", help="also crawl ten times the pages, to compare memory")
    bench.add_argument("--port", type=int, default=0, help="where the portal listens, for one side alone")
    bench.add_argument("--into", type=Path, help="data home of one side alone")
    bench.add_argument("--json", action="store_true", help="print one JSON object")
    bench.set_defaults(run=_bench)

    plan = commands.add_parser("plan", help="show what a night would ask, and why; asks nothing")
    _add_sources(plan)
    plan.add_argument("--at", type=_moment, default=None, help="an ISO time to plan for (default now)")
    plan.add_argument("--json", action="store_true", help="print one JSON array")
    plan.set_defaults(run=_plan)

    source = commands.add_parser("source", help="list, make, check and confirm sources")
    actions = source.add_subparsers(dest="action", required=True)

    listed = actions.add_parser("list", help="all sources with their status")
    _add_sources(listed)
    listed.add_argument("--json", action="store_true", help="print one JSON array")
    listed.set_defaults(run=_list)

    new = actions.add_parser("new", help="make a source file and golden files from an address")
    new.add_argument("url", help="the column of reports, or a page from which links lead to it")
    new.add_argument("--region", required=True, help="GB/T 2260 code of the owner's division")
    new.add_argument("--owner", help="the body that runs the site (default: the division's government)")
    new.add_argument("--id", dest="source_id", help="id of the source (default: made from the host)")
    new.add_argument("--from-file", type=Path, help="a saved copy of the page; nothing is asked of the portal")
    new.add_argument("--here", action="store_true", help="the page is the column, even if it holds no report yet")
    new.add_argument("--into", type=Path, help="folder of the source file (default: scrapers/sources/cn)")
    new.add_argument("--golden", type=Path, help="folder of the golden files (default: tests/pages_sources/ID)")
    new.add_argument("--json", action="store_true", help="print one JSON object")
    new.set_defaults(run=_new)

    check = actions.add_parser("check", help="ask sources for their first list pages and judge what comes")
    _add_ids(check)
    check.add_argument("--all", action="store_true", help="every source that --sources names")
    check.add_argument("--json", action="store_true", help="print one JSON array")
    check.set_defaults(run=_check)

    show = actions.add_parser("show", help="what was recorded of a source, and whether it is still read so (JSON)")
    _add_ids(show)
    show.add_argument("--golden", type=Path, help="folder of the golden files (default: tests/pages_sources/ID)")
    show.set_defaults(run=_show)

    status = actions.add_parser("status", help="write a status into a source file")
    _add_ids(status)
    status.add_argument("--set", dest="value", required=True, choices=("unverified", "verified", "retired"))
    status.set_defaults(run=_status)


def default_sources() -> list[str]:
    """Every folder of source files that comes with the project."""
    return [str(folder) for folder in sorted(SOURCES.iterdir()) if any(folder.glob("*.yml"))]


def _add_sources(command: argparse.ArgumentParser) -> None:
    command.add_argument("--sources", nargs="+", metavar="DIR|GLOB|FILE", help="source files (default: all bundled)")


def _add_ids(command: argparse.ArgumentParser) -> None:
    command.add_argument("ids", nargs="*", metavar="ID", help="ids of sources")
    _add_sources(command)


def _moment(given: str) -> datetime:
    try:
        moment = datetime.fromisoformat(given)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{given!r}: no ISO time") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _chosen(args: argparse.Namespace) -> list[SourceConfig]:
    """The sources of the ids given.

    Raises:
        SourceFileError: an id that no source file has.
    """
    known = {source.source_id: source for source in load_sources(args.sources or default_sources())}
    for source_id in args.ids:
        if source_id not in known:
            raise SourceFileError(f"{source_id}: no source file has this id; see: source list")
    return [known[source_id] for source_id in dict.fromkeys(args.ids)]


def file_of(source_id: str, patterns: Sequence[str]) -> Path:
    """The file of a source.

    Raises:
        SourceFileError: no file has this id, or a file is broken.
    """
    for path in source_files(patterns):
        try:
            found = parse_source(path.read_text(encoding="utf-8")).source_id
        except SourceFileError as error:
            raise SourceFileError(f"{path}: {error}") from error
        if found == source_id:
            return path
    raise SourceFileError(f"{source_id}: no source file has this id; see: source list")


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Lay out a table for a terminal; Chinese letters count double, long cells are cut."""

    def cut(text: str) -> str:
        while _width(text) > WIDEST_COLUMN:
            text = text[:-2] + "…"
        return text

    cells = [[cut("–" if value is None else str(value)) for value in row] for row in [head, *rows]]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def _bench(args: argparse.Namespace) -> int:
    from scrapers.bench import main

    return main(args)


def _plan(args: argparse.Namespace) -> int:
    from scrapers.crawl import plan_crawl
    from scrapers.plan import plan_json

    sources = load_sources(args.sources or default_sources())
    plans = plan_crawl(sources, get_home(), args.at or datetime.now(UTC))
    if args.json:
        _print_json([plan_json(plan) for plan in plans])
        return 0
    rows = [
        (plan.source_id, plan.action, plan.list_pages or None, len(plan.recheck) or None, plan.reason) for plan in plans
    ]
    print(table(("source", "tonight", "list pages", "look again", "why"), rows))
    counts = {action: sum(plan.action == action for plan in plans) for action in ("sweep", "check", "rest")}
    print(", ".join(f"{count} {action}" for action, count in counts.items()))
    return 0


def _list(args: argparse.Namespace) -> int:
    from warehouse.history import SourceHistory, read_history

    sources = load_sources(args.sources or default_sources())
    histories = read_history(get_home().ledger_url)
    rows: list[Mapping[str, Any]] = []
    for source in sources:
        history = histories.get(source.source_id, SourceHistory())
        rows.append(
            {
                "source_id": source.source_id,
                "status": source.status,
                "is_sample": source.is_sample,
                "family": source.family,
                "region_code": source.region_code,
                "owner": source.owner,
                "hosts": sorted(source.hosts),
                "start_urls": list(source.start_urls),
                "read_at": history.read_at.isoformat() if history.read_at else None,
                "failures": history.failures,
                "pages_known": len(history.pages),
            }
        )
    if args.json:
        _print_json(rows)
        return 0
    shown = ("source_id", "status", "family", "region_code", "owner", "read_at", "pages_known")
    head = ("source", "status", "family", "region", "owner", "last read", "pages")
    print(table(head, [[str(row[name] or "–")[:19] for name in shown] for row in rows]))
    counts = {status: sum(row["status"] == status for row in rows) for status in ("verified", "unverified", "retired")}
    print(", ".join(f"{count} {status}" for status, count in counts.items()))
    return 0


def _new(args: argparse.Namespace) -> int:
    from scrapers.golden import GoldenError
    from scrapers.scaffold import ScaffoldError, new_source

    try:
        made = new_source(
            args.url,
            args.region,
            owner=args.owner,
            source_id=args.source_id,
            from_file=args.from_file,
            into=args.into,
            golden=args.golden,
            here=args.here,
        )
    except OSError as error:
        raise SourceFileError(f"{error.filename}: {error.strerror}") from error
    except (ScaffoldError, GoldenError) as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_FAILED
    newest = made.draft.reports[0] if made.draft.reports else None
    if args.json:
        _print_json(
            {
                "source_id": made.source_id,
                "file": str(made.path),
                "golden": str(made.golden),
                "family": made.draft.detection.family,
                "evidence": made.draft.detection.evidence,
                "column": made.draft.url,
                "steps": list(made.draft.steps),
                "reports": [entry.title for entry in made.draft.reports],
                "article": made.article.url if made.article else None,
                "proposed_attachment_hosts": list(made.file_hosts),
                "status": "unverified",
            }
        )
        return 0
    for step in made.draft.steps:
        print(step)
    print(f"column   {made.draft.url}")
    print(f"family   {made.draft.detection.family} ({made.draft.detection.evidence})")
    print(f"reports  {len(made.draft.reports)} on the list" + (f", newest: {newest.title}" if newest else ""))
    print(f"article  {made.article.url if made.article else 'none recorded'}")
    for host in made.file_hosts:
        print(f"files    of reports lie on {host} too: proposed in a comment, asked when a person has agreed")
    print(f"written  {made.path}\n         {made.golden}")
    print(f"The source is unverified. Look at it, then: fazhi source verify {made.source_id}")
    return 0


def _check(args: argparse.Namespace) -> int:
    from scrapers.crawl import CrawlInterruptedError
    from scrapers.probe import check_json, check_sources
    from warehouse.archive import ArchiveError

    if bool(args.ids) == args.all:
        raise SourceFileError("name the ids of sources, or --all")
    sources = load_sources(args.sources or default_sources()) if args.all else _chosen(args)
    try:
        checks = check_sources(sources)
    except (ArchiveError, CrawlInterruptedError) as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_FAILED
    if args.json:
        _print_json([check_json(check) for check in checks])
    else:
        rows = [
            (
                check.source_id,
                check.verdict,
                check.status,
                check.outcome,
                check.robots,
                check.family if check.detected in {None, check.family} else f"{check.family} → {check.detected}",
                check.entries,
                check.newest_title,
                check.newest_date,
            )
            for check in checks
        ]
        head = ("source", "verdict", "status", "list", "robots", "family", "entries", "newest report", "date")
        print(table(head, rows))
        for check in checks:
            for remark in check.remarks:
                print(f"{check.source_id}: {remark}")
    return EXIT_FAILED if any(check.verdict != "ok" for check in checks) else 0


def _one_id(args: argparse.Namespace) -> str:
    if len(args.ids) != 1:
        raise SourceFileError("name the id of one source")
    return str(args.ids[0])


def _show(args: argparse.Namespace) -> int:
    from scrapers.golden import GoldenError, differences, load_golden

    source_id = _one_id(args)
    path = file_of(source_id, args.sources or default_sources())
    text = path.read_text(encoding="utf-8")
    source = parse_source(text)
    folder = args.golden or GOLDEN / source_id
    try:
        golden, changed = load_golden(folder), differences(folder)
    except GoldenError as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_FAILED
    about = {
        "source_id": source_id,
        "file": str(path),
        "status": source.status,
        "owner": source.owner,
        "region_code": source.region_code,
        "family": source.family,
        "attachment_hosts": sorted(source.attachment_hosts),
        "proposed_attachment_hosts": proposed_file_hosts(text),
        "golden": str(folder),
    }
    _print_json({**about, "recorded": golden, "differences": changed})
    return 0


def _status(args: argparse.Namespace) -> int:
    from scrapers.scaffold import set_status

    source_id = _one_id(args)
    path = file_of(source_id, args.sources or default_sources())
    set_status(path, args.value)
    print(f"{source_id}: {args.value} ({path})")
    return 0
