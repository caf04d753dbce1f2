"""One crawl of a hostile web: every behaviour ends in its outcome, nothing is lost, nothing breaks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from behaviours import BEHAVIOURS, HOSTILE
from certificates import write_certificate
from hostile_server import Host, HostileServer
from replies import MAX_BODY, REPORT, REQUEST_SECONDS, Behaviour
from warcio.archiveiterator import ArchiveIterator

from warehouse.archive import read_payload
from warehouse.ledger import AttemptRow, Ledger
from warehouse.outcomes import Outcome
from warehouse.paths import PROJECT_ROOT, Home

NAMES = Path(__file__).parent / "names"
NIGHTS = (1, 2, 3)
LATER = {night: [name for name, b in BEHAVIOURS.items() if night in b.later_outcomes] for night in (2, 3)}
MEMORY_SLACK_KB = 150 * 1024
"""What the whole hostile web may cost in memory beyond a night on a few well-behaved hosts."""


@dataclass(frozen=True)
class Night:
    """What one crawl process left behind."""

    summary: dict[str, Any]
    log: str
    peak_kb: int


@dataclass(frozen=True)
class Nights:
    """What all nights left behind."""

    home: Home
    ledger: Ledger
    nights: dict[int, Night]
    hosts: dict[str, Host]
    reached_outside: list[str]

    def attempts(self, name: str, night: int = 1) -> list[AttemptRow]:
        """Every attempt on a source in one night."""
        return [a for a in self.ledger.attempts(f"night-{night}") if a.source_id == name]


def crawl(home: Path, night: int, sources: list[Path], outside: Path) -> Night:
    """Run the crawl process under the settings that an operator would use for impatience."""
    command = [sys.executable, "-m", "scrapers", "crawl", "--json", "--run-id", f"night-{night}", "--sources"]
    environment = os.environ | {
        "FAZHI_HOME": str(home),
        "FAZHI_CONTACT": "mailto:someone@portal.example",
        "FAZHI_REQUEST_SECONDS": str(REQUEST_SECONDS),
        "FAZHI_MAX_BODY_BYTES": str(MAX_BODY),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(NAMES), os.environ.get("PYTHONPATH")])),
        "LOOPBACK_ONLY_LOG": str(outside),
    }
    output, log = home.parent / f"out-{night}", home.parent / f"log-{night}"
    with output.open("w") as out, log.open("w") as err:
        process = subprocess.Popen(
            [*command, *map(str, sources)], cwd=PROJECT_ROOT, env=environment, stdout=out, stderr=err
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, log.read_text(encoding="utf-8")
    summary = json.loads(output.read_text(encoding="utf-8").splitlines()[-1])
    return Night(summary, log.read_text(encoding="utf-8"), usage.ru_maxrss)


def write_source(folder: Path, name: str, behaviour: Behaviour, port: int) -> Path:
    url = behaviour.url.replace("{port}", str(port))
    keys: dict[str, Any] = {
        "id": name,
        "name": "某县人民政府网",
        "owner": "某县人民政府",
        "region": "350123",
        "family": "generic",
        "start_urls": [url],
        "sample": "127.0.0.1:" in url,
    }
    path = folder / f"{name}.yml"
    path.write_text(json.dumps(keys | dict(behaviour.source), ensure_ascii=False), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    folder = tmp_path_factory.mktemp("web")
    (folder / "sources").mkdir()
    certificates = {
        "self-signed": write_certificate(folder / "self-signed.pem", days_left=9),
        "expired": write_certificate(folder / "expired.pem", days_left=-9),
    }
    hosts = {name: Host(b.pages, b.later, certificates[b.tls] if b.tls else None) for name, b in BEHAVIOURS.items()}
    outside, home, crawled = folder / "outside", folder / "home", {}
    with HostileServer(hosts) as server:
        files = {name: write_source(folder / "sources", name, b, hosts[name].port) for name, b in BEHAVIOURS.items()}
        for night in NIGHTS:
            server.set_night(night)
            named = files if night == 1 else LATER[night]
            crawled[night] = crawl(home, night, [files[name] for name in named], outside)
    reached = outside.read_text(encoding="utf-8").split() if outside.exists() else []
    with Ledger(f"sqlite:///{home / 'ledger.sqlite'}") as ledger:
        yield Nights(Home(home), ledger, crawled, hosts, reached)


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_a_behaviour_ends_in_its_outcome(nights: Nights, name: str) -> None:
    expected, attempts = BEHAVIOURS[name], nights.attempts(name)
    found = sorted(a.outcome for a in attempts if a.kind != "robots")
    if "…" in expected.outcomes:  # how many come in time depends on the machine
        assert (found[0], found[-1]) == (expected.outcomes[0], expected.outcomes[-1])
        assert len(found) < len(expected.pages)
        assert set(found) == set(expected.outcomes) - {"…"}
    else:
        assert found == sorted(expected.outcomes)
    assert sorted(a.outcome for a in attempts if a.kind == "robots") == sorted(expected.robots)
    details = " | ".join(a.detail or "" for a in attempts)
    assert [words for words in expected.says if words not in details] == [], details
    assert " + ".join(a.stop_reason for a in attempts if a.stop_reason) == expected.stop
    assert (name in nights.nights[1].summary["failed_sources"]) == expected.failed


@pytest.mark.parametrize(("night", "name"), [(night, name) for night, names in LATER.items() for name in names])
def test_what_later_nights_see(nights: Nights, night: int, name: str) -> None:
    found = sorted(a.outcome for a in nights.attempts(name, night) if a.kind != "robots")
    assert found == sorted(BEHAVIOURS[name].later_outcomes[night])


def test_the_versions_of_a_page_are_all_kept(nights: Nights) -> None:
    versions = [c for c in nights.ledger.captures("article") if c.source_id == "changed-then-withdrawn"]
    assert [read_payload(nights.home, c).decode() for c in versions] == ["<p>初稿</p>", "<p>改稿</p>"]


def test_a_source_that_brings_nothing_any_more_is_an_alarm(nights: Nights) -> None:
    details = [a.detail for a in nights.attempts("nothing-any-more", 2) if a.outcome == "list_incomplete"]
    assert details == ["no wanted entry, where earlier runs brought 1 pages and files"]


def test_the_table_has_every_outcome_of_a_crawl() -> None:
    assert len(HOSTILE) >= 40
    seen = {outcome for b in BEHAVIOURS.values() for outcome in (*b.outcomes, *b.robots)}
    seen |= {outcome for b in BEHAVIOURS.values() for night in b.later_outcomes.values() for outcome in night}
    of_reading = {Outcome.ATTACHMENT_UNPARSED.value, Outcome.ATTACHMENT_NO_TEXT.value}
    assert seen - {"…"} == {outcome.value for outcome in Outcome} - of_reading


def test_nothing_breaks(nights: Nights) -> None:
    for night in nights.nights.values():
        assert "Traceback" not in night.log
        assert "ERROR" not in night.log
    assert [run.status for run in nights.ledger.runs()] == ["done"] * len(NIGHTS)


def test_no_host_but_this_one_is_reached(nights: Nights) -> None:
    assert nights.reached_outside == []
    for name in ("name-of-this-machine", "address-in-disguise", "self-signed", "expired"):
        assert nights.hosts[name].asked == []


def test_nothing_is_asked_where_asking_was_not_allowed(nights: Nights) -> None:
    for name in (name for name in BEHAVIOURS if name.startswith("robots-") and name != "robots-moved"):
        assert set(nights.hosts[name].asked) == {"/robots.txt"}
    refused = {name: nights.hosts[name].asked for name in ("jsl-521", "rs-412", "c3vk", "forbidden", "rate-limited")}
    assert {name: len([path for path in asked if path != "/robots.txt"]) for name, asked in refused.items()} == {
        "jsl-521": 2,
        "rs-412": 1,
        "c3vk": 1,
        "forbidden": 1,
        "rate-limited": 2,
    }


def test_a_host_that_asks_for_a_pause_gets_it(nights: Nights) -> None:
    for name, outcome in (("rate-limited-once", "blocked:rate_limited"), ("stumbles", "server_error")):
        attempts = [a for a in nights.attempts(name) if a.kind != "robots"]
        said_so = next(number for number, a in enumerate(attempts) if a.outcome == outcome)
        pause = attempts[said_so + 1].started_at - attempts[said_so].started_at
        assert pause.total_seconds() > 0.9


def test_a_host_is_asked_one_thing_at_a_time(nights: Nights) -> None:
    slow = {"slow-drip", "silence", "slow-head", "endless-body", "endless-head", "endless-header"}
    busiest = {name: host.busiest for name, host in nights.hosts.items() if host.tls is None and name not in slow}
    assert {name: many for name, many in busiest.items() if many > 1} == {}


def test_the_titles_survive_every_encoding(nights: Nights) -> None:
    encodings = [name for name in BEHAVIOURS if name.startswith(("gbk", "utf8", "utf16-m", "utf16-u", "jsonp"))]
    articles = [c for c in nights.ledger.captures("article") if c.source_id in encodings]
    assert {c.source_id for c in articles} == set(encodings)
    assert {str(c.list_title).rstrip("0") for c in articles} == {REPORT}


def test_nothing_is_lost_and_nothing_is_twice(nights: Nights) -> None:
    captures = {c.capture_id: c for c in nights.ledger.captures()}
    fetched = [a for a in nights.ledger.attempts() if a.outcome in {"fetched", "unchanged", "not_modified"}]
    assert {a.capture_id for a in fetched} <= set(captures)
    assert len({(c.url, c.payload_sha256) for c in captures.values()}) == len(captures)
    for capture in captures.values():
        assert len(read_payload(nights.home, capture)) == capture.payload_bytes
    folder = nights.home.archive
    assert sorted(path.name for path in folder.iterdir()) == [
        ".lock",
        *(f"night-{night}-00001.warc.gz" for night in NIGHTS),
    ]
    assert sorted(path.name for path in nights.home.path.iterdir() if "ledger" not in path.name) == ["archive"]


def test_the_archive_is_standard_whatever_was_sent(nights: Nights) -> None:
    kinds: Counter[str] = Counter()
    for path in sorted(nights.home.archive.glob("*.warc.gz")):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, check_digests="raise"):
                record.content_stream().read()
                kinds[record.rec_type] += 1
    answered = [a for a in nights.ledger.attempts() if a.http_status is not None]
    assert kinds["response"] + kinds["revisit"] == kinds["request"] == len(answered)


def test_memory_stays_flat(nights: Nights) -> None:
    assert nights.nights[1].peak_kb < nights.nights[3].peak_kb + MEMORY_SLACK_KB
