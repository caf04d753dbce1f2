"""Whether a person has confirmed that a source is read rightly."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what was crawled before it counts as unverified until its source is seen again."""
    op.add_column("source", sa.Column("status", sa.String(16), nullable=False, server_default="unverified"))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("source", "status")
