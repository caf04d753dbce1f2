"""The whole night with ledger and Dagster on PostgreSQL; its backup, restored elsewhere, gives the same release."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from postgres_server import PostgresServer
from sample_night import PORTALS, free_port_row
from sqlalchemy import create_engine, text

from warehouse.ledger import Ledger
from warehouse.paths import PROJECT_ROOT


def release_of(home: Path) -> dict[str, str]:
    """Digests of the files of the latest release."""
    folder = home / "exports" / "latest"
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def ledger_of(url: str) -> list[list[Any]]:
    """All rows of a ledger."""
    with Ledger(url) as ledger:
        return [ledger.sources(), ledger.runs(), ledger.captures(), ledger.attempts(), ledger.list_fingerprints()]


@dataclass(frozen=True)
class Nights:
    """What a night on PostgreSQL left, and what came back from its backup."""

    home: Path
    fresh: Path
    ledger_url: str
    dagster_url: str
    first: dict[str, Any]
    restored: dict[str, Any]
    restored_release: dict[str, str]
    restored_ledger: list[list[Any]]
    again: dict[str, Any]


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer) -> Nights:
    root = tmp_path_factory.mktemp("night")
    home, fresh = root / "home", root / "fresh"
    ledger_url, dagster_url = postgres_server.new_database(), postgres_server.new_database()
    env = {key: value for key, value in os.environ.items() if not key.startswith(("FAZHI_", "DAGSTER_", "DBT_"))}
    env |= {"FAZHI_SAMPLE_PORT": str(free_port_row(PORTALS)[0])}

    def fazhi(settings: dict[str, str], *arguments: str) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-m", "pipelines", *arguments, "--json"],
            cwd=PROJECT_ROOT,
            env=env | settings,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr or done.stdout
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    on_server = {"FAZHI_HOME": str(home), "FAZHI_LEDGER_URL": ledger_url, "FAZHI_DAGSTER_URL": dagster_url}
    first = fazhi(on_server, "run")
    made = fazhi(on_server, "backup", str(root / "backups"), "--with-archive")
    on_files = {"FAZHI_HOME": str(fresh)}
    restored = fazhi(on_files, "restore", made["path"])
    restored_release = release_of(fresh)
    restored_ledger = ledger_of(f"sqlite:///{fresh / 'ledger.sqlite'}")
    again = fazhi(on_files, "run")
    return Nights(home, fresh, ledger_url, dagster_url, first, restored, restored_release, restored_ledger, again)


def test_the_night_publishes(nights: Nights) -> None:
    assert (nights.first["status"], nights.first["failures"]) == ("published", [])


def test_neither_ledger_nor_runs_are_kept_in_files(nights: Nights) -> None:
    assert not (nights.home / "ledger.sqlite").exists()
    assert not (nights.home / "dagster" / "history").exists()
    engine = create_engine(nights.dagster_url)
    with engine.connect() as connection:
        assert connection.execute(text("select distinct status from runs")).scalars().all() == ["SUCCESS"]
    engine.dispose()


def test_the_backup_gives_the_same_ledger_and_release(nights: Nights) -> None:
    assert (nights.restored["replaced"], nights.restored["archive_missing"]) == (None, [])
    assert nights.restored_ledger == ledger_of(nights.ledger_url)
    assert nights.restored_release == release_of(nights.home)
    assert len(nights.restored_release) > 10


def test_a_night_after_it_makes_the_warehouse_again_and_finds_nothing_new(nights: Nights) -> None:
    assert nights.again["status"] == "unchanged"
    assert nights.again["summary"]["new captures"] == 0
    assert nights.again["assets"]["documents"]["pages_read"] > 0
    assert release_of(nights.fresh) == nights.restored_release
