"""Looked-up means against integrated ones, and shared shortcuts against the plain way."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.impact import evaluate
from analysis.losses.aggregate import AnnualLoss
from analysis.losses.industry import industry_loss
from analysis.losses.model import annual_loss
from analysis.losses.severity import Mixture, ShareSeverity, YenSeverity
from analysis.losses.tabulated import TabulatedShare, tabulated
from analysis.market import build_panel
from analysis.rules import candidates
from analysis.rules.exposure import exposure
from analysis.scenario import scenario

SMALL = scenario({"draws": 6})
PANEL = build_panel(SMALL)
AMOUNTS = np.concatenate([np.geomspace(1e-9, 1, 400), 1 - np.geomspace(1e-6, 0.5, 40), [0.0, 1.5]])


def plain(annual: AnnualLoss) -> AnnualLoss:
    """The same losses with every mean integrated and every share taken exchange by exchange."""
    severity = annual.severity
    assert isinstance(severity, Mixture)
    parts = []
    for part in severity.parts:
        assert isinstance(part, TabulatedShare)
        names = ("held", "location", "scale", "reach", "hot_share", "multiplier")
        parts.append(ShareSeverity(**{name: getattr(part, name) for name in names}))
    return replace(annual, severity=Loose(severity.weights, parts))


class Loose(Mixture):
    """A mixture whose classes do not know that they have the same holdings."""

    @property
    def _of_shares(self) -> tuple[ShareSeverity, ...]:
        return ()


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0, 4.0])
@pytest.mark.parametrize("multiplier", [0.5, 1.0, 3.0])
def test_means_are_those_of_the_integral(scale: float, multiplier: float) -> None:
    location = np.linspace(-6, 3, 7)[:, None]
    exact = ShareSeverity(np.full((7, 2), 1e3), location, scale, 0.3, 0.03, multiplier)
    amounts = 1e3 * AMOUNTS[:, None, None]
    wanted = exact.limited_mean(amounts)
    found = tabulated(exact).limited_mean(amounts)
    # Of the mean of an event: 1e-6. Of the amount itself, however small: 1e-5.
    assert (np.abs(found - wanted) <= 1e-6 * wanted.max(axis=0)).all()
    np.testing.assert_allclose(found, wanted, rtol=1e-5)
    np.testing.assert_array_equal(tabulated(exact).cdf(amounts), exact.cdf(amounts))


def test_some_cells_keep_their_rows() -> None:
    annual = annual_loss(PANEL.values, SMALL)
    where = (np.array([5, 0, 3]), np.array([2, 22, 2]))
    part = annual.take(where)
    amount = 0.2 * PANEL["customer_crypto"]
    for function in ("expected_excess", "cdf", "one_excess"):
        whole = getattr(annual, function)(amount)[where]
        np.testing.assert_allclose(getattr(part, function)(amount[where]), whole, rtol=1e-3)
    np.testing.assert_allclose(part.mean, annual.mean[where], rtol=1e-12)
    np.testing.assert_array_equal(part.none, annual.none[where])


def test_other_severities_stay_as_they_are() -> None:
    yen = YenSeverity(np.full((1, 2), 1e5), 5.0, 2.0, 1e4, 0.5, 1e4)
    assert tabulated(yen) is yen


@pytest.mark.parametrize("changed", [{}, {"custody_reading": "net_of_matched"}])
def test_losses_are_those_of_the_plain_way(changed: dict[str, str]) -> None:
    """Excess within 1e-4 of the expected loss, chances within 1e-6, quantiles within 0.5 %."""
    fast = exposure(PANEL, SMALL.with_(**changed)).annual_loss
    slow = plain(fast)
    # From next to nothing to more than all, and on either side of what is in hot wallets.
    hot = np.asarray(fast.atom) * np.array([0.5, 1.0, 1.5, 2.0])[:, None, None]
    amounts = np.concatenate(
        [PANEL["customer_crypto"] * np.geomspace(1e-5, 3, 40)[:, None, None], hot]
    )
    error = np.abs(fast.expected_excess(amounts) - slow.expected_excess(amounts))
    assert (error <= 1e-4 * slow.mean + 1e-9).all()
    np.testing.assert_allclose(fast.cdf(amounts), slow.cdf(amounts), rtol=0, atol=1e-6)
    for low, high in zip(fast.cdf_bounds(amounts), slow.cdf_bounds(amounts), strict=True):
        np.testing.assert_allclose(low, high, rtol=0, atol=1e-6)
    for level in (0.99, 0.999):
        np.testing.assert_allclose(fast.quantile(level), slow.quantile(level), rtol=5e-3)


def test_requirements_are_those_of_the_plain_way() -> None:
    base = exposure(PANEL, SMALL)
    slow = replace(base)
    vars(slow)["annual_loss"] = plain(base.annual_loss)
    formulas = candidates(SMALL)
    assert len(formulas) == 22
    for formula in formulas:
        found, wanted = formula.required(base), formula.required(slow)
        np.testing.assert_allclose(found, wanted, rtol=5e-3, atol=1e-9, err_msg=formula.id)


def test_no_loss_is_built_for_formulas_on_size() -> None:
    formulas = [one for one in candidates(SMALL) if one.id.startswith("custody_share")]
    impact = evaluate(PANEL, SMALL, formulas)
    assert formulas
    assert "annual_loss" not in vars(impact.exposure)


def test_a_level_is_searched_once() -> None:
    annual = annual_loss(PANEL.values, SMALL)
    first = annual.quantile(0.99)
    both = annual.quantile([0.995, 0.99])
    np.testing.assert_array_equal(both[1], first)
    np.testing.assert_array_equal(annual.quantile(0.995), both[0])
    assert (both[0] >= both[1]).all()


@pytest.mark.parametrize(("share", "reach"), [(0.0, 1.0), (0.3, 0.5), (1.0, 1.0)])
@pytest.mark.parametrize("dispersion", [1.0, 1.7])
def test_the_bound_on_events_is_one(share: float, reach: float, dispersion: float) -> None:
    annual = replace(annual_loss(PANEL.values, SMALL), dispersion=dispersion)
    industry = industry_loss(annual, share, reach)
    assert 2 <= industry.most <= industry.shared._enough <= 20 * industry.most
