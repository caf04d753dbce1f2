"""Printed lines to paragraphs: wrapped lines joined as Chinese is set, page numbers and repeated headers dropped.

Works on lines with places; where the lines come from is the readers' business.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from pipelines.cleaning.attachments.glyphs import Line
from pipelines.cleaning.titles import HEADING_LABEL

# - 3 - · — 3 — · －3－ · ·3· · ~3~
DASHED_NUMBER = re.compile(r"^[-–—－―‐·•~∼]{1,2}\s*(?P<number>\d{1,4})\s*[-–—－―‐·•~∼]{1,2}$")
# 第3页 · 第 3 页 共 12 页 · 第3页/共12页 · 共 12 页 第 3 页 · Page 3 of 12
NAMED_NUMBER = re.compile(
    r"^(?:第\s*\d{1,4}\s*页(?:[\s,，/]*共\s*\d{1,4}\s*页)?|共\s*\d{1,4}\s*页[\s,，/]*第\s*\d{1,4}\s*页|page\s*\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?)$",
    re.IGNORECASE,
)
# 3 · 3/12 · 3 / 12
BARE_NUMBER = re.compile(r"^(?P<number>\d{1,4})(?:\s*/\s*\d{1,4})?$")
# figures that differ from page to page in a running header
FIGURES = re.compile(r"\d+")  # "第3期" → "第#期"
# what ends a paragraph for certain: 。 ； ！ ？ with closing marks
TERMINAL = re.compile(r"[。；！？!?][”’」』）)》】]*$")
# the piece of a line that cannot be broken: 12345 · COVID-19 · 98.5%
UNBROKEN = re.compile(r"^[\x21-\x7e]+")

HEADER_PAGES = 3
"""Pages on which a line must stand at the same height to be a running header or footer."""
HEADER_SHARE = 0.6
"""Share of the pages on which it must stand."""
SAME_HEIGHT = 0.01
"""Difference of places, as a share of the page's height, that counts as the same."""
MARGIN_ZONE = 0.1
"""Share of the page's height at top and bottom in which a bare number is a page number without further proof."""
INDENT = 1.2
"""Widths of a character from the left margin on which a line is indented."""
SAME_INDENT = 0.5
"""Widths of a character by which lines that are indented alike may differ."""
FULL_SLACK = 2.2
"""Widths of a character that a full line may lack: punctuation that may not begin a line moves others."""
RAGGED_SHARE = 0.75
"""Share of the text's width from which on a line without an end mark goes on below, in texts set ragged."""
SIZE_CHANGE = 0.15
"""Difference of sizes that tells a title from the text under it."""
WIDE_PITCH = 1.4
"""Usual distances between lines above which a blank line, and so a new paragraph, lies between two."""
LONG_LINE = 0.6
"""Share of the widest line from which on a line tells where the margins are."""
WIDEST_INDENT = 4.2
"""Widths of a character above which a line is centred or set to the right, not indented."""
ENOUGH_INDENTS = 3
"""Lines that must begin at one indent for it to be the document's usual one."""
ENOUGH_LINES = 5
"""Long lines that a page must have to be measured by itself."""


@dataclass(frozen=True)
class Rows:
    """Rows of a table, ready as text, in their place among the lines of a page."""

    texts: tuple[str, ...]
    top: float
    page: int


@dataclass(frozen=True)
class PrintedPage:
    """What one page holds, in reading order."""

    number: int
    height: float
    items: tuple[Line | Rows, ...]

    @property
    def lines(self) -> list[Line]:
        """The lines outside tables."""
        return [item for item in self.items if isinstance(item, Line)]


@dataclass(frozen=True)
class _Margins:
    left: float
    right: float


@dataclass(frozen=True)
class _Layout:
    """How a document is set.

    Attributes:
        margins: by page.
        pitch: the usual distance between lines.
        indent: where paragraphs usually begin, in widths of a character from the margin; None without indents.
    """

    margins: Mapping[int, _Margins]
    pitch: float
    indent: float | None


@dataclass(frozen=True)
class _Open:
    """A paragraph that may go on."""

    text: str
    last: Line
    lines: int = 1


def page_number_of(text: str) -> int | None:
    """The number, when a line is nothing but one that could number a page without further words."""
    found = BARE_NUMBER.match(text.strip())
    return int(found["number"]) if found else None


