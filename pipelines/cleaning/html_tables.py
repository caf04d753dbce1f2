"""Tables of a web page as structure, beside the lines that the serializer makes of their rows.

Where they stand in the finished text is found by ``grids``.
"""

from __future__ import annotations

from lxml import html

from pipelines.cleaning.grids import RawCell, RawTable, raw_cell
from pipelines.cleaning.serializer import HIDDEN_STYLE, serialize


def tables_of(node: html.HtmlElement) -> tuple[RawTable, ...]:
    """Return the innermost tables under an element; a table that holds another one serves the layout."""
    tables = (each for each in node.iter("table") if next(each.iterdescendants("table"), None) is None)
    return tuple(RawTable(tuple(_row(row) for row in table.iter("tr") if not _is_hidden(row))) for table in tables)


def _row(row: html.HtmlElement) -> tuple[RawCell, ...]:
    return tuple(
        raw_cell(
            serialize(cell).split("\n"),
            _span(cell.get("rowspan")),
            _span(cell.get("colspan")),
            is_header=cell.tag == "th",
        )
        for cell in row.iterchildren("td", "th")
        if not _is_hidden(cell)
    )


def _is_hidden(node: html.HtmlElement) -> bool:
    style = node.get("style")
    return style is not None and HIDDEN_STYLE.search(style) is not None


def _span(stated: str | None) -> int:
    """Rows or columns a cell states to span; what is no number counts as one."""
    digits = (stated or "").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 5 else 1
