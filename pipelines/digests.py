"""Digests of the files that make the project: to know whether something has to be made again.

Light on purpose: only names and bytes of files, nothing that imports a heavy library.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from pipelines.settings import DBT_PROJECT

# Folders that dbt and Python write into.
DERIVED_FOLDERS = frozenset({"target", "logs", "dbt_packages", "__pycache__"})


def dbt_files(project: Path = DBT_PROJECT) -> Iterator[Path]:
    """Yield the files that make the dbt project, sorted, without what dbt itself writes."""
    for path in sorted(project.rglob("*")):
        inside = path.relative_to(project)
        if path.is_file() and not DERIVED_FOLDERS.intersection(inside.parts) and path.name != ".user.yml":
            yield path


def digest_of(files: Iterable[Path], root: Path) -> str:
    """Return the hex digest of names and contents of files.

    Args:
        files: the files, in a fixed order.
        root: the folder that names are taken relative to.
    """
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.relative_to(root).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