def is_page_number(text: str) -> bool:
    """Whether a line can be nothing else than a page number: "- 3 -", "第3页"."""
    stripped = text.strip()
    return DASHED_NUMBER.match(stripped) is not None or NAMED_NUMBER.match(stripped) is not None


def without_furniture(pages: Sequence[PrintedPage]) -> list[PrintedPage]:
    """Drop page numbers and running headers and footers; only first and last lines of pages can be either."""
    running = _running_texts(pages)
    numbers = _running_numbers(pages)
    return [replace(page, items=_body_items(page, running, numbers)) for page in pages]


def _body_items(page: PrintedPage, running: Mapping[str, float], numbers: frozenset[int]) -> tuple[Line | Rows, ...]:
    items = list(page.items)
    for end in (-1, 0):
        while items:
            item = items[end]
            if not isinstance(item, Line) or not _is_furniture(item, page, running, numbers):
                break
            items.pop(end)
    return tuple(items)


def _is_furniture(line: Line, page: PrintedPage, running: Mapping[str, float], numbers: frozenset[int]) -> bool:
    if is_page_number(line.text):
        return True
    number = page_number_of(line.text)
    if number is not None:
        in_margin = line.bottom < MARGIN_ZONE * page.height or line.top > (1 - MARGIN_ZONE) * page.height
        return in_margin or number - page.number in numbers
    place = running.get(FIGURES.sub("#", line.text))
    return place is not None and abs(line.top / page.height - place) <= SAME_HEIGHT


def _ends(page: PrintedPage) -> list[Line]:
    """The first two and last two lines of a page."""
    lines = page.lines
    return lines if len(lines) < 5 else [*lines[:2], *lines[-2:]]


