"""Importing WARC files, checking the archive, and serving it: damage is named and survived, nothing is taken twice."""

from __future__ import annotations

import gzip
import http.client
import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from warehouse.archive import ArchiveWriter, Exchange, archive_lock, read_payload
from warehouse.archive_import import KnownSource, import_files, owner_of
from warehouse.archive_verify import verify_archive
from warehouse.history import read_history
from warehouse.ledger import Ledger, SourceRow
from warehouse.paths import ScratchHome
from warehouse.replay import make_server
from warehouse.warc_records import Damage, digest_of, read_records

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HTML = "text/html; charset=utf-8"
PAGE = "<p>某县2023年法治政府建设情况报告</p>".encode()


def source(source_id: str = "s", *urls: str, hosts: tuple[str, ...] = ()) -> KnownSource:
    starts = urls or ("http://portal.example/bg/index.html",)
    row = SourceRow(source_id, "名称", "某县人民政府", "350123", "trs", list(starts), "0" * 64, NOW, NOW, False)
    named = {url.split("/")[2] for url in starts}
    return KnownSource(row, frozenset(named | set(hosts)), frozenset({"files.example"}))


def warc(
    path: Path,
    *pages: tuple[str, int, bytes, str],
    compressed: bool = True,
    digest: str | None = None,
    extra: tuple[tuple[str, str], ...] = (),
) -> list[int]:
    """Write a foreign WARC file; return the offsets of its responses."""
    stream = BytesIO()
    writer = WARCWriter(stream, gzip=compressed, warc_version="1.0")
    offsets = []
    for url, status, body, content_type in pages:
        offsets.append(stream.tell())
        headers = StatusAndHeaders(f"{status} OK", [("Content-Type", content_type), *extra], protocol="HTTP/1.1")
        declared = {"WARC-Date": "2025-02-03T04:05:06Z"} | ({"WARC-Payload-Digest": digest} if digest else {})
        writer.write_record(
            writer.create_warc_record(
                url,
                "response",
                payload=BytesIO(body),
                length=len(body),
                http_headers=headers,
                warc_headers_dict=declared,
            )
        )
    path.write_bytes(stream.getvalue())
    return offsets


@pytest.fixture
def home(tmp_path: Path) -> ScratchHome:
    return ScratchHome(tmp_path / "home")


def article(number: int) -> tuple[str, int, bytes, str]:
    return f"http://portal.example/bg/{number}.html", 200, PAGE + str(number).encode(), HTML


@pytest.mark.parametrize("compressed", [True, False])
def test_pages_of_known_hosts_become_captures(home: ScratchHome, tmp_path: Path, compressed: bool) -> None:
    path = tmp_path / "web.warc.gz"
    warc(path, article(1), article(2), compressed=compressed)
    summary = import_files(home, [path], [source()])
    assert (summary.counts["imported"], summary.problems) == (2, [])
    with Ledger(home.ledger_url) as ledger:
        first, second = ledger.captures("article")
        assert {read_payload(home, first), read_payload(home, second)} == {PAGE + b"1", PAGE + b"2"}
        assert first.fetched_at == datetime(2025, 2, 3, 4, 5, 6, tzinfo=UTC)
        assert [(run.trigger, run.status) for run in ledger.runs()] == [("import", "done")]
        assert {attempt.outcome for attempt in ledger.attempts()} == {"fetched"}
    assert verify_archive(home).problems == []
    assert read_history(home.ledger_url) == {}, "nobody was asked"


def test_what_was_imported_is_not_imported_again(home: ScratchHome, tmp_path: Path) -> None:
    path, other = tmp_path / "a.warc.gz", tmp_path / "b.warc.gz"
    warc(path, article(1), ("http://portal.example/other.jsp?id=1", 200, PAGE + b"1", HTML))
    warc(other, article(1), article(2))
    assert import_files(home, [path], [source()]).counts == {"imported": 1, "duplicates": 1}
    assert import_files(home, [path, other], [source()]).counts == {"imported": 1, "duplicates": 3}


@pytest.mark.parametrize(
    ("page", "count"),
    [
        (("http://elsewhere.example/a.html", 200, PAGE, HTML), "of hosts that no source names"),
        (("http://elsewhere.example/" + "a" * 2500, 200, PAGE, HTML), "of addresses that are too long"),
        (("ftp://portal.example/a.html", 200, PAGE, HTML), "no answers (requests, revisits, metadata)"),
        (("http://portal.example/a.html", 404, PAGE, HTML), "answers without a page (status other than 200)"),
        (("http://portal.example/a.html", 200, b"", HTML), "cut off, empty or too large"),
        (("http://portal.example/a.css", 200, b"p {}", "text/css"), "neither pages nor files"),
        (("http://files.example/a.html", 200, PAGE, HTML), "neither pages nor files"),
    ],
)
def test_the_rest_is_counted(home: ScratchHome, tmp_path: Path, page: tuple[str, int, bytes, str], count: str) -> None:
    warc(tmp_path / "a.warc.gz", page)
    assert import_files(home, [tmp_path / "a.warc.gz"], [source()]).counts == {count: 1}


