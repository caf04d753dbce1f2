"""The words by which the labels of a table are understood: totals, serial numbers, remarks, units said in words.

They are the rows of ``table_words.csv`` (read by :mod:`pipelines.reference`); how a table is laid out is judged in
:mod:`pipelines.extraction.table_shape`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

Role = Literal[
    "total", "subtotal", "ordinal", "aside", "unit_column", "neutral", "prior_year", "growth", "share", "unit"
]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True)
class TableWord:
    """One row of ``table_words.csv``: labels that match ``pattern`` have a role; ``value`` is the unit they mean."""

    pattern: re.Pattern[str]
    value: str


@dataclass(frozen=True, eq=False)
class TableWords:
    """All words, by role, in the order of the table. One is equal to itself only, so that it can be a key."""

    words: Mapping[Role, Sequence[TableWord]]

    @lru_cache(maxsize=8192)  # noqa: B019 - there is one table of words in a process
    def has(self, role: Role, label: str) -> bool:
        """Whether a label plays a role."""
        return any(word.pattern.search(label) for word in self.words[role])

    def unit(self, label: str) -> str | None:
        """The unit that a label means without naming it: 办结率 is in per cent."""
        return next((word.value for word in self.words["unit"] if word.pattern.search(label)), None)
