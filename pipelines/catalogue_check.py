"""Checks of the catalogue: ``fazhi catalogue check`` without the command line.

Faults of single rows come from :mod:`pipelines.catalogue_tables`; here the rules are held to their own examples:
each must be recognised, by its own rule at least once, and by no rule of another indicator equally well.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

from pipelines.catalogue_examples import ReadExample, read_example
from pipelines.catalogue_tables import (
    COMPUTED_DOMAIN,
    Finding,
    Row,
    Tables,
    is_sound,
    load_tables,
    row_faults,
)
from pipelines.extraction.catalogue import Catalogue, compile_pattern, compile_words
from pipelines.extraction.quantities import ValueType
from pipelines.reference import CATALOGUE_COLUMNS, catalogue_of

LEAST_EXAMPLES = 2
"""Made-up examples that a rule needs, worded differently."""


@dataclass(frozen=True)
class CatalogueReport:
    """What a check found, errors first, and how much it looked at."""

    findings: tuple[Finding, ...]
    indicators: int
    rules: int
    examples: int

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that make the catalogue unfit for use."""
        return tuple(finding for finding in self.findings if finding.severity == "error")

    def to_json(self) -> dict[str, Any]:
        """The object that ``fazhi catalogue check --json`` prints."""
        return {
            "indicators": self.indicators,
            "rules": self.rules,
            "examples": self.examples,
            "errors": len(self.errors),
            "warnings": len(self.findings) - len(self.errors),
            "findings": [asdict(finding) for finding in self.findings],
        }


def check_catalogue(folder: Path) -> CatalogueReport:
    """Check the tables of a folder; every fault is a finding, none stops the check."""
    tables, findings = load_tables(folder)
    findings += row_faults(tables)
    rules = [*tables["indicator_rules"], *tables["indicator_zero_rules"]]
    examples = _examples(tables)
    findings += _gaps(tables)
    findings += _example_faults(tables, rules, examples)
    findings.sort(key=lambda finding: (finding.severity, finding.table, finding.kind, finding.row))
    return CatalogueReport(
        tuple(findings), len(tables["indicators"]), len(rules), sum(len(each) for each in examples.values())
    )


def _examples(tables: Tables) -> dict[str, list[str]]:
    """All examples by rule: that of its own row first."""
    rules = (*tables["indicator_rules"], *tables["indicator_zero_rules"])
    found: dict[str, list[str]] = {row["rule_id"]: [row["example"]] if row["example"] else [] for row in rules}
    for row in tables["indicator_rule_examples"]:
        if row["example"] not in found.get(row["rule_id"], (row["example"],)):
            found[row["rule_id"]].append(row["example"])
    return found


def _gaps(tables: Tables) -> Iterator[Finding]:
    """Indicators that nothing recognises, or not in their own unit."""
    units: dict[str, set[str]] = {}
    for row in tables["indicator_rules"]:
        units.setdefault(row["code"], set()).update(row["units"].split("|"))
    for row in tables["indicators"]:
        code = row["code"]
        if row["domain"] == COMPUTED_DOMAIN:
            continue
        if code not in units:
            yield Finding("warning", "no_rule", "indicators", code, f"no rule recognises {row['name_zh']}")
        elif row["unit"] not in units[code]:
            message = f"counted in {row['unit']}, but its rules take {', '.join(sorted(units[code]))}"
            yield Finding("warning", "unit_not_taken", "indicators", code, message)


def _example_faults(tables: Tables, rules: Sequence[Row], examples: Mapping[str, list[str]]) -> Iterator[Finding]:
    """Hold every rule to its examples, with a catalogue made of the sound rows."""
    if not all(tables[name] for name in CATALOGUE_COLUMNS):
        return
    catalogue = catalogue_of(_sound(tables))
    zero_rules = {row["rule_id"] for row in tables["indicator_zero_rules"]}
    for row in rules:
        table = "indicator_zero_rules" if row["rule_id"] in zero_rules else "indicator_rules"
        own = examples[row["rule_id"]]
        if len(own) < LEAST_EXAMPLES:
            message = f"{len(own)} example, but a rule needs {LEAST_EXAMPLES}"
            yield Finding("error", "too_few_examples", table, row["rule_id"], message)
        if row["rule_id"] in catalogue.rules_by_id:
            yield from _rule_faults(table, row, own, catalogue)


def _rule_faults(table: str, row: Row, examples: Sequence[str], catalogue: Catalogue) -> Iterator[Finding]:
    """What the examples of one rule show."""
    rule_id = row["rule_id"]
    readings: list[ReadExample] = []
    for example in examples:
        try:
            reading = read_example(example, catalogue)
        except ValueError as error:
            yield Finding("error", "example_unmarked", table, rule_id, str(error))
            continue
        readings.append(reading)
        if reading.code != row["code"]:
            seen = f"as {reading.code} by {reading.rule}" if reading.code else "as no number"
            yield Finding("error", "example_not_recognised", table, rule_id, f"{example} is read {seen}")
        rivals = _rivals(reading)
        if rivals:
            message = f"{example} fits {', '.join(rivals)} equally well"
            yield Finding("error", "ambiguous", table, rule_id, message)
    if readings and all(reading.rule != rule_id for reading in readings):
        winners = sorted({str(reading.rule) for reading in readings})
        yield Finding("error", "unreachable", table, rule_id, f"all its examples are taken by {', '.join(winners)}")


def _rivals(reading: ReadExample) -> list[str]:
    """The best rules of a number when they speak for several indicators; empty when one is clearly best."""
    if not reading.fitting:
        return []
    top = reading.fitting[0].score
    best = [match.rule for match in reading.fitting if math.isclose(match.score, top)]
    return sorted({rule.rule_id for rule in best}) if len({rule.code for rule in best}) > 1 else []


def _sound(tables: Tables) -> Tables:
    """The tables without the rows that no catalogue can be made of; each of these is a finding already."""
    units = [row for row in tables["units"] if row["value_type"] in get_args(ValueType)]
    codes = {row["code"] for row in tables["indicators"]}
    names = {"", *(row["unit"] for row in units)}
    return {
        "units": units,
        "indicators": [
            {**row, "part_of": row["part_of"] if row["part_of"] in codes else ""} for row in tables["indicators"]
        ],
        "indicator_rules": [
            row
            for row in tables["indicator_rules"]
            if row["code"] in codes and names.issuperset(row["units"].split("|")) and _compiles(row)
        ],
        "indicator_zero_rules": [
            row for row in tables["indicator_zero_rules"] if row["code"] in codes and _compiles(row)
        ],
        "dimension_values": [
            row
            for row in tables["dimension_values"]
            if codes.issuperset(row["codes"].split()) and is_sound(row["pattern"], re.compile)
        ],
    }


def _compiles(row: Row) -> bool:
    """Whether all patterns of a rule can be compiled."""
    words = [row[column] for column in ("context", "forbid") if row[column]]
    return is_sound(row["pattern"], compile_pattern) and all(is_sound(each, compile_words) for each in words)
