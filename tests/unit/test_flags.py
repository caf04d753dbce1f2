"""The twelve negative patterns of the domain, by name: what must not enter the tidy table as this year's own count."""

import pytest

from tests.unit.reading_samples import observe


def only(text: str, **options: object) -> object:
    found = observe(text, **options)  # type: ignore[arg-type]
    assert len(found) == 1, [o.value_text for o in found]
    return found[0]


@pytest.mark.parametrize(
    ("text", "is_plan"),
    [
        ("三、下一步工作打算\n确保一审案件出庭率达到80%。", True),
        ("力争行政复议办结率达到95%。", True),
        ("下一步,将组织应急演练12次。", True),
        ("2023年,组织应急演练12次。", True),
        ("预计新增公职律师8名。", True),
        ("公布年度拟办的58项重大行政决策事项。", False),
        ("组织应急演练12次。", False),
    ],
)
def test_plan(text: str, *, is_plan: bool) -> None:
    assert only(text).is_plan is is_plan  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "is_cumulative", "period_type"),
    [
        ("“两法衔接”平台运行以来,移送案件143件。", True, "cumulative_since"),
        ("2019年以来,移送案件143件。", True, "cumulative_since"),
        ("2022年以来,移送案件143件。", False, "year"),
        ("今年以来,移送案件143件。", False, "year"),
        ("累计移送案件143件。", True, "year"),
        ("全年累计移送案件143件。", False, "year"),
        ("已归集企业登记信息46.8万余条。", True, "year"),
        ("截至目前,移送案件143件。", False, "year"),
        ("对建市以来的文件进行清理,共清理规范性文件143件。", False, "year"),
    ],
)
def test_cumulative(text: str, period_type: str, *, is_cumulative: bool) -> None:
    found = only(text)
    assert (found.is_cumulative, found.period_type) == (is_cumulative, period_type)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("清理规范性文件60件,拟废止6件、修改2件。", [False, True, False]),
        ("清理规范性文件60件,拟修改完善的6件。", [False, True]),
    ],
)
def test_proposed(text: str, flags: list[bool]) -> None:
    assert [o.is_proposed for o in observe(text)] == flags


@pytest.mark.parametrize(
    ("text", "authority"),
    [
        ("县人大常委会听取专项报告6项。", "人大"),
        ("县检察院发出检察建议31件。", "检察院"),
        ("移送案件9件,其中公安机关立案8件。", "公安机关"),
        ("县法院审结刑事案件31件。", "法院"),
        ("市公安局办理行政处罚案件31件。", None),
        ("办理人大代表建议31件。", None),
    ],
)
def test_authority(text: str, authority: str | None) -> None:
    assert observe(text)[-1].authority == authority


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("龙马潭区建立平台,公开执法决定1100余份。", "龙马潭区"),
        ("市本级行政许可事项230项。", "市本级"),
        ("向市政府报备行政规范性文件2件。", None),
        ("城关镇设立法治广场2个。", "城关镇"),
    ],
)
def test_scope(text: str, scope: str | None) -> None:
    assert observe(text, lower_units=("龙马潭区", "江阳区"))[-1].scope == scope


@pytest.mark.parametrize(
    ("text", "code", "value_text"),
    [
        ("已结案件中无败诉案件。", "LIT_LOST", "无"),
        ("行政诉讼实现零败诉。", "LIT_LOST", "零"),
        ("全年未收到行政复议申请。", "RR_RECEIVED", "未收到"),
        ("全年未发生行政诉讼案件。", "LIT_CASES", "未发生"),
    ],
)
def test_zero_by_words(text: str, code: str, value_text: str) -> None:
    found = only(text)
    assert (found.indicator_code, found.value_text, found.value) == (code, value_text, 0)  # type: ignore[attr-defined]
    assert (found.unit, found.value_type) == (None, "zero")  # type: ignore[attr-defined]


def test_before_and_prior_year_keep_their_periods() -> None:
    found = observe("占考核分值由去年的17%上升为24.5%,法治分值。行政许可事项由230项调整为219项。")
    assert [(o.period_type, o.period_value) for o in found] == [
        ("year", "2021"),
        ("year", "2022"),
        ("before_change", "2022"),
        ("year", "2022"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "对200万元以上的项目进行审核。",
        "落实三项制度、七个一工作法。",
        "颁发首张“27证合一”执照。",
        "文件〔20191号、〔201939号、(20152020年)。",
        "第一责任人、第一次会议、首部规章。",
    ],
)
def test_thresholds_slogans_ordinals_and_garbled_numbers_yield_nothing(text: str) -> None:
    assert observe(text) == []


def test_evidence_is_verbatim() -> None:
    text = "一、复议\n 全年收到行政复议申请1,286件(含结转9件)。\n"
    for observation in observe(text):
        assert text[observation.char_start : observation.char_end] == observation.value_text
        end = observation.sentence_start + len(observation.sentence)
        assert text[observation.sentence_start : end] == observation.sentence
        assert observation.value_text in observation.sentence
