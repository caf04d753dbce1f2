"""The words around one quantity of a masked sentence: before it, behind it, its clause, the noun that labels it.

What these words mean is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from pipelines.extraction.masking import CLAUSE_MARKS, SIGN, THOUGHT_MARKS, MaskedSentence, after_last, before_first

# "7个县(区)、91个部门以及5个园区": what stands before 以及 names the number before
CONJUNCTION_END = re.compile(r"(?:和|及|与|以及)$")
# What a label is stripped of: "其中:行政机关" "、法律法规授权组织" "以及园区" "包括行政检查事项"
LABEL_HEAD = re.compile(r"^[,;。:、(]*(?:(?:其中|包括|含|以及|和|及|与|并|共|新增|分别为)[,:]?)*")
LABEL_TAILS = ("合计", "共计", "共有", "达到", "共", "达", "有", "为", "约", "近", ":")
_STRIPPED: dict[str, tuple[str, ...]] = {
    end: tuple(tail for tail in LABEL_TAILS if tail[-1] == end) for end in {tail[-1] for tail in LABEL_TAILS}
}
MAX_LABEL = 16
# What ends the words directly before a number, and those behind it.
_PHRASE_STARTS = f"{CLAUSE_MARKS}:、"
_PHRASE_ENDS = f"{CLAUSE_MARKS}:、()"


def words_between(masked: MaskedSentence, number: int) -> str:
    """Masked text between a quantity and the one before it, or the start of the sentence."""
    start = masked.tokens[number - 1] + 1 if number else 0
    return masked.text[start : masked.tokens[number]]


def words_before(masked: MaskedSentence, number: int) -> str:
    """Masked text before a quantity, back to the last mark, quantity or the 和 of an enumeration."""
    lead = after_last(words_between(masked, number), _PHRASE_STARTS)
    return "" if number and CONJUNCTION_END.search(lead) else lead


def words_behind(masked: MaskedSentence, number: int) -> str:
    """Masked text behind a quantity, up to the next mark or quantity."""
    following = masked.tokens[number + 1] if number + 1 < len(masked.tokens) else len(masked.text)
    return before_first(masked.text[masked.tokens[number] + 1 : following], _PHRASE_ENDS)


def words_around(masked: MaskedSentence, number: int) -> str:
    """The words directly before and behind a quantity, within their clause."""
    return f"{words_before(masked, number)}{SIGN}{words_behind(masked, number)}"


def clause_of(masked: MaskedSentence, number: int) -> str:
    """The clause of a quantity, in which the quantity is ``N`` and any other is ``M``."""
    at = masked.tokens[number]
    first, stop = masked.clause(at, at + 1)
    return f"{masked.text[first:at]}N{masked.text[at + 1 : stop]}".replace(SIGN, "M")


def label_of(masked: MaskedSentence, number: int) -> str:
    """The noun that names an item of a list: before its number, or behind it when nothing stands before."""
    lead = _without_tail(LABEL_HEAD.sub("", printed_before(masked, number), count=1))
    noun = lead if len(lead) > 1 else _without_tail(words_behind(masked, number))
    return noun[-MAX_LABEL:]


def _without_tail(noun: str) -> str:
    """A noun without what leads from it to its number: "规范性文件的共有" → "规范性文件"."""
    while (stripped := _STRIPPED.get(noun[-1:])) is not None and noun.endswith(stripped):
        noun = noun.removesuffix(next(tail for tail in stripped if noun.endswith(tail)))
    return noun.removesuffix("的")


def printed_before(masked: MaskedSentence, number: int) -> str:
    """The words before a quantity as printed, with their parentheses: 市委(办)发文."""
    lead = words_before(masked, number)
    end = masked.tokens[number]
    return masked.unmasked(end - len(lead), end).replace(" ", "") if lead else ""


ZONES: Mapping[str, Callable[[MaskedSentence, int], str]] = {
    "phrase": words_around,
    "since": lambda masked, number: after_last(words_between(masked, number), THOUGHT_MARKS),
    "clause": clause_of,
    "unit": lambda masked, number: masked.quantities[number].unit,
    "sentence": lambda masked, _: masked.text,
}


def in_parentheses(masked: MaskedSentence, number: int) -> bool:
    """True when a quantity stands inside parentheses."""
    at = masked.tokens[number]
    return (opening := masked.text.rfind("(", 0, at)) >= 0 and opening > masked.text.rfind(")", 0, at)
