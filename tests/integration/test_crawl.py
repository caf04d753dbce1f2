"""The crawl as a process, on the sample portals and on hosts that misbehave; loopback only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sample_night import PORTALS, free_port_row
from warcio.archiveiterator import ArchiveIterator

from warehouse.archive import read_payload
from warehouse.ledger import AttemptRow, Ledger
from warehouse.paths import PROJECT_ROOT, Home

SAMPLE = PROJECT_ROOT / "scrapers" / "sources" / "sample"


def crawl(home: Path, run_id: str, *sources: Path, **environment: str) -> dict[str, Any]:
    """Run the crawl process and return its summary."""
    done = subprocess.run(
        [sys.executable, "-m", "scrapers", "crawl", "--json", "--run-id", run_id, "--sources", *map(str, sources)],
        cwd=PROJECT_ROOT,
        env=os.environ | {"FAZHI_HOME": str(home)} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    summary: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return summary


@contextmanager
def sample_portals(base_port: int) -> Iterator[None]:
    """Serve the sample portals from a process of their own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "scrapers", "sample-portals", "--until-eof", "--base-port", str(base_port)],
        cwd=PROJECT_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert process.stdout.readline().startswith("ready http://127.0.0.1:")
        yield
        process.stdin.close()
        assert process.wait(timeout=20) == 0, "the portals end with their standard input"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@dataclass(frozen=True)
class TwoRuns:
    """What two crawls of the same portals left behind."""

    home: Home
    ledger: Ledger
    summaries: tuple[dict[str, Any], dict[str, Any]]


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoRuns]:
    path = tmp_path_factory.mktemp("home")
    base_port = free_port_row(PORTALS)[0]
    with sample_portals(base_port):
        first, second = (crawl(path, run, SAMPLE, FAZHI_SAMPLE_PORT=str(base_port)) for run in ("one", "two"))
    with Ledger(f"sqlite:///{path / 'ledger.sqlite'}") as ledger:
        yield TwoRuns(Home(path), ledger, (first, second))


def test_the_first_run_finds_the_reports_by_itself(two_runs: TwoRuns) -> None:
    found = {(c.source_id, c.list_title, c.list_date) for c in two_runs.ledger.captures("article")}
    assert {
        ("sample-luzhou", "泸州市人民政府2017年度法治政府建设工作报告", date(2018, 2, 28)),
        ("sample-xianan", "咸安区2017年法治政府建设工作总结", None),
        ("sample-luoyuan", "罗源县人民政府关于2023年法治政府建设工作情况的报告", date(2024, 1, 9)),
        ("sample-suining-wiki", "遂寧市深入推進依法行政加快建設法治政府實施方案", None),
        ("sample-meihekou", "梅河口市2019年法治政府建设情况报告", date(2020, 3, 13)),
    } <= found
    assert len(found) == 9, "five texts and four plans"
    assert not any("解读" in str(title) or "通知" in str(title) for _, title, _ in found)


def test_summary_ledger_and_exit_agree(two_runs: TwoRuns) -> None:
    for summary, run in zip(two_runs.summaries, two_runs.ledger.runs(), strict=True):
        attempts = two_runs.ledger.attempts(run.run_id)
        assert (run.run_id, run.status, run.finished_at is not None) == (summary["run_id"], "done", True)
        assert summary["sources"] == 5
        assert summary["failed_sources"] == []
        assert summary["outcomes"] == dict(Counter(attempt.outcome for attempt in attempts))
        assert summary["pages"] == sum(attempt.capture_id is not None for attempt in attempts)
    assert two_runs.summaries[0]["captures_new"] == len(two_runs.ledger.captures())


def test_the_second_run_makes_no_captures(two_runs: TwoRuns) -> None:
    second = two_runs.summaries[1]
    assert second["captures_new"] == 0
    assert second["not_modified"] == second["pages"] == two_runs.summaries[0]["pages"]
    assert {attempt.outcome for attempt in two_runs.ledger.attempts("two")} == {"not_modified", "not_found"}


