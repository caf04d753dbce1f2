"""Titles and the letter form: which line names the document, to whom it goes, where its body begins and ends."""

from __future__ import annotations

from datetime import date

import pytest

from pipelines.cleaning.letter import is_chrome, read_letter, signature_name
from pipelines.cleaning.titles import (
    is_page_title_line,
    is_shortened,
    looks_like_title,
    split_page_title,
    title_in_lines,
)

PARAGRAPH = "过去一年,全县坚持依法行政,共办理行政复议案件12件,审结10件,制定规范性文件3件,组织培训20场次,取得积极成效。"
BODY = ["一、主要举措和成效", PARAGRAPH, PARAGRAPH, "二、存在的问题", PARAGRAPH, "三、下一步打算", PARAGRAPH]
MENU = ["首页", "政府信息公开指南", "政府信息公开年报", "法治政府建设年度报告", "政策解读", "规划计划"]

TITLES = {
    "with the line of date and source below": (
        ["法治政府", "青山县2022年法治政府建设工作情况", "发布时间:2023-02-01", *BODY],
        "青山县2022年法治政府建设工作情况",
        2,
    ),
    "after a menu of columns": (
        [*MENU, "青山县2022年度法治政府建设情况报告", *BODY],
        "青山县2022年度法治政府建设情况报告",
        7,
    ),
    "repeated: the last line counts": (
        ["关于加强执法的实施方案", "", "关于加强执法的实施方案", *BODY],
        "关于加强执法的实施方案",
        3,
    ),
    "body and subject on two lines": (
        ["青山县人民政府", "关于2022年度法治政府建设情况的报告", "市政府:", *BODY],
        "青山县人民政府关于2022年度法治政府建设情况的报告",
        2,
    ),
    "two bodies above the subject": (
        ["中共青山县委", "青山县人民政府", "关于2022年度法治政府建设情况的报告", *BODY],
        "中共青山县委 青山县人民政府关于2022年度法治政府建设情况的报告",
        3,
    ),
    "a name set wide": (
        ["青 山 县 人 民 政 府", "关于2022年度法治政府建设情况的报告", *BODY],
        "青山县人民政府关于2022年度法治政府建设情况的报告",
        2,
    ),
    "broken before its last word": (
        ["青山县司法局", "2020年度法治政府建设工作情况", "的报告", "发布时间:2021-01-29", *BODY],
        "青山县司法局2020年度法治政府建设工作情况的报告",
        3,
    ),
    "in Chinese numerals": (["青山县二〇二二年法治政府建设工作总结", *BODY], "青山县二〇二二年法治政府建设工作总结", 1),
    "none: the body begins at once": ([PARAGRAPH, *BODY], None, None),
    "none: chrome and a date": (
        ["站群导航", "AQI", "• 轻度污染", "2020-03-13 14:57:00来源:", PARAGRAPH, *BODY],
        None,
        None,
    ),
    "none: a menu and a body": ([*MENU, "政府工作报告", PARAGRAPH, *BODY], None, None),
    "none: breadcrumbs are no titles": (["首页 > 政务公开 > 法治政府建设年度报告", PARAGRAPH, *BODY], None, None),
}


@pytest.mark.parametrize(("lines", "text", "line"), TITLES.values(), ids=TITLES.keys())
def test_title_in_lines(lines: list[str], text: str | None, line: int | None) -> None:
    title = title_in_lines(lines)
    assert (title.text if title else None, title.line if title else None) == (text, line)


def test_a_stated_title_is_found_in_the_text() -> None:
    lines = [*MENU, "推进依法治县走深走实", "来源:县司法局", *BODY]
    title = title_in_lines(lines, ["推进依法治县走深走实"])
    assert title is not None
    assert (title.text, title.line) == ("推进依法治县走深走实", 7)


@pytest.mark.parametrize(
    ("page_title", "article", "site"),
    [
        ("报告_工作报告_政务_青山县人民政府门户网站", "报告", "青山县人民政府门户网站"),
        ("青山县2023年工作总结-青山县人民政府", "青山县2023年工作总结", "青山县人民政府"),
        ("青山县2023年工作总结 - 青山县司法局", "青山县2023年工作总结", "青山县司法局"),
        ("青山县2023年工作总结--青山县政府网", "青山县2023年工作总结", "青山县政府网"),
        ("青山县政府网 | 2023年工作总结", "2023年工作总结", "青山县政府网"),
        ("2021-2025年规划", "2021-2025年规划", None),
        ("青山县人民政府门户网站", None, "青山县人民政府门户网站"),
        ("", None, None),
        (None, None, None),
    ],
)
def test_split_page_title(page_title: str | None, article: str | None, site: str | None) -> None:
    assert split_page_title(page_title) == (article, site)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("青山县2022年法治政府建设工作情况", True),
        ("关于印发工作要点的通知", True),
        ("青山县召开法治政府建设推进会", True),
        ("一、2019年法治政府建设的主要举措和成效", False),
        ("(一)加强党对法治政府建设的领导", False),
        ("全县法治政府建设取得成效。", False),
        ("各乡镇人民政府:", False),
        ("发布时间:2024-01-09", False),
        ("AQI", False),
    ],
)
def test_looks_like_title(line: str, expected: bool) -> None:
    assert looks_like_title(line) is expected


