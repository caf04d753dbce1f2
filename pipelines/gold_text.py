"""Where labels stand in the text of a document, and what the numbers that they quote are worth.

For drafting and checking gold. Which labels are right is not judged here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.evaluation.gold import GoldFact
from pipelines.evaluation.matching import squeeze_text, squeeze_with_origins
from pipelines.extraction.catalogue import ZERO_WORD
from pipelines.extraction.numerals import ARABIC, MULTIPLIER, fold_width, parse_arabic, parse_chinese

Span = tuple[int, int]

# "无" "未发生": a zero in words
ZERO_IN_WORDS = re.compile(ZERO_WORD)
# "百分之98.5" "百分之九十八点五"
PERCENT_PREFIX = re.compile(r"百分之")
# "52" "1,286" "24 万" "130余万": any number in digits, folded
PRINTED_NUMBER = re.compile(rf"(?<![\d.,])(?:{ARABIC})(?:\s?[余多几])?(?:\s?(?:{MULTIPLIER}))?")
# "1." "(2)" "①": the label of an item at the beginning of a line
ITEM_LABEL = re.compile(r"^\s*\(?\d{1,2}[.、)]", re.MULTILINE)

# ".5" and ",286" behind "1": the number goes on; a full-width comma parts two numbers
NUMBER_GOES_ON = re.compile(r"\d|[.．]\d|,\d{3}(?!\d)")
# "1." or "1," before "286"
NUMBER_BEGAN = re.compile(r"(?:\d|\d[.．,])$")


def value_of(printed: str) -> float:
    """Return what a printed number is worth, in base units.

    >>> value_of("1.2万"), value_of("百分之九十八点五"), value_of("十二"), value_of("未发生")
    (12000.0, 98.5, 12.0, 0.0)

    Raises:
        ValueError: when ``printed`` is no number.
    """
    folded = PERCENT_PREFIX.sub("", fold_width(printed).strip(), count=1)
    if ZERO_IN_WORDS.fullmatch(folded):
        return 0.0
    try:
        return parse_arabic(folded)
    except ValueError:
        whole, _, fraction = folded.partition("点")
        digits = "".join(str(parse_chinese(char)) for char in fraction)
        return float(f"{parse_chinese(whole)}.{digits or 0}")


@dataclass(frozen=True)
class PlacedText:
    """A document's text in which labels are looked for without regard to white space and width."""

    text: str
    squeezed: str
    origins: Sequence[int]

    @classmethod
    def of(cls, text: str) -> PlacedText:
        """Prepare a text for looking things up in it."""
        return cls(text, *squeeze_with_origins(text))

    def find(self, wanted: str) -> Iterator[Span]:
        """Yield every place of ``wanted`` in the text, as offsets of the text itself."""
        target = squeeze_text(wanted)
        at = self.squeezed.find(target) if target else -1
        while at >= 0:
            yield self.origins[at], self.origins[at + len(target) - 1] + 1
            at = self.squeezed.find(target, at + 1)


def place_facts(facts: Sequence[GoldFact], text: PlacedText) -> dict[str, Span]:
    """Where the numbers of facts without offsets stand, by id; a fact that cannot be placed is left out.

    Facts are placed in order, each at the first place of its number in its sentence that no fact before it took;
    a number inside a longer one (2 in 12) is no place.
    """
    places: dict[str, Span] = {}
    taken: set[Span] = set()
    for fact in facts:
        for start, end in text.find(fact.sentence):
            inside = [span for span in text.find(fact.value_text) if start <= span[0] and span[1] <= end]
            free = [span for span in inside if span not in taken and stands_alone(text.text, span)]
            if free:
                places[fact.id] = free[0]
                taken.add(free[0])
                break
    return places


def stands_alone(text: str, span: Span) -> bool:
    """Whether what stands at ``span`` is a whole number: no digit goes on before or behind it."""
    start, end = span
    continued = text[end - 1].isdigit() and NUMBER_GOES_ON.match(text, end)
    begun = text[start].isdigit() and NUMBER_BEGAN.search(text, max(0, start - 2), start)
    return not (continued or begun)


def printed_numbers(text: str, start: int, end: int) -> list[Span]:
    """All numbers in digits of ``text[start:end]``, without the labels of items."""
    folded = fold_width(text)
    labels = [match.span() for match in ITEM_LABEL.finditer(folded, start, end)]
    return [
        match.span()
        for match in PRINTED_NUMBER.finditer(folded, start, end)
        if not any(first <= match.start() < last for first, last in labels)
    ]


def overlap(one: Span, other: Span) -> bool:
    """Whether two spans share a character."""
    return one[0] < other[1] and other[0] < one[1]
