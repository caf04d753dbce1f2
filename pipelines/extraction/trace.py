"""What reading a document came upon, kept for whoever asks why: the settled claims and the numbers left out.

Handed to :func:`pipelines.extraction.facts.extract_observations` by those who want to know; reading goes the same
way with and without it. How a trace is shown is not decided here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from pipelines.extraction.flags import Flags
from pipelines.extraction.nonfacts import NonFact
from pipelines.extraction.structure import Claim


class Noted(NamedTuple):
    """One claim with its flags, and the sentences before its own in the paragraph, masked, which rules may look at.

    The claim holds the rules that fitted and the steps that settled it.
    """

    claim: Claim
    flags: Flags
    before: str


@dataclass
class Trace:
    """Everything behind the observations of one document.

    Attributes:
        claims: what was noted of each observation, in their order.
        nonfacts: the stretches whose numbers count nothing; offsets are those of the stored text.
    """

    claims: list[Noted] = field(default_factory=list)
    nonfacts: list[NonFact] = field(default_factory=list)
