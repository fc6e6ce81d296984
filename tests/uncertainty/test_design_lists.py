"""Listed values: as many as one likes, repeated only where that makes other points."""

import time
from pathlib import Path

import pytest
from designs import design_of

MANY = 16_000
VALUES = ", ".join(map(str, range(MANY)))
ROWS = ", ".join(f"{{seed: {value}}}" for value in range(MANY))


@pytest.mark.parametrize(
    "body", [f"levers: {{vary: {{seed: [{VALUES}]}}}}", f"levers: {{list: [{ROWS}]}}"]
)
def test_a_long_list_takes_no_more_for_each_value_than_a_short_one(
    tmp_path: Path, body: str
) -> None:
    """About a second; with each value held against all before it, more than twenty."""
    started = time.process_time()
    assert len(design_of(tmp_path, body)) == MANY
    assert time.process_time() - started < 8


@pytest.mark.parametrize("method", ["levers: {combine: zip", "uncertainties: {method: zip"])
def test_a_zip_may_repeat_a_value_but_no_combination(tmp_path: Path, method: str) -> None:
    design = design_of(tmp_path, f"{method}, vary: {{seed: [1, 1, 2], draws: [5, 6, 5]}}}}")
    assert design.points["seed"].tolist() == [1, 1, 2]
    assert design.points["draws"].tolist() == [5, 6, 5]
