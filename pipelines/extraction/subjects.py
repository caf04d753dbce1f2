"""Which division a document is about: the subject named in title, signature or body, and the host that carries it.

Composes clues into one decision with its evidence and the conflicts met; names and codes themselves belong in
``regions``.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from pipelines.extraction.regions import Division, Hints, Mention, RegionTable
from pipelines.model import Issue, Region

# first six digits of a SiteIDCode: 5101320017
SITE_ID_CODE = re.compile(r"^(\d{6})\d{3,4}$")
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
        year: the report's year; the year of publication or None when unknown.
    """

    statements: tuple[Statement, ...]
    context: tuple[str, ...] = ()
    body: str = ""
    registry_code: str | None = None
    site_id_code: str | None = None
    year: int | None = None


def code_of_site_id(site_id_code: str | None) -> str | None:
    """Return the six digits with which a SiteIDCode begins; None for ministries (bm…) and placeholders."""
    found = SITE_ID_CODE.match(site_id_code.strip()) if site_id_code else None
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


def _fits_unit(division: Division, unit: str | None) -> bool:
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


def _conflicts(table: RegionTable, chosen: Division, clues: RegionClues, site_code: str | None) -> list[Issue]:
    """Compare the subject with the host's codes: a host above it is common, any other disagreement is odd."""
    issues = []
    for kind, code in (("registry", clues.registry_code), ("SiteIDCode", site_code)):
        if code is None or table.is_same_unit(chosen, code):
            continue
        nested = table.is_under(chosen, code)
        issues.append(
            Issue(
                "read",
                "info" if nested else "warn",
                "host_differs_from_subject" if nested else "region_conflict",
                f"report is about {chosen.name} ({chosen.code}), {kind} says {code}",
                value=code,
            )
        )
    return issues


def find_region(table: RegionTable, clues: RegionClues) -> tuple[Region | None, list[Issue]]:
    """Decide which division a document is about.

    The subject wins over the host: title, issuer and signature first; then the registry (unless the body names a
    division inside it far more often), the SiteIDCode, and last a frequent unambiguous mention in the body.

    Returns:
        The region as valid in the report's year, or None, and the issues: ``region_ambiguous``,
        ``region_conflict``, ``host_differs_from_subject``, ``site_id_code_unreadable``, ``region_unknown``.
    """
    issues: list[Issue] = []
    site_code = code_of_site_id(clues.site_id_code)
    if clues.site_id_code and site_code is None and not clues.site_id_code.lower().startswith("bm"):
        issues.append(
            Issue("read", "warn", "site_id_code_unreadable", "SiteIDCode is not a code", value=clues.site_id_code)
        )
    if site_code and table.by_code(site_code, None) is None:
        issues.append(Issue("read", "warn", "site_id_code_unreadable", "SiteIDCode names no division", value=site_code))
        site_code = None
    names = {m.name for text in clues.context for m in table.mentions(text, clues.year)}
    names |= {d.name for text in clues.context for m in table.mentions(text, clues.year) for d in m.divisions}
    hints = Hints(
        codes=tuple(code for code in (clues.registry_code, site_code) if code),
        names=frozenset(names),
        provinces=table.cited_provinces(clues.body),
    )
    open_names: list[str] = []
    for statement in clues.statements:
        division, mention = _subject(table, statement.text, hints, clues.year)
        if division:
            return division.to_region(statement.evidence), issues + _conflicts(table, division, clues, site_code)
        if mention:
            open_names.append(mention.name)
            if local := _by_own_context(table, mention, clues):
                found = local.to_region(f"{statement.evidence}, body")
                return found, issues + _conflicts(table, local, clues, site_code)
    host, evidence = _host(table, clues, site_code)
    named = _from_body(table, clues, hints)
    if named and (host is None or (named[0].code != host.code and table.is_under(named[0], host.code))):
        division, number = named
        found = division.to_region(f"body: {division.name} named {number} times")
        return found, issues + _conflicts(table, division, clues, site_code)
    if host:
        return host.to_region(evidence), issues
    if open_names:
        issues.append(
            Issue("read", "warn", "region_ambiguous", "several divisions bear this name", value=open_names[0])
        )
    else:
        issues.append(Issue("read", "warn", "region_unknown", "neither page nor registry names a region"))
    return None, issues


def _by_own_context(table: RegionTable, mention: Mention, clues: RegionClues) -> Division | None:
    """Resolve an ambiguous name by parents that the body names: exactly one of them must occur."""
    named = {m.name for m in table.mentions(clues.body, clues.year)}
    fitting = [d for d in mention.divisions if d.parent_name in named and d.parent_name != d.province]
    if len(fitting) != 1:
        fitting = [d for d in mention.divisions if d.province in named]
    return fitting[0] if len(fitting) == 1 else None


def _host(table: RegionTable, clues: RegionClues, site_code: str | None) -> tuple[Division | None, str]:
    """The division of the site that carries the page, from the registry or else the SiteIDCode."""
    for evidence, code in (("registry", clues.registry_code), ("SiteIDCode", site_code)):
        if code is None:
            continue
        division = (table.by_code(code, clues.year) if clues.year else None) or table.by_code(code, None)
        if division:
            return division, evidence
    return None, ""
