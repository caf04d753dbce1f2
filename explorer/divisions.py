"""Divisions as filters of lists: the code in an address, those that lie in it, and names to choose from.

What a division is, was and reported belongs to the pages on regions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from explorer.releases import Release
from explorer.web import BadParameterError, View

# "510500": code of a division
CODE = re.compile(r"[0-9]{6}")
PROVINCE_DIGITS = 2


def stem(code: str) -> str:
    """Return what the codes of all divisions in a division begin with: "510000" → "51", "510500" → "5105"."""
    while len(code) > PROVINCE_DIGITS and code.endswith("00"):
        code = code[:-2]
    return code


def asked_division(view: View, name: str = "region") -> str | None:
    """Return the code of the division that an address names; None when it names none.

    Raises:
        BadParameterError: it is no code, or that of no division.
    """
    code = view.text(name)
    if not code:
        return None
    if not CODE.fullmatch(code) or division_name(view.release, code) is None:
        raise BadParameterError(name, code)
    return code


def division_name(release: Release, code: str) -> str | None:
    """Return the name of a division, the newest of its names; None when there is no such code."""
    row = release.row(
        "select region_name from dim_region where region_code = $code order by valid_from desc nulls last limit 1",
        {"code": code},
    )
    return str(row["region_name"]) if row else None


def offered(release: Release, codes: Sequence[str | None], chosen: str | None) -> Mapping[str, str]:
    """Return name by code of the provinces that some divisions lie in, and of the one chosen."""
    provinces = {code[:PROVINCE_DIGITS].ljust(6, "0") for code in codes if code}
    rows = release.rows(
        """
        select region_code, arg_max(region_name, coalesce(valid_from, 0)) as region_name
        from dim_region
        where region_code in (select unnest($codes))
        group by region_code
        order by region_code
        """,
        {"codes": sorted(provinces | ({chosen} if chosen else set()))},
    )
    return {row["region_code"]: row["region_name"] for row in rows}
