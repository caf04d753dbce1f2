"""Answers the explorer's questions about the nights, and takes the decisions that people make in it.

Nothing is worked out here: the summary is ``morning.py``'s, the state of sources ``status.py``'s, and decisions go
the way of ``fazhi review decide``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import duckdb
from sqlalchemy.exc import SQLAlchemyError

from explorer import desk
from pipelines import night_record, review
from pipelines.decisions import ACTIONS, ACTIONS_WITH_VALUE, DECISIONS, DecisionError, load_decisions
from pipelines.morning import morning
from pipelines.night_record import NightRecordError
from pipelines.querying import NoReleaseError, QueryError
from pipelines.released import ReleaseDamagedError
from pipelines.status import ledger_session, source_states
from warehouse.ledger_schema import LedgerUnusableError
from warehouse.paths import Home

KEPT = timedelta(minutes=1)
"""So long an answer that counts all attempts of the ledger is given again."""
BEFORE_ALL = datetime.min.replace(tzinfo=UTC)

Answer = TypeVar("Answer")


class NightlyDesk:
    """The nights of a data home and its file of decisions, as the explorer asks for them."""

    def __init__(self, home: Home, decisions: Path = DECISIONS) -> None:
        self._home = home
        self._decisions = decisions
        self._kept: dict[str, tuple[datetime, Any]] = {}

    @property
    def actions(self) -> Mapping[str, bool]:
        """The actions that can be decided, and whether each takes a value."""
        return {action: action in ACTIONS_WITH_VALUE for action in ACTIONS}

    def morning(self) -> desk.Morning:
        """Return the morning summary of the last night, of this minute."""
        return self._recent("morning", self._morning)

    def _morning(self) -> desk.Morning:
        with _telling():
            summary = morning(self._home, now=datetime.now(UTC))
        return desk.Morning(
            is_red=summary.level == "red",
            headline=summary.headline,
            came=summary.came,
            failed=tuple((each.what, each.why) for each in summary.failed),
            to_do=summary.to_do,
        )

    def nights(self, limit: int) -> Sequence[desk.Night]:
        """Return the last nights on record, newest first."""
        with _telling():
            newest = [night_record.load(path) for path in night_record.records(self._home)[-limit:]]
        return [_night(each) for each in reversed(newest)]

    def sources(self) -> Sequence[desk.Source]:
        """Return the sources, those that fail first; then those that gave nothing for longest; of this minute."""
        return self._recent("sources", self._sources)

    def _sources(self) -> Sequence[desk.Source]:
        with _telling(), ledger_session(self._home) as session:
            if session is None:
                raise desk.DeskError("there is no ledger: nothing has been crawled here")
            states = source_states(session)
        states.sort(key=lambda each: (not each.is_failing, each.last_good_at or BEFORE_ALL, each.source_id))
        return [
            desk.Source(each.source_id, each.name, each.last_good_at, each.last_outcomes, each.is_failing)
            for each in states
        ]

    def _recent(self, name: str, ask: Callable[[], Answer]) -> Answer:
        now = datetime.now(UTC)
        if name not in self._kept or now - self._kept[name][0] > KEPT:
            self._kept[name] = (now, ask())
        answer: Answer = self._kept[name][1]
        return answer

    def decided(self) -> Mapping[desk.NumberKey, desk.Decided]:
        """Return what was decided on which numbers, whether a release holds it already or not."""
        with _telling():
            decisions = load_decisions(self._decisions)
        found = {}
        for each in decisions:
            guard, cells = each.guard, each.cells()
            key = desk.NumberKey(
                guard.url, guard.indicator_code, guard.dimension, guard.expect_value_text, guard.expect_sentence
            )
            found[key] = desk.Decided(each.correction_id, each.action, cells["value"], each.reason, each.evidence_url)
        return found

    def decide(self, decision: desk.Decision) -> str:
        """Write a decision into the file of decisions; return its name.

        The file has no column for who decided (its history tells): the name stands at the end of the reason.
        """
        action = next((each for each in ACTIONS if each == decision.action), None)
        if action is None:
            raise desk.DecisionRefusedError(f"{decision.action}: one of {', '.join(ACTIONS)}")
        with _telling():
            try:
                taken, _ = review.take_decision(
                    self._home,
                    f"{decision.document_id}/{decision.observation_id}",
                    action,
                    decision.value,
                    reason=f"{decision.reason.strip()} [{decision.decided_by.strip()}]",
                    evidence_url=decision.evidence or None,
                    replacing=decision.replacing,
                    path=self._decisions,
                )
            except DecisionError as error:
                raise desk.DecisionRefusedError(str(error)) from error
        return taken.correction_id


def _night(night: night_record.Night) -> desk.Night:
    counts = [sum(check.status == state for check in night.checks) for state in ("failed", "warned")]
    return desk.Night(
        run_id=night.run_id,
        job=night.job,
        status=night.status,
        ended_at=night.ended_at,
        captures_new=night.metadata.get("crawl", {}).get("captures_new"),
        pages_read=night.metadata.get("documents", {}).get("pages_read"),
        red=counts[0],
        warned=counts[1],
        failures=tuple(f"{each.step}: {each.reason}" for each in night.failures),
    )


@contextmanager
def _telling() -> Iterator[None]:
    """Turn what can go wrong with the files of the data home into what the explorer shows."""
    try:
        yield
    except (
        DecisionError,
        NightRecordError,
        ReleaseDamagedError,
        NoReleaseError,
        QueryError,
        LedgerUnusableError,
        SQLAlchemyError,
        duckdb.Error,
        OSError,
    ) as error:
        raise desk.DeskError(f"{type(error).__name__}: {error}") from error