@pytest.mark.parametrize(
    ("text", "expected"), [("关于法治政府建设…", True), ("关于法治政府...", True), ("报告", False)]
)
def test_is_shortened(text: str, expected: bool) -> None:
    assert is_shortened(text) is expected


def test_a_page_title_line_names_a_site() -> None:
    assert is_page_title_line("报告_工作报告_青山县人民政府门户网站")
    assert not is_page_title_line("青山县2022年度法治政府建设情况报告")


TITLE = "青山县人民政府2022年度法治政府建设情况报告"
LETTERS = {
    "letter with number, addressee and signature": (
        [
            TITLE,
            "",
            "发布时间:2023-02-28",
            "青府〔2023〕12号",
            "省政府:",
            "",
            PARAGRAPH,
            *BODY,
            "",
            "青山县人民政府",
            "2023年2月20日",
        ],
        ("省政府", 7, 14, ["青山县人民政府"], date(2023, 2, 20)),
    ),
    "name and date on one line": (
        [TITLE, "市政府:", *BODY, "青山县人民政府　2023年2月20日", "扫一扫在手机打开当前页"],
        ("市政府", 3, 9, ["青山县人民政府　2023年2月20日"], date(2023, 2, 20)),
    ),
    "two signatures": (
        [TITLE, "市委、市政府:", *BODY, "中共青山县委", "青山县人民政府", "二〇二三年二月二十日"],
        ("市委、市政府", 3, 9, ["中共青山县委", "青山县人民政府"], date(2023, 2, 20)),
    ),
    "a date alone": ([TITLE, *BODY, "2023年2月20日"], (None, 2, 8, [], date(2023, 2, 20))),
    "a name alone": ([TITLE, *BODY, "青山县人民政府", "【打印】【关闭】"], (None, 2, 8, ["青山县人民政府"], None)),
    "no signature, a footer": (
        [TITLE, *BODY, "附件:统计表.xlsx", "上一篇:无", "主办单位:青山县人民政府", "网站标识码5100000001"],
        (None, 2, 8, [], None),
    ),
    "no title, no footer": ([PARAGRAPH, *BODY], (None, 1, 8, [], None)),
    "a date under the title is no signature": ([TITLE, "(2023年2月20日)", *BODY], (None, 3, 9, [], None)),
    "a related item's date is no signature": (
        [TITLE, *BODY, "相关新闻", "县司法局开展普法宣传", "2023-05-06"],
        (None, 2, 8, [], None),
    ),
    "a menu above and entries below": (
        ["站群导航", "AQI", "2020-03-13 14:57:00来源:", PARAGRAPH, *BODY, "", "相关词条", "热门词条", "联系我们"],
        (None, 4, 11, [], None),
    ),
    "an enclosure behind the signature": (
        [TITLE, "市政府:", *BODY, *BODY, "青山县人民政府", "2023年2月20日", "附表", "序号\t项目\t数量。", *BODY],
        ("市政府", 3, 16, ["青山县人民政府"], date(2023, 2, 20)),
    ),
    "a covering notice signs before its enclosure": (
        [
            "关于印发报告的通知",
            "各乡镇人民政府:",
            "现印发给你们。",
            "青山县人民政府办公室",
            "2023年2月20日",
            TITLE,
            *BODY,
            *BODY,
        ],
        ("各乡镇人民政府", 3, 20, [], None),
    ),
}


@pytest.mark.parametrize(("lines", "expected"), LETTERS.values(), ids=LETTERS.keys())
def test_letter(lines: list[str], expected: tuple[str | None, int, int, list[str], date | None]) -> None:
    letter = read_letter(lines, title_in_lines(lines))
    signatures = [lines[number - 1] for number in letter.signature_lines]
    assert (letter.addressee, letter.first_line, letter.last_line, signatures, letter.signature_date) == expected


def test_the_number_line_is_remembered() -> None:
    lines = [TITLE, "青府〔2023〕12号", *BODY]
    letter = read_letter(lines, title_in_lines(lines))
    assert (letter.number_line, letter.first_line) == (2, 3)


def test_a_page_of_chrome_has_no_body() -> None:
    lines = ["首页", "", "打印", "关闭窗口"]
    assert read_letter(lines, None).first_line is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("扫一扫在手机打开当前页", True),
        ("【打印正文】", True),
        ("| | | |", True),
        ("今天是2024年5月1日 星期三", True),
        ("[ 纠错 ]", True),
        ("您的位置:首页 >政务", True),
        ("完善政务微博、微信平台建设,打印和公开文件清单,全年发布信息120条。", False),
        ("一、打印店专项整治", False),
        ("责任单位:各县(区)政府,市直有关部门", False),
    ],
)
def test_is_chrome(line: str, expected: bool) -> None:
    assert is_chrome(line) is expected


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("      青山县人民政府 ", "青山县人民政府"),
        ("青山县人民政府 2018年2月28日", "青山县人民政府"),
        ("青 山 县 人 民 政 府", "青山县人民政府"),
        ("中共青山县委    青山县人民政府", "中共青山县委、青山县人民政府"),
    ],
)
def test_signature_name(line: str, name: str) -> None:
    assert signature_name(line) == name
