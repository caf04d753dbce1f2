"""Folding, tokens and queries: whatever stands in a text is found by it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.search_hits import fragments
from explorer.search_words import RUN, TOKENS_ASKED, Query, fold, parse_query, places, tokens

LETTERS = st.text(
    alphabet=st.one_of(
        st.sampled_from('行政复议復議案件办结ＡＢab２2023，、。；“”"《》 \n_-%㎡Ⅳ'), st.characters(codec="utf-8")
    ),
    min_size=1,
    max_size=60,
)


@settings(deadline=None)
@given(text=LETTERS, data=st.data())
def test_every_part_of_a_text_is_found_by_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    part = text[start : data.draw(st.integers(start + 1, len(text)))]
    query = parse_query(part)
    assert set(query.tokens) <= tokens(fold(text))
    assert bool(places(fold(text), query.words)) == bool(query.words)
    assert bool(query.tokens) == bool(RUN.search(fold(part)))


@settings(deadline=None)
@given(text=st.text())
def test_a_folded_text_is_as_long_and_stays_as_it_is(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    assert fold(folded) == folded


@settings(deadline=None)
@given(text=LETTERS, query=st.text(min_size=1, max_size=3))
def test_what_the_index_alone_tells_is_told_rightly(text: str, query: str) -> None:
    asked = parse_query(query)
    if asked.is_exact and asked.tokens:
        assert (set(asked.tokens) <= tokens(fold(text))) == bool(places(fold(text), asked.words))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("行政復議", "行政复议"),
        ("法治政府", "法治政府"),
        ("ＡＢｃ２０２３", "abc2023"),
        ("（一）", "(一)"),
        ("臺灣 裏 後", "台湾 里 后"),
        ("①㎡Ⅳ", "1㎡Ⅳ"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("复议", Query(("复议",), ("复议",), is_exact=True)),
        ("復議", Query(("复议",), ("复议",), is_exact=True)),
        ("议", Query(("议",), ("议",), is_exact=True)),
        ("复议 复议", Query(("复议",), ("复议",), is_exact=True)),
        ("复议 诉讼", Query(("复议", "诉讼"), ("复议", "诉讼"), is_exact=True)),
        ("复议　诉讼", Query(("复议", "诉讼"), ("复议", "诉讼"), is_exact=True)),
        ("行政复议", Query(("行政复议",), ("行政", "政复", "复议"), is_exact=False)),
        ('"行政 复议" 纠错', Query(("行政 复议", "纠错"), ("行政", "复议", "纠错"), is_exact=False)),
        ("“行政 复议”", Query(("行政 复议",), ("行政", "复议"), is_exact=False)),
        ("复议、", Query(("复议、",), ("复议",), is_exact=False)),
        ('"复议', Query(('"复议',), ("复议",), is_exact=False)),
        ("2023", Query(("2023",), ("20", "02", "23"), is_exact=False)),
        ("、", Query(("、",), (), is_exact=False)),
        ("", Query((), (), is_exact=True)),
        ('""', Query(('""',), (), is_exact=False)),
    ],
)
def test_queries(text: str, expected: Query) -> None:
    assert parse_query(text) == expected


def test_a_long_query_asks_the_index_for_its_first_tokens_only() -> None:
    query = parse_query("".join(chr(0x4E00 + number) for number in range(200)))
    assert len(query.tokens) == TOKENS_ASKED
    assert not query.is_exact


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("复议案件,复议", ("复议",), [(0, 2), (5, 7)]),
        ("行政复议案件", ("行政复议", "复议案件"), [(0, 6)]),
        ("行政复议", ("行政", "诉讼"), []),
        ("aaa", ("aa",), [(0, 2)]),
    ],
)
def test_places(text: str, words: tuple[str, ...], expected: list[tuple[int, int]]) -> None:
    assert places(text, words) == expected


LONG = "前" * 200 + "复议" + "后" * 200


@pytest.mark.parametrize(
    ("body", "words", "expected"),
    [
        ("一句。办理复议案件。三句。", ("复议",), ["办理[复议]案件。"]),
        ("复议纠错。无关。诉讼败诉。", ("诉讼", "复议"), ["[复议]纠错。", "[诉讼]败诉。"]),
        ("复议与诉讼。复议。", ("诉讼", "复议"), ["[复议]与[诉讼]。"]),
        (LONG, ("复议",), ["…" + "前" * 60 + "[复议]" + "后" * 120 + "…"]),
        ("标题\n复议", ("复议",), ["[复议]"]),
        ("甲。乙", ("甲。乙",), ["[甲。乙]"]),
    ],
)
def test_the_sentence_around_a_hit(body: str, words: tuple[str, ...], expected: list[str]) -> None:
    firsts = sorted(body.find(word) for word in words)
    shown = fragments(body, places(body, words), firsts)
    written = [
        ("…" if each.is_cut_before else "")
        + "".join(f"[{text}]" if is_hit else text for text, is_hit in each.pieces)
        + ("…" if each.is_cut_after else "")
        for each in shown
    ]
    assert written == expected
