"""Titles: which line or statement of a page names the document; what kind of document it is, is decided elsewhere.

All functions work on Simplified text; callers report the original wording of the line they are given.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.cleaning.metadata import is_header_line

# what a title ends with: …工作报告 · …实施方案 · …情况的通知(试行) · …报告（2023年）
TITLE_END = re.compile(
    r"(?:报告|总结|方案|要点|通知|意见|公告|公示|解读|白皮书|蓝皮书|规划|计划|办法|规定|决定|批复|的函|复函|情况|汇报|纲要|"
    r"安排|细则|清单|说明|问答|年报|通报|建议|总结评估|评估|制度|条例|启示|打算|思路)\s*(?:[(（〔\[][^()（）]{1,30}[)）〕\]])?$"
)
# subjects by which an unmarked line is taken for a title: …召开法治政府建设推进会
TITLE_SUBJECT = re.compile(r"法治|依法行政|依法治[国省市县区州]|政府信息公开|政府工作报告")
# 一、 · （一） · 1. · 1、 · 第一章 · 一是
HEADING_LABEL = re.compile(
    r"^(?:[一二三四五六七八九十]{1,4}[、.．,，]|[(（][一二三四五六七八九十\d]{1,4}[)）]|\d{1,2}[、.．](?!\d)|第[一二三四五六七八九十]{1,3}[章节条部]|[一二三四五六七八九十]是)"
)
BODY_NAME_END = (
    r"(?:政府|局|厅|委员会|委|办公室|办|办事处|管委会|法院|检察院|署|支队|总队|大队|中心|研究院|学院|所|站|处|组|集团|公司|"
    r"联合会|协会|指挥部|镇|乡|街道|分局|税务局)"
)
# a line that is nothing but the name of a body: 青山县人民政府 · 中共某县委 某县人民政府
BODY_NAME = re.compile(rf"^(?=.{{3,40}}$)[\u4e00-\u9fff()（）、·\s]+?{BODY_NAME_END}$")
# the second line of a title set on two lines: 关于2023年… · 2022年度… · 二〇二三年… · 的报告
TITLE_CONTINUES = re.compile(
    r"^(?:关于|(?:19|20)\d\d年|二[〇○零0]|的?(?:工作)?(?:情况)?(?:的)?(?:报告|总结|通知|方案)$|法治政府|依法行政)"
)
# a line that only ends a title: 的报告 · 工作总结
TITLE_TAIL = re.compile(r"^的?(?:工作|情况|年度)?的?(?:报告|总结|汇报|通知)$")
# 标题_栏目_站名 · 标题 | 站名 · 标题 - 站名 · 标题--站名
TITLE_PARTS = re.compile(
    r"\s*[_|｜]+\s*|\s+[-–—]+\s+|\s*--+\s*|\s*—{1,2}\s*(?=[^—]{2,20}(?:网站?|门户|政府)$)|-(?=[^-]{2,30}(?:网站?|门户|政府|局|厅|委|办)$)"
)
SITE_NAME_END = re.compile(
    r"(?:网站?|门户|门户网站|信息网|在线|政务公开|信息公开|平台|政府|局|厅|委员会|办公室)(?:\s*[(（].*[)）])?$"
)
# 首页 > 政务公开 > … · 当前位置：… · 您的位置:…
TRAIL = re.compile(r"^(?:首\s*页|您?(?:现在|当前)?(?:所在)?的?位置|当前位置|当前栏目)|[>»›]{1,2}\s*\S+\s*[>»›]|&gt;")
# a name set with blanks between its characters: 青 山 县 人 民 政 府
SPREAD_NAME = re.compile(r"^(?:[\u4e00-\u9fff][ \u3000]+){2,}[\u4e00-\u9fff]$")
# a year in a title: 2023年 · ２０２３年 · 二〇二三年 · (2021-2025年)
YEAR_SIGN = re.compile(r"(?:19|20)\d\d|[１２][９０]\d\d|二[〇○零OΟ0][一二三四五六七八九〇○零OΟ0]{2}")
# what stands under a title when the body follows: an addressee, a numbered heading, a sentence
STARTS_BODY = re.compile(
    r"[:：]$|[。；]|^(?:一、|[(（]一[)）])|^(?:19|20)\d\d年|^[(（\[【〔].*[)）\]】〕]$|[〔\[［(（]\d{4}[〕\]］)）]\d+号$"
)
# an addressee ends the head: 各乡镇人民政府: · 市委、市政府：
ADDRESSED = re.compile(r"(?:政府|单位|部门|[省市县区委]委|办公室|委员会|局|厅|机构|常委会|党组)[:：]$")
# a body inside a title: …人民政府关于… · …司法局2023年…
NAMES_BODY = re.compile(r"(?:政府|局|厅|委员会|委|办公室|管委会|法院|检察院|镇|乡|街道)(?=关于|(?:19|20)\d\d|的)")
_PUNCTUATED = re.compile(r"[。；;！!？?]")
_SHORTENED = re.compile(r"(?:…+|\.{2,}|。{2,})$")
_SPACES = re.compile(r"\s+")

MAX_TITLE = 110
HEAD_LINES = 250
"""Filled lines from the top among which a title is looked for."""
MIN_WEIGHT = 2
"""What must speak for a line before it counts as a title; see ``_weight``."""
BELOW_REACH = 20
"""Lines, empty ones included, among which they are looked for."""
MIN_OPEN_TITLE = 9
"""Shorter lines right above the body are as often the last entry of a menu (政府工作报告)."""
BELOW = 2
"""Filled lines under a title that are looked at."""
MAX_JOINED = 3
"""Lines that may follow the first one of a title set on several lines."""
PARAGRAPH = 90
"""A line longer than this is running text."""


@dataclass(frozen=True)
class Title:
    """A title and where it was found.

    Attributes:
        text: as stated, white space folded.
        source: "meta", "page_title", "heading", "header_table", "list", "text", "text_repeated".
        line: last line of the title in the document text (from 1), when it stands there.
        first_line: first line, when the title runs over several lines.
    """

    text: str
    source: str
    line: int | None = None
    first_line: int | None = None


def fold(text: str) -> str:
    """Fold width and white space for comparing titles: "２０２３年 报告" → "2023年报告"."""
    return _SPACES.sub("", unicodedata.normalize("NFKC", text))


def close_up(line: str) -> str:
    """Strip a line and take out the blanks of a name that is set wide: "青 山 县 政 府" → "青山县政府"."""
    stripped = line.strip()
    return _SPACES.sub("", stripped) if SPREAD_NAME.match(stripped) else stripped


def split_page_title(text: str | None) -> tuple[str | None, str | None]:
    """Split an html ``<title>`` into the article's title and the site's name.

    "报告_工作报告_某市人民政府门户网站" → ("报告", "某市人民政府门户网站"). Either may be None. A site name set
    first ("某市政府网 | 标题") is recognised by its ending.
    """
    if not text or not text.strip():
        return None, None
    parts = [part.strip() for part in TITLE_PARTS.split(text.strip()) if part and part.strip()]
    if not parts:
        return None, None
    if len(parts) == 1:
        only = parts[0]
        is_site = SITE_NAME_END.search(only) is not None and TITLE_END.search(only) is None
        return (None, only) if is_site and not TITLE_SUBJECT.search(only) else (only, None)
    if SITE_NAME_END.search(parts[0]) and not TITLE_END.search(parts[0]) and not SITE_NAME_END.search(parts[-1]):
        return parts[-1], parts[0]
    site = parts[-1] if SITE_NAME_END.search(parts[-1]) else None
    return parts[0], site


def is_page_title_line(line: str) -> bool:
    """Whether a line of a saved text is the page's ``<title>``: several parts of which the last names a site."""
    parts = [part for part in TITLE_PARTS.split(line.strip()) if part]
    return len(parts) >= 2 and len(line) <= 200 and SITE_NAME_END.search(parts[-1]) is not None


