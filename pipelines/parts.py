"""Reads one dossier into rows: each version of an article with its further pages, or the file that holds its text.

What belongs to a dossier is decided in ``dossiers``; loading is handed in. Whatever goes wrong on one capture becomes
an issue of that capture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from pipelines.cleaning.attachments.names import anchor_of, file_name
from pipelines.cleaning.encoding import decode
from pipelines.dossiers import Dossier, parts_of
from pipelines.extraction.documents import SHORT_BODY
from pipelines.model import Document, Issue, Page, Reading
from pipelines.reading import failure_of, read
from pipelines.reference import load_reference
from pipelines.rows import Rows, Versions, failure_rows, part_rows, reading_rows
from warehouse.ledger import CaptureRow, SourceRow

FAILURE_KIND = "reading_failed"
FILE_CONTAINER = "attachment:"
"""How the container of a document begins whose text is that of a file."""

Response = tuple[bytes, dict[str, str]]
Load = Callable[[CaptureRow], Response]


def page_of(capture: CaptureRow, source: SourceRow, content: bytes) -> Page:
    """Return the input of reading: a capture's bytes with what ledger and registry know about them."""
    return Page(
        name=capture.capture_id,
        content=content,
        content_type=capture.content_type,
        url=capture.url,
        capture_id=capture.capture_id,
        source_id=capture.source_id,
        family=source.family,
        source_region_code=source.region_code,
        source_owner=source.owner,
        list_title=capture.list_title,
        list_date=capture.list_date,
        fetched_at=capture.fetched_at,
    )


def read_dossier(dossier: Dossier, source: SourceRow, versions: Versions, load: Load) -> Rows:
    """Read all versions of an article, or of a file that stands alone.

    Args:
        dossier: the captures.
        source: the portal they come from.
        versions: of cleaner and extractor, for the rows.
        load: gives the bytes and headers of a capture.

    Returns:
        The rows of every capture of the dossier; each has one row in read_state.
    """
    return _Reader(dossier, source, versions, load).run()


def body_length(document: Document) -> int:
    """Characters of the report proper."""
    if document.body_first_line is None or document.body_last_line is None:
        return 0
    return sum(map(len, document.text.split("\n")[document.body_first_line - 1 : document.body_last_line]))


