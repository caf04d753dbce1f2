"""Which part of a page holds the article: a table of selectors per CMS family, then readability, then structure.

Only the choice of a node belongs here; turning it into text is the serializer's work. Every choice carries a
name, so that a changed layout shows up in the tables as a changed container.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from functools import cache
from typing import cast

from lxml import etree, html

MIN_CONTAINER_CHARACTERS = 60
"""A selector hit with less text than this is an empty shell (video page, attachment page): look further."""
MIN_SHARE_OF_FALLBACK = 0.25
"""A selector hit with a smaller share than this of what readability finds is a fragment."""

MAX_SHARE_OF_WHOLE_PAGE = 0.9
"""Where readability names a node with more of the page's text than this, it has not found the article."""
MAX_SHARE_OF_CHROME = 0.25
"""Title, date, foot and the like beside the article, as a share of the text of what holds them all."""
BOXES = frozenset(("div", "section", "article", "main", "form", "table", "tbody"))
"""Elements that may hold an article; paragraphs, rows and cells are parts of one."""

_CLASS = "contains(concat(' ', normalize-space(@class), ' '), ' {} ')"


def _by_class(name: str) -> str:
    return f"//*[{_CLASS.format(name)}]"


# Per family the places where its article templates put the body, most specific first.
CONTAINERS: dict[str, tuple[tuple[str, str], ...]] = {
    "trs": (
        ("TRS_UEDITOR", _by_class("TRS_UEDITOR")),
        ("TRS_Editor", _by_class("TRS_Editor")),
        ("Custom_UnionStyle", _by_class("Custom_UnionStyle")),
        ("trs_editor_view", _by_class("trs_editor_view")),
    ),
    "ucap": (
        ("ucapcontent", "//ucapcontent"),
        ("#UCAP-CONTENT", "//*[@id='UCAP-CONTENT']"),
    ),
    "vsb": (
        ("#vsb_content", "//*[starts-with(@id, 'vsb_content')]"),
        ("v_news_content", _by_class("v_news_content")),
    ),
    "hanweb": (
        ("#zoom", "//*[@id='zoom' or @id='Zoom' or @id='zoomcon']"),
        ("main-txt", _by_class("main-txt")),
        ("article-conter", _by_class("article-conter")),
    ),
    "gkmlpt": (
        ("article-content", _by_class("article-content")),
        ("content-article", _by_class("content-article")),
    ),
    "generic": (
        ("#mainText", "//*[@id='mainText']"),
        ("#ivs_content", "//*[@id='ivs_content']"),
        ("pages_content", _by_class("pages_content")),
        ("zw-con", _by_class("zw-con")),
        ("zwxl-article", _by_class("zwxl-article")),
        ("xxgk_content", _by_class("xxgk_content")),
        ("article-con", "//*[@class='article-con' or @class='article_con' or @class='article_content']"),
        ("#articlecontent", "//*[@id='articlecontent' or @id='articleContent' or @id='ArticleContent']"),
        ("#detailContent", "//*[@id='detailContent' or @id='NewsContent' or @id='newsContent']"),
        ("news_content", _by_class("news_content")),
        ("wzcon", "//*[@class='wzcon' or @class='wz_content' or @class='con_text' or @class='content-text']"),
        ("info_box", _by_class("info_box")),
        ("articleBody", "//*[@itemprop='articleBody']"),
    ),
}

_FAMILY_OF_SOURCE = {"hanweb_jpage": "hanweb", "hanweb_jpaas": "hanweb"}

# Hanweb brackets the body with comments: <!--<$[信息内容]>begin--> … <!--<$[信息内容]>end-->
HANWEB_BEGIN = re.compile(r"<\$\[信息内容\]>\s*begin")
HANWEB_END = re.compile(r"<\$\[信息内容\]>\s*end")


@dataclass(frozen=True)
class Container:
    """The chosen node and what chose it.

    Attributes:
        node: the element whose text is the document.
        name: "family:selector", "hanweb:comments", "readability", "structure" or "body".
        length: characters of its text.
    """

    node: html.HtmlElement
    name: str
    length: int


@cache
def _xpath(expression: str) -> etree.XPath:
    return etree.XPath(expression, smart_strings=False)


def select(node: html.HtmlElement, expression: str) -> list[html.HtmlElement]:
    """Return the elements an XPath finds, in page order."""
    return cast("list[html.HtmlElement]", _xpath(expression)(node))


def inner_text(node: html.HtmlElement) -> str:
    """Return all text under a node as written."""
    return "".join(str(piece) for piece in node.itertext())


def text_length(node: html.HtmlElement) -> int:
    """Characters of text under a node without white space, scripts and styles."""
    pieces = cast("list[str]", _xpath(".//text()[not(parent::script or parent::style)]")(node))
    return sum(len(piece.strip()) for piece in pieces)


def _between_comments(tree: html.HtmlElement) -> Container | None:
    """Copy what stands between Hanweb's begin and end comments into a node of its own."""
    for mark in tree.iter(etree.Comment):
        if not HANWEB_BEGIN.search(mark.text or ""):
            continue
        parent = mark.getparent()
        if parent is None:
            return None
        box: html.HtmlElement = html.Element("div")
        box.text = mark.tail
        for sibling in mark.itersiblings():
            if sibling.tag is etree.Comment and HANWEB_END.search(sibling.text or ""):
                return Container(box, "hanweb:comments", text_length(box))
            if not isinstance(sibling.tag, str):
                _append_text(box, sibling.tail)
                continue
            box.append(_copy(sibling))
        return None
    return None


