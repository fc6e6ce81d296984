"""Procyclicality on made-up months whose answer is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from panels import ShareOfCustody, share_of_custody

from analysis.errors import InputError
from analysis.impact.procyclicality import (
    procyclicality,
    representative_exposure,
    requirement_series,
)
from analysis.market.panel import FloatArray
from analysis.rules.exposure import Exposure
from analysis.scenario import Scenario


class ShareOfVolume(ShareOfCustody):
    """A share of this year's trading value."""

    def required(self, exposure: Exposure) -> FloatArray:
        return np.asarray(self.share * exposure.trading_value[0])


class BestOfThreeYears(ShareOfCustody):
    """A share of the best of three years."""

    def required(self, exposure: Exposure) -> FloatArray:
        return np.asarray(self.share * exposure.trading_value.max(axis=0))


class Fixed(ShareOfCustody):
    """The same amount always."""

    def required(self, exposure: Exposure) -> FloatArray:
        return np.full_like(exposure.operating_revenue, 100.0)


def _of(kind: type[ShareOfCustody], share: float = 1e-4) -> ShareOfCustody:
    return kind(**{**vars(share_of_custody(share)), "id": kind.__name__})


def _months(volume: FloatArray, custody: FloatArray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "spot_volume": volume,
            "margin_volume": 2 * volume,
            "customer_crypto": custody,
            "operating_revenue": 0.01 * volume,
            "operating_expenses": np.full_like(volume, 5.0),
        },
        index=pd.date_range("2019-01-31", periods=len(volume), freq="ME"),
    )


RISE_AND_FALL = np.concatenate(
    [np.full(36, 100.0), np.linspace(100, 400, 24), np.linspace(390, 50, 24)]
)
SERIES = _months(RISE_AND_FALL, 10 * RISE_AND_FALL)


def test_exposure_by_hand() -> None:
    # Month k has volume k: at month 36 the year is 25 + ... + 36 = 366, the year before
    # 13 + ... + 24 = 222, two years before 1 + ... + 12 = 78.
    months = _months(np.arange(1.0, 51.0), np.arange(1.0, 51.0))
    firm = representative_exposure(months, Scenario())
    np.testing.assert_allclose(firm.trading_value[:, 0], [366, 222, 78])
    np.testing.assert_allclose(firm.trading_value[:, -1], [366 + 168, 222 + 168, 78 + 168])
    assert firm.custody[0] == pytest.approx(36)
    assert firm.operating_expenses[0] == pytest.approx(60)
    # Hot share is the middle of 0 and 5 %.
    assert firm.custody_hot[0] == pytest.approx(0.025 * 36)


def test_readings_of_the_law() -> None:
    both = representative_exposure(SERIES, Scenario(trading_value_reading="spot_and_margin"))
    spot = representative_exposure(SERIES, Scenario(trading_value_reading="spot"))
    book = representative_exposure(SERIES, Scenario(trading_value_reading="order_book"))
    np.testing.assert_allclose(both.trading_value, 3 * spot.trading_value)
    np.testing.assert_allclose(book.trading_value, 0.8 * spot.trading_value)
    net = representative_exposure(SERIES, Scenario(custody_reading="net_of_matched"))
    assert np.all(net.custody_hot == 0)


def test_share_of_volume_weighs_the_same_in_every_month() -> None:
    # Requirement and revenue are both shares of the year's volume: 1e-4 over 0.01 = 1 %, always.
    row = procyclicality(SERIES, [_of(ShareOfVolume)], Scenario()).iloc[0]
    assert row["requirement_to_revenue_peak"] == pytest.approx(0.01)
    assert row["trough_to_peak"] == pytest.approx(1.0)
    assert row["rising_while_revenue_falls"] == 0


def test_best_of_three_years_weighs_more_in_the_slump() -> None:
    row = procyclicality(SERIES, [_of(BestOfThreeYears)], Scenario()).iloc[0]
    # At the end: revenue is 1 % of the last twelve months' volume, the requirement looks back.
    year = SERIES["spot_volume"].rolling(12).sum().dropna()
    measured = year.iloc[24:]
    at_trough = measured.to_numpy().argmin()
    best = max(year.iloc[24 + at_trough - lag] for lag in (0, 12, 24))
    assert row["requirement_to_revenue_trough"] == pytest.approx(0.01 * best / measured.min())
    assert row["trough_to_peak"] > 1


def test_custody_can_rise_while_revenue_falls() -> None:
    months = _months(RISE_AND_FALL, np.linspace(1_000, 9_000, len(RISE_AND_FALL)))
    row = procyclicality(months, [share_of_custody(0.01)], Scenario()).iloc[0]
    year = months["spot_volume"].rolling(12).sum().iloc[35:]
    assert row["rising_while_revenue_falls"] == pytest.approx((year.diff().iloc[1:] < 0).mean())


def test_fixed_amount_has_no_correlation() -> None:
    row = procyclicality(SERIES, [_of(Fixed)], Scenario()).iloc[0]
    assert np.isnan(row["level_correlation"])
    assert np.isnan(row["growth_correlation"])
    revenue = 0.01 * SERIES["spot_volume"].rolling(12).sum().iloc[35:]
    assert row["trough_to_peak"] == pytest.approx(revenue.max() / revenue.min())


def test_custody_that_follows_volume_correlates_fully() -> None:
    row = procyclicality(SERIES, [share_of_custody(0.01)], Scenario()).iloc[0]
    assert row["level_correlation"] == pytest.approx(1.0)
    assert row["growth_correlation"] == pytest.approx(1.0)
    assert row["months"] == len(SERIES) - 35


def test_parts_of_the_industry_add_up_when_nothing_binds() -> None:
    whole = requirement_series(SERIES, [share_of_custody(0.01)], Scenario())
    parts = requirement_series(SERIES, [share_of_custody(0.01)], Scenario(), exchanges=20)
    pd.testing.assert_frame_equal(whole, parts)
    assert whole["custody"].iloc[0] == pytest.approx(0.01 * SERIES["customer_crypto"].iloc[35])
    fixed = requirement_series(SERIES, [_of(Fixed)], Scenario(), exchanges=20)
    assert (fixed["Fixed"] == 2_000).all()


@pytest.mark.parametrize(
    ("series", "message"),
    [
        (SERIES.drop(columns="margin_volume"), "no column 'margin_volume'"),
        (SERIES.iloc[:40], "40 months; at least 49"),
        (SERIES.drop(SERIES.index[50]), "skips or repeats a month"),
        (
            SERIES.assign(spot_volume=SERIES["spot_volume"].where(SERIES["spot_volume"] < 300)),
            "blank",
        ),
    ],
)
def test_bad_series_are_refused(series: pd.DataFrame, message: str) -> None:
    with pytest.raises(InputError, match=message):
        procyclicality(series, [share_of_custody(0.01)], Scenario())
