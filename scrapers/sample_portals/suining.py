"""遂宁, a third party's encyclopaedia in Traditional script: its 實施方案 is offered like a report, and is none."""

from __future__ import annotations

from html import escape

from scrapers.sample_portals.site import Line, Site, chunks, decoy_paragraphs, paragraphs, text_lines

SITE_NAME = "百科知識樣例站"
CATEGORY = "/wiki/category/suining/"
PLAN = "/wiki/suining-fazhi-zhengfu-shishi-fangan"
TITLE = "遂寧市深入推進依法行政加快建設法治政府實施方案"
PAGE_SIZE = 4

LINES = (
    Line("樣例詞條:城市沿革簡述", "/wiki/sample-history"),
    Line("樣例詞條:地方風味小吃", "/wiki/sample-food"),
    Line("樣例詞條:河流與橋樑名錄", "/wiki/sample-rivers"),
    Line("樣例詞條:方言詞彙選輯", "/wiki/sample-dialect"),
    Line("樣例詞條:公園與綠地名錄", "/wiki/sample-parks"),
    Line(TITLE, PLAN),
    Line("樣例詞條:傳統節慶活動", "/wiki/sample-festivals"),
)


def _page(title: str, main: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="zh-Hant">
<head>
<meta charset="utf-8">
<title>{escape(title)}</title>
<meta name="description" content="{SITE_NAME}">
</head>
<body>
<nav><a href="/">首頁</a> <a href="{CATEGORY}">分類</a></nav>
{main}
</body>
</html>
"""


def _list_page(number: int, pages: int, lines: tuple[Line, ...]) -> str:
    items = "\n".join(f'<li><a href="{line.path}">{escape(line.title)}</a></li>' for line in lines)
    following = f'<a class="next" href="{CATEGORY}?p={number + 1}">下一頁</a>' if number < pages else ""
    return _page(
        f"遂寧 - {SITE_NAME}",
        f"""<h1>分類:遂寧</h1>
<ul class="entries">
{items}
</ul>
<div class="pagination"><span>第 {number} 頁,共 {pages} 頁</span> {following}</div>""",
    )


def _article() -> str:
    lines = text_lines("003")
    return _page(
        f"{TITLE} - {SITE_NAME}",
        f"""<div class="entry">
<h1>{escape(lines[0])}</h1>
<div class="entry-content">
{paragraphs(lines[2:130])}
</div>
</div>
<div class="related"><h3>{escape(lines[131])}</h3><ul><li><a href="/wiki/sample-history">城市沿革</a></li></ul></div>
<div class="hot"><h3>{escape(lines[133])}</h3><ul><li><a href="/wiki/sample-food">風味小吃</a></li></ul></div>
<footer><a href="/contact">{escape(lines[135])}</a></footer>""",
    )


def _decoy(line: Line) -> str:
    return _page(
        f"{line.title} - {SITE_NAME}",
        f'<div class="entry"><h1>{escape(line.title)}</h1><div class="entry-content">{decoy_paragraphs()}</div></div>',
    )


def build() -> Site:
    """Build the site; it has no robots.txt."""
    site = Site("003 遂宁 (third party)")
    site.add("/", _page(SITE_NAME, f'<p><a href="{CATEGORY}">分類:遂寧</a></p>'))
    pages = chunks(LINES, PAGE_SIZE)
    for number, lines in enumerate(pages, start=1):
        site.add(CATEGORY if number == 1 else f"{CATEGORY}?p={number}", _list_page(number, len(pages), tuple(lines)))
    for line in LINES:
        site.add(line.path, _article() if line.path == PLAN else _decoy(line))
    return site
