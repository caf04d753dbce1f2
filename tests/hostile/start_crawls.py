"""Forks one crawl process after the other, on request: what a crawl needs is loaded once, not for each of them.

Reads run ids from standard input and answers with the process id of the crawl begun; "wait" is answered with how
the last one ended. Takes the source file as its argument.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import scrapy.core.downloader.handlers.http11
import scrapy.crawler

import scrapers.crawl
import scrapers.plan
import scrapers.recorder
import scrapers.spider
from scrapers.__main__ import main

LOADED = (scrapy.core.downloader.handlers.http11, scrapy.crawler, scrapers.crawl, scrapers.plan, scrapers.spider)


def run(run_id: str, source: str) -> None:
    """Be the crawl process: its output goes to a log beside the source file."""
    log = os.open(Path(source).with_name(f"{run_id}.log"), os.O_WRONLY | os.O_CREAT)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os._exit(main(["crawl", "--run-id", run_id, "--sources", source]))


def serve(source: str) -> None:
    """Start and await crawls until standard input ends."""
    child = 0
    for line in sys.stdin:
        if line.strip() == "wait":
            _, status = os.waitpid(child, 0)
            print(os.waitstatus_to_exitcode(status), flush=True)
            continue
        child = os.fork()
        if child == 0:
            run(line.strip(), source)
        print(child, flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])
