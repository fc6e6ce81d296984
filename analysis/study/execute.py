"""One notebook through papermill: executed, saved once, without traces of when and where."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import nbformat
import papermill
from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode

from analysis.study.kernels import Kernels
from analysis.study.parameters import PATHS, base_name

KERNEL = "python3"
INJECTED = "injected-parameters"
APPENDED = "appended"
ERROR = "papermill-error-cell-tag"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": KERNEL},
    "language_info": {"name": "python"},
}
_CELL_METADATA = ("tags", "jupyter")


def execute(
    source: Path,
    destination: Path,
    parameters: Mapping[str, Any],
    kernels: Kernels,
    on_cell: Callable[[int, int], None],
    seconds: int | None = None,
    appended: str | None = None,
) -> None:
    """Execute the notebook `source` into `destination`.

    Parameters
    ----------
    source, destination : Path
        Notebook files; `destination` is written once, also when a cell fails.
    parameters : mapping
        Plain JSON values by name; what an earlier run injected is dropped first.
    kernels : Kernels
        Gives the kernel.
    on_cell : callable
        Called with (cells done, cells in all) as the page goes on.
    seconds : int, optional
        Limit of a cell; none by default.
    appended : str, optional
        Source of a cell to execute after those of the page.

    Raises
    ------
    papermill.PapermillExecutionError
        If a cell fails; the page with its traceback is in `destination`.
    TimeoutError
        If a cell outruns its limit; the page so far is in `destination`.
    nbclient.exceptions.DeadKernelError
        If the kernel dies under a cell; the page so far is in `destination`.
    """
    notebook = _fresh(source)
    if appended is not None:
        notebook.cells.append(nbformat.v4.new_code_cell(appended, id=APPENDED))
    total = len(notebook.cells) + bool(parameters)
    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    limit = {} if seconds is None else {"execution_timeout": seconds}
    begun: list[NotebookNode] = []

    def on_cell_start(cell: NotebookNode, cell_index: int) -> None:
        begun.append(cell)
        on_cell(cell_index, total)

    try:
        papermill.execute_notebook(
            notebook,
            _literal(destination),
            parameters=dict(parameters) or None,
            kernel_name=KERNEL,
            progress_bar=False,
            request_save_on_cell_execute=False,
            autosave_cell_every=0,
            kernel_manager_class=kernels.manager_class(),
            shutdown_kernel="immediate",
            on_cell_start=on_cell_start,
            **limit,
        )
    except (TimeoutError, DeadKernelError):
        if not destination.exists():
            nbformat.write(_so_far(notebook, begun), destination)
        raise
    finally:
        _close_event_loop()
        if destination.exists():
            clean(destination)


def _so_far(notebook: NotebookNode, begun: list[NotebookNode]) -> NotebookNode:
    """The notebook with what its cells showed: papermill executes a copy, which it lets go of."""
    known = {cell.id for cell in begun}
    notebook.cells = [*begun, *(cell for cell in notebook.cells if cell.id not in known)]
    return notebook


def _close_event_loop() -> None:
    """Close the loop that the notebook client made for this thread and would leave open."""
    loop = ensure_event_loop()
    if not loop.is_running():
        loop.close()


def _fresh(source: Path) -> NotebookNode:
    """The notebook without injected cells: papermill would run old ones again, unasked."""
    notebook: NotebookNode = nbformat.read(source, as_version=4)
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.cells = [
        cell for cell in notebook.cells if INJECTED not in cell.metadata.get("tags", [])
    ]
    return notebook


def _literal(path: Path) -> str:
    """Path in which papermill, which takes it for a format string, finds no fields."""
    return str(path.absolute()).replace("{", "{{").replace("}", "}}")


def clean(path: Path) -> None:
    """Remove times, paths, versions and random ids from a notebook, so that runs compare."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata = nbformat.from_dict(METADATA)
    for number, cell in enumerate(notebook.cells):
        kept = {name: cell.metadata[name] for name in _CELL_METADATA if cell.metadata.get(name)}
        if INJECTED in kept.get("tags", []):
            cell.source = _without_folders(cell.source)
            cell.id = INJECTED
        elif ERROR in kept.get("tags", []):
            cell.id = f"error-{number}"
        cell.metadata = NotebookNode(kept)
    path.write_bytes((nbformat.writes(notebook) + "\n").encode("utf-8"))


def _without_folders(source: str) -> str:
    """Injected assignments in which a file is named without its folder."""
    lines = []
    for line in source.splitlines():
        name, equals, value = line.partition(" = ")
        if name in PATHS and value.startswith('"'):
            line = f'{name}{equals}"{base_name(value[1:-1])}"'
        lines.append(line)
    return "\n".join(lines)
