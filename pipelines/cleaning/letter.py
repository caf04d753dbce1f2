"""The letter form of a report: addressee, body, signature and date, and the lines that bound the body.

Reads lines only; every function works on Simplified text and returns line numbers, so that callers can report the
original wording. Page chrome around the letter is recognised here because it bounds the body.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pipelines.cleaning.dates import CHINESE_DATE, NUMERIC_DATE, parse_date
from pipelines.cleaning.document_number import parse_document_number
from pipelines.cleaning.metadata import PAGE_CLOCK, is_header_line
from pipelines.cleaning.titles import BODY_NAME, HEADING_LABEL, Title, fold, is_page_title_line

# 省政府: · 某市人民政府： · 市委、市政府： · 区委依法治区办：
ADDRESSEE = re.compile(
    r"^(?=.{2,60}[:：]$)(?!.*[。；;])(?P<name>.*(?:政府|[省市县区州旗厅局党工]委|人大(?:常委会)?|委员会|办公室|办|厅|局|"
    r"国务院|党组|各部门|单位|代表|机构|办事处|管委会|法院|检察院))\s*[:：]$"
)
# a letter's date alone on its line: 2018年2月28日 · 二〇一八年二月二十八日 · (2019年3月1日) · 2018.2.28
DATE_LINE = re.compile(rf"^[(（]?\s*(?:{NUMERIC_DATE.pattern}|{CHINESE_DATE.pattern})\s*[)）]?$")
# the name and the date on one line: 绵阳市人民政府 2018年2月28日
NAME_AND_DATE = re.compile(
    rf"^(?P<name>[\u4e00-\u9fff()（）、\s]{{3,40}}?)[\s,，]*(?P<date>{NUMERIC_DATE.pattern}|{CHINESE_DATE.pattern})\s*[)）]?$"
)
# (此件公开发布) · (联系人：…)
REMARK = re.compile(r"^[(（](?:此件|此文|联系人|信息公开).*[)）]$")
# what stands around an article on government pages
CHROME = re.compile(
    r"扫一扫|扫码|二维码|打印|关闭(?:窗口|本页|页面)?$|分享(?:到|至|按钮)?|收藏|纠错(?!率|案)|字体|字号|朗读|浏览(?:次数|量)|阅读(?:次数|量)|点击(?:数|率|次数)|"
    r"上一[篇条页]|下一[篇条页]|相关(?:链接|词条|文档|新闻|稿件|附件|文章|信息|解读|政策|阅读|文件|推荐)|热门|推荐阅读|猜你喜欢|附件下载|附件列表|"
    r"责任编辑|责编|编辑[:：]|审核[:：]|校对[:：]|主办[:：单]|承办[:：单]|协办|版权|备案(?!率|审查|文件|登记|的|了)|ICP|公网安备|网站标识码|联系(?:我们|方式|电话)|网站地图|技术支持|"
    r"您?(?:现在|当前)?的?位置|返回(?:顶部|首页|列表)|无障碍|站群|智能问答|登录|注册|邮箱|微信|微博|客户端|手机版|繁体|简体|长者|"
    r"设为首页|加入收藏|友情链接|网站声明|隐私|AQI|污染|^首\s*页|^导航|导航$|来源[:：]|发布日期[:：]|发布时间[:：]|信息来源|文章来源|作者[:：]|【.{0,6}】$"
)
# what begins a footer; running text never starts so
FOOTER_START = re.compile(
    r"^[\[【(（]?\s*(?:扫一扫|扫码|打印|关闭|分享|相关(?:链接|词条|文档|新闻|稿件|文章|信息|解读|政策|阅读|文件|推荐)|热门|上一[篇条页]|下一[篇条页]|"
    r"附件下载|附件\s*\d*\s*[:：]|责任编辑|责编|编辑[:：]|主办|版权|网站标识码|联系我们|网站地图|返回|纠错|收藏|Copyright|©)"
)
# nothing but marks: | | | · ----- · ·
_EMPTY_MARKS = re.compile(r"^[\s|·•\-—_*=.]+$")
_BULLET = re.compile(r"^[•·▪◆■●]\s*")
_SENTENCE_MARK = re.compile(r"[。；;，,！!？?：:]")
_STOP = re.compile(r"[。；;！!？?]")
_NAME_GAP = re.compile(r"\s{2,}|\t")
_SPACES = re.compile(r"\s+")

MAX_CHROME = 100
"""Longer lines are running text even when they mention printing or sharing."""
MAX_SHORT = 14
"""A line up to this length without any sentence mark, number or label is chrome where no title or text is expected."""
SOLID = 40
"""A line of at least this length with a sentence mark is running text for certain."""
ADDRESSEE_REACH = 8
"""Filled lines after the title (or the top) within which the addressee stands."""
SIGNATURE_SHARE = 0.4
"""Share of the text that must lie before a signature; an earlier one belongs to a covering notice."""
SIGNATURE_REACH = 3
"""Names of joint issuers that may stand above one date."""


@dataclass(frozen=True)
class Letter:
    """The letter form of a document; line numbers start at 1.

    Attributes:
        addressee_line: line of the addressee.
        addressee: its text without the colon.
        first_line: first line of the body; None when there is no body.
        last_line: last line of the body.
        signature_lines: lines of the signing bodies, in order.
        signature_date: the date under the signature.
        signature_date_line: its line.
        number_line: line that holds nothing but a document number, before the body.
    """

    addressee_line: int | None = None
    addressee: str | None = None
    first_line: int | None = None
    last_line: int | None = None
    signature_lines: tuple[int, ...] = ()
    signature_date: date | None = None
    signature_date_line: int | None = None
    number_line: int | None = None


def is_chrome(line: str) -> bool:
    """Whether a line belongs to the page around the article rather than to the article."""
    stripped = line.strip()
    if not stripped or _EMPTY_MARKS.match(stripped):
        return True
    if is_header_line(stripped):
        return True
    if len(stripped) > MAX_CHROME or HEADING_LABEL.match(stripped):
        return False
    if _STOP.search(stripped) and len(stripped) > 20:
        return False
    return CHROME.search(stripped) is not None or PAGE_CLOCK.search(stripped) is not None


def _is_bare(line: str) -> bool:
    """A short word without sentence mark, digit or label, such as a menu entry."""
    stripped = _BULLET.sub("", line.strip())
    return (
        len(stripped) <= MAX_SHORT
        and not _SENTENCE_MARK.search(stripped)
        and not any(character.isdigit() for character in stripped)
        and not HEADING_LABEL.match(stripped)
        and "\t" not in stripped
    )


def _is_solid(line: str) -> bool:
    stripped = line.strip()
    if HEADING_LABEL.match(stripped):
        return True
    return len(stripped) >= SOLID and _STOP.search(stripped) is not None and not FOOTER_START.match(stripped)


def _find_addressee(lines: Sequence[str], start: int) -> tuple[int, str] | None:
    """Find the addressee from a line on, before any running text."""
    seen = 0
    for number in range(start, len(lines) + 1):
        line = lines[number - 1].strip()
        if not line:
            continue
        if (found := ADDRESSEE.match(line)) and not is_header_line(line):
            return number, found["name"].strip()
        if is_chrome(line):
            continue
        seen += 1
        if seen > ADDRESSEE_REACH or _is_solid(line):
            return None
    return None


def _skip_to_body(lines: Sequence[str], start: int, title: Title | None) -> tuple[int | None, int | None]:
    """Return the first body line from ``start`` on and the line of a document number before it."""
    number_line: int | None = None
    wanted = fold(title.text) if title else None
    for number in range(start, len(lines) + 1):
        line = lines[number - 1].strip()
        if is_chrome(line):
            continue
        if wanted and len(line) >= 4 and fold(line) in wanted and len(line) <= MAX_CHROME:
            continue
        if number_line is None and len(line) <= 40 and parse_document_number(line):
            number_line = number
            continue
        if DATE_LINE.match(line) or is_page_title_line(line) or REMARK.match(line):
            continue
        if title is None and _is_bare(line) and not BODY_NAME.match(line):
            continue
        return number, number_line
    return None, number_line


def _names_above(lines: Sequence[str], number: int, first: int) -> tuple[int, ...]:
    """Lines directly above a date that are nothing but names of bodies."""
    names: list[int] = []
    for above in range(number - 1, first, -1):
        line = lines[above - 1].strip()
        if not line:
            continue
        if len(names) >= SIGNATURE_REACH or not BODY_NAME.match(line) or HEADING_LABEL.match(line):
            break
        names.append(above)
    return tuple(reversed(names))


def _last_solid(lines: Sequence[str], first: int) -> int:
    for number in range(len(lines), first, -1):
        if _is_solid(lines[number - 1]):
            return number
    return first


@dataclass(frozen=True)
class _Signature:
    top: int
    names: tuple[int, ...] = ()
    signed: date | None = None
    date_line: int | None = None


def _tail_start(lines: Sequence[str], first: int) -> int:
    """Line from which on a name above a date can only be the signature of this letter, not of an enclosed one."""
    total = sum(map(len, lines[first - 1 :]))
    passed = 0
    for number in range(first, len(lines) + 1):
        passed += len(lines[number - 1])
        if passed >= SIGNATURE_SHARE * total:
            return number
    return len(lines)


def _dated_signature(lines: Sequence[str], number: int, first: int) -> _Signature | None:
    """Read a line as the date of a signature, with the names above it or on it."""
    line = lines[number - 1].strip()
    if not line or len(line) > 80:
        return None
    if DATE_LINE.match(line):
        names = _names_above(lines, number, first)
        return _Signature(names[0] if names else number, names, parse_date(line), number)
    if (both := NAME_AND_DATE.match(line)) and BODY_NAME.match(both["name"].strip()):
        return _Signature(number, (number,), parse_date(both["date"]), number)
    return None


def _find_signature(lines: Sequence[str], first: int, solid: int) -> _Signature | None:
    """Find the signature: names above a date in the letter's tail, else a date or names below the last text."""
    bare_date: _Signature | None = None
    for number in range(max(_tail_start(lines, first), first + 1), len(lines) + 1):
        found = _dated_signature(lines, number, first)
        if found and found.names:
            return found
        if found and bare_date is None and number > solid and "年" in lines[number - 1]:
            bare_date = found
    if bare_date:
        return bare_date
    for number in range(solid + 1, len(lines) + 1):
        line = lines[number - 1].strip()
        if not line:
            continue
        if is_chrome(line) or FOOTER_START.match(line):
            return None
        if BODY_NAME.match(line):
            return _Signature(number, (number,))
    return None


