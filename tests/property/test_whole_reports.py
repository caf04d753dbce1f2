"""What a report states survives the whole way from bytes to observations, as a text, as a page, in either script."""

from __future__ import annotations

from html import escape

import opencc
from hypothesis import given
from hypothesis import strategies as st
from sentence_grammar import TITLE, Report, Stated, reports, tries

from pipelines.model import Page, Reading
from pipelines.reading import read
from pipelines.reference import load_reference

REFERENCE = load_reference()
TO_TRADITIONAL = opencc.OpenCC("s2t")


def stated_in(reading: Reading) -> tuple[Stated, ...]:
    """What the observations say, one for each place; a number shared by several bodies counts once."""
    by_place = {each.char_start: each for each in reading.observations if each.value_type != "zero"}
    return tuple(
        Stated(round(each.value, 6), each.value_max, each.unit or "", each.qualifier)
        for _, each in sorted(by_place.items())
    )


def assert_sound(reading: Reading) -> None:
    """Observations quote the stored text, and refer to one another."""
    text, ids = reading.document.text, [each.id for each in reading.observations]
    assert reading.document.is_annual_report
    assert len(ids) == len(set(ids))
    for each in reading.observations:
        assert text[each.char_start : each.char_end] == each.value_text
        assert text[each.sentence_start : each.sentence_start + len(each.sentence)] == each.sentence
        assert each.sentence_start <= each.char_start < each.sentence_start + len(each.sentence)
        assert each.parent_id is None or (each.parent_id in ids and each.parent_id != each.id)
        assert each.duplicate_of is None or each.duplicate_of in ids


def as_page(paragraphs: tuple[str, ...], cut: int) -> str:
    """The report as an HTML page whose text is cut into spans of so many characters, as word processors leave it."""

    def spans(text: str) -> str:
        pieces = [text[at : at + cut] for at in range(0, len(text), cut)]
        return "".join(f"<span>{escape(piece)}</span>" for piece in pieces)

    body = "".join(f"<p>　　{spans(paragraph)}</p>" for paragraph in paragraphs[1:])
    head = f"<head><meta charset='utf-8'><title>{TITLE}</title></head>"
    return f"<html>{head}<body><h1>{TITLE}</h1><div class='content'>{body}</div></body></html>"


@tries(40)
@given(reports())
def test_a_text(report: Report) -> None:
    reading = read(Page(name="a.txt", content=report.text.encode(), content_type="text/plain"), REFERENCE)
    assert stated_in(reading) == report.stated, report.text
    assert_sound(reading)


@tries(30)
@given(reports(), st.integers(1, 40))
def test_a_page(report: Report, cut: int) -> None:
    page = as_page(report.paragraphs, cut)
    reading = read(Page(name="a.html", content=page.encode(), content_type="text/html"), REFERENCE)
    assert stated_in(reading) == report.stated, report.text
    assert_sound(reading)


@tries(20)
@given(reports())
def test_a_text_in_traditional_script(report: Report) -> None:
    text = TO_TRADITIONAL.convert(report.text)
    reading = read(Page(name="a.txt", content=text.encode(), content_type="text/plain"), REFERENCE)
    assert reading.document.script == "Hant"
    assert stated_in(reading) == report.stated, text
    assert_sound(reading)
