"""Scores and misses for a terminal. No arithmetic: what is shown was counted in scoring."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipelines.evaluation.certainty import Certainty, certainty_of
from pipelines.evaluation.gold import Origin
from pipelines.evaluation.scoring import Counts, Miss, Score

SHOWN_OF_FACT = ("id", "indicator_code", "value_text", "unit")


def render_scores(
    total: Score,
    by_document: Mapping[str, Score],
    by_origin: Mapping[Origin, tuple[int, Score]],
    misses: Sequence[Miss],
) -> RenderableType:
    """Tables of facts, accuracies, document fields, documents and their origins, then one row a miss."""
    facts = _table("Facts", ("", "precision", "recall", "F1", "gold", "observed"))
    for name, counts in _fact_rows(total):
        rates = (counts.precision, counts.recall, counts.f1)
        facts.add_row(name, *(_percent(rate) for rate in rates), str(counts.gold), str(counts.observed))

    shares = _table("Accuracy over matched facts and headings", ("", "right", "of", "share"))
    for name, share in {"code": total.code, **total.attributes, "topic of headings": total.topics}.items():
        shares.add_row(name, str(share.right), str(share.total), _percent(share.rate))
    shares.add_row("non-facts extracted", str(total.non_facts_extracted), "", "")

    fields = _table("Document fields", ("", "right", "of", "share"))
    for name, share in total.fields.items():
        fields.add_row(name, str(share.right), str(share.total), _percent(share.rate))

    documents = _table("Documents", ("", "gold", "observed", "candidate F1", "coded F1"))
    for name, each in by_document.items():
        counts = each.candidate
        documents.add_row(name, str(counts.gold), str(counts.observed), _percent(counts.f1), _percent(each.coded.f1))

    return Group(
        facts,
        shares,
        certainty_table(certainty_of(total.certain), "Confidence"),
        fields,
        documents,
        _origin_table(by_origin),
        _indicator_table(total),
        _miss_table(misses),
    )


def certainty_table(certainty: Certainty, title: str) -> Table:
    """One line for each range of confidence: of how many observations how many are right, and what was expected."""
    table = _table(title, ("from", "observations", "mean confidence", "right", "share right"))
    for each in (*(each for each in certainty.bins if each.count), certainty.sure):
        name = f"{each.low:.2f} and above" if each is certainty.sure else f"{each.low:.2f}"
        mean = each.confidence / each.count if each.count else None
        table.add_row(name, str(each.count), _percent(mean), str(each.right), _percent(each.share))
    if certainty.brier is not None and certainty.error is not None:
        table.add_row("Brier score", "", "", "", f"{certainty.brier:.3f}")
        table.add_row("calibration error (ECE)", "", "", "", f"{certainty.error:.3f}")
    return table


def _fact_rows(total: Score) -> Iterable[tuple[str, Counts]]:
    yield "candidate", total.candidate
    yield "coded", total.coded
    yield "core coded", total.core_coded
    yield from total.flags.items()
    yield "parent", total.parent
    yield "headings", total.headings


def _origin_table(by_origin: Mapping[Origin, tuple[int, Score]]) -> Table:
    """One line for the real pages and one for the composed: what was written here is easier than what was found."""
    columns = ("", "documents", "gold", "candidate F1", "code right", "coded F1", "core coded F1")
    table = _table("Real pages and composed ones", columns)
    for origin, (count, score) in by_origin.items():
        rates = (score.candidate.f1, score.code.rate, score.coded.f1, score.core_coded.f1)
        table.add_row(origin, str(count), str(score.candidate.gold), *(_percent(rate) for rate in rates))
    return table


def _indicator_table(total: Score) -> Table:
    """Indicators that are not all right, the worst first."""
    table = _table("Indicators with mistakes", ("", "precision", "recall", "F1", "gold"))
    faulty = {code: counts for code, counts in total.by_indicator.items() if counts.f1 != 1}
    for code, counts in sorted(faulty.items(), key=lambda each: (each[1].f1 or 0.0, each[0])):
        rates = (counts.precision, counts.recall, counts.f1)
        table.add_row(code, *(_percent(rate) for rate in rates), str(counts.gold))
    return table


def _miss_table(misses: Sequence[Miss]) -> Table:
    table = Table(title=f"Misses: {len(misses)}", title_justify="left", show_lines=True)
    table.add_column("document", overflow="fold", max_width=14)
    table.add_column("miss", no_wrap=True)
    table.add_column("gold", overflow="fold")
    table.add_column("observed", overflow="fold")
    table.add_column("sentence", overflow="fold")
    for miss in misses:
        kind = miss.kind if miss.field is None else f"{miss.kind}: {miss.field}"
        cells = (
            miss.name,
            kind,
            _side(miss.gold, miss.field),
            _side(miss.observed, miss.field),
            miss.sentence,
        )
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _side(entry: Mapping[str, Any], field: str | None) -> str:
    """What one side of a miss says: a whole small entry, or what tells a fact and the field that differs."""
    if "value_text" not in entry:
        return json.dumps(dict(entry), ensure_ascii=False) if entry else ""
    shown = [str(entry[key]) for key in SHOWN_OF_FACT if entry.get(key) is not None]
    if field is not None and field in entry and field not in SHOWN_OF_FACT:
        shown.append(f"{field}={json.dumps(entry[field], ensure_ascii=False)}")
    return " ".join(shown)


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left")
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index else "left")
    return table


def _percent(rate: float | None) -> str:
    return "–" if rate is None else f"{rate:.1%}"