def signature_name(line: str) -> str:
    """Return the name on a signature line, without date and spacing: "某 某 县 人 民 政 府" → "某某县人民政府"."""
    stripped = line.strip()
    if both := NAME_AND_DATE.match(stripped):
        stripped = both["name"].strip()
    if _NAME_GAP.search(stripped):
        return "、".join(_SPACES.sub("", part) for part in _NAME_GAP.split(stripped) if part)
    return _SPACES.sub("", stripped)


def read_letter(lines: Sequence[str], title: Title | None) -> Letter:
    """Find the parts of the letter in the lines of a document.

    Args:
        lines: Simplified lines of the document text.
        title: the title, whose line bounds the head; None when the text has none.

    Returns:
        The letter. The body runs from the first line after title, page chrome, number and addressee to the last
        line before the signature or the page's footer.
    """
    start = title.line + 1 if title and title.line else 1
    addressed = _find_addressee(lines, start)
    first, number_line = _skip_to_body(lines, start, title)
    if addressed:
        first, late_number = _skip_to_body(lines, addressed[0] + 1, title)
        number_line = number_line or late_number
    if first is None:
        return Letter(
            addressee_line=addressed[0] if addressed else None,
            addressee=addressed[1] if addressed else None,
            number_line=number_line,
        )
    solid = _last_solid(lines, first)
    signature = _find_signature(lines, first, solid)
    if signature and signature.top <= solid:
        solid = signature.top - 1
    last = (signature.top if signature else len(lines) + 1) - 1
    for number in range(solid + 1, last + 1):
        line = lines[number - 1].strip()
        if line and (FOOTER_START.match(line) or is_chrome(line) or _is_bare(line)):
            last = number - 1
            break
    while last > first and not lines[last - 1].strip():
        last -= 1
    return Letter(
        addressee_line=addressed[0] if addressed else None,
        addressee=addressed[1] if addressed else None,
        first_line=first,
        last_line=last,
        signature_lines=signature.names if signature else (),
        signature_date=signature.signed if signature else None,
        signature_date_line=signature.date_line if signature else None,
        number_line=number_line,
    )
