"""``fazhi review``: what waits for a person, and the decisions; arguments in, exit codes out.

The work is done in ``review.py`` and ``decisions.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli_common import AsJson, Exit, group, line, print_json, stop
from pipelines.decisions import ACTIONS, DECISIONS, Action, DecisionError, load_decisions
from warehouse.paths import get_home

if TYPE_CHECKING:
    from pipelines.review import Shown

app = group("Numbers that wait for a person: list them, look at one, decide. Decisions live in corrections.csv.")
SENTENCE_SHOWN = 120

Number = Annotated[str, typer.Argument(metavar="ID", help="DOCUMENT/OBSERVATION, as fazhi review list shows it.")]


@contextmanager
def _answering() -> Iterator[None]:
    """Turn what can go wrong into messages and exit codes."""
    from pipelines.querying import NoReleaseError, QueryError

    try:
        yield
    except DecisionError as error:
        raise stop(Exit.BAD_INPUT, str(error)) from error
    except (NoReleaseError, QueryError, OSError) as error:
        raise stop(Exit.FAILED, str(error)) from error


def _heading(row: Mapping[str, Any]) -> str:
    dimension = f" ({row['dimension']})" if row["dimension"] else ""
    place = f"{row['region_name'] or row['report_id'] or 'region unknown'} {row['report_year'] or 'year unknown'}"
    number = f"{row['indicator_code']}{dimension} = {row['value_text']}{row['unit'] or ''}"
    return f"{row['id']}  {place}  {number}  {row['confidence_final']:.2f}"


def _clipped(sentence: str) -> str:
    flat = " ".join(sentence.split())
    return flat if len(flat) <= SENTENCE_SHOWN else flat[:SENTENCE_SHOWN] + "…"


def _show_why(row: Mapping[str, Any]) -> None:
    line(f"    waits: {row['reason']}" + (f", {row['doubts']}" if row["doubts"] else ""))
    if row["broken_identities"]:
        line(f"    does not add up: {row['broken_identities']}")
    if row["conflicting_values"]:
        line(f"    stated otherwise: {row['conflicting_values']}")


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
        print_json(left)
        return
    for row in left[:limit]:
        line(_heading(row), style="bold")
        line(f"    {_clipped(row['sentence'])}")
        _show_why(row)
    if len(left) > limit:
        line(f"… and {len(left) - limit:,} more (--limit, --json)")
    if len(rows) > len(left):
        line(f"{len(rows) - len(left):,} more are decided; the next build applies that")
    if not rows:
        line("Nothing waits.")


@app.command()
def show(number: Number, as_json: AsJson = False) -> None:
    """Show a number with its whole sentence, why it waits, and what else the report states of it."""
    with _answering():
        from pipelines import review

        found = review.show(get_home(), number, load_decisions(DECISIONS))
    if as_json:
        decision = found.decision.cells() if found.decision else None
        print_json(
            {"number": found.number, "waiting": found.waiting, "others": found.others, "decision": decision},
        )
        return
    _show_number(found)


def _show_number(found: Shown) -> None:
    number = found.number
    line(_heading(number), style="bold")
    line(f"    {number['sentence']}")
    line(f"    {number['section_path'] or 'no heading'}, line {number['line']}")
    line(f"    {number['url']}")
    line(f"    rule {number['rule']}: {number['signals']}")
    for row in found.waiting:
        _show_why(row)
    if not found.waiting:
        line(f"    waits for nobody; left out as: {number['tidy_exclusion'] or 'nothing, it is a candidate'}")
    for other in found.others:
        line(f"  also {_heading(other)}")
        line(f"    {_clipped(other['sentence'])}")
    if found.decision:
        each = found.decision
        line(f"  decided: {each.action} ({each.reason}), {each.evidence_url}, decision {each.correction_id}")


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
        print_json({**decision.cells(), "file": str(DECISIONS), "numbers": 1 + same})
        return
    line(f"{known}: {_heading(found.number)}, decision {decision.correction_id}")
    if same:
        line(f"{same} more in this sentence read the same: the decision is for all of them")
    line(f"Commit {DECISIONS}; fazhi run --only build applies it.")
