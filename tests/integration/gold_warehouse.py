"""A warehouse filled from the gold files and a small invented ledger: input for the tests of marts and releases.

Not a test; no reading happens here, so that the tables are tested on what is known to be right.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from pipelines.rows import PATH_SEPARATOR
from warehouse.duck import Warehouse
from warehouse.raw_tables import metadata

GOLD = Path(__file__).resolve().parent.parent / "gold"
FIRST_NIGHT = datetime(2026, 4, 20, 18, 0, tzinfo=UTC)
Row = dict[str, Any]


@dataclass
class Raw:
    """Raw rows by table, to be changed by a test before they are loaded."""

    tables: dict[str, list[Row]] = field(default_factory=lambda: {table.name: [] for table in metadata.sorted_tables})

    def add(self, table: str, **values: Any) -> Row:
        """Add a row; columns not given are null."""
        row = {column.name: None for column in metadata.tables[f"raw.{table}"].columns} | values
        self.tables[table].append(row)
        return row

    def load(self, path: Path) -> None:
        """Put all rows into the warehouse file."""
        ledger = ("source", "crawl_run", "capture", "attempt")
        reading = ("document", "section", "observation", "item", "citation", "issue", "read_state")
        with Warehouse(path) as warehouse:
            warehouse.load_ledger_tables({name: self.frame(name) for name in ledger})
            warehouse.replace_documents({name: self.tables[name] for name in reading})

    def frame(self, table: str) -> pd.DataFrame:
        """The rows of a ledger table, as the ledger hands them over."""
        columns = [column.name for column in metadata.tables[f"raw.{table}"].columns]
        return pd.DataFrame(self.tables[table], columns=columns, dtype=object)


def add_source(raw: Raw, source_id: str, region_code: str) -> None:
    """Add a portal with a list page that was read."""
    raw.add(
        "source",
        source_id=source_id,
        name=source_id,
        owner=source_id,
        region_code=region_code,
        family="generic",
        start_urls=[f"http://127.0.0.1/{source_id}/"],
        config_sha256="0" * 64,
        first_seen_at=FIRST_NIGHT,
        last_seen_at=FIRST_NIGHT,
        is_sample=True,
        status="verified",
    )
    add_attempt(raw, source_id, f"http://127.0.0.1/{source_id}/", kind="list")


def add_attempt(
    raw: Raw,
    source_id: str,
    url: str,
    *,
    kind: str = "article",
    outcome: str = "fetched",
    night: int = 0,
    capture_id: str | None = None,
) -> Row:
    """Add an attempt in the given night, counted from the first."""
    attempt_id = len(raw.tables["attempt"]) + 1
    return raw.add(
        "attempt",
        attempt_id=attempt_id,
        run_id=f"night-{night}",
        source_id=source_id,
        url=url,
        kind=kind,
        outcome=outcome,
        http_status=200,
        payload_bytes=1000,
        duration_ms=10,
        started_at=FIRST_NIGHT + timedelta(days=night, seconds=attempt_id),
        host="127.0.0.1",
        capture_id=capture_id,
    )


def add_capture(raw: Raw, source_id: str, name: str, url: str, night: int = 0) -> str:
    """Add an archived article and the attempt that brought it; its id is returned."""
    capture_id = f"capture-{name}"
    seen = FIRST_NIGHT + timedelta(days=night)
    raw.add(
        "capture",
        capture_id=capture_id,
        source_id=source_id,
        url=url,
        kind="article",
        payload_sha256=name.ljust(64, "0"),
        content_type="text/html",
        http_status=200,
        fetched_at=seen,
        run_id=f"night-{night}",
        warc_file="sample.warc.gz",
        warc_offset=len(raw.tables["capture"]) * 1000,
        warc_length=1000,
        payload_bytes=1000,
        first_seen_at=seen,
        last_seen_at=seen,
    )
    add_attempt(raw, source_id, url, night=night, capture_id=capture_id)
    return capture_id


def add_document(
    raw: Raw,
    name: str,
    source_id: str,
    gold: Row,
    text: str,
    *,
    night: int = 0,
    url: str | None = None,
) -> Row:
    """Add a document with the fields of a gold document, its capture and its reading state."""
    url = url or f"http://127.0.0.1/{source_id}/{name}.html"
    capture_id = add_capture(raw, source_id, name, url, night)
    region = gold.get("region") or {}
    raw.add("read_state", capture_id=capture_id, document_id=name, cleaner_version="1", extractor_version="1")
    same_names = (
        "is_annual_report",
        "doc_type",
        "title",
        "html_title",
        "site_name",
        "report_year",
        "issuing_body",
        "issuing_body_inferred",
        "issuer_type",
        "document_number",
        "document_number_raw",
        "index_number",
        "addressee",
        "addressee_normalized",
        "signature_body",
        "validity",
        "body_first_line",
        "body_last_line",
    )
    return raw.add(
        "document",
        document_id=name,
        capture_id=capture_id,
        source_id=source_id,
        url=url,
        content_sha256=name.ljust(64, "0"),
        fetched_at=FIRST_NIGHT + timedelta(days=night),
        cleaner_version="1",
        text=text,
        char_count=len(text),
        doc_type_reason="; ".join(gold.get("reason", [])) or None,
        script=gold.get("script", "Hans")[:4],
        publication_date=_date(gold.get("publication_date")),
        signature_date=_date(gold.get("signature_date")),
        generated_date=_date(gold.get("generated_date")),
        container="text",
        **{f"region_{key}": region.get(key) for key in REGION_KEYS},
        **{key: gold.get(key) for key in same_names},
    )


REGION_KEYS = (
    "code",
    "name",
    "level",
    "level_zh",
    "province",
    "province_code",
    "parent_code",
    "parent_name",
    "evidence",
)


def add_observation(raw: Raw, document_id: str, observation_id: str, code: str, value: float, **given: Any) -> Row:
    """Add a plain statement of the report year; anything else is given by name."""
    number = f"{value:g}"
    place = len(raw.tables["observation"]) * 10
    plain: Row = {
        "indicator_phrase": code,
        "value_text": number,
        "unit": "件",
        "value_type": "count",
        "qualifier": "exact",
        "period_type": "year",
        "period_value": None,
        "is_plan": False,
        "is_cumulative": False,
        "is_proposed": False,
        "section_path": "一、",
        "part": "achievements",
        "line": 1,
        "char_start": place,
        "char_end": place + len(number),
        "sentence": f"共{given.get('value_text', number)}件。",
        "sentence_start": max(place - 1, 0),
        "confidence": 1.0,
        "rule": "gold",
        "signals": "origin=rule",
        "extractor_version": "1",
    }
    return raw.add(
        "observation",
        document_id=document_id,
        observation_id=observation_id,
        indicator_code=code,
        value=float(value),
        **plain | given,
    )


def add_gold(raw: Raw, name: str, source_id: str) -> None:
    """Add one gold document with all its facts and headings."""
    gold = json.loads((GOLD / f"{name}.doc.json").read_text(encoding="utf-8"))
    text = (GOLD / f"{name}.txt").read_text(encoding="utf-8")
    add_document(raw, name, source_id, gold, text)
    if not gold["is_annual_report"]:
        return
    _add_sections(raw, name, text, gold["headings"])
    _add_problems(raw, name, text, gold["problem_items"])
    _add_citation(raw, name, text, "《法治政府建设实施纲要(")
    for line in (GOLD / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        _add_fact(raw, name, text, json.loads(line))


def _add_sections(raw: Raw, name: str, text: str, headings: Sequence[Row]) -> None:
    starts = _line_starts(text)
    for ordinal, heading in enumerate(headings):
        start = starts[heading["line"] - 1]
        last = ordinal + 1 == len(headings)
        end = len(text) if last else starts[headings[ordinal + 1]["line"] - 1]
        raw.add(
            "section",
            document_id=name,
            section_id=f"s{ordinal:03}",
            ordinal=ordinal,
            level=heading["level"],
            label=heading["label"],
            heading=heading["text"],
            path=heading["text"],
            topic=heading["topic"],
            part=heading["part"] or "other",
            line=heading["line"],
            char_start=start,
            body_start=start,
            char_end=end,
            text=text[start:end],
        )


def _add_problems(raw: Raw, name: str, text: str, problems: Sequence[str]) -> None:
    for ordinal, problem in enumerate(problems, start=1):
        start = text.index(problem)
        raw.add(
            "item",
            document_id=name,
            item_id=f"i{ordinal:04}",
            kind="problem",
            ordinal=ordinal,
            label=problem[:2],
            form="label",
            text=problem,
            section_id="s000",
            line=text.count("\n", 0, start) + 1,
            char_start=start,
            char_end=start + len(problem),
        )


def _add_citation(raw: Raw, name: str, text: str, beginning: str) -> None:
    """Add the place that cites the title with the given beginning."""
    start = text.index(beginning)
    end = text.index("》", start) + 1
    raw.add(
        "citation",
        document_id=name,
        citation_id="c0000",
        title=text[start + 1 : end - 1],
        title_key="法治政府建设实施纲要",
        cited_as=text[start:end],
        kind="party_document",
        is_draft=False,
        occurrence=1,
        section_id="s000",
        line=text.count("\n", 0, start) + 1,
        char_start=start,
        char_end=end,
        sentence=text[start:end],
        sentence_start=start,
    )


def _add_fact(raw: Raw, name: str, text: str, fact: Row) -> None:
    period = fact["period"] or {"type": "year", "value": None}
    same_names = (
        "indicator_phrase",
        "value_max",
        "value_text",
        "unit",
        "value_type",
        "qualifier",
        "is_plan",
        "is_cumulative",
        "is_proposed",
        "comparison",
        "dimension",
        "scope",
        "authority",
        "parent_id",
        "duplicate_of",
        "line",
        "char_start",
        "char_end",
        "sentence",
        "note",
    )
    add_observation(
        raw,
        name,
        fact["id"],
        fact["indicator_code"],
        fact["value"],
        period_type=period["type"],
        period_value=period["value"],
        section_path=PATH_SEPARATOR.join(fact["section"]),
        topic=fact.get("topic"),
        part=fact.get("part") or "achievements",
        sentence_start=text.index(fact["sentence"]),
        **{key: fact.get(key) for key in same_names},
    )


def _line_starts(text: str) -> list[int]:
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    return starts


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


LUOYUAN = {
    "is_annual_report": True,
    "doc_type": "annual_report",
    "title": "罗源县人民政府关于2023年法治政府建设情况的报告",
    "report_year": 2023,
    "issuing_body": "罗源县人民政府",
    "issuer_type": "government",
    "publication_date": "2024-01-09",
    "signature_date": "2023-12-28",
    "region": {
        "code": "350123",
        "name": "罗源县",
        "level": "county",
        "level_zh": "县",
        "province": "福建省",
        "province_code": "350000",
        "parent_code": "350100",
        "parent_name": "福州市",
        "evidence": "title",
    },
}


def add_luoyuan(raw: Raw, outcomes: Iterable[tuple[str, int]]) -> None:
    """Add a report of 罗源县 of 2023 whose reviews ended in the given outcomes."""
    add_document(raw, "luoyuan", "luoyuan", LUOYUAN, "共49件。" * 20)
    add_observation(raw, "luoyuan", "o0", "RR_CLOSED", 49)
    for number, (code, value) in enumerate(outcomes, start=1):
        add_observation(raw, "luoyuan", f"o{number}", code, value, parent_id="o0")


LUOYUAN_OUTCOMES = (
    ("RR_NOT_ACCEPTED", 3),
    ("RR_TERMINATED", 2),
    ("RR_UPHELD", 18),
    ("RR_REJECTED", 21),
    ("RR_TERMINATED", 2),
    ("RR_REVOKED", 2),
    ("RR_ORDERED", 1),
)


def sample() -> Raw:
    """The three gold documents, a report of 罗源县 and their portals, as one night left them."""
    raw = Raw()
    raw.add(
        "crawl_run",
        run_id="night-0",
        started_at=FIRST_NIGHT,
        finished_at=FIRST_NIGHT + timedelta(minutes=1),
        status="done",
        fazhi_version="0",
        trigger="test",
    )
    for source_id, region_code in (
        ("luzhou", "510500"),
        ("xianan", "421202"),
        ("suining", "510900"),
        ("luoyuan", "350123"),
    ):
        add_source(raw, source_id, region_code)
    add_gold(raw, "000_45de09a4bdc649cd", "luzhou")
    add_gold(raw, "001_20edbe9a567d0323", "xianan")
    add_gold(raw, "003_63a6ea9ca2a25ba2", "suining")
    add_luoyuan(raw, LUOYUAN_OUTCOMES)
    return raw
