"""Small notebooks for tests of the runner."""

from __future__ import annotations

from pathlib import Path

import nbformat

from analysis.study.execute import METADATA

START = "from analysis.study.notebook import start\nscenario = start(globals())"


def write_page(path: Path, *cells: str, parameters: str = "formula = 'all'\npanel = None") -> Path:
    """Notebook with a parameters cell and then `cells`; ids as a committed page has them."""
    first = nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}, id="first")
    rest = [nbformat.v4.new_code_cell(cell, id=f"cell-{n}") for n, cell in enumerate(cells)]
    page = nbformat.v4.new_notebook(cells=[first, *rest])
    page.metadata = nbformat.from_dict(METADATA)
    nbformat.write(page, path)
    return path


def texts(path: Path) -> list[str]:
    """What the cells of a notebook showed as text."""
    page = nbformat.read(path, as_version=4)
    return [
        output.get("text") or output.data["text/plain"]
        for cell in page.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type != "error"
    ]
