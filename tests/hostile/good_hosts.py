"""Hosts that are well-behaved, or odd in ways that must cost nothing."""

from __future__ import annotations

from hostile_server import Reply
from replies import (
    ARTICLE,
    JSON_API,
    PDF,
    REPORT,
    Behaviour,
    a_list,
    ended_by_closing,
    json_records,
    listing,
    page,
    record,
    reset,
    scripted,
    squeezed,
    status,
)

GOOD: dict[str, Behaviour] = {
    "plain": Behaviour(
        {"/list/": a_list("/a.html"), "/a.html": ARTICLE},
        ("fetched", "fetched"),
        later_outcomes={2: ("unchanged", "unchanged")},
    ),
    "asks-if-changed": Behaviour(
        {"/list/": page(listing("/a.html"), ETag='"l"'), "/a.html": page("<p>正文</p>", ETag='"a"')},
        ("fetched", "fetched"),
        later_outcomes={2: ("not_modified", "not_modified")},
    ),
    "changed-then-withdrawn": Behaviour(
        {"/list/": a_list("/a.html"), "/a.html": page("<p>初稿</p>", ETag='"1"')},
        ("fetched", "fetched"),
        later={2: {"/a.html": page("<p>改稿</p>", ETag='"2"')}, 3: {"/a.html": status(404)}},
        later_outcomes={2: ("fetched", "unchanged"), 3: ("not_found", "unchanged")},
    ),
    "robots-moved": Behaviour(
        {
            "/robots.txt": status(301, Location="/rules.txt"),
            "/rules.txt": page("User-agent: *\nDisallow: /a.html\n"),
            "/list/": a_list("/a.html"),
        },
        ("fetched", "robots_disallowed"),
        robots=("fetched", "moved"),
    ),
    "double-html": Behaviour(
        {"/list/": page("<html><body><p>页头</p></body></html>" + listing("/a.html") + "</html>"), "/a.html": ARTICLE},
        ("fetched", "fetched"),
    ),
    "gbk-declared-utf8": Behaviour(
        {
            "/list/": page(f'<meta charset="utf-8">{listing("/a.html")}', "gbk"),
            "/a.html": page("<p>正文</p>", "gbk", **{"Content-Type": "text/html; charset=utf-8"}),
        },
        ("fetched", "fetched"),
    ),
    "utf8-declared-gb2312": Behaviour(
        {
            "/list/": page(
                f'<meta charset="gb2312">{listing("/a.html")}', **{"Content-Type": "text/html; charset=gb2312"}
            ),
            "/a.html": ARTICLE,
        },
        ("fetched", "fetched"),
    ),
    "gbk-undeclared": Behaviour({"/list/": page(listing("/a.html"), "gb18030"), "/a.html": ARTICLE}, ("fetched",) * 2),
    "utf8-cut": Behaviour(
        {"/list/": (Reply(listing("/a.html", more="报告" * 60).encode() + b"\xe6\xb3"),), "/a.html": ARTICLE},
        ("fetched", "fetched"),
    ),
    "utf16-marked": Behaviour({"/list/": page(listing("/a.html"), "utf-16"), "/a.html": ARTICLE}, ("fetched",) * 2),
    "utf16-unmarked": Behaviour(
        {"/list/": page(listing("/a.html"), "utf-16-le"), "/a.html": ARTICLE}, ("fetched",) * 2
    ),
    "compressed": Behaviour(
        {"/list/": squeezed(listing("/a.html").encode()), "/a.html": squeezed(b"<p>1</p>", "deflate")},
        ("fetched", "fetched"),
    ),
    "ended-by-closing": Behaviour({"/list/": scripted(ended_by_closing), "/a.html": ARTICLE}, ("fetched", "fetched")),
    "jsonp-behind-marks": Behaviour(
        {
            "/list/": json_records(record("/a.html"), wrap="\ufeff\r\n\r\n\n  result({});\n"),
            "/a.html": ARTICLE,
        },
        ("fetched", "fetched"),
        source=JSON_API,
    ),
    "session-stamped": Behaviour(
        {
            "/list/": a_list("/a.html;jsessionid=0A1B", "/a.html?PHPSESSID=2C3D", "/a.html"),
            "/a.html": ARTICLE,
        },
        ("fetched", "fetched"),
    ),
    "two-addresses": Behaviour(
        {
            "/list/": page(
                f'<div id="line_u8_0"><a href="/info/1001/234.htm">{REPORT}</a></div>'
                '<div id="line_u8_1"><a href="/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1001&wbnewsid=234">'
                f"{REPORT}</a></div>"
            ),
            "/info/1001/234.htm": ARTICLE,
        },
        ("fetched", "fetched"),
        source={"family": "vsb"},
    ),
    "files": Behaviour(
        {"/list/": a_list("/a.html", "/b.pdf"), "/a.html": PDF, "/b.pdf": PDF}, ("fetched", "fetched", "fetched")
    ),
    "climbing-names": Behaviour(
        {
            "/list/": a_list("/../../../etc/passwd.html", "/%2e%2e/%2e%2e/x.html", "/a%00b.html", "/con.html"),
            "/etc/passwd.html": ARTICLE,
            "/../../../etc/passwd.html": ARTICLE,
            "/%2e%2e/%2e%2e/x.html": ARTICLE,
            "/a%00b.html": ARTICLE,
            "/con.html": ARTICLE,
        },
        ("fetched",) * 5,
    ),
    "entity-bomb": Behaviour(
        {
            "/list/": a_list("/a.html"),
            "/a.html": page(
                '<?xml version="1.0"?><!DOCTYPE z [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
                '<!ENTITY x SYSTEM "file:///etc/passwd">]><z>&b;&x;</z>'
            ),
        },
        ("fetched", "fetched"),
    ),
    "cookies": Behaviour(
        {"/list/": page(listing("/a.html"), **{"Set-Cookie": "a=1; Domain=portal.gov.cn"}), "/a.html": ARTICLE},
        ("fetched", "fetched"),
    ),
    "rate-limited-once": Behaviour(
        {"/list/": a_list("/a.html"), "/a.html": status(429, Retry_After="1") + ARTICLE},
        ("blocked:rate_limited", "fetched", "fetched"),
    ),
    "stumbles": Behaviour(
        {"/list/": status(503, Retry_After="1") + a_list("/a.html"), "/a.html": scripted(reset) + ARTICLE},
        ("connection_failed", "fetched", "fetched", "server_error"),
    ),
    "moved": Behaviour(
        {"/list/": status(301, Location="/new/"), "/new/": a_list("/a.html"), "/a.html": ARTICLE},
        ("fetched", "fetched", "moved"),
    ),
}
