"""The wiring: definitions load, the asset graph is the one that was agreed on, the night comes at two in China."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.gate_checks import CHECKS, NIGHT_CHECKS
from pipelines.settings import Stage
from warehouse.paths import PROJECT_ROOT

SNAPSHOT = Path(__file__).parent / "tables" / "asset_graph.txt"


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> Iterable[Any]:
    """The definitions, loaded with a data home of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FAZHI_HOME", str(tmp_path_factory.mktemp("home")))
        for name in ("DAGSTER_HOME", "FAZHI_DAGSTER", "FAZHI_WAREHOUSE"):
            patch.setenv(name, "")
        from pipelines.definitions import defs

        yield defs


@pytest.fixture(scope="module")
def graph(definitions: Any) -> Any:
    return definitions.resolve_asset_graph()


def test_the_asset_graph_is_the_one_agreed_on(graph: Any) -> None:
    lines = []
    for key in sorted(graph.get_all_asset_keys(), key=str):
        node = graph.get(key)
        parents = ", ".join(sorted(parent.path[-1] for parent in node.parent_keys))
        lines.append(f"{node.group_name}/{key.path[-1]} ← {parents}".rstrip())
    agreed = SNAPSHOT.read_text(encoding="utf-8").splitlines()
    assert lines == agreed, f"if the change is wanted, {SNAPSHOT.name} becomes:\n" + "\n".join(lines)


def test_every_check_stands_with_its_asset_and_blocks_if_it_should(graph: Any) -> None:
    found = {(key.asset_key.path[-1], key.name): graph.get_check_spec(key) for key in graph.asset_check_keys}
    blocking = {check: found[(check.asset, check.name)].blocking for check in (*NIGHT_CHECKS, *CHECKS)}
    assert blocking == {check: check.stops for check in blocking}
    assert all(check.stops for check in CHECKS)


def test_dbt_tests_are_asset_checks(graph: Any) -> None:
    own = {check.name for check in (*NIGHT_CHECKS, *CHECKS)}
    assert [key for key in graph.asset_check_keys if key.name not in own]


def test_the_release_waits_for_every_mart(graph: Any) -> None:
    (release,) = (key for key in graph.get_all_asset_keys() if key.path[-1] == "release")
    marts = {key for key in graph.get_all_asset_keys() if graph.get(key).group_name == "marts"}
    assert graph.get(release).parent_keys == marts
    assert {check.asset for check in CHECKS} <= {key.path[-1] for key in marts}


def test_the_night_is_at_two_in_china(definitions: Any) -> None:
    schedule = definitions.resolve_schedule_def("nightly_schedule")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 2 * * *", "Asia/Shanghai")
    assert schedule.job_name == "nightly"


def test_the_night_runs_everything_in_one_process(definitions: Any, graph: Any) -> None:
    job = definitions.resolve_job_def("nightly")
    assert job.executor_def.name == "in_process"
    assert set(job.asset_layer.selected_asset_keys) == set(graph.materializable_asset_keys)


@pytest.mark.parametrize(
    ("stage", "inside", "outside"),
    [
        (Stage.CRAWL, {"crawl", "captures"}, {"documents", "fct_report", "release"}),
        (Stage.READ, {"captures", "documents", "observations"}, {"crawl", "fct_report", "release"}),
        (Stage.BUILD, {"fct_report", "dim_region"}, {"crawl", "captures", "documents", "release"}),
        (Stage.PUBLISH, {"release"}, {"crawl", "captures", "documents", "fct_report"}),
    ],
)
def test_a_stage_runs_its_own_assets(definitions: Any, stage: Stage, inside: set[str], outside: set[str]) -> None:
    from pipelines.schedules import job_name

    selected = {key.path[-1] for key in definitions.resolve_job_def(job_name(stage)).asset_layer.selected_asset_keys}
    assert inside <= selected
    assert not outside & selected


def test_the_instance_keeps_to_one_run_and_tells_nobody() -> None:
    settings = yaml.safe_load((PROJECT_ROOT / "dagster.yaml").read_text(encoding="utf-8"))
    assert settings["telemetry"] == {"enabled": False}
    assert settings["concurrency"]["runs"]["max_concurrent_runs"] == 1
    assert settings["run_retries"]["enabled"]
    assert settings["storage"]["custom"]["config"] == {"base_dir": {"env": "FAZHI_DAGSTER"}}
