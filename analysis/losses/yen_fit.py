"""Fit of the loss in money: lognormal body, generalised Pareto tail, and the choice of threshold.

Losses are fitted in USD mn, as the sources give them, and turned into yen at the rate of the base
month: crypto is priced in dollars, so a theft of the same coins would cost today's rate.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from scipy.special import log_ndtr

from analysis.data import read
from analysis.errors import InputError
from analysis.losses.severity_fit import SeverityFit, maximise
from analysis.losses.severity_yen import pareto_hazard
from analysis.market.panel import FloatArray
from analysis.scenario.severity import Sample

FIRST_YEAR = 2017
"""Earlier losses were of coins worth a hundredth of today's price: another population."""

LEAST_EXCEEDANCES = 15

NAMES = ("location", "log_scale", "log_tail_scale", "tail_shape")
PRIOR = np.array([[0.0, np.inf], [0.0, np.inf], [0.0, np.inf], [0.5, 1.0]])
"""Penalty on the tail's shape alone (assumption): -1.1 to 2.1 in 90 % of cases."""


def loss_amounts(sample: Sample = "all") -> pd.DataFrame:
    """Custody hacks at exchanges with a known amount, USD mn, by date.

    From 2017 on (2020 for `since_2020`); `firm` leaves out amounts that were derived or are
    graded low.

    Returns
    -------
    DataFrame
        Columns incident, date, loss_usd_mn.
    """
    table = read("losses/incidents")
    first = 2020 if sample == "since_2020" else FIRST_YEAR
    kept = (table["scope"] == "core") & (table["loss_class"] == "hack")
    kept &= table["duplicate_of"].isna() & (table["loss_usd_mn"] > 0)
    kept &= table["date_low"] >= pd.Timestamp(year=first, month=1, day=1)
    if sample == "firm":
        kept &= ~table["confidence"].isin(["derived", "low"])
    columns = {"incident": "incident", "date_low": "date", "loss_usd_mn": "loss_usd_mn"}
    return (
        table[kept]
        .rename(columns=columns)[list(columns.values())]
        .sort_values(["date", "incident"], ignore_index=True)
    )


def yen_log_likelihood(values: FloatArray, losses: FloatArray, threshold: float) -> float:
    """Log likelihood of losses under the spliced model, parameters in the order of `NAMES`.

    Losses up to the threshold are lognormal; the others are lognormal losses known to lie above
    it, with a generalised Pareto excess.
    """
    location, log_scale, log_tail_scale, shape = values
    inner, excess = losses[losses <= threshold], losses[losses > threshold] - threshold
    scale = np.exp(log_scale)
    deviation = (np.log(inner) - location) / scale
    body = -np.sum(np.log(inner) + log_scale + (np.log(2 * np.pi) + deviation**2) / 2)
    above = len(excess) * log_ndtr((location - np.log(threshold)) / scale)
    bend = shape * excess * np.exp(-log_tail_scale)
    if (bend <= -1).any():
        return -1e10
    hazard = pareto_hazard(excess * np.exp(-log_tail_scale), shape)
    tail = -len(excess) * log_tail_scale - np.sum(hazard + np.log1p(bend))
    return float(body + above + tail)


def fit_yen(losses: FloatArray, threshold: float) -> SeverityFit:
    """Fit of the spliced model at a threshold, in the unit of the losses.

    Raises
    ------
    InputError
        A loss that is not above 0, or fewer losses above the threshold than tail parameters.
    """
    if not (losses > 0).all():
        raise InputError(
            f"losses: {losses.min():g} among them; allowed: above 0; leave incidents without a "
            "loss out"
        )
    above = losses[losses > threshold]
    if len(above) < 3 or len(losses) - len(above) < 3:
        raise InputError(
            f"threshold = {threshold:g}: {len(above)} of {len(losses)} losses above it; allowed: "
            "at least 3 on either side; choose another threshold"
        )
    logs, mean_excess = np.log(losses), float((above - threshold).mean())
    start = np.array([logs.mean(), np.log(logs.std()), np.log(mean_excess / 2), 0.5])
    return maximise(
        NAMES,
        start,
        lambda values: yen_log_likelihood(values, losses, threshold),
        PRIOR,
        len(losses),
    )


def threshold_profile(losses: FloatArray) -> pd.DataFrame:
    """Fits at every threshold that leaves 15 losses to half of them above it, and Hill's estimate.

    Returns
    -------
    DataFrame
        Columns exceedances, threshold, log_likelihood (of all losses, so comparable between
        thresholds), tail_shape, standard_error, hill_shape.

    Raises
    ------
    InputError
        Fewer than 30 losses.
    """
    ordered = np.sort(losses)
    most = len(ordered) // 2
    if most < LEAST_EXCEEDANCES:
        raise InputError(
            f"{len(ordered)} losses; allowed: at least {2 * LEAST_EXCEEDANCES} for a choice of "
            "threshold; choose a larger sample"
        )
    rows = []
    for count in range(LEAST_EXCEEDANCES, most + 1):
        threshold = float(ordered[-count - 1])
        fit = fit_yen(ordered, threshold)
        rows.append(
            {
                "exceedances": int((ordered > threshold).sum()),
                "threshold": threshold,
                "log_likelihood": fit.log_likelihood,
                "tail_shape": fit["tail_shape"],
                "standard_error": float(fit.standard_error[-1]),
                "hill_shape": hill(ordered, count),
            }
        )
    return pd.DataFrame(rows).drop_duplicates("threshold", ignore_index=True)


def hill(losses: FloatArray, exceedances: int) -> float:
    """Hill's estimate of the tail's shape from the largest losses: mean log excess.

    Its inverse is the Pareto index; a shape of 1 and more has no mean.

    References
    ----------
    B. M. Hill, A simple general approach to inference about the tail of a distribution, Annals of
    Statistics 3, 1975, eq. 2.4.
    """
    ordered = np.sort(losses)[::-1]
    return float(np.mean(np.log(ordered[:exceedances] / ordered[exceedances])))


def mean_excess(losses: FloatArray) -> pd.DataFrame:
    """Mean excess over every loss but the five largest; in a Pareto tail it rises in a line.

    Returns
    -------
    DataFrame
        Columns threshold, exceedances, mean_excess, in the unit of the losses.
    """
    thresholds = np.unique(losses)[:-5]
    above = losses[None, :] > thresholds[:, None]
    excess = np.where(above, losses[None, :] - thresholds[:, None], 0.0).sum(axis=1)
    count = above.sum(axis=1)
    return pd.DataFrame(
        {"threshold": thresholds, "exceedances": count, "mean_excess": excess / count}
    )


@cache
def fitted_yen(sample: Sample) -> tuple[SeverityFit, float]:
    """Fit to the shipped incidents, USD mn, at the threshold of the highest likelihood."""
    losses = loss_amounts(sample)["loss_usd_mn"].to_numpy(float)
    profile = threshold_profile(losses)
    best = int(profile["log_likelihood"].to_numpy().argmax())
    threshold = float(profile["threshold"].to_numpy()[best])
    return fit_yen(losses, threshold), threshold
