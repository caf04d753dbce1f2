"""The year a report is about; cited programmes, plans for the next year and page clocks must not win.

A report about year Y is published in Y+1. Only kinds that report on a year have one; that decision is the caller's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pipelines.cleaning.dates import chinese_year_number
from pipelines.extraction.numerals import fold_width
from pipelines.model import Issue

FIRST_REPORT_YEAR = 1999
"""The State Council's decision of 1999 on 依法行政 is the earliest occasion of such reports."""
LATEST_LAG = 2
"""A report published more than this many years after its year deserves a doubt."""

_YEAR = r"(?<!\d)((?:19|20)\d\d)"
# 2017年度 · 2023年 · 2023 年 · 2023法治政府建设 (the 年 forgotten)
YEAR = re.compile(_YEAR + r"(?=\s?年|\s?度|法治|依法)")
# 二〇二三年 · 二○二三年度 · 二0二三年
CHINESE_YEAR = re.compile(r"([一二三四五六七八九〇○零OΟ0]{4})(?=\s?年)")
# (2015-2020年) · 2021—2025年 · 20152020年 (the dash lost) · 2016至2020年
YEAR_RANGE = re.compile(r"(?:19|20)\d\d\s*年?\s*(?:[-—–－~～至到]+\s*)?(?:19|20)\d\d\s*年?")
# 〔2023〕6号 · [2019]7号 but not (2023年)
NUMBER_YEAR = re.compile(r"[〔\[［【(（﹝]\s*(?:19|20)\d\d(?!\s*年)\s*[〕\]］】)）﹞]?\s*\d{0,5}\s*号?")
# 《法治政府建设实施纲要(2021-2025)》 with one more level inside
CITED_TITLE = re.compile(r"《[^《》]*(?:《[^《》]*》[^《》]*)*》")
# a title that ends with its year in brackets: …年度报告(2022) · …年度报告〔2022〕
YEAR_AT_END = re.compile(rf"[〔\[［【(（]\s*{_YEAR}\s*[〕\]］】)）]\s*$")
# 现将我市2019年法治政府建设情况报告如下 · 现将2022年度工作情况汇报如下
REPORTED_NOW = re.compile(
    r"现[将就](?P<what>[^。]{0,120}?)(?:报告|汇报|总结|公布|公开|通报|公示|报送|述职|说明)(?:如下)?"
)
# a sentence that begins with the year: 2017年,在… · 2019年以来 · 2022年，某县
OPENS_WITH_YEAR = re.compile(rf"^\s*{_YEAR}\s?年度?(?:以来)?[,，、]?")
OPENS_WITH_CHINESE_YEAR = re.compile(r"^\s*([一二三四五六七八九〇○零OΟ0]{4})\s?年度?(?:以来)?[,，、]?")
# headings of the coming year: 七、2018年法治政府建设工作思路 · 十一、2024年工作安排
PLAN_HEADING = re.compile(
    rf"{_YEAR}\s?年[^。]{{0,30}}(?:思路|安排|打算|计划|要点|重点|展望|任务|举措|目标|工作部署|设想)"
)
MAX_HEADING = 60
OPENING_LINES = 6


@dataclass(frozen=True)
class ReportYear:
    """A year and what showed it.

    Attributes:
        year: the calendar year reported on; None when nothing shows it.
        source: "title", "reported_now", "opening", "headings", "plan_heading", "signature_date", "publication_date".
    """

    year: int | None
    source: str | None
    issues: tuple[Issue, ...] = ()


def _without_citations(text: str) -> str:
    """Drop cited titles, ranges of years and years inside document numbers."""
    return NUMBER_YEAR.sub(" ", YEAR_RANGE.sub(" ", CITED_TITLE.sub(" ", text)))


def years_named(text: str) -> list[int]:
    """Return the years a text names as such, in order, without those of citations, ranges and numbers."""
    bare = _without_citations(fold_width(text))
    found = [(hit.start(), int(hit[1])) for hit in YEAR.finditer(bare)]
    found += [
        (hit.start(), year) for hit in CHINESE_YEAR.finditer(bare) if (year := chinese_year_number(hit[1])) is not None
    ]
    return [year for _, year in sorted(found) if FIRST_REPORT_YEAR <= year <= 2099]


