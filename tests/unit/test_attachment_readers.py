"""Each reader on files made here: what stands in them comes out in its order, what is missing is told."""

from __future__ import annotations

import io
import os
import stat
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from attachment_samples import (
    ENCRYPTED,
    Image,
    Text,
    ofd,
    ofd_members,
    ofd_page,
    ole2,
    pdf,
    ruled_table,
    typeset,
    zipped,
)

from pipelines.cleaning.attachments.doc import read_doc
from pipelines.cleaning.attachments.docx import read_docx, read_word_xml
from pipelines.cleaning.attachments.limits import LIMITS, Limits
from pipelines.cleaning.attachments.ofd import deltas, read_ofd
from pipelines.cleaning.attachments.pdf import read_pdf
from pipelines.cleaning.attachments.readers import READERS, UNREAD, read_file
from pipelines.cleaning.attachments.results import AttachmentError, FileType
from pipelines.cleaning.attachments.sheet import cell_text, read_xls, read_xlsx
from pipelines.reading import cleaner_version

LETTER = [
    "2023年，全市深入贯彻党的二十大和二十届历次全会精神，认真落实法治政府建设实施纲要的总体要求，取得新的成效。",
    "一、主要举措",
    "（一）办结行政复议案件1234件，纠错率12.5%，其中涉及COVID-19的案件56件，均在法定期限内办结，群众满意度持续提升。",
    "二、下一步打算",
]
TABLE = [["机关", "案件数", "办结率"], ["司法局", "1,234", "98.5%"], ["市场监督管\n理局", "56", "100%"]]
TABLE_ROWS = ["机关\t案件数\t办结率", "司法局\t1,234\t98.5%", "市场监督管理局\t56\t100%"]


def failure(read: Any, content: bytes, limits: Limits = LIMITS) -> tuple[str, str]:
    with pytest.raises(AttachmentError) as caught:
        read(content, limits)
    return caught.value.kind, caught.value.reason


def test_a_letter_set_on_pages_gives_its_paragraphs() -> None:
    long_letter = [*LETTER, *(f"{number}号段落，" + "深入推进依法行政。" * 9 for number in range(20))]
    content = pdf(typeset(long_letter, title="某市2023年度法治政府建设报告", header="某市人民政府文件"))
    found = read_pdf(content, LIMITS)
    assert found.text.split("\n") == ["某市2023年度法治政府建设报告", *long_letter]
    assert (found.pages, found.notes) == (5, ())


def test_a_heading_as_long_as_a_line_stands_alone() -> None:
    texts = ["（四）深化综合执法改革，严格规范公正文明执法", "镇综合执法办公室现有工作人员15人。" * 3] * 3
    assert read_pdf(pdf(typeset(texts)), LIMITS).text.split("\n") == texts


@pytest.mark.parametrize("number", ["- {} -", "— {} —", "{}", "第{}页", "第 {} 页 共 9 页"])
def test_page_numbers_of_all_forms_are_dropped(number: str) -> None:
    content = pdf(typeset([*LETTER * 6], number=number))
    assert read_pdf(content, LIMITS).text.split("\n") == LETTER * 6


def test_a_ruled_table_keeps_its_rows() -> None:
    page = [Text(90, 200, "执法情况如下："), *ruled_table(TABLE), Text(90, 500, "以上。")]
    assert read_pdf(pdf([page]), LIMITS).text.split("\n") == ["执法情况如下：", *TABLE_ROWS, "以上。"]


def test_a_frame_around_text_is_no_table() -> None:
    frame = ruled_table([["框中的文字"]], column=300)
    assert read_pdf(pdf([[*frame, Text(90, 500, "框外的文字再来几个")]]), LIMITS).text.split("\n") == [
        "框中的文字",
        "框外的文字再来几个",
    ]


def test_pages_that_are_pictures_are_told() -> None:
    found = read_pdf(pdf([[Image()], *typeset(LETTER)]), LIMITS)
    assert found.text.split("\n") == LETTER
    assert [(note.kind, note.value) for note in found.notes] == [("attachment_pages_without_text", "1")]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (pdf([[Image()], [Image(), Text(290, 790, "- 2 -")]]), ("attachment_no_text", "scan")),
        (pdf([[]]), ("attachment_no_text", "empty")),
        (pdf([[Text(90, 90, "\ufff0" * 20)]], encoding="Identity-H"), ("attachment_no_text", "no_unicode")),
        (pdf([[Text(90, 90, "报告")]], trailer=ENCRYPTED), ("attachment_unparsed", "encrypted")),
        (pdf([]), ("parse_failed", "damaged")),
        (pdf(typeset(LETTER))[:900], ("parse_failed", "damaged")),
        (b"%PDF-1.4\n" + b"\xff\x00" * 500, ("parse_failed", "damaged")),
        (b"%PDF-1.4", ("parse_failed", "damaged")),
    ],
    ids=["scan", "empty", "no unicode", "encrypted", "no pages", "torn", "noise", "mark only"],
)
def test_a_pdf_without_text_says_why(content: bytes, expected: tuple[str, str]) -> None:
    assert failure(read_pdf, content) == expected


