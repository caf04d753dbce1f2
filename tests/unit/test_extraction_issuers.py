"""Issuers: the stated body, the inferred one, the type, and addressees spelled out."""

from __future__ import annotations

import pytest

from pipelines.extraction.issuers import (
    Issuer,
    IssuerClues,
    body_of_title,
    find_issuer,
    normalise_addressee,
    type_of_body,
    unit_of_title,
)
from pipelines.extraction.regions import load_regions
from pipelines.model import Region


def region(code: str) -> Region:
    division = load_regions().by_code(code, 2022)
    assert division is not None
    return division.to_region("title")


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("罗源县人民政府关于2023年法治政府建设工作情况的报告", "罗源县人民政府"),
        ("泸州市人民政府2017年度法治政府建设工作报告", "泸州市人民政府"),
        ("青山县司法局2023年法治政府建设年度情况报告", "青山县司法局"),
        ("国家税务总局青山县税务局2022年度法治政府建设情况报告", "国家税务总局青山县税务局"),
        ("青山县发改委2023年度法治机关建设工作总结", "青山县发改委"),
        ("青山县发展和改革委员会2023年度报告", "青山县发展和改革委员会"),
        ("青山县住房城乡建设局法治政府建设2022年度报告", "青山县住房城乡建设局"),
        ("青山县城市管理行政执法局(城市管理局)关于2021年的报告", "青山县城市管理行政执法局(城市管理局)"),
        ("2022年度青山县司法局法治政府建设工作报告", "青山县司法局"),
        ("关于青山县司法局2022年法治政府建设情况的报告", "青山县司法局"),
        ("起步镇人民政府关于2023年法治政府建设情况的报告", "起步镇人民政府"),
        ("城关街道办事处2022年法治政府建设报告", "城关街道办事处"),
        ("青山经济技术开发区管理委员会2022年法治政府建设报告", "青山经济技术开发区管理委员会"),
        ("中共青山县委 青山县人民政府关于2022年法治政府建设情况的报告", "中共青山县委 青山县人民政府"),
        ("青山县人民政府办公室关于印发报告的通知", "青山县人民政府办公室"),
        (
            "泸州市人民政府办公室 泸州市司法局关于印发《2023年法治政府建设年度报告》的通知",
            "泸州市人民政府办公室 泸州市司法局",
        ),
        (
            "中共泸州市委全面依法治市委员会办公室关于泸州市2022年度法治政府建设情况的报告",
            "中共泸州市委全面依法治市委员会办公室",
        ),
        ("中共青山县委全面依法治县委员会办公室2022年法治政府建设年度报告", "中共青山县委全面依法治县委员会办公室"),
        ("青山县委依法治县办关于2022年法治政府建设情况的报告", "青山县委依法治县办"),
        ("青山县人民政府办公室2023年度法治政府建设年度报告", "青山县人民政府办公室"),
        ("青山县应急管理局2023年法治政府建设年度报告", "青山县应急管理局"),
        ("青山县医疗保障局关于2023年法治政府建设情况的报告", "青山县医疗保障局"),
        ("青山县卫健委2023年法治政府建设年度报告", "青山县卫健委"),
        ("青山县行政审批服务局2022年度推进法治政府建设情况报告", "青山县行政审批服务局"),
        ("青山市公安局交通警察支队2022年法治政府建设工作报告", "青山市公安局交通警察支队"),
        ("青山县消防救援大队2023年法治政府建设报告", "青山县消防救援大队"),
        ("青山县气象局2022年度法治政府建设情况报告", "青山县气象局"),
        ("青山市住房公积金管理中心2022年法治政府建设年度报告", "青山市住房公积金管理中心"),
        ("青山县机关事务管理中心2023年法治政府建设工作报告", "青山县机关事务管理中心"),
        ("青山县供销合作社联合社2022年法治政府建设报告", "青山县供销合作社联合社"),
        ("青山县融媒体中心2022年法治政府建设报告", "青山县融媒体中心"),
        ("国家统计局青山调查队2022年法治政府建设报告", "国家统计局青山调查队"),
        ("青山市烟草专卖局(公司)2022年法治政府建设报告", "青山市烟草专卖局(公司)"),
        ("青山县国有资产监督管理委员会2022年法治政府建设报告", "青山县国有资产监督管理委员会"),
        ("青山县民族宗教事务委员会2022年法治政府建设报告", "青山县民族宗教事务委员会"),
        ("青山县人民武装部2022年报告", "青山县人民武装部"),
        ("青山县地方金融监督管理局2022年法治政府建设报告", "青山县地方金融监督管理局"),
        ("海南省人民政府关于2022年法治政府建设情况的报告", "海南省人民政府"),
        ("广西壮族自治区人民政府2021年法治政府建设年度报告", "广西壮族自治区人民政府"),
        ("伊犁哈萨克自治州人民政府2021年法治政府建设年度报告", "伊犁哈萨克自治州人民政府"),
        ("锡林郭勒盟行政公署2021年法治政府建设年度报告", "锡林郭勒盟行政公署"),
        ("鄂温克族自治旗人民政府2021年法治政府建设年度报告", "鄂温克族自治旗人民政府"),
        ("青山县城关镇人民政府2022年度法治政府建设情况报告", "青山县城关镇人民政府"),
        ("青山县人民政府城关街道办事处2022年度法治政府建设情况报告", "青山县人民政府城关街道办事处"),
        ("城关街道办事处关于2022年度法治政府建设情况的报告", "城关街道办事处"),
        ("中共城关镇委员会 城关镇人民政府关于2022年度法治政府建设情况的报告", "中共城关镇委员会 城关镇人民政府"),
        ("青山县大河满族乡2022年度法治政府建设情况报告", None),
        ("青山经济技术开发区管委会2022年度法治政府建设情况报告", "青山经济技术开发区管委会"),
        ("青山高新技术产业开发区管理委员会关于2022年法治政府建设情况的报告", "青山高新技术产业开发区管理委员会"),
        ("青山综合保税区管理委员会2022年法治政府建设年度报告", "青山综合保税区管理委员会"),
        ("青山风景名胜区管理委员会2022年法治政府建设年度报告", "青山风景名胜区管理委员会"),
        ("中国(青山)自由贸易试验区管理委员会2022年法治政府建设年度报告", "中国(青山)自由贸易试验区管理委员会"),
        ("青山市天府新区管委会2022年法治政府建设年度报告", "青山市天府新区管委会"),
        ("2022年青山县水利局依法行政工作总结", "青山县水利局"),
        ("关于2022年青山县水利局依法行政工作总结的报告", "青山县水利局"),
        ("青山县水利局:2022年法治政府建设年度报告", "青山县水利局"),
        ("青山县水利局 2022年法治政府建设年度报告", "青山县水利局"),
        ("【青山县水利局】2022年法治政府建设年度报告", "青山县水利局"),
        ("青山县人民政府 关于2022年法治政府建设情况的报告", "青山县人民政府"),
        ("青山区法治政府建设2021年度工作报告", None),
        ("2021年度青山县法治政府建设工作报告", None),
        ("江苏省财政厅2022年度法治政府建设年度报告", "江苏省财政厅"),
        ("重庆两江新区管理委员会2021年法治政府建设报告", "重庆两江新区管理委员会"),
        ("起步镇2023年法治政府建设年度报告", None),
        ("青山县2022年度法治政府建设报告", None),
        ("新乡市2022年度法治政府建设情况报告", None),
        ("镇江市2022年度法治政府建设情况报告", None),
        ("关于2022年度法治政府建设情况的报告", None),
    ],
)
def test_body_of_title(title: str, body: str | None) -> None:
    assert body_of_title(title) == body


