"""Curves on a register small enough for paper, and the hazards of the real one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from registers import five
from scipy.stats import binom, poisson

from analysis.errors import InputError
from analysis.exits.exact import clopper_pearson, garwood
from analysis.exits.register import spells
from analysis.exits.survival import hazards, incidence, kaplan_meier, yearly

TIMES = [0.5, 1.5, 2.5, 3.5, 4.5]


def rng() -> np.random.Generator:
    return np.random.default_rng(1958)


def test_kaplan_meier_by_hand() -> None:
    # Five at risk: exits after 1, 2 and 4 years, a merger (censored) after 3. After one year 4/5;
    # after two 4/5 x 3/4 = 3/5; the merger leaves two at risk, so after four 3/5 x 1/2 = 3/10.
    curve = kaplan_meier(spells("registration", five()), TIMES, 1, rng())
    np.testing.assert_allclose(curve["survival"], [1, 0.8, 0.6, 0.6, 0.3])
    np.testing.assert_allclose(curve["at_risk"], [5, 4, 3, 2, 1])
    assert (curve["low"] <= curve["survival"]).all()
    assert (curve["survival"] <= curve["high"]).all()
    # Nobody of five has left: the exact lower bound is 0.05^(1/5).
    assert curve["low"].iloc[0] == pytest.approx(0.05 ** (1 / 5))


def test_greenwood_s_interval_without_censoring_is_the_binomial_one() -> None:
    # After 1.5 years one of five has left and none was censored: 4 of 5 survive.
    curve = kaplan_meier(spells("registration", five()), [1.5], 1, rng())
    low, high = clopper_pearson(4, 5)
    assert curve["low"].item() == pytest.approx(float(low))
    assert curve["high"].item() == pytest.approx(float(high))


def test_aalen_johansen_by_hand() -> None:
    # Closures after 1 and 4 years: 1/5 and 1/5 + 3/5 x 1/2 = 1/2; the refusal after 2: 4/5 x 1/4.
    share = incidence(spells("registration", five()), TIMES, 1, rng())["share"]
    np.testing.assert_allclose(share["closure"], [0, 0.2, 0.2, 0.2, 0.5])
    np.testing.assert_allclose(share["refusal"], [0, 0, 0.2, 0.2, 0.2])
    assert (share[["transfer", "sale", "unknown"]] == 0).all()


@pytest.mark.parametrize("definition", ["registration", "economic"])
@pytest.mark.parametrize("status", ["registered", "deemed"])
def test_kinds_add_up_to_one_less_survival(definition: str, status: str) -> None:
    found = spells(definition)
    found = found[found["status_class"] == status]
    times = [0.3, 1, 2, 4, 8]
    curve = kaplan_meier(found, times, 10, rng())
    kinds = incidence(found, times, 10, rng())
    total = kinds["share"].groupby("years").sum()
    np.testing.assert_allclose(total, 1 - curve["survival"], atol=1e-12)
    assert (kinds["low"] <= kinds["share"] + 1e-12).all()
    assert (kinds["share"] <= kinds["high"] + 1e-12).all()
    assert curve["survival"].is_monotonic_decreasing


def test_unknown_days_widen_the_interval() -> None:
    found = spells("registration")
    found = found[found["status_class"] == "registered"]
    wide = kaplan_meier(found, [2.0], 200, rng())
    narrow = kaplan_meier(found.assign(exit_low=found["exit_high"]), [2.0], 200, rng())
    assert (wide["high"] - wide["low"]).item() > (narrow["high"] - narrow["low"]).item()


def test_hazards_of_the_register() -> None:
    table = hazards(200, rng())
    registered = table.xs("registered", level="status_class")
    # Money Partners, registered on 2017-09-29, never opened: 8.75 years fewer, and no operator.
    assert registered["operators"].tolist() == [35, 34]
    assert registered["events"].tolist() == [6, 8]
    # 6 in about 220 and 8 in about 203 operator-years: who stopped is at risk no longer.
    np.testing.assert_allclose(registered["operator_years"], [220.3, 202.8], atol=0.6)
    np.testing.assert_allclose(registered["hazard"], [6 / 220.3, 8 / 202.8], rtol=0.01)
    deemed = table.xs("deemed", level="status_class")
    assert deemed["events"].tolist() == [25, 25]
    assert deemed["low"].min() > 5 * registered["high"].max()
    assert table["share"].to_numpy() == pytest.approx([6 / 35, 25 / 37, 8 / 34, 25 / 37])


def test_exits_by_year_add_up() -> None:
    table = yearly(spells("economic"), 50, rng())
    events = table["events"].groupby("status_class").sum()
    assert events.to_dict() == pytest.approx({"registered": 8, "deemed": 25})
    assert table.loc[("registered", 2025), "operator_years"] == pytest.approx(25.2, abs=0.1)


# Exact intervals


def test_garwood_by_its_definition() -> None:
    # At the low bound 6 or more have a chance of 5 %, at the high bound 6 or fewer.
    low, high = garwood(6, 220.0)
    assert poisson.sf(5, float(low) * 220) == pytest.approx(0.05)
    assert poisson.cdf(6, float(high) * 220) == pytest.approx(0.05)
    # Tables of exact limits have 2.20 and 13.06 for 6 events at 95 %.
    low, high = garwood(6, 1.0, 0.95)
    assert (float(low), float(high)) == pytest.approx((2.202, 13.06), abs=0.005)
    # No event: from 0 to -log(0.05).
    low, high = garwood(0, 1.0)
    assert (float(low), float(high)) == pytest.approx((0, -np.log(0.05)))


@given(st.integers(1, 60), st.data())
def test_clopper_pearson_by_its_definition(trials: int, choice: st.DataObject) -> None:
    hits = choice.draw(st.integers(0, trials))
    low, high = clopper_pearson(hits, trials)
    assert 0 <= low <= hits / trials <= high <= 1
    if hits > 0:
        assert binom.sf(hits - 1, trials, float(low)) == pytest.approx(0.05, rel=1e-6)
    if hits < trials:
        assert binom.cdf(hits, trials, float(high)) == pytest.approx(0.05, rel=1e-6)


def test_impossible_counts_and_levels_are_refused() -> None:
    with pytest.raises(InputError, match="exposure from 0"):
        garwood(1, 0.0)
    with pytest.raises(InputError, match="hits from 5 to 5, trials from 4"):
        clopper_pearson(5, 4)
    with pytest.raises(InputError, match="level = 1; allowed: above 0 and below 1"):
        garwood(1, 1.0, 1.0)


def test_empty_spells_and_negative_times_are_refused() -> None:
    found = spells("registration", five())
    with pytest.raises(InputError, match="spells: none"):
        kaplan_meier(found.iloc[:0], [1.0], 1, rng())
    with pytest.raises(InputError, match="years, 0 or more"):
        incidence(found, [-1.0], 1, rng())