def word(fill: Any) -> bytes:
    document = docx.Document()
    fill(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_paragraphs_and_tables_of_word_keep_their_order() -> None:
    def fill(document: Any) -> None:
        document.sections[0].header.paragraphs[0].text = "页眉"
        paragraph = document.add_paragraph("2023")
        paragraph.add_run("年办结").bold = True
        paragraph.add_run("12件")
        table = document.add_table(2, 3)
        for row, texts in zip(table.rows, [["机关", "件数", ""], ["司法局", "12", "备注"]], strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
        document.add_paragraph("")
        document.add_paragraph("以上。").add_run().add_break()

    assert read_docx(word(fill), LIMITS).text.split("\n") == [
        "2023年办结12件",
        "机关\t件数",
        "司法局\t12\t备注",
        "以上。",
    ]


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
INNER = "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>内</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
BOX = "<w:txbxContent><w:p><w:r><w:t>框</w:t></w:r></w:p></w:txbxContent>"
CHOICE = f"<mc:Choice><w:drawing>{BOX}</w:drawing></mc:Choice><mc:Fallback><w:pict>{BOX}</w:pict></mc:Fallback>"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "<w:p><w:ins><w:r><w:t>新增</w:t></w:r></w:ins><w:del><w:r><w:delText>删去</w:delText></w:r></w:del></w:p>",
            "新增",
        ),
        ("<w:sdt><w:sdtContent><w:p><w:r><w:t>控件</w:t></w:r></w:p></w:sdtContent></w:sdt>", "控件"),
        ("<w:p><w:hyperlink><w:r><w:t>链接</w:t></w:r></w:hyperlink><w:r><w:t>后</w:t></w:r></w:p>", "链接后"),
        ("<w:p><w:r><w:t>甲</w:t><w:br/><w:t>乙</w:t><w:tab/><w:t>丙</w:t></w:r></w:p>", "甲\n乙 丙"),
        ("<w:p><w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:t>文</w:t></w:r></w:p>", "文"),
        (f"<w:p><w:r><mc:AlternateContent>{CHOICE}</mc:AlternateContent><w:t>外</w:t></w:r></w:p>", "外\n框"),
        (f"<w:tbl><w:tr><w:tc>{INNER}</w:tc><w:tc><w:p><w:r><w:t>外</w:t></w:r></w:p></w:tc></w:tr></w:tbl>", "内\t外"),
    ],
    ids=["tracked", "control", "link", "breaks", "field", "text box", "nested table"],
)
def test_no_text_of_word_is_lost(body: str, expected: str) -> None:
    members = {"word/document.xml": f"<w:document {W} {MC}><w:body>{body}</w:body></w:document>"}
    assert read_docx(zipped(members), LIMITS).text == expected


def test_numbers_that_word_makes_are_noted() -> None:
    content = word(lambda document: [document.add_paragraph("加强领导", style="List Number") for _ in range(3)])
    members = "<w:p><w:pPr><w:numPr><w:numId w:val='{}'/></w:numPr></w:pPr><w:r><w:t>甲</w:t></w:r></w:p>"
    body = members.format(3) + members.format(0)
    made = zipped({"word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>"})
    assert [(note.kind, note.value) for note in read_docx(made, LIMITS).notes] == [
        ("attachment_numbering_not_read", "1")
    ]
    styled = read_docx(content, LIMITS)
    assert styled.text == "加强领导\n加强领导\n加强领导"
    assert [note.value for note in styled.notes] == ["3"]


def test_word_in_one_xml_file_is_read() -> None:
    body = "<w:body><w:sect><w:p><w:r><w:t>旧格式</w:t></w:r></w:p></w:sect></w:body>"
    assert read_word_xml(f'<w:wordDocument xmlns:w="x">{body}</w:wordDocument>'.encode(), LIMITS).text == "旧格式"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (word(lambda _: None), ("attachment_no_text", "empty")),
        (zipped({"word/other.xml": "<x/>"}), ("parse_failed", "damaged")),
        (zipped({"word/document.xml": "<w:document"}), ("parse_failed", "damaged")),
        (zipped({"word/document.xml": "<document/>"}), ("parse_failed", "damaged")),
        (word(lambda _: None)[:-300], ("parse_failed", "damaged")),
        (
            zipped({"word/document.xml": f"<w:document {W}><w:body/></w:document>", "word/media/1.png": b"x"}),
            ("attachment_no_text", "scan"),
        ),
    ],
    ids=["empty", "no main part", "torn part", "no body", "torn file", "pictures only"],
)
def test_a_word_file_without_text_says_why(content: bytes, expected: tuple[str, str]) -> None:
    assert failure(read_docx, content) == expected


