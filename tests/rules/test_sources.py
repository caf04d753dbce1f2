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

# The portal of a division that was merged stays open for some years, with its old reports.
PORTALS_OUTLIVE = 2020


def divisions() -> dict[str, int]:
    """The first year without it for every code of the table of divisions and its patches; 9999 while in force."""
    ends: dict[str, int] = {}
    for name in ("regions.csv", "region_patches.csv"):
        with (DBT / "seeds" / name).open(encoding="utf-8", newline="") as file:
            ends |= {row["code"]: int(row["valid_to"] or 9999) for row in csv.DictReader(file)}
    return ends


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
    assert parse_source(path.read_text(encoding="utf-8")).region_code in divisions()


@pytest.mark.parametrize("path", [path for path in SOURCES if path.parent.name == "cn"], ids=label)
def test_a_real_source_says_who_it_is_and_that_nobody_opened_it(path: Path) -> None:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert data["status"] in {"unverified", "verified", "retired"}
    assert all(ord(letter) > 0x2E80 for letter in data["owner"])
    assert divisions()[data["region"]] > PORTALS_OUTLIVE


def test_no_address_is_given_twice() -> None:
    urls = [url for path in SOURCES for url in parse_source(path.read_text(encoding="utf-8")).start_urls]
    assert [url for url, count in Counter(urls).items() if count > 1] == []


def test_ids_are_given_once_and_every_family_has_golden_pages() -> None:
    sources = [parse_source(path.read_text(encoding="utf-8")) for path in SOURCES]
    assert [name for name, count in Counter(source.source_id for source in sources).items() if count > 1] == []
    assert {path.name for path in (ROOT / "tests" / "pages").iterdir() if path.is_dir()} == set(FAMILIES)