@pytest.mark.parametrize(
    ("url", "body", "content_type", "kind"),
    [
        ("http://portal.example/bg/index.html", PAGE, HTML, "list"),
        ("http://portal.example/bg/t1.html", PAGE, HTML, "article"),
        ("http://portal.example/download.jsp?id=1", b"%PDF-1.4", "application/octet-stream", "attachment"),
        ("http://files.example/P1.docx", b"PK\x03\x04", "application/octet-stream", "attachment"),
    ],
)
def test_kinds_are_told_apart(
    home: ScratchHome, tmp_path: Path, url: str, body: bytes, content_type: str, kind: str
) -> None:
    warc(tmp_path / "a.warc.gz", (url, 200, body, content_type))
    import_files(home, [tmp_path / "a.warc.gz"], [source()])
    with Ledger(home.ledger_url) as ledger:
        assert [capture.kind for capture in ledger.captures()] == [kind]


@pytest.mark.parametrize("name", ["gzip", "deflate"])
def test_encoded_bodies_are_stored_plain(home: ScratchHome, tmp_path: Path, name: str) -> None:
    body = gzip.compress(PAGE) if name == "gzip" else zlib.compress(PAGE)
    url = "http://portal.example/a.html"
    warc(tmp_path / "a.warc.gz", (url, 200, body, HTML), extra=(("Content-Encoding", name),))
    import_files(home, [tmp_path / "a.warc.gz"], [source()])
    with Ledger(home.ledger_url) as ledger:
        assert read_payload(home, ledger.captures()[0]) == PAGE


def cut(data: bytes, offsets: list[int]) -> bytes:
    return data[: offsets[2] + 40]


def flip(data: bytes, offsets: list[int]) -> bytes:
    return (
        data[: offsets[1] + 30]
        + bytes(byte ^ 255 for byte in data[offsets[1] + 30 : offsets[1] + 60])
        + data[offsets[1] + 60 :]
    )


def rubbish(data: bytes, offsets: list[int]) -> bytes:
    return data[: offsets[1]] + b"\x1f\x8b\x08 rubbish \n" + data[offsets[1] :]


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize(("hurt", "imported"), [(cut, 2), (flip, 2), (rubbish, 3)])
def test_damage_is_reported_and_the_rest_goes_on(
    home: ScratchHome,
    tmp_path: Path,
    hurt: Callable[[bytes, list[int]], bytes],
    imported: int,
    compressed: bool,
) -> None:
    path = tmp_path / "a.warc.gz"
    offsets = warc(path, article(1), article(2), article(3), compressed=compressed)
    path.write_bytes(hurt(path.read_bytes(), offsets))
    summary = import_files(home, [path], [source()])
    assert (summary.counts["imported"], bool(summary.problems)) == (imported, True)
    assert all(problem.startswith("a.warc.gz:") for problem in summary.problems)


