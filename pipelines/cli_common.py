"""What every command shares: exit codes, the two consoles, ``--json``, messages and the look of a group of commands.

No command and nothing of one command alone belongs here.
"""

from __future__ import annotations

import json
import sys
from enum import IntEnum
from typing import Annotated, Any

import typer
from rich.console import Console

HELP_NAMES = {"help_option_names": ["-h", "--help"]}

out = Console()
err = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program instead of text for a person.")]


class Exit(IntEnum):
    """Exit codes that scripts may rely on."""

    OK = 0
    FAILED = 1
    BAD_INPUT = 2
    WITHHELD = 3
    LOCKED = 4


def group(help_text: str) -> typer.Typer:
    """Return a group of commands that shows its help when none is named."""
    return typer.Typer(
        help=help_text, no_args_is_help=True, pretty_exceptions_enable=False, context_settings=HELP_NAMES
    )


def complain(message: str) -> None:
    """Print what is wrong, word for word, for a person."""
    err.print(message, style="red", markup=False, highlight=False, soft_wrap=True)


def stop(code: Exit, message: str) -> typer.Exit:
    """Print a message for a person and return the exit to raise."""
    complain(message)
    return typer.Exit(code)


def line(text: str, style: str = "") -> None:
    """Print a line as it is; only the terminal breaks it."""
    out.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def print_json(value: Any) -> None:
    """Print a value as JSON for a program; what JSON does not know is printed as text."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")
