"""Source files: one YAML per portal, checked strictly before anything is asked of anyone.

Reading and checking the files belongs here. Regions and families are referred to, not defined here.
"""

from __future__ import annotations

import glob
import hashlib
import ipaddress
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

import yaml
from jsonschema import Draft202012Validator

from scrapers.families import FAMILIES, OPTION_SCHEMAS
from scrapers.titles import DEFAULT_EXCLUDE, DEFAULT_INCLUDE, TitleRule

SAMPLE_PORT_VARIABLE = "FAZHI_SAMPLE_PORT"
SAMPLE_PORT = re.compile(
    r"\$\{FAZHI_SAMPLE_PORT(?:\+(?P<offset>\d))?:-(?P<default>\d+)\}"
)  # ${FAZHI_SAMPLE_PORT+2:-8733}
ANY_VARIABLE = re.compile(r"\$\{[^}]*\}?")  # ${HOME}
DEFAULT_PAGES = 20
"""Pages of one list read at most, where a source does not say otherwise."""
DEFAULT_BUDGET = 400
"""Requests to a source in one night at most: twenty minutes of asking politely."""
DEFAULT_SECONDS = 3600
"""Time given to a source in one night, so that a slow host cannot take the whole of it."""

Status = Literal["unverified", "verified", "retired"]

PROPOSED_HOSTS = re.compile(
    r"^# attachment_hosts: (\[[^\n]*\])$", re.MULTILINE
)  # # attachment_hosts: [files.example.org]
PATTERN = {"type": "string", "minLength": 1, "format": "regex"}
HOSTS = {"type": "array", "items": {"type": "string", "pattern": r"^[^\s/@]+$"}, "uniqueItems": True}
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "name", "owner", "region", "family", "start_urls"],
    "properties": {
        "id": {"type": "string", "pattern": r"^[a-z0-9][a-z0-9-]{1,62}$"},
        "name": {"type": "string", "minLength": 2},
        "owner": {"type": "string", "minLength": 2},
        "region": {"type": "string", "pattern": r"^[1-9]\d{5}$"},
        "family": {"enum": sorted(FAMILIES)},
        "start_urls": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": {"type": "string", "pattern": r"^https?://[^\s/@]+/\S*$"},
        },
        "hosts": HOSTS,
        "attachment_hosts": HOSTS,
        "api": {"type": "object", "minProperties": 1},
        "status": {"enum": list(get_args(Status))},
        "title": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"include": PATTERN, "exclude": PATTERN},
        },
        "bounds": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "pages": {"type": "integer", "minimum": 1, "maximum": 500},
                "budget": {"type": "integer", "minimum": 1, "maximum": 100_000},
                "seconds": {"type": "integer", "minimum": 1, "maximum": 86_400},
                "candidates": {
                    "type": "array",
                    "items": {"type": "integer", "minimum": 0},
                    "minItems": 2,
                    "maxItems": 2,
                },
            },
        },
        "notes": {"type": "string"},
        "sample": {"type": "boolean"},
    },
}
"""JSON Schema of a source file; what it cannot say is checked in :func:`parse_source`."""


class SourceFileError(ValueError):
    """A source file cannot be used; the message names the file and the key."""


@dataclass(frozen=True)
class SourceConfig:
    """A portal to be crawled, as its file describes it.

    Attributes:
        source_id: stable id, also the key in the ledger.
        name: the site's name.
        owner: the body that runs the site, such as 泸州市人民政府.
        region_code: GB/T 2260 code of the owner's division.
        family: a key of :data:`scrapers.families.FAMILIES`.
        start_urls: first pages of the lists.
        hosts: every ``host[:port]`` that may be asked, those of the start pages included.
        titles: which entries to fetch.
        max_pages: pages of one list read at most.
        candidates: lowest and highest number of wanted entries that is believable; None when unbounded.
        max_requests: requests in one night at most, those for robots.txt included.
        max_seconds: time given to the source in one night.
        attachment_hosts: further ``host[:port]`` that files of articles, and nothing else, may come from.
        options: what the family needs to know of this portal, such as where a JSON answer keeps its titles.
        status: whether a person has confirmed that the source is read rightly. What an unverified source brings
            is marked so; a retired one stays on file for its history and is not asked any more.
        is_sample: a bundled portal on loopback, asked without delay.
        config_sha256: hash of the file's content, after the sample port was filled in.
    """

    source_id: str
    name: str
    owner: str
    region_code: str
    family: str
    start_urls: tuple[str, ...]
    hosts: frozenset[str]
    titles: TitleRule
    max_pages: int
    candidates: tuple[int, int] | None
    is_sample: bool
    config_sha256: str
    max_requests: int = DEFAULT_BUDGET
    max_seconds: int = DEFAULT_SECONDS
    attachment_hosts: frozenset[str] = frozenset()
    options: Mapping[str, Any] = field(default_factory=dict)
    status: Status = "verified"

    def allows(self, url: str) -> bool:
        """Whether an address lies on a host of this source, over http or https."""
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and parts.netloc.lower() in self.hosts

    def allows_file(self, url: str) -> bool:
        """Whether a file of an article may be fetched from there: also from the hosts named for files."""
        parts = urlsplit(url)
        allowed = self.hosts | self.attachment_hosts
        return parts.scheme in {"http", "https"} and parts.netloc.lower() in allowed


