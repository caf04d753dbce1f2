"""Bringing answers from other people's WARC files into archive and ledger.

Only pages and files (status 200) from hosts of known sources are taken, each content once. What is taken gets a
capture like any other, in a run of its own whose trigger is ``import``; a record that cannot be read is reported
and the rest goes on. What a page means is for reading to find out.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urlsplit

from warehouse.archive import ArchiveWriter, Exchange, archive_lock, mend_unfinished_files
from warehouse.history import IMPORT_TRIGGER
from warehouse.ledger import CaptureKind, CaptureRow, Ledger, NewAttempt, SourceRow, capture_id_for
from warehouse.ledger_tables import LONGEST_URL
from warehouse.outcomes import Outcome
from warehouse.paths import Home
from warehouse.warc_records import Damage, Record, read_records

PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml"})
FILE_STARTS = (b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # PDF, DOCX/OFD/XLSX, DOC/WPS
FILE_ENDINGS = (".pdf", ".doc", ".docx", ".wps", ".ofd", ".xls", ".xlsx", ".et", ".rtf")
MAX_PAYLOAD_BYTES = 50 * 1024 * 1024
"""The largest body that the crawl itself would keep."""


@dataclass(frozen=True)
class KnownSource:
    """A source that answers may belong to.

    Attributes:
        row: the source as the ledger has it.
        hosts: its hosts.
        attachment_hosts: hosts that give its files, and nothing else.
    """

    row: SourceRow
    hosts: frozenset[str]
    attachment_hosts: frozenset[str] = frozenset()

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> KnownSource:
        """Make it from what ``python -m scrapers sources --json`` says of a source."""
        now = datetime.now(UTC)
        row = SourceRow(
            source_id=values["source_id"],
            name=values["name"],
            owner=values["owner"],
            region_code=values["region_code"],
            family=values["family"],
            start_urls=list(values["start_urls"]),
            config_sha256=values["config_sha256"],
            first_seen_at=now,
            last_seen_at=now,
            is_sample=values["is_sample"],
            status=values["status"],
        )
        return cls(row, frozenset(values["hosts"]), frozenset(values["attachment_hosts"]))


@dataclass
class ImportSummary:
    """What came of an import.

    Attributes:
        run_id: the run under which it stands in the ledger.
        counts: records by what became of them.
        problems: records that could not be read, in words with their place.
    """

    run_id: str
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"run_id": self.run_id, "counts": dict(self.counts), "problems": self.problems}


class _Import:
    """The state of one import: which contents are known, where records go."""

    def __init__(
        self, ledger: Ledger, archive: ArchiveWriter, sources: Sequence[KnownSource], summary: ImportSummary
    ) -> None:
        self._ledger = ledger
        self._archive = archive
        self._sources = sources
        self._summary = summary
        self._held = {(capture.source_id, capture.payload_sha256) for capture in ledger.captures()}
        self._entered: set[str] = set()

    def take(self, record: Record | Damage, path: Path) -> None:
        """Import a record, or count why not."""
        place = f"{path.name}:{record.offset}"
        if isinstance(record, Damage):
            self._summary.counts["damaged"] += 1
            self._summary.problems.append(f"{place}: {record.reason}")
            return
        if record.kind == "response" and record.digest_holds is False:
            self._summary.counts["damaged"] += 1
            self._summary.problems.append(f"{place}: the payload has not the digest {record.declared_digest}")
            return
        self._summary.counts[self._import(record, path)] += 1

    def _import(self, record: Record, path: Path) -> str:
        if record.kind != "response" or record.status is None:
            return "no answers (requests, revisits, metadata)"
        url = urldefrag(record.url).url
        if len(url) > LONGEST_URL:
            return "of addresses that are too long"
        source = owner_of(url, self._sources)
        if source is None:
            return "of hosts that no source names"
        if record.status != 200:
            return "answers without a page (status other than 200)"
        if record.is_truncated or not record.payload or len(record.payload) > MAX_PAYLOAD_BYTES:
            return "cut off, empty or too large"
        kind = kind_of(url, record, source)
        if kind is None:
            return "neither pages nor files"
        digest = hashlib.sha256(record.payload).hexdigest()
        if (source.row.source_id, digest) in self._held:
            return "duplicates"
        self._held.add((source.row.source_id, digest))
        self._store(record, url, kind, source, path)
        return "imported"

    def _store(self, record: Record, url: str, kind: CaptureKind, source: KnownSource, path: Path) -> None:
        if source.row.source_id not in self._entered:
            self._ledger.put_source(source.row)
            self._entered.add(source.row.source_id)
        exchange = Exchange(
            url=url,
            fetched_at=record.date.astimezone(UTC),
            status=200,
            body=record.payload,
            response_headers=record.headers,
            reason="OK",
            ip_address=record.ip_address,
        )
        location = self._archive.write_response(exchange)
        capture = CaptureRow(
            capture_id=capture_id_for(url, exchange.payload_sha256),
            source_id=source.row.source_id,
            url=url,
            kind=kind,
            payload_sha256=exchange.payload_sha256,
            content_type=_header(record, "content-type"),
            http_status=200,
            etag=_header(record, "etag"),
            last_modified=_header(record, "last-modified"),
            fetched_at=exchange.fetched_at,
            run_id=self._summary.run_id,
            warc_file=location.warc_file,
            warc_offset=location.offset,
            warc_length=location.length,
            payload_bytes=len(record.payload),
            list_url=None,
            list_title=None,
            list_date=None,
            first_seen_at=exchange.fetched_at,
            last_seen_at=exchange.fetched_at,
        )
        attempt = NewAttempt(
            run_id=self._summary.run_id,
            source_id=source.row.source_id,
            url=url,
            kind=kind,
            outcome=Outcome.FETCHED,
            started_at=exchange.fetched_at,
            host=urlsplit(url).netloc,
            http_status=200,
            payload_bytes=len(record.payload),
            detail=f"imported from {path.name}:{record.offset}",
            capture_id=capture.capture_id,
        )
        self._ledger.record(attempt, capture=capture)


def _header(record: Record, name: str) -> str | None:
    values = [value for key, value in record.headers if key.lower() == name]
    return values[-1] or None if values else None


def owner_of(url: str, sources: Iterable[KnownSource]) -> KnownSource | None:
    """The source that an address belongs to; of several on one host the one whose list stands nearest above it."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"}:
        return None
    host = parts.netloc.lower()
    found = [source for source in sources if host in source.hosts | source.attachment_hosts]
    return max(found, key=lambda source: _nearness(parts.path, host, source), default=None)


