"""How the quantities of a sentence hang together: lists, parts of a total, shares, before-and-after pairs.

Takes each quantity's own matches from :mod:`pipelines.extraction.recognition` and settles its indicator,
dimension and parent from its place among the others. Flags such as plan or cumulative are not set here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from pipelines.extraction.catalogue import Catalogue
from pipelines.extraction.masking import (
    CLAUSE_MARKS,
    SIGN,
    MaskedSentence,
)
from pipelines.extraction.quantities import Quantity
from pipelines.extraction.recognition import Match
from pipelines.extraction.respectively import NAME_SEPARATOR, find_rows
from pipelines.extraction.steps import Step
from pipelines.extraction.surroundings import MAX_LABEL, ZONES, in_parentheses, label_of, words_before, words_between

OTHER = "OTHER"

# "696件,其中行政规范性文件39件" "583个,包括…" "3687项,按类别分:行政许可198项": what follows is part of what went before
LIST_OPENER = re.compile(r"其中|包括|分别为|分别是|^[,(]?[^,;。:()]{0,8}:|^,?含(?!义)")
# One of these characters stands in every such opener.
LIST_SIGN = re.compile("[:其包分含]")
# "、县(区)" "和11个乡镇" "以及5个园区": the next item of an enumeration
ENUMERATION = re.compile(r"^(?P<head>[^,;。:]{0,8})(?:、|和|及|与|以及)(?P<noun>[^,;。:]{0,24})$")
# ",占评查案卷的14%" "(占79%" ",不合格案卷占4.2%": a share of the quantity before it, or of the one of that name
SHARE = re.compile(r"^[,(、]?(?P<noun>[^,;。占:]{0,8}?)(?:约|已|共)?占[^,;。]*$")
# "由230项调整为219项" "由试点前的513名增加到581名" "从20%提高至35%"
PAIR_LINK = re.compile(
    r"^(?:左右)?(?:,)?(?:调整|增加|增长|减少|上升|下降|提高|提升|降低|缩短|压缩|压减|精简|扩大|扩展|猛增|骤增|剧增|扩充|扩容|壮大|发展|跃升|攀升|回落|突破|升|降|减|增)(?:了)?(?:为|到|至|成)?(?:的)?$"
)
# Characters of the longest such link: "左右,调整了为的".
LONGEST_LINK = 8
# "由" or "从" before the first number of a pair, with what names the time: "由去年的" "由试点前的"
PAIR_HEAD = re.compile(r"(?:由|从)(?P<when>[^,;。:]{0,10})$")
# "由去年的17%上升为24.5%"
LAST_YEAR = re.compile(r"去年|上年|上一年")
# "198项,比2014年底的236项减少16.1%": the value of an earlier year that the number before is held against
EARLIER_VALUE = re.compile(r"^,?[比较](?:(?:19|20)\d{2}年(?:底|末)?|上年|去年|上一年)(?:同期)?(?:的)?$")
# ",同比增长34.48%" "较上年下降2个百分点" ",增幅达60.9%" "比上一年多了18项"
GROWTH = re.compile(
    r"(?:同比|环比|较上年|比上年|较去年|比去年|较上一年|比上一年|同期)?(?:分别)?"
    r"(?:增长|上升|下降|减少|增加|提高|降低|增幅|降幅|提升|(?<=年)[多少增减]|(?<=同期)[多少增减])(?:了|达到?|为|约)?$"
)
# The last characters of its words.
GROWTH_ENDS = frozenset("长升降少加高低幅了为约达到多增减")
# "备案文件中," "上述案件中:": takes up a total named before
ANAPHORA = re.compile(rf"^[^,;。:{SIGN}]{{2,12}}中[,:]")
# "16个市级部门有8个落实": a number out of the one before it
OUT_OF = re.compile(r"^[^,;。:、]{0,10}(?:中)?有$")
# ",共对203件文件提出了修改意见": 共 returns from the items to the total
BACK_TO_TOTAL = re.compile(r"(?:^|[,;])(?:共|总计|合计)")
# ",同比分别增长": growth rates in a row, of the quantities before them in order
GROWTH_IN_ORDER = re.compile(r"分别(?:增长|上升|下降|减少|增加|提高|降低)(?:了)?$")
# ",新增39份": additions are no part of what was reviewed
ADDITION = re.compile(r"新增[^,;。]{0,6}$")
# The word "件" counts what "份" and "宗" count: a list may change between them.
_PIECES = frozenset({"件", "份", "宗", "卷", "个", "起", "部", "项", "本", "张", "条", "次", "家"})


@dataclass(slots=True, eq=False)
class Claim:
    """What is known so far about one quantity; ``parent`` and the like point to other claims.

    ``fitting`` holds all rules that fit the number itself, best first, also when the claim is settled otherwise.
    ``steps`` are the rules of :data:`~pipelines.extraction.steps.STRUCTURE_RULES` that settled it, in order.
    """

    quantity: Quantity
    masked: MaskedSentence
    number: int
    code: str = OTHER
    rule: str = "no_rule"
    units: frozenset[str] = frozenset()
    score: float = 0.0
    context_place: str = "nowhere"
    dimension: str | None = None
    parent: Claim | None = None
    comparison: str | None = None
    is_zero: bool = False
    fitting: Sequence[Match] = ()
    steps: tuple[Step, ...] = ()
    name: str | None = None

    @property
    def label(self) -> str | None:
        """The noun that names the number as an item of a list: the name it was given, else from the words near it."""
        if self.name is None and not self.is_zero:
            self.name = label_of(self.masked, self.number)
        return self.name or None

    def step(self, rule: str, words: str) -> None:
        """Note that a rule of structure applied."""
        self.steps += (Step(rule, words),)


class SentenceReader:
    """Settles the claims of one paragraph, sentence after sentence."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._without = catalogue.without
        self._totals: dict[str, Claim] = {}
        self._latest: dict[str, Claim] = {}
        self._sentence: Sequence[Claim] = ()
        self._head: Claim | None = None

    def start_paragraph(self) -> None:
        """Forget the totals named so far: a part never belongs to a total of another paragraph."""
        self._totals, self._latest = {}, {}

    def read(self, masked: MaskedSentence, matches: Sequence[Sequence[Match]]) -> list[Claim]:
        """Settle the quantities of one sentence.

        Args:
            masked: the sentence.
            matches: for each quantity the rules that fit it, best first.

        Returns:
            One claim for each quantity, in order.
        """
        claims = [
            Claim(quantity, masked, number, fitting=matches[number])
            for number, quantity in enumerate(masked.quantities)
        ]
        self._sentence, self._head = claims, None
        anaphora = ANAPHORA.match(masked.text) if self._latest and "taken_up" not in self._without else None
        for number, claim in enumerate(claims):
            own = matches[number][0] if matches[number] else None
            previous = claims[number - 1] if number else None
            between = words_between(masked, number)
            if previous is not None and "pair" not in self._without and _is_pair(previous, between):
                self._settle_pair(previous, claim, matches)
            elif previous is None or not self._relate_to_previous(claim, previous, between, own):
                self._settle(claim, claims[:number], own, between)
                if anaphora is not None:
                    self._take_up(claim, anaphora.group())
        if "in_order" not in self._without:
            self._name_in_order(claims)
            self._grow_in_order(claims)
        self._latest |= {claim.code: claim for claim in claims}
        self._totals |= {claim.code: claim for claim in claims if not claim.comparison}
        return claims

    def _settle(self, claim: Claim, earlier: Sequence[Claim], own: Match | None, between: str) -> None:
        """Settle a quantity as an item of an open list, by its own rule, or after the one before it."""
        enclosing = _enclosing(earlier, claim.masked, claim.number) if "parenthesis" not in self._without else None
        if enclosing is not None and own is None and _same_kind(claim.quantity, enclosing.quantity):
            claim.step("parenthesis", between)
            self._settle_in_list(claim, enclosing, earlier, own, between)
            return
        opened, self._head = self._head, self._list_head(claim, earlier, own, between)
        if (
            self._head is None
            and opened is not None
            and own is not None
            and self._continues(between, None, opened, claim)
        ):
            self._head = opened
            self._settle_by_rule(claim, own)
            claim.parent = self._total_of(claim, earlier, between)
        elif self._head is not None:
            self._settle_in_list(claim, self._head, earlier, own, between)
        elif self._is_out_of(claim, earlier, between):
            claim.step("out_of", between)
            self._adopt(claim, earlier[-1], "out_of")
            claim.parent = earlier[-1]
        elif own is not None:
            self._settle_by_rule(claim, own)
            claim.parent = self._total_of(claim, earlier, between)
            self._share_dimension(claim)
        elif earlier and "enumeration" not in self._without:
            self._settle_as_sibling(claim, earlier[-1], between)

    def _is_out_of(self, claim: Claim, earlier: Sequence[Claim], between: str) -> bool:
        """True for 8个 in "16个市级部门有8个落实": a number out of the one before it."""
        is_worded = bool(earlier) and OUT_OF.match(between) is not None and "out_of" not in self._without
        return is_worded and _same_kind(claim.quantity, earlier[-1].quantity)

    def _list_head(self, claim: Claim, earlier: Sequence[Claim], own: Match | None, between: str) -> Claim | None:
        """The total whose list is open at a quantity: one that opens here, or one that goes on."""
        may_open = earlier and LIST_SIGN.search(between) is not None and "list_opener" not in self._without
        opener = LIST_OPENER.search(between) if may_open else None
        if opener is not None:
            head = _last_total(earlier, claim)
            if head.quantity.value_type == "ratio" and claim.quantity.value_type != "ratio":
                return None
            claim.step("list_opener", opener.group())
            return head
        goes_on = self._head is not None and "list_continues" not in self._without
        if goes_on and self._head is not None and self._continues(between, own, self._head, claim):
            claim.step("list_continues", between)
            return self._head
        return None

    def _named(self, noun: str, previous: Claim) -> Claim:
        """The claim just read whose label is ``noun``, else the one before."""
        row = [item for item in (*self._sentence, previous) if noun and item.label == noun]
        return row[-1] if row else previous

    def _relate_to_previous(self, claim: Claim, previous: Claim, between: str, own: Match | None) -> bool:
        """Settle shares and growth rates, which speak of the quantity before them."""
        is_ratio = claim.quantity.value_type == "ratio"
        may_share = is_ratio and own is None and "占" in between and "share" not in self._without
        share = SHARE.search(between) if may_share else None
        if share is not None:
            claim.step("share", between)
            whole = self._named(share["noun"], previous)
            self._adopt(claim, whole, "share")
            claim.parent = whole.parent
            return True
        is_compared = "比" in between or "较" in between
        is_earlier = is_compared and EARLIER_VALUE.match(between) is not None and "earlier_value" not in self._without
        if is_earlier and _same_kind(claim.quantity, previous.quantity):
            claim.step("earlier_value", between)
            self._adopt(claim, previous, "earlier_value")
            claim.comparison = "prior_year"
            return True
        is_row = previous.comparison == "growth" and "growth_row" not in self._without
        if is_row and is_ratio and own is None and NAME_SEPARATOR.fullmatch(between):
            claim.step("growth_row", between)
            self._adopt(claim, previous, "growth")
            claim.comparison = "growth"
            return True
        may_grow = between[-1:] in GROWTH_ENDS and "growth" not in self._without
        growth = GROWTH.search(between) if may_grow else None
        if growth is not None and (own is None or own.rule.code == previous.code or is_ratio):
            claim.step("growth", growth.group())
            if own is not None and own.rule.comparison == "growth":
                self._settle_by_rule(claim, own)
            else:
                self._adopt(claim, previous, "growth")
            claim.comparison = "growth"
            return True
        return False

    def _continues(self, between: str, own: Match | None, head: Claim, claim: Claim) -> bool:
        """True while an open list goes on: a known part of the head, or a short item of the same kind."""
        if own is not None:
            if self._catalogue.part_of(own.rule.code) is not None or own.rule.code == head.code:
                return True
            return "、" in between and not any(mark in between for mark in CLAUSE_MARKS)
        noun = between.lstrip(",;、:")
        if len(noun) > MAX_LABEL or "。" in between:
            return False
        return _same_kind(claim.quantity, head.quantity)

    def _settle_in_list(
        self, claim: Claim, head: Claim, earlier: Sequence[Claim], own: Match | None, between: str
    ) -> None:
        """Settle an item of a list: a known part of the head, the head's indicator by dimension, or its own."""
        part_of = self._catalogue.part_of(own.rule.code) if own else None
        if own is not None and part_of == head.code:
            self._settle_by_rule(claim, own)
            claim.parent = self._subtotal(claim, head, earlier, between)
            self._share_dimension(claim)
        elif own is not None and (
            part_of is None or head.code == OTHER or not _same_kind(claim.quantity, head.quantity)
        ):
            self._settle_by_rule(claim, own)
            claim.parent = head if _same_kind(claim.quantity, head.quantity) else None
            if own.rule.code == head.code:
                claim.dimension = self._dimension_in_list(claim, head)
        elif head.code != OTHER and _same_kind(claim.quantity, head.quantity):
            self._adopt(claim, head, "list_item")
            claim.dimension = self._dimension_in_list(claim, head)
            claim.parent = head
        else:
            claim.parent = head
            claim.rule = "list_item"

    def _subtotal(self, claim: Claim, head: Claim, earlier: Sequence[Claim], between: str) -> Claim:
        """The total a part belongs to: the sub-total its words name, else the one spoken of last, else the head."""
        if BACK_TO_TOTAL.search(between) or "subtotal" in self._without:
            return head
        subtotals = [item for item in earlier if item.parent is head and item.code == head.code]
        named = [item for item in subtotals if item.label and item.label in between]
        if named:
            claim.step("subtotal", between)
            return max(named, key=lambda item: len(item.label or ""))
        part_codes = {item.code for item in earlier if self._catalogue.part_of(item.code) == head.code}
        if not part_codes and sum(item.quantity.value for item in subtotals) == head.quantity.value:
            return head
        last = earlier[-1]
        spoken_of = last if last.code == self._catalogue.part_of(claim.code) and last in subtotals else None
        if spoken_of is None and last.parent in subtotals:
            spoken_of = last.parent
        if spoken_of is not None:
            claim.step("subtotal", between)
        return spoken_of or head

    def _settle_by_rule(self, claim: Claim, match: Match) -> None:
        """Take over what a rule says."""
        claim.code = match.rule.code
        claim.rule = match.rule.rule_id
        claim.units = match.rule.units
        claim.score = match.score
        claim.context_place = match.context_place
        claim.comparison = match.rule.comparison
        claim.dimension = match.rule.dimension or self._listed_dimension(claim)

    def _share_dimension(self, claim: Claim) -> None:
        """Give a part the dimension of its total where the catalogue says that they share it."""
        indicator = self._catalogue.indicators[claim.code]
        is_shared = indicator.shares_dimensions and "shared_dimension" not in self._without
        if claim.parent is not None and is_shared and not claim.dimension:
            claim.step("shared_dimension", claim.parent.dimension or "")
            claim.dimension = claim.parent.dimension

    def _settle_as_sibling(self, claim: Claim, previous: Claim, between: str) -> None:
        """Give an item of an enumeration the indicator of the item before it, where that has dimensions."""
        indicator = self._catalogue.indicators.get(previous.code)
        if indicator is None or not indicator.has_dimensions or previous.comparison in ("before", "prior_year"):
            return
        is_same_act = between == "、" and claim.quantity.unit in previous.units
        if is_same_act or (ENUMERATION.match(between) and _same_kind(claim.quantity, previous.quantity)):
            claim.step("enumeration", between)
            self._adopt(claim, previous, "enumeration")
            claim.comparison = previous.comparison
            claim.dimension = self._listed_dimension(claim) or claim.label
            claim.parent = previous.parent

    def _adopt(self, claim: Claim, other: Claim, how: str) -> None:
        """Give a claim the indicator and dimension of another."""
        claim.code, claim.dimension = other.code, other.dimension
        claim.rule = f"{how}:{other.rule}" if other.code != OTHER else how
        claim.units, claim.score, claim.context_place = other.units, other.score, other.context_place

    def _dimension_in_list(self, claim: Claim, head: Claim) -> str | None:
        """The dimension of an item that splits its head: a value of the table, else its label below the head's own."""
        listed = self._listed_dimension(claim, within_list=True)
        if listed is not None or not head.dimension or not claim.label:
            return listed or claim.label
        return f"{head.dimension}/{claim.label}"

    def _listed_dimension(self, claim: Claim, *, within_list: bool = False) -> str | None:
        """The value of a dimension that the words near a quantity spell, by the table of values.

        The table's zones: ``phrase`` the words directly around the number, ``since`` all since the number or
        semicolon before it, ``clause`` its clause with the number as ``N`` and others as ``M``, ``unit`` the
        unit, ``sentence`` the whole sentence, which speaks for totals but not for items of a list.
        """
        zones: dict[str, str] = {}
        possible = claim.masked.possible
        for value, bit in self._catalogue.dimensions_of.get(claim.code, ()):
            if not possible & bit or (within_list and value.zone == "sentence"):
                continue
            if value.zone not in zones:
                zones[value.zone] = ZONES[value.zone](claim.masked, claim.number)
            if value.pattern.search(zones[value.zone]):
                return value.label
        return None

    def _total_of(self, claim: Claim, earlier: Sequence[Claim], between: str) -> Claim | None:
        """The total that a part counts towards: the nearest one in the sentence, else in the paragraph."""
        total = self._catalogue.part_of(claim.code)
        if total is None or ADDITION.search(between) or "part_of_total" in self._without:
            return None
        whole = next((item for item in reversed(earlier) if item.code == total and not item.comparison), None)
        whole = whole or self._totals.get(total)
        if whole is not None:
            claim.step("part_of_total", total)
        return whole

    def _take_up(self, claim: Claim, words: str) -> None:
        """Make a claim part of the one of the same indicator that the paragraph named last."""
        same = self._latest.get(claim.code) if claim.code != OTHER else None
        if same is not None and claim.label:
            claim.step("taken_up", words)
            claim.dimension = self._listed_dimension(claim) or claim.label
            claim.parent = same

    def _settle_pair(self, first: Claim, second: Claim, matches: Sequence[Sequence[Match]]) -> None:
        """Settle "由230项调整为219项": the first number is the value before, both are the same indicator."""
        when = PAIR_HEAD.search(words_before(first.masked, first.number))
        is_last_year = when is not None and LAST_YEAR.search(when["when"]) is not None
        both = [match for claim in (first, second) for match in matches[claim.number][:1]]
        best = max(both, key=lambda match: match.score, default=None)
        for claim in (first, second):
            if best is not None and claim.quantity.unit in best.rule.units:
                self._settle_by_rule(claim, best)
            claim.parent = None
            claim.step("pair", f"{when.group() if when else ''}…{words_between(second.masked, second.number)}")
        first.comparison = "prior_year" if is_last_year else "before"

    def _name_in_order(self, claims: Sequence[Claim]) -> None:
        """Give the numbers behind 分别 the names before it, in order, where there are as many of both."""
        for row in find_rows(claims[0].masked) if claims else ():
            for item, name in zip(claims[row.first :], row.names, strict=False):
                values = self._catalogue.dimensions_of.get(item.code, ())
                listed = (value.label for value, _ in values if value.pattern.search(name))
                item.name, item.dimension = name, next(listed, name[-MAX_LABEL:])
                item.step("in_order", f"{name}分别{row.verb}")

    def _grow_in_order(self, claims: Sequence[Claim]) -> None:
        """Give growth rates in a row to as many quantities before them, in order: 分别增长15%、22.9%和9.7%."""
        for position, claim in enumerate(claims) if claims and "分别" in claims[0].masked.text else ():
            found = GROWTH_IN_ORDER.search(words_between(claim.masked, claim.number))
            if found is None or claim.quantity.value_type != "ratio":
                continue
            behind = claims[position + 1 :]
            joined = takewhile(lambda item: NAME_SEPARATOR.fullmatch(words_between(item.masked, item.number)), behind)
            row = [claim, *joined]
            grown = [item for item in claims[:position] if item.quantity.value_type != "ratio" and not item.comparison]
            if len(row) < 2 or len(grown) < len(row):
                continue
            for rate, whole in zip(row, grown[-len(row) :], strict=True):
                self._adopt(rate, whole, "growth")
                rate.comparison, rate.parent = "growth", None
                rate.step("in_order", found.group())


