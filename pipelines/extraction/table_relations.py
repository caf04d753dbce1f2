"""How the figures of a table hang together: totals and their parts, dimensions by label, earlier years, growth.

Works on claims that the rules have settled one by one; places in the table decide here, as places in the sentence do
in :mod:`pipelines.extraction.structure`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from pipelines.extraction.catalogue import Catalogue
from pipelines.extraction.flag_words import SCOPE
from pipelines.extraction.structure import OTHER, Claim
from pipelines.extraction.table_shape import Figure
from pipelines.model import Section

# "城关镇" "新城街道" "某某乡人民政府": a row about a lower unit
TOWNSHIP = re.compile(r"[一-鿿]{1,6}(?:镇|乡|苏木|街道)(?:人民政府|办事处)?")
LABEL_ZONES = ("phrase", "since")
"""Zones of the table of dimension values that a label can stand for."""
MAX_LABEL = 24
"""Characters of a label that becomes a dimension."""


@dataclass
class CellClaim:
    """A claim and the figure it was read from.

    Attributes:
        claim: what the rules made of it.
        figure: where it stands in its table.
        section: the section that the table stands in.
        before: captions, as context.
        table: offset of the table in the document text.
        scope: the lower unit or level that its row or column names.
        year: the year that its labels name, when it is not that of the report.
    """

    claim: Claim
    figure: Figure
    section: Section
    before: str
    table: int
    scope: str | None = None
    year: int | None = None


def relate(
    cells: Sequence[CellClaim], catalogue: Catalogue, report_year: int | None, lower_units: Collection[str]
) -> None:
    """Settle the figures of one table against each other; rows of ``lower_units`` are theirs."""
    _compare(cells, report_year)
    blocks: dict[int, list[CellClaim]] = defaultdict(list)
    for cell in cells:
        blocks[cell.figure.block].append(cell)
    for block in blocks.values():
        _Block(block, catalogue, lower_units).relate()


def _compare(cells: Iterable[CellClaim], report_year: int | None) -> None:
    """Mark figures of other years and growth."""
    for cell in cells:
        figure, claim = cell.figure, cell.claim
        if figure.is_growth:
            claim.comparison = "growth"
        elif figure.is_previous:
            claim.comparison = "prior_year"
        elif figure.year is not None and report_year is not None and figure.year < report_year:
            claim.comparison = "prior_year"
            cell.year = figure.year


class _Block:
    """The figures under one header."""

    def __init__(self, cells: Sequence[CellClaim], catalogue: Catalogue, lower_units: Collection[str]) -> None:
        self._cells, self._catalogue, self._lower_units = cells, catalogue, lower_units
        self._at: dict[tuple[int, int], CellClaim] = {}
        for cell in cells:
            self._at.setdefault((cell.figure.row, cell.figure.column), cell)
        self._rows: dict[int, list[CellClaim]] = defaultdict(list)
        self._columns: dict[int, list[CellClaim]] = defaultdict(list)
        for cell in self._at.values():
            self._rows[cell.figure.row].append(cell)
            self._columns[cell.figure.column].append(cell)
        self._stated: dict[tuple[str, int, str, bool], list[CellClaim]] = defaultdict(list)
        self._totals = {
            column: [cell for cell in line if cell.figure.is_total_row] for column, line in self._columns.items()
        }

    def relate(self) -> None:
        """Settle growth, totals, parts and dimensions, in this order."""
        singles = [cell for cell in self._cells if self._at[(cell.figure.row, cell.figure.column)] is cell]
        for cell in singles:
            if cell.claim.comparison == "growth" and "table_growth" not in self._catalogue.without:
                self._grow(cell)
        for cell in singles:
            is_total_known = cell.claim.comparison != "growth" and "table_total" not in self._catalogue.without
            total = self._total_of(cell) if is_total_known else None
            if total is not None:
                self._join(cell, total.claim)
        for cell in singles:
            if cell.claim.comparison is None:
                kind = cell.claim.code, cell.claim.quantity.value_type == "ratio"
                self._stated[("row", cell.figure.row, *kind)].append(cell)
                self._stated[("column", cell.figure.column, *kind)].append(cell)
        for cell in singles:
            if cell.claim.parent is None and cell.claim.comparison is None:
                total = self._total_by_catalogue(cell)
                cell.claim.parent = total.claim if total is not None else None
        if "table_share" not in self._catalogue.without:
            for cell in singles:
                self._share(cell)
        if "table_labels" not in self._catalogue.without:
            self._name_dimensions(singles)

    def _grow(self, cell: CellClaim) -> None:
        """A growth is of the indicator of the nearest figure to its left, unless a rule knows it."""
        own = self._catalogue.rules_by_id.get(cell.claim.rule)
        if own is not None and own.comparison == "growth":
            return
        left = [
            other
            for other in self._rows[cell.figure.row]
            if other.figure.column < cell.figure.column and other.claim.comparison != "growth"
        ]
        if left and left[-1].claim.code != OTHER:
            _adopt(cell.claim, left[-1].claim, "growth")
            cell.claim.step("table_growth", "".join(cell.figure.columns[-1:]))

    def _share(self, cell: CellClaim) -> None:
        """A share in per cent that no rule knows is of the nearest count to its left."""
        if not cell.figure.is_share or cell.claim.code != OTHER or cell.claim.quantity.value_type != "ratio":
            return
        left = [
            other
            for other in self._rows[cell.figure.row]
            if other.figure.column < cell.figure.column and other.claim.quantity.value_type == "count"
        ]
        if left and left[-1].claim.code != OTHER:
            _adopt(cell.claim, left[-1].claim, "share")
            cell.claim.parent = left[-1].claim.parent
            cell.claim.step("table_share", "".join(cell.figure.columns[-1:]))

    def _total_of(self, cell: CellClaim) -> CellClaim | None:
        """The figure that a figure is part of by its place: 其中, the row's total, the sub-total, the total."""
        figure = cell.figure
        if figure.is_part:
            above = [
                other
                for other in self._columns[figure.column]
                if other.figure.row < figure.row and not other.figure.is_part and _same_measure(other, cell)
            ]
            return above[-1] if above else None
        if figure.is_part_column:
            left = [
                other
                for other in self._rows[figure.row]
                if other.figure.column < figure.column
                and not other.figure.is_part_column
                and _same_measure(other, cell)
            ]
            return left[-1] if left else None
        in_row = [other for other in self._rows[figure.row] if other.figure.is_total_column and other is not cell]
        fitting = [other for other in in_row if not figure.is_total_column and self._can_be_part(cell, other)]
        if fitting:
            before = [other for other in fitting if other.figure.column < figure.column]
            return before[-1] if before else fitting[0]
        return self._total_in_column(cell)

    def _total_in_column(self, cell: CellClaim) -> CellClaim | None:
        figure = cell.figure
        totals = [
            other for other in self._totals[figure.column] if other is not cell and self._can_be_part(cell, other)
        ]
        if not figure.is_total_row:
            nearer = [other for other in totals if other.figure.is_subtotal and self._governs(other.figure, figure)]
            if nearer:
                return nearer[0]
        if figure.is_total_row and not figure.is_subtotal:
            return None
        whole = [other for other in totals if not other.figure.is_subtotal]
        return whole[0] if whole else None

    def _governs(self, subtotal: Figure, figure: Figure) -> bool:
        """Whether a sub-total is that of a figure: of its group, or the next one below where there are no groups."""
        if subtotal.group or figure.group:
            return subtotal.group == figure.group
        below = [
            other.figure.row
            for other in self._totals[figure.column]
            if other.figure.is_subtotal and other.figure.row > figure.row
        ]
        return bool(below) and subtotal.row == min(below)

    def _can_be_part(self, part: CellClaim, total: CellClaim) -> bool:
        one, other = part.claim, total.claim
        return _same_measure(part, total) and (
            OTHER in (one.code, other.code)
            or one.code == other.code
            or self._catalogue.part_of(one.code) == other.code
            or self._known_dimension(part, other.code) is not None
        )

    def _known_dimension(self, cell: CellClaim, code: str) -> str | None:
        """The dimension of an indicator that a figure's labels spell by the table of values."""
        labels = [label for label in (_leaf(cell.figure.rows), _leaf(cell.figure.columns)) if label]
        for value in self._catalogue.dimensions:
            if code in value.codes and value.zone in LABEL_ZONES and any(map(value.pattern.search, labels)):
                return value.label
        return None

    def _join(self, cell: CellClaim, total: Claim) -> None:
        """Make a claim part of its total; where only one of both has an indicator, the other shares it.

        A figure whose label is a dimension of the total's indicator is that indicator, whatever else its label names.
        """
        claim, figure = cell.claim, cell.figure
        is_own = claim.code == total.code or self._catalogue.part_of(claim.code) == total.code
        if total.code != OTHER and not is_own:
            _adopt(claim, total, "list_item")
            claim.dimension = self._known_dimension(cell, total.code)
        elif total.code == OTHER and claim.code != OTHER and self._catalogue.part_of(claim.code) is None:
            _adopt(total, claim, "list_item")
            total.dimension = None
        claim.parent = total
        claim.step("table_total", "".join((*figure.rows[-1:], *figure.columns[-1:])))

    def _total_by_catalogue(self, cell: CellClaim) -> CellClaim | None:
        """The figure of the indicator that counts this one too: in its row, else in its column."""
        code = self._catalogue.part_of(cell.claim.code)
        if code is None:
            return None
        is_ratio = cell.claim.quantity.value_type == "ratio"
        for line in (("row", cell.figure.row), ("column", cell.figure.column)):
            totals = self._stated[(*line, code, is_ratio)]
            if totals:
                before = [other for other in totals if _place(other) < _place(cell)]
                return before[-1] if before else totals[0]
        return None

    def _name_dimensions(self, cells: Sequence[CellClaim]) -> None:
        """Tell figures of one indicator apart by the labels in which they differ; rows of lower units are scopes."""
        for cell in cells:
            for label in (_leaf(cell.figure.rows), _leaf(cell.figure.columns)):
                if label in self._lower_units or TOWNSHIP.fullmatch(label) or SCOPE.fullmatch(label):
                    cell.scope = label
                    break
        units = {cell.claim.code: cell.claim.quantity.unit for cell in reversed(cells) if cell.claim.quantity.unit}
        alike: dict[tuple[str, str, str | None], list[CellClaim]] = defaultdict(list)
        for cell in cells:
            if cell.claim.code != OTHER:
                unit = units.get(cell.claim.code, "") if cell.claim.is_zero else cell.claim.quantity.unit
                alike[(cell.claim.code, unit, cell.claim.comparison)].append(cell)
        parts_of: dict[int, list[CellClaim]] = defaultdict(list)
        for cell in cells:
            if cell.claim.parent is not None:
                parts_of[id(cell.claim.parent)].append(cell)
        for group in alike.values():
            taken = Counter((cell.claim.dimension, cell.scope, cell.year) for cell in group)
            rows = {_path(cell.figure.rows) for cell in group}
            columns = {_path(cell.figure.columns) for cell in group}
            for cell in group:
                known = cell.claim.dimension
                if known is not None and taken[(known, cell.scope, cell.year)] == 1:
                    continue
                parts = [part.figure for part in parts_of[id(cell.claim)] if part.claim.code == cell.claim.code]
                is_whole_row = any(part.row == cell.figure.row for part in parts)
                is_whole_column = any(part.column == cell.figure.column for part in parts)
                row = "" if is_whole_column else _leaf(cell.figure.rows)
                column = "" if is_whole_row else _leaf(cell.figure.columns)
                named = [
                    label
                    for labels, label in ((rows, row or _group_of(cell, parts_of[id(cell.claim)])), (columns, column))
                    if len(labels) > 1 and label and label not in (cell.scope, known)
                ]
                cell.claim.dimension = "/".join([*([known] if known else []), *(n[:MAX_LABEL] for n in named)]) or None
                if named:
                    cell.claim.step("table_labels", "/".join(named))


