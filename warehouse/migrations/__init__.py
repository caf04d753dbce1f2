"""Alembic migrations of the ledger, run by ``warehouse.ledger`` whenever a ledger is opened."""
