"""The industry's months: what is printed, and what lies between."""

from __future__ import annotations

import pandas as pd

from analysis.data import read
from analysis.impact.history import history_status, industry_history
from analysis.market import build_panel
from analysis.scenario import Scenario

SCENARIO = Scenario(draws=10)


def test_printed_months_are_observed_and_kept_as_printed() -> None:
    history, status = industry_history(build_panel(SCENARIO), SCENARIO), history_status(SCENARIO)
    assert status.index.equals(history.index)
    printed = read("market/industry_monthly").query(
        "measure == 'spot_volume' and period_type == 'month'"
    )
    months = pd.PeriodIndex(printed["period"], freq="M")
    inside = months[(months >= history.index[0]) & (months <= history.index[-1])]
    assert (status.loc[inside, "spot_volume"] == "observed").all()
    assert (status["spot_volume"] == "observed").sum() == inside.nunique()
    # JPY 674,240 mn, printed for July 2026; nothing was printed for January 2023.
    assert history.loc["2026-07", "spot_volume"] == 674_240
    assert status.loc["2023-01", "spot_volume"] == "derived"


def test_months_end_at_the_base_month() -> None:
    earlier = SCENARIO.with_(base_month="2025-12")
    assert str(history_status(earlier).index[-1]) == "2025-12"