@pytest.mark.parametrize(
    ("title", "unit"),
    [
        ("起步镇2023年法治政府建设年度报告", ("起步镇人民政府", "township")),
        ("红光乡2020年法治政府建设报告", ("红光乡人民政府", "township")),
        ("城关街道2022年法治政府建设报告", ("城关街道办事处", "township")),
        ("青山高新区2021年度法治政府建设报告", ("青山高新区管理委员会", "development_zone")),
        ("青山县2021年度法治政府建设报告", None),
        ("浦东新区2021年度法治政府建设报告", None),
    ],
)
def test_unit_of_title(title: str, unit: tuple[str, str] | None) -> None:
    assert unit_of_title(title) == unit


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("泸州市人民政府", "government"),
        ("泸州市人民政府办公室 泸州市司法局", "government"),
        ("市委依法治市办", "party"),
        ("中共泸州市委全面依法治市委员会办公室", "party"),
        ("泸州市人民政府法制办公室", "department"),
        ("泸州市法制办", "department"),
        ("泸州市纪委监委", "party"),
        ("青山街道党工委 青山街道办事处", "township"),
        ("中共城关镇委员会 城关镇人民政府", "township"),
        ("城关镇党政办公室", "township"),
        ("城关镇综合执法办", "township"),
        ("青山县乡村振兴局", "department"),
        ("新乡市财政局", "department"),
        ("政协青山县委员会", "other"),
        ("青山县国有资产监督管理委员会", "department"),
        ("青山市城市管理委员会", "department"),
        ("青山县人民政府国有资产监督管理委员会", "department"),
        ("青山县人民政府研究室", "department"),
        ("青山县人民政府驻北京办事处", "department"),
        ("江北嘴中央商务区管理委员会", "development_zone"),
        ("青山风景名胜区管理委员会", "development_zone"),
        ("青山县委、青山县人民政府", "government"),
        ("青山县政府办公室", "government"),
        ("伊犁州人民政府", "government"),
        ("青山县司法局", "department"),
        ("四川省司法厅", "department"),
        ("青山县发改委", "department"),
        ("青山县卫生健康委员会", "department"),
        ("青山海关", "department"),
        ("青山县消防救援大队", "department"),
        ("起步镇人民政府", "township"),
        ("城关街道办事处", "township"),
        ("青山高新区管委会", "development_zone"),
        ("青山经济技术开发区管理委员会", "development_zone"),
        ("中共青山县委", "party"),
        ("青山县委全面依法治县委员会办公室", "party"),
        ("青山县人民法院", "court"),
        ("青山县人民检察院", "procuratorate"),
        ("青山县人大常委会", "congress"),
        ("中共青山县委、青山县人民政府", "government"),
        ("青山县司法局、青山县财政局", "department"),
        ("青山县司法局、起步镇人民政府", "other"),
        ("张三", "other"),
    ],
)
def test_type_of_body(name: str, kind: str) -> None:
    assert type_of_body(name) == kind


