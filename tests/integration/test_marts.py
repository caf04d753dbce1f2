"""The marts on reports that are known to the letter, and on everything that goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt_runs import run_dbt
from gold_warehouse import (
    REGION_KEYS,
    Raw,
    add_attempt,
    add_document,
    add_observation,
    add_source,
    sample,
)

from warehouse.outcomes import Outcome
from warehouse.publish import open_marts

LUZHOU = "000_45de09a4bdc649cd"
XIANAN = "001_20edbe9a567d0323"
PORTAL = "http://127.0.0.1"

HOLDING = [
    ("510500", "RR_CLOSED_BY_OUTCOME", 69),
    ("350123", "RR_CLOSED_BY_OUTCOME", 49),
    ("510500", "RR_CLOSED_WITHIN_LOAD", 69),
    ("421202", "RR_CLOSED_WITHIN_LOAD", 3),
    ("421202", "RR_ACCEPTED_WITHIN_RECEIVED", 3),
    ("510500", "RR_RESPONDENT_BY_OUTCOME", 9),
    ("510500", "LIT_BY_INSTANCE", 110),
    ("510500", "LIT_AFTER_RR_WITHIN_CASES", 81),
    ("510500", "RULE_CLEAN_BY_RESULT", 624),
    ("510500", "RULE_CLEAN_BY_RESULT", 103),
    ("510500", "RULE_CLEAN_BY_KIND", 169),
    ("421202", "RULE_CLEAN_BY_KIND", 576),
    ("421202", "RULE_CLEAN_BY_RESULT", 21),
    ("421202", "RULE_CLEAN_BY_RESULT", 555),
    ("510500", "DECI_REVIEW_BY_OBJECT", 696),
    ("510500", "DECI_OPINIONS_WITHIN_REVIEW", 203),
    ("510500", "FUNC_POWER_BY_TYPE", 5618),
    ("510500", "FUNC_RESP_BY_TYPE", 4011),
    ("510500", "FUNC_LICENSE_CHANGE", 219),
    ("510500", "ENFO_SUBJECTS_BY_NATURE", 583),
    ("510500", "ENFO_FILES_BY_GRADE", 43),
    ("510500", "ENFO_GRADE_SHARE", 14),
    ("510500", "ENFO_GRADE_SHARE", 79),
    ("510500", "ENFO_GRADE_SHARE", 7),
    ("421202", "ENFO_FILES_BY_TYPE", 56),
    ("510500", "RULE_NORM_RECORDED_BY_SOURCE", 79),
    ("421202", "FUNC_RANDOM_BY_TYPE", 208),
    ("510500", "FOI_ACCEPTED_WITHIN_RECEIVED", 52),
    ("510500", "FOI_ANSWERED_WITHIN_RECEIVED", 52),
    ("510500", "ENFO_FILED_WITHIN_TRANSFERRED", 132),
    ("350123", "PUBLISHED_AFTER_SIGNED", 12),
    ("350123", "PUBLISHED_AFTER_YEAR", 2024),
]


@pytest.fixture(scope="session")
def marts(sample_warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_marts(sample_warehouse) as connection:
        yield connection


@pytest.fixture(scope="session")
def troubled(tmp_path_factory: pytest.TempPathFactory, dbt_target: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The marts of two nights in which much went wrong, built without the tests that would stop them."""
    path = tmp_path_factory.mktemp("troubled") / "warehouse.duckdb"
    trouble().load(path)
    result = run_dbt(path, dbt_target, "build", "--exclude-resource-type", "test", "unit_test")
    assert result.returncode == 0, result.stdout
    with open_marts(path) as connection:
        yield connection


