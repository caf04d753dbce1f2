"""The doctor: what it finds, and that it never falls over the patient."""

from __future__ import annotations

import hashlib
import shutil
import socket
from pathlib import Path

import pytest

from pipelines import doctor
from pipelines.doctor import Finding, examine, pinned_versions
from warehouse.ledger_schema import make_engine, upgrade
from warehouse.locks import writer_lock
from warehouse.paths import Home


def finding(home: Home, name: str) -> Finding:
    return next(each for each in examine(home) if each.name == name)


@pytest.fixture
def home(fazhi_home: Path) -> Home:
    return Home(fazhi_home)


def test_an_unused_home_is_well(home: Home) -> None:
    states = {each.name: each.state for each in examine(home)}
    assert "bad" not in states.values(), states
    assert list(home.path.iterdir()) == [], "looking must not write"


def test_a_held_lock_is_told_with_its_holder(home: Home) -> None:
    with writer_lock(home):
        found = finding(home, "lock")
    assert found.state == "warn"
    assert "pid" in found.message
    assert finding(home, "lock").state == "ok"


def test_a_folder_that_is_a_file_is_bad(home: Home) -> None:
    home.exports.write_text("no folder", encoding="utf-8")
    found = finding(home, "directories")
    assert found.state == "bad"
    assert str(home.exports) in found.message


@pytest.mark.parametrize(("free", "state"), [(10 * 1024**3, "ok"), (1024**3, "warn"), (1024**2, "bad")])
def test_disk_space(home: Home, monkeypatch: pytest.MonkeyPatch, free: int, state: str) -> None:
    usage = shutil.disk_usage(home.path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: usage._replace(free=free))
    assert finding(home, "disk").state == state


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql://fazhi@127.0.0.1:1/none", "refused"),
        ("mysql://h/db", "not on mysql"),
        ("no address", "cannot be read"),
    ],
)
def test_a_ledger_out_of_reach_is_bad(home: Home, monkeypatch: pytest.MonkeyPatch, url: str, message: str) -> None:
    monkeypatch.setenv("FAZHI_LEDGER_URL", url)
    found = finding(home, "ledger")
    assert found.state == "bad"
    assert message in found.message
    assert "FAZHI_LEDGER_URL" in (found.remedy or "")


def test_an_older_ledger_is_told_and_left_as_it_is(home: Home) -> None:
    engine = make_engine(home.ledger_url)
    upgrade(engine, "0001")
    engine.dispose()
    assert finding(home, "ledger").state == "warn"
    assert finding(home, "ledger").message.startswith("schema version 0001")


def test_a_ledger_that_is_no_database_is_bad(home: Home) -> None:
    (home.path / "ledger.sqlite").write_text("no database" * 100, encoding="utf-8")
    found = finding(home, "ledger")
    assert (found.state, "not a database" in found.message) == ("bad", True)


@pytest.mark.parametrize(("content", "state"), [("a,b\n", "ok"), ("a,c\n", "bad")])
def test_a_changed_release_is_bad(home: Home, content: str, state: str) -> None:
    latest = home.exports / "latest"
    latest.mkdir(parents=True)
    (latest / "x.csv").write_text(content, encoding="utf-8")
    (latest / "SHA256SUMS").write_text(f"{hashlib.sha256(b'a,b' + bytes([10])).hexdigest()}  x.csv\n", encoding="utf-8")
    assert finding(home, "release").state == state


def test_a_release_without_sums_is_bad(home: Home) -> None:
    (home.exports / "latest").mkdir(parents=True)
    assert finding(home, "release").state == "bad"


def test_a_look_that_fails_is_a_finding(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def fall(_home: Home) -> Finding:
        raise OSError("the disk is gone")

    monkeypatch.setattr(doctor, "LOOKS", (("disk", fall),))
    found = list(examine(home))
    assert [(each.name, each.state) for each in found] == [("disk", "bad")]
    assert "the disk is gone" in found[0].message


def test_pins_are_read_by_canonical_name() -> None:
    assert pinned_versions("# a comment\ntyping_extensions==4.1\nPyYAML==6.0.3\n\n") == {
        "typing-extensions": "4.1",
        "pyyaml": "6.0.3",
    }


def test_every_requirement_is_pinned() -> None:
    pins = pinned_versions(doctor.CONSTRAINTS.read_text(encoding="utf-8"))
    assert set(doctor.required_names()) <= set(pins)


@pytest.mark.parametrize(("programs", "state"), [(("antiword",), "ok"), ((), "warn")])
def test_programs_for_old_word_files(
    home: Home, monkeypatch: pytest.MonkeyPatch, programs: tuple[str, ...], state: str
) -> None:
    monkeypatch.setattr("pipelines.cleaning.attachments.doc.installed_programs", lambda: programs)
    assert finding(home, "doc programs").state == state


@pytest.mark.parametrize(
    ("named", "state", "message"),
    [
        ("", "ok", "names no target: nobody is told"),
        ("file://{home}/new/nights.txt", "ok", "every night, as text, at the end of {home}/new/nights.txt"),
        ("file://{home}/nights.jsonl#red", "ok", "only what needs attention, as a line of JSON"),
        ("file://{home}", "warn", "{home} is a folder"),
        ("file://{home}/taken/nights.txt", "warn", "{home}/taken is no folder"),
        ("file://{home}/x.txt#loud", "bad", "after # only 'red' means something"),
        (
            "https://chat.example.org/hook/geheim",
            "ok",
            "the summary of every night, posted as JSON to https://chat.example.org",
        ),
        (
            "smtps://bob:geheim@mail.example.org?from=a@x.cn&to=b@x.cn,c@x.cn#red",
            "ok",
            "attention, by mail from a@x.cn to b@x.cn,c@x.cn, through smtps://mail.example.org",
        ),
        ("smtp://bob:geheim@mail.example.org", "bad", "write smtp://host?from="),
        ("https:///hook", "bad", "it names no host"),
        ("ftp://example.org/geheim", "bad", "it must begin with"),
        ("ftp://example.org file://{home}/good.txt file://{home}", "bad", "at the end of {home}/good.txt"),
    ],
)
def test_targets_of_notices_are_looked_at_and_told_nothing(
    home: Home, monkeypatch: pytest.MonkeyPatch, named: str, state: str, message: str
) -> None:
    def refuse(*_arguments: object) -> None:
        raise AssertionError("a host was asked")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    (home.path / "taken").write_text("a file", encoding="utf-8")
    monkeypatch.setenv("FAZHI_NOTIFY", named.format(home=home.path))
    found = finding(home, "notices")
    assert (found.state, message.format(home=home.path) in found.message) == (state, True), found.message
    assert "geheim" not in f"{found.message}{found.remedy}"
    assert [path.name for path in home.path.iterdir()] == ["taken"], "looking must not write"


def test_a_file_for_notices_that_is_closed_is_told(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAZHI_NOTIFY", f"file://{home.path}/nights.txt")
    monkeypatch.setattr("pipelines.notify.os.access", lambda *_arguments: False)
    found = finding(home, "notices")
    assert (found.state, found.message) == ("warn", f"file://{home.path}/nights.txt: {home.path} is not writable")