def test_robots_are_on_record(two_runs: TwoRuns) -> None:
    robots = [a for a in two_runs.ledger.attempts("one") if a.kind == "robots"]
    assert Counter(a.outcome for a in robots) == {"fetched": 4, "not_found": 1}


def test_every_list_ends_with_a_reason(two_runs: TwoRuns) -> None:
    for run_id in ("one", "two"):
        ends = [a for a in two_runs.ledger.attempts(run_id) if a.kind == "list" and a.stop_reason]
        assert Counter(a.stop_reason for a in ends) == {"end_reached": 5}
    assert len(two_runs.ledger.list_fingerprints()) == len(two_runs.ledger.captures("list")) == 13


def test_every_capture_can_be_read_back(two_runs: TwoRuns) -> None:
    for capture in two_runs.ledger.captures():
        assert len(read_payload(two_runs.home, capture)) == capture.payload_bytes
    (report,) = [c for c in two_runs.ledger.captures("article") if c.list_title == "梅河口市2019年法治政府建设情况报告"]
    assert "现将我市2019年法治政府建设情况报告如下" in read_payload(two_runs.home, report).decode()
    assert report.list_url is not None
    assert "dataproxy.jsp?page=2" in report.list_url


def test_the_archive_is_whole_and_standard(two_runs: TwoRuns) -> None:
    kinds: Counter[str] = Counter()
    for path in sorted(two_runs.home.archive.glob("*")):
        if path.name == ".lock":
            continue
        assert path.name in {"one-00001.warc.gz", "two-00001.warc.gz"}
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, check_digests="raise"):
                record.content_stream().read()
                kinds[record.rec_type] += 1
    pages = two_runs.summaries[0]["pages"]
    assert kinds == {"warcinfo": 2, "response": pages + 2, "revisit": pages, "request": 2 * pages + 2}


# -- hosts that misbehave --------------------------------------------------------------------------------

REPORT = "某县2023年法治政府建设情况报告"
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Host:
    """A small host: answers by path, and the account of what was asked."""

    answers: dict[str, list[Answer]]
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str) -> Answer:
        """The next answer for a path; the last one is repeated."""
        self.asked.append(path)
        queue = self.answers.get(path) or [(404, {}, b"")]
        return queue.pop(0) if len(queue) > 1 else queue[0]


def ok(text: str) -> list[Answer]:
    return [(200, {"Content-Type": "text/html"}, text.encode())]


def listing(*paths: str, more: str = "") -> list[Answer]:
    lines = "".join(f'<li><a href="{path}">{REPORT}{n}</a><span>2024-01-09</span></li>' for n, path in enumerate(paths))
    return ok(f"<ul>{lines}</ul>{more}")


ARTICLE = ok("<title>报告</title><p>正文</p>")
PDF: list[Answer] = [(200, {"Content-Type": "application/pdf"}, b"%PDF-1.7 \xff")]