def _running_texts(pages: Sequence[PrintedPage]) -> dict[str, float]:
    """Texts that stand at the ends of most pages, with their place as a share of the page's height."""
    places: dict[str, list[float]] = defaultdict(list)
    for page in pages:
        for line in _ends(page):
            places[FIGURES.sub("#", line.text)].append(line.top / page.height)
    wanted = max(HEADER_PAGES, HEADER_SHARE * len(pages))
    found: dict[str, float] = {}
    for text, tops in places.items():
        middle = sorted(tops)[len(tops) // 2]
        if sum(abs(top - middle) <= SAME_HEIGHT for top in tops) >= wanted:
            found[text] = middle
    return found


def _running_numbers(pages: Sequence[PrintedPage]) -> frozenset[int]:
    """Differences between a bare number at an end of a page and the page's place, met on two pages or more."""
    differences: Counter[int] = Counter()
    for page in pages:
        ends = {number for line in _ends(page) if (number := page_number_of(line.text)) is not None}
        differences.update(number - page.number for number in ends)
    return frozenset(difference for difference, count in differences.items() if count >= 2)


def join_texts(first: str, second: str) -> str:
    """Join two lines of one paragraph: "十八届三中、四中、五" + "中、六中全会" without, English words with a blank."""
    if not first or not second:
        return first + second
    left, right = first[-1], second[0]
    if left.isascii() and right.isascii() and not (left.isdigit() and right.isdigit()):
        open_word = left.isalnum() or left in ",;:)"
        return f"{first} {second}" if open_word and right.isalnum() else first + second
    return first + second


def paragraphs_of(pages: Sequence[PrintedPage]) -> list[str]:
    """Return the paragraphs and table rows of a document, in order.

    A line goes on below when it reaches the right margin and the next one is not indented, also over a page's end;
    what a font of another size, a heading's number, an indent or a blank line begins is a paragraph of its own.
    """
    margins = _margins(pages)
    layout = _Layout(margins, _pitch(pages), _usual_indent(pages, margins))
    done: list[str] = []
    current: _Open | None = None
    for page in pages:
        for item in page.items:
            if isinstance(item, Rows):
                if current:
                    done.append(current.text)
                    current = None
                done.extend(item.texts)
            elif current and _goes_on(current, item, layout):
                current = _Open(join_texts(current.text, item.text), item, current.lines + 1)
            else:
                if current:
                    done.append(current.text)
                current = _Open(item.text, item)
    if current:
        done.append(current.text)
    return done


def _goes_on(current: _Open, line: Line, layout: _Layout) -> bool:
    above, margins = current.last, layout.margins
    size = max(above.size, 0.1)
    if abs(above.size - line.size) > SIZE_CHANGE * size or "\t" in current.text or "\t" in line.text:
        return False
    indent = (line.x0 - margins[line.page].left) / size
    if indent > INDENT and (
        _same_indent(indent, layout.indent) or not _hangs(current, line, margins[above.page].right)
    ):
        return False
    if line.page == above.page and line.top - above.top > WIDE_PITCH * layout.pitch:
        return False
    gap = margins[above.page].right - above.x1
    unbroken = UNBROKEN.match(line.text)
    first_word = len(unbroken[0]) * size * 0.6 if unbroken else 0
    if gap <= max(FULL_SLACK * size, first_word + size):
        return layout.indent is not None or not _begins_anew(current, line)
    width = margins[above.page].right - margins[above.page].left
    is_long = above.x1 - margins[above.page].left >= RAGGED_SHARE * width
    return (
        is_long
        and not TERMINAL.search(above.text)
        and not _begins_anew(current, line)
        and not (current.lines == 1 and HEADING_LABEL.match(current.text))
    )


def _hangs(current: _Open, line: Line, right: float) -> bool:
    """Whether an indented line goes on with a block that is indented as a whole, in the middle of a sentence."""
    above = current.last
    return (
        abs(line.x0 - above.x0) < SAME_INDENT * above.size
        and right - above.x1 <= FULL_SLACK * above.size
        and not TERMINAL.search(above.text)
        and not HEADING_LABEL.match(line.text)
    )


def _begins_anew(current: _Open, line: Line) -> bool:
    """Whether a line that is not indented looks like a paragraph of its own below a finished sentence."""
    return HEADING_LABEL.match(line.text) is not None and (
        TERMINAL.search(current.text) is not None or HEADING_LABEL.match(current.text) is not None
    )


def _pitch(pages: Sequence[PrintedPage]) -> float:
    """The usual distance from a line to the next one on its page."""
    steps = sorted(
        below.top - above.top for page in pages for above, below in pairwise(page.lines) if below.top > above.top
    )
    return steps[(len(steps) - 1) // 2] if steps else 0.0


def _margins(pages: Sequence[PrintedPage]) -> dict[int, _Margins]:
    """Measure where the text of each page begins and ends; pages with little text are measured like the others."""
    whole = _measure([line for page in pages for line in page.lines])
    found: dict[int, _Margins] = {}
    for page in pages:
        lines = page.lines
        widest = max((line.x1 - line.x0 for line in lines), default=0)
        long_lines = [line for line in lines if line.x1 - line.x0 >= LONG_LINE * widest]
        own = _measure(lines) if len(long_lines) >= ENOUGH_LINES else whole
        found[page.number] = own if abs(own.right - own.left) >= 0.8 * abs(whole.right - whole.left) else whole
    return found


def _measure(lines: Iterable[Line]) -> _Margins:
    lines = list(lines)
    if not lines:
        return _Margins(0, 0)
    widest = max(line.x1 - line.x0 for line in lines)
    long_lines = [line for line in lines if line.x1 - line.x0 >= LONG_LINE * widest]
    rights = sorted(line.x1 for line in long_lines)
    lefts = sorted(line.x0 for line in long_lines)
    # One line may stick out by a mark that hangs over the margin; a tenth from either end tells the margin.
    return _Margins(lefts[len(lefts) // 10], rights[len(rights) - 1 - len(rights) // 10])


def _same_indent(indent: float, usual: float | None) -> bool:
    return usual is not None and abs(indent - usual) < SAME_INDENT


def _usual_indent(pages: Sequence[PrintedPage], margins: Mapping[int, _Margins]) -> float | None:
    """Where the paragraphs of this document usually begin; None when they are not indented."""
    indents = [(line.x0 - margins[page.number].left) / max(line.size, 0.1) for page in pages for line in page.lines]
    counts = Counter(round(indent * 2) / 2 for indent in indents if INDENT < indent < WIDEST_INDENT)
    indent, count = max(counts.items(), key=lambda each: each[1], default=(0.0, 0))
    return indent if count >= ENOUGH_INDENTS else None
