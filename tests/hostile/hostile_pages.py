"""Answers that are too much, bytes that are no text, lists that are not whole, links that lead astray."""

from __future__ import annotations

from hostile_server import Reply
from replies import (
    ARTICLE,
    JSON_API,
    PAGES_37,
    PDF,
    Behaviour,
    a_list,
    endless_body,
    endless_head,
    json_records,
    listing,
    lists_only,
    long_header,
    page,
    record,
    scripted,
    slow_page,
    squeezed,
    status,
)

HOSTILE_PAGES: dict[str, Behaviour] = {
    # -- too much ----------------------------------------------------------------------------------------
    "declared-too-large": Behaviour(
        {"/list/": a_list("/a.html"), "/a.html": status(200, b"<p>", Content_Length="99999999999")},
        ("fetched", "too_large"),
    ),
    "endless-body": Behaviour(
        {"/list/": a_list("/a.html"), "/a.html": scripted(endless_body)}, ("fetched", "too_large")
    ),
    "gzip-bomb": Behaviour(
        {"/list/": a_list("/a.html"), "/a.html": squeezed(b"\0" * 3_000_000)}, ("fetched", "too_large")
    ),
    "gzip-bomb-as-list": Behaviour(
        {"/list/": squeezed(b"\0" * 9_000_000)}, ("too_large",), stop="too_large", failed=True
    ),
    "endless-head": Behaviour({"/list/": scripted(endless_head)}, ("too_large",), stop="too_large", failed=True),
    "endless-header": Behaviour(
        {"/list/": scripted(long_header)}, ("connection_failed",) * 3, stop="connection_failed", failed=True
    ),
    # -- bytes and markup --------------------------------------------------------------------------------
    "binary-list": Behaviour(
        {"/list/": (Reply(bytes(range(256)) * 9),)}, ("bad_encoding",), stop="unreadable", failed=True
    ),
    "utf16-torn": Behaviour(
        {"/list/": (Reply(b"\xff\xfe" + b"\x00\xdc" * 200),)}, ("bad_encoding",), stop="unreadable", failed=True
    ),
    "gzip-in-name-only": Behaviour(
        {"/list/": page(listing("/a.html"), **{"Content-Encoding": "gzip"})},
        ("bad_encoding",),
        stop="bad_encoding",
        failed=True,
    ),
    "redesigned": Behaviour({"/list/": page("<p>全新改版</p>")}, ("layout_changed",), stop="unreadable", failed=True),
    "file-as-list": Behaviour({"/list/": PDF}, ("layout_changed",), stop="unreadable", failed=True),
    "nested-without-end": Behaviour(
        {"/list/": page("<div>" * 100_000)}, ("parse_failed",), stop="unreadable", failed=True
    ),
    "broken-json": Behaviour(
        {"/list/": page('{"num": 1, "data": [')}, ("parse_failed",), stop="unreadable", failed=True, source=JSON_API
    ),
    "one-bad-record": Behaviour(
        {
            "/list/": json_records(record("/a.html"), {"title": None}, "?", record("/b.html")),
            "/a.html": ARTICLE,
            "/b.html": ARTICLE,
        },
        ("fetched", "fetched", "list_incomplete"),
        says=("2 entries unusable",),
        source=JSON_API,
    ),
    # -- lists -------------------------------------------------------------------------------------------
    "repeats-page-1": Behaviour(
        {
            "/list/": a_list("/a.html", more="<p>共9页</p><a href='/list/2'>下一页</a>"),
            "/list/2": a_list("/a.html", more="<p>共9页</p><a href='/list/3'>下一页</a>"),
            "/list/3": a_list("/a.html", more="<p>共9页</p><a href='/list/4'>下一页</a>"),
            "/a.html": ARTICLE,
        },
        ("fetched", "fetched", "fetched", "list_incomplete"),
        says=("3 of 9 declared pages",),
        stop="repeated_page",
    ),
    "declared-52-parsed-37": Behaviour(
        PAGES_37, (*["fetched"] * 38, "list_incomplete"), says=("52 entries declared, 37 read",)
    ),
    "more-than-declared": Behaviour(
        {"/list/": a_list("/a.html", "/b.html", more="<p>共1条</p>"), "/a.html": ARTICLE, "/b.html": ARTICLE},
        ("fetched", "fetched", "list_incomplete"),
        says=("1 entries declared, 2 read",),
    ),
    "last-page-404": Behaviour(
        lists_only(),
        ("fetched", "fetched", "list_incomplete", "not_found"),
        says=("page 2 is not_found: 1 of 2 declared pages",),
        stop="dead_page",
    ),
    "last-page-soft-404": Behaviour(
        {**lists_only(), "/list/2": page("<title>页面不存在</title>")},
        ("fetched", "fetched", "list_incomplete", "soft_404"),
        says=("page 2 is soft_404",),
        stop="dead_page",
    ),
    "last-page-bomb": Behaviour(
        {**lists_only(), "/list/2": squeezed(b"\0" * 9_000_000)},
        ("fetched", "fetched", "list_incomplete", "too_large"),
        says=("page 2 is too_large",),
        stop="dead_page",
    ),
    "next-page-elsewhere": Behaviour(
        lists_only(following="http://elsewhere.invalid/list/2"), ("fetched", "fetched", "off_site"), stop="off_site"
    ),
    "pages-without-end": Behaviour(
        {
            "/list/": a_list("/0.html", more="<a href='/list/1'>下一页</a>"),
            **{f"/list/{n}": a_list(f"/{n}.html", more=f"<a href='/list/{n + 1}'>下一页</a>") for n in range(1, 9)},
            **{f"/{n}.html": ARTICLE for n in range(9)},
        },
        ("fetched",) * 6,
        stop="page_limit",
        source={"bounds": {"pages": 3}},
    ),
    "too-few-candidates": Behaviour(
        {"/list/": a_list("/a.html"), "/a.html": ARTICLE},
        ("fetched", "fetched", "list_incomplete"),
        says=("1 wanted entries, 5 to 9 expected",),
        source={"bounds": {"candidates": [5, 9]}},
    ),
    "more-than-a-night": Behaviour(
        {"/list/": a_list(*(f"/{n}.html" for n in range(200))), **{f"/{n}.html": ARTICLE for n in range(200)}},
        (*["fetched"] * 10, "list_incomplete"),
        says=("191 requests left for another night",),
        stop="end_reached + budget_spent",
        source={"bounds": {"budget": 11}},
    ),
    "flood-of-links": Behaviour(
        {"/list/": a_list(*(f"/{n}.html" for n in range(9000)))},
        ("too_large",),
        says=("9000 links",),
        stop="unreadable",
        failed=True,
    ),
    "time-is-up": Behaviour(
        {
            "/list/": a_list(*(f"/{n}.html" for n in range(40))),
            **{f"/{n}.html": scripted(slow_page) for n in range(40)},
        },
        ("fetched", "…", "list_incomplete"),
        says=("requests left for another night",),
        stop="end_reached + budget_spent",
        source={"bounds": {"seconds": 3}},
    ),
    "nothing-any-more": Behaviour(
        {"/list/": a_list("/a.html"), "/a.html": ARTICLE},
        ("fetched", "fetched"),
        later={2: {"/list/": page(listing("/x.html", "/y.html", title="某县公务员招录公告第"))}},
        later_outcomes={2: ("list_incomplete", "not_published_yet")},
    ),
    # -- links -------------------------------------------------------------------------------------------
    "links-elsewhere": Behaviour(
        {
            "/list/": a_list(
                "http://elsewhere.invalid/a.html",
                "file:///etc/passwd.html",
                "ftp://127.0.0.1/a.html",
                "data:text/html,<p>1",
                "http://user:word@127.0.0.1/a.html",
                "http://[::ffff:127.0.0.1]/a.html",
                "http://127.1/a.html",
                "/" + "a" * 7996 + ".html",
            )
        },
        ("fetched", *["off_site"] * 5),
        says=("credentials in an address", "an address of 80", "host not of this source"),
    ),
    "links-to-nowhere": Behaviour(
        {"/list/": json_records(record("http://[::1/"), record("/a.html")), "/a.html": ARTICLE},
        ("fetched", "list_incomplete"),
        says=("1 entries unusable",),
        source=JSON_API,
    ),
}
