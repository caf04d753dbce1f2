"""Every family on whole pages of its structure: which family it is, the list, what follows, and the article.

``tests/pages/<family>/`` holds the pages, ``expected.yml`` beside them what reading each must give. An article's
lists of lines are compared whole, so that neither chrome nor a lost line passes.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.cleaning import clean_page
from pipelines.model import Page
from scrapers.encoding import decode
from scrapers.families import FAMILIES
from scrapers.families.answers import AnswerError
from scrapers.families.common import Entry, PageRequest, WebPage, attachment_urls
from scrapers.families.detect import detect_family

PAGES = Path(__file__).parents[1] / "pages"

Case = tuple[Path, dict[str, Any]]


def cases(key: str) -> list[Any]:
    """The golden pages whose expectation has a key."""
    found = []
    for folder in sorted(path for path in PAGES.iterdir() if path.is_dir()):
        expected = yaml.safe_load((folder / "expected.yml").read_text(encoding="utf-8"))
        found += [
            pytest.param(folder / name, case, id=f"{folder.name}/{name}")
            for name, case in expected.items()
            if key in case
        ]
    return found


def request_of(written: str | dict[str, str] | None, url: str | None = None) -> PageRequest | None:
    """A request as the golden files write it: an address, or a form with its address."""
    if isinstance(written, dict):
        headers = (("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"),)
        return PageRequest(written["url"], "POST", written["body"], headers)
    return PageRequest(written) if written else None


def web_page(path: Path, case: dict[str, Any]) -> WebPage:
    return WebPage(case["url"], decode(path.read_bytes()), case.get("options", {}), request_of(case.get("asked")))


@pytest.mark.parametrize("folder", sorted(FAMILIES))
def test_every_page_is_expected_and_every_expectation_has_its_page(folder: str) -> None:
    expected = yaml.safe_load((PAGES / folder / "expected.yml").read_text(encoding="utf-8"))
    assert {path.name for path in (PAGES / folder).iterdir()} - {"expected.yml"} == set(expected)


@pytest.mark.parametrize(("path", "case"), cases("family"))
def test_the_family_is_detected_with_its_evidence(path: Path, case: dict[str, Any]) -> None:
    found = detect_family(web_page(path, case))
    assert found.family == case["family"]
    assert case["evidence"] in found.evidence


@pytest.mark.parametrize(("path", "case"), cases("list"))
def test_lists(path: Path, case: dict[str, Any]) -> None:
    expected = case["list"]
    read = FAMILIES[path.parent.name].read_list(web_page(path, case))
    assert list(read.entries) == [
        Entry(url, title, date.fromisoformat(day) if day else None) for url, title, day in expected["entries"]
    ]
    assert read.next_page == request_of(expected["next"])
    assert (read.declared_total, read.declared_pages) == (expected["total"], expected["pages"])
    assert (read.recognised, list(read.skipped)) == (expected["recognised"], expected["skipped"])


@pytest.mark.parametrize(("path", "case"), cases("error"))
def test_broken_answers_say_what_is_wrong(path: Path, case: dict[str, Any]) -> None:
    with pytest.raises(AnswerError) as error:
        FAMILIES[path.parent.name].read_list(web_page(path, case))
    assert str(error.value).startswith(case["error"])


@pytest.mark.parametrize(("path", "case"), cases("normalised"))
def test_two_addresses_of_one_article_become_one(path: Path, case: dict[str, Any]) -> None:
    family = FAMILIES[path.parent.name]
    read = family.read_list(web_page(path, case))
    assert [family.normalise_url(entry.url) for entry in read.entries] == case["normalised"]


@pytest.mark.parametrize(("path", "case"), cases("continuation"))
def test_what_belongs_to_an_article(path: Path, case: dict[str, Any]) -> None:
    page = web_page(path, case)
    assert FAMILIES[path.parent.name].continuation_urls(page) == case["continuation"]
    assert attachment_urls(page) == case["attachments"]


@pytest.mark.parametrize(("path", "case"), cases("article"))
def test_articles(path: Path, case: dict[str, Any]) -> None:
    expected = case["article"]
    page = Page(path.name, path.read_bytes(), content_type="text/html", url=case["url"], family=path.parent.name)
    cleaned = clean_page(page)
    assert cleaned.title is not None
    assert cleaned.title.text == expected["title"]
    assert str(cleaned.publication_date) == expected["date"]
    assert cleaned.publication_date_source == expected["date_source"]
    assert cleaned.container == expected.get("container", cleaned.container)
    if "body" in expected:
        assert [line.strip() for line in cleaned.lines if line.strip()] == expected["body"]
    if "document_number" in case:
        assert cleaned.document_number is not None
        assert cleaned.document_number.text == case["document_number"]
        assert str(cleaned.generated_date) == case["generated"]
