"""Making a new source: look at a portal, find its column of reports, write the source file and the golden files.

The portal is asked by the crawl itself, as a process of its own on a data home that is thrown away, so that robots,
delays, refusals and guards are those of every night. Which page is the column is decided in ``scrapers.columns``.
"""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from scrapers.columns import ColumnLink, column_links, is_column_address, is_on_subject, reports_among
from scrapers.encoding import UndecodableError, decode
from scrapers.families.answers import AnswerError
from scrapers.families.common import ATTACHMENT, Entry, ListPage, WebPage, attachment_urls
from scrapers.families.detect import Detection, detect_family
from scrapers.golden import RecordedPage, file_name, read_list_of, write_golden
from scrapers.guard import refusal_of_url
from scrapers.sources import is_loopback, parse_source
from scrapers.titles import TitleRule
from warehouse.archive import read_payload
from warehouse.ledger import AttemptRow, CaptureRow, Ledger
from warehouse.outcomes import RULES, Outcome
from warehouse.paths import HOME_VARIABLE, LEDGER_URL_VARIABLE, PROJECT_ROOT, Home, ScratchHome

REGIONS = tuple(PROJECT_ROOT / "dbt_project" / "seeds" / name for name in ("regions.csv", "region_patches.csv"))
"""The table of divisions and its patches; a patch of the same code counts."""
SOURCES = PROJECT_ROOT / "scrapers" / "sources"
GOLDEN = PROJECT_ROOT / "tests" / "pages_sources"
MAX_STEPS = 4
"""Pages looked at, at most, on the way from the given address to the column."""
NOTHING = "(?!)"
"""A title rule that wants nothing: a look at a list must not fetch what stands in it."""
STATUS_LINE = re.compile(r"^status:[^\n]*\n?", re.MULTILINE)  # status: unverified
GENERIC_LABELS = frozenset({"www", "gov", "cn", "com", "net", "org"})
NOT_IN_IDS = re.compile(r"[^a-z0-9]+")  # 127.0.0.1:8731
SHORTEST_ID = 2
LONGEST_SHOWN = 120
"""Characters shown of the address of a file."""


class ScaffoldError(Exception):
    """No source can be made; the message says why and what to try."""


@dataclass(frozen=True)
class Draft:
    """A source that is being made.

    Attributes:
        url: address of the column.
        detection: the family that made it.
        lists: the list pages that were fetched.
        reports: entries that are annual reports, newest first.
        steps: the way there, in words.
    """

    url: str
    detection: Detection
    lists: tuple[RecordedPage, ...]
    reports: tuple[Entry, ...]
    steps: tuple[str, ...]


@dataclass(frozen=True)
class NewSource:
    """What was made.

    Attributes:
        source_id: its id.
        path: the source file.
        golden: the folder of the golden files.
        draft: what it was made from.
        article: the article that was recorded; None when there was none to record.
        file_hosts: other hosts with files of reports, proposed in a comment of the source file.
    """

    source_id: str
    path: Path
    golden: Path
    draft: Draft
    article: RecordedPage | None
    file_hosts: tuple[str, ...]


