"""Fit of the lost share of customer crypto: logit-normal, interval-censored, penalised.

logit share = location + operational effect + scale x normal. With some 31 rows of unequal firmness
likelihood alone would do for location and scale, but not for the operational class, of which one
share is known. Weak normal penalties (`PRIOR`) hold what the data cannot, and are printed with the
fit; the operational class is pulled towards the hacks, weakly: what is known of it is one share of
0.003 to 0.039 (Bithumb 2026) and, before the fit begins, one of everything (Bitomat 2011).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import log_ndtr, logit
from scipy.stats import norm
from statsmodels.tools.numdiff import approx_hess

from analysis.errors import InputError
from analysis.losses.shares import loss_shares
from analysis.market.panel import FloatArray
from analysis.scenario.severity import Sample

PRIOR = MappingProxyType(
    {
        "location": (-2.0, 2.0),
        "operational": (0.0, 2.0),
        "since_2020": (0.0, 2.0),
        "log_scale": (float(np.log(1.5)), 0.5),
    }
)
"""Mean and standard deviation of the penalty on each parameter (assumptions).

Location: a median share between 0.003 and 0.87 in 95 % of cases. Log scale: a scale between 0.56
and 4. Operational effect, and effect of the years from 2020 on: odds of the median within a factor
50 of the others' either way, so that the data decide; with one share they decide little.
"""

STEEP = 1e-2
"""Slope of the penalised log likelihood per unit of a parameter at which a maximum is not one."""


@dataclass(frozen=True)
class SeverityFit:
    """Fit by penalised maximum likelihood.

    Attributes
    ----------
    names : parameters, in the order of `estimate` and `covariance`.
    estimate : penalised maximum; scales are in logs.
    covariance : inverse of the observed information, penalty included.
    n : rows of data.
    log_likelihood : at the estimate, without the penalty.
    penalty : half the sum of squared prior deviations at the estimate.
    """

    names: tuple[str, ...]
    estimate: FloatArray
    covariance: FloatArray
    n: int
    log_likelihood: float
    penalty: float

    def __getitem__(self, name: str) -> float:
        """Estimate of one parameter."""
        return float(self.estimate[self.names.index(name)])

    @property
    def standard_error(self) -> FloatArray:
        """Standard errors, in the order of `names`."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    @property
    def aic(self) -> float:
        """Akaike's criterion: twice the parameters less twice the log likelihood."""
        return 2 * len(self.names) - 2 * self.log_likelihood

    def summary(self, level: float) -> pd.DataFrame:
        """Estimate, standard error and normal interval of every parameter."""
        half = norm.ppf((1 + level) / 2) * self.standard_error
        return pd.DataFrame(
            {
                "estimate": self.estimate,
                "standard_error": self.standard_error,
                "low": self.estimate - half,
                "high": self.estimate + half,
            },
            index=pd.Index(self.names, name="parameter"),
        )


def maximise(
    names: tuple[str, ...],
    start: FloatArray,
    log_likelihood: Callable[[FloatArray], float],
    prior: FloatArray,
    n: int,
) -> SeverityFit:
    """Penalised maximum of a log likelihood with its observed information.

    Parameters
    ----------
    prior : array (parameter, 2), mean and standard deviation; an infinite one is no penalty.
    n : rows of data.

    Raises
    ------
    InputError, RuntimeError
        Fewer rows than parameters; no maximum was found.
    """
    if n < len(names):
        raise InputError(
            f"{n} incidents for {len(names)} parameters ({', '.join(names)}); allowed: at least "
            f"{len(names)} incidents; add rows or choose a larger sample"
        )

    def penalty(values: FloatArray) -> float:
        return float(np.sum(((values - prior[:, 0]) / prior[:, 1]) ** 2) / 2)

    def loss(values: FloatArray) -> float:
        return penalty(values) - log_likelihood(values)

    found = minimize(loss, start, method="BFGS", options={"gtol": 1e-5})
    # The line search may stop at the rounding of the differences; the slope decides.
    covariance = np.linalg.inv(approx_hess(found.x, loss))
    steep = not found.success and np.abs(found.jac).max() > STEEP
    if steep or (np.diag(covariance) <= 0).any():
        raise RuntimeError(f"severity fit of {', '.join(names)}: no maximum; {found.message}")
    return SeverityFit(
        names, found.x, covariance, n, log_likelihood(found.x), float(penalty(found.x))
    )


