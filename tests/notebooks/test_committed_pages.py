"""The committed pages: run at the baseline, whole, and free of where and when."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from analysis.scenario import Scenario
from analysis.study import record
from analysis.study.parameters import NOTEBOOK_ONLY

PAGES = sorted(record.NOTEBOOKS.glob("[0-9]*.ipynb"))
HOMES = re.compile(rf"({re.escape(str(Path.home()))}/|/home/|/Users/|/tmp/|[A-Z]:\\\\Users)")


@pytest.fixture(params=PAGES, ids=lambda path: path.stem)
def page(request: pytest.FixtureRequest) -> Any:
    """A committed notebook."""
    return nbformat.read(request.param, as_version=4)


def _code(page: Any) -> list[Any]:
    return [cell for cell in page.cells if cell.cell_type == "code"]


def test_the_parameters_cell_is_the_baseline(page: Any) -> None:
    cell = next(cell for cell in _code(page) if "parameters" in cell.metadata.get("tags", []))
    stated: dict[str, Any] = {}
    exec(cell.source, {}, stated)
    baseline = {**Scenario().model_dump(), **NOTEBOOK_ONLY}
    assert stated
    assert stated == {name: baseline[name] for name in stated}


def test_the_parameters_are_checked_before_anything_else(page: Any) -> None:
    first, second, *_ = _code(page)
    assert "parameters" in first.metadata["tags"]
    assert "start(globals())" in second.source


def test_every_cell_ran_in_order_without_an_error(page: Any) -> None:
    assert [cell.execution_count for cell in _code(page)] == list(range(1, len(_code(page)) + 1))
    outputs = [output for cell in _code(page) for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output for output in outputs if output.get("name") == "stderr"]


def test_nothing_tells_where_when_or_by_what_it_was_run(page: Any) -> None:
    assert page.metadata.keys() == {"kernelspec", "language_info"}
    assert page.metadata.kernelspec.name == "python3"
    assert {key for cell in page.cells for key in cell.metadata} <= {"tags", "jupyter"}
    assert not any("injected-parameters" in cell.metadata.get("tags", []) for cell in page.cells)
    assert not HOMES.search(nbformat.writes(page))


def test_every_picture_has_alt_text(page: Any) -> None:
    outputs = [output for cell in _code(page) for output in cell.outputs]
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert all(picture.metadata["image/png"]["alt"].strip() for picture in pictures)


def test_the_page_ends_with_what_it_does_not_show(page: Any) -> None:
    headings = [
        line
        for cell in page.cells
        if cell.cell_type == "markdown"
        for line in cell.source.splitlines()
        if line.startswith("#")
    ]
    assert re.search(r"what this (page )?does not show", headings[-1].lower())


def test_pages_are_named_in_reading_order() -> None:
    numbers = [int(path.stem.partition("_")[0]) for path in PAGES]
    assert numbers == sorted(set(numbers))
    assert all(re.fullmatch(r"\d\d_[a-z_]+", path.stem) for path in map(Path, PAGES))
