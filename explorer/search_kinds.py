"""What can be searched: the four kinds of text of a release, each as a query that gives its units.

A unit is what a hit is shown as: a section, a cited document, an item of problems or plans, the title of a report.
All kinds give the same columns, so that one index and one page serve them. Nothing is indexed or shown here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from explorer.releases import Release, Row

# Columns of every kind: document_id, unit_id, report_id, report_year, region_code, region_name, section_id, path,
# topic, part, place (offset in the text of the report), body (what is searched).
_SECTIONS = """
select
    document_id, section_id as unit_id, report_id, report_year, region_code, region_name, section_id, path, topic,
    part, char_start as place, coalesce(heading || chr(10), '') || text as body
from fct_section
where is_current
"""
_CITED = """
select
    document_id, citation_id as unit_id, report_id, report_year, region_code, region_name, section_id,
    cited_kind as path, topic, part, char_start as place,
    concat_ws(chr(10), cited_as, nullif(cited_number, ''), nullif(cited_number_raw, cited_number)) as body
from fct_cited_document
where is_current
"""
_ITEMS = """
select
    document_id, item_id as unit_id, report_id, report_year, region_code, region_name, section_id,
    section_path as path, topic, if(item_kind = 'problem', 'problems', item_kind) as part, char_start as place,
    text as body
from fct_report_item
where is_current
"""
_REPORTS = """
select
    document_id, report_id as unit_id, report_id, report_year, region_code, region_name, null as section_id,
    null as path, null as topic, null as part, 0 as place,
    concat_ws(chr(10), title, issuer, document_number) as body
from fct_report
"""

_DOCUMENTS = """
with unit as ({units})
select
    document_id,
    bit_xor(hash(unit_id, body, topic, part, report_year, region_code)) as digest
from unit
group by document_id
order by max(report_year) desc nulls last, max(region_code) nulls last, max(report_id), document_id
"""
_UNITS_OF = """
with unit as ({units})
select document_id, unit_id, report_year, region_code, topic, part, body
from unit
where document_id in (select unnest($documents))
order by document_id, unit_id
"""
_SHOWN = """
with unit as ({units}),

wanted as (
    select unnest($documents) as document_id, unnest($ids) as unit_id
)

select
    unit.*,
    coalesce(fct_section.char_start, unit.place) as section_start
from wanted
inner join unit on wanted.document_id = unit.document_id and wanted.unit_id = unit.unit_id
left join fct_section
    on unit.document_id = fct_section.document_id
    and unit.section_id = fct_section.section_id
    and fct_section.document_id in (select unnest($documents))
"""


@dataclass(frozen=True)
class Kind:
    """One kind of text.

    Attributes:
        name: as it stands in addresses, and in the name of its index.
        units: the query that gives its units.
    """

    name: str
    units: str

    def documents(self, release: Release) -> dict[str, str]:
        """Return the digest of each document that has such units: newest year first, then by region.

        The digest is another one when the units are: a document read anew by better rules is indexed anew.
        """

        def ask() -> dict[str, str]:
            return {row["document_id"]: str(row["digest"]) for row in release.rows(_DOCUMENTS.format(units=self.units))}

        return release.remember(("search.documents", self.name), ask)

    def units_of(self, release: Release, documents: Sequence[str]) -> list[Row]:
        """Return what is indexed of some documents, in a fixed order."""
        return release.rows(_UNITS_OF.format(units=self.units), {"documents": list(documents)})

    def shown(self, release: Release, keys: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], Row]:
        """Return what is shown of units, by document and unit."""
        asked = {"documents": [document for document, _ in keys], "ids": [unit for _, unit in keys]}
        rows = release.rows(_SHOWN.format(units=self.units), asked)
        return {(row["document_id"], row["unit_id"]): row for row in rows}


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
