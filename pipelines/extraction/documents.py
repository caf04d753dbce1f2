"""A cleaned page read as a document: kind, region, year, issuer and the fields of the letter; a pure composition."""

from __future__ import annotations

from pipelines.cleaning.letter import signature_name
from pipelines.cleaning.page import CleanedPage
from pipelines.cleaning.script import to_simplified
from pipelines.extraction.issuers import Issuer, IssuerClues, find_issuer, normalise_addressee
from pipelines.extraction.kinds import REPORT_KINDS, UNOFFICIAL_KINDS, KindTable, classify, load_kinds
from pipelines.extraction.regions import RegionTable
from pipelines.extraction.subjects import RegionClues, Statement, find_region
from pipelines.extraction.years import ReportYear, find_report_year, year_of_title, years_named
from pipelines.model import Document, Issue, Page, Region

BODIES_THAT_PUBLISH = ("人民政府", "街道办事处", "管理委员会")
"""A source (信息来源) that ends so names the body the report is about; newspapers and offices name none."""
SITE_ID_TAG = "siteidcode"
EARLIEST_LAG_DAYS = 400
"""A publication this many days after the signature is worth a look; one before it is wrong."""
ARTICLE_TITLE_SOURCES = frozenset(("meta", "header_table", "list"))
"""Where only articles have titles; list pages have headings and page titles too."""
SHORT_BODY = 300
"""A report with fewer characters holds an attachment or a stub, not the report itself."""


def _simplified(text: str | None) -> str | None:
    return to_simplified(text).text if text else None


def _signature(cleaned: CleanedPage) -> tuple[str | None, str | None]:
    """The signing bodies in original and Simplified wording."""
    numbers = cleaned.letter.signature_lines
    if not numbers:
        return None, None
    original = "、".join(signature_name(cleaned.original_line(number)) for number in numbers)
    plain = "、".join(signature_name(cleaned.simplified_lines[number - 1]) for number in numbers)
    return original, plain


def _region(
    page: Page, cleaned: CleanedPage, table: RegionTable, title: str | None, signature: str | None, year: int | None
) -> tuple[Region | None, list[Issue]]:
    header = cleaned.field_value("issuer")
    source = cleaned.field_value("source")
    named_source = source if source and source.endswith(BODIES_THAT_PUBLISH) else None
    stated = (("title", title), ("signature", signature), ("issuer", header), ("source", named_source))
    statements = [Statement(evidence, text) for evidence, text in stated if text]
    context = [
        text
        for text in (
            title,
            header,
            signature,
            cleaned.letter.addressee,
            source,
            cleaned.site_name,
            cleaned.meta.get("contentsource"),
            page.source_owner,
            cleaned.html_title,
            *cleaned.breadcrumb,
        )
        if text
    ]
    clues = RegionClues(
        statements=tuple(statements),
        context=tuple(to_simplified(text).text for text in context),
        body="\n".join(cleaned.body_lines()),
        registry_code=page.source_region_code,
        site_id_code=cleaned.meta.get(SITE_ID_TAG),
        index_number=cleaned.field_value("index_number"),
        addressee=cleaned.letter.addressee,
        year=year,
    )
    return find_region(table, clues)


def _date_issues(cleaned: CleanedPage) -> list[Issue]:
    """Compare publication with signature: no letter is published before it is signed."""
    published, signed = cleaned.publication_date, cleaned.letter.signature_date
    if published is None or signed is None:
        return []
    lag = (published - signed).days
    if lag < 0:
        message = f"published {published}, signed {signed}"
        return [Issue("read", "warn", "published_before_signed", message, value=published.isoformat())]
    if lag > EARLIEST_LAG_DAYS:
        message = f"published {lag} days after the signature"
        return [Issue("read", "info", "published_long_after_signed", message, value=published.isoformat())]
    return []


def _issuer_in_original(issuer: Issuer, cleaned: CleanedPage, signature: str | None) -> str | None:
    """The stated body in the page's own characters."""
    if issuer.stated is None or cleaned.script == "Hans":
        return issuer.stated
    if issuer.stated_source == "signature":
        return signature
    if issuer.stated_source == "title" and cleaned.title:
        return cleaned.title.text[: len(issuer.stated)]
    return issuer.stated


