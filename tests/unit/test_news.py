"""What counts as news, and what does not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines import news
from pipelines.digests import dbt_files, digest_of


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, content in {
        "dbt_project.yml": "name: x",
        "models/marts/a.sql": "select 1",
        "seeds/regions.csv": "code\n1",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tmp_path


def digest(project: Path) -> str:
    return digest_of(dbt_files(project), project)


@pytest.mark.parametrize("name", ["models/marts/a.sql", "seeds/regions.csv", "models/marts/new.sql"])
def test_a_changed_or_new_file_changes_the_digest(project: Path, name: str) -> None:
    before = digest(project)
    (project / name).write_text("select 2", encoding="utf-8")
    assert digest(project) != before


@pytest.mark.parametrize("name", ["target/manifest.json", "logs/dbt.log", "models/__pycache__/x.pyc", ".user.yml"])
def test_what_dbt_writes_does_not(project: Path, name: str) -> None:
    before = digest(project)
    (project / name).parent.mkdir(parents=True, exist_ok=True)
    (project / name).write_text("anything", encoding="utf-8")
    assert digest(project) == before


def test_a_renamed_file_changes_the_digest(project: Path) -> None:
    before = digest(project)
    (project / "models/marts/a.sql").rename(project / "models/marts/b.sql")
    assert digest(project) != before


def test_the_fingerprint_depends_on_content_quarter_and_code() -> None:
    parts = [("a", "2026Q4", "b"), ("a", "2026Q4", "c"), ("c", "2026Q4", "b"), ("a", "2027Q1", "b"), ("a", None, "b")]
    assert len({news.fingerprint(*each) for each in parts}) == len(parts)
    assert news.fingerprint("a", "2026Q4", "b") == news.fingerprint("a", "2026Q4", "b")


@pytest.mark.parametrize(
    ("moment", "quarter"),
    [
        (datetime(2026, 3, 31, 15, 59, tzinfo=UTC), "2026Q1"),
        (datetime(2026, 3, 31, 16, 0, tzinfo=UTC), "2026Q2"),
        (datetime(2026, 11, 22, tzinfo=UTC), "2026Q4"),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), "2027Q1"),
        (None, None),
    ],
)
def test_quarters_begin_when_they_begin_in_china(moment: datetime | None, quarter: str | None) -> None:
    assert news.quarter_of(moment) == quarter


def test_the_code_of_a_release_is_there() -> None:
    assert news.code_digest() == news.code_digest()
