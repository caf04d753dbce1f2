"""Which division a document is about: the subject named in title, signature or body, and the host that carries it.

Composes clues into one decision with its evidence and the conflicts met; names and codes themselves belong in
``regions``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.extraction.regions import Division, Hints, Mention, RegionTable
from pipelines.model import Issue, Region, Severity

# first six digits of a SiteIDCode: 5101320017
SITE_ID_CODE = re.compile(r"^(\d{6})\d{3,4}$")
# an index number that begins with the issuer's credit code, whose third to eighth digits are a division: 11510500008…
INDEX_CODE = re.compile(r"^[1N][1-9A-Z](\d{6})[0-9A-Z]{3}")
# a body named by its unit alone: 市司法局2023年… · 县政府办公室关于… · 关于省财政厅…
BARE_UNIT = re.compile(
    r"^(?:关于)?(?:(?:19|20)\d\d年?度?)?(?:中共)?(?P<unit>[省市县区州旗盟])(?!场|容|域|直|属|级|区|政(?!府))"
    r"(?:人民政府|政府|委|[\u4e00-\u9fff]{2,12}[局厅办委])"
)
# a zone calls itself 我区 though it is no district
ZONE = re.compile(r"开发区|高新区|经开区|新区|园区|管委会|示范区|度假区|保税区")
# words that show which unit the writer calls its own: 全市 · 我县 · 本区
OWN_LEVEL = re.compile(r"(?:全|我|本)(?P<unit>[省市县区州旗盟])(?![委政])")
# a cited title: 《四川省行政执法监督条例》
CITATION = re.compile(r"《[^《》]*》")
# a cited report: 《绵阳市2022年度法治政府建设情况报告》
REPORT_CITED = re.compile(r"(?:报告|总结|情况|年报)(?:[(（][^()（）]*[)）])?》$")

MIN_BODY_MENTIONS = 3
"""A body that names a region less often does not show that it is the report's subject."""
MIN_BODY_SHARE = 0.5
"""Share of the body's mentions of resolvable regions that the subject must reach."""
MIN_LEVEL_CUES = 3
"""Times a body must call a unit its own before that shows the level of its writer."""


@dataclass(frozen=True)
class Statement:
    """A text that may name the document's region.

    Attributes:
        evidence: "title", "issuer", "signature", …: what ``Region.evidence`` will say.
        text: Simplified text.
    """

    evidence: str
    text: str


@dataclass(frozen=True)
class RegionClues:
    """Everything known of a document that bears on its region.

    Attributes:
        statements: texts that name the subject, most trusted first (title, issuer, signature).
        context: other short texts that help to resolve a name (addressee, site name, owner, breadcrumb).
        body: Simplified text of the body.
        registry_code: code of the source's owner.
        site_id_code: the page's SiteIDCode as printed.
        index_number: the page's 索引号 as printed.
        addressee: the addressee, in Simplified characters.
        year: the report's year; the year of publication or None when unknown.
    """

    statements: tuple[Statement, ...]
    context: tuple[str, ...] = ()
    body: str = ""
    registry_code: str | None = None
    site_id_code: str | None = None
    index_number: str | None = None
    addressee: str | None = None
    year: int | None = None


def code_of_site_id(site_id_code: str | None) -> str | None:
    """Return the six digits with which a SiteIDCode begins; None for ministries (bm…) and placeholders."""
    found = SITE_ID_CODE.match(site_id_code.strip()) if site_id_code else None
    return found[1] if found else None


def code_of_index_number(index_number: str | None) -> str | None:
    """Return the division in the credit code that an index number begins with; None when it begins otherwise."""
    found = INDEX_CODE.match(index_number.strip()) if index_number else None
    return found[1] if found else None


def _subject(table: RegionTable, text: str, hints: Hints, year: int | None) -> tuple[Division | None, Mention | None]:
    """Resolve the subject of a text: the last of the first chain of adjacent names (湖南省长沙市望城区 → 望城区)."""
    # What a title cites is not its subject, unless it is the report itself: 关于《绵阳市2022年报告》的解读.
    bare = CITATION.sub(lambda hit: hit[0] if REPORT_CITED.search(hit[0]) else "　" * len(hit[0]), text)
    chain: list[Mention] = []
    for mention in table.mentions(bare, year):
        if chain and mention.start != chain[-1].end:
            break
        chain.append(mention)
    if not chain:
        return table.resolve(table.named_without_suffix(bare, year), hints), None
    last = chain[-1]
    parents = {mention.name for mention in chain[:-1]}
    parents |= {division.name for mention in chain[:-1] for division in mention.divisions}
    candidates = last.divisions
    if parents:
        below = [d for d in candidates if d.parent_name in parents or d.province in parents]
        if not below and len(chain) > 1:
            # 绵阳市江北区: no such pair, so the second name is no region of the first: the first is the subject.
            last, candidates = chain[0], chain[0].divisions
        else:
            candidates = tuple(d for d in below if d.parent_name in parents) or tuple(below)
    return table.resolve(candidates, hints), last


