"""What every page shares: the view of one request (release, language, parameters), links, answers and errors.

A page is a function from a view to an answer. Parameters are read here and nowhere else: what does not fit becomes a
page that names the parameter and its value, never a default. What single pages show does not belong here.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from explorer.labels import DEFAULT_LANGUAGE, LANGUAGES, Language, has_label, label
from explorer.releases import NoReleaseError, Release, ReleaseGoneError, Releases
from warehouse.publish import SPREADSHEET_HAZARD

if TYPE_CHECKING:
    from explorer.desk import Desk

TEMPLATES = Path(__file__).parent / "templates"
BYTE_ORDER_MARK = "\ufeff"
LONGEST_PARAMETER = 500
MOST_VALUES = 40
"""How often a parameter may stand in one address: more regions would fit in no plot."""

# "=1+1", "＠sum(a1)": cells that a spreadsheet would run or change (the rule of the Excel files of a release)
HAZARD = re.compile(SPREADSHEET_HAZARD, re.ASCII)
# "\x00": what no parameter needs, and what pages must not repeat
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# "fct_coverage 2019.csv": characters of a file name that are left out
NO_FILE_NAME = re.compile(r"[^0-9A-Za-z._-]+")


class BadParameterError(ValueError):
    """A parameter of the address cannot be used."""

    def __init__(self, name: str, value: str) -> None:
        super().__init__(f"{name}={value}")
        self.name = name
        self.value = value


class NotFoundError(LookupError):
    """The release holds nothing under this name."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True)
class Site:
    """What the pages of one explorer share.

    Attributes:
        releases: the releases of the data home.
        desk: the nights and the decisions; None where nobody gave one.
        archive: folder of the WARC files.
        search_folder: where the indexes for searching lie.
        token: what a form must send back; None when nothing may be changed.
    """

    releases: Releases
    desk: Desk | None
    archive: Path
    search_folder: Path
    token: str | None


