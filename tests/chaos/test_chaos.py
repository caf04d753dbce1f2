"""A few kills and cheap faults for every test run; ``make chaos`` has all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from drills import drill
from faults import CHEAP, Fault
from kills import SHARES, Kill, Row, draw
from stand import Base, Stand, stand, undisturbed

NAME = "first night"
# One kill in each kind of work: asking portals, reading pages, building tables, and the switch itself.
ROWS = (
    Row((Kill("crawl", "group", 0.5), Kill("read", "main", 0.5), Kill("build", "dbt", 0.3)), NAME, is_rerun_whole=True),
    Row((Kill("switch", "group", 0.25),), NAME, is_rerun_whole=False),
)


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with stand(tmp_path_factory.mktemp("chaos")) as found:
        yield found


@pytest.fixture(scope="module")
def base(at: Stand) -> Base:
    return undisturbed(at, NAME, None)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.kills[-1].point)
def test_after_kills_one_rerun_gives_the_same_release(at: Stand, base: Base, row: Row) -> None:
    verdict = drill(at, {NAME: base}, row)
    assert verdict.faults == []
    assert len(verdict.died_in) == len(row.kills)
    assert verdict.looks > 0


@pytest.mark.parametrize("fault", CHEAP, ids=lambda fault: str(fault.__name__))
def test_a_fault_is_told_and_a_rerun_without_it_gives_the_same_release(at: Stand, base: Base, fault: Fault) -> None:
    assert fault(at, base).faults == []


@pytest.mark.parametrize(("points", "in_a_row"), [(60, 8), (60, 1), (200, 3)])
def test_every_part_of_a_night_gets_its_points(points: int, in_a_row: int) -> None:
    rows = draw(points, 1, ["a", "b"], in_a_row)
    kills = [kill for row in rows for kill in row.kills]
    assert (len(kills), {kill.point for kill in kills}) == (points, set(SHARES))
    assert max(len(row.kills) for row in rows) <= in_a_row
    assert rows == draw(points, 1, ["a", "b"], in_a_row)
    assert rows != draw(points, 2, ["a", "b"], in_a_row)
