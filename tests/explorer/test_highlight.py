"""Marks become flat pieces: nothing of the text is lost or moved, and every mark covers exactly its characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.highlight import Mark, flat_pieces


def _mark(start: int, end: int, name: str = "a") -> Mark:
    return Mark(start, end, "number", name)


@pytest.mark.parametrize(
    ("text", "start", "marks", "expected"),
    [
        pytest.param("", 0, [], [], id="nothing"),
        pytest.param("共30件", 0, [], [("共30件", "", "")], id="no marks"),
        pytest.param("共30件", 10, [_mark(11, 13)], [("共", "", ""), ("30", "a", "a"), ("件", "", "")], id="one"),
        pytest.param(
            "1234", 0, [_mark(0, 4, "a"), _mark(1, 2, "b")], [("1", "a", "a"), ("2", "ab", "b"), ("34", "a", "")],
            id="nested",
        ),
        pytest.param(
            "1234", 0, [_mark(0, 3, "a"), _mark(2, 4, "b")], [("12", "a", "a"), ("3", "ab", "b"), ("4", "b", "")],
            id="overlapping",
        ),
        pytest.param("12", 0, [_mark(0, 2, "b"), _mark(0, 2, "a")], [("12", "ab", "ab")], id="the same characters"),
        pytest.param("23", 5, [_mark(4, 9)], [("23", "a", "a")], id="over both ends"),
        pytest.param("23", 5, [_mark(0, 5), _mark(7, 9), _mark(6, 6)], [("23", "", "")], id="outside and empty"),
        pytest.param("122", 0, [_mark(0, 1), _mark(1, 3, "b")], [("1", "a", "a"), ("22", "b", "b")], id="side by side"),
    ],
)  # fmt: skip
def test_pieces(text: str, start: int, marks: list[Mark], expected: list[tuple[str, str, str]]) -> None:
    def names(of: tuple[Mark, ...]) -> str:
        return "".join(mark.name for mark in of)

    found = [(piece.text, names(piece.marks), names(piece.begins)) for piece in flat_pieces(text, start, marks)]
    assert found == expected


def _marks() -> st.SearchStrategy[list[Mark]]:
    one = st.builds(
        lambda start, length, name: Mark(start, start + length, "number", name),
        st.integers(-5, 45),
        st.integers(-2, 30),
        st.text("abcdef", min_size=1, max_size=2),
    )
    return st.lists(one, max_size=12)


@given(text=st.text(max_size=40), start=st.integers(0, 10), marks=_marks())
def test_all_pieces_are_the_text_and_each_mark_covers_its_own_characters(
    text: str, start: int, marks: list[Mark]
) -> None:
    pieces = flat_pieces(text, start, marks)
    assert "".join(piece.text for piece in pieces) == text
    assert all(piece.text for piece in pieces)
    for mark in set(marks):
        covered = "".join(piece.text for piece in pieces if mark in piece.marks)
        first, last = max(mark.start - start, 0), max(mark.end - start, 0)
        assert covered == text[first:last]
        assert sum(mark in piece.begins for piece in pieces) == bool(covered)
