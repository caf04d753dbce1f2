"""Document and sections → observations: runs the reader over every sentence and writes down what it found.

The order of work is: quantities, masking, rules, structure, flags; each step is a module of its own. Here
they are only strung together, and offsets are led back to the stored text.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from pipelines.cleaning.grids import Table
from pipelines.cleaning.script import Converted, to_simplified
from pipelines.extraction.catalogue import Catalogue
from pipelines.extraction.flags import Flagger
from pipelines.extraction.masking import (
    MaskedSentence,
    MaskedText,
    Sentence,
    sentence_ends,
    split_sentences,
)
from pipelines.extraction.nonfacts import NonFact
from pipelines.extraction.numerals import fold_width
from pipelines.extraction.quantities import Quantity, find_quantities, find_unitless
from pipelines.extraction.recognition import Context, recognise, recognise_zeros, says_zero
from pipelines.extraction.respectively import distribute
from pipelines.extraction.signals import signals_of, sums_of
from pipelines.extraction.structure import OTHER, Claim, SentenceReader
from pipelines.extraction.table_cells import read_tables
from pipelines.extraction.table_relations import CellClaim
from pipelines.extraction.trace import Noted, Trace
from pipelines.extraction.writing import ObservationWriter, ReadText
from pipelines.model import Document, Issue, Observation, Section


def extract_observations(
    document: Document,
    sections: Sequence[Section],
    catalogue: Catalogue,
    lower_units: Collection[str] = (),
    trace: Trace | None = None,
    tables: Sequence[Table] = (),
    plain: Converted | None = None,
) -> tuple[list[Observation], list[Issue]]:
    """Read all numbers of an annual report.

    Args:
        document: the document; other kinds than annual reports yield no observations.
        sections: its sections, see :func:`pipelines.extraction.segmentation.split_sections`.
        catalogue: indicators and rules.
        lower_units: names of the divisions under the document's region, whose figures are not its own.
        trace: where to note what the observations rest on, for those who ask.
        tables: the tables of the document text, whose figures are read by their labels.
        plain: the document text in Simplified script and folded width, where it is known already.

    Returns:
        The observations in order of the text, and issues for numbers that no known unit follows.
    """
    if not document.is_annual_report:
        return [], []
    text = _reading_text(document) if plain is None else ReadText(plain.text, document.text, plain.offsets)
    in_tables = read_tables(tables, document, sections, catalogue, lower_units, len(text.folded) + 1)
    text = text.without(in_tables.stretches)
    quantities, nonfacts = find_quantities(text.folded, catalogue.units)
    whole = MaskedText(text.folded, quantities, nonfacts, catalogue.index)
    taken = [*((q.outer_start, q.outer_end) for q in quantities), *((n.start, n.end) for n in nonfacts)]
    strays = find_unitless(text.folded, taken)
    observations: list[Observation] = []
    issues: list[Issue] = list(in_tables.issues)
    ends = sentence_ends(text.folded)
    placed: list[tuple[Section, Sentence]] = []
    for section in sections:
        start, end = _forward(text, section)
        placed += [(section, sentence) for sentence in split_sentences(text.folded, start, end, ends)]
        issues += [_unitless(value[: end - at]) for at, value in strays if start <= at < end]
    masked = whole.sentences([sentence for _, sentence in placed])
    claims = list(_claims([section for section, _ in placed], masked, catalogue))
    if in_tables.cells:
        text = text.followed_by(in_tables)
        claims += [(cell.claim, cell.section, cell.before) for cell in in_tables.cells]
        claims.sort(key=lambda item: text.back(item[0].quantity.start, item[0].quantity.end))
    cells = {id(cell.claim): cell for cell in in_tables.cells}
    writer = ObservationWriter(document.document_id, text, catalogue, [claim for claim, _, _ in claims])
    sums = sums_of(claim for claim, _, _ in claims)
    flagger = Flagger(catalogue, document.report_year, lower_units)
    for claim, section, before in claims:
        flags = flagger.flag(claim, section.part, before)
        cell = cells.get(id(claim))
        signals = signals_of(claim, flags, section, sums, catalogue, in_table=cell is not None)
        observation = writer.write(claim, section, flags, signals)
        observations.append(observation if cell is None else _in_table(observation, cell, text))
        if trace is not None:
            trace.claims.append(Noted(claim, flags, before))
    if trace is not None:
        trace.nonfacts = [NonFact(each.kind, *text.back(each.start, each.end)) for each in nonfacts]
    statements = {writer.ids[key]: cell.table for key, cell in cells.items()}
    return _with_duplicates(observations, statements), issues


def _claims(
    sections: Sequence[Section], sentences: Sequence[MaskedSentence], catalogue: Catalogue
) -> Iterator[tuple[Claim, Section, str]]:
    """Yield the settled claims of sentences, each with its section and what stands before it in its paragraph.

    Sentences that state no number are passed over.
    """
    section: Section | None = None
    headings = ""
    opening: MaskedSentence | None = None
    reader = SentenceReader(catalogue)
    for place, masked in zip(sections, sentences, strict=True):
        if place is not section:
            section, opening, headings = place, None, fold_width(" ".join(place.path))
        if opening is None or masked.sentence.paragraph != opening.sentence.paragraph:
            opening = masked
            reader.start_paragraph()
        if not masked.quantities and not says_zero(masked.text):
            continue
        before = masked.text_since(opening)
        context = Context(before, headings)
        found: list[Claim] = []
        if masked.quantities:
            found = reader.read(masked, distribute(masked, recognise(masked, context, catalogue), context, catalogue))
        zeros = _zeros(masked, context, catalogue, found)
        claims = sorted(found + zeros, key=lambda claim: claim.quantity.start) if zeros else found
        yield from ((claim, section, before) for claim in claims)


def _reading_text(document: Document) -> ReadText:
    """Fold the text, in simplified script, keeping the way back."""
    if document.script == "Hant":
        converted: Converted = to_simplified(document.text)
        return ReadText(fold_width(converted.text), document.text, converted.offsets)
    return ReadText(fold_width(document.text), document.text, None)


def _forward(text: ReadText, section: Section) -> tuple[int, int]:
    """Bounds of a section in the folded text."""
    if text.offsets is None:
        return section.char_start, section.char_end
    return bisect_left(text.offsets, section.char_start), bisect_left(text.offsets, section.char_end)


def _zeros(masked: MaskedSentence, context: Context, catalogue: Catalogue, found: Sequence[Claim]) -> list[Claim]:
    """Claims for zeros said in words; a zero's parent is the last total before it that it can be part of."""
    claims = []
    for match, start, end in recognise_zeros(masked, context, catalogue):
        if any(start < claim.quantity.outer_end and claim.quantity.outer_start < end for claim in found):
            continue
        claim = Claim(Quantity(start, end, start, end, 0.0, None, "", "count", "exact"), masked, -1, is_zero=True)
        claim.code, claim.rule = match.rule.code, match.rule.rule_id
        claim.score, claim.context_place = match.score, match.context_place
        total = catalogue.part_of(claim.code)
        totals = [item for item in found if item.quantity.start < start and item.code == total]
        if totals:
            claim.parent, claim.dimension = totals[-1], totals[-1].dimension
        claims.append(claim)
    return claims


