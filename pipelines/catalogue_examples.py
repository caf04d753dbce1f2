"""The made-up sentences of the rule tables: where their number stands, and what reading makes of it.

Used by the checks of the catalogue, which hold every rule to its examples. Nothing is judged here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Any

from pipelines.extraction.catalogue import Catalogue
from pipelines.extraction.facts import extract_observations
from pipelines.extraction.recognition import Match
from pipelines.extraction.steps import Step
from pipelines.extraction.trace import Trace
from pipelines.model import Document, Section

# "开展督察[2]次" "全年[未收到]行政复议申请": the number or negation that the example is about; the last one counts
MARKED = re.compile(r"\[(?P<number>[^\[\]]+)\]")
# The year of the made-up reports, in which nothing but dates depends on it.
_YEAR = 2022


@dataclass(frozen=True)
class ReadExample:
    """What was read at the marked place of an example.

    Attributes:
        text: the sentence without the brackets.
        code: indicator that was found; None when no number was read there.
        rule: name of the rule that decided, None with the code.
        fitting: all rules that fitted the number, best first; empty for zeros in words.
        steps: rules of structure that applied to the number.
    """

    text: str
    code: str | None
    rule: str | None
    fitting: tuple[Match, ...] = ()
    steps: tuple[Step, ...] = ()


def read_example(example: str, catalogue: Catalogue) -> ReadExample:
    """Read an example as the one sentence of an annual report.

    Raises:
        ValueError: no number or negation is marked by brackets.
    """
    marks = list(MARKED.finditer(example))
    if not marks:
        raise ValueError(f"no number or negation in brackets: {example!r}")
    marked = marks[-1]
    text = f"{example[: marked.start()]}{marked['number']}{example[marked.end() :]}。"
    trace = Trace()
    observations, _ = extract_observations(_report(text), [_section(text)], catalogue, trace=trace)
    for observation, (claim, _, _) in zip(observations, trace.claims, strict=True):
        if observation.char_start == marked.start() and observation.value_text.startswith(marked["number"]):
            return ReadExample(text, claim.code, claim.rule, tuple(claim.fitting), claim.steps)
    return ReadExample(text, None, None)


def _report(text: str) -> Document:
    """An annual report that is nothing but this text; all that it does not state is None."""
    known: dict[str, Any] = {
        "document_id": "example",
        "text": text,
        "is_annual_report": True,
        "doc_type": "annual_report",
        "doc_type_reason": "an example of the catalogue",
        "report_year": _YEAR,
        "script": "Hans",
        "container": "text",
        "body_first_line": 1,
        "body_last_line": 1,
    }
    unknown: dict[str, Any] = dict.fromkeys(field.name for field in fields(Document))
    return Document(**{**unknown, **known})


def _section(text: str) -> Section:
    """The text as one section without heading."""
    return Section("example", 0, 0, None, None, (), None, "achievements", 1, 0, 0, len(text), None)