def is_shortened(text: str) -> bool:
    """Whether a title was cut by its page ("关于2023年法治政府建设…")."""
    return _SHORTENED.search(text.strip()) is not None


def looks_like_title(line: str) -> bool:
    """Whether a line has the form of a title: one short phrase with a title's ending or subject, no full stop."""
    stripped = line.strip()
    if not 6 <= len(stripped) <= MAX_TITLE or _PUNCTUATED.search(stripped) or HEADING_LABEL.match(stripped):
        return False
    if stripped.endswith((",", "，", ":", "：", "、")) or TRAIL.search(stripped) or is_header_line(stripped):
        return False
    if TITLE_END.search(stripped):
        return len(stripped) <= 80
    return TITLE_SUBJECT.search(stripped) is not None and 8 <= len(stripped) <= 60 and "," not in stripped


def _head(lines: Sequence[str]) -> list[tuple[int, str]]:
    """Filled lines from the top down to the first paragraph, numbered heading or addressee, without breadcrumbs."""
    head: list[tuple[int, str]] = []
    for number, line in enumerate(lines, start=1):
        stripped = close_up(line)
        if not stripped or TRAIL.search(stripped):
            continue
        if len(head) >= HEAD_LINES or HEADING_LABEL.match(stripped) or ADDRESSED.search(stripped):
            break
        if len(stripped) > PARAGRAPH and not is_header_line(stripped) and not is_page_title_line(stripped):
            break
        head.append((number, stripped))
    return head


