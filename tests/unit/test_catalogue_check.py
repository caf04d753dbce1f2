"""The checks of the catalogue: clean on the tables of the project, and each kind of fault found in a broken copy."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.catalogue_check import check_catalogue
from pipelines.catalogue_tables import COLUMNS, KINDS
from pipelines.cleaning.tables import SEEDS_DIR
from pipelines.cli import app

# The copies hold the rules of these indicators only, which is quicker.
CODES = {"RR_CLOSED", "RR_NOT_ACCEPTED", "RR_CORRECTION_RATE", "LIT_LOST", "LIT_LOST_RATE", "FUNC_PROOF_CLEARED"}

Rows = list[dict[str, str]]
Edit = Callable[[Rows], None]


def rows_of(folder: Path, table: str) -> Rows:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def write(folder: Path, table: str, rows: Rows) -> None:
    with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, fieldnames=rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small copy of the tables, without faults."""
    for table in COLUMNS:
        rows = rows_of(SEEDS_DIR, table)
        if table in ("indicator_rules", "indicator_zero_rules"):
            rows = [row for row in rows if row["code"] in CODES]
        if table == "indicator_rule_examples":
            rows = [row for row in rows if row["rule_id"].partition(".")[0] in CODES]
            rows = [row for row in rows if ".zero" not in row["rule_id"] or row["rule_id"].startswith("LIT_LOST")]
        if rows:
            write(tmp_path, table, rows)
        else:
            (tmp_path / f"{table}.csv").write_bytes((SEEDS_DIR / f"{table}.csv").read_bytes())
    return tmp_path


def found(folder: Path, severity: str = "error") -> set[tuple[str, str, str]]:
    findings = check_catalogue(folder).findings
    return {(each.kind, each.table, each.row) for each in findings if each.severity == severity}


def setting(number: int, **cells: str) -> Edit:
    """An edit that sets cells of one row."""
    return lambda rows: rows[number].update(cells)


def adding(**cells: str) -> Edit:
    """An edit that adds a copy of the first row with other cells."""
    return lambda rows: rows.append({**rows[0], **cells})


def removing(column: str, value: str) -> Edit:
    """An edit that removes the rows with a value."""

    def edit(rows: Rows) -> None:
        rows[:] = [row for row in rows if row[column] != value]

    return edit


def setting_of(column: str, value: str, **cells: str) -> Edit:
    """An edit that sets cells of the rows with a value."""

    def edit(rows: Rows) -> None:
        for row in rows:
            if row[column] == value:
                row.update(cells)

    return edit


def rule(rule_id: str, **cells: str) -> Edit:
    return setting_of("rule_id", rule_id, **cells)


