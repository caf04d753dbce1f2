"""What one source may cost in one night: a number of requests and a time.

Pure bookkeeping; the defaults and the keys of a source file are in ``scrapers.sources``. What a budget leaves
unasked is counted, so that it can be reported: the next night goes on with it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Budget:
    """The account of one source in one run.

    Attributes:
        max_requests: requests at most, robots files and retries included.
        max_seconds: time from the first request on.
        asked: requests made or promised so far.
        left: requests that were wanted, but not made.
        ends_at: moment (on the caller's clock) after which nothing is asked; None before the first request.
    """

    max_requests: int
    max_seconds: float
    asked: int = 0
    left: int = 0
    ends_at: float | None = None

    def start(self, now: float) -> bool:
        """Start the clock; true when this was the first request."""
        if self.ends_at is not None:
            return False
        self.ends_at = now + self.max_seconds
        return True

    def is_over(self, now: float) -> bool:
        """Whether the source's time is spent."""
        return self.ends_at is not None and now >= self.ends_at

    def admit(self, now: float) -> bool:
        """Count one more request, or count it as left over."""
        if self.asked >= self.max_requests or self.is_over(now):
            self.left += 1
            return False
        self.asked += 1
        return True

    @property
    def shortfall(self) -> str | None:
        """What was left unasked, in words; None when nothing was."""
        if not self.left:
            return None
        return (
            f"{self.left} requests left for another night: {self.asked} made of {self.max_requests}, "
            f"within {self.max_seconds:g} s"
        )
