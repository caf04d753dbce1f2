"""What a page says about itself outside its text: meta tags, the header table, breadcrumb, site name.

Header tables come as tables, lists or paragraphs; all of them are read from lines, so that a saved text and a web
page go through the same code. Which of several statements wins is decided in ``page``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lxml import html

from pipelines.cleaning.dates import parse_date

_FIELD_LABELS: dict[str, tuple[str, ...]] = {
    "index_number": ("索引号", "索取号", "信息索引号"),
    "document_number": ("文号", "发文字号", "文件编号", "发文号", "文件号", "文件文号"),
    "issuer": (
        "发布机构",
        "发文机关",
        "发文单位",
        "发布单位",
        "公开机构",
        "公开主体",
        "制发机关",
        "发布机关",
        "制发单位",
        "发文机构",
        "公开责任部门",
    ),
    "source": ("来源", "信息来源", "文章来源", "稿件来源", "信息来源单位", "来源单位"),
    "generated": ("成文日期", "生成日期", "发文日期", "制发日期", "印发日期", "成文时间", "生成时间", "产生日期"),
    "published": (
        "发布日期",
        "公开日期",
        "发布时间",
        "公开时间",
        "上网日期",
        "上网时间",
        "信息发布时间",
        "时间",
        "日期",
    ),
    "validity": ("有效性", "效力状态", "信息有效性", "是否有效", "公文时效", "时效性"),
    "topic": ("主题分类", "信息分类", "公开类别", "体裁分类", "服务对象分类", "组配分类"),
    "title": ("标题", "信息名称", "名称", "公文名称", "文件名称", "信息标题"),
    "summary": ("内容概述", "信息概述", "概述"),
    "keywords": ("主题词", "关键词", "关键字"),
    "chrome": (
        "浏览次数",
        "访问次数",
        "浏览量",
        "阅读次数",
        "点击数",
        "点击率",
        "阅读量",
        "字体",
        "字号",
        "作者",
        "责任编辑",
        "编辑",
        "公开方式",
        "公开范围",
        "公开形式",
        "公开程序",
        "废止日期",
        "失效日期",
        "生效日期",
        "实施日期",
        "载体类型",
        "分享",
        "审核",
        "语种",
    ),
}
HEADER_ONLY = frozenset(
    ("index_number", "document_number", "issuer", "generated", "validity", "topic", "title", "summary", "keywords")
)
"""Fields that only a header table carries; "source" and "published" also stand in the line under a title."""

_FIELD_OF_LABEL = {label: field for field, labels in _FIELD_LABELS.items() for label in labels}


def _spaced(label: str) -> str:
    """A label whose first character has just been read, with blanks between its characters."""
    return f"(?<={label[0]})" + "".join(rf"[ \u3000\xa0]*{character}" for character in label[1:])


# 索 引 号 FZ11100 … · 发布时间:2018-02-28 09:32 · 【字体: · [来源]：
LABEL = re.compile(
    # Only at a character with which a label begins, which is quickly found, the rest is tried.
    r"(?P<label>[" + "".join(sorted({label[0] for label in _FIELD_OF_LABEL})) + r"]"
    r"(?:(?<=[\s\t|【\[〖(（:：;；，].)|(?<=\d.)|(?<=^.))"
    r"(?:" + "|".join(_spaced(label) for label in sorted(_FIELD_OF_LABEL, key=len, reverse=True)) + r"))"
    r"[】\]〗]?(?P<mark>[ \u3000\xa0]*[:：]|\t|[ \u3000\xa0]+|$)"
)
_BLANKS = re.compile(r"[ \u3000\xa0]+")
# 2021-04-06 08:15:00来源: · 2019-04-01 | 来源：市司法局
LEADING_DATE = re.compile(r"^[\[【(（]?\s*(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?P<rest>.*)$")
# words that stand beside a publication date in the line under a title
BESIDE_DATE = re.compile(r"来源|浏览|阅读|点击|字体|字号|作者|打印|分享|访问|编辑|发布")
# 今天是2024年5月1日 星期三 · 现在是北京时间
PAGE_CLOCK = re.compile(r"今天是|今天：|今日|当前时间|当前日期|现在是|现在时间|北京时间|星期[一二三四五六日天]|农历")
# QS11100-2300-2021-00007 · 11510500008/2018-00012
INDEX_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9/\-_.]{5,60}")
# 您的位置:首页 >政务>政府工作信息>工作报告>详细内容 · 当前位置：首页 » 信息公开
BREADCRUMB = re.compile(r"(?:您?(?:现在|当前)?(?:所在)?的?位置(?:是)?|当前位置|位置)\s*[:：]?\s*(?P<trail>首\s*页.*)$")
BREADCRUMB_MARK = re.compile(r"\s*(?:>>|&gt;|[>›»＞→/|\\])\s*")

CLEAR_ALONE = frozenset(("index_number", "document_number", "issuer", "generated"))
"""Fields whose label begins a header line even when it stands alone and without a colon."""
MAX_HEADER_LINE = 250
"""Longer lines are running text, not a header table."""
MAX_VALUE = 120


@dataclass(frozen=True)
class Field:
    """One labelled statement of the page's header.

    Attributes:
        name: a key of the label table, such as "document_number".
        value: the text after the label.
        line: line number (from 1) of the label.
        in_table: the line also carries labels that only header tables have.
        label: the label without inner blanks, such as "发布日期".
    """

    name: str
    value: str
    line: int
    in_table: bool
    label: str


def read_meta_tags(tree: html.HtmlElement) -> Mapping[str, str]:
    """Return meta tags by lower-case name; of repeated tags the last that is not empty wins."""
    tags: dict[str, str] = {}
    for node in tree.iter("meta"):
        name = (node.get("name") or node.get("property") or "").strip().lower()
        value = (node.get("content") or "").strip()
        if name and value:
            tags[name] = value
    return tags


def _labels_of_line(line: str) -> list[tuple[str, str, str]]:
    """Split a line into (field, value, label) at its labels."""
    hits = list(LABEL.finditer(line))
    pairs = []
    for position, hit in enumerate(hits):
        end = hits[position + 1].start() if position + 1 < len(hits) else len(line)
        label = _BLANKS.sub("", hit["label"])
        pairs.append((_FIELD_OF_LABEL[label], line[hit.end() : end].strip(" \t\u3000\xa0|【】:："), label))
    return pairs


def _is_header_line(line: str, pairs: Sequence[tuple[str, str, str]]) -> bool:
    """A lone label without colon or tab is an ordinary word ("标题 …" in running text)."""
    if len(pairs) >= 2:
        return True
    hit = LABEL.search(line)
    if hit is None:
        return False
    return hit["mark"].strip(" \u3000\xa0") != "" or (hit.start() == 0 and pairs[0][0] in CLEAR_ALONE)


def _plausible_alone(field: str, value: str) -> bool:
    """Whether a line without label may be the value of the label on the line before."""
    if len(value) > MAX_VALUE:
        return False
    if field in ("generated", "published"):
        return parse_date(value) is not None and len(value) <= 30
    if field == "index_number":
        return INDEX_NUMBER.fullmatch(value) is not None
    if field == "document_number":
        return value.endswith("号") and len(value) <= 40
    if field == "issuer":
        return 3 <= len(value) <= 40 and not value.endswith(("。", ":", "："))
    return field in ("validity", "topic")


def read_header_fields(lines: Sequence[str]) -> tuple[Field, ...]:
    """Read labelled fields from the lines of a page.

    Several label-value pairs may share a line; labels may hold spaces; a label may stand alone with its value on
    the next line. Empty values are kept out.
    """
    fields: list[Field] = []
    for number, line in enumerate(lines, start=1):
        if not line or len(line) > MAX_HEADER_LINE:
            continue
        stripped = line.strip()
        pairs = _labels_of_line(stripped)
        if not pairs or not _is_header_line(stripped, pairs):
            continue
        in_table = any(name in HEADER_ONLY for name, _, _ in pairs)
        for position, (name, value, label) in enumerate(pairs):
            stated = value
            if not stated and position == len(pairs) - 1 and number < len(lines):
                below = lines[number].strip()
                stated = below if not _labels_of_line(below) and _plausible_alone(name, below) else ""
            if stated and name != "chrome":
                fields.append(Field(name, stated, number, in_table, label))
    return tuple(fields)


def first_value(fields: Iterable[Field], name: str) -> str | None:
    """Return the first stated value of a field, or None."""
    return next((field.value for field in fields if field.name == name), None)


def is_header_line(line: str) -> bool:
    """Whether a line belongs to a header table or to the line of date, source and font size under a title."""
    stripped = line.strip()
    if not stripped or len(stripped) > MAX_HEADER_LINE:
        return False
    pairs = _labels_of_line(stripped)
    if pairs and _is_header_line(stripped, pairs):
        return True
    found = LEADING_DATE.match(stripped)
    return found is not None and len(stripped) <= 80 and BESIDE_DATE.search(found["rest"]) is not None


def read_breadcrumb(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the first breadcrumb as its steps, or an empty tuple."""
    for line in lines:
        if len(line) <= MAX_HEADER_LINE and (found := BREADCRUMB.search(line.strip())):
            return tuple(step for step in BREADCRUMB_MARK.split(found["trail"].strip()) if step)
    return ()
