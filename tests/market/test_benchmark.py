"""Fiscal-year totals on a bridged series: hand cases and properties."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.data import read
from analysis.errors import InputError
from analysis.market.benchmark import (
    after_the_last_year,
    benchmark,
    denton,
    fiscal_years,
    kept_totals,
)
from analysis.market.bridge import Bridged
from analysis.market.volumes import MARKETS, industry_volume, ratio_spread

MONTHS = pd.period_range("2020-04", periods=36, freq="M", name="month")


def bridged(values: np.ndarray, printed: tuple[int, ...] = ()) -> Bridged:
    status = ["observed" if place in printed else "derived" for place in range(len(values))]
    index = MONTHS[: len(values)]
    return Bridged(pd.Series(values, index=index, name="series"), pd.Series(status, index=index))


def test_denton_by_hand() -> None:
    # Four months of 10. The first stays, the others must add up to 45 in place of 30, so that
    # r2 + r3 + r4 = 4.5. With increments d of r: 3 d1 + 2 d2 + d3 = 1.5, and the sum of squares of
    # d is least for d = (3, 2, 1) x 1.5 / 14 = (9, 6, 3) / 28. Hence r = 1, 37/28, 43/28, 46/28;
    # 37 + 43 + 46 = 126 = 4.5 x 28.
    result = denton(
        np.full(4, 10.0),
        np.array([True, False, False, False]),
        np.array([[0.0, 1.0, 1.0, 1.0]]),
        np.array([45.0]),
    )
    assert result.tolist() == pytest.approx([1.0, 37 / 28, 43 / 28, 46 / 28])


def test_fiscal_years_run_from_april_to_march() -> None:
    year = fiscal_years(pd.PeriodIndex(["2021-03", "2021-04", "2022-03"], freq="M"))
    assert year.tolist() == ["FY2020", "FY2021", "FY2021"]


@given(
    seed=st.integers(0, 10_000),
    ratios=st.lists(st.floats(0.6, 1.6), min_size=2, max_size=2),
    printed=st.sets(st.integers(0, 35), max_size=8),
)
def test_sums_hold_and_printed_months_stay(
    seed: int, ratios: list[float], printed: set[int]
) -> None:
    values = np.random.default_rng(seed).uniform(5, 20, 36)
    series = bridged(values, tuple(printed))
    loose = pd.Series(np.where((series.status == "observed"), 0.0, values))
    rest = loose.groupby(fiscal_years(MONTHS).to_numpy()).sum().iloc[:2]
    whole = pd.Series(values).groupby(fiscal_years(MONTHS).to_numpy()).sum().iloc[:2]
    totals = whole - rest + rest * np.array(ratios)
    try:
        result = benchmark(series, totals)
    except InputError:
        # The smoothest ratios need not be positive: the refusal has a test of its own.
        assume(False)
    np.testing.assert_allclose(result.years["ratio"], ratios)
    after = result.monthly.value.groupby(fiscal_years(MONTHS)).sum()
    np.testing.assert_allclose(after[totals.index], totals, rtol=1e-9)
    kept = (series.status == "observed").to_numpy()
    assert (result.monthly.value.to_numpy()[kept] == values[kept]).all()
    assert (result.monthly.value > 0).all()


@given(ratio=st.floats(0.1, 5.0), seed=st.integers(0, 1000))
def test_one_ratio_for_all_years_is_the_ratio_of_all_months(ratio: float, seed: int) -> None:
    values = np.random.default_rng(seed).uniform(5, 20, 36)
    totals = ratio * pd.Series(values).groupby(fiscal_years(MONTHS).to_numpy()).sum().iloc[:2]
    result = benchmark(bridged(values), totals)
    np.testing.assert_allclose(result.monthly.value, ratio * values, rtol=1e-8)


def test_months_stand_where_a_year_contradicts_them() -> None:
    # Two printed months of 10 are more than a year of 15; a year of printed months is left alone.
    values = np.full(24, 10.0)
    result = benchmark(
        bridged(values, (0, 1, *range(12, 24))), pd.Series({"FY2020": 15.0, "FY2021": 200.0})
    )
    assert result.years["used"].tolist() == [False, False]
    assert result.years["bridged_jpy_mn"].tolist() == [120.0, 120.0]
    assert result.monthly.value.tolist() == values.tolist()
    assert after_the_last_year(result)[0].sum() == 0


def test_a_year_that_is_not_covered_is_not_used() -> None:
    result = benchmark(bridged(np.full(12, 1.0)), pd.Series({"FY2019": 3.0, "FY2020": 6.0}))
    assert result.years.index.tolist() == ["FY2020"]


def test_totals_that_no_positive_months_can_meet_are_refused() -> None:
    totals = pd.Series({"FY2020": 120.0, "FY2021": 0.2, "FY2022": 900.0})
    with pytest.raises(InputError, match=r"takes 202\d-\d\d below zero"):
        benchmark(bridged(np.full(36, 10.0)), totals)


def test_every_draw_keeps_the_total_of_a_printed_year() -> None:
    result = benchmark(bridged(np.full(36, 10.0), (0, 20)), pd.Series({"FY2020": 90.0}))
    errors = np.random.default_rng(0).uniform(0.5, 2, (50, 36))
    errors[:, [0, 20]] = 1.0
    draws = result.monthly.value.to_numpy() * errors
    kept = kept_totals(draws, result)
    np.testing.assert_allclose(kept[:, :12].sum(axis=1), 90.0)
    assert (kept[:, 0] == 10.0).all()
    assert (kept[:, 12:] == draws[:, 12:]).all()


def test_ratios_of_the_printed_years_by_hand() -> None:
    # Spot, FY2021: printed months 4,000,000 + 5,158,477 + 2,300,000 + 2,000,000 = 13,458,477 of
    # 28,500,000 leave 15,041,523 for the other eight, for which the bridge gives 21,188,644: 0.710.
    industry, prices = read("market/industry_monthly"), read("market/prices_monthly")
    volumes = {market: industry_volume(industry, prices, market) for market in MARKETS}
    spot = volumes["spot"].benchmarked.years[["bridged_jpy_mn", "ratio"]].astype(float)
    bridged, ratio = spot.loc["FY2021"].to_numpy()
    assert ratio == pytest.approx(15_041_523 / (bridged - 13_458_477))
    assert ratio == pytest.approx(0.710, abs=0.001)
    margin = volumes["margin"].benchmarked.years["ratio"].astype(float)
    assert margin.tolist() == pytest.approx([0.752, 0.672], abs=0.001)
    # Logs -0.343, -0.285, -0.397, mean -0.342: squares 0.000001 + 0.003249 + 0.003025, over two
    # 0.003138, its root 0.056.
    assert ratio_spread(volumes) == pytest.approx(0.056, abs=0.001)


def test_carried_ratio_by_hand() -> None:
    industry, prices = read("market/industry_monthly"), read("market/prices_monthly")
    spot = industry_volume(industry, prices, "spot")
    may, july = pd.Period("2026-05", "M"), pd.Period("2026-07", "M")
    ratio = spot.benchmarked.years["ratio"].astype(float)["FY2021"]
    none, half, whole = (spot.carried(part).value.to_dict() for part in (0.0, 0.5, 1.0))
    bridged = spot.bridged.to_dict()
    # After the last printed month but one nothing is bent: May 2026 is the bridge, times the ratio.
    assert none[may] == pytest.approx(bridged[may])
    assert whole[may] == pytest.approx(bridged[may] * ratio)
    assert half[may] == pytest.approx((none[may] * whole[may]) ** 0.5)
    assert none[july] == half[july] == whole[july] == 674_240
    early = pd.Period("2021-12", "M")
    assert none[early] == whole[early]
