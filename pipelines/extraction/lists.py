"""A stretch of running text → the items it lists: by labels (一是, 1., 首先), paragraphs, semicolons or sentences.

Works on one folded, Simplified text and returns places in it. Which stretch of a report is a list of problems or of
plans is decided in ``items``; headings are found in ``segmentation``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from pipelines.cleaning.dates import chinese_day_number

Form = Literal["heading", "label", "paragraph", "clause", "sentence"]

_ZH = "[一二三四五六七八九十]{1,3}"
# what may stand before a label: the start, a line, a mark
_BEFORE = r"(?:(?<=[。;:!?,\s])|^)"
# "一是法治人才不足;二是…" "一要强化领导。二要…"
SHI = re.compile(rf"{_BEFORE}(?P<label>(?P<n>{_ZH})(?:是|要))", re.MULTILINE)
# "(一)队伍不足。(二)…"
PAREN_ZH = re.compile(rf"{_BEFORE}(?P<label>\((?P<n>{_ZH})\))", re.MULTILINE)
# "一、队伍不足" at the start of a line
DUN = re.compile(rf"^\s*(?P<label>(?P<n>{_ZH})、)", re.MULTILINE)
# "1.队伍不足;2.…" "1、队伍不足" but neither "2.5万" nor "2018.3"
DOT = re.compile(rf"{_BEFORE}(?P<label>(?P<n>\d{{1,2}})[.、．])(?!\d)", re.MULTILINE)
# "(1)队伍不足;(2)…"
PAREN = re.compile(rf"{_BEFORE}(?P<label>\((?P<n>\d{{1,2}})\))", re.MULTILINE)
# "①队伍不足②…"
CIRCLE = re.compile(r"(?P<label>(?P<n>[①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳]))")
# "第一,队伍不足。第二,…"
DI = re.compile(rf"{_BEFORE}(?P<label>第(?P<n>{_ZH}))(?=[,、:])", re.MULTILINE)
# "其一,队伍不足。其二,…"
QI = re.compile(rf"{_BEFORE}(?P<label>其(?P<n>{_ZH}))(?=[,、:])", re.MULTILINE)
# "首先,…。其次,…。最后,…"
WORDS = re.compile(rf"{_BEFORE}(?P<label>(?P<n>首先|其次|再次|最后))(?=[,是要])", re.MULTILINE)

# a sentence or clause ends here
SENTENCE_END = re.compile(r"[。!?]+|\n")
CLAUSE_END = re.compile(r";|\n")
LINE_END = re.compile(r"\n")
# a sentence that says that there are problems, or that work remains, and names none:
# "虽然取得一定成效,但与上级要求相比还有差距" "法治政府建设工作还存在一些问题和不足" "主要有以下几个方面"
LEAD_SENTENCE = re.compile(
    r"^[^。;:]*?(?:存在|面临|有)(?:着|了)?(?:一些|不少|诸多|以下|如下|一定|很多|许多|较大|较多|较为|明显|突出|主要|几个|方面|几点|某些|的|和|与|及|、|"
    r"薄弱环节|差距|问题|不足之处|不足|短板|困难|弱项)*(?:,需要?[^。;:,]{2,12})?[。:]?$|"
    r"^[^。;:]{0,80}(?:以下|如下|几个方面|几点)[^。;:]{0,8}[。:]?$"
)
# what opens a list and stands before its first item: "主要存在以下问题:" "2023年将重点做好以下工作:" "薄弱环节,主要是"
LEAD_COLON = re.compile(
    r"^[^。:;]{0,120}?(?:问题|不足|差距|短板|薄弱环节|困难|弱项|工作|方面|如下|以下|举措|措施|做好|抓好|将|着力)[^。:;,]{0,8}:"
)
LEAD_MAINLY = re.compile(
    r"^[^。:;]{0,80}?(?:问题|不足|差距|短板|薄弱环节|困难|弱项)[^。:;,]{0,4},?(?:主要)?(?:是|有|表现(?:在|为|是)|体现(?:在|为))[:,]?(?=[^。]{3})"
)
# what follows a list and is no item: "针对以上问题,…" "产生上述问题的原因是…" "特此报告。" "以上报告,请审议"
CLOSING = re.compile(
    r"^(?:针对|对此|对(?:于)?(?:上述|以上|这些|存在)|以上(?:问题|不足|报告|情况)|上述(?:问题|不足)|这些(?:问题|不足)|产生|究其|专此|特此|"
    r"(?:主要)?原因(?:是|在于|有|分析|:)|造成|问题的?(?:产生|原因)|为此)"
)
MIN_ITEM = 4
"""Characters without which nothing is named ("无。")."""
MIN_LEAD = 4
"""Characters before the first label of a line that make the line an item of its own: "加强领导。一是…二是…"."""

REACH = 30
"""Characters of a sentence in which it shows that it closes the list."""

_CIRCLED = {character: number for number, character in enumerate("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳", start=1)}
_WORDS = {"首先": 1, "其次": 2, "再次": 3}


@dataclass(frozen=True)
class Piece:
    """One item of a list: its place in the text, its label as printed, and what told it from the others."""

    start: int
    end: int
    label: str | None
    form: Form


@dataclass(frozen=True)
class _Label:
    start: int
    end: int
    text: str
    number: int | None


def _of_arabic(text: str) -> int | None:
    return int(text)


_FAMILIES: tuple[tuple[re.Pattern[str], Callable[[str], int | None]], ...] = (
    (SHI, chinese_day_number),
    (PAREN_ZH, chinese_day_number),
    (DUN, chinese_day_number),
    (DOT, _of_arabic),
    (PAREN, _of_arabic),
    (CIRCLE, _CIRCLED.get),
    (DI, chinese_day_number),
    (QI, chinese_day_number),
    (WORDS, _WORDS.get),
)


def split_list(text: str) -> list[Piece]:
    """Cut a stretch of text into the items it lists, without what introduces and closes the list.

    Args:
        text: Simplified text of folded width.

    Returns:
        The items in order, without blanks around them. The outermost labels decide; where each line has a list of its
        own below a heading phrase, the lines do. Without labels: paragraphs, else clauses between semicolons, else
        sentences. Text that names nothing gives no items.
    """
    lists = _outermost(text)
    pieces = _by_labels(text, lists) if lists else _without_labels(text)
    trimmed = (_trimmed(text, piece) for piece in pieces)
    return [piece for piece in trimmed if piece.end - piece.start >= MIN_ITEM]


def _labels(text: str, pattern: re.Pattern[str], value: Callable[[str], int | None]) -> list[_Label]:
    hits = pattern.finditer(text)
    return [_Label(hit.start("label"), hit.end("label"), hit["label"], value(hit["n"])) for hit in hits]


def _lists_of(labels: Sequence[_Label]) -> list[list[_Label]]:
    """Gather labels that count on from one into lists of at least two; 最后 ends any list."""
    lists: list[list[_Label]] = []
    for label in labels:
        following = len(lists[-1]) + 1 if lists else 0
        if label.number == 1:
            lists.append([label])
        elif lists and label.number in (following, None):
            lists[-1].append(label)
    return [each for each in lists if len(each) > 1]


def _outermost(text: str) -> list[list[_Label]]:
    """The lists of the kind of label that comes first; labels of other kinds lie inside its items."""
    found = [lists for pattern, value in _FAMILIES if (lists := _lists_of(_labels(text, pattern, value)))]
    return min(found, key=lambda lists: lists[0][0].start, default=[])


def _by_labels(text: str, lists: Sequence[Sequence[_Label]]) -> Iterator[Piece]:
    if len(lists) > 1 and all(_lead_of_line(text, each[0]) for each in lists):
        yield from _lines(text)
        return
    for each, following in zip(lists, [*lists[1:], None], strict=True):
        limit = following[0].start if following else len(text)
        for label, after in zip(each, [*each[1:], None], strict=True):
            end = after.start if after else _end_of_last(text, each, limit)
            yield Piece(label.start, _before_closing(text, label.start, end), label.text, "label")


def _lead_of_line(text: str, label: _Label) -> bool:
    """Whether a phrase that names a topic stands before a list on its line."""
    lead = text[text.rfind("\n", 0, label.start) + 1 : label.start].strip()
    return len(lead) >= MIN_LEAD and not LEAD_COLON.match(lead) and not LEAD_SENTENCE.match(lead)


def _end_of_last(text: str, labels: Sequence[_Label], limit: int) -> int:
    """Where the last item of a list ends: with its sentence if the others are single clauses, else with its line."""
    last = labels[-1]
    end = text.find("\n", last.start)
    end = limit if end < 0 else min(end, limit)
    inside = (text[label.start : after.start] for label, after in pairwise(labels))
    if all("。" not in each for each in inside):
        stop = text.find("。", last.start, end)
        return stop + 1 if stop >= 0 else end
    return end


def _before_closing(text: str, start: int, end: int) -> int:
    """Shorten a stretch to end before a sentence that closes the list."""
    for hit in SENTENCE_END.finditer(text, start, end):
        if CLOSING.match(text[hit.end() : min(end, hit.end() + REACH)].lstrip()):
            return hit.end()
    return end


def _spans(text: str, mark: re.Pattern[str], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a stretch behind each mark."""
    position = start
    for hit in mark.finditer(text, start, end):
        yield position, hit.end()
        position = hit.end()
    if position < end:
        yield position, end


