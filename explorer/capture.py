"""Archived bytes: where they came from, where they lie, and the bytes themselves, so that nothing in them can run.

The release knows file, place and digest of the bytes of each version of a report. Reading the archive belongs to
``warehouse.archive``; what the bytes say, to reading.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from starlette.responses import Response

from explorer.releases import Release, Row
from explorer.web import NotFoundError, View, download, page_route
from warehouse.archive import ArchiveError, ArchiveFileMissingError, archive_file, read_record

# "text/html", "application/xhtml+xml", "application/json": shown as plain text; all else is a file to keep
READABLE = re.compile(r"text/|application/(?:[a-z.+-]*\+)?(?:xml|json|javascript)\b", re.IGNORECASE)
# "text/html; charset=gb2312" · <meta charset="utf-8">
CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
SEARCHED_FOR_CHARSET = 2_048
"""Bytes at the beginning of a page among which its own statement of its characters stands."""
SEALED = {
    # The bytes of strangers: no script, no form, no plug-in, no request to anywhere, no origin of ours.
    "content-security-policy": (
        "sandbox; default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "x-content-type-options": "nosniff",
}


@dataclass(frozen=True)
class Capture:
    """What a release knows of archived bytes.

    Attributes:
        capture_id: its id.
        versions: rows of ``fct_report_version`` that were read from it.
        attempt: the first attempt of the crawl that brought it; None when the release has none.
        attempt_count: attempts that brought these very bytes.
    """

    capture_id: str
    versions: tuple[Row, ...]
    attempt: Row | None
    attempt_count: int

    @property
    def place(self) -> tuple[str, int, str] | None:
        """File in the archive, offset and SHA-256 of the bytes; None when the release does not say."""
        for row in self.versions:
            # Releases made before this was said in them are still looked at.
            if row.get("warc_file") is not None and row["warc_offset"] is not None:
                return row["warc_file"], row["warc_offset"], row["content_sha256"]
        return None

    @property
    def url(self) -> str:
        """The address they came from."""
        return str((self.versions[0] if self.versions else self.attempt or {}).get("url") or "")


def find_capture(release: Release, capture_id: str) -> Capture:
    """Return what a release knows of a capture.

    Raises:
        NotFoundError: nothing.
    """
    named = {"id": capture_id}
    versions = release.rows(
        "select * from fct_report_version where capture_id = $id order by report_id, version", named
    )
    attempts = release.rows(
        """
        select url, kind, outcome, http_status, payload_bytes, started_at, run_id, source_id
        from fct_crawl_outcome
        where capture_id = $id
        order by started_at, attempt_id
        """,
        named,
    )
    if not versions and not attempts:
        raise NotFoundError(capture_id)
    return Capture(capture_id, tuple(versions), attempts[0] if attempts else None, len(attempts))


def capture_page(view: View) -> Response:
    """Return what is known of archived bytes."""
    return _page(view, find_capture(view.release, view.path("capture_id")), None)


def raw_page(view: View) -> Response:
    """Return the bytes as archived: what can be read as plain text, anything else as a file to keep."""
    capture = find_capture(view.release, view.path("capture_id"))
    if capture.place is None:
        return _page(view, capture, "unplaced")
    try:
        payload, headers = read_record(view.site.archive, *capture.place)
    except ArchiveFileMissingError:
        return _page(view, capture, "missing")
    except ArchiveError:
        return _page(view, capture, "damaged")
    return sealed(payload, headers.get("content-type", ""), capture.capture_id)


def sealed(payload: bytes, content_type: str, name: str) -> Response:
    """Return the bytes of a stranger so that a browser shows or keeps them, and runs nothing of them."""
    if not READABLE.match(content_type.strip()):
        answer = download(payload, f"{name}.bin", "application/octet-stream")
    else:
        charset = _charset(payload, content_type)
        declared = f"text/plain; charset={charset}" if charset else "text/plain"
        answer = Response(payload, headers={"content-type": declared})
    answer.headers.update(SEALED)
    return answer


def _charset(payload: bytes, content_type: str) -> str | None:
    """Return the characters that the answer, or the page itself, claims to be in; None when that is no known set."""
    head = payload[:SEARCHED_FOR_CHARSET].decode("ascii", "replace")
    for claimed in (CHARSET.search(content_type), CHARSET.search(head)):
        if claimed:
            try:
                return codecs.lookup(claimed[1]).name
            except LookupError:
                continue
    return None


def _page(view: View, capture: Capture, problem: str | None) -> Response:
    if problem is None and capture.place is None:
        problem = "unplaced"
    elif problem is None and capture.place is not None:
        try:
            archive_file(view.site.archive, capture.place[0])
        except ArchiveFileMissingError:
            problem = "missing"
    is_raw = view.request.url.path.endswith("/raw")
    return view.page("capture.html", status=404 if is_raw else 200, capture=capture, problem=problem)


ROUTES = (
    page_route("/capture/{capture_id}", capture_page),
    page_route("/capture/{capture_id}/raw", raw_page),
)
