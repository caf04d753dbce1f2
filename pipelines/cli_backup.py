"""``fazhi backup`` and ``fazhi restore``: arguments in, exit codes out; the work is done in ``warehouse``."""

from __future__ import annotations

from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli_common import AsJson, Exit, err, line, print_json, stop
from pipelines.decisions import DECISIONS
from warehouse.paths import get_home

if TYPE_CHECKING:
    from warehouse.backup import Backup

NAMES_SHOWN = 10


def _show(backup: Backup, word: str, folder: Path, *, as_json: bool) -> None:
    if as_json:
        print_json({"path": str(folder), **asdict(backup)})
        return
    rows = sum(backup.ledger_rows.values())
    line(f"{word:10} {folder}")
    line(f"  ledger     {rows:,} rows, schema version {backup.schema_version}")
    line(f"  archive    {backup.archive_files:,} files in the index, {backup.archive_bytes / 1024**2:,.1f} MiB")
    line(f"  releases   {len(backup.releases)}, latest {backup.latest or 'none'}")


def _failure(error: Exception) -> typer.Exit:
    """The exit for an error that a person can do something about."""
    from sqlalchemy.exc import SQLAlchemyError

    from warehouse.archive import ArchiveError
    from warehouse.backup import BackupError
    from warehouse.ledger_schema import LedgerUnusableError
    from warehouse.locks import WarehouseLockedError

    if isinstance(error, WarehouseLockedError | ArchiveError):
        return stop(Exit.LOCKED, str(error))
    if isinstance(error, BackupError | LedgerUnusableError):
        return stop(Exit.BAD_INPUT, str(error))
    if isinstance(error, OSError | SQLAlchemyError):
        return stop(Exit.FAILED, f"nothing was lost, and no half of it is left: {error}")
    raise error


def backup(
    root: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of backups, outside the data home.")],
    with_archive: Annotated[
        bool, typer.Option("--with-archive", help="Also copy the WARC files, each once for all backups there.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Copy ledger, archive index, decisions and releases into a new folder below DIR, while nobody writes.

    Exit code 4 when a night or a crawl is running. The warehouse is left out: it is made again from the archive.
    """
    from warehouse.backup import make_backup, read_backup

    try:
        folder = make_backup(get_home(), root, DECISIONS, version=version("fazhi"), with_archive=with_archive)
    except Exception as error:
        raise _failure(error) from error
    _show(read_backup(folder), "backup", folder, as_json=as_json)


def restore(
    folder: Annotated[Path, typer.Argument(metavar="BACKUP", help="A folder that fazhi backup made.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Move aside what the data home holds; nothing is deleted.")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="Only check the backup, every file; change nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put a backup back: ledger, decisions, releases, and WARC files that were copied with it.

    The ledger goes where $FAZHI_LEDGER_URL says, whichever database it came from. Exit code 1 when WARC files that
    the ledger speaks of are missing; copy them into the archive and run: fazhi archive verify
    """
    from warehouse.backup import read_backup, require_whole
    from warehouse.restore import restore as put_back

    try:
        if check:
            found = read_backup(folder)
            require_whole(folder)
            _show(found, "whole", folder, as_json=as_json)
            return
        restored = put_back(get_home(), folder, DECISIONS, replace=replace)
    except Exception as error:
        raise _failure(error) from error
    if as_json:
        print_json(asdict(restored) | {"replaced": restored.replaced and str(restored.replaced)})
    else:
        _show(restored.backup, "restored", folder, as_json=False)
        if restored.replaced:
            line(f"what was there lies in {restored.replaced}")
        line("the warehouse is made again by: fazhi run --only read; fazhi run --only build; fazhi run --only publish")
    for word, names in (("missing", restored.archive_missing), ("other bytes", restored.archive_wrong)):
        if names:
            shown = ", ".join(names[:NAMES_SHOWN]) + (" …" if len(names) > NAMES_SHOWN else "")
            err.print(f"{word}: {len(names)} WARC files: {shown}", style="red", markup=False, soft_wrap=True)
    raise typer.Exit(Exit.FAILED if restored.archive_missing or restored.archive_wrong else Exit.OK)
