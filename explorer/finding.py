"""Finding things by what people type: a code, Chinese, pinyin in full or by its initials, English.

How well a name fits is told here, and regions are found here, under every name and code they ever had; what a page
does with what was found does not belong here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from explorer.releases import Release

LEVELS = ("province", "prefecture", "county")
FOUND_AT_MOST = 20
FIRST_YEAR = 2004
"""Before it nobody reported (实施纲要 of 2004): what ended earlier would only stand in the way."""

REGIONS = """
    select
        coalesce(current_code, region_code) as code,
        region_code,
        region_name,
        region_level,
        province_name,
        parent_name
    from dim_region
    where region_level in ('province', 'prefecture', 'county')
    qualify max(coalesce(valid_to, 9999)) over (partition by coalesce(current_code, region_code)) > $first_year
    order by code, (region_code = code) desc, valid_from desc
"""


@dataclass(frozen=True)
class Found:
    """A region that fits what was typed.

    Attributes:
        code: the code of today; that of its last span where it has no successor.
        name: its newest name.
        level: province, prefecture or county.
        province: name of its province.
        parent: name of the division above; empty for provinces.
        former: names it had before, or of what was merged into it, newest first.
    """

    code: str
    name: str
    level: str
    province: str
    parent: str
    former: tuple[str, ...]


@dataclass(frozen=True)
class _Entry:
    region: Found
    codes: frozenset[str]
    names: tuple[str, ...]


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Return a text as it is compared: half-width, lower case, without spaces ("Ｊi lin" → "jilin")."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


@cache
def pinyin(name: str) -> tuple[str, str]:
    """Return the pinyin of a name in full and by its initials ("吉林省" → "jilinsheng", "jls")."""
    from pypinyin import lazy_pinyin

    syllables = [fold(syllable) for syllable in lazy_pinyin(name)]
    return "".join(syllables), "".join(syllable[:1] for syllable in syllables)


def fit(asked: str, name: str) -> int | None:
    """Return how well a name fits what was typed (0 best); None when it does not.

    Args:
        asked: what was typed, folded.
        name: Chinese or English.
    """
    plain = fold(name)
    if asked == plain:
        return 0
    if plain.startswith(asked):
        return 1
    if asked in plain:
        return 3
    if plain.isascii() or not asked.isascii() or not any(map(str.isalpha, asked)):
        return None
    full, initials = pinyin(name)
    if asked in (full, initials):
        return 2
    if full.startswith(asked):
        return 4
    if initials.startswith(asked):
        return 5
    return 6 if len(asked) > 1 and asked in initials else None


def best_fit(asked: str, names: Iterable[str]) -> int | None:
    """Return how well the best fitting of some names fits; None when none does."""
    return min((found for name in names if (found := fit(asked, name)) is not None), default=None)


def find_regions(release: Release, asked: str) -> list[Found]:
    """Return the regions that fit a code, a name of today or of before, or its pinyin; the best first."""
    folded = fold(asked)
    if not folded:
        return []
    fits: list[tuple[int, int, str, Found]] = []
    for entry in _entries(release):
        found = _code_fit(folded, entry.codes) if folded.isdigit() else best_fit(folded, entry.names)
        if found is not None:
            fits.append((found, LEVELS.index(entry.region.level), entry.region.code, entry.region))
    return [region for *_, region in sorted(fits, key=lambda each: each[:3])[:FOUND_AT_MOST]]


def region_by_code(release: Release, code: str) -> Found | None:
    """Return the region that has, or once had, a code."""
    by_code = release.remember("finding.codes", lambda: _by_code(_entries(release)))
    return by_code.get(code)


def _by_code(entries: Sequence[_Entry]) -> dict[str, Found]:
    by_code = {code: entry.region for entry in entries for code in sorted(entry.codes)}
    return by_code | {entry.region.code: entry.region for entry in entries}


def _code_fit(asked: str, codes: Iterable[str]) -> int | None:
    if asked in codes:
        return 0
    return 1 if any(code.startswith(asked) for code in codes) else None


def _entries(release: Release) -> list[_Entry]:
    return release.remember("finding.regions", lambda: _read(release))


def _read(release: Release) -> list[_Entry]:
    rows: dict[str, list[dict[str, str | None]]] = {}
    for row in release.rows(REGIONS, {"first_year": FIRST_YEAR}):
        rows.setdefault(str(row["code"]), []).append(row)
    return [_entry(code, spans) for code, spans in rows.items()]


def _entry(code: str, spans: Sequence[dict[str, str | None]]) -> _Entry:
    names = tuple(dict.fromkeys(str(span["region_name"]) for span in spans))
    head = spans[0]
    region = Found(
        code=code,
        name=names[0],
        level=str(head["region_level"]),
        province=str(head["province_name"] or ""),
        parent=str(head["parent_name"] or ""),
        former=names[1:],
    )
    return _Entry(region, frozenset(str(span["region_code"]) for span in spans), names)
