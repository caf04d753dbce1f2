"""The pages that reading is measured on, and a few hundred damaged ones: none may make it fail."""

import json

import pytest
from typer.testing import CliRunner

from pipelines import bench_extract, bench_fuzz
from pipelines.bench_extract import page_of_length
from pipelines.bench_fuzz import DAMAGES, damaged_page, read_damaged
from pipelines.bench_pages import FAMILIES, bench_pages, own_texts, varied
from pipelines.cli_bench import app
from pipelines.reading import read
from pipelines.reference import load_reference

PAGES = bench_pages()
PARTS = 4
DAMAGED_OF_A_PART = 50


def test_every_text_is_a_page_of_every_family() -> None:
    assert len(PAGES) == len(FAMILIES) * len(own_texts())
    assert len({page.content for page in PAGES}) == len(PAGES)
    assert [page.content for page in bench_pages()] == [page.content for page in PAGES]


@pytest.mark.parametrize("family", FAMILIES)
def test_pages_are_read_by_the_container_of_their_family(family: str) -> None:
    page = next(page for page in PAGES if page.name.endswith(family))
    assert read(page, load_reference()).document.container.startswith(f"{family}:")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021年办理12件", "2021年办理15件"),
        ("3件", "3件"),
        ("12月28日印发〔2021〕35号", "12月28日印发〔2021〕35号"),
        ("达98.5%", "达98.5%"),
    ],
)
def test_figures_differ_but_no_dates(text: str, expected: str) -> None:
    assert varied(text, 3) == expected


@pytest.mark.parametrize("full_stops", [True, False])
def test_pages_of_a_length_are_reports(*, full_stops: bool) -> None:
    reading = read(page_of_length(5000, full_stops=full_stops), load_reference())
    assert len(reading.document.text) == 5000
    assert reading.document.is_annual_report
    assert len(reading.observations) > 50


@pytest.mark.parametrize("part", range(PARTS))
def test_no_damage_makes_reading_fail(part: int) -> None:
    numbers = range(part * DAMAGED_OF_A_PART, (part + 1) * DAMAGED_OF_A_PART)
    assert [each for each in read_damaged(PAGES, load_reference(), 7, numbers) if each.error] == []


def test_damage_follows_from_seed_and_number() -> None:
    made = [damaged_page(PAGES, seed, number) for seed, number in ((1, 5), (1, 5), (1, 6), (2, 5))]
    assert made[0] == made[1]
    assert len({page.content for page in made}) == 3
    named = {name for number in range(60) for name in damaged_page(PAGES, 1, number).name.split(":")[2].split("+")}
    assert named == {damage.__name__ for damage in DAMAGES}


@pytest.mark.parametrize(
    ("found", "code"),
    [({"crashes": 0, "over_one_second": 0}, 0), ({"crashes": 1, "over_one_second": 0}, 1),
     ({"crashes": 0, "over_one_second": 2}, 1)],
)  # fmt: skip
def test_fuzz_exits_by_what_it_found(found: dict[str, int], code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_fuzz, "run_fuzz", lambda count, seed: {"pages": count, "seed": seed, **found})
    result = CliRunner().invoke(app, ["fuzz", "--pages", "3", "--seed", "4", "--json"])
    assert (result.exit_code, json.loads(result.output)) == (code, {"pages": 3, "seed": 4, **found})


def test_extract_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: int) -> None:
        raise bench_extract.BenchError("trafilatura is not installed")

    monkeypatch.setattr(bench_extract, "run_bench", fail)
    result = CliRunner().invoke(app, ["extract"])
    assert result.exit_code == 1
    assert "trafilatura is not installed" in result.output
