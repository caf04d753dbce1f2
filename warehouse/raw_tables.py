"""The ``raw`` tables: their columns, and how rows and frames become Arrow tables of exactly these columns.

The names are those of the ledger's tables and of the dataclasses in ``pipelines.model``; dbt's staging describes
them column by column. No connection is opened here; loading is in ``warehouse.duck``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import sqlalchemy as sa

RAW_SCHEMA = "raw"
LEDGER_TABLES = ("source", "crawl_run", "capture", "attempt")
READING_TABLES = ("document", "section", "observation", "item", "citation", "issue", "read_state")

metadata = sa.MetaData(schema=RAW_SCHEMA)


def _text(name: str, *, key: bool = False, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, primary_key=key, nullable=null and not key)


def _int(name: str, *, key: bool = False, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger, primary_key=key, autoincrement=False, nullable=null and not key)


def _double(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Double, nullable=null)


def _bool(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean, nullable=null)


def _date(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Date, nullable=True)


def _time(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


sa.Table(
    "source",
    metadata,
    _text("source_id", key=True),
    _text("name"),
    _text("owner", null=True),
    _text("region_code", null=True),
    _text("family"),
    _text("start_urls"),
    _text("config_sha256"),
    _time("first_seen_at"),
    _time("last_seen_at"),
    _bool("is_sample"),
    _text("status"),
)
sa.Table(
    "crawl_run",
    metadata,
    _text("run_id", key=True),
    _time("started_at"),
    _time("finished_at", null=True),
    _text("status"),
    _text("fazhi_version", null=True),
    _text("trigger", null=True),
)
sa.Table(
    "capture",
    metadata,
    _text("capture_id", key=True),
    _text("source_id"),
    _text("url"),
    _text("kind"),
    _text("payload_sha256"),
    _text("content_type", null=True),
    _int("http_status", null=True),
    _text("etag", null=True),
    _text("last_modified", null=True),
    _time("fetched_at"),
    _text("run_id"),
    _text("warc_file"),
    _int("warc_offset"),
    _int("warc_length", null=True),
    _int("payload_bytes"),
    _text("list_url", null=True),
    _text("list_title", null=True),
    _text("list_date", null=True),
    _time("first_seen_at"),
    _time("last_seen_at"),
)
sa.Table(
    "attempt",
    metadata,
    _int("attempt_id", key=True),
    _text("run_id"),
    _text("source_id"),
    _text("url"),
    _text("kind"),
    _text("outcome"),
    _int("http_status", null=True),
    _int("payload_bytes", null=True),
    _int("duration_ms", null=True),
    _time("started_at"),
    _text("host", null=True),
    _text("detail", null=True),
    _text("capture_id", null=True),
    _text("stop_reason", null=True),
)
sa.Table(
    "document",
    metadata,
    _text("document_id", key=True),
    _text("capture_id"),
    _text("source_id"),
    _text("url", null=True),
    _text("content_sha256"),
    _time("fetched_at"),
    _text("cleaner_version"),
    _text("text"),
    _int("char_count"),
    _bool("is_annual_report"),
    _text("doc_type"),
    _text("doc_type_reason", null=True),
    _text("title", null=True),
    _text("title_source", null=True),
    _text("title_simplified", null=True),
    _text("html_title", null=True),
    _text("site_name", null=True),
    _text("region_code", null=True),
    _text("region_name", null=True),
    _text("region_level", null=True),
    _text("region_level_zh", null=True),
    _text("region_province", null=True),
    _text("region_province_code", null=True),
    _text("region_parent_code", null=True),
    _text("region_parent_name", null=True),
    _text("region_evidence", null=True),
    _int("report_year", null=True),
    _text("report_year_source", null=True),
    _text("issuing_body", null=True),
    _text("issuing_body_inferred", null=True),
    _text("issuer_type", null=True),
    _text("document_number", null=True),
    _text("document_number_raw", null=True),
    _text("index_number", null=True),
    _date("publication_date"),
    _text("publication_date_source", null=True),
    _date("generated_date"),
    _text("addressee", null=True),
    _text("addressee_normalized", null=True),
    _text("signature_body", null=True),
    _date("signature_date"),
    _text("validity", null=True),
    _text("script"),
    _text("encoding", null=True),
    _int("body_first_line", null=True),
    _int("body_last_line", null=True),
    _text("container", null=True),
)
sa.Table(
    "section",
    metadata,
    _text("document_id", key=True),
    _text("section_id", key=True),
    _int("ordinal"),
    _int("level"),
    _text("label", null=True),
    _text("heading", null=True),
    _text("path"),
    _text("topic", null=True),
    _text("part"),
    _int("line"),
    _int("char_start"),
    _int("body_start"),
    _int("char_end"),
    _text("parent_section_id", null=True),
    _text("text"),
)
sa.Table(
    "observation",
    metadata,
    _text("document_id", key=True),
    _text("observation_id", key=True),
    _text("indicator_phrase"),
    _text("indicator_code"),
    _double("value"),
    _double("value_max", null=True),
    _text("value_text"),
    _text("unit", null=True),
    _text("value_type"),
    _text("qualifier"),
    _text("period_type"),
    _text("period_value", null=True),
    _bool("is_plan"),
    _bool("is_cumulative"),
    _bool("is_proposed"),
    _text("comparison", null=True),
    _text("dimension", null=True),
    _text("scope", null=True),
    _text("authority", null=True),
    _text("parent_id", null=True),
    _text("duplicate_of", null=True),
    _text("section_id", null=True),
    _text("section_path"),
    _text("topic", null=True),
    _text("part"),
    _int("line"),
    _int("char_start"),
    _int("char_end"),
    _text("sentence"),
    _int("sentence_start"),
    _double("confidence"),
    _text("rule"),
    _text("signals"),
    _text("note", null=True),
    _text("extractor_version"),
)
sa.Table(
    "item",
    metadata,
    _text("document_id", key=True),
    _text("item_id", key=True),
    _text("kind"),
    _int("ordinal"),
    _text("label", null=True),
    _text("form"),
    _text("text"),
    _text("topic", null=True),
    _text("section_id", null=True),
    _int("line"),
    _int("char_start"),
    _int("char_end"),
)
sa.Table(
    "citation",
    metadata,
    _text("document_id", key=True),
    _text("citation_id", key=True),
    _text("title"),
    _text("title_key"),
    _text("cited_as"),
    _text("kind"),
    _bool("is_draft"),
    _text("number", null=True),
    _text("number_raw", null=True),
    _int("issued_year", null=True),
    _text("issued_year_source", null=True),
    _int("occurrence"),
    _text("within", null=True),
    _text("section_id", null=True),
    _int("line"),
    _int("char_start"),
    _int("char_end"),
    _text("sentence"),
    _int("sentence_start"),
)
sa.Table(
    "issue",
    metadata,
    _text("issue_id", key=True),
    _text("document_id", null=True),
    _text("capture_id", null=True),
    _text("source_id", null=True),
    _text("url", null=True),
    _text("stage"),
    _text("severity"),
    _text("kind"),
    _text("message"),
    _text("value", null=True),
    _text("sentence", null=True),
)
sa.Table(
    "read_state",
    metadata,
    _text("capture_id", key=True),
    _text("document_id", null=True),
    _text("cleaner_version"),
    _text("extractor_version"),
)
sa.Table(
    "build_state",
    metadata,
    _text("fingerprint", key=True),
)

# What content_fingerprint is made from: digests of parts whose rows have not changed since they were reckoned.
sa.Table(
    "content_part",
    metadata,
    _text("part", key=True),
    _text("digest"),
)

# SQLAlchemy type → Arrow type, so that a column of only nulls still has the type of its table.
_ARROW_TYPES: tuple[tuple[type[sa.types.TypeEngine[Any]], pa.DataType], ...] = (
    (sa.Text, pa.string()),
    (sa.BigInteger, pa.int64()),
    (sa.Double, pa.float64()),
    (sa.Boolean, pa.bool_()),
    (sa.DateTime, pa.timestamp("us", tz="UTC")),
    (sa.Date, pa.date32()),
)


class WarehouseSchemaError(ValueError):
    """Rows do not fit the raw table they are meant for; names table and column."""


def _arrow_type(column: sa.Column[Any]) -> pa.DataType:
    for kind, arrow in _ARROW_TYPES:
        if isinstance(column.type, kind):
            return arrow
    raise WarehouseSchemaError(f"column {column} has the type {column.type!r}, which has no Arrow type here")


def arrow_from_frame(name: str, frame: pd.DataFrame) -> pa.Table:
    """Return a ledger frame as an Arrow table of the columns of ``raw.NAME``; other columns are left out.

    Raises:
        WarehouseSchemaError: a column is missing, or a value does not fit its type.
    """
    table = metadata.tables[f"{RAW_SCHEMA}.{name}"]
    missing = [column.name for column in table.columns if column.name not in frame.columns]
    if missing:
        raise WarehouseSchemaError(f"raw.{name}: column missing from the ledger: {', '.join(missing)}")
    return _arrow(table, lambda column: frame[column].astype(object).where(frame[column].notna(), None).tolist())


def arrow_from_rows(name: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Return rows as an Arrow table of the columns of ``raw.NAME``.

    Raises:
        WarehouseSchemaError: a column is missing or unknown, or a value does not fit its type.
    """
    table = metadata.tables[f"{RAW_SCHEMA}.{name}"]
    names = {column.name for column in table.columns}
    for row in rows:
        if row.keys() != names:
            missing, unknown = sorted(names - row.keys()), sorted(row.keys() - names)
            raise WarehouseSchemaError(f"raw.{name}: columns missing: {missing}, unknown: {unknown}")
    return _arrow(table, lambda column: [row[column] for row in rows])


def _arrow(table: sa.Table, values_of: Callable[[str], list[Any]]) -> pa.Table:
    arrays = {}
    for column in table.columns:
        values = values_of(column.name)
        if isinstance(column.type, sa.Text):
            values = [_as_text(value) for value in values]
        try:
            arrays[column.name] = pa.array(values, type=_arrow_type(column), from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise WarehouseSchemaError(f"raw.{table.name}.{column.name}: {error}") from error
    return pa.table(arrays)


def _as_text(value: Any) -> str | None:
    """Text as it is, lists and dicts as JSON, dates and enums by their text."""
    if value is None or isinstance(value, str):
        return None if value is None else str(value)
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value)
