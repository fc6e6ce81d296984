"""The command `study sweep`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

if TYPE_CHECKING:
    from analysis.study.sweeps.request import Request
    from analysis.study.sweeps.sweep import Summary

#: Failures that are printed; all are in the folder.
_SHOWN = 5


def sweep(
    design: Annotated[
        str,
        typer.Argument(metavar="DESIGN", help="Design as a YAML file, or a shipped one's name."),
    ],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the sweep; default sweeps/NAME.")
    ] = None,
    workers: Annotated[
        int, typer.Option(metavar="N", min=1, help="Worker processes on this machine.")
    ] = os.cpu_count() or 1,
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Dask scheduler to run on, as tcp://host:8786."),
    ] = None,
    notebooks: Annotated[
        str,
        typer.Option(metavar="WHICH", help="Points that become notebooks: all, marked or none."),
    ] = "marked",
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="PAGE", help="Only this notebook, as 03_reserves; may be repeated."),
    ] = None,
    panel: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Your own panel: CSV, Parquet or Excel."),
    ] = None,
    cell_timeout: Annotated[
        int, typer.Option(metavar="SECONDS", help="Limit of a notebook's cell.")
    ] = 600,
    force: Annotated[bool, typer.Option("--force", help="Do everything again.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Start a long sweep without asking.")] = False,
    cold: Annotated[
        bool, typer.Option("--cold", help="Start every kernel anew instead of forking one.")
    ] = False,
) -> None:
    """Evaluate every point of a design, and execute the notebooks of those to be read."""
    from analysis.study.sweeps.request import request

    asked = request(design, out, panel, notebooks, tuple(only or ()), cell_timeout, force, not cold)
    console = Console(highlight=False, markup=False, soft_wrap=True)
    try:
        summary = _carry_out(asked, workers, scheduler, yes, console)
    except KeyboardInterrupt:
        typer.echo(
            f"interrupted; what was done is kept in {asked.folder}: the same command goes on",
            err=True,
        )
        raise
    _say_failures(summary, asked.folder)
    console.print(
        f"{summary.points:,} points, {summary.evaluated:,} of them evaluated now; "
        f"{len(summary.pages):,} notebooks: {asked.folder}"
    )
    if summary.failed or summary.failed_pages:
        raise typer.Exit(1)


def _carry_out(
    asked: Request, workers: int, scheduler: str | None, yes: bool, console: Console
) -> Summary:
    from analysis.study.progress import SweepProgress
    from analysis.study.sweeps import plan
    from analysis.study.sweeps.cluster import Cluster, ClusterError
    from analysis.study.sweeps.files import StorageError
    from analysis.study.sweeps.sweep import sweep as run
    from analysis.study.sweeps.version import EditedError
    from analysis.study.sweeps.workers import Workers

    plan.refuse_many(asked, yes)
    local = Workers(workers)
    try:
        with local if scheduler is None else Cluster(scheduler, asked.inputs) as engine:
            groups = plan.batches(asked)
            chunks = [chunk for group in groups for chunk in group]
            expected = plan.estimate(asked, chunks, len(asked.pages) * len(asked.read), engine)
            expected.refuse(yes, asked.folder)
            console.print(f"{asked.design.title}: into {asked.folder}")
            for line in expected.lines(engine.count):
                console.print(line)
            return run(asked, groups, engine, SweepProgress(console))
    except (StorageError, ClusterError, EditedError, OSError) as failure:
        typer.echo(f"error: {failure}", err=True)
        raise typer.Exit(1) from None


def _say_failures(summary: Summary, folder: Path) -> None:
    lines = [
        *(f"failed: point {one.point}: {one.error} (in {one.where})" for one in summary.failed),
        *(
            f"failed: {one.page} at point {one.point}"
            f"{'' if one.cell is None else f', cell {one.cell}'}: {one.error}"
            for one in summary.failed_pages
        ),
    ]
    for line in lines[:_SHOWN]:
        typer.echo(line, err=True)
    if len(lines) > _SHOWN:
        typer.echo(f"and {len(lines) - _SHOWN:,} more", err=True)
    if summary.failed:
        typer.echo(f"all failed points: chunks/*/status.parquet in {folder}", err=True)
    if summary.failed_pages:
        typer.echo(f"all failed notebooks: {folder / 'reading.parquet'}", err=True)
