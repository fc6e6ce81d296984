"""How often an event goes beyond the hot wallets, from the wallets named in past incidents.

Japan's exchanges keep at most 5 % of customer crypto in hot wallets; most past losses come from
exchanges without such a ceiling. The frequency of events is not changed by the ceiling, but an
event that stays in hot wallets then ends at what they hold.

A theft goes beyond hot wallets where keys were kept, or meant to be kept, off line, or where coins
left through the systems of a second firm that held them or signed for them. Neither the number of
signatures nor the host of a wallet decides: keys taken from the exchange's own machines are hot. So
WazirX 2024 (keys on hardware devices, a custodian's signing page misused) lies beyond; Rain 2024
(wallets hosted at a custodian, keys of an employee taken) is hot, and `reach_readings` shows what
follows if it is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from scipy.stats import beta

from analysis.losses.incidents import OWN_MONEY, incidents
from analysis.market.panel import FloatArray

SINCE = pd.Timestamp("2018-01-01")
"""Earlier, hot and cold wallets were often not kept apart, and the record is thin."""

LATE = pd.Timestamp("2024-01-01")
"""Since then 4 of 18 thefts went beyond, before it 1 of 36: Fisher's exact test gives 0.04, for a
year that was chosen after the thefts were seen. So it is a reading of its own, not the model's.
"""

JEFFREYS = 0.5


@dataclass(frozen=True)
class Reach:
    """Posterior of the probability that a theft goes beyond the hot wallets: Beta(a, b).

    Attributes
    ----------
    beyond, hot, unknown : thefts by the wallets that were emptied; unknown ones do not count.
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
        """Shares if every theft from unknown wallets stayed in hot ones, or went beyond."""
        every = self.beyond + self.hot + self.unknown
        return self.beyond / every, (self.beyond + self.unknown) / every


@cache
def reach() -> Reach:
    """Posterior from the thefts of customers' crypto at exchanges since 2018.

    The prior is Jeffreys' Beta(1/2, 1/2).
    """
    return _counted(_thefts())


def reach_readings() -> dict[str, Reach]:
    """The record under every reading of it; the first is the model's."""
    thefts, all_thefts = _thefts(), _thefts(own_money=True)
    late, late_all = (rows["date_low"] >= LATE for rows in (thefts, all_thefts))
    hosted = thefts["wallet"].str.contains("custodian").fillna(False)
    readings = {
        "thefts of customers' crypto since 2018 (model)": thefts,
        "since 2024": thefts[late],
        "2018 to 2023": thefts[~late],
        "own money of the exchange too": all_thefts,
        "own money too, since 2024": all_thefts[late_all],
    }
    for name, rows, reached in (
        ("wallets hosted at a custodian lie beyond", hosted, "beyond"),
        ("unknown wallets lie beyond", thefts["wallet_reach"] == "unknown", "beyond"),
        ("unknown wallets were hot", thefts["wallet_reach"] == "unknown", "hot"),
    ):
        readings[name] = thefts.assign(wallet_reach=thefts["wallet_reach"].mask(rows, reached))
    return {name: _counted(rows) for name, rows in readings.items()}


def reach_table(level: float) -> pd.DataFrame:
    """`reach_readings` as a table.

    Returns
    -------
    DataFrame
        reading, beyond, known, unknown (thefts), mean, low, high (posterior, interval at `level`).
    """
    ends = np.array([(1 - level) / 2, (1 + level) / 2])
    rows = [
        (name, one.beyond, one.beyond + one.hot, one.unknown, one.mean, *one.quantile(ends))
        for name, one in reach_readings().items()
    ]
    columns = ["reading", "beyond", "known", "unknown", "mean", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def _thefts(*, own_money: bool = False) -> pd.DataFrame:
    """Thefts since 2018 that are events, or also those in which customers lost nothing."""
    listed = incidents()
    kept = listed["included"] | (own_money & (listed["reason"] == OWN_MONEY))
    return listed[kept & (listed["loss_class"] == "hack") & (listed["date_low"] >= SINCE)]


def _counted(thefts: pd.DataFrame) -> Reach:
    counts = thefts["wallet_reach"].value_counts()
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
