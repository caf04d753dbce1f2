"""From bytes to text, for finding links: BOM, UTF-16 without one, UTF-8, GB18030; declarations are not believed.

Portals declare encodings that their pages do not have, in both directions, while valid UTF-8 is hardly ever an
accident. A few broken bytes, as where a title was cut inside a character, do not make a page unreadable. The full
ladder with its report of disagreements belongs to cleaning, not here.
"""

from __future__ import annotations

import codecs

BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
LOST = "\N{REPLACEMENT CHARACTER}"
DAMAGE_SHARE = 0.01
"""Share of characters that may be lost before a reading is given up."""
NUL_SHARE = 0.2
"""Share of zero bytes at every other place from which bytes are UTF-16: its markup and digits have them."""
SAMPLE_BYTES = 4096


class UndecodableError(ValueError):
    """The bytes are text in none of the encodings that Chinese portals use."""


def _utf16_without_bom(body: bytes) -> str | None:
    sample = body[:SAMPLE_BYTES]
    half = len(sample) // 2
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if half and odd > NUL_SHARE * half and even * 4 < odd:
        return "utf-16-le"
    if half and even > NUL_SHARE * half and odd * 4 < even:
        return "utf-16-be"
    return None


def _nearly(body: bytes, encoding: str) -> str | None:
    text = body.decode(encoding, errors="replace")
    return text if text.count(LOST) <= DAMAGE_SHARE * len(text) else None


def decode(body: bytes) -> str:
    """Return the text of a page, without its byte order mark.

    Raises:
        UndecodableError: it is neither UTF-8 nor GB18030 nor UTF-16, or has zero bytes like a binary file.
    """
    marked = next(((mark, encoding) for mark, encoding in BOMS if body.startswith(mark)), None)
    encoding = marked[1] if marked else _utf16_without_bom(body)
    unmarked = body[len(marked[0]) :] if marked else body
    text = _nearly(unmarked, encoding) if encoding is not None else _unmarked(body)
    if text is None or "\0" in text:
        raise UndecodableError(f"neither UTF-8 nor GB18030: begins with {body[:40]!r}")
    return text


def _unmarked(body: bytes) -> str | None:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    nearly = _nearly(body, "utf-8")
    return nearly if nearly is not None else _nearly(body, "gb18030")
