"""Regions and names found by code, Chinese, pinyin and English."""

from __future__ import annotations

import pytest
from serving import Serve, Site

from explorer.finding import find_regions, fit, fold, region_by_code

SPANS = [
    # code, from, to, name, level, province, parent, current
    ("220000", 1954, None, "吉林省", "province", "吉林省", None, "220000"),
    ("220200", 1954, None, "吉林市", "prefecture", "吉林省", "吉林省", "220200"),
    ("130111", 2014, None, "栾城区", "county", "河北省", "石家庄市", "130111"),
    ("130124", 1983, 2014, "栾城县", "county", "河北省", "石家庄市", "130111"),
    ("330104", 1983, 2021, "江干区", "county", "浙江省", "杭州市", None),
    ("342200", 1983, 1999, "宿县地区", "prefecture", "安徽省", "安徽省", None),
    ("500000", 1997, None, "重庆市", "province", "重庆市", None, "500000"),
]


def regions_of(serve_release: Serve) -> Site:
    names = (
        "region_code", "valid_from", "valid_to", "region_name", "region_level", "province_name", "parent_name",
        "current_code",
    )  # fmt: skip
    return serve_release({"dim_region": [dict(zip(names, span, strict=True)) for span in SPANS]})


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ("吉林", ["220000", "220200"]),
        ("吉林市", ["220200"]),
        ("jilin", ["220000", "220200"]),
        ("JiLin Shi", ["220200"]),
        ("jls", ["220000", "220200"]),
        ("ｊｌｓ", ["220000", "220200"]),
        ("chongqing", ["500000"]),
        ("2202", ["220200"]),
        ("130124", ["130111"]),
        ("栾城县", ["130111"]),
        ("luancheng", ["130111"]),
        ("江干", ["330104"]),
        ("宿县", []),
        ("<b>", []),
        ("  ", []),
        ("%", []),
    ],
)
def test_regions_are_found(serve_release: Serve, asked: str, codes: list[str]) -> None:
    assert [region.code for region in find_regions(regions_of(serve_release).release, asked)] == codes


@pytest.mark.parametrize(
    ("code", "name", "former"), [("130124", "栾城区", ("栾城县",)), ("330104", "江干区", ()), ("999999", None, None)]
)
def test_every_code_leads_to_the_region_of_today(
    serve_release: Serve, code: str, name: str | None, former: tuple[str, ...] | None
) -> None:
    region = region_by_code(regions_of(serve_release).release, code)
    assert (region.name if region else None, region.former if region else None) == (name, former)


@pytest.mark.parametrize(
    ("asked", "name", "expected"),
    [
        ("行政复议", "行政复议", 0),
        ("行政", "行政复议-审结", 1),
        ("xzfy", "行政复议", 2),
        ("复议", "行政复议-审结", 3),
        ("xingzhengf", "行政复议", 4),
        ("xz", "行政复议", 5),
        ("fy", "行政复议", 6),
        ("f", "行政复议", None),
        ("court", "Court observation", 1),
        ("court", "旁听庭审", None),
        ("-", "行政复议", None),
    ],
)
def test_better_fits_come_first(asked: str, name: str, expected: int | None) -> None:
    assert fit(fold(asked), name) == expected
