"""What a sweep is asked to do, checked in full before anything is computed or written."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from analysis.errors import InputError
from analysis.study import record
from analysis.study.folder import check_place
from analysis.study.sweeps.keys import Made, input_files, made, named_files
from analysis.study.sweeps.store import Store
from analysis.study.sweeps.version import EditedError, Version

if TYPE_CHECKING:
    from analysis.uncertainty.design import Design

Notebooks = Literal["all", "marked", "none"]

#: Seconds that a cell of a page may take unless the user says else.
CELL_SECONDS = 600


@dataclass(frozen=True, eq=False)
class Request:
    """A checked request.

    Attributes
    ----------
    pages : notebooks by name, to be executed at each of the points `read`.
    made : hashes of what the results are made with.
    """

    design: Design
    folder: Path
    panel: Path | None
    pages: Mapping[str, Path]
    read: tuple[int, ...]
    cell_seconds: int
    made: Made
    force: bool
    warm: bool

    @cached_property
    def inputs(self) -> tuple[Path, ...]:
        """Files of the user that points read, in the order in which they are hashed."""
        return input_files(self.design, self.panel)

    @cached_property
    def version(self) -> Version:
        """What whoever evaluates a point must have."""
        parts = {name: one for name, one in self.made.parts.items() if name != "inputs"}
        return Version(parts, dict(zip(self.inputs, self.made.inputs.values(), strict=True)))

    def check_inputs(self) -> None:
        """Stop where a file of the user has changed since the request was made.

        Raises
        ------
        EditedError
            Names the file.
        """
        if edited := self.version.edited:
            raise EditedError(edited)

    @property
    def store(self) -> Store:
        """Where results go."""
        return Store(self.folder)


def request(
    design: str,
    out: Path | None = None,
    panel: Path | None = None,
    notebooks: str = "marked",
    only: tuple[str, ...] = (),
    cell_seconds: int = CELL_SECONDS,
    force: bool = False,
    warm: bool = True,
) -> Request:
    """Checked request.

    Parameters
    ----------
    design : path of a file, or name of a shipped design.
    out : default `sweeps/<name of the design>`.
    notebooks : whether all points, those that the design marks, or none become notebooks.
    only : pages, in place of those that the design names.

    Raises
    ------
    InputError
        Unknown design, page or choice, a design that is wrong, an unreadable panel, or a folder
        that cannot be used.
    """
    from analysis.uncertainty.design_file import read_design

    if notebooks not in get_args(Notebooks):
        raise InputError(f"--notebooks {notebooks}: allowed: {', '.join(get_args(Notebooks))}")
    if cell_seconds < 1:
        raise InputError(f"--cell-timeout {cell_seconds}: allowed: 1 second and more")
    chosen = read_design(find_design(design))
    _check_files(chosen)
    if panel is not None:
        _check_panel(panel, chosen)
    pages, read = _reading(chosen, notebooks, only)
    folder = out or Path("sweeps") / chosen.name
    check_place(folder)
    asked = Request(
        chosen,
        folder,
        panel,
        pages,
        read,
        cell_seconds,
        made(input_files(chosen, panel)),
        force,
        warm,
    )
    asked.store.check(chosen.identity, force)
    return asked


def find_design(name: str) -> Path:
    """File of a design, or the shipped design of that name.

    Raises
    ------
    InputError
        There is none; the nearest shipped one is suggested.
    """
    path, folder = Path(name), record.NOTEBOOKS / "sweeps"
    if path.is_file():
        return path
    shipped = {one.stem: one for one in sorted(folder.glob("*.yaml"))}
    if name in shipped:
        return shipped[name]
    near = difflib.get_close_matches(path.stem, shipped, n=1, cutoff=0.4)
    known = f"did you mean '{near[0]}'?" if near else f"shipped: {', '.join(shipped) or 'none'}"
    raise InputError(f"DESIGN {name}: no such file, nor a shipped design; {known}")


def _check_files(design: Design) -> None:
    for name, paths in named_files(design).items():
        for path in paths:
            try:
                path.open("rb").close()
            except OSError as failure:
                raise InputError(
                    f"{design.name}: {name} = {path}: cannot be read ({failure.strerror}); give "
                    "a file, by its path from the folder in which the command is given"
                ) from None


def _check_panel(panel: Path, design: Design) -> None:
    from analysis.study.notebook import market

    if not panel.is_file():
        raise InputError(f"--panel {panel}: no such file; give a CSV, Parquet or Excel file")
    market(design.scenarios([0])[0], panel)


def _reading(
    design: Design, notebooks: str, only: tuple[str, ...]
) -> tuple[dict[str, Path], tuple[int, ...]]:
    """Pages and points that become executed notebooks."""
    named = only or design.pages
    if notebooks == "none" or (not named and notebooks == "marked"):
        return {}, ()
    from analysis.study.run import find_pages

    points = tuple(int(point) for point in design.points["point"])
    if notebooks == "marked" and design.marked != "all":
        points = design.marked
    if only and not points:
        raise InputError(
            f"--only {', '.join(only)}: the design marks no point; add --notebooks all, or name "
            "points under read in the design"
        )
    asked_by = "--only" if only else f"{design.name}: read: notebooks:"
    return {page.stem: page for page in find_pages(named, asked_by)}, points
