"""Another design in a folder: what differs is said in the words of the design file."""

import json
from pathlib import Path

import pytest
from designs import design_of

from analysis.scenario import Scenario
from analysis.study.sweeps.differences import differences

BODY = (
    "base: {draws: 5}\n"
    "levers: {vary: {floor_jpy_mn: [0, 500], treatment: {}}}\n"
    "uncertainties: {method: latin_hypercube, samples: 8, seed: 1,\n"
    "  vary: {run_share: {high: 0.5}}}\n"
)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("", "", ""),
        ("", "read: {notebooks: [03_reserves], points: [0]}\n", ""),
        ("draws: 5", "draws: 6", "base.draws: 5 before, 6 now"),
        ("{draws: 5}", "{}", "base.draws is gone"),
        ("[0, 500]", "[0, 500, 900]", "number of points: 32 before, 48 now"),
        ("[0, 500]", "[0, 700]", "the values of its points differ"),
        (", treatment: {}", "", "lever treatment is gone; number of points: 32 before, 16 now"),
        ("seed: 1", "seed: 9", "seed: 1 before, 9 now"),
        (
            "{run_share: {high: 0.5}}",
            "[run_return_days]",
            "uncertainty run_share is gone; uncertainty run_return_days is new",
        ),
        (
            "high: 0.5",
            "high: 0.4",
            "range of run_share: 0.01 to 0.5, log-uniform before, 0.01 to 0.4, log-uniform now",
        ),
        ("", "tables: [industry, market]\n", "tables: industry before, industry, market now"),
    ],
)
def test_what_differs_is_named(tmp_path: Path, old: str, new: str, told: str) -> None:
    before, after = (
        json.loads(json.dumps(design_of(tmp_path, body).identity))
        for body in (BODY, BODY.replace(old, new) if old else BODY + new)
    )
    assert differences(before, after) == told


def test_of_many_differences_the_first_are_said(tmp_path: Path) -> None:
    names = [name for name in Scenario.model_fields if name.startswith("days_")]
    more = "levers: {vary: {seed: [1, 2]}}\nuncertainties: {method: sobol, samples: 8, vary: %s}\n"
    before, after = (
        design_of(tmp_path, body).identity for body in (BODY, more % f"[{', '.join(names)}]")
    )
    told = differences(before, after)
    assert told.startswith("method: latin_hypercube before, sobol now; seed: 1 before, 64 now; ")
    assert told.endswith(" more")
    assert told.count(";") == 4
