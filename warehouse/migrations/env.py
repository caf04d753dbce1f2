"""Runs migrations on the connection that ``warehouse.ledger`` hands over; there is no alembic.ini."""

from __future__ import annotations

from alembic import context

from warehouse.ledger_tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite cannot alter most columns in place
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
