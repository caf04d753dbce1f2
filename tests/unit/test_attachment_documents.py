"""Reports that come as files: the same facts as from text, with what the linking page states around them."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import docx
import pytest
from attachment_samples import Image, ofd, ofd_page, ole2, pdf, typeset, wrapped

from pipelines.cleaning.attachments.limits import LIMITS
from pipelines.cleaning.attachments.pdf import read_pdf
from pipelines.dossiers import gather_dossiers, natural_order, parts_of
from pipelines.extracting import extract_files, pages_below
from pipelines.model import Page, Reading
from pipelines.parts import read_dossier
from pipelines.reading import page_from_file, read
from pipelines.reference import load_reference
from pipelines.rows import Rows, Versions
from warehouse.ledger import CaptureKind, CaptureRow, SourceRow

GOLD = Path(__file__).parents[1] / "gold"
REPORT = GOLD / "001_20edbe9a567d0323.txt"
TITLE = "咸安区2017年法治政府建设工作情况报告"
NOW = Versions("1+c", "1+e")
MOMENT = datetime(2024, 3, 1, tzinfo=UTC)
SOURCE = SourceRow("s1", "咸安区政府网", "咸安区人民政府", "421202", "trs", [], "0" * 64, MOMENT, MOMENT, True)
ARTICLE = "http://127.0.0.1:8731/zwgk/t20180228_1.html"


def paragraphs() -> list[str]:
    return [line.strip() for line in REPORT.read_text(encoding="utf-8").split("\n") if line.strip()]


def as_pdf(title: str = TITLE) -> bytes:
    return pdf(typeset(paragraphs(), title=title, header="咸安区人民政府文件"))


def as_docx() -> bytes:
    document = docx.Document()
    for text in (TITLE, *paragraphs()):
        document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def as_ofd() -> bytes:
    lines = [(2, TITLE), *(line for text in paragraphs() for line in wrapped(text))]
    pages = [
        ofd_page([(31 + 5.6 * indent, 30 + 9.8 * row, text) for row, (indent, text) in enumerate(lines[at : at + 22])])
        for at in range(0, len(lines), 22)
    ]
    return ofd([page.replace("&", "&amp;") for page in pages])


FILES = {"报告.pdf": as_pdf, "报告.docx": as_docx, "报告.ofd": as_ofd}


def facts(reading: Reading) -> Counter[tuple[Any, ...]]:
    return Counter((fact.value, fact.value_max, fact.unit, fact.indicator_code) for fact in reading.observations)


@pytest.mark.parametrize("name", FILES)
def test_a_report_as_a_file_states_the_same_facts(name: str) -> None:
    content = FILES[name]()
    reference = load_reference()
    text = read(Page(name="a.txt", content=f"{TITLE}\n{REPORT.read_text(encoding='utf-8')}".encode()), reference)
    found = read(Page(name=name, content=content, content_type="application/octet-stream"), reference)
    assert found.document.container == f"attachment:{name.partition('.')[2]}"
    assert (found.document.title, found.document.report_year) == (TITLE, 2017)
    assert found.document.is_annual_report
    assert len(text.observations) >= 25
    assert facts(found) == facts(text)


@pytest.mark.parametrize("path", sorted(GOLD.glob("*.txt")), ids=lambda path: path.stem)
def test_reports_of_all_kinds_survive_being_set_on_pages(path: Path) -> None:
    reference = load_reference()
    text = read(page_from_file(path), reference)
    lines = [line.strip() for line in text.document.text.split("\n") if line.strip()]
    printed = read_pdf(pdf(typeset(lines)), LIMITS).text
    assert facts(read(Page(name=path.name, content=printed.encode()), reference)) == facts(text)


def capture(name: str, kind: CaptureKind, url: str, *, day: int = 0, days: int = 9, **more: Any) -> CaptureRow:
    seen = MOMENT + timedelta(days=day)
    return CaptureRow(
        capture_id=name,
        source_id="s1",
        url=url,
        kind=kind,
        payload_sha256="0" * 64,
        content_type=None,
        http_status=200,
        etag=None,
        last_modified=None,
        fetched_at=seen,
        run_id="r1",
        warc_file="a.warc.gz",
        warc_offset=0,
        warc_length=1,
        payload_bytes=1,
        first_seen_at=seen,
        last_seen_at=seen + timedelta(days=days),
        **{"list_url": None, "list_title": TITLE, "list_date": None, **more},
    )


def web_page(body: str, *, title: str = TITLE) -> bytes:
    head = f'<title>{title}_咸安区政府网</title><meta name="PubDate" content="2018-02-28 09:32">'
    meta = '<meta name="SiteIDCode" content="4212020001"><meta name="ArticleTitle" content="' + title + '">'
    return f'<html><head>{head}{meta}</head><body><div class="TRS_Editor">{body}</div></body></html>'.encode()


STUB = web_page('<p>现予公布。</p><p>附件：<a href="./P1.pdf">咸安区报告.pdf</a></p>')
WHOLE = web_page("".join(f"<p>{text}</p>" for text in paragraphs()))
FILE_URL = "http://127.0.0.1:8731/zwgk/P1.pdf"


def read_all(captures: dict[CaptureRow, bytes], headers: dict[str, str] | None = None) -> Rows:
    contents = {each.capture_id: content for each, content in captures.items()}
    rows = Rows()
    for dossier in gather_dossiers(captures):
        rows.add(read_dossier(dossier, SOURCE, NOW, lambda each: (contents[each.capture_id], headers or {})))
    assert sorted(state["capture_id"] for state in rows.read_state) == sorted(contents)
    assert len({row["document_id"] for row in rows.document}) == len(rows.document)
    return rows


def issues(rows: Rows, name: str) -> list[tuple[str, str, str | None]]:
    found = [issue for issue in rows.issue if issue["capture_id"] == name]
    return [(issue["kind"], issue["severity"], issue["value"]) for issue in found]


def article(**more: Any) -> CaptureRow:
    return capture("a", "article", ARTICLE, **more)


def attached(name: str = "f", url: str = FILE_URL, **more: Any) -> CaptureRow:
    return capture(name, "attachment", url, **{"list_url": ARTICLE, **more})


def test_an_article_without_text_is_read_from_its_file() -> None:
    rows = read_all({article(): STUB, attached(): as_pdf("关于报送工作情况的函")})
    (document,) = rows.document
    assert (document["url"], document["capture_id"], document["container"]) == (ARTICLE, "f", "attachment:pdf")
    assert (document["title"], document["report_year"], document["region_code"]) == (TITLE, 2017, "421202")
    assert (document["publication_date"], document["publication_date_source"]) == (date(2018, 2, 28), "meta")
    assert issues(rows, "a") == [("body_in_attachment", "info", FILE_URL)]
    assert ("text_from_attachment", "info", FILE_URL) in issues(rows, "f")
    assert len(rows.observation) >= 25


def test_an_article_with_text_keeps_it() -> None:
    rows = read_all({article(): WHOLE, attached(): b"%PDF-never read"})
    (document,) = rows.document
    assert (document["capture_id"], document["url"]) == ("a", ARTICLE)
    assert issues(rows, "f") == [("attachment_not_read", "info", ARTICLE)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (pdf([[Image()]]), ("attachment_no_text", "error", "pdf:scan")),
        (ole2({"WordDocument": b""}), ("attachment_unparsed", "error", "doc:tool_missing")),
        (b"%PDF-1.4 torn", ("parse_failed", "error", "pdf:damaged")),
        (b"Rar!\x1a\x07\x00", ("attachment_unparsed", "error", "rar:type_unread")),
        (web_page("<p>您访问的文件不存在</p>"), ("attachment_unparsed", "error", "page:no_file")),
    ],
    ids=["scan", "doc", "torn", "rar", "web page"],
)
def test_a_file_that_cannot_be_read_is_told(
    monkeypatch: pytest.MonkeyPatch, content: bytes, expected: tuple[str, str, str]
) -> None:
    monkeypatch.setenv("PATH", "")
    rows = read_all({article(): STUB, attached(): content})
    (document,) = rows.document
    assert document["capture_id"] == "a"
    assert issues(rows, "f") == [expected]
    assert ("short_body", "warn", None) in issues(rows, "a")


def test_of_several_files_the_report_is_chosen_and_the_others_are_told() -> None:
    captures = {
        article(): STUB,
        attached("x", f"{FILE_URL}x"): pdf(typeset(["表格说明。" * 70])),
        attached("f"): as_pdf(),
        attached("y", f"{FILE_URL}y"): pdf([[Image()]]),
    }
    rows = read_all(captures)
    assert [document["capture_id"] for document in rows.document] == ["f"]
    assert issues(rows, "x") == [("attachment_not_read", "info", ARTICLE)]
    assert issues(rows, "y") == [("attachment_no_text", "error", "pdf:scan")]


def test_a_file_that_a_list_links_is_a_document_of_its_own() -> None:
    listed = {"list_url": "http://127.0.0.1:8731/zwgk/index.html", "list_date": date(2018, 3, 1)}
    rows = read_all({attached(**listed): as_pdf()})
    (document,) = rows.document
    assert (document["url"], document["publication_date"]) == (FILE_URL, date(2018, 3, 1))
    assert document["is_annual_report"]


def test_a_file_of_a_list_that_cannot_be_read_is_told() -> None:
    rows = read_all({attached(list_url="http://127.0.0.1:8731/zwgk/index.html"): pdf([[Image()]])})
    assert rows.document == []
    assert issues(rows, "f") == [("attachment_no_text", "error", "pdf:scan")]


def test_the_server_names_a_file_that_nothing_else_names() -> None:
    header = {"content-disposition": "attachment; filename*=UTF-8''%E5%92%B8%E5%AE%89%E5%8C%BA2017%E5%B9%B4%E6%B3%95"}
    header["content-disposition"] += "%E6%B2%BB%E6%94%BF%E5%BA%9C%E5%BB%BA%E8%AE%BE%E6%8A%A5%E5%91%8A.pdf"
    file = attached(list_url=None, list_title=None)
    rows = read_all({file: pdf(typeset(paragraphs()))}, header)
    assert rows.document[0]["title"] == "咸安区2017年法治政府建设报告"
    assert rows.document[0]["title_source"] == "file_name"


def test_a_changed_article_goes_on_with_the_same_file() -> None:
    old = replace(article(days=0), capture_id="old")
    new = article(day=5)
    rows = read_all({old: STUB, new: STUB + b"<!-- 2 -->", attached(): as_pdf()})
    assert [document["capture_id"] for document in rows.document] == ["f"]
    assert issues(rows, "old") == issues(rows, "a") == [("body_in_attachment", "info", FILE_URL)]


def test_an_article_that_got_its_text_later_leaves_the_file_to_its_older_version() -> None:
    old = replace(article(days=0), capture_id="old")
    rows = read_all({old: STUB, article(day=5): WHOLE, attached(): as_pdf()})
    assert {document["capture_id"]: document["url"] for document in rows.document} == {"a": ARTICLE, "f": ARTICLE}


def test_an_article_in_several_pages_is_one_document() -> None:
    texts = paragraphs()
    cuts = [texts[:6], texts[6:12], texts[12:]]
    pager = "<p>上一页 1 2 3 下一页</p>"
    first, *further = (web_page("".join(f"<p>{text}</p>" for text in [TITLE, *cut]) + pager) for cut in cuts)
    urls = [ARTICLE.replace(".html", f"_{number}.html") for number in (2, 10)]
    captures = {article(): first} | {
        capture(f"c{number}", "continuation", url, list_url=ARTICLE): content
        for number, (url, content) in reversed(list(enumerate(zip(urls, further, strict=True))))
    }
    rows = read_all(captures)
    (document,) = rows.document
    assert document["text"].split("\n") == [TITLE, *texts]
    assert {state["document_id"] for state in rows.read_state} == {document["document_id"]}
    (whole,) = read_all({article(): WHOLE}).document
    assert document["document_id"] != whole["document_id"]


def test_a_further_page_without_its_article_is_told() -> None:
    rows = read_all({capture("c", "continuation", f"{ARTICLE}_2", list_url=ARTICLE): WHOLE})
    assert rows.document == []
    assert issues(rows, "c") == [("continuation_not_read", "warn", ARTICLE)]


def test_a_further_page_that_is_empty_is_told() -> None:
    empty = capture("c", "continuation", f"{ARTICLE}_2", list_url=ARTICLE)
    rows = read_all({article(): WHOLE, empty: web_page("")})
    assert ("continuation_empty", "warn", f"{ARTICLE}_2") in issues(rows, "a")


@pytest.mark.parametrize(
    ("version", "newer", "expected"),
    [
        (article(), None, ["new"]),
        (article(days=0), article(day=5), ["old"]),
        (article(day=20), None, ["new"]),
        (article(day=60), None, ["new"]),
    ],
    ids=["newest", "the older version", "seen since", "not asked since"],
)
def test_parts_go_with_the_version_of_their_time(
    version: CaptureRow, newer: CaptureRow | None, expected: list[str]
) -> None:
    parts = [attached("old", days=6), attached("new", day=7, days=20)]
    assert [part.capture_id for part in parts_of(version, newer, parts)] == expected


def test_files_that_are_no_longer_linked_go_with_older_versions() -> None:
    parts = [attached("old", f"{FILE_URL}1", days=2), attached("new", f"{FILE_URL}2", day=7)]
    assert [part.capture_id for part in parts_of(article(day=7), None, parts)] == ["new"]


def test_page_ten_comes_after_page_two() -> None:
    urls = ["/t1_10.html", "/t1_2.html", "/t1_1.html"]
    assert sorted(urls, key=natural_order) == ["/t1_1.html", "/t1_2.html", "/t1_10.html"]


def test_files_on_disk_are_read_by_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.doc").write_bytes(as_docx())
    (tmp_path / "b.pdf").write_bytes(pdf([[Image()]]))
    (tmp_path / "c.png").write_bytes(b"\x89PNG\r\n")
    paths = pages_below([tmp_path])
    assert [path.name for path in paths] == ["a.doc", "b.pdf"]
    (_, word, _), (_, scan, _) = extract_files(paths, None)
    assert isinstance(word, Reading)
    assert word.document.container == "attachment:docx"
    assert scan == "attachment_no_text: 1 pages, 1 images, no text layer"


def test_the_name_on_disk_is_a_title_for_want_of_another(tmp_path: Path) -> None:
    path = tmp_path / f"{TITLE}.pdf"
    path.write_bytes(pdf(typeset(paragraphs())))
    assert read(page_from_file(path), load_reference()).document.title == TITLE
