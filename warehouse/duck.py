"""The warehouse file: its ``raw`` tables made and loaded in bulk.

One DuckDB file, one writer. Python fills schema ``raw`` here; dbt builds everything else in the same file,
so a ``Warehouse`` must be closed before dbt starts. Loading is by Arrow and ``INSERT … SELECT`` in one
transaction, keyed by content: the same rows loaded again change nothing and write nothing. Everything here
can be made again from archive and ledger, so ``raw`` tables whose columns are not those of this code are
dropped and refilled.

Not here: the columns of the raw tables (``warehouse.raw_tables``), what a document or an observation means
(``pipelines``), the marts (``dbt_project``), the published file (``warehouse.publish``), the lock between
processes (``warehouse.locks``).
"""
# ruff: noqa: S608 - the names put into SQL here are this module's own table and column names

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from warehouse.raw_tables import (
    LEDGER_TABLES,
    RAW_SCHEMA,
    READING_TABLES,
    WarehouseSchemaError,
    arrow_from_frame,
    arrow_from_rows,
    metadata,
)

# DuckDB would otherwise look for extensions on the network when a name is unknown to it, and take most of the memory
# of the machine; what does not fit into its share goes to the disk, beside the file. dbt's profile says the same.
DUCKDB_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "memory_limit": "2500MB",
}
# What DuckDB says of a file that it did not write so: "… Corrupt WAL file: entry at byte position 61380 …",
# "The file "w.duckdb" exists, but it is not a valid DuckDB database file!"
DAMAGE = re.compile(r"Corrupt (?:WAL|database) file|not a valid DuckDB database file|while replaying WAL file")
# Outcomes that mean "the page is as we have it": they are one state to the fingerprint, whatever their name.
_SEEN_OUTCOMES = ("fetched", "not_modified", "unchanged")


class WarehouseDamagedError(RuntimeError):
    """The warehouse file, or the log beside it, cannot be read; the message says how to begin a new one."""


@dataclass(frozen=True)
class Changes:
    """What a load did to one table, in rows."""

    new: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0

    @property
    def any(self) -> bool:
        """Whether the table is other than before."""
        return bool(self.new or self.changed or self.removed)


