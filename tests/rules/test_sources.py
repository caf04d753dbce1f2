"""Rules over all source files: small, valid, named after their id, and of divisions that exist."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
import yaml
from project import DBT, ROOT, files, label

from scrapers.families import FAMILIES
from scrapers.sources import is_loopback, parse_source


def divisions_in_force() -> set[str]:
    """Codes of the divisions that exist today."""
    with (DBT / "seeds" / "regions.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"] for row in csv.DictReader(file) if row["status"] == "in_force"}


SOURCES = files(".yml", ".yaml", under=ROOT / "scrapers" / "sources")
LONGEST_SOURCE = 15


@pytest.mark.parametrize("path", SOURCES, ids=label)
def test_a_source_is_small_valid_and_named_after_its_id(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_SOURCE
    source = parse_source(text)
    assert (path.stem, path.suffix) == (source.source_id, ".yml")
    assert source.is_sample == (path.parent.name == "sample")
    assert all(is_loopback(host) == source.is_sample for host in source.hosts)


@pytest.mark.parametrize("path", SOURCES, ids=label)
def test_a_source_belongs_to_a_division_of_the_table(path: Path) -> None:
    with (DBT / "seeds" / "regions.csv").open(encoding="utf-8", newline="") as file:
        codes = {row["code"] for row in csv.DictReader(file)}
    assert parse_source(path.read_text(encoding="utf-8")).region_code in codes


@pytest.mark.parametrize("path", [path for path in SOURCES if path.parent.name == "cn"], ids=label)
def test_a_real_source_says_who_it_is_and_that_nobody_opened_it(path: Path) -> None:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert data["status"] in {"unverified", "verified", "retired"}
    assert all(ord(letter) > 0x2E80 for letter in data["owner"])
    assert data["region"] in divisions_in_force()


def test_no_address_is_given_twice() -> None:
    urls = [url for path in SOURCES for url in parse_source(path.read_text(encoding="utf-8")).start_urls]
    assert [url for url, count in Counter(urls).items() if count > 1] == []


def test_ids_are_given_once_and_every_family_has_golden_pages() -> None:
    sources = [parse_source(path.read_text(encoding="utf-8")) for path in SOURCES]
    assert [name for name, count in Counter(source.source_id for source in sources).items() if count > 1] == []
    assert {path.name for path in (ROOT / "tests" / "pages").iterdir() if path.is_dir()} == set(FAMILIES)
