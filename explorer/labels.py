"""What the pages say, in Chinese and English: the table ``labels.csv``, read once.

A text may hold places for values, as ``{count}``. Words of the data (names of regions, indicators, sentences) are not
labels and are never translated here.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, get_args

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
DEFAULT_LANGUAGE: Language = "zh"
LABELS = Path(__file__).parent / "labels.csv"


@cache
def load_labels() -> Mapping[str, Mapping[str, str]]:
    """Return language → text by key.

    Raises:
        ValueError: a key stands twice, or a text is missing; the message names the key.
    """
    labels: dict[str, dict[str, str]] = {}
    with LABELS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["key"] in labels or not all(row.get(language) for language in LANGUAGES):
                raise ValueError(f"{LABELS.name}: the key {row['key']!r} stands twice, or lacks a text")
            labels[row["key"]] = {language: row[language] for language in LANGUAGES}
    return labels


def label(key: str, language: Language, **values: object) -> str:
    """Return the text of a key in a language, its places filled with values.

    Raises:
        KeyError: the table has no such key, or the text asks for a value that was not given.
    """
    return load_labels()[key][language].format(**values)


def has_label(key: str) -> bool:
    """Whether the table has a text for a key."""
    return key in load_labels()
