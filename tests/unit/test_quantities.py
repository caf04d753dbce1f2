"""Which numbers of a text are measurements, with unit, qualifier and range; and which are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.extraction.nonfacts import find_nonfacts
from pipelines.extraction.numerals import fold_width
from pipelines.extraction.quantities import find_quantities, find_unitless
from pipelines.reference import load_catalogue

UNITS = load_catalogue().units


def quantities(text: str) -> list[tuple[str, float, float | None, str, str]]:
    folded = fold_width(text)
    found, _ = find_quantities(folded, UNITS)
    return [(folded[q.start : q.end], q.value, q.value_max, q.unit, q.qualifier) for q in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("受理52件", [("52", 52, None, "件", "exact")]),
        ("培训400余人次", [("400", 400, None, "人次", "余")]),
        ("办件130余万件", [("130余万", 1300000, None, "件", "余")]),
        ("信息1万余条", [("1万", 10000, None, "条", "余")]),
        ("提供 24 万台以上云主机", [("24 万", 240000, None, "台", "以上")]),
        ("近100个部门", [("100", 100, None, "个", "近")]),
        ("260多个系统", [("260", 260, None, "个", "多")]),
        ("约3.5万人次", [("3.5万", 35000, None, "人次", "约")]),
        ("超过80家", [("80", 80, None, "家", "以上")]),
        ("成本降至6%以内", [("6", 6, None, "%", "以内")]),
        ("至少应当配备1名", [("1", 1, None, "名", "至少")]),
        ("由2至4人增加为4至7人", [("2", 2, 4, "人", "range"), ("4", 4, 7, "人", "range")]),
        ("标的2.23亿元", [("2.23亿", 223000000, None, "元", "exact")]),
        ("办理时限6.9个工作日", [("6.9", 6.9, None, "个工作日", "exact")]),
        ("合格率百分之九十八点五", [("百分之九十八点五", 98.5, None, "%", "exact")]),
        ("建成公共法律服务工作站七个。", [("七", 7, None, "个", "exact")]),
        ("启用市民通办大厅、掌上服务平台两个应用", [("两", 2, None, "个", "exact")]),
        ("受理行政复议案件二十三件", [("二十三", 23, None, "件", "exact")]),
        ("受理1,286件", [("1,286", 1286, None, "件", "exact")]),
        ("召开8次会议", [("8", 8, None, "次", "exact")]),
        ("检查不超过2次", [("2", 2, None, "次", "以内")]),
        ("败诉率低于5%", [("5", 5, None, "%", "以内")]),
        ("办结率高于95%", [("95", 95, None, "%", "以上")]),
        ("审结案件一百二十件。", [("一百二十", 120, None, "件", "exact")]),
        ("设服务站二百一十个(含村级)", [("二百一十", 210, None, "个", "exact")]),
        ("近一百二十件", [("一百二十", 120, None, "件", "近")]),
        ("达到百分之九十以上", [("百分之九十", 90, None, "%", "以上")]),
        ("不低于百分之百", [("百分之百", 100, None, "%", "至少")]),
        ("移送12条线索", [("12", 12, None, "条", "exact")]),
        ("建成12个体验区", [("12", 12, None, "个", "exact")]),
        ("时限压缩30%—50%", [("30", 30, 50, "%", "range")]),
        ("由30%至50%", [("30", 30, None, "%", "exact"), ("50", 50, None, "%", "exact")]),
    ],
)
def test_measurements(text: str, expected: list[tuple[str, float, float | None, str, str]]) -> None:
    assert quantities(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "《法治政府建设实施纲要(2015-2020年)》",
        "《关于贯彻《3项规定》的通知》",
        "2016年11月24日",
        "3月至9月",
        "2023年,",
        "罗政综〔2024〕2号",
        "泸市府[2018]12号",
        "(吉政办发〔201939号)",
        "第278号令",
        "第3次会议",
        "对200万元以上的项目",
        "应当在15日内备案",
        "10个工作日内公开",
        "24小时自助服务",
        "“27证合一”营业执照",
        "12345热线",
        "电话0830-3100000",
        "推行1+3+N模式",
        "三项制度",
        "百分之九十八四",
        "五级十五同",
        "一套制度、一张清单",
        "事前预防、事中控制、事后监督三个环节",
        "每个部门",
        "3年来",
        "16:09",
        "2024-01-09",
        "依据第24条",
        "执法培训每年不得少于60学时",
        "全市46个体工商户",
        "e福州2.0版",
    ],
)
def test_numbers_that_measure_nothing(text: str) -> None:
    assert quantities(text) == []


def test_unknown_units_are_told() -> None:
    folded = "配备55匹马,受理3件"
    found, nonfacts = find_quantities(folded, UNITS)
    taken = [(q.outer_start, q.outer_end) for q in found] + [(n.start, n.end) for n in nonfacts]
    assert find_unitless(folded, taken) == [(2, "55匹马,受理3件")]


def test_a_nonfact_names_its_kind() -> None:
    kinds = {stretch.kind for stretch in find_nonfacts("2023年印发《办法》(县政发〔2023〕5号),首批“5证合一”")}
    assert {"date", "title", "document_number", "name"} <= kinds


@given(st.text(alphabet="0123456789年月日号第〔〕《》“”件个万余近%., 办理至-—", max_size=60))
def test_any_text_is_read_without_error(text: str) -> None:
    for number, value, value_max, unit, _ in quantities(text):
        assert number
        assert value >= 0
        assert value_max is None or value_max >= 0
        assert unit in UNITS.value_types