def _is_pair(first: Claim, between: str) -> bool:
    """True for two numbers joined as before and after, with the words between them: 由230项调整为219项."""
    return (
        len(between) <= LONGEST_LINK
        and PAIR_LINK.match(between) is not None
        and PAIR_HEAD.search(words_before(first.masked, first.number)) is not None
    )


def _last_total(claims: Sequence[Claim], part: Claim) -> Claim:
    """The last claim before a part outside parentheses that is no share or growth rate; the very last when all are."""
    for claim in reversed(claims):
        is_aside = claim.comparison == "growth" and part.quantity.value_type != "ratio"
        is_aside = is_aside or claim.rule.startswith(("share", "growth"))
        if not is_aside and not in_parentheses(part.masked, claim.number):
            return claim
    return claims[-1]


def _enclosing(claims: Sequence[Claim], masked: MaskedSentence, number: int) -> Claim | None:
    """The quantity directly before the parenthesis in which quantity ``number`` stands, if there is one."""
    if not in_parentheses(masked, number):
        return None
    opening = masked.text.rfind("(", 0, masked.tokens[number])
    before = [claim for claim in claims if masked.tokens[claim.number] < opening]
    return before[-1] if before and masked.tokens[before[-1].number] == opening - 1 else None


def _same_kind(one: Quantity, other: Quantity) -> bool:
    """True when two quantities can be items of one list: the same unit, or both pieces of something."""
    return one.unit == other.unit or {one.unit, other.unit} <= _PIECES
