"""Names in a row and numbers in a row: "优秀、合格、不合格分别为58卷、151卷和11卷".

Gives each number the rules that would fit it, stood its own name alone before it. What the numbers are to each
other is settled in :mod:`pipelines.extraction.structure`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.extraction.catalogue import Catalogue
from pipelines.extraction.masking import SIGN, MaskedSentence
from pipelines.extraction.recognition import Context, Match, recognise
from pipelines.extraction.surroundings import words_between

# "A、B和C" "A、B以及C"; but "及时率" is one name
NAME_SEPARATOR = re.compile(r"、|和|以及|及(?!时)|与")
# "环境保护领域、安全生产领域和质量监管领域分别达到": names that the following numbers take in order
RESPECTIVELY = re.compile(
    r"(?P<names>[^,;。:]+?)分别(?P<verb>达到|达|为|是|有|增长|下降|完成|办理|开展|立案|查处|受理|收到|审结)?(?:了)?$"
)
# Words that only join a name to its number.
_COPULAS = frozenset({"", "为", "是", "有", "达", "达到"})


@dataclass(frozen=True)
class Row:
    """Names and the numbers that take them in order: ``first`` is the first number, ``start`` where the names begin."""

    first: int
    names: tuple[str, ...]
    start: int
    verb: str


def find_rows(masked: MaskedSentence) -> Iterator[Row]:
    """Yield the rows of a sentence that have as many numbers as names, two at least."""
    for number in range(len(masked.quantities)) if "分别" in masked.text else ():
        words = words_between(masked, number)
        found = RESPECTIVELY.search(words)
        if found is None:
            continue
        names = tuple(name for name in NAME_SEPARATOR.split(found["names"]) if name)
        row = range(number, number + len(names))
        joined = row.stop <= len(masked.quantities) and all(
            NAME_SEPARATOR.fullmatch(words_between(masked, item)) for item in row[1:]
        )
        if len(names) > 1 and joined:
            begin = masked.tokens[number] - len(words) + found.start("names")
            yield Row(number, names, begin, found["verb"] or "")


def distribute(
    masked: MaskedSentence, matches: Sequence[list[Match]], context: Context, catalogue: Catalogue
) -> list[list[Match]]:
    """Give the numbers of a row the rules of their own names, where every name of the row has one.

    Where only some have, the names are items of something else, such as kinds of what was reviewed.
    """
    distributed = [list(found) for found in matches]
    for row in find_rows(masked):
        own = [_match_alone(masked, row, offset, context, catalogue) for offset in range(len(row.names))]
        if all(own):
            distributed[row.first : row.first + len(own)] = own
    return distributed


def _match_alone(masked: MaskedSentence, row: Row, offset: int, context: Context, catalogue: Catalogue) -> list[Match]:
    """The rules that fit one number of a row, stood its name alone before it."""
    verb = "" if row.verb in _COPULAS else row.verb
    text = f"{masked.text[: row.start]}{row.names[offset]}{verb}{SIGN}"
    quantities = (*masked.quantities[: row.first], masked.quantities[row.first + offset])
    tokens = (*masked.tokens[: row.first], len(text) - 1)
    alone = masked.reworded(text, quantities, tokens, catalogue.index)
    return recognise(alone, context, catalogue)[-1]
