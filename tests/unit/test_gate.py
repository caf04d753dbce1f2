"""The gate before a release: which findings pass, warn or block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import duckdb
import pytest

from pipelines.gate_checks import CHECKS, NAMES_SHOWN, NIGHT_CHECKS, SMALL_RELEASE, STALE_DAYS, Verdict
from pipelines.morning import ADVICE

TEXT = "办结复议案件69件。"
TABLES = """
create schema raw; create schema marts;
create table raw.source (source_id text, first_seen_at timestamptz);
create table raw.crawl_run (run_id text, started_at timestamptz);
create table raw.attempt (run_id text, source_id text, kind text, outcome text, started_at timestamptz);
create table raw.document (document_id text, source_id text, is_annual_report boolean, region_code text,
    title text, url text, text text);
create table raw.observation (document_id text, observation_id text, sentence text, sentence_start integer,
    value_text text, char_start integer, char_end integer);
create table raw.item (document_id text, item_id text, text text, char_start integer, char_end integer);
create table raw.citation (document_id text, citation_id text, cited_as text, char_start integer, char_end integer,
    sentence text, sentence_start integer);
create table raw.issue (capture_id text, severity text, kind text, message text);
create table raw.read_state (capture_id text);
create table marts.fct_report (document_id text);
create table marts.fct_observation (observation_id text);
create table marts.fct_data_issue (kind text);
create table marts.fct_identity_check (report_id text, description text, left_value double, right_value double,
    severity text, status text);
