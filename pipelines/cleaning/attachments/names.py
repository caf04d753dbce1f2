"""The name of a file, from what the server, the link and the address say; never a path.

Names are for people and for titles; nothing is ever written under them.
"""

from __future__ import annotations

import re
import unicodedata
from email.header import decode_header, make_header
from urllib.parse import unquote, unquote_to_bytes, urljoin, urlsplit

from lxml import etree, html

MAX_NAME = 150
"""Characters kept of a name; the ending stays."""

# filename*=UTF-8''%E6%8A%A5%E5%91%8A.pdf
EXTENDED_NAME = re.compile(r"filename\*\s*=\s*\"?(?P<charset>[\w-]+)'[^']*'(?P<value>[^;\"]+)", re.IGNORECASE)
# filename="报告.pdf" · filename=report.pdf
PLAIN_NAME = re.compile(r"filename\s*=\s*(?:\"(?P<quoted>(?:\\.|[^\"\\])*)\"|(?P<bare>[^;]+))", re.IGNORECASE)
# =?UTF-8?B?5oql5ZGKLnBkZg==?=
ENCODED_WORD = re.compile(r"=\?[\w-]+\?[bq]\?", re.IGNORECASE)
PERCENT_CODE = re.compile(r"%[0-9A-Fa-f]{2}")  # %E6
# scripts that hand out files and say nothing of their names: download.jsp · getFile.do
SCRIPT_ENDING = re.compile(r"\.(?:jspx?|aspx?|do|action|php|cgi|ashx|s?html?)$", re.IGNORECASE)
# what stands around the name in a link: 附件： · 附件1. · 点击下载 · （PDF版） · 【下载】
ANCHOR_FRAME = re.compile(
    r"^(?:附\s*件\s*\d*\s*[:：.、]?|点击(?:此处)?(?:下载|查看)[:：]?|下载[:：]|[【\[](?:附件|下载)[】\]])\s*|[\[【(（]?(?:点击)?下载[\]】)）]?$"
)
ENDING = re.compile(r"\.[A-Za-z0-9]{1,5}$")  # .pdf
# reserved by Windows, with or without ending: con · LPT1.pdf
RESERVED = re.compile(r"^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
_FORBIDDEN = frozenset('<>:"|?*')


def file_name(disposition: str | None, anchor: str | None, url: str | None) -> str | None:
    """Return the name of a file from the first that states one: Content-Disposition, link text, address.

    Args:
        disposition: the header as received, read as Latin-1.
        anchor: the text of the link.
        url: the address.
    """
    for name in (_of_disposition(disposition or ""), _of_anchor(anchor or ""), _of_url(url or "")):
        if name and (safe := sanitised(name)):
            return safe
    return None


def anchor_of(markup: str, page_url: str, file_url: str) -> str | None:
    """Return the text of the link that leads from a page to a file; None when no link does."""
    wanted = _comparable(file_url)
    try:
        tree = html.document_fromstring(
            markup.replace("\x00", "").encode("utf-8", "replace"), parser=html.HTMLParser(encoding="utf-8")
        )
    except (etree.LxmlError, ValueError):
        return None
    for link in tree.iter("a"):
        if _comparable(urljoin(page_url, (link.get("href") or "").strip())) == wanted:
            text = " ".join(str(link.get("title") or "".join(map(str, link.itertext()))).split())
            if text:
                return text
    return None


def _comparable(url: str) -> str:
    """An address as two writings of it have in common: without scheme, escapes, fragment."""
    return unquote(url.partition("#")[0].partition("://")[2]).lower()


def stem_of(name: str) -> str:
    """A name without its ending."""
    return ENDING.sub("", name).strip()


def sanitised(name: str) -> str | None:
    r"""Return a name that is no path and has nothing unprintable; None when nothing is left.

    "../../etc/passwd" → "passwd", "C:\报告.doc" → "报告.doc", "con.pdf" → "_con.pdf".
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rstrip("/").rpartition("/")[2]
    kept = "".join(
        character
        for character in last
        if character not in _FORBIDDEN and unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
    )
    kept = " ".join(kept.split()).strip(" .")
    if not kept:
        return None
    if RESERVED.match(kept):
        kept = f"_{kept}"
    ending = ENDING.search(kept)
    tail = ending[0] if ending else ""
    return kept[: MAX_NAME - len(tail)].removesuffix(tail) + tail if len(kept) > MAX_NAME else kept


def _decoded(raw: bytes) -> str:
    """Decode a name as servers send it, whatever they call it: UTF-8, else GB18030."""
    for codec in ("utf-8", "gb18030"):
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def _of_disposition(header: str) -> str | None:
    if extended := EXTENDED_NAME.search(header):
        raw = unquote_to_bytes(extended["value"].strip())
        try:
            return raw.decode(extended["charset"])
        except (LookupError, UnicodeDecodeError):
            return _decoded(raw)
    plain = PLAIN_NAME.search(header)
    if plain is None:
        return None
    value = (plain["quoted"] if plain["quoted"] is not None else plain["bare"]).strip()
    if ENCODED_WORD.search(value):
        try:
            return str(make_header(decode_header(value)))
        except (LookupError, UnicodeDecodeError, ValueError):
            return None
    if PERCENT_CODE.search(value):
        return _decoded(unquote_to_bytes(value))
    try:
        return _decoded(value.encode("latin-1"))
    except UnicodeEncodeError:
        return value


def _of_anchor(text: str) -> str | None:
    """The link's text, when it names the file rather than the act of getting it."""
    name = ANCHOR_FRAME.sub("", ANCHOR_FRAME.sub("", " ".join(text.split())))
    return name if len(stem_of(name)) >= 2 else None


def _of_url(url: str) -> str | None:
    last = unquote(urlsplit(url).path.rpartition("/")[2])
    return None if not ENDING.search(last) or SCRIPT_ENDING.search(last) else last
