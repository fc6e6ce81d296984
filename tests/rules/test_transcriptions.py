"""The fast formulas equal the slow transcriptions of the texts, exchange by exchange."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import transcriptions as text
from exposures import YEN, exposures, formula, grid
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.rules import securities_reserve
from analysis.rules.exposure import Exposure
from analysis.scenario import Scenario

Cell = dict[str, float]


def _cell(e: Exposure, i: int) -> Cell:
    """One exchange in the words of the texts, JPY mn."""
    return {
        "hot": float(e.custody_hot[0, i]),
        "cold": float(e.custody_cold[0, i]),
        "custody": float(e.custody_hot[0, i]) + float(e.custody_cold[0, i]),
        "money": float(e.customer_fiat[0, i]),
        "volume": float(e.trading_value[0, 0, i]),
        "revenue": float(e.operating_revenue[0, i]),
        "expenses": float(e.operating_expenses[0, i]),
        "incidents": float(e.incident_count[0, i]),
        "losses": float(e.incident_loss[0, i]),
    }


def _abroad(currency: str, rule: Callable[[Cell], float]) -> Callable[[Cell], float]:
    """Rule of a foreign text: the cell in its currency, the amount back in JPY mn."""

    def converted(cell: Cell) -> float:
        money = {name: value * 1_000_000 / YEN[currency] for name, value in cell.items()}
        money["incidents"] = cell["incidents"]
        return text.in_jpy_mn(rule(money), currency, YEN)

    return converted


SLOW: dict[str, Callable[[Cell], float]] = {
    "volume_tiers_press_range": lambda c: text.volume_ramp_jpy_mn(
        c["volume"], (2_000, 40_000), (25e6, 500e6)
    ),
    "volume_tiers_press_range_scaled": lambda c: text.volume_ramp_jpy_mn(
        c["volume"], (2_000, 40_000), (1e3, 2e6)
    ),
    "volume_tiers_press_claim_usd": lambda c: text.volume_ramp_jpy_mn(
        c["volume"], (30 * YEN["USD"], 300 * YEN["USD"]), (1e3, 2e6)
    ),
    "custody_share_korea": _abroad("KRW", lambda c: text.korea_krw(c["hot"])),
    "custody_share_hong_kong": _abroad("HKD", lambda c: text.hong_kong_hkd(c["hot"], c["cold"])),
    "custody_share_thailand_2020": _abroad(
        "THB", lambda c: text.thailand_2020_thb(c["hot"], c["cold"])
    ),
    "custody_share_turkey": _abroad("TRY", lambda c: text.turkey_custodian_try(c["custody"])),
    "custody_share_turkey_platform": _abroad("TRY", lambda c: text.turkey_platform_try(c["hot"])),
    "own_funds_mica_class2": _abroad("EUR", lambda c: text.mica_eur(2, c["expenses"])),
    "own_funds_mica_class3": _abroad("EUR", lambda c: text.mica_eur(3, c["expenses"])),
    "k_factors_uk": _abroad("GBP", lambda c: text.uk_gbp(c["expenses"], c["custody"])),
    "k_factors_eu_ifr": _abroad(
        "EUR", lambda c: text.eu_ifr_eur(c["expenses"], c["custody"], c["money"], c["volume"])
    ),
    "operational_risk_basel": _abroad(
        "EUR", lambda c: text.basel_eur(c["revenue"], c["losses"], losses_count=True)
    ),
    "operational_risk_basel_ilm1": _abroad(
        "EUR",
        lambda c: text.basel_eur(c["revenue"], c["losses"], losses_count=c["revenue"] > 1e9),
    ),
    "size_custody_record": lambda c: text.size_custody_record_jpy_mn(
        c["volume"], c["custody"], int(c["incidents"])
    ),
    "fee_fund_safu": lambda c: text.fee_fund_jpy_mn(np.inf, c["custody"], 1)[0],
}


@pytest.mark.parametrize("id", sorted(SLOW))
@given(exposure=exposures())
@settings(max_examples=40, deadline=None)
def test_fast_equals_transcription(id: str, exposure: Exposure) -> None:
    fast = formula(id).required(exposure)[0]
    slow = [SLOW[id](_cell(exposure, i)) for i in range(fast.size)]
    np.testing.assert_allclose(fast, slow, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("id", sorted(SLOW))
def test_fast_equals_transcription_from_tiny_to_huge(id: str) -> None:
    exposure = grid()
    fast = formula(id).required(exposure)[0]
    slow = [SLOW[id](_cell(exposure, i)) for i in range(fast.size)]
    np.testing.assert_allclose(fast, slow, rtol=1e-9)


@given(exposure=exposures())
@settings(max_examples=40, deadline=None)
def test_fee_fund_path_equals_transcription(exposure: Exposure) -> None:
    fast = formula("fee_fund_safu").path(exposure, 7, 3)[:, 0]
    cells = [_cell(exposure, i) for i in range(3)]
    slow = [text.fee_fund_jpy_mn(c["revenue"], c["custody"], 7) for c in cells]
    np.testing.assert_allclose(fast, np.transpose(slow), rtol=1e-9, atol=1e-9)


@given(exposure=exposures())
@settings(max_examples=40, deadline=None)
def test_fiea_turnover_path_equals_article_175(exposure: Exposure) -> None:
    """Two years before, then six at this year's volume, item i alone."""
    fast = formula("fiea_turnover").path(exposure, 6, 3)[:, 0]
    for i in range(3):
        this, last, before = exposure.trading_value[:, 0, i]
        history = [[value, *[0.0] * 7] for value in (before, last, *[this] * 6)]
        slow, balance = [], 0.0
        for year in range(6):
            balance = text.article_175_year(history[year : year + 3], balance)[0]
            slow.append(balance)
        np.testing.assert_allclose(fast[:, i], slow, rtol=1e-9, atol=1e-9)


histories = st.lists(st.lists(st.floats(0, 1e9), min_size=8, max_size=8), min_size=1, max_size=7)


@given(years=histories, opening=st.floats(0, 1e6))
@settings(max_examples=50, deadline=None)
def test_eight_items_equal_article_175(years: list[list[float]], opening: float) -> None:
    fast = securities_reserve(Scenario()).accrue(np.array(years), opening)
    slow = np.array(text.article_175(years, opening))
    np.testing.assert_allclose(fast.balances, slow[:, 0], rtol=1e-9, atol=1e-7)
    np.testing.assert_allclose(fast.provisions, slow[:, 1], rtol=1e-9, atol=1e-7)
    np.testing.assert_allclose(fast.releases, slow[:, 2], rtol=1e-9, atol=1e-7)
