"""Settings of the crawl; each one that differs from Scrapy's default carries its reason.

Three may be set by the environment of an operator: ``FAZHI_CONTACT``, ``FAZHI_REQUEST_SECONDS`` (time of one request,
60) and ``FAZHI_MAX_BODY_BYTES`` (largest body, 52428800). What one source may cost stands in its own file.
"""

from __future__ import annotations

import os
from importlib.metadata import version

CONTACT_VARIABLE = "FAZHI_CONTACT"
FAZHI_CONTACT = os.environ.get(CONTACT_VARIABLE, "")  # e-mail or page where a portal's owner can reach us
FAZHI_VERSION = version("fazhi")
REQUEST_SECONDS_VARIABLE = "FAZHI_REQUEST_SECONDS"
MAX_BODY_VARIABLE = "FAZHI_MAX_BODY_BYTES"


def positive_number(variable: str, default: int) -> int:
    """Read a whole number from the environment.

    Raises:
        SystemExit: it is set to something else than a number of 1 or more.
    """
    given = os.environ.get(variable, "").strip() or str(default)
    if not (given.isascii() and given.isdigit() and int(given) > 0):
        raise SystemExit(f"error: ${variable} is {given!r}, not a whole number of 1 or more")
    return int(given)


BOT_NAME = "fazhi"
# One fixed, honest name with a contact, so that an owner can recognise us, allow, slow or stop us.
USER_AGENT = f"fazhi/{FAZHI_VERSION} (+{FAZHI_CONTACT or 'sample portals only'})"
# The token that robots.txt files address us by; the full agent string would never match a rule.
ROBOTSTXT_USER_AGENT = "fazhi"
# robots.txt is obeyed always; by RobotsMiddleware below, which also leaves a host alone when the file cannot be had.
ROBOTSTXT_OBEY = True

# Looking up public suffixes for cookies would contact other hosts; public pages need no cookies.
COOKIES_ENABLED = False
# No listening ports and no remote control beside the crawl.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
# Hosts are asked from where we are; proxies of the environment must not get between us and a portal.
HTTPPROXY_ENABLED = False
# Portals with broken certificates are reported, not trusted.
DOWNLOAD_VERIFY_CERTIFICATES = True

# One request at a time to a host, three seconds apart or more, slower when the host is slow.
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 3.0
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 3.0
# One item at a time to the archive: it is one file, and Scrapy makes as many tasks for every single page as it is told
# that items may be under way at once.
CONCURRENT_ITEMS = 1
# Each host is asked one thing at a time, and Scrapy counts what waits for its host's delay as under way: there is room
# for a request to each of China's some 3,200 portals, so that no slow host keeps another one waiting.
CONCURRENT_REQUESTS = 4000
# Looking up names takes a thread for as long as it lasts; a dead name server must not stop the others.
REACTOR_THREADPOOL_MAXSIZE = 40
DNS_TIMEOUT = 20
# A host slower than a minute would hold up the night; covers the whole answer, so that dripping does not help.
DOWNLOAD_TIMEOUT = positive_number(REQUEST_SECONDS_VARIABLE, 60)
# Reports are text; a larger body is a video or an archive put in the wrong place. Counted while it comes in.
DOWNLOAD_MAXSIZE = positive_number(MAX_BODY_VARIABLE, 50 * 1024 * 1024)
DOWNLOAD_WARNSIZE = 0  # the ledger has the size of every body
# Pages shrink to a tenth, repetitive ones to a fiftieth; what unpacks to more than this many times its size is a trap.
MAX_EXPANSION = 200
EXPANSION_FLOOR = 1024 * 1024
# Names and addresses come from portals: nothing but http and https, and no address that is not public.
DOWNLOAD_HANDLERS = {
    "http": "scrapers.connections.BoundedHandler",
    "https": "scrapers.connections.BoundedHandler",
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}
# Addresses that are too long are refused by AddressMiddleware, on record, not dropped in passing.
URLLENGTH_LIMIT = 0
TWISTED_DNS_RESOLVER = "scrapers.connections.GuardedResolver"
# Two new tries where the network or the server stumbled, by BackOffMiddleware below, which lets the host rest before:
# never on 403, 412 or 521, which mean no, and on 429 only as late as the host asks.
RETRY_TIMES = 2
# Redirects are outcomes here; the spider follows them itself, through robots and the source's hosts.
REDIRECT_ENABLED = False
METAREFRESH_ENABLED = False
# What Scrapy brings for other kinds of spiders: each costs time on every page and does nothing here.
SPIDER_MIDDLEWARES = {
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,  # lists are bounded by their walks
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,  # every status has its outcome
    "scrapy.spidermiddlewares.start.StartSpiderMiddleware": None,  # nobody asks which request was the first
}
# Portals are in Chinese.
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "zh-CN,zh;q=0.9",
}
# Which page led us where is nobody's business, and lists are not referrers of our making.
REFERER_ENABLED = False
# The same address may be asked again within a run (a retry, a list and an entry): the spider keeps its own books.
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"

DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # each source has its own hosts
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,  # takes an unreachable file for leave
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,  # asks again at once
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,  # public pages need no password
    "scrapy.downloadermiddlewares.stats.DownloaderStats": None,  # the ledger counts
    "scrapers.middlewares.AddressMiddleware": 50,
    "scrapers.middlewares.BudgetMiddleware": 60,
    "scrapers.middlewares.RobotsMiddleware": 100,
    "scrapers.middlewares.ConditionalRequestMiddleware": 540,
    "scrapers.retry.BackOffMiddleware": 550,
    "scrapers.middlewares.AttemptMiddleware": 560,  # nearer to the network than retries, after decompression
    "scrapers.middlewares.ExpansionMiddleware": 595,  # before decompression
    "scrapers.middlewares.RefusingHostMiddleware": 950,  # the last word before the network
}
ITEM_PIPELINES = {"scrapers.item_pipeline.StoringPipeline": 100}

# The ledger is the account of a crawl; the log is for what went wrong.
LOG_LEVEL = "WARNING"
LOG_FORMATTER = "scrapers.quiet_log.PagesLeftOut"
STATS_CLASS = "scrapy.statscollectors.DummyStatsCollector"
EXTENSIONS = {"scrapy.extensions.corestats.CoreStats": None}
# Scrapy reads the source of a callback again for page after page; the type checker has done so once.
WARN_ON_GENERATOR_RETURN_VALUE = False
LOGSTATS_INTERVAL = 0
