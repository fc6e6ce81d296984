"""The loss model behind an exposure, and what rules on losses refuse."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from exposures import amount, one
from panels import make_panel
from test_loss_rules import SOLVENCY, fixed, quantile

from analysis.errors import InputError
from analysis.impact import evaluate
from analysis.losses.credibility import class_rates
from analysis.losses.event import event_severity
from analysis.losses.model import annual_loss, loss_model, market_model
from analysis.losses.severity import ShareSeverity
from analysis.market import build_panel
from analysis.rules import load_formula
from analysis.rules.exposure import exposure, observed_exposure
from analysis.rules.law import rule_file
from analysis.rules.legal_values import legal_values
from analysis.rules.selection import RULES
from analysis.scenario import Scenario, scenario


def test_net_of_what_matches_hot_wallets_no_event_costs_what_was_in_them() -> None:
    """Only events that go beyond hot wallets cost customers, and those a share of cold custody."""
    panel = build_panel(scenario({"draws": 2}))
    gross, net = (
        exposure(panel, scenario({"draws": 2, "custody_reading": reading}))
        for reading in ("gross", "net_of_matched")
    )
    assert np.all(net.annual_loss.mean < gross.annual_loss.mean)
    assert np.all(net.annual_loss.none >= gross.annual_loss.none)


def test_the_loss_model_of_a_panel_is_that_of_rates_and_severities() -> None:
    """Put together exchange by exchange it says what its parts say of the whole panel."""
    for changed in ({}, {"size_elasticity": 0.4, "severity_model": "yen"}):
        chosen = scenario({"draws": 3, **changed})
        panel = build_panel(chosen)
        rates, annual = class_rates(panel, chosen), annual_loss(panel.values, chosen)
        np.testing.assert_allclose(annual.frequency, rates.total, rtol=1e-12)
        whole = event_severity(panel, chosen, rates.operational_share)
        for share in (0.01, 0.05, 0.3):
            loss = share * panel["customer_crypto"]
            np.testing.assert_allclose(annual.severity.cdf(loss), whole.cdf(loss), rtol=1e-12)


@pytest.mark.parametrize("changed", [{}, {"size_elasticity": 0.4}])
def test_rules_are_sized_with_one_estimate_for_all_data_sets(changed: dict[str, float]) -> None:
    chosen = scenario({"draws": 4, **changed})
    panel = build_panel(chosen)
    base, drawn = exposure(panel, chosen), loss_model(chosen, 4)
    # The market's mean rate is the mean of the four drawn, in each data set, whatever is imputed.
    rate = drawn.hacks.mean() + drawn.operational.mean()
    np.testing.assert_allclose(base.annual_loss.frequency.mean(axis=-1), rate, rtol=1e-12)
    # An event costs what it would cost with the mean location, scale and reach.
    severity = drawn.central().hack
    assert isinstance(severity, ShareSeverity)
    assert severity.location == pytest.approx(np.mean(drawn.hack.location))
    held, hot = panel["customer_crypto"], panel["hot_share"]
    event = replace(severity, held=held, hot_share=hot)
    share = drawn.operational.mean() / base.annual_loss.frequency
    error = replace(drawn.central().error, held=held, hot_share=hot)
    mean = (1 - share) * event.limited_mean(held) + share * error.limited_mean(held)
    expected = base.annual_loss.frequency * mean
    np.testing.assert_allclose(base.annual_loss.mean, expected, rtol=1e-5)


def test_the_estimate_does_not_follow_what_comes_true() -> None:
    """Where only rates and severities differ between data sets, an amount does not."""
    chosen = scenario({"draws": 4})
    panel = make_panel(draws=4)
    sized, true = exposure(panel, chosen).annual_loss, annual_loss(panel.values, chosen)
    np.testing.assert_allclose(np.ptp(sized.mean, axis=0), 0.0, atol=1e-9 * sized.mean.max())
    assert (np.ptp(true.mean, axis=0) > 0.1 * true.mean.mean(axis=0)).all()


def test_with_one_data_set_the_estimate_is_the_truth_and_computed_once() -> None:
    chosen = Scenario()
    impact = evaluate(make_panel(draws=1), chosen)
    assert impact.annual_loss is impact.exposure.annual_loss
    assert impact.industry_loss is impact.exposure.industry_loss
    alone = annual_loss(impact.panel.values, chosen)
    np.testing.assert_allclose(impact.annual_loss.mean, alone.mean, rtol=1e-12)
    np.testing.assert_allclose(impact.annual_loss.quantile(0.99), alone.quantile(0.99), rtol=1e-9)
    several = evaluate(make_panel(draws=2), chosen)
    assert several.annual_loss is not several.exposure.annual_loss


def test_one_data_set_and_mean_parameters() -> None:
    chosen = scenario({"draws": 3})
    panel = build_panel(chosen)
    model = market_model(panel.values, chosen)
    rates = [model.of_draw(draw).hacks.item() for draw in range(3)]
    assert model.central().hacks.item() == pytest.approx(np.mean(rates))
    one_set = model.of_draw(1).annual_loss(*(panel[name][1] for name in _READ))
    np.testing.assert_allclose(one_set.mean, annual_loss(panel.values, chosen).mean[1], rtol=1e-12)


_READ = ("customer_crypto", "hot_share", "incident_count", "years_registered")


def test_what_was_observed_keeps_the_market_as_it_is() -> None:
    chosen = scenario({"draws": 2})
    panel = build_panel(chosen)
    known = observed_exposure(panel, chosen)
    seen = (panel.status[list(_READ)] != "imputed").all(axis=1).to_numpy()
    whole = exposure(panel, chosen)
    np.testing.assert_allclose(
        known.annual_loss.mean[:, seen], whole.annual_loss.mean[:, seen], rtol=1e-12
    )


def test_the_same_parameters_give_the_same_model() -> None:
    assert loss_model(Scenario(), 5) is loss_model(scenario({"formula": "fee_fund_safu"}), 5)
    assert loss_model(Scenario(), 5) is not loss_model(scenario({"seed": 1}), 5)


def test_an_exposure_without_a_loss_model_says_so() -> None:
    with pytest.raises(InputError, match=r"no loss_model, .* estimated_model"):
        amount(SOLVENCY, one(loss_model=None))
    assert amount("fee_fund_safu", one(loss_model=None)) == pytest.approx(10_000)


def test_levels_by_exchange_are_refused() -> None:
    with pytest.raises(InputError, match=r"level has shape \(1, 2\)"):
        quantile(np.array([[0.9, 0.99]]), fixed(2))  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["0", "1", "1.0", "-0.1", "99.5"])
def test_a_level_at_or_outside_0_and_1_is_told_file_line_and_key(
    tmp_path: Path, value: str
) -> None:
    source = (RULES / "loss_quantile" / "solvency.yaml").read_text(encoding="utf-8")
    path = tmp_path / "own.yaml"
    path.write_text(source.replace("value: 0.995", f"value: {value}"), encoding="utf-8")
    at = source[: source.index("value: 0.995")].count("\n") + 1
    with pytest.raises(InputError) as caught:
        load_formula(path, Scenario())
    told = str(caught.value)
    assert f"own.yaml, line {at}, parameters.level.values.2016-01-01.value: " in told
    assert "above 0 and below 1" in told


@pytest.mark.parametrize("value", ["0", "1"])
def test_a_range_that_lets_the_level_be_0_or_1_is_no_way_around(tmp_path: Path, value: str) -> None:
    source = (RULES / "loss_quantile" / "solvency.yaml").read_text(encoding="utf-8")
    path = tmp_path / "own.yaml"
    wide = source.replace("[0.5, 0.9999]", "[0, 1]")
    path.write_text(wide.replace("value: 0.995", f"value: {value}"), encoding="utf-8")
    with pytest.raises(InputError, match=rf"level\.values\.2016-01-01\.value: {value}; a level"):
        load_formula(path, Scenario())
    path.write_text(wide, encoding="utf-8")
    with pytest.raises(InputError, match=r"line \d+, parameters\.level\.range: 0 to 1; a level"):
        load_formula(path, Scenario())


def test_levels_of_the_presets() -> None:
    files = {
        name: rule_file(RULES / "loss_quantile" / f"{name}.yaml")
        for name in ("solvency", "shortfall", "basel_ama")
    }
    levels = {name: file.value("level", "2026-11-22") for name, file in files.items()}
    assert levels == {"solvency": 0.995, "shortfall": 0.99, "basel_ama": 0.999}
    tails = {name: file.value("tail_mean", "2026-11-22") for name, file in files.items()}
    assert tails == {"solvency": 0, "shortfall": 1, "basel_ama": 0}
    shown = legal_values(scenario({"formula": SOLVENCY})).set_index("parameter")["text"]
    assert shown["level"] == "99.5 %"
