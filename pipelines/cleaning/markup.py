"""What is taken off a capture before it is looked into: the main text and the lines of the page around it.

Web pages, saved texts, files, further pages of an article: all become one ``Taken``. What its lines state is read
in ``page``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from lxml import etree, html

from pipelines.cleaning.attachments.reading import read_attachment
from pipelines.cleaning.attachments.results import Extracted, Failure, FileType
from pipelines.cleaning.containers import find_container, inner_text, select
from pipelines.cleaning.encoding import decode
from pipelines.cleaning.grids import RawTable
from pipelines.cleaning.html_tables import tables_of
from pipelines.cleaning.metadata import read_meta_tags
from pipelines.cleaning.serializer import fold_spaces, serialize, serialize_around
from pipelines.cleaning.titles import fold
from pipelines.model import Issue, Page

# what only web pages contain: <!DOCTYPE html · <html lang="zh"> · <body> · <meta charset
HTML_SIGN = re.compile(r"<(?:!doctype\s+html|html|head|body|meta|div|table|ucapcontent)[\s>/]", re.I)
# class names of title elements: con-title · article_title · xxgk_tit · wzbt
TITLE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:con|article|arti|news|wz|xl|content|detail|info|xxgk|main)?[_-]?(?:title|tit|bt|biaoti)(?:$|[\s_\d-])",
    re.I,
)
# the pager of an article cut into pages: 上一页 1 2 3 下一页 · 共3页 首页 尾页 · a row of figures alone is none
PAGER_LINE = re.compile(
    r"^(?=.*页)(?:[\s|\[\]<>«»…·]|共\s*\d+\s*[页条]|第\s*\d+\s*页|(?:上|下|前|后|首|尾|末|第)一?页|\d{1,3}(?=\D|$))+$"
)
# control characters, which no markup may hold and which trip the tree's users
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
HEAD_TEXT = 4000
"""Characters at the start in which signs of markup are looked for."""
REPEATED_HEAD = 6
"""Lines at the top of a further page that may repeat the article's head."""


@dataclass(frozen=True)
class Taken:
    """The main text of a capture and the page around it.

    Attributes:
        text: one paragraph a line.
        before: lines of the page before the text.
        after: lines of the page after it.
        container: what chose the main part, see ``CleanedPage``.
        is_html: whether a web page is, or stands around, the text.
        encoding: codec of the bytes; "binary" for files.
        page_title: ``<title>``.
        headings: texts of elements that templates use for titles.
        meta: meta tags by lower-case name.
        file_type: what the file is that the text comes from; None for pages and texts.
        tables: the tables of the text as they were read, in its order.
        issues: what could not be taken at face value.
    """

    text: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    container: str
    is_html: bool
    encoding: str = ""
    page_title: str | None = None
    headings: tuple[str, ...] = ()
    meta: Mapping[str, str] = field(default_factory=dict)
    file_type: FileType | None = None
    tables: tuple[RawTable, ...] = ()
    issues: tuple[Issue, ...] = ()


def take(page: Page) -> Taken | Issue:
    """Take the text off a capture, with that of its further pages; the issue says why there is none."""
    extracted = read_attachment(page.content)
    if isinstance(extracted, Failure):
        return failure_issue(extracted)
    if extracted is not None:
        return _take_file(extracted, page.article)
    return _with_further(_take_page(page), page.further)


def failure_issue(failure: Failure) -> Issue:
    """Return the issue of a file without text; its value names type and reason: "doc:tool_missing"."""
    return Issue("clean", "error", failure.kind, failure.message, value=f"{failure.file_type}:{failure.reason}")


def _take_file(extracted: Extracted, article: Page | None) -> Taken:
    """Put the article, where there is one, around the text of its file."""
    notes = tuple(Issue("clean", "warn", note.kind, note.message, value=note.value) for note in extracted.notes)
    taken = Taken(
        text=extracted.text,
        before=(),
        after=(),
        container=f"attachment:{extracted.file_type}",
        is_html=False,
        encoding="binary",
        file_type=extracted.file_type,
        tables=extracted.tables,
        issues=notes,
    )
    if article is None:
        return taken
    around = _take_page(article)
    return replace(
        taken,
        before=(*around.before, *around.text.split("\n")),
        after=around.after,
        is_html=True,
        page_title=around.page_title,
        headings=around.headings,
        meta=around.meta,
        issues=(*notes, *around.issues),
    )


