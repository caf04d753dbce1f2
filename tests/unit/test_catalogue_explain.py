"""What ``fazhi catalogue explain`` says of an indicator, with and without a release, and of codes that do not exist."""

import json
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines.catalogue_explain import (
    Sample,
    UnknownIndicatorError,
    explain_indicator,
    in_words,
)
from pipelines.cleaning.tables import SEEDS_DIR
from pipelines.cli import app
from pipelines.querying import RELEASE_DATABASE
from warehouse.paths import Home

SENTENCE = "全年审结行政复议案件49件。"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home without a release."""
    monkeypatch.setenv("FAZHI_HOME", str(tmp_path))
    return Home(tmp_path)


def publish(home: Home) -> None:
    """A release of two observations, of which one is withdrawn."""
    latest = home.exports / "latest"
    latest.mkdir(parents=True)
    with duckdb.connect(str(latest / RELEASE_DATABASE)) as connection:
        connection.execute(
            "create table fct_observation (observation_id text, is_current boolean, indicator_code text,"
            " sentence text, value_text text, value double, unit text, region_name text, report_year integer,"
            " rule text, confidence double)"
        )
        row = ["RR_CLOSED", SENTENCE, "49", 49.0, "件", "青山县", 2022, "RR_CLOSED.1", 0.95]
        for name, is_current in (("one", True), ("two", False)):
            connection.execute("insert into fct_observation values (?,?,?,?,?,?,?,?,?,?,?)", [name, is_current, *row])


def test_an_indicator_is_explained_from_all_tables(home: Home) -> None:
    explanation = explain_indicator("RR_CLOSED", SEEDS_DIR, home)
    assert explanation.facts["name_zh"] == "行政复议-审结(办结)"
    assert explanation.facts["unit"] == "件"
    assert "2021年行政复议体制改革" in explanation.facts["comparability_note"]
    assert "RR_UPHELD" in explanation.parts
    roles = {each.identity_id: each.role for each in explanation.identities}
    assert roles["RR_CLOSED_BY_OUTCOME"] == "total"
    assert roles["RR_CORRECTION_RATE_FLOOR"] == "denominator"
    assert [rule.rule_id for rule in explanation.rules] == ["RR_CLOSED.1", "RR_CLOSED.2"]
    assert all(len(rule.examples) >= 2 for rule in explanation.rules)
    assert explanation.samples is None


def test_dimensions_and_zeros_are_explained(home: Home) -> None:
    assert "一审" in explain_indicator("LIT_APPEAR_RATE", SEEDS_DIR, home).dimensions
    assert [rule.reads[:5] for rule in explain_indicator("LIT_LOST", SEEDS_DIR, home).zero_rules] == ["⟨0⟩[行"]


def test_numbers_come_from_the_latest_release(home: Home) -> None:
    publish(home)
    expected = Sample(SENTENCE, "49", 49.0, "件", "青山县", 2022, "RR_CLOSED.1", 0.95)
    assert explain_indicator("RR_CLOSED", SEEDS_DIR, home).samples == (expected,)
    assert explain_indicator("LIT_LOST", SEEDS_DIR, home).samples == ()


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ("RR_CLOSE", "RR_CLOSED"),
        ("rr_closed", "RR_CLOSED"),
        ("案卷评查", "ENFO_FILES_REVIEWED"),
        ("败诉率", "LIT_LOST_RATE"),
    ],
)
def test_an_unknown_code_is_answered_with_the_nearest(home: Home, asked: str, named: str) -> None:
    with pytest.raises(UnknownIndicatorError, match=rf"no indicator has the code {asked}; nearest:.*\b{named}\b"):
        explain_indicator(asked, SEEDS_DIR, home)


def test_nothing_near_is_not_named(home: Home) -> None:
    with pytest.raises(UnknownIndicatorError, match=r"code 9999$"):
        explain_indicator("9999", SEEDS_DIR, home)


def test_a_folder_without_tables_is_refused(home: Home, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"indicators\.csv: no such file"):
        explain_indicator("RR_CLOSED", tmp_path, home)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("受理N", "受理⟨N⟩"),
        ("{行政(应诉|诉讼)(案件)?}", "行政(应诉/诉讼)[案件]⇄⟨N⟩"),
        ("(时限|时间)由~M~N", "(时限/时间)由…⟨M⟩…⟨N⟩"),
        ("N[^;。]{0,60}?纳入~考核", "⟨N⟩…纳入…考核"),
        ("(?<!不)(?<!基本)合格(案卷)?N", "合格[案卷]⟨N⟩ (not behind 不; not behind 基本)"),
        ("对~N(?!合同)[^;。]{0,40}?审查", "对…⟨N⟩…审查 (without 合同 next)"),
        ("(常务会议?|政府党组)N", "(常务会[议]/政府党组)⟨N⟩"),
        ("Z败诉", "⟨0⟩败诉"),
        (r"互联网\+监管", "互联网+监管"),
    ],
)
def test_patterns_in_words(pattern: str, words: str) -> None:
    assert in_words(pattern) == words


def test_a_computed_indicator_has_no_rules_to_show(home: Home) -> None:
    publish(home)
    told = CliRunner().invoke(app, ["catalogue", "explain", "META_CHARS"])
    assert "Computed from the document" in told.stdout
    assert "release" not in told.stdout


def test_the_command_shows_and_prints(home: Home) -> None:
    publish(home)
    told = CliRunner().invoke(app, ["catalogue", "explain", "RR_CLOSED"])
    assert told.exit_code == 0
    assert "审结行政复议案件[49]件" in told.stdout
    assert "青山县" in told.stdout
    shown = json.loads(CliRunner().invoke(app, ["catalogue", "explain", "RR_CLOSED", "--json"]).stdout)
    assert shown["samples"][0]["region"] == "青山县"
    assert CliRunner().invoke(app, ["catalogue", "explain", "RR_CLOSEST"]).exit_code == 2
