"""Bühlmann-Straub: by hand, against a literal transcription, in its limits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.losses.buhlmann_straub import Credibility, buhlmann_straub, jurisdictions
from analysis.losses.exposure import READINGS


def collective(events: list[list[float]], exposure: list[list[float]]) -> Credibility:
    return buhlmann_straub(pd.DataFrame(events), pd.DataFrame(exposure))


def test_two_groups_by_hand() -> None:
    # Exposure 10 a year. Rates: A 0.1 and 0.3, mean 0.2; B 0.5 and 0.7, mean 0.6; all 0.4.
    # Within: 10 x 4 x 0.1^2 / (4 - 2) = 0.2.
    # Between: (20 x 0.2^2 x 2 - 1 x 0.2) / (40 - 2 x 20^2 / 40) = (1.6 - 0.2) / 20 = 0.07.
    # Factor: 20 / (20 + 0.2 / 0.07) = 0.875; premiums 0.875 x 0.2 + 0.125 x 0.4 = 0.225 and 0.575.
    found = collective([[1, 3], [5, 7]], [[10, 10], [10, 10]])
    assert found.within == pytest.approx(0.2)
    assert found.between == pytest.approx(0.07)
    assert found.mean == pytest.approx(0.4)
    np.testing.assert_allclose(found.groups["factor"], 0.875)
    np.testing.assert_allclose(found.groups["premium"], [0.225, 0.575])
    assert found.variation == pytest.approx(0.07**0.5 / 0.4)


counts = st.lists(st.lists(st.floats(0, 50), min_size=3, max_size=3), min_size=2, max_size=5)
sizes = st.lists(st.floats(1, 500), min_size=15, max_size=15)


@given(events=counts, flat=sizes)
def test_agrees_with_the_formulas_read_term_by_term(
    events: list[list[float]], flat: list[float]
) -> None:
    exposure = [flat[3 * i : 3 * i + 3] for i in range(len(events))]
    groups, years = range(len(events)), range(3)
    total = [sum(exposure[i]) for i in groups]
    mean = [sum(events[i]) / total[i] for i in groups]
    whole = sum(total)
    centre = sum(total[i] * mean[i] for i in groups) / whole
    within = sum(
        exposure[i][j] * (events[i][j] / exposure[i][j] - mean[i]) ** 2
        for i in groups
        for j in years
    ) / sum(len(years) - 1 for _ in groups)
    top = sum(total[i] * (mean[i] - centre) ** 2 for i in groups) - (len(groups) - 1) * within
    between = top / (whole - sum(t**2 for t in total) / whole)
    found = collective(events, exposure)
    assert found.within == pytest.approx(within, rel=1e-9, abs=1e-12)
    assert found.unbiased_between == pytest.approx(between, rel=1e-6, abs=1e-9)
    assert found.groups["factor"].between(0, 1).all()


@given(events=counts, flat=sizes)
def test_premiums_lie_between_the_own_rate_and_the_collective_and_balance(
    events: list[list[float]], flat: list[float]
) -> None:
    exposure = [flat[3 * i : 3 * i + 3] for i in range(len(events))]
    found = collective(events, exposure)
    table = found.groups
    low = np.minimum(table["rate"], found.mean) - 1e-12
    assert table["premium"].between(low, np.maximum(table["rate"], found.mean) + 1e-12).all()
    # Weighted by exposure, premiums add up to the events seen (balance property).
    assert table["premium"] @ table["exposure"] == pytest.approx(table["events"].sum(), rel=1e-6)


def test_alike_groups_share_one_rate() -> None:
    found = collective([[1, 9], [9, 1]], [[10, 10], [10, 30]])
    assert found.unbiased_between < 0
    assert found.between == 0
    np.testing.assert_allclose(found.groups["premium"], 20 / 60)


def test_structure_is_recovered_from_a_large_simulation() -> None:
    rng = np.random.default_rng(3)
    exposure = rng.uniform(20, 60, size=(4_000, 6))
    rate = rng.gamma(4.0, 0.05, size=(4_000, 1))  # mean 0.2, variance 0.01
    found = buhlmann_straub(pd.DataFrame(rng.poisson(rate * exposure)), pd.DataFrame(exposure))
    assert found.mean == pytest.approx(0.2, rel=0.02)
    assert found.between == pytest.approx(0.01, rel=0.06)
    assert found.within == pytest.approx(0.2, rel=0.04)  # Poisson: variance = mean


def test_jurisdictions_are_too_few_to_settle_the_spread() -> None:
    variation = {reading: jurisdictions(reading).variation for reading in READINGS}
    assert variation["low"] == pytest.approx(0.60, abs=0.01)
    assert variation["central"] == pytest.approx(0.29, abs=0.01)
    assert variation["high"] == 0
    table = jurisdictions().groups
    rate = table["rate"].to_dict()
    assert table.loc["japan", "events"] == 1  # DMM Bitcoin
    assert table.loc["korea", "events"] == 2  # GDAC and Upbit
    assert rate["japan"] < rate["korea"] < rate["rest"]


def test_one_group_or_an_empty_year_is_refused() -> None:
    with pytest.raises(InputError, match="1 groups and 2 years"):
        collective([[1, 2]], [[1, 1]])
    with pytest.raises(InputError, match="without exposure"):
        collective([[1, 2], [1, 2]], [[1, 1], [0, 1]])
