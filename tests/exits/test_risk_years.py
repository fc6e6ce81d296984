"""Operator-years: parts of years, events in their year, unknown days within their bounds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from registers import five, register

from analysis.errors import InputError
from analysis.exits.register import spells
from analysis.exits.risk_years import draw_days, risk_years
from analysis.losses.exposure import exposure_years


def rng() -> np.random.Generator:
    return np.random.default_rng(20180101)


def test_parts_of_years_by_hand() -> None:
    table = register(
        # 2018: 91 of 365 days at risk; 2019: the day of the exit counts, 182 of 365.
        {"operator": "A", "entry": "2018-10-02", "exit": "2019-07-01", "exit_type": "voluntary"},
        # A merger is no exit: its day does not count, 181 of 365.
        {"operator": "B", "entry": "2019-01-01", "exit": "2019-07-01", "exit_type": "group_merger"},
    )
    years = risk_years(spells("registration", table), 2, rng())
    assert years.operator.tolist() == ["A", "A", "B"]
    assert years.year.tolist() == [2018, 2019, 2019]
    np.testing.assert_allclose(years.at_risk, [[91 / 365, 182 / 365, 181 / 365]] * 2)
    np.testing.assert_array_equal(years.event, [[False, True, False]] * 2)


def test_each_exit_happens_once_in_every_draw_and_in_a_year_at_risk() -> None:
    for definition in ("registration", "economic"):
        found = spells(definition)
        years = risk_years(found, 50, rng())
        assert (years.event.sum(axis=1) == found["event"].sum()).all()
        assert (years.at_risk[years.event] > 0).all()
        assert years.at_risk.min() >= 0
        assert years.at_risk.max() <= 1


def test_unknown_days_are_drawn_within_their_bounds_and_over_all_of_them() -> None:
    table = register(
        {
            "operator": "A",
            "entry_low": "2018-01-01",
            "entry_high": "2018-12-31",
            "exit_low": "2018-06-01",
            "exit_high": "2020-12-31",
            "exit_type": "unknown",
        }
    )
    found = spells("registration", table)
    entry, leave = draw_days(found, 4_000, rng())
    days = [pd.Timestamp(d).timestamp() / 86_400 for d in ("2018-01-01", "2018-12-31")]
    assert (entry.min(), entry.max()) == (days[0], days[1])
    assert leave.max() == pd.Timestamp("2020-12-31").timestamp() / 86_400
    assert (leave >= entry).all()
    # Uniform over 2018-06-01 or the day of entry to 2020-12-31: about a third each year, less
    # of 2018.
    share = risk_years(found, 4_000, rng()).event.mean(axis=0)
    assert share.sum() == pytest.approx(1)
    assert 0.05 < share[0] < share[1]
    assert share[1] == pytest.approx(share[2], abs=0.04)


def test_exposure_lies_within_the_bounds_of_the_register() -> None:
    years = risk_years(spells("registration"), 100, rng())
    here = years.status_class == "registered"
    total = years.at_risk[:, here].sum(axis=1)
    bounds = exposure_years().sum()
    # Days are counted by calendar year here, by 365.25 there, so a day or two may lie between.
    assert total.min() > bounds["low"] - 0.1
    assert total.max() < bounds["high"] + 0.1


def test_losses_of_customers_mark_the_firm_that_lost_in_their_year() -> None:
    found = spells("registration")
    marked = risk_years(found, 1, rng())
    pairs = set(zip(marked.firm[marked.breach], marked.year[marked.breach], strict=True))
    # QUOINE (today's Custodiem) lost own crypto alone in 2021; SBI VC Trade lost nothing in 2019.
    assert pairs == {
        ("coincheck", 2018),
        ("tech_bureau", 2018),
        ("bitpoint", 2019),
        ("dmm_bitcoin", 2024),
    }
    longer = risk_years(found, 1, rng(), breach_years=2)
    assert longer.breach[(longer.firm == "dmm_bitcoin") & (longer.year == 2025)].all()


def test_the_same_generator_gives_the_same_draws() -> None:
    first, second = (risk_years(spells("economic"), 5, rng()) for _ in range(2))
    np.testing.assert_array_equal(first.event, second.event)
    np.testing.assert_array_equal(first.at_risk, second.at_risk)


def test_no_draws_are_refused() -> None:
    with pytest.raises(InputError, match="draws = 0; allowed: at least 1"):
        risk_years(spells("registration", five()), 0, rng())
