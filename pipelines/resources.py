"""The Dagster resources of a night: the data home with its writer lock, and dbt.

Thin wiring over ``warehouse`` and ``dagster_dbt``; nothing is read or built here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from importlib.metadata import version as installed_version
from typing import Any

from dagster import ConfigurableResource, InitResourceContext
from dagster_dbt import DbtCliInvocation, DbtCliResource
from packaging.version import Version

from pipelines.abandoned import claim
from pipelines.manifest import TARGET
from pipelines.settings import DBT_PROCESS, DBT_PROJECT, PYTHON_VARIABLE
from warehouse.locks import writer_lock
from warehouse.parent import as_parent
from warehouse.paths import Home, get_home
from warehouse.storage_check import require_storage


def installed(package: str) -> str:
    """Return the version of a package that is installed."""
    return installed_version(package)


class NightHome(ConfigurableResource["NightHome"]):
    """The data home, held by one night at a time.

    The in-process executor opens a resource once for a whole run, so the writer lock is held from the first step
    to the last, and the kernel frees it when the process dies. The run is marked with its process, so that a run whose
    process died can be told from one that works.
    """

    @contextmanager
    def yield_for_execution(self, context: InitResourceContext) -> Iterator[NightHome]:
        """Hold the writer lock for the length of a run.

        Raises:
            StorageError: a disk is full, a folder closed or the ledger out of reach; nothing was begun.
            WarehouseLockedError: another run holds it.
        """
        require_storage(self.home, [TARGET])
        with writer_lock(self.home):
            if context.run is not None and context.instance is not None:
                claim(context.instance, context.run.run_id)
            yield self

    @property
    def home(self) -> Home:
        """The data home that ``$FAZHI_HOME`` names."""
        return get_home()


class QuietDbt(DbtCliResource):
    """dbt without what the original does beside the work.

    That is asking the package registry for newer versions, and loading dbt a second time, into this process, to
    fetch rows and columns: seconds, a network look-up and an open database that the next step would stumble over.
    """

    @cached_property
    def _cli_version(self) -> Version:
        return Version(installed_version("dbt-core"))

    def cli(self, *arguments: Any, **options: Any) -> DbtCliInvocation:
        """Start dbt as a child that ends with this process, with the options of the original."""
        mine = {**as_parent(), PYTHON_VARIABLE: sys.executable}
        os.environ.update(mine)
        try:
            return super().cli(*arguments, **options)
        finally:
            for name in mine:
                del os.environ[name]

    def _initialize_dbt_core_adapter(self, args: Any) -> Any:  # noqa: ARG002
        return None


def quiet_dbt() -> QuietDbt:
    """Return dbt as installed beside this interpreter, on this project's dbt project."""
    return QuietDbt(
        project_dir=str(DBT_PROJECT),
        profiles_dir=str(DBT_PROJECT),
        dbt_executable=str(DBT_PROCESS),
    )
