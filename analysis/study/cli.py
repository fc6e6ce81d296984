"""The command `study`. Exit status 0, 1 for a failure of the work, 2 for bad input."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from analysis.errors import InputError
from analysis.scenario import allowed, scenario
from analysis.study.interrupts import ends_like_an_interrupt
from analysis.study.parameters import from_file, from_pairs
from analysis.study.sweeps.command import sweep

app = typer.Typer(
    name="study",
    help="What a liability reserve does to Japan's crypto-asset exchanges and their customers.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


class PairCommand(typer.core.TyperCommand):
    """Command whose `-p` takes two values, which Typer cannot express for a repeated option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Join `-p NAME VALUE` into one value before the command line is parsed."""
        return super().parse_args(ctx, _join_pairs(args))


def _join_pairs(arguments: list[str]) -> list[str]:
    rest, joined = list(arguments), []
    while rest:
        word = rest.pop(0)
        joined.append(word)
        if word in {"-p", "--parameter"} and rest:
            name = rest.pop(0)
            joined.append(f"{name}={rest.pop(0)}" if "=" not in name and rest else name)
    return joined


def _split(joined: list[str]) -> list[tuple[str, str]]:
    for pair in joined:
        if "=" not in pair:
            raise InputError(f"-p {pair}: give a name and a value, as in -p phase_in_years 5")
    return [(name, value) for name, _, value in (pair.partition("=") for pair in joined)]


@app.command(cls=PairCommand)
def run(
    scenario_file: Annotated[
        Path | None,
        typer.Option("--scenario", metavar="FILE", help="Parameters as a YAML or JSON file."),
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "-p", "--parameter", metavar="NAME VALUE", help="One parameter; may be repeated."
        ),
    ] = None,
    panel: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Your own panel: CSV, Parquet or Excel."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the run; default runs/NAME.")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="PAGE", help="Only this notebook, as 03_reserves; may be repeated."),
    ] = None,
    cold: Annotated[
        bool, typer.Option("--cold", help="Start every kernel anew instead of forking one.")
    ] = False,
) -> None:
    """Run the notebooks at the baseline, or with other parameters, into a folder with a record."""
    values = from_file(scenario_file) if scenario_file else {}
    chosen = scenario(from_pairs(_split(parameter or []), values))
    from analysis.study import run as runs
    from analysis.study.progress import RunProgress

    asked = runs.request(chosen, panel, tuple(only or ()), out, warm=not cold)
    console = Console(highlight=False, soft_wrap=True)
    try:
        folder = runs.run(asked, RunProgress(console))
    except KeyboardInterrupt:
        typer.echo(f"interrupted; {asked.folder} is as it was", err=True)
        raise
    except runs.RunFailedError as failure:
        for page, reason in failure.pages.items():
            typer.echo(f"failed: {page}: {reason}", err=True)
        typer.echo(f"kept with its traceback in {failure.kept}", err=True)
        raise typer.Exit(1) from None
    _where_to_look(console, folder, asked.pages[-1].name)


def _where_to_look(console: Console, folder: Path, last: str) -> None:
    tables, figures = (
        len(list(folder.glob("tables/*.csv"))),
        len(list(folder.glob("figures/*.png"))),
    )
    console.print(f"start with  {folder / 'notebooks' / last}")
    console.print(f"{tables} tables    {folder / 'tables'}")
    console.print(f"{figures} figures  {folder / 'figures'}")
    console.print(f"check with  study verify {folder}")


@app.command()
def formulas() -> None:
    """List the candidate formulas with source, status and day of the last check."""
    from analysis.rules import catalogue

    listed = catalogue(scenario())
    _print_table(
        {
            "formula": listed["id"],
            "status": listed["status"],
            "checked": listed["last_checked_on"],
            "title": listed["title"],
            "source": listed["source_title"] + ", " + listed["pinpoint"],
        }
    )


@app.command()
def parameters() -> None:
    """List the parameters that `run -p` takes: baseline, allowed values, swept range, unit."""
    from analysis.study.parameters import parameters_table
    from analysis.uncertainty.design_names import swept

    listed = parameters_table(scenario())
    _print_table(
        {
            "parameter": listed["parameter"],
            "baseline": listed["value"],
            "allowed": listed["parameter"].map(allowed),
            "swept": listed["parameter"].map(swept),
            "unit": listed["unit"],
            "kind": listed["kind"],
        }
    )


@app.command()
def check(
    panel: Annotated[
        Path | None,
        typer.Argument(metavar="[PANEL]", help="Your own panel; without it, the shipped one."),
    ] = None,
) -> None:
    """Check a panel, and count per column what is observed, derived and imputed."""
    from analysis.market.assemble import assemble
    from analysis.market.check import check as count
    from analysis.market.load import read_panel
    from analysis.market.schema import AT_STATEMENT, KEY
    from analysis.study.notebook import market

    baseline = scenario()
    table = read_panel(panel) if panel else assemble(baseline)
    completed = market(baseline, panel)
    counted = count(table, completed)
    given = len(completed.exchanges)
    _print_table(
        {
            "column": [KEY, *counted["column"]],
            "required": ["yes", *counted["required"].map({True: "yes", False: ""})],
            "unit": ["id", *counted["unit"]],
            **{kind: [n, *counted[kind]] for kind, n in zip(_KINDS, (given, 0, 0), strict=True)},
            "by value": ["0%", *counted["imputed_share"].map("{:.0%}".format)],
        }
    )
    typer.echo(_LEGEND.format(column=AT_STATEMENT.column, about=AT_STATEMENT.about))
    typer.echo(f"{given} exchanges at the end of {baseline.base_month}")
    for exchange, reason in completed.excluded["reason"].items():
        typer.echo(f"left out: {exchange}: {reason}")


_KINDS = ("observed", "derived", "imputed")
_LEGEND = """
observed: printed in a source, or given in your file; derived: arithmetic on
such figures; imputed: drawn, because nobody publishes it. These are counts of
cells. "by value" is the share of the column's total over all exchanges that
rests on imputed cells.
A panel file must have the required columns; single cells may be blank, except
of exchange. It may also have name, note, <column>_status (observed, derived or
imputed), and {column}:
{about}.
`study template FILE` writes one to start from.
"""


@app.command()
def template(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV to write; must be new.")],
) -> None:
    """Write the shipped panel, as known before imputation, as a start for your own."""
    from analysis.market.template import write_template

    written = write_template(file, scenario())
    typer.echo(
        f"{len(written)} exchanges into {file}, blank where nobody printed a figure.\n"
        "Put in what you know, with the status observed where its column has one; then\n"
        f"study check {file}"
    )


def _print_table(columns: Mapping[str, Iterable[object]]) -> None:
    """Print columns as wide as the terminal, or wide enough for a file."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for place, name in enumerate(columns):
        table.add_column(name, no_wrap=place == 0, overflow="fold")
    for row in zip(*columns.values(), strict=True):
        table.add_row(*(escape(str(cell)) for cell in row))
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=240)
    console.print(table)


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run or of a sweep.")],
    panel: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Your own panel, where one was used.")
    ] = None,
) -> None:
    """Check a run or a sweep against its record, offline, part by part."""
    from analysis.study import verify as verification

    passed = True
    for check in verification.verify(folder, panel):
        word = {True: "ok", False: "FAILED", None: "not checked"}[check.passed]
        typer.echo(f"{word:<12}{check.part:<14}{check.finding}")
        passed &= check.passed is not False
    typer.echo(verification.NOT_PROVED)
    raise typer.Exit(0 if passed else 1)


app.command()(sweep)


def main(arguments: list[str] | None = None) -> None:
    """Entry point: bad input is one line on standard error and exit status 2."""
    try:
        with ends_like_an_interrupt():
            app(arguments)
    except InputError as refusal:
        sys.stderr.write(f"error: {' '.join(str(refusal).split())}\n")
        sys.exit(2)
