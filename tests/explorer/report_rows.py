"""Reports as rows for tests: versions cut into sections, numbers found in the text by their words.

Not a test.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from warehouse.ledger import capture_id_for

REPORT = "government:510500:2017"
URL = "http://127.0.0.1:9/art/1.html"

Table = dict[str, list[dict[str, Any]]]


def report_tables(versions: list[str], **report: Any) -> Table:
    """Return tables of one report with versions of these texts, the last one current; lines "一、…" are headings."""
    tables: Table = {
        "fct_report": [],
        "fct_report_version": [],
        "fct_section": [],
        "fct_observation": [],
        "dim_indicator": [
            {"indicator_code": code, "name_zh": name, "name_en": code.title(), "domain": "RULE", "unit": "件"}
            for code, name in (("CASES", "办结案件"), ("RULES", "制定文件"))
        ],
    }
    for place, text in enumerate(versions):
        digest = hashlib.sha256(text.encode()).hexdigest()
        document_id = f"document-{place + 1}"
        tables["fct_report_version"].append(
            {
                "report_id": REPORT,
                "version": place + 1,
                "document_id": document_id,
                "capture_id": capture_id_for(URL, digest),
                "url": URL,
                "content_sha256": digest,
                "first_seen_at": datetime(2018, 3, place + 1, tzinfo=UTC),
                "is_current": place == len(versions) - 1,
                "is_withdrawn": False,
                "title": report.get("title", "2017年法治政府建设报告"),
                "char_count": len(text),
                "observation_count": 0,
                "previous_document_id": f"document-{place}" if place else None,
                "change": "text" if place else "first",
            }
        )
        tables["fct_section"].extend(_sections(document_id, text))
    last = tables["fct_report_version"][-1]
    shared = ("document_id", "capture_id", "url", "content_sha256", "title", "char_count")
    tables["fct_report"].append(
        {
            "report_id": REPORT,
            "report_year": 2017,
            "region_code": "510500",
            "region_name": "泸州市",
            "issuer_type": "government",
            "issuer": "泸州市人民政府",
            "version_count": len(versions),
            "is_withdrawn": False,
            "script": "Hans",
            **{name: last[name] for name in shared},
            **report,
        }
    )
    return tables


def _sections(document_id: str, text: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    start = 0
    for line in text.splitlines(keepends=True):
        is_heading = line[1:2] == "、"
        if is_heading or not rows:
            heading = line.rstrip("\n")[2:] if is_heading else None
            body_start = start + len(line.rstrip("\n")) if is_heading else start
            rows.append(
                {
                    "document_id": document_id,
                    "section_id": f"s{len(rows):04d}",
                    "report_id": REPORT,
                    "ordinal": len(rows),
                    "level": 1 if is_heading else 0,
                    "label": line[:2] if is_heading else None,
                    "heading": heading,
                    "char_start": start,
                    "body_start": body_start,
                }
            )
        start += len(line)
        rows[-1]["char_end"] = start
    for row in rows:
        row["text"] = text[row["body_start"] : row["char_end"]]
    return rows


def add_number(tables: Table, words: str, printed: str, version: int = 1, **values: Any) -> str:
    """Add the number that is printed in a sentence, found by its words, and return its id."""
    document_id = f"document-{version}"
    sections = [row for row in tables["fct_section"] if row["document_id"] == document_id]
    text = "".join((row["label"] or "") + (row["heading"] or "") + row["text"] for row in sections)
    sentence_start = text.index(words)
    start = sentence_start + words.index(printed)
    name = values.pop("observation_id", f"{document_id}-{start:06d}")
    section = next(row for row in sections if row["char_start"] <= start < row["char_end"])
    tables["fct_observation"].append(
        {
            "document_id": document_id,
            "observation_id": name,
            "report_id": REPORT,
            "is_current": document_id == tables["fct_report"][0]["document_id"],
            "indicator_code": "CASES",
            "value": float(printed) if printed.isdigit() else None,
            "value_text": printed,
            "unit": "件",
            "qualifier": "exact",
            "is_plan": False,
            "is_cumulative": False,
            "is_proposed": False,
            "section_id": section["section_id"],
            "char_start": start,
            "char_end": start + len(printed),
            "sentence": words,
            "sentence_start": sentence_start,
            "confidence": 0.9,
            "confidence_final": 0.9,
            "rule": "CASES.1",
            "signals": "origin=rule; context=clause",
            **values,
        }
    )
    return name