@dataclass(frozen=True)
class View:
    """One request.

    Attributes:
        request: as Starlette gives it.
        site: what all pages share.
        release: the release that is looked at.
        language: of labels.
        is_pinned: whether the address names the release, rather than taking the newest.
    """

    request: Request
    site: Site
    release: Release
    language: Language
    is_pinned: bool

    def label(self, key: str, **values: object) -> str:
        """Return a text in the language of the view."""
        return label(key, self.language, **values)

    def text(self, name: str, default: str = "") -> str:
        """Return a parameter of the address as text.

        Raises:
            BadParameterError: it is too long or holds control characters.
        """
        return _checked(name, self.request.query_params.get(name, default)).strip()

    def texts(self, name: str) -> list[str]:
        """Return every value of a parameter that may stand more than once, without repetitions.

        Raises:
            BadParameterError: there are too many, or one cannot be used.
        """
        values = [_checked(name, value).strip() for value in self.request.query_params.getlist(name)]
        if len(values) > MOST_VALUES:
            raise BadParameterError(name, f"{len(values)} × {values[0]}")
        return list(dict.fromkeys(filter(None, values)))

    def choice(self, name: str, options: Sequence[str], default: str) -> str:
        """Return a parameter that must be one of some words.

        Raises:
            BadParameterError: it is none of them.
        """
        value = self.text(name, default) or default
        if value not in options:
            raise BadParameterError(name, value)
        return value

    def number(self, name: str, among: Sequence[int], default: int | None = None) -> int | None:
        """Return a parameter that must be one of some numbers; the default when the address has none.

        Raises:
            BadParameterError: it is none of them.
        """
        value = self.text(name)
        if not value:
            return default
        found = next((each for each in among if str(each) == value), None)
        if found is None:
            raise BadParameterError(name, value)
        return found

    def path(self, name: str) -> str:
        """Return a part of the path.

        Raises:
            BadParameterError: it is too long or holds control characters.
        """
        return _checked(name, str(self.request.path_params[name]))

    def link(self, path: str, **parameters: object) -> str:
        """Return an address of the explorer that keeps language and pinned release; None and "" are left out."""
        kept: dict[str, object] = dict(parameters)
        if self.language != DEFAULT_LANGUAGE:
            kept.setdefault("lang", self.language)
        if self.is_pinned:
            kept.setdefault("release", self.release.name)
        return _address(path, kept)

    def here(self, **changes: object) -> str:
        """Return the address of this view with some parameters changed (None takes one out)."""
        query = self.request.query_params
        present: dict[str, object] = {name: query.getlist(name) for name in query}
        return _address(self.request.url.path, present | changes)

    @property
    def permalink(self) -> str:
        """The address that reproduces this view, release and language included."""
        return self.here(release=self.release.name, lang=self.language)

    def page(self, template: str, status: int = 200, **context: Any) -> Response:
        """Return a page made from a template."""
        html = (
            environment()
            .get_template(template)
            .render(view=self, t=self.label, link=self.link, release=self.release, language=self.language, **context)
        )
        return HTMLResponse(html, status_code=status)

    def csv(self, name: str, rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> Response:
        """Return rows as a CSV file that Excel opens rightly: UTF-8 with its mark, cells that run nothing."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_cell(row[column]) for column in columns] for row in rows)
        return download(BYTE_ORDER_MARK + text.getvalue(), f"{name}.csv", "text/csv")


Page = Callable[[View], Response]


def page_route(path: str, page: Page, methods: Sequence[str] = ("GET",)) -> Route:
    """Return a route that hands a view of each request to a page, in a thread of its own."""

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(partial(_answer, request, page))

    return Route(path, endpoint, methods=list(methods), name=path)


def download(content: str | bytes, name: str, media_type: str) -> Response:
    """Return content as a file to keep."""
    safe = NO_FILE_NAME.sub("-", name).strip("-")
    disposition = f"attachment; filename=\"{safe}\"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(content, media_type=media_type, headers={"content-disposition": disposition})


def environment() -> Environment:
    """Return the templates; every value is escaped, and a name that is missing is an error."""
    return _ENVIRONMENT


def _answer(request: Request, page: Page) -> Response:
    site: Site = request.app.state.site
    language: Language = DEFAULT_LANGUAGE
    try:
        language = _language(request)
        pinned = _checked("release", request.query_params.get("release", ""))
        release = site.releases.named(pinned) if pinned else site.releases.newest()
        return page(View(request, site, release, language, bool(pinned)))
    except BadParameterError as error:
        return _problem(request, language, 400, "bad_parameter", name=error.name, value=error.value[:200])
    except NotFoundError as error:
        return _problem(request, language, 404, "not_found", what=error.what[:200])
    except ReleaseGoneError as error:
        return _problem(request, language, 410, "release_gone", name=str(error)[:200])
    except NoReleaseError:
        return _problem(request, language, 200, "no_release")


def _problem(request: Request, language: Language, status: int, kind: str, **values: object) -> Response:
    html = (
        environment()
        .get_template("problem.html")
        .render(t=partial(label, language=language), language=language, kind=kind, values=values, path=request.url.path)
    )
    return HTMLResponse(html, status_code=status)


def _language(request: Request) -> Language:
    asked = request.query_params.get("lang", DEFAULT_LANGUAGE)
    found = next((language for language in LANGUAGES if language == asked), None)
    if found is None:
        raise BadParameterError("lang", _checked("lang", asked))
    return found


def _checked(name: str, value: str) -> str:
    if len(value) > LONGEST_PARAMETER or CONTROL.search(value):
        raise BadParameterError(name, CONTROL.sub("�", value))
    return value


def _address(path: str, parameters: Mapping[str, object]) -> str:
    pairs: list[tuple[str, str]] = []
    for name, value in parameters.items():
        values = value if isinstance(value, list | tuple) else [value]
        pairs.extend((name, str(each)) for each in values if each is not None and each != "")
    return quote(path, safe="/:") + (f"?{urlencode(pairs)}" if pairs else "")


def _cell(value: object) -> object:
    if isinstance(value, str) and HAZARD.search(value):
        return f"'{value}"
    return value


def _figure(value: float | None) -> str:
    """Return a number as people write it: "1,234", "98.5"; nothing for none."""
    if value is None:
        return ""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4f}".rstrip("0").rstrip(".")


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters["figure"] = _figure
_ENVIRONMENT.tests["labelled"] = has_label
