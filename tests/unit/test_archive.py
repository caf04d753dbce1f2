"""The archive: what goes in comes out, unchanged bytes cost a revisit record, a torn tail costs nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from warehouse.archive import (
    ArchiveError,
    ArchiveWriter,
    Exchange,
    Location,
    archive_lock,
    end_of_whole_records,
    mend_unfinished_files,
    read_payload,
)
from warehouse.ledger import CaptureRow, capture_id_for
from warehouse.paths import Home

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
URL = "http://127.0.0.1:1/a/报告.html?x=1"


def exchange(body: bytes = b"<p>2017</p>", status: int = 200) -> Exchange:
    return Exchange(
        url=URL,
        fetched_at=NOW,
        status=status,
        body=body,
        request_headers=(("User-Agent", "fazhi"),),
        response_headers=(("Content-Type", "text/html"), ("Content-Encoding", "gzip")),
        reason="OK",
    )


def capture(given: Exchange, at: Location) -> CaptureRow:
    return CaptureRow(
        capture_id=capture_id_for(given.url, given.payload_sha256),
        source_id="s",
        url=given.url,
        kind="article",
        payload_sha256=given.payload_sha256,
        content_type="text/html",
        http_status=given.status,
        etag=None,
        last_modified=None,
        fetched_at=NOW,
        run_id="r",
        warc_file=at.warc_file,
        warc_offset=at.offset,
        warc_length=at.length,
        payload_bytes=len(given.body),
        list_url=None,
        list_title=None,
        list_date=None,
        first_seen_at=NOW,
        last_seen_at=NOW,
    )


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def writer(home: Home, **options: int) -> ArchiveWriter:
    return ArchiveWriter(home.archive, "run-1", software="fazhi", **options)


@pytest.mark.parametrize("body", [b"", b"<p>\xe6\xb3\x95</p>", b"\x1f\x8bnot really gzip", b"x" * 300_000])
def test_a_payload_comes_back_as_it_went_in(home: Home, body: bytes) -> None:
    with writer(home) as out:
        out.write_response(exchange(b"other"))
        row = capture(exchange(body), out.write_response(exchange(body)))
        assert read_payload(home, row) == body, "while the file is open"
    assert read_payload(home, row) == body, "after it was finished"


def test_records_follow_the_standard(home: Home) -> None:
    given = exchange()
    with writer(home) as out:
        at = out.write_response(given)
        out.write_revisit(exchange(), capture(given, at))
        out.write_revisit(exchange(b"", status=304), capture(given, at))
    with (home.archive / at.warc_file).open("rb") as stream:
        records = [
            (r.rec_type, r.rec_headers.get_header("WARC-Profile") or "", r.content_stream().read())
            for r in ArchiveIterator(stream, check_digests="raise")
        ]
    assert [r[0] for r in records] == [
        "warcinfo",
        *("response", "request"),
        *("revisit", "request"),
        *("revisit", "request"),
    ]
    assert records[1][2] == given.body
    assert records[3][1].endswith("identical-payload-digest")
    assert records[5][1].endswith("server-not-modified")


def test_a_file_grown_too_large_is_followed_by_another(home: Home) -> None:
    with writer(home, max_file_bytes=1) as out:
        names = [out.write_response(exchange()).warc_file for _ in range(2)]
    assert names == ["run-1-00001.warc.gz", "run-1-00002.warc.gz"]


def test_a_run_taken_up_again_overwrites_nothing(home: Home) -> None:
    names = []
    for _ in range(2):
        with writer(home) as out:
            names.append(out.write_response(exchange()).warc_file)
    assert len(set(names)) == 2


def test_without_responses_there_is_no_file(home: Home) -> None:
    with writer(home):
        pass
    assert not home.archive.exists()


@pytest.mark.parametrize("lost", [1, 20])
def test_a_torn_tail_is_set_aside_and_whole_records_survive(home: Home, lost: int) -> None:
    out = writer(home)
    row = capture(exchange(), out.write_response(exchange()))
    whole = (home.archive / (row.warc_file + ".open")).stat().st_size
    out.write_response(exchange(b"the last one"))
    unfinished = home.archive / (row.warc_file + ".open")
    unfinished.write_bytes(unfinished.read_bytes()[:-lost])

    torn = mend_unfinished_files(home.archive)

    assert [path.name for path in torn] == ["run-1-00001.warc.gz.torn"]
    assert read_payload(home, row) == exchange().body
    finished = home.archive / row.warc_file
    assert whole < finished.stat().st_size == end_of_whole_records(finished)
    assert mend_unfinished_files(home.archive) == []


def test_an_unfinished_file_without_damage_is_only_renamed(home: Home) -> None:
    row = capture(exchange(), writer(home).write_response(exchange()))
    assert mend_unfinished_files(home.archive) == []
    assert read_payload(home, row) == exchange().body
    assert not list(home.archive.glob("*.open"))


def test_a_file_torn_in_its_first_record_leaves_only_the_torn_part(home: Home) -> None:
    home.archive.mkdir()
    (home.archive / "r-00001.warc.gz.open").write_bytes(b"\x1f\x8b\x08\x00")
    mend_unfinished_files(home.archive)
    assert [path.name for path in home.archive.iterdir()] == ["r-00001.warc.gz.torn"]


def test_damage_is_reported_not_returned(home: Home) -> None:
    with writer(home) as out:
        first = out.write_response(exchange())
        second = out.write_response(exchange(b"another"))
    with pytest.raises(ArchiveError, match="sha256"):
        read_payload(home, capture(exchange(), second))
    (home.archive / first.warc_file).write_bytes(b"rubbish")
    with pytest.raises(ArchiveError, match="no readable record"):
        read_payload(home, capture(exchange(), first))
    (home.archive / first.warc_file).unlink()
    with pytest.raises(ArchiveError, match="no file"):
        read_payload(home, capture(exchange(), first))


def test_only_one_crawl_writes_at_a_time(home: Home) -> None:
    with archive_lock(home.archive), pytest.raises(ArchiveError, match="another crawl"), archive_lock(home.archive):
        pass
    with archive_lock(home.archive):
        pass


@pytest.mark.parametrize("run_id", ["", "a/b", "../x", "夜", ".hidden"])
def test_a_run_id_that_cannot_name_a_file_is_refused(home: Home, run_id: str) -> None:
    with pytest.raises(ValueError, match="cannot name a file"):
        ArchiveWriter(home.archive, run_id, software="fazhi")
