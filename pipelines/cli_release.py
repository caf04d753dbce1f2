"""``fazhi release``: the releases made so far, what differs, and which one is the latest.

Arguments in, exit codes out; the work is done in ``release_history.py``, ``release.py`` and ``release_contract.py``.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE
from rich.table import Table

from pipelines.cli_common import AsJson, Exit, group, line, out, print_json, stop
from warehouse.paths import Home, get_home

if TYPE_CHECKING:
    from pipelines.release_history import Shelved

app = group("The releases made so far: list, compare, go back, take old ones away.")


@contextmanager
def _writing(home: Home) -> Iterator[None]:
    """Hold the writer lock, and turn what can go wrong into messages and exit codes."""
    from pipelines.release_history import RollbackError, UnknownReleaseError
    from warehouse.locks import WarehouseLockedError, writer_lock
    from warehouse.shelf import HistoryError

    try:
        with writer_lock(home):
            yield
    except WarehouseLockedError as error:
        raise stop(Exit.LOCKED, str(error)) from error
    except UnknownReleaseError as error:
        raise stop(Exit.BAD_INPUT, str(error)) from error
    except (RollbackError, HistoryError, OSError) as error:
        raise stop(Exit.FAILED, str(error)) from error


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the releases, the one published last first, and say which is the latest."""
    from pipelines.release_history import list_releases
    from warehouse.shelf import HistoryError

    try:
        releases = list_releases(get_home())
    except HistoryError as error:
        raise stop(Exit.FAILED, str(error)) from error
    if as_json:
        print_json([asdict(each) for each in releases])
        return
    if not releases:
        line("No release yet; make one with: fazhi run")
        return
    table = Table("release", "published", "newest page", "contract", "reports", "", box=SIMPLE)
    for each in releases:
        table.add_row(
            each.name,
            each.published_at or "–",
            each.created or "unreadable",
            each.contract or "–",
            "–" if each.reports is None else f"{each.reports:,}",
            _standing(each),
        )
    out.print(table)


def _standing(release: Shelved) -> str:
    if release.is_latest:
        return "latest"
    return "rolled back" if release.is_rolled_back else ""


@app.command()
def diff(
    a: Annotated[str, typer.Argument(metavar="A", help="The earlier release: id, beginning of it, or latest.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The later release.")],
    into: Annotated[
        Path | None, typer.Option("--into", metavar="FILE", help="Also keep every change in this Parquet file.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what changed from release A to release B: schema, rows per table and year, cells with their causes.

    With --json every change is one object of an array.
    """
    import duckdb

    from pipelines.release import compare_releases
    from pipelines.release_changes import Side
    from pipelines.release_history import UnknownReleaseError, find_release, list_releases
    from pipelines.release_report import render_changes
    from pipelines.released import ReleaseDamagedError, read_package
    from warehouse.shelf import HistoryError

    try:
        releases = list_releases(get_home())
        folders = [find_release(releases, name).folder for name in (a, b)]
        sides = [Side(folder, read_package(folder)) for folder in folders]
    except UnknownReleaseError as error:
        raise stop(Exit.BAD_INPUT, str(error)) from error
    except (ReleaseDamagedError, HistoryError) as error:
        raise stop(Exit.FAILED, str(error)) from error
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch) / "changes.parquet"
        try:
            heads = compare_releases(sides[0], sides[1], target)
            if into is not None:
                into.write_bytes(target.read_bytes())
        except (duckdb.Error, OSError) as error:
            raise stop(Exit.FAILED, f"cannot compare: {error}") from error
        if as_json:
            relation = duckdb.read_parquet(str(target))
            print_json([dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()])
        else:
            sys.stdout.write(render_changes(heads, target))


@app.command()
def rollback(
    release: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Where to go; by default the release before the latest.")
    ] = None,
) -> None:
    """Let latest point to an earlier release. What it pointed to is not published again; new content is.

    Naming a release that was rolled back returns to it.
    """
    from pipelines.release_history import roll_back

    home = get_home()
    with _writing(home):
        target = roll_back(home, release)
    line(f"latest is {target.name} now")


@app.command()
def prune(
    keep: Annotated[
        int | None, typer.Option(min=1, help="How many of the newest releases stay; by default 12.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would go; take nothing away.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take old releases away. The latest, the one before it, the newest and the last of each year stay."""
    from pipelines.release_history import NEWEST_KEPT
    from pipelines.release_history import prune as prune_releases

    home = get_home()
    with _writing(home):
        leaving, reasons = prune_releases(home, keep or NEWEST_KEPT, only_show=dry_run)
    if as_json:
        print_json({"removed": [each.name for each in leaving], "kept": dict(reasons), "dry_run": dry_run})
        return
    for name, reason in reasons.items():
        line(f"stays    {name}  {reason}")
    for each in leaving:
        line(f"{'would go' if dry_run else 'gone    '} {each.name}")


@app.command()
def contract(
    write: Annotated[bool, typer.Option("--write", help="Record additions under the next minor version.")] = False,
    major: Annotated[
        bool, typer.Option("--major", help="With --write: allow changes that break, under the next major version.")
    ] = False,
) -> None:
    """Compare the marts with what is promised in dbt_project/contract.json; exit code 1 when they differ."""
    from pipelines.manifest import ManifestError, prepare
    from pipelines.release_contract import (
        CONTRACT,
        FIRST_VERSION,
        Contract,
        PromiseError,
        moved,
        read_contract,
        schema_changes,
        shapes_of,
        write_contract,
    )
    from pipelines.release_marts import ContractError, read_marts

    if major and not write:
        raise stop(Exit.BAD_INPUT, "--major means nothing without --write")
    try:
        shapes = shapes_of(read_marts(json.loads(prepare().read_text(encoding="utf-8"))))
        if write and not CONTRACT.exists():
            write_contract(Contract(FIRST_VERSION, shapes))
        promised = read_contract()
        changes = schema_changes(promised.shapes, shapes)
        for change in changes:
            line(f"{'breaks' if change.is_breaking else 'adds  '}  {change}")
        if write:
            now = moved(promised, shapes, allow_major=major)
            write_contract(now)
            line(f"contract {now.version}")
            return
    except (ManifestError, PromiseError, ContractError) as error:
        raise stop(Exit.FAILED, str(error)) from error
    if changes:
        raise stop(Exit.FAILED, "the marts are not those of the contract; record them: fazhi release contract --write")
    line(f"the marts are those of contract {promised.version}")
