"""Keep the contract of ``region_year_wide``: one column per core indicator, with its unit in the name.

``python dbt_project/scripts/write_wide.py`` rewrites ``models/marts/_region_year_wide.yml`` from the seeds
``indicators.csv`` and ``units.csv``. Columns that exist keep their place, new ones go to the end; an indicator
that left the catalogue is refused, because a released column may not vanish without a new major version.

A name is the indicator's code in lower case, two underscores, and the English name of its unit:
``rr_closed__cases``, ``rule_norm_issued__pieces``, ``lit_appear_rate__percent``.

Not here: how the value is chosen (``fct_region_year_indicator``).
"""

from __future__ import annotations

import csv
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parent.parent
TARGET = PROJECT / "models" / "marts" / "_region_year_wide.yml"
PIVOTED_VALUE_TYPES = ("count", "ratio", "amount")
# Facts about the document itself: they are columns of fct_report, not numbers that a report states.
DOCUMENT_DOMAIN = "META"
# 件 counts cases where somebody applies, sues, complains or is pursued, and pieces (of paper) elsewhere.
CASE_PREFIXES = ("RR_", "LIT_", "MED_", "LEGALAID_", "ENFO_PENALTIES", "ENFO_TRANSFER_", "SUPV_FOI_", "DIGI_")
DESCRIPTION = (
    "One row per government and year, one column per core indicator: the chosen undivided value of "
    "fct_region_year_indicator. Null means not stated or not read, never zero."
)
# "working days" → "working_days"
NOT_OF_A_NAME = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Column:
    """A column of the contract."""

    name: str
    data_type: str
    description: str
    required: bool = False
    unit: str | None = None
    indicator_code: str | None = None


LEADING = (
    Column("region_code", "varchar", "GB/T 2260 code of the division, as valid in the report year.", required=True),
    Column("report_year", "bigint", "Year that the report is about.", required=True, unit="year"),
    Column("region_name", "varchar", "Name of the division in the report year."),
    Column("region_level", "varchar", "province, prefecture or county."),
    Column("province_code", "varchar", "GB/T 2260 code of the province."),
    Column("province_name", "varchar", "Name of the province."),
    Column("report_id", "varchar", "The government's report of that year.", required=True),
    Column("published_on", "date", "Date of publication as the page states it; null when it does not."),
    Column("timeliness", "varchar", "on_time or late; null without a publication date or a deadline."),
    Column(
        "indicator_count",
        "bigint",
        "Indicators with an undivided value for that region and year, extended ones included.",
        required=True,
        unit="indicators",
    ),
)


def unit_token(name_en: str, code: str) -> str:
    """Name of a unit inside a column name; of two names the first for cases, the last for anything else."""
    names = name_en.split(" or ")
    name = names[0] if code.startswith(CASE_PREFIXES) else names[-1]
    return NOT_OF_A_NAME.sub("_", name.lower()).strip("_")


def indicator_columns(seeds: Path) -> list[Column]:
    """The columns of the core indicators, in the order of the catalogue.

    Raises:
        KeyError: an indicator's unit is not in the table of units.
    """
    with (seeds / "units.csv").open(encoding="utf-8", newline="") as file:
        units = {row["unit"]: row["name_en"] for row in csv.DictReader(file)}
    with (seeds / "indicators.csv").open(encoding="utf-8", newline="") as file:
        indicators = [
            row
            for row in csv.DictReader(file)
            if row["tier"] == "core" and row["domain"] != DOCUMENT_DOMAIN and row["value_type"] in PIVOTED_VALUE_TYPES
        ]
    return [
        Column(
            name=f"{row['code'].lower()}__{unit_token(units[row['unit']], row['code'])}",
            data_type="double",
            description=f"{row['name_zh']} ({row['name_en']}), undivided and done; null when not stated.",
            unit=row["unit"],
            indicator_code=row["code"],
        )
        for row in indicators
    ]


def existing_names(text: str) -> list[str]:
    """Names of the indicator columns of a contract, in their order."""
    parsed: dict[str, Any] = yaml.safe_load(text)
    columns = parsed["models"][0]["columns"]
    return [column["name"] for column in columns if "indicator_code" in column.get("config", {}).get("meta", {})]


def ordered(columns: list[Column], before: list[str]) -> list[Column]:
    """Columns with those that exist already in their old order, and new ones at the end.

    Raises:
        ValueError: a column that exists is no longer made from the catalogue.
    """
    by_name = {column.name: column for column in columns}
    gone = [name for name in before if name not in by_name]
    if gone:
        raise ValueError(f"columns of region_year_wide without an indicator: {', '.join(gone)}")
    return [by_name[name] for name in before] + [column for column in columns if column.name not in before]


def contract(columns: list[Column]) -> str:
    """The YAML of the model."""
    lines = [
        "# Written by scripts/write_wide.py from the seeds indicators and units.",
        "version: 2",
        "",
        "models:",
        "  - name: region_year_wide",
        f"    description: {json.dumps(DESCRIPTION)}",
        "    config:",
        "      meta: {key: [region_code, report_year]}",
        "    data_tests:",
        "      - {unique_together: {arguments: {columns: [region_code, report_year]}}}",
        "    columns:",
    ]
    for column in (*LEADING, *columns):
        lines += [
            f"      - name: {column.name}",
            f"        description: {json.dumps(column.description, ensure_ascii=False)}",
            f"        data_type: {column.data_type}",
        ]
        if column.required:
            lines.append("        constraints: [{type: not_null}]")
        meta = {"unit": column.unit, "indicator_code": column.indicator_code}
        stated = ", ".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in meta.items() if value)
        if stated:
            lines += ["        config:", f"          meta: {{{stated}}}"]
    return "\n".join(lines) + "\n"


def current_contract() -> str:
    """What the file should hold, given the seeds and the order it has now."""
    before = existing_names(TARGET.read_text(encoding="utf-8")) if TARGET.exists() else []
    return contract(ordered(indicator_columns(PROJECT / "seeds"), before))


def main() -> int:
    """Rewrite the contract."""
    text = current_contract()
    TARGET.write_text(text, encoding="utf-8")
    print(f"{TARGET.name}: {len(existing_names(text))} indicator columns")
    return 0


if __name__ == "__main__":
    sys.exit(main())