def interval_log_likelihood(
    deviation_low: FloatArray, deviation_high: FloatArray, log_width: FloatArray
) -> FloatArray:
    """Log probability of each row: of its interval, or the density where it is one figure.

    Parameters
    ----------
    deviation_low, deviation_high : standard normal deviations of the bounds; equal for a figure.
    log_width : log of the derivative of the share by the deviation, for rows with one figure.
    """
    figure = deviation_low == deviation_high
    at = np.where(figure, deviation_low, 0.0)
    point = -(at**2 + np.log(2 * np.pi)) / 2 - log_width
    # The tail on which both bounds lie is used, so that small probabilities keep their digits.
    flip = ~figure & (deviation_low > 0)
    low = np.where(flip, -deviation_high, deviation_low)
    high = np.where(flip, -deviation_low, deviation_high)
    below = log_ndtr(np.where(figure, 0.0, high))
    share = np.exp(log_ndtr(np.where(figure, -np.inf, low)) - below)
    return np.asarray(np.where(figure, point, below + np.log1p(-share)))


def share_log_likelihood(values: FloatArray, table: pd.DataFrame, design: FloatArray) -> FloatArray:
    """Log likelihood of each row of `loss_shares`; `values` are effects and the log scale.

    Densities are per unit of share.
    """
    low, high = table["low"].to_numpy(float), table["high"].to_numpy(float)
    centre, log_scale = design @ values[:-1], values[-1]
    figure = low == high
    # d share / d deviation = scale share (1 - share)
    inner = np.where(figure, low, 0.5)
    log_width = log_scale + np.log(inner) + np.log1p(-inner)
    spread = np.exp(log_scale)
    return interval_log_likelihood(
        (logit(low) - centre) / spread, (logit(high) - centre) / spread, log_width
    )


def design_of(table: pd.DataFrame, names: tuple[str, ...]) -> FloatArray:
    """Regressors of the location, shape (row, effect)."""
    columns = {
        "location": np.ones(len(table)),
        "operational": table["operational"].to_numpy(float),
        "since_2020": (table["date"] >= pd.Timestamp("2020-01-01")).to_numpy(float),
    }
    return np.column_stack([columns[name] for name in names if name != "log_scale"])


def fit_shares(table: pd.DataFrame, *, era: bool = False) -> SeverityFit:
    """Fit the logit-normal share to the rows of `loss_shares`.

    Parameters
    ----------
    table : DataFrame as returned by `loss_shares`.
    era : whether the location may differ from 2020 on.

    Raises
    ------
    InputError
        Fewer incidents than parameters.
    """
    effects = ("location", "operational", *(("since_2020",) if era else ()))
    names = (*effects, "log_scale")
    design, prior = design_of(table, names), np.array([PRIOR[name] for name in names])
    return maximise(
        names,
        prior[:, 0],
        lambda values: float(share_log_likelihood(values, table, design).sum()),
        prior,
        len(table),
    )


@cache
def fitted_shares(sample: Sample) -> SeverityFit:
    """Fit to the shipped incidents of a sample."""
    return fit_shares(loss_shares(sample))


def draw_parameters(fit: SeverityFit, uniforms: FloatArray) -> dict[str, FloatArray]:
    """Parameters by draw from the normal approximation at the penalised maximum.

    The penalised likelihood is close to normal: on a grid its exact quantiles agree for the
    location, and for the log scale lie up to 0.4 standard errors higher (tested). One uniform
    number per parameter keeps random numbers common to scenarios, as resampled incidents would not.

    Parameters
    ----------
    uniforms : array (draw, parameter) in (0, 1).

    Returns
    -------
    dict of array
        One array of shape (draw, 1) per name in `fit.names`.

    Raises
    ------
    InputError
        Another number of columns than parameters, or a number at or outside 0 and 1.
    """
    if uniforms.ndim != 2 or uniforms.shape[1] != len(fit.names):
        raise InputError(
            f"uniforms of shape {uniforms.shape}; allowed: (draws, {len(fit.names)}), one column "
            "per parameter"
        )
    if not ((uniforms > 0) & (uniforms < 1)).all():
        raise InputError("uniforms: a number at or outside 0 and 1; allowed: between 0 and 1")
    drawn = fit.estimate + norm.ppf(uniforms) @ np.linalg.cholesky(fit.covariance).T
    return {name: drawn[:, [place]] for place, name in enumerate(fit.names)}