def _nearness(path: str, host: str, source: KnownSource) -> int:
    """Length of the longest folder of a list of the source, on this host, in which the path lies."""
    folders = [
        parts.path.rpartition("/")[0] + "/"
        for parts in map(urlsplit, source.row.start_urls)
        if parts.netloc.lower() == host
    ]
    return max((len(folder) for folder in folders if path.startswith(folder)), default=0)


def kind_of(url: str, record: Record, source: KnownSource) -> CaptureKind | None:
    """What an answer is: a list where the source's list begins, a file, or an article; None for anything else."""
    if url in source.row.start_urls:
        return "list"
    is_file_host = urlsplit(url).netloc.lower() not in source.hosts
    if record.payload.startswith(FILE_STARTS) or urlsplit(url).path.lower().endswith(FILE_ENDINGS):
        return "attachment"
    media_type = (_header(record, "content-type") or "").partition(";")[0].strip().lower()
    return "article" if media_type in PAGE_TYPES and not is_file_host else None


def import_files(home: Home, files: Sequence[Path], sources: Sequence[KnownSource]) -> ImportSummary:
    """Import WARC files.

    Args:
        home: the data home to import into.
        files: plain or gzipped WARC files.
        sources: whose answers are taken.

    Raises:
        ArchiveError: a crawl or another import is running.
    """
    now = datetime.now(UTC)
    software = f"fazhi/{version('fazhi')}"
    summary = ImportSummary(f"import-{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}")
    with ExitStack() as stack:
        stack.enter_context(archive_lock(home.archive))
        mend_unfinished_files(home.archive)
        ledger = stack.enter_context(Ledger(home.ledger_url))
        ledger.start_run(summary.run_id, fazhi_version=version("fazhi"), trigger=IMPORT_TRIGGER, started_at=now)
        try:
            archive = stack.enter_context(ArchiveWriter(home.archive, summary.run_id, software=software))
            work = _Import(ledger, archive, sources, summary)
            for path in files:
                for record in read_records(path):
                    work.take(record, path)
        except BaseException:
            ledger.finish_run(summary.run_id, "failed", datetime.now(UTC))
            raise
        ledger.finish_run(summary.run_id, "done", datetime.now(UTC))
    return summary