@dataclass
class Visitor:
    """Asks a portal politely, page by page; everything lands in a data home of its own.

    Attributes:
        home: the data home.
    """

    home: Home
    _runs: int = field(default=0, init=False)

    def crawl(self, source: Mapping[str, Any]) -> tuple[list[CaptureRow], list[AttemptRow]]:
        """Crawl a source once; return what is archived of it after that, and the attempts that were made.

        Raises:
            ScaffoldError: the crawl could not be made.
        """
        self._runs += 1
        run_id = f"look-{self._runs}"
        path = self.home.path / f"{run_id}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source_text(source), encoding="utf-8")
        command = [sys.executable, "-m", "scrapers", "crawl", "--json", "--run-id", run_id, "--sources", str(path)]
        environment = {name: value for name, value in os.environ.items() if name != LEDGER_URL_VARIABLE}
        done = subprocess.run(
            [*command, "--trigger", "source new"],
            cwd=PROJECT_ROOT,
            env=environment | {HOME_VARIABLE: str(self.home.path)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            last = done.stderr.strip().splitlines()
            raise ScaffoldError(last[-1].removeprefix("error: ") if last else f"exit code {done.returncode}")
        with Ledger(self.home.ledger_url) as ledger:
            attempts = ledger.attempts(run_id)
            captures = {capture.capture_id: capture for capture in ledger.captures()}
        asked = dict.fromkeys(attempt.capture_id for attempt in attempts if attempt.capture_id)
        return [captures[capture_id] for capture_id in asked if capture_id], attempts

    def recorded(self, capture: CaptureRow) -> RecordedPage:
        """The bytes of a capture, with what is known of them."""
        return RecordedPage(
            capture.url,
            read_payload(self.home, capture),
            capture.content_type,
            capture.list_title,
            capture.list_date.isoformat() if capture.list_date else None,
        )


def region_name(code: str) -> str:
    """The name of a division in force.

    Raises:
        ScaffoldError: there is no such division today.
    """
    name = None
    for path in REGIONS:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["code"] == code:
                    name = row["name"] if row["status"] == "in_force" else None
    if name is None:
        raise ScaffoldError(f"--region {code}: no division in force has this code")
    return name


def id_for(url: str) -> str:
    """Make an id from a host: ``jyj.zunyi.gov.cn`` gives ``zunyi-jyj``."""
    netloc = urlsplit(url).netloc.lower()
    if is_loopback(netloc):
        return f"local-{NOT_IN_IDS.sub('-', netloc)}"
    labels = [label for label in netloc.split(":")[0].split(".") if label not in GENERIC_LABELS]
    made = NOT_IN_IDS.sub("-", "-".join(reversed(labels))).strip("-")
    return made if len(made) >= SHORTEST_ID else f"{made}-gov"


def source_text(source: Mapping[str, Any]) -> str:
    """Write a source file, a line for each key.

    Raises:
        SourceFileError: what was put together is no valid source.
    """
    lines = []
    for key, value in source.items():
        shown = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, width=10_000, sort_keys=False)
        lines.append(f"{key}: {shown.removesuffix('...' + chr(10)).strip()}\n")
    text = "".join(lines)
    parse_source(text)
    return text


def _failure(url: str, attempts: Sequence[AttemptRow]) -> ScaffoldError:
    told = [attempt for attempt in attempts if attempt.kind == "list"] or list(attempts)
    if not told:
        return ScaffoldError(f"{url}: nothing was asked")
    last = told[-1]
    rule = RULES[Outcome(last.outcome)]
    detail = f" ({last.detail})" if last.detail else ""
    return ScaffoldError(f"{last.url}: {last.outcome}{detail}. {rule.rule} {rule.next_step}")


def _base(source_id: str, url: str, region: str, owner: str, detection: Detection | None) -> dict[str, Any]:
    source: dict[str, Any] = {
        "id": source_id,
        "name": f"{owner}网站",
        "owner": owner,
        "region": region,
        "family": detection.family if detection else "generic",
        "start_urls": [url],
    }
    if detection and detection.options:
        source["api"] = dict(detection.options)
    if is_loopback(urlsplit(url).netloc):
        source["sample"] = True
    return source


def read_or_none(detection: Detection, page: RecordedPage) -> ListPage | None:
    """The list on a page; None when the family sees none."""
    try:
        found = read_list_of(detection.family, detection.options, page.url, page.body)
    except (AnswerError, UndecodableError, ValueError):
        return None
    return found if found.recognised else None


def look_at(page: RecordedPage) -> tuple[Detection, ListPage | None, list[ColumnLink]]:
    """What a page is: its family, the list on it, and links to a column of reports on the same host.

    Raises:
        ScaffoldError: it is no text.
    """
    try:
        web = WebPage(page.url, decode(page.body))
    except UndecodableError as error:
        raise ScaffoldError(f"{page.url}: {error}") from error
    detection = detect_family(web)
    found, host = read_or_none(detection, page), urlsplit(page.url).netloc
    articles = {entry.url for entry in found.entries if entry.date} if found else set()
    links = [link for link in column_links(web) if urlsplit(link.url).netloc == host and link.url not in articles]
    return detection, found, links


def find_column(visitor: Visitor, base: Mapping[str, Any], url: str, *, here: bool) -> Draft:
    """Walk from an address to the column of reports, asking for a few pages at most.

    Args:
        visitor: asks for the pages.
        base: the source file's facts; address and family are filled in.
        url: where to begin.
        here: take the page at ``url`` for the column, whatever stands on it.

    Raises:
        ScaffoldError: no column was found, or the portal did not answer.
    """
    steps: list[str] = []
    seen: set[str] = set()
    for _ in range(MAX_STEPS):
        seen.add(url)
        look = {**base, "start_urls": [url], "family": "generic", "title": {"include": NOTHING}, "bounds": {"pages": 1}}
        captures, attempts = visitor.crawl(look)
        lists = [capture for capture in captures if capture.kind == "list"]
        if not lists:
            raise _failure(url, attempts)
        page = visitor.recorded(lists[-1])
        detection, found, links = look_at(page)
        steps.append(f"{page.url}: {detection.family} ({detection.evidence})")
        reports = reports_among(found.entries, TitleRule()) if found else []
        better = next((link for link in links if link.url not in seen), None)
        is_column = is_column_address(page.url) or len(reports) > 1
        if here or (reports and (is_column or better is None or better.score < 3)):
            return Draft(page.url, detection, (page,), tuple(reports), tuple(steps))
        if found and found.next_page and (is_column or not found.entries or is_on_subject(found.entries)):
            further = _further_pages(visitor, base, page, detection)
            reports = reports_among(_entries(detection, further), TitleRule())
            if reports:
                return Draft(page.url, detection, further, tuple(reports), tuple(steps))
        if better is None:
            break
        steps.append(f"followed: {better.reason}")
        url = better.url
    way = "; ".join(steps)
    raise ScaffoldError(
        f"no list of annual reports was found ({way}). Give the address of the column itself, with --here if its "
        "first report is still to come."
    )


def _further_pages(
    visitor: Visitor, base: Mapping[str, Any], page: RecordedPage, detection: Detection
) -> tuple[RecordedPage, ...]:
    look = {**base, "start_urls": [page.url], "family": detection.family}
    if detection.options:
        look["api"] = dict(detection.options)
    look |= {"title": {"include": NOTHING}, "bounds": {"pages": 2}}
    captures, _ = visitor.crawl(look)
    return tuple(visitor.recorded(capture) for capture in captures if capture.kind == "list") or (page,)


def _entries(detection: Detection, lists: Sequence[RecordedPage]) -> list[Entry]:
    read = [read_or_none(detection, page) for page in lists]
    return [entry for page in read if page for entry in page.entries]


def fetch_article(visitor: Visitor, source: Mapping[str, Any], report: Entry) -> RecordedPage | None:
    """Fetch the one article that an entry leads to; None when it did not come."""
    exact = f"^{re.escape(''.join(report.title.split()))}$"
    captures, _ = visitor.crawl({**source, "title": {"include": exact, "exclude": NOTHING}, "bounds": {"pages": 2}})
    return next((visitor.recorded(each) for each in captures if each.kind in {"article", "attachment"}), None)


def file_hosts(draft: Draft, article: RecordedPage | None) -> dict[str, str]:
    """Return the other hosts that files of the reports lie on, each with one such file.

    Looked at are the entries of the lists and the recorded article. A host is only proposed: whom its files belong to
    is for a person to say.
    """
    here = urlsplit(draft.url).netloc.lower()
    files = [entry.url for entry in draft.reports if ATTACHMENT.search(urlsplit(entry.url).path)]
    if article is not None and file_name("article", article.body) == "article.html":
        # One that cannot be read is recorded all the same, for a person to see.
        with suppress(UndecodableError):
            files += attachment_urls(WebPage(article.url, decode(article.body)))
    found: dict[str, str] = {}
    for url in files:
        host = urlsplit(url).netloc.lower()
        refused = refusal_of_url(url, loopback_allowed=is_loopback(here)) or is_loopback(host) != is_loopback(here)
        if host != here and not refused:
            found.setdefault(host, url)
    return found


def proposal_text(hosts: Mapping[str, str]) -> str:
    """Write hosts for files as a comment of a source file, which does nothing until a person takes the sign away."""
    if not hosts:
        return ""
    named = yaml.safe_dump(sorted(hosts), default_flow_style=True, width=10_000).strip()
    shown = "".join(letter for letter in next(iter(hosts.values())) if letter.isprintable())[:LONGEST_SHOWN]
    return (
        f"# Files of reports lie elsewhere too ({shown}). Once a person has looked, take the # below away.\n"
        f"# attachment_hosts: {named}\n"
    )


def draft_from_file(path: Path, url: str) -> Draft:
    """Draft a source from a saved page alone; nothing is asked of anyone.

    Raises:
        ScaffoldError: the file is no text, or no list is on it.
    """
    page = RecordedPage(url, path.read_bytes(), "text/html")
    detection, found, _ = look_at(page)
    if found is None:
        raise ScaffoldError(f"{path}: family {detection.family} ({detection.evidence}) finds no list there")
    steps = (f"{path.name}: {detection.family} ({detection.evidence})",)
    return Draft(url, detection, (page,), tuple(reports_among(found.entries, TitleRule())), steps)


def new_source(
    url: str,
    region: str,
    *,
    owner: str | None = None,
    source_id: str | None = None,
    from_file: Path | None = None,
    into: Path | None = None,
    golden: Path | None = None,
    here: bool = False,
) -> NewSource:
    """Make a source file and its golden files from an address or a saved page; its status is ``unverified``.

    Args:
        url: the column, or a page from which links lead to it.
        region: GB/T 2260 code of the owner's division.
        owner: the body that runs the site; by default the division's government.
        source_id: by default made from the host.
        from_file: a saved copy of the page at ``url``, read instead of asking.
        into: folder of the source file.
        golden: folder of the golden files.
        here: take ``url`` for the column even if no report stands there.

    Raises:
        ScaffoldError: no source can be made.
        SourceFileError: what was given makes no valid source.
        GoldenError: golden files are there already.
    """
    division = region_name(region)
    owner = owner or f"{division}人民政府"
    source_id = source_id or id_for(url)
    into = into or SOURCES / "cn"
    path, folder = into / f"{source_id}.yml", golden or GOLDEN / source_id
    if path.exists():
        raise ScaffoldError(f"{path}: there already; name another id with --id")
    base = _base(source_id, url, region, owner, None)
    source_text(base)
    with tempfile.TemporaryDirectory(prefix="fazhi-look-") as temporary:
        visitor = Visitor(ScratchHome(Path(temporary)))
        draft = draft_from_file(from_file, url) if from_file else find_column(visitor, base, url, here=here)
        source = _base(source_id, draft.url, region, owner, draft.detection)
        article = None
        if draft.reports and not from_file:
            article = fetch_article(visitor, source, draft.reports[0])
    source["status"] = "unverified"
    proposed = file_hosts(draft, article)
    text = source_text(source) + proposal_text(proposed)
    lists = [replace(page, list_title=None) for page in draft.lists]
    now = datetime.now(UTC)
    write_golden(folder, source_id, draft.detection.family, draft.detection.options, lists, article, now)
    into.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return NewSource(source_id, path, folder, draft, article, tuple(sorted(proposed)))


def set_status(path: Path, status: str) -> None:
    """Write a new status into a source file and leave every other line as it is.

    Raises:
        SourceFileError: the file would not be valid any more; it is left as it was.
    """
    text = path.read_text(encoding="utf-8")
    line = f"status: {status}\n"
    changed = STATUS_LINE.sub(line, text, count=1) if STATUS_LINE.search(text) else text.rstrip("\n") + f"\n{line}"
    parse_source(changed)
    aside = path.with_name(path.name + ".new")
    aside.write_text(changed, encoding="utf-8")
    aside.replace(path)
