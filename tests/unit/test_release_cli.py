"""``fazhi release``: arguments, messages and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines import release_contract
from pipelines.cli import app
from pipelines.cli_common import Exit
from warehouse import publish, shelf
from warehouse.locks import writer_lock
from warehouse.paths import HOME_VARIABLE, Home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Two releases without tables, the second the latest."""
    home = Home(tmp_path)
    for name in ("2026-01-05-a", "2026-02-01-b"):
        folder = home.exports / name
        folder.mkdir(parents=True)
        package = {"id": name, "created": f"{name[:10]}T00:00:00Z", "contract_version": "1.0", "resources": []}
        (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
        publish.write_checksums(folder)
        before = shelf.latest_id(home.exports)
        shelf.switch_latest(home.exports, name)
        shelf.record_switch(home.exports, "published", name, before)
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    return home


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["list"], 0, "2026-02-01-b"),
        (["rollback"], 0, "latest is 2026-01-05-a now"),
        (["rollback", "2026-01"], 0, "latest is 2026-01-05-a now"),
        (["rollback", "latest"], 1, "is the latest release already"),
        (["rollback", "2027"], 2, "means no releases"),
        (["prune", "--keep", "1"], 0, "to go back to"),
        (["prune", "--keep", "0"], 2, "--keep"),
        (["diff", "latest", "2027"], 2, "means no releases"),
        (["contract", "--major"], 2, "without --write"),
    ],
)
def test_commands_answer(home: Home, arguments: list[str], code: int, said: str) -> None:
    result = CliRunner().invoke(app, ["release", *arguments])
    assert result.exit_code == code, result.output
    assert said in result.output


def test_list_as_json(home: Home) -> None:
    found = json.loads(CliRunner().invoke(app, ["release", "list", "--json"]).stdout)
    assert [(each["name"], each["is_latest"]) for each in found] == [("2026-02-01-b", True), ("2026-01-05-a", False)]


def test_without_a_release_the_list_says_how_to_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "empty"))
    assert "fazhi run" in CliRunner().invoke(app, ["release", "list"]).output


@pytest.mark.parametrize("command", ["rollback", "prune"])
def test_while_a_night_writes_nothing_is_changed(home: Home, command: str) -> None:
    with writer_lock(home):
        result = CliRunner().invoke(app, ["release", command])
    assert result.exit_code == Exit.LOCKED
    assert shelf.latest_id(home.exports) == "2026-02-01-b"


def marts_of_one_column(path: Path, *names: str) -> Path:
    """A manifest with one mart with these columns."""
    columns = {name: {"name": name, "data_type": "varchar", "description": "Text."} for name in names}
    node = {
        "resource_type": "model",
        "name": "fct_x",
        "fqn": ["fazhi", "marts", "fct_x"],
        "description": "Things.",
        "config": {"meta": {"key": ["code"]}},
        "columns": columns,
    }
    path.write_text(json.dumps({"nodes": {"model.fazhi.fct_x": node}}), encoding="utf-8")
    return path


def test_the_contract_moves_by_command_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest, contract = tmp_path / "manifest.json", tmp_path / "contract.json"
    monkeypatch.setattr("pipelines.manifest.prepare", lambda: manifest)
    monkeypatch.setattr(release_contract, "CONTRACT", contract)
    monkeypatch.setattr(release_contract.read_contract, "__defaults__", (contract,))
    monkeypatch.setattr(release_contract.write_contract, "__defaults__", (contract,))

    def said(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["release", "contract", *arguments])
        return result.exit_code, result.output

    marts_of_one_column(manifest, "code")
    assert said()[0] == 1
    assert said("--write") == (0, "contract 1.0\n")
    assert said() == (0, "the marts are those of contract 1.0\n")
    marts_of_one_column(manifest, "code", "more")
    code, output = said()
    assert (code, output.splitlines()[0]) == (1, "adds    fct_x.more: column added (string)")
    assert said("--write")[1].endswith("contract 1.1\n")
    marts_of_one_column(manifest, "code")
    code, output = said("--write")
    assert (code, output.splitlines()[0]) == (1, "breaks  fct_x.more: column removed (string)")
    assert said("--write", "--major")[1].endswith("contract 2.0\n")
