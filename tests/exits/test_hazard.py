"""Hazard and posterior: against exact answers, and what they must do when the data say little."""

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import dblquad

from analysis.errors import InputError
from analysis.exits.breach import breach_chance
from analysis.exits.hazard import ExitModel, exit_model
from analysis.exits.posterior import COARSE, POINTS, Prior, Rows, posterior
from analysis.exits.published import yearly_breach_factor
from analysis.exits.register import spells
from analysis.exits.risk_years import registered, risk_years, whole_year
from analysis.exits.row_values import RowValues, row_values
from analysis.losses.model import loss_model
from analysis.market import build_panel
from analysis.scenario import scenario

SCENARIO = scenario({"draws": 12})
MODEL: ExitModel = exit_model(SCENARIO, 12)
PANEL = build_panel(SCENARIO)
PRIOR = Prior()


def rows(event: list[int], value: list[float], breach: list[int] | None = None) -> Rows:
    zeros = [0] * len(event)
    shaped = [np.array([part], dtype=float) for part in (event, value, breach or zeros)]
    return Rows(shaped[0], np.ones_like(shaped[0]), shaped[1], shaped[2])


def test_the_grid_integrates_as_quadrature_does() -> None:
    value = np.array([-1.0, -0.8, 0.3, 1.2, 4.0, -1.1, 2.0, 0.5])
    event = np.array([1, 0, 0, 0, 0, 1, 0, 0])

    def density(log_response: float, rate: float) -> float:
        hazard = np.exp(rate - np.exp(log_response) * value)
        chance = np.where(event == 1, hazard * np.exp(-hazard), np.exp(-hazard)).prod()
        prior = ((rate - PRIOR.rate[0]) / 1.5) ** 2 + (log_response - PRIOR.response[0]) ** 2
        return float(chance * np.exp(-prior / 2))

    bounds = (-9.7, 1.4, -5.6, 2.3)
    total = dblquad(density, *bounds, epsabs=1e-7)[0]
    mean = dblquad(lambda b, a: a * density(b, a), *bounds, epsabs=1e-7)[0] / total
    found = posterior(rows(event.tolist(), value.tolist()), PRIOR)
    assert found.moments(0)[0][0] == pytest.approx(mean, abs=0.02)
    # No loss among the rows: the prior of its effect comes back.
    centre, spread = found.moments(2)
    assert centre[0] == pytest.approx(PRIOR.breach[0], abs=1e-6)
    assert spread[0] == pytest.approx(1.0, abs=0.01)


def test_grids_fine_and_coarse_agree_on_chances() -> None:
    fine, coarse = (posterior(MODEL.rows, MODEL.prior, points) for points in (POINTS, COARSE))
    rates = [p.marginal(0) @ np.exp(p.axes[0]) for p in (fine, coarse)]
    assert rates[0] == pytest.approx(rates[1], abs=0.001)


def test_a_constant_hazard_is_events_over_years() -> None:
    # 300 years, 12 exits, all of one value: a rate of 0.04 with a prior that hardly matters.
    found = posterior(rows([1] * 12 + [0] * 288, [0.0] * 300), PRIOR)
    rate = float(found.marginal(0)[0] @ np.exp(found.axes[0]))
    assert rate == pytest.approx(12 / 300, rel=0.02)


def test_separation_and_silence_leave_the_prior_in_charge() -> None:
    parted = posterior(rows([1, 1, 0, 0, 0, 0], [-2, -2, 3, 3, 3, 3]), PRIOR)
    mean, spread = parted.moments(1)
    assert mean[0] > PRIOR.response[0]
    assert 0.3 < spread[0] < 1.1
    silent = posterior(rows([0] * 100, [0.0] * 100), PRIOR)
    assert silent.moments(0)[0][0] < np.log(1 / 100)
    assert np.isfinite(silent.weight).all()


