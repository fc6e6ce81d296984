"""Protection by a fund that all exchanges share, by hand and in what must hold."""

from __future__ import annotations

from dataclasses import fields
from math import exp

import numpy as np
import pytest
from test_protection import SCENARIO, SOME, assert_all_is_borne, bought, mix_of, only, yearly

from analysis.impact.protection import OwnMeans, Protection, pooled_protection, protection
from analysis.losses.industry import industry_loss


def _pooled(
    cash: float, limit: float, own: float, share: float = 0.0, matched: float = 0.0
) -> Protection:
    loss, alike = yearly(exchanges=2), np.ones((1, 2))
    industry, means = industry_loss(loss, share), OwnMeans(own * alike, matched * alike)
    return pooled_protection(loss, industry, mix_of(cash, limit, 2), means, SCENARIO)


def test_fund_of_two_alike_by_hand() -> None:
    # Each pays in 50, so that the fund has 100 for one loss of 100 at either. Both together have
    # Poisson losses of rate 0.2: the fund pays 100 in 1 - exp(-0.2) = 18.127 % of years, 18.127
    # of an expected 20, half of it for each.
    found = _pooled(50.0, 0.0, 0.0)
    np.testing.assert_allclose(found.paid_by_reserve, 50 * (1 - exp(-0.2)), rtol=5e-3)
    np.testing.assert_allclose(found.uncovered, 10 - 50 * (1 - exp(-0.2)), rtol=2e-2)
    # Alone, 50 would pay half of each loss.
    assert (found.paid_by_reserve > 1.8 * only(bought(50.0, 0.0, 0.0).paid_by_reserve)).all()


def test_fund_counts_a_contribution_once() -> None:
    # Net assets of 50 are the contribution: nothing stands behind the fund.
    np.testing.assert_allclose(_pooled(50.0, 0.0, 50.0).estate_with, 0.0, atol=1e-9)
    # Net assets of 60 leave 30 behind a fund of 60, too little for a loss of 100. The fund leaves
    # open 20 - 60 (1 - exp(-0.2)) in all and 10 - 60 (1 - exp(-0.1)) at each alone, so that what
    # each lacks is scaled up by 1.0633.
    scale = (20 - 60 * (1 - exp(-0.2))) / (2 * (10 - 60 * SOME))
    assert scale == pytest.approx(1.0633, rel=1e-4)
    found, left = _pooled(30.0, 0.0, 60.0), (10 - 90 * SOME) * scale
    np.testing.assert_allclose(found.estate_with, 0.4 * 0.5 * 30 * SOME, rtol=0.01)
    np.testing.assert_allclose(found.lost_with, 0.4 * (left + 30 * SOME * 0.5), rtol=0.03)


def test_the_match_stands_behind_the_fund() -> None:
    # The fund of 60 leaves 40 of a loss open, of which the match pays 30 at once: 30 x 0.0951626
    # at each, scaled as above, and nothing is left for an estate.
    scale = (20 - 60 * (1 - exp(-0.2))) / (2 * (10 - 60 * SOME))
    found = _pooled(30.0, 0.0, 50.0, matched=30.0)
    np.testing.assert_allclose(found.matched_with, 30 * SOME * scale, rtol=0.01)
    np.testing.assert_allclose(found.estate_with, 0.0, atol=1e-9)
    np.testing.assert_allclose(found.matched_without, 30 * SOME, rtol=1e-6)


def test_fund_of_one_is_its_own_reserve() -> None:
    loss = yearly()
    mix, own = mix_of(40.0, 50.0), OwnMeans(np.array([[60.0]]), np.array([[25.0]]))
    pooled = pooled_protection(loss, industry_loss(loss, 0.0), mix, own, SCENARIO)
    alone = protection(loss, mix, own, SCENARIO)
    assert only(alone.matched_with) > 1.0
    for field in fields(Protection):
        name = field.name
        np.testing.assert_allclose(
            getattr(pooled, name), getattr(alone, name), rtol=1e-2, atol=1e-2
        )


def test_fund_conserves_in_the_industry_and_never_harms_it() -> None:
    for cash, limit, own, matched in (
        (50.0, 0.0, 20.0, 0.0),
        (30.0, 60.0, 90.0, 30.0),
        (150.0, 0.0, 0.0, 20.0),
    ):
        found = _pooled(cash, limit, own, share=0.3, matched=matched)
        assert_all_is_borne(found, np.full((1, 2), 10.0))
        assert found.lost_with.sum() <= found.lost_without.sum() + 1e-9


def test_common_shocks_empty_the_fund_and_no_reserve_of_ones_own() -> None:
    apart, together = _pooled(50.0, 0.0, 0.0), _pooled(50.0, 0.0, 0.0, share=1.0)
    assert (together.uncovered > 1.5 * apart.uncovered).all()
