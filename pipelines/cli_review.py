"""``fazhi review``: what waits for a person, and the decisions; arguments in, exit codes out.

The work is done in ``review.py`` and ``decisions.py``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from pipelines.decisions import ACTIONS, DECISIONS, Action, DecisionError, load_decisions
from warehouse.paths import get_home

if TYPE_CHECKING:
    from pipelines.review import Shown

app = typer.Typer(
    help="Numbers that wait for a person: list them, look at one, decide. Decisions live in corrections.csv.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
out = Console()
err = Console(stderr=True)

EXIT_FAILED = 1
EXIT_BAD_INPUT = 2
SENTENCE_SHOWN = 120

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program instead of text for a person.")]
Number = Annotated[str, typer.Argument(metavar="ID", help="DOCUMENT/OBSERVATION, as fazhi review list shows it.")]


def _stop(code: int, message: str) -> typer.Exit:
    err.print(message, style="red", markup=False, highlight=False, soft_wrap=True)
    return typer.Exit(code)


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def _line(text: str, style: str = "") -> None:
    out.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def _answering() -> Iterator[None]:
    """Turn what can go wrong into messages and exit codes."""
    from pipelines.querying import NoReleaseError, QueryError

    try:
        yield
    except DecisionError as error:
        raise _stop(EXIT_BAD_INPUT, str(error)) from error
    except (NoReleaseError, QueryError, OSError) as error:
        raise _stop(EXIT_FAILED, str(error)) from error


def _heading(row: Mapping[str, Any]) -> str:
    dimension = f" ({row['dimension']})" if row["dimension"] else ""
    place = f"{row['region_name'] or row['report_id'] or 'region unknown'} {row['report_year'] or 'year unknown'}"
    number = f"{row['indicator_code']}{dimension} = {row['value_text']}{row['unit'] or ''}"
    return f"{row['id']}  {place}  {number}  {row['confidence_final']:.2f}"


def _clipped(sentence: str) -> str:
    flat = " ".join(sentence.split())
    return flat if len(flat) <= SENTENCE_SHOWN else flat[:SENTENCE_SHOWN] + "…"


def _show_why(row: Mapping[str, Any]) -> None:
    _line(f"    waits: {row['reason']}" + (f", {row['doubts']}" if row["doubts"] else ""))
    if row["broken_identities"]:
        _line(f"    does not add up: {row['broken_identities']}")
    if row["conflicting_values"]:
        _line(f"    stated otherwise: {row['conflicting_values']}")


@app.command("list")
def list_(
    reason: Annotated[
        str | None, typer.Option(help="What waits for this, such as low_confidence or conflicting_statements.")
    ] = None,
    region: Annotated[str | None, typer.Option(metavar="CODE", help="Regions whose code begins so.")] = None,
    year: Annotated[int | None, typer.Option(help="Reports of this year.")] = None,
    indicator: Annotated[str | None, typer.Option(metavar="CODE", help="This indicator.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many are shown; --json shows all.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List what waits in the latest release and is not decided yet, those of a report together."""
    with _answering():
        from pipelines.review import REASONS, undecided, waiting

        if reason is not None and reason not in REASONS:
            raise DecisionError(f"--reason {reason}: one of {', '.join(REASONS)}")
        rows = waiting(get_home(), reason=reason, region=region, year=year, indicator=indicator)
        left = undecided(rows, load_decisions(DECISIONS))
    if as_json:
        _print_json(left)
        return
    for row in left[:limit]:
        _line(_heading(row), style="bold")
        _line(f"    {_clipped(row['sentence'])}")
        _show_why(row)
    if len(left) > limit:
        _line(f"… and {len(left) - limit:,} more (--limit, --json)")
    if len(rows) > len(left):
        _line(f"{len(rows) - len(left):,} more are decided; the next build applies that")
    if not rows:
        _line("Nothing waits.")


@app.command()
def show(number: Number, as_json: AsJson = False) -> None:
    """Show a number with its whole sentence, why it waits, and what else the report states of it."""
    with _answering():
        from pipelines import review

        found = review.show(get_home(), number, load_decisions(DECISIONS))
    if as_json:
        decision = found.decision.cells() if found.decision else None
        _print_json(
            {"number": found.number, "waiting": found.waiting, "others": found.others, "decision": decision},
        )
        return
    _show_number(found)


def _show_number(found: Shown) -> None:
    number = found.number
    _line(_heading(number), style="bold")
    _line(f"    {number['sentence']}")
    _line(f"    {number['section_path'] or 'no heading'}, line {number['line']}")
    _line(f"    {number['url']}")
    _line(f"    rule {number['rule']}: {number['signals']}")
    for row in found.waiting:
        _show_why(row)
    if not found.waiting:
        _line(f"    waits for nobody; left out as: {number['tidy_exclusion'] or 'nothing, it is a candidate'}")
    for other in found.others:
        _line(f"  also {_heading(other)}")
        _line(f"    {_clipped(other['sentence'])}")
    if found.decision:
        each = found.decision
        _line(f"  decided: {each.action} ({each.reason}), {each.evidence_url}, decision {each.correction_id}")


@app.command()
def decide(
    number: Number,
    action: Annotated[str, typer.Argument(help=", ".join(ACTIONS))],
    reason: Annotated[str, typer.Option(help="Why; kept with the decision.")],
    value: Annotated[
        float | None, typer.Option(help="The right number for override, the factor for scale, in base units.")
    ] = None,
    evidence: Annotated[
        str | None, typer.Option(metavar="URL", help="Where it can be seen; by default the page of the report.")
    ] = None,
    replace: Annotated[
        str | None, typer.Option(metavar="DECISION", help="An earlier decision whose place this one takes.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Decide on a number: a row is added to corrections.csv, to be committed; the next build applies it.

    confirm: it is right. override, scale: it is put right. drop: it is none. flag: a note that changes nothing.

    The decision holds only while the report states this number in this sentence; after that it is an issue, and what
    the report states then waits here. Of statements that contradict each other, confirm the chosen or drop the wrong.
    """
    with _answering():
        from pipelines import review

        known: Action | None = next((each for each in ACTIONS if each == action), None)
        if known is None:
            raise DecisionError(f"{action}: one of {', '.join(ACTIONS)}")
        decision, found = review.take_decision(
            get_home(), number, known, value, reason=reason, evidence_url=evidence, replacing=replace, path=DECISIONS
        )
    same = sum(review.guard_of(other) == decision.guard for other in found.others)
    if as_json:
        _print_json({**decision.cells(), "file": str(DECISIONS), "numbers": 1 + same})
        return
    _line(f"{known}: {_heading(found.number)}, decision {decision.correction_id}")
    if same:
        _line(f"{same} more in this sentence read the same: the decision is for all of them")
    _line(f"Commit {DECISIONS}; fazhi run --only build applies it.")