def _group_of(subtotal: CellClaim, parts: Sequence[CellClaim]) -> str:
    """The outer label that all parts of a sub-total share; empty for other totals."""
    outer = {part.figure.rows[0] for part in parts if len(part.figure.rows) > 1}
    is_group = subtotal.figure.is_subtotal and len(outer) == 1 and all(len(part.figure.rows) > 1 for part in parts)
    return outer.pop() if is_group else ""


def _adopt(claim: Claim, other: Claim, how: str) -> None:
    """Give a claim the indicator of another."""
    claim.code, claim.units = other.code, other.units
    claim.rule = f"{how}:{other.rule.rpartition(':')[2]}"
    claim.score, claim.context_place = other.score, other.context_place


def _same_measure(one: CellClaim, other: CellClaim) -> bool:
    return (
        one.claim.quantity.unit == other.claim.quantity.unit
        and one.claim.quantity.value_type == other.claim.quantity.value_type
        and one.claim.quantity.value_type != "ratio"
        and one.claim.comparison == other.claim.comparison
        and one.year == other.year
    )


def _leaf(labels: Sequence[str]) -> str:
    return labels[-1] if labels else ""


def _path(labels: Sequence[str]) -> tuple[str, ...]:
    return tuple(labels)


def _place(cell: CellClaim) -> tuple[int, int]:
    return cell.figure.row, cell.figure.column
