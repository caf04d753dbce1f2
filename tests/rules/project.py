"""The files of the project as the rule tests see them: what is written by hand, nothing built, stored or installed."""

from __future__ import annotations

import ast
import os
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("scrapers", "pipelines", "warehouse", "explorer")
DBT = ROOT / "dbt_project"

# folders that are built, stored or installed, never written
UNWRITTEN = frozenset(
    {
        ".git",
        ".venv",
        "__pycache__",
        ".pytest_cache",
        ".mypy_cache",
        ".ruff_cache",
        ".hypothesis",
        ".dagster",
        "target",
        "logs",
        "data",
    }
)


@cache
def written_files() -> tuple[Path, ...]:
    """Every file of the project that a person wrote, sorted."""
    found: list[Path] = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in UNWRITTEN and not name.endswith(".egg-info")]
        folders[:] = [name for name in folders if not name.startswith(".tmp_dagster_home_")]
        found.extend(Path(folder) / name for name in names)
    return tuple(sorted(found))


def files(*suffixes: str, under: Path = ROOT) -> list[Path]:
    """The written files below a folder with one of these endings."""
    return [path for path in written_files() if path.suffix in suffixes and path.is_relative_to(under)]


def modules(*packages: str) -> list[Path]:
    """The Python files of some packages ("pipelines", "pipelines/cleaning")."""
    return [path for package in packages for path in files(".py", under=ROOT / package)]


def label(value: object) -> str | None:
    """The id of a parametrised path: relative to the project."""
    return str(value.relative_to(ROOT)) if isinstance(value, Path) else None


@cache
def parse(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
