"""Which CMS family made a page, and what on the page says so.

The first rule that holds decides, from marks that only one CMS writes to those that could be copied. A link to
another site's page proves nothing: marks count in scripts and markup, addresses only on the page's own host.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from scrapers.families import json_api
from scrapers.families.answers import AnswerError, at_path, load_answer, looks_like_json
from scrapers.families.common import WebPage, link_target

EVIDENCE_LENGTH = 80
"""Characters of a page shown as evidence at most."""

JPAGE = re.compile(r"<datastore>|jpage/dataproxy\.jsp|dataStore\s*=\s*\[")  # <script type="text/xml"><datastore>
JPAAS = re.compile(r"queryData=[^<>]{0,80}|/api-gateway/jpaas-publish-server/[\w/]*")  # queryData="{'webId':'2945'}"
HANWEB_ARTICLE = re.compile(r"<!--\s{0,9}<\$\[[^\]<>]{1,40}\]>\s{0,9}begin")  # <!--<$[信息内容]>begin-->
GKMLPT_SITE = re.compile(r"""\bSID["']?\s*:\s*["']\d+["']""")  # SID: '755001',
GKMLPT_SCRIPT = re.compile(
    r"""<(?:script|link)[^<>]{1,200}?(?:src|href)=["'][^"'<>]{0,200}?/gkmlpt/"""
)  # <script src="/gkmlpt/js/app.js">
GKMLPT_PATH = re.compile(r"/gkmlpt/")  # http://portal.example/gkmlpt/index
# <UCAPTITLE> _isAgg=true <meta name="channelId" content="8a9f"> channelCode: ['col42150']
UCAP = re.compile(
    r"UCAP-?CONTENT|UCAPTITLE|_isAgg=true|<meta[^<>]{1,200}?name=[\"']channelId[\"'][^<>]{0,80}"
    r"|webSiteCode\s*:\s*\[|/ucap/[\w/]*|ucapsearch",
    re.IGNORECASE,
)
# <div id="vsb_content_2"> _showDynClicks("wbnews", …) <span class="p_pages"> <li id="line_u8_0">
VSB = re.compile(
    r"vsb_content\w*|_showDynClicks|/system/(?:_content|resource)/[\w/.]+|class=[\"']p_pages[\"']|id=[\"']line_?u\d+_\d+"
)
# createPageHTML(50, 0, "index", "html") <div class="TRS_Editor"> pagination("setPage",1,9)
TRS = re.compile(
    r"createPageHTML\s*\([^()]{0,300}\)|TRS_Editor|TRS_UEDITOR|Custom_UnionStyle|[\"']setPage[\"']|var\s+countPage"
)
TRS_PATH = re.compile(r"/t\d{8}_\d+(?:_\d+)?\.s?html?$")  # /202403/t20240328_6583952.html
HANWEB_PATH = re.compile(
    r"/(?:art/\d{4}/\d{1,2}/\d{1,2}/art_[\d_]+|col/col\d+/index)\.html$"
)  # /art/2024/2/1/art_1_2.html
VSB_PATH = re.compile(r"/info/\d+/\d+\.htm$")  # /info/1001/234.htm
UCAP_PATH = re.compile(r"/[0-9a-f]{32}\.shtml$")  # /c100186/202109/8a9f….shtml


@dataclass(frozen=True)
class Detection:
    """What made a page.

    Attributes:
        family: a key of :data:`scrapers.families.FAMILIES`.
        evidence: the piece of the page or address that decided, with what it is.
        options: what to write under ``api`` in the source file, where the page tells.
    """

    family: str
    evidence: str
    options: Mapping[str, Any] = field(default_factory=dict)


def _shown(text: str) -> str:
    return " ".join(text.split())[:EVIDENCE_LENGTH]


