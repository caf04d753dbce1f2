"""Hosts that refuse, redirect, deceive or do not answer; and pages that are not there."""

from __future__ import annotations

from replies import (
    TOMORROW,
    Behaviour,
    a_list,
    bad_chunk,
    cut_short,
    drip,
    garbage,
    listing,
    page,
    redirected,
    reset,
    scripted,
    silence,
    slow_head,
    squeezed,
    status,
)

HOSTILE_HOSTS: dict[str, Behaviour] = {
    # -- nothing there -----------------------------------------------------------------------------------
    "not-published-yet": Behaviour(
        {"/list/": page(listing("/a.html", "/b.html", title="某县公务员招录公告第"))}, ("not_published_yet",)
    ),
    "gone": Behaviour(
        {"/list/": a_list("/a.html", "/b.html"), "/b.html": status(410)}, ("fetched", "not_found", "not_found")
    ),
    "start-page-gone": Behaviour({}, ("not_found",), stop="not_found", failed=True),
    "soft-404": Behaviour(
        {
            "/list/": a_list("/a.html", "/b.html", "/c.html"),
            "/a.html": page("<title>404</title>"),
            "/b.html": page("<p>您访问的页面不存在</p>", "gbk"),
            "/c.html": page(""),
        },
        ("fetched", "soft_404", "soft_404", "soft_404"),
        says=("empty",),
    ),
    "login-with-200": Behaviour(
        redirected("/sso/login.do?service=a")
        | {"/sso/login.do?service=a": page('<title>统一身份认证</title><form><input type="password"></form>')},
        ("fetched", "moved", "soft_404"),
        says=("login page",),
    ),
    "maintenance": Behaviour(
        {"/list/": page("<title>系统维护中</title><p>网站正在升级,请稍后访问。</p>")},
        ("server_error",),
        says=("maintenance",),
        stop="unreadable",
        failed=True,
    ),
    # -- redirects ---------------------------------------------------------------------------------------
    "redirect-loop": Behaviour(redirected("/a.html"), ("fetched", *["moved"] * 7), says=("more than 5",)),
    "redirect-to-metadata": Behaviour(
        redirected("http://169.254.169.254/latest/meta-data/"), ("fetched", "moved", "off_site"), says=("metadata",)
    ),
    "redirect-to-other-port": Behaviour(
        redirected("http://127.0.0.1:9/admin"), ("fetched", "moved", "off_site"), says=("not of this source",)
    ),
    "redirect-to-file": Behaviour(
        redirected("file:///etc/passwd"), ("fetched", "moved", "off_site"), says=("only http and https",)
    ),
    "redirect-to-nowhere": Behaviour(
        redirected("http://[::1/"), ("fetched", "moved", "off_site"), says=("no address",)
    ),
    "redirect-without-target": Behaviour({"/list/": a_list("/a.html"), "/a.html": status(302)}, ("fetched", "moved")),
    "list-moved-away": Behaviour(
        {"/list/": status(301, Location="http://10.0.0.1/")},
        ("moved", "off_site"),
        says=("private",),
        stop="off_site",
        failed=True,
    ),
    # -- robots ------------------------------------------------------------------------------------------
    "robots-forbidden": Behaviour(
        {"/robots.txt": status(403), "/list/": a_list("/a.html")},
        ("robots_unreachable",),
        robots=("robots_unreachable",),
        stop="robots_unreachable",
        failed=True,
    ),
    "robots-broken": Behaviour(
        {"/robots.txt": status(500), "/list/": a_list("/a.html")},
        ("robots_unreachable",),
        robots=("robots_unreachable",) * 3,
        stop="robots_unreachable",
        failed=True,
    ),
    "robots-challenge": Behaviour(
        {"/robots.txt": page("<title>安全验证</title>"), "/list/": a_list("/a.html")},
        ("robots_unreachable",),
        robots=("robots_unreachable",),
        stop="robots_unreachable",
        failed=True,
    ),
    "robots-bomb": Behaviour(
        {"/robots.txt": squeezed(b"#" * 9_000_000), "/list/": a_list("/a.html")},
        ("robots_unreachable",),
        robots=("too_large",),
        stop="robots_unreachable",
        failed=True,
    ),
    "robots-disallow": Behaviour(
        {"/robots.txt": page("User-agent: *\nDisallow: /\n"), "/list/": a_list("/a.html")},
        ("robots_disallowed",),
        robots=("fetched",),
        stop="robots_disallowed",
        failed=True,
    ),
    "robots-delay": Behaviour(
        {"/robots.txt": page("User-agent: *\nCrawl-delay: 86400\n"), "/list/": a_list("/a.html")},
        ("robots_disallowed",),
        robots=("fetched",),
        says=("delay of 86400 s",),
        stop="robots_disallowed",
        failed=True,
    ),
    # -- blocks ------------------------------------------------------------------------------------------
    "jsl-521": Behaviour(
        {
            "/list/": a_list("/a.html", "/b.html"),
            "/a.html": status(521, b"<script>", Set_Cookie="__jsl_clearance_s=1"),
            "/b.html": status(521),
        },
        ("blocked:jsl_521", "blocked:jsl_521", "fetched"),
    ),
    "rs-412": Behaviour(
        {"/list/": status(412, b"<script>$_ts=window['$_ts'];</script>")},
        ("blocked:rs_412",),
        stop="blocked:rs_412",
        failed=True,
    ),
    "c3vk": Behaviour(
        {"/list/": page('<script>document.cookie="C3VK=1a2b3c; path=/";location.reload()</script>')},
        ("blocked:c3vk",),
        stop="blocked:c3vk",
        failed=True,
    ),
    "forbidden": Behaviour({"/list/": status(403)}, ("blocked:forbidden",), stop="blocked:forbidden", failed=True),
    "challenge": Behaviour(
        {"/list/": squeezed("<title>网站防火墙</title>".encode("gbk"))},
        ("blocked:challenge_page",),
        stop="blocked:challenge_page",
        failed=True,
    ),
    "rate-limited": Behaviour(
        {"/list/": a_list("/a.html", "/b.html"), **dict.fromkeys(("/a.html", "/b.html"), TOMORROW)},
        ("blocked:rate_limited", "blocked:rate_limited", "fetched"),
    ),
    "rate-limited-always": Behaviour(
        {"/list/": a_list("/a.html"), "/a.html": status(429, Retry_After="0")},
        (*["blocked:rate_limited"] * 3, "fetched"),
    ),
    # -- the network -------------------------------------------------------------------------------------
    "self-signed": Behaviour(
        {"/list/": a_list("/a.html")},
        ("robots_unreachable",),
        robots=("tls_failed",),
        stop="robots_unreachable",
        failed=True,
        url="https://127.0.0.1:{port}/list/",
        tls="self-signed",
    ),
    "expired": Behaviour(
        {"/list/": a_list("/a.html")},
        ("robots_unreachable",),
        robots=("tls_failed",),
        stop="robots_unreachable",
        failed=True,
        url="https://127.0.0.1:{port}/list/",
        tls="expired",
    ),
    "no-such-name": Behaviour(
        {},
        ("robots_unreachable",),
        robots=("dns_failed",),
        stop="robots_unreachable",
        failed=True,
        url="http://www.nobody.invalid/list/",
    ),
    "name-of-this-machine": Behaviour(
        {"/list/": a_list("/a.html")},
        ("robots_unreachable",),
        robots=("dns_failed",),
        says=("127.0.0.1 is a loopback address",),
        stop="robots_unreachable",
        failed=True,
        url="http://www.rebinding.invalid:{port}/list/",
    ),
    "name-of-metadata": Behaviour(
        {},
        ("robots_unreachable",),
        robots=("dns_failed",),
        says=("169.254.169.254 is a metadata address",),
        stop="robots_unreachable",
        failed=True,
        url="http://www.metadata.invalid/list/",
    ),
    "address-in-disguise": Behaviour(
        {"/list/": a_list("/a.html")},
        ("off_site",),
        robots=(),
        says=("127.0.0.1 is a loopback address",),
        stop="off_site",
        failed=True,
        url="http://2130706433:{port}/list/",
    ),
    "slow-drip": Behaviour({"/list/": scripted(drip)}, ("timeout",) * 3, stop="timeout", failed=True),
    "silence": Behaviour(
        {"/list/": a_list("/a.html"), "/a.html": scripted(silence)}, ("fetched", "timeout", "timeout", "timeout")
    ),
    "slow-head": Behaviour({"/list/": scripted(slow_head)}, ("timeout",) * 3, stop="timeout", failed=True),
    "reset": Behaviour({"/list/": scripted(reset)}, ("connection_failed",) * 3, stop="connection_failed", failed=True),
    "no-http": Behaviour(
        {"/list/": scripted(garbage)}, ("connection_failed",) * 3, stop="connection_failed", failed=True
    ),
    "cut-short": Behaviour(
        {"/list/": scripted(cut_short)}, ("connection_failed",) * 3, stop="connection_failed", failed=True
    ),
    "bad-chunk": Behaviour(
        {"/list/": scripted(bad_chunk)}, ("connection_failed",) * 3, stop="connection_failed", failed=True
    ),
    "server-error": Behaviour({"/list/": status(500)}, ("server_error",) * 3, stop="server_error", failed=True),
    "strange-status": Behaviour({"/list/": status(999)}, ("server_error",), stop="server_error", failed=True),
}
