"""Rows of a table as lines of text, for all types of files: cells joined by tabs.

Where a table's cells come from is the readers' business.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.cleaning.serializer import MAX_CELL_LINES, MAX_ROW_CHARACTERS, fold_spaces


def row_lines(cells: Sequence[Sequence[str]]) -> list[str]:
    """Return a row of cells, each given as its paragraphs, as lines.

    As on web pages, a row of data becomes one line with tabs between cells; a row with one filled cell, or with
    running text, serves the layout and becomes the paragraphs of its cells.
    """
    folded = [[line for text in cell if (line := fold_spaces(text))] for cell in cells]
    filled = [cell for cell in folded if cell]
    size = sum(len(line) for cell in filled for line in cell)
    if len(filled) < 2 or size > MAX_ROW_CHARACTERS or any(len(cell) > MAX_CELL_LINES for cell in filled):
        return [line for cell in filled for line in cell]
    return ["\t".join(" ".join(cell) for cell in folded).strip("\t")]
