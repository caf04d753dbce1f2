"""Small gold documents and readings for the tests of scoring; every number of ``TEXT`` is a fact but the last two.

A reading is made from the gold facts themselves, so that it is perfect until a test changes something in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.evaluate import Evaluation, load_gold, score
from pipelines.model import Document, Observation, Page, Reading, Region, Section

NAME = "sample"
TIERS = {"RR_CLOSED": "core", "RR_ACCEPTED": "core", "ENFO_FILES_REVIEWED": "extended"}

HEADING = "一、依法行政"
CLOSED = "全年办结行政复议案件9件,其中维持5件、撤销4件。"
REVIEWED = "评查案卷3至5件,优秀率达到80%。"
VISITS = "接待来访600余人次。"
SLOGAN = "推进七个一工程,至少应当配备1名专职人员。"
TEXT = "\n".join([HEADING, CLOSED, REVIEWED, VISITS, SLOGAN]) + "\n"

FIELDS: dict[str, Any] = {
    "is_annual_report": True,
    "doc_type": "annual_report",
    "title": "某市2017年度法治政府建设工作报告",
    "region": {"code": "510500", "level": "prefecture"},
    "report_year": 2017,
    "issuing_body": "某市人民政府",
    "issuer_type": "government",
    "document_number": None,
    "publication_date": "2018-02-28",
    "signature_date": None,
    "addressee": "省政府",
    "body_first_line": 1,
    "body_last_line": 5,
    "headings": [{"line": 1, "level": 1, "label": "一、", "text": "依法行政", "topic": "ENFO"}],
    "non_facts": [{"type": "slogan", "text": "七个一"}, {"type": "norm", "text": "至少应当配备1名"}],
}


def fact(id_: str, code: str, sentence: str, number: str, **changes: Any) -> dict[str, Any]:
    """A gold line for a number of a sentence of ``TEXT``; all fields that are not given are the usual ones."""
    start = TEXT.index(sentence) + sentence.index(number)
    usual = {
        "id": id_,
        "indicator_phrase": "办结",
        "indicator_code": code,
        "value": float(number),
        "value_max": None,
        "value_text": number,
        "unit": "件",
        "value_type": "count",
        "qualifier": "exact",
        "period": {"type": "year", "value": "2017"},
        "is_plan": False,
        "is_cumulative": False,
        "is_proposed": False,
        "comparison": None,
        "dimension": None,
        "scope": None,
        "authority": None,
        "parent_id": None,
        "duplicate_of": None,
        "section": [HEADING],
        "line": TEXT.count("\n", 0, start) + 1,
        "char_start": start,
        "char_end": start + len(number),
        "sentence": sentence,
        "note": None,
    }
    return usual | changes


FACTS = [
    fact("s-1", "RR_CLOSED", CLOSED, "9"),
    fact("s-2", "RR_CLOSED", CLOSED, "5", dimension="维持", parent_id="s-1"),
    fact("s-3", "RR_CLOSED", CLOSED, "4", dimension="撤销", parent_id="s-1"),
    fact("s-4", "ENFO_FILES_REVIEWED", REVIEWED, "3", value_max=5.0, qualifier="range"),
    fact("s-5", "ENFO_FILES_REVIEWED", REVIEWED, "80", unit="%", value_type="ratio", is_plan=True),
    fact("s-6", "OTHER", VISITS, "600", unit="人次", qualifier="余", is_cumulative=True, authority="法院"),
]


def observation(line: Mapping[str, Any], **changes: Any) -> Observation:
    """The observation that a perfect reader makes of a gold line."""
    values = {key: value for key, value in line.items() if key not in ("period", "section", "alt_codes")}
    period = line["period"] or {"type": "unknown", "value": None}
    made = Observation(
        **values,
        period_type=period["type"],
        period_value=period["value"],
        section=tuple(line["section"]),
        section_id=None,
        topic=None,
        part="achievements",
        sentence_start=TEXT.index(line["sentence"]) if line["sentence"] in TEXT else 0,
        confidence=1.0,
        rule="by hand",
        signals="origin=rule",
    )
    return replace(made, **changes)


def observations(lines: Iterable[Mapping[str, Any]] = FACTS, **changes: dict[str, Any]) -> list[Observation]:
    """Perfect observations, some of them changed: ``observations(s_2={"unit": "宗"})``."""
    return [observation(line, **changes.get(line["id"].replace("-", "_"), {})) for line in lines]


DOCUMENT = Document(
    document_id="0" * 16,
    text=TEXT,
    is_annual_report=True,
    doc_type="annual_report",
    doc_type_reason="title",
    title="某市2017年度法治政府建设工作报告",
    title_source="html",
    title_simplified=None,
    html_title=None,
    site_name=None,
    region=Region("510500", "某市", "prefecture", "地级市", "某省", "510000", "510000", "某省", "title"),
    report_year=2017,
    report_year_source="title",
    issuing_body="某市人民政府",
    issuing_body_inferred=None,
    issuer_type="government",
    document_number=None,
    document_number_raw=None,
    index_number=None,
    publication_date=date(2018, 2, 28),
    publication_date_source="meta",
    generated_date=None,
    addressee="省政府",
    addressee_normalized=None,
    signature_body=None,
    signature_date=None,
    validity=None,
    script="Hans",
    encoding="utf-8",
    body_first_line=1,
    body_last_line=5,
    container="text",
)

SECTION = Section(
    section_id="1",
    ordinal=1,
    level=1,
    label="一、",
    heading="依法行政",
    path=(HEADING,),
    topic="ENFO",
    part="achievements",
    line=1,
    char_start=0,
    body_start=len(HEADING) + 1,
    char_end=len(TEXT),
    parent_section_id=None,
)


def reading(
    observed: Iterable[Observation], document: Document = DOCUMENT, sections: Iterable[Section] = (SECTION,)
) -> Reading:
    """A reading of the sample page."""
    return Reading(Page(NAME, TEXT.encode()), document, tuple(sections), tuple(observed))


def write_gold(
    folder: Path,
    lines: Iterable[Mapping[str, Any]] = FACTS,
    fields: Mapping[str, Any] = FIELDS,
    *,
    name: str = NAME,
    suffix: str = ".txt",
) -> Path:
    """Write a gold document into a folder and give back the folder."""
    (folder / f"{name}{suffix}").write_text(TEXT, encoding="utf-8")
    facts = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (folder / f"{name}.jsonl").write_text(facts, encoding="utf-8")
    (folder / f"{name}.doc.json").write_text(json.dumps(fields, ensure_ascii=False), encoding="utf-8")
    return folder


def evaluate(
    folder: Path,
    observed: Reading | Iterable[Observation],
    lines: Iterable[Mapping[str, Any]] = FACTS,
    fields: Mapping[str, Any] = FIELDS,
    *,
    suffix: str = ".txt",
) -> Evaluation:
    """Score one reading, or the reading of some observations, against gold lines and fields."""
    made = observed if isinstance(observed, Reading) else reading(observed)
    gold = load_gold(write_gold(folder, lines, fields, suffix=suffix))
    return score(gold, {NAME: made}, tiers=TIERS)
