"""The indicator catalogue as the reader uses it: indicators, recognition rules, dimension values.

The tables are the CSV files of ``dbt_project/seeds`` (read by :mod:`pipelines.reference`); this module gives
them types and compiles the pattern language of the rules. Applying rules to sentences happens in
:mod:`pipelines.extraction.recognition`.

The pattern language is a regular expression over a masked sentence (:mod:`pipelines.extraction.masking`) with
these additions, so that an analyst can write a rule without knowing the machine:

====== ==========================================================================================
``N``  the quantity that the rule is about, with unit and qualifier (``近100个`` is one ``N``)
``M``  any other quantity
``~``  up to 24 characters within the clause, without another quantity
``{}`` a noun before or behind the quantity: ``{规范性文件}`` reads 规范性文件共39件 and 39件规范性文件
``Z``  in rules for zeros: a word that says none (无, 未发生, 没有 …)
====== ==========================================================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from pipelines.extraction.confidence import ConfidenceTable
from pipelines.extraction.flag_words import FLAG_WORDS
from pipelines.extraction.masking import SIGN
from pipelines.extraction.quantities import UnitTable
from pipelines.extraction.table_words import TableWords
from pipelines.extraction.words import PatternIndex

# What may stand between a noun and its number: "规范性文件共39件" "出庭率均达100%" "总数为583个" "案件由上年151件"
FILLER = (
    r"(?:的|总数|数量|数|量)?"
    r"(?:,共计|,共|共计|共有|总计|合计|累计|均达到|均达|均为|分别为|达到|达|共|均|有|为|约|近|仅|:)?"
    r"(?:了)?"
    rf"(?:[由从][^,;。:{SIGN}]{{0,8}})?"
)
# Words that say none: "无败诉案件" "未收到行政复议申请" "未发生一起诉讼"
ZERO_WORD = r"(?:未发生|没有发生|没有收到|未收到|未接到|未出现|未办理|没有|无|零|0)(?:一[件起例宗]?)?"
# One of these characters stands in every zero word.
ZERO_SIGNS = ("未", "没", "无", "零", "0")
ZONES_OF_SENTENCE = frozenset({"phrase", "since", "sentence"})
"""The zones of dimension values that are stretches of the masked sentence as it is."""
NO_UNIT = ""
"""The unit of a number whose unit is not said."""
GAP = rf"[^,;。:{SIGN}\n]{{0,24}}?"
# "{规范性文件}" but not the "{0,40}" of a regular expression
NOUN = re.compile(r"\{(?!\d)(?P<noun>[^{}]*)\}")
# "(行政)?": a group that captures would shift the groups that the rule needs
CAPTURING_GROUP = re.compile(r"(?<!\\)\((?!\?)")


class CatalogueError(ValueError):
    """A row of the catalogue tables that cannot be used; names table, row and value."""


@dataclass(frozen=True)
class Indicator:
    """One row of ``indicators.csv``, as far as reading needs it.

    ``shares_dimensions`` says that its dimension is that of the total it is part of (同上 in the table).
    """

    code: str
    domain: str
    part_of: str | None
    tier: str
    unit: str
    value_type: str
    has_dimensions: bool
    shares_dimensions: bool
    authority: str | None


@dataclass(frozen=True)
class Rule:
    """One row of ``indicator_rules.csv``: where its pattern matches, the quantity ``N`` is ``code``."""

    rule_id: str
    code: str
    pattern: re.Pattern[str]
    context: re.Pattern[str] | None
    forbid: re.Pattern[str] | None
    units: frozenset[str]
    dimension: str | None
    comparison: str | None
    example: str


class PreparedRule(NamedTuple):
    """A rule as it is applied to thousands of sentences, with what of it need not be looked up each time.

    ``targets`` are the groups of its pattern in which its quantity may stand, ``gaps`` those that take up words between
    the ones it names. Where the bits of ``forbid`` and ``context`` are not among the possible patterns of a sentence,
    they do not match in it.
    """

    rule: Rule
    search: Callable[..., re.Match[str] | None]
    units: frozenset[str]
    targets: tuple[int, ...]
    gaps: tuple[int, ...]
    forbid: re.Pattern[str] | None
    forbid_bit: int
    context: re.Pattern[str] | None
    context_bit: int


@dataclass(frozen=True)
class DimensionValue:
    """One row of ``dimension_values.csv``: how a value of a dimension is spelled for some indicators."""

    codes: frozenset[str]
    label: str
    pattern: re.Pattern[str]
    zone: str


@dataclass(frozen=True)
class Catalogue:
    """Indicators, the rules that recognise them, and what the signals of a recognition are worth.

    ``without`` names the rules of :mod:`pipelines.extraction.steps` that are left out, to see what they earn.
    """

    indicators: Mapping[str, Indicator]
    rules: Sequence[Rule]
    zero_rules: Sequence[Rule]
    dimensions: Sequence[DimensionValue]
    units: UnitTable
    confidence: ConfidenceTable
    table_words: TableWords
    without: frozenset[str] = frozenset()

    def leaving_out(self, names: Collection[str]) -> Catalogue:
        """The same catalogue without the rules of these names, be they rows of a table or code."""
        rules = tuple(rule for rule in self.rules if rule.rule_id not in names)
        zero_rules = tuple(rule for rule in self.zero_rules if rule.rule_id not in names)
        return replace(self, rules=rules, zero_rules=zero_rules, without=self.without | set(names))

    @cached_property
    def rules_by_id(self) -> Mapping[str, Rule]:
        """All rules, also those for zeros, by their id."""
        return {rule.rule_id: rule for rule in (*self.rules, *self.zero_rules)}

    @cached_property
    def dimensions_of(self) -> Mapping[str, Sequence[tuple[DimensionValue, int]]]:
        """The values of dimensions that each code can have, in order, each with the bit of its pattern in the index.

        A pattern that is looked for in other words than those of the sentence has all bits.
        """
        values: dict[str, list[tuple[DimensionValue, int]]] = {}
        for value in self.dimensions:
            for code in value.codes:
                values.setdefault(code, []).append((value, self._near.get(value.pattern, -1)))
        return values

    @cached_property
    def dimension_labels(self) -> Mapping[str, frozenset[str]]:
        """Labels of the dimensions that the table of values has for each code."""
        labels: dict[str, set[str]] = {}
        for value in self.dimensions:
            for code in value.codes:
                labels.setdefault(code, set()).add(value.label)
        return {code: frozenset(found) for code, found in labels.items()}

    @cached_property
    def tiers(self) -> Mapping[str, str]:
        """Tier of each code: core or extended."""
        return {code: indicator.tier for code, indicator in self.indicators.items()}

    @cached_property
    def index(self) -> PatternIndex:
        """The patterns of ``rules``, of ``zero_rules``, of what may stand near them, and the words of flags."""
        patterns = [rule.pattern for rule in (*self.rules, *self.zero_rules)]
        return PatternIndex([*patterns, *self._near], FLAG_WORDS)

    @cached_property
    def _near(self) -> Mapping[re.Pattern[str], int]:
        """What must or must not stand near a match, and the words of dimensions, each with its bit in the index."""
        rules = (*self.rules, *self.zero_rules)
        near = dict.fromkeys(pattern for rule in rules for pattern in (rule.forbid, rule.context) if pattern)
        near |= dict.fromkeys(value.pattern for value in self.dimensions if value.zone in ZONES_OF_SENTENCE)
        return {pattern: 1 << place for place, pattern in enumerate(near, start=len(rules))}

    @cached_property
    def prepared_rules(self) -> Sequence[PreparedRule]:
        """``rules``, prepared, in their order."""
        return [self._prepared(rule) for rule in self.rules]

    @cached_property
    def prepared_zero_rules(self) -> Sequence[PreparedRule]:
        """``zero_rules``, prepared, in their order."""
        return [self._prepared(rule) for rule in self.zero_rules]

    def _prepared(self, rule: Rule) -> PreparedRule:
        return PreparedRule(
            rule=rule,
            search=rule.pattern.search,
            units=rule.units,
            targets=_groups(rule.pattern, "n"),
            gaps=_groups(rule.pattern, "g"),
            forbid=rule.forbid,
            forbid_bit=self._near[rule.forbid] if rule.forbid else 0,
            context=rule.context,
            context_bit=self._near[rule.context] if rule.context else 0,
        )

    @cached_property
    def rules_of_unit(self) -> Mapping[str, int]:
        """The rules that take each unit, a bit for each by its place in ``rules``."""
        found: dict[str, int] = {}
        for place, rule in enumerate(self.rules):
            for unit in rule.units:
                found[unit] = found.get(unit, 0) | 1 << place
        return found

    @cached_property
    def of_any_unit(self) -> Catalogue:
        """The same catalogue for numbers whose unit is not said: its rules take them too, but for those of rates.

        Its patterns are the same in the same order, so what is possible in a sentence means the same for both.
        """
        rules = (rule if rule.units == {"%"} else replace(rule, units=rule.units | {NO_UNIT}) for rule in self.rules)
        return replace(self, rules=tuple(rules))

    def part_of(self, code: str) -> str | None:
        """The indicator whose count includes that of ``code``, None where there is none or for OTHER."""
        indicator = self.indicators.get(code)
        return indicator.part_of if indicator else None


def compile_pattern(source: str) -> re.Pattern[str]:
    """Compile a pattern of the rule language.

    In the result each gap is a group named ``g1``, ``g2`` …, each place of ``N`` or ``Z`` one named ``n1`` ….

    Raises:
        CatalogueError: when the pattern names no quantity or is no regular expression.
    """
    counter = iter(range(1, 1000))
    text = CAPTURING_GROUP.sub("(?:", source)
    text = NOUN.sub(lambda match: f"(?:{match['noun']}{FILLER}N|N的?{match['noun']})", text)
    parts: list[str] = []
    for char in text:
        if char == "~":
            parts.append(f"(?P<g{next(counter)}>{GAP})")
        elif char == "N":
            parts.append(f"(?P<n{next(counter)}>{SIGN})")
        elif char == "Z":
            parts.append(f"(?P<n{next(counter)}>{ZERO_WORD})")
        elif char == "M":
            parts.append(SIGN)
        else:
            parts.append(char)
    try:
        compiled = re.compile("".join(parts))
    except re.error as error:
        raise CatalogueError(f"pattern {source!r} is no regular expression: {error}") from error
    if not any(name.startswith("n") for name in compiled.groupindex):
        raise CatalogueError(f"pattern {source!r} names no quantity (N or Z)")
    return compiled


def compile_words(source: str) -> re.Pattern[str]:
    """Compile what must or must not stand around a match: the rule language, in which ``N`` is any quantity.

    Raises:
        CatalogueError: when ``source`` is no regular expression.
    """
    try:
        return re.compile(source.replace("~", GAP).replace("N", SIGN))
    except re.error as error:
        raise CatalogueError(f"words {source!r} are no regular expression: {error}") from error


def _groups(pattern: re.Pattern[str], initial: str) -> tuple[int, ...]:
    """Numbers of the named groups whose names begin with a letter."""
    return tuple(number for name, number in pattern.groupindex.items() if name.startswith(initial))
