"""A made-up cross-section with a known law, and a user's panel."""

import numpy as np
import pandas as pd


def simulated(exchanges: int, seed: int) -> pd.DataFrame:
    """Balance sheets whose custody is about 85 % of liabilities, revenue about 2 % of assets."""
    rng = np.random.default_rng(seed)
    assets = np.exp(rng.uniform(6, 13, exchanges))
    net = assets * np.exp(rng.uniform(-4, -1, exchanges))
    share = 1 / (1 + np.exp(-rng.normal(1.8, 0.3, exchanges)))
    expenses = 0.03 * assets**0.9 * np.exp(rng.normal(0, 0.2, exchanges))
    return pd.DataFrame(
        {
            "total_assets": assets,
            "net_assets": net,
            "operating_expenses": expenses,
            "operating_revenue": 0.02 * assets - 50,
            "net_income": 0.02 * assets - 50 - expenses,
            "customer_crypto": share * (assets - net),
        },
        index=[f"exchange_{number:02d}" for number in range(exchanges)],
    )


def users_panel(exchanges: int = 12) -> pd.DataFrame:
    """The same as a user's file, of the size of the industry: required columns with their units."""
    rows = simulated(exchanges, 7)
    rows = rows * (2_500_000 / rows["customer_crypto"].sum())
    rows.insert(4, "operating_profit", rows["operating_revenue"] - rows["operating_expenses"])
    return rows.add_suffix("_jpy_mn").rename_axis("exchange").reset_index().round(3)
