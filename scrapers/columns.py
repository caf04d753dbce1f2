"""Finding the column of annual reports on a portal: by the slug of its address, its title, and the titles in it.

Pure functions over pages already fetched; fetching them does not belong here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from scrapers.families.common import Entry, WebPage, is_page_link, text_of
from scrapers.titles import TitleRule

# fzzfjsndbg fzzfndbg_216183 fzzfjsbg fzzfgzbg fzzfjsqkndbg_qzf ndfzzfjsbg
REPORT_SLUG = re.compile(r"fzzf[a-z]*bg", re.IGNORECASE)
WORK_SLUG = re.compile(r"fzzf", re.IGNORECASE)  # fzzfjs fzzfjsgz fzzfjszl
REPORT_COLUMN = re.compile(r"法治政府建设(?:情况|工作|年度)*报告")  # 法治政府建设年度报告
WORK_COLUMN = re.compile(r"法治政府|依法行政")  # 法治政府建设
ON_THE_WAY = re.compile(r"^(?:政府信息公开|信息公开|政务公开|法定主动公开内容|主动公开)$")  # 政务公开
DIRECTION = re.compile(r"解读|图解|读懂|示范创建|知识|培训|新闻|动态")  # 法治政府建设示范创建
REPORT = re.compile(r"报告|總結|总结|報告")  # 2023年法治政府建设工作总结
YEAR = re.compile(r"(?<!\d)(20\d{2})(?!\d)")  # 2023年度
LONGEST_COLUMN_TITLE = 24
"""The title of a column is short; a longer link that speaks of reports is a report."""


@dataclass(frozen=True)
class ColumnLink:
    """A link that may lead to the column.

    Attributes:
        url: absolute address.
        title: what the link says.
        score: the higher, the surer: 6 for slug and title of a column of reports, 1 for a step on the way there.
        reason: what gave the score.
    """

    url: str
    title: str
    score: int
    reason: str


def reports_among(entries: Iterable[Entry], titles: TitleRule) -> list[Entry]:
    """The entries that are annual reports by their titles, newest first as far as dates or years tell."""
    found = [entry for entry in entries if titles.wants(entry.title) and REPORT.search(entry.title)]
    return sorted(found, key=lambda entry: (_year_of(entry), str(entry.date or "")), reverse=True)


def _year_of(entry: Entry) -> int:
    return year_in(entry.title) or (entry.date.year - 1 if entry.date else 0)


def year_in(title: str) -> int | None:
    """The year that a title names; None when it names none."""
    found = YEAR.search(title)
    return int(found[1]) if found else None


def is_on_subject(entries: Iterable[Entry]) -> bool:
    """Whether a list has any entry on the rule-of-law government, so that its further pages are worth a look."""
    return any(WORK_COLUMN.search(entry.title) for entry in entries)


def is_column_address(url: str) -> bool:
    """Whether the address itself has the slug of a column on the rule-of-law government."""
    return bool(WORK_SLUG.search(urlsplit(url).path))


def _score(url: str, title: str) -> tuple[int, str]:
    path = urlsplit(url).path
    slug = 3 if REPORT_SLUG.search(path) else 1 if WORK_SLUG.search(path) else 0
    named = 2 if REPORT_COLUMN.search(title) else 1 if WORK_COLUMN.search(title) else 0
    if slug + named:
        reasons = [f"address {path}"] * bool(slug) + [f"title {title}"] * bool(named)
        return 1 + slug + named, ", ".join(reasons)
    return (1, f"title {title}") if ON_THE_WAY.search(title) else (0, "")


def column_links(page: WebPage) -> list[ColumnLink]:
    """Links that may lead to the column of reports, surest first, without the page itself."""
    found: dict[str, ColumnLink] = {}
    for link in page.selector.xpath("//a[@href]"):
        href = (link.root.get("href") or "").strip()
        title = text_of(link) or " ".join((link.root.get("title") or "").split())
        if not is_page_link(href) or len(title) > LONGEST_COLUMN_TITLE or DIRECTION.search(title) or YEAR.search(title):
            continue
        try:
            url = urljoin(page.base, href)
        except ValueError:
            continue
        score, reason = _score(url, title)
        known = found.get(url)
        if score and url != page.url and (known is None or known.score < score):
            found[url] = ColumnLink(url, title, score, reason)
    return sorted(found.values(), key=lambda each: -each.score)
