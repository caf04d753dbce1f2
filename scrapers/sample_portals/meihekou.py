"""梅河口市, Hanweb jcms (jpage): records in a datastore, the report in the second group behind the data proxy."""

from __future__ import annotations

from html import escape

from scrapers.sample_portals.site import (
    PLAIN,
    XML,
    Line,
    Site,
    chunks,
    decoy_paragraphs,
    metas,
    paragraphs,
    text_lines,
)

SITE_NAME = "梅河口市人民政府"
COLUMN = "/col/col5238/index.html"
REPORT = "/art/2020/3/13/art_5238_240117.html"
TITLE = "梅河口市2019年法治政府建设情况报告"
GROUP_SIZE = 4

LINES = (
    Line("政务服务大厅延时服务公告(样例)", "/art/2020/6/18/art_5238_251203.html", "2020-06-18"),
    Line("《法治政府建设情况报告》图解(样例)", "/art/2020/5/27/art_5238_249011.html", "2020-05-27"),
    Line("梅河口市依法行政工作要点(样例)", "/art/2020/4/22/art_5238_245877.html", "2020-04-22"),
    Line("网上办事平台升级公告(样例)", "/art/2020/4/7/art_5238_243550.html", "2020-04-07"),
    Line("信用信息查询窗口公告(样例)", "/art/2020/3/24/art_5238_241904.html", "2020-03-24"),
    Line(TITLE, REPORT, "2020-03-13", cut=12),
    Line("关于做好依法行政工作情况报送的通知", "/art/2020/1/15/art_5238_236542.html", "2020-01-15"),
    Line("法律顾问遴选结果公告(样例)", "/art/2019/12/20/art_5238_233218.html", "2019-12-20"),
    Line("政府信息公开指南更新公告(样例)", "/art/2019/11/28/art_5238_230066.html", "2019-11-28"),
)
SITE_METAS = {"SiteName": SITE_NAME, "SiteDomain": "www.mhk.gov.cn", "SiteIDCode": "2205810001"}


def _proxy(page: int) -> str:
    return (
        f"/module/web/jpage/dataproxy.jsp?page={page}&appid=1&webid=1&path=/&columnid=5238&unitid=18064"
        "&webname=sample&permissiontype=0"
    )


def _page(title: str, named: dict[str, str], main: str) -> str:
    return f"""<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<title>{escape(title)}</title>
{metas(SITE_METAS | named)}
</head>
<body>
<div class="head"><a href="/">首页</a><a href="/col/col5200/index.html">信息公开</a></div>
{main}
<div class="foot"><a href="/col/col5299/index.html">网站地图</a></div>
</body>
</html>
"""


def _datastore(lines: tuple[Line, ...], next_page: int | None, *, totals: str = "") -> str:
    records = "\n".join(
        f'<record><![CDATA[<li><a href="{line.path}" title="{escape(line.title)}" target="_blank">'
        f"{escape(line.shown)}</a><span>{line.day}</span></li>]]></record>"
        for line in lines
    )
    group = f'<nextgroup><![CDATA[<a href="{_proxy(next_page)}"></a>]]></nextgroup>\n' if next_page else ""
    return f"<datastore>\n{group}{totals}<recordset>\n{records}\n</recordset></datastore>"


def _list_page(lines: tuple[Line, ...]) -> str:
    return _page(
        f"{SITE_NAME} 法治政府建设",
        {"ColumnName": "法治政府建设", "ColumnType": "信息公开"},
        f"""<div id="18064" class="default_pgContainer"><ul class="main_list"></ul></div>
<script type="text/xml">{_datastore(lines, 2)}</script>
<script src="/script/jpage.js"></script>""",
    )


def _article() -> str:
    lines = text_lines("004")
    air = "\n".join(f"<li>{escape(line)}</li>" for line in lines[4:8])
    stamp, source = lines[9].split("来源", 1)
    return _page(
        SITE_NAME,
        {
            "ArticleTitle": TITLE,
            "PubDate": "2020-03-13 14:57",
            "ContentSource": "",
            "ColumnName": "法治政府建设",
        },
        f"""<div class="sites"><a href="javascript:void(0)">{escape(lines[0])}</a></div>
<div class="air"><b>{escape(lines[2])}</b><ul>
{air}
</ul></div>
<div class="main">
<div class="con-info"><span>{escape(stamp)}</span><span>来源{escape(source)}</span></div>
<div id="zoom"><!--<$[信息内容]>begin--><!--ZJEG_RSS.content.begin-->
{paragraphs(lines[11:60])}
<!--ZJEG_RSS.content.end--><!--<$[信息内容]>end--></div>
<div class="jiucuo"><a href="javascript:void(0)">{escape(lines[61])}</a></div>
</div>""",
    )


def _decoy(line: Line) -> str:
    return _page(
        f"{SITE_NAME} {line.title}",
        {"ArticleTitle": line.title, "PubDate": f"{line.day} 10:00", "ContentSource": "样例"},
        f"""<div class="main"><p class="con-title"><!--<$[标题]>begin-->{escape(line.title)}<!--<$[标题]>end--></p>
<div class="con-info"><span>{line.day} 10:00</span><span>来源:样例</span></div>
<div id="zoom"><!--<$[信息内容]>begin--><!--ZJEG_RSS.content.begin-->
{decoy_paragraphs()}
<!--ZJEG_RSS.content.end--><!--<$[信息内容]>end--></div></div>""",
    )


def build() -> Site:
    """Build the site."""
    site = Site("004 梅河口市 (Hanweb jpage)")
    site.add("/", _page(SITE_NAME, {}, f'<div class="nav"><a href="{COLUMN}">法治政府建设</a></div>'))
    site.add("/robots.txt", "User-agent: *\nDisallow: /jcms/\nDisallow: /jsearchfront/\n", PLAIN)
    groups = chunks(LINES, GROUP_SIZE)
    site.add(COLUMN, _list_page(tuple(groups[0])))
    totals = f"<totalrecord>{len(LINES)}</totalrecord>\n<totalpage>{len(groups)}</totalpage>\n"
    for number, lines in enumerate(groups, start=1):
        following = number + 1 if number < len(groups) else None
        store = _datastore(tuple(lines), following, totals=totals)
        site.add(_proxy(number), f'<?xml version="1.0" encoding="utf-8"?>\n{store}\n', XML)
    for line in LINES:
        site.add(line.path, _article() if line.path == REPORT else _decoy(line))
    return site
