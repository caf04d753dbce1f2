"""Divisions of GB/T 2260 with their history: look-up by name and year, mentions in text.

The table is the state at 31 December of each year from 1981 to 2024 (yescallop/areacodes, commit eed219a, CC0 1.0);
its patches for later years and the aliases are this project's. Nothing is guessed: a name that several divisions share
needs something else that is known, such as its parent, else it stays unresolved. Which division a document is about is
decided in ``subjects``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Literal, cast

from pipelines.cleaning.tables import SEEDS_DIR, read_table
from pipelines.model import Region

Level = Literal["province", "prefecture", "county"]

REGION_COLUMNS = (
    "code",
    "name",
    "level",
    "level_zh",
    "province",
    "province_code",
    "parent_code",
    "parent_name",
    "valid_from",
    "valid_to",
    "status",
    "successors",
)
PATCH_COLUMNS = (*REGION_COLUMNS, "note")
ALIAS_COLUMNS = ("alias", "kind", "code", "note")
ALIAS_KINDS = ("short", "abbreviation")
STILL_VALID = 9999

_PEOPLES = (
    "各族|蒙古族?|哈萨克族?|柯尔克孜族?|塔吉克族?|锡伯族?|达斡尔族|鄂温克族|鄂伦春族|朝鲜族|满族|回族|藏族|羌族|彝族|白族|傣族|壮族|苗族|"
    "侗族|瑶族|土家族|布依族|水族|仡佬族|仫佬族|毛南族|黎族|畲族|土族|撒拉族|保安族|东乡族|裕固族|哈尼族|拉祜族|佤族|布朗族|景颇族|"
    "傈僳族|怒族|独龙族|纳西族|普米族|维吾尔"
)
# what short forms of autonomous areas leave out: 黔东南苗族侗族自治州 → 黔东南州
AUTONOMOUS = re.compile(rf"^(?P<base>[\u4e00-\u9fff]{{1,8}}?)(?:{_PEOPLES})+自治(?P<kind>[州县旗])$")
# 川府发〔2013〕7号: the first character names the province
NUMBER_ABBREVIATION = re.compile(r"[政府委办司法](?<=(?P<mark>[\u4e00-\u9fff]).)[\u4e00-\u9fff]{0,6}[〔\[(（【]20\d\d")

# the last character of every full name
SUFFIX = re.compile("[省市县区州旗盟]")
_SHORTEST, _LONGEST = 2, 16
_LONGEST_BASE = 5
PROVINCE_DIGITS = 2
"""Digits of a code that name the province."""
FIRST_REPORTS = 2000
"""Names that were given up before cannot be meant by any report."""
OLD_NAMES = 3
"""Years for which the name of a division that was renamed or merged may still be used."""
MIN_SHORT_BASE = 2
"""Autonomous areas named after their people alone (东乡族自治县) have no short form."""
# what may stand before the name at the start of a title: 关于武汉… · 中共武汉…
BEFORE_NAME = re.compile(r"^(?:关于|中共)?\s*")


@dataclass(frozen=True)
class Division:
    """One row of the table: a code with one name and parent over a span of years.

    Attributes:
        valid_from: first year at whose end it was in force.
        valid_to: first year at whose end it was not; ``STILL_VALID`` while in force.
        successors: codes that took over, without those bound to another year.
    """

    code: str
    name: str
    level: Level
    level_zh: str
    province: str
    province_code: str
    parent_code: str | None
    parent_name: str | None
    valid_from: int
    valid_to: int
    successors: tuple[str, ...] = ()

    def is_valid(self, year: int) -> bool:
        """Whether the row was in force at the end of a year."""
        return self.valid_from <= year < self.valid_to

    def to_region(self, evidence: str) -> Region:
        """Return the division as the region of a document."""
        return Region(
            code=self.code,
            name=self.name,
            level=self.level,
            level_zh=self.level_zh,
            province=self.province,
            province_code=self.province_code,
            parent_code=self.parent_code,
            parent_name=self.parent_name,
            evidence=evidence,
        )


@dataclass(frozen=True)
class Mention:
    """A region's name in a text.

    Attributes:
        name: as written.
        start: offset of its first character.
        end: offset behind its last.
        divisions: every division that carried the name in or around the year.
    """

    name: str
    start: int
    end: int
    divisions: tuple[Division, ...]


@dataclass(frozen=True)
class Hints:
    """What else is known when a name has to be resolved.

    Attributes:
        codes: codes of the registry and the SiteIDCode, in order of trust.
        names: names of other regions stated beside it, such as its prefecture.
        provinces: codes of provinces whose document numbers the text cites.
    """

    codes: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()
    provinces: tuple[str, ...] = ()


def _division(row: Mapping[str, str], source: str) -> Division:
    if row["level"] not in ("province", "prefecture", "county"):
        raise ValueError(f"{source}: unknown level {row['level']!r} of {row['code']}")
    return Division(
        code=row["code"],
        name=row["name"],
        level=cast("Level", row["level"]),
        level_zh=row["level_zh"],
        province=row["province"],
        province_code=row["province_code"],
        parent_code=row["parent_code"] or None,
        parent_name=row["parent_name"] or None,
        valid_from=int(row["valid_from"]),
        valid_to=int(row["valid_to"]) if row["valid_to"] else STILL_VALID,
        successors=tuple(
            code for code in row.get("successors", "").split(";") if code and "[" not in code and code != row["code"]
        ),
    )


def short_forms(name: str) -> tuple[str, ...]:
    """Return the usual short forms of an autonomous area: 融水苗族自治县 → 融水县, 融水自治县; of others none."""
    found = AUTONOMOUS.match(name)
    if not found or len(found["base"]) < MIN_SHORT_BASE:
        return ()
    return f"{found['base']}{found['kind']}", f"{found['base']}自治{found['kind']}"


def patched(rows: Iterable[Mapping[str, str]], patches: Iterable[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """Return the table with its patches: one for the same code and first year replaces the row, any other is added."""
    merged = {(row["code"], row["valid_from"]): row for row in rows}
    merged.update({(row["code"], row["valid_from"]): row for row in patches})
    return list(merged.values())


class RegionTable:
    """All divisions with their history, by name, by code and in text.

    Args:
        rows: the rows of ``regions.csv``, or those with its patches.
        aliases: the rows of ``region_aliases.csv``.

    Raises:
        ValueError: a level or kind of alias is unknown, or an alias names a code that is not in the table.
    """

    def __init__(self, rows: Iterable[Mapping[str, str]], aliases: Iterable[Mapping[str, str]] = ()) -> None:
        self._by_name: dict[str, list[Division]] = {}
        self._by_short: dict[str, list[Division]] = {}
        self._by_code: dict[str, list[Division]] = {}
        self._abbreviations: dict[str, str] = {}
        alias_rows = list(aliases)
        for row in alias_rows:
            if row["kind"] not in ALIAS_KINDS:
                raise ValueError(f"region_aliases.csv: unknown kind {row['kind']!r} of {row['alias'] or row['code']}")
        for row in rows:
            self._add(_division(row, "regions.csv"))
        for division in [item for items in self._by_code.values() for item in items]:
            for short in short_forms(division.name):
                self._by_short.setdefault(short, []).append(division)
        self._shared_bases = frozenset(
            division.name[:-1]
            for items in self._by_code.values()
            for division in items
            if division.level == "county" and division.valid_to > FIRST_REPORTS
        )
        self._add_aliases(alias_rows)
        self._bare = re.compile(
            "|".join(sorted((re.escape(r["alias"]) for r in alias_rows if r["kind"] == "short"), key=len, reverse=True))
            or r"(?!)"
        )

    def _add(self, division: Division) -> None:
        self._by_name.setdefault(division.name, []).append(division)
        self._by_code.setdefault(division.code, []).append(division)

    def _add_aliases(self, rows: Iterable[Mapping[str, str]]) -> None:
        for row in rows:
            if row["kind"] in ("short", "abbreviation") and row["code"] not in self._by_code:
                raise ValueError(f"region_aliases.csv: {row['alias']} names unknown code {row['code']}")
            if row["kind"] == "short":
                self._by_short.setdefault(row["alias"], []).extend(self._by_code[row["code"]])
            elif row["kind"] == "abbreviation":
                self._abbreviations[row["alias"]] = row["code"]

    @classmethod
    def read(cls, regions: Path, patches: Path, aliases: Path) -> RegionTable:
        """Read the table from its three CSV files.

        Raises:
            ValueError: see the class; also for missing columns.
        """
        rows = patched(read_table(regions, REGION_COLUMNS), read_table(patches, PATCH_COLUMNS))
        return cls(rows, read_table(aliases, ALIAS_COLUMNS))

    def official(self, name: str, year: int) -> tuple[Division, ...]:
        """Return the divisions of the official list at the end of a year that bear a name, by code."""
        found = (division for division in self._by_name.get(name, ()) if division.is_valid(year))
        return tuple(sorted(found, key=lambda division: division.code))

    def by_code(self, code: str, year: int | None) -> Division | None:
        """Return the division of a code as in force at the end of a year; without a year the latest row."""
        rows = self._by_code.get(code, [])
        if year is None:
            return max(rows, key=lambda division: division.valid_from, default=None)
        return next((division for division in rows if division.is_valid(year)), None)

    def named(self, name: str, year: int | None) -> tuple[Division, ...]:
        """Return the divisions a report of a year may mean by a name.

        A report of year Y may carry the name valid at the end of Y or of Y-1; published in the year after, also that
        of Y+1; an old name lives on for some years. The first of these years with a hit decides. A division that
        ended by then with one successor is replaced by it, so that the code is that of the report's year. Without a
        year the latest bearers count.
        Short forms count only where no full name of the time is the same.
        """
        return self._bearers(self._by_name.get(name, []), year) or self._bearers(self._by_short.get(name, []), year)

    def _bearers(self, rows: Sequence[Division], year: int | None) -> tuple[Division, ...]:
        if year is None:
            latest = [division for division in rows if division.valid_to == STILL_VALID]
            return _distinct(latest or rows)
        for candidate in (year, year - 1, year + 1, *range(year - 2, year - OLD_NAMES - 1, -1)):
            found = [division for division in rows if division.is_valid(candidate)]
            if found:
                return _distinct(self._as_of(division, year) for division in found)
        return ()

    def _as_of(self, division: Division, year: int) -> Division:
        """Follow a division that had ended to the one that stood in its place at the end of the year."""
        if division.is_valid(year) or division.valid_from > year:
            return division
        same = self.by_code(division.code, year)
        if same:
            return same
        after = [found for code in division.successors if (found := self.by_code(code, year))]
        return after[0] if len(after) == 1 and after[0].level == division.level else division

    def mentions(self, text: str, year: int | None) -> tuple[Mention, ...]:
        """Return the names of regions in a text, longest match first, without overlaps, in order.

        Names of two characters ("和县") count only where no Chinese character but another region's name stands
        before them, since they hide in running words.
        """
        found: list[Mention] = []
        for suffix in SUFFIX.finditer(text):
            index = suffix.start()
            floor = max(0, index + 1 - _LONGEST)
            for start in range(floor, index + 2 - _SHORTEST):
                name = text[start : index + 1]
                known = name in self._by_name or name in self._by_short
                if not known or not self._stands_alone(text, start, name, found):
                    continue
                if divisions := self.named(name, year):
                    while found and found[-1].end > start:
                        found.pop()
                    found.append(Mention(name, start, index + 1, divisions))
                    break
        return tuple(self._with_bare_names(text, year, found))

    def _with_bare_names(self, text: str, year: int | None, found: Sequence[Mention]) -> list[Mention]:
        """Add names without their suffix (四川): before a full name as part of its chain, or where none is full."""
        starts = {mention.start for mention in found}
        taken = {index for mention in found for index in range(mention.start, mention.end)}
        bare = [
            Mention(hit[0], hit.start(), hit.end(), divisions)
            for hit in self._bare.finditer(text)
            if taken.isdisjoint(range(hit.start(), hit.end()))
            and (not found or hit.end() in starts)
            and (divisions := self.named(hit[0], year))
        ]
        return sorted([*found, *bare], key=lambda mention: mention.start)

    @staticmethod
    def _stands_alone(text: str, start: int, name: str, before: Sequence[Mention]) -> bool:
        if len(name) > _SHORTEST or start == 0:
            return True
        if before and before[-1].end == start:
            return True
        return not "\u4e00" <= text[start - 1] <= "\u9fff"

    def named_without_suffix(self, text: str, year: int | None) -> tuple[Division, ...]:
        """Return the prefecture that a text begins with, without its suffix: 武汉东湖新技术开发区… → 武汉市.

        Only names that no county-level division shares (朝阳 could be 朝阳市 or a 朝阳区).
        """
        start = BEFORE_NAME.sub("", text)
        for length in range(_LONGEST_BASE, MIN_SHORT_BASE - 1, -1):
            base = start[:length]
            if base in self._shared_bases:
                continue
            found = tuple(item for item in self.named(f"{base}市", year) if item.level == "prefecture")
            if found:
                return found
        return ()

    def cited_provinces(self, text: str) -> tuple[str, ...]:
        """Return codes of provinces whose abbreviation begins a cited document number, most frequent first."""
        marks = Counter(hit["mark"] for hit in NUMBER_ABBREVIATION.finditer(text))
        return tuple(self._abbreviations[mark] for mark, _ in marks.most_common() if mark in self._abbreviations)

    def names_under(self, code: str, year: int | None) -> frozenset[str]:
        """Return the names of the divisions in force that lie under a code, at any level below it."""
        rows = self._by_province.get(code[:PROVINCE_DIGITS], ())
        return frozenset(
            division.name
            for division in rows
            if division.code != code
            and self.is_under(division, code)
            and (division.is_valid(year) if year else division.valid_to == STILL_VALID)
        )

    @cached_property
    def _by_province(self) -> Mapping[str, Sequence[Division]]:
        """The divisions by the digits with which a code above them can begin."""
        found: dict[str, list[Division]] = {}
        for division in (division for divisions in self._by_code.values() for division in divisions):
            above = (division.code, division.province_code, division.parent_code or "")
            for digits in {code[:PROVINCE_DIGITS] for code in above}:
                found.setdefault(digits, []).append(division)
        return found

    def is_under(self, division: Division | Region, code: str) -> bool:
        """Whether a division is the one of a code or lies in it."""
        if division.code == code or code in (division.province_code, division.parent_code):
            return True
        return code.endswith("00") and division.code.startswith(code.rstrip("0")) and len(code.rstrip("0")) >= 2

    def is_same_unit(self, division: Division | Region, code: str) -> bool:
        """Whether a code names the division itself, an earlier or a later form of it."""
        if division.code == code:
            return True
        other, own = self._by_code.get(code, []), self._by_code.get(division.code, [])
        return any(division.code in row.successors for row in other) or any(code in row.successors for row in own)

    def _are_siblings(self, division: Division, code: str) -> bool:
        """Whether a code names another division under the same prefecture."""
        return any(row.parent_code == division.parent_code for row in self._by_code.get(code, []))

    def resolve(self, divisions: Sequence[Division], hints: Hints) -> Division | None:
        """Choose one of several divisions of the same name by what else is known; None when it stays open."""
        left = list(divisions)
        if len(left) == 1:
            return left[0]
        for code in hints.codes:
            exact = [division for division in left if self.is_same_unit(division, code)]
            within = exact or [division for division in left if self.is_under(division, code)]
            within = within or [division for division in left if self._are_siblings(division, code)]
            if len(within) == 1:
                return within[0]
            left = within or left
        beside = [
            division for division in left if division.parent_name in hints.names or division.province in hints.names
        ]
        closest = [division for division in beside if division.parent_name in hints.names]
        for choice in (closest, beside):
            if len(choice) == 1:
                return choice[0]
        for code in hints.provinces[:1]:
            inside = [division for division in left if division.province_code == code]
            if len(inside) == 1:
                return inside[0]
        return None


def _distinct(divisions: Iterable[Division]) -> tuple[Division, ...]:
    return tuple({division.code: division for division in divisions}.values())


@cache
def load_regions() -> RegionTable:
    """Read the project's table once."""
    return RegionTable.read(
        SEEDS_DIR / "regions.csv", SEEDS_DIR / "region_patches.csv", SEEDS_DIR / "region_aliases.csv"
    )
