"""泸州市, UCAP (开普): three static list pages, the report on the second with its link text cut short."""

from __future__ import annotations

from html import escape

from scrapers.sample_portals.site import PLAIN, Line, Site, chunks, decoy_paragraphs, metas, paragraphs, text_lines

SITE_NAME = "泸州市人民政府门户网站"
COLUMN = "/zw/zfgzxx/gzbg"
REPORT = "/c103046/2018/2/28/5d0c7a1e94b34f0e8d21f6a7c3b95e40.shtml"
TITLE = "泸州市人民政府2017年度法治政府建设工作报告"
PAGE_SIZE = 6

LINES = (
    Line("门户网站栏目设置说明(样例)", "/c103046/2018/6/4/0a1b2c3d4e5f60718293a4b5c6d7e8f9.shtml", "2018-06-04"),
    Line("市政府领导接待群众来访安排(样例)", "/c103046/2018/5/21/1a2b3c4d5e6f708192a3b4c5d6e7f809.shtml", "2018-05-21"),
    Line("泸州市法治政府建设工作要点(样例)", "/c103046/2018/4/20/2a3b4c5d6e7f8091a2b3c4d5e6f70819.shtml", "2018-04-20"),
    Line("政务公开工作培训班开班(样例)", "/c103046/2018/4/10/3a4b5c6d7e8f90a1b2c3d4e5f6071829.shtml", "2018-04-10"),
    Line(
        "一图读懂法治政府建设工作报告(样例)", "/c103046/2018/3/20/4a5b6c7d8e9fa0b1c2d3e4f506172839.shtml", "2018-03-20"
    ),
    Line("值班电话变更公告(样例)", "/c103046/2018/3/12/5a6b7c8d9eafb0c1d2e3f40516273849.shtml", "2018-03-12"),
    Line(TITLE, REPORT, "2018-02-28", cut=18),
    Line(
        "关于报送法治政府建设工作报告的通知", "/c103046/2018/1/9/6a7b8c9daebfc0d1e2f3041526374859.shtml", "2018-01-09"
    ),
    Line("节假日值班安排公告(样例)", "/c103046/2017/12/29/7a8b9cadbecfd0e1f203142536475869.shtml", "2017-12-29"),
    Line("网站无障碍服务使用说明(样例)", "/c103046/2017/12/1/8a9bacbdcedfe0f10213243546576879.shtml", "2017-12-01"),
    Line("信息公开申请须知(样例)", "/c103046/2017/11/15/9aabbccddeeff001122334455667788a.shtml", "2017-11-15"),
    Line("办事大厅搬迁公告(样例)", "/c103046/2017/10/30/aabbccddeeff00112233445566778899.shtml", "2017-10-30"),
    Line("市长信箱来信须知(样例)", "/c103046/2017/10/9/bbccddeeff00112233445566778899aa.shtml", "2017-10-09"),
)

SITE_METAS = {"SiteName": SITE_NAME, "SiteDomain": "www.luzhou.gov.cn", "SiteIDCode": "5105000001"}


def _page(title: str, named: dict[str, str], main: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8" />
<title>{escape(title)}</title>
{metas(SITE_METAS | named)}
<script>var siteCode = "luzhou"; var channel = "c103046";</script>
</head>
<body>
<div class="header"><a href="/">首页</a><a href="/zw/">政务</a><a href="/fw/">服务</a><a href="/hd/">互动</a></div>
{main}
<div class="footer"><p>主办单位样例</p><p><a href="/wzdt/">网站地图</a><a href="/gywm/">关于我们</a></p></div>
</body>
</html>
"""


def _list_page(number: int, pages: int, lines: tuple[Line, ...]) -> str:
    items = "\n".join(
        f'<li><a href="{line.path}" title="{escape(line.title)}" target="_blank">{escape(line.shown)}</a>'
        f'<span class="date">{line.day}</span></li>'
        for line in lines
    )
    pager = f"createPageHTML('page_div',{pages}, {number},'list','shtml',{len(LINES)});"
    named = {
        "ColumnName": "工作报告",
        "ColumnType": "工作报告",
        "channelId": "5f3c2a9e71d84b06",
    }
    return _page(
        f"工作报告_政府工作信息_政务_{SITE_NAME}",
        named,
        f"""<div class="position">您的位置:<a href="/">首页</a> &gt;<a href="/zw/">政务</a>&gt;工作报告</div>
<div class="list-con"><ul class="list">
{items}
</ul></div>
<div class="page" id="page"><script>{pager}</script></div>""",
    )


def _chrome_link(names: str) -> str:
    """Turn ``首页 >政务>…`` into links with the same text."""
    return "&gt;".join(f'<a href="/">{escape(name)}</a>' for name in names.split(">"))


def _article() -> str:
    lines = text_lines("000")
    label, path = lines[1].split(":", 1)
    named = {
        "ArticleTitle": TITLE,
        "PubDate": "2018-02-28 09:32",
        "ContentSource": "市政府办公室",
        "ColumnName": "工作报告",
        "channelId": "5f3c2a9e71d84b06",
        "Keywords": "",
    }
    main = f"""<div class="position">{escape(label)}:{_chrome_link(path)}</div>
<div class="article">
<h1><UCAPTITLE>{escape(lines[3])}</UCAPTITLE></h1>
<div class="source"><span>{escape(lines[5])}</span><a href="javascript:void(0)" onclick="doZoom(18)"></a></div>
<div id="UCAP-CONTENT"><UCAPCONTENT>
{paragraphs(lines[7:83])}
</UCAPCONTENT></div>
<div class="qrcode">{escape(lines[84])}</div>
<div class="print"><a href="javascript:window.print()">{escape(lines[85])}</a></div>
</div>"""
    return _page(lines[0], named, main)


def _decoy(line: Line) -> str:
    named = {"ArticleTitle": line.title, "PubDate": f"{line.day} 10:00", "ContentSource": "样例"}
    return _page(
        f"{line.title}_{SITE_NAME}",
        named,
        f"""<div class="article"><h1><UCAPTITLE>{escape(line.title)}</UCAPTITLE></h1>
<div class="source"><span>来源:样例 发布时间:{line.day} 10:00</span></div>
<div id="UCAP-CONTENT"><UCAPCONTENT>
{decoy_paragraphs()}
</UCAPCONTENT></div></div>""",
    )


def build() -> Site:
    """Build the site."""
    site = Site("000 泸州市 (UCAP)")
    site.add("/robots.txt", "User-agent: *\nDisallow: /search/\nDisallow: /hd/\n", PLAIN)
    site.add("/", _page(SITE_NAME, {}, f'<div class="nav"><a href="{COLUMN}/list.shtml">工作报告</a></div>'))
    pages = chunks(LINES, PAGE_SIZE)
    for number, lines in enumerate(pages, start=1):
        name = "list" if number == 1 else f"list_{number}"
        site.add(f"{COLUMN}/{name}.shtml", _list_page(number, len(pages), tuple(lines)))
    for line in LINES:
        site.add(line.path, _article() if line.path == REPORT else _decoy(line))
    return site
