"""What keeps a number out of the tidy table: plans, cumulative totals, proposals, other organs' figures.

Also the period a number speaks of and the body it belongs to. Each sign is a named pattern with an example;
which indicator the number is has been settled before.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from pipelines.extraction.catalogue import Catalogue
from pipelines.extraction.masking import CLAUSE_MARKS, SIGN, THOUGHT_MARKS, after_last
from pipelines.extraction.steps import Step
from pipelines.extraction.structure import Claim

# "力争办结率达到90%" "计划开展培训12次" "预计新增20家" "力争建成10个,确保出庭率达到100%"
PLANNED = re.compile(
    r"(?:力争|争取|预计|计划(?=开展|组织|完成|举办|培训|新增|建成|实现|到)|拟于|将于|目标是)[^;。]{0,60}$"
)
# "下一步,我市将…" "明年,将…" "今后五年": a sentence that turns to the future
FUTURE_SENTENCE = re.compile(r"^(?:下一步|下步|今后|明年|下一年|下阶段|接下来)")
# "2024年,力争…" in the report of 2023
YEAR_AT_START = re.compile(r"^(?P<year>(?:19|20)\d{2})年,")
# "累计办理128件"
CUMULATIVE = re.compile(r"累计(?!达标)")
# "全年累计办理" "今年累计" "2023年累计": the year's own running total
WITHIN_YEAR = re.compile(r"全年|今年|本年|年内|当年|年度|(?:19|20)\d{2}年(?!以来)(?!来)")
# "已归集企业登记信息46.8万条" "已汇集" "已录入": a stock grown over years
STOCKED = re.compile(r"已(?:归集|汇集|累计|采集)")
# "“两法衔接”信息共享平台运行以来," "2020年以来," "制度实施以来,": an adverbial clause of its own
SINCE = re.compile(r"(?:^|[,;])(?P<since>[^,;。]{2,30}?(?:以来|至今))[,:]")
# "2020年以来": the year from which a number counts
SINCE_YEAR = re.compile(r"(?P<year>(?:19|20)\d{2})年")
# "今年以来," "年初以来,": this year only
SINCE_THIS_YEAR = re.compile(r"今年|年初|本年|入[春夏秋冬]")
# "截至目前,共有33家": a date of reference, not a sum over years
AS_OF = re.compile(r"截[至止](?P<when>[^,;。]{1,14})[,;]")
# "拟废止6件" "拟修订21件" "拟修改完善的125份"; "拟办的58项" is a list of the year
PROPOSED = re.compile(
    r"(?<!草)(?<!模)拟(?:予以)?(?:废止|修改|修订|修改完善|取消|保留|下放|新增|调整|失效|清理|制定)[^,;。、]{0,6}$"
)
# "县人大常委会听取…" "全市法院审结…" "2023年,县人大听取…": another organ is the subject; not "提请市人大常委会…"
OTHER_SUBJECT = re.compile(
    r"^(?:(?:19|20)\d{2}年(?:度)?,?|全年,?|今年,?)?(?!提请|报请|接受|配合|经)(?:全?[省市州县区盟旗]|[一-鿿]{2,8}[省市县区])?"
    r"(?P<organ>人民法院|中级法院|法院|人民检察院|检察院|检察机关|人大常委会|人大|政协|监察机关|纪委监委|纪检监察机关)(?=[一-鿿])(?!代表|委员|建议|提案|机关|的)"
)
# ";法院审结…" ",县检察院共建议": the same at the head of a clause
OTHER_SUBJECT_IN_CLAUSE = re.compile(
    r"[,;](?:[省市州县区盟旗]|[一-鿿]{2,6}[省市县区])?(?P<organ>人民法院|法院|人民检察院|检察院|检察机关|人大常委会|人大)(?=共|已|全年|依法|办理|审结|发出|听取|开展|提出)"
)
# ",行政拘留44人" "、采取刑事强制措施58人": acts that only the police can do
POLICE_MEASURE = re.compile(r"行政拘留|刑事拘留|刑事强制措施|抓获|公安(?:机关)?(?:已)?立案")
# In the catalogue's column of authorities: the government's own figure, whoever the sentence's subject is.
OWN_FIGURE = "本机关"
# In the same column: the figure of the government above, which the sentence may name.
HIGHER_GOVERNMENT = "上级政府"
# "向省政府提出答复意见" "答复省政府受理的": the reviewing organ of the level above
REVIEWING_ORGAN = re.compile(r"(?P<organ>[省市州](?:人民)?政府|司法部|国务院)")
# "市本级行政许可事项" "全市" "区直部门" "县(区)政府": whose figure it is; "向市政府报备" names the receiver
SCOPE = re.compile(
    r"(?<![向报经由除送、])(?:市本级|县本级|区本级|区政府本级|县政府本级|市政府本级|本级|省级|市级部门|县级部门|区级部门|区直部门|县直部门|市直部门|市级|县级|"
    r"全省|全市|全县|全区|全州|全旗|市政府法制办|区政府法制办|县政府法制办|市政府|县政府|区政府)"
)
# "龙泉镇设立…" "新城街道办理…" at the head of a clause: a township inside a county
TOWNSHIP_SUBJECT = re.compile(
    r"(?:^|[,;])(?P<name>[一-鿿]{2,5}?(?:镇|乡|街道))(?=在|共|已|建立|设立|成立|开展|办理|办结|全年)"
)


@dataclass(frozen=True)
class Flags:
    """Everything beside value, unit and indicator that decides what a number may be used for.

    ``steps`` are the rules of :data:`~pipelines.extraction.steps.FLAG_RULES` that set a flag, with their words.
    """

    is_plan: bool
    is_cumulative: bool
    is_proposed: bool
    period_type: str
    period_value: str | None
    scope: str | None
    authority: str | None
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Setting:
    """Where a claim stands: the part of the report, the sentences before it, the reporting year and region."""

    part: str
    before: str
    report_year: int | None
    lower_units: Collection[str]


def flag(claim: Claim, setting: Setting, catalogue: Catalogue) -> Flags:
    """Judge one claim; for items of a list the words before their first item count too."""
    without = catalogue.without
    lead = claim.masked.text[: _index(claim)]
    clause = after_last(lead, THOUGHT_MARKS)
    plan = _plan(lead, setting, without)
    since = _since(claim, lead, setting.report_year) if "since" not in without else None
    cumulative = None if claim.comparison == "growth" else _cumulative(claim, lead, since, without)
    proposed = _proposed(lead, without)
    period_type, period_value = _period(claim, setting.report_year, since, is_plan=plan is not None)
    scope = _scope(claim, clause, setting.lower_units, without)
    authority, organ = _authority(claim, lead, setting.before, catalogue)
    return Flags(
        is_plan=plan is not None,
        is_cumulative=cumulative is not None,
        is_proposed=proposed is not None,
        period_type=period_type,
        period_value=period_value,
        scope=scope.words if scope is not None else None,
        authority=organ,
        steps=tuple(sign for sign in (plan, cumulative, proposed, scope, authority) if sign is not None),
    )


def _plan(lead: str, setting: Setting, without: Collection[str]) -> Step | None:
    """What makes a number a plan: the part of the report, or words before it."""
    if setting.part == "plan" and "plan_part" not in without:
        return Step("plan_part", setting.part)
    for rule, pattern in (("planned_words", PLANNED), ("future_sentence", FUTURE_SENTENCE)):
        found = pattern.search(lead)
        if found is not None and rule not in without:
            return Step(rule, found.group())
    named = YEAR_AT_START.search(lead)
    is_next = named is not None and setting.report_year is not None and int(named["year"]) == setting.report_year + 1
    if named is not None and is_next and "next_year_sentence" not in without:
        return Step("next_year_sentence", named.group())
    return None


def _cumulative(claim: Claim, lead: str, since: str | None, without: Collection[str]) -> Step | None:
    """What makes a number a sum over years."""
    if since is not None:
        return Step("since", since)
    counted = _counts_up(claim, lead) if "counts_up" not in without else None
    if counted is not None:
        return Step("counts_up", counted)
    stocked = STOCKED.search(after_last(lead, THOUGHT_MARKS)) if "stocked" not in without else None
    return Step("stocked", stocked.group()) if stocked is not None else None


def _proposed(lead: str, without: Collection[str]) -> Step | None:
    """What makes a number a proposal."""
    found = PROPOSED.search(after_last(lead, f"{CLAUSE_MARKS}、{SIGN}")) if "proposed_words" not in without else None
    return Step("proposed_words", found.group()) if found is not None else None


def _index(claim: Claim) -> int:
    """Index of a claim's quantity (or zero word) in its masked sentence."""
    if claim.is_zero:
        return claim.masked.index_of(claim.quantity.start)
    return claim.masked.tokens[claim.number]