def trouble() -> Raw:
    raw = sample()
    luzhou = next(row for row in raw.tables["document"] if row["document_id"] == LUZHOU)
    gold = {
        **{key: luzhou[key] for key in ("is_annual_report", "doc_type", "title", "report_year", "issuer_type")},
        "issuing_body": luzhou["issuing_body"],
        "region": {key: luzhou[f"region_{key}"] for key in REGION_KEYS},
    }
    add_document(raw, "luzhou-2", "luzhou", gold, luzhou["text"] + "更正。", night=1, url=luzhou["url"])
    add_observation(raw, "luzhou-2", "o1", "RR_CLOSED", 70)
    add_document(raw, "luzhou-copy", "suining", gold, luzhou["text"], night=1)
    xianan = next(row for row in raw.tables["document"] if row["document_id"] == XIANAN)
    add_attempt(raw, "xianan", xianan["url"], outcome="not_found", night=1)
    add_document(raw, "future", "luzhou", {**gold, "report_year": 2099}, "未来。")
    add_document(raw, "yearless", "luzhou", {**gold, "report_year": None}, "无年。")
    add_document(raw, "nowhere", "luzhou", {**gold, "region": None, "issuing_body": "某某管委会"}, "无地。")
    department = {**gold, "issuer_type": "department", "issuing_body": "泸州市司法局"}
    add_document(raw, "department", "luzhou", department, "司法局。")
    add_observation(raw, "department", "o1", "RR_CLOSED", 5)
    add_observation(raw, "luoyuan", "strange", "NO_SUCH_CODE", 1)
    add_observation(raw, "luoyuan", "huge", "LIT_CASES", 1e15)
    add_source(raw, "elsewhere", "999999")
    add_attempt(raw, "suining", f"{PORTAL}/suining/", kind="list", outcome="blocked:rs_412", night=1)
    add_attempt(raw, "suining", f"{PORTAL}/robots.txt", kind="robots", outcome="not_found", night=1)
    for row in raw.tables["observation"]:
        if row["document_id"] == "luoyuan" and row["indicator_code"] == "RR_UPHELD":
            row["value"], row["value_text"] = 17.0, "17"
    return raw


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def test_reports_carry_region_year_issuer_and_honest_dates(marts: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        marts,
        "select region_code, region_name, report_year, region_level, issuer_type, issuer_source, "
        "published_on::varchar, timeliness from marts.fct_report order by region_code",
    ) == [
        ("350123", "罗源县", 2023, "county", "government", "stated", "2024-01-09", "on_time"),
        ("421202", "咸安区", 2017, "county", "government", "inferred", None, None),
        ("510500", "泸州市", 2017, "prefecture", "government", "stated", "2018-02-28", "on_time"),
    ]


@pytest.mark.parametrize(("region_code", "identity_id", "left_value"), HOLDING)
def test_identities_of_the_real_reports_hold(
    marts: duckdb.DuckDBPyConnection,
    region_code: str,
    identity_id: str,
    left_value: float,
) -> None:
    found = marts.execute(
        "select status from marts.fct_identity_check where region_code = ? and identity_id = ? and left_value = ?",
        [region_code, identity_id, left_value],
    ).fetchall()
    assert found == [("holds",)]


def test_the_known_deviation_is_a_warning_with_its_remainder(marts: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        marts,
        "select identity_id, severity, left_value, right_value, off_by "
        "from marts.fct_identity_check where status = 'off'",
    ) == [("RULE_NORM_RECEIVED_EXPLAINED", "warn", 87.0, 83.0, 4.0)]


def test_documents_that_are_no_reports_are_issues_with_the_reason(marts: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        marts,
        "select severity, source_id, message from marts.fct_data_issue where kind = 'not_an_annual_report'",
    )
    assert [(severity, source) for severity, source, _ in found] == [("info", "suining")]
    assert "implementation_plan" in found[0][2]


def test_problems_are_rows_with_their_report_and_place(marts: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        marts,
        "select region_code, report_year, item_kind, ordinal, label, section_path is not null, is_current "
        "from marts.fct_report_item order by region_code, ordinal",
    )
    assert found == [
        ("421202", 2017, "problem", 1, "一是", True, True),
        ("421202", 2017, "problem", 2, "二是", True, True),
    ]


