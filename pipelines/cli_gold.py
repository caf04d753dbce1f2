"""``fazhi gold``: labels for measuring reading, and the floors of accuracy. The work is done elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from pipelines import cli_calibrate, cli_show
from warehouse.paths import PROJECT_ROOT

GOLD = PROJECT_ROOT / "tests" / "gold"
FAILED, BAD_INPUT = 1, 2

app = typer.Typer(
    help="Label reports by hand, check the labels, and keep the floors of accuracy.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
out = Console()
err = Console(stderr=True)
app.command()(cli_calibrate.calibrate)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program instead of text for a person.")]


def _stop(code: int, message: str) -> typer.Exit:
    """Print a message for a person and return the exit to raise."""
    err.print(message, style="red", markup=False, highlight=False)
    return typer.Exit(code)


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


@app.command()
def floors(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The gold folder with its floors.csv.")] = GOLD,
    lift: Annotated[
        bool, typer.Option("--raise", help="Write higher floors into floors.csv; never lower ones.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Compare what is measured with the floors of accuracy; exit code 1 where something fell or has no floor."""
    from pipelines.evaluate import GoldError
    from pipelines.evaluation.floors import FLOORS_FILE, measure_all, raised, read_floors, shortfalls, write_floors
    from pipelines.extracting import evaluate_gold

    path = folder / FLOORS_FILE
    try:
        present = read_floors(path)
        with cli_show.counting(err, "Measuring", None, quiet=as_json):
            measured = measure_all(evaluate_gold(folder).by_document)
    except (GoldError, OSError) as error:
        raise _stop(BAD_INPUT, str(error)) from error
    wanted = raised(present, measured) if lift else present
    changed = {key: floor for key, floor in wanted.items() if present.get(key) != floor}
    if changed:
        write_floors(path, wanted)
    short = shortfalls(wanted, measured)
    if as_json:
        rows = [{"document": name, "measure": measure, "floor": floor} for (name, measure), floor in changed.items()]
        _print_json({"raised": rows, "short": [vars(each) for each in short]})
    else:
        table = Table("document", "measure", "floor was", "is", box=SIMPLE)
        for name, measure in sorted(changed):
            table.add_row(name, measure, str(present.get((name, measure), "")), str(changed[name, measure]))
        if changed:
            out.print(table)
        for each in short:
            out.print(str(each), style="red", markup=False, highlight=False)
        out.print(f"{len(wanted)} floors, {len(changed)} raised, {len(short)} short", highlight=False)
    raise typer.Exit(FAILED if short else 0)
