"""Settled claims → observations: every number written down with its words, its place and its evidence.

What a claim means has been settled before (:mod:`pipelines.extraction.structure`, ``flags``, ``signals``); here offsets
are led back to the stored text and the fields are filled.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from pipelines.extraction.catalogue import Catalogue
from pipelines.extraction.characters import code_points, kind, line_starts
from pipelines.extraction.confidence import Signals
from pipelines.extraction.flags import Flags
from pipelines.extraction.masking import Sentence
from pipelines.extraction.structure import Claim
from pipelines.extraction.table_cells import TableClaims
from pipelines.model import Observation, Section

MAX_LEAD, MAX_TAIL = 24, 12
"""Characters before and behind a quantity that may be part of the phrase that names it."""
# What ends the phrase around a quantity, before and behind it.
_LEAD_MARK = kind(",;:。、")
_TAIL_MARK = kind(",;:。、()")


@dataclass(frozen=True)
class ReadText:
    """The text that is read, its width folded, and the way back to the stored one."""

    folded: str
    stored: str
    offsets: Sequence[int] | None

    @cached_property
    def line_starts(self) -> list[int]:
        """Where each line of the stored text begins."""
        return line_starts(self.stored)

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the stored text of ``folded[start:end]``."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1

    def without(self, stretches: Sequence[tuple[int, int]]) -> ReadText:
        """The text with stretches of the stored text blanked, which are read otherwise."""
        if not stretches:
            return self
        blank = bytearray(len(self.stored) + 1)
        for start, end in stretches:
            blank[start:end] = b"\x01" * (end - start)
        pairs = zip(self.folded, self._origins(), strict=True)
        return replace(self, folded="".join(" " if blank[origin] else char for char, origin in pairs))

    def followed_by(self, tables: TableClaims) -> ReadText:
        """The text with the clauses of its tables on lines below it."""
        offsets = (*self._origins(), len(self.stored), *tables.origins)
        return replace(self, folded=f"{self.folded}\n{tables.folded}", offsets=offsets)

    def _origins(self) -> Sequence[int]:
        """For each character of the text that is read its place in the stored one."""
        return range(len(self.folded)) if self.offsets is None else self.offsets[: len(self.folded)]


class ObservationWriter:
    """Writes the claims of one document down.

    Args:
        document_id: of the document; begins the ids of its observations.
        text: its text.
        catalogue: indicators, and what signals are worth.
        claims: all its claims; what the parent of one is called must be known before the parent is written.

    Attributes:
        ids: the ids of observations by the ``id`` of their claims.
    """

    def __init__(self, document_id: str, text: ReadText, catalogue: Catalogue, claims: Sequence[Claim]) -> None:
        self._text, self._indicators, self._confidence = text, catalogue.indicators, catalogue.confidence
        back = text.back
        self._places = {id(claim): back(claim.quantity.start, claim.quantity.end) for claim in claims}
        self.ids: Mapping[int, str] = {key: f"{document_id}-{start:06d}" for key, (start, _) in self._places.items()}
        codes = code_points(text.folded)
        self._leads: list[int] = np.flatnonzero(_LEAD_MARK[codes]).tolist()
        self._tails: list[int] = np.flatnonzero(_TAIL_MARK[codes]).tolist()
        # The numbers of a sentence share its text and its place.
        self._sentence: Sentence | None = None
        self._quoted: tuple[str, int] = "", 0

    def write(self, claim: Claim, section: Section, flags: Flags, signals: Signals) -> Observation:
        """Write one claim down."""
        quantity = claim.quantity
        start, end = self._places[id(claim)]
        sentence, sentence_start = self._quotation(claim.masked.sentence)
        indicator = self._indicators.get(claim.code)
        confidence, written = self._confidence.weighed(signals)
        parent = claim.parent
        # In the order of the fields: to name them all would take twice as long.
        return Observation(
            self.ids[id(claim)],
            self._phrase(claim),
            claim.code,
            quantity.value,
            quantity.value_max,
            self._text.stored[start:end],
            quantity.unit or None,
            "zero" if claim.is_zero else quantity.value_type,
            quantity.qualifier,
            flags.period_type,
            flags.period_value,
            flags.is_plan,
            flags.is_cumulative,
            flags.is_proposed,
            claim.comparison,
            claim.dimension,
            flags.scope,
            flags.authority,
            self.ids[id(parent)] if parent is not None else None,
            None,
            section.section_id,
            section.path,
            indicator.domain if indicator else section.topic,
            section.part,
            bisect_right(self._text.line_starts, start),
            start,
            end,
            sentence,
            sentence_start,
            confidence,
            claim.rule,
            written,
            None,
        )

    def _quotation(self, sentence: Sentence) -> tuple[str, int]:
        """A sentence as it is stored and where it begins."""
        if sentence is not self._sentence:
            start, end = self._text.back(sentence.start, sentence.end)
            self._sentence, self._quoted = sentence, (self._text.stored[start:end], start)
        return self._quoted

    def _phrase(self, claim: Claim) -> str:
        """The words of the report that name the quantity: those of its clause before and behind it."""
        folded, quantity, sentence = self._text.folded, claim.quantity, claim.masked.sentence
        first, last = quantity.outer_start, quantity.outer_end
        before = bisect_left(self._leads, first)
        lead = max(sentence.start, first - MAX_LEAD, self._leads[before - 1] + 1 if before else 0)
        behind = bisect_left(self._tails, last)
        tail = min(sentence.end, last + MAX_TAIL)
        if behind < len(self._tails):
            tail = min(tail, self._tails[behind])
        return f"{folded[lead:first].strip()}{folded[last:tail].strip()}" or claim.code
