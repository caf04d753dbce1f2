"""What all pages share: language, pinned releases, errors with a name, headers, and no host but the server."""

from __future__ import annotations

import pytest
from made_release import make_release
from serving import OpenPage, Serve, Site

from explorer.labels import LABELS, load_labels

PAGES = ("/coverage", "/indicators", "/regions", "/reports", "/search", "/health")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_in_both_languages(site: Site, path: str) -> None:
    chinese, english = site.get(path), site.get(f"{path}?lang=en")
    assert (chinese.status, english.status) == (200, 200)
    assert '<html lang="zh-Hans">' in chinese.text
    assert '<html lang="en">' in english.text


@pytest.mark.parametrize("path", PAGES)
def test_an_empty_release_is_no_error(serve_release: Serve, path: str) -> None:
    assert serve_release({}).get(path).status == 200


@pytest.mark.parametrize("path", PAGES)
def test_before_the_first_release_pages_say_what_to_do(serve_release: Serve, path: str) -> None:
    answer = serve_release(None).get(path)
    assert answer.status == 200
    assert "make run" in answer.text


@pytest.mark.parametrize(
    ("path", "status", "named"),
    [
        ("/coverage?lang=xx", 400, "xx"),
        ("/coverage?lang=%00", 400, "lang"),
        ("/coverage?release=none-such", 410, "none-such"),
        ("/coverage?release=../../etc", 410, "../../etc"),
        (f"/coverage?release={'9' * 600}", 400, "release"),
        ("/coverage?release=<script>alert(1)</script>", 410, "&lt;script&gt;"),
    ],
)
def test_what_an_address_gets_wrong_is_named(site: Site, path: str, status: int, named: str) -> None:
    answer = site.get(path.replace("<", "%3C").replace(">", "%3E"))
    assert answer.status == status
    assert named in answer.text
    assert "<script>alert" not in answer.text


def test_a_release_switched_underneath_shows_with_the_next_click(serve_release: Serve) -> None:
    site = serve_release({})
    assert "2026-04-21-made" in site.get("/coverage").text
    make_release(site.home.exports, "2026-04-22-next", {})
    assert "2026-04-22-next" in site.get("/coverage").text
    assert "2026-04-21-made" in site.get("/coverage?release=2026-04-21-made").text


def test_only_names_of_this_machine_are_answered(site: Site) -> None:
    assert site.get("/coverage", Host="evil.example").status == 400


def test_a_browser_is_told_to_load_nothing_from_elsewhere(site: Site) -> None:
    policy = str(site.get("/coverage").headers["content-security-policy"])
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "http" not in policy


@pytest.mark.parametrize("path", PAGES)
def test_in_a_browser_pages_open_and_ask_no_other_host(site: Site, browser_page: OpenPage, path: str) -> None:
    page = browser_page(site)
    page.goto(path)
    assert page.locator("h1").count() == 1
    assert page.locator("header nav a").count() == 5


def test_labels_stand_once_and_in_both_languages() -> None:
    assert len(load_labels()) == len(LABELS.read_text(encoding="utf-8").strip().splitlines()) - 1
