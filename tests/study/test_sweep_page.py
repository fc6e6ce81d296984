"""The page on a sweep: its parameters are checked, and its example is a real sweep."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
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
    [("sweep", 3), ("measure", 1), ("above", "many"), ("above", True), ("interval", 1.0)],
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


KOREA = "base: {draws: 2, formula: custody_share_korea}\n"
RATE = "rule_parameters.custody_share_korea.cold_rate"
KINDS = {
    # One formula has no order; a clause that the rule does not have stands still at 0.
    "one_formula": KOREA
    + f"levers: {{vary: {{{RATE}: [0, 0.01, 0.02, 0.05], floor_jpy_mn: [0, 500]}}}}\n",
    "morris": KOREA
    + "uncertainties: {method: morris, samples: 4, vary: [cost_of_equity, reserve_yield]}\n",
    "seed": KOREA + "stop: {most: 12, tolerance: {required_jpy_mn: 10}}\n",
    "one_at_a_time": KOREA
    + "uncertainties: {method: one_at_a_time, samples: 3, vary: [cost_of_equity, nesting]}\n",
    # What is shown does not vary.
    "still": KOREA
    + "uncertainties: {method: latin_hypercube, samples: 20, vary: [nesting, run_share]}\n",
    "conditions": "base: {draws: 2, formula: 'custody_share_korea, fiea_turnover'}\n"
    "levers: {vary: {phase_in_years: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}}\n"
    "uncertainties: {method: sobol, samples: 16, vary: [cost_of_equity, running_cost_jpy_mn]}\n"
    "show: {measure: equivalent_annual_cost_jpy_mn, formula: custody_share_korea, above: 850}\n",
}


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Sentences of the page on a sweep of a kind, its cells executed in this process."""

    def read(kind: str) -> str:
        file = tmp_path / f"{kind}.yaml"
        file.write_text(f"title: {kind}\nquestion: Which?\n{KINDS[kind]}", encoding="utf-8")
        run_here(str(file), tmp_path / kind)
        said: list[str] = []
        monkeypatch.setattr(
            "analysis.report.prose.display", lambda shown: said.append(str(shown.data))
        )
        names: dict[str, Any] = {}
        cells = nbformat.read(PAGE, as_version=4).cells
        first, *rest = [cell.source for cell in cells if cell.cell_type == "code"]
        exec(first, names)
        names["sweep"] = str(tmp_path / kind)
        for source in rest:
            exec(source, names)
        plt.close("all")
        return "\n".join(said)

    return read


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (
            "one_formula",
            ["The order of formulas: not shown", "Along *custody share korea: cold rate*"],
        ),
        ("morris", ["A tornado: not shown.* Points of a morris design lie on trajectories"]),
        ("seed", ["is within its tolerance after 24 data sets"]),
        ("one_at_a_time", ["Each parameter leaves the base alone", "The longest bar is that of"]),
        ("still", ["No parameter moves the annual cost", "does not vary under"]),
        (
            "conditions",
            ["equivalent annual cost (JPY mn) is above 850", "at 0 to 592 at 10."],
        ),
    ],
)
def test_the_page_reads_every_kind_of_sweep(
    page: Callable[[str], str], kind: str, expected: list[str]
) -> None:
    said = page(kind)
    for words in expected:
        assert words in said
    assert "nan" not in said


def test_the_example_is_small() -> None:
    design = read_design(record.NOTEBOOKS / "sweeps" / f"{EXAMPLE}.yaml")
    assert len(design) < 15_000
    assert design.tables == ("industry",)
