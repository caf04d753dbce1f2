"""Cells of tables → claims: each figure becomes a clause of its labels, read by the same rules as a sentence.

The clause is made of the labels of row and column, the number and its unit ("行政复议受理12件"), in the orders that a
sentence could have; captions and headings are its context. How a table is laid out is judged in
:mod:`pipelines.extraction.table_shape`, which figure is part of which in
:mod:`pipelines.extraction.table_relations`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from pipelines.cleaning.grids import Table
from pipelines.cleaning.script import to_simplified
from pipelines.extraction.catalogue import NO_UNIT, Catalogue
from pipelines.extraction.masking import MaskedSentence, mask
from pipelines.extraction.nonfacts import find_nonfacts
from pipelines.extraction.numerals import fold_width
from pipelines.extraction.quantities import Quantity, find_quantities, find_unitless
from pipelines.extraction.recognition import Context, Match, recognise
from pipelines.extraction.structure import OTHER, Claim, SentenceReader
from pipelines.extraction.table_grid import continued
from pipelines.extraction.table_labels import BARE_NUMBER, COMPOSITE, MULTIPLIED, compact, own_unit
from pipelines.extraction.table_relations import CellClaim, relate
from pipelines.extraction.table_shape import Figure, Shape, read_shape
from pipelines.model import Document, Issue, Section

# "表1 " "附表二:" "附件3:" before the name of a table
CAPTION_HEAD = re.compile(r"^(?:附?表|附件)[一二三四五六七八九十\d]*(?:[-.]\d+)?[:、.]?")
# "2023年" "2023年度" in the name of a table
CAPTION_YEAR = re.compile(r"(?:19|20)\d{2}年度?")
# "情况统计表" "一览表" "办理情况" at its end, and what stands in brackets
CAPTION_TAIL = re.compile(
    r"(?:(?:办理|工作|基本)?情况|数据|数量)?(?:统计|一览|汇总|明细|登记|情况)*表?(?:\([^()]*\))?(?:如下(?:表)?)?:?$"
)
# "受理数" "案件数量" "出庭人数": what the end of a label adds to the noun
MEASURE_TAIL = re.compile(r"(?:数量|(?<!案)件数|总数|人数|次数|数额|数|量|情况|合计)$")
# "12" in "12(3)": a number that no unit follows
NUMBER_INSIDE = re.compile(r"\d+(?:\.\d+)?(?![\d.%])")
# "+12" "-3.5" "↓2": signs before a number; the latter say that it is below zero
SIGNS = "-−–+↑↓"
FALLING = ("-", "−", "–", "↓")
# What it is worth that a rule rests on the labels of row and column: 行政应诉 and 审结 are together what is closed
ALL_LABELS = 2.0


@dataclass(frozen=True)
class TableClaims:
    """What the tables of a document state.

    Attributes:
        folded: the clauses, one a line, as they were read.
        origins: for each character of ``folded`` where it stands in the document text; that of the cell for labels.
        cells: the claims, whose offsets count in ``folded``.
        stretches: the stretches of the document text that only tables read.
        issues: numbers that cannot be read.
    """

    folded: str = ""
    origins: tuple[int, ...] = ()
    cells: tuple[CellClaim, ...] = ()
    stretches: tuple[tuple[int, int], ...] = ()
    issues: tuple[Issue, ...] = ()


def read_tables(
    tables: Sequence[Table],
    document: Document,
    sections: Sequence[Section],
    catalogue: Catalogue,
    lower_units: Collection[str],
    base: int,
) -> TableClaims:
    """Read the tables of a report.

    Args:
        tables: the tables of the document text.
        document: the document; what stands before its body belongs to the page.
        sections: its sections.
        catalogue: indicators, rules and the words of tables.
        lower_units: names of the divisions under the document's region.
        base: the offset at which ``folded`` will stand in the text that is read.
    """
    if not tables:
        return TableClaims()
    reader = _TablesReader(document, sections, catalogue, lower_units, base)
    for table in continued(tables):
        reader.read(table)
    return reader.result()


@dataclass
class _Clause:
    """A clause in the making: its characters and where each comes from."""

    text: str = ""
    origins: list[int] = field(default_factory=list)

    def add(self, text: str, origins: Sequence[int] | int) -> None:
        self.text += text
        self.origins += [origins] * len(text) if isinstance(origins, int) else origins


class _TablesReader:
    """Reads table after table and gathers their clauses."""

    def __init__(
        self,
        document: Document,
        sections: Sequence[Section],
        catalogue: Catalogue,
        lower_units: Collection[str],
        base: int,
    ) -> None:
        self._document, self._sections, self._catalogue, self._base = document, sections, catalogue, base
        self._lower_units = lower_units
        self._folded: list[str] = []
        self._origins: list[int] = []
        self._cells: list[CellClaim] = []
        self._stretches: list[tuple[int, int]] = []
        self._issues: list[Issue] = []
        self._body_start = _line_start(document.text, document.body_first_line)
        self._body_end = sections[-1].char_end if sections else 0

    def result(self) -> TableClaims:
        """Everything read so far."""
        return TableClaims(
            "".join(self._folded),
            tuple(self._origins),
            tuple(self._cells),
            tuple(self._stretches),
            tuple(self._issues),
        )

    def read(self, table: Table) -> None:
        """Read one table; what stands before the body is the page's own."""
        if table.char_start < self._body_start:
            return
        before = self._document.text[max(0, table.char_start - 1000) : table.char_start].split("\n")
        lines = [self._simplified(line)[0] for line in before]
        shape = read_shape(self._readable(table), lines, self._catalogue.table_words, self._catalogue.units)
        for figure in shape.unnamed:
            self._issue(figure, figure.cell.text)
        self._stretches += shape.stretches
        section = self._section_at(table.char_start)
        context = Context("".join(f"{caption}。" for caption in shape.captions), fold_width(" ".join(section.path)))
        found: list[CellClaim] = []
        for figure in shape.figures:
            claims = self._claims(figure, shape, context._replace(before=context.before + figure.before))
            found += [CellClaim(claim, figure, section, context.before, table.char_start) for claim in claims]
        relate(found, self._catalogue, self._document.report_year, self._lower_units)
        self._cells += found

    def _readable(self, table: Table) -> Table:
        """The table in Simplified script; offsets stay those of the stored text."""
        if self._document.script == "Hans":
            return table
        return Table(
            tuple(
                replace(row, cells=tuple(replace(cell, text=self._simplified(cell.text)[0]) for cell in row.cells))
                for row in table.rows
            )
        )

    def _simplified(self, text: str) -> tuple[str, Sequence[int]]:
        """A piece of the stored text in Simplified script, and where its characters come from."""
        if self._document.script == "Hans":
            return text, range(len(text))
        converted = to_simplified(text)
        origins = range(len(text)) if converted.offsets is None else converted.offsets[: len(converted.text)]
        return converted.text, origins

    def _section_at(self, place: int) -> Section:
        """The section that a table stands in; one of its own for what follows the signature."""
        for section in self._sections:
            if section.char_start <= place < section.char_end:
                return section
        line = self._document.text.count("\n", 0, place) + 1
        return Section("", 0, 0, None, None, (), None, "achievements", line, place, place, place, None)

    def _claims(self, figure: Figure, shape: Shape, context: Context) -> Iterator[Claim]:
        """Yield the claims of one cell."""
        start = figure.cell.char_start
        chars = [
            (char, start + origin) for char, origin in zip(*self._cell_text(figure), strict=True) if not char.isspace()
        ]
        if figure.kind == "text" or COMPOSITE.fullmatch(figure.text):
            parts = _parts(figure)
            for part in parts:
                yield from self._claims(part, shape, context)
            if not parts:
                yield from self._claims_in_text(figure, chars, context)
            return
        sign = chars[0][0] if chars[0][0] in SIGNS else ""
        number = "".join(char for char, _ in chars)[len(sign) :] if figure.kind == "number" else "0"
        unit = self._unit(figure, number)
        lead, unit = self._best_lead(figure, shape, context, number, unit)
        quantity = _quantity(number, unit, self._catalogue)
        if quantity is None:
            return
        clause = _Clause()
        clause.add(lead, start)
        clause.add(sign + number, [origin for _, origin in chars][: len(sign + number)])
        clause.add(f"{unit}。\n", chars[-1][1])
        shift = self._append(clause)
        placed = _moved(quantity, shift + len(lead + sign))
        if sign:
            # The sign belongs to the number as printed.
            placed = placed._replace(start=placed.start - 1, outer_start=placed.outer_start - 1)
        claim = self._read(shift, clause.text.rstrip("\n"), [placed], context)[0]
        if figure.kind == "zero":
            if claim.code == OTHER:
                return
            claim.is_zero = True
            claim.quantity = claim.quantity._replace(unit="", value_type="count")
        elif sign in FALLING:
            claim.quantity = claim.quantity._replace(value=-claim.quantity.value)
        if not claim.quantity.unit and figure.kind == "number":
            self._issue(figure, number)
        yield claim

    def _cell_text(self, figure: Figure) -> tuple[str, Sequence[int]]:
        cell = figure.cell
        stored = self._document.text[cell.char_start : cell.char_start + len(cell.text)]
        if self._document.script == "Hans":
            return fold_width(stored), range(len(stored))
        simplified, origins = self._simplified(stored)
        return fold_width(simplified), origins

    def _claims_in_text(self, figure: Figure, chars: Sequence[tuple[str, int]], context: Context) -> Iterator[Claim]:
        """Yield the claims of a cell with words and numbers; bare numbers take the unit of their labels."""
        clause = _Clause()
        clause.add("".join((*figure.rows[-1:], *figure.columns[-1:])) + ":", figure.cell.char_start)
        lead = len(clause.text)
        text = "".join(char for char, _ in chars)
        origins = [origin for _, origin in chars]
        unit = figure.unit if COMPOSITE.fullmatch(text) else None
        position = 0
        for found in NUMBER_INSIDE.finditer(text) if unit else ():
            clause.add(text[position : found.end()], origins[position : found.end()])
            clause.add(unit or "", origins[found.end() - 1])
            position = found.end()
        clause.add(text[position:], origins[position:])
        clause.add("。\n", origins[-1])
        shift = self._append(clause)
        body = clause.text[lead:]
        quantities, nonfacts = find_quantities(body, self._catalogue.units)
        taken = [(quantity.outer_start, quantity.outer_end) for quantity in quantities]
        for _, value in find_unitless(body, [*taken, *((stretch.start, stretch.end) for stretch in nonfacts)]):
            self._issue(figure, value)
        if unit is None and COMPOSITE.fullmatch(text) and not quantities and not nonfacts:
            self._issue(figure, text)
        moved = [_moved(quantity, shift + lead) for quantity in quantities]
        yield from self._read(shift, clause.text.rstrip("\n"), moved, context)

    def _append(self, clause: _Clause) -> int:
        """Write a clause down; return its offset in the text that is read."""
        shift = self._base + len(self._origins)
        self._folded.append(clause.text)
        self._origins += clause.origins
        return shift

    def _read(self, shift: int, text: str, quantities: Sequence[Quantity], context: Context) -> list[Claim]:
        """Read one clause that stands at ``shift`` as a sentence is read."""
        takes_any = any(not quantity.unit for quantity in quantities)
        catalogue = self._catalogue.of_any_unit if takes_any else self._catalogue
        masked = _masked(text, [_moved(quantity, -shift) for quantity in quantities], catalogue)
        placed = masked.moved(shift, quantities)
        return SentenceReader(catalogue).read(placed, recognise(placed, context, catalogue))

    def _unit(self, figure: Figure, number: str) -> str | None:
        """The unit to write behind a number: none where the cell has its own."""
        if figure.kind == "number" and own_unit(number, self._catalogue.units) is not None:
            return NO_UNIT
        unit = figure.unit
        if unit and number[-1:] in "万亿":
            unit = MULTIPLIED.sub("", unit)
        return unit

    def _best_lead(
        self, figure: Figure, shape: Shape, context: Context, number: str, unit: str | None
    ) -> tuple[str, str]:
        """The order of labels that a rule knows best, and the unit, which may be the indicator's."""
        quantity = _quantity(number, unit or NO_UNIT, self._catalogue)
        if quantity is None:
            return "", unit or NO_UNIT
        catalogue = self._catalogue if quantity.unit else self._catalogue.of_any_unit
        leads = list(_leads(figure, shape.captions))
        for tier in leads:
            best: tuple[float, str, Match] | None = None
            for lead in tier:
                masked = _masked(f"{lead}{number}{unit or NO_UNIT}。", [_moved(quantity, len(lead))], catalogue)
                match = next(iter(recognise(masked, context, catalogue)[0]), None)
                if match is None:
                    continue
                score = match.score + (ALL_LABELS if _uses_labels(match, masked.text, figure) else 0)
                if best is None or score > best[0]:
                    best = (score, lead, match)
            if best is not None:
                _, lead, match = best
                return lead, unit if unit is not None else self._usual_unit(match)
        return leads[0][0], unit or NO_UNIT

    def _usual_unit(self, match: Match) -> str:
        """The unit of an indicator, or the first that its rule takes."""
        indicator = self._catalogue.indicators[match.rule.code]
        named = sorted(match.rule.units - {NO_UNIT, "%"})
        return indicator.unit if indicator.unit in named else named[0]

    def _issue(self, figure: Figure, value: str) -> None:
        message = f"neither cell nor labels name a known unit of {value!r}"
        self._issues.append(
            Issue("extract", "info", "number_without_known_unit", message, value, sentence=figure.evidence)
        )


