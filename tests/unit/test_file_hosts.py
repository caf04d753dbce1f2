"""A new source proposes the other hosts that files of its reports lie on, in a comment that does nothing by itself."""

from __future__ import annotations

import pytest
import yaml

from scrapers.families.common import Entry
from scrapers.families.detect import Detection
from scrapers.golden import RecordedPage
from scrapers.scaffold import LONGEST_SHOWN, Draft, file_hosts, proposal_text, set_status
from scrapers.sources import parse_source, proposed_file_hosts

COLUMN = "http://www.portal.example/zwgk/fzzf/"
SOURCE = """id: one
name: 某市网站
owner: 某市人民政府
region: '510500'
family: trs
start_urls: ['http://www.portal.example/zwgk/fzzf/']
status: unverified
"""


def draft(*entries: str, column: str = COLUMN) -> Draft:
    """A source in the making, with reports at these addresses."""
    reports = tuple(Entry(url, "某市2023年法治政府建设年度报告", None) for url in entries)
    return Draft(column, Detection("trs", "pages", {}), (), reports, ())


def article(html: str) -> RecordedPage:
    return RecordedPage(f"{COLUMN}1.html", html.encode(), "text/html")


@pytest.mark.parametrize(
    ("html", "hosts"),
    [
        ('<p>见<a href="http://files.example/a/报告.pdf">附件</a></p>', ["files.example"]),
        ('<a href="https://Files.example:8443/a.docx">附件</a>', ["files.example:8443"]),
        ('<a href="http://a.example/1.pdf">一</a><a href="http://b.example/2.wps">二</a>', ["a.example", "b.example"]),
        ('<iframe src="http://view.example/show?file=http://files.example/a.pdf"></iframe>', ["files.example"]),
        ('<a href="/files/a.pdf">附件</a>', []),
        ('<a href="http://www.portal.example/a.pdf">附件</a>', []),
        ('<a href="http://elsewhere.example/page.html">别处</a>', []),
        ('<a href="http://127.0.0.1/a.pdf">附件</a>', []),
        ('<a href="http://10.0.0.1/a.pdf">附件</a>', []),
        ('<a href="http://user:secret@files.example/a.pdf">附件</a>', []),
        ('<a href="ftp://files.example/a.pdf">附件</a>', []),
        ("%PDF-1.7 http://files.example/a.pdf", []),
    ],
)
def test_hosts_of_files_are_found_in_the_article(html: str, hosts: list[str]) -> None:
    assert sorted(file_hosts(draft(), article(html))) == hosts


def test_a_report_that_is_a_file_elsewhere_names_its_host() -> None:
    assert file_hosts(draft("http://files.example/2023.pdf", f"{COLUMN}2.html"), None) == {
        "files.example": "http://files.example/2023.pdf"
    }


def test_a_portal_on_this_machine_proposes_this_machine_alone() -> None:
    found = draft("http://127.0.0.1:82/1.pdf", "http://files.example/2.pdf", column="http://127.0.0.1:81/list/")
    assert list(file_hosts(found, None)) == ["127.0.0.1:82"]


def test_nothing_to_propose_writes_nothing() -> None:
    assert proposal_text({}) == ""


def test_a_proposal_does_nothing_until_its_sign_is_taken_away(tmp_path_factory: pytest.TempPathFactory) -> None:
    text = SOURCE + proposal_text(
        {"files.example:8443": "http://files.example/\x1b" + "a" * 900 + ".pdf", "b.example": ""}
    )
    assert max(map(len, text.splitlines())) < LONGEST_SHOWN * 2
    assert text.replace("\n", "").isprintable()
    assert parse_source(text).attachment_hosts == frozenset()
    assert proposed_file_hosts(text) == ["b.example", "files.example:8443"]
    path = tmp_path_factory.mktemp("source") / "one.yml"
    path.write_text(text, encoding="utf-8")
    set_status(path, "verified")
    kept = path.read_text(encoding="utf-8")
    assert proposed_file_hosts(kept) == ["b.example", "files.example:8443"]
    agreed = kept.replace("# attachment_hosts", "attachment_hosts")
    assert parse_source(agreed).attachment_hosts == {"b.example", "files.example:8443"}
    assert yaml.safe_load(agreed)["status"] == "verified"
    assert proposed_file_hosts(agreed) == []
