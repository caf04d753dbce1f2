"""Files made to hurt: each costs one failure that names the figure, and the next file is read as if nothing was."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from contextlib import suppress
from typing import Any

import openpyxl
import pytest
from attachment_samples import Text, ofd, ofd_members, ofd_page, ole2, pdf, typeset, zipped

from pipelines.cleaning.attachments import isolation, readers, reading, worker
from pipelines.cleaning.attachments.docx import read_docx
from pipelines.cleaning.attachments.limits import LIMITS, MEGABYTE, Limits, check
from pipelines.cleaning.attachments.ofd import read_ofd
from pipelines.cleaning.attachments.pdf import read_pdf
from pipelines.cleaning.attachments.reading import read_attachment
from pipelines.cleaning.attachments.results import AttachmentError, Extracted, Failure, FileType
from pipelines.cleaning.attachments.sheet import read_xlsx
from pipelines.cleaning.attachments.zipped import SafeZip, parse_xml

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
PARAGRAPH = "<w:p><w:r><w:t>{}</w:t></w:r></w:p>"
LAUGHS = '<!DOCTYPE x [<!ENTITY a "哈"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def document(text: str, before: str = "") -> str:
    return f"{before}<w:document {W}><w:body>{PARAGRAPH.format(text)}</w:body></w:document>"


def workbook(rows: int) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for _ in range(rows):
        sheet.append(["一", "二"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def lying_zip() -> bytes:
    """A ZIP whose member says that it is small and unpacks to far more."""
    content = bytearray(zipped({"word/document.xml": document("大" * 400_000)}))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        size = struct.pack("<I", archive.infolist()[0].file_size)
    return bytes(content).replace(size, struct.pack("<I", 500))


def nested(depth: int) -> bytes:
    content = pdf(typeset(["一个段落。" * 5]))
    for _ in range(depth):
        content = zipped({"内.zip" if content.startswith(b"PK") else "报告.pdf": content})
    return content


def encrypted_member() -> bytes:
    content = bytearray(zipped({"word/document.xml": document("密")}))
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(sign) + place] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("file_type", "content", "limits", "expected", "message"),
    [
        (FileType.PDF, pdf([[Text(9, 9, "报")]]), Limits(file_bytes=100), "limit", "bytes"),
        (FileType.PDF, pdf([[Text(9, 9, "报")]] * 4), Limits(pages=3), "limit", "pages: 4 found, 3 allowed"),
        (FileType.PDF, pdf([[Text(9, 9, "报" * 40)]]), Limits(page_objects=20), "limit", "objects on page 1: 40 found"),
        (FileType.PDF, pdf(typeset(["报" * 900])), Limits(characters=500), "limit", "characters"),
        (FileType.DOCX, zipped({"word/document.xml": document("大" * 400_000)}), LIMITS, "limit", "expansion of"),
        (
            FileType.DOCX,
            zipped({"word/document.xml": document("大" * 999)}),
            Limits(xml_bytes=900),
            "limit",
            "bytes of",
        ),
        (
            FileType.DOCX,
            zipped({"word/document.xml": document("大" * 999)}),
            Limits(member_bytes=900),
            "limit",
            "unpacked",
        ),
        (
            FileType.DOCX,
            zipped({"word/document.xml": document("大" * 999)}),
            Limits(unpacked_bytes=900),
            "limit",
            "unpacked",
        ),
        (
            FileType.DOCX,
            zipped({f"word/{n}.xml": "" for n in range(9)}),
            Limits(members=8),
            "limit",
            "members of the ZIP: 9",
        ),
        (
            FileType.DOCX,
            zipped({"word/document.xml": document("大" * 999)}),
            Limits(characters=99),
            "limit",
            "characters: 999",
        ),
        (FileType.DOCX, zipped({"word/document.xml": document("&b;", LAUGHS)}), LIMITS, "document_type", "entities"),
        (FileType.DOCX, zipped({"word/document.xml": document("&a;", OUTSIDE)}), LIMITS, "document_type", "entities"),
        (FileType.DOCX, lying_zip(), LIMITS, "damaged", "ZIP"),
        (FileType.DOCX, encrypted_member(), LIMITS, "encrypted", "is encrypted"),
        (FileType.XLSX, workbook(30), Limits(rows=20), "limit", "rows of a sheet: 21 found, 20 allowed"),
        (FileType.XLSX, zipped({"xl/workbook.xml": OUTSIDE + "<x/>"}), LIMITS, "document_type", "entities"),
        (FileType.OFD, ofd([ofd_page([])] * 3), Limits(pages=2), "limit", "pages: 3 found"),
        (FileType.OFD, ofd([ofd_page([(9, 9, "字" * 50)])]), Limits(page_objects=20), "limit", "steps of a text"),
        (FileType.OFD, zipped({**ofd_members([]), "OFD.xml": LAUGHS + "<x/>"}), LIMITS, "document_type", "entities"),
        (FileType.ZIP, nested(2), LIMITS, "limit", "archives inside each other: 2 found, 1 allowed"),
        (FileType.ZIP, zipped({"a.pdf": b"%PDF-1", "b.pdf": b"%PDF-1"}), LIMITS, "archive", "2 documents"),
        (FileType.ZIP, zipped({"a.txt": b"x"}), LIMITS, "archive", "0 documents"),
        (FileType.ZIP, b"PK\x03\x04", LIMITS, "damaged", "ZIP"),
        (FileType.OFFICE_ENCRYPTED, ole2({"EncryptedPackage": b""}), LIMITS, "encrypted", "password"),
        (FileType.RAR, b"Rar!", LIMITS, "type_unread", "RAR"),
        (FileType.IMAGE, b"\x89PNG\r\n", LIMITS, "scan", "image"),
    ],
)
def test_each_limit_is_a_failure_with_its_figures(
    file_type: FileType, content: bytes, limits: Limits, expected: str, message: str
) -> None:
    with pytest.raises(AttachmentError) as caught:
        readers.read_file(file_type, content, limits)
    assert caught.value.reason == expected
    assert message in caught.value.message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_document_types_are_seen_in_every_encoding(encoding: str) -> None:
    markup = f'<?xml version="1.0" encoding="{encoding}"?>{LAUGHS}<x>&b;</x>'
    with pytest.raises(AttachmentError) as caught:
        parse_xml(markup.encode(encoding), "x.xml", LIMITS)
    assert caught.value.reason == "document_type"


def test_xml_that_is_too_deep_is_damaged() -> None:
    with pytest.raises(AttachmentError) as caught:
        parse_xml(b"<x>" * 5000 + b"</x>" * 5000, "x.xml", LIMITS)
    assert caught.value.kind == "parse_failed"


@pytest.mark.parametrize("name", ["../../../etc/cron.d/x", "/etc/passwd", "..\\..\\x", "C:\\x", "word/\x00x"])
def test_names_in_an_archive_lead_nowhere(name: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = read_docx(zipped({name: b"x", "word/document.xml": document("甲")}), LIMITS)
    assert found.text == "甲"
    assert list(tmp_path.rglob("*")) == []


def test_links_in_an_archive_are_no_members() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("word/document.xml")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    with SafeZip(out.getvalue(), LIMITS) as found:
        assert found.names() == []


def test_an_archive_of_one_document_is_that_document() -> None:
    assert readers.read_file(FileType.ZIP, nested(1), LIMITS).text == "一个段落。" * 5


@pytest.mark.parametrize(
    ("read", "content"),
    [
        (read_pdf, pdf(typeset(["一个段落。" * 40]))),
        (read_docx, zipped({"word/document.xml": document("一个段落。")})),
        (read_ofd, ofd([ofd_page([(31, 40, "一个段落，很长的一个段落。")])])),
        (read_xlsx, workbook(3)),
    ],
)
def test_a_file_torn_or_bent_anywhere_is_read_or_refused(read: Any, content: bytes) -> None:
    step = max(1, len(content) // 40)
    for place in range(0, len(content), step):
        bent = content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]
        for damaged in (content[:place], bent):
            with suppress(AttachmentError):
                assert isinstance(read(damaged, LIMITS), Extracted)


def bomb() -> bytes:
    """A PDF whose page unpacks to 384 megabytes: a stream packed twice, so that little is left to see of it."""
    inner = b" " * (16 * MEGABYTE)
    packer = zlib.compressobj(1)
    once = b"".join(packer.compress(inner) for _ in range(24)) + packer.flush()
    twice = zlib.compress(once)
    body = f"<< /Length {len(twice)} /Filter [/FlateDecode /FlateDecode] >>\nstream\n".encode() + twice + b"\nendstream"
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << >> >>",
        body,
    ]
    out = b"%PDF-1.4\n"
    for number, part in enumerate(parts, start=1):
        out += f"{number} 0 obj\n".encode() + part + b"\nendobj\n"
    return out + b"trailer\n<< /Size 5 /Root 1 0 R >>\n%%EOF\n"


def test_a_bomb_ends_with_its_own_process() -> None:
    limits = Limits(memory_bytes=400 * MEGABYTE, seconds=60)
    found = read_attachment(bomb(), limits)
    assert isinstance(found, Failure)
    assert (found.kind, found.reason, found.message) == (
        "attachment_unparsed",
        "limit",
        "memory: more than 400 MB needed",
    )


def test_a_file_that_takes_too_long_is_given_up() -> None:
    content = pdf([[]], contents={0: b"q Q " * 3_000_000})
    found = read_attachment(content, Limits(seconds=1))
    assert found == Failure(FileType.PDF, "attachment_unparsed", "limit", "seconds: more than 1 needed")


def test_a_file_read_apart_is_the_same_as_read_here() -> None:
    content = pdf(typeset(["一个段落。" * 5, "另一个。"]))
    assert read_attachment(content) == read_pdf(content, LIMITS)


@pytest.mark.parametrize(
    ("error", "kind", "reason"),
    [
        (AttachmentError("attachment_no_text", "scan", "x"), "attachment_no_text", "scan"),
        (MemoryError(), "attachment_unparsed", "limit"),
        (RecursionError(), "attachment_unparsed", "limit"),
        (ZeroDivisionError("y"), "parse_failed", "reader_failed"),
    ],
)
def test_whatever_a_reader_raises_becomes_a_failure(
    monkeypatch: pytest.MonkeyPatch, error: Exception, kind: str, reason: str
) -> None:
    def read_file(*_: Any) -> Any:
        raise error

    monkeypatch.setattr(readers, "read_file", read_file)
    found = worker.read(FileType.PDF, b"", LIMITS)
    assert isinstance(found, Failure)
    assert (found.kind, found.reason) == (kind, reason)


@pytest.mark.parametrize("content", [b"", b"text", "文字".encode(), b"<html><body>x</body></html>"])
def test_pages_are_no_files(content: bytes) -> None:
    assert read_attachment(content) is None


def test_no_process_is_started_for_what_has_no_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(reading, "read_apart")
    found = read_attachment(b"Rar!\x1a\x07\x01\x00")
    assert isinstance(found, Failure)
    assert found.reason == "type_unread"


def test_a_reader_that_dies_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "WORKER", "pipelines.cleaning.attachments.nowhere")
    found = read_attachment(pdf([[]]))
    assert isinstance(found, Failure)
    assert (found.kind, found.reason) == ("parse_failed", "reader_failed")
    assert "nowhere" in found.message


def test_figures_at_the_limit_pass() -> None:
    check("pages", 3, 3)
