"""A chunk of points: the guilty one fails alone, the others have the rows they have anyway."""

import pandas as pd
from sweep_lab import BASE

from analysis.scenario import Scenario, scenario
from analysis.study.sweeps import parquet
from analysis.study.sweeps.chunk import DONE, FAILED, Outcome, Task, evaluate_chunk

GOOD = tuple(scenario({**BASE, "floor_jpy_mn": float(floor)}) for floor in range(4))
#: No exchange has a statement so early: a scenario that is valid, and cannot be evaluated.
BAD = scenario({**BASE, "base_month": "2019-01"})


def _outcome(points: tuple[int, ...], *scenarios: Scenario) -> Outcome:
    return evaluate_chunk(Task("name", points, scenarios, ("industry",), None, {}))


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