def _unitless(value: str) -> Issue:
    """The issue of a number that nothing took: an unknown unit is reported, never guessed."""
    return Issue("extract", "info", "number_without_known_unit", f"no known unit behind {value!r}", value)


def _in_table(observation: Observation, cell: CellClaim, text: ReadText) -> Observation:
    """Give an observation from a table its evidence, row and header, and what its place says of scope and period."""
    figure = cell.figure
    return replace(
        observation,
        section_id=observation.section_id or None,
        sentence=text.stored[figure.row_start : figure.row_end],
        sentence_start=figure.row_start,
        note=f"table header: {figure.header}" if figure.header else None,
        scope=cell.scope or observation.scope,
        period_value=str(cell.year) if cell.year is not None else observation.period_value,
    )


def _with_duplicates(observations: Sequence[Observation], statements: Mapping[str, int]) -> list[Observation]:
    """Mark repetitions: the same number and unit of an indicator stated again in a later sentence.

    A repetition is often short of words ("在抽查的43件案卷中"), so it takes over the dimension of the first statement
    when it names none; numbers without an indicator must share the noun behind them. A table is one statement:
    ``statements`` says, by id, which observations share one.
    """
    first: dict[tuple[str, float, str | None, str], Observation] = {}
    result = []
    for observation in observations:
        noun = observation.indicator_phrase[-2:] if observation.indicator_code == OTHER else ""
        earlier = first.setdefault((observation.indicator_code, observation.value, observation.unit, noun), observation)
        is_own_statement = observation.comparison is None and not observation.is_plan and observation.parent_id is None
        is_repeat = (
            is_own_statement
            and _statement(earlier, statements) != _statement(observation, statements)
            and observation.dimension in (None, earlier.dimension)
        )
        if is_repeat:
            observation = replace(observation, duplicate_of=earlier.id, dimension=earlier.dimension)
        result.append(observation)
    return result


def _statement(observation: Observation, statements: Mapping[str, int]) -> int:
    """Where the statement begins that an observation is part of: its sentence, or its table."""
    return statements.get(observation.id, observation.sentence_start)
