"""咸安区, VSB (博达): list pages that count backwards, no date anywhere, a body broken by ``<br/>``, no title."""

from __future__ import annotations

from html import escape

from scrapers.sample_portals.site import PLAIN, Line, Site, broken_lines, chunks, decoy_paragraphs, metas, text_lines

SITE_NAME = "咸安区人民政府网"
COLUMN = "/zwgk/fzzf"
REPORT = "/info/1047/20153.htm"
TITLE = "咸安区2017年法治政府建设工作总结"
PAGE_SIZE = 5

LINES = (
    Line("法治政府建设专题培训班开班(样例)", "/info/1047/23011.htm"),
    Line("普法宣传月活动启动公告(样例)", "/info/1047/22987.htm"),
    Line("咸安区依法行政工作计划(样例)", "/info/1047/22870.htm"),
    Line("行政执法证件换发公告(样例)", "/info/1047/22655.htm"),
    Line("法治文化广场开放公告(样例)", "/info/1047/22410.htm"),
    Line("法律援助中心地址变更公告(样例)", "/info/1047/21998.htm"),
    Line("《法治政府建设工作总结》解读(样例)", "/info/1047/20388.htm"),
    Line(TITLE, REPORT, cut=14),
    Line("公共法律服务热线使用说明(样例)", "/info/1047/19870.htm"),
    Line("人民调解员名册更新公告(样例)", "/info/1047/19544.htm"),
    Line("公证处工作时间调整公告(样例)", "/info/1047/19002.htm"),
)
SITE_METAS = {"SiteName": SITE_NAME, "SiteDomain": "www.xianan.gov.cn", "SiteIDCode": "4212020001"}


def _page(title: str, main: str) -> str:
    return f"""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml">
<head>
<meta http-equiv="Content-Type" content="text/html; charset=UTF-8" />
<title>{escape(title)}</title>
{metas(SITE_METAS)}
<!--Announced by Visual SiteBuilder 9-->
<script type="text/javascript" src="/system/resource/js/counter.js"></script>
</head>
<body>
<div class="nav"><ul><li><a href="/index.htm">首页</a></li><li><a href="/zwgk.htm">政务公开</a></li></ul></div>
{main}
<div class="foot">版权所有样例 <a href="/wzdt.htm">网站地图</a></div>
</body>
</html>
"""


def _content_script(path: str) -> str:
    """The other address of an article, as some lists of this CMS give it."""
    column, news = path.removeprefix("/info/").removesuffix(".htm").split("/")
    return f"/content.jsp?urltype=news.NewsContentUrl&wbtreeid={column}&wbnewsid={news}"


def _pager(number: int, pages: int, total: int) -> str:
    def href(target: int) -> str:
        return f"{COLUMN}.htm" if target == 1 else f"{COLUMN}/{pages - target + 1}.htm"

    links = "".join(
        f'<span class="p_no_d">{target}</span>'
        if target == number
        else f'<span class="p_no"><a href="{href(target)}">{target}</a></span>'
        for target in range(1, pages + 1)
    )
    following = (
        f'<span class="p_next p_fun"><a href="{href(number + 1)}">下页</a></span>'
        if number < pages
        else '<span class="p_next_d p_fun_d">下页</span>'
    )
    last = f'<span class="p_last p_fun"><a href="{href(pages)}">尾页</a></span>'
    shown = f'<span class="p_t">共{total}条</span><span class="p_pages">{links}{following}{last}</span>'
    return f'<div class="pb_sys_common">{shown}</div>'


def _list_page(number: int, pages: int, lines: tuple[Line, ...]) -> str:
    items = "\n".join(
        f'<li id="line_u8_{place}"><a href="{escape(path)}" title="{escape(line.title)}">{escape(line.shown)}</a></li>'
        for place, line in enumerate(lines)
        for path in [_content_script(line.path) if place == 2 else line.path]
    )
    return _page(
        f"法治政府-{SITE_NAME}",
        f'<div class="list"><ul>\n{items}\n</ul>\n{_pager(number, pages, len(LINES))}</div>',
    )


def _article(body: str) -> str:
    return _page(
        SITE_NAME,
        f"""<form name="_newscontent_fromname">
<div class="content"><div id="vsb_content_2"><div class="v_news_content">
{body}
</div></div>
<div id="div_vote_id"></div></div>
</form>""",
    )


def build() -> Site:
    """Build the site."""
    site = Site("001 咸安区 (VSB)")
    site.add("/robots.txt", "User-agent: *\nDisallow: /system/\n", PLAIN)
    site.add("/", _page(SITE_NAME, f'<div class="columns"><a href="{COLUMN}.htm">法治政府</a></div>'))
    pages = chunks(LINES, PAGE_SIZE)
    for number, lines in enumerate(pages, start=1):
        path = f"{COLUMN}.htm" if number == 1 else f"{COLUMN}/{len(pages) - number + 1}.htm"
        site.add(path, _list_page(number, len(pages), tuple(lines)))
    for line in LINES:
        body = broken_lines(text_lines("001")) if line.path == REPORT else decoy_paragraphs()
        site.add(line.path, _article(body))
        site.pages[_content_script(line.path)] = site.pages[line.path]
    return site
