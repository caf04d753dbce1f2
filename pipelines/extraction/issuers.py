"""Who issued a document: the stated body, the inferred one, and the type; the region is decided elsewhere.

A body counts as stated when title, signature or header table name it; what follows only from region or wording is
kept apart as inferred.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from pipelines.extraction.subjects import OWN_LEVEL
from pipelines.model import Region

ISSUER_TYPES = (
    "government",
    "department",
    "township",
    "development_zone",
    "party",
    "court",
    "procuratorate",
    "congress",
    "other",
)

# what stands before the name: 关于某市司法局… · 2022年度某市司法局… · 【某市司法局】…
_BEFORE = r"^[【\[]?(?:关于)?(?:(?:19|20)\d\d年?度?)?"
# what follows it: 关于… · 2017年… · 法治政府建设… · the end
_AFTER = (
    r"(?=[\s:：】\]]*(?:关于|(?:19|20)\d\d|二[〇○零]|年度|法治|依法(?!治[省市县区州旗盟])|的?(?:工作)?(?:报告|总结)|贯彻|推进|落实|"
    r"履行|开展|全面(?!依法治)|印发|转发|[,，]?$))"
)
# 绵阳市人民政府|2017年… · 某县司法局|关于… · 中共某县委 某县人民政府|关于…
TITLE_BODY = re.compile(
    rf"{_BEFORE}(?P<body>[\u4e00-\u9fff()（）、·\s]{{2,60}}?(?:人民政府(?:办公[室厅])?|政府(?:办公[室厅])?|委员会(?:办公室)?|管委会|办事处|"
    r"街道办|法院|检察院|[分总]?局|厅|[发改财教住卫科民文农]{1,3}委|国资委|办公室|[\u4e00-\u9fff]办|海关|大队|支队|总队|调查队|[支分]行|[\u4e00-\u9fff]{2}部|联合社|"
    r"(?:中心|公司|集团|学院|大学|站|所|署|委))(?:党组|党委)?(?:[(（][\u4e00-\u9fff、]{2,20}[)）])?)" + _AFTER
)
# 红光镇|2023年… · 某县某乡|关于… · 某街道|2022年…
TITLE_TOWNSHIP = re.compile(
    rf"{_BEFORE}(?P<body>[\u4e00-\u9fff]{{2,20}}?(?:镇|乡|街道|苏木)(?P<full>人民政府|党委|办事处)?){_AFTER}"
)
# 云岭高新区|2021年… · 某经济技术开发区|关于…
TITLE_ZONE = re.compile(
    rf"{_BEFORE}(?P<body>[\u4e00-\u9fff]{{2,20}}?(?:高新(?:技术产业开发)?区|经开区|开发区|保税区|度假区|产业园区?|工业园区?)){_AFTER}"
)
_TYPE_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("court", re.compile(r"法院")),
    ("procuratorate", re.compile(r"检察院")),
    ("congress", re.compile(r"人民代表大会|人大常委会|^.{0,12}人大")),
    # 政协某县委员会
    ("other", re.compile(r"^(?:中国人民)?政(?:协|治协商会议)")),
    # 红光镇人民政府 · 某乡 · 某街道办事处 · 某苏木 · 中共红光镇委员会 · 某街道党工委 · 红光镇党政办公室; no 驻京办事处
    (
        "township",
        re.compile(
            r"(?:镇|乡|苏木)(?:人民政府|政府|党委|委员会|委)?(?:办公室)?$|街道(?:办事处|办|(?:党)?工委|工作委员会)?$|(?<!驻京)(?<!驻北京)办事处$|"
            r"(?:镇|街道|(?<!城)乡(?![村镇建规]))(?:人民政府|办事处)?(?:党政|综合|便民|社会|经济|应急|农业|财政|司法|平安|公共|党建)"
            r"[\u4e00-\u9fff]{0,12}(?:办公室|办|所|站|中心|大?队)$"
        ),
    ),
    # 某经济技术开发区管理委员会 · 某高新区管委会 · 某新区管委会; no 国有资产监督管理委员会, no 城市管理委员会
    (
        "development_zone",
        re.compile(
            r"管委会|(?<!监督)(?<!城市)(?<!建设)(?<!交通)(?<!水务)(?<!市容)(?<!行政)(?<!环境)(?<!卫生)(?<!事务)管理委员会|"
            r"开发区$|高新区$|经开区$|保税区$|示范区$|产业园区?$|度假区$"
        ),
    ),
    # 中共某县委员会 · 某市委全面依法治市委员会办公室 · 县委
    (
        "party",
        re.compile(
            r"^中共|[省市县区州旗]委(?!员会)|依法治[省市县区州旗](?:委员会)?(?:办公室|办)?$|党委$|党工委$|纪委|纪律检查"
        ),
    ),
    # 某市人民政府 · 某市政府办公室 · 某县政府
    ("government", re.compile(r"(?:人民政府|[省市县区州旗]政府)(?:办公[室厅]|办)?$|^国务院(?:办公厅)?$|行政公署$")),
    (
        "department",
        re.compile(
            r"(?:局|厅|委员会|委|办公室|办|署|总队|支队|大队|调查队|中心|海关|站|所|处|部|室|院|馆|社|会|行)(?:党组|党委)?(?:[(（].{1,30}[)）])?$"
        ),
    ),
)
# a department speaks of itself: 我局 · 全局共 · 局党组
DEPARTMENT_SELF = re.compile(r"我[局厅委办]|本[局厅委]|[局厅]党[组委]|全局(?=干部|共|各|系统|上下|人员)")
TOWNSHIP_SELF = re.compile(r"我[镇乡]|全[镇乡]|镇党委|乡党委|我街道|街道党工委")
ZONE_SELF = re.compile(r"全区.{0,6}管委会|管委会|党工委")
# a government speaks of itself: 全市 · 我县 · 县政府 · 某某县人民政府
GOVERNMENT_SELF = re.compile(r"[我全][市县区州省旗]|[市县区州省旗](?:人民)?政府")
MIN_SELF = 3

# one addressee of several: 市委 · 省政府 · 市人大常委会 · 省人民政府法制办公室 · 县司法局
ABBREVIATED = re.compile(
    r"^(?P<unit>[省市县区州旗])(?P<body>人民政府|政府|委|人大常委会|人大|政协|(?!直|级|属|内)[\u4e00-\u9fff]{2,14}[局厅办室会委])$"
)
_FULL = {
    "人民政府": "人民政府",
    "政府": "人民政府",
    "人大常委会": "人民代表大会常务委员会",
    "人大": "人民代表大会",
}
# 中共某县委 某县人民政府 · 市委、市政府
_SPLIT = re.compile(r"[、,，\s]+")


@dataclass(frozen=True)
class Issuer:
    """Who issued a document.

    Attributes:
        stated: the body as the document names it, or None.
        stated_source: "title", "signature" or "header_table".
        inferred: the body that region and wording point to, where none is stated.
        issuer_type: one of ``ISSUER_TYPES``; None when nothing shows it.
    """

    stated: str | None
    stated_source: str | None
    inferred: str | None
    issuer_type: str | None


@dataclass(frozen=True)
class IssuerClues:
    """What bears on the issuer; all texts Simplified.

    Attributes:
        title: the title or None.
        signature: names under the letter, joined by "、", or None.
        header: 发布机构 of the header table or None.
        owner: body that runs the site, from the registry, or None.
        body: text of the report proper.
        region: the document's region or None.
        speaks_officially: whether the document is a body's own word (a report, plan or notice; no news, no list), so
            that an unstated issuer may be inferred.
    """

    title: str | None
    signature: str | None
    header: str | None
    owner: str | None
    body: str
    region: Region | None
    speaks_officially: bool = True


def body_of_title(title: str) -> str | None:
    """Return the body that a title begins with, or None: 青山县人民政府关于… → 青山县人民政府.

    A mere unit (青山县2023年…, 红光镇2023年…) names no body.
    """
    township = TITLE_TOWNSHIP.match(title.strip())
    if township:
        return township["body"] if township["full"] else None
    found = TITLE_BODY.match(title.strip())
    return found["body"] if found else None


def unit_of_title(title: str) -> tuple[str, str] | None:
    """Return the body and type of a township or development zone that a title names without its organ.

    红光镇2023年… → ("红光镇人民政府", "township"); 某街道2022年… → ("某街道办事处", "township").
    """
    if found := TITLE_TOWNSHIP.match(title.strip()):
        organ = "办事处" if found["body"].endswith("街道") else "人民政府"
        return found["body"] + organ, "township"
    if found := TITLE_ZONE.match(title.strip()):
        return found["body"] + "管理委员会", "development_zone"
    return None


def type_of_body(name: str) -> str:
    """Return the type of a named body.

    Joint issuers have the type they share; a government that issues jointly makes the report its own; else "other".
    """
    parts = (piece.strip() for piece in _SPLIT.split(name))
    types = {_type_of_one(part) for part in parts if part}
    if len(types) == 1:
        return types.pop()
    return "government" if "government" in types else "other"


def _type_of_one(name: str) -> str:
    return next((kind for kind, pattern in _TYPE_PATTERNS if pattern.search(name)), "other")


def _speaker(body: str) -> str | None:
    """The type of body that speaks in a text, by the words it uses of itself."""
    counts = Counter(
        {
            "department": len(DEPARTMENT_SELF.findall(body)),
            "township": len(TOWNSHIP_SELF.findall(body)),
            "government": len(GOVERNMENT_SELF.findall(body)),
        }
    )
    if counts["township"] >= max(MIN_SELF, counts["department"]) and counts["township"] * 2 > counts["government"]:
        return "township"
    if counts["department"] >= MIN_SELF and counts["department"] * 2 > counts["government"]:
        return "department"
    if len(ZONE_SELF.findall(body)) >= 2 * MIN_SELF:
        return "development_zone"
    return "government" if counts["government"] or OWN_LEVEL.search(body) else None


def government_of(region: Region) -> str:
    """Name of a region's government."""
    return f"{region.name}人民政府"


