"""Tables made up for tests, in every shape that reports use, and a report around them as HTML, DOCX, PDF, XLSX, text.

A table is a tuple of rows; a cell is its text, or text with the rows and columns that it spans.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import docx
import openpyxl
from attachment_samples import LEFT, Item, Rule, Text, pdf, typeset, width_of

Spanning = tuple[str, int, int]
Row = Sequence[str | Spanning]
Rows = Sequence[Row]

TITLE = "青山县2023年法治政府建设年度报告"
OPENING = (
    "2023年，县人民政府认真贯彻落实上级关于法治政府建设的部署要求，现将有关情况报告如下：",
    "一、主要工作",
    "（一）化解行政争议。依法办理各类案件，持续提升执法水平，推动各项工作落到实处。",
)
CLOSING = (
    "二、存在的问题",
    "工作中还有不足，部分单位对法治建设重视不够，需要在今后的工作中加以改进。",
    "青山县人民政府",
    "2024年1月20日",
)


@dataclass(frozen=True)
class Placed:
    """A cell in its place."""

    text: str
    row: int
    column: int
    row_span: int
    column_span: int


def placed(rows: Rows) -> Iterator[Placed]:
    """Yield the cells with their places, as a browser lays them out."""
    covered: set[tuple[int, int]] = set()
    for down, row in enumerate(rows):
        across = 0
        for cell in row:
            text, height, width = cell if isinstance(cell, tuple) else (cell, 1, 1)
            while (down, across) in covered:
                across += 1
            covered |= {(down + i, across + j) for i in range(height) for j in range(width)}
            yield Placed(text, down, across, height, width)
            across += width


def html_table(rows: Rows) -> str:
    """The table as markup."""
    lines = []
    for row in rows:
        cells = [cell if isinstance(cell, tuple) else (cell, 1, 1) for cell in row]
        lines.append("".join(f"<td rowspan='{height}' colspan='{width}'>{text}</td>" for text, height, width in cells))
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def html_report(body: str) -> bytes:
    """A report as a web page around some markup."""
    before = "".join(f"<p>{line}</p>" for line in OPENING)
    after = "".join(f"<p>{line}</p>" for line in CLOSING)
    page = f"<div id='zoom'><h1>{TITLE}</h1>{before}{body}{after}</div>"
    return f"<html><head><title>{TITLE}</title></head><body>{page}</body></html>".encode()


def with_table(rows: Rows, captions: Sequence[str] = ()) -> bytes:
    """A report as a web page with one table under its captions."""
    return html_report("".join(f"<p>{line}</p>" for line in captions) + html_table(rows))


def docx_report(rows: Rows, captions: Sequence[str] = ()) -> bytes:
    """The same report as DOCX; merged cells as Word merges them."""
    document = docx.Document()
    for line in (TITLE, *OPENING, *captions):
        document.add_paragraph(line)
    cells = list(placed(rows))
    width = max(cell.column + cell.column_span for cell in cells)
    table = document.add_table(len(rows), width)
    for cell in cells:
        last = table.cell(cell.row + cell.row_span - 1, cell.column + cell.column_span - 1)
        table.cell(cell.row, cell.column).merge(last).text = cell.text
    for line in CLOSING:
        document.add_paragraph(line)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def pdf_table(rows: Rows, top: float, row: float = 24, size: float = 7) -> list[Item]:
    """The table with lines around each cell, its columns as wide as their words."""
    items: list[Item] = []
    cells = list(placed(rows))
    width = max(cell.column + cell.column_span for cell in cells)
    edges = [LEFT]
    for column in range(width):
        texts = [cell.text for cell in cells if cell.column == column and cell.column_span == 1]
        edges.append(edges[-1] + max(map(width_of, texts)) * size + 12)
    for cell in cells:
        left, right = edges[cell.column], edges[cell.column + cell.column_span]
        upper, lower = top + cell.row * row, top + (cell.row + cell.row_span) * row
        items += [Rule(left, upper, right, upper), Rule(left, lower, right, lower)]
        items += [Rule(left, upper, left, lower), Rule(right, upper, right, lower)]
        if cell.text:
            items.append(Text(left + 4, upper + 5, cell.text, size))
    return items


def pdf_report(rows: Rows, captions: Sequence[str] = ()) -> bytes:
    """The same report as PDF: text on the first page, the table and the rest on the second."""
    first = typeset(OPENING, title=TITLE)
    second: list[Item] = [Text(LEFT, 60 + 24 * place, line, 12) for place, line in enumerate(captions)]
    second += pdf_table(rows, 60 + 24 * len(captions) + 10)
    end = 60 + 24 * (len(captions) + len(rows)) + 40
    second += [Text(LEFT + 32, end + 28 * place, line, 16) for place, line in enumerate(CLOSING)]
    return pdf([*first, second])


def xlsx_table(rows: Rows) -> bytes:
    """The table alone, as a workbook with merged cells."""
    book = openpyxl.Workbook()
    sheet = book.active
    for cell in placed(rows):
        sheet.cell(cell.row + 1, cell.column + 1, cell.text or None)
        if cell.row_span > 1 or cell.column_span > 1:
            sheet.merge_cells(
                start_row=cell.row + 1,
                start_column=cell.column + 1,
                end_row=cell.row + cell.row_span,
                end_column=cell.column + cell.column_span,
            )
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
