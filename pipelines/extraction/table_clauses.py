"""Figures of tables → clauses: which order of labels before a number the rules of the catalogue know best.

All orders of all figures of a table are written into one text, which is looked through once. What the chosen clause
says is read by :mod:`pipelines.extraction.table_cells` as a sentence is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.extraction.catalogue import NO_UNIT, Catalogue
from pipelines.extraction.masking import MaskedSentence, MaskedText, Sentence
from pipelines.extraction.nonfacts import find_nonfacts
from pipelines.extraction.quantities import Quantity, UnitTable, find_quantities
from pipelines.extraction.recognition import Context, Match, recognise
from pipelines.extraction.table_labels import BARE_NUMBER, UNIT_STATEMENT, compact
from pipelines.extraction.table_shape import Figure

# "表1" of "表12023年…" "附表二:" "附件3:" before the name of a table
CAPTION_HEAD = re.compile(
    r"^(?:附?表|附件)(?:[一二三四五六七八九十]+|\d{1,2}?(?=(?:19|20)\d{2}年)|\d{1,2}(?!\d))?(?:[-.]\d{1,2}(?!\d))?[:、.]?"
)
# "2023年" "2023年度" in the name of a table
CAPTION_YEAR = re.compile(r"(?:19|20)\d{2}年度?")
# "情况统计表" "一览表" "办理情况" at its end, and what stands in brackets
CAPTION_TAIL = re.compile(
    r"(?:(?:办理|工作|基本)?情况|数据|数量)?(?:统计|一览|汇总|明细|登记|情况)*表?(?:\([^()]*\))?(?:如下(?:表)?)?:?$"
)
# "受理数" "案件数量" "出庭人数": what the end of a label adds to the noun
MEASURE_TAIL = re.compile(r"(?:数量|(?<!案)件数|总数|人数|次数|数额|数|量|情况|合计)$")
ALL_LABELS = 2.0
"""What it is worth that a rule rests on the labels of row and column: 行政应诉 and 审结 together say what is closed."""
CAPTION_SPEAKS_FOR, CAPTION_SPEAKS_AGAINST = 1.5, 3.0
"""What it is worth that captions hold the context of a rule, and what it costs that they hold what it forbids."""


@dataclass(frozen=True)
class Trial:
    """A figure whose clause is sought.

    Attributes:
        figure: the figure.
        sign: printed before its number, empty without.
        number: as printed, perhaps with its unit.
        unit: to be written behind it; empty where the cell has its own, None where the table names none.
        quantity: the number with its unit, as it stands in ``number`` and ``unit``.
        leads: words that may stand before it, likelier ones first; the first group in which a rule fits decides.
        captions: what is said over the table.
        context: captions, labels met before and headings.
    """

    figure: Figure
    sign: str
    number: str
    unit: str | None
    quantity: Quantity
    leads: Sequence[Sequence[str]]
    captions: str
    context: Context

    @property
    def printed(self) -> str:
        """What stands behind the lead."""
        return f"{self.sign}{self.number}{self.unit or NO_UNIT}。"


@dataclass(frozen=True)
class Clause:
    """The clause of a figure.

    Attributes:
        lead: the words before the number.
        masked: the clause as rules see it.
        matches: the rules that fit the number, best first.
        unit: of the number; the indicator's where the table names none.
    """

    lead: str
    masked: MaskedSentence
    matches: Sequence[Match]
    unit: str


def settle(trials: Sequence[Trial], catalogue: Catalogue) -> list[Clause]:
    """Return the best clause of each figure; without a rule that fits, all labels in their order."""
    clauses: dict[int, Clause] = {}
    for is_bare in (False, True):
        own = [trial for trial in trials if (not trial.quantity.unit) is is_bare]
        if not own:
            continue
        rules = catalogue.of_any_unit if is_bare else catalogue
        masked = _masked(own, rules)
        for trial in own:
            tiers = [[(lead, next(masked)) for lead in tier] for tier in trial.leads]
            clauses[id(trial)] = _best(trial, tiers, rules)
    return [clauses[id(trial)] for trial in trials]


def _masked(trials: Sequence[Trial], rules: Catalogue) -> Iterator[MaskedSentence]:
    """Mask all clauses that may be, in order; numbers of labels stay words."""
    pieces: list[str] = []
    sentences: list[Sentence] = []
    quantities: list[Quantity] = []
    position = 0
    for trial in trials:
        for lead in (lead for tier in trial.leads for lead in tier):
            text = f"{lead}{trial.printed}\n"
            sentences.append(Sentence(position, position + len(text) - 1, len(sentences)))
            quantities.append(signed(moved(trial.quantity, position + len(lead)), trial.sign))
            pieces.append(text)
            position += len(text)
    whole = "".join(pieces)
    titles = [stretch for stretch in find_nonfacts(whole) if stretch.kind == "title"] if "《" in whole else []
    return iter(MaskedText(whole, quantities, titles, rules.index).sentences(sentences))


def _best(trial: Trial, tiers: Sequence[Sequence[tuple[str, MaskedSentence]]], rules: Catalogue) -> Clause:
    """Choose among the clauses of a figure."""
    for tier in tiers:
        best: tuple[float, Clause] | None = None
        for lead, masked in tier:
            matches = recognise(masked, trial.context, rules)[0]
            if not matches:
                continue
            ranked = sorted(matches, key=lambda match: -_score(match, masked.text, trial))
            score = _score(ranked[0], masked.text, trial)
            if best is None or score > best[0]:
                unit = trial.quantity.unit if trial.unit is not None else _usual_unit(ranked[0], rules)
                best = score, Clause(lead, masked, ranked, unit)
        if best is not None:
            return best[1]
    lead, masked = tiers[0][0]
    return Clause(lead, masked, [], trial.quantity.unit)


def _score(match: Match, text: str, trial: Trial) -> float:
    """The score of a rule in a clause: as in a sentence, and what labels and captions say for and against it."""
    score = match.score + (ALL_LABELS if _uses_labels(match, text, trial.figure) else 0)
    if match.rule.context is not None and match.rule.context.search(trial.captions):
        score += CAPTION_SPEAKS_FOR
    if match.rule.forbid is not None and match.rule.forbid.search(trial.captions):
        score -= CAPTION_SPEAKS_AGAINST
    return score


def _uses_labels(match: Match, text: str, figure: Figure) -> bool:
    """Whether a rule rests on the labels of row and column, be it by its words or by its context."""
    words = text[match.start : match.end]
    return all(
        any(piece in words for piece in (label, MEASURE_TAIL.sub("", label)))
        or (match.rule.context is not None and match.rule.context.search(label) is not None)
        for label in (*figure.rows[-1:], *figure.columns[-1:])
    )


def _usual_unit(match: Match, catalogue: Catalogue) -> str:
    """The unit of an indicator, or the first that its rule takes."""
    indicator = catalogue.indicators[match.rule.code]
    named = sorted(match.rule.units - {NO_UNIT, "%"})
    return indicator.unit if indicator.unit in named else named[0]


def leads_of(figure: Figure, captions: Sequence[str]) -> list[list[str]]:
    """Return the words that may stand before a number: all its labels, single ones, those with the caption's noun."""
    rows, columns = "".join(figure.rows), "".join(figure.columns)
    row, column, group = "".join(figure.rows[-1:]), "".join(figure.columns[-1:]), "".join(figure.rows[:1])
    tiers = [
        [rows + columns, columns + rows],
        [row + column, column + row, group + columns, columns + group, columns, rows],
    ]
    for caption in reversed(captions):
        noun = caption_noun(caption)
        if noun and not UNIT_STATEMENT.search(caption):
            tiers.append([noun + rows + columns, noun + columns, noun + rows, noun])
    return [list(dict.fromkeys(form for lead in tier for form in _forms(lead))) for tier in tiers]


