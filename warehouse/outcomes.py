"""The closed list of ways an attempt on an address can end, with the rule and the operator's next step.

Only the names and their meaning belong here; deciding which one a response deserves does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How one attempt on a list page, article, attachment or robots file ended."""

    FETCHED = "fetched"
    NOT_MODIFIED = "not_modified"
    UNCHANGED = "unchanged"
    NOT_PUBLISHED_YET = "not_published_yet"
    NOT_FOUND = "not_found"
    SOFT_404 = "soft_404"
    MOVED = "moved"
    ROBOTS_DISALLOWED = "robots_disallowed"
    ROBOTS_UNREACHABLE = "robots_unreachable"
    BLOCKED_JSL_521 = "blocked:jsl_521"
    BLOCKED_RS_412 = "blocked:rs_412"
    BLOCKED_C3VK = "blocked:c3vk"
    BLOCKED_FORBIDDEN = "blocked:forbidden"
    BLOCKED_CHALLENGE_PAGE = "blocked:challenge_page"
    BLOCKED_RATE_LIMITED = "blocked:rate_limited"
    TLS_FAILED = "tls_failed"
    DNS_FAILED = "dns_failed"
    TIMEOUT = "timeout"
    CONNECTION_FAILED = "connection_failed"
    SERVER_ERROR = "server_error"
    TOO_LARGE = "too_large"
    BAD_ENCODING = "bad_encoding"
    LAYOUT_CHANGED = "layout_changed"
    LIST_INCOMPLETE = "list_incomplete"
    ATTACHMENT_UNPARSED = "attachment_unparsed"
    ATTACHMENT_NO_TEXT = "attachment_no_text"
    PARSE_FAILED = "parse_failed"
    OFF_SITE = "off_site"

    @property
    def is_block(self) -> bool:
        """Whether the host refused us as a visitor; nothing more is asked of it in this run."""
        return self.value.startswith("blocked:")


@dataclass(frozen=True)
class OutcomeRule:
    """What an outcome means.

    Attributes:
        rule: the condition under which it is recorded.
        next_step: what an operator should do about it.
    """

    rule: str
    next_step: str