FAULTS: list[tuple[str, Edit, tuple[str, str, str]]] = [
    ("indicators", adding(), ("duplicate", "indicators", "LEAD_STUDY_SESSIONS")),
    ("indicators", setting(0, domain="LAED"), ("unknown_topic", "indicators", "LEAD_STUDY_SESSIONS")),
    ("indicators", setting(0, parent_code="LAED"), ("unknown_code", "indicators", "LEAD_STUDY_SESSIONS")),
    ("indicators", setting(0, part_of="LEAD_NONE"), ("unknown_code", "indicators", "LEAD_STUDY_SESSIONS")),
    ("indicators", setting(0, part_of="LEAD_STUDY_SESSIONS"), ("part_of_itself", "indicators", "LEAD_STUDY_SESSIONS")),
    ("indicators", setting(0, unit="匹"), ("unknown_unit", "indicators", "LEAD_STUDY_SESSIONS")),
    ("indicators", setting(0, aggregation="mean"), ("unknown_value", "indicators", "LEAD_STUDY_SESSIONS")),
    ("indicators", setting(0, tier="first"), ("unknown_value", "indicators", "LEAD_STUDY_SESSIONS")),
    ("indicators", setting(0, value_type="number"), ("unknown_value", "indicators", "LEAD_STUDY_SESSIONS")),
    ("units", setting_of("unit", "亩", value_type="area"), ("unknown_value", "units", "亩")),
    ("indicator_rules", rule("RR_CLOSED.1", code="RR_SHUT"), ("unknown_code", "indicator_rules", "RR_CLOSED.1")),
    ("indicator_rules", rule("RR_CLOSED.1", units="件|匹"), ("unknown_unit", "indicator_rules", "RR_CLOSED.1")),
    ("indicator_rules", rule("RR_CLOSED.1", dimension="省级"), ("unknown_dimension", "indicator_rules", "RR_CLOSED.1")),
    ("indicator_rules", rule("RR_CLOSED.1", comparison="more"), ("unknown_value", "indicator_rules", "RR_CLOSED.1")),
    ("indicator_rules", rule("RR_CLOSED.1", pattern="(审结N"), ("bad_pattern", "indicator_rules", "RR_CLOSED.1")),
    ("indicator_rules", rule("RR_CLOSED.1", pattern="审结"), ("bad_pattern", "indicator_rules", "RR_CLOSED.1")),
    ("indicator_rules", rule("RR_CLOSED.1", forbid="(法院"), ("bad_pattern", "indicator_rules", "RR_CLOSED.1")),
    ("indicator_rules", rule("RR_CLOSED.1", context="[复"), ("bad_pattern", "indicator_rules", "RR_CLOSED.1")),
    ("indicator_rules", rule("RR_CLOSED.1", example=""), ("too_few_examples", "indicator_rules", "RR_CLOSED.1")),
    ("indicator_rules", rule("RR_CLOSED.1", example="审结9件"), ("example_unmarked", "indicator_rules", "RR_CLOSED.1")),
    (
        "indicator_rules",
        rule("RR_CLOSED.1", example="植树[9]件"),
        ("example_not_recognised", "indicator_rules", "RR_CLOSED.1"),
    ),
    (
        "indicator_rules",
        rule("RR_CLOSED.1", example="审结行政复议案件[9]匹"),
        ("example_not_recognised", "indicator_rules", "RR_CLOSED.1"),
    ),
    (
        "indicator_rules",
        adding(
            rule_id="LIT_LOST.9", code="LIT_LOST", pattern="败诉(的)?(案件)?N", units="件|起|宗", context="", forbid=""
        ),
        ("unreachable", "indicator_rules", "LIT_LOST.9"),
    ),
    (
        "indicator_rules",
        adding(
            rule_id="RR_NOT_ACCEPTED.9",
            code="RR_NOT_ACCEPTED",
            pattern="败诉(的)?(案件)?N",
            units="件|起|宗",
            context="",
            forbid="",
            example="败诉[2]件",
        ),
        ("ambiguous", "indicator_rules", "LIT_LOST.1"),
    ),
    ("indicator_rule_examples", setting(0, rule_id="NONE.1"), ("unknown_rule", "indicator_rule_examples", "line 2")),
    (
        "indicator_zero_rules",
        rule("LIT_LOST.zero1", code="LIT_WON"),
        ("unknown_code", "indicator_zero_rules", "LIT_LOST.zero1"),
    ),
    (
        "indicator_zero_rules",
        rule("LIT_LOST.zero1", pattern="Z胜诉"),
        ("example_not_recognised", "indicator_zero_rules", "LIT_LOST.zero1"),
    ),
    ("dimension_values", setting(0, codes="RR_SHUT"), ("unknown_code", "dimension_values", "line 2")),
    ("dimension_values", setting(0, zone="page"), ("unknown_value", "dimension_values", "line 2")),
    ("dimension_values", setting(0, pattern="(许可"), ("bad_pattern", "dimension_values", "line 2")),
    ("heading_topics", setting(0, topic="LAED"), ("unknown_topic", "heading_topics", "line 2")),
    ("heading_topics", setting(0, pattern="(领导"), ("bad_pattern", "heading_topics", "line 2")),
    ("heading_topics", setting(0, example="绿化"), ("heading_not_recognised", "heading_topics", "line 2")),
    ("heading_parts", setting(0, part="future"), ("unknown_value", "heading_parts", "line 2")),
    ("identity_rules", setting(0, total_code="RR_SHUT"), ("unknown_code", "identity_rules", "RR_CLOSED_BY_OUTCOME")),
    ("identity_rules", setting(0, severity="fatal"), ("unknown_value", "identity_rules", "RR_CLOSED_BY_OUTCOME")),
    ("identity_rules", setting(0, kind="sum"), ("unknown_value", "identity_rules", "RR_CLOSED_BY_OUTCOME")),
    ("identity_terms", setting(0, term_code="RR_SHUT"), ("unknown_code", "identity_terms", "line 2")),
    ("identity_terms", setting(0, identity_id="NONE"), ("unknown_identity", "identity_terms", "line 2")),
    ("identity_terms", setting(0, dimension="省级"), ("unknown_dimension", "identity_terms", "line 2")),
    ("identity_terms", setting(0, sign="2"), ("unknown_value", "identity_terms", "line 2")),
    (
        "identity_terms",
        removing("identity_id", "LIT_BY_INSTANCE"),
        ("identity_without_terms", "identity_rules", "LIT_BY_INSTANCE"),
    ),
]