def test_one_document_is_found_in_every_report_that_cites_it(marts: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        marts,
        "select title_key, cited_kind, list(region_code order by region_code) "
        "from marts.fct_cited_document group by all",
    ) == [("法治政府建设实施纲要", "party_document", ["421202", "510500"])]


def test_contradictions_inside_a_report_are_found(marts: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        marts,
        "select indicator_code, value_text, conflicting_values, conflict_count, conflicting_sentences is not null "
        "from marts.fct_region_year_indicator where has_conflict order by indicator_code",
    ) == [
        ("DIGI_DEPTS_MIGRATED", "100", "000-191=80", 1, True),
        ("DIGI_SYSTEMS_MIGRATED", "260", "000-192=240", 1, True),
    ]
    assert rows(
        marts,
        "select indicator_code, conflicting_values from marts.fct_review "
        "where reason = 'conflicting_statements' order by indicator_code",
    ) == [("DIGI_DEPTS_MIGRATED", "000-191=80"), ("DIGI_SYSTEMS_MIGRATED", "000-192=240")]


@pytest.mark.parametrize(
    ("column", "region_code", "value"),
    [
        ("rr_closed__cases", "510500", 69.0),
        ("rr_closed__cases", "350123", 49.0),
        ("lit_cases__cases", "510500", 110.0),
        ("lit_lost__cases", "510500", 0.0),
        ("lit_lost__cases", "421202", None),
        ("lead_assess_weight__percent", "510500", 24.5),
        ("func_license_items__items", "510500", 219.0),
        # a goal for the next year and a running total are no results of the year
        ("lit_appear_rate__percent", "510500", None),
        ("enfo_transfer_cases__cases", "510500", None),
    ],
)
def test_wide_table_holds_what_was_stated_and_nothing_else(
    marts: duckdb.DuckDBPyConnection,
    column: str,
    region_code: str,
    value: float | None,
) -> None:
    query = f"select {column} from marts.region_year_wide where region_code = '{region_code}'"  # noqa: S608
    assert rows(marts, query) == [(value,)]


def test_every_wide_value_is_that_of_the_tidy_table(marts: duckdb.DuckDBPyConnection) -> None:
    columns = [
        name
        for (name,) in rows(
            marts,
            "select column_name from information_schema.columns "
            "where table_schema = 'marts' and table_name = 'region_year_wide' and contains(column_name, '__')",
        )
    ]
    filled = sum(
        rows(marts, f"select count({name}) from marts.region_year_wide")[0][0]  # noqa: S608
        for name in columns
    )
    expected = rows(
        marts,
        "select count(*) from marts.fct_region_year_indicator inner join marts.dim_indicator using (indicator_code) "
        "where dimension = 'total' and status = 'done' and tier = 'core'",
    )[0][0]
    assert filled == expected > 40


def test_observations_that_are_not_used_say_why(marts: duckdb.DuckDBPyConnection) -> None:
    unused = rows(
        marts,
        "select count(*) from marts.fct_observation as observation "
        "anti join marts.fct_region_year_indicator as tidy "
        "on observation.document_id = tidy.document_id and observation.observation_id = tidy.chosen_observation_id "
        "where tidy_exclusion is null",
    )[0][0]
    candidates = rows(marts, "select sum(candidate_count) - count(*) from marts.fct_region_year_indicator")[0][0]
    assert unused == candidates


def test_a_changed_page_is_a_new_version_and_a_copy_another_address(troubled: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        troubled,
        "select document_id, version, change, is_current from marts.fct_report_version "
        "where report_id = 'government:510500:2017' order by version",
    ) == [
        (LUZHOU, 1, "first", False),
        ("luzhou-2", 2, "text", True),
        ("luzhou-copy", 3, "other_address", False),
    ]
    assert rows(
        troubled,
        "select document_id, version_count, url_count from marts.fct_report where report_id = 'government:510500:2017'",
    ) == [("luzhou-2", 3, 2)]


