"""PDF files: characters by their places to paragraphs, ruled tables to rows.

Scans are told, not guessed at. Text in several columns side by side is read line by line across them.
"""

from __future__ import annotations

import io
import re
from typing import Any

from pipelines.cleaning.attachments.glyphs import Glyph, lines_of
from pipelines.cleaning.attachments.limits import Limits, breach, check
from pipelines.cleaning.attachments.paragraphs import PrintedPage, Rows, join_texts, paragraphs_of, without_furniture
from pipelines.cleaning.attachments.results import (
    AttachmentError,
    Extracted,
    FileType,
    Note,
    damaged,
    no_text,
    unparsed,
)
from pipelines.cleaning.grids import RawCell, RawTable, raw_cell, row_lines

# what stands for a character whose font does not say which it is: (cid:1234), or a private code
UNKNOWN_CHARACTER = re.compile("\\(cid:\\d+\\)|[\ue000-\uf8ff\ufffd]")

MIN_CHARACTERS = 8
"""Characters that a page must have to count as a page with text; a stamped number has fewer."""
MAX_UNKNOWN = 0.05
"""Share of unknown characters above which the text is of no use."""
MIN_TABLE = (2, 2)
"""Rows and columns from which on a ruled frame is a table."""
SAME_EDGE = 1.0
"""Points within which two ruled edges are one."""


def read_pdf(content: bytes, limits: Limits) -> Extracted:
    """Read a PDF.

    Raises:
        AttachmentError: encrypted, damaged, a scan, without usable text, or beyond a limit.
    """
    import pdfplumber
    from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
    from pdfplumber.utils.exceptions import PdfminerException

    try:
        with pdfplumber.open(io.BytesIO(content)) as pdf:
            count = len(pdf.pages)
            check("pages", count, limits.pages)
            if count == 0:
                raise damaged("a PDF without pages")
            pages, tables, images = _read_pages(pdf.pages, limits)
    except PdfminerException as error:
        cause = error.args[0] if error.args else error
        if isinstance(cause, MemoryError):
            raise cause from error
        if isinstance(cause, PDFPasswordIncorrect | PDFEncryptionError):
            raise unparsed("encrypted", "the PDF asks for a password") from error
        raise damaged(f"PDF: {type(cause).__name__}: {cause}") from error
    except (AttachmentError, MemoryError):
        raise
    except Exception as error:  # a damaged PDF lets many kinds escape from the library
        raise damaged(f"PDF: {type(error).__name__}: {error}") from error
    return _extracted(pages, tables, images)


def _read_pages(pages: Any, limits: Limits) -> tuple[list[PrintedPage], list[RawTable], int]:
    """Read all pages; also their tables, and the number of images on pages without text."""
    found: list[PrintedPage] = []
    tables: list[RawTable] = []
    images = characters = 0
    for number, page in enumerate(pages, start=1):
        check(f"objects on page {number}", sum(map(len, page.objects.values())), limits.page_objects)
        printed, own = _read_page(page, number)
        tables += own
        found.append(printed)
        size = _characters(printed)
        characters += size
        if characters > limits.characters:
            raise breach("characters", characters, limits.characters)
        images += len(page.images) if size < MIN_CHARACTERS else 0
        page.close()
    return found, tables, images


def _read_page(page: Any, number: int) -> tuple[PrintedPage, list[RawTable]]:
    glyphs = [
        Glyph(char["text"], char["x0"], char["x1"], char["top"], char["bottom"])
        for char in page.chars
        if char["upright"] and char["bottom"] > char["top"]
    ]
    tables = [table for table in page.find_tables() if _is_table(table)] if page.rects or page.lines else []
    inside: set[int] = set()
    items: list[Any] = []
    raw_tables: list[RawTable] = []
    for table in sorted(tables, key=lambda each: each.bbox[1]):
        held = {index for index, glyph in enumerate(glyphs) if _within(glyph, table.bbox)} - inside
        inside |= held
        own = [glyphs[index] for index in sorted(held)]
        raw = _raw_table(table, own, number)
        raw_tables.append(raw)
        rows = tuple(line for row in raw.rows for line in row_lines([cell.paragraphs for cell in row]))
        items.append(Rows(rows, table.bbox[1], number))
    items += lines_of((glyph for index, glyph in enumerate(glyphs) if index not in inside), number)
    items.sort(key=lambda item: item.top)
    return PrintedPage(number, float(page.height), tuple(items)), raw_tables


def _is_table(table: Any) -> bool:
    return len(table.rows) >= MIN_TABLE[0] and max(len(row.cells) for row in table.rows) >= MIN_TABLE[1]


def _within(glyph: Glyph, box: tuple[float, float, float, float]) -> bool:
    x, y = (glyph.x0 + glyph.x1) / 2, (glyph.top + glyph.bottom) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _raw_table(table: Any, glyphs: list[Glyph], page: int) -> RawTable:
    """Read a table as structure: a merged cell covers the rows and columns whose edges lie inside it."""
    tops = [row.bbox[1] for row in table.rows]
    lefts = sorted({box[0] for row in table.rows for box in row.cells if box is not None})
    rows: list[tuple[RawCell, ...]] = []
    for row in table.rows:
        cells: list[RawCell] = []
        for column, box in enumerate(row.cells):
            if box is None:
                cells.append(RawCell((), column=column))
                continue
            height = sum(box[1] <= top < box[3] - SAME_EDGE for top in tops)
            width = sum(box[0] <= left < box[2] - SAME_EDGE for left in lefts)
            cells.append(raw_cell([_cell_text(box, glyphs, page)], height, width, column=column))
        rows.append(tuple(cells))
    return RawTable(tuple(rows))


def _cell_text(box: tuple[float, float, float, float], glyphs: list[Glyph], page: int) -> str:
    """Return a cell's text as one paragraph; lines in a narrow cell are wrapped, not separate."""
    text = ""
    for line in lines_of((glyph for glyph in glyphs if _within(glyph, box)), page):
        text = join_texts(text, line.text.replace("\t", " "))
    return text


def _characters(page: PrintedPage) -> int:
    return sum(len(item.text) if not isinstance(item, Rows) else sum(map(len, item.texts)) for item in page.items)


def _extracted(pages: list[PrintedPage], tables: list[RawTable], images: int) -> Extracted:
    silent = [page.number for page in pages if _characters(page) < MIN_CHARACTERS]
    if len(silent) == len(pages):
        reason = f"{len(pages)} pages, {images} images, no text layer" if images else f"{len(pages)} pages without text"
        raise no_text("scan" if images else "empty", reason)
    text = "\n".join(paragraphs_of(without_furniture(pages)))
    unknown = len(UNKNOWN_CHARACTER.findall(text))
    if unknown > MAX_UNKNOWN * len(UNKNOWN_CHARACTER.sub("?", text)):
        raise no_text("no_unicode", f"{unknown} characters whose font does not say which they are")
    notes: list[Note] = []
    if unknown:
        notes.append(Note("attachment_characters_unknown", f"{unknown} characters have no known reading"))
    if silent and images:
        numbers = ", ".join(map(str, silent))
        notes.append(Note("attachment_pages_without_text", "pages that are images only are not read", numbers))
    return Extracted(FileType.PDF, text, len(pages), tuple(notes), tuple(tables))
