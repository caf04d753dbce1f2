"""From bytes to text, for finding links: BOM, then strict UTF-8, then GB18030; declarations are not believed.

Portals declare encodings that their pages do not have, in both directions, while valid UTF-8 is hardly ever an
accident. The full ladder with its report of disagreements belongs to cleaning, not here.
"""

from __future__ import annotations

import codecs

BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class UndecodableError(ValueError):
    """The bytes are text in none of the encodings that Chinese portals use."""


def decode(body: bytes) -> str:
    """Return the text of a page.

    Raises:
        UndecodableError: neither UTF-8 nor GB18030.
    """
    for mark, encoding in BOMS:
        if body.startswith(mark):
            return body.decode(encoding, errors="replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UndecodableError(f"neither UTF-8 nor GB18030: begins with {body[:40]!r}")
