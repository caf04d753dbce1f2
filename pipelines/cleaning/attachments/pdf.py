"""PDF files: characters by their places to paragraphs, ruled tables to rows.

Scans are told, not guessed at. Text in several columns side by side is read line by line across them.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
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
from pipelines.cleaning.attachments.tables import row_lines

# what stands for a character whose font does not say which it is: (cid:1234), or a private code
UNKNOWN_CHARACTER = re.compile("\\(cid:\\d+\\)|[\ue000-\uf8ff\ufffd]")

MIN_CHARACTERS = 8
"""Characters that a page must have to count as a page with text; a stamped number has fewer."""
MAX_UNKNOWN = 0.05
"""Share of unknown characters above which the text is of no use."""
MIN_TABLE = (2, 2)
"""Rows and columns from which on a ruled frame is a table."""


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
            pages, images = _read_pages(pdf.pages, limits)
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
    return _extracted(pages, images)


def _read_pages(pages: Any, limits: Limits) -> tuple[list[PrintedPage], int]:
    """Read all pages; also the number of images on pages without text."""
    found: list[PrintedPage] = []
    images = characters = 0
    for number, page in enumerate(pages, start=1):
        check(f"objects on page {number}", sum(map(len, page.objects.values())), limits.page_objects)
        printed = _read_page(page, number)
        found.append(printed)
        size = _characters(printed)
        characters += size
        if characters > limits.characters:
            raise breach("characters", characters, limits.characters)
        images += len(page.images) if size < MIN_CHARACTERS else 0
        page.close()
    return found, images


def _read_page(page: Any, number: int) -> PrintedPage:
    glyphs = [
        Glyph(char["text"], char["x0"], char["x1"], char["top"], char["bottom"])
        for char in page.chars
        if char["upright"] and char["bottom"] > char["top"]
    ]
    tables = [table for table in page.find_tables() if _is_table(table)] if page.rects or page.lines else []
    inside: set[int] = set()
    items: list[Any] = []
    for table in tables:
        held = {index for index, glyph in enumerate(glyphs) if _within(glyph, table.bbox)} - inside
        inside |= held
        own = [glyphs[index] for index in sorted(held)]
        rows = tuple(line for row in table.rows for line in row_lines(list(_cells(row, own, number))))
        items.append(Rows(rows, table.bbox[1], number))
    items += lines_of((glyph for index, glyph in enumerate(glyphs) if index not in inside), number)
    items.sort(key=lambda item: item.top)
    return PrintedPage(number, float(page.height), tuple(items))


def _is_table(table: Any) -> bool:
    return len(table.rows) >= MIN_TABLE[0] and max(len(row.cells) for row in table.rows) >= MIN_TABLE[1]


def _within(glyph: Glyph, box: tuple[float, float, float, float]) -> bool:
    x, y = (glyph.x0 + glyph.x1) / 2, (glyph.top + glyph.bottom) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _cells(row: Any, glyphs: list[Glyph], page: int) -> Iterator[list[str]]:
    """Yield each cell as one paragraph; lines in a narrow cell are wrapped, not separate."""
    for box in row.cells:
        if box is None:
            yield []
            continue
        text = ""
        for line in lines_of((glyph for glyph in glyphs if _within(glyph, box)), page):
            text = join_texts(text, line.text.replace("\t", " "))
        yield [text] if text else []


def _characters(page: PrintedPage) -> int:
    return sum(len(item.text) if not isinstance(item, Rows) else sum(map(len, item.texts)) for item in page.items)


def _extracted(pages: list[PrintedPage], images: int) -> Extracted:
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
    return Extracted(FileType.PDF, text, len(pages), tuple(notes))
