"""Fits what each signal is worth to gold: from how often observations with a signal were right to its weight.

A ridge-regularised logistic regression over the signals of :mod:`pipelines.extraction.signals`, with plain arithmetic
on small matrices. Reading, matching with gold and writing the table are the caller's matter; so is showing.

Gold that the rules were made on says little about a report that nobody has seen: nearly everything there is right.
So each document is read as if it were unseen, without the rules that no other document confirms, and the weights are
fitted to that. How well they do is measured by leaving one document out at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from pipelines.extraction.catalogue import Catalogue
from pipelines.extraction.confidence import BASE, ConfidenceTable, Signals

RIDGE = 1.0
"""Strength of the pull of each weight to zero: about the evidence of one observation that tells nothing."""
ITERATIONS = 50
"""Newton steps; ten are enough for any table that has come up."""
TOLERANCE = 1e-8

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Judged:
    """One observation held against gold: the document, the signals that fired, and whether it was right."""

    document: str
    signals: Signals
    is_right: bool


@dataclass(frozen=True)
class Weight:
    """What the value of a signal is worth in log-odds, and on how many observations that rests."""

    weight: float
    observed: int
    right: int


def fit(judged: Sequence[Judged]) -> dict[tuple[str, str], Weight]:
    """Return the weight of every signal that occurs, and the base.

    Within each signal the commonest value weighs nothing, so that a weight tells how much more or less an observation
    is to be trusted than an ordinary one; the base is what an ordinary one starts from.

    Raises:
        ValueError: there is nothing to fit to.
    """
    if not judged:
        raise ValueError("no observation to fit to")
    observed = Counter(signal for each in judged for signal in each.signals)
    right = Counter(signal for each in judged if each.is_right for signal in each.signals)
    # Of equally common values the first by name, so that the same gold always gives the same table.
    usual = {name: value for (name, value), _ in sorted(observed.items(), key=lambda each: (each[1], each[0]))}
    columns = sorted(signal for signal in observed if usual[signal[0]] != signal[1])
    place = {signal: index for index, signal in enumerate(columns)}
    matrix = np.zeros((len(judged), len(columns) + 1))
    matrix[:, -1] = 1
    for row, each in enumerate(judged):
        for signal in each.signals:
            if signal in place:
                matrix[row, place[signal]] = 1
    solved = _solve(matrix, np.array([float(each.is_right) for each in judged]))
    worth = dict(zip(columns, (round(float(weight), 2) + 0.0 for weight in solved), strict=False))
    return {
        BASE: Weight(round(float(solved[-1]), 2), len(judged), sum(each.is_right for each in judged)),
        **{signal: Weight(worth.get(signal, 0.0), observed[signal], right[signal]) for signal in sorted(observed)},
    }


def _solve(matrix: Floats, outcome: Floats) -> Floats:
    """Maximise the penalised likelihood by Newton's method; the last column, the base, is not penalised."""
    penalty = np.full(matrix.shape[1], RIDGE)
    # Hardly penalised, so that the system can be solved when all observations are right.
    penalty[-1] = 0.01
    solution = np.zeros(matrix.shape[1])
    for _ in range(ITERATIONS):
        chance = 1 / (1 + np.exp(-np.clip(matrix @ solution, -30, 30)))
        slope = matrix.T @ (outcome - chance) - penalty * solution
        curve = (matrix * (chance * (1 - chance))[:, None]).T @ matrix + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        solution = solution + step
        if float(np.abs(step).max()) < TOLERANCE:
            break
    return solution


def table_of(weights: Mapping[tuple[str, str], Weight], before: ConfidenceTable) -> ConfidenceTable:
    """Return the table of fitted weights; a signal's value that did not occur keeps the weight it had before."""
    return ConfidenceTable({**before.weights, **{name: each.weight for name, each in weights.items()}})


def leave_one_out(judged: Sequence[Judged], before: ConfidenceTable) -> list[tuple[float, bool]]:
    """Return confidence and truth of every observation, each judged by weights fitted without its document."""
    results = []
    for document in dict.fromkeys(each.document for each in judged):
        table = table_of(fit([each for each in judged if each.document != document]), before)
        results += [(table.confidence(each.signals), each.is_right) for each in judged if each.document == document]
    return results


def as_if_unseen(catalogue: Catalogue, own: Iterable[str], others: Iterable[str]) -> Catalogue:
    """Return a catalogue without the rules that only one document confirms.

    Args:
        catalogue: all rules.
        own: ids of the rules that were right in the document.
        others: ids of the rules that were right in any other document.
    """
    only_here = set(own) - set(others)
    return replace(
        catalogue,
        rules=tuple(rule for rule in catalogue.rules if rule.rule_id not in only_here),
        zero_rules=tuple(rule for rule in catalogue.zero_rules if rule.rule_id not in only_here),
    )
