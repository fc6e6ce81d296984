"""A chunk of points: the guilty one fails alone, the others have the rows they have anyway."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sweep_lab import BASE

from analysis.scenario import Scenario, scenario
from analysis.study.sweeps import chunk, parquet
from analysis.study.sweeps.chunk import DONE, FAILED, Outcome, Task, evaluate_chunk
from analysis.study.sweeps.version import Version, hash_of

GOOD = tuple(scenario({**BASE, "floor_jpy_mn": float(floor)}) for floor in range(4))
#: No exchange has a statement so early: a scenario that is valid, and cannot be evaluated.
BAD = scenario({**BASE, "base_month": "2019-01"})


def _outcome(points: tuple[int, ...], *scenarios: Scenario) -> Outcome:
    return evaluate_chunk(Task("name", points, scenarios, ("industry",), None, Version()))


def _rows(outcome: Outcome) -> pd.DataFrame:
    frame: pd.DataFrame = parquet.from_bytes(outcome.tables["industry"])[0].to_pandas()
    return frame


def test_the_guilty_point_fails_alone() -> None:
    clean = _outcome((10, 11, 13, 14), *GOOD)
    disturbed = _outcome((10, 11, 12, 13, 14), *GOOD[:2], BAD, *GOOD[2:])
    assert disturbed.tables == clean.tables
    assert [one.point for one in disturbed.failures] == [12]
    [failure] = disturbed.failures
    assert failure.status == FAILED
    assert failure.where
    assert failure.error is not None
    assert failure.error.startswith("InputError: base_month = 2019-01")
    assert [one.status for one in clean.statuses] == [DONE] * 4
    assert _rows(clean)["point"].tolist() == [10, 11, 13, 14]


def test_a_chunk_in_which_every_point_fails_has_rows_of_status_only() -> None:
    outcome = _outcome((5, 6), BAD, BAD)
    assert outcome.tables == {}
    assert [one.point for one in outcome.failures] == [5, 6]


def _edited_task(tmp_path: Path) -> tuple[Task, Path]:
    own = tmp_path / "own.csv"
    own.write_text("before")
    version = Version(inputs={own: hash_of(own)})
    return Task("name", (0, 1), GOOD[:2], ("industry",), None, version), own


def test_a_chunk_whose_files_changed_before_it_is_not_evaluated(tmp_path: Path) -> None:
    task, own = _edited_task(tmp_path)
    assert evaluate_chunk(task).edited == ""
    own.write_text("after")
    outcome = evaluate_chunk(task)
    assert (outcome.edited, outcome.tables) == ("own.csv", {})
    own.unlink()
    assert evaluate_chunk(task).edited == "own.csv"


def test_a_chunk_whose_files_changed_under_it_counts_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task, own = _edited_task(tmp_path)
    evaluated = chunk._evaluated

    def edited(*given: Any) -> Any:
        own.write_text("after")
        return evaluated(*given)

    monkeypatch.setattr(chunk, "_evaluated", edited)
    outcome = evaluate_chunk(task)
    assert (outcome.edited, outcome.tables) == ("own.csv", {})
