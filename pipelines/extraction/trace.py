"""What reading a document came upon, kept for whoever asks why: the settled claims and the numbers left out.

Handed to :func:`pipelines.extraction.facts.extract_observations` by those who want to know; reading goes the same
way with and without it. How a trace is shown is not decided here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pipelines.extraction.flags import Flags
from pipelines.extraction.nonfacts import NonFact
from pipelines.extraction.structure import Claim


@dataclass
class Trace:
    """Everything behind the observations of one document.

    Attributes:
        claims: for each observation, in their order, its claim and flags; the claim holds the rules that fitted
            and the steps that settled it.
        nonfacts: the stretches whose numbers count nothing; offsets are those of ``folded``.
        folded: the text as it was read, as long as the stored text unless that is in Traditional script.
    """

    claims: list[tuple[Claim, Flags]] = field(default_factory=list)
    nonfacts: list[NonFact] = field(default_factory=list)
    folded: str = ""