def _append_text(box: html.HtmlElement, text: str | None) -> None:
    if not text:
        return
    if len(box):
        box[-1].tail = (box[-1].tail or "") + text
    else:
        box.text = (box.text or "") + text


def _copy(node: html.HtmlElement) -> html.HtmlElement:
    """Copy an element with its tail, leaving the tree untouched."""
    twin: html.HtmlElement = html.fragment_fromstring(etree.tostring(node, encoding="unicode", with_tail=False))
    twin.tail = node.tail
    return twin


# "contains(concat(' ', normalize-space(@class), ' '), ' main-txt ')" names main-txt: what a selector asks for
NAMED_BY_SELECTOR = re.compile(r"(?<=')\s*([\w-]+)\s*(?=')")


def _marks(tree: html.HtmlElement) -> str:
    """All classes, ids and roles of a page, and the tags that only one family has."""
    values = cast("list[str]", _xpath("//@class | //@id | //@itemprop")(tree))
    return " ".join((*values, *(tag for tag in ("ucapcontent",) if tree.find(f".//{tag}") is not None)))


@cache
def _named_by(expression: str) -> tuple[str, ...]:
    return tuple(NAMED_BY_SELECTOR.findall(expression)) or (expression.lstrip("/"),)


def _may_hit(expression: str, marks: str) -> bool:
    """Whether one of the names that a selector asks for is on the page; to look is cheaper than to select."""
    return any(name in marks for name in _named_by(expression))


def _by_selectors(tree: html.HtmlElement, family: str | None) -> Container | None:
    """Return the first selector hit with enough text, else the first hit at all."""
    known = _FAMILY_OF_SOURCE.get(family or "", family)
    order = sorted(CONTAINERS, key=lambda name: (name != known, name == "generic"))
    short: Container | None = None
    marks = _marks(tree)
    for name in order:
        for label, expression in CONTAINERS[name]:
            hits = select(tree, expression) if _may_hit(expression, marks) else []
            if not hits:
                continue
            length, _, best = max((text_length(hit), -place, hit) for place, hit in enumerate(hits))
            found = Container(best, f"{name}:{label}", length)
            if length >= MIN_CONTAINER_CHARACTERS:
                return found
            short = short or found
    return short


def _by_readability(tree: html.HtmlElement) -> Container | None:
    """Let readability-lxml name the node; its own text is not used."""
    from readability import Document  # type: ignore[import-untyped]
    from readability.readability import Unparseable  # type: ignore[import-untyped]

    # It logs a traceback for what is caught here and shown by the container's name.
    logging.getLogger("readability.readability").setLevel(logging.CRITICAL)
    try:
        summary = Document(etree.tostring(tree, encoding="unicode", method="html")).summary(html_partial=True)
        node = html.fragment_fromstring(summary, create_parent="div")
        return Container(node, "readability", text_length(node))
    except (Unparseable, etree.LxmlError, ValueError, TypeError, AttributeError, IndexError, KeyError):
        return None


def _prose_length(node: html.HtmlElement) -> int:
    """Characters of text under a node that stand in no link."""
    pieces = cast("list[str]", _xpath(".//text()[not(ancestor::a or parent::script or parent::style)]")(node))
    return sum(len(piece.strip()) for piece in pieces)


def _inner_box(node: html.HtmlElement) -> html.HtmlElement | None:
    """The one box in a node beside which there is only chrome: links, and short pieces that are few in all."""
    children = [child for child in node if isinstance(child.tag, str)]
    boxes = [child for child in children if child.tag in BOXES]
    if not boxes:
        return None
    best = max(boxes, key=text_length)
    beside = [_prose_length(child) for child in children if child is not best and child.tag not in {"script", "style"}]
    if max(beside, default=0) >= MIN_CONTAINER_CHARACTERS or text_length(best) < MIN_CONTAINER_CHARACTERS:
        return None
    chrome = _prose_length(node) - _prose_length(best)
    return best if chrome <= MAX_SHARE_OF_CHROME * _prose_length(node) else None


def _by_structure(body: html.HtmlElement) -> Container:
    """Go from the whole page inwards as long as one box holds the text and only chrome is left behind."""
    node = body
    while (inner := _inner_box(node)) is not None:
        node = inner
    return Container(node, "body" if node is body else "structure", text_length(node))


def find_container(tree: html.HtmlElement, family: str | None = None) -> Container:
    """Choose the node that holds the article.

    Args:
        tree: the parsed page.
        family: CMS family of the source, whose selectors are tried first; None tries all.

    Returns:
        The first selector hit with enough text, else Hanweb's comment brackets, else readability's node (unless
        that is the whole page), else the box that structure leaves, else the whole body.
    """
    chosen = _by_selectors(tree, family)
    if chosen and chosen.length >= MIN_CONTAINER_CHARACTERS:
        return chosen
    bracketed = _between_comments(tree)
    if bracketed and bracketed.length >= MIN_CONTAINER_CHARACTERS:
        return bracketed
    bodies = select(tree, "//body")
    body = bodies[0] if bodies else tree
    fallback = _by_readability(tree)
    if fallback and fallback.length > MAX_SHARE_OF_WHOLE_PAGE * text_length(body):
        inner = _by_structure(body)
        fallback = inner if inner.name == "structure" else fallback
    if fallback and chosen:
        return chosen if chosen.length >= MIN_SHARE_OF_FALLBACK * fallback.length else fallback
    if fallback and fallback.length > 0:
        return fallback
    return chosen or Container(body, "body", text_length(body))