class Warehouse:
    """The warehouse file, open for writing, with schema ``raw`` in place. Use as a context manager.

    Leaving the block checkpoints and closes the file, so that dbt may open it.

    Args:
        path: the DuckDB file; made when missing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._engine = open_engine(path)
        self._connection: sa.Connection | None = None

    def __enter__(self) -> Self:
        """Open the file.

        Raises:
            WarehouseDamagedError: its content, or that of its log, is not what DuckDB wrote.
        """
        try:
            self._connection = self._engine.connect()
        except sa.exc.DBAPIError as error:
            if not DAMAGE.search(str(error.orig)):
                raise
            raise WarehouseDamagedError(
                f"the warehouse {self.path} cannot be opened, {str(error.orig).splitlines()[0]}: move it and its .wal "
                "out of the way, and the next night makes it again from archive and ledger"
            ) from error
        self._create_tables()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        connection = self.connection
        self._connection = None
        try:
            if kind is None:
                connection.exec_driver_sql("checkpoint")
                connection.commit()
        finally:
            connection.close()
            self._engine.dispose()

    @property
    def connection(self) -> sa.Connection:
        """The open connection; for reading and for tests."""
        if self._connection is None:
            raise RuntimeError(f"the warehouse {self.path} is not open: use it in a with block")
        return self._connection

    def load_ledger_tables(
        self, frames: Mapping[str, pd.DataFrame], added: Mapping[str, pd.DataFrame] | None = None
    ) -> dict[str, Changes]:
        """Make source, crawl_run, capture and attempt the same as the ledger's.

        Args:
            frames: one frame per table, columns named as in the table; lists and dicts become JSON text.
                Columns that the warehouse does not keep are left out.
            added: the same of tables that only their new and changed rows are given of; all others stay.

        Returns:
            What changed, by table.

        Raises:
            WarehouseSchemaError: an unknown table, or a column is missing.
        """
        added = added or {}
        _require_known({**frames, **added}, LEDGER_TABLES)
        with self._transaction():
            whole = {name: self._replace(name, arrow_from_frame(name, frame)) for name, frame in frames.items()}
            return whole | {name: self._add(name, arrow_from_frame(name, frame)) for name, frame in added.items()}

    def replace_documents(self, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Changes]:
        """Put what was read from some captures in the place of what was read from them before.

        Args:
            rows: rows by table (those of READING_TABLES); every capture that was
                read has a row in read_state. All rows of the captures named in document, issue and
                read_state, and of the documents named anywhere, are replaced.

        Returns:
            What changed, by table.

        Raises:
            WarehouseSchemaError: an unknown table or column, or a column is missing.
        """
        _require_known(rows, READING_TABLES)
        tables = {name: arrow_from_rows(name, rows.get(name, ())) for name in READING_TABLES}
        with self._transaction():
            self._register_scope(tables)
            changes = {name: self._replace(name, tables[name], scope=_SCOPES[name]) for name in READING_TABLES}
            self._driver.unregister("scope_capture")
            self._driver.unregister("scope_document")
        return changes

    def runs(self) -> set[tuple[str, datetime]]:
        """Id and start of every run of the crawl that was loaded."""
        table = metadata.tables["raw.crawl_run"]
        rows = self.connection.execute(sa.select(table.c.run_id, table.c.started_at)).all()
        self.connection.rollback()
        return {(row.run_id, row.started_at) for row in rows}

    def last_attempt(self) -> int:
        """Id of the last attempt that was loaded; 0 before the first."""
        found = self.connection.scalar(sa.select(sa.func.max(metadata.tables["raw.attempt"].c.attempt_id)))
        self.connection.rollback()
        return int(found or 0)

    def is_read(self, cleaner_version: str, extractor_version: str) -> bool:
        """Whether every page that was loaded has been read with these versions."""
        unread: int = self.connection.exec_driver_sql(
            f"select count(*) from raw.capture anti join (select capture_id from raw.read_state "
            f"where cleaner_version = $1 and extractor_version = $2) using (capture_id) where {_IS_PAGE}",
            (cleaner_version, extractor_version),
        ).scalar_one()
        self.connection.rollback()
        return not unread

    def read_state(self) -> dict[str, tuple[str, str]]:
        """Which captures have been read, with which (cleaner version, extractor version)."""
        table = metadata.tables["raw.read_state"]
        rows = self.connection.execute(
            sa.select(table.c.capture_id, table.c.cleaner_version, table.c.extractor_version),
        ).all()
        self.connection.rollback()
        return {row.capture_id: (row.cleaner_version, row.extractor_version) for row in rows}

    def row_counts(self) -> dict[str, int]:
        """Rows in each raw table, by its name without the schema."""
        counts = {
            table.name: int(self.connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)
            for table in metadata.sorted_tables
        }
        self.connection.rollback()
        return counts

    def content_fingerprint(self) -> str:
        """Hex digest of what the marts are made from, without what every night changes.

        Documents and observations are functions of captures and of the versions that read them, so these
        stand for them. Of the attempts only the last one on each address counts, and all outcomes that mean
        "as we have it" count as one: a night that finds nothing new leaves the fingerprint as it was, and a
        portal that begins to block changes it once. Digests are kept until a load changes what they were made from.
        """
        table = metadata.tables["raw.content_part"]
        with self._transaction():
            kept = {row.part: row.digest for row in self.connection.execute(sa.select(table))}
            missing = [
                {"part": part, "digest": self.connection.exec_driver_sql(query).scalar_one()}
                for part, query in _CONTENT_PARTS.items()
                if part not in kept
            ]
            if missing:
                self.connection.execute(sa.insert(table), missing)
        digests = kept | {row["part"]: row["digest"] for row in missing}
        return hashlib.sha256("\n".join(digests[part] for part in _CONTENT_PARTS).encode()).hexdigest()

    def last_build(self) -> str | None:
        """The fingerprint given to ``record_build`` last; None before the first build."""
        table = metadata.tables["raw.build_state"]
        found = self.connection.execute(sa.select(table.c.fingerprint)).scalar_one_or_none()
        self.connection.rollback()
        return found

    def record_build(self, fingerprint: str) -> None:
        """Remember that the marts in this file were built, and passed their checks, from this fingerprint."""
        table = metadata.tables["raw.build_state"]
        with self._transaction():
            self.connection.execute(sa.delete(table))
            self.connection.execute(sa.insert(table).values(fingerprint=fingerprint))

    @property
    def _driver(self) -> Any:
        """The DuckDB connection under SQLAlchemy's, which can register Arrow tables."""
        return self.connection.connection.driver_connection

    def _transaction(self) -> sa.engine.RootTransaction:
        return self.connection.begin()

    def _create_tables(self) -> None:
        with self._transaction():
            self.connection.execute(sa.schema.CreateSchema(RAW_SCHEMA, if_not_exists=True))
            stale = [table for table in metadata.sorted_tables if self._is_stale(table)]
            if stale:
                # What is derived is read again as a whole: half-old tables would not agree with one another.
                metadata.drop_all(self.connection)
            metadata.create_all(self.connection)

    def _is_stale(self, table: sa.Table) -> bool:
        found: sa.ScalarResult[str] = self.connection.execute(
            sa.text(
                "select column_name from information_schema.columns "
                "where table_schema = :schema and table_name = :name order by ordinal_position",
            ),
            {"schema": RAW_SCHEMA, "name": table.name},
        ).scalars()
        names = list(found)
        return bool(names) and names != [column.name for column in table.columns]

    def _register_scope(self, tables: Mapping[str, pa.Table]) -> None:
        captures = pa.concat_arrays(
            [_strings(tables[name]["capture_id"]) for name in ("document", "issue", "read_state")],
        )
        documents = pa.concat_arrays([_strings(tables[name]["document_id"]) for name in READING_TABLES])
        self._driver.register("scope_capture", pa.table({"capture_id": captures.unique().drop_null()}))
        known = [
            row[0]
            for row in self.connection.exec_driver_sql(
                "select document_id from raw.document where capture_id in (select capture_id from scope_capture)",
            ).all()
        ]
        all_documents = pa.concat_arrays([documents, pa.array(known, pa.string())])
        self._driver.register("scope_document", pa.table({"document_id": all_documents.unique().drop_null()}))

    def _replace(self, name: str, incoming: pa.Table, scope: str | None = None) -> Changes:
        """Make the rows of a table within the scope equal to the incoming; write only when they differ."""
        with self._registered(incoming):
            changes = self._compare(name, scope)
            if changes.any:
                self._write(name, scope)
                self._forget(name)
        return changes

    def _add(self, name: str, incoming: pa.Table) -> Changes:
        """Put the incoming rows beside those of a table, or in the place of those with the same key."""
        (key,) = (column.name for column in metadata.tables[f"{RAW_SCHEMA}.{name}"].primary_key)
        scope = f"{key} in (select {key} from incoming)"
        with self._registered(incoming):
            changes = self._compare(name, scope)
            if changes.any:
                is_news: bool = self.connection.exec_driver_sql(_ADDED_NEWS[name]).scalar_one()
                self._write(name, scope)
                if is_news:
                    self._forget(name)
            rows = int(self.connection.exec_driver_sql(f"select count(*) from {RAW_SCHEMA}.{name}").scalar_one())
        return replace(changes, unchanged=rows - changes.new - changes.changed)

    @contextmanager
    def _registered(self, incoming: pa.Table) -> Iterator[None]:
        self._driver.register("incoming", incoming)
        try:
            yield
        finally:
            self._driver.unregister("incoming")

    def _write(self, name: str, scope: str | None) -> None:
        table = metadata.tables[f"{RAW_SCHEMA}.{name}"]
        columns, keys = _names(table.columns), _names(table.primary_key)
        self.connection.exec_driver_sql(f"delete from {table}{f' where {scope}' if scope else ''}")
        self.connection.exec_driver_sql(
            f"insert into {table} ({columns}) select {columns} from incoming order by {keys}",
        )

    def _forget(self, name: str) -> None:
        """Forget the digest of the part of the content that a table holds."""
        table = metadata.tables["raw.content_part"]
        self.connection.execute(sa.delete(table).where(table.c.part == name))

    def _compare(self, name: str, scope: str | None) -> Changes:
        table = metadata.tables[f"{RAW_SCHEMA}.{name}"]
        columns, keys = _names(table.columns), _names(table.primary_key)
        old = f"(select * from {table}{f' where {scope}' if scope else ''})"

        def count(query: str) -> int:
            return int(self.connection.exec_driver_sql(f"select count(*) from ({query})").scalar_one())

        before = count(f"select 1 from {old}")
        after = count("select 1 from incoming")
        kept = count(f"select {keys} from {old} intersect select {keys} from incoming")
        same = count(f"select {columns} from {old} intersect select {columns} from incoming")
        return Changes(new=after - kept, changed=kept - same, removed=before - kept, unchanged=same)


