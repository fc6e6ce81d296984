"""Platforms robbed twice: the likelihood by hand, and why the shape is an assumption."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import nbinom

from analysis.errors import InputError
from analysis.losses.repeats import (
    heterogeneity,
    poisson_repeats,
    truncated_log_likelihood,
    victims_by_losses,
)


def test_platforms_robbed_twice_since_2018() -> None:
    assert victims_by_losses().to_dict() == {1: 48, 2: 4}  # Bitrue, Upbit, HTX, BtcTurk


def test_likelihood_against_scipy() -> None:
    victims = pd.Series([48, 4, 1], index=[1, 2, 5])
    law = nbinom(1.5, 1.5 / (1.5 + 0.3))
    by_hand = sum(n * (law.logpmf(k) - np.log(law.sf(0))) for k, n in victims.items())
    assert truncated_log_likelihood(victims, 1.5, 0.3) == pytest.approx(by_hand)


def test_likelihood_tends_to_the_zero_truncated_poisson() -> None:
    # One common rate m: P(n) = m^n / (n! (e^m - 1)); with m = 0.2, P(1) = 0.2 / (e^0.2 - 1).
    found = truncated_log_likelihood(pd.Series([1], index=[1]), 1e6, 0.2)
    assert found == pytest.approx(np.log(0.2 / np.expm1(0.2)), rel=1e-5)


def test_repeats_are_what_one_common_rate_gives_so_the_shape_is_not_identified() -> None:
    # 56 hacks at 52 victims: 1.077 each. A common Poisson rate of 0.150 gives that mean, and
    # 3.8 platforms with two or more, against 4 seen.
    assert poisson_repeats(victims_by_losses()) == pytest.approx(3.8, abs=0.05)
    found = heterogeneity()
    assert not found.identified
    assert found.profile.min() > -0.3
    assert found.best == pytest.approx(1e4)


def test_a_clear_spread_is_found() -> None:
    rng = np.random.default_rng(4)
    counts = pd.Series(rng.poisson(rng.gamma(0.5, 2.0, size=20_000)))
    victims = counts[counts > 0].value_counts().sort_index()
    found = heterogeneity(victims)
    assert found.identified
    assert found.best == pytest.approx(0.5, rel=0.25)


def test_without_repeats_nothing_can_be_said() -> None:
    with pytest.raises(InputError, match="set firm_heterogeneity by judgement"):
        heterogeneity(pd.Series([40], index=[1]))
