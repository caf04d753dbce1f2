"""Two versions of a report beside each other: what changed in the text, and which numbers changed with it.

How texts are compared is in ``text_diff``; here the blocks become rows of a page, and numbers that say the same thing
in both versions are put beside each other.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from starlette.responses import Response

from explorer.report_data import Number, Version, document_of, report_row, version_named, versions_of
from explorer.text_diff import Block, Stretch, compare
from explorer.web import View, page_route

CONTEXT = 1
"""Sentences that stayed which are shown on either side of a change."""
MOST_ROWS = 1_000
"""Changed passages shown; the page says how many more there are."""

Change = Literal["changed", "gone", "new"]


@dataclass(frozen=True)
class NumberChange:
    """A number that is not the same in both versions; one side is None where it went or came."""

    old: Number | None
    new: Number | None

    @property
    def change(self) -> Change:
        """What happened to it."""
        return "changed" if self.old and self.new else ("gone" if self.old else "new")

    @property
    def known(self) -> Number:
        """The number as it is in the newer version that has it."""
        found = self.new or self.old
        assert found is not None  # noqa: S101 - one side is always there
        return found


@dataclass(frozen=True)
class TextRow:
    """A row of the comparison: sentences around a change, the change itself, or a count of what is left out.

    Attributes:
        is_same: whether both sides are the same.
        old: the older side in stretches.
        new: the newer side.
        skipped: sentences left out; then both sides are empty.
    """

    is_same: bool
    old: tuple[Stretch, ...]
    new: tuple[Stretch, ...]
    skipped: int = 0


Key = tuple[str | bool | None, ...]


def _key(number: Number) -> Key:
    """What a number says, save for its value: the same in both versions, it is the same statement."""
    return (
        number.indicator_code,
        number.dimension,
        number.comparison,
        number.scope,
        number.authority,
        number.is_plan,
        number.is_cumulative,
        number.is_proposed,
        None if number.is_coded else number.indicator_phrase,
    )


def _value(number: Number) -> tuple[object, ...]:
    return (number.value, number.value_max, number.qualifier)


def changed_numbers(old: Sequence[Number], new: Sequence[Number]) -> list[NumberChange]:
    """Return the numbers of which one version has another value, or which only one has, in the order of the text.

    A statement made more than once is matched by its values first; what is left goes together in order.
    """
    before, after = _by_key(old), _by_key(new)
    changes: list[NumberChange] = []
    for key in dict.fromkeys([*after, *before]):
        left, right = before.get(key, []), after.get(key, [])
        same = Counter(map(_value, left)) & Counter(map(_value, right))
        changes.extend(
            NumberChange(one, other) for one, other in zip_longest(_without(left, same), _without(right, same))
        )
    return sorted(changes, key=lambda change: (change.known.char_start, change.new is None))


def _by_key(numbers: Iterable[Number]) -> dict[Key, list[Number]]:
    found: dict[Key, list[Number]] = defaultdict(list)
    for number in numbers:
        found[_key(number)].append(number)
    return found


def _without(numbers: Iterable[Number], same: Counter[tuple[object, ...]]) -> Iterator[Number]:
    """Yield the numbers save for as many of each value as stand in both versions."""
    left = Counter(same)
    for number in numbers:
        if left[_value(number)] > 0:
            left[_value(number)] -= 1
        else:
            yield number


def text_rows(blocks: Sequence[Block]) -> list[TextRow]:
    """Return the blocks as rows: changes whole, of what stayed only the sentences beside a change."""
    rows: list[TextRow] = []
    for place, block in enumerate(blocks):
        if block.is_same:
            first, last = place == 0, place == len(blocks) - 1
            rows.extend(_around(block.new, 0 if first else CONTEXT, 0 if last else CONTEXT))
        else:
            rows.append(_changed(block))
    return rows


def _around(same: Sequence[str], after_change: int, before_change: int) -> Iterator[TextRow]:
    """Yield so many sentences at the beginning and the end of what stayed, and how many lie between."""
    said = [place for place, sentence in enumerate(same) if sentence.strip()]
    skipped = len(said) - after_change - before_change
    if skipped <= 0:
        yield _same(same)
        return
    if after_change:
        yield _same(same[: said[after_change - 1] + 1])
    yield TextRow(True, (), (), skipped)
    if before_change:
        yield _same(same[said[-before_change] :])


def _same(sentences: Sequence[str]) -> TextRow:
    stretch = (Stretch("same", "".join(sentences).strip("\n")),)
    return TextRow(True, stretch, stretch)


def _changed(block: Block) -> TextRow:
    if block.stretches:
        return TextRow(
            False,
            tuple(each for each in block.stretches if each.fate != "new"),
            tuple(each for each in block.stretches if each.fate != "gone"),
        )
    old, new = "".join(block.old), "".join(block.new)
    return TextRow(False, (Stretch("gone", old),) if old else (), (Stretch("new", new),) if new else ())


def diff_page(view: View) -> Response:
    """Return two versions of a report beside each other."""
    report = report_row(view.release, view.path("report_id"))
    versions = versions_of(view.release, report["report_id"])
    newer = version_named(versions, view.text("b") or report["document_id"])
    asked = view.text("a")
    older = version_named(versions, asked) if asked else _before(versions, newer)
    rows: list[TextRow] = []
    numbers: list[NumberChange] = []
    if older is not None:
        key = ("report.diff", older.document_id, newer.document_id)
        rows, numbers = view.release.remember(key, lambda: _compared(view, older, newer))
    return view.page(
        "report_diff.html",
        report=report,
        versions=versions,
        older=older,
        newer=newer,
        rows=rows[:MOST_ROWS],
        left_out=sum(not row.is_same for row in rows[MOST_ROWS:]),
        is_changed=any(not row.is_same for row in rows),
        numbers=numbers,
    )


def _before(versions: Sequence[Version], newer: Version) -> Version | None:
    """Return the version before another at its address, else the one seen before it; None for the first."""
    named = next((each for each in versions if each.document_id == newer.previous_document_id), None)
    earlier = [each for each in versions if each.version < newer.version]
    return named or (earlier[-1] if earlier else None)


def _compared(view: View, older: Version, newer: Version) -> tuple[list[TextRow], list[NumberChange]]:
    old, new = document_of(view.release, older.document_id), document_of(view.release, newer.document_id)
    return text_rows(compare(old.text, new.text)), changed_numbers(old.numbers, new.numbers)


ROUTES = (page_route("/report/{report_id:path}/diff", diff_page),)