class _StrictLoader(yaml.SafeLoader):
    """A safe loader that refuses a key given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        twice = sorted({str(key) for key in keys if keys.count(key) > 1})
        if twice:
            raise SourceFileError(f"{twice[0]}: given twice")
        return super().construct_mapping(node, deep=deep)


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)


def fill_in_sample_port(text: str) -> str:
    """Replace ``${FAZHI_SAMPLE_PORT+N:-PORT}`` by the base port of the environment plus N, else by PORT.

    Raises:
        SourceFileError: any other variable, or a base port that is no number.
    """

    def port(found: re.Match[str]) -> str:
        base = os.environ.get(SAMPLE_PORT_VARIABLE)
        if not base:
            return found["default"]
        if not base.isdigit():
            raise SourceFileError(f"${SAMPLE_PORT_VARIABLE} is no port number: {base!r}")
        return str(int(base) + int(found["offset"] or 0))

    filled = SAMPLE_PORT.sub(port, text)
    if unknown := ANY_VARIABLE.search(filled):
        raise SourceFileError(f"{unknown[0]}: only ${{{SAMPLE_PORT_VARIABLE}:-PORT}} is filled in")
    return filled


def is_loopback(netloc: str) -> bool:
    """Whether a ``host[:port]`` is this machine."""
    host = urlsplit(f"//{netloc}").hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def proposed_file_hosts(text: str) -> list[str]:
    """The hosts for files that a source file only proposes, in a comment: a person must have looked first."""
    return [host for found in PROPOSED_HOSTS.findall(text) for host in yaml.safe_load(found)]


def _compile(pattern: str, key: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise SourceFileError(f"{key}: not a regular expression: {error}") from error


def _check_options(data: Mapping[str, Any]) -> None:
    """Check what the file says to its family under ``api``.

    Raises:
        SourceFileError: the family takes nothing, or something else.
    """
    schema, options = OPTION_SCHEMAS.get(data["family"]), data.get("api", {})
    if schema is None and options:
        raise SourceFileError(f"api: family {data['family']!r} takes no options")
    for error in Draft202012Validator(schema or {}).iter_errors(options):
        raise SourceFileError(f"{'.'.join(['api', *map(str, error.absolute_path)])}: {error.message}")


def parse_source(text: str) -> SourceConfig:
    """Read the content of one source file.

    Raises:
        SourceFileError: with the offending key first in the message.
    """
    filled = fill_in_sample_port(text)
    try:
        data = yaml.load(filled, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader underneath
    except yaml.YAMLError as error:
        raise SourceFileError(f"not YAML: {' '.join(str(error).split())}") from error
    problems = sorted(_validator().iter_errors(data), key=lambda error: list(map(str, error.absolute_path)))
    if problems:
        first = problems[0]
        key = ".".join(map(str, first.absolute_path)) or "(top level)"
        raise SourceFileError(f"{key}: {first.message}")
    hosts = frozenset(urlsplit(url).netloc.lower() for url in data["start_urls"]) | {
        host.lower() for host in data.get("hosts", [])
    }
    attachment_hosts = frozenset(host.lower() for host in data.get("attachment_hosts", []))
    is_sample = bool(data.get("sample", False))
    for host in sorted(hosts | attachment_hosts):
        if is_loopback(host) != is_sample:
            need = "must be loopback in a sample" if is_sample else "loopback needs sample: true"
            raise SourceFileError(f"start_urls/hosts/attachment_hosts: {host}: {need}")
    bounds, title = data.get("bounds", {}), data.get("title", {})
    candidates = tuple(bounds["candidates"]) if "candidates" in bounds else None
    if candidates and candidates[0] > candidates[1]:
        raise SourceFileError(f"bounds.candidates: {list(candidates)}: lowest first")
    _check_options(data)
    return SourceConfig(
        source_id=data["id"],
        name=data["name"],
        owner=data["owner"],
        region_code=data["region"],
        family=data["family"],
        start_urls=tuple(data["start_urls"]),
        hosts=hosts,
        titles=TitleRule(
            include=_compile(title.get("include", DEFAULT_INCLUDE), "title.include"),
            exclude=_compile(title.get("exclude", DEFAULT_EXCLUDE), "title.exclude"),
        ),
        max_pages=bounds.get("pages", DEFAULT_PAGES),
        candidates=candidates,
        is_sample=is_sample,
        config_sha256=hashlib.sha256(json.dumps(data, ensure_ascii=False, sort_keys=True).encode()).hexdigest(),
        max_requests=bounds.get("budget", DEFAULT_BUDGET),
        max_seconds=bounds.get("seconds", DEFAULT_SECONDS),
        attachment_hosts=attachment_hosts,
        options=data.get("api", {}),
        status=data.get("status", "verified" if is_sample else "unverified"),
    )


def source_files(patterns: Iterable[str]) -> list[Path]:
    """Resolve folders (their ``*.yml``), globs and files to a sorted list of files.

    Raises:
        SourceFileError: a pattern that matches nothing.
    """
    found: set[Path] = set()
    for pattern in patterns:
        path = Path(pattern)
        matches = sorted(path.glob("*.yml")) if path.is_dir() else [Path(name) for name in glob.glob(pattern)]  # noqa: PTH207 - patterns may be absolute
        if not matches:
            raise SourceFileError(f"{pattern}: no source files there")
        found.update(matches)
    return sorted(found)


def load_sources(patterns: Sequence[str]) -> list[SourceConfig]:
    """Load every source file that the patterns name, in order of their ids.

    Raises:
        SourceFileError: naming file and key.
    """
    loaded: dict[str, tuple[Path, SourceConfig]] = {}
    for path in source_files(patterns):
        try:
            source = parse_source(path.read_text(encoding="utf-8"))
        except (SourceFileError, UnicodeDecodeError) as error:
            raise SourceFileError(f"{path}: {error}") from error
        if source.source_id in loaded:
            other = loaded[source.source_id][0]
            raise SourceFileError(f"{path}: id: {source.source_id!r} is already used by {other}")
        loaded[source.source_id] = (path, source)
    return [source for _, (_, source) in sorted(loaded.items())]