def read_document(
    page: Page, cleaned: CleanedPage, regions: RegionTable, kinds: KindTable | None = None
) -> tuple[Document, list[Issue]]:
    """Read a cleaned page as a document.

    Args:
        page: the captured page with what the crawl knows.
        cleaned: the same page after ``clean_page``.
        regions: the table of divisions.
        kinds: the rules for kinds; the project's own by default.

    Returns:
        The document, whose unstated fields are None, and all issues of cleaning and reading.
    """
    letter = cleaned.letter
    body = cleaned.body_lines()
    title = _simplified(cleaned.title.text) if cleaned.title else None
    # A title stated for the article itself (not found on the page) cannot be that of a list.
    stated = cleaned.title is not None and cleaned.title.source in ARTICLE_TITLE_SOURCES
    entries = 0 if stated else cleaned.list_entries
    kind = classify(kinds or load_kinds(), title, body or cleaned.simplified_lines, entries)
    issues = list(cleaned.issues)

    report_year = ReportYear(None, None)
    if kind.kind in REPORT_KINDS:
        report_year = find_report_year(title, body, cleaned.publication_date, letter.signature_date)
        issues += report_year.issues
    signature, plain_signature = _signature(cleaned)
    year = report_year.year or _document_year(cleaned, title)
    region, region_issues = _region(page, cleaned, regions, title, plain_signature, year)
    issues += region_issues + _date_issues(cleaned)
    issuer = find_issuer(
        IssuerClues(
            title=title,
            signature=plain_signature,
            header=cleaned.field_value("issuer"),
            owner=page.source_owner,
            body="\n".join(body),
            region=region,
            speaks_officially=kind.kind not in UNOFFICIAL_KINDS,
        )
    )
    if kind.is_annual_report and sum(map(len, body)) < SHORT_BODY:
        issues.append(Issue("read", "warn", "short_body", "too short for a report; perhaps an attachment holds it"))
    number = cleaned.document_number
    document = Document(
        document_id=page.document_id,
        text=cleaned.text,
        is_annual_report=kind.is_annual_report,
        doc_type=kind.kind,
        doc_type_reason=kind.reason,
        title=cleaned.title.text if cleaned.title else None,
        title_source=cleaned.title.source if cleaned.title else None,
        title_simplified=title,
        html_title=cleaned.html_title,
        site_name=cleaned.site_name,
        region=region,
        report_year=report_year.year,
        report_year_source=report_year.source,
        issuing_body=_issuer_in_original(issuer, cleaned, signature),
        issuing_body_inferred=issuer.inferred,
        issuer_type=issuer.issuer_type,
        document_number=number.text if number else None,
        document_number_raw=number.raw if number else None,
        index_number=cleaned.field_value("index_number"),
        publication_date=cleaned.publication_date,
        publication_date_source=cleaned.publication_date_source,
        generated_date=cleaned.generated_date,
        addressee=_addressee(cleaned),
        addressee_normalized=normalise_addressee(letter.addressee, region) if letter.addressee else None,
        signature_body=signature,
        signature_date=letter.signature_date,
        validity=cleaned.field_value("validity"),
        script=cleaned.script,
        encoding=cleaned.encoding,
        body_first_line=letter.first_line,
        body_last_line=letter.last_line,
        container=cleaned.container,
    )
    return document, issues


def _addressee(cleaned: CleanedPage) -> str | None:
    """The addressee in the page's own characters, without the colon."""
    if cleaned.letter.addressee_line is None:
        return None
    return cleaned.original_line(cleaned.letter.addressee_line).rstrip(":： ").strip()


def _document_year(cleaned: CleanedPage, title: str | None) -> int | None:
    """A year for looking up names in documents that report on none: of title, publication, signature or opening."""
    if title and (named := year_of_title(title)):
        return named
    for day in (cleaned.publication_date, cleaned.letter.signature_date, cleaned.generated_date):
        if day:
            return day.year
    named_in_body = [year for line in cleaned.body_lines()[:40] for year in years_named(line)]
    return max(set(named_in_body), key=named_in_body.count) if named_in_body else None