def _forms(lead: str) -> tuple[str, str]:
    """The words, and the words without what their end adds to the noun: 受理数 → 受理."""
    return lead, MEASURE_TAIL.sub("", lead)


def caption_noun(caption: str) -> str:
    """What a caption says the table is about: "表1 2023年行政复议案件办理情况统计表" → "行政复议案件"."""
    named = CAPTION_YEAR.sub("", CAPTION_HEAD.sub("", compact(caption)))
    return CAPTION_TAIL.sub("", named)


def quantity_of(number: str, unit: str, units: UnitTable) -> Quantity | None:
    """The quantity of a number with its unit, None when they make none; a bare number is a count without unit."""
    is_bare = not unit and BARE_NUMBER.fullmatch(number) is not None
    found, _ = find_quantities(f"{number}{'件' if is_bare else unit}", units)
    if len(found) != 1:
        return None
    return found[0]._replace(unit=NO_UNIT, outer_end=len(number)) if is_bare else found[0]


def moved(quantity: Quantity, by: int) -> Quantity:
    """The quantity at another place."""
    return quantity._replace(
        start=quantity.start + by,
        end=quantity.end + by,
        outer_start=quantity.outer_start + by,
        outer_end=quantity.outer_end + by,
    )


def signed(quantity: Quantity, sign: str) -> Quantity:
    """The quantity behind a sign, which belongs to the number as printed."""
    behind = moved(quantity, len(sign))
    return behind._replace(start=quantity.start, outer_start=quantity.outer_start) if sign else behind