def test_a_page_that_is_gone_is_withdrawn_and_kept(troubled: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        troubled,
        "select is_withdrawn, withdrawn_at is not null from marts.fct_report_version "
        "where starts_with(document_id, '001_')",
    ) == [(True, True)]
    assert rows(troubled, "select is_withdrawn from marts.fct_report where starts_with(document_id, '001_')") == [
        (True,)
    ]


def test_a_department_is_another_report_and_no_region(troubled: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        troubled,
        "select report_id, issuer_type from marts.fct_report where issuer = '泸州市司法局'",
    ) == [("department:510500:泸州市司法局:2017", "department")]
    assert rows(
        troubled,
        "select value from marts.fct_region_year_indicator "
        "where region_code = '510500' and indicator_code = 'RR_CLOSED'",
    ) == [(70.0,)]


@pytest.mark.parametrize(
    ("kind", "severity", "value"),
    [
        ("year_impossible", "error", "2099"),
        ("year_unknown", "error", "annual_report"),
        ("region_unknown", "warn", "某某管委会"),
        ("unknown_indicator", "error", "1"),
        ("impossible_value", "error", "1e+15"),
        ("report_withdrawn", "warn", f"{PORTAL}/xianan/{XIANAN}.html"),
        ("report_at_several_addresses", "info", f"{PORTAL}/suining/luzhou-copy.html"),
        ("source_region_unknown", "warn", "999999"),
        ("crawl_blocked", "warn", "blocked:rs_412"),
        ("crawl_nothing_there", "warn", "not_found"),
    ],
)
def test_whatever_goes_wrong_is_an_issue(
    troubled: duckdb.DuckDBPyConnection,
    kind: str,
    severity: str,
    value: str,
) -> None:
    found = rows(troubled, f"select severity, value from marts.fct_data_issue where kind = '{kind}'")  # noqa: S608
    assert found == [(severity, value)]


def test_documents_of_impossible_years_are_in_no_table_of_reports(troubled: duckdb.DuckDBPyConnection) -> None:
    assert rows(troubled, "select document_id from marts.fct_report where document_id in ('future', 'yearless')") == []


def test_a_broken_division_is_an_error_with_its_difference(troubled: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        troubled,
        "select severity, value from marts.fct_data_issue where kind = 'identity_off' and region_code = '350123'",
    ) == [("error", "1.0")]


def test_the_members_of_a_broken_division_wait_with_their_sentences(troubled: duckdb.DuckDBPyConnection) -> None:
    waiting = rows(
        troubled,
        "select indicator_code, confidence, confidence_final < 0.8, broken_identities from marts.fct_review "
        "where region_code = '350123' and reason = 'broken_identity' order by indicator_code",
    )
    assert ("RR_CLOSED", 1.0, True, "RR_CLOSED_BY_OUTCOME") in waiting
    assert ("RR_UPHELD", 1.0, True, "RR_CLOSED_BY_OUTCOME") in waiting
    tidy = rows(
        troubled,
        "select indicator_code from marts.fct_region_year_indicator "
        "where region_code = '350123' and starts_with(indicator_code, 'RR_')",
    )
    assert not {code for code, *_ in waiting} & {code for (code,) in tidy}
    assert rows(
        troubled,
        "select count(*) > 0 from marts.fct_data_issue as issue inner join marts.fct_review as review "
        "on issue.document_id = review.document_id and contains(issue.sentence, review.sentence) "
        "where issue.kind = 'identity_off' and review.indicator_code = 'RR_UPHELD'",
    ) == [(True,)]


def test_a_blocked_portal_is_the_reason_for_its_blanks(troubled: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        troubled,
        "select distinct status, reason, staleness_days from marts.fct_coverage where region_code = '510900'",
    ) == [("missing", "blocked:rs_412", 0)]


def test_every_outcome_has_a_class(marts: duckdb.DuckDBPyConnection) -> None:
    assert {outcome for (outcome,) in rows(marts, "select outcome from seeds.outcome_classes")} == set(Outcome)