def test_points_of_the_posterior_have_its_mean() -> None:
    found = posterior(MODEL.rows, MODEL.prior)
    points = found.sample(np.random.default_rng(2), 4_000)
    for i in range(3):
        mean, spread = found.moments(i)
        assert points[..., i].mean(axis=0) == pytest.approx(mean, abs=0.08 * spread.max())


def test_the_level_is_the_registers_and_the_response_mostly_the_priors() -> None:
    table = MODEL.summary()
    narrowed = table["sd"] / table["prior_sd"]
    assert narrowed["log_rate"] < 0.5
    assert narrowed["log_response"] > 0.6
    assert (table["low"] < table["mean"]).all()
    assert (table["mean"] < table["high"]).all()


def test_the_hazard_falls_with_value_and_rises_with_cost_and_loss() -> None:
    g = np.linspace(-2, 10, 7)[None, :]
    hazard = MODEL.hazard(g)
    assert (np.diff(hazard, axis=-1) < 0).all()
    assert (MODEL.hazard(g, 1.0) > hazard).mean() > 0.9
    # One year in five with a loss: four fifths of the one chance and one of the other.
    mixed = 0.8 * hazard + 0.2 * MODEL.hazard(g, 1.0)
    assert MODEL.hazard(g, 0.2) == pytest.approx(mixed)
    level = MODEL.hazard(-MODEL.licence_value)
    assert level == pytest.approx(1 - np.exp(-1))
    before = MODEL.standing(PANEL.values, SCENARIO)
    cost = np.full((3, *before.shape), 50.0) * np.array([0, 1, 4])[:, None, None]
    after = MODEL.standing(PANEL.values, SCENARIO, cost)
    assert np.array_equal(after[0], before)
    assert (np.diff(after, axis=0) < 0).all()


def test_loss_makers_stand_below_zero_and_earners_above() -> None:
    g = dict(zip(PANEL.exchanges, MODEL.standing(PANEL.values, SCENARIO).mean(axis=0), strict=True))
    # S.BLOX: revenue 122, expenses 731, net assets 1,448. Least bad plan: stay a year and leave.
    # Margin 122 (1 - 0.29) = 87; fixed 731 - 0.29 x 122 = 695; of the net assets 695 are in use,
    # and winding up costs half of that: 348, whose yield a year is 32: (87 - 695 - 32) / 695 =
    # -0.92, and little for the chance of better times.
    assert g["s_blox"] == pytest.approx(-0.92, abs=0.06)
    assert g["backseat"] < 0
    # bitFlyer: revenue 13,567, costs 9,310, net assets 29,750. Margin 9,590, fixed 5,340, winding
    # up 5,340 / 2 = 2,670, a sale 0.39 x 13,567 = 5,290: S = 2,670 + 0.66 x 2,620 = 4,400, its
    # yield 400. For ever: 11 x (9,590 - 5,340 - 400) / 5,340 = 7.9; the option and uncertain parts
    # add 1.
    assert 7.9 < g["bitflyer"] < 10.4
    assert g["sbi_vc_trade"] > g["coincheck"] > g["mercury"]


def test_more_equity_makes_nobody_leave() -> None:
    # What owners could take out while they stay is no gain of leaving: ten billion paid in.
    richer = {**PANEL.values, "net_assets": PANEL["net_assets"] + 10_000}
    theft = breach_chance(PANEL.values, SCENARIO)
    before, after = (
        1 - (1 - MODEL.hazard(MODEL.standing(values, SCENARIO), theft)) ** 5
        for values in (PANEL.values, richer)
    )
    assert (after - before).mean(axis=0).max() < 0.01
    # Binance Japan earns and has 17 bn of net assets; S.BLOX loses and has 1.4 bn.
    names = PANEL.exchanges
    chance = before.mean(axis=0)
    assert chance[names.index("binance_japan")] < chance[names.index("s_blox")] - 0.03


