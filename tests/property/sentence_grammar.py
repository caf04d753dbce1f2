"""A grammar of the sentences in which reports state numbers: each strategy gives a text and what must be read in it.

Numbers (plain, separated, full-width, decimal, with 万 or 亿, percentages in words, numerals in characters where
these are read), words that soften them, ranges, pairs of before and after, money, nouns before and behind, lists,
and what stands around sentences. ``FAZHI_PROPERTY=deep`` tries many more sentences, other ones each time.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from pipelines.reference import load_reference

DEEP = os.environ.get("FAZHI_PROPERTY") == "deep"


def tries(count: int) -> settings:
    """Settings of a test that tries so many sentences, always the same; in the deep profile fifty times as many."""
    return settings(
        max_examples=count * 50 if DEEP else count,
        derandomize=not DEEP,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )


@dataclass(frozen=True)
class Stated:
    """What must be read of one number: value and end of range in base units, unit, and the word that softens it."""

    value: float
    value_max: float | None
    unit: str
    qualifier: str


@dataclass(frozen=True)
class Phrase:
    """A piece of text and what it states, in order."""

    text: str
    stated: tuple[Stated, ...] = ()

    def __add__(self, other: Phrase | str) -> Phrase:
        more = Phrase(other) if isinstance(other, str) else other
        return Phrase(self.text + more.text, self.stated + more.stated)


def join(mark: str, phrases: Sequence[Phrase]) -> Phrase:
    """The phrases in a row with a mark between them."""
    whole = phrases[0]
    for phrase in phrases[1:]:
        whole = whole + mark + phrase
    return whole


TYPES = load_reference().catalogue.units.value_types
# Full-width digits and signs, as they are typed in Chinese documents.
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
# Numbers of these are deadlines, round-the-clock idioms or money bounds in some arrangements; see ``MEASURED``.
BOUNDED = frozenset({"元", "天", "小时", "工作日", "个工作日", "分钟"})
RATIOS = ("%", "‰", "个百分点", "百分点", "倍")
COUNTED = sorted(unit for unit, kind in TYPES.items() if kind == "count")
MEASURED = sorted(unit for unit, kind in TYPES.items() if kind == "amount" and unit not in BOUNDED)

HEADINGS = (
    "健全依法行政制度体系",
    "严格规范公正文明执法",
    "深化“放管服”改革",
    "依法有效化解社会矛盾纠纷",
    "强化对行政权力的制约和监督",
    "提升行政执法人员法治素养",
)
# What may stand behind a number and its unit as the thing that is counted.
NOUNS_BEHIND = {
    "件": ("行政复议案件", "规范性文件", "人大代表建议", "的行政诉讼案件"),
    "项": ("行政权力事项", "重大行政决策", "目标任务", "制度"),
    "个": ("行政村", "部门", "人民调解委员会", "体系", "体验区", "人大代表联络站", "公共法律服务站"),
    "条": ("意见建议", "线索", "法律服务热线咨询"),
    "名": ("行政执法人员", "法律顾问", "公职律师"),
    "家": ("企业", "单位", "律师事务所"),
    "起": ("矛盾纠纷", "案件"),
    "场次": ("法治讲座", "宣传活动"),
    "份": ("执法文书", "宣传资料"),
    "支": ("执法队伍", "普法志愿服务队"),
    "部": ("地方性法规", "规章"),
    "人": ("参加考试", "取得执法证件"),
}
SUBJECTS = (
    "全市共受理行政复议案件",
    "办理行政处罚案件",
    "开展执法检查",
    "全年完成",
    "审查重大合同",
    "化解矛盾纠纷",
    "清理规范性文件",
    "组织培训",
    "“双随机、一公开”抽查",
    "印发《关于加强行政执法监督的意见(2021—2025年)》后,新增",
    "发放宣传资料",
)
LEADS = (
    "",
    "2023年,",
    "今年以来,",
    "截至2023年12月31日,",
    "根据《法治政府建设实施纲要(2021-2025年)》,",
    "按照县政发〔2023〕5号文件要求,",
    "一是深化“放管服”改革,",
    "(一)",
    "在“12345”热线办理方面,",
    "第3季度,",
)
FILLERS = ("", "", "共", "共计", "达", "达到", "为", "的有", "了", ":", " ")
TAILS = ("。", ",成效明显。", ";", ",并向社会公布。", "(含上年结转案件)。", ",比上年明显增加。")


@st.composite
def numbers(draw: st.DrawFn, *, fraction: bool = True) -> tuple[str, float]:
    """A number in digits as printed, and its value in base units."""
    form = draw(st.sampled_from(("plain", "plain", "separated", "decimal", "scaled", "spaced")))
    if form == "decimal" and fraction:
        whole, places = draw(st.integers(0, 99_999)), draw(st.integers(1, 2))
        digits = f"{whole}.{draw(st.integers(1, 10**places - 1)):0{places}d}"
        return digits, float(digits)
    if form in ("scaled", "spaced"):
        scale, factor = draw(st.sampled_from((("万", 10**4), ("亿", 10**8), ("百万", 10**6), ("千万", 10**7))))
        hundredths = draw(st.integers(1, 9999))
        digits = f"{hundredths / 100:.2f}".rstrip("0").rstrip(".")
        return f"{digits}{' ' if form == 'spaced' else ''}{scale}", hundredths * factor / 100
    value = draw(st.integers(1, 10**7))
    return (f"{value:,}" if form == "separated" else str(value)), float(value)


# (before, inside, behind) a number and the name of what they say
SOFTENERS = (
    ("", "", "", "exact"),
    ("", "", "", "exact"),
    ("近", "", "", "近"),
    ("将近", "", "", "近"),
    ("约", "", "", "约"),
    ("大约", "", "", "约"),
    ("超", "", "", "以上"),
    ("超过", "", "", "以上"),
    ("逾", "", "", "以上"),
    ("突破", "", "", "以上"),
    ("高于", "", "", "以上"),
    ("至少", "", "", "至少"),
    ("不少于", "", "", "至少"),
    ("不低于", "", "", "至少"),
    ("不超过", "", "", "以内"),
    ("不高于", "", "", "以内"),
    ("至多", "", "", "以内"),
    ("低于", "", "", "以内"),
    ("", "余", "", "余"),
    ("", "多", "", "多"),
    ("", "", "以上", "以上"),
    ("", "", "以内", "以内"),
    ("", "", "以下", "以内"),
    ("", "", "左右", "约"),
)


def wide(text: str) -> str:
    """The text with full-width digits, percent signs and full stops."""
    return "".join(char.translate(WIDE) if char in "0123456789%." else char for char in text)


@st.composite
def quantities(draw: st.DrawFn, units: Sequence[str] | None = None, *, softened: bool = True) -> Phrase:
    """One number with its unit and whatever softens it: "130余万件", "近1,200名", "98.5%以上"."""
    unit = draw(st.sampled_from(units or (*COUNTED, *MEASURED, *RATIOS)))
    printed, value = draw(numbers(fraction=TYPES[unit] != "count"))
    before, inside, behind, qualifier = draw(st.sampled_from(SOFTENERS if softened else SOFTENERS[:1]))
    if inside and TYPES[unit] == "ratio":
        inside, qualifier = "", "exact"
    digits = printed.rstrip("百千万亿 ")
    if inside and digits != printed and draw(st.booleans()):
        number = f"{digits}{inside}{printed[len(digits) :]}"
    else:
        number = f"{printed}{inside}"
    space = draw(st.sampled_from(("", "", "", " ")))
    text = f"{before}{number}{space}{unit}{behind}"
    return Phrase(wide(text) if draw(st.integers(0, 4)) == 0 else text, (Stated(value, None, unit, qualifier),))


@st.composite
def ranges(draw: st.DrawFn) -> Phrase:
    """Two numbers with one unit: "2至4人", "1万—2万件", "3～5个", "30%—50%"."""
    unit = draw(st.sampled_from((*COUNTED, "%")))
    low, high = sorted(draw(st.lists(st.integers(1, 500), min_size=2, max_size=2, unique=True)))
    mark = draw(st.sampled_from(("至", "到", "-", "—", "–", "~", "～", " - ")))
    first, second, factor = draw(st.sampled_from((("", "", 1), ("", "万", 10**4), ("万", "万", 10**4))))
    if unit == "%":
        # behind 至 and 到 a second percentage may be what a first one became, so only a dash makes two of them a range
        first, second, factor = "%" if mark not in ("至", "到") and draw(st.booleans()) else "", "", 1
    return Phrase(
        f"{low}{first}{mark}{high}{second}{unit}", (Stated(float(low * factor), float(high * factor), unit, "range"),)
    )


@st.composite
def money(draw: st.DrawFn) -> Phrase:
    """An amount of money: "罚没款1,234.5万元", "涉案标的近2.23亿元"."""
    noun = draw(st.sampled_from(("罚没款", "涉案标的", "挽回经济损失", "减免税费", "执行到位金额")))
    return Phrase(noun) + draw(st.sampled_from(("", "达", "共计", ":"))) + _unbounded(draw(quantities(("元",))))


def _unbounded(phrase: Phrase) -> Phrase:
    """The phrase without a word behind it: "2万元以上" says which cases a rule covers and counts none."""
    (stated,) = phrase.stated
    for word, name in (("以上", "以上"), ("以内", "以内"), ("以下", "以内")):
        if phrase.text.endswith(word) and stated.qualifier == name:
            return Phrase(phrase.text.removesuffix(word), (Stated(stated.value, None, stated.unit, "exact"),))
    return phrase


DIGITS_IN_WORDS = "零一二三四五六七八九"


def in_words(value: int) -> str:
    """A number below ten thousand in Chinese characters: 23 → 二十三, 205 → 二百零五."""
    places = ((1000, "千"), (100, "百"), (10, "十"), (1, ""))
    text, gap = "", False
    for place, name in places:
        digit, value = divmod(value, place)
        if digit:
            text += ("零" if gap and text else "") + DIGITS_IN_WORDS[digit] + name
        gap = not digit
    return text.removeprefix("一") if text.startswith("一十") else text


@st.composite
def in_characters(draw: st.DrawFn) -> Phrase:
    """A number in Chinese characters at the places where such are read."""
    form = draw(st.sampled_from(("percent", "percent in digits", "long", "behind its noun")))
    before, inside, behind, qualifier = draw(st.sampled_from(SOFTENERS))
    if form.startswith("percent"):
        if inside:
            inside, qualifier = "", "exact"
        whole, tenth = draw(st.integers(1, 99)), draw(st.integers(0, 9))
        words = in_words(whole) + (f"点{DIGITS_IN_WORDS[tenth]}" if tenth else "")
        number = words if form == "percent" else f"{whole}.{tenth}"
        value = float(f"{whole}.{tenth}")
        return Phrase(f"满意率{before}百分之{number}{behind}", (Stated(value, None, "%", qualifier),))
    if inside or behind:
        qualifier = "exact"
    if form == "long":
        unit = draw(st.sampled_from(("件", "人次", "名", "场次", "场", "期", "次", "份", "户", "家", "起")))
        value = draw(st.integers(11, 9999))
        said = Stated(float(value), None, unit, qualifier)
        return Phrase(f"全年共办理{before}{in_words(value)}{unit}", (said,))
    unit, value = draw(st.sampled_from(tuple("个家部名件次场期"))), draw(st.integers(2, 99))
    return Phrase(
        f"新设公共法律服务机构{before}{in_words(value)}{unit}", (Stated(float(value), None, unit, qualifier),)
    )


@st.composite
def clauses(draw: st.DrawFn) -> Phrase:
    """A clause that states a number, the noun before or behind it."""
    subject = Phrase(draw(st.sampled_from(SUBJECTS)))
    if draw(st.booleans()):
        unit = draw(st.sampled_from(sorted(NOUNS_BEHIND)))
        noun = draw(st.sampled_from(NOUNS_BEHIND[unit]))
        verb = draw(st.sampled_from(("办理了", "完成", "审查", "新建", "推动", "有")))
        return Phrase(verb) + draw(quantities((unit,))) + noun
    return subject + draw(st.sampled_from(FILLERS)) + draw(st.one_of(quantities(), ranges()))


@st.composite
def pairs(draw: st.DrawFn) -> Phrase:
    """What was before and what is now: "由上年的151件增加到169件", "从85.3%提高到92%"."""
    unit = draw(st.sampled_from(("件", "项", "个", "%", "个工作日", "人", "名")))
    before, after = (draw(quantities((unit,), softened=False)) for _ in range(2))
    frm, to = draw(
        st.sampled_from(
            (
                ("由上年的", "增加到"),
                ("从", "提高到"),
                ("由", "降至"),
                ("从", "压缩到"),
                ("由", "调整为"),
                ("较上年的", "增加,达到"),
            )
        )
    )
    return Phrase("数量") + frm + before + to + after


@st.composite
def lists(draw: st.DrawFn) -> Phrase:
    """Several numbers in a row that share what they are about."""
    unit = draw(st.sampled_from(("件", "项", "个", "份", "起", "名", "人次")))
    form = draw(st.sampled_from(("respectively", "among them", "including", "each", "named")))
    parts = [draw(quantities((unit,), softened=form != "respectively")) for _ in range(draw(st.integers(2, 4)))]
    names = ("维持", "撤销", "驳回", "终止")
    if form == "respectively":
        return Phrase("维持、撤销、驳回、终止案件分别为") + join("、", parts)
    if form == "each":
        return Phrase("市直部门、县(区)、乡镇各") + parts[0]
    total = Phrase("审结行政复议案件") + draw(quantities((unit,))) + ","
    mark = draw(st.sampled_from(("、", ",")))
    named = [Phrase(name) + part for name, part in zip(names, parts, strict=False)]
    if form == "among them":
        return total + "其中" + join(mark, named)
    if form == "including":
        return total + "包括" + join(mark, named[:-1]) + "以及" + named[-1]
    return join(mark, [part + noun for part, noun in zip(parts, ("县(区)", "部门", "园区", "街道"), strict=False)])


def statements() -> st.SearchStrategy[Phrase]:
    """Anything that states numbers."""
    return st.one_of(clauses(), pairs(), lists(), money(), in_characters())


@st.composite
def sentences(draw: st.DrawFn) -> Phrase:
    """One to three statements with what stands around them."""
    said = [draw(statements()) for _ in range(draw(st.integers(1, 3)))]
    return (
        Phrase(draw(st.sampled_from(LEADS)))
        + join(draw(st.sampled_from((",", ";", "。"))), said)
        + draw(st.sampled_from(TAILS))
    )


TITLE = "罗源县人民政府2023年度法治政府建设工作报告"
FRAME = (
    "2023年,罗源县坚持以习近平法治思想为指导,深入贯彻落实党中央、国务院决策部署,扎实推进依法行政,法治政府建设取得新进展。",
    "现将有关情况报告如下。",
)
ACHIEVEMENTS, PLANS = "一、主要举措和成效", "二、下一步工作安排"


@dataclass(frozen=True)
class Report:
    """The paragraphs of a report and everything that they state, in order."""

    paragraphs: tuple[str, ...]
    stated: tuple[Stated, ...]

    @property
    def text(self) -> str:
        """The report as a text file."""
        return "\n".join(self.paragraphs) + "\n"


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """A short report: achievements under headings, then plans."""
    paragraphs, stated = [TITLE, "福州市人民政府:", "".join(FRAME), ACHIEVEMENTS], []
    for label in ("(一)", "(二)"):
        said = [draw(sentences()) for _ in range(draw(st.integers(1, 2)))]
        heading = f"{label}{draw(st.sampled_from(HEADINGS))}"
        if draw(st.booleans()):
            paragraphs += [heading, "".join(each.text for each in said)]
        else:
            paragraphs.append(f"{heading}。" + "".join(each.text for each in said))
        stated += [one for each in said for one in each.stated]
    planned = draw(sentences())
    paragraphs += [PLANS, planned.text, "罗源县人民政府", "2024年1月5日"]
    return Report(tuple(paragraphs), (*stated, *planned.stated))
