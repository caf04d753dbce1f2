"""How well pages are read, measured against gold: ``fazhi evaluate`` without the command line.

The way in to ``pipelines.evaluation``: load a folder, read it with whatever callable is given, score, show.
Which reader is measured and what the catalogue says are the caller's matter: neither is imported here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from rich.console import RenderableType

from pipelines.evaluation.certainty import certainty_of
from pipelines.evaluation.floors import measures
from pipelines.evaluation.gold import GoldDocument, GoldError, GoldFact, Origin, load_gold
from pipelines.evaluation.matching import fold_text
from pipelines.evaluation.rendering import render_scores
from pipelines.evaluation.scoring import Miss, Normalise, Score, score_document
from pipelines.model import Reading

__all__ = [
    "Evaluation",
    "GoldDocument",
    "GoldError",
    "GoldFact",
    "evaluate_folder",
    "load_gold",
    "render",
    "score",
]


@dataclass(frozen=True)
class Evaluation:
    """The scores of a gold set: by document with its origin, and every miss in the order of the documents."""

    by_document: Mapping[str, Score]
    origins: Mapping[str, Origin]
    misses: tuple[Miss, ...]

    @property
    def total(self) -> Score:
        """The scores of all documents added up, each fact counting once."""
        return sum(self.by_document.values(), Score())

    @property
    def by_origin(self) -> dict[Origin, tuple[int, Score]]:
        """Number and scores of the real pages, of the composed ones and of those that do not say, where there are."""
        found: dict[Origin, tuple[int, Score]] = {}
        for origin in get_args(Origin):
            scores = [each for name, each in self.by_document.items() if self.origins[name] == origin]
            if scores:
                found[origin] = (len(scores), sum(scores, Score()))
        return found

    def to_json(self) -> dict[str, Any]:
        """The object that ``fazhi evaluate --json`` prints; a rate without a denominator is None."""
        total = self.total
        return {
            "documents": len(self.by_document),
            "facts": {
                "gold": total.candidate.gold,
                "observed": total.candidate.observed,
                "candidate": total.candidate.to_json(),
                "code_accuracy": total.code.rate,
                "coded": total.coded.to_json(),
                "core_coded": total.core_coded.to_json(),
                **{f"{name}_accuracy": share.rate for name, share in total.attributes.items()},
                "flags": {name: counts.to_json() for name, counts in total.flags.items()},
                "parent": {"f1": total.parent.f1},
                "non_facts_extracted": total.non_facts_extracted,
            },
            "confidence": certainty_of(total.certain).to_json(),
            "document_fields": {name: share.rate for name, share in total.fields.items()},
            "headings": {"f1": total.headings.f1, "topic_accuracy": total.topics.rate},
            "by_indicator": {
                code: {**counts.to_json(), "gold": counts.gold} for code, counts in sorted(total.by_indicator.items())
            },
            "by_origin": {
                origin: {"documents": count, "gold": each.candidate.gold, **measures(each)}
                for origin, (count, each) in self.by_origin.items()
            },
            "by_document": {
                name: {"origin": self.origins[name], **measures(each)} for name, each in self.by_document.items()
            },
            "misses": [miss.to_json() for miss in self.misses],
        }


def score(
    gold: Sequence[GoldDocument],
    readings: Mapping[str, Reading],
    *,
    tiers: Mapping[str, str],
    normalise_dimension: Normalise = fold_text,
) -> Evaluation:
    """Score readings against gold.

    Args:
        gold: labelled documents.
        readings: the reading of each of them, by name.
        tiers: tier of each indicator code ("core", "extended"); a code it lacks belongs to no tier.
        normalise_dimension: brings two spellings of a dimension together; space and width are folded anyway.

    Raises:
        GoldError: a gold document has no reading; names it.
    """
    by_document: dict[str, Score] = {}
    misses: list[Miss] = []
    for document in gold:
        if document.name not in readings:
            raise GoldError(f"{document.path}: no reading of the name {document.name}")
        by_document[document.name], found = score_document(
            document, readings[document.name], tiers=tiers, normalise_dimension=normalise_dimension
        )
        misses.extend(found)
    return Evaluation(by_document, {document.name: document.origin for document in gold}, tuple(misses))


def evaluate_folder(
    folder: Path,
    read: Callable[[Path], Reading],
    *,
    tiers: Mapping[str, str],
    only: Sequence[str] = (),
    normalise_dimension: Normalise = fold_text,
) -> Evaluation:
    """Read the labelled documents of a folder, or those whose names begin as ``only`` says, and score the readings.

    Raises:
        GoldError: the folder's gold cannot be used; see ``load_gold``.
    """
    gold = load_gold(folder, only)
    readings = {document.name: read(document.path) for document in gold}
    return score(gold, readings, tiers=tiers, normalise_dimension=normalise_dimension)


def render(evaluation: Evaluation) -> RenderableType:
    """The scores as tables and every miss as a line, for a terminal."""
    return render_scores(evaluation.total, evaluation.by_document, evaluation.by_origin, evaluation.misses)
