"""The marts over years and regions: divisions that change, who is expected, changes against the year before, sums."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt_runs import run_dbt
from gold_warehouse import FIRST_NIGHT, LUOYUAN, Raw, add_document, add_observation, add_source

from warehouse.publish import open_marts

# A county that became a district in 2014, and a district beside it.
LUANCHENG = {
    "level": "county",
    "province": "河北省",
    "province_code": "130000",
    "parent_code": "130100",
    "parent_name": "石家庄市",
    "evidence": "title",
}


def region_of(code: str, name: str, rest: dict[str, str]) -> dict[str, str]:
    return {"code": code, "name": name, "level_zh": "县", "parent_name": "福州市", "evidence": "title"} | rest


def decade() -> Raw:
    """Two years of 栾城 around its change, and two counties of 石家庄市 of 2014."""
    raw = Raw()
    raw.add("crawl_run", run_id="night-0", started_at=FIRST_NIGHT, status="done", fazhi_version="0", trigger="test")
    add_source(raw, "luancheng", "130111")
    reports = (
        ("before", 2013, region_of("130124", "栾城县", LUANCHENG), {"RR_RECEIVED": 20, "LIT_CASES": 10}),
        ("after", 2014, region_of("130111", "栾城区", LUANCHENG), {"RR_RECEIVED": 30, "LIT_CASES": 10}),
        ("beside", 2014, region_of("130102", "长安区", LUANCHENG), {"RR_RECEIVED": 5}),
    )
    for name, year, region, stated in reports:
        gold = {**LUOYUAN, "report_year": year, "region": region, "publication_date": f"{year + 1}-03-31"}
        add_document(raw, name, "luancheng", gold, f"{name}。")
        for number, (code, value) in enumerate(stated.items()):
            add_observation(raw, name, f"o{number}", code, value)
    grown = {"comparison": "growth", "value_type": "ratio", "unit": "%"}
    add_growth(raw, "after", "RR_RECEIVED", 50, "收到30件,同比增长50%。", grown)
    add_growth(raw, "after", "LIT_CASES", 20, "应诉10件,同比下降20%。", grown)
    return raw


def add_growth(raw: Raw, document: str, code: str, value: int, sentence: str, given: dict[str, Any]) -> None:
    start = 1000
    place = start + sentence.index(str(value))
    add_observation(
        raw,
        document,
        f"growth-{code}",
        code,
        value,
        sentence=sentence,
        sentence_start=start,
        char_start=place,
        char_end=place + len(str(value)),
        **given,
    )


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory, dbt_target: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    path = tmp_path_factory.mktemp("decade") / "warehouse.duckdb"
    decade().load(path)
    result = run_dbt(path, dbt_target, "build", "--exclude-resource-type", "test", "unit_test")
    assert result.returncode == 0, result.stdout
    with open_marts(path) as connection:
        yield connection


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


@pytest.mark.parametrize(
    ("code", "year", "expected"),
    [
        pytest.param("130124", 2013, [("130111", "recoded", True, True)], id="a county that became a district"),
        pytest.param("130111", 2014, [("130111", "same", True, True)], id="the district"),
        pytest.param("500105", 2024, [("500157", "merged", True, True)], id="merged by a patch"),
        pytest.param("500112", 2024, [("500157", "merged", True, True)], id="merged with it"),
        pytest.param("420600", 2009, [("420600", "renamed", True, True)], id="renamed"),
        pytest.param("542200", 2015, [("540500", "recoded", True, True)], id="an area that became a city"),
        pytest.param(
            "130323",
            2014,
            [("130302", "split", False, False), ("130304", "split", False, False), ("130306", "split", True, False)],
            id="split, with a main line by name",
        ),
        pytest.param("371200", 2017, [], id="ended without a successor"),
    ],
)
def test_old_codes_lead_to_those_in_force(
    marts: duckdb.DuckDBPyConnection,
    code: str,
    year: int,
    expected: list[tuple[str, str, bool, bool]],
) -> None:
    found = marts.execute(
        "select current_code, relation, is_main_line, is_whole from marts.bridge_region "
        "where region_code = $code and valid_from <= $year and (valid_to is null or valid_to > $year) order by all",
        {"code": code, "year": year},
    ).fetchall()
    assert found == expected


@pytest.mark.parametrize(
    ("code", "spans"),
    [
        ("500105", [(1997, 2025, "500157", "500000", "500000")]),
        ("500157", [(2025, None, None, "500000", "500000")]),
        ("653132", [(2026, None, None, "653100", "653100")]),
        ("659013", [(2026, None, None, "650000", "650000")]),
        ("220581", [(1990, None, None, "220500", "220000")]),
    ],
)
def test_divisions_have_their_span_successors_and_superiors(
    marts: duckdb.DuckDBPyConnection,
    code: str,
    spans: list[tuple[Any, ...]],
) -> None:
    found = marts.execute(
        "select valid_from, valid_to, successor_codes, gb_parent_code, admin_superior_code from marts.dim_region "
        "where region_code = ? and (valid_to is null or valid_to > 2000)",
        [code],
    ).fetchall()
    assert found == spans


@pytest.mark.parametrize(
    ("name", "year", "code", "superior", "reason"),
    [
        ("济源市", 2020, "419001", "410000", "省直辖县级行政区划"),
        ("仙桃市", 2020, "429004", "420000", "省直辖县级行政区划"),
        ("潜江市", 2020, "429005", "420000", "省直辖县级行政区划"),
        ("天门市", 2020, "429006", "420000", "省直辖县级行政区划"),
        ("神农架林区", 2020, "429021", "420000", "省直辖县级行政区划"),
        ("文昌市", 1999, "460005", "460000", "省直辖县级行政区划"),
        ("文昌市", 2020, "469005", "460000", "省直辖县级行政区划"),
        ("琼中黎族苗族自治县", 2020, "469030", "460000", "省直辖县级行政区划"),
        ("石河子市", 2020, "659001", "650000", "兵团"),
        ("草湖市", 2026, "659013", "650000", "兵团"),
        ("梅河口市", 2020, "220581", "220000", "省管县"),
        ("梅河口市", 2010, "220581", "220000", "省管县"),
        ("儋州市", 2020, "460400", "460000", None),
        ("东城区", 2020, "110101", "110000", None),
        ("龙马潭区", 2020, "510504", "510500", None),
    ],
)
def test_superiors_come_from_the_code_a_rule_or_a_row(
    marts: duckdb.DuckDBPyConnection, name: str, year: int, code: str, superior: str, reason: str | None
) -> None:
    found = marts.execute(
        "select region_code, admin_superior_code, admin_superior_reason from marts.dim_region "
        "where region_name = $name and region_code = $code and valid_from <= $year "
        "and (valid_to is null or valid_to > $year)",
        {"name": name, "year": year, "code": code},
    ).fetchall()
    assert [row[:2] for row in found] == [(code, superior)]
    assert (found[0][2] is None) == (reason is None)
    assert (reason or "") in (found[0][2] or "")


def test_the_rule_for_direct_codes_needs_no_rows(marts: duckdb.DuckDBPyConnection) -> None:
    by_rule = "region_level = 'county' and substring(region_code, 3, 2) = '90'"
    found = "admin_superior_code = province_code and admin_superior_from is null and admin_superior_reason is not null"
    assert rows(
        marts,
        f"select count(*) > 100, bool_and({found}) from marts.dim_region where {by_rule}",  # noqa: S608
    ) == [(True, True)]


def test_every_rate_is_recomputed_or_says_why_not(marts: duckdb.DuckDBPyConnection) -> None:
    ways = (
        "select code, code in (select rate_code from seeds.rate_terms) as ruled, "
        "code in (select rate_code from seeds.rates_stated_alone) as alone from seeds.indicators "
        "where aggregation = 'rate'"
    )
    found = rows(marts, f"select ruled, alone, count(*) from ({ways}) group by all order by all")  # noqa: S608
    assert found == [(False, True, 6), (True, False, 4)]


def test_the_divisions_in_force_of_2024_are_those_of_the_official_list(marts: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        marts,
        "select region_level, count(*) from marts.dim_region "
        "where valid_from <= 2024 and (valid_to is null or valid_to > 2024) group by all order by all",
    ) == [("county", 2846), ("prefecture", 333), ("province", 34)]


def test_every_government_in_force_is_expected_and_the_untracked_are_told_apart(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    assert rows(
        marts,
        "select status, reason, is_tracked, count(*) from marts.fct_coverage "
        "where report_year = 2024 group by all order by all",
    ) == [
        ("exempt", None, False, 3),
        ("missing", "no_source", False, 3208),
        ("missing", "no_source", True, 1),
        ("missing", "not_listed", True, 1),
    ]


def test_coverage_before_the_first_deadline_is_what_was_reported(marts: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        marts,
        "select region_code, report_year, status, is_expected, current_code from marts.fct_coverage "
        "where report_year < 2015 and is_tracked order by all",
    ) == [
        ("130102", 2014, "published", False, "130102"),
        ("130111", 2014, "published", False, "130111"),
        ("130124", 2013, "published", False, "130111"),
    ]


def test_a_series_goes_on_where_a_county_became_a_district(marts: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        marts,
        "select indicator_code, previous_region_code, change, verdict, comparability_doubts "
        "from marts.fct_year_on_year where region_code = '130111' order by all",
    ) == [
        ("LIT_CASES", "130124", 0.0, "differs", "region_code_changed"),
        ("RR_RECEIVED", "130124", 10.0, "agrees", "region_code_changed"),
    ]
    assert rows(
        marts,
        "select value, document_id from marts.fct_data_issue where kind = 'growth_disagrees'",
    ) == [("-20.0", "after")]


@pytest.mark.parametrize(
    ("aggregate", "level", "refusal", "stated", "sum_of_stated"),
    [("130100", "county", "members_missing", 2, 35.0), ("000000", "county", "members_missing", 2, 35.0)],
)
def test_a_sum_over_some_members_is_no_total(
    marts: duckdb.DuckDBPyConnection,
    aggregate: str,
    level: str,
    refusal: str,
    stated: int,
    sum_of_stated: float,
) -> None:
    found = marts.execute(
        "select refusal, value, stated_count, sum_of_stated from marts.sum_over_regions "
        "where aggregate_code = ? and member_level = ? and indicator_code = 'RR_RECEIVED' and report_year = 2014",
        [aggregate, level],
    ).fetchall()
    assert found == [(refusal, None, stated, sum_of_stated)]


def test_every_indicator_says_how_far_it_may_be_compared(marts: duckdb.DuckDBPyConnection) -> None:
    assert rows(marts, "select count(*) from marts.dim_indicator where trim(comparability) = ''") == [(0,)]
    assert rows(
        marts,
        "select may_add_over_regions, may_add_over_years from marts.dim_indicator "
        "where indicator_code in ('RR_CLOSED', 'DECI_EXPERTS', 'LIT_LOST_RATE', 'FUNC_AVG_DAYS') "
        "order by indicator_code",
    ) == [(True, False), (False, False), (False, False), (True, True)]