def _own_units(body: str) -> str | None:
    """The suffix of the unit a body calls its own ("市" for 全市, 我市); None when it is not clear."""
    cues = Counter(hit["unit"] for hit in OWN_LEVEL.finditer(body))
    ranked = cues.most_common(2)
    if not ranked or ranked[0][1] < MIN_LEVEL_CUES:
        return None
    if len(ranked) > 1 and ranked[1][1] * 2 > ranked[0][1]:
        return None
    return ranked[0][0]


def _fits_unit(division: Division | Region, unit: str | None) -> bool:
    return unit is None or division.name.endswith(unit) or (unit == "区" and division.level_zh in ("自治区", "市辖区"))


def _from_body(table: RegionTable, clues: RegionClues, hints: Hints) -> tuple[Division, int] | None:
    """Return the region that a body names far more often than any other, with its number of mentions."""
    unit = _own_units(clues.body)
    counts: Counter[str] = Counter()
    chosen: dict[str, Division] = {}
    for mention in table.mentions(clues.body, clues.year):
        division = table.resolve(mention.divisions, hints)
        if division and _fits_unit(division, unit):
            counts[division.code] += 1
            chosen[division.code] = division
    if not counts:
        return None
    code, number = counts.most_common(1)[0]
    if number < MIN_BODY_MENTIONS or number < MIN_BODY_SHARE * sum(counts.values()):
        return None
    return chosen[code], number


@dataclass(frozen=True)
class _Host:
    """A code that the page carries beside its text: of the registry, the SiteIDCode or the index number."""

    kind: str
    code: str


def _hosts(table: RegionTable, clues: RegionClues) -> tuple[list[_Host], list[Issue]]:
    """The codes of the page in order of trust, and what could not be read."""
    site_code = code_of_site_id(clues.site_id_code)
    issues: list[Issue] = []
    if clues.site_id_code and site_code is None and not clues.site_id_code.lower().startswith("bm"):
        issues.append(
            Issue("read", "warn", "site_id_code_unreadable", "SiteIDCode is not a code", value=clues.site_id_code)
        )
    if site_code and table.by_code(site_code, None) is None:
        issues.append(Issue("read", "warn", "site_id_code_unreadable", "SiteIDCode names no division", value=site_code))
        site_code = None
    index_code = code_of_index_number(clues.index_number)
    if index_code and table.by_code(index_code, None) is None:
        index_code = None
    stated = (("registry", clues.registry_code), ("SiteIDCode", site_code), ("index_number", index_code))
    return [_Host(kind, code) for kind, code in stated if code], issues


def _conflicts(
    table: RegionTable, chosen: Region, clues: RegionClues, hosts: Sequence[_Host], rivals: Sequence[Region]
) -> list[Issue]:
    """Compare the subject with the host's codes and with what else is named as the subject.

    A host above the subject is common, one below it less so, any other disagreement is odd; each issue holds both
    values.
    """
    issues = []
    for host in hosts:
        other = table.by_code(host.code, clues.year) or table.by_code(host.code, None)
        if table.is_same_unit(chosen, host.code) or other is None:
            continue
        issues.append(_disagreement(table, chosen, other.to_region(host.kind)))
    for rival in rivals:
        is_other = not table.is_same_unit(chosen, rival.code) and not table.is_under(chosen, rival.code)
        if is_other and not table.is_under(rival, chosen.code):
            issues.append(_conflict("region_conflict", "warn", chosen, rival))
    return issues


def _disagreement(table: RegionTable, chosen: Region, host: Region) -> Issue:
    if table.is_under(chosen, host.code):
        return _conflict("host_differs_from_subject", "info", chosen, host)
    kind = "host_differs_from_subject" if table.is_under(host, chosen.code) else "region_conflict"
    return _conflict(kind, "warn", chosen, host)


def _conflict(kind: str, severity: Severity, chosen: Region, other: Region) -> Issue:
    message = (
        f"took {chosen.name} ({chosen.code}) of {chosen.evidence}; {other.evidence} says {other.name} ({other.code})"
    )
    return Issue("read", severity, kind, message, value=f"{chosen.code} {other.code}")