def _lines(text: str) -> Iterator[Piece]:
    """Each line as an item, but those that only open or close the list."""
    for start, end in _spans(text, LINE_END, 0, len(text)):
        line = text[start:end].strip()
        if line and not LEAD_SENTENCE.match(line) and not line.endswith(":") and not CLOSING.match(line):
            yield Piece(start, _before_closing(text, start, end), None, "paragraph")


def _without_labels(text: str) -> list[Piece]:
    pieces = list(_lines(text))
    if len(pieces) != 1:
        return pieces
    only = pieces[0]
    start = _after_lead(text, only.start, only.end)
    stop = text.find("。", start, only.end)
    first_end = stop + 1 if stop >= 0 else only.end
    if ";" not in text[start:first_end].rstrip(";"):
        return list(_sentences(text, start, only.end))
    clauses = [Piece(*span, None, "clause") for span in _spans(text, CLAUSE_END, start, first_end)]
    return [*clauses, *_sentences(text, first_end, only.end)]


def _after_lead(text: str, start: int, end: int) -> int:
    """Skip sentences and phrases that only open the list."""
    position = start
    for first, last in _spans(text, SENTENCE_END, start, end):
        if not LEAD_SENTENCE.match(text[first:last].strip()):
            position = first
            break
    while position < end and text[position].isspace():
        position += 1
    rest = text[position:end]
    lead = LEAD_COLON.match(rest) or LEAD_MAINLY.match(rest)
    return position + lead.end() if lead else position


def _sentences(text: str, start: int, end: int) -> Iterator[Piece]:
    for first, last in _spans(text, SENTENCE_END, start, end):
        sentence = text[first:last].strip()
        if CLOSING.match(sentence):
            return
        if sentence and not LEAD_SENTENCE.match(sentence):
            yield Piece(first, last, None, "sentence")


def _trimmed(text: str, piece: Piece) -> Piece:
    """Take the blanks around an item away."""
    inside = text[piece.start : piece.end]
    start = piece.start + len(inside) - len(inside.lstrip())
    return Piece(start, max(start, piece.start + len(inside.rstrip())), piece.label, piece.form)
