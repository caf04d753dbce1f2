"""The archive: every response as a record of a WARC file, written once and never changed.

Writing, mending after a crash and reading back belong here. Which response is worth a capture is the crawl's
business, where a capture lies is written down in the ledger, and what the bytes mean is for reading to find out.

A file is called ``….warc.gz.open`` while it is written and loses that ending when it is complete, so a file
that still has it at the next start was left by a killed process: its whole records are kept, its torn tail is
set aside in a ``.torn`` file. The body is kept free of Content-Encoding and Transfer-Encoding; those headers are
kept under ``X-Archive-Orig-`` names, as other archives do.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import os
import re
import string
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]
from warcio.statusandheaders import StatusAndHeaders  # type: ignore[import-untyped]
from warcio.warcwriter import WARCWriter  # type: ignore[import-untyped]

from warehouse.ledger import CaptureRow
from warehouse.paths import Home

GZIP_LEVEL = 4
"""Pages of text take 2 % more room than at the highest level and two thirds of the time."""
OPEN_SUFFIX = ".open"
TORN_SUFFIX = ".torn"
WARC_SUFFIX = ".warc.gz"
MAX_FILE_BYTES = 1 << 30
"""A file is closed and the next begun when it has grown past this size."""

RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")  # 20261122T180000-3f2a
ENCODING_HEADERS = frozenset({"content-encoding", "transfer-encoding", "content-length"})
NOT_MODIFIED_PROFILE = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"

Headers = tuple[tuple[str, str], ...]


class ArchiveError(Exception):
    """The archive does not hold what the ledger says, or may not be written now."""


class ArchiveFileMissingError(ArchiveError):
    """A file of the archive is not where it should be."""


@dataclass(frozen=True)
class Exchange:
    """One HTTP request and its answer.

    Attributes:
        url: the address asked.
        fetched_at: when the answer had arrived (aware).
        status: HTTP status.
        body: payload, without transfer and content encoding; empty for a 304.
        request_headers: as sent; empty when the request is not known.
        response_headers: as received.
        method: HTTP method.
        reason: the status line's phrase.
        ip_address: the host's address, if known.
    """

    url: str
    fetched_at: datetime
    status: int
    body: bytes
    request_headers: Headers = ()
    response_headers: Headers = ()
    method: str = "GET"
    reason: str = ""
    ip_address: str | None = None
    payload_sha256: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "payload_sha256", hashlib.sha256(self.body).hexdigest())


@dataclass(frozen=True)
class Location:
    """Where a record lies: file name inside the archive folder, byte offset, byte length."""

    warc_file: str
    offset: int
    length: int


def _digest_label(sha256_hex: str) -> str:
    return "sha256:" + base64.b32encode(bytes.fromhex(sha256_hex)).decode()


def _warc_date(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _stored_headers(exchange: Exchange) -> list[tuple[str, str]]:
    stored = [
        (f"X-Archive-Orig-{name}" if name.lower() in ENCODING_HEADERS else name, value)
        for name, value in exchange.response_headers
    ]
    return [*stored, ("Content-Length", str(len(exchange.body)))]


def _request_path(url: str) -> str:
    without_scheme = url.split("://", 1)[-1]
    slash = without_scheme.find("/")
    path = without_scheme[slash:].split("#", 1)[0] if slash >= 0 else "/"
    return quote(path, safe=string.punctuation)


def end_of_whole_records(path: Path) -> int:
    """Return the offset after the last complete gzip member of a file (0 when there is none)."""
    whole = position = 0
    decompressor = zlib.decompressobj(zlib.MAX_WBITS | 16)
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 16):
            while chunk:
                try:
                    decompressor.decompress(chunk)
                except zlib.error:
                    return whole
                rest = decompressor.unused_data
                position += len(chunk) - len(rest)
                if not decompressor.eof:
                    break
                whole = position
                decompressor = zlib.decompressobj(zlib.MAX_WBITS | 16)
                chunk = rest
    return whole


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def mend_unfinished_files(folder: Path) -> list[Path]:
    """Close the files that killed processes left open; only the holder of the archive's lock may call this.

    Args:
        folder: the archive folder.

    Returns:
        The ``.torn`` files that now hold torn tails, if any.
    """
    torn: list[Path] = []
    for path in sorted(folder.glob(f"*{WARC_SUFFIX}{OPEN_SUFFIX}")):
        final = path.with_name(path.name.removesuffix(OPEN_SUFFIX))
        whole = end_of_whole_records(path)
        if whole < path.stat().st_size:
            with path.open("r+b") as stream:
                stream.seek(whole)
                aside = final.with_name(final.name + TORN_SUFFIX)
                aside.write_bytes(stream.read())
                stream.truncate(whole)
                stream.flush()
                os.fsync(stream.fileno())
            torn.append(aside)
        if whole:
            path.rename(final)
        else:
            path.unlink()
    if folder.is_dir():
        _sync_folder(folder)
    return torn


@contextmanager
def archive_lock(folder: Path) -> Iterator[None]:
    """Hold the right to write into the archive; the kernel frees it when the process dies.

    Raises:
        ArchiveError: another process holds it; its process id is in the message.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / ".lock"
    with path.open("a+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            stream.seek(0)
            holder = stream.read().strip() or "unknown"
            raise ArchiveError(f"another crawl (process {holder}) is writing to {folder}") from error
        stream.truncate(0)
        stream.write(str(os.getpid()))
        stream.flush()
        yield


class ArchiveWriter:
    """Appends records to the WARC files of one run; the first file is begun with the first record.

    Args:
        folder: the archive folder.
        run_id: names the files; letters, digits, dot, dash and underscore.
        software: name and version for the ``warcinfo`` record.
        max_file_bytes: size after which the next file is begun.
        sync_each: whether each record is on the disk when it was written; otherwise :meth:`sync` sees to it, and
            must have done so before anything speaks of the record.

    Raises:
        ValueError: the run id cannot name a file.
    """

    def __init__(
        self,
        folder: Path,
        run_id: str,
        *,
        software: str,
        max_file_bytes: int = MAX_FILE_BYTES,
        sync_each: bool = True,
    ) -> None:
        if not RUN_ID.fullmatch(run_id):
            raise ValueError(f"run id {run_id!r} cannot name a file: use letters, digits, '.', '_' and '-'")
        self._folder = folder
        self._run_id = run_id
        self._software = software
        self._max_file_bytes = max_file_bytes
        self._sync_each = sync_each
        self._stream: IO[bytes] | None = None
        self._writer: Any = None
        self._name = ""

    def __enter__(self) -> ArchiveWriter:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Finish the open file and give it its final name."""
        if self._stream is None:
            return
        self.sync()
        self._stream.close()
        self._stream = None
        (self._folder / (self._name + OPEN_SUFFIX)).rename(self._folder / self._name)
        _sync_folder(self._folder)

    def sync(self) -> None:
        """Put everything written so far on the disk."""
        if self._stream is not None:
            self._stream.flush()
            os.fsync(self._stream.fileno())

    def write_response(self, exchange: Exchange) -> Location:
        """Append the response and its request; they can be read back from the file on return."""
        stream = self._ready_stream()
        record = self._writer.create_warc_record(
            exchange.url,
            "response",
            payload=BytesIO(exchange.body),
            length=len(exchange.body),
            http_headers=self._response_headers(exchange),
            warc_headers_dict=self._warc_headers(exchange)
            | {"WARC-Payload-Digest": _digest_label(exchange.payload_sha256)},
        )
        return self._append(stream, exchange, record)

    def write_revisit(self, exchange: Exchange, known: CaptureRow) -> Location:
        """Append a revisit record: the host said "not modified" (304) or sent the bytes of ``known`` again."""
        stream = self._ready_stream()
        record = self._writer.create_revisit_record(
            exchange.url,
            _digest_label(known.payload_sha256),
            known.url,
            _warc_date(known.fetched_at),
            http_headers=self._response_headers(exchange),
            warc_headers_dict=self._warc_headers(exchange),
        )
        if exchange.status == 304:
            record.rec_headers.replace_header("WARC-Profile", NOT_MODIFIED_PROFILE)
        return self._append(stream, exchange, record)

    def _append(self, stream: IO[bytes], exchange: Exchange, record: Any) -> Location:
        offset = stream.tell()
        self._writer.write_record(record)
        length = stream.tell() - offset
        if exchange.request_headers:  # an imported answer comes without its request, and none is made up
            self._writer.write_record(self._request_record(exchange, record))
        stream.flush()
        if self._sync_each:
            self.sync()
        return Location(self._name, offset, length)

    def _request_record(self, exchange: Exchange, answer: Any) -> Any:
        return self._writer.create_warc_record(
            exchange.url,
            "request",
            http_headers=StatusAndHeaders(
                f"{exchange.method} {_request_path(exchange.url)} HTTP/1.1",
                list(exchange.request_headers),
                is_http_request=True,
            ),
            warc_headers_dict={
                "WARC-Date": _warc_date(exchange.fetched_at),
                "WARC-Concurrent-To": answer.rec_headers.get_header("WARC-Record-ID"),
            },
        )

    @staticmethod
    def _warc_headers(exchange: Exchange) -> dict[str, str]:
        headers = {"WARC-Date": _warc_date(exchange.fetched_at)}
        return headers | ({"WARC-IP-Address": exchange.ip_address} if exchange.ip_address else {})

    @staticmethod
    def _response_headers(exchange: Exchange) -> Any:
        return StatusAndHeaders(
            f"{exchange.status} {quote(exchange.reason, safe=string.printable)}".rstrip(),
            _stored_headers(exchange),
            protocol="HTTP/1.1",
        )

    def _ready_stream(self) -> IO[bytes]:
        if self._stream is not None and self._stream.tell() >= self._max_file_bytes:
            self.close()
        if self._stream is None:
            self._begin_file()
        assert self._stream is not None  # noqa: S101 - narrows the type after _begin_file
        return self._stream

    def _begin_file(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        taken = {path.name.removesuffix(OPEN_SUFFIX) for path in self._folder.glob(f"{self._run_id}-*")}
        number = 1
        while (name := f"{self._run_id}-{number:05d}{WARC_SUFFIX}") in taken:
            number += 1
        self._name = name
        self._stream = (self._folder / (name + OPEN_SUFFIX)).open("xb")
        self._writer = _MemberWriter(self._stream, gzip=False, warc_version="1.1")
        info = {"software": self._software, "format": "WARC File Format 1.1", "isPartOf": self._run_id}
        self._writer.write_record(self._writer.create_warcinfo_record(name, info))


class _GzipMember:
    """A stream that gathers a record and writes it as one gzip member when flushed."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> None:
        self._parts.append(data)

    def flush(self) -> None:
        self._out.write(zlib.compress(b"".join(self._parts), GZIP_LEVEL, zlib.MAX_WBITS | 16))
        self._out.flush()


class _MemberWriter(WARCWriter):  # type: ignore[misc]  # warcio has no types
    """A writer of gzipped records whose level of compression we choose; warcio's own is always the highest."""

    def _write_warc_record(self, out: IO[bytes], record: Any) -> None:
        super()._write_warc_record(_GzipMember(out), record)


def archive_file(folder: Path, warc_file: str) -> Path:
    """Return the path of a WARC file in an archive folder, finished or still being written.

    Raises:
        ArchiveFileMissingError: there is no such file, or the name is none of a file in the folder itself.
    """
    if Path(warc_file).name == warc_file:
        for name in (warc_file, warc_file + OPEN_SUFFIX):
            path = folder / name
            if path.is_file():
                return path
    raise ArchiveFileMissingError(f"the archive has no file {warc_file!r} in {folder}")


def read_payload(home: Home, capture: CaptureRow) -> bytes:
    """Return the bytes of a capture, exactly as they were received (free of transfer encodings).

    Raises:
        ArchiveError: the file is missing, or what lies there is not what the ledger says.
    """
    return read_response(home, capture)[0]


def read_response(home: Home, capture: CaptureRow) -> tuple[bytes, dict[str, str]]:
    """Return the bytes of a capture and the headers that came with them, by lower-case name.

    Raises:
        ArchiveError: the file is missing, or what lies there is not what the ledger says.
    """
    return read_record(
        home.archive, capture.warc_file, capture.warc_offset, capture.payload_sha256, length=capture.warc_length
    )


def read_record(
    folder: Path, warc_file: str, offset: int, payload_sha256: str, *, length: int | None = None
) -> tuple[bytes, dict[str, str]]:
    """Return the bytes of the answer that lies at a place, and the headers that came with them, by lower-case name.

    Args:
        folder: the archive folder.
        warc_file: name of the file in it.
        offset: of the record in the file, in bytes.
        payload_sha256: what the bytes must have, in hex.
        length: of the record in the file, in bytes, where it is known.

    Raises:
        ArchiveFileMissingError: there is no such file.
        ArchiveError: what lies there is no record, or has other bytes.
    """
    place = f"{warc_file}:{offset}"
    with archive_file(folder, warc_file).open("rb") as stream:
        try:
            stream.seek(offset)
            record = next(iter(ArchiveIterator(stream if length is None else BytesIO(stream.read(length)))))
            payload: bytes = record.raw_stream.read()
            headers = {str(name).lower(): str(value) for name, value in record.http_headers.headers}
        except Exception as error:  # warcio lets many kinds escape on damaged input
            raise ArchiveError(f"{place}: no readable record ({error})") from error
    found = hashlib.sha256(payload).hexdigest()
    if found != payload_sha256:
        raise ArchiveError(f"{place}: sha256 is {found}, and should be {payload_sha256}")
    return payload, headers