def test_an_ofd_is_read_page_by_page_in_reading_order() -> None:
    first = [(31.0, 40.0 + 10 * row, "满" * 26) for row in range(5)]
    pages = [
        ofd_page([(102.0, 280.0, "- 1 -"), *reversed(first), (31.0, 90.0, "四中、五" + "满" * 22)]),
        ofd_page([(31.0, 40.0, "中、六中全会。"), (42.2, 50.0, "另起一段。")]),
    ]
    found = read_ofd(ofd(pages), LIMITS)
    assert found.text == "满" * 26 * 5 + "四中、五" + "满" * 22 + "中、六中全会。\n另起一段。"
    assert found.pages == 2


def test_templates_and_turned_text_of_an_ofd() -> None:
    code = "<ofd:TextCode>水印</ofd:TextCode>"
    turned = f'<ofd:TextObject ID="9" Boundary="0 0 9 9" Size="5" CTM="0 1 -1 0 0 0">{code}</ofd:TextObject>'
    page = ofd_page([(31, 60, "正文从这里开始写"), (31, 70, "第二行。")], extra='<ofd:Template TemplateID="T0"/>')
    page = page.replace("<ofd:Layer ID", f"<ofd:Layer>{turned}</ofd:Layer><ofd:Layer ID")
    assert read_ofd(ofd([page], [ofd_page([(31, 20, "某市人民政府文件")])]), LIMITS).text.split("\n") == [
        "某市人民政府文件",
        "正文从这里开始写第二行。",
    ]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("1 2 3", [1, 2, 3]),
        ("g 3 5.2", [5.2] * 3),
        ("1 g 2 4 1", [1, 4, 4, 1]),
        ("g 3", [3]),
        ("g -1 5", []),
        (None, []),
    ],
)
def test_steps_between_characters(steps: str | None, expected: list[float]) -> None:
    assert deltas(steps, LIMITS) == expected


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (ofd_members([ofd_page([], images=1)]), ("attachment_no_text", "scan")),
        (ofd_members([ofd_page([])]), ("attachment_no_text", "empty")),
        (ofd_members([]), ("parse_failed", "damaged")),
        ({"OFD.xml": "<x>"}, ("parse_failed", "damaged")),
        ({"Doc_0/Document.xml": "<x/>"}, ("parse_failed", "damaged")),
        ({**ofd_members([ofd_page([])]), "Doc_0/Encryptions.xml": "<x/>"}, ("attachment_unparsed", "encrypted")),
        (
            {**ofd_members([]), "OFD.xml": "<o><DocRoot>../../../etc/passwd</DocRoot></o>"},
            ("parse_failed", "damaged"),
        ),
    ],
    ids=["scan", "empty", "no pages", "torn", "no root", "encrypted", "a path that leaves"],
)
def test_an_ofd_without_text_says_why(members: dict[str, str | bytes], expected: tuple[str, str]) -> None:
    assert failure(read_ofd, zipped(members)) == expected


