"""The line of a government over the years: the codes it had, and which of them speaks for it in which year.

What the lines are is decided in the models (bridge_region); here one of them is followed. Reports and numbers do not
belong here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from explorer.region_places import Place
from explorer.releases import Release, Row

OF_CURRENT = """
select region_code, region_name, valid_from, valid_to
from bridge_region
where is_main_line and current_code = $code
order by valid_from desc, region_code
"""
OF_ITSELF = """
select region_code, region_name, valid_from, valid_to
from dim_region
where region_code = $code
order by valid_from desc
"""


@dataclass(frozen=True)
class Span:
    """Years in which a government of the line had a code and a name; ``valid_to`` is the first year after."""

    code: str
    name: str
    valid_from: int
    valid_to: int | None

    def holds(self, year: int) -> bool:
        """Whether it stood at the end of a year."""
        return self.valid_from <= year and (self.valid_to is None or year < self.valid_to)


@dataclass(frozen=True)
class Line:
    """A government through its codes.

    Attributes:
        code: the code whose page this is.
        current_code: the code in force that the line leads to; None when it ended.
        spans: every span on the line, newest first.
    """

    code: str
    current_code: str | None
    spans: tuple[Span, ...]

    @property
    def codes(self) -> list[str]:
        """The codes on the line, this page's first."""
        return list(dict.fromkeys([self.code, *(span.code for span in self.spans)]))

    def code_in(self, year: int) -> str | None:
        """Return the code that speaks for the government in a year.

        None where several units stood that became one later, or none: their numbers are not one series.
        """
        standing = {span.code for span in self.spans if span.holds(year)}
        if self.code in standing:
            return self.code
        return standing.pop() if len(standing) == 1 else None

    def name_in(self, code: str, year: int) -> str | None:
        """Return the name that a code had in a year; None when it did not stand."""
        return next((span.name for span in self.spans if span.code == code and span.holds(year)), None)

    def changes(self, years: Iterable[int]) -> list[int]:
        """Return the years in which another code speaks than those that stood the year before."""
        changes = []
        for year in years:
            before = {span.code for span in self.spans if span.holds(year - 1)}
            speaks = self.code_in(year)
            if before and speaks and speaks != self.code_in(year - 1):
                changes.append(year)
        return changes


def line_of(release: Release, place: Place) -> Line:
    """Return the line that a division is on."""
    if place.current_code is None:
        rows = release.rows(OF_ITSELF, {"code": place.code})
    else:
        rows = release.rows(OF_CURRENT, {"code": place.current_code})
    return to_line(place.code, place.current_code, rows)


def to_line(code: str, current_code: str | None, rows: Iterable[Row]) -> Line:
    """Return the line that spans make."""
    spans = (Span(row["region_code"], row["region_name"], row["valid_from"], row["valid_to"]) for row in rows)
    return Line(code, current_code, tuple(spans))
