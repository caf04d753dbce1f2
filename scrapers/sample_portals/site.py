"""What the sample sites share: pages by address, texts as paragraphs, list entries, and small decoys.

The markup of a CMS family belongs in the module of the site that has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from pathlib import Path

TEXTS = Path(__file__).resolve().parent / "texts"
HTML = "text/html; charset=utf-8"
XML = "text/xml; charset=utf-8"
PLAIN = "text/plain; charset=utf-8"
LAST_MODIFIED = "Sun, 01 Nov 2026 00:00:00 GMT"
"""When the sample itself was made; no date of any document."""

DIGITS = re.compile(r"\d{2,}")  # 2017, 624
DECOY = (
    "本页为样例栏目中的其他条目,只用来演示列表,不是真实文件。",
    "它没有正文内容,也不包含任何统计数字。",
)


@dataclass(frozen=True)
class SamplePage:
    """A page as it is served."""

    body: bytes
    content_type: str = HTML
    last_modified: str | None = LAST_MODIFIED


@dataclass
class Site:
    """A sample site: its pages by path with query.

    Attributes:
        name: for messages.
        pages: from ``/path?query`` to the page.
    """

    name: str
    pages: dict[str, SamplePage] = field(default_factory=dict)

    def add(self, path: str, text: str, content_type: str = HTML) -> None:
        """Serve a text under a path."""
        self.pages[path] = SamplePage(text.encode("utf-8"), content_type)


@dataclass(frozen=True)
class Line:
    """An entry of a list.

    Attributes:
        title: full title.
        path: address on the site.
        day: date shown beside it, ``YYYY-MM-DD``; None shows none.
        cut: how many characters of the title are shown before the dots; None shows it whole.
    """

    title: str
    path: str
    day: str | None = None
    cut: int | None = None

    @property
    def shown(self) -> str:
        """The text of the link."""
        return self.title if self.cut is None else f"{self.title[: self.cut]}..."


@cache
def text_lines(name: str) -> tuple[str, ...]:
    """The lines of a sample text, by the three digits its file name begins with; the first line is ``[0]``."""
    (path,) = TEXTS.glob(f"{name}_*.txt")
    return tuple(path.read_bytes().decode("utf-8").split("\n"))


def paragraphs(lines: Sequence[str], *, attributes: str = "", inner: Callable[[str], str] = escape) -> str:
    """Put every line that is not blank into a ``<p>``, white space and all."""
    opening = f"<p {attributes}>" if attributes else "<p>"
    return "\n".join(f"{opening}{inner(line)}</p>" for line in lines if line.strip())


def broken_lines(lines: Sequence[str]) -> str:
    """Put the lines one under the other with ``<br/>`` between them."""
    return "<br/>\n".join(escape(line) for line in lines if line.strip())


def word_spans(line: str) -> str:
    """Escape a line and split every number over spans, as text pasted from a word processor has it.

    ``2023年`` → ``<span lang="EN-US">20</span><span lang="EN-US">23</span>年``
    """

    def split(found: re.Match[str]) -> str:
        half = len(found[0]) // 2
        return "".join(f'<span lang="EN-US">{part}</span>' for part in (found[0][:half], found[0][half:]))

    return DIGITS.sub(split, escape(line, quote=False))


def chunks(lines: Sequence[Line], size: int) -> list[Sequence[Line]]:
    """Cut a list into pages."""
    return [lines[start : start + size] for start in range(0, len(lines), size)]


def metas(named: dict[str, str]) -> str:
    """Meta tags, in order."""
    return "\n".join(f'<meta name="{name}" content="{escape(value)}" />' for name, value in named.items())


def decoy_paragraphs() -> str:
    """The body of a decoy page."""
    return paragraphs(DECOY)
