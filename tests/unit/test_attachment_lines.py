"""From characters with places to lines, from lines to paragraphs: as Chinese letters are set, and as they are not."""

from __future__ import annotations

import pytest

from pipelines.cleaning.attachments.glyphs import Glyph, Line, lines_of, plain_characters
from pipelines.cleaning.attachments.paragraphs import (
    PrintedPage,
    Rows,
    is_page_number,
    join_texts,
    page_number_of,
    paragraphs_of,
    without_furniture,
)
from pipelines.cleaning.grids import row_lines

SIZE, WIDTH, HEIGHT = 16.0, 20, 842.0
"""Points of a character, characters of a full line, points of a page."""


def glyphs(text: str, *, x: float = 0, y: float = 0, step: float = SIZE, size: float = SIZE) -> list[Glyph]:
    return [Glyph(character, x + i * step, x + i * step + size, y, y + size) for i, character in enumerate(text)]


def line(text: str, row: int, *, indent: float = 0, size: float = SIZE, page: int = 1, y: float | None = None) -> Line:
    """A line whose characters are as wide as they are high, at the given row of the page."""
    top = 100 + row * 28 if y is None else y
    return Line(text, indent * SIZE, indent * SIZE + len(text) * size, top, top + size, size, page)


def page(*items: Line | Rows, number: int = 1) -> PrintedPage:
    return PrintedPage(number, HEIGHT, items)


def full(text: str) -> str:
    """A text stretched to a full line."""
    return text + "满" * (WIDTH - len(text))


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("四中、五", "中、六中全会", "四中、五中、六中全会"),
        ("办结行政复议案件12", "34件", "办结行政复议案件1234件"),
        ("办结行政复议案件", "34件", "办结行政复议案件34件"),
        ("2023", "年", "2023年"),
        ("Internet", "Plus", "Internet Plus"),
        ("互联网", "Plus", "互联网Plus"),
        ("one,", "two", "one, two"),
        ("（", "一）", "（一）"),
        ("", "一", "一"),
    ],
)
def test_lines_of_one_paragraph_are_joined(first: str, second: str, expected: str) -> None:
    assert join_texts(first, second) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- 3 -", True),
        ("— 12 —", True),
        ("－3－", True),
        ("·3·", True),
        ("第3页", True),
        ("第 3 页 共 12 页", True),
        ("第3页/共12页", True),
        ("共 12 页 第 3 页", True),
        ("Page 3 of 12", True),
        ("3", False),
        ("3件", False),
        ("第3章", False),
        ("- 3", False),
        ("-3%-", False),
        ("2023年", False),
    ],
)
def test_some_lines_can_only_be_page_numbers(text: str, expected: bool) -> None:
    assert is_page_number(text) is expected


@pytest.mark.parametrize(("text", "expected"), [("3", 3), (" 12 ", 12), ("3/12", 3), ("3件", None), ("1.2", None)])
def test_bare_figures_may_number_a_page(text: str, expected: int | None) -> None:
    assert page_number_of(text) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([line("两年来", 0, indent=2), line("第二行", 1)], ["两年来", "第二行"]),
        (
            [line(full("开头")[: WIDTH - 2], 0, indent=2), line(full("中间"), 1), line("末尾。", 2)],
            [full("开头")[: WIDTH - 2] + full("中间") + "末尾。"],
        ),
        ([line(full("头"), 0), line("新段。", 1, indent=2)], [full("头"), "新段。"]),
        ([line(full("题"), 0, size=22), line(full("文"), 1)], [full("题"), full("文")]),
        (
            [line(full("一、总述")[: WIDTH - 1], 0), line("其二", 1)],
            [full("一、总述")[: WIDTH - 1] + "其二"],
        ),
        ([line("机关\t件数", 0), line(full("正文"), 1), line("局\t3", 2)], ["机关\t件数", full("正文"), "局\t3"]),
        (
            [line(full("句子。")[:18] + "完。", 0), line("二、新的部分", 1)],
            [full("句子。")[:18] + "完。", "二、新的部分"],
        ),
        ([line(full("整块")[:16], 0, indent=4), line("缩进。", 1, indent=4)], [full("整块")[:16] + "缩进。"]),
        ([line(full("整块")[:15] + "。", 0, indent=4), line("缩进", 1, indent=4)], [full("整块")[:15] + "。", "缩进"]),
        ([line("满" * WIDTH, 0), line("空行之后", 2)], ["满" * WIDTH, "空行之后"]),
    ],
    ids=[
        "short",
        "full",
        "indent",
        "size",
        "one character less",
        "columns",
        "a heading without indent",
        "block",
        "blocks",
        "blank",
    ],
)
def test_paragraphs_end_where_they_are_seen_to_end(lines: list[Line], expected: list[str]) -> None:
    frame = [line("框" * WIDTH, row) for row in range(20, 23)]
    assert paragraphs_of([page(*lines, *frame)])[: len(expected)] == expected


