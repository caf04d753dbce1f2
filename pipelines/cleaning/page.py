"""One page to one cleaned page: the composition of decoding, container, text, metadata, title, dates and letter.

Pure: bytes and what the crawl knows in, a frozen value out; never raises on any bytes. What the document is
(kind, region, year, issuer) is decided in ``pipelines.extraction``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from pipelines.cleaning.attachments.names import stem_of
from pipelines.cleaning.dates import date_of_url, parse_date
from pipelines.cleaning.document_number import DocumentNumber, parse_document_number
from pipelines.cleaning.grids import Table, locate
from pipelines.cleaning.letter import Letter, read_letter
from pipelines.cleaning.markup import Taken, take
from pipelines.cleaning.metadata import (
    BESIDE_DATE,
    LEADING_DATE,
    PAGE_CLOCK,
    Field,
    first_value,
    is_header_line,
    read_breadcrumb,
    read_header_fields,
)
from pipelines.cleaning.script import Converted, Script, to_simplified
from pipelines.cleaning.serializer import fold_spaces
from pipelines.cleaning.titles import (
    Title,
    close_up,
    fold,
    is_page_title_line,
    is_shortened,
    looks_like_title,
    split_page_title,
    title_in_lines,
)
from pipelines.model import Issue, Page

DATE_TAGS = ("pubdate", "publishdate", "publishtime", "publicationdate", "article:published_time")
TITLE_TAGS = ("articletitle",)
# an entry of a list page ends or begins with its date: …报告 2024-01-09] · [2024-01-09 …
ENTRY_END = re.compile(r"(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?[\])】]?$")
ENTRY_START = re.compile(r"^[\[(【]?(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}[\])】]?\s*[^\s\d:：]{4}")
ENTRY_LENGTHS = range(14, 121)
"""Characters of a list entry: a short text and its date."""

_PUBLISHED_LABELS = frozenset(("发布日期", "发布时间", "公开日期", "公开时间", "信息发布时间", "上网日期", "上网时间"))
MAX_LEADING_DATE_LINE = 80


@dataclass(frozen=True)
class CleanedPage:
    """A page as text with everything it states about itself.

    Attributes:
        text: the document text; offsets and line numbers count in it.
        lines: ``text`` split at line feeds; ``lines[n - 1]`` is line n.
        simplified: Simplified text with a map back; the same text for Simplified pages.
        simplified_lines: its lines, one for one those of ``lines``.
        script: "Hans" or "Hant".
        encoding: codec used for the bytes.
        container: what chose the main part: "family:selector", "readability", "body", "text", "none", or "attachment:"
            with the type of the file that holds the text.
        is_html: whether the bytes were a web page, or a file with a web page around it.
        html_title: the ``<title>`` (or the page-title line of a saved text).
        site_name: name of the site, from a meta tag or the page title.
        breadcrumb: steps of the breadcrumb.
        meta: meta tags by lower-case name.
        fields: labelled statements of the header table and the line under the title.
        title: the document's title in its original wording; its lines refer to ``text``.
        letter: addressee, body range, signature.
        publication_date: when the page was published.
        publication_date_source: "meta", "header_table", "time_line", "list" or "url".
        generated_date: 成文日期 or 生成日期 of the header table.
        document_number: of the header table or a line of its own.
        tables: the tables of ``text``, in order, with the places of their cells.
        list_entries: lines of the whole page that are a short text with a date, as on list pages.
        issues: what could not be taken at face value.
    """

    name: str
    text: str
    lines: tuple[str, ...]
    simplified: Converted
    simplified_lines: tuple[str, ...]
    script: Script
    encoding: str
    container: str
    is_html: bool
    letter: Letter
    html_title: str | None = None
    site_name: str | None = None
    breadcrumb: tuple[str, ...] = ()
    meta: Mapping[str, str] = field(default_factory=dict)
    fields: tuple[Field, ...] = ()
    title: Title | None = None
    publication_date: date | None = None
    publication_date_source: str | None = None
    generated_date: date | None = None
    document_number: DocumentNumber | None = None
    tables: tuple[Table, ...] = ()
    list_entries: int = 0
    issues: tuple[Issue, ...] = ()

    def field_value(self, name: str) -> str | None:
        """Return the first value of a header field such as "index_number", or None."""
        return first_value(self.fields, name)

    def original_line(self, number: int) -> str:
        """Return a line (from 1) in its original wording, stripped."""
        return self.lines[number - 1].strip()

    def body_lines(self) -> tuple[str, ...]:
        """Return the Simplified lines of the report proper."""
        if self.letter.first_line is None or self.letter.last_line is None:
            return ()
        return self.simplified_lines[self.letter.first_line - 1 : self.letter.last_line]


def _page_title_line(lines: Sequence[str]) -> str | None:
    """The page-title line of a saved text: the first filled line, when it names a site at its end."""
    first = next((line.strip() for line in lines if line.strip()), None)
    return first if first and is_page_title_line(first) else None


def _stated_titles(source: Taken, page: Page, fields: Sequence[Field], article: str | None) -> list[tuple[str, str]]:
    """Titles that the page or the list states, in order of trust."""
    stated: list[tuple[str, str]] = [("meta", source.meta[tag]) for tag in TITLE_TAGS if tag in source.meta]
    stated += [("header_table", item.value) for item in fields if item.name == "title"]
    stated += [("heading", text) for text in source.headings if looks_like_title(text)]
    if page.list_title:
        stated.append(("list", page.list_title))
    if page.file_name and source.file_type and looks_like_title(name := stem_of(page.file_name)):
        stated.append(("file_name", name))
    if article and (looks_like_title(article) or not source.is_html):
        stated.append(("page_title", article))
    return [(origin, fold_spaces(text)) for origin, text in stated if text.strip()]


def _choose_title(
    stated: Sequence[tuple[str, str]], simplified_lines: Sequence[str], lines: Sequence[str], is_html: bool
) -> Title | None:
    """Choose the title: for web pages the first full statement, for saved texts the line that bears it."""
    in_text = title_in_lines(simplified_lines, [to_simplified(text).text for _, text in stated])
    if in_text and in_text.line and in_text.first_line and tuple(lines) != tuple(simplified_lines):
        # The wording of the page, not its Simplified form; lines of one title are set together.
        printed = [close_up(lines[number - 1]) for number in range(in_text.first_line, in_text.line + 1)]
        in_text = Title("".join(printed), in_text.source, in_text.line, in_text.first_line)
    whole = [(origin, text) for origin, text in stated if not is_shortened(text)]
    if not whole and is_html and in_text:
        return in_text
    candidates = whole or list(stated)
    if not candidates:
        return in_text
    if not is_html and in_text:
        return in_text
    if not is_html and candidates[0][0] not in ("header_table", "list", "file_name"):
        return None
    origin, text = candidates[0]
    return Title(text, origin, in_text.line if in_text else None, in_text.first_line if in_text else None)


def _title_issues(stated: Sequence[tuple[str, str]]) -> list[Issue]:
    """Report titles of meta tag, header table and list that are not the same and not cut from one another."""
    named = [(origin, text) for origin, text in stated if origin in ("meta", "header_table", "list")]
    if not named:
        return []
    first = fold(named[0][1])
    others = [
        f"{origin}: {text}"
        for origin, text in named[1:]
        if not is_shortened(text) and fold(text) not in first and first not in fold(text)
    ]
    if not others or is_shortened(named[0][1]):
        return []
    return [Issue("clean", "info", "title_disagreement", f"took {named[0][1]}", value="; ".join(others))]


def _dates_of_fields(fields: Sequence[Field], lines: Sequence[str], head_end: int) -> list[tuple[str, date]]:
    """Publication dates of labelled lines: of the header table first, then of the line near the title."""
    table: list[tuple[str, date]] = []
    line_dates: list[tuple[str, date]] = []
    for item in fields:
        found = parse_date(item.value) if item.name == "published" else None
        if found is None or PAGE_CLOCK.search(lines[item.line - 1]):
            continue
        if item.line >= head_end and item.label not in _PUBLISHED_LABELS:
            continue
        if item.in_table:
            table.append(("header_table", found))
        else:
            line_dates.append(("time_line", found))
    return table + line_dates


def _unlabelled_dates(head: Sequence[str]) -> list[tuple[str, date]]:
    """Dates that begin a line before the body and stand beside a source, view count or font size."""
    dates: list[tuple[str, date]] = []
    for line in head:
        stripped = line.strip()
        if len(stripped) > MAX_LEADING_DATE_LINE or PAGE_CLOCK.search(stripped):
            continue
        hit = LEADING_DATE.match(stripped)
        if hit and BESIDE_DATE.search(hit["rest"]) and (found := parse_date(stripped)):
            dates.append(("time_line", found))
    return dates


def _choose_date(page: Page, candidates: Sequence[tuple[str, date]]) -> tuple[date | None, str | None, list[Issue]]:
    """Take the first plausible date of the ladder; report later ones that contradict it."""
    issues: list[Issue] = []
    plausible: list[tuple[str, date]] = []
    latest = page.fetched_at.date() + timedelta(days=1) if page.fetched_at else None
    for origin, found in candidates:
        if latest and found > latest:
            issues.append(
                Issue("clean", "warn", "date_in_future", f"{origin} date lies after the fetch", value=found.isoformat())
            )
        else:
            plausible.append((origin, found))
    if not plausible:
        return None, None, issues
    source, chosen = plausible[0]
    others = sorted({f"{origin} {found}" for origin, found in plausible[1:] if abs((found - chosen).days) > 1})
    if others:
        issues.append(
            Issue(
                "clean",
                "info",
                "publication_date_disagreement",
                f"took {source} {chosen}",
                value="; ".join(others),
            )
        )
    return chosen, source, issues


def _find_number(
    fields: Sequence[Field], letter: Letter, lines: Sequence[str], head: Sequence[str]
) -> tuple[DocumentNumber | None, list[Issue]]:
    """Take the document number of the header table, else of a line of its own before the body."""
    issues: list[Issue] = []
    found: DocumentNumber | None = None
    for item in fields:
        if item.name == "document_number" and item.value.strip(" -—/无") and found is None:
            found = parse_document_number(item.value)
            if found is None and any(character.isdigit() for character in item.value):
                issues.append(
                    Issue("clean", "warn", "document_number_unreadable", "no number of the usual form", item.value)
                )
    if found is None and letter.number_line:
        found = parse_document_number(lines[letter.number_line - 1])
    if found is None:
        for line in head:
            if len(line) <= 40 and (found := parse_document_number(line)):
                break
    if found and found.repaired:
        issues.append(Issue("clean", "info", "document_number_repaired", f"read as {found.text}", found.raw))
    return found, issues


def _is_list_entry(line: str) -> bool:
    if len(line) not in ENTRY_LENGTHS:
        return False
    dated = ENTRY_END.search(line[-13:]) or ENTRY_START.match(line)
    return dated is not None and not is_header_line(line)


def _count_list_entries(lines: Sequence[str]) -> int:
    return sum(_is_list_entry(line.strip()) for line in lines)


def _empty(page: Page, encoding: str, issues: Sequence[Issue]) -> CleanedPage:
    return CleanedPage(
        name=page.name,
        text="",
        lines=("",),
        simplified=Converted(""),
        simplified_lines=("",),
        script="Hans",
        encoding=encoding,
        container="none",
        is_html=False,
        letter=Letter(),
        issues=tuple(issues),
    )


def clean_page(page: Page) -> CleanedPage:
    """Turn a captured page into text and statements; never raises.

    Args:
        page: the bytes and what the crawl knows about them.

    Returns:
        The cleaned page. A file (PDF, Word, …) gives its own text, with what its article states around it; one that
        cannot be read gives an empty text and an issue ``attachment_unparsed``, ``attachment_no_text`` or
        ``parse_failed``. Markup that cannot be parsed is read as plain text with the issue ``parse_failed``.
    """
    taken = take(page)
    if isinstance(taken, Issue):
        return _empty(page, "binary", [taken])
    source, issues = taken, list(taken.issues)

    simplified = to_simplified(source.text)
    lines = tuple(source.text.split("\n"))
    simplified_lines = tuple(simplified.text.split("\n"))
    # A page is Traditional where its article is; a Simplified article needs no conversion of the page around it.
    script: Script = "Hans" if simplified.offsets is None else "Hant"
    before, after = (
        lines if script == "Hans" else tuple(to_simplified("\n".join(lines)).text.split("\n"))
        for lines in (source.before, source.after)
    )
    page_lines = (*before, *simplified_lines, *after)

    fields = read_header_fields(page_lines)
    page_title = source.page_title or (None if source.is_html else _page_title_line(lines))
    article, site = split_page_title(page_title)
    stated = _stated_titles(source, page, fields, article)
    title = _choose_title(stated, simplified_lines, lines, source.is_html)
    letter = read_letter(simplified_lines, title)
    # Line of the whole page on which the body begins; without a body the page is all head.
    head_end = len(before) + letter.first_line if letter.first_line else len(page_lines) + 1
    number, number_issues = _find_number(fields, letter, lines, page_lines[: head_end - 1])
    ladder: list[tuple[str, date]] = [
        ("meta", found) for tag in DATE_TAGS if (found := parse_date(source.meta.get(tag, "")))
    ]
    ladder += _dates_of_fields(fields, page_lines, head_end) + _unlabelled_dates(page_lines[: head_end - 1])
    if page.list_date:
        ladder.append(("list", page.list_date))
    if url_date := date_of_url(page.url):
        ladder.append(("url", url_date))
    published, published_source, date_issues = _choose_date(page, ladder)
    generated = next((found for item in fields if item.name == "generated" and (found := parse_date(item.value))), None)
    return CleanedPage(
        name=page.name,
        text=source.text,
        lines=lines,
        simplified=simplified,
        simplified_lines=simplified_lines,
        script=script,
        encoding=source.encoding,
        container=source.container,
        is_html=source.is_html,
        letter=letter,
        html_title=page_title,
        site_name=source.meta.get("sitename") or site,
        breadcrumb=read_breadcrumb(page_lines),
        meta=source.meta,
        fields=fields,
        title=title,
        publication_date=published,
        publication_date_source=published_source,
        generated_date=generated,
        document_number=number,
        tables=locate(source.tables, source.text),
        list_entries=_count_list_entries(page_lines),
        issues=tuple(issues + _title_issues(stated) + number_issues + date_issues),
    )
