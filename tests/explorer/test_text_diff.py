"""Two versions of a text: blocks put together are both texts, changes are as small as they read well, and bounded."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.text_diff import CHARACTER_BUDGET, SENTENCE_BUDGET, Block, compare, sentences

HAN = "全年办结复议案件行政执法监督公开政府法治建设工作领导责任落实推进深化改革"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("没有标点", ["没有标点"]),
        ("办结30件。公开100%！\n二、问题\n", ["办结30件。", "公开100%！", "\n", "二、问题", "\n"]),
        ("“依法行政。”一是;二是", ["“依法行政。”", "一是;", "二是"]),
        ("\n\n正文。。", ["\n\n", "正文。。"]),
    ],
)
def test_sentences_end_at_their_marks_and_lines(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def _seen(blocks: list[Block]) -> list[str]:
    """Blocks in short: "=3" for three sentences that stayed, the passage with [-old-] and {+new+} for a change."""
    signs = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}
    seen = []
    for block in blocks:
        if block.is_same:
            seen.append(f"={len(block.new)}")
        elif block.stretches:
            seen.append("".join(signs[each.fate].format(each.text) for each in block.stretches))
        else:
            seen.append(f"-{len(block.old)}+{len(block.new)}")
    return seen


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", []),
        ("甲。", "甲。", ["=1"]),
        ("", "甲。", ["-0+1"]),
        ("甲。", "", ["-1+0"]),
        ("甲。全年办结案件30件。丙。", "甲。全年办结案件35件。丙。", ["=1", "全年办结案件3[-0-]{+5+}件。", "=1"]),
        ("甲。乙。丙。", "甲。丙。", ["=1", "-1+0", "=1"]),
        ("甲。丙。", "甲。乙。丙。丁。", ["=1", "-0+1", "=1", "-0+1"]),
        ("开展执法检查三次。", "召集常务会议研究。", ["-1+1"]),
        ("好。好。好。", "好。好。", ["=2", "-1+0"]),
        ("办结案件30件。制定文件5件。\n", "办结案件35件。\n", ["办结案件3[-0-]{+5+}件。", "-1+0", "=1"]),
        ("甲乙丙丁戊。\n", "新增窗口。甲乙丙丁己。甲乙。\n", ["-0+1", "甲乙丙丁[-戊-]{+己+}。", "-0+1", "=1"]),
        ("开展培训。\n己。", "开展培训。新增窗口。\n己。", ["=1", "-0+1", "=2"]),
    ],
)  # fmt: skip
def test_blocks(old: str, new: str, expected: list[str]) -> None:
    assert _seen(compare(old, new)) == expected


def _check(old: str, new: str) -> None:
    blocks = compare(old, new)
    assert "".join("".join(block.old) for block in blocks) == old
    assert "".join("".join(block.new) for block in blocks) == new
    for block in blocks:
        assert old.startswith("".join(block.old), block.old_start)
        assert new.startswith("".join(block.new), block.new_start)
        assert block.is_same == (block.old == block.new)
        if block.stretches:
            assert "".join(each.text for each in block.stretches if each.fate != "new") == "".join(block.old)
            assert "".join(each.text for each in block.stretches if each.fate != "gone") == "".join(block.new)


_texts = st.lists(st.sampled_from(["甲。", "乙。", "丙丁。", "30件。", "35件。", "\n", "”", "好"]), max_size=14).map(
    "".join
)


@given(_texts, _texts)
def test_both_texts_come_back_whole(old: str, new: str) -> None:
    _check(old, new)


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_comes_back_whole(old: str, new: str) -> None:
    _check(old, new)


@pytest.mark.parametrize("kind", ["few changes", "turned round", "one sentence again and again", "nothing in common"])
def test_long_texts_stay_within_the_budget(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is compared pair by pair is counted, not timed: a megabyte costs no more than the budgets."""
    chance = random.Random(6)  # noqa: S311 - texts, not secrets

    def sentence() -> str:
        return "".join(chance.choices(HAN, k=20)) + "。"

    old = [sentence() for _ in range(16_000)]
    new = {
        "few changes": [each[:5] + "改" + each[6:] if chance.random() < 0.05 else each for each in old],
        "turned round": old[::-1],
        "one sentence again and again": [old[0]] * 16_000,
        "nothing in common": [sentence() for _ in range(16_000)],
    }[kind]
    pairs: list[int] = []
    from explorer import text_diff

    class Counting(text_diff.SequenceMatcher):  # type: ignore[type-arg, name-defined, misc]
        def __init__(self, junk: None, one: str, other: str, *, autojunk: bool) -> None:
            pairs.append(len(one) * len(other))
            super().__init__(junk, one, other, autojunk=autojunk)

    monkeypatch.setattr(text_diff, "SequenceMatcher", Counting)
    assert len("".join(old).encode()) > 1_000_000
    _check("".join(old), "".join(new))
    assert sum(pairs) <= CHARACTER_BUDGET + SENTENCE_BUDGET
