"""dbt as a child of a night: the same command, which ends when the night's process is gone.

Started through ``dbt_process.sh``, because Dagster wants the name of one program. Nothing of dbt is changed here.
"""

from __future__ import annotations

from warehouse.parent import end_with_parent

if __name__ == "__main__":
    end_with_parent()
    from dbt.cli.main import cli

    cli(prog_name="dbt")
