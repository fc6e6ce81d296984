"""How far the imputation can be trusted: missing information, ranges, chains, held-out cells."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import expit

from analysis.market.impute import FORMULAS, LEAST_OBSERVED, chain, transformed


def imputation_summary(table: pd.DataFrame, draws: int, rng: np.random.Generator) -> pd.DataFrame:
    """One row per imputed column of the cross-section, on the scale of its equation.

    Parameters
    ----------
    table : DataFrame
        As for `analysis.market.impute.transformed`.
    draws : int
        Completed data sets.
    rng : Generator

    Returns
    -------
    DataFrame
        Index column; `observed`, `imputed` (counts), `observed_low`, `observed_high`,
        `imputed_low`, `imputed_high` (ranges), `missing_information` (fraction, of the mean over
        exchanges: Rubin 1987, eq. 3.1.10, large m), `first_half`, `second_half` (mean of the
        imputed cells in either half of the chain), `autocorrelation` (lag one, of that mean).
    """
    data = transformed(table)
    blank = data.isna()
    filled = chain(data, draws, rng)
    rows = {}
    for name in data.columns[blank.any()]:
        seen = data[name].dropna().to_numpy()
        drawn = filled[name][:, blank[name].to_numpy()]
        between = filled[name].mean(axis=1).var(ddof=1) * (1 + 1 / draws)
        within = (filled[name].var(axis=1, ddof=1) / len(data)).mean()
        trace = drawn.mean(axis=1)
        half = draws // 2
        moved = trace.std() > 0
        rows[name] = {
            "observed": len(seen),
            "imputed": int(blank[name].sum()),
            "observed_low": seen.min(),
            "observed_high": seen.max(),
            "imputed_low": drawn.min(),
            "imputed_high": drawn.max(),
            "missing_information": between / (between + within),
            "first_half": trace[:half].mean(),
            "second_half": trace[half:].mean(),
            "autocorrelation": np.corrcoef(trace[:-1], trace[1:])[0, 1] if moved else np.nan,
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def leave_one_out(table: pd.DataFrame, draws: int, rng: np.random.Generator) -> pd.DataFrame:
    """Impute the custody of each exchange that printed it as if it had not.

    Returns
    -------
    DataFrame
        Index exchange; `observed_jpy_mn`, `median_jpy_mn`, `low_jpy_mn`, `high_jpy_mn` (5 % and
        95 % of the draws), `log_error` = log(median / observed), `covered`. Empty with fewer than
        six printed figures.
    """
    data = transformed(table)
    known = data["custody_share"].dropna().index
    liabilities = table["total_assets"] - table["net_assets"]
    rows = {}
    for exchange in known if len(known) > LEAST_OBSERVED else []:
        held = data[list(FORMULAS)].copy()
        held.loc[exchange, "custody_share"] = np.nan
        place = held.index.get_loc(exchange)
        share = expit(chain(held, draws, rng)["custody_share"][:, place])
        drawn = share * float(liabilities[exchange])
        observed = float(table.loc[exchange, "customer_crypto"])
        low, median, high = np.quantile(drawn, [0.05, 0.5, 0.95])
        rows[exchange] = {
            "observed_jpy_mn": observed,
            "median_jpy_mn": median,
            "low_jpy_mn": low,
            "high_jpy_mn": high,
            "log_error": np.log(median / observed),
            "covered": bool(low <= observed <= high),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("exchange")
