"""Markup to plain lines: inline content is joined, block ends and ``<br>`` make lines, table rows use tabs.

Word and WPS paste splits "2017年" over several spans; because inline content is joined without separators,
numbers stay whole. Choosing which part of the page to serialise belongs to ``containers``.
"""

from __future__ import annotations

import re

from lxml import html

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
        "ucapcontent",
        "ucaptitle",
    ]
)
_SILENT = frozenset(
    [
        "script",
        "style",
        "head",
        "title",
        "template",
        "noscript",
        "iframe",
        "object",
        "embed",
        "svg",
        "select",
        "option",
        "input",
        "button",
        "textarea",
        "audio",
        "video",
        "canvas",
        "map",
        "datastore",
    ]
)
_CELLS = frozenset(("td", "th"))

# style="display:none" · style="color:red; display : none;"
HIDDEN_STYLE = re.compile(r"display\s*:\s*none", re.I)
# a run of white space as written in the source, with or without line ends
SPACE_RUN = re.compile(r"[ \t\r\n\f\v\xa0\u2000-\u200a\u202f\u205f\u3000]+")
# zero-width space, joiners, word joiner, soft hyphen, byte order mark inside text
INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
# a source line end between two characters of which one is Chinese: 政府⏎建设, 2017⏎年
WRAPPED_LINE = re.compile(r"(?<=[^\x00-\xff]) *[\r\n]\s*(?=\S)|(?<=\S) *[\r\n]\s*(?=[^\x00-\xff])")
# page marks that UCAP leaves in long articles
PAGE_MARK = re.compile(r"#PAGE_BREAK#", re.I)

MAX_CELL_LINES = 3
"""A cell with more lines than this holds running text: its table serves the layout."""
MAX_ROW_CHARACTERS = 400
"""A row longer than this holds running text as well."""

_NEWLINE = "\n"


class _Lines:
    """Collects inline pieces into lines; empty lines are dropped."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self._open: list[str] = []

    def add(self, text: str | None) -> None:
        if text:
            self._open.append(text)

    def end_line(self) -> None:
        if not self._open:
            return
        line = fold_spaces("".join(self._open))
        self._open.clear()
        if line:
            self.done.append(line)


def fold_spaces(text: str) -> str:
    r"""Fold white space the way a browser shows Chinese text: indents go, wrapped lines join, runs become one blank.

    Example: ``"\u3000\u3000法治\n政府  建设"`` → ``"法治政府 建设"``.
    """
    if not text.isascii():
        text = INVISIBLE.sub("", text)
        if "\n" in text or "\r" in text:
            text = WRAPPED_LINE.sub("", text.strip())
    return SPACE_RUN.sub(" ", text).strip()


def _is_hidden(node: html.HtmlElement) -> bool:
    style = node.get("style")
    return style is not None and HIDDEN_STYLE.search(style) is not None


def _row(row: html.HtmlElement, out: _Lines) -> None:
    """Write a table row: one tab-separated line for data, the cells one after the other for layout."""
    out.end_line()
    cells: list[list[str]] = []
    for cell in row:
        if not isinstance(cell.tag, str) or cell.tag in _SILENT or _is_hidden(cell):
            continue
        inner = _Lines()
        _children(cell, inner)
        inner.end_line()
        cells.append(inner.done)
    filled = [cell for cell in cells if cell]
    size = sum(len(line) for cell in filled for line in cell)
    if len(filled) < 2 or size > MAX_ROW_CHARACTERS or max(map(len, filled)) > MAX_CELL_LINES:
        for cell in filled:
            out.done.extend(cell)
        return
    out.done.append("\t".join("".join(cell) if len(cell) < 2 else " ".join(cell) for cell in cells).strip())


def _children(node: html.HtmlElement, out: _Lines) -> None:
    out.add(node.text)
    for child in node:
        _element(child, out)
        out.add(child.tail)


def _element(node: html.HtmlElement, out: _Lines) -> None:
    tag = node.tag
    if not isinstance(tag, str) or tag in _SILENT or _is_hidden(node):
        return
    if tag == "br":
        out.end_line()
    elif tag == "tr":
        _row(node, out)
    elif tag in _BLOCKS or tag in _CELLS:
        out.end_line()
        _children(node, out)
        out.end_line()
    else:
        _children(node, out)


def serialize(node: html.HtmlElement) -> str:
    """Return the text of an element, one paragraph a line, without empty lines.

    Scripts, styles, comments, form controls and hidden elements are left out. Rows of data tables become one
    line with tabs between cells; rows that hold running text (layout tables) become the lines of their cells.
    """
    out = _Lines()
    _children(node, out)
    out.end_line()
    return PAGE_MARK.sub("", _NEWLINE.join(out.done))
