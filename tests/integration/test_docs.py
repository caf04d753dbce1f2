"""The documentation of all tables is one page, made without any host, and no column that dbt builds is left out."""

from __future__ import annotations

import json
from pathlib import Path

from dbt_runs import run_dbt


def test_docs_are_made_offline_and_describe_every_column(sample_warehouse: Path, dbt_target: Path) -> None:
    result = run_dbt(sample_warehouse, dbt_target, "docs", "generate", "--static")
    assert result.returncode == 0, result.stdout
    nodes = json.loads((dbt_target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    built = json.loads((dbt_target / "catalog.json").read_text(encoding="utf-8"))["nodes"]
    models = {name for name, node in nodes.items() if node["resource_type"] == "model"}
    assert models <= set(built)
    without = {
        name: columns
        for name in models
        if (columns := [each for each in built[name]["columns"] if not _description(nodes[name], each)])
    }
    assert without == {}
    page = (dbt_target / "static_index.html").read_text(encoding="utf-8")
    assert [nodes[name]["name"] for name in models if f'"{name}"' not in page] == []


def _description(node: dict[str, dict[str, dict[str, str]]], column: str) -> str:
    return node["columns"].get(column, {}).get("description", "")
