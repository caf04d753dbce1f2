"""Whether an article still looks as its CMS used to write it, compared with earlier articles of the same source.

Only the marks of article bodies by family stand here; reading a body is not the crawl's work. A family without
marks of its own (generic, json_api) never counts as changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

# <!--<$[信息内容]>begin--> <div id="zoom"> <div class="main-txt">
_HANWEB = re.compile(r"\$\[信息内容\]>\s*begin|id\s*=\s*[\"']?zoom|main-txt|article-conter", re.IGNORECASE)
# <div class="TRS_Editor"> <div class="view TRS_UEDITOR trs_paper_default"> <div class="Custom_UnionStyle">
_TRS = re.compile(r"TRS_U?Editor|Custom_UnionStyle|trs_editor_view", re.IGNORECASE)
_UCAP = re.compile(r"UCAP-?CONTENT", re.IGNORECASE)  # <UCAPCONTENT> <div id="UCAP-CONTENT">
_VSB = re.compile(r"vsb_content|v_news_content")  # <div id="vsb_content_2"> <div class="v_news_content">
_GKMLPT = re.compile(r"article-content|content-article")  # <div class="article-content">
BODY_MARKS: Mapping[str, re.Pattern[str]] = {
    "gkmlpt": _GKMLPT,
    "hanweb_jpaas": _HANWEB,
    "hanweb_jpage": _HANWEB,
    "trs": _TRS,
    "ucap": _UCAP,
    "vsb": _VSB,
}
"""What the article pages of a family have around the body."""


def layout_change(family: str, text: str, earlier: Iterable[str]) -> str | None:
    """Say that an article has lost its family's body, where earlier ones of the source had it; None when it has not.

    Args:
        family: the source's CMS family.
        text: the decoded article.
        earlier: articles of earlier runs; asked for only when this one has no mark. A source of mixed templates,
            one of whose earlier articles has no mark either, tells nothing.
    """
    mark = BODY_MARKS.get(family)
    if mark is None or mark.search(text):
        return None
    known = [bool(mark.search(page)) for page in earlier]
    if not known or not all(known):
        return None
    return f"no article body of {family}, as the last {len(known)} of earlier runs had"
