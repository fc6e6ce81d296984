"""Fill blanks of the cross-section by chained equations with predictive mean matching.

Amounts enter in logs, amounts that can be negative in asinh(x / 100), net assets as a share of
total assets and custody as the logit of its share in liabilities, so that completed cells keep
net assets below total assets and custody between zero and liabilities. Donors are few because
the cross-section is small (S. van Buuren, Flexible Imputation of Missing Data, 2nd ed. 2018,
sec. 3.4: 5 donors; fewer in small samples make imputations too alike, more make them biased).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from statsmodels.imputation.mice import MICEData

from analysis.errors import InputError
from analysis.market.panel import FIELDS, FloatArray

LEAST_OBSERVED = 5
DONORS = 5
CYCLES = 5  # before the first data set, and between data sets when several fields are blank
SCALE = 100.0  # JPY mn at which the signed log turns from linear to logarithmic

FORMULAS = {
    "log_assets": "log_expenses + signed_revenue",
    "equity_ratio": "log_assets + signed_income",
    "log_expenses": "log_assets + signed_revenue",
    "signed_revenue": "log_assets + log_expenses + signed_income",
    "signed_income": "signed_revenue + log_expenses + equity_ratio",
    "custody_share": "log_assets + equity_ratio",
}
_SOURCE = {
    "log_assets": "total_assets",
    "equity_ratio": "net_assets",
    "log_expenses": "operating_expenses",
    "signed_revenue": "operating_revenue",
    "signed_income": "net_income",
    "custody_share": "customer_crypto",
}


class _Chain(MICEData):  # type: ignore[misc]
    """statsmodels' chained equations with the design matrices of `FORMULAS` built directly.

    Every right-hand side is a sum of columns; parsing it anew in each update took 95 % of the
    time. Draws are the same as those of the parent class (tested).
    """

    def _design(self, name: str) -> FloatArray:
        columns = [self.data[term].to_numpy(float) for term in FORMULAS[name].split(" + ")]
        return np.column_stack([np.ones(len(self.data)), *columns])

    def get_fitting_data(
        self, vname: str
    ) -> tuple[FloatArray, FloatArray, dict[str, object], dict[str, object]]:
        """Response and design where `vname` is observed."""
        seen = self.ix_obs[vname]
        return self.data[vname].to_numpy(float)[seen], self._design(vname)[seen], {}, {}

    def get_split_data(
        self, vname: str
    ) -> tuple[FloatArray, FloatArray, FloatArray, dict[str, object], dict[str, object]]:
        """Response where observed, design where observed and where missing."""
        seen, blank, design = self.ix_obs[vname], self.ix_miss[vname], self._design(vname)
        return self.data[vname].to_numpy(float)[seen], design[seen], design[blank], {}, {}


def transformed(table: pd.DataFrame) -> pd.DataFrame:
    """Cross-section on the scale of the equations; index exchange, columns as in `FORMULAS`.

    Parameters
    ----------
    table : DataFrame
        Columns total_assets, net_assets, operating_expenses, operating_revenue, net_income,
        customer_crypto (JPY mn at the statement date), blank where unknown.
    """
    assets = table["total_assets"].clip(lower=1.0)
    liabilities = (table["total_assets"] - table["net_assets"]).where(lambda x: x > 0)
    share = (table["customer_crypto"] / liabilities).clip(0.001, 0.999)
    return pd.DataFrame(
        {
            "log_assets": np.log(assets),
            "equity_ratio": table["net_assets"] / assets,
            "log_expenses": np.log(table["operating_expenses"].clip(lower=1.0)),
            "signed_revenue": np.arcsinh(table["operating_revenue"] / SCALE),
            "signed_income": np.arcsinh(table["net_income"] / SCALE),
            "custody_share": logit(share),
        },
        index=table.index,
    )


def chain(data: pd.DataFrame, draws: int, rng: np.random.Generator) -> dict[str, FloatArray]:
    """Completed columns of the transformed cross-section, each of shape (draw, exchange).

    Raises
    ------
    InputError
        A column with blanks has fewer than five observed cells.
    """
    blank = data.isna()
    for name in data.columns[blank.any()]:
        seen = int((~blank[name]).sum())
        if seen < LEAST_OBSERVED:
            column = FIELDS[_SOURCE[name]].column
            raise InputError(
                f"column {column}: {seen} cells can be used to impute {int(blank[name].sum())} "
                f"blanks; allowed: at least {LEAST_OBSERVED}; fill the blanks, or leave the "
                "exchanges out"
            )
    if not blank.to_numpy().any():
        return {str(name): np.tile(data[name].to_numpy(float), (draws, 1)) for name in data}
    # A constant column: rows without any figure would be dropped.
    mice = _Chain(data.assign(present=1.0).reset_index(drop=True), rng=rng)
    donors = min(DONORS, int((~blank).sum().min()))
    for name, formula in FORMULAS.items():
        mice.set_imputer(name, formula=formula, k_pmm=donors)
    cycles = CYCLES if blank.any().sum() > 1 else 1
    mice.update_all(CYCLES)
    sets = np.empty((draws, *data.shape))
    for number in range(draws):
        mice.update_all(cycles)
        sets[number] = mice.data[list(data.columns)].to_numpy(float)
    return {name: sets[:, :, place] for place, name in enumerate(data.columns)}


def impute(table: pd.DataFrame, draws: int, rng: np.random.Generator) -> dict[str, FloatArray]:
    """Complete the cross-section, keeping every observed cell.

    Parameters
    ----------
    table : DataFrame
        As for `transformed`.
    draws : int
        Number of completed data sets.
    rng : Generator
        The only source of randomness.

    Returns
    -------
    dict of array
        JPY mn by field name, shape (draw, exchange); custody at the statement date.

    Raises
    ------
    InputError
        Too few observed cells (see `chain`).
    """
    filled = chain(transformed(table), draws, rng)
    known = {name: table[name].to_numpy(float) for name in table}
    share, equity = expit(filled["custody_share"]), filled["equity_ratio"]
    debt_share = np.maximum(1 - equity, 1e-6)
    # Known custody fixes the size of a balance sheet better than the equation for assets does.
    implied = known["customer_crypto"] / (share * debt_share)
    assets = np.where(np.isnan(implied), np.exp(filled["log_assets"]), implied)
    assets = _keep(known["total_assets"], np.fmax(assets, known["net_assets"]))
    net_assets = _keep(known["net_assets"], equity * assets)
    custody = np.maximum(share * (assets - net_assets), 0.0)
    return {
        "total_assets": assets,
        "net_assets": net_assets,
        "operating_expenses": _keep(known["operating_expenses"], np.exp(filled["log_expenses"])),
        "operating_revenue": _keep(
            known["operating_revenue"], SCALE * np.sinh(filled["signed_revenue"])
        ),
        "net_income": _keep(known["net_income"], SCALE * np.sinh(filled["signed_income"])),
        "customer_crypto": _keep(known["customer_crypto"], custody),
    }


def _keep(known: FloatArray, drawn: FloatArray) -> FloatArray:
    """Observed cells as they are, blanks from the draws."""
    return np.where(np.isnan(known), drawn, known)
