"""The plan of a night: who is asked, how deep, what is looked at again; and the history that it follows from."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from scrapers.__main__ import main
from scrapers.plan import SWEEP_DAYS, SWEEP_SPREAD_DAYS, is_recheck_due, plan_night, plan_source, years_held
from scrapers.sources import SourceConfig, parse_source
from scrapers.walk import StopReason
from warehouse.history import BUDGET_SPENT, IMPORT_TRIGGER, PLANNED_DEPTH, KnownPage, SourceHistory, read_history
from warehouse.ledger import CaptureKind, CaptureRow, Ledger, NewAttempt, SourceRow, capture_id_for
from warehouse.outcomes import Outcome

SPRING = datetime(2026, 2, 10, 18, tzinfo=UTC)
SUMMER = datetime(2026, 7, 10, 18, tzinfo=UTC)
SOURCE = parse_source(
    "id: some-county\nname: 某县网\nowner: 某县人民政府\nregion: '350123'\nfamily: trs\n"
    "start_urls: [https://portal.example/bg/]\nbounds: {pages: 9}\n"
)
LISTED = "https://portal.example/bg/"


def days(count: float) -> timedelta:
    return timedelta(days=count)


def page(number: int, title: str | None, changed: datetime, asked: datetime, listed: date | None = None) -> KnownPage:
    return KnownPage(f"https://portal.example/{number}.html", "article", changed, asked, LISTED, title, listed)


def history(
    now: datetime, asked: float, *, year: int | None = None, swept: float | None = 30, **more: object
) -> SourceHistory:
    """A source last asked so many days ago, whose only page is of a year and was looked at just now."""
    pages = (page(1, f"某县{year}年法治政府建设报告", now - days(300), now),) if year else ()
    found = SourceHistory(
        asked_at=now - days(asked),
        read_at=now - days(asked),
        swept_at=None if swept is None else now - days(swept),
        pages=pages,
    )
    return replace(found, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "given", "action", "reason"),
    [
        (SPRING, SourceHistory(), "sweep", "never swept"),
        (SPRING, history(SPRING, 1), "check", "in season, 2025 missing"),
        (SPRING, history(SPRING, 0.9), "check", "in season, 2025 missing"),
        (SPRING, history(SPRING, 0.1), "rest", "in season, 2025 missing; again in 1 day"),
        (SPRING, history(SPRING, 3, year=2025), "rest", "in season, 2025 held; again in 4 days"),
        (SPRING, history(SPRING, 7, year=2025), "check", "in season, 2025 held"),
        (SPRING, history(SPRING, 1, year=2024), "check", "in season, 2025 missing"),
        (SUMMER, history(SUMMER, 10), "rest", "out of season, 2025 missing; again in 4 days"),
        (SUMMER, history(SUMMER, 14), "check", "out of season, 2025 missing"),
        (SUMMER, history(SUMMER, 20, year=2025), "rest", "out of season, 2025 held; again in 10 days"),
        (SUMMER, history(SUMMER, 30, year=2025), "check", "out of season, 2025 held"),
        (SUMMER, history(SUMMER, 5, year=2025, swept=91), "sweep", "last swept 91 days ago"),
        (SUMMER, history(SUMMER, 5, year=2025, swept=None), "sweep", "never swept"),
        (SPRING, history(SPRING, 1, failures=1), "check", "failed 1 times in a row"),
        (SPRING, history(SPRING, 1, failures=3), "rest", "failed 3 times in a row; again in 3 days"),
        (SPRING, history(SPRING, 29, failures=9), "rest", "failed 9 times in a row; again in 1 day"),
        (SPRING, history(SPRING, 2, failures=1, is_refused=True), "rest", "refused 1 times in a row; again in 5 days"),
        (SUMMER, history(SUMMER, 1, year=2025, is_unfinished=True), "sweep", "goes on"),
    ],
)
def test_a_source_is_asked_by_season_by_what_is_missing_and_by_past_behaviour(
    now: datetime, given: SourceHistory, action: str, reason: str
) -> None:
    plan = plan_source(SOURCE, given, now)
    assert (plan.action, reason in plan.reason) == (action, True), plan.reason


@pytest.mark.parametrize(
    ("change", "action"),
    [({"status": "retired"}, "rest"), ({"is_sample": True}, "sweep"), ({"status": "unverified"}, "rest")],
)
def test_samples_are_always_read_and_retired_sources_never(change: dict[str, object], action: str) -> None:
    source: SourceConfig = replace(SOURCE, **change)  # type: ignore[arg-type]
    assert plan_source(source, history(SUMMER, 0.1, year=2025), SUMMER).action == action


@pytest.mark.parametrize(("newest_on", "depth"), [(1, 2), (3, 4), (20, 9)])
def test_a_check_goes_one_page_beyond_the_newest_find(newest_on: int, depth: int) -> None:
    plan = plan_source(SOURCE, history(SPRING, 1, newest_on=newest_on), SPRING)
    assert (plan.action, plan.list_pages, plan.is_partial) == ("check", depth, True)


def test_sweeps_are_spread_over_days_and_ask_for_everything_known() -> None:
    sources = [replace(SOURCE, source_id=f"source-{number}") for number in range(400)]
    given = {source.source_id: history(SUMMER, 8, year=2025, swept=SWEEP_DAYS - 7) for source in sources}
    plans = plan_night(sources, given, SUMMER)
    swept = [plan for plan in plans if plan.action == "sweep"]
    assert 400 * 6 // SWEEP_SPREAD_DAYS - 60 < len(swept) < 400 * 8 // SWEEP_SPREAD_DAYS + 60
    assert all([known.url for known in plan.recheck] == ["https://portal.example/1.html"] for plan in swept)


@pytest.mark.parametrize(
    ("age", "rested", "is_due"),
    [
        (0, 6, False),
        (0, 7, True),
        (28, 7, True),
        (100, 20, False),
        (100, 25, True),
        (5000, 170, False),
        (5000, 180, True),
    ],
)
def test_known_pages_are_looked_at_again_on_a_decaying_rhythm(age: float, rested: float, is_due: bool) -> None:
    asked = SUMMER - days(rested)
    assert is_recheck_due(page(1, None, asked - days(age), asked), SUMMER) is is_due


def test_what_is_due_is_asked_and_what_is_not_rests() -> None:
    pages = (page(1, "2025年报告", SPRING - days(30), SPRING - days(20)), page(2, None, SPRING, SPRING))
    plan = plan_source(SOURCE, history(SPRING, 7, pages=pages), SPRING)
    assert [known.url for known in plan.recheck] == [pages[0].url]
    assert plan.resting == {pages[1].url}


@pytest.mark.parametrize(
    ("title", "listed", "years"),
    [
        ("某县2023年度法治政府建设报告", None, {2023}),
        ("关于 2023 年工作和2024年计划的报告", None, {2023, 2024}),
        ("法治政府建设年度报告", date(2025, 3, 1), {2024}),
        (None, None, set()),
    ],
)
def test_years_come_from_titles_or_else_from_dates(title: str | None, listed: date | None, years: set[int]) -> None:
    assert years_held([page(1, title, SPRING, SPRING, listed)]) == years


# -- history -----------------------------------------------------------------------------------------


class Book:
    """Writes runs into a ledger, briefly."""

    def __init__(self, path: Path) -> None:
        self.url = f"sqlite:///{path / 'ledger.sqlite'}"
        self.ledger = Ledger(self.url)
        row = SourceRow("s", "名称", "某县人民政府", "350123", "trs", [LISTED], "0" * 64, SPRING, SPRING, False)
        self.ledger.put_source(row)

    def run(self, day: int, *attempts: NewAttempt, trigger: str = "test", status: str = "done") -> None:
        """Write a run of a day with its attempts."""
        at = SPRING + days(day)
        self.ledger.start_run(f"r{day}", fazhi_version="0", trigger=trigger, started_at=at)
        for attempt in attempts:
            timed = replace(attempt, run_id=f"r{day}", started_at=at)
            self.ledger.record(timed, capture=self.capture(timed) if attempt.kind == "article" else None)
        if status != "running":
            self.ledger.finish_run(f"r{day}", "done" if status == "done" else "failed", at)

    @staticmethod
    def capture(attempt: NewAttempt) -> CaptureRow | None:
        """The capture that an attempt brought; None when it brought none."""
        if attempt.outcome is not Outcome.FETCHED:
            return None
        digest = (attempt.detail or "0").zfill(64)
        at = attempt.started_at
        return CaptureRow(
            capture_id_for(attempt.url, digest),
            "s",
            attempt.url,
            attempt.kind,
            digest,
            None,
            200,
            None,
            None,
            at,
            attempt.run_id,
            "f",
            0,
            1,
            1,
            LISTED + "index_2.html",
            "标题",
            None,
            at,
            at,
        )

    def history(self) -> SourceHistory:
        """What the ledger now remembers."""
        return read_history(self.url)["s"]


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path)


def seen(
    kind: CaptureKind, outcome: Outcome, url: str = LISTED, stop: str | None = None, detail: str | None = None
) -> NewAttempt:
    return NewAttempt("", "s", url, kind, outcome, SPRING, "portal.example", stop_reason=stop, detail=detail)


END = seen("list", Outcome.FETCHED, LISTED + "index_2.html", "end_reached")
FIRST = seen("list", Outcome.FETCHED)
ARTICLE = seen("article", Outcome.FETCHED, "https://portal.example/1.html", detail="1")


def test_a_history_says_when_a_source_was_asked_read_and_swept(book: Book) -> None:
    book.run(0, FIRST, END, ARTICLE)
    book.run(10, seen("list", Outcome.UNCHANGED, stop=PLANNED_DEPTH), seen("robots", Outcome.NOT_FOUND))
    found = book.history()
    assert (found.asked_at, found.read_at, found.swept_at) == (SPRING + days(10), SPRING + days(10), SPRING)
    assert (found.failures, found.is_refused, found.newest_on) == (0, False, 2)
    assert [(known.url, known.list_title) for known in found.pages] == [(ARTICLE.url, "标题")]


def test_failures_in_a_row_are_counted_from_the_last_run(book: Book) -> None:
    book.run(0, FIRST)
    book.run(1, seen("list", Outcome.TIMEOUT))
    book.run(2, seen("robots", Outcome.ROBOTS_UNREACHABLE), seen("list", Outcome.ROBOTS_UNREACHABLE))
    found = book.history()
    assert (found.failures, found.is_refused, found.read_at) == (2, True, SPRING)


def test_runs_that_failed_and_imports_asked_nobody(book: Book) -> None:
    book.run(0, FIRST, END)
    book.run(5, FIRST, END, status="failed")
    book.run(6, FIRST, END, trigger=IMPORT_TRIGGER)
    found = book.history()
    assert (found.asked_at, found.swept_at) == (SPRING, SPRING)


def test_a_sweep_whose_budget_was_spent_is_no_sweep(book: Book) -> None:
    book.run(0, FIRST, END, seen("list", Outcome.LIST_INCOMPLETE, stop=BUDGET_SPENT))
    found = book.history()
    assert (found.swept_at, found.is_unfinished) == (None, True)


def test_a_page_is_as_old_as_its_newest_version_and_asked_even_when_gone(book: Book) -> None:
    book.run(0, FIRST, ARTICLE)
    book.run(5, replace(ARTICLE, detail="2"))
    book.run(9, seen("article", Outcome.NOT_FOUND, ARTICLE.url))
    (known,) = book.history().pages
    assert (known.changed_at, known.asked_at) == (SPRING + days(5), SPRING + days(9))


def test_the_crawl_and_the_history_mean_the_same_by_their_words() -> None:
    assert (StopReason.PLANNED_DEPTH.value, StopReason.BUDGET_SPENT.value) == (PLANNED_DEPTH, BUDGET_SPENT)


def test_the_plan_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FAZHI_HOME", str(tmp_path))
    monkeypatch.delenv("FAZHI_LEDGER_URL", raising=False)
    assert main(["plan", "--at", "2026-02-10"]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"sample-luzhou +sweep +5 +– +bundled sample, always read in full", shown)
    assert re.search(r"wuhan-sfj +sweep +20 +– +full sweep: never swept", shown)
