"""A representative exchange keeps the market's ratios; answers are slopes known in advance."""

import numpy as np
import pytest
from panels import make_panel

from analysis.rules import candidates, custom
from analysis.rules.exposure import exposure
from analysis.rules.shape import BASES, answers, representative
from analysis.scenario import scenario


def test_representative_exchange_has_the_industrys_ratios() -> None:
    base = exposure(make_panel(), scenario())
    sizes = np.array([1_104_600.0, 552_300.0])
    # Custody of the four: 1,000,000 + 100,000 + 4,000 + 600 = 1,104,600.
    whole = representative(base, sizes)
    assert whole.custody == pytest.approx(sizes)
    # Expenses of the four: 20,000 + 3,000 + 300 + 500 = 23,800; half of it at half the custody.
    assert whole.operating_expenses == pytest.approx([23_800, 11_900])
    # Spot volume two years back: 5,000,000 + 600,000 + 5,000 + 100 = 5,605,100.
    assert whole.trading_value[2] == pytest.approx([5_605_100, 2_802_550])
    assert whole.incident_loss.tolist() == [0, 0]
    assert whole.years_registered == pytest.approx([6, 6])


def test_answers_are_one_to_a_base_that_a_formula_is_proportional_to() -> None:
    base = exposure(make_panel(), scenario())
    formulas = {formula.id: formula for formula in candidates(scenario())}
    own = custom("flat", "the same for all", lambda e: 5.0 + 0 * e.custody, "test")
    none = custom("none", "nothing", lambda e: 0 * e.custody, "test")
    table = answers([formulas["fiea_turnover"], formulas["fee_fund_safu"], own, none], base)
    assert list(table.columns) == list(BASES.values())
    assert table.loc["fiea_turnover", "trading value"] == pytest.approx(1)
    custody = table.loc["fee_fund_safu", ["hot custody", "cold custody"]]
    # Hot 40,000 + 2,000 + 0 + 30 of 1,104,600.
    assert custody.to_numpy(float) == pytest.approx([42_030 / 1_104_600, 1 - 42_030 / 1_104_600])
    assert (table.loc["flat"] == 0).all()
    assert table.loc["none"].isna().all()
