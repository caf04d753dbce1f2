"""A synthetic national decade for ``fazhi bench warehouse``: as many reports as asked for, in a data home of their own.

The project's own texts are read once; every government and year gets a copy of one of these readings under its own
name, with its own figures (each number times the same factor, so that sums that hold go on holding) and without some
of the statements. Rows go into ledger and warehouse by the code that every night uses. The same seed gives the same
rows. Nothing is measured here, and no page is archived: to a night these reports have been read already.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from pipelines.bench_pages import own_texts, page_of
from pipelines.bench_warehouse_text import changed_text
from pipelines.loading import load_ledger
from pipelines.model import Page
from pipelines.reading import read
from pipelines.reference import load_reference
from pipelines.rereading import present_versions
from pipelines.rows import Row, Rows, Versions, reading_rows
from pipelines.settings import DBT_PROJECT
from warehouse.duck import Warehouse
from warehouse.ledger import CaptureKind, CaptureRow, Ledger, NewAttempt, SourceRow, capture_id_for
from warehouse.outcomes import Outcome
from warehouse.paths import Home

YEARS = range(2014, 2025)
GOVERNMENTS = 3_213
DECADE = GOVERNMENTS * len(YEARS)
SWEPT_AT = datetime(2025, 6, 2, 18, 0, tzinfo=UTC)
RUN = "decade"
# Of the statements of a reading a government makes so many, each with all its parts or none, so that sums go on
# holding: some 57 a report, two million in a decade.
STATED_SHARE = 0.5
# One report in so many was changed after it was first seen.
CHANGED_ONE_IN = 20
REPORTS_PER_LOAD = 1_000
LARGEST_FACTOR = 6


@dataclass(frozen=True)
class Government:
    """A division that reports, as the table of regions has it."""

    code: str
    name: str
    level: str
    level_zh: str
    province: str
    province_code: str
    parent_code: str | None
    parent_name: str | None

    @property
    def source_id(self) -> str:
        """Id of its portal."""
        return f"decade_{self.code}"

    @property
    def list_url(self) -> str:
        """Address of the list of its reports."""
        return f"http://{self.code}.gov.test/fzzf/"

    @property
    def columns(self) -> Row:
        """What its documents say of it."""
        return {
            "region_code": self.code,
            "region_name": self.name,
            "region_level": self.level,
            "region_level_zh": self.level_zh,
            "region_province": self.province,
            "region_province_code": self.province_code,
            "region_parent_code": self.parent_code,
            "region_parent_name": self.parent_name,
            "region_evidence": "source",
        }


@dataclass(frozen=True)
class Report:
    """One capture of the report of a government on a year; ``version`` 0 is the one that was changed later."""

    government: Government
    year: int
    version: int

    @property
    def url(self) -> str:
        """Its address."""
        return f"{self.government.list_url}{self.year}.html"

    @property
    def sha256(self) -> str:
        """Digest of its bytes, which are not kept."""
        return hashlib.sha256(f"{self.url} {self.version}".encode()).hexdigest()

    @property
    def seen_at(self) -> datetime:
        """When it was first seen."""
        return SWEPT_AT - timedelta(days=30) if self.version == 0 else SWEPT_AT

    @property
    def capture_id(self) -> str:
        """Id of the capture, which names the document too."""
        return capture_id_for(self.url, self.sha256)


def governments(count: int) -> list[Government]:
    """Return so many of the divisions in force, provinces and prefectures and counties mixed as they are.

    Raises:
        ValueError: there are not so many.
    """
    with (DBT_PROJECT / "seeds" / "regions.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if not row["valid_to"]]
    if count > len(rows):
        raise ValueError(f"{count} governments are asked for, the table of regions has {len(rows)}")
    return [_government(rows[place * len(rows) // count]) for place in range(count)]


def _government(row: Mapping[str, str]) -> Government:
    names = ("code", "name", "level", "level_zh", "province", "province_code")
    return Government(
        **{name: row[name] for name in names},
        parent_code=row["parent_code"] or None,
        parent_name=row["parent_name"] or None,
    )


def reports(count: int, seed: int) -> list[Report]:
    """Return so many reports, by government and year, each with the version before it where it was changed."""
    chance = Random(f"versions {seed}")  # noqa: S311 - figures for a benchmark
    places = ((each, year) for each in governments(-(-count // len(YEARS))) for year in YEARS)
    found = []
    for (government, year), _ in zip(places, range(count), strict=False):
        if chance.randrange(CHANGED_ONE_IN) == 0:
            found.append(Report(government, year, 0))
        found.append(Report(government, year, 1))
    return found


def templates(versions: Versions) -> list[Rows]:
    """Read the project's own texts; return the rows of those that are annual reports.

    Raises:
        NoPagesError: the project's texts are not there.
    """
    reference = load_reference()
    families = ("trs", "hanweb", "ucap", "vsb", "gkmlpt")
    pages = (page_of(name, text, families[place % len(families)], 0) for place, (name, text) in enumerate(own_texts()))
    readings = (read(_kept(page), reference) for page in pages)
    return [reading_rows(each, versions) for each in readings if each.document.is_annual_report]


def _kept(page: Page) -> Page:
    return replace(page, capture_id=page.name, source_id="template", fetched_at=SWEPT_AT)


def stamp(template: Rows, report: Report, chance: Random) -> Rows:
    """Return a reading as that of another report: with other figures, and not all of them, each where it says."""
    factor = 1 + int(report.government.code) % LARGEST_FACTOR + (report.year - YEARS[0]) // 3
    place = {"document_id": report.capture_id}
    stated = _stated(template.observation, chance)
    ids = {row["observation_id"] for row in stated}
    changed = changed_text(template.document[0]["text"], stated, factor)
    return Rows(
        document=[_document(template.document[0], report, changed.text)],
        section=[{**changed.section(row), **place} for row in template.section],
        observation=[{**changed.observation(row), **_of_report(row, ids, report), **place} for row in stated],
        item=[{**changed.item(row), **place} for row in template.item],
        citation=[{**changed.citation(row), **place} for row in template.citation],
        issue=[_issue(row, report, ordinal) for ordinal, row in enumerate(template.issue)],
        read_state=[{**row, **place, "capture_id": report.capture_id} for row in template.read_state],
    )


def _stated(observations: Sequence[Row], chance: Random) -> list[Row]:
    parents = {row["observation_id"]: row["parent_id"] for row in observations}

    def root(row: Row) -> str:
        found: str = row["observation_id"]
        while parents.get(found) is not None:
            found = parents[found]
        return found

    roots = [root(row) for row in observations]
    kept = {each for each in dict.fromkeys(roots) if chance.random() < STATED_SHARE}
    return [row for row, each in zip(observations, roots, strict=True) if each in kept]


def _document(row: Row, report: Report, text: str) -> Row:
    issuer = f"{report.government.name}人民政府"
    return {
        **row,
        **report.government.columns,
        "document_id": report.capture_id,
        "capture_id": report.capture_id,
        "source_id": report.government.source_id,
        "url": report.url,
        "content_sha256": report.sha256,
        "fetched_at": report.seen_at,
        "text": text,
        "title": f"{report.government.name}{report.year}年法治政府建设情况报告",
        "report_year": report.year,
        "issuing_body": issuer,
        "issuer_type": "government",
        "publication_date": datetime(report.year + 1, 3, 1 + int(report.government.code) % 28, tzinfo=UTC).date(),
        "signature_date": None,
    }


def _of_report(row: Row, ids: set[str], report: Report) -> Row:
    """What an observation says of the report it stands in."""
    return {
        "duplicate_of": row["duplicate_of"] if row["duplicate_of"] in ids else None,
        "period_value": str(report.year) if row["period_type"] == "year" else row["period_value"],
    }


def _issue(row: Row, report: Report, ordinal: int) -> Row:
    issue_id = hashlib.sha256(f"{report.capture_id} {ordinal}".encode()).hexdigest()[:16]
    ids = {"document_id": report.capture_id, "capture_id": report.capture_id, "issue_id": issue_id}
    return {**row, **ids, "source_id": report.government.source_id, "url": report.url}


def fill(home: Home, count: int, seed: int) -> dict[str, int]:
    """Fill a fresh data home with so many reports; return the rows by raw table.

    Raises:
        NoPagesError: the project's texts are not there.
        ValueError: there are not so many governments.
    """
    wanted = reports(count, seed)
    fill_ledger(home, wanted)
    load_ledger(home)
    versions = present_versions()
    readings = templates(versions)
    chance = Random(f"statements {seed}")  # noqa: S311 - figures for a benchmark
    with Warehouse(home.warehouse) as warehouse:
        for batch in _batches(wanted, REPORTS_PER_LOAD):
            rows = Rows()
            for report in batch:
                rows.add(stamp(chance.choice(readings), report, chance))
            warehouse.replace_documents(rows.by_table())
        return warehouse.row_counts()


def _batches(wanted: Sequence[Report], size: int) -> Iterator[Sequence[Report]]:
    for start in range(0, len(wanted), size):
        yield wanted[start : start + size]


def fill_ledger(home: Home, wanted: Sequence[Report]) -> None:
    """Write portals, one run that read them all, and what it captured."""
    seats = {report.government.code: report.government for report in wanted}
    with Ledger(home.ledger_url) as ledger:
        ledger.start_run(RUN, fazhi_version="bench", trigger="bench", started_at=SWEPT_AT)
        for government in seats.values():
            ledger.put_source(_source(government))
        with ledger.grouped(lambda: None):
            for number, government in enumerate(seats.values()):
                _record(ledger, government, government.list_url, "list", _digest(government.list_url), SWEPT_AT, number)
            for number, report in enumerate(wanted, len(seats)):
                _record(ledger, report.government, report.url, "article", report.sha256, report.seen_at, number)
                if ledger.pending >= REPORTS_PER_LOAD:
                    ledger.commit()
        ledger.finish_run(RUN, "done", SWEPT_AT + timedelta(hours=1))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _source(government: Government) -> SourceRow:
    return SourceRow(
        source_id=government.source_id,
        name=f"{government.name}人民政府",
        owner=f"{government.name}人民政府",
        region_code=government.code,
        family="generic",
        start_urls=[government.list_url],
        config_sha256=_digest(government.source_id),
        first_seen_at=SWEPT_AT,
        last_seen_at=SWEPT_AT,
        is_sample=False,
        status="verified",
    )


def _record(
    ledger: Ledger, government: Government, url: str, kind: CaptureKind, sha256: str, seen_at: datetime, number: int
) -> None:
    """Write a page that was captured, and the attempt that brought it."""
    is_list = kind == "list"
    capture = CaptureRow(
        capture_id=capture_id_for(url, sha256),
        source_id=government.source_id,
        url=url,
        kind=kind,
        payload_sha256=sha256,
        content_type="text/html",
        http_status=200,
        etag=None,
        last_modified=None,
        fetched_at=seen_at,
        run_id=RUN,
        warc_file="decade.warc.gz",
        warc_offset=number * 30_000,
        warc_length=30_000,
        payload_bytes=20_000,
        list_url=None if is_list else government.list_url,
        list_title=None if is_list else f"{government.name}法治政府建设情况报告",
        list_date=None,
        first_seen_at=seen_at,
        last_seen_at=SWEPT_AT,
    )
    attempt: dict[str, Any] = {"http_status": 200, "payload_bytes": 20_000, "duration_ms": 100}
    ledger.record(
        NewAttempt(
            run_id=RUN,
            source_id=government.source_id,
            url=url,
            kind=kind,
            outcome=Outcome.FETCHED,
            started_at=seen_at + timedelta(milliseconds=number),
            host=f"{government.code}.gov.test",
            capture_id=capture.capture_id,
            stop_reason="end_of_list" if is_list else None,
            **attempt,
        ),
        capture=capture,
        validators={"etag": f'"{sha256[:8]}"', "last_modified": None},
    )
