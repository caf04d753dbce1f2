"""What the CMS families share: the page they are handed, the list they hand back, and finding links in markup.

Only knowledge that holds for any portal belongs here; the habits of one CMS belong in its own module.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Literal, Protocol, cast
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit, urlunsplit

from lxml import etree
from parsel import Selector
from w3lib.url import safe_url_string

MIN_TITLE_LENGTH = 6
"""Links shorter than this are navigation, such as 政务公开."""

MIN_UNDATED_TITLE_LENGTH = 10
"""Mean length of titles from which links without dates may be a list; those of offices and columns are shorter."""

DATE = re.compile(r"(?<!\d)((?:19|20)\d{2})[-/.年](\d{1,2})[-/.月](\d{1,2})(?!\d)")  # 2024-01-09, [2024年1月9日]
TRUNCATED = re.compile(r"(?:\.{2,}|…+)$")  # 泸州市人民政府2017年度法治政府建…
ATTACHMENT = re.compile(r"\.(?:pdf|docx?|wps|ofd|xlsx?|et|rtf|zip|rar)$", re.IGNORECASE)  # P020240109.pdf
# One of these stands in every link that ATTACHMENT or VSB_DOWNLOAD takes; the last three hide a dot.
FILE_SIGNS = (
    *(".pdf", ".doc", ".wps", ".ofd", ".xls", ".et", ".rtf", ".zip", ".rar", "/download.jsp"),
    *("%2e", "&#", "&period;"),
)
VSB_DOWNLOAD = re.compile(r"/system/(?:_content|resource)/download\.jsp|/_content/download\.jsp")  # …?wbfileid=2
SPLIT_NAME = re.compile(r"^(?P<stem>.*/[^/]+?)\.(?P<ending>s?html?|jhtml)$")  # /x/t20190918_1.html
PART_NUMBER = re.compile(r"[1-9]\d?")  # 2, of t20190918_1_2.html
NEXT_TEXT = re.compile(r"^(?:下一[页頁]|下[页頁]|后一页|»|>|>>|next)$", re.IGNORECASE)  # 下一页
FOOTER = re.compile(r"ICP备|ICP證|公网安备|网站标识码|技术支持")  # 川公网安备 51010402000507号
# <div class="TRS_Editor"> <UCAPCONTENT> <div id="vsb_content_2"> <div id="zoom">
ARTICLE_BODY = re.compile(
    r"TRS_Editor|TRS_UEDITOR|Custom_UnionStyle|UCAP-?CONTENT|vsb_content|id=[\"']zoom[\"']", re.IGNORECASE
)
ITEM_TAGS = "self::li or self::tr or self::dd or self::dt or self::p or self::div"


# compiled once: a long page asks each of them for every item
_TEXTS = etree.XPath(".//text()[not(parent::script or parent::style)]")
_LINKS = etree.XPath(".//a[@href]")
_MARKED_TEXTS = etree.XPath(".//span//text() | .//em//text() | .//i//text()")


@dataclass(frozen=True)
class PageRequest:
    """How to ask for a page: most are asked for by their address alone, some list interfaces want a form.

    Attributes:
        url: absolute address.
        method: GET or POST.
        body: the form or JSON text that a POST carries.
        headers: what must be sent besides the usual, as (name, value).
    """

    url: str
    method: Literal["GET", "POST"] = "GET"
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """What tells this request from others: the address, with the body of a POST behind it."""
        return self.url if self.method == "GET" else f"{self.url} {self.body}"


@dataclass(frozen=True)
class WebPage:
    """A decoded page, the address it came from, and what a family may need to know besides.

    Attributes:
        url: where it came from.
        text: the decoded body.
        options: what the source file says about the portal's interface (its key ``api``).
        asked: the request that this page answers, where it was more than its address.
    """

    url: str
    text: str
    options: Mapping[str, Any] = field(default_factory=dict)
    asked: PageRequest | None = None

    @property
    def request(self) -> PageRequest:
        """The request that this page answers."""
        return self.asked or PageRequest(self.url)

    @cached_property
    def selector(self) -> Selector:
        """The parsed page; empty text gives an empty document."""
        return Selector(text=self.text or "<html></html>", type="html")

    @cached_property
    def base(self) -> str:
        """The address that links on the page are relative to: that of ``<base href>``, else its own."""
        return link_target(self.url, self.selector.xpath("//base/@href").get()) or self.url


@dataclass(frozen=True)
class Entry:
    """A line of a list: absolute address, full title, and the date printed beside it (None when none is)."""

    url: str
    title: str
    date: date | None


@dataclass(frozen=True)
class ListPage:
    """What one page of a list holds.

    Attributes:
        entries: in the order of the page.
        next_page: how to ask for the following page; None at the end, or when the page does not say.
        declared_total: entries in the whole list, where the page says so.
        declared_pages: pages in the whole list, where the page says so.
        recognised: whether the page has the structure of a list at all, even an empty one.
        skipped: entries that stand in the list but cannot be used, each in words: which one, and why.
    """

    entries: tuple[Entry, ...]
    next_page: PageRequest | None = None
    declared_total: int | None = None
    declared_pages: int | None = None
    recognised: bool = True
    skipped: tuple[str, ...] = ()

    @property
    def next_url(self) -> str | None:
        """The address of the following page; None at the end."""
        return self.next_page.url if self.next_page else None

    @property
    def fingerprint(self) -> str:
        """Hex SHA-256 of the entries, to tell a repeated or changed page."""
        lines = [f"{entry.url}\t{entry.title}\t{entry.date}" for entry in self.entries]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


class Family(Protocol):
    """What every module of a CMS family offers. All functions are pure."""

    def read_list(self, page: WebPage) -> ListPage:
        """Read one page of a list."""

    def normalise_url(self, url: str) -> str:
        """Give the one address that stands for all addresses of a page."""

    def continuation_urls(self, page: WebPage) -> list[str]:
        """The further pages of a long article, in order, without the page itself."""


def get_page(url: str | None) -> PageRequest | None:
    """A request that only needs an address; None for none."""
    return PageRequest(url) if url else None


def normalise_url(url: str) -> str:
    """Lower the host, drop the fragment, escape as it will be sent: what holds for any portal."""
    parts = urlsplit(safe_url_string(url.strip()))
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path or "/", parts.query, ""))


def with_parameter(url: str, name: str, value: int) -> str:
    """Set one parameter of an address and leave the rest as the portal wrote it."""
    head, _, query = url.partition("?")
    pairs = query.split("&") if query else []
    names = [pair.partition("=")[0] for pair in pairs]
    if name in names:
        pairs = [f"{name}={value}" if found == name else pair for pair, found in zip(pairs, names, strict=True)]
    else:
        pairs.append(f"{name}={value}")
    return f"{head}?{'&'.join(pairs)}"


def number_parameter(url: str, name: str) -> int | None:
    """The number that a parameter of an address holds; None when it is missing or no number."""
    for pair in url.partition("?")[2].split("&"):
        found, _, value = pair.partition("=")
        if found == name and value.isascii() and value.isdigit():
            return int(value)
    return None


def with_page(url: str, number: int) -> str:
    """Set the ``page`` parameter of an address."""
    return with_parameter(url, "page", number)


def page_number(url: str) -> int:
    """The ``page`` parameter of an address; the first page may leave it out."""
    return number_parameter(url, "page") or 1


def parse_date(text: str) -> date | None:
    """Return the first full date in a text; None when there is none or it is no day of the calendar."""
    found = DATE.search(text)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def _texts(search: etree.XPath, node: Any) -> list[str]:
    """What an XPath of texts finds under an element; a text node has nothing under it."""
    found = cast("list[str]", search(node)) if isinstance(node, etree._Element) else []
    return [str(text) for text in found]


def _folded(node: Any) -> str:
    return " ".join("".join(_texts(_TEXTS, node)).split())


def text_of(node: Selector) -> str:
    """All text under a node, white space folded."""
    return _folded(node.root)


def title_of(link: Selector) -> str:
    """The full title of a link: its ``title`` attribute where the text is cut or shorter, else its text."""
    return _title(link.root)


def _title(link: Any) -> str:
    shown = _folded(link)
    full = " ".join((link.get("title") or "").split())
    stem = TRUNCATED.sub("", shown)
    return full if full and (TRUNCATED.search(shown) or len(full) >= len(stem)) else shown


def link_target(base: str, href: str | None) -> str | None:
    """The absolute address behind an href; None where it leads to no page of the web, or is no address at all."""
    written = (href or "").strip()
    if not is_page_link(written):
        return None
    try:
        target = urljoin(base, written)
        parts = urlsplit(target)
        normalise_url(target)
    except ValueError:
        return None
    return target if parts.scheme in {"http", "https"} and parts.netloc else None


def is_page_link(href: str) -> bool:
    """Whether an href leads to a page, and not to a script, a mail box or a place on the same page."""
    return bool(href) and not href.lower().startswith(("javascript:", "mailto:", "tel:", "data:", "#"))


def entry_of(item: Selector, base: str, shortest: int = MIN_TITLE_LENGTH) -> Entry | None:
    """Read a list item: its longest-titled link, and the date that stands outside that link's title.

    Args:
        item: an ``li``, ``tr`` or the like.
        base: what the links of the list page are relative to.
        shortest: characters of a title at least; where an item is certainly an entry, 1 will do.
    """
    return _entry(item.root, base, shortest)


def _entry(item: Any, base: str, shortest: int) -> Entry | None:
    found = [(link, link_target(base, link.get("href"))) for link in cast("list[Any]", _LINKS(item))]
    titled = [(_title(link), link, target) for link, target in found if target]
    if not titled:
        return None
    title, link, target = max(titled, key=lambda found: len(found[0]))
    if len(title) < shortest:
        return None
    beside = _folded(item).replace(_folded(link), " ", 1)
    inside = " ".join(_texts(_MARKED_TEXTS, link))
    return Entry(
        url=target,
        title=DATE.sub("", title).strip(" []()【】") if DATE.search(inside) else title,
        date=parse_date(beside) or parse_date(inside),
    )


def main_list(page: WebPage) -> tuple[Entry, ...]:
    """Find the list of a page by structure: the siblings whose titles together are longest, dates counting double.

    Links without a date are only taken for a list if their titles are as long as those of documents; what stands at
    the foot of every page is none.
    """
    groups: dict[tuple[Any, str], list[Entry]] = defaultdict(list)
    for item in page.selector.xpath(f"//*[{ITEM_TAGS}][.//a[@href]][count(.//a[@href]) <= 3]"):
        entry = _entry(item.root, page.base, MIN_TITLE_LENGTH)
        if entry is not None and not _is_chrome(entry):
            groups[item.root.getparent(), item.root.tag].append(entry)
    lists: list[list[Entry]] = [entries for entries in groups.values() if _may_be_list(entries)]

    if not lists:
        return ()
    best: list[Entry] = max(lists, key=_weight)
    return tuple(best)


def _weight(entries: list[Entry]) -> int:
    return sum(len(entry.title) * (2 if entry.date else 1) for entry in entries)


def _is_chrome(entry: Entry) -> bool:
    """Whether a link stands on every page: a licence, a certificate, the home page of a site."""
    return bool(FOOTER.search(entry.title)) or urlsplit(entry.url).path in {"", "/"}


def _may_be_list(entries: list[Entry]) -> bool:
    length = sum(len(entry.title) for entry in entries)
    return any(entry.date for entry in entries) or length >= MIN_UNDATED_TITLE_LENGTH * len(entries)


def is_article(page: WebPage) -> bool:
    """Whether a page has the body of an article, so that a page without entries is no empty list."""
    return bool(ARTICLE_BODY.search(page.text))


def next_by_link(page: WebPage) -> str | None:
    """The address behind a "next page" link; None on the last page, where it is missing or leads nowhere."""
    for link in page.selector.xpath("//link[@rel='next'][@href] | //a[@href]"):
        labelled = link.root.tag == "link" or link.root.get("rel") == "next" or NEXT_TEXT.match(text_of(link))
        target = link_target(page.base, link.root.get("href")) if labelled else None
        if target:
            return None if target == page.url else target
    return None


def sibling_pages(page: WebPage) -> list[str]:
    """The further pages of a long article by the links on it: ``t20190918_1_1.html`` beside ``t20190918_1.html``.

    Only numbers that follow on each other count, from 1 or from 2, so that a neighbouring article is not taken
    for a part.
    """
    own = SPLIT_NAME.match(urlsplit(page.url).path)
    if own is None or not _names_a_part(page.text, own["stem"].rpartition("/")[2]):
        return []
    numbered: dict[int, str] = {}
    for link in page.selector.xpath("//a[@href]"):
        target = link_target(page.base, link.root.get("href")) or ""
        part = SPLIT_NAME.match(urlsplit(target).path)
        if part is None or urlsplit(target).netloc != urlsplit(page.url).netloc or part["ending"] != own["ending"]:
            continue
        separator, number = part["stem"][len(own["stem"]) :][:1], part["stem"][len(own["stem"]) + 1 :]
        if part["stem"].startswith(own["stem"]) and separator in {"_", "-"} and PART_NUMBER.fullmatch(number):
            numbered[int(number)] = target.partition("#")[0]
    first = 1 if 1 in numbered else 2
    return [numbered[number] for number in range(first, first + len(numbered)) if number in numbered]


def _names_a_part(text: str, name: str) -> bool:
    """Whether a page's bare text has its own file name with a part's separator behind it; saves parsing the others."""
    return f"{name}_" in text or f"{name}-" in text


def _names_a_file(link: Selector, target: str) -> bool:
    """Whether a link leads to a file: its path ends like one, or a parameter or the words of the link do."""
    parts = urlsplit(target)
    if ATTACHMENT.search(unquote(parts.path)) or VSB_DOWNLOAD.search(parts.path):
        return True
    values = [value for _, value in parse_qsl(parts.query)]
    words = [text_of(link), link.root.get("title") or "", link.root.get("download") or ""]
    return any(ATTACHMENT.search(text.strip()) for text in [*values, *words])


def _may_name_files(text: str) -> bool:
    """Whether a page's bare text has what every link to a file has somewhere; saves parsing the pages without."""
    lowered = text.lower()
    return any(sign in lowered for sign in FILE_SIGNS)


def _shown_file(target: str) -> str | None:
    """The file that a frame shows: the frame's own address, or the one that it hands to a viewer; None for a page."""
    parts = urlsplit(target)
    if ATTACHMENT.search(unquote(parts.path)):
        return target
    handed = (value for _, value in parse_qsl(parts.query) if ATTACHMENT.search(urlsplit(value).path))
    return next((found for value in handed if (found := link_target(target, value))), None)


def attachment_urls(page: WebPage) -> list[str]:
    """Addresses of the files that a page offers or shows in a frame, in order of the page.

    Many portals hide the name behind a download script, or show the report as a PDF in a viewer.
    """
    urls: dict[str, None] = {}
    if not _may_name_files(page.text):
        return []
    for node in page.selector.xpath(
        "(//a[@href] | //iframe[@src] | //embed[@src] | //object[@data])"
        "[not(ancestor::header or ancestor::footer or ancestor::nav)]"
    ):
        target = link_target(page.base, node.root.get("href") or node.root.get("src") or node.root.get("data"))
        if target is None:
            continue
        file = (target if _names_a_file(node, target) else None) if node.root.tag == "a" else _shown_file(target)
        if file is not None:
            urls[file] = None
    return list(urls)
