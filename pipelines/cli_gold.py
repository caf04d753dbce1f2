"""``fazhi gold``: labels for measuring reading, and the floors of accuracy. The work is done elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from pipelines import cli_calibrate, cli_show
from pipelines.cli_common import AsJson, Exit, err, group, out, print_json, stop
from warehouse.paths import PROJECT_ROOT

if TYPE_CHECKING:  # reading is loaded by the commands that need it
    from pipelines.gold_check import Finding

GOLD = PROJECT_ROOT / "tests" / "gold"

app = group("Label reports by hand, check the labels, and keep the floors of accuracy.")
app.command()(cli_calibrate.calibrate)

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The gold folder.")]
Only = Annotated[str, typer.Option(metavar="NAME,…", help="Take the documents whose names begin so, and no others.")]
Into = Annotated[Path | None, typer.Option(metavar="DIR", help="Folder to write into; by default that of the file.")]
Force = Annotated[bool, typer.Option("--force", help="Write over what is there already.")]


@app.command()
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A saved report: .txt, .html, .docx or .pdf.")],
    into: Into = None,
    force: Force = False,
) -> None:
    """Propose labels for a report in NAME.gold.yml, a plain file for a person to correct.

    The proposals are the extractor's; of a document that has labels beside it, they are these labels.
    """
    from pipelines.evaluate import GoldError
    from pipelines.gold_draft import draft, draft_path
    from pipelines.reference import load_reference

    path = draft_path(file, into)
    if path.exists() and not force:
        raise stop(Exit.BAD_INPUT, f"{path} is there already; --force writes over it")
    try:
        text = draft(file, path, load_reference())
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except (GoldError, OSError) as error:
        raise stop(Exit.BAD_INPUT, str(error)) from error
    typer.echo(f'{path}: correct it, set "reviewed: true", then: fazhi gold build {path}')


@app.command()
def build(
    file: Annotated[Path, typer.Argument(metavar="DRAFT", help="A corrected NAME.gold.yml.")],
    into: Into = None,
    force: Force = False,
) -> None:
    """Compile a reviewed draft into NAME.jsonl and NAME.doc.json beside the document; refuse what cannot be right."""
    from pipelines.evaluate import GoldError
    from pipelines.gold_build import build as build_gold
    from pipelines.reference import load_reference

    try:
        document, facts, findings = build_gold(file, into, load_reference(), force=force)
    except (GoldError, OSError) as error:
        raise stop(Exit.BAD_INPUT, str(error)) from error
    _show_findings(findings)
    typer.echo(f"{document}: {facts} facts, {len(findings)} warnings")


@app.command()
def check(folder: Folder = GOLD, only: Only = "", as_json: AsJson = False) -> None:
    """Hold labels against the text, the catalogue, the units and one another; exit code 1 on errors."""
    from pipelines.evaluate import GoldError
    from pipelines.gold_check import check_folder
    from pipelines.reference import load_reference

    try:
        names, findings = check_folder(folder, [name for name in only.split(",") if name], load_reference())
    except (GoldError, OSError) as error:
        raise stop(Exit.BAD_INPUT, str(error)) from error
    errors = sum(each.severity == "error" for each in findings)
    if as_json:
        print_json({"documents": names, "findings": [vars(each) for each in findings]})
    else:
        _show_findings(findings)
        typer.echo(f"{len(names)} documents, {errors} errors, {len(findings) - errors} warnings")
    raise typer.Exit(Exit.FAILED if errors else Exit.OK)


def _show_findings(findings: Sequence[Finding]) -> None:
    """One row a finding, errors first."""
    if not findings:
        return
    table = Table("", "document", "where", "what", box=SIMPLE)
    for each in sorted(findings, key=lambda each: (each.severity, each.name)):
        colour = "red" if each.severity == "error" else "yellow"
        table.add_row(Text(each.severity, colour), Text(each.name), Text(each.where), Text(each.message))
    out.print(table)


@app.command()
def floors(
    folder: Folder = GOLD,
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
        raise stop(Exit.BAD_INPUT, str(error)) from error
    wanted = raised(present, measured) if lift else present
    changed = {key: floor for key, floor in wanted.items() if present.get(key) != floor}
    if changed:
        write_floors(path, wanted)
    short = shortfalls(wanted, measured)
    if as_json:
        rows = [{"document": name, "measure": measure, "floor": floor} for (name, measure), floor in changed.items()]
        print_json({"raised": rows, "short": [vars(each) for each in short]})
    else:
        table = Table("document", "measure", "floor was", "is", box=SIMPLE)
        for name, measure in sorted(changed):
            table.add_row(name, measure, str(present.get((name, measure), "")), str(changed[name, measure]))
        if changed:
            out.print(table)
        for each in short:
            out.print(str(each), style="red", markup=False, highlight=False)
        out.print(f"{len(wanted)} floors, {len(changed)} raised, {len(short)} short", highlight=False)
    raise typer.Exit(Exit.FAILED if short else Exit.OK)
