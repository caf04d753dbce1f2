"""What keeps the crawl polite and safe, as tables: addresses, answers of name servers, budgets, waits, stand-ins."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from ipaddress import ip_address
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy.resolver import HostResolution, dnscache
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.task import Clock
from twisted.web._newclient import HEADER

from scrapers.addresses import without_session
from scrapers.budget import Budget
from scrapers.connections import GuardedResolver, HeadTooLargeError, bound_head, refused_answers
from scrapers.guard import literal_address, refusal_of_address, refusal_of_url
from scrapers.retry import MAX_RETRY_AFTER, back_off, is_worth_another_try, may_try_again, retry_after
from scrapers.settings import positive_number
from scrapers.verdicts import DEEPEST_NESTING, classify_unpacking, is_too_deep, stands_in
from warehouse.outcomes import Outcome


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("8.8.8.8", None),
        ("202.96.128.86", None),
        ("2400:3200::1", None),
        ("127.0.0.1", "loopback"),
        ("127.8.9.1", "loopback"),
        ("::1", "loopback"),
        ("10.1.2.3", "private"),
        ("172.31.0.1", "private"),
        ("192.168.1.1", "private"),
        ("fd00::1", "private"),
        ("169.254.1.1", "link-local"),
        ("fe80::1", "link-local"),
        ("169.254.169.254", "metadata"),
        ("100.100.100.200", "metadata"),
        ("168.63.129.16", "metadata"),
        ("fd00:ec2::254", "metadata"),
        ("100.64.0.1", "shared"),
        ("224.0.0.251", "multicast"),
        ("ff02::1", "multicast"),
        ("0.0.0.0", "unspecified"),
        ("::", "unspecified"),
        ("255.255.255.255", "reserved"),
        ("240.0.0.1", "reserved"),
        ("192.0.2.1", "reserved"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:169.254.169.254", "metadata"),
        ("::ffff:8.8.8.8", None),
        ("64:ff9b::a00:1", "private"),
        ("2002:7f00:1::", "loopback"),
        ("::7f00:1", "loopback"),
    ],
)
def test_only_public_addresses_are_reached(address: str, kind: str | None) -> None:
    refusal = refusal_of_address(ip_address(address))
    assert (refusal is None) == (kind is None)
    assert kind is None or kind in str(refusal)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_samples_may_reach_this_machine(address: str) -> None:
    assert refusal_of_address(ip_address(address), loopback_allowed=True) is None


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "0.0.0.0", "fe80::1"])
def test_samples_may_reach_nothing_else_that_is_not_public(address: str) -> None:
    assert refusal_of_address(ip_address(address), loopback_allowed=True) is not None


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "0x7f.0.0.1", "0177.0.0.1", "2130706433", "127.0.0.1.", "１２７.0.0.1", "127。0。0。1"],
)
def test_an_address_is_known_however_it_is_spelled(host: str) -> None:
    assert str(literal_address(host)) == "127.0.0.1"


@pytest.mark.parametrize("host", ["www.luzhou.gov.cn", "localhost", "abc.de", "1.2.3.4.example", ""])
def test_names_are_no_addresses(host: str) -> None:
    assert literal_address(host) is None


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://www.luzhou.gov.cn/a.html", None),
        ("https://www.luzhou.gov.cn:8443/a.html", None),
        ("file:///etc/passwd", "only http"),
        ("data:text/html,1", "only http"),
        ("ftp://www.luzhou.gov.cn/", "only http"),
        ("javascript:void(0)", "only http"),
        ("http:///a.html", "no host"),
        ("http://[::1/", "no address"),
        ("http://h:99999999/", "no address"),
        ("http://h/" + "a" * 2500, "2509 characters"),
        ("http://a:b@www.luzhou.gov.cn/", "credentials"),
        ("http://127.1/", "loopback"),
        ("http://[::ffff:10.0.0.1]/", "private"),
        ("http://localhost:8080/", "local network"),
        ("http://metadata.google.internal/", "local network"),
        ("http://a.localhost./", "local network"),
    ],
)
def test_which_addresses_may_be_asked_as_written(url: str, words: str | None) -> None:
    refusal = refusal_of_url(url)
    assert (refusal is None) == (words is None)
    assert words is None or words in str(refusal)


class Names:
    """Stands for the look-up of the system: a name has the addresses that it is given, or never an answer."""

    def __init__(self, addresses: list[str] | None) -> None:
        self.addresses = addresses
        self.asked = 0

    def resolveHostName(self, receiver: Any, name: str, port: int, *_more: object) -> Any:  # noqa: N802 - Twisted's
        """Answer at once, or never."""
        self.asked += 1
        receiver.resolutionBegan(HostResolution(name))
        for each in self.addresses or ():
            address = IPv6Address("TCP", each, port) if ":" in each else IPv4Address("TCP", each, port)
            receiver.addressResolved(address)
        if self.addresses is not None:
            receiver.resolutionComplete()
        return receiver


class Answers:
    """What a connection is told of a name."""

    def __init__(self) -> None:
        self.addresses: list[tuple[str, int]] = []
        self.times_over = 0

    def resolutionBegan(self, resolution: object) -> None:  # noqa: N802 - Twisted's
        """The look-up began."""

    def addressResolved(self, address: Any) -> None:  # noqa: N802 - Twisted's
        """Remember an address."""
        self.addresses.append((address.host, address.port))

    def resolutionComplete(self) -> None:  # noqa: N802 - Twisted's
        """Count the ends."""
        self.times_over += 1


def guarded(names: Names, clock: Clock) -> GuardedResolver:
    dnscache.clear()
    refused_answers.clear()
    clock.nameResolver = names  # type: ignore[attr-defined]
    return GuardedResolver(clock, 100, 20.0, frozenset({"127.0.0.1", "sample.test"}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "found", "given", "is_refused"),
    [
        ("www.luzhou.gov.cn", ["202.96.128.86"], ["202.96.128.86"], False),
        ("www.luzhou.gov.cn", ["2400:3200::1"], ["2400:3200::1"], False),
        ("www.luzhou.gov.cn", ["2400:3200::1", "202.96.128.86"], ["2400:3200::1", "202.96.128.86"], False),
        ("www.luzhou.gov.cn", ["192.168.0.1"], [], True),
        ("www.luzhou.gov.cn", ["127.0.0.1"], [], True),
        ("www.luzhou.gov.cn", ["::1"], [], True),
        ("www.luzhou.gov.cn", ["fd00::1", "10.0.0.1"], [], True),
        ("www.luzhou.gov.cn", ["fe80::1%eth0"], [], True),
        ("www.luzhou.gov.cn", ["::ffff:127.0.0.1"], [], True),
        ("www.luzhou.gov.cn", ["::1", "202.96.128.86"], ["202.96.128.86"], False),
        ("www.luzhou.gov.cn", [], [], False),
        ("127.0.0.1", ["127.0.0.1"], ["127.0.0.1"], False),
        ("127.0.0.1", ["10.0.0.1"], [], True),
        ("Sample.test", ["::1"], ["::1"], False),
    ],
)
def test_every_answer_of_a_name_server_is_checked(
    name: str, found: list[str], given: list[str], is_refused: bool
) -> None:
    names, clock = Names(found), Clock()
    resolver = guarded(names, clock)
    for port in (80, 443):
        answers = Answers()
        resolver.resolveHostName(answers, name, port)  # type: ignore[arg-type]
        assert answers.addresses == [(each, port) for each in given]
        assert answers.times_over == 1
    assert (name.lower() in refused_answers) == is_refused
    assert names.asked == (1 if found else 2), "what was found is kept"
    assert clock.getDelayedCalls() == []


def test_a_name_server_that_does_not_answer_is_given_up() -> None:
    clock, answers = Clock(), Answers()
    guarded(Names(None), clock).resolveHostName(answers, "www.luzhou.gov.cn", 80)  # type: ignore[arg-type]
    clock.advance(19)
    assert answers.times_over == 0
    clock.advance(2)
    assert (answers.times_over, answers.addresses) == (1, [])


@pytest.mark.parametrize(("chunks", "is_too_large"), [([60, 39], False), ([60, 60], True)])
def test_a_head_ends_or_is_given_up(chunks: list[int], is_too_large: bool) -> None:
    given_up: list[BaseException] = []
    protocol: Any = SimpleNamespace(
        dataReceived=lambda _data: None,
        _parser=SimpleNamespace(state=HEADER),
        transport=SimpleNamespace(abortConnection=lambda: None),
        _giveUp=lambda failure: given_up.append(failure.value),
    )
    bound_head(protocol, 100)
    for size in chunks:
        protocol.dataReceived(b"x" * size)
    assert [type(error) for error in given_up] == [HeadTooLargeError] * is_too_large


def test_a_budget_counts_requests_and_what_is_left() -> None:
    budget = Budget(max_requests=2, max_seconds=10)
    assert [budget.admit(0.0) for _ in range(4)] == [True, True, False, False]
    assert budget.shortfall == "2 requests left for another night: 2 made of 2, within 10 s"
    assert Budget(2, 10).shortfall is None


def test_a_budget_ends_with_its_time() -> None:
    budget = Budget(max_requests=9, max_seconds=10)
    assert not budget.is_over(99.0), "the clock starts with the first request"
    assert (budget.start(100.0), budget.start(105.0)) == (True, False)
    assert [budget.is_over(now) for now in (100.0, 109.9, 110.0)] == [False, False, True]
    assert not budget.admit(111.0)


NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("", None),
        ("soon", None),
        ("-5", None),
        ("120", 120.0),
        (format_datetime(datetime(2026, 1, 2, 0, 2, tzinfo=UTC)), 120.0),
        (format_datetime(datetime(2025, 1, 2, tzinfo=UTC)), 0.0),
        ("9" * 400, 999999999.0),
    ],
)
def test_how_long_a_host_asks_us_to_wait(value: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": value}, NOW) == seconds


@pytest.mark.parametrize(
    ("status", "headers", "body", "tried", "again"),
    [
        (503, {}, b"", 0, True),
        (503, {}, b"", 2, False),
        (500, {"retry-after": "30"}, b"", 1, True),
        (429, {}, b"", 0, True),
        (429, {"retry-after": str(int(MAX_RETRY_AFTER))}, b"", 0, True),
        (429, {"retry-after": "86400"}, b"", 0, False),
        (403, {}, b"", 0, False),
        (412, {}, b"", 0, False),
        (521, {}, b"", 0, False),
        (404, {}, b"", 0, False),
        (200, {}, b"", 0, False),
        (503, {"set-cookie": "__jsl_clearance_s=1"}, b"", 0, False),
    ],
)
def test_which_answers_are_worth_another_try(
    status: int, headers: dict[str, str], body: bytes, tried: int, again: bool
) -> None:
    assert may_try_again(status, headers, body, tried, times=2) == again


@pytest.mark.parametrize(
    ("error", "tried", "again"),
    [
        (TimeoutError(), 0, True),
        (TimeoutError(), 2, False),
        (ConnectionRefusedError(), 1, True),
        (ValueError("[('SSL routines', '', 'certificate verify failed')]"), 0, False),
        (KeyError("ours"), 0, False),
    ],
)
def test_which_errors_are_worth_another_try(error: Exception, tried: int, again: bool) -> None:
    assert is_worth_another_try(error, tried, times=2) == again


@pytest.mark.parametrize(
    ("tried", "delay", "asked_for", "jitter", "seconds"),
    [
        (0, 3.0, None, 0.5, 30.0),
        (1, 3.0, None, 0.5, 60.0),
        (0, 3.0, None, 0.0, 15.0),
        (0, 3.0, None, 1.0, 45.0),
        (0, 3.0, 120.0, 0.0, 120.0),
        (0, 0.01, 1.0, 1.0, 1.1),
        (1, 10.0, 5.0, 0.5, 200.0),
    ],
)
def test_how_long_a_host_is_left_alone(
    tried: int, delay: float, asked_for: float | None, jitter: float, seconds: float
) -> None:
    assert back_off(tried, delay, asked_for, jitter) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("http://h/a.html", "http://h/a.html"),
        ("http://h/a.html?x=1", "http://h/a.html?x=1"),
        ("http://h/a.html;jsessionid=0A1B", "http://h/a.html"),
        ("http://h/a.jsp;JSESSIONID=0A1B?x=1#top", "http://h/a.jsp?x=1#top"),
        ("http://h/a.html?PHPSESSID=2C", "http://h/a.html"),
        ("http://h/a.html?x=1&jsessionid=2C&y=2", "http://h/a.html?x=1&y=2"),
        ("http://h/a.html?sid=755001", "http://h/a.html?sid=755001"),
    ],
)
def test_sessions_are_no_part_of_an_address(url: str, clean: str) -> None:
    assert without_session(url) == clean


LOGIN = '<title>用户登录</title><input name="p" type="password">'


@pytest.mark.parametrize(
    ("url", "text", "outcome"),
    [
        ("http://h/a.html", "<title>法治政府建设报告</title><p>正文</p>", None),
        ("http://h/a.html", " \n ", Outcome.SOFT_404),
        ("http://h/a.html", "<title>404</title>", Outcome.SOFT_404),
        ("http://h/a.html", LOGIN, Outcome.SOFT_404),
        ("http://h/sso/login?x=1", "<input type=password><p>请输入</p>", Outcome.SOFT_404),
        ("http://h/a.html", '<title>某县政府网</title><input type="password"><p>正文</p>', None),
        ("http://h/a.html", "<title>系统维护中</title>", Outcome.SERVER_ERROR),
        ("http://h/a.html", "<p>网站正在升级,请稍后访问</p>", Outcome.SERVER_ERROR),
        ("http://h/a.html", "<title>关于网站升级的公告</title>" + "正文" * 5000, None),
        ("http://h/a.html", "<title>报告</title>" + "正文" * 1000 + "网站升级", None),
    ],
)
def test_pages_that_stand_in_for_the_content(url: str, text: str, outcome: Outcome | None) -> None:
    found = stands_in(url, text, empty_allowed=False)
    assert (found[0] if found else None) == outcome
    assert stands_in(url, "", empty_allowed=True) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>1</p>", False),
        ("<div>" * DEEPEST_NESTING, False),
        ("<div>" * (DEEPEST_NESTING + 1), True),
        ("<div></div>" * DEEPEST_NESTING, False),
        ("</div>" * DEEPEST_NESTING + "<DIV class='a'>" * (DEEPEST_NESTING + 1), True),
        ("<p>" * (DEEPEST_NESTING + 1), False),
    ],
)
def test_whether_a_page_is_too_deep(text: str, *, expected: bool) -> None:
    assert is_too_deep(text) is expected


class _DecompressionMaxSizeExceeded(ValueError):  # noqa: N818 - named like Scrapy's
    """Named like Scrapy's."""


def caused(cause: Exception) -> Exception:
    error = RuntimeError("ignored")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (caused(_DecompressionMaxSizeExceeded()), Outcome.TOO_LARGE),
        (OSError("not gzip"), Outcome.BAD_ENCODING),
        (EOFError(), Outcome.BAD_ENCODING),
        (KeyError("ours"), Outcome.PARSE_FAILED),
    ],
)
def test_bodies_that_cannot_be_unpacked(error: Exception, outcome: Outcome) -> None:
    assert classify_unpacking(error) == outcome


@pytest.mark.parametrize(("given", "number"), [("", 60), ("5", 5)])
def test_an_operator_may_set_numbers(monkeypatch: pytest.MonkeyPatch, given: str, number: int) -> None:
    monkeypatch.setenv("FAZHI_REQUEST_SECONDS", given)
    assert positive_number("FAZHI_REQUEST_SECONDS", 60) == number


@pytest.mark.parametrize("given", ["0", "-1", "1.5", "many", "²"])
def test_a_number_that_is_none_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("FAZHI_REQUEST_SECONDS", given)
    with pytest.raises(SystemExit, match="FAZHI_REQUEST_SECONDS"):
        positive_number("FAZHI_REQUEST_SECONDS", 60)
