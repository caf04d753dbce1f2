"""Rules over the dbt project: every model, column and seed described, marts under contract, SQL in the house style."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from project import DBT, files, label

MODELS = files(".sql", under=DBT / "models")
SQL = files(".sql", under=DBT)
SEEDS = files(".csv", under=DBT / "seeds")

# one name for a mart and its export; columns are added at their end, never moved or renamed
MARTS = {
    "bridge_region",
    "dim_indicator",
    "dim_region",
    "fct_cited_document",
    "fct_coverage",
    "fct_coverage_listed",
    "fct_crawl_outcome",
    "fct_data_issue",
    "fct_identity_check",
    "fct_observation",
    "fct_rate",
    "fct_region_year_indicator",
    "fct_report",
    "fct_report_item",
    "fct_report_version",
    "fct_review",
    "fct_section",
    "fct_year_on_year",
    "rate_over_regions",
    "region_year_wide",
    "sum_over_regions",
}

# "{{ ref('stg_page') }}" "{% if x %}" "{# why #}"
JINJA = re.compile(r"\{[{%#].*?[}%#]\}", re.DOTALL)
# "-- what decided"
COMMENT = re.compile(r"--[^\n]*")
# "'Asia/Shanghai'" '"Name"'
LITERAL = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"")
# the last "select" of a model that takes all columns: "select *" "select distinct *"
STAR_AT_THE_END = re.compile(r"\bselect\s+(?:distinct\s+)?\*(?!.*\bselect\b)", re.DOTALL)


def described(kind: str, under: Path = DBT) -> list[tuple[Path, dict[str, Any]]]:
    """The entries of one kind ("models", "seeds", "sources") in the YAML files below a folder."""
    return [
        (path, entry)
        for path in files(".yml", ".yaml", under=under)
        for entry in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get(kind) or []
        if isinstance(entry, dict)
    ]


def undescribed(entry: dict[str, Any]) -> list[str]:
    """The names of an entry and its columns that have no description."""
    parts = [entry, *entry.get("columns", [])]
    return [part["name"] for part in parts if not str(part.get("description") or "").strip()]


def plain(path: Path) -> str:
    """The SQL of a file without Jinja, comments and literals."""
    text = JINJA.sub(" ", path.read_text(encoding="utf-8"))
    return LITERAL.sub(" ", COMMENT.sub(" ", text))


def test_the_marts_are_the_ones_promised() -> None:
    assert {path.stem for path in files(".sql", under=DBT / "models" / "marts")} == MARTS


def test_every_model_is_described_once_and_beside_it() -> None:
    entries = [(path.parent, entry["name"]) for path, entry in described("models", DBT / "models")]
    assert Counter(entries) == Counter((path.parent, path.stem) for path in MODELS)


@pytest.mark.parametrize("kind", ["models", "seeds", "sources"])
def test_everything_has_a_description(kind: str) -> None:
    entries = [entry for _, entry in described(kind)]
    tables = [table for entry in entries for table in entry.get("tables", [])]
    assert entries
    assert {entry["name"]: undescribed(entry) for entry in entries + tables if undescribed(entry)} == {}


def test_every_model_lists_its_columns() -> None:
    entries = described("models", DBT / "models")
    assert [entry["name"] for _, entry in entries if not entry.get("columns")] == []


def test_columns_are_listed_once() -> None:
    names = {entry["name"]: [column["name"] for column in entry["columns"]] for _, entry in described("models")}
    assert {model: columns for model, columns in names.items() if len(columns) != len(set(columns))} == {}


def test_marts_stand_under_a_contract() -> None:
    project = yaml.safe_load((DBT / "dbt_project.yml").read_text(encoding="utf-8"))
    assert project["models"][project["name"]]["marts"]["+contract"] == {"enforced": True}
    for _, entry in described("models", DBT / "models" / "marts"):
        assert entry.get("config", {}).get("contract", {}).get("enforced", True), entry["name"]
        assert [column["name"] for column in entry["columns"] if not column.get("data_type")] == []


@pytest.mark.parametrize("path", files(".sql", under=DBT / "models" / "marts"), ids=label)
def test_marts_name_their_columns(path: Path) -> None:
    assert not STAR_AT_THE_END.search(plain(path))


@pytest.mark.parametrize("path", SQL, ids=label)
def test_sql_is_lower_case(path: Path) -> None:
    assert re.findall(r"\w*[A-Z]\w*", plain(path)) == []


@pytest.mark.parametrize("path", SEEDS, ids=label)
def test_seeds_are_described_column_by_column(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        header = next(rows)
        lengths = {len(row) for row in rows}
    entries = [entry for _, entry in described("seeds") if entry["name"] == path.stem]
    assert [[column["name"] for column in entry["columns"]] for entry in entries] == [header]
    assert lengths <= {len(header)}
