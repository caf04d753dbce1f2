"""Starting the crawl: which sources it is given, what its last line says, and what its exit codes become."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines import crawling
from pipelines.crawling import BadSourcesError, CrawlError, CrawlSummary, any_sample, source_files

SUMMARY = {
    "run_id": "r1",
    "sources": 1,
    "pages": 2,
    "captures_new": 2,
    "not_modified": 0,
    "unchanged": 0,
    "outcomes": {"fetched": 2},
    "failed_sources": ["a"],
}


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    (folder / "below").mkdir(parents=True)
    (folder / "a.yml").write_text("id: a\nsample: true\n", encoding="utf-8")
    (folder / "b.yml").write_text("id: b\n", encoding="utf-8")
    (folder / "note.txt").write_text("sample: true\n", encoding="utf-8")
    (folder / "below" / "c.yml").write_text("id: c\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([""], ["a.yml", "b.yml"]),
        (["b.yml"], ["b.yml"]),
        (["*.yml"], ["a.yml", "b.yml"]),
        (["*/*.yml"], ["c.yml"]),
        (["below", "b.yml"], ["b.yml", "c.yml"]),
        (["nothing*.yml"], []),
    ],
)
def test_names_of_sources(sources: Path, names: list[str], expected: list[str]) -> None:
    assert [path.name for path in source_files([str(sources / name) for name in names])] == expected


@pytest.mark.parametrize(("names", "expected"), [(["a.yml", "b.yml"], True), (["b.yml"], False), ([], False)])
def test_sample_portals_are_wanted_for_sample_sources(sources: Path, names: list[str], expected: bool) -> None:
    assert any_sample([sources / name for name in names]) is expected


@pytest.mark.parametrize("content", ["", "- sample: true", "sample: 'true'", "sample: [", "\x00"])
def test_what_is_no_source_file_is_left_to_the_crawl(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.yml"
    path.write_text(content, encoding="utf-8")
    assert any_sample([path, tmp_path / "gone.yml"]) is False


def test_the_summary_is_the_last_line() -> None:
    summary = CrawlSummary.from_json(json.dumps(SUMMARY))
    assert summary.failed_sources == ("a",)
    assert summary.outcomes == {"fetched": 2}


@pytest.mark.parametrize("line", ["", "done", "[]", "{}", json.dumps({**SUMMARY, "surprise": 1})])
def test_another_last_line_is_an_error_that_shows_it(line: str) -> None:
    with pytest.raises(CrawlError, match="without a summary"):
        CrawlSummary.from_json(line)


@pytest.fixture
def crawler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for the package ``scrapers``: a module whose behaviour the test writes."""
    package = tmp_path / "stand_in" / "scrapers"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("", encoding="utf-8")
    monkeypatch.setattr(crawling, "PROJECT_ROOT", package.parent)
    return package / "__main__.py"


@pytest.mark.parametrize(
    ("program", "error", "said"),
    [
        ("import sys; print('a.yml: region: missing', file=sys.stderr); sys.exit(2)", BadSourcesError, "region"),
        ("import sys; print('the disk is full', file=sys.stderr); sys.exit(1)", CrawlError, "the disk is full"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", CrawlError, "exit code -9"),
        ("print('no summary')", CrawlError, "no summary"),
    ],
)
def test_what_goes_wrong_is_told(
    crawler: Path, sources: Path, tmp_path: Path, program: str, error: type[Exception], said: str
) -> None:
    crawler.write_text(program, encoding="utf-8")
    with pytest.raises(error, match=said):
        crawling.crawl([str(sources / "b.yml")], "r1", "test", tmp_path / "logs" / "crawl.log")


def test_a_good_crawl(crawler: Path, sources: Path, tmp_path: Path) -> None:
    crawler.write_text(
        f"import sys\nprint(sys.argv, file=sys.stderr)\nprint({json.dumps(SUMMARY)!r})", encoding="utf-8"
    )
    log = tmp_path / "logs" / "crawl.log"
    assert crawling.crawl([str(sources / "b.yml")], "r1", "test", log).pages == 2
    said = log.read_text(encoding="utf-8")
    assert str(sources / "b.yml") in said
    assert "'--run-id', 'r1', '--trigger', 'test'" in said


def test_sample_portals_that_do_not_start_are_told(crawler: Path, sources: Path, tmp_path: Path) -> None:
    crawler.write_text("import sys; sys.exit('port 8731 is taken')", encoding="utf-8")
    with pytest.raises(CrawlError, match="port 8731 is taken"):
        crawling.crawl([str(sources)], "r1", "test", tmp_path / "crawl.log")


def test_the_portals_end_with_the_crawl(crawler: Path, sources: Path, tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    crawler.write_text(
        "import pathlib, sys\n"
        "if 'sample-portals' in sys.argv:\n"
        "    print('ready', flush=True)\n"
        "    sys.stdin.read()\n"
        f"    pathlib.Path({str(ended)!r}).touch()\n"
        "else:\n"
        f"    assert not pathlib.Path({str(ended)!r}).exists()\n"
        f"    print({json.dumps(SUMMARY)!r})\n",
        encoding="utf-8",
    )
    crawling.crawl([str(sources)], "r1", "test", tmp_path / "crawl.log")
    assert ended.exists()
