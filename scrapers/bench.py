"""``bench crawl``: what archive, ledger, robots and outcomes cost, against a spider that keeps nothing; on loopback.

Three figures. Pages per second of the crawl as a ratio to a bare Scrapy spider's, on one local portal, in turns, with
politeness off for both. Peak memory at ten times the pages against memory at the pages. And, on a simulator of the
scheduler (no network, no clock), the time to sweep thousands of hosts politely, with and without slow ones.

Nothing of this runs in a night; the simulator knows Scrapy's rules, not its code.
"""

from __future__ import annotations

import asyncio
import heapq
import json
import os
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from warehouse.paths import PROJECT_ROOT, ScratchHome

PAGE_BYTES = 20_000
ENTRIES_A_PAGE = 100
CONCURRENCY = 16
"""Requests at a time in the benchmark, for both sides; Scrapy's own default."""
PACE = {"concurrency": CONCURRENCY, "delay": 0.0, "jitter": 0.0}
ARTICLE = re.compile(rb'href="(/a/\d+\.html)"')  # href="/a/17.html"
NEXT = re.compile(rb'href="(/list/\d+\.html)"')  # href="/list/2.html"
LIST_PATH = re.compile(r"/list/(\d+)\.html")  # /list/2.html
ARTICLE_PATH = re.compile(r"/a/(\d+)\.html")  # /a/17.html
NAVIGATION = "".join(
    f'<li><a href="/col/{number}/" title="栏目{number}"><img src="/images/{number}.png">栏目{number}</a></li>'
    for number in range(40)
)
FOOTER = '</div><div><a href="/sitemap.html">网站地图</a><script src="/js/page.js"></script></div></body></html>'
SENTENCE = "本年度共办理行政复议案件{}件,开展执法检查{}次,制定规范性文件{}件,组织普法宣传活动{}场。"

HOSTS = 3200
PAGES_OF_A_HOST = 4
LATENCY_SECONDS = 0.4
SLOW_SECONDS = 30.0
SLOW_SHARE = 0.05


class BenchError(Exception):
    """A part of the benchmark did not run; the message has its last words."""


# -- the portal --------------------------------------------------------------------------------------


def article_body(number: int) -> bytes:
    """A page of some 20 KB that differs from every other, with the links that stand around every article."""
    head = f"<html><head><title>某县{number}号法治政府建设情况报告</title></head><body>{NAVIGATION}<div id=zoom>"
    parts, size = [head.encode()], len((head + FOOTER).encode())
    line = 0
    while size < PAGE_BYTES:
        text = f"<p>{SENTENCE.format(number + line, line, number % 97, line % 13)}</p>\n".encode()
        parts.append(text)
        size += len(text)
        line += 1
    return b"".join([*parts, FOOTER.encode()])


def list_body(page: int, pages: int, articles: int) -> bytes:
    """A list page of a hundred entries, with a link to the next one."""
    first = (page - 1) * ENTRIES_A_PAGE
    lines = [
        f'<li><a href="/a/{number}.html">某县2023年法治政府建设情况报告第{number}号</a><span>2024-01-09</span></li>'
        for number in range(first, min(first + ENTRIES_A_PAGE, articles))
    ]
    following = f'<a href="/list/{page + 1}.html">下一页</a>' if page < pages else ""
    return f"<html><body><ul>{''.join(lines)}</ul>{following}</body></html>".encode()


