"""Reads saved pages and attached files from disk, for ``fazhi extract`` and ``fazhi evaluate``: no crawl, no warehouse.

How a page is read and scored is the business of ``reading`` and ``evaluate``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pipelines.ablation import leave_out
from pipelines.evaluate import Evaluation, evaluate_folder
from pipelines.extraction.trace import Trace
from pipelines.model import Reading
from pipelines.reading import failure_of, page_from_file, read
from pipelines.reference import load_reference

PAGE_ENDINGS = frozenset({".html", ".htm", ".shtml", ".txt"})
FILE_ENDINGS = frozenset({".pdf", ".docx", ".doc", ".wps", ".rtf", ".odt", ".ofd", ".xlsx", ".xls", ".et", ".zip"})
ENDINGS = PAGE_ENDINGS | FILE_ENDINGS
"""What is looked for in folders; a file that is named is read by what it is, whatever it is called."""


class UnreadableError(ValueError):
    """A name that leads to no page."""


def pages_below(names: Sequence[Path]) -> list[Path]:
    """Return the pages that the names mean: files as they are, folders with all pages below them, sorted.

    Raises:
        UnreadableError: a name leads nowhere, or a folder has no page.
    """
    found: list[Path] = []
    for name in names:
        if name.is_dir():
            below = sorted(path for path in name.rglob("*") if path.suffix.lower() in ENDINGS)
            if not below:
                raise UnreadableError(f"{name}: no page ({', '.join(sorted(ENDINGS))}) in this folder")
            found.extend(below)
        elif name.is_file():
            found.append(name)
        else:
            raise UnreadableError(f"{name}: no such file or folder")
    return found


def extract_files(paths: Sequence[Path], url: str | None) -> Iterator[tuple[str, Reading | str, Trace]]:
    """Read pages one by one, each with the trace of its reading; one that cannot be read gives the reason instead."""
    reference = load_reference()
    for path in paths:
        trace = Trace()
        try:
            reading = read(page_from_file(path, url), reference, trace)
        except Exception as error:
            yield path.name, f"{type(error).__name__}: {error}", trace
        else:
            failure = failure_of(reading)
            yield path.name, f"{failure.kind}: {failure.message}" if failure else reading, trace


def evaluate_gold(folder: Path, only: Sequence[str] = (), without: Sequence[str] = ()) -> Evaluation:
    """Measure reading against the gold of a folder, or of its documents whose names begin as ``only`` says.

    Raises:
        GoldError: the folder's gold cannot be used.
        UnknownRuleError: ``without`` names a rule that does not exist.
    """
    reference = leave_out(load_reference(), without)
    return evaluate_folder(
        folder,
        lambda path: read(page_from_file(path), reference),
        tiers=reference.catalogue.tiers,
        only=only,
    )
