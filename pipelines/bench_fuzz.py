"""``fazhi bench fuzz``: pages damaged in many ways, to see that reading never fails and never takes long.

Which damage a page gets follows from seed and number alone, so that any page can be made again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipelines.bench_pages import bench_pages
from pipelines.model import Page
from pipelines.reading import read
from pipelines.reference import Reference, load_reference

SLOW_SECONDS = 1.0
"""Computing time above which a page counts as slow."""
SHOWN = 5
"""Slowest pages that are shown."""
TAGS = (
    b"<p>",
    b"</p>",
    b"<div>",
    b"</div>",
    b"<span>",
    b"</span>",
    b"<td>",
    b"</td>",
    b"<tr>",
    b"<table>",
    b"<a href=",
    b"<br>",
)
WORDS = [
    "1,365件",
    "近100余万",
    "12345",
    "由230项调整为219项",
    "其中",
    "分别为",
    "、",
    "，",
    "。",
    "；",
    "（",
    "）",
    "《",
    "》",
    "“",
    "”",
    "百分之九十八",
    "2015-2020年",
    "〔2018〕12号",
    "一百二十",
    "两个",
    "3.5%",
    "同比增长",
    "截至目前，",
    "\ue000",
    "𠮷",
    "\u200b",
    "�",
    "&#x4e00;",
    "<!--",
    "-->",
    "]]>",
    "<script>",
    "</body>",
]
LONG = (
    ("0", 400),
    ("（", 200),
    ("《", 200),
    ("、一二三四", 100),
    ("1-", 200),
    ("A1+", 100),
    ("第", 100),
    ("年月日", 100),
)
NESTED = (("<div>", 300), ("<table><tr><td>", 60), ("\n", 50), ("\t", 50))
INSERTED = tuple(text.encode() for text in (*WORDS, *(piece * number for piece, number in (*LONG, *NESTED))))


def flip_bytes(content: bytearray, chance: random.Random, _: Sequence[Page]) -> None:
    """Change single bytes."""
    for _number in range(chance.randint(1, 60)):
        content[chance.randrange(len(content))] = chance.randrange(256)


def drop_tags(content: bytearray, chance: random.Random, _: Sequence[Page]) -> None:
    """Take tags of one kind out, some or all."""
    tag = chance.choice(TAGS)
    pieces = bytes(content).split(tag)
    content[:] = b"".join(piece if chance.random() < 0.5 else tag + piece for piece in pieces)


def repeat_chunk(content: bytearray, chance: random.Random, _: Sequence[Page]) -> None:
    """Repeat a stretch several times."""
    start = chance.randrange(len(content))
    chunk = content[start : start + chance.randint(1, 2000)]
    content[start:start] = chunk * chance.randint(1, max(1, 20_000 // len(chunk)))


def splice(content: bytearray, chance: random.Random, _: Sequence[Page]) -> None:
    """Put numbers, units, marks and tags anywhere."""
    for _number in range(chance.randint(1, 80)):
        place = chance.randrange(len(content))
        content[place:place] = chance.choice(INSERTED)


def cut(content: bytearray, chance: random.Random, _: Sequence[Page]) -> None:
    """Break the page off, or take its middle out."""
    start = chance.randrange(len(content))
    del content[start : len(content) if chance.random() < 0.5 else start + chance.randint(1, 5000)]
    content += b" " * (not content)


def cross(content: bytearray, chance: random.Random, pages: Sequence[Page]) -> None:
    """Put a stretch of another page in."""
    other = chance.choice(pages).content
    start, place = chance.randrange(len(other)), chance.randrange(len(content))
    content[place:place] = other[start : start + chance.randint(1, 8000)]


def unpunctuate(content: bytearray, chance: random.Random, _: Sequence[Page]) -> None:
    """Take the marks of one kind out, or change them for others."""
    mark, other = (chance.choice(("。", "，", "、", "；", "：", "（", "）", "<p", "</p>")).encode() for _ in range(2))
    content[:] = bytes(content).replace(mark, other if chance.random() < 0.5 else b"")


Damage = Callable[[bytearray, random.Random, Sequence[Page]], None]
DAMAGES: tuple[Damage, ...] = (flip_bytes, drop_tags, repeat_chunk, splice, cut, cross, unpunctuate)


def damaged_page(pages: Sequence[Page], seed: int, number: int) -> Page:
    """Return the page of a number: one of ``pages`` with one to four kinds of damage."""
    chance = random.Random(f"{seed}/{number}")  # noqa: S311 - the same pages each time
    page = chance.choice(pages)
    content = bytearray(page.content)
    names = []
    for damage in chance.choices(DAMAGES, k=chance.randint(1, 4)):
        damage(content, chance, pages)
        names.append(damage.__name__)
    return replace(page, name=f"{number}:{page.name}:{'+'.join(names)}", content=bytes(content))


@dataclass(frozen=True)
class Read:
    """How reading one damaged page went: seconds of computing, and the error if it failed."""

    name: str
    size: int
    seconds: float
    error: str | None


def read_damaged(pages: Sequence[Page], reference: Reference, seed: int, numbers: Iterable[int]) -> Iterator[Read]:
    """Read damaged pages one after the other."""
    for number in numbers:
        page = damaged_page(pages, seed, number)
        error: str | None = None
        started = time.process_time()
        try:
            read(page, reference)
        except Exception as failure:
            error = f"{type(failure).__name__}: {failure}"
        yield Read(page.name, len(page.content), time.process_time() - started, error)


def run_fuzz(count: int, seed: int) -> dict[str, Any]:
    """Read so many damaged pages and return the figures by name.

    Raises:
        NoPagesError: the project's texts are not there.
    """
    pages, reference = bench_pages(), load_reference()
    for page in pages[:5]:
        read(page, reference)
    slowest: list[Read] = []
    crashes: list[Read] = []
    seconds, slow = 0.0, 0
    for each in read_damaged(pages, reference, seed, range(count)):
        seconds += each.seconds
        slow += each.seconds > SLOW_SECONDS
        if each.error:
            crashes.append(each)
        slowest = sorted((*slowest, each), key=lambda one: -one.seconds)[:SHOWN]
    return {
        "pages": count,
        "seed": seed,
        "mean_seconds": round(seconds / count, 4),
        "crashes": len(crashes),
        "over_one_second": slow,
        "slowest": [f"{each.seconds:.3f} s {each.size} bytes {each.name}" for each in slowest],
        "crashed": [f"{each.name}: {each.error}" for each in crashes[:SHOWN]],
    }
