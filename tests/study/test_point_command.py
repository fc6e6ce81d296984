"""The line that repeats a point of a sweep is read back, by the command itself, as its scenario."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sweep_folders import write_sweep

from analysis.errors import InputError
from analysis.scenario import Scenario, scenario
from analysis.study import cli
from analysis.study import run as runs
from analysis.study.parameters import from_text
from analysis.uncertainty.results import Results, _text

HOT = "rule_parameters.custody_share_korea.hot_rate"
VARIED: dict[str, list[Any]] = {
    "floor_jpy_mn": [0.1 + 0.2, 0.0, 5e-324],
    HOT: [1 / 3, None, 0.05],
    "phase_in_years": [5, 3, 0],
    "treatment": ["provision", "lock_up", "lock_up"],
    "include_other_duties": [True, False, True],
    "beyond_hot": [None, None, 0.3],
    "price_shock": [-0.5, 0.0, 1e-9],
}
BASE: dict[str, Any] = {
    "draws": 7,
    "formula": "custody_share_korea, own_funds_mica_class3",
    "formula_file": "my rules/o'brien=1.yaml",
    "rule_parameters": {"custody_share_korea.cold_rate": 0.25},
}


def _sweep(folder: Path, **design: Any) -> Results:
    points = pd.DataFrame({"point": range(3), "levers": range(3), "sample": 0, **VARIED})
    rows = pd.DataFrame({"point": range(3), "formula": "first", "required_jpy_mn": 1.0})
    tables = {"industry": rows}
    return Results(write_sweep(folder / "s", points, tables, levers=list(VARIED), **design))


def _read_by_the_command(line: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Scenario, Any]:
    """Scenario and panel that `study run` makes of a line, as a shell hands it over."""
    taken: list[tuple[Scenario, Any]] = []

    def request(chosen: Scenario, panel: Path | None, *_: Any, **__: Any) -> None:
        taken.append((chosen, panel))
        raise InputError("far enough")

    monkeypatch.setattr(runs, "request", request)
    program, *arguments = shlex.split(line)
    assert program == "study"
    with pytest.raises(SystemExit):
        cli.main(arguments)
    return taken[0]


@pytest.mark.parametrize("point", [0, 1, 2])
def test_a_line_is_read_back_as_the_scenario_of_its_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: int
) -> None:
    results = _sweep(tmp_path, base=BASE)
    values = {name: column[point] for name, column in VARIED.items()}
    rules = BASE["rule_parameters"] | ({} if (hot := values.pop(HOT)) is None else {HOT[16:]: hot})
    made = scenario(BASE | values | {"rule_parameters": rules})
    assert results.scenario(point) == made
    assert _read_by_the_command(results.command(point), monkeypatch) == (made, None)


def test_what_is_as_in_the_baseline_is_left_out(tmp_path: Path) -> None:
    results = _sweep(tmp_path, base={"draws": 100})
    assert results.command(1) == "study run"
    assert " -p floor_jpy_mn 0.30000000000000004 -p phase_in_years 5 " in results.command(0)
    assert f" -p {HOT} 0.3333333333333333" in results.command(0)
    with pytest.raises(InputError, match="no point 3; allowed: 0 to 2"):
        results.command(3)


def test_a_panel_of_ones_own_is_named_and_a_file_of_a_parameter_is_not_taken_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _sweep(tmp_path, base=BASE).folder
    path = folder / "design.json"
    written = json.loads(path.read_text(encoding="utf-8"))
    for files, panel in (
        (("o'brien=1.yaml",), None),
        (("o'brien=1.yaml", "my panel.csv"), Path("my panel.csv")),
    ):
        written["files"] = {"inputs": dict.fromkeys(files, "hash")}
        path.write_text(json.dumps(written), encoding="utf-8")
        line = Results(folder).command(1)
        assert _read_by_the_command(line, monkeypatch)[1] == panel
        assert line.endswith("--panel 'my panel.csv'") == (panel is not None)


def test_no_value_is_written_as_none() -> None:
    assert _text(None) == "none"
    assert from_text("beyond_hot", _text(None)) is None
