"""Long lists in pages: which page an address asks for, and how many there are."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.web import View


@dataclass(frozen=True)
class Paging:
    """One page of a list.

    Attributes:
        name: the parameter of the address that counts the pages.
        number: this page, from 1.
        pages: how many there are, at least 1.
        count: rows in all.
        size: rows on a page.
    """

    name: str
    number: int
    pages: int
    count: int
    size: int

    @property
    def offset(self) -> int:
        """Rows on the pages before."""
        return (self.number - 1) * self.size


def paging(view: View, count: int, size: int, name: str = "page") -> Paging:
    """Return the page of a list that the address asks for, the first when it asks for none.

    Raises:
        BadParameterError: the list has no such page.
    """
    pages = max(1, -(-count // size))
    return Paging(name, view.number(name, range(1, pages + 1), 1) or 1, pages, count, size)
