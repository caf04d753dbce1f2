"""The papers beside the tables of a release: data dictionary as CSV and as a page, and how to cite the release.

All is made from the descriptions in the dbt YAML. Not here: the data package (``release.py``), the changes against
the last release (``release_changes.py``).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape
from pathlib import Path

from warehouse.publish import Mart, MartColumn

DICTIONARY = "data_dictionary.csv"
DICTIONARY_PAGE = "data_dictionary.html"
CITATION = "CITATION.cff"
HEADER = (
    "mart",
    "position",
    "column",
    "type",
    "unit",
    "is_key",
    "is_required",
    "is_volatile",
    "description",
    "caveat",
    "mart_caveat",
)
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; color: #222; }
nav { columns: 3 16rem; }
h2 { margin-top: 3rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid #ddd; }
code { white-space: nowrap; }
.caveat { background: #fff6dd; border-left: .25rem solid #e0a800; padding: .1rem .5rem; }
"""


def write_dictionary(marts: Sequence[Mart], path: Path) -> None:
    """Write one row per column of every mart: type, unit, key, description and caveats."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for mart in marts:
            for position, column in enumerate(mart.columns, start=1):
                writer.writerow(_dictionary_row(mart, position, column))


def write_dictionary_page(marts: Sequence[Mart], title: str, caveats: str, release_id: str, path: Path) -> None:
    """Write the dictionary as one HTML page that needs nothing else."""
    lines = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
        "</head>",
        "<body>",
        f"<h1>{escape(title)}</h1>",
        f"<p>Data dictionary of the release <code>{escape(release_id)}</code>.</p>",
        f'<p class="caveat">{escape(caveats)}</p>',
        "<nav><ul>",
        *(f'<li><a href="#{escape(mart.name)}">{escape(mart.name)}</a></li>' for mart in marts),
        "</ul></nav>",
    ]
    for mart in marts:
        lines.extend(_section(mart))
    lines.extend(("</body>", "</html>"))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_citation(title: str, abstract: str, release_id: str, newest: datetime, digest: str, path: Path) -> None:
    """Write ``CITATION.cff`` (version 1.2.0): what to cite so that a reader finds these very numbers.

    Args:
        title: title of the data set.
        abstract: what it is and what to mind.
        release_id: id of the release, given as the version.
        newest: moment of its newest page; its date is the date of the release.
        digest: of its content, given as an identifier.
        path: the file to write.
    """
    lines = (
        "cff-version: 1.2.0",
        f"message: {_yaml('If you use these data, please cite this release.')}",
        "type: dataset",
        f"title: {_yaml(title)}",
        f"abstract: {_yaml(abstract)}",
        f"version: {_yaml(release_id)}",
        f"date-released: {newest:%Y-%m-%d}",
        "authors:",
        f"  - name: {_yaml('The fazhi project')}",
        "identifiers:",
        "  - type: other",
        f"    value: {_yaml(f'sha256:{digest}')}",
        f"    description: {_yaml('Digest of the content of the tables')}",
        "keywords:",
        *(f"  - {_yaml(word)}" for word in ("法治政府建设", "年度报告", "China", "rule of law", "local government")),
    )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _dictionary_row(mart: Mart, position: int, column: MartColumn) -> tuple[object, ...]:
    return (
        mart.name,
        position,
        column.name,
        column.data_type,
        column.unit or "",
        str(column.name in mart.key).lower(),
        str(column.is_required).lower(),
        str(mart.is_volatile or column.is_volatile).lower(),
        column.description,
        column.caveat or "",
        mart.caveat or "",
    )


def _section(mart: Mart) -> Iterator[str]:
    yield f'<h2 id="{escape(mart.name)}">{escape(mart.name)}</h2>'
    yield f"<p>{escape(mart.description)}</p>"
    if mart.caveat:
        yield f'<p class="caveat">{escape(mart.caveat)}</p>'
    yield f"<p>One row per {', '.join(f'<code>{escape(name)}</code>' for name in mart.key)}.</p>"
    yield "<table>"
    yield "<tr><th>column</th><th>type</th><th>unit</th><th>description</th></tr>"
    for column in mart.columns:
        caveat = f'<div class="caveat">{escape(column.caveat)}</div>' if column.caveat else ""
        required = "" if column.is_required else "<br>may be empty"
        yield (
            f"<tr><td><code>{escape(column.name)}</code></td><td>{escape(column.data_type)}{required}</td>"
            f"<td>{escape(column.unit or '')}</td><td>{escape(column.description)}{caveat}</td></tr>"
        )
    yield "</table>"


def _yaml(text: str) -> str:
    """A text as YAML writes it between double quotes, which is how JSON writes it."""
    return json.dumps(text, ensure_ascii=False)