def find_region(table: RegionTable, clues: RegionClues) -> tuple[Region | None, list[Issue]]:
    """Decide which division a document is about.

    The subject wins over the host: title, issuer and signature first; then the registry (unless the body names a
    division inside it far more often, or the writer calls a unit of another level its own), the SiteIDCode, the index
    number, a frequent unambiguous mention in the body, and last the addressee of a department.

    Returns:
        The region as valid in the report's year, or None, and the issues: ``region_ambiguous``,
        ``region_conflict``, ``host_differs_from_subject``, ``region_below_host``, ``site_id_code_unreadable``,
        ``region_unknown``.
    """
    hosts, issues = _hosts(table, clues)
    beside = [mention for text in dict.fromkeys(clues.context) for mention in table.mentions(text, clues.year)]
    names = {mention.name for mention in beside}
    names |= {division.name for mention in beside for division in mention.divisions}
    hints = Hints(
        codes=tuple(host.code for host in hosts),
        names=frozenset(names),
        provinces=table.cited_provinces(clues.body),
    )
    stated, open_names = _stated(table, clues, hints)
    if stated:
        return stated[0], issues + _conflicts(table, stated[0], clues, hosts, stated[1:])
    host = _host(table, clues, hosts)
    named = _from_body(table, clues, hints)
    if named and (host is None or (named[0].code != host.code and table.is_under(named[0], host.code))):
        division, number = named
        found = division.to_region(f"body: {division.name} named {number} times")
        return found, issues + _conflicts(table, found, clues, hosts, ())
    if host and (own := _own_unit_of_host(table, clues, host)):
        return own, issues + ([] if own == host else _conflicts(table, own, clues, hosts, ()))
    if host is None and (above := _addressed(table, clues, hints)):
        return above, issues
    if open_names:
        issues.append(
            Issue("read", "warn", "region_ambiguous", "several divisions bear this name", value=open_names[0])
        )
    elif host:
        message = f"the writer calls a unit its own that {host.name} ({host.code}) of {host.evidence} is not"
        issues.append(Issue("read", "warn", "region_below_host", message, value=host.code))
    else:
        issues.append(Issue("read", "warn", "region_unknown", "neither page nor registry names a region"))
    return None, issues


def _stated(table: RegionTable, clues: RegionClues, hints: Hints) -> tuple[list[Region], list[str]]:
    """The regions that statements name as the subject, most trusted first, and names that stay open."""
    found: list[Region] = []
    open_names: list[str] = []
    for statement in clues.statements:
        division, mention = _subject(table, statement.text, hints, clues.year)
        if division:
            found.append(division.to_region(statement.evidence))
        elif mention:
            if found and any(found[0].code == each.code for each in mention.divisions):
                continue
            open_names.append(mention.name)
            if not found and (local := _by_own_context(table, mention, clues)):
                found.append(local.to_region(f"{statement.evidence}, body"))
    return found, open_names


def _by_own_context(table: RegionTable, mention: Mention, clues: RegionClues) -> Division | None:
    """Resolve an ambiguous name by parents that the body names: exactly one of them must occur."""
    named = {m.name for m in table.mentions(clues.body, clues.year)}
    fitting = [d for d in mention.divisions if d.parent_name in named and d.parent_name != d.province]
    if len(fitting) != 1:
        fitting = [d for d in mention.divisions if d.province in named]
    return fitting[0] if len(fitting) == 1 else None


def _host(table: RegionTable, clues: RegionClues, hosts: Sequence[_Host]) -> Region | None:
    """The division of the site that carries the page: the first of its codes that was in force."""
    for host in hosts:
        division = (table.by_code(host.code, clues.year) if clues.year else None) or table.by_code(host.code, None)
        if division:
            return division.to_region(host.kind)
    return None


def _own_unit_of_host(table: RegionTable, clues: RegionClues, host: Region) -> Region | None:
    """The division that a writer on the host's site calls its own: the host's, or the one above it that fits.

    None when the writer's unit lies below the host (我县 on the site of a city): it may be any of several.
    """
    bare = next((hit["unit"] for each in clues.statements if (hit := BARE_UNIT.match(each.text.strip()))), None)
    is_zone = any(ZONE.search(text) for text in (clues.body, *(each.text for each in clues.statements)))
    unit = bare or (None if is_zone else _own_units(clues.body))
    if _fits_unit(host, unit):
        return host
    for code in (host.parent_code, host.province_code):
        above = table.by_code(code, clues.year) or table.by_code(code, None) if code else None
        if above and _fits_unit(above, unit):
            return above.to_region(f"{host.evidence}, {'title' if bare else 'body'}: {unit}")
    return None


def _addressed(table: RegionTable, clues: RegionClues, hints: Hints) -> Region | None:
    """The division whose government a department without region reports to: 泸州市人民政府: above 市司法局."""
    if not clues.addressee:
        return None
    bare = next((hit["unit"] for each in clues.statements if (hit := BARE_UNIT.match(each.text.strip()))), None)
    if bare is None:
        return None
    division, _ = _subject(table, clues.addressee, hints, clues.year)
    return division.to_region("addressee") if division and _fits_unit(division, bare) else None