RULES: dict[Outcome, OutcomeRule] = {
    Outcome.FETCHED: OutcomeRule("New bytes came and were archived.", "Nothing to do."),
    Outcome.NOT_MODIFIED: OutcomeRule("The host answered 304 to our validators.", "Nothing to do."),
    Outcome.UNCHANGED: OutcomeRule("The bytes equal the archived ones.", "Nothing to do."),
    Outcome.NOT_PUBLISHED_YET: OutcomeRule(
        "A list was read to its end and holds no title that the source's rule wants.",
        "Look at the list in season; if reports stand elsewhere, add that list to the source.",
    ),
    Outcome.NOT_FOUND: OutcomeRule("Status 404 or 410.", "If it was a start page, find the new address of the column."),
    Outcome.SOFT_404: OutcomeRule(
        "Status 200 with a page in place of the content: it is empty, says that nothing is there, or asks for a login.",
        "As for not_found; what asks for a login is not public and is left alone.",
    ),
    Outcome.MOVED: OutcomeRule(
        "A redirect; its target is asked next when it lies on a host of the source, after five redirects no more.",
        "When permanent, write the new address into the source; a loop is the portal's to mend.",
    ),
    Outcome.ROBOTS_DISALLOWED: OutcomeRule(
        "robots.txt forbids this path to our agent, or asks for a longer delay than a night has room for.",
        "Respect it; ask the owner for leave if needed.",
    ),
    Outcome.ROBOTS_UNREACHABLE: OutcomeRule(
        "robots.txt answered 401, 403, 429, 5xx or a challenge, or could not be fetched: host skipped.",
        "Check the host by hand in a few days; nothing was asked of it.",
    ),
    Outcome.BLOCKED_JSL_521: OutcomeRule(
        "Status 521 or a __jsl_clearance cookie (加速乐): host left alone.",
        "Never solve the challenge; ask the owner, or import their data.",
    ),
    Outcome.BLOCKED_RS_412: OutcomeRule(
        "Status 412, or a page with nothing but a $_ts script (瑞数): host left alone.",
        "Never solve the challenge; ask the owner, or import their data.",
    ),
    Outcome.BLOCKED_C3VK: OutcomeRule(
        "A page that only sets the C3VK cookie: host left alone.",
        "Never solve the challenge; ask the owner, or import their data.",
    ),
    Outcome.BLOCKED_FORBIDDEN: OutcomeRule(
        "Status 401 or 403: host left alone.",
        "Check from another network by hand; do not change the agent or use proxies.",
    ),
    Outcome.BLOCKED_CHALLENGE_PAGE: OutcomeRule(
        "Status 200 with the page of a firewall or captcha: host left alone.",
        "Never solve the challenge; ask the owner, or import their data.",
    ),
    Outcome.BLOCKED_RATE_LIMITED: OutcomeRule(
        "Status 429, again after we waited, or with a Retry-After longer than we wait: host left alone for this run.",
        "Raise the source's delay or lower its budget before the next run.",
    ),
    Outcome.TLS_FAILED: OutcomeRule(
        "The TLS handshake failed or the certificate does not verify.",
        "Report it to the owner; TLS is not lowered for anyone.",
    ),
    Outcome.DNS_FAILED: OutcomeRule(
        "The host's name does not resolve, or resolves to an address that is not public; the detail says which.",
        "Check our resolver, then whether the portal moved.",
    ),
    Outcome.TIMEOUT: OutcomeRule(
        "No complete answer within the time of one request, however steadily it drips.",
        "Wait for the next run; if it is always so, ask the owner.",
    ),
    Outcome.CONNECTION_FAILED: OutcomeRule(
        "The connection was refused, reset or cut, or what came was not HTTP or not whole.",
        "Wait for the next run; then check the host by hand.",
    ),
    Outcome.SERVER_ERROR: OutcomeRule(
        "Any other status of 400 or more, one that HTTP does not know here, or a maintenance page with status 200.",
        "Wait for the next run.",
    ),
    Outcome.TOO_LARGE: OutcomeRule(
        "The body, its head, what it unpacks to or the number of its links is beyond the limit; reading stopped there.",
        "Look at it by hand; raise the limit if it is a report.",
    ),
    Outcome.BAD_ENCODING: OutcomeRule(
        "The page is neither UTF-8 nor GB18030 nor UTF-16, or its Content-Encoding is not what it says.",
        "Look at the archived bytes and extend the ladder; tell the owner of a wrong Content-Encoding.",
    ),
    Outcome.LAYOUT_CHANGED: OutcomeRule(
        "The page has no structure that the source's family knows; of an article: none, where earlier ones had it.",
        "Compare with the last capture; change the family or its selectors.",
    ),
    Outcome.LIST_INCOMPLETE: OutcomeRule(
        "Read and declared numbers differ, a page repeated or is dead, the bounds or the budget are broken, or "
        "nothing is wanted where something was before; the detail has the figures.",
        "Compare the list's pages with the captures; mend the paging, the title rule or the bounds.",
    ),
    Outcome.ATTACHMENT_UNPARSED: OutcomeRule(
        "An attachment of a type that cannot be read here.", "Convert it by hand or install the reader."
    ),
    Outcome.ATTACHMENT_NO_TEXT: OutcomeRule(
        "An attachment without a text layer, such as a scan.", "Ask for the text; nothing is guessed."
    ),
    Outcome.PARSE_FAILED: OutcomeRule(
        "Reading an archived page raised an error, which the detail names.",
        "Report it with the capture's id.",
    ),
    Outcome.OFF_SITE: OutcomeRule(
        "A wanted link or redirect leads to a host that the source does not list, to an address that is not "
        "public, or to another scheme than http and https; not asked.",
        "If the host belongs to the owner, add it to the source's hosts.",
    ),
}
"""Rule and next step of every outcome; a test holds it complete."""