HOSTS: dict[str, dict[str, list[Answer]]] = {
    "robots-403": {"/robots.txt": [(403, {}, b"")], "/list/": listing("/a.html")},
    "robots-500": {"/robots.txt": [(500, {}, b"")], "/list/": listing("/a.html")},
    "robots-moved": {
        "/robots.txt": [(301, {"Location": "/rules.txt"}, b"")],
        "/rules.txt": ok("User-agent: *\nDisallow: /a.html\n"),
        "/list/": listing("/a.html"),
    },
    "robots-elsewhere": {
        "/robots.txt": [(301, {"Location": "http://elsewhere.invalid/robots.txt"}, b"")],
        "/list/": listing("/a.html"),
    },
    "robots-rule": {
        "/robots.txt": ok("User-agent: fazhi\nDisallow: /secret/\n"),
        "/list/": listing("/a.html", "/secret/b.html"),
        "/a.html": ARTICLE,
    },
    "block-412": {
        "/list/": listing(*(f"/{n}.html" for n in range(9))),
        **{f"/{n}.html": [(412, {}, b"")] for n in range(9)},
    },
    "stumble": {"/list/": [(503, {}, b""), *listing("/a.html")], "/a.html": ARTICLE},
    "broken": {"/list/": [(500, {}, b"")]},
    "moved": {
        "/list/": [(301, {"Location": "/new/"}, b"")],
        "/new/": listing("/a.html", "/b.html"),
        "/a.html": [(302, {"Location": "http://elsewhere.invalid/a.html"}, b"")],
        "/b.html": [(302, {"Location": "/b.html"}, b"")],
    },
    "off-site": {"/list/": listing("http://elsewhere.invalid/a.html")},
    "gone": {"/list/": listing("/a.html", "/b.html"), "/a.html": ok("<title>404</title>")},
    "redesigned": {"/list/": ok("<p>全新改版</p>")},
    "not-yet": {"/list/": ok('<ul><li><a href="/x.html">某县公务员招录公告</a><span>2024-01-09</span></li></ul>')},
    "repeating": {
        "/list/": listing("/a.html", more='<a href="/list/2">下一页</a>'),
        "/list/2": listing("/a.html", more='<a href="/list/3">下一页</a>'),
        "/list/3": listing("/a.html", more='<a href="/list/4">下一页</a>'),
        "/a.html": ARTICLE,
    },
    "declared": {"/list/": listing("/a.html", more="<p>共52条</p>"), "/a.html": ARTICLE},
    "files": {
        "/list/": listing("/a.html", "/b.pdf", "/c.html"),
        "/a.html": ok('<p>见附件</p><a href="/files/报告.docx">附件</a>'),
        "/b.pdf": PDF,
        "/c.html": PDF,
        "/files/%E6%8A%A5%E5%91%8A.docx": [(200, {}, b"PK\x03\x04")],
    },
    "changing": {"/list/": listing("/a.html"), "/a.html": [*ok("<p>初稿</p>"), *ok("<p>改稿</p>")]},
    "unreadable": {"/list/": [(200, {}, b"\xff\xff\xff")]},
    "bounds": {"/list/": listing("/a.html"), "/a.html": ARTICLE},
}


def serve(host: Host) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = host.answer(self.path)
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(body))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server


@dataclass(frozen=True)
class Misbehaved:
    """What was left after crawling all misbehaving hosts."""

    home: Home
    ledger: Ledger
    hosts: dict[str, Host]
    summaries: list[dict[str, Any]]

    def attempts(self, source_id: str, run_id: str = "one") -> list[AttemptRow]:
        """Attempts on a source in one run, robots left out."""
        return [a for a in self.ledger.attempts(run_id) if a.source_id == source_id and a.kind != "robots"]


@pytest.fixture(scope="module")
def misbehaved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Misbehaved]:
    folder = tmp_path_factory.mktemp("hosts")
    (folder / "sources").mkdir()
    hosts = {name: Host(answers) for name, answers in HOSTS.items()}
    with ExitStack() as stack:
        for name, host in hosts.items():
            server = serve(host)
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
            bounds = "bounds: {candidates: [2, 9]}\n" if name == "bounds" else ""
            (folder / "sources" / f"{name}.yml").write_text(
                f"id: {name}\nname: 某县\nowner: 某县人民政府\nregion: '350123'\nfamily: generic\nsample: true\n"
                f"start_urls: ['http://127.0.0.1:{server.server_port}/list/']\n{bounds}",
                encoding="utf-8",
            )
        summaries = [crawl(folder / "home", run, folder / "sources") for run in ("one", "two")]
    home = Home(folder / "home")
    with Ledger(f"sqlite:///{home.path / 'ledger.sqlite'}") as ledger:
        yield Misbehaved(home, ledger, hosts, summaries)