insert into raw.crawl_run values ('old', '2026-11-01'), ('new', '2026-11-02');
"""


@pytest.fixture
def tables() -> Iterator[Any]:
    with duckdb.connect() as connection:
        connection.execute(TABLES)
        yield connection


def judge(name: str, tables: Any, before: Mapping[str, int] | None = None) -> Verdict:
    check = next(each for each in (*NIGHT_CHECKS, *CHECKS) if each.name == name)
    return check.judge(tables, before or {})


def state(verdict: Verdict) -> str:
    return "passed" if verdict.passed else verdict.severity


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [
        ([("new", "a", "list", "fetched"), ("new", "b", "list", "not_modified")], "passed"),
        ([("new", "a", "article", "unchanged"), ("new", "a", "list", "timeout")], "passed"),
        ([("new", "a", "list", "fetched"), ("new", "b", "list", "blocked:rs_412")], "warn"),
        ([("old", "a", "list", "fetched"), ("new", "a", "list", "timeout")], "error"),
        ([("new", "a", "robots", "fetched"), ("new", "a", "list", "timeout")], "error"),
        ([], "error"),
    ],
)
def test_sources_reached(tables: Any, attempts: list[tuple[str, ...]], expected: str) -> None:
    for attempt in attempts:
        tables.execute("insert into raw.attempt values (?, ?, ?, ?, '2026-11-02')", attempt)
    assert state(judge("sources_reached", tables)) == expected


@pytest.mark.parametrize(("known", "expected"), [(3, "passed"), (0, "error")])
def test_a_night_in_which_no_source_is_due_is_a_good_one(tables: Any, known: int, expected: str) -> None:
    tables.execute(f"insert into raw.source select range::text, '2026-01-01' from range({known})")  # noqa: S608
    assert state(judge("sources_reached", tables)) == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([0, 0], "passed"),
        ([STALE_DAYS, 0], "passed"),
        ([STALE_DAYS + 1, 0, 0], "warn"),
        ([STALE_DAYS + 1, STALE_DAYS + 1, 0], "error"),
    ],
)
def test_sources_fresh(tables: Any, days: list[int], expected: str) -> None:
    tables.execute("insert into raw.attempt values ('new', 'x', 'list', 'fetched', '2026-11-02')")
    for number, age in enumerate(days):
        tables.execute("insert into raw.source values (?, '2020-01-01')", [str(number)])
        tables.execute(
            "insert into raw.attempt values "
            "('old', ?, 'list', 'fetched', timestamptz '2026-11-02' - to_days(?)), "
            "('new', ?, 'list', 'timeout', '2026-11-02')",
            [str(number), age, str(number)],
        )
    verdict = judge("sources_fresh", tables)
    assert (state(verdict), verdict.numbers["oldest_days"]) == (expected, max(days))


def test_a_source_that_never_gave_a_page_ages_from_its_first_sight(tables: Any) -> None:
    tables.execute("insert into raw.source values ('a', '2020-01-01'), ('b', '2026-11-02')")
    tables.execute("insert into raw.attempt values ('new', 'a', 'list', 'timeout', '2026-11-02')")
    assert judge("sources_fresh", tables).found[0].startswith("a: ")


@pytest.mark.parametrize(
    ("sources", "with_report", "expected"),
    [("ab", "ab", "passed"), ("ab", "a", "warn"), ("ab", "", "error"), ("", "", "error")],
)
def test_sources_have_reports(tables: Any, sources: str, with_report: str, expected: str) -> None:
    for source in sources:
        tables.execute("insert into raw.source values (?, '2026-01-01')", [source])
        is_report = source in with_report
        tables.execute(
            "insert into raw.document values (?, ?, ?, '510500', 't', 'u', 'x')", [source, source, is_report]
        )
    assert state(judge("sources_have_reports", tables)) == expected


@pytest.mark.parametrize(
    ("sentence", "sentence_start", "value_text", "start", "end", "expected"),
    [
        (TEXT, 0, "69", 6, 8, "passed"),
        (TEXT, 0, "70", 6, 8, "error"),
        (TEXT, 0, "69", 5, 7, "error"),
        ("", 0, "69", 6, 8, "error"),
        ("别处的话。", 0, "69", 6, 8, "error"),
        (TEXT, 1, "69", 6, 8, "error"),
    ],
)
def test_evidence_present(
    tables: Any, sentence: str, sentence_start: int, value_text: str, start: int, end: int, expected: str
) -> None:
    tables.execute("insert into raw.document values ('d', 'a', true, '510500', 't', 'u', ?)", [TEXT])
    tables.execute(
        "insert into raw.observation values ('d', 'o', ?, ?, ?, ?, ?)",
        [sentence, sentence_start, value_text, start, end],
    )
    assert state(judge("evidence_present", tables)) == expected


@pytest.mark.parametrize(
    ("query", "values", "expected"),
    [
        ("insert into raw.item values ('d', 'i', ?, 0, 2)", [TEXT[:2]], "passed"),
        ("insert into raw.item values ('d', 'i', ?, 1, 3)", [TEXT[:2]], "error"),
        ("insert into raw.citation values ('d', 'c', ?, 0, 2, ?, 0)", [TEXT[:2], TEXT], "passed"),
        ("insert into raw.citation values ('d', 'c', ?, 2, 4, ?, 0)", [TEXT[:2], TEXT], "error"),
        ("insert into raw.citation values ('d', 'c', ?, 0, 2, ?, 1)", [TEXT[:2], TEXT], "error"),
    ],
)
def test_items_and_citations_are_evidence_too(tables: Any, query: str, values: list[str], expected: str) -> None:
    tables.execute("insert into raw.document values ('d', 'a', true, '510500', 't', 'u', ?)", [TEXT])
    tables.execute(query, values)
    assert state(judge("evidence_present", tables)) == expected


def test_evidence_needs_the_document(tables: Any) -> None:
    tables.execute("insert into raw.observation values ('gone', 'o', ?, 0, '69', 6, 8)", [TEXT])
    verdict = judge("evidence_present", tables)
    assert verdict.blocks
    assert verdict.found == ("gone/o",)


@pytest.mark.parametrize("mart", ["fct_report", "fct_observation"])
@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [(100, None, "passed"), (100, 100, "passed"), (120, 100, "passed"), (85, 100, "passed"), (84, 100, "error")],
)
def test_rows_kept(tables: Any, mart: str, now: int, before: int | None, expected: str) -> None:
    tables.execute(f"insert into marts.{mart} select range::text from range({now})")  # noqa: S608
    name = {"fct_report": "reports_kept", "fct_observation": "observations_kept"}[mart]
    assert state(judge(name, tables, {} if before is None else {mart: before})) == expected


@pytest.mark.parametrize(
    ("bad", "total", "expected"), [(0, 5, "passed"), (1, 5, "warn"), (2, 5, "error"), (2, 30, "warn")]
)
def test_few_pages_may_stay_unread(tables: Any, bad: int, total: int, expected: str) -> None:
    tables.execute(f"insert into raw.read_state select range::text from range({total})")  # noqa: S608
    tables.execute(
        f"insert into raw.issue select range::text, 'error', 'reading_failed', 'ValueError: x' from range({bad})"  # noqa: S608
    )
    tables.execute("insert into raw.issue values ('c', 'warn', 'odd_heading', 'no failure of a page')")
    assert state(judge("pages_read", tables)) == expected


@pytest.mark.parametrize(
    ("without", "total", "expected"), [(0, 4, "passed"), (1, 4, "warn"), (2, 4, "error"), (2, 40, "warn")]
)
def test_few_reports_may_lack_a_region(tables: Any, without: int, total: int, expected: str) -> None:
    tables.execute(
        f"insert into raw.document select range::text, 'a', true, if(range < {without}, null, '510500'), "  # noqa: S608
        f"'t', 'u', 'x' from range({total})"
    )
    tables.execute("insert into raw.document values ('other', 'a', false, null, 't', 'u', 'x')")
    assert state(judge("regions_resolved", tables)) == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ({}, "passed"),
        ({"fct_report": 100, "fct_observation": 40}, "passed"),
        ({"fct_report": 118}, "warn"),
        ({"fct_observation": 3}, "error"),
        ({"fct_gone": 1}, "error"),
    ],
)
def test_marts_kept(tables: Any, before: dict[str, int], expected: str) -> None:
    tables.execute("insert into marts.fct_report select range::text from range(100)")
    if expected == "passed":
        tables.execute("insert into marts.fct_observation select range::text from range(40)")
    verdict = judge("marts_kept", tables, before)
    assert (state(verdict), verdict.numbers["fct_report"]) == (expected, 100)


@pytest.mark.parametrize(
    ("issues", "before", "expected"),
    [
        (50, {}, "passed"),
        (50, {"fct_report": 100, "fct_data_issue": 100}, "passed"),
        (75, {"fct_report": 100, "fct_data_issue": 100}, "passed"),
        (76, {"fct_report": 100, "fct_data_issue": 100}, "warn"),
        (151, {"fct_report": 100, "fct_data_issue": 100}, "error"),
        (151, {"fct_report": SMALL_RELEASE - 1, "fct_data_issue": SMALL_RELEASE - 1}, "warn"),
    ],
)
def test_issues_steady(tables: Any, issues: int, before: dict[str, int], expected: str) -> None:
    tables.execute("insert into marts.fct_report select range::text from range(50)")
    tables.execute(f"insert into marts.fct_data_issue select 'odd_heading' from range({issues})")  # noqa: S608
    verdict = judge("issues_steady", tables, before)
    assert (state(verdict), verdict.found) == (expected, (f"odd_heading: {issues}",))


@pytest.mark.parametrize(
    ("off", "holding", "expected"),
    [
        (0, 40, "passed"),
        (1, 0, "warn"),
        (8, 32, "warn"),
        (9, 31, "error"),
        (9, SMALL_RELEASE - 10, "warn"),
    ],
)
def test_identities_hold(tables: Any, off: int, holding: int, expected: str) -> None:
    row = "insert into marts.fct_identity_check select 'r' || range, '审结 = 之和', 70, 69, ?, ? from range(?)"
    for severity, status, count in (
        ("error", "off", off),
        ("error", "holds", holding),
        ("error", "cannot_tell", 100),
        ("warn", "off", 100),
    ):
        tables.execute(row, [severity, status, count])
    verdict = judge("identities_hold", tables)
    assert (state(verdict), verdict.numbers["off"], verdict.numbers["decided"]) == (expected, off, off + holding)


def test_checks_have_unique_names_and_say_what_they_demand_and_what_to_do() -> None:
    checks = (*NIGHT_CHECKS, *CHECKS)
    assert {check.name for check in checks} == set(ADVICE)
    assert len(checks) == len(ADVICE)
    assert all(check.description.endswith(".") and "\n" not in check.description for check in checks)


def test_only_a_failed_error_blocks() -> None:
    verdicts = [Verdict(passed, severity, "") for passed in (True, False) for severity in ("error", "warn")]
    assert [verdict.blocks for verdict in verdicts] == [False, False, True, False]


def test_found_items_are_bounded(tables: Any) -> None:
    tables.execute("insert into raw.source select range::text, '2026-01-01' from range(50)")
    assert len(judge("sources_have_reports", tables).found) == NAMES_SHOWN
