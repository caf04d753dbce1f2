"""What can be searched: the four kinds of text of a release, each as a query that gives its units.

A unit is what a hit is shown as: a section, a cited document, an item of problems or plans, the title of a report.
All kinds give the same columns, so that one index and one page serve them. Nothing is indexed or shown here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from explorer.releases import Release, Row

# Columns of every kind: document_id, unit_id (its place on the page of the report), report_id, report_year,
# region_code, region_name, path, topic, part, body (what is searched).
_SECTIONS = """
select
    document_id, section_id as unit_id, report_id, report_year, region_code, region_name, path, topic, part,
    coalesce(heading || chr(10), '') || text as body
from fct_section
where is_current
"""
_CITED = """
select
    document_id, citation_id as unit_id, report_id, report_year, region_code, region_name, null as path, topic, part,
    concat_ws(chr(10), cited_as, nullif(cited_number, ''), nullif(cited_number_raw, cited_number)) as body
from fct_cited_document
where is_current
"""
_ITEMS = """
select
    document_id, item_id as unit_id, report_id, report_year, region_code, region_name, section_path as path, topic,
    if(item_kind = 'problem', 'problems', item_kind) as part, text as body
from fct_report_item
where is_current
"""
_REPORTS = """
select
    document_id, report_id as unit_id, report_id, report_year, region_code, region_name, null as path,
    null as topic, null as part, concat_ws(chr(10), title, issuer, document_number) as body
from fct_report
"""

_DOCUMENTS = """
with unit as ({units})
select
    document_id,
    max(report_year) as report_year,
    max(region_code) as region_code,
    bit_xor(hash(unit_id, report_id, report_year, region_code, region_name, path, topic, part, body)) as digest
from unit
group by document_id
order by max(report_year) desc nulls last, max(region_code) nulls last, max(report_id), document_id
"""
# Releases are written in the order of documents: a range of them is read without the rest.
_UNITS_OF = """
with unit as ({units})
select *
from unit
where document_id between $first and $last
order by document_id, unit_id
"""


@dataclass(frozen=True)
class Wanted:
    """A document that a release holds.

    Attributes:
        rank: its place among hits: newest year first, then by region.
        digest: of its units; another one when they are, because they were read anew by better rules.
        report_year: the year it is about.
        region_code: the division it is of.
    """

    rank: int
    digest: str
    report_year: int | None
    region_code: str | None


@dataclass(frozen=True)
class Kind:
    """One kind of text.

    Attributes:
        name: as it stands in addresses, and in the name of its index.
        units: the query that gives its units.
    """

    name: str
    units: str

    def documents(self, release: Release) -> Mapping[str, Wanted]:
        """Return the documents that have such units."""

        def ask() -> dict[str, Wanted]:
            rows = release.rows(_DOCUMENTS.format(units=self.units))
            return {
                row["document_id"]: Wanted(rank, str(row["digest"]), row["report_year"], row["region_code"])
                for rank, row in enumerate(rows)
            }

        return release.remember(("search.documents", self.name), ask)

    def units_of(self, release: Release, documents: Sequence[str]) -> Iterator[tuple[str, list[Row]]]:
        """Yield the units of some documents, in a fixed order; quick for ids that follow one another."""
        parameters = {"first": min(documents), "last": max(documents)}
        rows = release.rows(_UNITS_OF.format(units=self.units), parameters)
        chosen = set(documents)
        for name, units in groupby(rows, key=lambda row: str(row["document_id"])):
            if name in chosen:
                yield name, list(units)


# Small ones first: they are searchable at once.
KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("reports", _REPORTS),
        Kind("items", _ITEMS),
        Kind("cited", _CITED),
        Kind("text", _SECTIONS),
    )
}
