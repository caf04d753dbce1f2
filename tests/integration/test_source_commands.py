"""Making, confirming and checking a source on the sample portals, from an address to a verified file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from sample_night import PORTALS, free_port_row

from scrapers.golden import differences, load_golden
from scrapers.sample_portals.server import running
from scrapers.sources import parse_source
from warehouse.paths import PROJECT_ROOT


@pytest.fixture(scope="module")
def base_port() -> Iterator[int]:
    port = free_port_row(PORTALS)[0]
    with running(port):
        yield port


def fazhi(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``fazhi`` as a process."""
    environment = {key: value for key, value in os.environ.items() if key != "FAZHI_LEDGER_URL"}
    return subprocess.run(
        [sys.executable, "-m", "pipelines", *arguments],
        cwd=PROJECT_ROOT,
        env=environment | {"FAZHI_HOME": str(home), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


def make(home: Path, tmp_path: Path, url: str, *more: str, region: str = "421202") -> dict[str, Any]:
    """Make a source and return what the command says of it."""
    place = ["--into", str(tmp_path), "--golden", str(tmp_path / "golden")]
    done = fazhi(home, "source", "new", url, "--region", region, *place, "--id", "new-one", "--json", *more)
    assert done.returncode == 0, done.stderr
    made: dict[str, Any] = json.loads(done.stdout)
    return made


def test_a_source_is_made_confirmed_and_checked(fazhi_home: Path, tmp_path: Path, base_port: int) -> None:
    made = make(fazhi_home, tmp_path, f"http://127.0.0.1:{base_port + 1}/zwgk/fzzf.htm")
    assert (made["family"], made["status"], made["reports"]) == (
        "vsb",
        "unverified",
        ["咸安区2017年法治政府建设工作总结"],
    )
    path, golden = tmp_path / "new-one.yml", tmp_path / "golden"
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 15
    source = parse_source(text)
    assert (source.family, source.owner, source.status) == ("vsb", "咸安区人民政府", "unverified")
    recorded = load_golden(golden)
    assert recorded["article"]["list_title"] == made["reports"][0]
    assert differences(golden) == []
    assert not (fazhi_home / "ledger.sqlite").exists(), "a look leaves nothing in the data home"

    named = ["--sources", str(tmp_path), "--golden", str(golden)]
    refused = subprocess.run(
        [sys.executable, "-m", "pipelines", "source", "verify", "new-one", *named],
        cwd=PROJECT_ROOT,
        input="n\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (refused.returncode, "stays unverified" in refused.stderr) == (1, True)
    verified = fazhi(fazhi_home, "source", "verify", "new-one", "--yes", *named)
    assert verified.returncode == 0, verified.stderr
    assert "is_annual_report" in verified.stdout
    assert parse_source(path.read_text(encoding="utf-8")).status == "verified"
    assert load_golden(golden)["reading"]["report_year"] == 2017

    checked = fazhi(fazhi_home, "source", "check", "new-one", "--sources", str(tmp_path), "--json")
    (check,) = json.loads(checked.stdout)
    assert (checked.returncode, check["verdict"], check["robots"]) == (0, "ok", "rules")
    assert (check["detected"], check["newest_year"]) == ("vsb", 2017)

    listed = fazhi(fazhi_home, "source", "list", "--sources", str(tmp_path))
    assert "new-one  verified  vsb" in listed.stdout

    page = golden / recorded["lists"][0]["file"]
    page.write_text(page.read_text(encoding="utf-8").replace("法治政府", "依法行政"), encoding="utf-8")
    changed = fazhi(fazhi_home, "source", "verify", "new-one", "--yes", *named)
    assert (changed.returncode, "list-" in changed.stderr) == (1, True)


def test_the_column_is_found_from_a_saved_page_without_asking(fazhi_home: Path, tmp_path: Path) -> None:
    saved = tmp_path / "saved.html"
    saved.write_text(
        '<script>createPageHTML(1, 0, "index", "html");</script><ul>'
        '<li><a href="./202403/t20240328_1.html">某县2023年法治政府建设情况报告</a><span>2024-03-28</span></li>'
        '<li><a href="./202303/t20230328_1.html">某县2022年法治政府建设情况报告</a><span>2023-03-28</span></li>'
        '<li><a href="http://files.example/2021.pdf">某县2021年法治政府建设情况报告</a><span>2022-03-28</span></li></ul>',
        encoding="utf-8",
    )
    url = "http://portal.example/zwgk/fzzfjsndbg/"
    made = make(fazhi_home, tmp_path, url, "--from-file", str(saved), "--owner", "某局")
    assert (made["family"], len(made["reports"]), made["article"]) == ("trs", 3, None)
    assert made["proposed_attachment_hosts"] == ["files.example"]
    data = yaml.safe_load((tmp_path / "new-one.yml").read_text(encoding="utf-8"))
    assert "attachment_hosts" not in data, "only proposed"
    assert (data["owner"], data["start_urls"], data["status"]) == ("某局", [url], "unverified")
    named = ["--sources", str(tmp_path), "--golden", str(tmp_path / "golden")]
    verified = fazhi(fazhi_home, "source", "verify", "new-one", "--yes", *named)
    assert (verified.returncode, "no article was recorded" in verified.stderr) == (1, True)
    assert "lie on files.example too, and are not asked for" in verified.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("http://127.0.0.1:1/", "--region", "421202"), 1, "robots_unreachable"),
        (("http://127.0.0.1:1/", "--region", "999999"), 1, "no division in force"),
        (("ftp://portal.example/", "--region", "421202"), 2, "start_urls.0"),
        (("http://portal.example/", "--region", "421202", "--from-file", "missing.html"), 2, "missing.html"),
    ],
)
def test_what_cannot_be_made_says_why(
    fazhi_home: Path, tmp_path: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    done = fazhi(fazhi_home, "source", "new", *arguments, "--into", str(tmp_path), "--golden", str(tmp_path / "g"))
    assert (done.returncode, message in done.stderr) == (code, True), done.stderr
    assert list(tmp_path.glob("*.yml")) == []


def test_a_source_that_does_not_answer_fails_its_check(fazhi_home: Path, tmp_path: Path) -> None:
    (tmp_path / "gone.yml").write_text(
        "id: gone\nname: 某县网\nowner: 某县人民政府\nregion: '350123'\nfamily: trs\n"
        "start_urls: [http://127.0.0.1:1/bg/]\nsample: true\n",
        encoding="utf-8",
    )
    done = fazhi(fazhi_home, "source", "check", "--all", "--sources", str(tmp_path))
    assert done.returncode == 1
    assert "gone" in done.stdout
    unknown = fazhi(fazhi_home, "source", "check", "other", "--sources", str(tmp_path))
    assert (unknown.returncode, "no source file has this id" in unknown.stderr) == (2, True)
