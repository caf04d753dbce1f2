"""Reports: the list of them, one with every number marked in its text, and the way from a number to its sentence.

Parameters in, pages out. What is asked of the release is in ``report_data`` and ``report_panel``, how the text is cut
in ``report_text``; two versions beside each other are in ``report_diff``, archived bytes in ``capture``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from explorer import capture, report_diff
from explorer.releases import Release, Row
from explorer.report_data import (
    STANDINGS,
    Document,
    Number,
    document_of,
    report_row,
    topic_names,
    version_named,
    versions_of,
)
from explorer.report_panel import panel_of
from explorer.report_text import shown_sections
from explorer.web import BadParameterError, NotFoundError, View, page_route

PAGE_LENGTH = 50
TIMELINESS = ("on_time", "late", "undated")
# "350000", "3501": a code of GB/T 2260, or its beginning
REGION_CODE = re.compile(r"\d{2,6}")
# "350000" is all of the province, "350100" all of the prefecture
EMPTY_LEVELS = re.compile(r"(?:00){1,2}$")
# "http://www.example.gov.cn/art/1.html": all other schemes are shown as text
WEB_ADDRESS = re.compile(r"https?://", re.IGNORECASE)

_LIST_COLUMNS = (
    "report_id",
    "report_year",
    "region_code",
    "region_name",
    "province_name",
    "issuer_type",
    "issuer",
    "title",
    "published_on",
    "deadline_on",
    "timeliness",
    "days_after_deadline",
    "observation_count",
    "char_count",
    "version_count",
    "is_withdrawn",
    "url",
)
_LIST_WHERE = """
    where ($code is null or starts_with(region_code, $code))
        and (
            $name is null
            or contains(region_name, $name) or contains(province_name, $name) or contains(issuer, $name)
        )
        and ($year is null or report_year = $year)
        and ($issuer_type is null or issuer_type = $issuer_type)
        and ($timeliness is null or coalesce(timeliness, 'undated') = $timeliness)
"""


def is_web_address(url: str | None) -> bool:
    """Whether an address may become a link."""
    return bool(url and WEB_ADDRESS.match(url))


@dataclass(frozen=True)
class ListChoices:
    """What the list of reports can be narrowed down by."""

    years: list[int]
    issuer_types: list[str]


def _choices(release: Release) -> ListChoices:
    def ask() -> ListChoices:
        years = release.rows(
            "select distinct report_year as each from fct_report where each is not null order by 1 desc"
        )
        types = release.rows(
            "select issuer_type as each from fct_report where each is not null group by 1 order by count(*) desc, 1"
        )
        return ListChoices([row["each"] for row in years], [row["each"] for row in types])

    return release.remember("report.choices", ask)


def list_page(view: View) -> Response:
    """Return the list of reports, or the whole of it as a CSV file."""
    choices = _choices(view.release)
    filters = _filters(view, choices)
    as_csv = view.choice("format", ("page", "csv"), "page") == "csv"
    # The filters stand as parameters; the columns are those above.
    chosen = f"select {', '.join(_LIST_COLUMNS)} from fct_report {_LIST_WHERE}"  # noqa: S608
    in_order = f"{chosen} order by published_on desc nulls last, report_year desc, report_id"
    if as_csv:
        return view.csv("reports", view.release.rows(in_order, filters), _LIST_COLUMNS)
    counts = view.release.row(f"select count(*) as found from fct_report {_LIST_WHERE}", filters)  # noqa: S608
    found = counts["found"] if counts else 0
    page_count = max(1, -(-found // PAGE_LENGTH))
    page = view.number("page", range(1, page_count + 1), 1) or 1
    rows = view.release.rows(
        f"{in_order} limit $limit offset $offset",
        {**filters, "limit": PAGE_LENGTH, "offset": (page - 1) * PAGE_LENGTH},
    )
    return view.page(
        "reports.html",
        reports=rows,
        found=found,
        of_all=_report_count(view.release),
        page_number=page,
        page_count=page_count,
        first=(page - 1) * PAGE_LENGTH + 1,
        choices=choices,
        timeliness=TIMELINESS,
        asked={name: view.text(name) for name in ("region", "year", "issuer_type", "timeliness")},
    )


def _filters(view: View, choices: ListChoices) -> dict[str, Any]:
    region = view.text("region")
    is_code = REGION_CODE.fullmatch(region) is not None
    issuer_type, timeliness = view.text("issuer_type"), view.text("timeliness")
    if issuer_type and issuer_type not in choices.issuer_types:
        raise BadParameterError("issuer_type", issuer_type)
    if timeliness and timeliness not in TIMELINESS:
        raise BadParameterError("timeliness", timeliness)
    return {
        "code": EMPTY_LEVELS.sub("", region) if is_code else None,
        "name": region if region and not is_code else None,
        "year": view.number("year", choices.years),
        "issuer_type": issuer_type or None,
        "timeliness": timeliness or None,
    }


def _report_count(release: Release) -> int:
    return release.remember("report.count", lambda: int(release.rows("select count(*) as n from fct_report")[0]["n"]))


def report_page(view: View) -> Response:
    """Return the text of a report with its numbers."""
    report = report_row(view.release, view.path("report_id"))
    versions = versions_of(view.release, report["report_id"])
    version = version_named(versions, view.text("version") or report["document_id"])
    document = document_of(view.release, version.document_id)
    chosen = _chosen(view, document)
    shown_standings = view.texts("show") or list(STANDINGS)
    unknown = next((each for each in shown_standings if each not in STANDINGS), None)
    if unknown is not None:
        raise BadParameterError("show", unknown)
    shown = [each for each in document.numbers if each.standing in shown_standings or each is chosen]
    counts = {standing: sum(each.standing == standing for each in document.numbers) for standing in STANDINGS}
    return view.page(
        "report.html",
        report=report,
        version=version,
        versions=versions,
        document=document,
        sections=shown_sections(document, shown, chosen),
        shown=shown,
        shown_standings=shown_standings,
        counts={standing: count for standing, count in counts.items() if count},
        panel=panel_of(view.release, version.document_id, document, chosen) if chosen else None,
        topics=topic_names(view.release),
        is_web_address=is_web_address,
        kept={name: view.text(name) for name in ("version", "obs", "lang", "release") if view.text(name)},
    )


def _chosen(view: View, document: Document) -> Number | None:
    asked = view.text("obs")
    if not asked:
        return None
    found = next((number for number in document.numbers if number.observation_id == asked), None)
    if found is None:
        raise NotFoundError(asked)
    return found


def evidence_page(view: View) -> Response:
    """Lead from a number to its sentence: the report, in that version, with the number marked."""
    found: Row | None = view.release.row(
        """
        select report_id
        from fct_observation
        where document_id = $document and observation_id = $observation and report_id is not null
        """,
        {"document": view.path("document_id"), "observation": view.path("observation_id")},
    )
    if found is None:
        raise NotFoundError(f"{view.path('document_id')}/{view.path('observation_id')}")
    observation = view.path("observation_id")
    address = view.link(
        f"/report/{found['report_id']}",
        version=view.path("document_id"),
        obs=observation,
    )
    return RedirectResponse(f"{address}#{anchor('n', observation)}")


def anchor(kind: str, name: str) -> str:
    """Return the name of a place on the page of a report, fit for an address."""
    return quote(f"{kind}-{name}", safe="")


ROUTES = (
    page_route("/reports", list_page),
    page_route("/evidence/{document_id}/{observation_id}", evidence_page),
    *capture.ROUTES,
    *report_diff.ROUTES,
    page_route("/report/{report_id:path}", report_page),
)
