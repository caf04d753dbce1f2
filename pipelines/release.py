"""Making a release from built and checked marts: what goes in, what it is called, and whether it is new.

What the marts are is read from dbt's manifest, so that dictionary, contracts and release tell the same. The id of
a release is the date of its newest page and a digest of its content: the same archive and code give the same id
and the same CSV and Parquet files, byte for byte. Columns that change every night by nature (``volatile`` in the
dbt YAML: when a portal was last asked) do not make a release new.

Not here: building and checking the marts (dbt and ``gate.py``), writing tables to files (``warehouse.publish``),
the switch (``warehouse.shelf``), and what may be done with releases later (``release_history.py``).
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from pipelines.news import code_digest
from pipelines.release_changes import CHANGES, Side, write_changes, write_no_changes
from pipelines.release_contract import PromiseError, contract_of, read_contract, require_kept
from pipelines.release_marts import read_marts, schema_of
from pipelines.release_papers import (
    CITATION,
    DICTIONARY,
    DICTIONARY_PAGE,
    write_citation,
    write_dictionary,
    write_dictionary_page,
)
from pipelines.release_report import REPORT, Heads, render_changes
from pipelines.released import DESCRIPTION, read_package
from warehouse import publish, shelf
from warehouse.paths import Home
from warehouse.publish import Mart

DIGEST_DIGITS = 12
# Moves when the files of a release get another form, so that the same content is published again in it.
FORMAT = 2
TITLE = "法治政府建设年度报告 · China's annual reports on building a rule-of-law government"
CAVEATS = (
    "What governments report about themselves. A missing value is not a zero. Definitions differ between "
    "regions and years: see comparability_note in dim_indicator. Each number carries the sentence it stands in."
)


class ReleaseBlockedError(RuntimeError):
    """A release may not be made; the latest one stays as it is."""


@dataclass(frozen=True)
class ReleaseResult:
    """What came of making a release.

    Attributes:
        release_id: id of the release that is the latest now.
        path: its folder.
        is_new: whether it became the latest just now; False when content was that of the latest already, or of a
            release that a person has rolled back from.
        tables: rows by mart of what was built.
        content_sha256: digest of what was built, without volatile columns.
    """

    release_id: str
    path: Path
    is_new: bool
    tables: Mapping[str, int]
    content_sha256: str


def build_release(home: Home, manifest_path: Path, fingerprint: str) -> ReleaseResult:
    """Publish the marts of the warehouse, unless they are those of the latest release.

    The caller holds the writer lock and has closed the warehouse.

    Args:
        home: the data home; releases lie under its ``exports``.
        manifest_path: dbt's manifest.json of the project that built the marts.
        fingerprint: of what the marts were built from; must be the one that was sealed after the checks
            (``Warehouse.record_build``).

    Returns:
        The release that is the latest now.

    Raises:
        ReleaseBlockedError: the marts were not sealed with this fingerprint, an older release of the same name is
            damaged, or the marts break what the last release promised.
        ContractError: the manifest does not describe a mart well enough.
    """
    marts = read_marts(json.loads(manifest_path.read_text(encoding="utf-8")))
    with publish.open_marts(home.warehouse) as connection:
        _require_seal(connection, fingerprint)
        newest = _newest_page(connection)
    last = shelf.latest_id(home.exports)
    with shelf.building_folder(home.exports) as folder:
        publish.write_database(home.warehouse, marts, folder / publish.DATABASE)
        with publish.open_tables(folder / publish.DATABASE) as connection:
            tables = publish.row_counts(connection, marts)
            content = publish.write_csv_files(connection, marts, folder)
            digest = hashlib.sha256(f"{FORMAT}\n{content}".encode()).hexdigest()
            release_id = f"{newest:%Y-%m-%d}-{digest[:DIGEST_DIGITS]}"
            if last is not None and release_id in shelf.rolled_back_ids(shelf.read_history(home.exports)):
                shelf.mark_published(home.exports, last, fingerprint)
                return ReleaseResult(last, home.exports / last, is_new=False, tables=tables, content_sha256=digest)
            path = home.exports / release_id
            if path.exists():
                _require_whole(path)
            else:
                publish.write_other_files(connection, marts, folder)
        if not path.exists():
            package = _package(release_id, digest, newest, fingerprint)
            _finish(home, folder, marts, tables, package, newest, last)
            shelf.settle(folder, home.exports, release_id)
    if last != release_id:
        shelf.switch_latest(home.exports, release_id)
    shelf.record_switch(home.exports, "published", release_id, last)
    shelf.mark_published(home.exports, release_id, fingerprint)
    return ReleaseResult(release_id, path, last != release_id, tables, digest)


def _require_seal(connection: duckdb.DuckDBPyConnection, fingerprint: str) -> None:
    sealed = connection.execute("select fingerprint from raw.build_state").fetchall()
    if sealed != [(fingerprint,)]:
        raise ReleaseBlockedError(
            "the marts have not passed the checks since they were built; the latest release stays as it is",
        )


def _require_whole(path: Path) -> None:
    wrong = publish.wrong_files(path)
    if wrong:
        raise ReleaseBlockedError(
            f"the release {path} is damaged ({', '.join(wrong)}); remove that folder and publish again",
        )


def _newest_page(connection: duckdb.DuckDBPyConnection) -> datetime:
    found = connection.execute(
        "select timezone('UTC', max(first_seen_at)) from marts.fct_report_version",
    ).fetchone()
    if found is None or found[0] is None:
        raise ReleaseBlockedError("there is not a single annual report to release")
    newest = found[0]
    if not isinstance(newest, datetime):
        raise TypeError(f"first_seen_at came back as {newest!r}")
    return newest


def _finish(
    home: Home,
    folder: Path,
    marts: Sequence[Mart],
    tables: Mapping[str, int],
    package: dict[str, Any],
    newest: datetime,
    last: str | None,
) -> None:
    """Write all that stands beside the tables: papers, data package, changes against the last release, checksums."""
    write_dictionary(marts, folder / DICTIONARY)
    write_dictionary_page(marts, TITLE, CAVEATS, package["id"], folder / DICTIONARY_PAGE)
    write_citation(TITLE, CAVEATS, package["id"], newest, package["content_sha256"], folder / CITATION)
    package["resources"] = [_resource(mart, tables[mart.name], folder) for mart in marts]
    _write_changes(home, folder, package, last)
    package["changes"] = _file(folder, CHANGES)
    text = json.dumps(package, ensure_ascii=False, indent=2) + "\n"
    (folder / DESCRIPTION).write_text(text, encoding="utf-8")
    publish.write_checksums(folder)


def _write_changes(home: Home, folder: Path, package: dict[str, Any], last: str | None) -> None:
    """Compare with the last release, in numbers and in words, and refuse what breaks its promise."""
    damaged = last if last is not None and publish.wrong_files(home.exports / last) else None
    if last is None or damaged:
        write_no_changes(folder / CHANGES)
        heads = Heads(None, package["id"], None, package["contract_version"], damaged)
    else:
        before = Side(home.exports / last, read_package(home.exports / last))
        _require_promise(before.package, package)
        heads = compare_releases(before, Side(folder, package), folder / CHANGES)
    (folder / REPORT).write_text(render_changes(heads, folder / CHANGES), encoding="utf-8")


def compare_releases(old: Side, new: Side, target: Path) -> Heads:
    """Write what changed between two releases to a Parquet file; returns what was compared."""
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".compare-") as scratch:
        write_changes(old, new, target, Path(scratch))
    return Heads(
        old.package["id"],
        new.package["id"],
        old.package.get("contract_version"),
        new.package.get("contract_version", "none"),
    )


def _require_promise(before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    if "contract_version" not in before:
        return
    try:
        require_kept(contract_of(before), contract_of(now))
    except PromiseError as error:
        raise ReleaseBlockedError(str(error)) from error


def _package(release_id: str, digest: str, newest: datetime, fingerprint: str) -> dict[str, Any]:
    """The head of the data package; ``created`` is the moment of its newest page, so that it can be made again."""
    return {
        "profile": "tabular-data-package",
        "name": "fazhi",
        "id": release_id,
        "title": TITLE,
        "description": CAVEATS,
        "created": f"{newest:%Y-%m-%dT%H:%M:%SZ}",
        "contract_version": read_contract().version,
        "content_sha256": digest,
        "code_sha256": code_digest(),
        "fingerprint": fingerprint,
    }


def _resource(mart: Mart, rows: int, folder: Path) -> dict[str, Any]:
    file = publish.describe_file(folder, f"{mart.name}.csv")
    resource: dict[str, Any] = {
        "name": mart.name,
        "profile": "tabular-data-resource",
        "description": mart.description,
        "path": file.path,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": file.size,
        "hash": f"sha256:{file.sha256}",
        "rows": rows,
        "parquet": _file(folder, f"{mart.name}.parquet"),
        "excel": _file(folder, f"{publish.EXCEL_FOLDER}/{mart.name}.csv"),
        "schema": schema_of(mart),
    }
    if mart.caveat:
        resource["caveat"] = mart.caveat
    if mart.is_volatile:
        resource["volatile"] = True
    return resource


def _file(folder: Path, name: str) -> dict[str, Any]:
    file = publish.describe_file(folder, name)
    return {"path": file.path, "bytes": file.size, "hash": f"sha256:{file.sha256}"}
