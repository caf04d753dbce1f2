"""One module per change of the ledger's schema, written by hand after the pattern of the first.

A new one names the last as its ``down_revision``, and ``HEAD_REVISION`` of ``warehouse.ledger_schema`` moves
along with it; tests hold both to the tables of the ledger.
"""
