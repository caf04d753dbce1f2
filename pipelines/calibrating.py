"""Makes the table of confidence from a gold folder: reads it, fits the weights, measures them, writes the table.

How weights are fitted is in ``calibration``, what a right observation is in ``evaluation.scoring``; this strings
them together for ``fazhi gold calibrate``.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.calibration import Judged, Weight, as_if_unseen, fit, leave_one_out, table_of
from pipelines.cleaning.tables import read_table
from pipelines.evaluation.certainty import Certainty, certainty_of
from pipelines.evaluation.gold import UNCODED, GoldDocument, load_gold
from pipelines.evaluation.matching import match_document
from pipelines.evaluation.scoring import judge_observations
from pipelines.extraction.confidence import ConfidenceTable, read_signals
from pipelines.model import Observation
from pipelines.reading import page_from_file, read
from pipelines.reference import Reference

COLUMNS = ("signal", "value", "weight", "observed", "right", "meaning")


@dataclass(frozen=True)
class Calibration:
    """What a gold folder says about confidence.

    Attributes:
        weights: the fitted weights of all signals that occurred, and the base.
        unseen: every document read as if unseen and judged by weights fitted without it.
        as_read: every document read with all rules and judged by the fitted weights.
        documents: how many documents had observations.
    """

    weights: Mapping[tuple[str, str], Weight]
    unseen: Certainty
    as_read: Certainty
    documents: int


def calibrate(folder: Path, reference: Reference) -> Calibration:
    """Fit the weights to a gold folder and measure them.

    Raises:
        GoldError: the folder's gold cannot be used.
        ValueError: there is no observation in it, or in all but one of its documents.
    """
    gold = load_gold(folder)
    as_read = {document.name: _judge(document, reference) for document in gold}
    confirmed = {name: _confirmed_rules(judged) for name, judged in as_read.items()}
    unseen: list[Judged] = []
    for document in gold:
        others = set().union(*(rules for name, rules in confirmed.items() if name != document.name))
        catalogue = as_if_unseen(reference.catalogue, confirmed[document.name], others)
        unseen += _as_judged(document, _judge(document, replace(reference, catalogue=catalogue)))
    weights = fit(unseen)
    table = table_of(weights, reference.catalogue.confidence)
    plain = [each for document in gold for each in _as_judged(document, as_read[document.name])]
    return Calibration(
        weights,
        unseen=certainty_of(leave_one_out(unseen, reference.catalogue.confidence)),
        as_read=certainty_of([(table.confidence(each.signals), each.is_right) for each in plain]),
        documents=len({each.document for each in unseen}),
    )


def _judge(document: GoldDocument, reference: Reference) -> list[tuple[Observation, bool]]:
    reading = read(page_from_file(document.path), reference)
    return judge_observations(match_document(document, reading))


def _as_judged(document: GoldDocument, judged: Sequence[tuple[Observation, bool]]) -> list[Judged]:
    return [Judged(document.name, read_signals(each.signals), is_right) for each, is_right in judged]


def _confirmed_rules(judged: Sequence[tuple[Observation, bool]]) -> set[str]:
    """Ids of the rules that gave right observations; an inherited one names its rule last ("list_item:RULE")."""
    return {each.rule.rpartition(":")[2] for each, is_right in judged if is_right and each.indicator_code != UNCODED}


def table_text(path: Path, weights: Mapping[tuple[str, str], Weight]) -> str:
    """Return the table of weights as it should be, with the order and the meanings of the one that is there.

    A value that did not occur keeps its weight: it is a judgement, and its counts say so.

    Raises:
        ValueError: the table lacks a value that occurred, or cannot be read.
    """
    rows = read_table(path, COLUMNS)
    unknown = weights.keys() - {(row["signal"], row["value"]) for row in rows}
    if unknown:
        raise ValueError(f"{path.name}: no row for {', '.join(f'{name}={value}' for name, value in sorted(unknown))}")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        found = weights.get((row["signal"], row["value"])) or Weight(float(row["weight"]), 0, 0)
        writer.writerow((row["signal"], row["value"], f"{found.weight:g}", found.observed, found.right, row["meaning"]))
    return out.getvalue()


def present_weights(table: ConfidenceTable, calibration: Calibration) -> dict[tuple[str, str], tuple[float, float]]:
    """Return the weights that the calibration would change: the present one and the fitted one."""
    return {
        signal: (table.weights[signal], found.weight)
        for signal, found in calibration.weights.items()
        if table.weights[signal] != found.weight
    }
