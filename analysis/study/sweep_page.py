"""What the page on a sweep calls first: its parameters, and the sweep that it reads.

Without a folder the page runs a small shipped design itself, in this process and a temporary
folder, so that it shows real results wherever it is opened.
"""

from __future__ import annotations

import atexit
import difflib
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.errors import InputError
from analysis.uncertainty.results import Results

if TYPE_CHECKING:
    from analysis.study.sweeps.chunk import Outcome, Task
    from analysis.study.sweeps.page import Page, PageOutcome

EXAMPLE = "first_look"
PARAMETERS: Mapping[str, tuple[type, ...]] = {
    "sweep": (str,),
    "measure": (str,),
    "table": (str,),
    "formula": (str,),
    "above": (int, float),
    "objective": (str,),
    "breakpoints": (str,),
    "interval": (int, float),
}
"""Parameters of the page with their types; each may be None but `interval`."""
MEASURE = "annual_cost_jpy_mn"
"""Shown where neither the reader nor the design says what."""
_PLAIN = (str, int, float, bool, type(None), list, tuple, dict)


def check_parameters(namespace: Mapping[str, Any]) -> None:
    """Refuse what is no parameter of the page, called as `check_parameters(globals())` first.

    Raises
    ------
    InputError
        A name that the page does not have (the nearest is suggested), or a value of another type.
    """
    given = {
        name: value
        for name, value in namespace.items()
        if isinstance(value, _PLAIN) and not name.startswith("_") and name not in {"In", "Out"}
    }
    for name, value in given.items():
        if name not in PARAMETERS:
            near = difflib.get_close_matches(name, PARAMETERS, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(PARAMETERS)}"
            raise InputError(f"unknown parameter '{name}'; {hint}")
        kinds = PARAMETERS[name]
        needed = name == "interval"
        if isinstance(value, bool) or not (
            isinstance(value, kinds) or (value is None and not needed)
        ):
            wanted = " or ".join(kind.__name__ for kind in kinds)
            raise InputError(f"parameter {name} = {value!r}: should be {wanted}")
    interval: Any = given.get("interval", 0.9)
    if not 0 < interval < 1:
        raise InputError(f"parameter interval = {interval}: allowed: between 0 and 1")


def read_sweep(sweep: str | None) -> Results:
    """Results in a folder, or those of the example, run now."""
    if sweep is not None:
        return Results(sweep)
    folder = Path(tempfile.mkdtemp(prefix="study-sweep-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return run_here(EXAMPLE, folder / EXAMPLE)


def shown(
    results: Results, measure: str | None, formula: str | None, above: float | None
) -> tuple[str, str | None, float | None]:
    """Measure, formula and threshold: as asked, or as the design says (its threshold is of its own
    measure).
    """
    said = results.design.get("show", {})
    own = measure or said.get("measure", MEASURE)
    if above is None and own == said.get("measure", MEASURE):
        above = said.get("above")
    return own, formula or said.get("formula"), above


def run_here(design: str, folder: Path) -> Results:
    """Run a design in this process, without notebooks; for designs of seconds."""
    from rich.console import Console

    from analysis.study.progress import SweepProgress
    from analysis.study.sweeps import plan
    from analysis.study.sweeps.request import request
    from analysis.study.sweeps.sweep import sweep

    asked = request(design, out=folder, notebooks="none")
    sweep(asked, plan.batches(asked), _Here(), SweepProgress(Console(quiet=True)))
    return Results(folder)


class _Here:
    """Evaluation in this process, one chunk after another."""

    count = 1

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Outcomes of chunks."""
        from analysis.study.sweeps.chunk import evaluate_chunk

        return (evaluate_chunk(task) for task in tasks)

    def read(self, pages: Iterable[Page]) -> Iterator[PageOutcome]:
        """No pages are executed here."""
        if pages := list(pages):
            raise InputError(f"{len(pages)} notebooks are marked; run `study sweep` for them")
        return iter(())
