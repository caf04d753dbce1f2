"""What pages state: dates, document numbers, header tables, breadcrumbs."""

from __future__ import annotations

from datetime import date

import pytest
from lxml import html

from pipelines.cleaning.dates import chinese_day_number, date_of_url, parse_date
from pipelines.cleaning.document_number import parse_document_number
from pipelines.cleaning.metadata import (
    first_value,
    is_header_line,
    read_breadcrumb,
    read_header_fields,
    read_meta_tags,
)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2018-02-28 09:32", date(2018, 2, 28)),
        ("2018/2/28", date(2018, 2, 28)),
        ("2018.02.28", date(2018, 2, 28)),
        ("2018年2月28日", date(2018, 2, 28)),
        ("2018 年 2 月 28 日", date(2018, 2, 28)),
        ("2018年02月28日 09:32", date(2018, 2, 28)),
        ("2020-03-13 14:57:00来源:", date(2020, 3, 13)),
        ("2024-05-11T10:00:00+08:00", date(2024, 5, 11)),
        ("20180228", date(2018, 2, 28)),
        ("二〇一八年二月二十八日", date(2018, 2, 28)),
        ("二○二三年十二月三十一日", date(2023, 12, 31)),
        ("二零一九年十月十日", date(2019, 10, 10)),
        ("二O二一年三月一日", date(2021, 3, 1)),
        ("发布于2018-02-28,更新于2019-01-01", date(2018, 2, 28)),
        ("2018年2月", None),
        ("2018年", None),
        ("2018-02-30", None),
        ("1788-02-03", None),
        ("电话 0830-2018123", None),
        ("12018-02-288", None),
        ("", None),
    ],
)
def test_parse_date(text: str, day: date | None) -> None:
    assert parse_date(text) == day


@pytest.mark.parametrize(
    ("text", "number"),
    [("一", 1), ("十", 10), ("十二", 12), ("二十", 20), ("二十八", 28), ("三十一", 31), ("二八", None), ("百", None)],
)
def test_chinese_day_number(text: str, number: int | None) -> None:
    assert chinese_day_number(text) == number


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("http://x/zwgk/202403/t20240328_6583952.html", date(2024, 3, 28)),
        ("http://x/t20190918_693227_1.shtml", date(2019, 9, 18)),
        ("http://x/art/2024/2/1/art_1229604638_2512021.html", date(2024, 2, 1)),
        ("http://x/c103046/2019/1/30/0123abcd.shtml", date(2019, 1, 30)),
        ("http://x/202109/0123456789abcdef0123456789abcdef.shtml", None),
        ("http://x/info/1001/234.htm", None),
        (None, None),
    ],
)
def test_date_of_url(url: str | None, day: date | None) -> None:
    assert date_of_url(url) == day


@pytest.mark.parametrize(
    ("raw", "text", "repaired"),
    [
        ("泸市府[2018]12号", "泸市府〔2018〕12号", False),
        ("罗政综〔2024〕2号", "罗政综〔2024〕2号", False),
        ("青政发［２０２３］５号", "青政发〔2023〕5号", False),
        ("青政发【2023】 005号", "青政发〔2023〕5号", False),
        ("青政办函(2023)15号", "青政办函〔2023〕15号", False),
        ("青政办函（2023年）第15号", "青政办函〔2023〕15号", False),
        ("青政发〔201939号", "青政发〔2019〕39号", True),
        ("青政发〔20191号", "青政发〔2019〕1号", True),
        ("青政发2018]12号", "青政发〔2018〕12号", True),
        ("青政发 2018 12号", "青政发〔2018〕12号", True),
        ("省政府令第278号", "省政府令第278号", False),
    ],
)
def test_document_number(raw: str, text: str, repaired: bool) -> None:
    number = parse_document_number(raw)
    assert number is not None
    assert (number.text, number.raw, number.repaired) == (text, raw, repaired)