def _in_text(pattern: re.Pattern[str], what: str) -> Callable[[WebPage], str | None]:
    """A rule: the page's markup has a mark."""

    def find(page: WebPage) -> str | None:
        found = pattern.search(page.text)
        return f"{what}: {_shown(found[0])}" if found else None

    return find


def _in_address(pattern: re.Pattern[str], what: str) -> Callable[[WebPage], str | None]:
    """A rule: the page's own address has a form."""

    def find(page: WebPage) -> str | None:
        path = urlsplit(page.url).path
        return f"{what}: {_shown(path)}" if pattern.search(path) else None

    return find


def _in_links(pattern: re.Pattern[str], what: str) -> Callable[[WebPage], str | None]:
    """A rule: at least two links of the page to its own host have a form; one alone may be an old page's."""

    def find(page: WebPage) -> str | None:
        host, found = urlsplit(page.base).netloc, set()
        for href in page.selector.xpath("//a/@href").getall():
            parts = urlsplit(link_target(page.base, href) or "")
            if parts.netloc == host and pattern.search(parts.path):
                found.add(parts.path)
        return f"{what}: {_shown(min(found))}" if len(found) >= 2 else None

    return find


RULES: tuple[tuple[str, Callable[[WebPage], str | None]], ...] = (
    ("hanweb_jpage", _in_text(JPAGE, "list store of jpage")),
    ("hanweb_jpaas", _in_text(JPAAS, "unit of jpaas")),
    ("gkmlpt", _in_address(GKMLPT_PATH, "address of gkmlpt")),
    ("gkmlpt", _in_text(GKMLPT_SITE, "site number of gkmlpt")),
    ("gkmlpt", _in_text(GKMLPT_SCRIPT, "script of gkmlpt")),
    ("ucap", _in_text(UCAP, "mark of UCAP")),
    ("vsb", _in_text(VSB, "mark of VSB")),
    ("trs", _in_text(TRS, "mark of TRS")),
    ("hanweb_jpage", _in_text(HANWEB_ARTICLE, "article comment of Hanweb")),
    ("trs", _in_address(TRS_PATH, "address of a TRS article")),
    ("hanweb_jpage", _in_address(HANWEB_PATH, "address of Hanweb")),
    ("vsb", _in_address(VSB_PATH, "address of a VSB article")),
    ("ucap", _in_address(UCAP_PATH, "address of a UCAP article")),
    ("trs", _in_links(TRS_PATH, "link to a TRS article")),
    ("hanweb_jpage", _in_links(HANWEB_PATH, "link to a Hanweb page")),
    ("vsb", _in_links(VSB_PATH, "link to a VSB article")),
    ("ucap", _in_links(UCAP_PATH, "link to a UCAP article")),
)
"""Family and rule, in the order in which they are tried."""


def _of_answer(page: WebPage) -> Detection:
    """The family of an answer that is JSON."""
    try:
        answer = load_answer(page.text)
    except AnswerError as error:
        return Detection("json_api", _shown(f"JSON that cannot be read: {error}"))
    if isinstance(at_path(answer, "articles"), list) and GKMLPT_PATH.search(page.url):
        return Detection("gkmlpt", "answer with 'articles' at an address of gkmlpt")
    if isinstance(at_path(answer, "data.html"), str):
        return Detection("hanweb_jpaas", "answer with markup at 'data.html'")
    if isinstance(at_path(answer, "data.results"), list):
        return Detection("ucap", "answer with records at 'data.results'")
    known = json_api.known_interface(answer)
    if known:
        return Detection("json_api", f"answer of {known[0]}", known[1])
    return Detection("json_api", "JSON of no known interface")


def detect_family(page: WebPage) -> Detection:
    """Name the family that made a list or an article; ``generic`` where nothing tells."""
    if looks_like_json(page.text):
        return _of_answer(page)
    for family, rule in RULES:
        evidence = rule(page)
        if evidence:
            return Detection(family, evidence)
    return Detection("generic", "no mark of a known CMS")
