"""Markup to lines: numbers stay whole, paragraphs stay apart, data rows keep their cells."""

from __future__ import annotations

import pytest
from lxml import html

from pipelines.cleaning.serializer import fold_spaces, serialize, serialize_around

CASES = {
    "word spans keep a number whole": (
        "<p><span>20</span><span lang='EN'>17</span><span>年,受理</span><b>1</b><b>2</b>件</p>",
        "2017年,受理12件",
    ),
    "paragraphs are lines": ("<p>一、成效</p><p>二、问题</p>", "一、成效\n二、问题"),
    "br is a line": ("甲<br>乙<br/><br>丙", "甲\n乙\n丙"),
    "br body inside one div": ("<div>　　第一段。<br><br>　　第二段。</div>", "第一段。\n第二段。"),
    "indents and nbsp fold": ("<p>　　&nbsp;&nbsp;全市 &nbsp; 共办理</p>", "全市 共办理"),
    "a wrapped source line joins": ("<p>法治政府\n    建设,2017\n年</p>", "法治政府建设,2017年"),
    "latin words keep their blank": ("<p>open\ngovernment</p>", "open government"),
    "script, style and comments go": (
        "<p>甲<script>var a=1</script><style>p{}</style><!-- 注释 -->乙</p>",
        "甲乙",
    ),
    "hidden content goes": ("<p>甲</p><p style='display : none'>乙</p>", "甲"),
    "form controls go": ("<p>甲<input value='x'><select><option>乙</option></select></p>", "甲"),
    "zero-width characters go": ("<p>20\u200b17年\ufeff</p>", "2017年"),
    "list items are lines": ("<ul><li>甲</li><li>乙</li></ul>", "甲\n乙"),
    "a data row keeps its cells": (
        "<table><tr><th>类型</th><th>件数</th></tr><tr><td><p>行政处罚</p></td><td><p>12</p></td></tr></table>",
        "类型\t件数\n行政处罚\t12",
    ),
    "a broken header cell stays one cell": (
        "<table><tr><td>行政<br>复议</td><td>3</td></tr></table>",
        "行政 复议\t3",
    ),
    "an empty cell keeps its place": ("<table><tr><td>甲</td><td></td><td>3</td></tr></table>", "甲\t\t3"),
    "a td body is running text": (
        "<table><tr><td><p>第一段。</p><p>第二段。</p></td></tr></table>",
        "第一段。\n第二段。",
    ),
    "a layout row beside a menu is running text": (
        f"<table><tr><td>导航</td><td><p>{'长' * 300}。</p><p>{'文' * 200}。</p></td></tr></table>",
        f"导航\n{'长' * 300}。\n{'文' * 200}。",
    ),
    "a table in a layout table": (
        "<table><tr><td><p>说明。</p><table><tr><td>甲</td><td>1</td></tr></table></td></tr></table>",
        "说明。\n甲\t1",
    ),
    "preformatted text keeps its lines": ("<pre>第一段。\n第二段。</pre>", "第一段。\n第二段。"),
    "page marks go": ("<p>甲</p>#PAGE_BREAK#<p>乙</p>", "甲\n乙"),
}


@pytest.mark.parametrize(("markup", "text"), CASES.values(), ids=CASES.keys())
def test_serialize(markup: str, text: str) -> None:
    assert serialize(html.fragment_fromstring(markup, create_parent="div")) == text


def test_around_leaves_the_container_out_and_sets_inline_elements_apart() -> None:
    page = html.document_fromstring(
        "<body><div><a>首页</a><a>公开</a></div><table><tr><td>左</td><td>"
        "<div id=zoom><p>正文</p></div></td></tr></table><p>页脚</p></body>"
    )
    before, after = serialize_around(page, page.get_element_by_id("zoom"))
    assert before == ["首页 公开", "左"]
    assert after == ["页脚"]


def test_fold_spaces_is_idempotent() -> None:
    once = fold_spaces("　　法治 \n 政府　建设 ")
    assert once == fold_spaces(once) == "法治政府 建设"
