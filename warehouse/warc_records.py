"""Reading WARC files record by record, past damage: what can be read is read, what cannot is named with its place.

For files that others wrote, or that lay about for years; writing them is in ``warehouse.archive``. Nothing here
knows the ledger.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import mmap
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]
from warcio.bufferedreaders import ChunkedDataReader  # type: ignore[import-untyped]

GZIP_MAGIC = b"\x1f\x8b\x08"
VERSION_MARK = b"WARC/1."
MAX_RECORD_BYTES = 256 << 20
"""A record that is larger when decompressed is not read: no page or file of a portal is, but a bomb may be."""
SCANNED_BYTES = 1 << 16

HEADER_END = re.compile(rb"\r?\n\r?\n")  # Content-Length: 12 ⏎ ⏎
CONTENT_LENGTH = re.compile(rb"^content-length:\s*(\d+)\s*$", re.IGNORECASE | re.MULTILINE)  # Content-Length: 12
NEXT_RECORD = re.compile(rb"(?<=\n)WARC/1\.\d\r?\n")  # WARC/1.1


@dataclass(frozen=True)
class Damage:
    """A place that could not be read.

    Attributes:
        offset: byte offset in the file.
        reason: what is wrong there.
    """

    offset: int
    reason: str


@dataclass(frozen=True)
class Record:
    """A record that could be read.

    Attributes:
        offset: byte offset in the file of the record, or of the gzip member that holds it.
        length: bytes that it takes there.
        kind: ``response``, ``request``, ``warcinfo``, ``revisit`` and so on.
        url: the target address; empty for records without one.
        date: when it was made (aware).
        status: HTTP status; None when the record holds no HTTP answer.
        headers: HTTP headers.
        payload: body, free of transfer and content encoding; empty for records without one.
        declared_digest: as the record names it, such as ``sha256:ABC…``; None when it names none.
        digest_holds: whether the payload has that digest; None when nothing is declared or the kind is unknown.
        is_truncated: whether its writer said that the payload was cut off.
        ip_address: of the host, if known.
    """

    offset: int
    length: int
    kind: str
    url: str
    date: datetime
    status: int | None
    headers: tuple[tuple[str, str], ...]
    payload: bytes
    declared_digest: str | None
    digest_holds: bool | None
    is_truncated: bool
    ip_address: str | None


def read_records(path: Path) -> Iterator[Record | Damage]:
    """Yield the records of a plain or gzipped WARC file in order, and a :class:`Damage` where one cannot be read."""
    if path.stat().st_size == 0:
        yield Damage(0, "the file is empty")
        return
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        pieces = _members(data) if data[:2] == GZIP_MAGIC[:2] else _plain(data, 0)
        for piece in pieces:
            yield piece if isinstance(piece, Damage) else _parse(*piece)


def _members(data: mmap.mmap) -> Iterator[tuple[int, int, bytes] | Damage]:
    """The records of a gzipped file: each gzip member should hold one, but one may hold many."""
    position = 0
    while position < len(data):
        try:
            text, end = _inflate(data, position)
        except ValueError as error:
            yield Damage(position, str(error))
            position = _next_member(data, position + 1)
            continue
        inner = list(_plain(text, 0))
        if len(inner) == 1 and not isinstance(inner[0], Damage):
            yield position, end - position, inner[0][2]
        else:
            for piece in inner:
                if isinstance(piece, Damage):
                    yield Damage(position, piece.reason)
                else:
                    yield position, end - position, piece[2]
        position = end


def _inflate(data: mmap.mmap, start: int) -> tuple[bytes, int]:
    """Decompress the gzip member at an offset; return its text and the offset after it.

    Raises:
        ValueError: no whole member is there, or it is too large.
    """
    decompressor = zlib.decompressobj(zlib.MAX_WBITS | 16)
    parts: list[bytes] = []
    size, position = 0, start
    while not decompressor.eof:
        chunk = decompressor.unconsumed_tail or data[position : position + SCANNED_BYTES]
        if not decompressor.unconsumed_tail:
            position += len(chunk)
        if not chunk:
            raise ValueError("the last record is cut off")
        try:
            parts.append(decompressor.decompress(chunk, MAX_RECORD_BYTES + 1 - size))
        except zlib.error as error:
            raise ValueError(f"no gzip member: {error}") from error
        size += len(parts[-1])
        if size > MAX_RECORD_BYTES:
            raise ValueError(f"larger than {MAX_RECORD_BYTES:,} bytes when decompressed")
    return b"".join(parts), position - len(decompressor.unused_data)


def _next_member(data: mmap.mmap, start: int) -> int:
    """The next place where a gzip member begins that holds a WARC record; the end of the file when there is none."""
    found = data.find(GZIP_MAGIC, start)
    while found >= 0:
        try:
            head = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data[found : found + SCANNED_BYTES], 16)
        except zlib.error:
            head = b""
        if head.startswith(VERSION_MARK):
            return found
        found = data.find(GZIP_MAGIC, found + 1)
    return len(data)


def _plain(data: bytes | mmap.mmap, position: int) -> Iterator[tuple[int, int, bytes] | Damage]:
    """The records of plain WARC text."""
    while position < len(data):
        head = HEADER_END.search(data, position, position + SCANNED_BYTES)
        length = CONTENT_LENGTH.search(data[position : head.start()]) if head else None
        if data[position : position + len(VERSION_MARK)] != VERSION_MARK or head is None or length is None:
            yield Damage(position, "no WARC header")
        else:
            end = head.end() + int(length[1])
            if end <= len(data):
                yield position, end - position, bytes(data[position:end]) + b"\r\n\r\n"
                while data[end : end + 1] in {b"\r", b"\n"}:
                    end += 1
                position = end
                continue
            yield Damage(position, "the record is cut off")
        following = NEXT_RECORD.search(data, position + 1)
        position = following.start() if following else len(data)


def _parse(offset: int, length: int, text: bytes) -> Record | Damage:
    try:
        record = next(iter(ArchiveIterator(BytesIO(text), no_record_parse=False)))
        raw: bytes = record.raw_stream.read()
        return _record(offset, length, record, raw)
    except Exception as error:  # warcio lets many kinds escape on damaged input
        return Damage(offset, f"no readable record: {type(error).__name__}: {error}")


def _record(offset: int, length: int, record: Any, raw: bytes) -> Record:
    http = record.http_headers
    is_answer = http is not None and record.rec_type == "response"
    payload, variants = _payload(http, raw) if is_answer else (raw, [raw])
    declared = record.rec_headers.get_header("WARC-Payload-Digest")
    return Record(
        offset=offset,
        length=length,
        kind=record.rec_type,
        url=(record.rec_headers.get_header("WARC-Target-URI") or "").strip("<> "),
        date=_moment(record.rec_headers.get_header("WARC-Date")),
        status=int(http.get_statuscode()) if http is not None and record.rec_type in {"response", "revisit"} else None,
        headers=tuple((name, value) for name, value in http.headers) if http is not None else (),
        payload=payload,
        declared_digest=declared,
        digest_holds=_holds(declared, variants) if is_answer else None,
        is_truncated=record.rec_headers.get_header("WARC-Truncated") is not None,
        ip_address=record.rec_headers.get_header("WARC-IP-Address"),
    )


def _payload(http: Any, raw: bytes) -> tuple[bytes, list[bytes]]:
    """The body free of encodings, and the forms of it that writers of archives take digests of.

    Raises:
        ValueError: it cannot be decoded, or is too large when decoded.
    """
    body = raw
    variants = [raw]
    if (http.get_header("Transfer-Encoding") or "").strip().lower() == "chunked":
        body = ChunkedDataReader(BytesIO(raw), decomp_type=None).read(MAX_RECORD_BYTES + 1)
        variants.append(body)
    encoding = (http.get_header("Content-Encoding") or "").strip().lower()
    if encoding in {"gzip", "x-gzip", "deflate"}:
        body = _decompressed(body, encoding)
        variants.append(body)
    elif encoding not in {"", "identity"}:
        raise ValueError(f"content encoding {encoding!r} is not known here")
    if len(body) > MAX_RECORD_BYTES:
        raise ValueError(f"larger than {MAX_RECORD_BYTES:,} bytes when decoded")
    return body, variants


def _decompressed(body: bytes, encoding: str) -> bytes:
    windows = (zlib.MAX_WBITS | 16,) if "gzip" in encoding else (zlib.MAX_WBITS, -zlib.MAX_WBITS)
    for window in windows:
        decompressor = zlib.decompressobj(window)
        try:
            text = decompressor.decompress(body, MAX_RECORD_BYTES + 1)
        except zlib.error:
            continue
        if decompressor.eof or len(text) > MAX_RECORD_BYTES:
            return text
    # Some archives keep the header and store the body decoded; then the header is all that is left of the encoding.
    return body


def _moment(value: str | None) -> datetime:
    """The date of a record.

    Raises:
        ValueError: it has none, or no ISO one.
    """
    if not value:
        raise ValueError("no WARC-Date")
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def digest_of(body: bytes, declared: str) -> bool | None:
    """Whether a body has a declared digest (``sha1:`` or ``sha256:``, base 32 or hex); None for unknown kinds."""
    algorithm, _, value = declared.partition(":")
    name = algorithm.strip().lower().replace("-", "")
    if name not in {"sha1", "sha256", "md5"}:
        return None
    digest = hashlib.new(name, body, usedforsecurity=False).digest()
    value = value.strip()
    try:
        wanted = bytes.fromhex(value) if len(value) == 2 * len(digest) else base64.b32decode(value.upper())
    except (ValueError, binascii.Error):
        return False
    return wanted == digest


def _holds(declared: str | None, variants: list[bytes]) -> bool | None:
    if declared is None:
        return None
    results = [digest_of(body, declared) for body in variants]
    return None if None in results else True in results
