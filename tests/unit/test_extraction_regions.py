"""Divisions by name and year, mentions in text, and the region of a document."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pipelines.cleaning.tables import SEEDS_DIR, read_table
from pipelines.extraction.regions import (
    ALIAS_COLUMNS,
    PATCH_COLUMNS,
    REGION_COLUMNS,
    Hints,
    RegionTable,
    load_regions,
    short_forms,
)
from pipelines.extraction.subjects import RegionClues, Statement, code_of_site_id, find_region

CHECKS = Path(__file__).parent / "tables" / "region_checks.tsv"
TABLE = load_regions()
OFFICIAL = RegionTable(read_table(SEEDS_DIR / "regions.csv", REGION_COLUMNS))
"""Without patches."""


def checks() -> list[tuple[str, int, list[str]]]:
    with CHECKS.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.reader(handle, delimiter="\t"))[1:]
    return [(row[0], int(row[1]), [match.split()[0] for match in row[3].split("; ") if match]) for row in rows]


@pytest.mark.parametrize(("name", "year", "codes"), checks())
def test_official_names_by_year(name: str, year: int, codes: list[str]) -> None:
    assert [division.code for division in OFFICIAL.official(name, year)] == codes


def test_the_table_holds_the_official_list() -> None:
    rows = read_table(SEEDS_DIR / "regions.csv", REGION_COLUMNS)
    levels = [row["level"] for row in rows if not row["valid_to"]]
    assert len(rows) == 6823
    assert (levels.count("province"), levels.count("prefecture"), levels.count("county")) == (34, 333, 2846)
    codes = {row["code"] for row in rows}
    assert {row["parent_code"] for row in rows} - {""} <= codes


@pytest.mark.parametrize(
    ("name", "year", "code"),
    [
        pytest.param("莱芜市", 2018, "371200", id="the name of the year itself"),
        pytest.param("射洪县", 2019, "510981", id="renamed in the year: the code that stood at its end"),
        pytest.param("射洪县", 2018, "510922", id="before the change"),
        pytest.param("莱芜区", 2018, "370116", id="published under the name of the next year"),
        pytest.param("公主岭市", 2020, "220184", id="same name, new code"),
        pytest.param("黔东南州", 2023, "522600", id="short form of a prefecture"),
        pytest.param("融水县", 2024, "450225", id="short form of a county"),
        pytest.param("湘西自治州", 2022, "433100", id="short form that keeps 自治"),
        pytest.param("克州", 2022, "653000", id="irregular short form"),
        pytest.param("两江新区", 2025, "500157", id="patched in"),
        pytest.param("岑岭县", 2026, "653132", id="patched in later"),
        pytest.param("草湖市", 2026, "659013", id="patched in as a city"),
        pytest.param("渝北区", 2025, "500157", id="merged in a later year"),
        pytest.param("山南地区", 2016, "540500", id="an area that became a city"),
    ],
)
def test_names_a_report_may_carry(name: str, year: int, code: str) -> None:
    assert [division.code for division in TABLE.named(name, year)] == [code]


@pytest.mark.parametrize(
    ("code", "year", "name", "parent"),
    [
        ("510500", 2017, "泸州市", "510000"),
        ("220581", 2019, "梅河口市", "220500"),
        ("429004", 2020, "仙桃市", "420000"),
        ("110105", 2020, "朝阳区", "110000"),
    ],
)
def test_parents(code: str, year: int, name: str, parent: str) -> None:
    division = TABLE.by_code(code, year)
    assert division is not None
    assert (division.name, division.parent_code) == (name, parent)


@pytest.mark.parametrize("code", ["500105", "500112"])
def test_a_patch_closes_what_it_replaces(code: str) -> None:
    last = TABLE.by_code(code, 2024)
    assert last is not None
    assert last.successors == ("500157",)
    assert TABLE.by_code(code, 2025) is None


def test_patches_change_nothing_but_ends_and_successors_of_the_table() -> None:
    rows = {(row["code"], row["valid_from"]): row for row in read_table(SEEDS_DIR / "regions.csv", REGION_COLUMNS)}
    for patch in read_table(SEEDS_DIR / "region_patches.csv", PATCH_COLUMNS):
        row = rows.get((patch["code"], patch["valid_from"]))
        if row is None:
            assert int(patch["valid_from"]) > 2024
            continue
        assert {name for name in REGION_COLUMNS if row[name] != patch[name]} <= {"valid_to", "status", "successors"}


@pytest.mark.parametrize(
    ("name", "forms"),
    [
        ("融水苗族自治县", ("融水县", "融水自治县")),
        ("黔东南苗族侗族自治州", ("黔东南州", "黔东南自治州")),
        ("双江拉祜族佤族布朗族傣族自治县", ("双江县", "双江自治县")),
        ("伊犁哈萨克自治州", ("伊犁州", "伊犁自治州")),
        ("隆林各族自治县", ("隆林县", "隆林自治县")),
        ("东乡族自治县", ()),
        ("泸州市", ()),
    ],
)
def test_short_forms(name: str, forms: tuple[str, ...]) -> None:
    assert short_forms(name) == forms


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("四川省泸州市纳溪区2022年", ["四川省", "泸州市", "纳溪区"]),
        ("海南藏族自治州贵德县", ["海南藏族自治州", "贵德县"]),
        ("四川泸州市", ["四川", "泸州市"]),
        ("广西2022年度法治政府建设情况", ["广西"]),
        ("各市和县级部门公开县域经费清单县级成果", []),
        ("和县2022年法治政府建设", ["和县"]),
        ("马鞍山市和县2022年", ["马鞍山市", "和县"]),
        ("长春市场监管", ["长春市"]),
        ("2022年度法治政府建设工作报告", []),
    ],
)
def test_mentions(text: str, names: list[str]) -> None:
    assert [mention.name for mention in TABLE.mentions(text, 2022)] == names


def test_overlapping_names_keep_the_longest() -> None:
    for mention in TABLE.mentions("内蒙古自治区呼伦贝尔市莫力达瓦达斡尔族自治旗", 2022):
        assert len(mention.name) >= 5


REGIONS = {
    "full name": ("泸州市2017年度报告", 2017, {}, "510500"),
    "chain down to the county": ("福建省福州市罗源县人民政府关于2023年的报告", 2023, {}, "350123"),
    "shared name with its prefecture": ("南京市鼓楼区2020年报告", 2020, {}, "320106"),
    "shared name with the registry": ("鼓楼区2020年报告", 2020, {"registry_code": "350102"}, "350102"),
    "shared name with the registry of its prefecture": (
        "鼓楼区2020年报告",
        2020,
        {"registry_code": "320300"},
        "320302",
    ),
    "shared name with a sibling's registry": ("郊区2022年报告", 2022, {"registry_code": "140302"}, "140311"),
    "shared name with the SiteIDCode": ("江北区2023年报告", 2023, {"site_id_code": "5001050001"}, "500105"),
    "shared name with the addressee": ("朝阳区2022年报告", 2022, {"context": ("长春市人民政府",)}, "220104"),
    "shared name with its parent in the body": ("城关区2020年报告", 2020, {"body": "拉萨市委、市政府领导下"}, "540102"),
    "shared name and cited numbers": ("江北区2020年报告", 2020, {"body": "按照渝府发〔2020〕1号文件"}, "500105"),
    "shared name alone stays open": ("鼓楼区2020年报告", 2020, {}, None),
    "a department's region": ("国家税务总局宜宾市翠屏区税务局2022年报告", 2022, {}, "511502"),
    "a prefecture without its suffix": ("武汉东湖新技术开发区管委会2022年度报告", 2022, {}, "420100"),
    "a bare name behind 关于": ("关于绵阳科技城新区2022年度报告", 2022, {}, "510700"),
    "a bare name that counties share": ("朝阳2022年度报告", 2022, {}, None),
    "a cited report is the subject": ("关于《泸州市2022年度情况报告》的解读", 2022, {}, "510500"),
    "province": ("内蒙古自治区人民政府2022年度报告", 2022, {}, "150000"),
    "cited titles name no subject": (
        "关于《四川省行政执法监督条例》的报告",
        2022,
        {"registry_code": "510500"},
        "510500",
    ),
    "registry when nothing is stated": ("2022年度报告", 2022, {"registry_code": "510500"}, "510500"),
    "SiteIDCode when there is no registry": ("2022年度报告", 2022, {"site_id_code": "5105000001"}, "510500"),
    "registry's code of a later year": ("2008年度报告", 2008, {"registry_code": "500116"}, "500116"),
    "the body's own county on its prefecture's site": (
        "2022年度报告",
        2022,
        {"registry_code": "510500", "body": "叙永县委领导。叙永县政府。叙永县推进。全县全县我县"},
        "510524",
    ),
    "other counties in a prefecture's body": (
        "2022年度报告",
        2022,
        {"registry_code": "510500", "body": "叙永县先行。古蔺县试点。合江县推广。泸县示范。全市全市我市"},
        "510500",
    ),
    "body alone, frequent and unambiguous": ("2022年度报告", 2022, {"body": "咸安区。" * 4 + "咸宁市。"}, "421202"),
    "body alone, too rare": ("2022年度报告", 2022, {"body": "咸安区。"}, None),
}


@pytest.mark.parametrize(("title", "year", "clues", "code"), REGIONS.values(), ids=REGIONS.keys())
def test_find_region(title: str, year: int, clues: dict[str, object], code: str | None) -> None:
    region, issues = find_region(TABLE, RegionClues((Statement("title", title),), year=year, **clues))  # type: ignore[arg-type]
    assert (region.code if region else None) == code
    assert (region is None) == any(issue.kind in ("region_ambiguous", "region_unknown") for issue in issues)


@pytest.mark.parametrize(
    ("title", "clues", "kinds"),
    [
        ("罗源县2023年报告", {"registry_code": "350123"}, []),
        ("罗源县2023年报告", {"registry_code": "350100"}, ["host_differs_from_subject"]),
        ("罗源县2023年报告", {"registry_code": "510500"}, ["region_conflict"]),
        ("罗源县2023年报告", {"site_id_code": "5001050001"}, ["region_conflict"]),
        ("罗源县2023年报告", {"site_id_code": "政府网站标识码"}, ["site_id_code_unreadable"]),
        ("罗源县2023年报告", {"site_id_code": "9999990001"}, ["site_id_code_unreadable"]),
        ("罗源县2023年报告", {"site_id_code": "bm07000001"}, []),
    ],
)
def test_conflicts_are_recorded(title: str, clues: dict[str, str], kinds: list[str]) -> None:
    region, issues = find_region(TABLE, RegionClues((Statement("title", title),), year=2023, **clues))  # type: ignore[arg-type]
    assert region is not None
    assert region.code == "350123"
    assert [issue.kind for issue in issues] == kinds


def test_evidence_names_the_statement() -> None:
    statements = (Statement("title", "2022年度报告"), Statement("signature", "罗源县起步镇人民政府"))
    region, _ = find_region(TABLE, RegionClues(statements, year=2022))
    assert region is not None
    assert (region.name, region.evidence, region.parent_name) == ("罗源县", "signature", "福州市")


@pytest.mark.parametrize(
    ("site_id_code", "code"),
    [
        ("5101320017", "510132"),
        ("1304000009", "130400"),
        ("bm07000001", None),
        ("", None),
        (None, None),
        ("标识码", None),
    ],
)
def test_code_of_site_id(site_id_code: str | None, code: str | None) -> None:
    assert code_of_site_id(site_id_code) == code


def test_one_candidate_needs_no_hint() -> None:
    only = TABLE.official("罗源县", 2023)
    assert TABLE.resolve(only, Hints()) == only[0]


def row(columns: tuple[str, ...], **cells: str) -> dict[str, str]:
    return dict.fromkeys(columns, "") | cells


@pytest.mark.parametrize(
    ("regions", "aliases", "message"),
    [
        ([row(REGION_COLUMNS, code="1", level="village", valid_from="2000")], [], "unknown level 'village'"),
        ([], [row(ALIAS_COLUMNS, alias="川", kind="nick", code="510000")], "unknown kind 'nick'"),
        ([], [row(ALIAS_COLUMNS, alias="川", kind="abbreviation", code="510000")], "unknown code 510000"),
    ],
)
def test_broken_tables_are_refused(regions: list[dict[str, str]], aliases: list[dict[str, str]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        RegionTable(regions, aliases)