def test_a_paragraph_goes_on_over_the_end_of_a_page() -> None:
    pages = [
        page(*(line("满" * WIDTH, row) for row in range(6)), line(full("五届四中、五"), 6), line("- 1 -", 0, y=800)),
        page(line("中、六中全会。", 0, page=2), *(line("满" * WIDTH, row, page=2) for row in range(1, 6)), number=2),
    ]
    joined = "".join(paragraphs_of(without_furniture(pages)))
    assert full("五届四中、五") + "中、六中全会。" in joined
    assert "1" not in joined


def test_a_table_ends_a_paragraph() -> None:
    rows = Rows(("机关\t件数",), 130, 1)
    assert paragraphs_of([page(line("满" * WIDTH, 0), rows, line("满" * WIDTH, 2))]) == [
        "满" * WIDTH,
        "机关\t件数",
        "满" * WIDTH,
    ]


@pytest.mark.parametrize(
    ("texts", "y", "kept"),
    [
        (["1", "2", "3"], 800, []),
        (["5", "6", "7"], 400, []),
        (["3", "17", "4"], 400, ["3", "17", "4"]),
        (["某县人民政府文件"] * 3, 40, []),
        (["第1期", "第2期", "第3期"], 40, []),
        (["某县人民政府文件", "甲", "乙"], 40, ["某县人民政府文件", "甲", "乙"]),
    ],
    ids=["numbers below", "numbers that run", "numbers that do not", "header", "header with figures", "no header"],
)
def test_what_runs_through_the_pages_is_dropped(texts: list[str], y: float, kept: list[str]) -> None:
    body = [[line(f"{'甲乙丙'[n]}{'正文' * 8}", row, page=n + 1) for row in range(3)] for n in range(3)]
    ends = [line(text, 0, y=y, page=n + 1) for n, text in enumerate(texts)]
    pages = []
    for n in range(3):
        items = sorted([*body[n], ends[n]], key=lambda item: item.top)
        pages.append(page(*items, number=n + 1))
    found = [item.text for each in without_furniture(pages) for item in each.lines]
    assert [text for text in found if "正文" not in text] == kept
    assert len([text for text in found if "正文" in text]) == 9


@pytest.mark.parametrize(
    ("drawn", "expected"),
    [
        (glyphs("法治政府"), ["法治政府"]),
        (list(reversed(glyphs("法治政府"))), ["法治政府"]),
        (glyphs("法治") + glyphs("政府", y=28), ["法治", "政府"]),
        (glyphs("2023") + glyphs("年", x=64, y=1.5), ["2023年"]),
        (glyphs("法治") + glyphs("法治", x=0.4), ["法治"]),
        (glyphs("罗源县", step=32), ["罗 源 县"]),
        (glyphs("机关") + glyphs("12", x=200), ["机关\t12"]),
        (glyphs("政 府"), ["政 府"]),
        (glyphs("府", x=0) + glyphs(" ", x=16, size=3) + glyphs("2", x=19), ["府2"]),
        (glyphs("  "), []),
    ],
    ids=["plain", "any order", "two lines", "another font", "bold twice", "wide", "columns", "blank", "thin", "empty"],
)
def test_characters_become_lines(drawn: list[Glyph], expected: list[str]) -> None:
    assert [each.text for each in lines_of(drawn, 1)] == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("⼀⽉⼯⼈⺠", "一月工人民"), ("⻓⻔", "长门"), ("行政", "行政"), ("abc", "abc")]
)
def test_radicals_are_read_as_the_characters_they_look_like(text: str, expected: str) -> None:
    assert plain_characters(text) == expected


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([["机关"], ["件数"]], ["机关\t件数"]),
        ([["机关"], [], ["12"]], ["机关\t\t12"]),
        ([["市场监管", "局"], ["3"]], ["市场监管 局\t3"]),
        ([["只有一格"], []], ["只有一格"]),
        ([["长" * 300], ["文" * 300]], ["长" * 300, "文" * 300]),
        ([["一", "二", "三", "四"], ["五"]], ["一", "二", "三", "四", "五"]),
        ([[], []], []),
    ],
)
def test_rows_of_data_are_lines_and_rows_of_text_are_paragraphs(cells: list[list[str]], expected: list[str]) -> None:
    assert row_lines(cells) == expected