def test_a_theft_in_a_year_to_come_has_the_chance_of_the_loss_model() -> None:
    theft = breach_chance(PANEL.values, SCENARIO)
    rate = loss_model(SCENARIO, len(theft)).hacks
    assert theft.shape == (len(theft), len(PANEL.exchanges))
    # Records move exchanges against each other: on average it is the rate of the market.
    assert -np.log1p(-theft).mean(axis=1) == pytest.approx(rate[:, 0])


def test_the_prior_of_a_loss_is_made_yearly() -> None:
    # Quarterly odds of 13 in one quarter of four: (13 + 3) / 4 = 4 for small chances. At a rate of
    # 5 % a year: quarter 1 - e^-0.0125 = 0.01242, odds 0.01258, x 13 = 0.1635, chance 0.1405, rate
    # 0.1514; (0.1514 + 3 x 0.0125) / 0.05 = 3.78.
    assert yearly_breach_factor(1e-6, 13.0) == pytest.approx(4.0, abs=1e-4)
    assert np.exp(MODEL.prior.breach[0]) == pytest.approx(3.78, abs=0.01)
    assert MODEL.prior.breach[1] == 1


def test_rows_are_registered_exchanges_and_need_an_exit() -> None:
    generator = np.random.default_rng(1)
    years = risk_years(spells("economic"), 2, generator)
    table, event, _, breach = registered(years)
    assert len(table) == event.shape[1] == breach.shape[1]
    assert (event.sum(axis=1) == 8).all()
    # Tech Bureau 2018, BITPoint 2019 and DMM Bitcoin 2024; Coincheck was not registered yet.
    assert breach[0].sum() == 3
    nobody = years.__class__(**{**years.__dict__, "event": np.zeros_like(years.event)})
    with pytest.raises(InputError, match="no exit of a registered exchange"):
        registered(nobody)
    with pytest.raises(InputError, match=r"at_risk from 0 to 1\.5"):
        Rows(np.zeros((1, 2)), np.array([[0.0, 1.5]]), np.zeros((1, 2)), np.zeros((1, 2)))


def test_the_last_year_of_the_register_is_half_a_year() -> None:
    # 30 June is day 181 of 2026.
    assert whole_year(np.array([2025, 2026])) == pytest.approx([1.0, 181 / 365])


def test_the_model_is_kept_for_its_parameters() -> None:
    kept = exit_model(SCENARIO, 12)
    assert exit_model(SCENARIO.with_(insurable_share=0.1), 12) is kept
    assert exit_model(SCENARIO.with_(exit_definition="registration"), 12) is not kept


def test_missing_values_follow_the_outcome() -> None:
    candidates = np.array([[[1.0, 5.0, 5.0]], [[1.0, -1.0, -1.0]]])
    one = np.ones((1, 1))
    values = RowValues(np.array([True, False, False]), candidates, one, np.array([0, 1, 1]))
    generator = np.random.default_rng(0)
    # Rows two and three are one exchange: chosen together, here the second candidate for certain.
    log = np.array([[[0.0, -400.0, -400.0]], [[0.0, 0.0, 0.0]]])
    assert values.given(log, generator).tolist() == [[1.0, -1.0, -1.0]]
    flat = [values.given(np.zeros((2, 1, 3)), generator)[0] for _ in range(400)]
    assert np.mean([row[1] for row in flat]) == pytest.approx(2.0, abs=0.5)
    assert all(row[1] == row[2] for row in flat)


def test_rows_take_the_statement_of_the_year_before() -> None:
    table = pd.DataFrame(
        {"operator": ["A", "A", "B"], "exchange": ["zaif", "zaif", ""], "year": [2021, 2017, 2021]}
    )
    found = row_values(table, lambda f: np.tile(f["revenue"], (2, 1)), 2, np.random.default_rng(0))
    assert found.observed.tolist() == [True, False, False]
    # Zaif, year to December 2020: revenue 1,184.
    assert found.candidates[:, :, 0] == pytest.approx(1_184)
    assert found.candidates[:, :, 2].std() > 0
