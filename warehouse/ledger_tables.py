"""The tables of the ledger as SQLAlchemy maps them; their typed rows and their use are in ``warehouse.ledger``.

A change here needs a migration under ``warehouse/migrations/versions``.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from sqlalchemy import JSON, BigInteger, Date, DateTime, ForeignKey, Index, String
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # "报告\x00", "报\ud842告"
GREATEST_COUNT = (1 << 63) - 1
LONGEST_URL = 2500
"""Characters of an address; browsers take little more, and PostgreSQL has no room for more in an index."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime kept in UTC; naive values are refused.

    SQLite has no zones: there the UTC clock reading is stored and the zone is put back on reading.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware value into UTC.

        Raises:
            ValueError: the value has no zone.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime refused by the ledger: {value!r}")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the stored moment as aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class LedgerText(TypeDecorator[str]):
    """Text that every database can keep.

    Portals send what they like; PostgreSQL refuses the character zero, and neither database takes half of a pair
    of surrogates. Each becomes U+FFFD, in both databases alike.
    """

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Replace what cannot be kept."""
        return None if value is None else UNSTORABLE.sub("\ufffd", value)


class Count(TypeDecorator[int]):
    """A number that a portal named: what is beyond eight bytes is kept as the greatest number that fits."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Bring the number into the range of the column."""
        return None if value is None else max(-GREATEST_COUNT, min(value, GREATEST_COUNT))


class Base(DeclarativeBase):
    """Root of the ledger's tables."""

    type_annotation_map = {str: LedgerText, datetime: UtcDateTime, date: Date, list[str]: JSON}  # noqa: RUF012


class Source(Base):
    """A portal as its source file describes it."""

    __tablename__ = "source"
    source_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    owner: Mapped[str]
    region_code: Mapped[str]
    family: Mapped[str]
    start_urls: Mapped[list[str]]
    config_sha256: Mapped[str]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    is_sample: Mapped[bool]
    status: Mapped[str] = mapped_column(String(16), server_default="unverified")


class CrawlRun(Base):
    """One run of the crawl."""

    __tablename__ = "crawl_run"
    run_id: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    status: Mapped[str] = mapped_column(String(16))
    fazhi_version: Mapped[str]
    trigger: Mapped[str]


class Capture(Base):
    """Bytes that an address once gave, and where they lie in the archive."""

    __tablename__ = "capture"
    capture_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("source.source_id"))
    url: Mapped[str]
    kind: Mapped[str] = mapped_column(String(16))
    payload_sha256: Mapped[str] = mapped_column(String(64))
    content_type: Mapped[str | None]
    http_status: Mapped[int]
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    fetched_at: Mapped[datetime]
    run_id: Mapped[str] = mapped_column(ForeignKey("crawl_run.run_id"))
    warc_file: Mapped[str]
    warc_offset: Mapped[int] = mapped_column(BigInteger)
    warc_length: Mapped[int] = mapped_column(BigInteger)
    payload_bytes: Mapped[int] = mapped_column(BigInteger)
    list_url: Mapped[str | None]
    list_title: Mapped[str | None]
    list_date: Mapped[date | None]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    __table_args__ = (Index("ix_capture_kind", "kind"), Index("ix_capture_url", "url"))


class Attempt(Base):
    """One attempt on one address, with its outcome."""

    __tablename__ = "attempt"
    attempt_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("crawl_run.run_id"))
    source_id: Mapped[str] = mapped_column(ForeignKey("source.source_id"))
    url: Mapped[str]
    kind: Mapped[str] = mapped_column(String(16))
    outcome: Mapped[str] = mapped_column(String(32))
    http_status: Mapped[int | None]
    payload_bytes: Mapped[int | None] = mapped_column(BigInteger)
    duration_ms: Mapped[int | None]
    started_at: Mapped[datetime]
    host: Mapped[str]
    detail: Mapped[str | None]
    capture_id: Mapped[str | None] = mapped_column(ForeignKey("capture.capture_id"))
    stop_reason: Mapped[str | None]
    __table_args__ = (Index("ix_attempt_run", "run_id"),)


class Validator(Base):
    """What to send with the next conditional request for an address."""

    __tablename__ = "validator"
    url: Mapped[str] = mapped_column(primary_key=True)
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    capture_id: Mapped[str] = mapped_column(ForeignKey("capture.capture_id"))
    checked_at: Mapped[datetime]


class ListFingerprint(Base):
    """What a list page held when last read."""

    __tablename__ = "list_fingerprint"
    source_id: Mapped[str] = mapped_column(ForeignKey("source.source_id"), primary_key=True)
    list_url: Mapped[str] = mapped_column(primary_key=True)
    entries_sha256: Mapped[str] = mapped_column(String(64))
    entries_parsed: Mapped[int]
    entries_declared: Mapped[int | None] = mapped_column(Count)
    seen_at: Mapped[datetime]
