"""One number as text → its value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.extraction.numerals import fold_width, parse_arabic, parse_chinese


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("52", 52),
        ("1,365", 1365),
        ("24.5", 24.5),
        ("1.2万", 12000),
        ("24 万", 240000),
        ("130余万", 1300000),
        ("46.8万", 468000),
        ("2.23亿", 223000000),
        ("3千万", 30000000),
        ("12,345,678", 12345678),
    ],
)
def test_arabic_numbers(text: str, value: float) -> None:
    assert parse_arabic(text) == value


@pytest.mark.parametrize("text", ["", "万", "12件", "1,2", "第3", "3万6千"])
def test_arabic_refuses_all_else(text: str) -> None:
    with pytest.raises(ValueError, match="not an Arabic number"):
        parse_arabic(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("七", 7),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("两百零五", 205),
        ("一百二十三", 123),
        ("一千零一", 1001),
        ("一万二千", 12000),
        ("三千五百万", 35000000),
    ],
)
def test_chinese_numbers(text: str, value: int) -> None:
    assert parse_chinese(text) == value


@pytest.mark.parametrize("text", ["", "十五五", "万", "二〇一七", "百十千", "三万四万"])
def test_chinese_refuses_all_else(text: str) -> None:
    with pytest.raises(ValueError, match="not a Chinese numeral"):
        parse_chinese(text)


@given(st.integers(min_value=0, max_value=10**9))
def test_thousands_separators_change_nothing(number: int) -> None:
    assert parse_arabic(f"{number:,}") == parse_arabic(str(number)) == number


@given(st.text())
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(fold_width(text)) == len(text)


def test_folding_of_full_width() -> None:
    assert fold_width("办结69%(含结转),共1条") == "办结69%(含结转),共1条"
