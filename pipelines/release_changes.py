"""What changed between two releases: schema, rows per table and year, rows and cells, each with its cause.

The two folders are compared by the keys of their marts; columns and marts that change every night by nature are
left out. All of it becomes one table, ``changes.parquet``:

- ``schema``: a mart or column that came, went or changed (``column_name``, ``old_value``, ``new_value``);
- ``row_count``: rows before and now, by mart and report year;
- ``row_added``, ``row_removed``: one row that came or went, by its key;
- ``cell_changed``: one cell of a row that stayed.

Causes, first match: ``correction`` (a person's decision on that number), ``new_version`` (the page says something
else now), ``new_report``, ``new_extractor`` (the same page read by newer code), ``new_rules`` (the tables and rules
that make the marts), ``crawl`` (what portals answered, or a deadline that passed).

Not here: putting it in words (``release_report.py``).
"""
# ruff: noqa: S608 - names put into SQL come from the project's own contracts, and are quoted

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from pipelines.release_contract import Shape, schema_changes, shape_of
from warehouse.duck import DUCKDB_CONFIG
from warehouse.publish import literal, quoted

CHANGES = "changes.parquet"
CAUSES = ("correction", "new_version", "new_report", "new_extractor", "new_rules", "crawl")
YEAR = "report_year"
TIDY = "fct_region_year_indicator"
# By the first of these a row belongs to a report; a mart without any of them adds up numbers of many reports.
OF_A_REPORT = ("report_id", "document_id", "region_code")
# A mart with this column sets a year beside the one before, and changes with either.
OF_TWO_YEARS = "previous_value"

# What tells the cause is asked of these columns; a release that lacks one has nulls in its place.
_REPORT = (
    "report_id",
    "content_sha256",
    "cleaner_version",
    "is_withdrawn",
    "version_count",
    "url_count",
    "url",
    "region_code",
    "report_year",
    "issuer_type",
)
_VERSION = ("document_id", "report_id", "first_seen_at")
_OBSERVATION = (
    "document_id",
    "observation_id",
    "report_id",
    "region_code",
    "report_year",
    "indicator_code",
    "value",
    "value_stated",
    "correction_id",
    "extractor_version",
)
_EVIDENCE = {"fct_report": _REPORT, "fct_report_version": _VERSION, "fct_observation": _OBSERVATION}

_TABLES_OF_CAUSES = """
create temp table reading as
select
    (select max(cleaner_version) from old_fct_report) as old_cleaner,
    (select max(cleaner_version) from new_fct_report) as new_cleaner,
    (select max(extractor_version) from old_fct_observation) as old_extractor,
    (select max(extractor_version) from new_fct_observation) as new_extractor;

create temp table corrected as
select
    coalesce(now.document_id, before.document_id) as document_id,
    coalesce(now.observation_id, before.observation_id) as observation_id,
    coalesce(now.report_id, before.report_id) as report_id,
    coalesce(now.region_code, before.region_code) as region_code,
    coalesce(now.report_year, before.report_year) as report_year,
    coalesce(now.indicator_code, before.indicator_code) as indicator_code,
from old_fct_observation as before
full outer join new_fct_observation as now
    on before.document_id = now.document_id and before.observation_id = now.observation_id
where
    before.correction_id is distinct from now.correction_id
    or (
        now.correction_id is not null
        and before.value_stated is not distinct from now.value_stated
        and before.value is distinct from now.value
    );

create temp table document_report as
select document_id, min(report_id) as report_id
from (
    select document_id, report_id from old_fct_report_version
    union all
    select document_id, report_id from new_fct_report_version
)
group by document_id;

create temp table government_report as
select region_code, report_year, min(report_id) as report_id
from (select * from old_fct_report union all select * from new_fct_report)
where issuer_type = 'government' and region_code is not null
group by region_code, report_year;

create temp table fresh_document as
select distinct document_id
from new_fct_report_version
where
    document_id not in (select document_id from old_fct_report_version)
    and report_id in (select report_id from old_fct_report);

create temp table report_cause as
with first_seen as (
    select report_id, min(first_seen_at) as first_seen_at from new_fct_report_version group by report_id
),

old_reader as (
    select report_id, max(extractor_version) as extractor from old_fct_observation group by report_id
),

new_reader as (
    select report_id, max(extractor_version) as extractor from new_fct_observation group by report_id
)

select
    coalesce(now.report_id, before.report_id) as report_id,
    case
        when
            (before.report_id is null or now.report_id is null)
            and (old_cleaner is distinct from new_cleaner or old_extractor is distinct from new_extractor)
            and (
                now.report_id is null
                or date_trunc('second', first_seen.first_seen_at) <= cast($newest_before as timestamptz)
            )
            then 'new_extractor'
        when before.report_id is null then 'new_report'
        when now.report_id is null then $otherwise
        when before.content_sha256 is distinct from now.content_sha256 then 'new_version'
        when before.cleaner_version is distinct from now.cleaner_version then 'new_extractor'
        when
            coalesce(old_reader.extractor, old_extractor) is distinct from
            coalesce(new_reader.extractor, new_extractor)
            then 'new_extractor'
        when coalesce(now.report_id, before.report_id) in (select report_id from corrected) then 'correction'
        when
            (before.is_withdrawn, before.version_count, before.url_count, before.url)
            is distinct from (now.is_withdrawn, now.version_count, now.url_count, now.url)
            then 'crawl'
        else $otherwise
    end as cause,
from old_fct_report as before
full outer join new_fct_report as now on before.report_id = now.report_id
left join first_seen on now.report_id = first_seen.report_id
left join old_reader on before.report_id = old_reader.report_id
left join new_reader on now.report_id = new_reader.report_id
cross join reading
"""

