"""The reference tables of ``dbt_project/seeds`` as the readers use them; loaded once, checked while loading.

Only loading and checking: what a table means is said by the module that defines its types.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import get_args

from pipelines.cleaning.tables import SEEDS_DIR, read_table
from pipelines.extraction.catalogue import (
    Catalogue,
    CatalogueError,
    DimensionValue,
    Indicator,
    Rule,
    compile_pattern,
    compile_words,
)
from pipelines.extraction.citations import CitationKinds, load_citation_kinds
from pipelines.extraction.confidence import ConfidenceTable
from pipelines.extraction.kinds import KindTable, load_kinds
from pipelines.extraction.quantities import UnitTable, ValueType
from pipelines.extraction.regions import RegionTable, load_regions
from pipelines.extraction.segmentation import OutlineRules, PartRule, TopicRule
from pipelines.extraction.table_words import ROLES, TableWord, TableWords

Row = Mapping[str, str]

_RULE_COLUMNS = ("rule_id", "code", "pattern", "context", "forbid", "example")
CATALOGUE_COLUMNS: Mapping[str, Sequence[str]] = {
    "units": ("unit", "value_type"),
    "indicators": ("code", "domain", "part_of", "tier", "unit", "value_type", "dimensions", "authority"),
    "indicator_rules": (*_RULE_COLUMNS, "units", "dimension", "comparison"),
    "indicator_zero_rules": _RULE_COLUMNS,
    "dimension_values": ("codes", "label", "pattern", "zone"),
}
"""The tables of which a catalogue is made, with the columns that they must have."""


@dataclass(frozen=True)
class Reference:
    """Everything that reading a page needs beside the page."""

    regions: RegionTable
    kinds: KindTable
    outline: OutlineRules
    catalogue: Catalogue
    citation_kinds: CitationKinds


YOUNG_OBJECTS = 10_000
"""So many new objects, about those of ten pages, are there before the collector of garbage looks at them."""


@lru_cache(maxsize=1)
def load_reference() -> Reference:
    """Load all tables.

    They live as long as the process, so the collector of garbage is told to leave alone what there is by now: it would
    look through all of them again and again while pages are read. A page makes many values and hardly a cycle of them,
    so the collector need not look after every few hundred.

    Raises:
        CatalogueError: a row names an unknown code or unit, or its pattern cannot be compiled.
        ValueError: a table lacks a column or a row has the wrong number of cells.
    """
    reference = Reference(load_regions(), load_kinds(), load_outline(), load_catalogue(), load_citation_kinds())
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, *gc.get_threshold()[1:])
    return reference


def load_outline() -> OutlineRules:
    """Load the rules that read headings."""
    topics = read_table(SEEDS_DIR / "heading_topics.csv", ("topic", "weight", "pattern", "example"))
    parts = read_table(SEEDS_DIR / "heading_parts.csv", ("part", "pattern", "example"))
    return OutlineRules(
        tuple(TopicRule(row["topic"], int(row["weight"]), re.compile(row["pattern"])) for row in topics),
        tuple(PartRule(row["part"], re.compile(row["pattern"])) for row in parts),
    )


def units_of(rows: Iterable[Row]) -> UnitTable:
    """Type the rows of ``units.csv``.

    Raises:
        CatalogueError: a unit has an unknown value type.
    """
    types: dict[str, ValueType] = {}
    for row in rows:
        known: ValueType | None = next((kind for kind in get_args(ValueType) if kind == row["value_type"]), None)
        if known is None:
            raise CatalogueError(f"units.csv: unit {row['unit']!r} has unknown value type {row['value_type']!r}")
        types[row["unit"]] = known
    return UnitTable(types)


def load_catalogue() -> Catalogue:
    """Load indicators, their rules, the rules for zeros and the values of dimensions.

    Raises:
        CatalogueError: see :func:`load_reference`.
    """
    tables = {name: read_table(SEEDS_DIR / f"{name}.csv", columns) for name, columns in CATALOGUE_COLUMNS.items()}
    return catalogue_of(tables)


def catalogue_of(tables: Mapping[str, Sequence[Row]]) -> Catalogue:
    """Type and compile the tables of the catalogue; what does not depend on them is loaded from its own.

    Args:
        tables: the rows of each table of :data:`CATALOGUE_COLUMNS`.

    Raises:
        CatalogueError: a row names an unknown code or unit, or its pattern cannot be compiled.
    """
    units = units_of(tables["units"])
    rows, rules, zeros = tables["indicators"], tables["indicator_rules"], tables["indicator_zero_rules"]
    values = tables["dimension_values"]
    indicators = {row["code"]: _indicator(row) for row in rows}
    _refuse_unknown_codes("indicators.csv", (row["part_of"] for row in rows if row["part_of"]), indicators)
    for table, codes in (
        ("indicator_rules.csv", [row["code"] for row in rules]),
        ("indicator_zero_rules.csv", [row["code"] for row in zeros]),
        ("dimension_values.csv", [code for row in values for code in row["codes"].split()]),
    ):
        _refuse_unknown_codes(table, codes, indicators)
    return Catalogue(
        indicators,
        tuple(_rule(row, units) for row in rules),
        tuple(_rule({**row, "units": "", "dimension": "", "comparison": ""}, units) for row in zeros),
        tuple(
            DimensionValue(frozenset(row["codes"].split()), row["label"], re.compile(row["pattern"]), row["zone"])
            for row in values
        ),
        units,
        load_confidence(),
        load_table_words(),
    )


def load_table_words() -> TableWords:
    """Load the words by which labels of tables are understood.

    Raises:
        CatalogueError: a row has an unknown role.
    """
    rows = read_table(SEEDS_DIR / "table_words.csv", ("role", "pattern", "value", "example"))
    if unknown := {row["role"] for row in rows} - set(ROLES):
        raise CatalogueError(f"table_words.csv: unknown role {', '.join(sorted(unknown))}")
    return TableWords(
        {
            role: tuple(TableWord(re.compile(row["pattern"]), row["value"]) for row in rows if row["role"] == role)
            for role in ROLES
        }
    )


def load_confidence() -> ConfidenceTable:
    """Load the weights of the signals.

    Raises:
        ValueError: a weight is no number.
    """
    rows = read_table(SEEDS_DIR / "confidence_weights.csv", ("signal", "value", "weight"))
    return ConfidenceTable({(row["signal"], row["value"]): float(row["weight"]) for row in rows})


def _indicator(row: Row) -> Indicator:
    """Type one row of ``indicators.csv``."""
    return Indicator(
        row["code"], row["domain"], row["part_of"] or None, row["tier"], row["unit"], row["value_type"],
        bool(row["dimensions"]), row["dimensions"].startswith("同上"), row["authority"] or None,
    )  # fmt: skip


def _rule(row: Row, units: UnitTable) -> Rule:
    """Type and compile one row of a rule table."""
    named = frozenset(filter(None, row["units"].split("|")))
    unknown = named - units.value_types.keys()
    if unknown:
        raise CatalogueError(f"rule {row['rule_id']}: unknown unit {', '.join(sorted(unknown))}")
    try:
        pattern = compile_pattern(row["pattern"])
        context = compile_words(row["context"]) if row["context"] else None
        forbid = compile_words(row["forbid"]) if row["forbid"] else None
    except (CatalogueError, re.error) as error:
        raise CatalogueError(f"rule {row['rule_id']}: {error}") from error
    return Rule(
        row["rule_id"], row["code"], pattern, context, forbid, named, row["dimension"] or None,
        row["comparison"] or None, row["example"],
    )  # fmt: skip


def _refuse_unknown_codes(table: str, codes: Iterable[str], indicators: dict[str, Indicator]) -> None:
    """Raise when a table names a code that ``indicators.csv`` does not have."""
    unknown = sorted(set(codes) - indicators.keys())
    if unknown:
        raise CatalogueError(f"{table}: unknown indicator {', '.join(unknown)}")
