"""Warehouses that dbt has built, made once for all integration tests that read them."""

from __future__ import annotations

from pathlib import Path

import pytest
from dbt_runs import run_dbt
from gold_warehouse import sample


@pytest.fixture(scope="session")
def dbt_target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder where dbt keeps its manifest; shared, so that the project is parsed once."""
    return tmp_path_factory.mktemp("dbt-target")


@pytest.fixture(scope="session")
def sample_warehouse(tmp_path_factory: pytest.TempPathFactory, dbt_target: Path) -> Path:
    """The warehouse of the sample, built with every test of the project; not to be changed."""
    path = tmp_path_factory.mktemp("sample") / "warehouse.duckdb"
    sample().load(path)
    result = run_dbt(path, dbt_target, "build")
    assert result.returncode == 0, result.stdout
    return path