_SCOPES = {
    "document": "document_id in (select document_id from scope_document)",
    "section": "document_id in (select document_id from scope_document)",
    "observation": "document_id in (select document_id from scope_document)",
    "item": "document_id in (select document_id from scope_document)",
    "citation": "document_id in (select document_id from scope_document)",
    "issue": (
        "document_id in (select document_id from scope_document) "
        "or capture_id in (select capture_id from scope_capture)"
    ),
    "read_state": "capture_id in (select capture_id from scope_capture)",
}


def _digest_query(columns: Iterable[str], relation: str) -> str:
    """SQL for one text that names the content of a relation, whatever the order of its rows."""
    row = ", ".join(columns)
    return (
        f"select count(*) || ':' || coalesce(sha256(string_agg(line, chr(10) order by line)), '') "
        f"from (select to_json(struct_pack({row}))::varchar as line from {relation})"
    )


def _packed(*columns: str) -> list[str]:
    return [f"{column} := {column}" for column in columns]


# The last word on each address: what came of the last attempt on it, of the attempts in {0}.
_STANDING = (
    f"select source_id, url, case when outcome in {_SEEN_OUTCOMES!r} then 'seen' else outcome end as standing "
    "from {0} qualify row_number() over (partition by source_id, url order by started_at desc, attempt_id desc) = 1"
)
_IS_PAGE = "kind <> 'list' and kind <> 'robots'"

