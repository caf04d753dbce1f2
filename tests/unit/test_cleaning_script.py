"""Traditional pages: detection, conversion with offsets, and the words that a Taiwan converter changed."""

from __future__ import annotations

import pytest

from pipelines.cleaning.script import detect_script, load_overlay, to_simplified, traditional_share

TRADITIONAL = "遂寧市深入推進依法行政,嚴格執行規範性檔案制定程式,建立健全權力清單,最佳化政務服務,完善信息網路。"
SIMPLIFIED = "遂宁市深入推进依法行政,严格执行规范性文件制定程序,建立健全权力清单,优化政务服务,完善信息网络。"


@pytest.mark.parametrize(
    ("text", "script"),
    [
        (TRADITIONAL, "Hant"),
        (SIMPLIFIED, "Hans"),
        ("", "Hans"),
        ("2017 (a) 12", "Hans"),
        ("全市法治政府建设" * 20 + "瞭望著名乾隆", "Hans"),
    ],
)
def test_detection(text: str, script: str) -> None:
    assert detect_script(text) == script


def test_share_is_of_chinese_characters_only() -> None:
    assert traditional_share("a 1 嚴严") == 0.5


def test_terms_of_law_are_restored_and_offsets_lead_back() -> None:
    converted = to_simplified(TRADITIONAL)
    assert converted.text == SIMPLIFIED
    assert converted.offsets is not None
    assert len(converted.offsets) == len(converted.text) + 1
    for term, original in (("规范性文件", "規範性檔案"), ("优化", "最佳化"), ("网络", "網路"), ("执行", "執行")):
        start = converted.text.index(term)
        begin = converted.original_offset(start)
        end = converted.original_offset(start + len(term))
        assert TRADITIONAL[begin:end] == original
    assert converted.original_offset(len(converted.text)) == len(TRADITIONAL)


def test_simplified_text_is_left_alone() -> None:
    converted = to_simplified(SIMPLIFIED)
    assert converted.text is SIMPLIFIED
    assert converted.offsets is None
    assert converted.original_offset(7) == 7


def test_lines_stay_lines() -> None:
    text = "\n".join([TRADITIONAL, "", TRADITIONAL, ""])
    assert to_simplified(text).text.count("\n") == text.count("\n")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("不得設定行政許可", "不得设定行政许可"),
        ("歷史檔案館查閱", "历史档案馆查阅"),
        ("人民群眾與民眾", "人民群众与民众"),
    ],
)
def test_ambiguous_words_keep_their_characters(text: str, kept: str) -> None:
    assert to_simplified(text).text == kept


def test_overlay_changes_every_term() -> None:
    for traditional, simplified in load_overlay().items():
        assert traditional != simplified
        assert to_simplified(TRADITIONAL + traditional).text == SIMPLIFIED + simplified
