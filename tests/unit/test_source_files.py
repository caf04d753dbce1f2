"""Source files: the bundled ones are valid and short; mistakes are named with file and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from scrapers.__main__ import main
from scrapers.sources import SourceFileError, load_sources, parse_source
from warehouse.paths import PROJECT_ROOT

ALL_FILES = sorted((PROJECT_ROOT / "scrapers" / "sources").rglob("*.yml"))
SAMPLE = PROJECT_ROOT / "scrapers" / "sources" / "sample"
GOOD = """\
id: some-county
name: 某县人民政府网
owner: 某县人民政府
region: "350123"
family: trs
start_urls: [https://portal.example/bg/]
"""


@pytest.mark.parametrize("path", ALL_FILES, ids=lambda path: path.stem)
def test_every_source_file_is_valid_and_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 15
    source = parse_source(text)
    assert source.is_sample == (path.parent == SAMPLE)
    assert all(source.allows(url) for url in source.start_urls)


def test_ids_are_unique_over_all_files() -> None:
    assert len(load_sources([str(path) for path in ALL_FILES])) == len(ALL_FILES)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("family: trs", "family: tsr"), "family: 'tsr' is not one of"),
        (('"350123"', "350123"), "region: 350123 is not of type 'string'"),
        (('"350123"', '"35012"'), "region: '35012' does not match"),
        (("id: some-county\n", ""), "'id' is a required property"),
        (("id: some-county", "id: Some County"), "id: 'Some County' does not match"),
        (("https://portal.example/bg/", "ftp://portal.example/"), "start_urls.0: 'ftp"),
        (("[https://portal.example/bg/]", "[]"), "start_urls: "),
        (("family: trs", "family: trs\nfamilly: x"), "'familly' was unexpected"),
        (("family: trs", "family: trs\nfamily: vsb"), "family: given twice"),
        (("family: trs", "family: trs\ntitle: {include: '('}"), "title.include: "),
        (("family: trs", "family: trs\nbounds: {pages: 0}"), "bounds.pages: 0 is less than"),
        (("family: trs", "family: trs\nbounds: {candidates: [3, 1]}"), "bounds.candidates: [3, 1]: lowest first"),
        (("https://portal.example", "http://127.0.0.1:80"), "loopback needs sample: true"),
        (("family: trs", "family: trs\nsample: true"), "must be loopback in a sample"),
        (("portal.example", "${HOME}"), "${HOME}: only ${FAZHI_SAMPLE_PORT:-PORT} is filled in"),
        (("family: trs", "family: [trs"), "not YAML"),
        (("family: trs", "family: trs\nbounds: {budget: 0}"), "bounds.budget: 0 is less than"),
        (("family: trs", "family: trs\nbounds: {seconds: 100000}"), "bounds.seconds: 100000 is greater than"),
        (("family: trs", "family: trs\nstatus: maybe"), "status: 'maybe' is not one of"),
        (("family: trs", "family: trs\napi: {}"), "api: {} "),
        (("family: trs", "family: trs\napi: {page: p}"), "api: family 'trs' takes no options"),
        (("family: trs", "family: json_api"), "api: 'title' is a required property"),
        (("family: trs", "family: gkmlpt\napi: {category: 法治}"), "api.category: '法治' is not of type 'integer'"),
        (("family: trs", "family: trs\napi: page"), "api: 'page' is not of type 'object'"),
        (("family: trs", "family: trs\nattachment_hosts: [a.example/x]"), "attachment_hosts.0: 'a.example/x'"),
        (("family: trs", "family: trs\nattachment_hosts: ['127.0.0.1']"), "127.0.0.1: loopback needs"),
        (("https://portal.example/bg/", "https://me:secret@portal.example/bg/"), "start_urls.0: "),
    ],
)
def test_mistakes_are_named(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    path = tmp_path / "wrong.yml"
    path.write_text(GOOD.replace(*change), encoding="utf-8")
    with pytest.raises(SourceFileError) as caught:
        load_sources([str(path)])
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)


def test_an_id_used_twice_names_both_files(tmp_path: Path) -> None:
    for name in ("a.yml", "b.yml"):
        (tmp_path / name).write_text(GOOD, encoding="utf-8")
    with pytest.raises(SourceFileError, match=r"b\.yml: id: 'some-county' is already used by .*a\.yml"):
        load_sources([str(tmp_path)])


def test_folders_globs_and_files_are_accepted(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(GOOD, encoding="utf-8")
    for pattern in (tmp_path, tmp_path / "*.yml", tmp_path / "a.yml"):
        assert [source.source_id for source in load_sources([str(pattern)])] == ["some-county"]
    with pytest.raises(SourceFileError, match="no source files there"):
        load_sources([str(tmp_path / "nothing")])


def test_the_sample_port_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    text = GOOD.replace("https://portal.example", "http://127.0.0.1:${FAZHI_SAMPLE_PORT+2:-8733}") + "sample: true\n"
    monkeypatch.delenv("FAZHI_SAMPLE_PORT", raising=False)
    assert parse_source(text).hosts == {"127.0.0.1:8733"}
    monkeypatch.setenv("FAZHI_SAMPLE_PORT", "9000")
    assert parse_source(text).hosts == {"127.0.0.1:9002"}
    monkeypatch.setenv("FAZHI_SAMPLE_PORT", "many")
    with pytest.raises(SourceFileError, match="no port number: 'many'"):
        parse_source(text)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://portal.example/x", True),
        ("https://PORTAL.example/x", True),
        ("https://other.example/x", True),
        ("https://portal.example:8080/x", False),
        ("https://elsewhere.example/x", False),
        ("ftp://portal.example/x", False),
    ],
)
def test_only_named_hosts_are_asked(url: str, allowed: bool) -> None:
    assert parse_source(GOOD + "hosts: [other.example]\n").allows(url) == allowed


@pytest.mark.parametrize(
    ("url", "page", "file"),
    [
        ("https://portal.example/a.pdf", True, True),
        ("https://files.example/a.pdf", False, True),
        ("https://elsewhere.example/a.pdf", False, False),
        ("ftp://files.example/a.pdf", False, False),
    ],
)
def test_hosts_named_for_files_give_files_only(url: str, page: bool, file: bool) -> None:
    source = parse_source(GOOD + "attachment_hosts: [Files.example]\n")
    assert (source.allows(url), source.allows_file(url)) == (page, file)


def test_what_a_source_may_say_of_itself_reaches_the_crawl() -> None:
    text = (
        GOOD.replace("family: trs", "family: json_api")
        + "api: {title: name, url: link}\nbounds: {budget: 7, seconds: 60}\nstatus: retired\n"
    )
    source = parse_source(text)
    assert source.options == {"title": "name", "url": "link"}
    assert (source.max_requests, source.max_seconds, source.status) == (7, 60, "retired")


def test_nobody_has_confirmed_a_source_that_does_not_say_so() -> None:
    sample = GOOD.replace("https://portal.example", "http://127.0.0.1:1") + "sample: true\n"
    assert [parse_source(text).status for text in (GOOD, sample)] == ["unverified", "verified"]


def test_title_patterns_of_a_source_replace_the_defaults() -> None:
    rule = parse_source(GOOD + "title: {include: 年度报告, exclude: 信息公开}\n").titles
    assert [rule.wants(title) for title in ("某年度报告", "信息公开年度报告", "法治政府建设工作总结")] == [
        True,
        False,
        False,
    ]


def test_the_command_names_the_file_and_fails_with_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "wrong.yml"
    path.write_text(GOOD.replace("family: trs", "family: 9"), encoding="utf-8")
    assert main(["sources", "--sources", str(path)]) == 2
    assert f"{path}: family: 9" in capsys.readouterr().err


def test_the_command_lists_sources(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources", "--sources", str(SAMPLE)]) == 0
    assert "sample-luzhou" in capsys.readouterr().out


def test_a_run_id_that_cannot_name_a_file_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["crawl", "--sources", str(SAMPLE), "--run-id", "a/b"])
    assert stopped.value.code == 2
    assert "'a/b': letters, digits" in capsys.readouterr().err
