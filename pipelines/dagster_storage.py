"""Where Dagster keeps runs, events and schedules: SQLite below the data home, or PostgreSQL by URL.

Named by ``dagster.yaml``; Dagster itself cannot choose between the two by the environment. Only the choice belongs
here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagster import Field, StringSource
from dagster._core.storage.base_storage import DagsterStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClass, ConfigurableClassData

from warehouse.ledger_schema import LedgerUnusableError, ledger_address
from warehouse.paths import DAGSTER_URL_VARIABLE, get_home


class StorageByUrl(DagsterStorage, ConfigurableClass):
    """PostgreSQL at ``$FAZHI_DAGSTER_URL`` where that is set, else SQLite in ``base_dir``.

    Never an object of its own: what Dagster gets is one of its own two storages.
    """

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """The one setting: the folder of SQLite."""
        return {"base_dir": Field(StringSource)}

    @classmethod
    def from_config_value(  # type: ignore[override]  # one of Dagster's own storages, not of this class
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> DagsterStorage:
        """Make the storage that the environment asks for.

        Raises:
            LedgerUnusableError: the URL is not one of PostgreSQL, or the package for it is not installed.
        """
        url = get_home().dagster_url
        if url is None:
            return DagsterSqliteStorage.from_local(config_value["base_dir"], inst_data)
        address = ledger_address(url)
        if address.get_backend_name() != "postgresql":
            raise LedgerUnusableError(
                f"{DAGSTER_URL_VARIABLE} names PostgreSQL or nothing, not {address.get_backend_name()}"
            )
        try:
            from dagster_postgres import DagsterPostgresStorage
        except ModuleNotFoundError as error:
            raise LedgerUnusableError(
                "PostgreSQL for Dagster needs a package that is not there: pip install -c constraints.txt '.[postgres]'"
            ) from error
        return DagsterPostgresStorage(address.render_as_string(hide_password=False), True, inst_data)
