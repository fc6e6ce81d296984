"""Who pays for a reserve, and whom it benefits, by size of the exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.impact.benefit import benefit
from analysis.impact.cost import ratio
from analysis.market.panel import BANDS, size_bands

if TYPE_CHECKING:
    from analysis.impact.evaluate import Impact


def incidence(impact: Impact) -> pd.DataFrame:
    """Who pays a year of the complete reserve, and whom it benefits, by size band.

    Returns
    -------
    DataFrame, one row per formula and band that has exchanges, JPY mn per year, means:
        `n_exchanges`; `borne_by_owners_jpy_mn`, `borne_by_customers_jpy_mn`: the annual cost,
        shared; `revenue_lost_jpy_mn`: owners' beside it; `share_of_revenue`: owners' part of the
        cost over revenue; `benefit_jpy_mn`: to customers whose crypto is stolen;
        `failures_avoided_jpy_mn`: to the others; `moved_to_customers_jpy_mn`: part of the benefit
        that owners and insurers pay; `insurers_margin_jpy_mn`. In a pooled fund a band may get
        more than it pays for.
    """
    bought, response = impact.appraisal.steady, impact.response
    worth = benefit(bought, impact.scenario)
    columns = {
        "borne_by_owners_jpy_mn": response.borne_by_owners,
        "borne_by_customers_jpy_mn": response.borne_by_customers,
        "revenue_lost_jpy_mn": response.revenue_lost,
        "benefit_jpy_mn": worth.customers,
        "failures_avoided_jpy_mn": worth.failures,
        "moved_to_customers_jpy_mn": bought.avoided,
        "insurers_margin_jpy_mn": impact.steady.premium - bought.paid_by_insurance,
    }
    means = {name: array.mean(axis=-2) for name, array in columns.items()}
    bands, revenue = size_bands(impact.panel), impact.panel["operating_revenue"].mean(axis=0)
    parts = []
    for order, band in enumerate(BANDS):
        inside = (bands == band).to_numpy()
        if not inside.any():
            continue
        sums = {name: array[:, inside].sum(axis=-1) for name, array in means.items()}
        whose = {"formula": [formula.id for formula in impact.formulas], "band": band}
        part = pd.DataFrame({**whose, "n_exchanges": int(inside.sum()), **sums})
        part["share_of_revenue"] = ratio(sums["borne_by_owners_jpy_mn"], revenue[inside].sum())
        parts.append(part.assign(order=order, place=np.arange(len(part))))
    table = pd.concat(parts).sort_values(["place", "order"])
    return table.drop(columns=["place", "order"]).reset_index(drop=True)
