"""``CHANGES.md``: what changed against the last release, in words and short tables, from ``changes.parquet``.

Not here: finding out what changed (``release_changes.py``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.release_changes import CAUSES, CHANGES, TIDY
from warehouse.duck import DUCKDB_CONFIG
from warehouse.publish import literal

REPORT = "CHANGES.md"
# Cells shown one by one, those of the tidy table first; the Parquet file has all.
CELLS_SHOWN = 50
VALUE_CHARACTERS = 60
# What would end a cell of a Markdown table, or be taken for markup: "a|b" "<b>" "`x`" "*x*" "_x_" "[x]" "\"
MARKUP = re.compile(r"([\\|`*_<>\[\]])")
# Line breaks and control characters inside a value: "a\nb" "\x07"
BREAKS = re.compile(r"[\s\x00-\x1f\x7f]+")
CAUSE_WORDS = {
    "correction": "a person's decision on that number",
    "new_version": "the page says something else now",
    "new_report": "a report that was not there before",
    "new_extractor": "the same page, read by newer code",
    "new_rules": "the tables and rules that make the marts",
    "crawl": "what portals answered, or a deadline that passed",
}
MEANING = {
    "mart_added": "new table",
    "mart_removed": "table removed",
    "key_changed": "other key",
    "column_added": "new column",
    "column_removed": "column removed",
    "columns_moved": "other order of columns",
    "type_changed": "other type",
    "unit_changed": "other unit",
    "may_be_null": "may be empty now",
    "is_required": "never empty now",
}

Row = tuple[object, ...]


@dataclass(frozen=True)
class Heads:
    """The two releases compared, by name and contract.

    Attributes:
        old: id of the release compared with; None when there is none.
        new: id of the later release.
        old_contract: its contract version; None when it had none.
        new_contract: that of the later release.
        damaged: id of the last release when it could not be compared with, being damaged.
    """

    old: str | None
    new: str
    old_contract: str | None
    new_contract: str
    damaged: str | None = None


def render_changes(heads: Heads, changes: Path) -> str:
    """Return the text of ``CHANGES.md``.

    Args:
        heads: what was compared.
        changes: the table written by ``release_changes``.
    """
    lines = [f"# Changes in release {heads.new}", ""]
    if heads.old is None:
        if heads.damaged:
            lines += [f"The last release, {heads.damaged}, is damaged; nothing could be compared with it."]
        else:
            lines += ["The first release: there is nothing to compare with."]
        return "\n".join([*lines, "", f"Contract {heads.new_contract}.", ""])
    contract = f"{heads.old_contract or 'none'} → {heads.new_contract}"
    lines += [f"Against release {heads.old}. Contract {contract}. All changes, cell by cell: `{CHANGES}`.", ""]
    with duckdb.connect(config=DUCKDB_CONFIG) as connection:
        connection.execute(f"create view changes as from read_parquet({literal(str(changes))})")
        lines += _schema(connection)
        lines += _rows(connection)
        lines += _years(connection)
        lines += _causes(connection)
        lines += _cells(connection)
    return "\n".join(lines)


def _schema(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    yield "## Schema"
    yield ""
    found = _ask(
        connection,
        "select mart, row_key, column_name, old_value, new_value from changes where kind = 'schema' "
        "order by mart, column_name nulls first, row_key",
    )
    if not found:
        yield "No change."
        yield ""
        return
    rows = [(mart, column or "", MEANING[str(kind)], old or "", new or "") for mart, kind, column, old, new in found]
    yield from _table(("table", "column", "what", "before", "now"), rows)


def _rows(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    yield "## Rows per table"
    yield ""
    found = _ask(
        connection,
        """
        select
            mart,
            sum(try_cast(old_value as bigint)) filter (kind = 'row_count') as before,
            sum(try_cast(new_value as bigint)) filter (kind = 'row_count') as now,
            count(*) filter (kind = 'row_added') as added,
            count(*) filter (kind = 'row_removed') as removed,
            count(distinct row_key) filter (kind = 'cell_changed') as changed,
            count(*) filter (kind = 'cell_changed') as cells,
        from changes
        where kind <> 'schema'
        group by mart
        order by mart
        """,
    )
    yield from _table(("table", "before", "now", "rows added", "removed", "changed", "cells changed"), found)


def _years(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    yield "## Rows per table and year"
    yield ""
    found = _ask(
        connection,
        """
        select mart, cast(report_year as varchar), old_value, new_value
        from changes
        where kind = 'row_count' and report_year is not null and old_value <> new_value
        order by mart, report_year
        """,
    )
    if not found:
        yield "No table has another number of rows in any year."
        yield ""
        return
    yield from _table(("table", "year", "before", "now"), found)


def _causes(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    yield "## Causes"
    yield ""
    counts = {
        str(cause): (added, removed, cells)
        for cause, added, removed, cells in _ask(
            connection,
            """
            select
                cause,
                count(*) filter (kind = 'row_added'),
                count(*) filter (kind = 'row_removed'),
                count(*) filter (kind = 'cell_changed'),
            from changes
            where cause is not null
            group by cause
            """,
        )
    }
    rows = [(cause, CAUSE_WORDS[cause], *counts[cause]) for cause in CAUSES if cause in counts]
    if not rows:
        yield "No row and no cell changed."
        yield ""
        return
    yield from _table(("cause", "meaning", "rows added", "removed", "cells changed"), rows)


def _cells(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    total = int(str(_ask(connection, "select count(*) from changes where kind = 'cell_changed'")[0][0]))
    if not total:
        return
    yield "## Changed cells"
    yield ""
    if total > CELLS_SHOWN:
        yield f"The first {CELLS_SHOWN} of {total:,}, those of `{TIDY}` before others."
        yield ""
    found = _ask(
        connection,
        f"""
        select mart, row_key, column_name, old_value, new_value, cause
        from changes
        where kind = 'cell_changed'
        order by mart <> '{TIDY}', column_name <> 'value', mart, row_key, column_name
        limit {CELLS_SHOWN}
        """,  # noqa: S608 - two constants of this module
    )
    rows = [
        (mart, " ".join(map(str, json.loads(str(key)).values())), column, _shown(old), _shown(new), cause)
        for mart, key, column, old, new, cause in found
    ]
    yield from _table(("table", "row", "column", "before", "now", "cause"), rows)


def _ask(connection: duckdb.DuckDBPyConnection, question: str) -> list[Row]:
    return connection.execute(question).fetchall()


def _shown(value: object) -> str:
    if value is None:
        return "(empty)"
    text = str(value)
    return text if len(text) <= VALUE_CHARACTERS else f"{text[: VALUE_CHARACTERS - 1]}…"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Lines of a Markdown table, with an empty line behind it."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(map(_cell, row))} |"
    yield ""


def _cell(value: object) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return MARKUP.sub(r"\\\1", BREAKS.sub(" ", str(value)).strip())
