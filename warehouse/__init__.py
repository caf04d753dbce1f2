"""The only code that touches storage: paths, archive, ledger, warehouse, locks, publishing."""
