"""Frequency fitted to the years up to 2019 and scored on the years after."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from scipy.stats import nbinom

from analysis.errors import InputError
from analysis.losses.exposure import YEAR, Reading, populations
from analysis.losses.frequency import FIRST
from analysis.losses.incidents import LAST_DAY, counted, incidents, yearly_counts

FIRST_COUNT = 2014
"""First year of the constant-rate model: before, the lists hold a handful of pioneers."""


def holdout(reading: Reading = "central", fitted_to: int = 2019) -> pd.DataFrame:
    """Log score of two models, fitted up to a year, on every later year of the list.

    `per exchange` sets events of 2018 to `fitted_to` against exchanges in operation and follows
    their number; `constant` takes a yearly count from the events of 2014 to `fitted_to`. Both put
    Jeffreys' prior on the rate, so the prediction is negative binomial: with n events in a past
    exposure e, the count over exposure f has shape n + 1/2 and odds e : f. 2026 counts up to the
    last day of the list. Hacks outside Japan.

    Returns
    -------
    DataFrame
        Columns events and, per model, expected and log_score (natural log of the probability given
        to what happened; higher is better); index year. `attrs` hold the two totals.

    Raises
    ------
    InputError
        `fitted_to` outside 2018 to 2024.
    """
    if not FIRST <= fitted_to <= LAST_DAY.year - 2:
        raise InputError(
            f"fitted_to = {fitted_to}; allowed: {FIRST} to {LAST_DAY.year - 2}, so that years "
            "remain on both sides"
        )
    rows = counted(incidents(), loss_class="hack", jurisdictions=("korea", "rest"))
    later = list(range(fitted_to + 1, LAST_DAY.year + 1))
    part = np.ones(len(later))
    part[-1] = (LAST_DAY - pd.Timestamp(LAST_DAY.year, 1, 1)) / YEAR
    table = pd.DataFrame({"events": yearly_counts(rows, later)})
    models = {"per_exchange": (FIRST, _exchanges(reading)), "constant": (FIRST_COUNT, _one)}
    for model, (first, size) in models.items():
        years = range(first, fitted_to + 1)
        shape, before = float(yearly_counts(rows, years).sum()) + 0.5, size(years).sum()
        exposed = size(later).to_numpy() * part
        table[f"expected_{model}"] = shape / before * exposed
        odds = before / (before + exposed)
        table[f"log_score_{model}"] = nbinom.logpmf(table["events"].to_numpy(), shape, odds)
    table.attrs = {model: float(table[f"log_score_{model}"].sum()) for model in models}
    return table


def _exchanges(reading: Reading) -> Callable[[Sequence[int]], pd.Series]:
    return lambda years: populations(reading, years)


def _one(years: Sequence[int]) -> pd.Series:
    return pd.Series(1.0, list(years))
