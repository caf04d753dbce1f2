"""From what the network or the page did to a member of the closed list of outcomes.

Pure decisions over status, headers, bytes and exceptions; recording them does not belong here. What is recognised
as a block is only recorded: nothing here, or anywhere, tries to get around one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from scrapers.encoding import UndecodableError, decode
from warehouse.outcomes import Outcome

JSL_COOKIE = re.compile(r"__jsl_clearance")  # Set-Cookie: __jsl_clearance_s=1700000000.1|-1|…
RS_SCRIPT = re.compile(rb"\$_ts\s*=\s*window\[['\"]\$_ts['\"]\]|\$_ts\.cd\s*=")  # $_ts=window['$_ts'];
LINK = re.compile(rb"<a\s", re.IGNORECASE)  # a page that was let through keeps the script, but has links
C3VK_SCRIPT = re.compile(rb"C3VK\s*=")  # document.cookie="C3VK=1a2b3c; path=/"
CHALLENGE = re.compile(
    "人机验证|安全验证|访问验证|云堤|您的访问被拦截|请完成验证|网站防火墙"  # <title>网站防火墙</title>
)
SOFT_404 = re.compile(
    "页面不存在|页面未找到|页面没有找到|您访问的页面|该信息不存在|内容不存在|404 Not Found"  # 您访问的页面已删除
)
# 系统维护中,请稍后再试
MAINTENANCE = re.compile(
    "(?:系统|网站|平台|服务器)(?:正在)?(?:维护|升级|改版)中?|正在(?:维护|升级|改版)|暂停(?:访问|服务)"
)
PASSWORD_FIELD = re.compile(r"<input[^>]+type\s*=\s*[\"']?password", re.IGNORECASE)  # <input type="password">
LOGIN_TITLE = re.compile(r"登录|登陆|登錄|身份认证|单点认证|\blog\s?in\b|sign in", re.IGNORECASE)  # 统一身份认证
LOGIN_PATH = re.compile(r"/(?:login|signin|sso|cas|passport|uaa)(?:[/.?;]|$)", re.IGNORECASE)  # /sso/login.do?service=…
BLOCK_TAG = re.compile(
    r"<(?P<end>/?)(?:div|span|font|table|ul|ol|section|b|i|em|strong)\b[^>]*>", re.IGNORECASE
)  # <div class="a">, </div>
LINK_TAG = re.compile(r"<a\s", re.IGNORECASE)  # <a href="/a.html">
TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)  # <title>404</title>
SMALL_PAGE_BYTES = 8192
"""Challenge and error pages are short; a long page that mentions such words is a page."""
MOST_LINKS = 4000
"""A page of more links is not looked into: whole lists on one page have hundreds, and each link takes its time."""
DEEPEST_NESTING = 2000
"""Elements inside each other; real pages stay below a hundred, and finding lists takes time by the square of it."""

STATUS_OUTCOMES: dict[int, Outcome] = {
    401: Outcome.BLOCKED_FORBIDDEN,
    403: Outcome.BLOCKED_FORBIDDEN,
    404: Outcome.NOT_FOUND,
    410: Outcome.NOT_FOUND,
    412: Outcome.BLOCKED_RS_412,
    413: Outcome.TOO_LARGE,
    429: Outcome.BLOCKED_RATE_LIMITED,
    521: Outcome.BLOCKED_JSL_521,
}
REDIRECTS = frozenset({301, 302, 303, 307, 308})

EXCEPTION_OUTCOMES: dict[str, Outcome] = {
    "CannotResolveHostError": Outcome.DNS_FAILED,
    "DNSLookupError": Outcome.DNS_FAILED,
    "DownloadTimeoutError": Outcome.TIMEOUT,
    "TimeoutError": Outcome.TIMEOUT,
    "TCPTimedOutError": Outcome.TIMEOUT,
    "DownloadCancelledError": Outcome.TOO_LARGE,
    "HeadTooLargeError": Outcome.TOO_LARGE,
    "_DecompressionMaxSizeExceeded": Outcome.TOO_LARGE,
    "UnsupportedURLSchemeError": Outcome.OFF_SITE,
    "NotSupported": Outcome.OFF_SITE,
    "CertificateError": Outcome.TLS_FAILED,
    "VerificationError": Outcome.TLS_FAILED,
    "SSLError": Outcome.TLS_FAILED,
    "DownloadConnectionRefusedError": Outcome.CONNECTION_FAILED,
    "ConnectionRefusedError": Outcome.CONNECTION_FAILED,
    "ConnectionLost": Outcome.CONNECTION_FAILED,
    "ConnectionDone": Outcome.CONNECTION_FAILED,
    "ConnectError": Outcome.CONNECTION_FAILED,
    "DownloadFailedError": Outcome.CONNECTION_FAILED,
    "ResponseDataLossError": Outcome.CONNECTION_FAILED,
    "ResponseFailed": Outcome.CONNECTION_FAILED,
    "ResponseNeverReceived": Outcome.CONNECTION_FAILED,
}
"""Outcome by the class name of a download error or of one it wraps; by name, so that nothing heavy is imported."""

# [('SSL routines', '', 'unsafe legacy renegotiation disabled')]
TLS_WORDS = re.compile(r"SSL routines|certificate verify failed|tlsv1 alert")
TLS_MODULES = ("OpenSSL", "service_identity", "ssl")
"""Packages whose errors are about TLS; words in a message could as well be part of an address."""


UNPACKING_ERRORS = frozenset({"BadGzipFile", "EOFError", "error", "ZstdError", "OSError"})
"""Names of what gzip, zlib, Brotli and Zstandard raise on bytes that are not theirs."""


def classify_block(status: int, headers: Mapping[str, str], body: bytes) -> Outcome | None:
    """Recognise a host that refuses us as a visitor.

    Args:
        status: HTTP status.
        headers: response headers, names in lower case; repeated ones joined.
        body: payload.
    """
    if status == 521 or (JSL_COOKIE.search(headers.get("set-cookie", "")) and len(body) < SMALL_PAGE_BYTES):
        return Outcome.BLOCKED_JSL_521
    if len(body) < SMALL_PAGE_BYTES and C3VK_SCRIPT.search(body):
        return Outcome.BLOCKED_C3VK
    if RS_SCRIPT.search(body) and (status in {202, 400, 412} or not LINK.search(body)):
        return Outcome.BLOCKED_RS_412
    named = STATUS_OUTCOMES.get(status)
    if named is not None and named.is_block:
        return named
    if status < 400 and len(body) < SMALL_PAGE_BYTES and CHALLENGE.search(_text_of(body)):
        return Outcome.BLOCKED_CHALLENGE_PAGE
    return None


def _text_of(body: bytes) -> str:
    try:
        return decode(body)
    except UndecodableError:
        return ""


def classify_response(status: int, headers: Mapping[str, str], body: bytes) -> Outcome | None:
    """Return the outcome of a response that carries nothing to read, or None for one that does (200, 304)."""
    block = classify_block(status, headers, body)
    if block is not None:
        return block
    if status in REDIRECTS:
        return Outcome.MOVED
    if status == 304 or 200 <= status < 300:
        return None
    return STATUS_OUTCOMES.get(status, Outcome.SERVER_ERROR)


def is_soft_404(text: str) -> bool:
    """Whether a page of status 200 says in its title, or in few words, that there is nothing here."""
    title = TITLE.search(text)
    if title and (SOFT_404.search(title[1]) or title[1].strip() == "404"):
        return True
    return _is_shorter(text, SMALL_PAGE_BYTES // 4) and bool(SOFT_404.search(text))


def _is_shorter(text: str, size: int) -> bool:
    """Whether a text has fewer bytes; no character has less than one."""
    return len(text) < size and len(text.encode()) < size


def stands_in(url: str, text: str, *, empty_allowed: bool) -> tuple[Outcome, str] | None:
    """Recognise a page of status 200 that is there in place of the content.

    Args:
        url: where it came from in the end.
        text: the decoded page.
        empty_allowed: whether no text at all may be an answer, as of a list's interface.

    Returns:
        The outcome and what it is, in words; None for a page that is what it should be.
    """
    if not text.strip():
        return None if empty_allowed else (Outcome.SOFT_404, "an empty page")
    if is_soft_404(text):
        return Outcome.SOFT_404, "the page says that the content does not exist"
    found = TITLE.search(text)
    title = found[1] if found else ""
    is_small = _is_shorter(text, SMALL_PAGE_BYTES)
    if is_small and (MAINTENANCE.search(title) or (len(text) < SMALL_PAGE_BYTES // 8 and MAINTENANCE.search(text))):
        return Outcome.SERVER_ERROR, "a maintenance page with status 200"
    if PASSWORD_FIELD.search(text) and (LOGIN_TITLE.search(title) or LOGIN_PATH.search(url)):
        return Outcome.SOFT_404, "a login page in place of the content"
    return None


def is_too_deep(text: str) -> bool:
    """Whether the elements of a page lie too deep inside each other, by its tags alone.

    Cheap on purpose: it decides whether the page may be given to a parser at all.
    """
    if text.count("<") <= DEEPEST_NESTING:
        return False
    depth = 0
    for tag in BLOCK_TAG.finditer(text):
        depth = max(0, depth - 1) if tag["end"] else depth + 1
        if depth > DEEPEST_NESTING:
            return True
    return False


def count_links(text: str) -> int:
    """How many links a page has, by its tags alone."""
    return sum(1 for _ in LINK_TAG.finditer(text))


def classify_unpacking(error: BaseException) -> Outcome:
    """Return the outcome of a body that came whole and whose Content-Encoding could not be undone."""
    chain = [error, error.__cause__, error.__context__]
    names = [type(each).__name__ for each in chain if each is not None]
    if any(EXCEPTION_OUTCOMES.get(name) is Outcome.TOO_LARGE for name in names):
        return Outcome.TOO_LARGE
    return Outcome.BAD_ENCODING if UNPACKING_ERRORS.intersection(names) else Outcome.PARSE_FAILED


def classify_exception(error: BaseException) -> Outcome | None:
    """Return the outcome of a failed download, looking into what the error wraps; None when it is not one."""
    seen: list[BaseException] = []
    queue: list[BaseException | None] = [error]
    while queue:
        current = queue.pop(0)
        if current is None or current in seen:
            continue
        seen.append(current)
        queue += [getattr(reason, "value", None) for reason in getattr(current, "reasons", None) or ()]
        queue += [current.__cause__, current.__context__]
    if any(type(item).__module__.startswith(TLS_MODULES) or TLS_WORDS.search(str(item)) for item in seen):
        return Outcome.TLS_FAILED
    for item in reversed(seen):
        for kind in type(item).__mro__:
            if kind.__name__ in EXCEPTION_OUTCOMES:
                return EXCEPTION_OUTCOMES[kind.__name__]
    return Outcome.CONNECTION_FAILED if isinstance(error, OSError) else None


def classify_robots(status: int, headers: Mapping[str, str], body: bytes) -> Outcome | None:
    """Decide on a robots.txt answer: None when its rules (or their absence, 404 and the like) may be used.

    401, 403, 429, 5xx and challenges mean that we do not know what is allowed: the host is left alone.
    """
    if status >= 500 or status in {401, 403, 429} or classify_block(status, headers, body):
        return Outcome.ROBOTS_UNREACHABLE
    return None
