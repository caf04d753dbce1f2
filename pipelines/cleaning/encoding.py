"""Bytes to text by a ladder that trusts the bytes before their label; no markup is read here.

The rungs: byte order mark, UTF-16 without a mark, strict UTF-8, GB18030. What a page declares about itself
only breaks a tie, because portals often declare gb2312 over UTF-8 bytes and the reverse; a declaration
that disagrees with the bytes is reported.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from pipelines.model import Issue

# charset=gb2312 · charset="utf-8" · <?xml version="1.0" encoding="GBK"?>
DECLARED_IN_BYTES = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z][\w.:\-]{1,30})""", re.I)
# text/html; charset=UTF-8
DECLARED_IN_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z][\w.:\-]{1,30})""", re.I)

DECLARATION_WINDOW = 4096
"""Bytes at the start in which a declaration is looked for (browsers look at the first 1024)."""
DAMAGE_SHARE = 0.01
"""Replacement characters per character up to which damaged UTF-8 is still read as UTF-8."""
NUL_SHARE = 0.2
"""Share of zero bytes at odd or even places above which bytes are UTF-16 without a mark."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FAMILY = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "cp936": "gb18030",
    "hz": "gb18030",
    "utf-8": "utf-8",
    "big5": "big5",
    "big5hkscs": "big5",
    "cp950": "big5",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16",
    "utf-16-be": "utf-16",
}


@dataclass(frozen=True)
class Decoded:
    """Text made of bytes.

    Attributes:
        text: the decoded text without byte order mark.
        encoding: the name of the codec that was used.
        issues: damage and disagreements met.
    """

    text: str
    encoding: str
    issues: tuple[Issue, ...] = ()


def _family(label: str | None) -> str | None:
    """Family of a declared label ("GBK" → "gb18030"); None when nothing usable is declared."""
    if not label:
        return None
    try:
        name = codecs.lookup(label).name
    except LookupError:
        return None
    return _FAMILY.get(name, name)


def declared_encoding(content: bytes, content_type: str | None) -> str | None:
    """Return the label a page gives itself: the header's, else the first one in its first bytes."""
    if content_type and (found := DECLARED_IN_HEADER.search(content_type)):
        return found[1].lower()
    inside = DECLARED_IN_BYTES.search(content[:DECLARATION_WINDOW])
    return inside[1].decode("ascii").lower() if inside else None


def _without_mark(content: bytes) -> str | None:
    """Recognise UTF-16 without a mark: markup and digits leave zeros at every other place."""
    sample = content[:DECLARATION_WINDOW]
    half = len(sample) // 2
    if half < 8:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > NUL_SHARE * half and even * 4 < odd:
        return "utf-16-le"
    if even > NUL_SHARE * half and odd * 4 < even:
        return "utf-16-be"
    return None


def _strict(content: bytes, codec: str) -> str | None:
    try:
        return content.decode(codec)
    except UnicodeDecodeError:
        return None


def _choose(content: bytes, declared: str | None) -> tuple[str, str, bool]:
    """Return text, codec and whether bytes were lost, for content without mark."""
    if codec := _without_mark(content):
        return content.decode(codec, "replace"), codec, False
    if (text := _strict(content, "utf-8")) is not None:
        return text, "utf-8", False
    if declared == "big5" and (text := _strict(content, "big5hkscs")) is not None:
        return text, "big5", False
    damaged = content.decode("utf-8", "replace")
    lost = damaged.count("�")
    if (text := _strict(content, "gb18030")) is not None:
        # A page cut off inside a character can still be valid GB18030 by chance: UTF-8 wins when nearly whole.
        cut = lost == 1 and len(content) > 64 and declared == "utf-8"
        return (damaged, "utf-8", True) if cut else (text, "gb18030", False)
    chinese = content.decode("gb18030", "replace")
    if lost <= DAMAGE_SHARE * len(damaged) or lost < chinese.count("�"):
        return damaged, "utf-8", True
    return chinese, "gb18030", True


def decode(content: bytes, content_type: str | None = None) -> Decoded:
    """Decode a page; never raises.

    Args:
        content: the body as received.
        content_type: the Content-Type header, if any.

    Returns:
        The text, the codec used, and issues of kind ``encoding_disagreement`` (the declaration names another
        family than the bytes show) and ``bad_encoding`` (some bytes fit no reading).
    """
    label = declared_encoding(content, content_type)
    declared = _family(label)
    issues: list[Issue] = []
    for mark, codec in _MARKS:
        if content.startswith(mark):
            text, lossy = content[len(mark) :].decode(codec, "replace"), False
            break
    else:
        text, codec, lossy = _choose(content, declared)
    if declared and declared != _FAMILY.get(codec, codec) and not text.isascii():
        issues.append(
            Issue("clean", "info", "encoding_disagreement", f"declared {label}, bytes are {codec}", value=label)
        )
    if lossy:
        issues.append(
            Issue(
                "clean",
                "warn",
                "bad_encoding",
                f"{text.count(chr(0xFFFD))} places fit no character when read as {codec}",
                value=codec,
            )
        )
    return Decoded(text, codec, tuple(issues))
