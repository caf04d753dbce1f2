"""Imports run one way: scrapers → warehouse ← pipelines, explorer → warehouse; reading knows no storage."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from project import PACKAGES, ROOT, label, modules, parse

# folder → what nothing below it may import, however late
FORBIDDEN = {
    "scrapers": {"pipelines", "explorer", "dagster", "duckdb"},
    "pipelines": {"scrapers", "scrapy", "twisted"},
    "warehouse": {"scrapers", "pipelines", "explorer", "scrapy", "dagster"},
    "explorer": {"scrapers", "pipelines", "scrapy", "dagster"},
    "pipelines/cleaning": {"dagster", "scrapy", "sqlalchemy", "duckdb", "warehouse", "pandas"},
    "pipelines/extraction": {"dagster", "scrapy", "sqlalchemy", "duckdb", "warehouse", "pandas"},
    "pipelines/evaluation": {"dagster", "scrapy", "sqlalchemy", "duckdb", "warehouse", "pandas"},
}

# what must not be loaded before a command needs it: each costs a noticeable part of a second
HEAVY = {"dagster", "dbt", "duckdb", "frictionless", "lxml", "opencc", "pandas", "pyarrow", "scrapy", "sqlalchemy"}


def imported(path: Path) -> set[str]:
    """The modules that a file imports, at any depth, as absolute dotted names."""
    package = path.relative_to(ROOT).parent.parts
    names: set[str] = set()
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            names.add(".".join(filter(None, [base, node.module])))
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "import_module":
            names |= {str(each.value) for each in node.args[:1] if isinstance(each, ast.Constant)}
    return names


@pytest.mark.parametrize(
    ("path", "forbidden"),
    [(path, names) for folder, names in FORBIDDEN.items() for path in modules(folder)],
    ids=label,
)
def test_imports_run_one_way(path: Path, forbidden: set[str]) -> None:
    assert {name for name in imported(path) if name.partition(".")[0] in forbidden} == set()


def test_every_layer_has_modules() -> None:
    assert {folder: bool(modules(folder)) for folder in FORBIDDEN} == dict.fromkeys(FORBIDDEN, True)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import scrapers.items", {"scrapers.items"}),
        ("from pipelines import model", {"pipelines"}),
        ("from . import model", {"pipelines"}),
        ("from .cleaning.text import clean", {"pipelines.cleaning.text"}),
        ("def late():\n    import duckdb", {"duckdb"}),
        ("importlib.import_module('scrapers.spider')", {"scrapers.spider"}),
    ],
)
def test_imports_are_seen_however_written(source: str, expected: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "parse", lambda _: ast.parse(source))
    assert imported(ROOT / "pipelines" / "any.py") == expected


def test_the_command_line_starts_light() -> None:
    code = "import sys, pipelines.cli; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(loaded.stdout.split()) & HEAVY == set()


def test_packages_are_the_ones_that_are_installed() -> None:
    present = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert present == set(PACKAGES)
