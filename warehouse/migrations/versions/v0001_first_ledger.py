"""The first ledger: sources, runs, captures, attempts, validators, list fingerprints."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "source",
        sa.Column("source_id", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("region_code", sa.String(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("start_urls", sa.JSON(), nullable=False),
        sa.Column("config_sha256", sa.String(), nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "crawl_run",
        sa.Column("run_id", sa.String(), primary_key=True),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("fazhi_version", sa.String(), nullable=False),
        sa.Column("trigger", sa.String(), nullable=False),
    )
    op.create_table(
        "capture",
        sa.Column("capture_id", sa.String(16), primary_key=True),
        sa.Column("source_id", sa.String(), sa.ForeignKey("source.source_id"), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("payload_sha256", sa.String(64), nullable=False),
        sa.Column("content_type", sa.String(), nullable=True),
        sa.Column("http_status", sa.Integer(), nullable=False),
        sa.Column("etag", sa.String(), nullable=True),
        sa.Column("last_modified", sa.String(), nullable=True),
        sa.Column("fetched_at", MOMENT, nullable=False),
        sa.Column("run_id", sa.String(), sa.ForeignKey("crawl_run.run_id"), nullable=False),
        sa.Column("warc_file", sa.String(), nullable=False),
        sa.Column("warc_offset", sa.BigInteger(), nullable=False),
        sa.Column("warc_length", sa.BigInteger(), nullable=False),
        sa.Column("payload_bytes", sa.BigInteger(), nullable=False),
        sa.Column("list_url", sa.String(), nullable=True),
        sa.Column("list_title", sa.String(), nullable=True),
        sa.Column("list_date", sa.Date(), nullable=True),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
    )
    op.create_index("ix_capture_kind", "capture", ["kind"])
    op.create_index("ix_capture_url", "capture", ["url"])
    op.create_table(
        "attempt",
        sa.Column("attempt_id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("run_id", sa.String(), sa.ForeignKey("crawl_run.run_id"), nullable=False),
        sa.Column("source_id", sa.String(), sa.ForeignKey("source.source_id"), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("payload_bytes", sa.BigInteger(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=True),
        sa.Column("capture_id", sa.String(16), sa.ForeignKey("capture.capture_id"), nullable=True),
        sa.Column("stop_reason", sa.String(), nullable=True),
    )
    op.create_index("ix_attempt_run", "attempt", ["run_id"])
    op.create_table(
        "validator",
        sa.Column("url", sa.String(), primary_key=True),
        sa.Column("etag", sa.String(), nullable=True),
        sa.Column("last_modified", sa.String(), nullable=True),
        sa.Column("capture_id", sa.String(16), sa.ForeignKey("capture.capture_id"), nullable=False),
        sa.Column("checked_at", MOMENT, nullable=False),
    )
    op.create_table(
        "list_fingerprint",
        sa.Column("source_id", sa.String(), sa.ForeignKey("source.source_id"), primary_key=True),
        sa.Column("list_url", sa.String(), primary_key=True),
        sa.Column("entries_sha256", sa.String(64), nullable=False),
        sa.Column("entries_parsed", sa.Integer(), nullable=False),
        sa.Column("entries_declared", sa.Integer(), nullable=True),
        sa.Column("seen_at", MOMENT, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables, referring ones first."""
    for table in ("list_fingerprint", "validator", "attempt", "capture", "crawl_run", "source"):
        op.drop_table(table)
