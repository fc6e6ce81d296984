"""What a reserve locks up, against what each exchange has free, and who cannot fund it.

Free liquid assets are own liquid assets less what two other rules hold down, one in force and
one proposed:

- own crypto that must match customers' crypto in hot wallets, same kind and quantity (Payment
  Services Act art. 63-11-2; hot share at most 5 %, Cabinet Office Order on CAESPs art. 27(2)).
  Crypto that the exchange holds but owes to others, such as what customers lent it, matches
  first: it is not in own liquid assets, so only the match beyond it ties these up. Whether
  borrowed crypto may match is the study's reading, from balance sheets that show no other crypto
  (Coincheck: 44,479 borrowed, 201 own). This is a test of liquidity. The self-regulator's rule
  that net assets cover the match is one of solvency; it bounds the hot share already
  (`hot_share_within_net_assets`) and is not applied here a second time;
- the capital-adequacy floor (120 % is the working group's proposal of December 2025, not yet in
  force for exchanges), `capital_ratio` times basic risk. Basic risk is one of the three
  risk equivalents (Cabinet Office Order on FIB art. 178(1)(iii)); how it is computed is left to
  FSA Notice 59 of 2007, whose text was not found. A quarter of annual operating expenses is the
  figure used here; it agrees with what securities firms publish: Toyo Securities, basic risk JPY
  2,620 mn at 2024-12-31 against selling, general and administrative expenses of JPY 10,301 mn in
  the year to 2025-03 (net operating revenue 10,995 less operating profit 694), a quarter of which
  is 2,575. Market risk and counterparty risk are left out, so the floor is a lower bound.

That the reserve itself may count as own capital (Order art. 176(1)(vii)) is not used: floor and
reserve are stacked, the cautious reading. A parent's support is not counted either.
"""

from __future__ import annotations

import numpy as np

from analysis.impact.insurance import Mix, Number, onto
from analysis.market.panel import FloatArray, Panel
from analysis.scenario import Scenario

QUARTER = 0.25
"""Basic risk as a share of annual operating expenses."""


def matched_crypto(panel: Panel, scenario: Scenario) -> FloatArray:
    """Own liquid assets tied to hot wallets, JPY mn, (draw, exchange).

    All customer crypto in hot wallets must be matched; crypto owed to others does it first. A
    price shock is taken out again: match and borrowed crypto are coins that are held already, so
    a shock moves them all and frees or binds nothing.
    """
    match = panel["hot_share"] * panel["customer_crypto"]
    return np.maximum(match - panel["crypto_owed"], 0.0) / (1 + scenario.price_shock)


def capital_floor(
    operating_expenses: FloatArray, minimum_capital: Number, capital_ratio: Number
) -> FloatArray:
    """Liquid own capital that must stay, JPY mn: max(minimum, ratio x expenses / 4)."""
    return np.maximum(minimum_capital, capital_ratio * QUARTER * operating_expenses)


def free_liquid_assets(panel: Panel, scenario: Scenario) -> FloatArray:
    """Own liquid assets less matched crypto and capital floor, JPY mn, (draw, exchange).

    Negative where an exchange already lacks liquid assets for the two rules. Liquid assets are
    those of the last statement, custody and owed crypto are at the base month.
    """
    return (
        panel["liquid_assets"]
        - matched_crypto(panel, scenario)
        - capital_floor(
            panel["operating_expenses"],
            scenario.minimum_capital_jpy_mn,
            scenario.capital_ratio,
        )
    )


def shortfall(mix: Mix, free: FloatArray) -> FloatArray:
    """Part of the requirement that an exchange cannot put up, JPY mn, shape of the mix.

    Cash beyond the free liquid assets (nothing can be taken from an exchange that has none), plus
    what may not be funded at all where cash must come out of earnings.
    """
    lacking = onto(np.maximum, mix.cash - np.maximum(free, 0.0), 0.0)
    return onto(np.add, lacking, mix.unfunded)


def with_retained_profit(free: FloatArray, net_income: FloatArray, years: int) -> FloatArray:
    """Free liquid assets at the end of each year if nothing is paid out, (year, ..., exchange).

    Net income is held constant and added year by year, losses as well as profits. It does so
    under either treatment: a provision lowers profit but takes no cash out of the firm.
    """
    count = np.arange(1.0, years + 1).reshape(-1, *[1] * net_income.ndim)
    return np.asarray(free + count * net_income)


def fundable_probability(amount_short: FloatArray) -> FloatArray:
    """Share of draws without a shortfall; `amount_short` is (..., draw, exchange)."""
    return np.asarray((amount_short <= 0).mean(axis=-2))