CITY = "我市坚持依法行政,全市共办理案件12件,全市培训20场。"
BUREAU = "我局坚持依法行政,局党组专题研究,我局共办理案件12件,我局培训20场。"
TOWN = "我镇坚持依法行政,全镇共调解纠纷12件,镇党委专题研究,我镇培训20场。"
COUNTY = "350123"

ISSUERS = {
    "title": (
        {"title": "罗源县人民政府关于2023年的报告", "signature": "罗源县人民政府"},
        Issuer("罗源县人民政府", "title", None, "government"),
    ),
    "signature": (
        {"title": "2023年法治政府建设报告", "signature": "罗源县司法局"},
        Issuer("罗源县司法局", "signature", None, "department"),
    ),
    "header of the same kind": (
        {"title": "罗源县2023年报告", "header": "罗源县人民政府", "body": CITY},
        Issuer("罗源县人民政府", "header_table", None, "government"),
    ),
    "header of another kind is the publisher": (
        {"title": "罗源县2023年报告", "header": "罗源县司法局", "body": CITY},
        Issuer(None, None, "罗源县人民政府", "government"),
    ),
    "region only": ({"title": "罗源县2023年报告", "body": CITY}, Issuer(None, None, "罗源县人民政府", "government")),
    "a bureau speaks": ({"title": "2023年报告", "body": BUREAU}, Issuer(None, None, None, "department")),
    "a bureau's site": (
        {"title": "2023年报告", "body": BUREAU, "owner": "罗源县水利局"},
        Issuer(None, None, "罗源县水利局", "department"),
    ),
    "a town speaks": ({"title": "2023年报告", "body": TOWN}, Issuer(None, None, None, "township")),
    "a town in the title": (
        {"title": "起步镇2023年法治政府建设报告", "body": CITY},
        Issuer(None, None, "起步镇人民政府", "township"),
    ),
    "news infers nothing": (
        {"title": "罗源县召开推进会", "body": CITY, "speaks_officially": False},
        Issuer(None, None, None, None),
    ),
}


@pytest.mark.parametrize(("clues", "issuer"), ISSUERS.values(), ids=ISSUERS.keys())
def test_find_issuer(clues: dict[str, object], issuer: Issuer) -> None:
    values: dict[str, object] = dict.fromkeys(("title", "signature", "header", "owner"))
    values |= {"body": "", "region": region(COUNTY)} | clues
    assert find_issuer(IssuerClues(**values)) == issuer  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("addressee", "code", "full"),
    [
        ("省政府", "510500", "四川省人民政府"),
        ("省人民政府", "510500", "四川省人民政府"),
        ("市政府", "350123", "福州市人民政府"),
        ("市委、市政府", "350123", "中共福州市委员会、福州市人民政府"),
        ("县政府", "350123", "罗源县人民政府"),
        ("市政府", "510500", "泸州市人民政府"),
        ("州政府", "513436", "凉山彝族自治州人民政府"),
        ("市政府", "110105", "北京市人民政府"),
        ("区政府", "110105", "朝阳区人民政府"),
        ("市人大常委会", "350123", "福州市人民代表大会常务委员会"),
        ("市政协", "350123", "政协福州市委员会"),
        ("市司法局", "350123", "福州市司法局"),
        ("福州市人民政府", "350123", "福州市人民政府"),
        ("省政府", "110105", "省政府"),
        ("市直各部门", "350123", "市直各部门"),
    ],
)
def test_normalise_addressee(addressee: str, code: str, full: str) -> None:
    assert normalise_addressee(addressee, region(code)) == full


def test_without_region_an_addressee_stays() -> None:
    assert normalise_addressee("省政府", None) == "省政府"
