"""What a file is by its bytes, and what it is called: both from hands that may lie."""

from __future__ import annotations

import io

import docx
import openpyxl
import pytest
from attachment_samples import Text, ofd, ofd_page, ole2, pdf, zipped

from pipelines.cleaning.attachments.detect import detect
from pipelines.cleaning.attachments.names import anchor_of, file_name, sanitised, stem_of
from pipelines.cleaning.attachments.ole2 import OleError, OleFile
from pipelines.cleaning.attachments.results import FileType


def word() -> bytes:
    out = io.BytesIO()
    docx.Document().save(out)
    return out.getvalue()


def workbook() -> bytes:
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    return out.getvalue()


PDF = pdf([[Text(90, 90, "报告")]])


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (PDF, FileType.PDF),
        (b"\xef\xbb\xbf\r\n" + PDF, FileType.PDF),
        (b"garbage " * 100 + PDF, FileType.PDF),
        (b"x" * 2000 + PDF, None),
        (b"<html><p>how to write %PDF-1.4", None),
        (word(), FileType.DOCX),
        (word()[:-200], FileType.DOCX),
        (workbook(), FileType.XLSX),
        (ofd([ofd_page([])]), FileType.OFD),
        (zipped({"ppt/presentation.xml": "<p/>"}), FileType.PRESENTATION),
        (zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}, 0), FileType.ODT),
        (zipped({"报告.pdf": PDF}), FileType.ZIP),
        (zipped({}), FileType.ZIP),
        (b"PK\x03\x04", FileType.ZIP),
        (ole2({"WordDocument": b"", "1Table": b""}), FileType.DOC),
        (ole2({"Workbook": b""}), FileType.XLS),
        (ole2({"Book": b""}), FileType.XLS),
        (ole2({"PowerPoint Document": b""}), FileType.PRESENTATION),
        (ole2({"EncryptedPackage": b"", "EncryptionInfo": b""}), FileType.OFFICE_ENCRYPTED),
        (ole2({"Contents": b""}), FileType.OLE_OTHER),
        (ole2({"Contents": "内嵌 WordDocument".encode("utf-16-le")}), FileType.OLE_OTHER),
        (ole2({"WordDocument": b""})[:1500], FileType.DOC),
        (b"{\\rtf1\\ansi report}", FileType.RTF),
        (b'<?xml version="1.0"?>\n<?mso-application progid="Word.Document"?><w:wordDocument/>', FileType.WORD_XML),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", FileType.MHTML),
        (b"From: <Saved by Blink>\r\nSubject: x\r\nMIME-Version: 1.0\r\n", FileType.MHTML),
        (b"Rar!\x1a\x07\x01\x00", FileType.RAR),
        (b"7z\xbc\xaf\x27\x1c", FileType.SEVEN_ZIP),
        (b"\x89PNG\r\n\x1a\n", FileType.IMAGE),
        (b"\xff\xd8\xff\xe0", FileType.IMAGE),
        (b"GIF89a", FileType.IMAGE),
        (b"BM\x36\x00\x0c\x00\x00\x00\x00\x00", FileType.IMAGE),
        (b"BMW is a car maker", None),
        (b"<!DOCTYPE html><html>", None),
        ("泸州市人民政府".encode(), None),
        ("泸州市人民政府".encode("gb18030"), None),
        (b"", None),
    ],
)
def test_types_are_told_by_bytes(content: bytes, expected: FileType | None) -> None:
    assert detect(content) is expected


@pytest.mark.parametrize(
    ("disposition", "anchor", "url", "expected"),
    [
        ("attachment; filename*=UTF-8''%E6%8A%A5%E5%91%8A.pdf; filename=x.pdf", None, None, "报告.pdf"),
        ("attachment; filename*=gb18030''%B1%A8%B8%E6.doc", None, None, "报告.doc"),
        ("attachment; filename*=nonsense''%E6%8A%A5%E5%91%8A.pdf", None, None, "报告.pdf"),
        ('attachment; filename="' + "报告.pdf".encode().decode("latin-1") + '"', None, None, "报告.pdf"),
        ("attachment; filename=" + "报告.pdf".encode("gbk").decode("latin-1"), None, None, "报告.pdf"),
        ("attachment;filename=%E6%8A%A5%E5%91%8A.pdf", None, None, "报告.pdf"),
        ('attachment; filename="=?UTF-8?B?5oql5ZGKLnBkZg==?="', None, None, "报告.pdf"),
        ("inline", "附件：2023年报告.pdf", None, "2023年报告.pdf"),
        (None, "附件1.2023年度报告.docx", "http://h/P0202.docx", "2023年度报告.docx"),
        (None, "点击下载", "http://h/a/P020240109.pdf", "P020240109.pdf"),
        (None, "【附件】报告.pdf", None, "报告.pdf"),
        (None, None, "http://h/%E6%8A%A5%E5%91%8A.pdf?x=1", "报告.pdf"),
        (None, None, "http://h/system/_content/download.jsp?wbfileid=2", None),
        (None, None, "http://h/download", None),
        ("attachment; filename=../../etc/passwd", None, None, "passwd"),
        (None, None, "http://h/..%2f..%2fetc%2fpasswd.txt", "passwd.txt"),
        (None, None, None, None),
    ],
)
def test_names_come_from_the_first_that_states_one(
    disposition: str | None, anchor: str | None, url: str | None, expected: str | None
) -> None:
    assert file_name(disposition, anchor, url) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\报告.doc", "报告.doc"),
        ("C:\\报告.doc", "报告.doc"),
        ("/", None),
        ("..", None),
        ("", None),
        ("a\x00b\n.pdf", "ab.pdf"),
        ("\u202efdp.报告", "fdp.报告"),
        ("con.pdf", "_con.pdf"),
        ("报告<1>|?.pdf", "报告1.pdf"),
        ("  .报告.pdf. ", "报告.pdf"),
        ("长" * 400 + ".pdf", "长" * 146 + ".pdf"),
    ],
)
def test_names_are_never_paths(name: str, expected: str | None) -> None:
    assert sanitised(name) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<a href="./P1.pdf">附件：<b>报告</b></a>', "附件：报告"),
        ('<a href="/x/P1.pdf" title="全名.pdf">全…</a>', "全名.pdf"),
        ('<a href="P2.pdf">别的</a>', None),
        ('<a href="P1.pdf"></a>', None),
        ("", None),
    ],
)
def test_the_link_names_the_file(markup: str, expected: str | None) -> None:
    assert anchor_of(markup, "http://h/x/t1.html", "https://h/x/P1.pdf") == expected


def test_the_ending_is_no_part_of_the_title() -> None:
    assert stem_of("泸州市2023年度法治政府建设报告.pdf") == "泸州市2023年度法治政府建设报告"


def test_streams_of_ole2_files_are_read() -> None:
    file = OleFile(ole2({"WordDocument": b"a" * 5000, "1Table": b"b" * 600}))
    streams = file.root_streams()
    assert set(streams) == {"WordDocument", "1Table"}
    assert file.read(streams["WordDocument"]) == b"a" * 5000


@pytest.mark.parametrize("length", [0, 100, 512, 1000])
def test_torn_ole2_files_are_refused(length: int) -> None:
    with pytest.raises(OleError):
        OleFile(ole2({"WordDocument": b""})[:length]).root_streams()
