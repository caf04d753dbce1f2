"""The review list: numbers of the release that wait for a person, and decisions on them.

Decisions are written by the desk, which holds them against its own rules; here a form is read and its answer shown.
Only an explorer that was started for it takes decisions, and only from its own pages.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from explorer.desk import Decided, Decision, DecisionRefusedError, DeskError, NumberKey
from explorer.divisions import asked_division, offered, stem
from explorer.paging import paging
from explorer.releases import Release, Row
from explorer.web import CONTROL, BadParameterError, View, page_route

ROWS_SHOWN = 20
LONGEST_BODY = 32_000
LONGEST_FIELD = 2_000
MOST_FIELDS = 20
FILTERS = ("reason", "indicator", "region", "page", "lang", "release")
FORM_TYPE = "application/x-www-form-urlencoded"

_FROM = """
from fct_review
where ($reason is null or reason = $reason)
    and ($indicator is null or indicator_code = $indicator)
    and ($stem is null or starts_with(region_code, $stem))
"""
_ROWS = f"""
select *
{_FROM}
order by report_year desc, region_code, report_id, char_start, observation_id, reason
limit $limit offset $offset
"""
_INDICATORS = """
select indicator_code, dim_indicator.name_zh, dim_indicator.name_en, count(*) as count
from fct_review
left join dim_indicator using (indicator_code)
group by all
order by count desc, indicator_code
"""


@dataclass(frozen=True)
class Refusal:
    """A decision that was not taken.

    Attributes:
        why: what to mend.
        status: of the answer.
        form: what was typed, by field.
    """

    why: str
    status: int
    form: Mapping[str, str] = field(default_factory=dict)


def counts(release: Release) -> Sequence[Row]:
    """Return how many numbers wait, by reason."""

    def ask() -> list[Row]:
        return release.rows("select reason, count(*) as count from fct_review group by reason order by count desc, 1")

    return release.remember("health.review", ask)


def review_page(view: View, refusal: Refusal | None = None) -> Response:
    """Return the list, those of a report together; with what was typed when a decision was refused."""
    release = view.release
    reasons = counts(release)
    indicators = release.remember("health.review.indicators", lambda: release.rows(_INDICATORS))
    region = asked_division(view)
    wanted = {
        "reason": view.choice("reason", ("", *(row["reason"] for row in reasons)), "") or None,
        "indicator": view.choice("indicator", ("", *(row["indicator_code"] for row in indicators)), "") or None,
        "stem": stem(region) if region else None,
    }
    count = (release.row(f"select count(*) as count {_FROM}", wanted) or {"count": 0})["count"]
    page = paging(view, count, ROWS_SHOWN)
    rows = release.rows(_ROWS, wanted | {"limit": page.size, "offset": page.offset})
    decided, problem = _decided(view)
    answer = view.page(
        "health_review.html",
        HTTPStatus.OK if refusal is None else refusal.status,
        rows=[(row, decided.get(_key(row))) for row in rows],
        wanted=wanted | {"region": region},
        reasons=reasons,
        indicators={row["indicator_code"]: row for row in indicators},
        provinces=offered(release, _codes(release), region),
        paging=page,
        problem=problem,
        refusal=refusal,
        actions=view.site.desk.actions if view.site.desk else {},
        token=None if view.is_pinned else view.site.token,
        filters={name: view.request.query_params.get(name) for name in FILTERS},
        who=view.text("who"),
        written=next((each for each in decided.values() if each.decision_id == view.text("written")), None),
    )
    # With the policy of all pages a browser would not say where a form comes from.
    answer.headers["referrer-policy"] = "same-origin"
    return answer


def decide_page(view: View) -> Response:
    """Take a decision and go back to the list; refused, show the list with what was typed and why."""
    form: dict[str, str] = view.request.state.form
    if view.site.token is None or view.site.desk is None:
        return _forbidden(view, "health.refused.no_edit")
    if not is_own_page(view.request):
        return _forbidden(view, "health.refused.origin")
    if not secrets.compare_digest(form.get("token", "").encode(), view.site.token.encode()):
        return _forbidden(view, "health.refused.token")
    try:
        written = view.site.desk.decide(_decision(view, form))
    except DecisionRefusedError as error:
        return review_page(view, Refusal(str(error), HTTPStatus.UNPROCESSABLE_ENTITY, form))
    except DeskError as error:
        return review_page(view, Refusal(str(error), HTTPStatus.SERVICE_UNAVAILABLE, form))
    kept = {name: view.request.query_params.get(name) for name in FILTERS}
    address = view.link("/health/review", **kept, who=form["who"], written=written)
    return RedirectResponse(f"{address}#{form['document_id']}-{form['observation_id']}", HTTPStatus.SEE_OTHER)


def is_own_page(request: Request) -> bool:
    """Whether a form was sent from a page of this explorer, as far as the browser says; it must say so."""
    origin = request.headers.get("origin")
    own = f"{request.url.scheme}://{request.headers['host']}"
    if origin not in (None, own):
        return False
    fetch_site = request.headers.get("sec-fetch-site")
    return fetch_site == "same-origin" if fetch_site is not None else origin == own


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of a form.

    Raises:
        ValueError: it is too long, of another type, or no form.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM_TYPE:
        raise ValueError(f"the form must be {FORM_TYPE}")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_BODY:
            raise ValueError(f"the form is longer than {LONGEST_BODY:,} bytes")
    fields = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    return {name: values[-1] for name, values in fields.items()}


def _decision(view: View, form: Mapping[str, str]) -> Decision:
    """Read the form.

    Raises:
        BadParameterError: a field is too long or holds control characters.
        DecisionRefusedError: something is missing, or is no number.
    """
    for name, text in form.items():
        if len(text) > LONGEST_FIELD or CONTROL.search(text):
            raise BadParameterError(name, CONTROL.sub("�", text))
    given = {name: form.get(name, "").strip() for name in ("action", "value", "reason", "evidence", "who", "replacing")}
    desk = view.site.desk
    if desk is None or given["action"] not in desk.actions:
        raise DecisionRefusedError(view.label("health.refused.action"))
    for name in ("reason", "who"):
        if not given[name]:
            raise DecisionRefusedError(view.label(f"health.refused.{name}"))
    return Decision(
        document_id=form.get("document_id", ""),
        observation_id=form.get("observation_id", ""),
        action=given["action"],
        value=_value(view, given["value"], is_wanted=desk.actions[given["action"]]),
        reason=given["reason"],
        evidence=given["evidence"],
        decided_by=given["who"],
        replacing=given["replacing"] or None,
    )


def _value(view: View, text: str, *, is_wanted: bool) -> float | None:
    if not is_wanted:
        if text:
            raise DecisionRefusedError(view.label("health.refused.no_value"))
        return None
    try:
        return float(text.replace(",", ""))
    except ValueError as error:
        raise DecisionRefusedError(view.label("health.refused.value", value=text)) from error


def _decided(view: View) -> tuple[Mapping[NumberKey, Decided], str | None]:
    if view.site.desk is None:
        return {}, None
    try:
        return view.site.desk.decided(), None
    except DeskError as error:
        return {}, str(error)


def _key(row: Row) -> NumberKey:
    return NumberKey(row["url"], row["indicator_code"], row["dimension"] or "", row["value_text"], row["sentence"])


def _codes(release: Release) -> list[Any]:
    def ask() -> list[Any]:
        return [row["region_code"] for row in release.rows("select distinct region_code from fct_review")]

    return release.remember("health.review.codes", ask)


def _forbidden(view: View, key: str) -> Response:
    return view.page("health_refused.html", HTTPStatus.FORBIDDEN, why=key)


def _back(view: View) -> Response:
    """Whoever opens the address of the form by hand is taken to the list."""
    query = view.request.url.query
    return RedirectResponse(f"/health/review?{query}" if query else "/health/review", HTTPStatus.SEE_OTHER)


_DECIDE = page_route("/health/decide", decide_page, methods=("POST",))
_LOOK = page_route("/health/decide", _back)


async def _endpoint(request: Request) -> Response:
    """Read the form before the page, which runs in a thread and cannot wait for it."""
    route = _DECIDE if request.method == "POST" else _LOOK
    if request.method == "POST":
        try:
            request.state.form = await read_form(request)
        except ValueError as error:
            return PlainTextResponse(str(error), HTTPStatus.BAD_REQUEST)
    answer: Response = await route.endpoint(request)
    return answer


ROUTES = (
    page_route("/health/review", review_page),
    Route("/health/decide", _endpoint, methods=["GET", "POST"]),
)
