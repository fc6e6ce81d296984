"""What a formula looks at: its amount by size, and how it answers to each base."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np
import pandas as pd

from analysis.market.panel import FloatArray
from analysis.rules.exposure import Exposure
from analysis.rules.formula import Formula

#: What a base is called in a table; a base that no candidate reads is in it too.
BASES = {
    "custody_hot": "hot custody",
    "custody_cold": "cold custody",
    "customer_fiat": "customers' yen",
    "trading_value": "trading value",
    "operating_revenue": "revenue",
    "operating_expenses": "expenses",
    "net_assets": "net assets",
    "years_registered": "years on the register",
    "incident_count": "number of losses",
    "incident_loss": "yen lost",
}
STEP = 0.01
NOT_SCALED = frozenset({"years_registered", "incident_count", "incident_loss", "loss_model"})


def representative(base: Exposure, custody: FloatArray) -> Exposure:
    """Exchanges of any size that have the industry's ratios to custody and a clean record.

    Parameters
    ----------
    base : Exposure
        The market, arrays (draw, exchange).
    custody : array
        Customer crypto of each exchange wanted, JPY mn, shape (exchange,).

    Returns
    -------
    Exposure
        Arrays (exchange,): the sum over the market's exchanges, mean over draws, scaled to
        `custody`. Years on the register are the mean; past losses are none; the loss model has its
        mean parameters. A formula that pools exchanges pools these, not the market.
    """
    scale = custody / base.custody.sum(axis=-1).mean()
    scaled = {
        field.name: _total(getattr(base, field.name)) * scale
        for field in fields(base)
        if field.name not in NOT_SCALED
    }
    none = np.zeros_like(scale)
    years = none + base.years_registered.mean()
    return Exposure(
        **scaled,
        years_registered=years,
        incident_count=none,
        incident_loss=none,
        loss_model=None if base.loss_model is None else base.loss_model.central(),
    )


def _total(array: FloatArray) -> FloatArray:
    """Sum over exchanges, mean over draws, with an exchange axis of length one."""
    total: FloatArray = array.sum(axis=-1).mean(axis=-1)[..., np.newaxis]
    return total


def answers(formulas: Sequence[Formula], base: Exposure) -> pd.DataFrame:
    """Percent by which the industry total of each formula rises when one base rises by 1 %.

    The base rises at every exchange, the others stay. Floors, caps and maxima keep their place, so
    the numbers of a row need not add up to one. A total of zero has no answer.

    Returns
    -------
    DataFrame
        Index formula id, one column per base of `BASES`.
    """
    central = np.array([_required(formula, base) for formula in formulas])
    columns = {}
    for name, words in BASES.items():
        moved = replace(base, **{name: (1 + STEP) * getattr(base, name)})
        after = np.array([_required(formula, moved) for formula in formulas])
        with np.errstate(invalid="ignore"):
            columns[words] = np.where(central > 0, (after / central - 1) / STEP, np.nan)
    index = pd.Index([formula.id for formula in formulas], name="formula")
    return pd.DataFrame(columns, index=index)


def _required(formula: Formula, base: Exposure) -> float:
    return float(formula.required(base).sum(axis=-1).mean())
