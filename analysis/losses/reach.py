"""How often an event goes beyond the hot wallets, from the wallets named in past incidents.

Japan's exchanges keep at most 5 % of customer crypto in hot wallets; most past losses come from
exchanges without such a ceiling. The frequency of events is not changed by the ceiling, but an
event that stays in hot wallets then ends at what they hold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import beta

from analysis.data import read
from analysis.market.panel import FloatArray

SINCE = pd.Timestamp("2018-01-01")
"""Earlier, hot and cold wallets were often not kept apart, and the record is thin."""

JEFFREYS = 0.5


@dataclass(frozen=True)
class Reach:
    """Posterior of the probability that a hack goes beyond the hot wallets: Beta(a, b).

    Attributes
    ----------
    beyond, hot, unknown : incidents by the wallets that were emptied; unknown ones do not count.
    """

    beyond: int
    hot: int
    unknown: int

    @property
    def mean(self) -> float:
        """Posterior mean."""
        return (self.beyond + JEFFREYS) / (self.beyond + self.hot + 2 * JEFFREYS)

    def quantile(self, level: FloatArray | float) -> FloatArray:
        """Posterior quantile."""
        return np.asarray(beta.ppf(level, self.beyond + JEFFREYS, self.hot + JEFFREYS))

    def bounds(self) -> tuple[float, float]:
        """Shares if every incident with unknown wallets stayed in hot ones, or went beyond."""
        known = self.beyond + self.hot + self.unknown
        return self.beyond / known, (self.beyond + self.unknown) / known


def reach(since: pd.Timestamp = SINCE) -> Reach:
    """Posterior from the custody hacks at exchanges since a day.

    Beyond are cold wallets, keys kept off line, and wallets run by or signed with an outside
    provider; the prior is Jeffreys' Beta(1/2, 1/2).
    """
    table = read("losses/incidents")
    kept = (table["scope"] == "core") & (table["loss_class"] == "hack")
    kept &= table["duplicate_of"].isna() & (table["date_low"] >= since)
    counts = table.loc[kept, "wallet_reach"].value_counts()
    return Reach(*(int(counts.get(name, 0)) for name in ("beyond", "hot", "unknown")))


def reach_draws(uniforms: FloatArray, fixed: float | None) -> FloatArray:
    """Probability by draw: posterior quantiles at the uniforms, or one fixed value.

    Parameters
    ----------
    uniforms : array (draw, 1) in (0, 1).
    fixed : probability in place of the posterior; 1 leaves the fit to past losses as it is.

    Returns
    -------
    array (draw, 1)
    """
    if fixed is not None:
        return np.full(uniforms.shape, fixed)
    return reach().quantile(uniforms)