def test_a_wrong_digest_is_damage(home: ScratchHome, tmp_path: Path) -> None:
    warc(tmp_path / "a.warc.gz", article(1), digest="sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    summary = import_files(home, [tmp_path / "a.warc.gz"], [source()])
    assert summary.counts == {"damaged": 1}
    assert "has not the digest" in summary.problems[0]


@pytest.mark.parametrize(
    ("declared", "holds"),
    [
        ("sha1:DIXSKEQ7AK7OVMSHIUFGFG5RNMHVFQ2W", False),
        ("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", True),
        ("sha1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5", True),
        ("blake9:abc", None),
        ("sha256:?", False),
    ],
)
def test_digests_in_all_their_forms(declared: str, holds: bool | None) -> None:
    assert digest_of(b"abc", declared) is holds


def test_a_host_of_two_sources_goes_to_the_nearer_list() -> None:
    sources = [source("a", "http://p.example/a/index.html"), source("b", "http://p.example/a/b/")]
    found = [owner_of(f"http://p.example{path}", sources) for path in ("/a/b/1.html", "/a/1.html")]
    assert [each.row.source_id for each in found if each] == ["b", "a"]


def test_an_import_waits_for_no_crawl(home: ScratchHome, tmp_path: Path) -> None:
    warc(tmp_path / "a.warc.gz", article(1))
    with archive_lock(home.archive), pytest.raises(Exception, match="another crawl"):
        import_files(home, [tmp_path / "a.warc.gz"], [source()])


def test_an_empty_file_is_damage(tmp_path: Path) -> None:
    (tmp_path / "a.warc").write_bytes(b"")
    assert list(read_records(tmp_path / "a.warc")) == [Damage(0, "the file is empty")]


# -- checking ----------------------------------------------------------------------------------------


@pytest.fixture
def filled(home: ScratchHome, tmp_path: Path) -> ScratchHome:
    warc(tmp_path / "a.warc.gz", article(1), article(2), article(3))
    import_files(home, [tmp_path / "a.warc.gz"], [source()])
    return home


def only_file(home: ScratchHome) -> Path:
    (path,) = home.archive.glob("*.warc.gz")
    return path


def cut_tail(home: ScratchHome) -> None:
    path = only_file(home)
    path.write_bytes(path.read_bytes()[:-20])


def remove_file(home: ScratchHome) -> None:
    only_file(home).unlink()


def leave_open(home: ScratchHome) -> None:
    path = only_file(home)
    path.rename(path.with_name(path.name + ".open")).open("ab").write(b"\x1f\x8b\x08half a record")


def add_unknown(home: ScratchHome) -> None:
    with ArchiveWriter(home.archive, "other", software="test") as writer:
        writer.write_response(Exchange("http://portal.example/x", NOW, 200, b"x"))


def mistake_bytes(home: ScratchHome) -> None:
    with closing(sqlite3.connect(home.path / "ledger.sqlite")) as connection, connection:
        connection.execute("update capture set payload_sha256 = ? where url like '%/1.html'", ("0" * 64,))


@pytest.mark.parametrize(
    ("harm", "kinds"),
    [
        (cut_tail, {"damaged_record", "missing_record"}),
        (remove_file, {"missing_file"}),
        (leave_open, {"torn_tail"}),
        (add_unknown, {"unclaimed_record"}),
        (mistake_bytes, {"wrong_record"}),
    ],
)
def test_disagreements_are_named(filled: ScratchHome, harm: Callable[[ScratchHome], None], kinds: set[str]) -> None:
    assert verify_archive(filled).problems == []
    harm(filled)
    report = verify_archive(filled)
    assert {problem.kind for problem in report.problems} == kinds
    assert all(problem.file in problem.text for problem in report.problems)


def test_files_of_a_running_crawl_are_left_alone(filled: ScratchHome) -> None:
    with archive_lock(filled.archive), ArchiveWriter(filled.archive, "now", software="test") as writer:
        writer.write_response(Exchange("http://portal.example/x", NOW, 200, b"x"))
        report = verify_archive(filled)
    assert report.problems == []
    assert report.counts["files being written, left out"] == 1


def test_no_archive_is_no_problem(home: ScratchHome) -> None:
    assert verify_archive(home).to_json() == {"counts": {"files": 0}, "problems": []}


# -- serving -----------------------------------------------------------------------------------------


@contextmanager
def served(home: ScratchHome, host: str | None = None) -> Iterator[Callable[[str], tuple[int, bytes]]]:
    server = make_server(home, 0, host)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()

    def get(target: str, method: str = "GET") -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1])
        connection.request(method, target, body=b"a=1" if method == "POST" else None)
        answer = connection.getresponse()
        assert "default-src 'self'" in (answer.getheader("Content-Security-Policy") or "")
        body = answer.read()
        connection.close()
        return answer.status, body

    try:
        yield get
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("target", "status", "body"),
    [
        ("/", 200, b'<a href="/portal.example">portal.example</a> 3'),
        ("/portal.example", 200, b'href="/portal.example/bg/2.html"'),
        ("/portal.example/", 200, b'href="/portal.example/bg/2.html"'),
        ("/portal.example/bg/2.html", 200, PAGE + b"2"),
        ("/PORTAL.example/bg/2.html", 200, PAGE + b"2"),
        ("http://portal.example/bg/3.html", 200, PAGE + b"3"),
        ("/portal.example/bg/4.html", 404, b"not in the archive: portal.example/bg/4.html"),
        ("http://elsewhere.example/", 404, b"not in the archive"),
        ("/elsewhere.example", 404, b"no page of elsewhere.example"),
        ("/../../etc/passwd", 404, b"not in the archive"),
    ],
)
def test_the_archive_is_served(filled: ScratchHome, target: str, status: int, body: bytes) -> None:
    with served(filled) as get:
        answer = get(target)
    assert answer[0] == status
    assert body in answer[1]


def test_one_host_is_served_at_the_root_with_its_links_leading_here(home: ScratchHome, tmp_path: Path) -> None:
    url, body = "http://portal.example/bg/", b'<a href="https://portal.example/a"><a href="http://o.example/">'
    warc(tmp_path / "a.warc.gz", (url, 200, body, HTML))
    import_files(home, [tmp_path / "a.warc.gz"], [source("s", url)])
    with served(home, "portal.example") as get:
        status, text = get("/bg/")
    assert status == 200
    assert b'href="http://127.0.0.1:' in text
    assert b'href="http://o.example/"' in text


def test_a_damaged_capture_is_an_error_not_a_page(filled: ScratchHome) -> None:
    remove_file(filled)
    with served(filled) as get:
        assert get("/portal.example/bg/1.html")[0] == 500


def test_only_this_machine_is_listened_on(filled: ScratchHome) -> None:
    with make_server(filled, 0) as server:
        assert server.server_address[0] == "127.0.0.1"
