"""How a table is laid out: caption, header rows, label columns, groups, totals, and so the labels of each figure.

Spans are resolved, headers may be stacked or repeated, labels may stand in the first column, in the first row or
before each figure. What a figure measures is not judged here but by the rules of the catalogue
(:mod:`pipelines.extraction.table_cells`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipelines.cleaning.grids import Cell, Table
from pipelines.extraction.quantities import UnitTable
from pipelines.extraction.table_grid import Block, Grid
from pipelines.extraction.table_labels import (
    Kind,
    Label,
    compact,
    has_quantity,
    kind_of,
    known_unit,
    own_unit,
    read_label,
    stated_units,
    year_of,
)
from pipelines.extraction.table_words import Role, TableWords

MAX_CAPTION = 60
"""Characters of a caption; a longer line before a table is running text."""
MAX_MERGED = 100
"""Rows from which a blank cell below may take its label."""
MAX_LABELS_BEFORE = 8
"""Labels of rows above and of columns to the left that are context."""


@dataclass(frozen=True)
class Figure:
    """A cell that holds a number, or text with numbers, and everything that says what it is.

    Attributes:
        cell: the cell.
        kind: "number", "zero" (无) or "text".
        rows: labels of its row, outermost first, without those that say nothing by themselves.
        columns: labels of its column, outermost first, likewise.
        year: the year that row or column name, other than the caption's.
        unit: that labels or caption give, with its multiplier; None where the cell has its own or there is none.
        is_total_row: it stands in a row of totals.
        is_total_column: it stands in a column of totals.
        is_part: its row begins with 其中.
        is_part_column: its column stands under 其中.
        is_previous: its labels name the year before.
        is_growth: its labels name a growth.
        is_share: its labels name a share.
        row: place of its row in the table.
        column: place of its column.
        block: rows under one header; totals do not reach beyond.
        group: rows of one merged label or under one heading row; sub-totals do not reach beyond.
        before: labels before its own, of rows above and columns to the left, which say what is spoken of.
        header: the header rows over it and labels merged from above, as they read.
        row_start: where its row begins in the document text.
        row_end: where its row ends.
    """

    cell: Cell
    kind: Kind
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    year: int | None
    unit: str | None
    is_total_row: bool
    is_total_column: bool
    is_subtotal: bool
    is_part: bool
    is_part_column: bool
    is_previous: bool
    is_growth: bool
    is_share: bool
    row: int
    column: int
    block: int
    group: int
    before: str
    header: str
    row_start: int
    row_end: int

    @property
    def text(self) -> str:
        """The text of its cell without white space."""
        return compact(self.cell.text)


@dataclass(frozen=True)
class Shape:
    """What a table holds.

    Attributes:
        figures: none where the table holds no data: a layout, a page's header of labels and values, a list of text.
        captions: what is said over them.
        stretches: where the rows of a table of data stand in the text.
        unnamed: numbers of a table that has no labels at all.
    """

    figures: tuple[Figure, ...] = ()
    captions: tuple[str, ...] = ()
    stretches: tuple[tuple[int, int], ...] = ()
    unnamed: tuple[Figure, ...] = ()


@dataclass(frozen=True)
class _Layout:
    """What the columns of a block are for."""

    block: Block
    label_columns: tuple[int, ...]
    unit_columns: tuple[int, ...]
    repeats: tuple[int, ...]


@dataclass(frozen=True)
class _Line:
    """A row and what is said around it: headings, labels above, units of the captions."""

    layout: _Layout
    headings: tuple[Label, ...]
    trail: tuple[Label, ...]
    labels: tuple[Label, ...]
    group: int
    above: tuple[str, ...]
    stated: tuple[str, ...]


def read_shape(
    table: Table,
    lines_before: Sequence[str],
    words: TableWords,
    units: UnitTable,
    plain: Callable[[str], str] = str,
) -> Shape:
    """Judge a table.

    Args:
        table: the table.
        lines_before: the lines of the text before it, the nearest last.
        words: by which labels are understood.
        units: the known units.
        plain: turns the text of a cell into Simplified script.
    """
    return _Reader(Grid(table, units, plain), words).read(_captions(lines_before, units))


def _captions(lines: Sequence[str], units: UnitTable) -> tuple[str, ...]:
    """The lines directly before a table that speak of it: its name, its unit, a sentence that ends in a colon."""
    found: list[str] = []
    for line in reversed([line for line in lines[-6:] if line.strip()][-3:]):
        text = compact(line)
        last = text.rpartition("。")[2]
        if stated_units(text, units) and len(text) <= MAX_CAPTION:
            found.append(text)
        elif (len(text) <= MAX_CAPTION and not text.endswith(("。", ";"))) or text.endswith(":"):
            found.append(last[-MAX_CAPTION:])
            break
        else:
            if "表" in last or "如下" in text[-MAX_CAPTION:]:
                found.append(text[-MAX_CAPTION:])
            break
    return tuple(reversed(found))


class _Reader:
    """Puts together what one table says about each of its figures."""

    def __init__(self, grid: Grid, words: TableWords) -> None:
        self._grid, self._words, self._units = grid, words, grid.units
        self._headers: dict[int, str] = {}
        self._counting: dict[tuple[int, int], bool] = {}

    def read(self, captions: tuple[str, ...]) -> Shape:
        """See :func:`read_shape`."""
        figures: list[Figure] = []
        said = list(captions)
        for block in self._grid.blocks():
            said += block.captions
            figures += self._figures(block, (*captions, *block.captions))
        numbers = [figure for figure in figures if figure.kind == "number"]
        if not any(figure.rows or figure.columns for figure in numbers):
            return Shape(unnamed=tuple(numbers))
        stretches = tuple(
            (row.char_start, row.char_end)
            for number, row in enumerate(self._grid.rows)
            if not row.is_running_text and (len(self._grid.filled(number)) > 1 or self._grid.has_figure(number))
        )
        return Shape(tuple(figures), tuple(dict.fromkeys(said)), stretches)

    def _figures(self, block: Block, captions: tuple[str, ...]) -> list[Figure]:
        unit_columns = [column for column in range(self._grid.width) if self._is_unit_column(block, column)]
        label_columns = tuple(column for column in self._label_columns(block) if column not in unit_columns)
        layout = _Layout(block, label_columns, tuple(unit_columns), self._repeats(block, label_columns))
        stated = [unit for line in captions for unit in stated_units(line, self._units)]
        stated += [
            unit
            for row in block.headers
            for cell in self._grid.filled(row)
            for unit in stated_units(self._grid.text(cell), self._units)
        ]
        found: list[Figure] = []
        headings: list[Label] = []
        trail: list[Label] = []
        above: list[str] = []
        group = 0
        for row in block.rows:
            if self._grid.is_line(row):
                headings = [read_label(self._grid.text(self._grid.filled(row)[0]), self._units)]
                group += 1
                trail = []
                continue
            if self._grid.rows[row].is_running_text:
                continue
            labels = self._row_labels(row, label_columns)
            trail = _trail(trail, labels)
            outer = self._grid.at(row, label_columns[0]) if len(label_columns) > 1 else None
            if outer is not None and outer.row == row and outer.row_span > 1:
                group += 1
            line = _Line(layout, tuple(headings), tuple(trail), tuple(labels), group, tuple(above), tuple(stated))
            for cell in self._grid.rows[row].cells:
                if cell.column in label_columns or cell.column in unit_columns:
                    continue
                figure = self._figure(line, cell)
                if figure is not None:
                    found.append(figure)
            above += [label.words for label in labels[-1:]]
            if not labels:
                above += [self._grid.text(cell) for cell in self._grid.filled(row) if self._grid.kind(cell) == "text"]
            del above[:-MAX_LABELS_BEFORE]
        return found

    def _figure(self, line: _Line, cell: Cell) -> Figure | None:
        block = line.layout.block
        text, kind = self._grid.text(cell), self._grid.kind(cell)
        has_digits = any(char.isdigit() for char in text)
        if kind in ("empty", "nothing") or (kind == "text" and not has_digits):
            return None
        columns = self._grid.column_labels(block, cell.column)
        own = self._labels_before(line, cell)
        outer = line.trail[:-1] if own and line.trail[-1:] == own[-1:] else ()
        rows = list(dict.fromkeys([*line.headings, *outer, *own]))
        spoken = self._spoken(rows)
        if own and not spoken and self._words.has("neutral", own[-1].words):
            # 数量 beside a row says nothing; what heads the column of labels does.
            spoken = self._spoken(self._grid.column_labels(block, line.layout.label_columns[0]))
        every = [*rows, *columns]
        if any(self._words.has("aside", label.words) for label in (*columns[-1:], *own[-1:])):
            return None
        if kind == "text" and not (columns or own):
            return None
        if kind == "zero" and not self._column_counts(block, cell.column):
            return None
        total_row = self._is_total(own[-1:])
        leaf = [label.words for label in (*own[-1:], *columns[-1:])]
        return Figure(
            cell=cell,
            kind=kind,
            rows=spoken,
            columns=self._spoken(columns),
            year=next((year for label in every if (year := year_of(label.words))), None),
            unit=None if own_unit(text, self._units) else self._unit(cell, own, columns, line),
            is_total_row=total_row,
            is_total_column=self._is_total(columns),
            is_subtotal=any(self._words.has("subtotal", label.words) for label in own),
            is_part=any(label.is_part for label in own[-1:]),
            is_part_column=any(label.is_part or label.words == "其中" for label in columns),
            is_previous=any(self._words.has("prior_year", word) for word in leaf),
            is_growth=any(self._words.has("growth", word) for word in leaf),
            is_share=any(self._words.has("share", word) for word in leaf),
            row=cell.row,
            column=cell.column,
            block=block.number,
            group=line.group,
            before=self._before(line, cell),
            header=self._header(line.layout, cell.row),
            row_start=self._grid.rows[cell.row].char_start,
            row_end=self._grid.rows[cell.row].char_end,
        )

    def _label_columns(self, block: Block) -> tuple[int, ...]:
        """The columns on the left that name the rows."""
        found: list[int] = []
        for column in range(self._grid.width):
            if not self._names_rows(block, column):
                break
            found.append(column)
        return tuple(found) if len(found) < self._grid.width else ()

    def _names_rows(self, block: Block, column: int) -> bool:
        """Whether a column holds labels, serial numbers or years and no figures."""
        header = self._grid.column_labels(block, column)[-1:]
        if any(self._words.has("ordinal", label.words) for label in header):
            return True
        texts = [self._grid.text(self._grid.at(row, column)) for row in block.rows if not self._grid.is_line(row)]
        filled = [text for text in texts if text]
        if column and any(has_quantity(text, self._units) for text in filled):
            return False
        kinds = [kind_of(text, self._units) for text in filled]
        if not filled:
            return False
        if all(kind == "text" for kind in kinds):
            return True
        if len(filled) > 1 and all(year_of(text) for text in filled):
            return True
        counted = [str(number) for number in range(1, len(filled) + 1)]
        return column == 0 and not header and len(filled) > 2 and filled == counted

    def _is_unit_column(self, block: Block, column: int) -> bool:
        header = self._grid.column_labels(block, column)[-1:]
        texts = [self._grid.text(self._grid.at(row, column)) for row in block.rows]
        named = [known_unit(text, self._units) for text in texts if text]
        return bool(named) and all(named) and any(self._words.has("unit_column", label.words) for label in header)

    def _row_labels(self, row: int, label_columns: Sequence[int]) -> list[Label]:
        """Labels of a row in its label columns, merged ones too; blank cells take the one above."""
        found: list[Label] = []
        for place, column in enumerate(label_columns):
            cell = self._grid.at(row, column)
            above = row
            while not self._grid.text(cell) and above > max(0, row - MAX_MERGED) and place < len(label_columns) - 1:
                above -= 1
                cell = self._grid.at(above, column)
                if self._grid.is_header(above):
                    cell = None
                    break
            text = self._grid.text(cell)
            if (text and kind_of(text, self._units) == "text") or year_of(text):
                found.append(read_label(text, self._units))
        return found

    def _labels_before(self, line: _Line, cell: Cell) -> Sequence[Label]:
        """Labels of the figure's row: those of the label columns, else the nearest labels to its left."""
        label_columns = line.layout.label_columns
        between = range(label_columns[-1] + 1, cell.column) if label_columns else range(0)
        is_leading = bool(line.layout.block.headers) or all(
            self._grid.kind_at(cell.row, each) != "text" for each in between
        )
        if label_columns and is_leading and not self._is_paired(line.layout, cell):
            return line.labels
        column = cell.column - 1
        while column >= 0 and self._grid.kind_at(cell.row, column) != "text":
            column -= 1
        found: list[Label] = []
        while column >= 0 and self._grid.kind_at(cell.row, column) == "text":
            other = self._grid.at(cell.row, column)
            found.append(read_label(self._grid.text(other), self._units))
            column = (other.column if other is not None else column) - 1
        return list(reversed(found))

    def _repeats(self, block: Block, label_columns: Sequence[int]) -> tuple[int, ...]:
        """The columns behind the labels whose header is that of the first column again."""
        head = self._grid.column_labels(block, 0)
        rest = range(label_columns[-1] + 1, self._grid.width) if label_columns and head else range(0)
        return tuple(column for column in rest if self._grid.column_labels(block, column) == head)

    def _is_paired(self, layout: _Layout, cell: Cell) -> bool:
        """Whether the header is repeated from left to right, so that labels stand before each run of figures."""
        return any(
            column < cell.column and self._grid.kind_at(cell.row, column) in ("text", "empty")
            for column in layout.repeats
        )

    def _column_counts(self, block: Block, column: int) -> bool:
        """Whether a column holds numbers, so that 无 in it means zero."""
        key = (block.number, column)
        if key not in self._counting:
            kinds = [self._grid.kind_at(row, column) for row in block.rows]
            self._counting[key] = "number" in kinds and "text" not in kinds
        return self._counting[key]

    def _is_total(self, labels: Sequence[Label]) -> bool:
        return any(
            self._words.has("total", label.words) or self._words.has("subtotal", label.words) for label in labels
        )

    def _spoken(self, labels: Sequence[Label]) -> tuple[str, ...]:
        """The words of labels that name something."""
        roles: tuple[Role, ...] = ("total", "subtotal", "neutral", "ordinal", "prior_year", "unit_column")
        return tuple(
            label.words
            for label in labels
            if label.words
            and not year_of(label.words)
            and not any(self._words.has(role, label.words) for role in roles)
        )

    def _unit(self, cell: Cell, rows: Sequence[Label], columns: Sequence[Label], line: _Line) -> str | None:
        """The unit of a figure: its labels' own, its row's, what its labels mean, the caption's."""
        for label in (*reversed(columns), *reversed(rows)):
            if label.unit:
                return label.unit
        for column in line.layout.unit_columns:
            written = known_unit(self._grid.text(self._grid.at(cell.row, column)), self._units)
            if written:
                return written
        meant = [unit for label in (*columns[-1:], *rows[-1:]) if (unit := self._words.unit(label.words))]
        if "%" in meant:
            return "%"
        fitting = [unit for unit in line.stated if any(unit.endswith(word) for word in meant)]
        return next(iter([*fitting, *line.stated, *meant]), None)

    def _before(self, line: _Line, cell: Cell) -> str:
        """The labels that a reader has met before a figure: of the rows above, the columns to the left, the row."""
        left = [
            label.words
            for column in range(max(0, cell.column - MAX_LABELS_BEFORE), cell.column)
            for label in self._grid.column_labels(line.layout.block, column)[-1:]
        ]
        own = (
            []
            if line.layout.block.headers
            else [
                self._grid.text(other)
                for other in self._grid.rows[cell.row].cells
                if other.column < cell.column and self._grid.kind(other) == "text"
            ]
        )
        return "".join(f"{words}," for words in dict.fromkeys([*line.above, *left, *own]) if words)

    def _header(self, layout: _Layout, row: int) -> str:
        """What stands over a row as it reads: "案件类型 | 收到 / 行政处罚"; labels merged from above come last."""
        if row not in self._headers:
            cells = [self._grid.at(row, column) for column in layout.label_columns]
            merged = [cell.text for cell in cells if cell is not None and cell.row != row and cell.text]
            lines = [" | ".join(self._written(head)) for head in layout.block.headers]
            self._headers[row] = " / ".join([*lines, *dict.fromkeys(merged)])
        return self._headers[row]

    def _written(self, row: int) -> list[str]:
        return [cell.text for cell in self._grid.rows[row].cells if cell.text]


def _trail(trail: Sequence[Label], labels: Sequence[Label]) -> list[Label]:
    """The numbered labels that a row stands under, and its own: 一、行政复议 › (一)受理."""
    if not labels:
        return []
    own = labels[-1]
    if own.is_part:
        kept = [label for label in trail if label.level is not None or not label.is_part]
        return [*[label for label in kept if not label.is_part], own] if kept else [own]
    if own.level is None:
        return [own]
    return [*[label for label in trail if label.level is not None and label.level < own.level], own]
