"""What all commands share is written once: exit codes, consoles, messages and JSON for programs."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest
import typer

from pipelines.cli import EPILOG
from pipelines.cli_common import Exit, print_json, stop
from warehouse.paths import PROJECT_ROOT

# Console(stderr=True); EXIT_FAILED = 1; def _stop(code: int, message: str); typer.Exit(2)
OWN_WAY = re.compile(r"Console\(|^EXIT_(?!OF_)\w+ =|def _(?:stop|print_json)\(|typer\.Exit\(\d", re.MULTILINE)
MODULES = sorted((PROJECT_ROOT / "pipelines").glob("cli*.py"))


@pytest.mark.parametrize("module", [path.name for path in MODULES if path.name != "cli_common.py"])
def test_no_command_has_a_way_of_its_own(module: str) -> None:
    assert OWN_WAY.findall((PROJECT_ROOT / "pipelines" / module).read_text(encoding="utf-8")) == []


def test_help_lists_every_exit_code() -> None:
    listed = re.findall(r"^(\d)  ", EPILOG, re.MULTILINE)
    assert [int(code) for code in listed] == [code.value for code in Exit]


def test_a_message_is_printed_word_for_word_and_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    message = f"[bold] is no markup, and a path stays whole: {'folder/' * 40}file.html"
    exit_ = stop(Exit.BAD_INPUT, message)
    assert isinstance(exit_, typer.Exit)
    assert exit_.exit_code == Exit.BAD_INPUT
    assert capsys.readouterr().err == message + "\n"


def test_json_keeps_chinese_and_writes_dates_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"地区": "泸州市", "on": date(2024, 1, 31)})
    output = capsys.readouterr().out
    assert "泸州市" in output
    assert json.loads(output) == {"地区": "泸州市", "on": "2024-01-31"}