# Each part lies in one table, whose name it has.
_CONTENT_PARTS = {
    "source": _digest_query(
        _packed("source_id", "name", "owner", "region_code", "family", "start_urls"),
        "raw.source",
    ),
    "read_state": _digest_query(
        _packed("capture_id", "document_id", "cleaner_version", "extractor_version"), "raw.read_state"
    ),
    "capture": _digest_query(_packed("capture_id", "kind"), f"raw.capture where {_IS_PAGE}"),
    "attempt": _digest_query(_packed("source_id", "url", "standing"), f"({_STANDING.format('raw.attempt')})"),
}

# Whether rows that are about to be added change the part of the content that their table holds.
_TOUCHED = "(select * from raw.attempt semi join incoming using (source_id, url))"
_ADDED_NEWS = {
    "capture": (
        f"select count(*) > 0 from (select capture_id, kind from incoming where {_IS_PAGE} "
        f"except select capture_id, kind from raw.capture)"
    ),
    "attempt": (
        f"select count(*) > 0 from "
        f"(({_STANDING.format(f'(from {_TOUCHED} union all by name from incoming)')}) "
        f"except ({_STANDING.format(_TOUCHED)}))"
    ),
}


def open_engine(path: Path, *, read_only: bool = False) -> sa.Engine:
    """A SQLAlchemy engine on a DuckDB file: no extension look-ups, time zone UTC, no pooled connection.

    Args:
        path: the DuckDB file.
        read_only: open without the right to write; the file must exist.
    """
    engine = sa.create_engine(
        f"duckdb:///{path}",
        connect_args={"config": DUCKDB_CONFIG, "read_only": read_only},
        poolclass=NullPool,
    )
    sa.event.listen(engine, "connect", _use_utc)
    return engine


def _use_utc(connection: Any, _record: object) -> None:
    connection.execute("set TimeZone = 'UTC'")


def _names(columns: Iterable[sa.Column[Any]]) -> str:
    return ", ".join(f'"{column.name}"' for column in columns)


def _require_known(given: Mapping[str, object], known: Sequence[str]) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise WarehouseSchemaError(f"no such raw table: {', '.join(unknown)}; known: {', '.join(known)}")


def _strings(column: pa.ChunkedArray) -> pa.Array:
    return cast("pa.Array", column.combine_chunks())
