"""The folder of releases: history, naming, going back, and which releases stay."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.release_history import (
    RollbackError,
    Shelved,
    UnknownReleaseError,
    find_release,
    kept,
    list_releases,
    prune,
    roll_back,
)
from warehouse import publish, shelf
from warehouse.paths import Home


def put(home: Home, name: str, *, is_latest: bool = True) -> Path:
    """Lay a small release on the shelf, as publishing does."""
    folder = home.exports / name
    (folder / "excel").mkdir(parents=True)
    package = {"id": name, "created": f"{name[:10]}T00:00:00Z", "resources": [{"name": "fct_report", "rows": 3}]}
    (folder / "datapackage.json").write_text(json.dumps(package | {"contract_version": "1.0"}), encoding="utf-8")
    publish.write_checksums(folder)
    if is_latest:
        before = shelf.latest_id(home.exports)
        shelf.switch_latest(home.exports, name)
        shelf.record_switch(home.exports, "published", name, before)
        shelf.mark_published(home.exports, name, f"of-{name}")
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Three releases, the last of them the latest; names are not in the order of publishing."""
    home = Home(tmp_path)
    for name in ("2026-01-05-b", "2026-01-05-a", "2026-02-01-c"):
        put(home, name)
    return home


def test_releases_are_listed_in_the_order_of_publishing(home: Home) -> None:
    put(home, "2025-12-31-copied", is_latest=False)
    (home.exports / ".building-1").mkdir()
    releases = list_releases(home)
    assert [each.name for each in releases] == ["2026-02-01-c", "2026-01-05-a", "2026-01-05-b", "2025-12-31-copied"]
    assert [each.is_latest for each in releases] == [True, False, False, False]
    assert [each.published_at is None for each in releases] == [False, False, False, True]
    assert {(each.contract, each.reports) for each in releases} == {("1.0", 3)}


def test_a_release_that_cannot_be_read_is_listed(home: Home) -> None:
    (home.exports / "2026-01-05-a" / "datapackage.json").write_text("half", encoding="utf-8")
    found = find_release(list_releases(home), "2026-01-05-a")
    assert (found.created, found.reports) == (None, None)


def test_without_a_folder_there_is_no_release(tmp_path: Path) -> None:
    assert list_releases(Home(tmp_path / "nowhere")) == []


@pytest.mark.parametrize(
    ("name", "found"),
    [("latest", "2026-02-01-c"), ("2026-01-05-a", "2026-01-05-a"), ("2026-02", "2026-02-01-c")],
)
def test_releases_are_named_by_id_or_its_beginning(home: Home, name: str, found: str) -> None:
    assert find_release(list_releases(home), name).name == found


@pytest.mark.parametrize(
    ("name", "message"),
    [("2027", "no releases; there are"), ("2026-01", "2 releases; these"), ("", "no releases")],
)
def test_a_name_must_mean_one_release(home: Home, name: str, message: str) -> None:
    with pytest.raises(UnknownReleaseError, match=message):
        find_release(list_releases(home), name)


def test_going_back_holds_the_bad_release_back(home: Home) -> None:
    assert roll_back(home).name == "2026-01-05-a"
    assert shelf.latest_id(home.exports) == "2026-01-05-a"
    assert shelf.rolled_back_ids(shelf.read_history(home.exports)) == {"2026-02-01-c"}
    assert shelf.published_fingerprint(home.exports) == "of-2026-02-01-c"
    assert roll_back(home).name == "2026-01-05-b"
    with pytest.raises(RollbackError, match="no earlier release"):
        roll_back(home)


def test_a_release_gone_back_from_may_be_returned_to(home: Home) -> None:
    roll_back(home, "2026-01-05-b")
    assert roll_back(home, "2026-02").name == "2026-02-01-c"
    assert shelf.rolled_back_ids(shelf.read_history(home.exports)) == {"2026-01-05-b"}