# What the numbers of a year changed by, for marts that add them up: the first of the causes that is among them.
_CAUSES_OF_NUMBERS = f"""
create or replace temp table number_cause as
select
    report_year,
    json_extract_string(row_key, '$.indicator_code') as indicator_code,
    arg_min(cause, list_position({list(CAUSES)}, cause)) as cause,
from changes
where mart = '{TIDY}' and cause is not null
group by grouping sets ((1, 2), (1))
"""

_CHANGES = """
create table changes (
    kind varchar,
    mart varchar,
    report_year bigint,
    row_key varchar,
    column_name varchar,
    old_value varchar,
    new_value varchar,
    cause varchar
)
"""


@dataclass(frozen=True)
class Side:
    """One of the two releases compared: its folder, and its data package."""

    folder: Path
    package: Mapping[str, Any]

    @cached_property
    def resources(self) -> dict[str, Mapping[str, Any]]:
        """What the data package says of its marts, by name."""
        return {resource["name"]: resource for resource in self.package["resources"]}

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """Shapes of its marts, by name."""
        return {name: shape_of(resource["schema"]) for name, resource in self.resources.items()}

    def volatile(self, mart: str) -> set[str]:
        """The columns of a mart that change every night; all of them where the mart as a whole does."""
        resource = self.resources[mart]
        whole = resource.get("volatile", False)
        return {field["name"] for field in resource["schema"]["fields"] if whole or field.get("volatile", False)}

    def table(self, mart: str) -> str:
        """The Parquet file of a mart, as SQL names it."""
        return f"read_parquet({literal(str(self.folder / f'{mart}.parquet'))})"


