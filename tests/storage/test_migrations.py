"""The ledger's schema moves up and down with its rows, wholly or not at all; on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, Table, event, inspect, select, text

from warehouse.ledger import Ledger
from warehouse.ledger_schema import (
    HEAD_REVISION,
    MIGRATIONS,
    LedgerUnusableError,
    current_revision,
    downgrade,
    ledger_address,
    make_engine,
    upgrade,
)
from warehouse.ledger_tables import Base

REVISIONS = [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][::-1]
MOMENT = "2026-03-01 02:00:00+00:00"
# a row of each table as the first schema has it, referred rows first
FIRST_ROWS = """
insert into source values ('s', '名称', '某县人民政府', '350123', 'trs', '["http://h/"]', 'c', :at, :at, true);
insert into crawl_run values ('r', :at, null, 'running', '0.1', 'test');
insert into capture values ('c', 's', 'http://h/a', 'article', 'f', null, 200, null, null, :at, 'r', 'w', 4294967296,
  9, 3, null, '报告', null, :at, :at);
insert into attempt values (7, 'r', 's', 'http://h/a', 'article', 'fetched', 200, 3, 1, :at, 'h', null, 'c', null);
insert into validator values ('http://h/a', 'e', null, 'c', :at);
insert into list_fingerprint values ('s', 'http://h/', 'e', 20, 52, :at)
"""


@pytest.fixture
def engine(ledger_url: str) -> Iterator[Engine]:
    opened = make_engine(ledger_url)
    yield opened
    opened.dispose()


def go_to(engine: Engine, revision: str) -> None:
    """Bring an empty or newest schema to an older revision."""
    upgrade(engine)
    downgrade(engine, revision)


def content(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """All rows by table, as the database gives them."""
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        return {
            name: [dict(row._mapping) for row in connection.execute(select(table))]
            for name, table in tables.tables.items()
            if name != "alembic_version"
        }


def fill(engine: Engine) -> None:
    """Write the rows of :data:`FIRST_ROWS`."""
    at = MOMENT if engine.dialect.name == "postgresql" else MOMENT.removesuffix("+00:00") + ".000000"
    with engine.begin() as connection:
        for statement in FIRST_ROWS.split(";"):
            connection.execute(text(statement), {"at": at})


def test_revisions_follow_one_another_to_the_newest() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [HEAD_REVISION]
    assert sorted(REVISIONS) == REVISIONS


def test_the_newest_schema_is_that_of_the_tables(engine: Engine) -> None:
    upgrade(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    assert current_revision(engine) == HEAD_REVISION


def test_down_to_nothing_and_up_again(engine: Engine) -> None:
    go_to(engine, "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    assert current_revision(engine) is None
    upgrade(engine)
    assert inspect(engine).has_table("capture")


@pytest.mark.parametrize("revision", REVISIONS)
def test_rows_survive_every_step_up_and_down(engine: Engine, revision: str) -> None:
    go_to(engine, REVISIONS[0])
    fill(engine)
    first = content(engine)
    upgrade(engine)
    newest = content(engine)
    assert newest["source"] == [first["source"][0] | {"status": "unverified"}]
    assert {name: newest[name] for name in newest if name != "source"} == {
        name: first[name] for name in first if name != "source"
    }

    downgrade(engine, revision)
    older = content(engine)
    for name, rows in older.items():
        kept = rows[0].keys()
        assert rows == [{column: row[column] for column in kept} for row in newest[name]], name
    upgrade(engine)
    assert content(engine) == newest
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_the_newest_ledger_reads_rows_of_the_first(ledger_url: str, engine: Engine) -> None:
    go_to(engine, REVISIONS[0])
    fill(engine)
    with Ledger(ledger_url) as ledger:
        assert (ledger.sources()[0].status, ledger.captures()[0].warc_offset) == ("unverified", 1 << 32)
        assert [row.attempt_id for row in ledger.attempts()] == [7]


def test_what_does_not_fit_the_older_schema_becomes_the_greatest_that_does(engine: Engine) -> None:
    go_to(engine, REVISIONS[0])
    fill(engine)
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("update list_fingerprint set entries_declared = 3000000000"))
    downgrade(engine, "0002")
    assert content(engine)["list_fingerprint"][0]["entries_declared"] == (1 << 31) - 1


class FallenError(Exception):
    """The process was killed at this statement."""


def run_until(engine: Engine, statements: int, change: Any) -> bool:
    """Change the schema, and fall at the statement of that number; return whether it came to its end before."""
    seen = 0

    def fall(*_arguments: object) -> None:
        nonlocal seen
        seen += 1
        if seen > statements:
            raise FallenError

    event.listen(engine, "before_cursor_execute", fall)
    try:
        change(engine)
    except FallenError:
        return False
    finally:
        event.remove(engine, "before_cursor_execute", fall)
    return True


@pytest.mark.parametrize(
    ("start", "change", "end"),
    [
        ("base", upgrade, HEAD_REVISION),
        (REVISIONS[0], upgrade, HEAD_REVISION),
        (HEAD_REVISION, lambda engine: downgrade(engine, REVISIONS[0]), REVISIONS[0]),
    ],
    ids=["new", "up", "down"],
)
def test_a_change_that_is_cut_short_leaves_nothing_behind(engine: Engine, start: str, change: Any, end: str) -> None:
    go_to(engine, REVISIONS[0])
    if start == "base":
        downgrade(engine, "base")
    else:
        fill(engine)
        if start == HEAD_REVISION:
            upgrade(engine)
    before = content(engine)
    for statements in range(0, 400, 3):
        if run_until(engine, statements, change):
            break
        assert content(engine) == before
    else:
        pytest.fail("the change never came to its end")
    assert current_revision(engine) == end


def test_two_processes_that_make_one_ledger_do_not_meet(ledger_url: str) -> None:
    errors: list[BaseException] = []

    def open_it() -> None:
        try:
            Ledger(ledger_url).close()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_the_ledger_of_a_newer_fazhi_is_refused_and_left_alone(ledger_url: str, engine: Engine) -> None:
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(LedgerUnusableError, match=r"version 9999.*update fazhi"):
        Ledger(ledger_url)
    assert Table("capture", MetaData(), autoload_with=engine).columns.keys()


@pytest.mark.parametrize(
    ("url", "drivername"),
    [
        ("sqlite:///data/ledger.sqlite", "sqlite"),
        ("postgresql://user@host/db", "postgresql+psycopg2"),
        ("postgres://user@host/db", "postgresql+psycopg2"),
        ("postgresql+psycopg://user@host/db", "postgresql+psycopg"),
    ],
)
def test_addresses_name_their_driver(url: str, drivername: str) -> None:
    assert ledger_address(url).drivername == drivername


@pytest.mark.parametrize(
    ("url", "message"),
    [("mysql://h/db", "not on mysql"), ("no address", "cannot be read"), ("nosuch://h/db", "not on nosuch|cannot be")],
)
def test_other_addresses_are_refused(url: str, message: str) -> None:
    with pytest.raises(LedgerUnusableError, match=message):
        make_engine(url)


def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "psycopg2", None)
    with pytest.raises(LedgerUnusableError, match="postgres"):
        make_engine("postgresql+psycopg2://h/db")