def test_the_tables_of_the_project_have_no_errors() -> None:
    report = check_catalogue(SEEDS_DIR)
    assert report.errors == ()
    assert report.examples >= 2 * report.rules


def test_the_copy_has_no_errors(folder: Path) -> None:
    assert found(folder) == set()


@pytest.mark.parametrize(("table", "edit", "fault"), FAULTS, ids=lambda value: value[0] if type(value) is tuple else "")
def test_each_fault_is_found(folder: Path, table: str, edit: Edit, fault: tuple[str, str, str]) -> None:
    rows = rows_of(folder, table)
    edit(rows)
    write(folder, table, rows)
    assert fault in found(folder)


@pytest.mark.parametrize("text", [None, "rule_id\nRR_CLOSED.1\n", "rule_id,example\nRR_CLOSED.1,a,b\n"])
def test_a_table_that_cannot_be_read_is_an_error(folder: Path, text: str | None) -> None:
    path = folder / "indicator_rule_examples.csv"
    path.unlink()
    if text is not None:
        path.write_text(text, encoding="utf-8")
    assert ("table_unreadable", "indicator_rule_examples", "") in found(folder)


def test_what_an_analyst_should_know_is_a_warning(folder: Path) -> None:
    rows = rows_of(folder, "indicator_rules")
    for row in rows:
        row["units"] = "个" if row["code"] == "FUNC_PROOF_CLEARED" else row["units"]
    write(folder, "indicator_rules", rows)
    warnings = found(folder, "warning")
    assert ("no_rule", "indicators", "ENFO_OFFICERS") in warnings
    assert ("unit_not_taken", "indicators", "FUNC_PROOF_CLEARED") in warnings
    assert "dimension_not_declared" in {kind for kind, _, _ in warnings}
    assert not any(row.startswith("META_") for _, _, row in warnings)


def test_every_kind_is_one_that_some_fault_shows() -> None:
    shown = {fault[0] for _, _, fault in FAULTS}
    assert KINDS.keys() - shown == {"table_unreadable", "no_rule", "unit_not_taken", "dimension_not_declared"}


@pytest.mark.parametrize(("is_broken", "code"), [(False, 0), (True, 1)])
def test_the_command_fails_on_errors(folder: Path, *, is_broken: bool, code: int) -> None:
    if is_broken:
        rows = rows_of(folder, "indicator_rules")
        rule("RR_CLOSED.1", units="匹")(rows)
        write(folder, "indicator_rules", rows)
    told = CliRunner().invoke(app, ["catalogue", "check", "--tables", str(folder)])
    shown = CliRunner().invoke(app, ["catalogue", "check", "--tables", str(folder), "--json"])
    assert (told.exit_code, shown.exit_code) == (code, code)
    report = json.loads(shown.stdout)
    assert report["errors"] == sum(each["severity"] == "error" for each in report["findings"])
    assert ("unknown_unit" in told.stdout, report["errors"] > 0) == (is_broken, is_broken)
