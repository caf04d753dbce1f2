"""Items of running lists: labels of every kind, paragraphs, semicolons, sentences, and what opens and closes a list."""

from __future__ import annotations

import pytest

from pipelines.extraction.lists import split_list

LISTS: dict[str, tuple[str, list[tuple[str | None, str, str]]]] = {
    "inline with semicolons": (
        "存在的主要问题:一是意识不强;二是力量薄弱;三是经费不足。",
        [
            ("一是", "label", "一是意识不强;"),
            ("二是", "label", "二是力量薄弱;"),
            ("三是", "label", "三是经费不足。"),
        ],
    ),
    "one line each": (
        "一是意识不强。\n二是力量薄弱。仅有3人。\n",
        [("一是", "label", "一是意识不强。"), ("二是", "label", "二是力量薄弱。仅有3人。")],
    ),
    "wishes": (
        "一要强化领导。二要建强队伍。",
        [("一要", "label", "一要强化领导。"), ("二要", "label", "二要建强队伍。")],
    ),
    "arabic": (
        "1.队伍不足。仅有2.5名。2.经费不足。",
        [("1.", "label", "1.队伍不足。仅有2.5名。"), ("2.", "label", "2.经费不足。")],
    ),
    "arabic in brackets": (
        "(1)队伍不足;(2)经费不足。",
        [("(1)", "label", "(1)队伍不足;"), ("(2)", "label", "(2)经费不足。")],
    ),
    "chinese in brackets": (
        "(一)队伍不足。(二)经费不足。",
        [("(一)", "label", "(一)队伍不足。"), ("(二)", "label", "(二)经费不足。")],
    ),
    "circles": (
        "主要是:①队伍不足②经费不足",
        [("①", "label", "①队伍不足"), ("②", "label", "②经费不足")],
    ),
    "firstly": (
        "首先,队伍不足。其次,经费不足。最后,意识不强。",
        [
            ("首先", "label", "首先,队伍不足。"),
            ("其次", "label", "其次,经费不足。"),
            ("最后", "label", "最后,意识不强。"),
        ],
    ),
    "ordinals": (
        "第一,队伍不足。第二,经费不足。",
        [("第一", "label", "第一,队伍不足。"), ("第二", "label", "第二,经费不足。")],
    ),
    "one of them": (
        "其一,队伍不足。其二,经费不足。",
        [("其一", "label", "其一,队伍不足。"), ("其二", "label", "其二,经费不足。")],
    ),
    "lists in lists": (
        "1.加强领导。一是健全机制;二是压实责任。2.建强队伍。一是招录人员;二是强化培训。",
        [
            ("1.", "label", "1.加强领导。一是健全机制;二是压实责任。"),
            ("2.", "label", "2.建强队伍。一是招录人员;二是强化培训。"),
        ],
    ),
    "a list below each phrase": (
        "加强组织领导。一是健全机制;二是压实责任。\n规范行政执法。一是开展评查;二是强化培训。",
        [
            (None, "paragraph", "加强组织领导。一是健全机制;二是压实责任。"),
            (None, "paragraph", "规范行政执法。一是开展评查;二是强化培训。"),
        ],
    ),
    "clauses": (
        "对照要求,我局工作还有不少差距:部分干部能力不强,办法不多;执法力量不足;个别案件质量不高。",
        [
            (None, "clause", "部分干部能力不强,办法不多;"),
            (None, "clause", "执法力量不足;"),
            (None, "clause", "个别案件质量不高。"),
        ],
    ),
    "paragraphs": (
        "强化执法监督,推进三项制度。\n优化营商环境。\n特此报告。",
        [(None, "paragraph", "强化执法监督,推进三项制度。"), (None, "paragraph", "优化营商环境。")],
    ),
    "sentences": (
        "法治政府建设还存在一些不足。干部意识不强。执法人员偏少。",
        [(None, "sentence", "干部意识不强。"), (None, "sentence", "执法人员偏少。")],
    ),
    "a single sentence": (
        "工作还存在一些薄弱环节,主要是法制机构力量不足,编制偏少。",
        [(None, "sentence", "法制机构力量不足,编制偏少。")],
    ),
    "a lead that contrasts": (
        "工作虽然取得一定成效,但与上级要求相比还有差距。一是发展不平衡。二是力量薄弱。",
        [("一是", "label", "一是发展不平衡。"), ("二是", "label", "二是力量薄弱。")],
    ),
    "what is done about it": (
        "一是发展不平衡。二是力量薄弱。针对以上问题,我县将强化措施。",
        [("一是", "label", "一是发展不平衡。"), ("二是", "label", "二是力量薄弱。")],
    ),
    "reasons": (
        "队伍力量不足。宣传形式单一。产生上述问题的原因是重视不够。",
        [(None, "sentence", "队伍力量不足。"), (None, "sentence", "宣传形式单一。")],
    ),
    "numbers are no labels": (
        "2023年办案2.5万件,占12.31%;其中一是字号案件。",
        [(None, "clause", "2023年办案2.5万件,占12.31%;"), (None, "clause", "其中一是字号案件。")],
    ),
    "a lone label": ("一是力量薄弱。", [(None, "sentence", "一是力量薄弱。")]),
    "nothing": ("无。", []),
    "empty": ("\n \n", []),
}


@pytest.mark.parametrize("name", LISTS)
def test_items_of_a_list(name: str) -> None:
    text, expected = LISTS[name]
    assert [(each.label, each.form, text[each.start : each.end]) for each in split_list(text)] == expected