def write_changes(old: Side, new: Side, target: Path, scratch: Path) -> None:
    """Compare two releases and write what changed, in a fixed order.

    Args:
        old: the release compared with.
        new: the later release.
        target: the Parquet file to write.
        scratch: an empty folder for what does not fit into memory.
    """
    with duckdb.connect(config={**DUCKDB_CONFIG, "temp_directory": str(scratch)}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(_CHANGES)
        _add_schema(connection, old.shapes, new.shapes)
        _prepare_causes(connection, old, new)
        connection.execute(_CAUSES_OF_NUMBERS)
        for mart in sorted(old.shapes.keys() | new.shapes.keys(), key=lambda name: (name != TIDY, name)):
            sides = [side for side in (old, new) if mart in side.shapes]
            if any(set(side.shapes[mart].fields) == side.volatile(mart) for side in sides):
                continue
            _add_counts(connection, mart, old, new)
            if len(sides) == 2 and _may_differ(mart, old, new):
                _add_rows(connection, mart, old, new)
            if mart == TIDY:
                connection.execute(_CAUSES_OF_NUMBERS)
        connection.execute("set threads = 1")
        connection.execute(
            "copy (from changes order by kind, mart, report_year nulls first, row_key, column_name) "
            f"to {literal(str(target))} (format parquet, compression zstd)",
        )


def write_no_changes(target: Path) -> None:
    """Write the table without a row, for a release that has nothing before it."""
    with duckdb.connect(config=DUCKDB_CONFIG) as connection:
        connection.execute(_CHANGES)
        connection.execute(f"copy changes to {literal(str(target))} (format parquet, compression zstd)")


def _add_schema(connection: duckdb.DuckDBPyConnection, old: Mapping[str, Shape], new: Mapping[str, Shape]) -> None:
    for change in schema_changes(old, new):
        connection.execute(
            "insert into changes values ('schema', $1, null, $2, $3, $4, $5, null)",
            [change.mart, change.kind, change.column, change.old, change.new],
        )


def _may_differ(mart: str, old: Side, new: Side) -> bool:
    """Whether rows can be told apart by the same key, and their files are not the same."""
    same_files = old.resources[mart]["hash"] == new.resources[mart]["hash"]
    return old.shapes[mart].key == new.shapes[mart].key and not same_files


def _prepare_causes(connection: duckdb.DuckDBPyConnection, old: Side, new: Side) -> None:
    """Make the tables that tell the cause of a change, from the reports, versions and numbers of both sides."""
    for name, side in (("old", old), ("new", new)):
        for mart, columns in _EVIDENCE.items():
            connection.execute(f"create temp view {name}_{mart} as {_evidence(side, mart, columns)}")
    code_moved = old.package.get("code_sha256") != new.package.get("code_sha256")
    values = {"newest_before": old.package["created"], "otherwise": "new_rules" if code_moved else "crawl"}
    connection.execute("create temp table otherwise as select $1 as cause", [values["otherwise"]])
    for statement in _TABLES_OF_CAUSES.split(";"):
        used = {name: value for name, value in values.items() if f"${name}" in statement}
        connection.execute(statement, used)


def _evidence(side: Side, mart: str, columns: Sequence[str]) -> str:
    shape = side.shapes.get(mart)
    if shape is None:
        return f"select {', '.join(f'null as {name}' for name in columns)} where false"
    given = (name if name in shape.fields else f"null as {name}" for name in columns)
    return f"select {', '.join(given)} from {side.table(mart)}"


def _add_counts(connection: duckdb.DuckDBPyConnection, mart: str, old: Side, new: Side) -> None:
    counts = []
    for side in (old, new):
        shape = side.shapes.get(mart)
        if shape is None:
            counts.append("(select null::bigint as year, 0 as rows where false)")
        else:
            year = YEAR if YEAR in shape.fields else "null::bigint"
            counts.append(f"(select {year} as year, count(*) as rows from {side.table(mart)} group by 1)")
    before, now = counts
    connection.execute(
        f"insert into changes select 'row_count', {literal(mart)}, coalesce(before.year, now.year), null, null, "
        "coalesce(before.rows, 0), coalesce(now.rows, 0), null "
        f"from {before} as before full outer join {now} as now on before.year is not distinct from now.year",
    )


def _add_rows(connection: duckdb.DuckDBPyConnection, mart: str, old: Side, new: Side) -> None:
    """Add the rows that came or went and the cells that changed, with their causes."""
    key = new.shapes[mart].key
    before, now = old.shapes[mart].fields, new.shapes[mart].fields
    volatile = old.volatile(mart) | new.volatile(mart)
    compared = [name for name in now if name in before and name not in volatile and name not in key]
    same_key = " and ".join(f"before.{quoted(name)} is not distinct from now.{quoted(name)}" for name in key)
    matched = f"from {old.table(mart)} as before join {new.table(mart)} as now on {same_key}"
    for kind, here, there in (("row_added", "now", "before"), ("row_removed", "before", "now")):
        side, other, fields = (new, old, now) if here == "now" else (old, new, before)
        found = (
            f"select {_context(key, fields, here, here)}, null as column_name, null as old_value, null as new_value "
            f"from {side.table(mart)} as {here} anti join {other.table(mart)} as {there} on {same_key}"
        )
        _insert(connection, kind, mart, found)
    if not compared:
        return
    differs = " or ".join(
        f"{_text('before', name, before)} is distinct from {_text('now', name, now)}"
        if before[name].type != now[name].type
        else f"before.{quoted(name)} is distinct from now.{quoted(name)}"
        for name in compared
    )
    cells = ", ".join(
        f"{{name: {literal(name)}, old: {_text('before', name, before)}, new: {_text('now', name, now)}}}"
        for name in compared
    )
    shared = {name: field for name, field in now.items() if name in before}
    rows = f"select {_context(key, shared, 'before', 'now')}, unnest([{cells}]) as cell {matched} where {differs}"
    found = (
        "select * exclude (cell), cell.name as column_name, cell.old as old_value, cell.new as new_value "
        f"from ({rows}) where cell.old is distinct from cell.new"
    )
    _insert(connection, "cell_changed", mart, found)


def _context(key: Sequence[str], fields: Mapping[str, Any], before: str, now: str) -> str:
    """The key of a row as JSON, and what its cause is found by; null where the mart does not have it."""

    def either(name: str) -> str:
        if name not in fields:
            return f"null as {name}"
        return f"coalesce({now}.{quoted(name)}, {before}.{quoted(name)}) as {name}"

    observation = next((name for name in ("observation_id", "chosen_observation_id") if name in fields), None)
    documents = "document_id" in fields
    pairs = ", ".join(f"{literal(name)}, {now}.{quoted(name)}" for name in key)
    return ", ".join(
        (
            f"json_object({pairs})::varchar as row_key",
            either("report_id"),
            either("region_code"),
            either(YEAR),
            either("indicator_code"),
            f"{not fields.keys() & set(OF_A_REPORT)} as adds_up",
            f"{OF_TWO_YEARS in fields} as spans_two_years",
            f"{before}.document_id as old_document" if documents else "null::varchar as old_document",
            f"{now}.document_id as new_document" if documents else "null::varchar as new_document",
            f"{before}.{observation} as old_observation" if observation else "null::varchar as old_observation",
            f"{now}.{observation} as new_observation" if observation else "null::varchar as new_observation",
        ),
    )


def _insert(connection: duckdb.DuckDBPyConnection, kind: str, mart: str, found: str) -> None:
    """Add what was found, each with its cause.

    A column of the wide table is named after its indicator (``rr_closed__cases``), so that a cell can be traced to
    the correction of that indicator.
    """
    connection.execute(
        f"""
        insert into changes
        with found as ({found})
        select
            {literal(kind)}, {literal(mart)}, found.report_year, found.row_key,
            found.column_name, found.old_value, found.new_value,
            case
                when
                    (found.old_document, found.old_observation)
                    in (select (document_id, observation_id) from corrected)
                    then 'correction'
                when
                    (found.new_document, found.new_observation)
                    in (select (document_id, observation_id) from corrected)
                    then 'correction'
                when
                    contains(found.column_name, '__')
                    and (found.region_code, found.report_year, upper(split_part(found.column_name, '__', 1)))
                    in (select (region_code, report_year, indicator_code) from corrected)
                    then 'correction'
                when found.new_document in (select document_id from fresh_document) then 'new_version'
                when found.adds_up and number_cause.cause is not null then number_cause.cause
                when found.adds_up and year_cause.cause is not null then year_cause.cause
                when
                    found.spans_two_years
                    and report_cause.cause = (select cause from otherwise)
                    and year_before.cause is not null
                    then year_before.cause
                when report_cause.cause is not null then report_cause.cause
                when found.new_document is not null
                    and (select old_cleaner is distinct from new_cleaner from reading)
                    then 'new_extractor'
                else (select cause from otherwise)
            end
        from found
        left join document_report on coalesce(found.new_document, found.old_document) = document_report.document_id
        left join government_report
            on found.region_code = government_report.region_code and found.report_year = government_report.report_year
        left join report_cause
            on coalesce(found.report_id, document_report.report_id, government_report.report_id)
                = report_cause.report_id
        left join government_report as report_before
            on
                found.region_code = report_before.region_code
                and found.report_year = report_before.report_year + 1
        left join report_cause as year_before on report_before.report_id = year_before.report_id
        left join number_cause
            on found.report_year = number_cause.report_year and found.indicator_code = number_cause.indicator_code
        left join number_cause as year_cause
            on found.report_year = year_cause.report_year and year_cause.indicator_code is null
        """,
    )


def _text(side: str, name: str, fields: Mapping[str, Any]) -> str:
    """A cell as the CSV files write it."""
    cell = f"{side}.{quoted(name)}"
    if fields[name].type == "datetime":
        return f"strftime({cell}, '%Y-%m-%dT%H:%M:%S.%fZ')"
    return f"cast({cell} as varchar)"
