"""Labels of exchanges on pages that do not name them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.market.panel import FloatArray
from analysis.report.labels import exchange_names

LEAST = 3
"""Fewer exchanges than this are no group to hide in."""
ANY = "any size"


def exchange_labels(
    exchanges: Sequence[str], bands: pd.Series, probability: FloatArray, *, named: bool
) -> pd.DataFrame:
    """Exchanges in the order in which a page lists them, each with its label.

    Without names a label is the size band and a number by probability, lowest first, so that it
    says no more than the row does; bands of fewer than `LEAST` exchanges are put together.

    Parameters
    ----------
    bands : ordered size band of each exchange, index exchange, as `size_bands` gives them.
    probability : chance of leaving, (exchange,).
    named : whether the reader asked for names.

    Returns
    -------
    DataFrame
        exchange (id, for looking up; not to be printed), place in `exchanges`, band, label; in the
        order of the bands, within each from the lowest probability to the highest.
    """
    sizes = bands.loc[list(exchanges)]
    group = sizes.astype(str)
    counts = sizes.value_counts(sort=False).set_axis(list(sizes.cat.categories))
    order = [*sizes.cat.categories, ANY]
    together = group.map(counts) < LEAST
    # One small band alone would still be a group of one: the next smallest goes with it.
    while 0 < together.sum() < min(LEAST, len(group)):
        rest = counts[(counts > 0) & ~counts.index.isin(group[together])]
        together |= group == rest.idxmin()
    table = pd.DataFrame(
        {
            "exchange": list(exchanges),
            "place": range(len(group)),
            "band": pd.Categorical(group.mask(together, ANY), order, ordered=True),
            "probability": probability,
        }
    ).sort_values(["band", "probability"], kind="stable", ignore_index=True)
    number = (table.groupby("band", observed=True).cumcount() + 1).astype(str)
    unnamed = table["band"].astype(str) + " " + number
    labels = exchange_names(table["exchange"]) if named else unnamed
    return table.drop(columns="probability").assign(label=labels)


def few_differ(answers: NDArray[np.bool_], group: pd.Series) -> NDArray[np.bool_]:
    """Where an answer would give a name away to who knows the answers of all by name.

    True for every exchange of a group in which some answer yes and some no, and fewer than `LEAST`
    of them one of the two; (exchange,).

    Parameters
    ----------
    answers : (exchange,), in the order of `group`.
    group : what the page says of each exchange besides.
    """
    found = pd.Series(answers, index=group.index)
    yes = found.groupby(group, observed=True).transform("sum")
    no = (~found).groupby(group, observed=True).transform("sum")
    rare = np.minimum(yes, no)
    return np.asarray((rare > 0) & (rare < LEAST))
