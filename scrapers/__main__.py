"""``python -m scrapers``: crawl, plan, look after sources, serve the sample portals. Arguments in, exit code out.

Exit codes: 0 when every source was attempted, whatever came of it; 1 when the crawl itself broke; 2 when the
arguments or a source file cannot be used.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scrapers", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    crawl = commands.add_parser("crawl", help="crawl sources once, into the archive and the ledger")
    _add_sources(crawl)
    crawl.add_argument("--run-id", required=True, type=_run_id, help="id of the run; names its WARC files")
    crawl.add_argument("--trigger", default="command", help="what started the run, for the ledger")
    crawl.add_argument("--json", action="store_true", help="print nothing but the summary as one line of JSON")
    crawl.add_argument("--planned", action="store_true", help="ask only what the night's plan says, not everything")
    crawl.set_defaults(run=_crawl)

    sources = commands.add_parser("sources", help="check source files and list them")
    _add_sources(sources)
    sources.add_argument("--json", action="store_true", help="print one JSON array")
    sources.set_defaults(run=_sources)

    sample = commands.add_parser("sample-portals", help="serve the five sample portals on 127.0.0.1")
    sample.add_argument("--base-port", type=int, default=8731, help="first of five ports (default %(default)s)")
    sample.add_argument("--until-eof", action="store_true", help="stop when standard input ends")
    sample.set_defaults(run=_sample_portals)

    from scrapers.commands import add_commands

    add_commands(commands)
    return parser


def _add_sources(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--sources",
        nargs="+",
        required=True,
        metavar="DIR|GLOB|FILE",
        help="source files; a folder stands for its *.yml",
    )


def _run_id(given: str) -> str:
    from warehouse.archive import RUN_ID

    if not RUN_ID.fullmatch(given):
        raise argparse.ArgumentTypeError(f"{given!r}: letters, digits, '.', '_' and '-' only, to name files")
    return given


def _crawl(args: argparse.Namespace) -> int:
    from scrapers.crawl import CrawlInterruptedError, plan_crawl, run_crawl
    from scrapers.sources import load_sources
    from warehouse.archive import ArchiveError
    from warehouse.parent import end_with_parent
    from warehouse.paths import get_home

    end_with_parent()
    sources, home = load_sources(args.sources), get_home()
    plans = {plan.source_id: plan for plan in plan_crawl(sources, home, datetime.now(UTC))} if args.planned else None
    try:
        summary = run_crawl(sources, args.run_id, home, trigger=args.trigger, plans=plans)
    except (ArchiveError, CrawlInterruptedError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if not args.json:
        for outcome, count in summary.outcomes.items():
            print(f"{count:6d}  {outcome}")
        for source_id in summary.failed_sources:
            print(f"no list could be read: {source_id}")
    print(json.dumps(asdict(summary), ensure_ascii=False))
    return 0


def _sources(args: argparse.Namespace) -> int:
    from scrapers.sources import load_sources

    loaded = load_sources(args.sources)
    if args.json:
        rows = [
            {
                "source_id": source.source_id,
                "name": source.name,
                "owner": source.owner,
                "region_code": source.region_code,
                "family": source.family,
                "start_urls": list(source.start_urls),
                "hosts": sorted(source.hosts),
                "attachment_hosts": sorted(source.attachment_hosts),
                "is_sample": source.is_sample,
                "status": source.status,
                "config_sha256": source.config_sha256,
            }
            for source in loaded
        ]
        print(json.dumps(rows, ensure_ascii=False))
    else:
        for source in loaded:
            print(f"{source.source_id:24} {source.region_code} {source.family:14} {source.owner}")
    return 0


def _sample_portals(args: argparse.Namespace) -> int:
    from scrapers.sample_portals.server import serve

    serve(args.base_port, until_eof=args.until_eof)
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    from scrapers.sources import SourceFileError

    args = _parser().parse_args(arguments)
    try:
        code: int = args.run(args)
        return code
    except SourceFileError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