def _joined(head: Sequence[tuple[int, str]], position: int) -> Title | None:
    """Join the names of bodies with the line below, or a phrase with the rest of it: 某县人民政府 / 关于…的报告."""
    number, line = head[position]
    if TITLE_END.search(line) or len(line) > 60 or _PUNCTUATED.search(line) or is_header_line(line):
        return None
    text, last = line, number
    names_only = BODY_NAME.match(line) is not None
    for below, following in head[position + 1 : position + 1 + MAX_JOINED]:
        another = names_only and BODY_NAME.match(following) is not None
        if below - last > 2 or is_header_line(following) or not (another or TITLE_CONTINUES.match(following)):
            break
        names_only = another
        text, last = f"{text} {following}" if another else text + following, below
        if TITLE_END.search(text) and len(text) <= MAX_TITLE:
            text, last = _with_tail(head, text, last)
            fits = BODY_NAME.match(line) or looks_like_title(text)
            return Title(text, "text", last, number) if fits else None
    return None


def _with_tail(head: Sequence[tuple[int, str]], text: str, last: int) -> tuple[str, int]:
    """Add a line that only ends the title above it: …工作情况 / 的报告."""
    below = next(((number, line) for number, line in head if number > last), None)
    if below and TITLE_TAIL.match(below[1]) and not text.endswith(("报告", "总结")):
        return text + below[1], below[0]
    return text, last


def title_in_lines(lines: Sequence[str], stated: Sequence[str] = ()) -> Title | None:
    """Find the title among the first lines of a document text.

    Args:
        lines: Simplified lines of the text.
        stated: titles stated elsewhere (page title, header table); a line equal to one of them is the title.

    Returns:
        The title with its lines, or None when no line has the form of one. A line that repeats a stated title or an
        earlier line counts more than one that only looks right; of repeated lines the last one is the title's line.
    """
    head = _head(lines)
    known = {fold(text) for text in stated if text}
    best: Title | None = None
    for position, (number, line) in enumerate(head):
        folded = fold(line)
        joined = _joined(head, position)
        if joined and fold(joined.text) in known:
            best = joined
            known.add(folded)
        elif len(folded) >= 6 and folded in known and not is_header_line(line) and not is_page_title_line(line):
            best = Title(line, "text_repeated", number, number)
    if best:
        return best
    return _most_likely(lines, head)


def _most_likely(lines: Sequence[str], head: Sequence[tuple[int, str]]) -> Title | None:
    """Choose among lines that merely look right; menus hold the names of columns, which look right too."""
    best: tuple[int, Title] | None = None
    for position, (number, line) in enumerate(head):
        title = _joined(head, position)
        if title is None:
            if not looks_like_title(line) or is_page_title_line(line):
                continue
            again = [other for other, text in head[position + 1 :] if fold(text) == fold(line)]
            where = again[-1] if again else number
            text, last = _with_tail(head, line, where)
            title = Title(text, "text_repeated" if again else "text", last, where)
        weight = _weight(title, lines)
        if weight >= MIN_WEIGHT and (best is None or weight > best[0]):
            best = (weight, title)
    return best[1] if best else None


def _weight(title: Title, lines: Sequence[str]) -> int:
    """How much speaks for a line being the title: its year, body and subject, and what stands below it."""
    start = title.line or 0
    below = [line.strip() for line in lines[start : start + BELOW_REACH] if line.strip()][:BELOW]
    weight = 3 if YEAR_SIGN.search(title.text) else 0
    weight += 2 if any(is_header_line(line) for line in below) else 0
    weight += 2 if below and STARTS_BODY.search(below[0]) and len(title.text) >= MIN_OPEN_TITLE else 0
    weight += 1 if TITLE_SUBJECT.search(title.text) else 0
    weight += 1 if title.first_line != title.line or NAMES_BODY.search(title.text) else 0
    return weight
