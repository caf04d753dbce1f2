"""Labels are proposed in a plain file, corrected by hand, and built into gold that holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.evaluate import GoldError
from pipelines.gold_build import build, compile_draft, unmarked
from pipelines.gold_check import check_folder
from pipelines.gold_draft import draft, draft_path, marked, propose_sums
from pipelines.reference import load_reference

REFERENCE = load_reference()
TITLE = "罗源县人民政府2023年度法治政府建设工作报告"
SENTENCES = [
    "2023年,全县受理行政复议案件12件,办结10件,其中维持8件,撤销2件。",
    "培训执法人员1.2万余人次,配备55匹马。",
    "推行“27证合一”,至少应当配备2至4名{专职}人员。",
]
BODY = ["福州市人民政府:", "一、依法行政", "".join(SENTENCES), "罗源县人民政府", "2024年1月5日"]
TEXT = "\n".join([TITLE, *BODY]) + "\n"
HTML = f"<html><head><meta charset='utf-8'><title>{TITLE}</title></head><body><h1>{TITLE}</h1>{{}}</body></html>"


def page(folder: Path, suffix: str) -> Path:
    path = folder / f"report{suffix}"
    paragraphs = "".join(f"<p>{line}</p>" for line in BODY)
    path.write_text(TEXT if suffix == ".txt" else HTML.format(paragraphs), encoding="utf-8")
    return path


def drafted(folder: Path, suffix: str = ".txt", **changes: str) -> Path:
    """The draft of the page as a person leaves it: decided, reviewed, and with some of its text changed."""
    document = page(folder, suffix)
    path = draft_path(document, None)
    text = draft(document, path, REFERENCE)
    usual = {
        "reviewed: false": "reviewed: true",
        "composed: null": "composed: true",
        "{code: '?', number: '55'}": "{id: 90, code: OTHER, unit: 匹, phrase: 配备马}",
    }
    for old, new in (usual | changes).items():
        assert old in text, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_draft_shows_each_sentence_with_its_numbers(tmp_path: Path) -> None:
    document = page(tmp_path, ".txt")
    proposed = yaml.safe_load(draft(document, tmp_path / "report.gold.yml", REFERENCE))
    assert (proposed["document"], proposed["reviewed"]) == ("report.txt", False)
    assert (proposed["fields"]["title"], proposed["fields"]["report_year"]) == (TITLE, 2023)
    assert [heading["text"] for heading in proposed["headings"]] == ["依法行政"]
    blocks = {block["text"]: [fact["code"] for fact in block.get("facts", ())] for block in proposed["sentences"]}
    assert list(blocks) == [
        "一、依法行政",
        "2023年,全县受理行政复议案件{12}件,办结{10}件,其中维持{8}件,撤销{2}件。",
        "培训执法人员{1.2万}余人次,配备{55}匹马。",
        "推行“27证合一”,至少应当配备{2}至4名{{专职}}人员。",
    ]
    assert list(blocks.values())[1] == ["RR_ACCEPTED", "RR_CLOSED", "RR_UPHELD", "RR_REVOKED"]
    assert list(blocks.values())[2][1] == "?", "no unit that is known, so nobody has decided"
    assert {"type": "name", "text": "“27证合一”"} in proposed["non_facts"]
    assert proposed["sums"] == [{"parent": 2, "children": [3, 4], "relation": "partition"}]


@pytest.mark.parametrize("suffix", [".txt", ".html"])
def test_a_reviewed_draft_becomes_gold(tmp_path: Path, suffix: str) -> None:
    into = tmp_path / "gold"
    document, count, _ = build(drafted(tmp_path, suffix), into, REFERENCE, force=False)
    assert (document, count) == (into / f"report{suffix}", 7)
    assert document.read_bytes() == (tmp_path / document.name).read_bytes()
    facts = [json.loads(line) for line in document.with_suffix(".jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(fact["value"], fact["value_max"], fact["unit"], fact["qualifier"]) for fact in facts] == [
        (12, None, "件", "exact"),
        (10, None, "件", "exact"),
        (8, None, "件", "exact"),
        (2, None, "件", "exact"),
        (12000, None, "人次", "余"),
        (55, None, "匹", "exact"),
        (2, 4, "名", "range"),
    ]
    assert facts[2]["parent_id"] == facts[1]["id"] == "report-002"
    assert facts[0]["period"] == {"type": "year", "value": "2023"}
    assert facts[0]["section"] == ["一、依法行政"]
    has_offsets = suffix == ".txt"
    assert all((fact["char_start"] is not None) is has_offsets for fact in facts)
    assert {fact["sentence"] for fact in facts} == set(SENTENCES)
    fields = json.loads(document.with_suffix(".doc.json").read_text(encoding="utf-8"))
    assert fields["parent_child_sums"][0] | {"parent_phrase": ""} == {
        "parent": "report-002",
        "parent_phrase": "",
        "parent_value": 10,
        "children": ["report-003", "report-004"],
        "children_sum": 10,
        "relation": "partition",
        "holds": True,
    }
    _, findings = check_folder(into, (), REFERENCE)
    assert [each for each in findings if each.severity == "error"] == []


def test_facts_of_a_table_have_the_unit_of_its_head(tmp_path: Path) -> None:
    rows = [("行政许可", 120, 98), ("行政处罚", 35, 30), ("行政强制", 7, 6)]
    cells = "".join(f"<tr><td>{name}</td><td>{one}</td><td>{other}</td></tr>" for name, one, other in rows)
    table = f"<table><tr><th>项目</th><th>受理数(件)</th><th>办结数(件)</th></tr>{cells}</table>"
    paragraphs = "".join(f"<p>{line}</p>" for line in BODY[:3])
    document = tmp_path / "report.html"
    document.write_text(HTML.format(f"{paragraphs}{table}<p>罗源县人民政府</p>"), encoding="utf-8")
    path = draft_path(document, None)
    text = draft(document, path, REFERENCE).replace("reviewed: false", "reviewed: true")
    text = text.replace("composed: null", "composed: true").replace(
        "{code: '?', number: '55'}", "{nonfact: x, text: 55匹}"
    )
    path.write_text(text, encoding="utf-8")
    built, _, findings = build(path, None, REFERENCE, force=False)
    facts = [json.loads(line) for line in built.with_suffix(".jsonl").read_text(encoding="utf-8").splitlines()]
    in_table = [(fact["value"], fact["unit"]) for fact in facts if "\t" in fact["sentence"]]
    assert in_table == [(value, "件") for _, *values in rows for value in values]
    assert [each for each in findings if each.severity == "error"] == []


def test_a_number_may_be_named_no_fact_or_stand_for_several(tmp_path: Path) -> None:
    line = "{id: 90, code: OTHER, unit: 匹, phrase: 配备马}"
    dropped = {"{code: '?', number: '55'}": "{nonfact: slogan, text: 55匹马}"}
    built = compile_draft(drafted(tmp_path, **dropped), REFERENCE)
    assert len(built.facts) == 6
    assert {"type": "slogan", "text": "55匹马"} in built.fields["non_facts"]
    shared = line.replace("90", "91").replace("}", ", same_number: true}")
    doubled = {"{code: '?', number: '55'}": f"{line}\n  - {shared}"}
    facts = compile_draft(drafted(tmp_path, **doubled), REFERENCE).facts
    assert [fact["char_start"] for fact in facts if fact["id"] in ("report-090", "report-091")] == [
        TEXT.index("55")
    ] * 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reviewed: false": "reviewed: no"}, "not reviewed"),
        ({"composed: null": "composed: null"}, "composed must say"),
        ({"{code: '?', number: '55'}": "{code: '?', number: '55'}"}, "55: undecided"),
        ({"{code: '?', number: '55'}": "{id: 90, code: OTHER, unit: 匹}"}, "the key phrase is missing"),
        ({"{code: '?', number: '55'}": "{id: 90, code: OTHER, unit: 匹, phrase: 马, plan: true}"}, "unknown key plan"),
        ({"{code: '?', number: '55'}": "{id: 90, code: NO_SUCH, unit: 匹, phrase: 马}"}, "no indicator NO_SUCH"),
        ({"{code: '?', number: '55'}": "{id: 90, code: OTHER, unit: 头, phrase: 马}"}, "the unit 头 does not stand"),
        (
            {"{code: '?', number: '55'}": "{id: 1, code: OTHER, unit: 匹, phrase: 马}"},
            "two facts with the id report-001",
        ),
        ({"配备{55}匹马": "配备55匹马"}, "1 numbers in braces, but lines for 2"),
        ({"配备{55}匹马": "配备{55匹马"}, "a brace without its number"),
        ({"配备{55}匹马": "配备{}匹马"}, "a brace without its number"),
        ({"配备{55}匹马": "配备55{匹}马"}, "匹: cannot tell what this number is worth"),
        ({"培训执法人员": "训练执法人员"}, "not on this line"),
        ({"relation: partition": "relation: partition, of: 2"}, "unknown key of"),
        ({"parent: 2, children: [3, 4]": "parent: 2, children: []"}, "no children"),
        ({"parent: 2, children: [3, 4]": "parent: 1, children: [33]"}, "no fact report-033"),
        ({"\nsums:": "\ntotals:"}, "unknown key totals"),
        ({"\nheadings:": "\nheadings: ["}, "report.gold.yml"),
        ({"document: report.txt": "document: other.txt"}, "other.txt is not there"),
    ],
)
def test_a_draft_with_a_fault_is_refused_and_nothing_is_written(
    tmp_path: Path, changes: dict[str, str], message: str
) -> None:
    path = drafted(tmp_path, **changes)
    with pytest.raises(GoldError, match=message):
        build(path, tmp_path / "gold", REFERENCE, force=False)
    assert not (tmp_path / "gold").exists()


@pytest.mark.parametrize(
    ("text", "plain", "spans"),
    [
        ("办结{9}件", "办结9件", [(2, 3)]),
        ("{1.2万}件{{1}}", "1.2万件{1}", [(0, 4)]),
        ("无", "无", []),
        ("{2}至4人增加为{4}至7人", "2至4人增加为4至7人", [(0, 1), (7, 8)]),
    ],
)
def test_braces(text: str, plain: str, spans: list[tuple[int, int]]) -> None:
    assert unmarked(text, "") == (plain, spans)
    assert marked(plain, 0, len(plain), spans) == text


def part(id_: int, value: float, parent: int | None = None, unit: str = "件") -> dict[str, Any]:
    return {"id": id_, "value": value, "unit": unit, "parent_id": parent, "comparison": None}


@pytest.mark.parametrize(
    ("rows", "sums"),
    [
        ([part(1, 9), part(2, 5, 1), part(3, 4, 1)], [(1, [2, 3], "partition")]),
        ([part(1, 9), part(2, 5, 1)], [(1, [2], "subset")]),
        ([part(1, 9), part(2, 5, 1), part(3, 55.6, 1, "%")], [(1, [2], "subset")]),
        ([part(1, 9), part(2, 5, 1), part(3, 4, 1), part(4, 9, 1)], [(1, [2, 3], "partition")]),
        ([part(1, 9), part(2, 50, 1)], []),
        ([part(1, 9)], []),
    ],
)
def test_proposed_sums(rows: list[dict[str, Any]], sums: list[tuple[int, list[int], str]]) -> None:
    assert [tuple(entry.values()) for entry in propose_sums(rows)] == sums


def test_what_is_there_is_not_written_over(tmp_path: Path) -> None:
    runner = CliRunner()
    document = page(tmp_path, ".txt")
    assert runner.invoke(app, ["gold", "new", str(document)]).exit_code == 0
    assert runner.invoke(app, ["gold", "new", str(document)]).exit_code == 2
    assert runner.invoke(app, ["gold", "new", str(document), "--force"]).exit_code == 0
    path = str(drafted(tmp_path))
    into = ["--into", str(tmp_path / "gold")]
    assert runner.invoke(app, ["gold", "build", path, *into]).exit_code == 0
    written = (tmp_path / "gold" / "report.jsonl").read_bytes()
    assert runner.invoke(app, ["gold", "build", path, *into]).exit_code == 2
    assert runner.invoke(app, ["gold", "build", path, *into, "--force"]).exit_code == 0
    assert (tmp_path / "gold" / "report.jsonl").read_bytes() == written


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.xls", b"", "gold is made of .txt"),
        ("a.txt", TEXT.encode("gb18030"), "UTF-8"),
        ("a.txt", b"\xef\xbb\xbf" + TEXT.encode(), "UTF-8 without"),
    ],
)
def test_what_cannot_be_gold_is_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(GoldError, match=message):
        draft(path, draft_path(path, None), REFERENCE)