def _inferred(clues: IssuerClues, speaker: str | None) -> tuple[str | None, str | None]:
    """Body and type for a document that states none."""
    if clues.title and (unit := unit_of_title(clues.title)):
        return unit
    if clues.owner and speaker in (None, type_of_body(clues.owner)):
        return clues.owner, type_of_body(clues.owner)
    if speaker in ("government", None) and clues.region:
        return government_of(clues.region), "government"
    return None, speaker


def find_issuer(clues: IssuerClues) -> Issuer:
    """Decide who issued a document.

    The stated body comes from the title, else the signature, else the header table. 发布机构 of the header table names
    whoever put the page up, so it counts only where its type is that of the speaker in the text. Where the title
    begins with a mere region, its government is inferred unless the text speaks as a department or township.
    """
    named = body_of_title(clues.title) if clues.title else None
    for origin, stated in (("title", named), ("signature", clues.signature)):
        if stated:
            return Issuer(stated, origin, None, type_of_body(stated))
    inferred, kind = _inferred(clues, _speaker(clues.body)) if clues.speaks_officially else (None, None)
    if clues.header and (kind is None or type_of_body(clues.header) == kind):
        return Issuer(clues.header, "header_table", None, type_of_body(clues.header))
    return Issuer(None, None, inferred, kind)


