"""Who issued a document: the stated body, the inferred one, and the type; the region is decided elsewhere.

A body counts as stated when title, signature or header table name it; what follows only from region or wording is
kept apart as inferred.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from pipelines.extraction.regions import OWN_LEVEL
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

# names of bodies in a title, before the year or 关于: 泸州市人民政府|2017年… · 某县司法局|关于…
TITLE_BODY = re.compile(
    r"^(?:关于)?(?P<body>[\u4e00-\u9fff()（）、·]{2,40}?(?:人民政府(?:办公室)?|政府(?:办公室)?|委员会(?:办公室)?|管委会|办事处|街道办|"
    r"法院|检察院|税务局|(?:分|总)?局|厅|[发改财教住卫科民文农]{1,3}委|国资委|办公室|[\u4e00-\u9fff]办|海关|大队|支队|总队|"
    r"(?:中心|公司|集团|学院|大学|站|所|署|委))(?:党组|党委)?)"
    r"(?=关于|(?:19|20)\d\d|二[〇○零]|年度|法治|依法|的?(?:工作)?(?:报告|总结)|贯彻|推进|落实|履行|开展|全面|印发|[:：,，]?$)"
)
# 起步镇2023年… · 某县某乡关于… · 某街道2022年…
TITLE_TOWNSHIP = re.compile(
    r"^(?P<body>[\u4e00-\u9fff]{2,20}(?:镇|乡|街道|苏木)(?:人民政府|党委|办事处)?)(?=关于|(?:19|20)\d\d|二[〇○零]|年度|法治|依法)"
)
_TYPE_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("court", re.compile(r"法院")),
    ("procuratorate", re.compile(r"检察院")),
    ("congress", re.compile(r"人民代表大会|人大常委会|^.{0,12}人大")),
    # 起步镇人民政府 · 某乡 · 某街道办事处 · 某苏木
    ("township", re.compile(r"(?:镇|乡|苏木)(?:人民政府|政府|党委)?(?:办公室)?$|街道(?:办事处|办|工委)?$|办事处$")),
    # 某经济技术开发区管理委员会 · 某高新区管委会 · 某新区管委会
    (
        "development_zone",
        re.compile(r"管(?:理)?委(?:员)?会|开发区$|高新区$|经开区$|保税区$|示范区$|产业园区?$|度假区$"),
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
            r"(?:局|厅|委员会|委|办公室|办|署|总队|支队|大队|中心|海关|站|所|处|部|院|馆|社|会)(?:党组|党委)?(?:[(（].{1,30}[)）])?$"
        ),
    ),
)
# a department speaks of itself: 我局 · 全局共 · 局党组
DEPARTMENT_SELF = re.compile(r"我[局厅委办]|本[局厅委]|[局厅]党[组委]|全局(?=干部|共|各|系统|上下|人员)")
TOWNSHIP_SELF = re.compile(r"我[镇乡]|全[镇乡]|镇党委|乡党委|我街道|街道党工委")
ZONE_SELF = re.compile(r"全区.{0,6}管委会|管委会|党工委")
GOVERNMENT_SELF = re.compile(r"[我全][市县区州省旗]|[市县区州省旗]政府")
MIN_SELF = 3

# one addressee of several: 市委、市政府 · 省政府
ABBREVIATED = re.compile(r"^(?P<unit>[省市县区州旗])(?P<body>人民政府|政府|委|人大常委会|人大|政协)$")
_FULL = {
    "人民政府": "人民政府",
    "政府": "人民政府",
    "人大常委会": "人民代表大会常务委员会",
    "人大": "人民代表大会",
}
_SPLIT = re.compile(r"[、,，]")


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
        source: 来源 of the line under the title or None.
        owner: body that runs the site, from the registry, or None.
        body: text of the report proper.
        region: the document's region or None.
        kind: the document's kind.
    """

    title: str | None
    signature: str | None
    header: str | None
    source: str | None
    owner: str | None
    body: str
    region: Region | None
    kind: str


def body_of_title(title: str) -> str | None:
    """Return the body that a title begins with, or None: 罗源县人民政府关于… → 罗源县人民政府."""
    for pattern in (TITLE_TOWNSHIP, TITLE_BODY):
        if found := pattern.match(title.strip()):
            return found["body"]
    return None


def type_of_body(name: str) -> str:
    """Return the type of a named body; joint issuers have the type they share, else "other"."""
    parts = (piece.strip() for piece in _SPLIT.split(name))
    types = {
        next((kind for kind, pattern in _TYPE_PATTERNS if pattern.search(part)), "other") for part in parts if part
    }
    return types.pop() if len(types) == 1 else "other"


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
    if clues.owner and speaker in (None, type_of_body(clues.owner)):
        return clues.owner, type_of_body(clues.owner)
    if speaker == "government" and clues.region:
        return government_of(clues.region), "government"
    return None, speaker


def find_issuer(clues: IssuerClues) -> Issuer:
    """Decide who issued a document.

    The stated body comes from the title, else the signature, else the header table. Where the title begins with a
    mere region, the government of that region is inferred unless the text speaks as a department or township.
    """
    stated: str | None = None
    origin: str | None = None
    for name, text in (("title", body_of_title(clues.title) if clues.title else None), ("signature", clues.signature)):
        if text:
            stated, origin = text, name
            break
    if stated is None and clues.header:
        stated, origin = clues.header, "header_table"
    if stated:
        return Issuer(stated, origin, None, type_of_body(stated))
    inferred, kind = _inferred(clues, _speaker(clues.body))
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
    return owner + _FULL[body]


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
