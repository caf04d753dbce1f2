"""What the nightly job tells the explorer when files of the data home are missing, damaged or locked."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from explorer.desk import DeskError
from pipelines.cli_show import next_steps
from pipelines.explorer_desk import NightlyDesk
from pipelines.night_record import Night, Status
from warehouse.paths import ScratchHome


def test_an_unused_home_is_no_error_but_for_its_ledger(tmp_path: Path) -> None:
    desk = NightlyDesk(ScratchHome(tmp_path))
    assert desk.nights(3) == []
    assert desk.morning().headline == "fazhi: no night has ended yet"
    with pytest.raises(DeskError, match="no ledger"):
        desk.sources()


@pytest.mark.parametrize("ask", [NightlyDesk.morning, lambda desk: desk.nights(3)])
def test_a_damaged_record_is_named(tmp_path: Path, ask: Callable[[NightlyDesk], object]) -> None:
    record = tmp_path / "nights" / "20260101T000000Z-0.json"
    record.parent.mkdir()
    record.write_text("{}", encoding="utf-8")
    with pytest.raises(DeskError, match=r"20260101T000000Z-0\.json is not the record of a night"):
        ask(NightlyDesk(ScratchHome(tmp_path)))


def test_a_ledger_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as ledger:
        ledger.execute("create table other (name text)")
    desk = NightlyDesk(ScratchHome(tmp_path))
    for ask in (desk.sources, desk.morning):
        with pytest.raises(DeskError, match="no such table"):
            ask()


def test_a_file_of_decisions_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(DeskError, match=r"none\.csv"):
        NightlyDesk(ScratchHome(tmp_path), tmp_path / "none.csv").decided()


@pytest.mark.parametrize(
    ("status", "is_named"),
    [("published", True), ("unchanged", True), ("done", False), ("withheld", False), ("failed", False)],
)
def test_a_night_with_a_release_ends_by_naming_the_explorer(status: Status, is_named: bool) -> None:
    last, _ = next_steps(Night("run", status, {}, (), (), ()))[-1]
    assert (last == "make explore") == is_named
