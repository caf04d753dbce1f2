#!/bin/sh
# dbt for a night; see dbt_process.py. FAZHI_PYTHON is the interpreter that has dbt.
exec "$FAZHI_PYTHON" -m pipelines.dbt_process "$@"
