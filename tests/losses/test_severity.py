"""Loss of one event: by hand, against scipy's distributions, and by integration of 1 - F."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import expit, logit
from scipy.stats import genpareto, lognorm, norm, truncnorm

from analysis.errors import InputError
from analysis.losses.severity import (
    Mixture,
    Severity,
    ShareSeverity,
    YenSeverity,
    capped_share_mean,
)

BODY = {"location": 8.0, "scale": 1.8, "threshold": 5_000.0}


def share(held: float = 1_000.0, **changes: float) -> ShareSeverity:
    terms = {"location": -2.0, "scale": 1.5, "reach": 1.0, "hot_share": 0.05, "multiplier": 1.0}
    return ShareSeverity(np.array([held]), **{**terms, **changes})


def yen(held: float, tail_shape: float, **changes: float) -> YenSeverity:
    terms = {**BODY, "tail_shape": tail_shape, "tail_scale": 9_000.0, **changes}
    return YenSeverity(np.array([held]), **terms)


def area(severity: Severity, cap: float, breaks: list[float]) -> float:
    """Mean of the loss cut at a cap, as the area above its distribution function."""
    inner = sorted(point for point in breaks if 0 < point < cap)

    def survival(loss: float) -> float:
        return 1 - severity.cdf(np.array([loss])).item()

    parts = pairwise([0.0, *inner, cap])
    return float(sum(quad(survival, a, b, limit=200, epsabs=1e-9)[0] for a, b in parts))


def test_share_by_hand() -> None:
    # logit U normal with mean -2 and deviation 1.5. A fifth of 1,000: logit 0.2 = ln(0.25)
    # = -1.38629, deviation 0.40914, and the standard normal table gives 0.6588.
    assert share().cdf(np.array([200.0])).item() == pytest.approx(0.6588, abs=5e-5)
    # A tenth of events beyond hot wallets: 1 - 0.1 x 0.3412 = 0.9659 lose at most a fifth.
    stopped = share(reach=0.1)
    assert stopped.cdf(np.array([200.0])).item() == pytest.approx(0.9659, abs=5e-5)
    # Just below the hot wallets (50) nothing changes, at them the atom is complete:
    # logit 0.05 = -2.94444, deviation -0.62963, table 0.2645; then 1 - 0.1 x 0.7355 = 0.92645.
    assert stopped.cdf(np.array([49.999999])).item() == pytest.approx(0.2645, abs=5e-5)
    assert stopped.cdf(np.array([50.0])).item() == pytest.approx(0.92645, abs=5e-5)


@pytest.mark.parametrize("scale", [0.5, 1.5, 2.2, 3.0, 4.0])
@pytest.mark.parametrize("location", [-4.0, -2.1, 0.0])
def test_capped_share_mean_is_the_area_above_the_distribution(
    location: float, scale: float
) -> None:
    for cap in (1e-6, 0.01, 0.05, 0.5, 1.0):
        # Over the logit t: the survival times the derivative of the share.
        top = min(float(logit(cap)), 60.0)
        exact, _ = quad(
            lambda t: norm.sf((t - location) / scale) * expit(t) * expit(-t),
            -60,
            top,
            points=[-30, -15, -7, -3, location] if top > 0 else None,
            limit=500,
            epsabs=1e-16,
            epsrel=1e-11,
        )
        found = capped_share_mean(np.array(cap), location, scale).item()
        assert found == pytest.approx(exact, rel=1e-7)


@settings(max_examples=25)
@given(
    location=st.floats(-5, 1),
    scale=st.floats(0.5, 3),
    reach=st.floats(0, 1),
    hot=st.just(0.0) | st.floats(1e-9, 1),  # the reference integral starts beside it
    multiplier=st.floats(0.2, 5),
    cut=st.floats(0.001, 1.2),
)
def test_limited_mean_of_a_share_is_the_area(
    location: float, scale: float, reach: float, hot: float, multiplier: float, cut: float
) -> None:
    severity = share(
        location=location, scale=scale, reach=reach, hot_share=hot, multiplier=multiplier
    )
    cap, full = 1_000 * cut, 1_000 * min(multiplier, 1.0)
    exact = area(severity, min(cap, 1_000.0), [0.1, 1.0, 10.0, 100.0, 500.0, 1_000 * hot, full])
    assert severity.limited_mean(np.array([cap])).item() == pytest.approx(exact, rel=1e-5, abs=1e-5)


@given(
    reach=st.floats(0, 1),
    hot=st.floats(0, 1),
    multiplier=st.floats(0.2, 5),
    low=st.floats(0, 1_000, allow_subnormal=False),
    high=st.floats(0, 1_000, allow_subnormal=False),
)
def test_distribution_rises_from_nothing_to_one_at_what_is_held(
    reach: float, hot: float, multiplier: float, low: float, high: float
) -> None:
    for severity in (
        share(reach=reach, hot_share=hot, multiplier=multiplier),
        yen(1_000.0, 1.2, reach=reach, hot_share=hot),
    ):
        low, high = sorted([low, high])
        ends = severity.cdf(np.array([-1.0, low, high, 1_000.0]))
        assert ends[0] == 0
        assert ends[3] == 1
        assert 0 <= ends[1] <= ends[2] <= 1
        means = severity.limited_mean(np.array([low, high, 1_000.0, 9_999.0]))
        assert means[0] <= low * (1 + 1e-9)
        assert means[0] <= means[1] + 1e-9 <= means[2] + 2e-9
        assert means[2] == means[3]  # no more than all


def test_multiplier_scales_shares_and_leaves_total_losses_above_one() -> None:
    # Twice the share: a loss of at most 0.4 then has the probability of 0.2 before; everything is
    # lost where U is above a half: 1 - Phi(2 / 1.5) = 0.0912.
    twice, once = share(multiplier=2.0), share()
    assert twice.cdf(np.array([400.0])).item() == once.cdf(np.array([200.0])).item()
    assert 1 - twice.cdf(np.array([999.999])).item() == pytest.approx(0.0912, abs=5e-5)
    assert twice.cdf(np.array([1_000.0])).item() == 1


def test_empty_hot_wallets_make_the_other_events_harmless() -> None:
    severity = share(reach=0.3, hot_share=0.0)
    assert severity.cdf(np.array([0.0])).item() == pytest.approx(0.7)
    whole = share().limited_mean(np.array([1_000.0])).item()
    assert severity.limited_mean(np.array([1_000.0])).item() == pytest.approx(0.3 * whole)


def test_nothing_held_nothing_lost() -> None:
    for severity in (share(held=0.0), yen(0.0, 1.2)):
        assert severity.cdf(np.array([0.0])).item() == 1
        assert severity.limited_mean(np.array([5.0])).item() == 0


def test_one_call_serves_formulas_draws_and_exchanges() -> None:
    held = np.array([[100.0, 2_000.0], [300.0, 40_000.0]])
    location, hot = np.array([[-2.0], [-1.0]]), np.array([[0.01, 0.02], [0.03, 0.05]])
    many = ShareSeverity(held, location, 1.5, np.array([[0.1], [0.2]]), hot)
    amounts = np.array([0.005, 0.02, 0.4]).reshape(3, 1, 1) * held
    cdf, mean = many.cdf(amounts), many.limited_mean(amounts)
    assert cdf.shape == mean.shape == (3, 2, 2)
    one = ShareSeverity(held[1:, 1:], -1.0, 1.5, 0.2, 0.05)
    np.testing.assert_allclose(cdf[:, 1, 1], one.cdf(amounts[:, 1:, 1:])[:, 0, 0], rtol=1e-14)
    np.testing.assert_allclose(mean[:, 1, 1], one.limited_mean(amounts[:, 1:, 1:])[:, 0, 0])


def test_yen_body_and_tail_are_those_of_scipy() -> None:
    severity = yen(np.inf, 0.7)
    body, tail = lognorm(1.8, scale=np.exp(8.0)), genpareto(0.7, scale=9_000.0)
    below = np.array([10.0, 3_000.0, 5_000.0])
    np.testing.assert_allclose(severity.cdf(below), body.cdf(below), rtol=1e-12)
    above = np.array([5_001.0, 20_000.0, 1e6])
    joined = 1 - body.sf(5_000.0) * tail.sf(above - 5_000.0)
    np.testing.assert_allclose(severity.cdf(above), joined, rtol=1e-12)
    # Mean: of the lognormal up to the threshold, plus the tail's weight times 5,000 + 9,000 / 0.3.
    inner = truncnorm(-np.inf, (np.log(5_000) - 8) / 1.8, loc=8.0, scale=1.8)
    expected = inner.expect(np.exp) * body.cdf(5_000) + body.sf(5_000) * (5_000 + 9_000 / 0.3)
    assert severity.limited_mean(np.array([np.inf])).item() == pytest.approx(expected, rel=1e-8)


def test_yen_is_conditioned_on_what_is_held() -> None:
    free, cut = yen(np.inf, 1.3), yen(20_000.0, 1.3)
    amounts = np.array([100.0, 4_000.0, 12_000.0])
    ratio = cut.cdf(amounts) / free.cdf(amounts)
    np.testing.assert_allclose(ratio, 1 / free.cdf(np.array([20_000.0])).item())


@pytest.mark.parametrize(
    ("held", "tail_shape"),
    [(2e5, 1.3), (3_000.0, 0.7), (1e6, 1.0), (1e5, -0.2), (1e5, 0.0), (1e5, 1e-12), (np.inf, 0.7)],
)
@pytest.mark.parametrize("reach", [1.0, 0.2])
def test_limited_mean_in_yen_is_the_area(held: float, tail_shape: float, reach: float) -> None:
    hot = 1.0 if np.isinf(held) else 0.02
    severity = yen(held, tail_shape, reach=reach, hot_share=hot)
    for cap in (10.0, 3_000.0, 6_000.0, 90_000.0):
        exact = area(severity, min(cap, held), [5_000.0, hot * held, 20_000.0])
        assert severity.limited_mean(np.array([cap])).item() == pytest.approx(exact, rel=1e-7)


def test_a_tail_without_a_mean_needs_a_truncation() -> None:
    endless = yen(np.inf, 1.3)
    assert endless.limited_mean(np.array([1e6])).item() > 0  # a cut is a truncation too
    with pytest.raises(InputError, match=r"tail_shape = 1\.3 without truncation: the mean does"):
        endless.limited_mean(np.array([np.inf]))
    # The more is held, the larger the mean, without bound: in the end by a factor
    # 10^(1 - 1/1.3) = 1.70 per decade.
    means = [yen(held, 1.3).limited_mean(np.array([held])).item() for held in (1e6, 1e12, 1e13)]
    assert means[1] > 30 * means[0]
    assert means[2] / means[1] == pytest.approx(1.70, abs=0.02)


def test_mixture_weighs_its_classes() -> None:
    parts = (share(reach=0.1), share(location=-1.0))
    mixed = Mixture((np.array([0.9]), np.array([0.1])), parts)
    loss = np.array([150.0])
    for name in ("cdf", "limited_mean"):
        first, second = (getattr(part, name)(loss).item() for part in parts)
        assert getattr(mixed, name)(loss).item() == pytest.approx(0.9 * first + 0.1 * second)
    assert mixed.held.item() == 1_000


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: share(reach=1.2), r"reach = 1\.2; allowed: 0 to 1"),
        (lambda: share(hot_share=-0.1), r"hot_share = -0\.1; allowed: 0 to 1"),
        (lambda: share(scale=0.0), "scale = 0; allowed: finite and above 0"),
        (lambda: share(multiplier=-1.0), "multiplier = -1"),
        (lambda: share(location=np.nan), "location = nan; allowed: finite"),
        (lambda: share(held=-5.0), "held = -5; allowed: 0 and more"),
        (lambda: share(held=np.inf), "held = inf; allowed: finite"),
        (lambda: yen(1.0, np.inf), "tail_shape = inf"),
        (lambda: yen(1.0, 0.5, threshold=0.0), "threshold = 0"),
        (lambda: yen(1.0, 0.5, reach=2.0), "reach = 2"),
        (lambda: Mixture((0.5, 0.6), (share(), share())), r"sum is 1\.1; allowed: 1"),
        (lambda: Mixture((1.5, -0.5), (share(), share())), r"class of events = 1\.5"),
        (lambda: Mixture((1.0,), (share(), share())), "weights: 1 for 2 classes"),
        (lambda: Mixture((), ()), "weights: 0 for 0 classes"),
    ],
)
def test_what_is_not_a_severity_is_refused(make: Callable[[], object], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        make()
