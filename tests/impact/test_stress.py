"""Boom and crash on the shipped panel, and the history behind them."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.data import read
from analysis.errors import InputError
from analysis.impact import STRESSES, industry_history, procyclicality, run_stresses, within_range
from analysis.market import build_panel
from analysis.market.panel import Panel
from analysis.rules import candidates
from analysis.scenario import Scenario

SCENARIO = Scenario(draws=4)
BY_ID = {stress.id: stress for stress in STRESSES}


@pytest.fixture(scope="module")
def panel() -> Panel:
    return build_panel(SCENARIO)


@pytest.fixture(scope="module")
def history(panel: Panel) -> pd.DataFrame:
    return industry_history(panel, SCENARIO)


@pytest.fixture(scope="module")
def stressed() -> pd.DataFrame:
    return run_stresses(SCENARIO).set_index(["stress", "formula"])


def test_stresses_are_what_the_series_have_shown(history: pd.DataFrame) -> None:
    year = history["spot_volume"].rolling(12).sum().dropna()
    assert BY_ID["boom"].volume_shock == pytest.approx(year.max() / year.iloc[-1] - 1, abs=0.02)
    fall = (year / year.shift(12) - 1).min()
    assert BY_ID["crash"].volume_shock == pytest.approx(fall, abs=0.02)
    printed = read("market/industry_monthly").query("measure == 'customer_crypto'")
    custody = printed.set_index("period")["value"]
    rise = custody["2025-08"] / custody["2026-07"] - 1
    assert BY_ID["boom"].price_shock == pytest.approx(rise, abs=0.01)
    assert BY_ID["crash"].price_shock == pytest.approx(1 / (1 + rise) - 1, abs=0.01)


def test_history_keeps_printed_months_and_the_panel_year(
    history: pd.DataFrame, panel: Panel
) -> None:
    # Self-regulator, July 2026: spot JPY 674,240 mn, margin 627,529 mn, custody 2,641,858 mn.
    last = history.iloc[-1]
    assert str(history.index[-1]) == "2026-07"
    assert last["spot_volume"] == pytest.approx(674_240)
    assert last["margin_volume"] == pytest.approx(627_529)
    assert last["customer_crypto"] == pytest.approx(2_641_858)
    expenses = history["operating_expenses"].iloc[-12:].sum()
    assert expenses == pytest.approx(panel["operating_expenses"].sum(axis=-1).mean())
    margin = (
        panel["operating_revenue"].sum(axis=-1).mean() / panel["spot_volume"].sum(axis=-1).mean()
    )
    assert last["operating_revenue"] == pytest.approx(margin * 674_240)


def test_shocks_multiply_those_of_the_scenario() -> None:
    crash = BY_ID["crash"].on(SCENARIO.with_(price_shock=0.5, volume_shock=-0.2))
    assert crash.price_shock == pytest.approx(1.5 * 0.56 - 1)
    assert crash.volume_shock == pytest.approx(0.8 * 0.24 - 1)


def test_a_stress_beyond_what_prices_have_done_is_refused() -> None:
    # A fall by 70 % and then the crash: 0.3 x 0.56 = 0.168 of the price, a fall by 83.2 %.
    with pytest.raises(InputError, match=r"'crash' on top of price_shock = -0.7 .*-0.832.*-0.74"):
        BY_ID["crash"].on(SCENARIO.with_(price_shock=-0.7))


def test_stresses_beyond_the_range_are_left_out_with_the_reason() -> None:
    assert within_range(SCENARIO) == (STRESSES, ())
    possible, beyond = within_range(SCENARIO.with_(price_shock=-0.7))
    assert [stress.id for stress in possible] == ["baseline", "boom"]
    assert len(beyond) == 1
    assert "-0.832" in beyond[0]
    # Nine times the price, and 1.8 times that, is 18 times: beyond 10.1.
    possible, _ = within_range(SCENARIO.with_(price_shock=9.0))
    assert [stress.id for stress in possible] == ["baseline", "crash"]


def test_custody_formulas_follow_prices_and_overheads_do_not(stressed: pd.DataFrame) -> None:
    ratio = stressed["required_to_baseline"]
    # Hong Kong takes shares of custody: 1.80 and 0.56 times. MiCA takes overheads: unchanged.
    assert ratio["boom", "custody_share_hong_kong"] == pytest.approx(1.80)
    assert ratio["crash", "custody_share_hong_kong"] == pytest.approx(0.56)
    assert ratio["crash", "own_funds_mica_class3"] == pytest.approx(1.0)


def test_securities_rule_hardly_eases_in_a_crash(stressed: pd.DataFrame) -> None:
    # It looks at the best of three years, so a fall of this year's volume by 64 % leaves it nearly.
    ratio = stressed["required_to_baseline"]
    assert ratio["crash", "fiea_turnover"] > 0.9
    assert stressed["operating_revenue_to_baseline"]["crash", "fiea_turnover"] < 0.5


def test_losses_of_the_crash_year_leave_more_exchanges_short(stressed: pd.DataFrame) -> None:
    crash = stressed.loc["crash"]
    assert (crash["exchanges_short_with_profit"] >= crash["exchanges_short"]).all()
    assert (crash["operating_profit_jpy_mn"] < 0).all()


def test_own_panel_is_stressed_through_its_builder() -> None:
    seen: list[float] = []

    def build(scenario: Scenario) -> Panel:
        seen.append(scenario.price_shock)
        return build_panel(scenario)

    run_stresses(SCENARIO, build=build, formulas=candidates(SCENARIO)[:1])
    assert seen == pytest.approx([stress.price_shock for stress in STRESSES])


def test_every_candidate_runs_through_the_real_months(history: pd.DataFrame) -> None:
    formulas = candidates(SCENARIO)
    table = procyclicality(history, formulas, SCENARIO, exchanges=23).set_index("formula")
    assert list(table.index) == [formula.id for formula in formulas]
    assert (table["months"] == 60).all()
    # Overheads stay while revenue falls to less than a third: the weight rises as much.
    year = history["operating_revenue"].rolling(12).sum().iloc[35:]
    assert table.loc["own_funds_mica_class3", "trough_to_peak"] == pytest.approx(
        year.max() / year.min()
    )
    # The best of three years carries the boom of 2021 into the slump of 2023.
    assert table["trough_to_peak"]["fiea_turnover"] > 2
