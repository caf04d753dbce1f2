"""The words of searching: characters folded, tokens of a text, and what a query asks for.

Chinese is written without spaces and most queries are two characters long. So a text is indexed by its single
characters and its pairs of neighbours; Latin letters and digits too, so that "23" is found in "2023". Folding keeps
the length of a text: a place in the folded text is the place in the text itself. Pure functions over strings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

LONGEST_QUERY = 200
"""Characters of a query; nobody types more, and a pasted page is no query."""
TOKENS_ASKED = 32
"""Tokens of a query that the index is asked for; the text itself answers for the rest."""

# "行政复议", "2023": a run of letters, Chinese characters and digits
RUN = re.compile(r"[^\W_]+")
# "\"行政 复议\"", "“放管服”", "复议": a phrase in quotes, or what stands between spaces
WORD = re.compile(r'"(?P<plain>[^"]+)"|“(?P<curly>[^”]+)”|(?P<bare>\S+)')

# Blocks whose characters have simplified or plain forms: Han with extension A, compatibility Han, full-width forms.
LAST_FOLDED = 0xFFFF
HAN = range(0x3400, 0xA000)


@dataclass(frozen=True)
class Query:
    """What is looked for.

    Attributes:
        words: folded words; a hit holds each of them.
        tokens: what the index is asked for; empty when no word holds a letter, digit or Chinese character.
        is_exact: whether the index alone tells hits apart: each word is one token.
    """

    words: tuple[str, ...]
    tokens: tuple[str, ...]
    is_exact: bool


@cache
def _folded_characters() -> dict[int, str]:
    import opencc

    folded: dict[int, str] = {}
    for code in range(0x21, LAST_FOLDED + 1):
        plain = unicodedata.normalize("NFKC", chr(code)).lower()
        if len(plain) == 1 and plain != chr(code):
            folded[code] = plain
    # Each character alone, on a line of its own: OpenCC keeps lines apart.
    characters = [chr(code) for code in HAN]
    simplified = opencc.OpenCC("t2s").convert("\n".join(characters)).split("\n")
    plain_of = {before: after for before, after in zip(characters, simplified, strict=True) if len(after) == 1}
    folded |= {ord(before): after for before, after in plain_of.items() if before != after}
    return {code: plain_of.get(plain, plain) for code, plain in folded.items()}


def fold(text: str) -> str:
    """Return a text with simplified characters, plain widths and small letters; as long as it was."""
    return text.translate(_folded_characters())


def tokens(folded: str) -> set[str]:
    """Return the characters and pairs of neighbours of a folded text, leaving out marks and spaces."""
    found: set[str] = set()
    for run in RUN.findall(folded):
        found.update(run)
        found.update(map(str.__add__, run, run[1:]))
    return found


def parse_query(text: str) -> Query:
    """Return what a query asks for: words between spaces, and phrases in quotes as they stand."""
    words = [fold(next(filter(None, match.groups()))) for match in WORD.finditer(text)]
    distinct = tuple(dict.fromkeys(word for word in words if word.strip()))
    asked = list(dict.fromkeys(token for word in distinct for token in _asked(word)))
    is_exact = len(asked) <= TOKENS_ASKED and all(_asked(word) == [word] for word in distinct)
    return Query(distinct, tuple(asked[:TOKENS_ASKED]), is_exact)


def _asked(word: str) -> list[str]:
    """The pairs of a word; a run of one character stands for itself."""
    asked: list[str] = []
    for run in RUN.findall(word):
        asked += map(str.__add__, run, run[1:]) if len(run) > 1 else [run]
    return asked


def places(folded: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Return where words stand in a folded text, in order, overlapping places joined; empty unless all stand there."""
    found: list[tuple[int, int]] = []
    for word in words:
        start = folded.find(word)
        if start < 0:
            return []
        while start >= 0:
            found.append((start, start + len(word)))
            start = folded.find(word, start + len(word))
    joined: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
