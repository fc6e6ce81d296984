"""Who bears a year's losses under each formula, and how protection differs by size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.impact.cost import ratio
from analysis.impact.protection_cases import over_industry
from analysis.market.panel import BANDS, size_bands

if TYPE_CHECKING:
    from analysis.impact.evaluate import Impact

NO_RULE = "no rule"
PAYERS = ("reserve", "insurance", "match", "own means", "customers")


def who_pays(impact: Impact) -> pd.DataFrame:
    """Who bears the expected loss of a year at all exchanges, JPY mn, first without any rule.

    Returns
    -------
    DataFrame
        One row per rule (`NO_RULE`, then the formulas), one column per payer; rows have one sum.
        `match` is the crypto that matches hot wallets, which pays at once; `own means` are the
        operator's others and those of who steps in, in a payment or out of an estate.
    """
    bought = impact.appraisal.steady
    paid = (
        bought.paid_by_reserve,
        bought.paid_by_insurance,
        bought.matched_with,
        bought.own_with + bought.estate_with,
        bought.lost_with,
    )
    rules = [formula.id for formula in impact.formulas]
    table = pd.DataFrame(
        {name: over_industry(part) for name, part in zip(PAYERS, paid, strict=True)}, index=rules
    )
    free = (
        bought.matched_without,
        bought.own_without + bought.estate_without,
        bought.lost_without,
    )
    alone = [0.0, 0.0, *(float(over_industry(part)[0]) for part in free)]
    first = pd.DataFrame([alone], index=[NO_RULE], columns=list(PAYERS))
    return pd.concat([first, table]).rename_axis("formula")


def protection_by_band(impact: Impact) -> pd.DataFrame:
    """Protection by size of the exchange.

    Returns
    -------
    DataFrame
        One row per formula and band that has exchanges: `band`, `n_exchanges`, `coverage`
        (chance that a year with a loss is paid in full at once), `paid_share` (of the expected
        loss), `years_between` (uncovered losses somewhere in the band; infinite where none is).
    """
    bands, bought = size_bands(impact.panel), impact.appraisal.steady
    struck = 1 - impact.annual_loss.none.mean(axis=0)
    expected = impact.annual_loss.mean.mean(axis=0)
    full = (bought.coverage_given_loss * (1 - impact.annual_loss.none)).mean(axis=-2)
    uncovered, missed = bought.uncovered.mean(axis=-2), bought.exceedance.mean(axis=-2)
    parts = []
    for band in BANDS:
        inside = (bands == band).to_numpy()
        if not inside.any():
            continue
        often = missed[:, inside].sum(axis=-1)
        parts.append(
            pd.DataFrame(
                {
                    "formula": [formula.id for formula in impact.formulas],
                    "band": band,
                    "n_exchanges": int(inside.sum()),
                    "coverage": ratio(full[:, inside].sum(axis=-1), struck[inside].sum()),
                    "paid_share": 1
                    - ratio(uncovered[:, inside].sum(axis=-1), expected[inside].sum()),
                    "years_between": np.divide(
                        1.0, often, out=np.full(often.shape, np.inf), where=often > 0
                    ),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
