"""The pages that ``fazhi bench`` reads: the project's own texts in the markup of portals, the same ones each time.

The texts are those of the sample portals and the composed ones of the gold set; no two pages state the same figures.
What is measured on the pages is said in ``bench_extract`` and ``bench_fuzz``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

from pipelines.model import Page
from warehouse.paths import PROJECT_ROOT

SAMPLE_TEXTS = PROJECT_ROOT / "scrapers" / "sample_portals" / "texts"
GOLD = PROJECT_ROOT / "tests" / "gold"
# "624" but neither "2017" nor the 28 of "28日": a figure that may differ from page to page
FIGURE = re.compile(r"(?<![\d.])(?!(?:19|20)\d\d(?!\d))\d{2,5}(?![\d.年月日号])")
# "624" in text that a word processor cut in pieces
DIGITS = re.compile(r"\d{2,}")
MENU = tuple(
    f"{name}{kind}"
    for kind in ("公开", "服务", "互动")
    for name in ("政务", "财政", "人事", "规划", "统计", "应急", "教育", "医疗", "住房", "交通", "环保", "社保")
)
SCRIPTS = """<script>
var siteId = "{number}"; var channel = "c103046";
function doZoom(size) {{ document.getElementById("zoom").style.fontSize = size + "px"; }}
(function () {{ var s = document.createElement("script"); s.src = "/js/count.js"; document.body.appendChild(s); }})();
</script>"""

Wrap = Callable[[str, Sequence[str]], str]


class NoPagesError(Exception):
    """The project's texts are not there: the benchmark runs in a checkout only."""


def _paragraphs(lines: Sequence[str]) -> str:
    return "\n".join(f'<p style="text-indent: 2em;">　　{escape(line)}</p>' for line in lines)


def _word_paragraphs(lines: Sequence[str]) -> str:
    """Text as pasted from a word processor, with numbers cut over spans."""

    def cut(found: re.Match[str]) -> str:
        half = len(found[0]) // 2
        return "".join(f'<span lang="EN-US">{part}</span>' for part in (found[0][:half], found[0][half:]))

    return "\n".join(
        f'<p class="MsoNormal" style="text-indent: 32pt;"><span style="font-family: 仿宋;">{cut_line}</span></p>'
        for cut_line in (DIGITS.sub(cut, escape(line, quote=False)) for line in lines)
    )


def _trs(title: str, lines: Sequence[str]) -> str:
    return f'<h1>{title}</h1><div class="view TRS_UEDITOR trs_paper_default">{_word_paragraphs(lines)}</div>'


def _ucap(title: str, lines: Sequence[str]) -> str:
    body = f"<UCAPCONTENT>{_paragraphs(lines)}</UCAPCONTENT>"
    return f'<h1><UCAPTITLE>{title}</UCAPTITLE></h1><div id="UCAP-CONTENT">{body}</div>'


def _hanweb(title: str, lines: Sequence[str]) -> str:
    body = f"<!--<$[信息内容]>begin-->{_paragraphs(lines)}<!--<$[信息内容]>end-->"
    return f'<p class="con-title">{title}</p><div id="zoom">{body}</div>'


def _vsb(title: str, lines: Sequence[str]) -> str:
    broken = "<br>\n".join(f"　　{escape(line)}" for line in lines)
    return (
        f'<form><h3>{title}</h3><div id="vsb_content_2"><div class="v_news_content"><p>{broken}</p></div></div></form>'
    )


def _gkmlpt(title: str, lines: Sequence[str]) -> str:
    cells = f"<td>发布机构：</td><td>某县人民政府</td><td>名 称：</td><td>{title}</td>"
    body = f'<div class="article-content">{_paragraphs(lines)}</div>'
    return f'<table class="table"><tr>{cells}</tr></table><h1>{title}</h1>{body}'


FAMILIES: dict[str, Wrap] = {"trs": _trs, "ucap": _ucap, "hanweb": _hanweb, "vsb": _vsb, "gkmlpt": _gkmlpt}
"""Templates of articles by CMS family."""


def own_texts() -> list[tuple[str, str]]:
    """Return name and text of the sample portals' texts and of the composed gold texts.

    Raises:
        NoPagesError: the project is not a checkout with its texts.
    """
    paths = sorted(SAMPLE_TEXTS.glob("*.txt"))
    paths += [path for path in sorted(GOLD.glob("*.txt")) if _is_composed(path)]
    if not paths:
        raise NoPagesError(f"no texts in {SAMPLE_TEXTS} and {GOLD}")
    return [(path.stem, path.read_bytes().decode("utf-8")) for path in paths]


def _is_composed(path: Path) -> bool:
    fields = json.loads(path.with_suffix(".doc.json").read_text(encoding="utf-8"))
    return fields.get("composed") is True


def varied(text: str, by: int) -> str:
    """Return a text with other figures, so that no sentence with a figure is on two pages."""
    return FIGURE.sub(lambda found: str(int(found[0]) + by), text) if by else text


def page_of(name: str, text: str, family: str, number: int) -> Page:
    """Put a text into a page of a family, with menu, scripts, header line and foot."""
    lines = [line.strip() for line in varied(text, number).split("\n") if line.strip()]
    title = escape(next((line for line in lines if line.endswith(("报告", "总结", "方案"))), lines[0]))
    menu = "".join(f'<li><a href="/{place}/" title="{entry}">{entry}</a></li>' for place, entry in enumerate(MENU))
    foot = "".join(f'<a href="/foot/{place}">{entry}</a> | ' for place, entry in enumerate(MENU[:12]))
    html = f"""<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<title>{title}_某县人民政府</title>
<meta name="SiteName" content="某县人民政府">
<meta name="ArticleTitle" content="{title}">
<meta name="PubDate" content="2024-01-{number % 28 + 1:02d} 09:30">
<meta name="ColumnName" content="法治政府建设年度报告">
<link rel="stylesheet" href="/css/main.css">
{SCRIPTS.format(number=number)}
</head>
<body>
<div class="header"><div class="logo"><a href="/">某县人民政府</a></div><ul class="nav">{menu}</ul></div>
<div class="position">您的位置：<a href="/">首页</a> &gt; <a href="/zwgk/">政务</a> &gt; <a href="/fz/">法治</a></div>
<div class="article">
{FAMILIES[family](title, lines)}
<div class="share">【字体：<a href="#a">大</a> <a href="#b">中</a> <a href="#c">小</a>】 打印 关闭</div>
</div>
<div class="footer"><p>{foot}</p><p>主办单位：某县人民政府办公室 网站标识码：1000000{number:03d}</p></div>
</body>
</html>
"""
    return Page(
        name=f"{name}.{family}",
        content=html.encode("utf-8"),
        content_type="text/html; charset=utf-8",
        url=f"http://www.example.test/{family}/{number}.html",
        source_region_code="510500",
    )


def bench_pages() -> list[Page]:
    """Return every text in every family.

    Raises:
        NoPagesError: see :func:`own_texts`.
    """
    texts = own_texts()
    places = [(name, text, family) for family in FAMILIES for name, text in texts]
    return [page_of(name, text, family, number) for number, (name, text, family) in enumerate(places)]
