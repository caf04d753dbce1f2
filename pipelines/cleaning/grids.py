"""Tables as structure: what readers see of a table, how its rows stand in the text, where each cell begins and ends.

A table reaches the document text as lines (one a row, cells joined by tabs); its spans and empty cells would be
lost there. Readers hand them over as ``RawTable``, and ``locate`` finds each in the finished text. What a cell says
and whether a table holds data at all is judged in ``pipelines.extraction``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.cleaning.serializer import MAX_CELL_LINES, MAX_ROW_CHARACTERS, fold_spaces

MAX_SPAN = 1000
"""Rows or columns that a cell may span; pages state more by mistake."""
MAX_PLACES = 200_000
"""Places (rows times columns) of a table that is taken as structure."""
MAX_TABLES = 500
"""Tables of a document that are taken as structure."""
MIN_LINES = 2
"""Lines with tabs that make a table where no reader saw one."""


@dataclass(frozen=True)
class RawCell:
    """A cell as a reader sees it.

    Attributes:
        paragraphs: its text, white space folded, without empty ones.
        row_span: rows that it covers.
        column_span: columns that it covers.
        column: where it stands; None puts it behind the cell before it, as in HTML.
        is_header: the file marks it as a header.
    """

    paragraphs: tuple[str, ...]
    row_span: int = 1
    column_span: int = 1
    column: int | None = None
    is_header: bool = False


@dataclass(frozen=True)
class RawTable:
    """Rows of cells in the order of the file."""

    rows: tuple[tuple[RawCell, ...], ...]


@dataclass(frozen=True)
class Cell:
    """A cell and its place.

    Attributes:
        text: as it stands in the document text.
        row: first row that it covers, from 0.
        column: first column that it covers, from 0.
        row_span: rows that it covers.
        column_span: columns that it covers.
        char_start: where its text begins in the document text.
        is_header: the file marks it as a header.
    """

    text: str
    row: int
    column: int
    row_span: int
    column_span: int
    char_start: int
    is_header: bool = False

    @property
    def char_end(self) -> int:
        """Where its text ends in the document text."""
        return self.char_start + len(self.text)


@dataclass(frozen=True)
class TableRow:
    """A row and its place; ``is_running_text`` where its cells stand as lines of their own, as layout tables do."""

    cells: tuple[Cell, ...]
    char_start: int
    char_end: int
    is_running_text: bool = False


@dataclass(frozen=True)
class Table:
    """A table found in the document text."""

    rows: tuple[TableRow, ...]

    @property
    def char_start(self) -> int:
        """Where its first row begins."""
        return self.rows[0].char_start

    @property
    def char_end(self) -> int:
        """Where its last row ends."""
        return self.rows[-1].char_end

    @property
    def is_grid(self) -> bool:
        """Whether most rows hold several cells in one line, so that a row of one cell is no paragraph either."""
        written = [row for row in self.rows if any(cell.text for cell in row.cells)]
        lines = [row for row in written if not row.is_running_text and sum(bool(cell.text) for cell in row.cells) > 1]
        return len(lines) > 1 and 2 * len(lines) > len(written)

    @property
    def width(self) -> int:
        """Number of columns."""
        return max((cell.column + cell.column_span for row in self.rows for cell in row.cells), default=0)


def raw_cell(
    paragraphs: Sequence[str],
    row_span: int = 1,
    column_span: int = 1,
    *,
    column: int | None = None,
    is_header: bool = False,
) -> RawCell:
    """Return a cell with folded white space and believable spans; see :class:`RawCell`."""
    folded = tuple(line for text in paragraphs if (line := fold_spaces(text)))
    rows, columns = (min(max(span, 1), MAX_SPAN) for span in (row_span, column_span))
    return RawCell(folded, rows, columns, column, is_header)


def row_lines(cells: Sequence[Sequence[str]]) -> list[str]:
    """Return a row of cells, each given as its paragraphs, as lines.

    As on web pages, a row of data becomes one line with tabs between cells; a row with one filled cell, or with
    running text, serves the layout and becomes the paragraphs of its cells.
    """
    folded = [[line for text in cell if (line := fold_spaces(text))] for cell in cells]
    filled = [cell for cell in folded if cell]
    if len(filled) < 2 or _is_running_text(filled):
        return [line for cell in filled for line in cell]
    return ["\t".join(" ".join(cell) for cell in folded).strip("\t")]


def _is_running_text(filled: Sequence[Sequence[str]]) -> bool:
    size = sum(len(line) for cell in filled for line in cell)
    return size > MAX_ROW_CHARACTERS or any(len(cell) > MAX_CELL_LINES for cell in filled)


def locate(tables: Sequence[RawTable], text: str) -> tuple[Table, ...]:
    """Find the tables in the document text, in order; those whose lines are not there any more are left out.

    Lines with tabs that belong to none of them and have as many cells each as their neighbours are tables too: so
    tables of saved texts, and of files that keep no frames, are not lost.
    """
    found: list[Table] = []
    bounded = f"\n{text}\n"
    cursor = 0
    for raw in tables[:MAX_TABLES]:
        lines = [line for row in raw.rows for line in row_lines([cell.paragraphs for cell in row])]
        if not lines or sum(len(row) for row in raw.rows) > MAX_PLACES:
            continue
        place = bounded.find("\n{}\n".format("\n".join(lines)), cursor)
        if place < 0:
            continue
        table = _placed(raw, place)
        cursor = place + 1
        if table is not None:
            found.append(table)
            cursor = table.char_end
    return tuple(sorted([*found, *_in_lines(text, found)], key=lambda table: table.char_start))


def _placed(raw: RawTable, start: int) -> Table | None:
    """Give each cell of a table whose first line begins at ``start`` its offsets; None when it is too wide."""
    rows: list[TableRow] = []
    covered: dict[int, int] = {}
    position, area = start, 0
    for number, row in enumerate(raw.rows):
        lines = row_lines([cell.paragraphs for cell in row])
        filled = [cell.paragraphs for cell in row if cell.paragraphs]
        is_line = len(lines) == 1 and len(filled) > 1
        end = position + len("\n".join(lines))
        cells: list[Cell] = []
        place, seen = position, False
        column = 0
        for cell in row:
            column = cell.column if cell.column is not None else column
            while cell.column is None and covered.get(column, 0) > number:
                column += 1
            written = (" " if is_line else "\n").join(cell.paragraphs)
            cells.append(Cell(written, number, column, cell.row_span, cell.column_span, place, cell.is_header))
            for covered_column in range(column, column + cell.column_span):
                covered[covered_column] = number + cell.row_span
            column += cell.column_span
            area += min(cell.row_span, len(raw.rows) - number) * cell.column_span
            seen = seen or bool(written)
            # Tabs of empty cells at the start of a line are cut off; lines of cells have none for empty ones.
            place += len(written) + (1 if (seen if is_line else written) else 0)
        rows.append(TableRow(tuple(cells), position, end, is_running_text=len(lines) > 1))
        position = end + 1 if lines else position
        if max(area, len(covered) * len(rows)) > MAX_PLACES:
            return None
    return Table(tuple(rows))


def _in_lines(text: str, known: Sequence[Table]) -> Iterator[Table]:
    """Yield the tables that stand only in the lines of the text: as many tabs in each of at least two lines."""
    if "\t" not in text:
        return
    spans = [(table.char_start, table.char_end) for table in known]
    block: list[tuple[int, list[str]]] = []
    position = 0
    for line in text.split("\n"):
        pieces = line.rstrip("\r").split("\t") if "\t" in line else []
        while spans and spans[0][1] < position:
            spans.pop(0)
        if spans and spans[0][0] <= position:
            pieces = []
        if block and len(pieces) != len(block[-1][1]):
            yield from _from_block(block)
            block = []
        if pieces:
            block.append((position, pieces))
        position += len(line) + 1
    yield from _from_block(block)


def _from_block(block: Sequence[tuple[int, list[str]]]) -> Iterator[Table]:
    if len(block) < MIN_LINES:
        return
    rows = []
    for number, (start, pieces) in enumerate(block):
        cells, place = [], start
        for column, piece in enumerate(pieces):
            lead = len(piece) - len(piece.lstrip())
            cells.append(Cell(piece.strip(), number, column, 1, 1, place + lead))
            place += len(piece) + 1
        rows.append(TableRow(tuple(cells), start, place - 1))
    yield Table(tuple(rows))
