"""A table as a grid: spans resolved, each cell judged by itself, rows parted into blocks under their headers.

What stands in a block is put together in :mod:`pipelines.extraction.table_shape`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pipelines.cleaning.grids import Cell, Table, TableRow
from pipelines.extraction.quantities import UnitTable
from pipelines.extraction.table_labels import Kind, Label, compact, kind_of, read_label, year_of

MAX_HEADER_ROWS = 4
"""Rows without figures at the top that can be headers."""


@dataclass(frozen=True)
class Block:
    """Rows of figures under one header."""

    number: int
    headers: tuple[int, ...]
    rows: tuple[int, ...]
    captions: tuple[str, ...]


class Grid:
    """The cells of a table by row and column.

    Attributes:
        rows: the rows of the table.
        width: its columns.
        units: the known units.

    ``plain`` turns the text of a cell into Simplified script.
    """

    def __init__(self, table: Table, units: UnitTable, plain: Callable[[str], str]) -> None:
        self.rows, self.width, self.units = table.rows, table.width, units
        self._cells: list[list[Cell | None]] = [[None] * self.width for _ in table.rows]
        for row in table.rows:
            for cell in row.cells:
                for at in range(cell.row, min(cell.row + cell.row_span, len(self._cells))):
                    for column in range(cell.column, min(cell.column + cell.column_span, self.width)):
                        if self._cells[at][column] is None or cell.text:
                            self._cells[at][column] = cell
        self._texts = {id(cell): compact(plain(cell.text)) for row in table.rows for cell in row.cells}
        self._kinds = {id(cell): self._kind(cell) for row in table.rows for cell in row.cells}
        self._headings: dict[tuple[int, int], list[Label]] = {}

    def kind(self, cell: Cell) -> Kind:
        """What a cell holds."""
        return self._kinds[id(cell)]

    def _kind(self, cell: Cell) -> Kind:
        if "\n" in cell.text:
            return "text"
        return kind_of(self._texts[id(cell)], self.units)

    def at(self, row: int, column: int) -> Cell | None:
        """The cell that covers a place."""
        return self._cells[row][column]

    def text(self, cell: Cell | None) -> str:
        """The text of a cell without white space."""
        return self._texts[id(cell)] if cell is not None else ""

    def kind_at(self, row: int, column: int) -> Kind:
        """What the cell at a place holds."""
        cell = self.at(row, column)
        return self._kinds[id(cell)] if cell is not None else "empty"

    def filled(self, row: int) -> list[Cell]:
        """The cells of a row that hold something, each once."""
        found = {id(cell): cell for cell in self._cells[row] if cell is not None and cell.text}
        return list(found.values())

    def has_figure(self, row: int) -> bool:
        """Whether a row holds a number or a mark in the place of one."""
        return any(self._kinds[id(cell)] in ("number", "zero", "nothing") for cell in self.filled(row))

    def is_header(self, row: int) -> bool:
        """Whether all that a row holds are labels; bare years are, when nothing else is a number."""
        if self.rows[row].is_running_text:
            return False
        kinds = [(self._kinds[id(cell)], self.text(cell)) for cell in self.filled(row)]
        labels = sum(kind == "text" for kind, _ in kinds)
        years = [text for kind, text in kinds if kind == "number" and year_of(text)]
        others = len(kinds) - labels - len(years)
        return others == 0 and (not years or len(years) > 1 or bool(labels and self._years_head(row)))

    def _years_head(self, row: int) -> bool:
        """Whether a single year in a row stands over other figures than years."""
        return all(
            year_of(self.text(self.at(below, column))) is None
            for column in range(self.width)
            if self.kind_at(row, column) == "number"
            for below in range(row + 1, min(row + 3, len(self.rows)))
        )

    def is_line(self, row: int) -> bool:
        """Whether a row is one label over the whole width: a caption or a heading between rows."""
        filled = self.filled(row)
        return len(filled) == 1 and self._kinds[id(filled[0])] == "text" and not self._is_covered(filled[0], row)

    def _is_covered(self, cell: Cell, row: int) -> bool:
        """Whether a cell reaches into a row from above, or goes on below without being as wide as the table."""
        return cell.row != row or (cell.row_span > 1 and cell.column_span < self.width)

    def blocks(self) -> list[Block]:
        """Part the rows into blocks, each under its captions and headers."""
        blocks: list[Block] = []
        row, total = 0, len(self.rows)
        while row < total:
            captions: list[str] = []
            headers: list[int] = []
            while row < total and not headers and self.is_line(row):
                captions.append(self.text(self.filled(row)[0]))
                row += 1
            while row < total and len(headers) < MAX_HEADER_ROWS and self.filled(row) and self.is_header(row):
                if headers and self.is_line(row):
                    break
                headers.append(row)
                row += 1
            body: list[int] = []
            while row < total and not (body and self._begins_block(row)):
                body.append(row)
                row += 1
            blocks.append(Block(len(blocks), tuple(headers), tuple(body), tuple(captions)))
        return blocks

    def _begins_block(self, row: int) -> bool:
        """Whether headers begin anew: labels over the columns that hold figures above and below."""
        first = row
        while first < len(self.rows) and self.is_line(first):
            first += 1
        if first + 1 >= len(self.rows) or not self.is_header(first) or self.is_line(first):
            return False
        figures = [
            column
            for column in range(self.width)
            if any(
                self.kind_at(near, column) == "number"
                for near in (row - 1, first + 1, first + 2)[:3]
                if near < len(self.rows)
            )
        ]
        labels = [column for column in figures if self.kind_at(first, column) == "text"]
        return bool(figures) and len(labels) * 2 >= len(figures)

    def column_labels(self, block: Block, column: int) -> list[Label]:
        """Labels over a column, outermost first."""
        key = (block.number, column)
        if key not in self._headings:
            self._headings[key] = self._labels_over(block, column)
        return self._headings[key]

    def _labels_over(self, block: Block, column: int) -> list[Label]:
        """Labels over a column; a blank above a filled cell takes its neighbour to the left."""
        found: list[Label] = []
        for place, row in enumerate(block.headers):
            cell = self.at(row, column)
            beneath = block.headers[place + 1] if place + 1 < len(block.headers) else None
            left = column
            while not self.text(cell) and beneath is not None and self.text(self.at(beneath, column)) and left > 0:
                left -= 1
                cell = self.at(row, left)
                if cell is not None and cell.row_span > 1:
                    break
            text = self.text(cell)
            if not text or (cell is not None and cell.column_span >= self.width):
                continue
            label = read_label(text, self.units)
            if not found or found[-1] != label:
                found.append(label)
        return found


def continued(tables: Sequence[Table]) -> list[Table]:
    """Put tables together that a page's end has cut: one follows the other directly and is as wide."""
    result: list[Table] = []
    for table in tables:
        before = result[-1] if result else None
        if before is not None and table.char_start - before.char_end <= 1 and table.width == before.width:
            shift = len(before.rows)
            rows = tuple(_shifted(row, shift) for row in table.rows)
            result[-1] = Table((*before.rows, *rows))
        else:
            result.append(table)
    return result


def _shifted(row: TableRow, shift: int) -> TableRow:
    return replace(row, cells=tuple(replace(cell, row=cell.row + shift) for cell in row.cells))