def _uses_labels(match: Match, text: str, figure: Figure) -> bool:
    """Whether a rule rests on the labels of row and column, be it by its words or by its context."""
    words = text[match.start : match.end]
    return all(
        any(piece in words for piece in (label, MEASURE_TAIL.sub("", label)))
        or (match.rule.context is not None and match.rule.context.search(label) is not None)
        for label in (*figure.rows[-1:], *figure.columns[-1:])
    )


def _parts(figure: Figure) -> list[Figure]:
    """The figures of a cell such as "5/4" under 受理/审结; none where numbers and labels do not go together."""
    labels, pieces = "".join(figure.columns[-1:]).split("/"), figure.cell.text.split("/")
    if (
        len(pieces) < 2
        or len(labels) != len(pieces)
        or not all(BARE_NUMBER.fullmatch(compact(piece)) for piece in pieces)
    ):
        return []
    found, start = [], figure.cell.char_start
    for label, piece in zip(labels, pieces, strict=True):
        lead = len(piece) - len(piece.lstrip())
        cell = replace(figure.cell, text=piece.strip(), char_start=start + lead)
        found.append(replace(figure, cell=cell, kind="number", columns=(*figure.columns[:-1], label)))
        start += len(piece) + 1
    return found


def _leads(figure: Figure, captions: Sequence[str]) -> Iterator[list[str]]:
    """Yield the words that may stand before the number, likelier ones first: all labels, single ones, the caption's."""
    rows, columns = "".join(figure.rows), "".join(figure.columns)
    leaves = figure.rows[-1:], figure.columns[-1:]
    yield _with_short_forms([rows + columns, columns + rows])
    group = "".join(figure.rows[:1])
    yield _with_short_forms(
        [
            "".join((*leaves[0], *leaves[1])),
            "".join((*leaves[1], *leaves[0])),
            group + columns,
            columns + group,
            columns,
            rows,
        ]
    )
    nouns = [noun for caption in captions if (noun := caption_noun(caption))]
    for noun in reversed(nouns):
        yield _with_short_forms([noun + rows + columns, noun + columns, noun + rows, noun])


