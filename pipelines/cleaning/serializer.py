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
# any one character of these two
SPACE_OR_INVISIBLE = re.compile("[ \t\r\n\f\v\xa0\u00ad\u2000-\u200f\u202f\u205f\u2060\u3000\ufeff]")
# a source line end between two characters of which one is Chinese: 政府⏎建设, 2017⏎年
WRAPPED_LINE = re.compile(r"(?<=[^\x00-\xff]) *[\r\n]\s*(?=\S)|(?<=\S) *[\r\n]\s*(?=[^\x00-\xff])")
# page marks that UCAP leaves in long articles
PAGE_MARK = re.compile(r"#PAGE_BREAK#", re.I)

MAX_CELL_LINES = 3
"""A cell with more lines than this holds running text: its table serves the layout."""
MAX_ROW_CHARACTERS = 400
"""A row longer than this holds running text as well."""

_NEWLINE = "\n"
_HOLE = "\x00"


class _Lines:
    """Collects inline pieces into lines; empty lines are dropped.

    Attributes:
        done: the finished lines.
        spaced: whether inline elements are set apart by blanks.
        hole: an element that is left out, with ``_HOLE`` as a line in its place.
    """

    def __init__(self, *, spaced: bool = False, hole: html.HtmlElement | None = None) -> None:
        self.done: list[str] = []
        self.spaced = spaced
        self.hole = hole
        self._open: list[str] = []

    def add(self, text: str) -> None:
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
    stripped = text.strip()
    if not SPACE_OR_INVISIBLE.search(stripped):
        return stripped
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
        inner = _Lines(spaced=out.spaced, hole=out.hole)
        _children(cell, inner)
        inner.end_line()
        cells.append(inner.done)
    filled = [cell for cell in cells if cell]
    size = sum(len(line) for cell in filled for line in cell)
    holds_text = size > MAX_ROW_CHARACTERS or any(len(cell) > MAX_CELL_LINES or _HOLE in cell for cell in filled)
    if len(filled) < 2 or holds_text:
        for cell in filled:
            out.done.extend(cell)
        return
    out.done.append("\t".join("".join(cell) if len(cell) < 2 else " ".join(cell) for cell in cells).strip())


def _children(node: html.HtmlElement, out: _Lines) -> None:
    add = out.add
    if text := node.text:
        add(text)
    for child in node:
        _element(child, out)
        if text := child.tail:
            add(text)


def _element(node: html.HtmlElement, out: _Lines) -> None:
    tag = node.tag
    if not isinstance(tag, str) or tag in _SILENT or _is_hidden(node):
        return
    if node is out.hole:
        out.end_line()
        out.done.append(_HOLE)
    elif tag == "br":
        out.end_line()
    elif tag == "pre":
        _preformatted(node, out)
    elif tag == "tr":
        _row(node, out)
    elif tag in _BLOCKS or tag in _CELLS:
        out.end_line()
        _children(node, out)
        out.end_line()
    elif out.spaced:
        out.add(" ")
        _children(node, out)
        out.add(" ")
    else:
        _children(node, out)


def _preformatted(node: html.HtmlElement, out: _Lines) -> None:
    """Write preformatted text, whose line ends count."""
    out.end_line()
    for line in "".join(str(piece) for piece in node.itertext()).splitlines():
        out.add(line)
        out.end_line()


def serialize(node: html.HtmlElement) -> str:
    """Return the text of an element, one paragraph a line, without empty lines.

    Scripts, styles, comments, form controls and hidden elements are left out. Rows of data tables become one
    line with tabs between cells; rows that hold running text (layout tables) become the lines of their cells.
    """
    out = _Lines()
    _children(node, out)
    out.end_line()
    return _NEWLINE.join(line for raw in out.done if (line := PAGE_MARK.sub("", raw).strip()))


def serialize_around(page: html.HtmlElement, container: html.HtmlElement) -> tuple[list[str], list[str]]:
    """Return the lines of a page before and after one of its elements.

    Inline elements are set apart by blanks, as menus and header lines are shown; running text would tear its numbers
    that way. An element that is not part of the page leaves all lines before it.
    """
    out = _Lines(spaced=True, hole=container)
    _children(page, out)
    out.end_line()
    place = out.done.index(_HOLE) if _HOLE in out.done else len(out.done)
    return out.done[:place], out.done[place + 1 :]
