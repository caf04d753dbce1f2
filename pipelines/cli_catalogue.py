"""``fazhi catalogue``: check the tables by which numbers are recognised, and explain one indicator.

Arguments in, exit codes out; the work is done in ``catalogue_check`` and ``catalogue_explain``.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE
from rich.table import Column, Table
from rich.text import Text

from pipelines.cli_common import AsJson, Exit, group, out, print_json, stop
from warehouse.paths import PROJECT_ROOT, get_home

if TYPE_CHECKING:
    from pipelines.catalogue_explain import IndicatorExplanation, RuleInWords

app = group("Check the tables by which numbers are recognised, and explain an indicator.")

Tables = Annotated[
    Path,
    typer.Option("--tables", metavar="DIR", help="Folder of the tables.", exists=True, file_okay=False),
]
SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"

SHOWN_FACTS = (
    "name_en", "definition", "domain", "parent_code", "part_of", "tier", "unit", "value_type", "aggregation",
    "dimensions", "authority", "outline_ref", "comparability_note",
)  # fmt: skip


@app.command()
def check(tables: Tables = SEEDS, as_json: AsJson = False) -> None:
    """Check all tables: names, patterns, identities, and every rule by its own examples. Exit code 1 on errors."""
    from pipelines.catalogue_check import check_catalogue

    report = check_catalogue(tables)
    if as_json:
        print_json(report.to_json())
        raise typer.Exit(Exit.FAILED if report.errors else Exit.OK)
    if report.findings:
        shown = Table(Column("finding", overflow="fold"), "where", Column("what", overflow="fold"), box=SIMPLE)
        for finding in report.findings:
            style = "red" if finding.severity == "error" else "yellow"
            where = f"{finding.table}\n{finding.row}"
            shown.add_row(Text(f"{finding.severity}\n{finding.kind}", style), Text(where), Text(finding.message))
        out.print(shown)
    warnings = len(report.findings) - len(report.errors)
    out.print(
        f"{report.indicators} indicators, {report.rules} rules, {report.examples} examples: "
        f"{len(report.errors)} errors, {warnings} warnings"
    )
    raise typer.Exit(Exit.FAILED if report.errors else Exit.OK)


@app.command()
def explain(
    code: Annotated[str, typer.Argument(help="Code of the indicator, as in RR_CLOSED.")],
    tables: Tables = SEEDS,
    as_json: AsJson = False,
) -> None:
    """Show how an indicator is defined and recognised, with numbers of the latest release."""
    from pipelines.catalogue_explain import UnknownIndicatorError, explain_indicator

    try:
        explanation = explain_indicator(code, tables, get_home())
    except UnknownIndicatorError as error:
        raise stop(Exit.BAD_INPUT, str(error)) from error
    except ValueError as error:
        raise stop(Exit.FAILED, str(error)) from error
    if as_json:
        print_json(explanation.to_json())
    else:
        _show(explanation)


def _show(explanation: IndicatorExplanation) -> None:
    """Show an explanation to a person."""
    from pipelines.catalogue_tables import COMPUTED_DOMAIN

    out.rule(Text(f"{explanation.code}  {explanation.facts['name_zh']}"))
    facts = Table("", Column("", overflow="fold"), box=None, show_header=False, pad_edge=False)
    for name in SHOWN_FACTS:
        if name in explanation.facts:
            facts.add_row(Text(name, "dim"), Text(explanation.facts[name]))
    if explanation.parts:
        facts.add_row(Text("its parts", "dim"), Text(", ".join(explanation.parts)))
    for label, pattern in explanation.dimensions.items():
        facts.add_row(Text("dimension", "dim"), Text(f"{label}: {pattern}"))
    for identity in explanation.identities:
        named = f"{identity.identity_id}, {identity.kind}, {identity.severity}: {identity.role}"
        facts.add_row(Text("identity", "dim"), Text(f"{identity.description} ({named})"))
    out.print(facts)
    if explanation.facts["domain"] == COMPUTED_DOMAIN:
        out.print("Computed from the document: no number of the text states it.", style="dim")
        return
    _show_rules("Rules", explanation.rules)
    _show_rules("Zeros said in words", explanation.zero_rules)
    if explanation.samples is None:
        out.print("No release yet, so no numbers to show; make one with: fazhi run", style="dim")
    elif not explanation.samples:
        out.print("The latest release has no number of this indicator.", style="dim")
    else:
        sentence = Column("sentence", overflow="fold")
        samples = Table("region", "year", "value", sentence, box=SIMPLE, title="In the latest release")
        for sample in explanation.samples:
            value = f"{sample.value_text}{sample.unit or ''}"
            cells = (sample.region or "", str(sample.year or ""), value, sample.sentence)
            samples.add_row(*map(Text, cells))
        out.print(samples)


def _show_rules(title: str, rules: Iterable[RuleInWords]) -> None:
    """Show rules one below the other; nothing when there are none."""
    from pipelines.catalogue_explain import in_words

    for number, rule in enumerate(rules):
        if number == 0:
            out.print(Text(f"\n{title}", "bold"))
        out.print(Text.assemble((f"  {rule.rule_id}  ", "cyan"), rule.reads))
        conditions = (
            ("units", " ".join(rule.units)),
            ("only near", in_words(rule.context or "")),
            ("never near", in_words(rule.forbid or "")),
            ("dimension", rule.dimension),
            ("comparison", rule.comparison),
        )
        for name, value in conditions:
            if value:
                out.print(Text.assemble((f"      {name}: ", "dim"), value))
        for example in rule.examples:
            out.print(Text.assemble(("      e.g. ", "dim"), example))