def _take_page(page: Page) -> Taken:
    decoded = decode(page.content, page.content_type)
    issues = decoded.issues
    taken: Taken | None = None
    if _is_html(decoded.text, page.content_type):
        taken = _take_html(decoded.text, page.family)
        if taken is None:
            issues = (*issues, Issue("clean", "error", "parse_failed", "markup cannot be parsed; read as plain text"))
    taken = taken or Taken(text=decoded.text, before=(), after=(), container="text", is_html=False)
    return replace(taken, encoding=decoded.encoding, issues=tuple(issues))


def _with_further(first: Taken, further: Sequence[Page]) -> Taken:
    """Add the text of an article's further pages, without the head and pager that each repeats."""
    if not further:
        return first
    lines = without_pager(first.text.split("\n"))
    head = {fold(line) for line in lines[:REPEATED_HEAD]} | {fold(heading) for heading in first.headings}
    issues, tables = list(first.issues), list(first.tables)
    for page in further:
        taken = _take_page(page)
        issues += taken.issues
        tables += taken.tables
        own = without_pager(taken.text.split("\n"))
        while own and (not own[0].strip() or fold(own[0]) in head):
            own.pop(0)
        if not own:
            message = "a further page of the article holds no text"
            issues.append(Issue("clean", "warn", "continuation_empty", message, value=page.url))
        lines += own
    return replace(first, text="\n".join(lines), tables=tuple(tables), issues=tuple(issues))


def without_pager(lines: Sequence[str]) -> list[str]:
    """Drop the pager below (and above) a part of an article."""
    kept = list(lines)
    while kept and PAGER_LINE.match(kept[-1]):
        kept.pop()
    while kept and PAGER_LINE.match(kept[0]):
        kept.pop(0)
    return kept


def _is_html(text: str, content_type: str | None) -> bool:
    return HTML_SIGN.search(text[:HEAD_TEXT]) is not None or bool(
        content_type and "html" in content_type.lower() and "<" in text[:HEAD_TEXT]
    )


def _headings(tree: html.HtmlElement) -> tuple[str, ...]:
    """Texts of elements that templates use for titles, in page order."""
    found: list[str] = []
    for node in tree.iter("ucaptitle", "h1", "h2", "h3", "div", "p", "span", "td"):
        marked = node.tag in ("ucaptitle", "h1", "h2", "h3")
        if not marked:
            names = f"{node.get('class') or ''} {node.get('id') or ''}"
            marked = names != " " and TITLE_CLASS.search(names) is not None
        if not marked or len(node) > 8:
            continue
        text = fold_spaces(inner_text(node))
        if 6 <= len(text) <= 120:
            found.append(text)
    return tuple(dict.fromkeys(found))


def _take_html(text: str, family: str | None) -> Taken | None:
    # The plain parser: its elements need no look-up in Python for the methods of links and forms, which nobody calls.
    parser = etree.HTMLParser(encoding="utf-8", remove_pis=True)
    clean = CONTROL.sub("", text).encode("utf-8", "replace")
    try:
        tree = html.document_fromstring(clean, parser=parser)
        chosen = find_container(tree, family)
        title_node = tree.find(".//title")
        bodies = select(tree, "//body")
        page_title = fold_spaces(inner_text(title_node)) if title_node is not None else None
        before, after = serialize_around(bodies[0] if bodies else tree, chosen.node)
        return Taken(
            text=serialize(chosen.node),
            before=tuple(before),
            after=tuple(after),
            container=chosen.name,
            is_html=True,
            page_title=page_title or None,
            headings=_headings(tree),
            meta=read_meta_tags(tree),
            tables=tables_of(chosen.node),
        )
    except (etree.LxmlError, ValueError, RecursionError, AssertionError):
        return None
