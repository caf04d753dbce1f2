"""What the catalogue knows of one indicator: ``fazhi catalogue explain`` without the command line.

The tables in readable form, and a few numbers of the latest release; nothing is judged here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pipelines.catalogue_tables import Row, Tables, load_tables
from warehouse.paths import Home

MOST_SAMPLES = 5
"""Numbers of the latest release that are shown."""
_MOST_NEAREST = 5

# "{规范性文件}": a noun on either side of the number
_NOUN = re.compile(r"\{(?!\d)([^{}]*)\}")
# "(的)?" "(申请|案件)*"
_OPTIONAL = re.compile(r"\(([^()]*)\)[?*]")
# "会议?": one character that may be left out
_OPTIONAL_CHARACTER = re.compile(r"([一-鿿])\?")
# "[^,;。]{0,40}?" "~": anything in between
_GAP = re.compile(r"\[\^[^\]]*\]\{[^}]*\}\??|\.\{[^}]*\}\??|~")
# "(?<!不予)": words that must not stand before
_NOT_BEFORE = re.compile(r"\(\?<!([^()]*)\)")
# "(?!合同)": words that must not follow
_NOT_BEHIND = re.compile(r"\(\?!([^()]*)\)")

_SAMPLES = """
select sentence, value_text, value, unit, region_name, report_year, rule, confidence
from fct_observation
where is_current and indicator_code = '{code}'
order by confidence desc, report_year desc, region_name, observation_id
limit {most}
"""


class UnknownIndicatorError(ValueError):
    """No indicator has this code; names those that come nearest."""


@dataclass(frozen=True)
class RuleInWords:
    """A rule as a person reads it, with its row as it stands."""

    rule_id: str
    reads: str
    pattern: str
    context: str | None
    forbid: str | None
    units: tuple[str, ...]
    dimension: str | None
    comparison: str | None
    examples: tuple[str, ...]


@dataclass(frozen=True)
class IdentityInWords:
    """An identity that an indicator takes part in."""

    identity_id: str
    kind: str
    severity: str
    description: str
    role: str


@dataclass(frozen=True)
class Sample:
    """A number of the latest release."""

    sentence: str
    value_text: str
    value: float
    unit: str | None
    region: str | None
    year: int | None
    rule: str
    confidence: float


@dataclass(frozen=True)
class IndicatorExplanation:
    """Everything about one indicator; ``facts`` are the cells of its row, empty ones left out.

    ``samples`` is None where there is no release.
    """

    code: str
    facts: Mapping[str, str]
    parts: tuple[str, ...]
    dimensions: Mapping[str, str]
    identities: tuple[IdentityInWords, ...]
    rules: tuple[RuleInWords, ...]
    zero_rules: tuple[RuleInWords, ...]
    samples: tuple[Sample, ...] | None

    def to_json(self) -> dict[str, Any]:
        """The object that ``fazhi catalogue explain --json`` prints."""
        return asdict(self)


def explain_indicator(code: str, folder: Path, home: Home) -> IndicatorExplanation:
    """Gather what the tables of a folder and the latest release say of an indicator.

    Raises:
        UnknownIndicatorError: no indicator has this code.
        ValueError: a table cannot be read.
    """
    tables, faults = load_tables(folder)
    if faults:
        raise ValueError("; ".join(f"{fault.table}.csv: {fault.message}" for fault in faults))
    row = next((row for row in tables["indicators"] if row["code"] == code), None)
    if row is None:
        raise UnknownIndicatorError(_unknown(code, tables["indicators"]))
    return IndicatorExplanation(
        code=code,
        facts={name: value for name, value in row.items() if value and name != "code"},
        parts=tuple(each["code"] for each in tables["indicators"] if each["part_of"] == code),
        dimensions={each["label"]: each["pattern"] for each in _values_of(code, tables)},
        identities=tuple(_identities(code, tables)),
        rules=tuple(_rules(code, tables, "indicator_rules")),
        zero_rules=tuple(_rules(code, tables, "indicator_zero_rules")),
        samples=_samples(code, home),
    )


def in_words(pattern: str) -> str:
    """Write a pattern of the rule language as a person reads it.

    ``…`` is anything within the clause, ``[ ]`` may be left out, ``/`` separates alternatives, ``⟨N⟩`` is the
    number with its unit, ``⟨M⟩`` another number, ``⟨0⟩`` a word for none; a noun joined by ``⇄`` may stand on
    either side of the number.

    >>> in_words("受理{行政复议(案件|申请)?}")
    '受理行政复议[案件/申请]⇄⟨N⟩'
    >>> in_words("(?<!不予)受理~N")
    '受理…⟨N⟩ (not behind 不予)'
    """
    notes = [f"not behind {words.replace('|', '/')}" for words in _NOT_BEFORE.findall(pattern)]
    notes += [f"without {words.replace('|', '/')} next" for words in _NOT_BEHIND.findall(pattern)]
    text = _NOT_BEHIND.sub("", _NOT_BEFORE.sub("", pattern))
    text = _GAP.sub("…", text)
    while (shorter := _OPTIONAL.sub(r"[\1]", text)) != text:
        text = shorter
    text = _OPTIONAL_CHARACTER.sub(r"[\1]", text)
    text = _NOUN.sub(r"\1⇄N", text)
    for sign, shown in (("N", "⟨N⟩"), ("M", "⟨M⟩"), ("Z", "⟨0⟩"), ("|", "/"), ("\\", "")):
        text = text.replace(sign, shown)
    return text + (f" ({'; '.join(notes)})" if notes else "")


def _unknown(code: str, indicators: Sequence[Row]) -> str:
    """Name the indicators whose code or Chinese name comes nearest to ``code``."""
    wanted = code.upper()
    words = {row["code"]: row["name_zh"] for row in indicators}
    found = [each for each, name in words.items() if wanted in each or code in name or _share(code, name)]
    found.sort(key=lambda each: -len(set(code) & set(words[each])))
    found += [each for each in get_close_matches(wanted, words, _MOST_NEAREST, 0.5) if each not in found]
    nearest = ", ".join(f"{each} {words[each]}" for each in found[:_MOST_NEAREST])
    return f"no indicator has the code {code}" + (f"; nearest: {nearest}" if nearest else "")


def _share(words: str, name: str) -> bool:
    """True when a Chinese name has two characters in a row of the words asked for."""
    return any(words[at : at + 2] in name for at in range(len(words) - 1) if words[at] > "一")


def _values_of(code: str, tables: Tables) -> Iterator[Row]:
    return (row for row in tables["dimension_values"] if code in row["codes"].split())


def _identities(code: str, tables: Tables) -> Iterator[IdentityInWords]:
    """The identities that have the indicator as their total or among their terms."""
    sides: dict[str, list[str]] = {}
    for term in tables["identity_terms"]:
        if term["term_code"] == code:
            sides.setdefault(term["identity_id"], []).append(term["side"])
    for row in tables["identity_rules"]:
        roles = ["total"] * (row["total_code"] == code) + sides.get(row["identity_id"], [])
        if roles:
            role = ", ".join(dict.fromkeys(roles))
            yield IdentityInWords(row["identity_id"], row["kind"], row["severity"], row["description"], role)


def _rules(code: str, tables: Tables, table: str) -> Iterator[RuleInWords]:
    """The rules of the indicator, each with all its examples."""
    for row in tables[table]:
        if row["code"] != code:
            continue
        further = [each["example"] for each in tables["indicator_rule_examples"] if each["rule_id"] == row["rule_id"]]
        yield RuleInWords(
            rule_id=row["rule_id"],
            reads=in_words(row["pattern"]),
            pattern=row["pattern"],
            context=row["context"] or None,
            forbid=row["forbid"] or None,
            units=tuple(filter(None, row.get("units", "").split("|"))),
            dimension=row.get("dimension") or None,
            comparison=row.get("comparison") or None,
            examples=(row["example"], *further),
        )


def _samples(code: str, home: Home) -> tuple[Sample, ...] | None:
    """Numbers of the latest release, the surest of each region and year first; None where nothing was published."""
    from pipelines.querying import NoReleaseError, ask

    try:
        answer = ask(home, _SAMPLES.format(code=code, most=MOST_SAMPLES))
    except NoReleaseError:
        return None
    return tuple(Sample(*row) for row in answer.rows)