@dataclass
class _Reader:
    """Reads the versions from the newest to the oldest, so that a part goes with the newest version it fits."""

    dossier: Dossier
    source: SourceRow
    versions: Versions
    load: Load
    rows: Rows = field(default_factory=Rows)
    done: set[str] = field(default_factory=set)
    bodies: set[str] = field(default_factory=set)

    def run(self) -> Rows:
        newer: CaptureRow | None = None
        for version in self.dossier.versions:
            try:
                self._read_version(version, newer)
            except Exception as error:
                self._note(version, _failed(version, error))
            newer = version
        for part in (*self.dossier.continuations, *self.dossier.attachments):
            self._note(part, _left_over(part))
        return self.rows

    def _add(self, capture: CaptureRow, rows: Rows) -> None:
        """Take the rows of a capture, once."""
        if capture.capture_id not in self.done:
            self.done.add(capture.capture_id)
            self.rows.add(rows)

    def _note(self, capture: CaptureRow, issue: Issue) -> None:
        rows = failure_rows(
            issue,
            capture_id=capture.capture_id,
            source_id=capture.source_id,
            url=capture.url,
            versions=self.versions,
        )
        self._add(capture, rows)

    def _page(self, capture: CaptureRow) -> Page:
        content, headers = self.load(capture)
        name = file_name(headers.get("content-disposition"), None, capture.url)
        return replace(page_of(capture, self.source, content), file_name=name)

    def _read_version(self, version: CaptureRow, newer: CaptureRow | None) -> None:
        page = self._page(version)
        joined = list(self._further(version, newer))
        page = replace(page, further=tuple(part for _, part in joined))
        reading = read(page, load_reference())
        if version.kind == "attachment":
            failure = failure_of(reading) or _web_page(reading)
            if failure:
                self._note(version, failure)
            else:
                self._add(version, reading_rows(reading, self.versions))
            return
        files = parts_of(version, newer, self.dossier.attachments)
        if files and body_length(reading.document) < SHORT_BODY and self._read_files(version, page, reading, files):
            return
        self._add(version, reading_rows(reading, self.versions))
        for capture, _ in joined:
            self._add(capture, part_rows(capture.capture_id, reading.document.document_id, self.versions))

    def _further(self, version: CaptureRow, newer: CaptureRow | None) -> Iterator[tuple[CaptureRow, Page]]:
        """Yield the further pages of a version; one that cannot be loaded becomes an issue."""
        for capture in parts_of(version, newer, self.dossier.continuations):
            try:
                yield capture, self._page(capture)
            except Exception as error:
                self._note(capture, _failed(capture, error))

    def _read_files(self, version: CaptureRow, article: Page, stub: Reading, files: list[CaptureRow]) -> bool:
        """Read the files of an article that has hardly a text of its own; whether one of them is its text."""
        if all(file.capture_id in self.bodies for file in files):
            self._note(version, _in_file(files[0]))
            return True
        found: list[tuple[CaptureRow, Reading]] = []
        for file in files:
            if file.capture_id in self.done:
                continue
            try:
                reading = read(self._file_page(file, version, article), load_reference())
            except Exception as error:
                self._note(file, _failed(file, error))
                continue
            failure = failure_of(reading) or _web_page(reading)
            if failure:
                self._note(file, failure)
            else:
                found.append((file, reading))
        if not found:
            return False
        capture, best = max(found, key=lambda each: (each[1].document.is_annual_report, body_length(each[1].document)))
        if body_length(best.document) <= body_length(stub.document):
            return False
        message = "the text is that of a file which the page links"
        pointer = Issue("read", "info", "text_from_attachment", message, value=capture.url)
        self._add(capture, reading_rows(replace(best, issues=(*best.issues, pointer)), self.versions))
        self.bodies.add(capture.capture_id)
        self._note(version, _in_file(capture))
        return True

    def _file_page(self, file: CaptureRow, version: CaptureRow, article: Page) -> Page:
        """The file as the text of its article: at the article's address, with the article's title and date."""
        content, headers = self.load(file)
        markup = decode(article.content, article.content_type).text
        anchor = anchor_of(markup, version.url, file.url)
        return replace(
            page_of(file, self.source, content),
            url=version.url,
            list_title=version.list_title or file.list_title,
            list_date=version.list_date or file.list_date,
            file_name=file_name(headers.get("content-disposition"), anchor, file.url),
            article=article,
        )


def _web_page(reading: Reading) -> Issue | None:
    """The issue of a short web page where a file was to be: most say that the file is gone."""
    document = reading.document
    if document.container.startswith(FILE_CONTAINER) or body_length(document) >= SHORT_BODY:
        return None
    message = "a web page or text of a few words came in the place of the file"
    return Issue("clean", "error", "attachment_unparsed", message, value="page:no_file")


def _failed(capture: CaptureRow, error: Exception) -> Issue:
    message = f"{type(error).__name__}: {error}"
    return Issue("read", "error", FAILURE_KIND, message, value=capture.url)


def _in_file(file: CaptureRow) -> Issue:
    message = "the page has no text of its own; the document is that of its file"
    return Issue("read", "info", "body_in_attachment", message, value=file.url)


def _left_over(part: CaptureRow) -> Issue:
    """The issue of a part that is archived but in no document; it names the page that the part belongs to."""
    if part.kind == "continuation":
        message = "the report goes on at this address, whose text is not part of a document"
        return Issue("read", "warn", "continuation_not_read", message, value=part.list_url)
    message = "a file beside the text of its page is kept in the archive and not read"
    return Issue("read", "info", "attachment_not_read", message, value=part.list_url)