def _with_short_forms(leads: Sequence[str]) -> list[str]:
    """The leads without repetition, also without what their ends add to the noun: 受理数 → 受理."""
    both = [form for lead in leads for form in (lead, MEASURE_TAIL.sub("", lead))]
    return list(dict.fromkeys(both))


def caption_noun(caption: str) -> str:
    """What a caption says the table is about: "表1 2023年行政复议案件办理情况统计表" → "行政复议案件"."""
    named = CAPTION_YEAR.sub("", CAPTION_HEAD.sub("", compact(caption)))
    return CAPTION_TAIL.sub("", named)


def _masked(text: str, quantities: Sequence[Quantity], catalogue: Catalogue) -> MaskedSentence:
    """Mask a clause; numbers of its labels stay words."""
    titles = [stretch for stretch in find_nonfacts(text) if stretch.kind == "title"] if "《" in text else []
    return mask(text, quantities, titles, catalogue.index)


def _quantity(number: str, unit: str, catalogue: Catalogue) -> Quantity | None:
    """The quantity of a number with its unit; a bare number is a count without unit."""
    if unit or not BARE_NUMBER.fullmatch(number):
        found, _ = find_quantities(f"{number}{unit}", catalogue.units)
        return found[0] if len(found) == 1 else None
    found, _ = find_quantities(f"{number}件", catalogue.units)
    if len(found) != 1:
        return None
    return found[0]._replace(unit=NO_UNIT, outer_end=len(number))


def _moved(quantity: Quantity, by: int) -> Quantity:
    return quantity._replace(
        start=quantity.start + by,
        end=quantity.end + by,
        outer_start=quantity.outer_start + by,
        outer_end=quantity.outer_end + by,
    )


def _line_start(text: str, line: int | None) -> int:
    """Offset at which a line (from 1) begins; the end of the text for None."""
    if line is None:
        return len(text)
    place = 0
    for _ in range(line - 1):
        place = text.index("\n", place) + 1
    return place
