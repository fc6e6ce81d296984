"""Panel against industry total at the base month, before and after the roll of custody."""

from __future__ import annotations

import pandas as pd

from analysis.market.assemble import assemble, industry_crypto
from analysis.market.bridge import at
from analysis.market.panel import Panel
from analysis.scenario import Scenario

TOTALS = ("panel", "industry", "residual", "residual_share")


def reconciliation(panel: Panel, scenario: Scenario) -> pd.DataFrame:
    """Customer crypto by exchange as printed and as rolled, and what the panel leaves unexplained.

    The residual holds what no statement shows yet: customers of BITPOINT, merged into SBI VC
    Trade on 2026-04-01 after its last statement; growth or loss of customers since the statement;
    holdings that are not of the industry's mix; operators outside the panel. It is not spread
    over the exchanges.

    Parameters
    ----------
    panel : Panel
        Shipped panel.
    scenario : Scenario
        That of the panel; a price shock is taken out of both sides.

    Returns
    -------
    DataFrame
        Index exchange, then `panel`, `industry`, `residual` (industry less panel) and
        `residual_share` (of the industry). Columns `reported_jpy_mn` (at mixed dates),
        `as_of`, `roll_factor`, `rolled_jpy_mn` (mean over draws), `status`.
    """
    table = assemble(scenario)
    rolled = panel["customer_crypto"].mean(axis=0) / (1 + scenario.price_shock)
    rows = pd.DataFrame(
        {
            "reported_jpy_mn": table["reported_customer_crypto_jpy_mn"],
            "as_of": table["customer_crypto_as_of"].dt.strftime("%Y-%m-%d"),
            "roll_factor": table["roll_factor"],
            "rolled_jpy_mn": pd.Series(rolled, index=list(panel.exchanges)),
            "status": panel.status["customer_crypto"],
        }
    ).sort_values("rolled_jpy_mn", ascending=False)
    industry = at(industry_crypto(scenario), scenario.base_month)
    money = rows[["reported_jpy_mn", "rolled_jpy_mn"]]
    total = money.sum()
    footer = pd.DataFrame(
        [total, total * 0 + industry, industry - total, 1 - total / industry], index=list(TOTALS)
    )
    footer["as_of"] = scenario.base_month
    return pd.concat([rows, footer]).rename_axis("exchange")
