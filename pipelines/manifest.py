"""The dbt manifest, from which the asset graph is drawn: made by ``dbt parse`` when the project has changed.

Parsing costs seconds, so the manifest is kept in the project's target folder beside the digest of the files it was
made from. No dbt is imported here, and nothing is built.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.digests import dbt_files, digest_of
from pipelines.settings import DBT_PROJECT, dbt_executable, process_environment
from warehouse.paths import get_home

TARGET = DBT_PROJECT / "target"
MANIFEST = TARGET / "manifest.json"
DIGEST = TARGET / "manifest.sha256"
LOCK = TARGET / "manifest.lock"


class ManifestError(RuntimeError):
    """dbt could not read its project; the message is dbt's."""


def is_current() -> bool:
    """Return whether the kept manifest was made from the project as it is now."""
    if not (MANIFEST.exists() and DIGEST.exists()):
        return False
    return DIGEST.read_text(encoding="utf-8") == digest_of(dbt_files(), DBT_PROJECT)


def prepare() -> Path:
    """Return the path of a manifest that fits the project, parsing the project when the kept one does not.

    Raises:
        ManifestError: dbt refused the project.
    """
    if not is_current():
        with _only_one():
            if not is_current():
                _parse()
    return MANIFEST


@contextmanager
def _only_one() -> Iterator[None]:
    TARGET.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _parse() -> None:
    digest = digest_of(dbt_files(), DBT_PROJECT)
    command = [str(dbt_executable()), "parse", "--project-dir", str(DBT_PROJECT)]
    result = subprocess.run(
        [*command, "--profiles-dir", str(DBT_PROJECT), "--target-path", str(TARGET), "--log-path", str(TARGET)],
        env={**os.environ, **process_environment(get_home())},
        cwd=DBT_PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise ManifestError(f"dbt parse failed:\n{result.stdout}{result.stderr}")
    DIGEST.write_text(digest, encoding="utf-8")
