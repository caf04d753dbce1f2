"""Divisions by code, as the table of divisions last knew them: names, levels, and what lies in what.

Read once for each release. Which codes follow one another over the years is in ``region_line``; reports and numbers do
not belong here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.releases import Release
from explorer.web import NotFoundError

SQL = """
select region_code, region_name, region_level, region_level_zh, province_code, province_name, parent_code, parent_name,
       is_in_force, valid_from, valid_to, current_code, admin_superior_code, admin_superior_to
from dim_region
qualify row_number() over (partition by region_code order by valid_from desc) = 1
order by region_code
"""


@dataclass(frozen=True)
class Place:
    """A division in the last span of its code.

    Attributes:
        code: GB/T 2260 code.
        name: its last name.
        level: province, prefecture or county.
        level_zh: kind of division in Chinese.
        province_code, province_name: the province it lies in.
        parent_code, parent_name: the division above by the code table; None for provinces.
        is_in_force: whether the code is valid today.
        valid_from: first year of the span.
        valid_to: first year in which the span was over; None while in force.
        current_code: code in force on its main line; None when it ended without one.
        superior_code: government it reports to, where that is not its parent; None otherwise.
    """

    code: str
    name: str
    level: str
    level_zh: str
    province_code: str
    province_name: str
    parent_code: str | None
    parent_name: str | None
    is_in_force: bool
    valid_from: int
    valid_to: int | None
    current_code: str | None
    superior_code: str | None

    @property
    def path(self) -> str:
        """The names from the province down: "四川省 泸州市 江阳区"."""
        above = [self.province_name] if self.province_code != self.code else []
        if self.parent_name and self.parent_code != self.province_code:
            above.append(self.parent_name)
        return " ".join([*above, self.name])


Places = Mapping[str, Place]


def places_of(release: Release) -> Places:
    """Return every division that a release knows, by code, in the order of codes."""
    return release.remember("places", lambda: _ask(release))


def place_of(release: Release, code: str) -> Place:
    """Return a division.

    Raises:
        NotFoundError: the release knows no division of that code.
    """
    place = places_of(release).get(code)
    if place is None:
        raise NotFoundError(code)
    return place


def _ask(release: Release) -> Places:
    places = {}
    for row in release.rows(SQL):
        is_apart = row["admin_superior_code"] != row["parent_code"] and row["admin_superior_to"] is None
        places[row["region_code"]] = Place(
            code=row["region_code"],
            name=row["region_name"],
            level=row["region_level"],
            level_zh=row["region_level_zh"],
            province_code=row["province_code"],
            province_name=row["province_name"],
            parent_code=row["parent_code"],
            parent_name=row["parent_name"],
            is_in_force=row["is_in_force"],
            valid_from=row["valid_from"],
            valid_to=row["valid_to"],
            current_code=row["current_code"],
            superior_code=row["admin_superior_code"] if is_apart else None,
        )
    return places
