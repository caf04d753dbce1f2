"""Bytes to text: the bytes decide, the declaration only breaks ties."""

from __future__ import annotations

import codecs

import pytest

from pipelines.cleaning.encoding import declared_encoding, decode

TEXT = "法治政府建设年度报告:受理行政复议案件12件"
RARE = "朱镕基、〔2023〕、陶喆"


def html(text: str, charset: str | None) -> str:
    meta = f'<meta charset="{charset}">' if charset else ""
    return f"<html><head>{meta}</head><body><p>{text}</p></body></html>"


@pytest.mark.parametrize(
    ("content", "content_type", "encoding", "issues"),
    [
        pytest.param(html(TEXT, "utf-8").encode(), None, "utf-8", [], id="utf-8 as declared"),
        pytest.param(
            html(TEXT, "gb2312").encode(), None, "utf-8", ["encoding_disagreement"], id="utf-8 declared gb2312"
        ),
        pytest.param(
            html(TEXT, "utf-8").encode("gbk"), None, "gb18030", ["encoding_disagreement"], id="gbk declared utf-8"
        ),
        pytest.param(html(TEXT, "gb2312").encode("gbk"), None, "gb18030", [], id="gbk declared gb2312"),
        pytest.param(html(TEXT, None).encode("gb18030"), None, "gb18030", [], id="gb18030 undeclared"),
        pytest.param(codecs.BOM_UTF8 + TEXT.encode(), None, "utf-8", [], id="utf-8 with mark"),
        pytest.param(
            codecs.BOM_UTF8 + TEXT.encode(),
            "text/html; charset=GBK",
            "utf-8",
            ["encoding_disagreement"],
            id="mark wins",
        ),
        pytest.param(codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), None, "utf-16-le", [], id="utf-16 little"),
        pytest.param(codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), None, "utf-16-be", [], id="utf-16 big"),
        pytest.param(html(TEXT, None).encode("utf-16-le"), None, "utf-16-le", [], id="utf-16 without mark"),
        pytest.param(html(TEXT, None).encode("utf-16-be"), None, "utf-16-be", [], id="utf-16 big without mark"),
        pytest.param(TEXT.encode(), "text/html; charset=utf-8", "utf-8", [], id="declared in the header"),
        pytest.param(b"plain words", "text/plain; charset=gbk", "utf-8", [], id="ascii disagrees with nobody"),
        pytest.param("遂寧市依法行政".encode("big5"), "text/html; charset=big5", "big5", [], id="big5 by declaration"),
    ],
)
def test_bytes_decide(content: bytes, content_type: str | None, encoding: str, issues: list[str]) -> None:
    decoded = decode(content, content_type)
    assert decoded.encoding == encoding
    assert [issue.kind for issue in decoded.issues] == issues
    assert "�" not in decoded.text
    assert "法治政府" in decoded.text or "plain" in decoded.text or "依法行政" in decoded.text


def test_rare_characters_survive_gb18030() -> None:
    assert decode(RARE.encode("gb18030")).text == RARE


def test_a_mark_is_no_character() -> None:
    assert decode(codecs.BOM_UTF8 + TEXT.encode()).text == TEXT


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        pytest.param((TEXT * 20).encode()[:-1], "utf-8", id="cut inside the last character"),
        pytest.param((TEXT * 20).encode() + b"\xff\xfe\xff" + (TEXT * 20).encode(), "utf-8", id="three stray bytes"),
    ],
)
def test_damage_is_reported(content: bytes, encoding: str) -> None:
    decoded = decode(content, "text/html; charset=utf-8")
    assert decoded.encoding == encoding
    assert [issue.kind for issue in decoded.issues] == ["bad_encoding"]
    assert TEXT in decoded.text


@pytest.mark.parametrize(
    ("content", "content_type", "label"),
    [
        (b'<meta http-equiv="Content-Type" content="text/html; charset=gb2312">', None, "gb2312"),
        (b'<?xml version="1.0" encoding="GBK"?>', None, "gbk"),
        (b"<meta charset='UTF-8'>", None, "utf-8"),
        (b"<meta charset='UTF-8'>", "text/html;charset=GB18030", "gb18030"),
        (b"<p>no label</p>", "text/html", None),
    ],
)
def test_declarations(content: bytes, content_type: str | None, label: str | None) -> None:
    assert declared_encoding(content, content_type) == label
