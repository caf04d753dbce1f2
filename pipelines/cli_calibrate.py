"""``fazhi gold calibrate``: what confidence is worth, and the table it is made from. The work is done elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE
from rich.table import Table

from pipelines import cli_show
from pipelines.cli_common import AsJson, Exit, err, out, print_json, stop
from warehouse.paths import PROJECT_ROOT

GOLD = PROJECT_ROOT / "tests" / "gold"
REQUIRED = 0.97
"""Share of the observations at 0.9 and above that must be right in documents the weights were not fitted to."""


def calibrate(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The gold folder.")] = GOLD,
    write: Annotated[bool, typer.Option("--write", help="Write the fitted weights into the table.")] = False,
    as_json: AsJson = False,
) -> None:
    """Fit what each signal is worth to gold, and measure it on documents left out.

    Every document is read as if unseen, without the rules that only it confirms. Exit code 1 when of the
    observations at 0.9 and above fewer than 97 in 100 are right.
    """
    from pipelines.calibrating import calibrate as fit_to
    from pipelines.calibrating import present_weights, table_text
    from pipelines.cleaning.tables import SEEDS_DIR
    from pipelines.evaluate import GoldError
    from pipelines.evaluation.rendering import certainty_table
    from pipelines.reference import load_reference

    path = SEEDS_DIR / "confidence_weights.csv"
    try:
        with cli_show.counting(err, "Calibrating", None, quiet=as_json):
            reference = load_reference()
            found = fit_to(folder, reference)
        text = table_text(path, found.weights)
    except (GoldError, OSError, ValueError) as error:
        raise stop(Exit.BAD_INPUT, str(error)) from error
    changed = present_weights(reference.catalogue.confidence, found)
    if write:
        path.write_text(text, encoding="utf-8")
    if as_json:
        print_json(
            {
                "documents": found.documents,
                "unseen": found.unseen.to_json(),
                "as_read": found.as_read.to_json(),
                "changed": {"=".join(signal): {"is": old, "fitted": new} for signal, (old, new) in changed.items()},
                "written": write,
            },
        )
    else:
        out.print(certainty_table(found.unseen, f"As if unseen, each of {found.documents} documents left out in turn"))
        out.print(certainty_table(found.as_read, "As read, by the weights fitted to all"))
        table = Table("signal", "weight was" if write else "weight is", "fitted", box=SIMPLE)
        for signal, (old, new) in changed.items():
            table.add_row("=".join(signal), f"{old:+.2f}", f"{new:+.2f}")
        if changed:
            out.print(table)
        out.print(f"{len(found.weights)} weights, {len(changed)} {'written' if write else 'differ'}", highlight=False)
    share = found.unseen.sure.share
    raise typer.Exit(Exit.OK if share is not None and share >= REQUIRED else Exit.FAILED)
