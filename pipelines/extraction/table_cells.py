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
from pipelines.extraction.masking import mask
from pipelines.extraction.nonfacts import NonFact
from pipelines.extraction.numerals import fold_width
from pipelines.extraction.quantities import Quantity, find_quantities, find_unitless
from pipelines.extraction.recognition import Context, recognise
from pipelines.extraction.structure import OTHER, Claim, SentenceReader
from pipelines.extraction.table_clauses import Clause, Trial, leads_of, moved, quantity_of, settle, signed
from pipelines.extraction.table_grid import continued
from pipelines.extraction.table_labels import BARE_NUMBER, COMPOSITE, MULTIPLIED, compact, own_unit
from pipelines.extraction.table_relations import CellClaim, relate
from pipelines.extraction.table_shape import Figure, Shape, read_shape
from pipelines.model import Document, Issue, Section

# "12" in "12(3)": a number that no unit follows
NUMBER_INSIDE = re.compile(r"\d+(?:\.\d+)?(?![\d.%])")
# "+12" "-3.5" "↓2": signs before a number; the latter say that it is below zero
SIGNS = "-−–+↑↓"
FALLING = ("-", "−", "–", "↓")

MAX_FIGURES = 2000
"""Figures of tables that are read of one document; reports state some hundreds."""


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
        self._quantities: dict[tuple[str, str], Quantity | None] = {}
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
        shape = read_shape(
            table,
            [self._plain(line) for line in before],
            self._catalogue.table_words,
            self._catalogue.units,
            self._plain,
        )
        for figure in shape.unnamed:
            self._issue(figure, figure.cell.text)
        self._stretches += shape.stretches
        section = self._section_at(table.char_start)
        context = Context("".join(f"{caption}。" for caption in shape.captions), fold_width(" ".join(section.path)))
        figures = [part for figure in shape.figures for part in _parts(figure)]
        room = max(0, MAX_FIGURES - len(self._cells))
        if len(figures) > room:
            message = f"a table of {len(figures)} figures; only the first {room} of them are read"
            self._issues.append(Issue("extract", "warn", "table_too_large", message, str(len(figures))))
            figures = figures[:room]
        trials = [self._trial(figure, shape, context) for figure in figures]
        clauses = iter(settle([trial for trial in trials if trial is not None], self._catalogue))
        found: list[CellClaim] = []
        for figure, trial in zip(figures, trials, strict=True):
            around = _around(context, figure)
            claims = self._claims_in_text(figure, around) if trial is None else self._claims(trial, next(clauses))
            found += [CellClaim(claim, figure, section, context.before, table.char_start) for claim in claims]
        relate(found, self._catalogue, self._document.report_year, self._lower_units)
        self._cells += found

    def _plain(self, text: str) -> str:
        return self._simplified(text)[0]

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

    def _trial(self, figure: Figure, shape: Shape, context: Context) -> Trial | None:
        """A figure with all clauses that may be made of it; None for cells with words."""
        if figure.kind == "text" or COMPOSITE.fullmatch(figure.text):
            return None
        text = "".join(char for char, _ in self._characters(figure))
        sign = text[0] if text[0] in SIGNS else ""
        number = text[len(sign) :] if figure.kind == "number" else "0"
        unit = self._unit(figure, number)
        written = number, unit or NO_UNIT
        if written not in self._quantities:
            self._quantities[written] = quantity_of(*written, self._catalogue.units)
        quantity = self._quantities[written]
        if quantity is None:
            return None
        leads = leads_of(figure, shape.captions)
        return Trial(figure, sign, number, unit, quantity, leads, context.before, _around(context, figure))

    def _claims(self, trial: Trial, clause: Clause) -> Iterator[Claim]:
        """Yield the claim of one figure by its clause."""
        figure, characters = trial.figure, self._characters(trial.figure)
        written = _Clause()
        written.add(clause.lead, figure.cell.char_start)
        printed = len(trial.sign + trial.number)
        written.add(trial.sign + trial.number, [origin for _, origin in characters][:printed])
        written.add(trial.printed[printed:] + "\n", characters[-1][1])
        shift = self._append(written)
        quantity = signed(moved(trial.quantity, shift + len(clause.lead)), trial.sign)._replace(unit=clause.unit)
        masked = clause.masked.moved(shift - clause.masked.sentence.start, [quantity])
        claim = SentenceReader(self._catalogue).read(masked, [clause.matches])[0]
        if figure.kind == "zero":
            if claim.code == OTHER:
                return
            claim.is_zero = True
            claim.quantity = quantity._replace(unit=NO_UNIT, value_type="count")
        elif trial.sign in FALLING:
            claim.quantity = quantity._replace(value=-quantity.value)
        if not claim.quantity.unit and figure.kind == "number":
            self._issue(figure, trial.number)
        yield claim

    def _characters(self, figure: Figure) -> list[tuple[str, int]]:
        """The characters of a cell as they are read, without white space, and where each stands in the text."""
        text, origins = self._simplified(figure.cell.text)
        start = figure.cell.char_start
        pairs = zip(fold_width(text), origins, strict=True)
        return [(char, start + origin) for char, origin in pairs if not char.isspace()]

    def _claims_in_text(self, figure: Figure, context: Context) -> Iterator[Claim]:
        """Yield the claims of a cell with words and numbers; bare numbers take the unit of their labels."""
        chars = self._characters(figure)
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
        placed = [moved(quantity, lead) for quantity in quantities]
        titles = [NonFact("title", each.start + lead, each.end + lead) for each in nonfacts if each.kind == "title"]
        masked = mask(clause.text.rstrip("\n"), placed, titles, self._catalogue.index)
        masked = masked.moved(shift, [moved(quantity, shift) for quantity in placed])
        yield from SentenceReader(self._catalogue).read(masked, recognise(masked, context, self._catalogue))

    def _append(self, clause: _Clause) -> int:
        """Write a clause down; return its offset in the text that is read."""
        shift = self._base + len(self._origins)
        self._folded.append(clause.text)
        self._origins += clause.origins
        return shift

    def _unit(self, figure: Figure, number: str) -> str | None:
        """The unit to write behind a number: none where the cell has its own."""
        if figure.kind == "number" and own_unit(number, self._catalogue.units) is not None:
            return NO_UNIT
        unit = figure.unit
        if unit and number[-1:] in "万亿":
            unit = MULTIPLIED.sub("", unit)
        return unit

    def _issue(self, figure: Figure, value: str) -> None:
        row = self._document.text[figure.row_start : figure.row_end]
        message = f"neither cell nor labels name a known unit of {value!r}"
        self._issues.append(Issue("extract", "info", "number_without_known_unit", message, value, sentence=row))


def _around(context: Context, figure: Figure) -> Context:
    """Captions, and behind them the labels that were met before a figure."""
    return context._replace(before=context.before + figure.before)


def _parts(figure: Figure) -> list[Figure]:
    """The figures of a cell such as "5/4" under 受理/审结; the one given where numbers and labels do not match."""
    labels, pieces = "".join(figure.columns[-1:]).split("/"), figure.cell.text.split("/")
    if (
        len(pieces) < 2
        or len(labels) != len(pieces)
        or not all(BARE_NUMBER.fullmatch(compact(piece)) for piece in pieces)
    ):
        return [figure]
    found, start = [], figure.cell.char_start
    for label, piece in zip(labels, pieces, strict=True):
        lead = len(piece) - len(piece.lstrip())
        cell = replace(figure.cell, text=piece.strip(), char_start=start + lead)
        found.append(replace(figure, cell=cell, kind="number", columns=(*figure.columns[:-1], label)))
        start += len(piece) + 1
    return found


def _line_start(text: str, line: int | None) -> int:
    """Offset at which a line (from 1) begins; the end of the text for None."""
    if line is None:
        return len(text)
    place = 0
    for _ in range(line - 1):
        place = text.index("\n", place) + 1
    return place
