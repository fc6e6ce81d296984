"""The page on a sweep: its parameters are checked, and its example is a real sweep."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

from analysis.errors import InputError
from analysis.impact.many import evaluate_many
from analysis.study import record
from analysis.study.run import find_pages
from analysis.study.sweep_page import EXAMPLE, PARAMETERS, check_parameters, read_sweep, run_here
from analysis.uncertainty import read_design

PAGE = record.NOTEBOOKS / "sweep_summary.ipynb"
GIVEN: dict[str, Any] = {"sweep": None, "measure": "annual_cost_jpy_mn", "interval": 0.9}


def test_a_misspelt_parameter_stops_the_page() -> None:
    check_parameters({**GIVEN, "_hidden": 1, "In": [], "Out": {}, "numpy": np})
    with pytest.raises(InputError, match="unknown parameter 'mesure'; did you mean 'measure'"):
        check_parameters({**GIVEN, "mesure": "required_jpy_mn"})


@pytest.mark.parametrize(
    ("name", "value"),
    [("sweep", 3), ("measure", None), ("above", "many"), ("above", True), ("interval", 1.0)],
)
def test_a_value_of_another_type_or_out_of_range_is_refused(name: str, value: Any) -> None:
    with pytest.raises(InputError, match=f"parameter {name} ="):
        check_parameters({**GIVEN, name: value})


def test_the_page_is_no_page_of_a_run_and_has_the_parameters_it_checks() -> None:
    assert PAGE not in find_pages()
    cells = [cell for cell in nbformat.read(PAGE, as_version=4).cells if cell.cell_type == "code"]
    assert cells[0].metadata["tags"] == ["parameters"]
    stated: dict[str, Any] = {}
    exec(cells[0].source, {}, stated)
    assert stated.keys() == PARAMETERS.keys()
    check_parameters(stated)
    assert not any(o.output_type == "error" for cell in cells for o in cell.outputs)


def test_numbers_of_a_sweep_run_in_this_process_are_those_of_a_single_call(tmp_path: Path) -> None:
    text = (
        "title: Two floors\nquestion: Which?\n"
        "base: {draws: 3, formula: custody_share_korea}\n"
        "levers: {vary: {floor_jpy_mn: [0, 1000]}}\ntables: [industry]\n"
    )
    file = tmp_path / "two_floors.yaml"
    file.write_text(text, encoding="utf-8")
    results = run_here(str(file), tmp_path / "out")
    assert results.coverage.complete
    assert results.levers == ("floor_jpy_mn",)
    assert results.baseline == {"floor_jpy_mn": 0.0}
    alone = evaluate_many(read_design(file).scenarios([1]))["industry"]
    swept = results.table("industry").query("point == 1")
    assert swept["required_jpy_mn"].tolist() == alone["required_jpy_mn"].tolist()
    again = read_sweep(str(tmp_path / "out"))
    assert len(again.points) == 2


def test_the_example_is_small() -> None:
    design = read_design(record.NOTEBOOKS / "sweeps" / f"{EXAMPLE}.yaml")
    assert len(design) < 15_000
    assert design.tables == ("industry",)