def _since(claim: Claim, lead: str, report_year: int | None) -> str | None:
    """The words, as printed, that say since when a number counts, unless that is the reporting year itself."""
    for match in SINCE.finditer(lead):
        year = SINCE_YEAR.search(match["since"])
        is_this_year = year is not None and report_year is not None and int(year["year"]) >= report_year
        if not is_this_year and not SINCE_THIS_YEAR.search(match["since"]):
            return claim.masked.unmasked(*match.span("since"))
    return None


def _counts_up(claim: Claim, lead: str) -> str | None:
    """The 累计 of the clause, or of that of the total, unless a word makes it the year's own total."""
    if WITHIN_YEAR.search(lead):
        return None
    found = CUMULATIVE.search(after_last(lead, CLAUSE_MARKS))
    if found is not None:
        return found.group()
    parent = claim.parent
    return _counts_up(parent, parent.masked.text[: _index(parent)]) if parent is not None else None


def _period(claim: Claim, year: int | None, since: str | None, *, is_plan: bool) -> tuple[str, str | None]:
    """Type and value of the period; a value before a change keeps the reporting year in which it changed."""
    if claim.comparison == "prior_year":
        return "year", str(year - 1) if year else None
    if claim.comparison == "before":
        return "before_change", str(year) if year else None
    if since is not None:
        return ("since" if claim.comparison == "growth" else "cumulative_since"), since
    if is_plan:
        return "year", str(year + 1) if year else None
    as_of = AS_OF.search(claim.masked.text[: _index(claim)])
    if as_of is not None and year is None:
        return "as_of", as_of["when"]
    return "year", str(year) if year else None