def test_only_a_whole_release_is_gone_back_to(home: Home) -> None:
    (home.exports / "2026-01-05-a" / "datapackage.json").unlink()
    with pytest.raises(RollbackError, match=r"damaged \(datapackage\.json\)"):
        roll_back(home)
    with pytest.raises(RollbackError, match="is the latest release already"):
        roll_back(home, "latest")
    assert shelf.latest_id(home.exports) == "2026-02-01-c"


def shelved(name: str, *, is_latest: bool = False, is_rolled_back: bool = False) -> Shelved:
    return Shelved(name, Path(name), f"{name[:4]}-06-01T00:00:00Z", None, None, None, is_latest, is_rolled_back)


@pytest.mark.parametrize(
    ("releases", "newest", "stay"),
    [
        ([], 3, []),
        ([shelved("2026-1", is_latest=True)], 1, ["2026-1"]),
        (
            [shelved("2026-3", is_latest=True), shelved("2026-2"), shelved("2026-1")],
            1,
            ["2026-3", "2026-2"],
        ),
        (
            [shelved("2026-2", is_latest=True), shelved("2026-1"), shelved("2025-2"), shelved("2025-1")],
            1,
            ["2026-2", "2026-1", "2025-2"],
        ),
        (
            [shelved("2026-3", is_rolled_back=True), shelved("2026-2", is_latest=True), shelved("2026-1")],
            5,
            ["2026-2", "2026-1"],
        ),
        (
            [shelved("2026-4"), shelved("2026-3"), shelved("2026-2", is_latest=True), shelved("2026-1")],
            1,
            ["2026-4", "2026-2", "2026-1"],
        ),
    ],
    ids=["none", "one", "newest", "last of a year", "rolled back goes", "latest is not the newest"],
)
def test_what_stays(releases: list[Shelved], newest: int, stay: list[str]) -> None:
    reasons = kept(releases, newest)
    assert [each.name for each in releases if each.name in reasons] == stay


def test_pruning_takes_the_others_away(home: Home) -> None:
    leaving, _ = prune(home, 1, only_show=True)
    assert [each.name for each in leaving] == ["2026-01-05-b"]
    assert (home.exports / "2026-01-05-b").is_dir()
    prune(home, 1)
    assert [each.name for each in list_releases(home)] == ["2026-02-01-c", "2026-01-05-a"]
    assert sorted(path.name for path in home.exports.iterdir() if path.name.startswith(shelf.LEAVING_PREFIX)) == []


def test_the_latest_is_never_taken_away(home: Home) -> None:
    with pytest.raises(ValueError, match="is the latest release"):
        shelf.remove_release(home.exports, "2026-02-01-c")


def test_a_switch_is_told_once(home: Home) -> None:
    before = shelf.read_history(home.exports)
    shelf.record_switch(home.exports, "published", "2026-02-01-c", "2026-02-01-c")
    assert shelf.read_history(home.exports) == before
    assert [each.before for each in before] == [None, "2026-01-05-b", "2026-01-05-a"]


@pytest.mark.parametrize("line", ["half", "[]", '{"at": "now"}'])
def test_a_damaged_history_names_its_line(home: Home, line: str) -> None:
    path = home.exports / shelf.HISTORY
    path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    with pytest.raises(shelf.HistoryError, match=r"\.history, line 4"):
        list_releases(home)


def test_what_a_killed_process_left_half_made_goes_with_the_next_release(home: Home) -> None:
    kept = sorted(path.name for path in home.exports.iterdir())
    for name in (".building-7", ".leaving-2025-12-31-x"):
        (home.exports / name).mkdir()
        (home.exports / name / "half.csv").write_text("a,", encoding="utf-8")
    for name in (".history-7", ".published-7"):
        (home.exports / name).write_text("half", encoding="utf-8")
    (home.exports / ".latest-7").symlink_to("nowhere")
    with shelf.building_folder(home.exports):
        pass
    assert sorted(path.name for path in home.exports.iterdir()) == kept
    assert shelf.latest_id(home.exports) == "2026-02-01-c"
