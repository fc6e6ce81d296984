"""Bühlmann-Straub credibility: how far a group's own record is trusted against that of all.

H. Bühlmann and E. Straub, Glaubwürdigkeit für Schadensätze, 1970; estimators as in H. Bühlmann and
A. Gisler, A Course in Credibility Theory and its Applications, 2005, sec. 4.8.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.losses.exposure import Reading, exposure_years, korean_exchanges, populations
from analysis.losses.incidents import counted, incidents, yearly_counts
from analysis.market.panel import FloatArray


@dataclass(frozen=True)
class Credibility:
    """Structure of a collective of groups, and what follows for each.

    Attributes
    ----------
    groups : columns events, exposure, rate, factor (weight of the own record), premium
        (credibility-weighted rate); index group.
    mean : rate of the collective.
    within : expected variance of one exchange-year inside a group.
    between : variance of the true rates between groups; 0 where the unbiased estimate is negative.
    unbiased_between : that estimate as it comes.
    """

    groups: pd.DataFrame
    mean: float
    within: float
    between: float
    unbiased_between: float

    @property
    def variation(self) -> float:
        """Standard deviation of the true rates over their mean."""
        return float(np.sqrt(self.between) / self.mean)


def _checked(events: pd.DataFrame, exposure: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    """Events and exposures as arrays, if there are enough of them."""
    count, size = events.to_numpy(float), exposure.to_numpy(float)
    if min(count.shape) < 2:
        raise InputError(
            f"events: {count.shape[0]} groups and {count.shape[1]} years; allowed: at least two of "
            "each; set jurisdiction_variation by judgement"
        )
    if not (size > 0).all():
        raise InputError("exposure: a group-year without exposure; leave the year out")
    return count, size


def buhlmann_straub(events: pd.DataFrame, exposure: pd.DataFrame) -> Credibility:
    """Estimate the structure from yearly events and exposures of several groups.

    With X = events / exposure by group i and year j, E_i the exposure of a group and E of all:

        within  = sum_ij E_ij (X_ij - X_i)^2 / (number of group-years - number of groups)
        between = (sum_i E_i (X_i - X)^2 - (groups - 1) within) / (E - sum_i E_i^2 / E)
        factor  = E_i / (E_i + within / between)

    The collective's rate is the mean of group rates weighted by factors; where `between` is not
    positive all factors are 0 and it is total events over total exposure.

    Parameters
    ----------
    events, exposure : DataFrame
        One row per group, one column per year, same labels; exposures above 0.

    Raises
    ------
    InputError
        Fewer than two groups or two years, or an exposure that is not positive.
    """
    count, size = _checked(events, exposure.loc[events.index, events.columns])
    total, whole = size.sum(axis=1), size.sum()
    rate = count.sum(axis=1) / total
    centre = count.sum() / whole
    within = (size * (count / size - rate[:, None]) ** 2).sum() / (count.size - len(count))
    spread = (total * (rate - centre) ** 2).sum() - (len(count) - 1) * within
    unbiased = float(spread / (whole - (total**2).sum() / whole))
    between = max(unbiased, 0.0)
    factor = _factor(total, float(within), between)
    mean = float(factor @ rate / factor.sum()) if between > 0 else float(centre)
    columns = {"events": count.sum(axis=1), "exposure": total, "rate": rate, "factor": factor}
    groups = pd.DataFrame(columns, index=events.index)
    groups["premium"] = factor * rate + (1 - factor) * mean
    return Credibility(groups, mean, float(within), between, unbiased)


def _factor(total: FloatArray, within: float, between: float) -> FloatArray:
    """Weight of the own record; 0 where groups do not differ, 1 where years do not."""
    if between == 0:
        return np.zeros(len(total))
    return np.asarray(total * between / (total * between + within))


def jurisdictions(reading: Reading = "central", first: int = 2022, last: int = 2025) -> Credibility:
    """Credibility between Japan, Korea and the rest over the years in which all are counted.

    Three groups and four years: an estimate to look at, too weak to set the prior by itself.
    The study therefore takes `jurisdiction_variation` as an assumption with a wide range.
    """
    years = range(first, last + 1)
    rows = counted(incidents(), loss_class="hack")
    rows = rows[(rows["jurisdiction"] != "japan") | (rows["register_status"] == "registered")]
    events = {
        name: yearly_counts(rows[rows["jurisdiction"] == name], years)
        for name in ("japan", "korea", "rest")
    }
    japan, korea = exposure_years()["central"].loc[first:last], korean_exchanges(years)
    size = {"japan": japan, "korea": korea, "rest": populations(reading, years) - japan - korea}
    return buhlmann_straub(pd.DataFrame(events).T, pd.DataFrame(size).T)
