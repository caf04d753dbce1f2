"""Dagster keeps its runs where the environment says: files below the data home, or a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from dagster import DagsterInstance, asset, materialize
from sqlalchemy import create_engine, text

from pipelines.settings import apply_environment
from warehouse.ledger_schema import LedgerUnusableError
from warehouse.paths import PROJECT_ROOT, get_home
from warehouse.storage_check import dagster_faults


@asset
def nothing() -> None:
    """An asset of no work."""


@contextmanager
def instance_of(monkeypatch: pytest.MonkeyPatch, home: Path, url: str | None) -> Iterator[Any]:
    """The project's own Dagster instance, as its dagster.yaml describes it."""
    for name, value in (("FAZHI_HOME", str(home)), ("FAZHI_DAGSTER_URL", url or ""), ("DAGSTER_HOME", "")):
        monkeypatch.setenv(name, value)
    apply_environment(get_home())
    with DagsterInstance.from_config(str(PROJECT_ROOT)) as instance:
        yield instance


@pytest.mark.parametrize("database", [None, "postgres_url"])
def test_runs_are_kept_where_the_environment_says(
    fazhi_home: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, database: str | None
) -> None:
    url = database and request.getfixturevalue(database)
    with instance_of(monkeypatch, fazhi_home, url) as instance:
        run_id = materialize([nothing], instance=instance).run_id
    with instance_of(monkeypatch, fazhi_home, url) as instance:
        assert [run.run_id for run in instance.get_runs()] == [run_id]
        assert instance.get_latest_materialization_event(nothing.key) is not None
    assert (fazhi_home / "dagster" / "history" / "runs.db").exists() == (database is None)
    if url is not None:
        engine = create_engine(url)
        with engine.connect() as connection:
            assert connection.scalar(text("select count(*) from runs")) == 1
        engine.dispose()


def test_only_postgresql_may_be_named(fazhi_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LedgerUnusableError, match="not sqlite"), instance_of(monkeypatch, fazhi_home, "sqlite:///x"):
        pass


@pytest.mark.parametrize(
    ("ledger", "dagster", "message"),
    [
        (None, "", None),
        (None, "sqlite:///x", "does not name PostgreSQL"),
        (None, "mysql://h/db", "not on mysql"),
        (None, "postgresql://fazhi@127.0.0.1:1/none", "refused"),
        ("postgresql://a@h/db", "postgresql+psycopg2://b@h/db", "share one database"),
    ],
)
def test_what_is_wrong_is_told_before_a_night(
    fazhi_home: Path, monkeypatch: pytest.MonkeyPatch, ledger: str | None, dagster: str, message: str | None
) -> None:
    monkeypatch.setenv("FAZHI_DAGSTER_URL", dagster)
    if ledger is not None:
        monkeypatch.setenv("FAZHI_LEDGER_URL", ledger)
    found = [fault.message for fault in dagster_faults(get_home())]
    assert found == [] if message is None else message in found[0]


def test_a_server_in_order_is_well(fazhi_home: Path, monkeypatch: pytest.MonkeyPatch, postgres_url: str) -> None:
    monkeypatch.setenv("FAZHI_DAGSTER_URL", postgres_url)
    assert list(dagster_faults(get_home())) == []
