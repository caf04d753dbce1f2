"""The tables of the catalogue as rows, and the faults that rows show by themselves: unknown names, unreadable patterns.

What the rules do to sentences is checked in :mod:`pipelines.catalogue_check`. Nothing is mended here, and nothing
stops at the first fault: an analyst who edits several rows wants to hear of all of them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from pipelines.cleaning.tables import read_table
from pipelines.extraction.catalogue import CatalogueError, compile_pattern, compile_words
from pipelines.extraction.quantities import ValueType

Row = Mapping[str, str]
Severity = Literal["error", "warning"]

KINDS: Mapping[str, str] = {
    "table_unreadable": "a table is missing, lacks a column or has a row of the wrong length",
    "duplicate": "two rows bear the same name",
    "unknown_code": "no indicator has this code",
    "unknown_unit": "units.csv does not have this unit",
    "unknown_topic": "topics.csv does not have this topic",
    "unknown_identity": "identity_rules.csv does not have this identity",
    "unknown_rule": "no rule has this name",
    "unknown_value": "the column knows a few values only, and this is none of them",
    "unknown_dimension": "the indicator has no such dimension",
    "dimension_not_declared": "a label for an indicator that has no dimensions in indicators.csv",
    "bad_pattern": "the pattern cannot be compiled",
    "part_of_itself": "an indicator is part of itself, in one step or several",
    "identity_without_terms": "an identity of this kind needs terms",
    "too_few_examples": "a rule needs two made-up examples",
    "example_unmarked": "an example marks no number or negation by brackets",
    "example_not_recognised": "the example is read as nothing or as another indicator",
    "ambiguous": "rules of two indicators fit the example equally well",
    "unreachable": "another rule takes all examples of the rule",
    "heading_not_recognised": "the pattern does not occur in the example of its own row",
    "unit_not_taken": "no rule of the indicator takes the indicator's own unit",
    "no_rule": "no rule recognises the indicator",
}
"""Kinds of findings and what each says."""

COMPUTED_DOMAIN = "META"
"""Indicators of this domain are computed from the document; no number of the text states them."""

COLUMNS: Mapping[str, Sequence[str]] = {
    "indicators": ("code", "domain", "parent_code", "part_of", "tier", "name_zh", "name_en", "definition", "unit",
                   "value_type", "aggregation", "dimensions", "authority", "comparability_note"),
    "indicator_rules": ("rule_id", "code", "pattern", "context", "forbid", "units", "dimension", "comparison",
                        "example"),
    "indicator_zero_rules": ("rule_id", "code", "pattern", "context", "forbid", "example"),
    "indicator_rule_examples": ("rule_id", "example"),
    "dimension_values": ("codes", "label", "pattern", "zone"),
    "units": ("unit", "value_type", "name_en"),
    "topics": ("code", "name_zh"),
    "heading_topics": ("topic", "weight", "pattern", "example"),
    "heading_parts": ("part", "pattern", "example"),
    "identity_rules": ("identity_id", "kind", "total_code", "severity", "description"),
    "identity_terms": ("identity_id", "side", "term_code", "dimension", "comparison", "sign"),
    "corrections": ("correction_id", "indicator_code"),
}  # fmt: skip
"""Tables that are checked, with the columns that they must have."""

_KEYS = {
    "indicators": "code",
    "indicator_rules": "rule_id",
    "indicator_zero_rules": "rule_id",
    "units": "unit",
    "topics": "code",
    "identity_rules": "identity_id",
    "corrections": "correction_id",
}
_VALUES: Mapping[tuple[str, str], frozenset[str]] = {
    ("units", "value_type"): frozenset(get_args(ValueType)),
    ("indicators", "value_type"): frozenset({*get_args(ValueType), "flag"}),
    ("indicators", "aggregation"): frozenset({"sum", "latest", "rate"}),
    ("indicators", "tier"): frozenset({"core", "extended"}),
    ("indicator_rules", "comparison"): frozenset({"", "growth", "before", "prior_year"}),
    ("dimension_values", "zone"): frozenset({"phrase", "since", "clause", "unit", "sentence"}),
    ("heading_parts", "part"): frozenset({"achievements", "problems", "first_responsible", "plan", "other"}),
    ("identity_rules", "kind"): frozenset(
        {"partition", "ge", "le", "equation", "rate", "rate_floor", "ratio_check", "range", "date_order"}
    ),
    ("identity_rules", "severity"): frozenset({"error", "warn"}),
    ("identity_terms", "side"): frozenset({"part", "left", "right", "rate", "numerator", "denominator"}),
    ("identity_terms", "comparison"): frozenset({"", "growth", "before", "prior_year"}),
    ("identity_terms", "sign"): frozenset({"1", "-1"}),
}
_WITHOUT_TERMS = frozenset({"range", "date_order"})
# Table, column, what separates several names in a cell, kind of the finding.
_REFERENCES = (
    ("indicators", "domain", None, "unknown_topic"),
    ("indicators", "part_of", None, "unknown_code"),
    ("indicators", "unit", None, "unknown_unit"),
    ("indicator_rules", "code", None, "unknown_code"),
    ("indicator_rules", "units", "|", "unknown_unit"),
    ("indicator_zero_rules", "code", None, "unknown_code"),
    ("indicator_rule_examples", "rule_id", None, "unknown_rule"),
    ("dimension_values", "codes", " ", "unknown_code"),
    ("heading_topics", "topic", None, "unknown_topic"),
    ("identity_rules", "total_code", None, "unknown_code"),
    ("identity_terms", "identity_id", None, "unknown_identity"),
    ("identity_terms", "term_code", None, "unknown_code"),
    ("corrections", "indicator_code", None, "unknown_code"),
)
_PATTERNS: Sequence[tuple[str, str, Callable[[str], re.Pattern[str]]]] = (
    ("indicator_rules", "pattern", compile_pattern),
    ("indicator_rules", "context", compile_words),
    ("indicator_rules", "forbid", compile_words),
    ("indicator_zero_rules", "pattern", compile_pattern),
    ("indicator_zero_rules", "context", compile_words),
    ("indicator_zero_rules", "forbid", compile_words),
    ("dimension_values", "pattern", re.compile),
    ("heading_topics", "pattern", re.compile),
    ("heading_parts", "pattern", re.compile),
)
# "类型(许可|处罚)|层级": where one name of a list of dimensions ends and the next begins
_DIMENSION_MARKS = re.compile(r"[|/()]")


@dataclass(frozen=True)
class Finding:
    """One fault of one row: ``row`` names it, ``message`` holds the value."""

    severity: Severity
    kind: str
    table: str
    row: str
    message: str


Tables = Mapping[str, Sequence[Row]]


def load_tables(folder: Path) -> tuple[Tables, list[Finding]]:
    """Read all tables of a folder; one that cannot be read is a finding and empty."""
    tables: dict[str, Sequence[Row]] = {}
    findings = []
    for name, columns in COLUMNS.items():
        try:
            tables[name] = read_table(folder / f"{name}.csv", columns)
        except (OSError, ValueError) as error:
            tables[name] = ()
            reason = "no such file" if isinstance(error, FileNotFoundError) else str(error)
            findings.append(Finding("error", "table_unreadable", name, "", reason))
    return tables, findings


def row_faults(tables: Tables) -> Iterator[Finding]:
    """Find everything that rows show without reading a sentence."""
    yield from _duplicates(tables)
    yield from _unknown_names(tables)
    yield from _unknown_values(tables)
    yield from _unknown_dimensions(tables)
    yield from _bad_patterns(tables)
    yield from _circles(tables["indicators"])
    with_terms = {row["identity_id"] for row in tables["identity_terms"]}
    for row in tables["identity_rules"]:
        if row["identity_id"] not in with_terms and row["kind"] not in _WITHOUT_TERMS:
            message = f"an identity of the kind {row['kind']} has no terms in identity_terms.csv"
            yield Finding("error", "identity_without_terms", "identity_rules", row["identity_id"], message)


def row_name(table: str, row: Row, number: int) -> str:
    """What a person finds a row by: its name, or the line of the file."""
    key = _KEYS.get(table)
    return row[key] if key else f"line {number + 2}"


def is_sound(pattern: str, compiler: Callable[[str], object]) -> bool:
    """Whether a pattern can be compiled."""
    try:
        compiler(pattern)
    except (CatalogueError, re.error):
        return False
    return True


def _rows(tables: Tables, table: str) -> Iterator[tuple[str, Row]]:
    """Each row of a table with its name."""
    for number, row in enumerate(tables[table]):
        yield row_name(table, row, number), row


def _duplicates(tables: Tables) -> Iterator[Finding]:
    for table, key in _KEYS.items():
        for value, count in Counter(row[key] for row in tables[table]).items():
            if count > 1:
                yield Finding("error", "duplicate", table, value, f"{count} rows bear the name {value}")


def _unknown_names(tables: Tables) -> Iterator[Finding]:
    codes = {row["code"] for row in tables["indicators"]}
    topics = {row["code"] for row in tables["topics"]} | {COMPUTED_DOMAIN}
    known = {
        "unknown_code": codes,
        "unknown_topic": topics,
        "unknown_unit": {row["unit"] for row in tables["units"]},
        "unknown_identity": {row["identity_id"] for row in tables["identity_rules"]},
        "unknown_rule": {row["rule_id"] for row in (*tables["indicator_rules"], *tables["indicator_zero_rules"])},
    }
    for table, column, separator, kind in _REFERENCES:
        for name, row in _rows(tables, table):
            if column == "unit" and row.get("domain") == COMPUTED_DOMAIN:
                continue
            values = row[column].split(separator) if separator else [row[column]]
            for value in values:
                if value and value not in known[kind]:
                    yield Finding("error", kind, table, name, f"{column} names {value}: {KINDS[kind]}")
    for name, row in _rows(tables, "indicators"):
        if row["parent_code"] not in codes | topics:
            message = f"parent_code names {row['parent_code']}, neither an indicator nor a topic"
            yield Finding("error", "unknown_code", "indicators", name, message)


def _unknown_values(tables: Tables) -> Iterator[Finding]:
    for (table, column), known in _VALUES.items():
        for name, row in _rows(tables, table):
            if row[column] not in known:
                expected = ", ".join(sorted(filter(None, known)))
                message = f"{column} is {row[column]!r}, not one of {expected}"
                yield Finding("error", "unknown_value", table, name, message)


def _unknown_dimensions(tables: Tables) -> Iterator[Finding]:
    declared = {row["code"]: row["dimensions"] for row in tables["indicators"]}
    labels: dict[str, set[str]] = {}
    for name, row in _rows(tables, "dimension_values"):
        for code in row["codes"].split():
            labels.setdefault(code, set()).add(row["label"])
        without = ", ".join(code for code in row["codes"].split() if code in declared and not declared[code])
        if without:
            message = f"the label {row['label']} for {without}: no dimensions in indicators.csv"
            yield Finding("warning", "dimension_not_declared", "dimension_values", name, message)
    named = [("indicator_rules", name, row["code"], row["dimension"]) for name, row in _rows(tables, "indicator_rules")]
    named += [
        ("identity_terms", name, row["term_code"], row["dimension"]) for name, row in _rows(tables, "identity_terms")
    ]
    for table, name, code, dimension in named:
        known = labels.get(code, set()) | set(_DIMENSION_MARKS.split(declared.get(code, "")))
        if dimension not in {"", "*"} | known:
            message = f"{code} has no dimension {dimension}, neither in dimension_values.csv nor in indicators.csv"
            yield Finding("error", "unknown_dimension", table, name, message)


def _bad_patterns(tables: Tables) -> Iterator[Finding]:
    for table, column, compiler in _PATTERNS:
        for name, row in _rows(tables, table):
            if not row[column] and column != "pattern":
                continue
            try:
                compiled = compiler(row[column])
            except (CatalogueError, re.error) as error:
                yield Finding("error", "bad_pattern", table, name, f"{column}: {error}")
                continue
            if table.startswith("heading_") and not compiled.search(row["example"]):
                message = f"{row['pattern']} does not occur in {row['example']}"
                yield Finding("error", "heading_not_recognised", table, name, message)


def _circles(indicators: Sequence[Row]) -> Iterator[Finding]:
    total = {row["code"]: row["part_of"] for row in indicators}
    for code in total:
        seen, at = [code], total[code]
        while at and at not in seen:
            seen.append(at)
            at = total.get(at, "")
        if at == code:
            yield Finding("error", "part_of_itself", "indicators", code, " is part of ".join([*seen, code]))