@pytest.mark.parametrize(
    ("source_id", "outcomes"),
    [
        ("robots-403", ["robots_unreachable"]),
        ("robots-500", ["robots_unreachable"]),
        ("robots-moved", ["fetched", "robots_disallowed"]),
        ("robots-elsewhere", ["robots_unreachable"]),
        ("robots-rule", ["fetched", "fetched", "robots_disallowed"]),
        ("block-412", ["blocked:rs_412"] * 9 + ["fetched"]),
        ("stumble", ["fetched", "fetched", "server_error"]),
        ("broken", ["server_error"] * 3),
        ("moved", ["fetched", *["moved"] * 9, "off_site"]),
        ("off-site", ["fetched", "off_site"]),
        ("gone", ["fetched", "not_found", "soft_404"]),
        ("redesigned", ["layout_changed"]),
        ("not-yet", ["not_published_yet"]),
        ("repeating", ["fetched", "fetched", "fetched", "list_incomplete"]),
        ("declared", ["fetched", "list_incomplete"]),
        ("files", ["fetched"] * 5),
        ("unreadable", ["bad_encoding"]),
        ("bounds", ["fetched", "fetched", "list_incomplete"]),
    ],
)
def test_each_attempt_ends_in_an_outcome(misbehaved: Misbehaved, source_id: str, outcomes: list[str]) -> None:
    assert sorted(a.outcome for a in misbehaved.attempts(source_id)) == outcomes


def test_nothing_is_asked_of_hosts_that_do_not_say_what_is_allowed(misbehaved: Misbehaved) -> None:
    for name in ("robots-403", "robots-500", "robots-elsewhere"):
        assert set(misbehaved.hosts[name].asked) == {"/robots.txt"}
    assert "/secret/b.html" not in misbehaved.hosts["robots-rule"].asked


def test_a_host_that_refuses_is_left_alone(misbehaved: Misbehaved) -> None:
    asked = [path for path in misbehaved.hosts["block-412"].asked if path.endswith(".html")]
    assert len(asked) == len(misbehaved.summaries), "one refused request a run, the others never sent"
    refused = [a for a in misbehaved.attempts("block-412") if a.outcome == "blocked:rs_412"]
    assert Counter(a.http_status for a in refused) == {412: 1, None: 8}


def test_sources_without_a_list_are_named(misbehaved: Misbehaved) -> None:
    for summary in misbehaved.summaries:
        assert summary["failed_sources"] == [
            "broken",
            "redesigned",
            "robots-403",
            "robots-500",
            "robots-elsewhere",
            "unreadable",
        ]


def test_files_keep_their_kind_and_the_title_that_led_to_them(misbehaved: Misbehaved) -> None:
    files = [c for c in misbehaved.ledger.captures() if c.source_id == "files" and c.kind != "list"]
    assert sorted((c.kind, c.url.rsplit("/", 1)[1], c.list_title) for c in files if c.kind != "robots") == [
        ("article", "a.html", f"{REPORT}0"),
        ("attachment", "%E6%8A%A5%E5%91%8A.docx", f"{REPORT}0"),
        ("attachment", "b.pdf", f"{REPORT}1"),
        ("attachment", "c.html", f"{REPORT}2"),
    ]


def test_a_changed_page_is_a_new_capture_and_the_same_bytes_are_not(misbehaved: Misbehaved) -> None:
    second = {a.source_id: a.outcome for a in misbehaved.ledger.attempts("two") if a.kind == "article"}
    assert (second["changing"], second["stumble"]) == ("fetched", "unchanged")
    versions = [c for c in misbehaved.ledger.captures("article") if c.source_id == "changing"]
    assert [read_payload(misbehaved.home, c).decode() for c in versions] == ["<p>初稿</p>", "<p>改稿</p>"]


