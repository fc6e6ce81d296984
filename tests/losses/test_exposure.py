"""Exchange-years: the register by hand, and the number of exchanges worldwide."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis import data
from analysis.errors import InputError
from analysis.losses.exposure import exposure_years, korean_exchanges, populations

YEARS = range(2018, 2026)


def test_registered_operators_have_been_at_risk_for_about_220_years() -> None:
    total = exposure_years().sum()
    assert total["central"] == pytest.approx(220, abs=1)
    assert total["low"] < total["central"] < total["high"]
    # FXcoin and Coinage, from nothing to 2019-11-27 to 2023-08-31 (1,373 days each), Tech Bureau
    # (2020) and DMM Bitcoin (2025-03-08 to 2025-09-07, 183 days) make the bounds.
    width = (2 * 1373 + 365 + 183) / 365.25
    assert total["high"] - total["low"] == pytest.approx(width, abs=1e-9)


def test_deemed_operators_add_their_years_before_2020() -> None:
    more = exposure_years("with_deemed") - exposure_years()
    assert more.loc[2017:2019, "central"].gt(0).all()
    assert more.loc[2020:, "central"].abs().max() == 0


def test_one_year_agrees_with_counts_of_the_register() -> None:
    # 2025: 29 on the list of February, 28 on that of September; DMM Bitcoin left somewhere between
    # 03-08 and 09-07, 183 days, which is the whole width of the bounds.
    counts = data.read("market/register_counts")
    registered = counts[counts["count_of"] == "registered"].set_index("date")["count"]
    year = exposure_years().loc[2025]
    most, least = registered.loc["2025-02-06"], registered.loc["2025-09-07"]
    assert least <= year["low"] + 0.05 <= year["high"] + 0.05 <= most
    assert year["high"] - year["low"] == pytest.approx(183 / 365.25, abs=0.01)


def test_a_window_of_one_day_counts_operators() -> None:
    day = exposure_years(first=pd.Timestamp("2025-10-01"), last=pd.Timestamp("2025-10-02"))
    assert day["central"].sum() * 365.25 == pytest.approx(28)


def test_a_window_past_the_register_is_refused() -> None:
    with pytest.raises(InputError, match="2026-06-30, the day of the register"):
        exposure_years(last=pd.Timestamp("2026-12-31"))
    with pytest.raises(InputError, match="an end after the start"):
        exposure_years(first=pd.Timestamp("2020-01-01"), last=pd.Timestamp("2019-01-01"))


def test_population_readings_by_hand() -> None:
    low, high = populations("low", YEARS), populations("high", YEARS)
    # High: 210 on 2018-07-01, 410 on 2022-01-01, constant growth between: mid 2020 is 731
    # days into 1,280, so 210 x (410 / 210)^(731 / 1280) = 307.7.
    assert high.loc[2018] == pytest.approx(210)
    assert high.loc[2020] == pytest.approx(210 * (410 / 210) ** (731 / 1280), rel=1e-6)
    assert high.loc[2025] == pytest.approx(410)
    assert low.loc[2018] == pytest.approx(70)
    assert low.loc[2025] == pytest.approx(240)
    assert (low < high).all()
    np.testing.assert_allclose(populations("central", YEARS) ** 2, low * high)


def test_central_reading_runs_near_the_rated_lists_it_does_not_use() -> None:
    rated = {2020: 236, 2021: 289, 2022: 301}
    central = populations("central", list(rated))
    assert (central / pd.Series(rated) - 1).abs().max() < 0.10


def test_korea_is_counted_from_its_register_on() -> None:
    korea = korean_exchanges([2022, 2024])
    assert korea.loc[2022] == pytest.approx(26.1, abs=0.1)
    assert korea.loc[2024] == pytest.approx(14, abs=0.1)
    with pytest.raises(InputError, match="from 2022"):
        korean_exchanges([2019])


def test_an_unknown_reading_is_refused() -> None:
    with pytest.raises(InputError, match="low, central or high"):
        populations("middle", YEARS)  # type: ignore[arg-type]