@pytest.mark.parametrize(
    "raw",
    [
        "青政发20180012号",
        "青政发201812345号",
        "无",
        "",
        "根据青政发〔2018〕12号文件精神,现将有关情况报告如下",
        "2018年第12号",
        "〔2018〕12号",
    ],
)
def test_what_is_no_document_number(raw: str) -> None:
    assert parse_document_number(raw) is None


HEADERS = {
    "two pairs a line with blanks inside the label": (
        ["索 引 号 QS11100-2300-2024-00001 文号 青政综〔2024〕2号", "发布机构 青山县人民政府 生成日期 2024-01-08"],
        {
            "index_number": "QS11100-2300-2024-00001",
            "document_number": "青政综〔2024〕2号",
            "issuer": "青山县人民政府",
            "generated": "2024-01-08",
        },
    ),
    "tabs of table cells": (
        [
            "索引号：\t000014349/2018-00216\t主题分类：\t综合政务",
            "发文机关：\t青山县政府办\t成文日期：\t2018年12月04日",
        ],
        {
            "index_number": "000014349/2018-00216",
            "topic": "综合政务",
            "issuer": "青山县政府办",
            "generated": "2018年12月04日",
        },
    ),
    "list items with the value below": (
        ["索引号：", "K16185922-201704-00036", "文号：", "发布日期：", "2017-04-12"],
        {"index_number": "K16185922-201704-00036", "published": "2017-04-12"},
    ),
    "an empty value does not take the next label": (
        ["文 号：", "标 题：青山县2023年法治政府建设年度报告"],
        {"title": "青山县2023年法治政府建设年度报告"},
    ),
    "the line under the title": (
        ["来源:县司法局 发布时间:2018-02-28 09:32 浏览次数: 【字体:大 中 小】"],
        {"source": "县司法局", "published": "2018-02-28 09:32"},
    ),
    "a date that runs into its neighbour": (
        ["2020-03-13 14:57:00来源:县司法局"],
        {"source": "县司法局"},
    ),
    "no-break spaces in the label": (["发\xa0布\xa0机\xa0构：青山县司法局"], {"issuer": "青山县司法局"}),
    "running text with a label word is no header": (
        ["严格落实标题 制度,来源 合法,文号 规范的要求。" * 8, "规范性文件有效性问题得到解决"],
        {},
    ),
}


@pytest.mark.parametrize(("lines", "expected"), HEADERS.values(), ids=HEADERS.keys())
def test_header_fields(lines: list[str], expected: dict[str, str]) -> None:
    fields = read_header_fields(lines)
    names = {field.name for field in fields}
    assert {name: first_value(fields, name) for name in names} == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("发布时间：2024-01-09 16:09", True),
        ("2020-03-13 14:57:00来源:", True),
        ("来源：县司法局　作者：佚名", True),
        ("【字体：大 中 小】", True),
        ("2019年,全县深入推进依法行政,信息来源不断拓宽。", False),
        ("一、2019年法治政府建设的主要举措和成效", False),
        ("", False),
    ],
)
def test_is_header_line(line: str, expected: bool) -> None:
    assert is_header_line(line) is expected


def test_meta_tags_ignore_case_and_the_last_filled_one_wins() -> None:
    tree = html.document_fromstring(
        '<head><meta name="PubDate" content="2024-01-09"><meta name="pubdate" content="">'
        '<meta name="SiteName" content="旧"><meta NAME="sitename" content="新"><meta name="channelid" content="7">'
    )
    assert read_meta_tags(tree) == {"pubdate": "2024-01-09", "sitename": "新", "channelid": "7"}


@pytest.mark.parametrize(
    ("line", "steps"),
    [
        ("您的位置:首页 >政务>工作报告>详细内容", ("首页", "政务", "工作报告", "详细内容")),
        ("当前位置：首 页 » 信息公开 » 法治政府建设", ("首 页", "信息公开", "法治政府建设")),
        ("位置：首页>>政务公开", ("首页", "政务公开")),
        ("全市位置优越", ()),
    ],
)
def test_breadcrumb(line: str, steps: tuple[str, ...]) -> None:
    assert read_breadcrumb(["其他", line]) == steps
