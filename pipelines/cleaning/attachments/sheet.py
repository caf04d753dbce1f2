"""Workbooks (XLSX, XLS): the rows of each sheet as cells joined by tabs.

Values as they were last computed; formulas, charts and hidden sheets are left out.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import Any

from pipelines.cleaning.attachments.limits import Limits, check
from pipelines.cleaning.attachments.results import AttachmentError, Extracted, FileType, damaged, no_text, unparsed
from pipelines.cleaning.attachments.zipped import SafeZip
from pipelines.cleaning.grids import RawCell, RawTable, raw_cell, row_lines

_DAY_START = time()

_Spans = dict[tuple[int, int], tuple[int, int]]
"""Rows and columns that merged cells span, by their first row and column."""


def read_xlsx(content: bytes, limits: Limits) -> Extracted:
    """Read an XLSX.

    Raises:
        AttachmentError: damaged, encrypted, empty, or beyond a limit.
    """
    import openpyxl  # type: ignore[import-untyped]

    with SafeZip(content, limits) as archive:
        archive.refuse_document_types()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the library warns of styles and extensions it leaves out
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        check("sheets", len(sheets), limits.pages)
        given = ((sheet.title, _xlsx_rows(sheet, limits), _Spans()) for sheet in sheets)
        lines, tables = _sheets_lines(given, len(sheets), limits)
    except AttachmentError:
        raise
    except Exception as error:  # a damaged workbook lets many kinds escape from the library
        raise damaged(f"XLSX: {type(error).__name__}: {error}") from error
    return _extracted(lines, tables, FileType.XLSX, len(sheets))


def read_xls(content: bytes, limits: Limits) -> Extracted:
    """Read an XLS.

    Raises:
        AttachmentError: damaged, encrypted, empty, or beyond a limit.
    """
    import xlrd  # type: ignore[import-untyped]

    try:
        book = xlrd.open_workbook(file_contents=content, formatting_info=True, logfile=io.StringIO())
        sheets = [sheet for sheet in book.sheets() if sheet.visibility == 0]
        check("sheets", len(sheets), limits.pages)
        given = ((sheet.name, _xls_rows(book, sheet, limits), _xls_spans(sheet)) for sheet in sheets)
        lines, tables = _sheets_lines(given, len(sheets), limits)
    except AttachmentError:
        raise
    except xlrd.XLRDError as error:
        if "encrypted" in str(error).lower():
            raise unparsed("encrypted", "the XLS asks for a password") from error
        raise damaged(f"XLS: {error}") from error
    except Exception as error:  # a damaged workbook lets many kinds escape from the library
        raise damaged(f"XLS: {type(error).__name__}: {error}") from error
    return _extracted(lines, tables, FileType.XLS, len(sheets))


def _extracted(lines: list[str], tables: list[RawTable], file_type: FileType, sheets: int) -> Extracted:
    if not lines:
        raise no_text("empty", f"{sheets} sheets without values")
    return Extracted(file_type, "\n".join(lines), sheets, (), tuple(tables))


def _sheets_lines(
    sheets: Iterable[tuple[str, Iterator[list[str]], _Spans]], count: int, limits: Limits
) -> tuple[list[str], list[RawTable]]:
    """The rows of all sheets, each under its name where there are several; empty rows part tables."""
    lines: list[str] = []
    tables: list[RawTable] = []
    characters = 0
    for name, rows, spans in sheets:
        own: list[str] = []
        block: list[tuple[RawCell, ...]] = []
        for number, cells in enumerate(rows):
            for line in row_lines([[cell] if cell else [] for cell in cells]):
                own.append(line)
                characters += len(line)
            check("characters", characters, limits.characters)
            if any(cells):
                block.append(_raw_row(cells, number, spans))
            elif block:
                tables.append(RawTable(tuple(block)))
                block = []
        if block:
            tables.append(RawTable(tuple(block)))
        if own and count > 1:
            lines.append(name)
        lines.extend(own)
    return lines, tables


def _raw_row(cells: list[str], number: int, spans: _Spans) -> tuple[RawCell, ...]:
    return tuple(
        raw_cell([cell], *spans.get((number, column), (1, 1)), column=column) for column, cell in enumerate(cells)
    )


def _xls_spans(sheet: Any) -> _Spans:
    return {(top, left): (bottom - top, right - left) for top, bottom, left, right in sheet.merged_cells}


def _xlsx_rows(sheet: Any, limits: Limits) -> Iterator[list[str]]:
    for number, row in enumerate(sheet.iter_rows(), start=1):
        check("rows of a sheet", number, limits.rows)
        check("cells of a row", len(row), limits.rows)
        yield [cell_text(cell.value, str(getattr(cell, "number_format", ""))) for cell in row]


def _xls_rows(book: Any, sheet: Any, limits: Limits) -> Iterator[list[str]]:
    import xlrd

    check("rows of a sheet", sheet.nrows, limits.rows)
    for row in range(sheet.nrows):
        cells = []
        for cell in sheet.row(row):
            value: Any = cell.value
            if cell.ctype == xlrd.XL_CELL_DATE:
                value = xlrd.xldate.xldate_as_datetime(cell.value, book.datemode)
            elif cell.ctype == xlrd.XL_CELL_BOOLEAN:
                value = bool(cell.value)
            elif cell.ctype == xlrd.XL_CELL_ERROR:
                value = None
            style = book.xf_list[cell.xf_index].format_key if cell.xf_index is not None else None
            form = book.format_map[style].format_str if style in book.format_map else ""
            cells.append(cell_text(value, form))
        yield cells


def cell_text(value: Any, number_format: str) -> str:
    """Return a cell's value as it is read: 12.0 → "12", 0.985 shown as per cent → "98.5%", a day without its clock."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == _DAY_START else value.isoformat(" ", "minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, int | float):
        if "%" in number_format:
            return f"{value * 100:.10g}%"
        return str(int(value)) if float(value).is_integer() else f"{value:.10g}"
    return str(value)
