"""A report's text with other figures in it, and everything that was read from it moved to where it now stands.

Used for the synthetic decade of ``fazhi bench warehouse``: a release is made only of numbers that stand where they say.
Only counts written in plain digits change, all by one factor, so that parts still add up to their sums.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.rows import Row


@dataclass(frozen=True)
class ChangedText:
    """A text in which figures were exchanged.

    Attributes:
        text: as it reads now.
        ends: where the exchanged figures ended before, in order.
        moved: by how many characters what stands behind each of them has moved.
        figures: the new figure by where the old one began and ended.
    """

    text: str
    ends: Sequence[int]
    moved: Sequence[int]
    figures: dict[tuple[int, int], int]

    def place(self, before: int) -> int:
        """Where a place of the old text lies now."""
        passed = bisect_right(self.ends, before)
        return before + self.moved[passed - 1] if passed else before

    def observation(self, row: Row) -> Row:
        """Return an observation with its new place, figure and sentence."""
        figure = self.figures.get((row["char_start"], row["char_end"]))
        start, end = self.place(row["char_start"]), self.place(row["char_end"])
        value = {} if figure is None else {"value": float(figure), "value_text": str(figure)}
        return {**row, **self._sentence(row), **value, "char_start": start, "char_end": end}

    def citation(self, row: Row) -> Row:
        """Return a citation with its new place and sentence."""
        return {**row, **self._sentence(row), **self._span(row), "cited_as": self._quoted(row)}

    def item(self, row: Row) -> Row:
        """Return an item with its new place and text."""
        return {**row, **self._span(row), "text": self._quoted(row)}

    def section(self, row: Row) -> Row:
        """Return a section with its new place and text."""
        body = self.place(row["body_start"])
        span = self._span(row)
        return {**row, **span, "body_start": body, "text": self.text[body : span["char_end"]]}

    def _span(self, row: Row) -> Row:
        return {"char_start": self.place(row["char_start"]), "char_end": self.place(row["char_end"])}

    def _quoted(self, row: Row) -> str:
        return self.text[self.place(row["char_start"]) : self.place(row["char_end"])]

    def _sentence(self, row: Row) -> Row:
        start = self.place(row["sentence_start"])
        end = self.place(row["sentence_start"] + len(row["sentence"]))
        return {"sentence": self.text[start:end], "sentence_start": start}


def changed_text(text: str, observations: Sequence[Row], factor: int) -> ChangedText:
    """Return a text whose counts in plain digits are multiplied."""
    figures = {
        (row["char_start"], row["char_end"]): int(row["value_text"]) * factor
        for row in observations
        if row["value_type"] == "count" and row["value_text"] == f"{row['value']:.0f}"
    }
    parts: list[str] = []
    ends: list[int] = []
    moved: list[int] = []
    last = shift = 0
    for start, end in sorted(figures, key=lambda span: (span[0], -span[1])):
        if start < last:
            del figures[start, end]  # a figure within another: the larger one is exchanged
            continue
        figure = str(figures[start, end])
        parts += [text[last:start], figure]
        shift += len(figure) - (end - start)
        ends.append(end)
        moved.append(shift)
        last = end
    return ChangedText("".join([*parts, text[last:]]), ends, moved, figures)
