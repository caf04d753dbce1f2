"""Traditional to Simplified characters with a way back to the original offsets; no other rewriting of text.

OpenCC's t2s changes characters and leaves vocabulary alone. Pages that went through a Taiwan converter also carry
other words (檔案 for 文件): a small table, applied to the Traditional text first, mends those that would hide a
term of law. The conversion is lossy and serves recognition only; whatever is reported comes from the original.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from pipelines.cleaning.tables import SEEDS_DIR, read_table

TRADITIONAL_SHARE = 0.05
"""Share of Chinese characters changed by t2s from which a text counts as Traditional (a converted
report shows about 0.35, a Simplified one 0.0)."""

# a run of Chinese characters of the common blocks
HAN_RUN = re.compile(r"[\u3400-\u9fff]+")

Script = Literal["Hans", "Hant"]


@dataclass(frozen=True)
class Converted:
    """Simplified text and where each of its characters came from.

    Attributes:
        text: the Simplified text.
        offsets: for each character of ``text`` the index in the original, plus one last entry: the original's
            length. None when the text did not change, so that every index is its own.
    """

    text: str
    offsets: tuple[int, ...] | None = None

    def original_offset(self, index: int) -> int:
        """Index in the original text of an index (or exclusive end) in the Simplified text."""
        return index if self.offsets is None else self.offsets[index]

    def simplified_offset(self, index: int) -> int:
        """Index in the Simplified text of an index (or exclusive end) in the original text."""
        return index if self.offsets is None else bisect_left(self.offsets, index)


@cache
def _t2s() -> object:
    import opencc

    return opencc.OpenCC("t2s")


def _convert(text: str) -> str:
    converted: str = _t2s().convert(text)  # type: ignore[attr-defined]
    return converted


@cache
def _changed_character() -> re.Pattern[str]:
    """A character that t2s changes when it stands alone; asking it once is much faster than once a page."""
    alone = [chr(code) for code in range(0x3400, 0xA000)]
    simplified = _convert("\n".join(alone)).split("\n")
    changed = "".join(before for before, after in zip(alone, simplified, strict=True) if before != after)
    return re.compile(f"[{changed}]")


@cache
def load_overlay() -> Mapping[str, str]:
    """Read the overlay: Traditional wording → Simplified term."""
    rows = read_table(SEEDS_DIR / "traditional_overlay.csv", ("traditional", "simplified", "note"))
    return {row["traditional"]: row["simplified"] for row in rows}


@cache
def _overlay_pattern() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(load_overlay(), key=len, reverse=True))))


def traditional_share(text: str) -> float:
    """Share of the Chinese characters of a text that t2s changes; 0.0 for a text without any."""
    changed = len(_changed_character().findall(text))
    if not changed:
        return 0.0
    return changed / sum(map(len, HAN_RUN.findall(text)))


def detect_script(text: str) -> Script:
    """Tell Traditional ("Hant") from Simplified ("Hans") text; see ``TRADITIONAL_SHARE``."""
    return "Hant" if traditional_share(text) >= TRADITIONAL_SHARE else "Hans"


def _plain(text: str, start: int, pieces: list[str], offsets: list[int]) -> None:
    """Convert a stretch without overlay terms, character by character where lengths would differ."""
    converted = _convert(text)
    if len(converted) == len(text):
        pieces.append(converted)
        offsets.extend(range(start, start + len(text)))
        return
    for index, character in enumerate(text, start=start):
        simplified = _convert(character)
        pieces.append(simplified)
        offsets.extend([index] * len(simplified))


def to_simplified(text: str) -> Converted:
    """Convert a text to Simplified characters if it is Traditional.

    Args:
        text: any text.

    Returns:
        The text itself with identity offsets when it is Simplified already; else overlay plus t2s, with the map
        from each Simplified index to the original index. Line ends are kept, so line numbers stay the same.
    """
    if detect_script(text) == "Hans":
        return Converted(text)
    overlay = load_overlay()
    pieces: list[str] = []
    offsets: list[int] = []
    end = 0
    for hit in _overlay_pattern().finditer(text):
        _plain(text[end : hit.start()], end, pieces, offsets)
        term = overlay[hit[0]]
        pieces.append(term)
        offsets.extend(hit.start() + min(i, len(hit[0]) - 1) for i in range(len(term)))
        end = hit.end()
    _plain(text[end:], end, pieces, offsets)
    offsets.append(len(text))
    return Converted("".join(pieces), tuple(offsets))