class _Portal(asyncio.Protocol):
    """Answers GET requests from a few hundred lines of arithmetic, so that the server is not what is measured."""

    def __init__(self, articles: int) -> None:
        self._articles = articles
        self._lists = -(-articles // ENTRIES_A_PAGE)
        self._transport: asyncio.Transport | None = None
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - narrows the type
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every whole request."""
        self._buffer += data
        while b"\r\n\r\n" in self._buffer and self._transport is not None:
            request, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
            status, body = self._answer(request.split(b" ", 2)[1].decode())
            head = f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
            self._transport.write(head.encode() + body)

    def _answer(self, path: str) -> tuple[str, bytes]:
        if (article := ARTICLE_PATH.fullmatch(path)) and int(article[1]) < self._articles:
            return "200 OK", article_body(int(article[1]))
        if (listed := LIST_PATH.fullmatch(path)) and 0 < int(listed[1]) <= self._lists:
            return "200 OK", list_body(int(listed[1]), self._lists, self._articles)
        return "404 Not Found", b"404"


def serve_portal(articles: int) -> None:
    """Serve the portal on a free port of 127.0.0.1, which is printed, until standard input ends."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Portal(articles), "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await loop.run_in_executor(None, sys.stdin.read)
        server.close()

    asyncio.run(main())


# -- the two crawls, each in a process of its own ------------------------------------------------------


@dataclass(frozen=True)
class CrawlFigures:
    """What one crawl did: pages (lists and articles), seconds on the clock and of computing, peak memory in MiB."""

    pages: int
    seconds: float
    cpu_seconds: float
    peak_mib: float

    @property
    def pages_per_second(self) -> float:
        """Speed."""
        return self.pages / self.seconds


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def crawl_bare(port: int, articles: int) -> CrawlFigures:
    """Fetch every page with a plain Scrapy spider that follows links and keeps nothing."""
    import scrapy
    from scrapy.crawler import CrawlerProcess
    from scrapy.http import Response

    seen = 0

    class Bare(scrapy.Spider):
        name = "bare"
        start_urls = [f"http://127.0.0.1:{port}/list/1.html"]  # noqa: RUF012 - as Scrapy has it

        def parse(self, response: Response, **_: Any) -> Iterator[scrapy.Request]:
            nonlocal seen
            seen += 1
            for path in [*ARTICLE.findall(response.body), *NEXT.findall(response.body)]:
                yield scrapy.Request(response.urljoin(path.decode()), callback=self.parse)

    process = CrawlerProcess(
        {
            "LOG_LEVEL": "ERROR",
            "TELNETCONSOLE_ENABLED": False,
            "CONCURRENT_REQUESTS_PER_DOMAIN": CONCURRENCY,
            "CONCURRENT_REQUESTS": CONCURRENCY,
            "DOWNLOAD_DELAY": 0,
            "COOKIES_ENABLED": False,
        }
    )
    started, computed = time.perf_counter(), time.process_time()
    process.crawl(Bare)
    process.start()
    figures = CrawlFigures(seen, time.perf_counter() - started, time.process_time() - computed, _peak_mib())
    _require_all(figures.pages, articles)
    return figures


def crawl_fully(port: int, articles: int, home: Path) -> CrawlFigures:
    """Fetch every page with the crawl itself: robots, archive, ledger, outcomes."""
    import scrapy.crawler  # noqa: F401 - loaded before the clock starts, as on the other side

    import scrapers.spider  # noqa: F401
    from scrapers.crawl import run_crawl
    from scrapers.sources import parse_source
    from warehouse.ledger import Ledger

    source = parse_source(
        "id: bench\nname: 基准站\nowner: 某县人民政府\nregion: '350123'\nfamily: generic\nsample: true\n"
        f"start_urls: ['http://127.0.0.1:{port}/list/1.html']\n"
        "bounds: {pages: 500, budget: 100000, seconds: 86400}\n"
    )
    scratch = ScratchHome(home)
    with Ledger(scratch.ledger_url):
        pass  # a new ledger is made once, not in every night
    started, computed = time.perf_counter(), time.process_time()
    summary = run_crawl([source], "bench", scratch, trigger="bench", pace=PACE)
    figures = CrawlFigures(summary.pages, time.perf_counter() - started, time.process_time() - computed, _peak_mib())
    _require_all(figures.pages, articles)
    return figures


def _require_all(pages: int, articles: int) -> None:
    expected = articles + -(-articles // ENTRIES_A_PAGE)
    if pages != expected:
        raise BenchError(f"{pages} pages came instead of {expected}")


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "scrapers", "bench", *arguments]


@contextmanager
def portal(articles: int) -> Iterator[int]:
    """Serve the portal from a process of its own; gives its port."""
    process = subprocess.Popen(
        _command("serve", "--pages", str(articles)),
        cwd=PROJECT_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None  # noqa: S101 - opened with PIPE
        assert process.stdin is not None  # noqa: S101
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()
            process.wait()


def measure(side: str, port: int, articles: int) -> CrawlFigures:
    """Run one side in a process of its own.

    Raises:
        BenchError: it failed.
    """
    with tempfile.TemporaryDirectory(prefix="fazhi-bench-") as temporary:
        done = subprocess.run(
            [*_command(side, "--pages", str(articles), "--port", str(port)), "--into", temporary],
            cwd=PROJECT_ROOT,
            env=dict(os.environ),
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise BenchError(f"{side}: {done.stderr.strip()[-2000:]}")
    return CrawlFigures(**json.loads(done.stdout.strip().splitlines()[-1]))


# -- the simulator -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sweep:
    """What a simulated sweep took.

    Attributes:
        seconds: until the last host was done.
        fast_seconds: until the last host that is not slow was done.
        fast_median: until half of those were done.
    """

    seconds: float
    fast_seconds: float
    fast_median: float


def simulate(
    hosts: int,
    pages: int,
    *,
    delay: float,
    concurrency: int,
    slow_share: float = 0.0,
    latency: float = LATENCY_SECONDS,
    slow_latency: float = SLOW_SECONDS,
    seed: int = 1,
) -> Sweep:
    """Sweep hosts politely by Scrapy's rules: one request at a time to a host, its start a jittered delay apart.

    A request counts against the overall concurrency from the moment it is given to its host's queue, also while it
    waits for the delay; the next one is taken for the host with the fewest such requests. The pages of a host are
    known when its first has come.

    Args:
        hosts: how many.
        pages: requests to each.
        delay: seconds between the starts of two requests to a host, on average.
        concurrency: requests given out at a time.
        slow_share: share of the hosts that take ``slow_latency`` for each answer.
        latency: seconds that an answer takes.
        slow_latency: seconds that a slow host takes.
        seed: of the jitter and of which hosts are slow.
    """
    chance = random.Random(seed)  # noqa: S311 - a simulation
    slow = set(chance.sample(range(hosts), round(hosts * slow_share)))
    waiting = [1] * hosts  # requests known and not yet given out, by host
    left = [pages] * hosts
    given = [0] * hosts
    queues: list[deque[int]] = [deque() for _ in range(hosts)]
    free_at = [0.0] * hosts
    busy = [False] * hosts
    ready = [(0, host) for host in range(hosts)]
    heapq.heapify(ready)
    events: list[tuple[float, int]] = []
    done_at = [0.0] * hosts
    active, now = 0, 0.0

    def begin(host: int) -> None:
        queues[host].popleft()
        busy[host] = True
        start = max(now, free_at[host])
        free_at[host] = start + delay * chance.uniform(0.5, 1.5)
        heapq.heappush(events, (start + (slow_latency if host in slow else latency), host))

    while True:
        while active < concurrency and ready:
            count, host = heapq.heappop(ready)
            if count != given[host] or not waiting[host]:
                continue
            waiting[host] -= 1
            given[host] += 1
            active += 1
            queues[host].append(1)
            if waiting[host]:
                heapq.heappush(ready, (given[host], host))
            if not busy[host]:
                begin(host)
        if not events:
            break
        now, host = heapq.heappop(events)
        busy[host], active = False, active - 1
        given[host] -= 1
        left[host] -= 1
        done_at[host] = now
        if left[host] == pages - 1:
            waiting[host] = pages - 1
        if waiting[host]:
            heapq.heappush(ready, (given[host], host))
        if queues[host]:
            begin(host)
    fast = sorted(done_at[host] for host in range(hosts) if host not in slow)
    return Sweep(max(done_at), fast[-1], fast[len(fast) // 2])


def ideal_seconds(hosts: int, pages: int, *, delay: float, concurrency: int, latency: float = LATENCY_SECONDS) -> float:
    """The least time in which hosts that answer in ``latency`` can be swept.

    Either one host's pages, a delay apart, or all requests through the concurrency, were no place ever taken by a
    request that only waits for its delay.
    """
    return max((pages - 1) * max(delay, latency) + latency, hosts * pages * latency / concurrency)


# -- all together ------------------------------------------------------------------------------------


def run_bench(articles: int, *, rounds: int, memory: bool) -> dict[str, Any]:
    """Measure and simulate; return the figures by name.

    Args:
        articles: pages of the portal, its lists not counted.
        rounds: times that each side runs; medians are compared.
        memory: also crawl ten times the pages, to compare peak memory.

    Raises:
        BenchError: a part did not run.
    """
    from scrapers.settings import CONCURRENT_REQUESTS, DOWNLOAD_DELAY

    bare: list[CrawlFigures] = []
    full: list[CrawlFigures] = []
    with portal(articles) as port:
        for _ in range(rounds):
            bare.append(measure("bare", port, articles))
            full.append(measure("fazhi", port, articles))
    speeds = [statistics.median(each.pages_per_second for each in side) for side in (bare, full)]
    computing = [statistics.median(each.cpu_seconds for each in side) for side in (bare, full)]
    figures: dict[str, Any] = {
        "pages": articles,
        "rounds": rounds,
        "bare_pages_per_second": round(speeds[0], 1),
        "fazhi_pages_per_second": round(speeds[1], 1),
        "ratio": round(speeds[1] / speeds[0], 3),
        "ratio_by_computing_time": round(computing[0] / computing[1], 3),
        "bare_peak_mib": round(max(each.peak_mib for each in bare), 1),
        "fazhi_peak_mib": round(max(each.peak_mib for each in full), 1),
    }
    if memory:
        with portal(10 * articles) as port:
            large = measure("fazhi", port, 10 * articles)
        figures["fazhi_peak_mib_at_ten_times"] = round(large.peak_mib, 1)
        figures["memory_ratio"] = round(large.peak_mib / max(each.peak_mib for each in full), 3)
        figures["fazhi_pages_per_second_at_ten_times"] = round(large.pages_per_second, 1)
    sweep = partial(simulate, HOSTS, PAGES_OF_A_HOST, delay=DOWNLOAD_DELAY, concurrency=CONCURRENT_REQUESTS)
    plain, with_slow = sweep(), sweep(slow_share=SLOW_SHARE)
    ideal = ideal_seconds(HOSTS, PAGES_OF_A_HOST, delay=DOWNLOAD_DELAY, concurrency=CONCURRENT_REQUESTS)
    figures |= {
        "simulated_hosts": HOSTS,
        "simulated_pages_of_a_host": PAGES_OF_A_HOST,
        "simulated_concurrency": CONCURRENT_REQUESTS,
        "simulated_seconds": round(plain.seconds, 1),
        "ideal_seconds": round(ideal, 1),
        "ratio_to_ideal": round(plain.seconds / ideal, 2),
        "slow_hosts_share": SLOW_SHARE,
        "fast_hosts_seconds_with_slow_ones": round(with_slow.fast_seconds, 1),
        "delay_by_slow_hosts": round(with_slow.fast_seconds / plain.fast_seconds, 2),
    }
    return figures


def show(figures: dict[str, Any]) -> str:
    """The figures as lines of text."""
    width = max(map(len, figures))
    return "\n".join(f"{name:{width}}  {value}" for name, value in figures.items())


def main(args: Any) -> int:
    """Run one part of the benchmark, as the arguments say."""
    if args.part == "serve":
        serve_portal(args.pages)
        return 0
    if args.part in {"bare", "fazhi"}:
        is_bare = args.part == "bare"
        crawl = crawl_bare(args.port, args.pages) if is_bare else crawl_fully(args.port, args.pages, args.into)
        print(json.dumps(asdict(crawl)))
        return 0
    try:
        figures = run_bench(args.pages, rounds=args.rounds, memory=args.memory)
    except BenchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(json.dumps(figures, indent=2) if args.json else show(figures))
    return 0