def _scope(claim: Claim, clause: str, lower_units: Collection[str], without: Collection[str]) -> Step | None:
    """Whose figure it is, as the clause says: a lower unit by name, else the nearest word of scope."""
    heads = clause.replace(";", ",").split(",")
    named = [name for name in lower_units if any(head.startswith(name) for head in heads)]
    if named and "lower_unit" not in without:
        return Step("lower_unit", max(named, key=len))
    township = TOWNSHIP_SUBJECT.search(clause) if "township_subject" not in without else None
    if township is not None:
        return Step("township_subject", township["name"])
    found = SCOPE.findall(clause) if "scope_words" not in without else []
    if found:
        return Step("scope_words", found[-1])
    total = claim.parent
    if total is None or "scope_of_total" in without:
        return None
    clause = after_last(total.masked.text[: _index(total)], THOUGHT_MARKS)
    inherited = _scope(total, clause, lower_units, without)
    return Step("scope_of_total", inherited.words) if inherited is not None else None


def _authority(claim: Claim, lead: str, before: str, catalogue: Catalogue) -> tuple[Step | None, str | None]:
    """The other organ whose figure it is, and why: by the indicator's nature, else by the subject of the sentence."""
    without = catalogue.without
    indicator = catalogue.indicators.get(claim.code)
    if indicator is not None and indicator.authority == OWN_FIGURE:
        return None, None
    if indicator is not None and indicator.authority:
        organs = [match["organ"] for match in REVIEWING_ORGAN.finditer(before + lead)]
        higher = [organ for organ in organs if not organ.startswith("市") or "省政府" not in organs]
        if indicator.authority == HIGHER_GOVERNMENT and higher and "reviewing_organ" not in without:
            return Step("reviewing_organ", higher[-1]), higher[-1]
        if "authority_of_indicator" not in without:
            return Step("authority_of_indicator", indicator.authority), indicator.authority
    police = POLICE_MEASURE.search(after_last(lead, CLAUSE_MARKS + SIGN)) if "police_measure" not in without else None
    if police is not None:
        return Step("police_measure", police.group()), "公安机关"
    if "other_subject" in without:
        return None, None
    subject = OTHER_SUBJECT.search(lead) or OTHER_SUBJECT_IN_CLAUSE.search(lead)
    return (Step("other_subject", subject.group()), subject["organ"]) if subject else (None, None)