def workbook(fill: Any) -> bytes:
    book = openpyxl.Workbook()
    fill(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_rows_of_a_workbook_are_lines() -> None:
    def fill(book: Any) -> None:
        sheet = book.active
        sheet.title = "执法"
        sheet.append(["机关", "件数", "办结率"])
        sheet.append(["司法局", 1234.0, 0.985])
        sheet["C2"].number_format = "0.0%"
        sheet.append([])
        hidden = book.create_sheet("隐藏")
        hidden.append(["不读"])
        hidden.sheet_state = "hidden"
        book.create_sheet("复议").append(["受理", 12])

    found = read_xlsx(workbook(fill), LIMITS)
    assert found.text.split("\n") == ["执法", "机关\t件数\t办结率", "司法局\t1234\t98.5%", "复议", "受理\t12"]
    assert found.pages == 2


@pytest.mark.parametrize(
    ("value", "form", "expected"),
    [
        (None, "", ""),
        (12.0, "General", "12"),
        (12.5, "General", "12.5"),
        (0.1 + 0.2, "General", "0.3"),
        (1e12, "General", "1000000000000"),
        (0.985, "0.0%", "98.5%"),
        (True, "", "是"),
        (datetime(2024, 3, 28), "", "2024-03-28"),  # noqa: DTZ001 - workbooks know no zones
        (datetime(2024, 3, 28, 9, 5), "", "2024-03-28 09:05"),  # noqa: DTZ001
        (date(2024, 3, 28), "", "2024-03-28"),
        (time(9, 5), "", "09:05:00"),
        ("文字", "", "文字"),
    ],
)
def test_values_are_written_as_they_are_read(value: Any, form: str, expected: str) -> None:
    assert cell_text(value, form) == expected


@pytest.mark.parametrize(
    ("read", "content", "expected"),
    [
        (read_xlsx, workbook(lambda _: None), ("attachment_no_text", "empty")),
        (read_xlsx, workbook(lambda _: None)[:-100], ("parse_failed", "damaged")),
        (read_xlsx, zipped({"xl/workbook.xml": "<x/>"}), ("parse_failed", "damaged")),
        (read_xls, ole2({"Workbook": b"\x09\x08nonsense"}), ("parse_failed", "damaged")),
        (read_xls, ole2({"Workbook": b""})[:700], ("parse_failed", "damaged")),
    ],
    ids=["empty", "torn", "no parts", "nonsense", "torn xls"],
)
def test_a_workbook_without_values_says_why(read: Any, content: bytes, expected: tuple[str, str]) -> None:
    assert failure(read, content) == expected


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose programs are found before, and in the place of, those for reading DOC."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "cat", "sleep", "dirname", "cp"):
        found = next(
            Path(each) / name for each in os.defpath.split(os.pathsep) if each and (Path(each) / name).exists()
        )
        (folder / name).symlink_to(found)
    monkeypatch.setenv("PATH", str(folder))
    return folder


DOC = ole2({"WordDocument": b"\xec\xa5" + b"\0" * 30})
ANSWER = "printf '%s\\n\\n%s\\n' '  2023年办结12件  ' '二、打算'"
# LibreOffice writes its answer beside the file, in the folder that follows --outdir
OFFICE = 'for last; do :; done; printf "\\357\\273\\277一\\n二\\n" > "$(dirname "$last")/file.txt"'


@pytest.mark.parametrize(
    ("scripts", "expected"),
    [
        ({"antiword": ANSWER}, "2023年办结12件\n二、打算"),
        ({"soffice": OFFICE}, "一\n二"),
        ({"libreoffice": OFFICE}, "一\n二"),
        ({"antiword": "exit 1", "soffice": OFFICE}, "一\n二"),
    ],
    ids=["antiword", "soffice", "libreoffice", "the second when the first fails"],
)
def test_doc_is_read_by_what_is_installed(programs: Path, scripts: dict[str, str], expected: str) -> None:
    for name, script in scripts.items():
        program(programs, name, script)
    assert read_doc(DOC, LIMITS).text == expected


@pytest.mark.parametrize(
    ("scripts", "content", "expected", "message"),
    [
        ({}, DOC, ("attachment_unparsed", "tool_missing"), "antiword or LibreOffice"),
        (
            {"antiword": "echo it broke >&2; exit 3"},
            DOC,
            ("attachment_unparsed", "tool_failed"),
            "ended with 3: it broke",
        ),
        ({"soffice": "exit 0"}, DOC, ("attachment_unparsed", "tool_failed"), "made no text"),
        ({"antiword": "sleep 60"}, DOC, ("attachment_unparsed", "limit"), "more than 1 needed"),
        ({"antiword": "exit 0"}, DOC, ("attachment_no_text", "empty"), "without text"),
        (
            {"antiword": ANSWER},
            ole2({"WordDocument": b"\xec\xa5" + b"\0" * 8 + b"\x00\x01"}),
            ("attachment_unparsed", "encrypted"),
            "password",
        ),
    ],
    ids=["missing", "failed", "silent", "slow", "empty", "encrypted"],
)
def test_a_doc_without_text_says_why(
    programs: Path, scripts: dict[str, str], content: bytes, expected: tuple[str, str], message: str
) -> None:
    for name, script in scripts.items():
        program(programs, name, script)
    with pytest.raises(AttachmentError) as caught:
        read_doc(content, Limits(seconds=1))
    assert (caught.value.kind, caught.value.reason) == expected
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((), ()),
        (("soffice",), ("libreoffice",)),
        (("libreoffice", "antiword"), ("antiword", "libreoffice")),
    ],
)
def test_installed_programs_are_part_of_the_version(
    programs: Path, names: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    for name in names:
        program(programs, name, "exit 0")
    cleaner_version.cache_clear()
    try:
        assert tuple(cleaner_version().split("+")[2:]) == expected
    finally:
        cleaner_version.cache_clear()


@pytest.mark.parametrize("file_type", [FileType.RTF, FileType.ODT])
def test_other_texts_name_the_missing_program(programs: Path, file_type: FileType) -> None:
    with pytest.raises(AttachmentError, match="needs LibreOffice"):
        read_file(file_type, b"{\\rtf1}", LIMITS)


def test_every_type_has_a_reader_or_a_reason() -> None:
    special = {FileType.ZIP, FileType.IMAGE, FileType.OFFICE_ENCRYPTED}
    assert set(FileType) == set(READERS) | set(UNREAD) | special
