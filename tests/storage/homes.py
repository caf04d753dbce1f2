"""Data homes as a crawl and a published release leave them, without either being run."""

from __future__ import annotations

from datetime import UTC, datetime

from warehouse.archive import ArchiveWriter, Exchange
from warehouse.ledger import CaptureRow, Ledger, ListFingerprintRow, NewAttempt, SourceRow, capture_id_for
from warehouse.outcomes import Outcome
from warehouse.paths import Home
from warehouse.shelf import switch_latest

NOW = datetime(2026, 3, 1, 2, 0, 0, 123456, tzinfo=UTC)


def crawl_pages(home: Home, run_id: str, count: int) -> None:
    """Write what a crawl writes: archive and ledger."""
    with Ledger(home.ledger_url) as ledger, ArchiveWriter(home.archive, run_id, software="test") as archive:
        ledger.start_run(run_id, fazhi_version="0", trigger="test", started_at=NOW)
        ledger.put_source(SourceRow("s", "名称", "政府", "350123", "trs", ["http://h/"], "0", NOW, NOW, True))
        for number in range(count):
            url = f"http://127.0.0.1/{number}"
            exchange = Exchange(url=url, fetched_at=NOW, status=200, body=f"{run_id} 报告 {number}".encode())
            at = archive.write_response(exchange)
            capture = CaptureRow(
                capture_id=capture_id_for(url, exchange.payload_sha256),
                source_id="s",
                url=url,
                kind="article",
                payload_sha256=exchange.payload_sha256,
                content_type=None,
                http_status=200,
                etag='"1"',
                last_modified=None,
                fetched_at=NOW,
                run_id=run_id,
                warc_file=at.warc_file,
                warc_offset=at.offset,
                warc_length=at.length,
                payload_bytes=len(exchange.body),
                list_url=None,
                list_title="法治政府建设报告",
                list_date=NOW.date(),
                first_seen_at=NOW,
                last_seen_at=NOW,
            )
            ledger.record(
                NewAttempt(run_id, "s", url, "article", Outcome.FETCHED, NOW, "h", capture_id=capture.capture_id),
                capture=capture,
                validators={"etag": '"1"', "last_modified": None},
                fingerprint=ListFingerprintRow("s", "http://h/", "0", number, None, NOW),
            )
        ledger.finish_run(run_id, "done", NOW)


def publish_release(home: Home, name: str) -> None:
    """Write what publishing leaves: read-only files, the switch, and what is remembered."""
    folder = home.exports / name
    (folder / "excel").mkdir(parents=True)
    for path in (folder / "fct_report.csv", folder / "excel" / "fct_report.csv"):
        path.write_text(f"{name}\n", encoding="utf-8")
        path.chmod(0o444)
    switch_latest(home.exports, name)
    (home.exports / ".published").write_text(f"{name}\nfingerprint\n", encoding="utf-8")
