"""罗源县, TRS WCM: two list pages, an article with its header table twice and numbers split over spans."""

from __future__ import annotations

from html import escape

from scrapers.sample_portals.site import (
    PLAIN,
    Line,
    Site,
    chunks,
    decoy_paragraphs,
    metas,
    paragraphs,
    text_lines,
    word_spans,
)

SITE_NAME = "罗源县人民政府"
COLUMN = "/zwgk/fzzfjsndbg/"
REPORT = f"{COLUMN}202401/t20240109_4756312.htm"
TITLE = "罗源县人民政府关于2023年法治政府建设工作情况的报告"
PAGE_SIZE = 5

LINES = (
    Line("行政复议受理窗口搬迁公告(样例)", f"{COLUMN}202406/t20240617_4843001.htm", "2024-06-17"),
    Line("罗源县法治政府建设示范创建实施方案(样例)", f"{COLUMN}202405/t20240520_4827415.htm", "2024-05-20"),
    Line("公共法律服务中心开放时间公告(样例)", f"{COLUMN}202404/t20240416_4806620.htm", "2024-04-16"),
    Line("法治政府建设推进会召开(样例)", f"{COLUMN}202403/t20240312_4790118.htm", "2024-03-12"),
    Line("《法治政府建设工作情况的报告》解读(样例)", f"{COLUMN}202401/t20240118_4761007.htm", "2024-01-18"),
    Line(TITLE, REPORT, "2024-01-09", cut=20),
    Line("行政执法公示专栏上线公告(样例)", f"{COLUMN}202312/t20231205_4735522.htm", "2023-12-05"),
    Line("规范性文件征求意见的公告(样例)", f"{COLUMN}202311/t20231107_4719934.htm", "2023-11-07"),
)
SITE_METAS = {"SiteName": SITE_NAME, "SiteDomain": "www.luoyuan.gov.cn", "SiteIDCode": "3501230001"}
HEADER_LABELS = ("索 引 号", "文号", "发布机构", "生成日期", "标题", "有效性", "内容概述")


def _page(title: str, named: dict[str, str], main: str) -> str:
    return f"""<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<title>{escape(title)}</title>
{metas(SITE_METAS | named)}
</head>
<body>
<div class="top"><a href="/">首页</a><a href="/zwgk/">政务公开</a><a href="/bsfw/">办事服务</a></div>
{main}
<div class="bottom">主办样例 <a href="/wzdt/">网站地图</a></div>
</body>
</html>
"""


def _relative(path: str) -> str:
    return "./" + path.removeprefix(COLUMN)


def _list_page(number: int, pages: int, lines: tuple[Line, ...]) -> str:
    items = "\n".join(
        f'<li><a href="{_relative(line.path)}" title="{escape(line.title)}" target="_blank">{escape(line.shown)}</a>'
        f"<span>{line.day}</span></li>"
        for line in lines
    )
    return _page(
        f"法治政府建设年度报告_{SITE_NAME}",
        {"ColumnName": "法治政府建设年度报告", "ColumnType": "政务公开"},
        f"""<div class="gl_list"><ul class="list">
{items}
</ul></div>
<div class="page"><script>
//createPageHTML(99, 0, "old", "html");
createPageHTML({pages}, {number - 1}, "index", "htm");
</script></div>""",
    )


def _pairs(line: str) -> list[tuple[str, str]]:
    """Split ``索 引 号 FZ… 文号 罗政综…`` into labels and values, each value with the space that follows it."""
    places = sorted((line.index(label), label) for label in HEADER_LABELS if label in line)
    labels = [(place, label) for place, label in places if place == 0 or line[place - 1] == " "]
    ends = [place for place, _ in labels[1:]] + [len(line)]
    return [(label, line[place + len(label) : end].strip()) for (place, label), end in zip(labels, ends, strict=True)]


def _header_table(lines: tuple[str, ...]) -> str:
    rows = "\n".join(
        "<tr>" + "".join(f"<th>{label}</th><td>{escape(value)}</td>" for label, value in _pairs(line)) + "</tr>"
        for line in lines[:4]
    )
    items = "\n".join(
        f"<li><span>{label}</span> <em>{escape(value)}</em></li>"
        for line in lines[4:11]
        for label, value in _pairs(line)
    )
    return f"""<div class="xl-xx hidden-xs"><table class="xxgk-table">
{rows}
</table></div>
<div class="xl-xx visible-xs"><ul>
{items}
</ul></div>"""


def _article() -> str:
    lines = text_lines("002")
    body = paragraphs(lines[17:113], attributes='class="MsoNormal"', inner=word_spans)
    return _page(
        f"{TITLE}_法治政府建设年度报告_{SITE_NAME}",
        {
            "ArticleTitle": TITLE,
            "PubDate": "2024-01-09 16:09",
            "ContentSource": SITE_NAME,
            "ColumnName": "法治政府建设年度报告",
        },
        f"""{_header_table(lines)}
<div class="xl-main">
<h2 class="xl-title">{escape(lines[12])}</h2>
<div class="xl-info"><span>{escape(lines[14])}</span> <span class="share">{escape(lines[15])}</span></div>
<div class="view TRS_UEDITOR trs_paper_default trs_web">
{body}
</div>
<div class="xl-fj">{escape(lines[113])}</div>
<div class="xl-ewm">{escape(lines[115])}</div>
</div>""",
    )


def _decoy(line: Line) -> str:
    return _page(
        f"{line.title}_{SITE_NAME}",
        {"ArticleTitle": line.title, "PubDate": f"{line.day} 10:00", "ContentSource": "样例"},
        f"""<div class="xl-main"><h2 class="xl-title">{escape(line.title)}</h2>
<div class="xl-info"><span>发布时间:{line.day} 10:00</span></div>
<div class="view TRS_UEDITOR">
{decoy_paragraphs()}
</div></div>""",
    )


def build() -> Site:
    """Build the site."""
    site = Site("002 罗源县 (TRS)")
    site.add("/", _page(SITE_NAME, {}, f'<div class="nav"><a href="{COLUMN}">法治政府建设年度报告</a></div>'))
    site.add("/robots.txt", "User-agent: *\nAllow: /\nDisallow: /was5/\n", PLAIN)
    pages = chunks(LINES, PAGE_SIZE)
    for number, lines in enumerate(pages, start=1):
        name = "" if number == 1 else f"index_{number - 1}.htm"
        site.add(f"{COLUMN}{name}", _list_page(number, len(pages), tuple(lines)))
    for line in LINES:
        site.add(line.path, _article() if line.path == REPORT else _decoy(line))
    return site