def test_a_run_of_another_process_is_left_for_it_to_close(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    source = tmp_path / "s.yml"
    source.write_text(
        "id: nobody\nname: 某县\nowner: 某县人民政府\nregion: '350123'\nfamily: trs\nsample: true\n"
        "start_urls: ['http://127.0.0.1:9/list/']\n",
        encoding="utf-8",
    )
    with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as ledger:
        ledger.start_run("killed", fazhi_version="0", trigger="test", started_at=datetime.now(UTC))
        ledger.start_run("night", fazhi_version="0", trigger="test", started_at=datetime.now(UTC))
        summary = crawl(tmp_path, "night", source)
        assert [(run.run_id, run.status) for run in ledger.runs()] == [("killed", "failed"), ("night", "running")]
        assert {a.outcome for a in ledger.attempts("night")} == {"connection_failed", "robots_unreachable"}
    assert summary["failed_sources"] == ["nobody"]


@dataclass
class HeldCrawl:
    """A crawl process that waits for an article, which its host holds back."""

    home: Home
    source: Path
    process: subprocess.Popen[bytes]
    release: threading.Event


@pytest.fixture
def held_crawl(tmp_path: Path) -> Iterator[HeldCrawl]:
    reached, release = threading.Event(), threading.Event()

    class SlowHost(Host):
        """Holds back one article until it is released."""

        def answer(self, path: str) -> Answer:
            if path == "/slow.html" and not release.is_set():
                reached.set()
                release.wait(60)
            return super().answer(path)

    host = SlowHost({"/list/": listing("/slow.html", "/a.html"), "/a.html": ARTICLE, "/slow.html": ok("<p>迟到</p>")})
    server = serve(host)
    source = tmp_path / "slow.yml"
    source.write_text(
        "id: slow\nname: 某县\nowner: 某县人民政府\nregion: '350123'\nfamily: generic\nsample: true\n"
        f"start_urls: ['http://127.0.0.1:{server.server_port}/list/']\n",
        encoding="utf-8",
    )
    home = Home(tmp_path / "home")
    command = [sys.executable, "-m", "scrapers", "crawl", "--run-id", "stopped", "--sources", str(source)]
    environment = os.environ | {"FAZHI_HOME": str(home.path)}
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=PROJECT_ROOT, env=environment, stdout=quiet, stderr=quiet) as process:
        try:
            assert reached.wait(60)
            yield HeldCrawl(home, source, process, release)
        finally:
            release.set()
            process.kill()
            server.shutdown()
            server.server_close()


def test_a_killed_crawl_costs_nothing_but_its_torn_record(held_crawl: HeldCrawl) -> None:
    home = held_crawl.home
    with Ledger(f"sqlite:///{home.path / 'ledger.sqlite'}") as ledger:
        while not ledger.captures("list"):  # rows are written in groups, a moment after the bytes
            time.sleep(0.02)
    held_crawl.process.kill()
    held_crawl.process.wait()
    held_crawl.release.set()
    unfinished = home.archive / "stopped-00001.warc.gz.open"
    unfinished.write_bytes(unfinished.read_bytes() + b"\x1f\x8b\x08 torn")

    crawl(home.path, "next", held_crawl.source)

    assert sorted(path.name for path in home.archive.glob("*.warc.gz*")) == [
        "next-00001.warc.gz",
        "stopped-00001.warc.gz",
        "stopped-00001.warc.gz.torn",
    ]
    with Ledger(f"sqlite:///{home.path / 'ledger.sqlite'}") as ledger:
        assert [(run.run_id, run.status) for run in ledger.runs()] == [("stopped", "failed"), ("next", "done")]
        captures = ledger.captures()
        assert {c.run_id for c in captures} == {"stopped", "next"}
        assert all(len(read_payload(home, c)) == c.payload_bytes for c in captures)


def test_a_crawl_stopped_by_a_signal_is_a_failed_run(held_crawl: HeldCrawl) -> None:
    held_crawl.process.terminate()
    held_crawl.release.set()
    assert held_crawl.process.wait(60) == 1
    assert [path.name for path in held_crawl.home.archive.glob("*.warc.gz*")] == ["stopped-00001.warc.gz"]
    with Ledger(f"sqlite:///{held_crawl.home.path / 'ledger.sqlite'}") as ledger:
        assert [run.status for run in ledger.runs()] == ["failed"]
