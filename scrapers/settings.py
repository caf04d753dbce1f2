"""Settings of the crawl; each one that differs from Scrapy's default carries its reason."""

from __future__ import annotations

import os
from importlib.metadata import version

CONTACT_VARIABLE = "FAZHI_CONTACT"
FAZHI_CONTACT = os.environ.get(CONTACT_VARIABLE, "")  # e-mail or page where a portal's owner can reach us
FAZHI_VERSION = version("fazhi")

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
# A host slower than a minute would hold up the night.
DOWNLOAD_TIMEOUT = 60
# Reports are text; a larger body is a video or an archive put in the wrong place.
DOWNLOAD_MAXSIZE = 50 * 1024 * 1024
# One new try, and only where the network or the server stumbled: never on 403, 412, 429 or 521, which mean no.
RETRY_TIMES = 1
RETRY_HTTP_CODES = [500, 502, 503, 504, 408]
RETRY_GIVE_UP_LOG_LEVEL = "INFO"  # the ledger has the outcome; the log need not shout it
# Redirects are outcomes here; the spider follows them itself, through robots and the source's hosts.
REDIRECT_ENABLED = False
METAREFRESH_ENABLED = False
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
    "scrapers.middlewares.RobotsMiddleware": 100,
    "scrapers.middlewares.ConditionalRequestMiddleware": 540,
    "scrapers.middlewares.AttemptMiddleware": 560,  # nearer to the network than retries, after decompression
    "scrapers.middlewares.RefusingHostMiddleware": 950,  # the last word before the network
}
ITEM_PIPELINES = {"scrapers.item_pipeline.StoringPipeline": 100}

# The ledger is the account of a crawl; the log is for what went wrong.
LOG_LEVEL = "WARNING"
STATS_DUMP = False
LOGSTATS_INTERVAL = 0