def year_of_title(title: str) -> int | None:
    """Return the year a title reports on: the first it names outside ranges and numbers.

    A title that also announces the next year ("2017年总结和2018年打算") names the reported year first. A title that is
    wholly inside 《》 counts as if it were not.
    """
    named = years_named(title)
    if not named and "《" in title:
        named = years_named(title.replace("《", " ").replace("》", " "))
    if not named and (ended := YEAR_AT_END.search(fold_width(title))):
        return int(ended[1])
    return named[0] if named else None


def _opening_year(lines: Sequence[str]) -> tuple[int | None, str | None]:
    opening = [line for line in lines if line.strip()][:OPENING_LINES]
    for line in opening:
        for hit in REPORTED_NOW.finditer(_without_citations(line)):
            if named := years_named(hit["what"] + "年"):
                return named[-1], "reported_now"
    for line in opening:
        numeric = OPENS_WITH_YEAR.match(line)
        if numeric and not YEAR_RANGE.match(line.strip()):
            return int(numeric[1]), "opening"
        chinese = OPENS_WITH_CHINESE_YEAR.match(line)
        if chinese and (year := chinese_year_number(chinese[1])):
            return year, "opening"
    return None, None


def _heading_year(lines: Sequence[str]) -> tuple[int | None, str | None]:
    """The year headings name for what was done, or the year before the one they plan for."""
    planned: list[int] = []
    done: Counter[int] = Counter()
    for line in lines:
        stripped = line.strip()
        if not stripped or len(stripped) > MAX_HEADING or stripped.endswith(("。", "；", ";")):
            continue
        bare = _without_citations(stripped)
        if hit := PLAN_HEADING.search(bare):
            planned.append(int(hit[1]))
        else:
            done.update(years_named(bare))
    if done:
        return done.most_common(1)[0][0], "headings"
    if planned:
        return planned[0] - 1, "plan_heading"
    return None, None


def _doubts(year: int, source: str, published: date | None, signed: date | None) -> list[Issue]:
    issues = []
    for kind, day in (("publication", published), ("signature", signed)):
        if day is None:
            continue
        lag = day.year - year
        if lag < 0 or lag > LATEST_LAG:
            issues.append(
                Issue(
                    "read",
                    "warn",
                    "report_year_implausible",
                    f"year {year} from {source}, {kind} date {day}",
                    value=str(year),
                )
            )
    return issues


def find_report_year(
    title: str | None, body: Sequence[str], published: date | None = None, signed: date | None = None
) -> ReportYear:
    """Decide the year a report is about.

    Args:
        title: Simplified title, or None.
        body: Simplified lines of the report proper.
        published: publication date.
        signed: date under the signature.

    Returns:
        The year of the title; else of "现将…年…报告如下"; else of a paragraph that begins with a year; else of the
        headings (the year before one they plan for); else the year before the signature or, last, the publication.
        The last two are inferences and carry an issue. Implausible lags are reported, never corrected.
    """
    year, source = (year_of_title(title), "title") if title else (None, None)
    if year is None:
        year, source = _opening_year(body)
    if year is None:
        year, source = _heading_year(body)
    if year is not None and source is not None:
        return ReportYear(year, source, tuple(_doubts(year, source, published, signed)))
    for origin, day in (("signature_date", signed), ("publication_date", published)):
        if day is not None:
            # Letters of late December report on the year that ends; all others on the year before.
            inferred = day.year if origin == "signature_date" and day.month == 12 else day.year - 1
            doubt = Issue(
                "read", "warn", "report_year_inferred", f"year taken from {origin} {day}", value=str(inferred)
            )
            return ReportYear(inferred, origin, (doubt,))
    return ReportYear(None, None, (Issue("read", "warn", "report_year_unknown", "no year is stated"),))
