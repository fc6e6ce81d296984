"""Fit of the lost share: likelihood by hand, recovery of known parameters, and what is refused."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from scipy.stats import norm

from analysis.errors import InputError
from analysis.losses.severity_fit import (
    PRIOR,
    SeverityFit,
    draw_parameters,
    fit_shares,
    fitted_shares,
    share_log_likelihood,
)
from analysis.losses.share_checks import (
    bootstrap,
    exact_quantiles,
    families,
    holdout,
    predictive_check,
)
from analysis.losses.shares import bounds, loss_shares
from analysis.losses.yen_checks import distances, goodness_of_shares


def rows(low: list[float], high: list[float]) -> pd.DataFrame:
    count = len(low)
    return pd.DataFrame(
        {
            "incident": [f"case_{place}" for place in range(count)],
            "date": pd.date_range("2016-01-01", periods=count, freq="90D"),
            "low": low,
            "high": high,
            "operational": False,
        }
    )


def cell(table: pd.DataFrame, row: object, column: str) -> float:
    return float(table[column].to_numpy(float)[list(table.index).index(row)])


@cache
def hacks() -> pd.DataFrame:
    table = loss_shares("all")
    return table[~table["operational"]].reset_index(drop=True)


def test_rows_are_intervals() -> None:
    table = loss_shares("all").set_index("incident")
    assert len(table) == 31
    cases = {
        "mt_gox_2014_02": (0.99, 1.0),  # total loss
        "bitfinex_2016_08": (0.36067, 0.36067),  # one figure
        "bitpoint_japan_2019_07": (0.1, 0.13),  # sources between 10 and 13 %
        "bitstamp_2015_01": (0.08, 0.12),  # sources between 8 and 12 %
        "youbit_2017_12": (0.17, 0.25),  # central and one bound
        "coincheck_2018_01": (0.07, 0.59),  # bounds only
        "kucoin_2020_09": (0.0, 0.25),  # upper bound only
    }
    for incident, expected in cases.items():
        assert tuple(table.loc[incident, ["low", "high"]]) == expected
    assert not {"ftx_japan_2022_11", "quoine_kk_2021_08"} & set(table.index)  # no loss of customers
    firm, recent = loss_shares("firm"), loss_shares("since_2020")
    assert len(table) - len(firm) == 6
    # The one share before 2014 is a reading of its own.
    assert set(loss_shares("from_2011")["incident"]) - set(table.index) == {"bitomat_2011_08"}
    assert recent["date"].min() >= pd.Timestamp("2020-01-01")


def test_log_likelihood_by_hand() -> None:
    # Location -2, scale 1.5. A share of 0.2 has deviation (-1.38629 + 2) / 1.5 = 0.40914 and
    # density 0.36692 / (1.5 x 0.2 x 0.8) = 1.52885, log 0.4245. Below 0.05: Phi(-0.62963) =
    # 0.26447, log -1.3300. Between 0.05 and 0.2: 0.65878 - 0.26447 = 0.39431, log -0.9306. Above
    # 0.99: deviation (4.59512 + 2) / 1.5 = 4.39675, probability 5.494e-6, log -12.112.
    table = rows([0.2, 0.0, 0.05, 0.99], [0.2, 0.05, 0.2, 1.0])
    values = np.array([-2.0, np.log(1.5)])
    found = share_log_likelihood(values, table, np.ones((4, 1)))
    np.testing.assert_allclose(found, [0.4245, -1.3300, -0.9306, -12.112], atol=5e-4)


def test_far_tails_keep_their_digits() -> None:
    # All of the mass far below the interval: differences of probabilities near one would be 0.
    table = rows([0.99], [1.0])
    found = share_log_likelihood(np.array([-20.0, 0.0]), table, np.ones((1, 1))).item()
    assert found == pytest.approx(norm.logsf(logit(0.99) + 20), rel=1e-12)


def test_fit_recovers_what_data_were_made_from() -> None:
    rng = np.random.default_rng(5)
    shares = expit(-1.5 + 1.8 * rng.standard_normal(4_000))
    low, high = shares.copy(), shares.copy()
    low[:1_000], high[:1_000] = 0.0, np.where(shares[:1_000] < 0.3, 0.3, 1.0)
    low[:1_000] = np.where(shares[:1_000] < 0.3, 0.0, 0.3)
    fit = fit_shares(rows(low.tolist(), high.tolist()))
    assert fit["location"] == pytest.approx(-1.5, abs=3 * fit.standard_error[0])
    assert np.exp(fit["log_scale"]) == pytest.approx(1.8, rel=0.05)
    assert fit.standard_error[0] == pytest.approx(1.8 / np.sqrt(4_000), rel=0.15)
    # No operational row: the effect stays at its penalty.
    assert fit["operational"] == pytest.approx(0, abs=1e-3)
    assert fit.standard_error[1] == pytest.approx(PRIOR["operational"][1], rel=1e-3)


def test_figures_alone_give_mean_and_deviation_of_the_logits() -> None:
    # With many rows the penalties vanish and the maximum is that of a normal sample.
    logits = norm.ppf((np.arange(3_000) + 0.5) / 3_000) * 1.2 - 0.7
    shares = expit(logits).tolist()
    fit = fit_shares(rows(shares, shares))
    assert fit["location"] == pytest.approx(logits.mean(), abs=1e-3)
    assert np.exp(fit["log_scale"]) == pytest.approx(logits.std(), rel=1e-3)


def test_shipped_fit() -> None:
    fit = fitted_shares("all")
    assert fit.n == 31
    # Median share of a hack 0.08 to 0.15, wide; the operational class is pulled to the hacks.
    assert 0.08 < expit(fit["location"]) < 0.15
    summary = fit.summary(0.9)
    assert cell(summary, "location", "low") < fit["location"] < cell(summary, "location", "high")
    assert abs(fit["operational"]) < fit.standard_error[fit.names.index("operational")]
    assert fit.penalty < 1


def test_one_share_says_little_of_the_operational_class() -> None:
    # Of the prior's standard deviation of 2 a share with its spread of 2.2 leaves
    # 1 / sqrt(1 / 4 + 1 / 2.2^2) = 1.48, and a little more since bounds say less than a figure. A
    # second share, of everything, turns the sign.
    one, two = fitted_shares("all"), fitted_shares("from_2011")
    place = one.names.index("operational")
    assert one.standard_error[place] == pytest.approx(1.48, abs=0.08)
    assert two.standard_error[place] < one.standard_error[place]
    assert one["operational"] < 0 < two["operational"]


def test_losses_since_2020_are_smaller_and_the_interval_says_so() -> None:
    summary = fit_shares(loss_shares("all"), era=True).summary(0.9)
    assert cell(summary, "since_2020", "high") < 0
    assert fitted_shares("since_2020")["location"] < fitted_shares("all")["location"]


def test_draws_are_quantiles_of_the_normal_approximation() -> None:
    fit = SeverityFit(
        ("location", "log_scale"), np.array([-2.0, 0.5]), np.diag([0.16, 0.01]), 30, -1.0, 0.0
    )
    drawn = draw_parameters(fit, np.array([[0.5, 0.5], [0.95, 0.05]]))
    np.testing.assert_allclose(drawn["location"], [[-2.0], [-2 + 1.645 * 0.4]], atol=1e-3)
    np.testing.assert_allclose(drawn["log_scale"], [[0.5], [0.5 - 1.645 * 0.1]], atol=1e-3)
    rng = np.random.default_rng(1)
    shipped = fitted_shares("all")
    many = draw_parameters(shipped, rng.random((20_000, 3)))
    table = np.hstack([many[name] for name in shipped.names])
    np.testing.assert_allclose(np.cov(table.T), shipped.covariance, atol=0.02)


def test_normal_approximation_against_the_exact_quantiles() -> None:
    levels = np.array([0.05, 0.5, 0.95])
    table = hacks()
    exact, fit = exact_quantiles(table, levels), fit_shares(table)
    for name in ("location", "log_scale"):
        error = fit.standard_error[fit.names.index(name)]
        normal = fit[name] + norm.ppf(levels) * error
        # Exact quantiles lie above by up to 0.4 standard errors for the scale (skewness).
        assert (np.abs(exact[name] - normal) < 0.4 * error).all()


def test_bootstrap_covers_the_estimate() -> None:
    table = loss_shares("all")
    again = bootstrap(table, 60, np.random.default_rng(3))
    fit = fitted_shares("all")
    for name in ("location", "log_scale"):
        low, high = again[name].quantile([0.05, 0.95])
        assert low < fit[name] < high
        error = fit.standard_error[fit.names.index(name)]
        assert again[name].std() == pytest.approx(error, rel=0.6)


def test_logit_normal_is_no_worse_than_beta() -> None:
    compared = families(hacks())
    assert cell(compared, "logit-normal", "log_likelihood") >= cell(
        compared, "beta", "log_likelihood"
    )
    np.testing.assert_allclose(compared["mean"], 0.24, atol=0.02)


def test_beta_fit_recovers_its_parameters() -> None:
    drawn = np.random.default_rng(2).beta(0.5, 1.5, 3_000).clip(1e-9, 1 - 1e-9).tolist()
    compared = families(rows(drawn, drawn))
    assert cell(compared, "beta", "mean") == pytest.approx(0.25, abs=0.02)
    assert cell(compared, "beta", "log_likelihood") > cell(
        compared, "logit-normal", "log_likelihood"
    )


def test_simulated_data_sets_look_like_the_observed_one() -> None:
    check = predictive_check(loss_shares("all"), 1_000, 0.9, np.random.default_rng(4))
    assert check["covered"].all()
    # Data with another shape are found out: two clusters are not a logit-normal's.
    odd = rows([0.001] * 25 + [0.35] * 14, [0.001] * 25 + [0.35] * 14)
    found = predictive_check(odd, 1_000, 0.9, np.random.default_rng(4))
    assert not found["covered"].all()


def test_holdout_beats_the_constants() -> None:
    scores = holdout(loss_shares("all"), 500, np.random.default_rng(6))
    assert cell(scores, "log score", "model") > cell(scores, "log score", "constant")
    ranked = "ranked probability score"
    assert cell(scores, ranked, "model") < cell(scores, ranked, "constant")
    assert list(scores["rows"]) == [18, 14]
    with pytest.raises(InputError, match="no rows before or from 2020"):
        holdout(loss_shares("since_2020"), 500, np.random.default_rng(6))


def test_distances_by_hand() -> None:
    # 0.25, 0.5, 0.9 against steps 1/3, 2/3, 1: the largest gap is 0.25 - 0 = 0.25 at the first
    # (0.0833, 0.25), 0.1667 at the second, 0.2333 at the third. A squared is
    # -3 - (1/3)[ln 0.25 + ln 0.1 + 3 (ln 0.5 + ln 0.5) + 5 (ln 0.9 + ln 0.75)] = 0.2714.
    steps, squared = distances(np.array([0.9, 0.25, 0.5]))
    assert steps == pytest.approx(0.25)
    assert squared == pytest.approx(0.2714, abs=5e-4)


def test_measured_shares_fit_a_logit_normal() -> None:
    found = goodness_of_shares(loss_shares("all"), 2_000, np.random.default_rng(8))
    assert (found["p_value"] > 0.1).all()
    lumps = [0.001] * 12 + [0.5] * 12
    odd = goodness_of_shares(rows(lumps, lumps), 2_000, np.random.default_rng(8))
    assert (odd["p_value"] < 0.01).all()


def test_what_cannot_be_fitted_is_refused() -> None:
    with pytest.raises(InputError, match="2 incidents for 3 parameters"):
        fit_shares(rows([0.1, 0.2], [0.1, 0.2]))
    table = pd.DataFrame(
        {"incident": ["x"], "share_central": [1.4], "share_low": [None], "share_high": [None]}
    )
    with pytest.raises(InputError, match=r"x: a share outside 0 to 1; .*no loss above what was"):
        bounds(table.astype({"share_low": float, "share_high": float}))
    with pytest.raises(InputError, match="x: no share"):
        bounds(table.assign(share_central=np.nan, share_low=np.nan, share_high=np.nan))
    with pytest.raises(InputError, match="operational rows in it"):
        exact_quantiles(loss_shares("all"), np.array([0.5]))
    fit = fitted_shares("all")
    with pytest.raises(InputError, match=r"uniforms of shape \(4, 2\); allowed: \(draws, 3\)"):
        draw_parameters(fit, np.full((4, 2), 0.5))
    with pytest.raises(InputError, match="at or outside 0 and 1"):
        draw_parameters(fit, np.ones((4, 3)))


def test_fewer_rows_widen_the_interval() -> None:
    errors = [fit_shares(hacks().iloc[:count]).standard_error[0] for count in (5, 15, 30)]
    assert all(wide > narrow for wide, narrow in pairwise(errors))
