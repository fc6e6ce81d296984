"""Distributions as maps from the unit interval: against closed forms and against scipy's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.scenario import Scenario
from analysis.scenario.parameter import usual_shape
from analysis.uncertainty.design_names import uncertain_names
from analysis.uncertainty.ranges import Range, in_order

FIELDS = Scenario.model_json_schema()["properties"]
SWEPT = [name for name in FIELDS if FIELDS[name]["swept"]]
UNIT = np.linspace(0, 1, 101)


def test_quartiles_by_hand() -> None:
    quarters = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    assert Range(2, 10).values(quarters).tolist() == [2, 4, 6, 8, 10]
    # 1 to 10,000: four decades, one to each quarter.
    decades = Range(1, 10_000, "log_uniform").values(quarters)
    np.testing.assert_allclose(decades, [1, 10, 100, 1_000, 10_000])
    # 0 to 4 with its peak at 1: a quarter of the area lies left of the peak (height 1/2, base 1).
    assert Range(0, 4, "triangular", 1.0).values(np.array([0.25]))[0] == pytest.approx(1)
    # A peak at an end: the square root, and its mirror image.
    assert Range(0, 1, "triangular", 1.0).values(np.array([0.25]))[0] == pytest.approx(0.5)
    assert Range(0, 1, "triangular", 0.0).values(np.array([0.75]))[0] == pytest.approx(0.5)


@given(
    low=st.floats(0.01, 10), width=st.floats(0.1, 1000), place=st.floats(0, 1), u=st.floats(0, 1)
)
def test_inverse_agrees_with_scipy(low: float, width: float, place: float, u: float) -> None:
    high, mode = low + width, low + place * width
    unit = np.array([u])
    triangular = Range(low, high, "triangular", mode).values(unit)[0]
    peer = stats.triang.ppf(u, (mode - low) / (high - low), low, high - low)
    assert triangular == pytest.approx(peer, rel=1e-9, abs=1e-9 * width)
    logs = Range(low, high, "log_uniform").values(unit)[0]
    assert logs == pytest.approx(stats.loguniform.ppf(u, low, high), rel=1e-9)


def test_an_ordered_pair_says_that_it_is_the_smaller_and_the_larger_of_two_draws() -> None:
    low, high = in_order(Range(0, 1), Range(0, 2, "triangular", 1.5))
    assert low.as_dict()["distribution"] == "smaller of two draws, uniform and triangular"
    assert high.as_dict()["distribution"] == "larger of two draws, uniform and triangular"
    assert [one["distribution"] for one in high.as_dict()["draws"]] == ["triangular", "uniform"]
    same, _ = in_order(Range(1, 9, "log_uniform"), Range(1, 9, "log_uniform"))
    assert same.as_dict()["distribution"] == "smaller of two draws, log-uniform"


def test_whole_numbers_are_as_likely_as_each_other() -> None:
    middle = (np.arange(11_000) + 0.5) / 11_000
    values, counts = np.unique(Range(0, 10, integer=True).values(middle), return_counts=True)
    assert values.tolist() == list(range(11))
    assert counts.tolist() == [1_000] * 11
    assert values.dtype == np.int64


def test_choices_are_as_likely_as_each_other() -> None:
    middle = (np.arange(300) + 0.5) / 300
    drawn = Range(0, 2, "choice", choices=("low", "central", "high")).values(middle).tolist()
    assert [drawn.count(one) for one in ("low", "central", "high")] == [100, 100, 100]
    assert Range(0, 1, "choice", choices=("a", "b")).values(np.array([1.0]))[0] == "b"


@pytest.mark.parametrize("name", SWEPT)
def test_every_swept_range_has_a_distribution_and_a_reason(name: str) -> None:
    field = FIELDS[name]
    assert field["distribution_reason"]
    low, high = field["swept"]
    chosen = Range(low, high, field["distribution"], field["default"])
    values = chosen.values(UNIT)
    assert values[0] == pytest.approx(low)
    assert values[-1] == pytest.approx(high)
    assert (np.diff(values) > 0).all()


def test_exceptions_to_the_usual_shape_are_few_and_known() -> None:
    other = {
        name
        for name in SWEPT
        if (FIELDS[name]["distribution"], FIELDS[name]["distribution_reason"])
        != usual_shape(FIELDS[name]["kind"], FIELDS[name]["default"], FIELDS[name]["swept"])
    }
    assert other == {"breach_odds", "buyer_chance", "insurance_response", "beyond_hot"}


def test_every_uncertain_input_is_swept() -> None:
    kinds = ("evidence", "assumption")
    numbers = {
        name
        for name, field in FIELDS.items()
        if field["kind"] in kinds and field.get("type") in ("number", "integer")
    }
    assert numbers <= set(uncertain_names())
