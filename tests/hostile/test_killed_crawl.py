"""A crawl that is killed at twenty moments: what the ledger calls fetched is in the archive, whole and once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from hostile_server import Host, HostileServer, Reply
from replies import listing, page
from warcio.archiveiterator import ArchiveIterator

from warehouse.archive import read_payload
from warehouse.ledger import Ledger
from warehouse.paths import PROJECT_ROOT, Home

STARTER = Path(__file__).parent / "start_crawls.py"
KILLS = 20
SEED = 20240109
ARTICLES = 16
LATEST_REQUEST = 28
"""Each crawl dies after a random number of requests up to this; a whole crawl makes more."""


class ChangingHost(Host):
    """Half of its articles are new whenever they are asked for, so that every crawl has something to write."""

    def reply(self, path: str, headers: Mapping[str, str]) -> Reply:
        """The reply for a path."""
        found = super().reply(path, headers)
        name = path.removeprefix("/").partition(".")[0]
        if name.isdigit() and int(name) % 2:
            return page(f"<title>报告</title><p>第{len(self.asked)}次修改</p>")[0]
        return found


def host() -> ChangingHost:
    lists = {
        "/list/": page(listing(*(f"/{n}.html" for n in range(ARTICLES)), more="<a href='/list/2'>下一页</a>")),
        "/list/2": page(listing(*(f"/{n}.html" for n in range(ARTICLES, 2 * ARTICLES)))),
    }
    articles = {f"/{n}.html": page(f"<p>{n}</p>", ETag=f'"{n}"') for n in range(2 * ARTICLES)}
    return ChangingHost(lists | articles)


@dataclass
class CrawlStarter:
    """Starts crawl processes, each forked from one process that has loaded what a crawl needs."""

    process: subprocess.Popen[str]

    def start(self, run_id: str) -> int:
        """Start a crawl and return its process id."""
        return int(self._say(run_id))

    def exit_code(self) -> int:
        """Wait for the crawl started last; negative when a signal ended it."""
        return int(self._say("wait"))

    def _say(self, line: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()


@contextmanager
def crawl_starter(home: Path, source: Path) -> Iterator[CrawlStarter]:
    command = [sys.executable, str(STARTER), str(source)]
    environment = os.environ | {"FAZHI_HOME": str(home), "PYTHONPATH": str(PROJECT_ROOT)}
    with subprocess.Popen(
        command, cwd=PROJECT_ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield CrawlStarter(process)
        finally:
            process.kill()


def wait_for_requests(asked: list[str], count: int) -> None:
    """Return when the host was asked so often; a crawl that does not come so far is killed where it is."""
    deadline = time.monotonic() + 30
    while len(asked) < count and time.monotonic() < deadline:
        time.sleep(0.001)


def faults(home: Home) -> list[str]:
    """What the ledger says and the archive does not hold."""
    found: list[str] = []
    with Ledger(f"sqlite:///{home.path / 'ledger.sqlite'}") as ledger:
        captures = {capture.capture_id: capture for capture in ledger.captures()}
        whole = {each: len(read_payload(home, capture)) for each, capture in captures.items()}
        kept = {"fetched", "unchanged", "not_modified", "not_published_yet"}
        attempts = [attempt for attempt in ledger.attempts() if attempt.outcome in kept]
    found += [f"{c.url}: wrong length" for c in captures.values() if whole[c.capture_id] != c.payload_bytes]
    found += [f"{a.url}: {a.outcome} without a capture" for a in attempts if a.capture_id not in captures]
    fetched = [a.capture_id for a in attempts if a.outcome == "fetched"]
    found += [f"{capture_id} fetched twice" for capture_id in {each for each in fetched if fetched.count(each) > 1}]
    places = [(c.warc_file, c.warc_offset) for c in captures.values()]
    found += ["two captures at one place"] * (len(places) - len(set(places)))
    return found


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, list[list[str]], list[int]]:
    """Kill twenty crawls, each the restart of the one before, and let the last one end."""
    folder = tmp_path_factory.mktemp("killed")
    chance, portal = random.Random(SEED), host()  # noqa: S311 - chooses moments
    source, home = folder / "portal.yml", Home(folder / "home")
    seen: list[list[str]] = []
    codes: list[int] = []
    with HostileServer({"portal": portal}):
        source.write_text(
            "id: portal\nname: 某县\nowner: 某县人民政府\nregion: '350123'\nfamily: generic\nsample: true\n"
            f"start_urls: ['http://127.0.0.1:{portal.port}/list/']\n",
            encoding="utf-8",
        )
        with crawl_starter(home.path, source) as starter:
            for number in range(KILLS):
                before = len(portal.asked)
                crawl = starter.start(f"killed-{number:02}")
                wait_for_requests(portal.asked, before + chance.randint(1, LATEST_REQUEST))
                time.sleep(chance.uniform(0, 0.02))
                os.kill(crawl, signal.SIGKILL)
                codes.append(starter.exit_code())
                seen.append(faults(home))
            starter.start("last")
            codes.append(starter.exit_code())
        seen.append(faults(home))
    return home, seen, codes


def test_the_crawls_were_killed_and_the_last_one_ended(killed: tuple[Home, list[list[str]], list[int]]) -> None:
    home, _, codes = killed
    assert codes == [-signal.SIGKILL] * KILLS + [0]
    with Ledger(f"sqlite:///{home.path / 'ledger.sqlite'}") as ledger:
        assert [run.status for run in ledger.runs()] == ["failed"] * KILLS + ["done"]
        last = {a.outcome for a in ledger.attempts("last") if a.kind == "article"}
    assert last == {"fetched", "not_modified"}


def test_ledger_and_archive_agree_after_every_kill(killed: tuple[Home, list[list[str]], list[int]]) -> None:
    assert killed[1] == [[]] * (KILLS + 1)


def test_every_file_is_whole_and_has_what_the_ledger_speaks_of(
    killed: tuple[Home, list[list[str]], list[int]],
) -> None:
    home = killed[0]
    with Ledger(f"sqlite:///{home.path / 'ledger.sqlite'}") as ledger:
        places = {(c.warc_file, c.warc_offset) for c in ledger.captures()}
    found = set()
    for path in sorted(home.archive.glob("*.warc.gz*")):
        if path.name.endswith(".torn"):
            continue
        assert path.name.endswith(".warc.gz")
        with path.open("rb") as stream:
            records = ArchiveIterator(stream, check_digests="raise")
            for record in records:
                record.content_stream().read()
                if record.rec_type == "response" and record.http_headers.get_statuscode() == "200":
                    found.add((path.name, records.get_record_offset()))
    assert places <= found, "a killed crawl may have archived pages that it did not come to write down, never less"
