"""Portals may declare more entries than four bytes can count."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

GREATEST_BEFORE = (1 << 31) - 1


def upgrade() -> None:
    """Widen the column."""
    with op.batch_alter_table("list_fingerprint") as table:
        table.alter_column("entries_declared", type_=sa.BigInteger(), existing_type=sa.Integer())


def downgrade() -> None:
    """Narrow the column; what does not fit becomes the greatest number that does."""
    fingerprint = sa.table("list_fingerprint", sa.column("entries_declared", sa.BigInteger()))
    declared = fingerprint.c.entries_declared
    op.execute(fingerprint.update().where(declared > GREATEST_BEFORE).values(entries_declared=GREATEST_BEFORE))
    with op.batch_alter_table("list_fingerprint") as table:
        table.alter_column("entries_declared", type_=sa.Integer(), existing_type=sa.BigInteger())