def normalise_addressee(addressee: str, region: Region | None) -> str:
    """Spell out abbreviated addressees by the document's own region: 省政府 → 四川省人民政府.

    "市" of a county means its prefecture, of a prefecture itself; several addressees stay joined by "、". What cannot
    be spelled out stays as printed.
    """
    return "、".join(_spelled_out(part.strip(), region) for part in _SPLIT.split(addressee) if part.strip())


def _spelled_out(part: str, region: Region | None) -> str:
    found = ABBREVIATED.match(part)
    if not found or region is None:
        return part
    owner = _unit_of(found["unit"], region)
    if owner is None:
        return part
    body = found["body"]
    if body == "委":
        return f"中共{owner}委员会"
    if body == "政协":
        return f"政协{owner}委员会"
    return owner + _FULL.get(body, body)


def _unit_of(unit: str, region: Region) -> str | None:
    """Name of the unit that a suffix means from a region's point of view."""
    if unit == "省":
        return region.province if region.province.endswith("省") else None
    if unit in ("市", "州"):
        for name in (region.parent_name if region.level == "county" else None, region.name, region.province):
            if name and name.endswith(unit):
                return name
        return None
    for name in (region.name, region.province if unit == "区" and region.province.endswith("自治区") else None):
        if name and name.endswith(unit):
            return name
    return None
