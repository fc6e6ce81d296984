"""How often exchanges worldwide lose customers' crypto: counts per year over exchange-years.

Poisson and negative binomial (NB2) regressions of yearly counts with the log of the number of
exchanges as offset (P. McCullagh and J. A. Nelder, Generalized Linear Models, 2nd ed. 1989, ch. 6).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.optimize import minimize_scalar
from scipy.stats import chi2, norm

from analysis.errors import InputError
from analysis.losses.exposure import Reading, populations
from analysis.losses.incidents import counted, incidents, yearly_counts
from analysis.market.panel import FloatArray

FIRST, LAST = 2018, 2025
"""Years with a count of exchanges and a whole year of losses."""

LEAST_DISPERSION = 1e-8


@dataclass(frozen=True)
class FrequencyFit:
    """A fitted rate of losses per exchange-year.

    Attributes
    ----------
    table : columns events, exposure, expected; index year.
    trend : whether the rate may change at a constant percentage per year.
    estimate, covariance : log rate in the middle of the years and, with a trend, its slope.
    log_likelihood : of the Poisson model.
    dispersion : NB2 dispersion k by maximum likelihood (variance = mean + k mean^2); 0 is Poisson.
    negative_binomial : log-likelihood at that dispersion.
    pearson : Pearson statistic.
    """

    table: pd.DataFrame
    trend: bool
    estimate: FloatArray
    covariance: FloatArray
    log_likelihood: float
    dispersion: float
    negative_binomial: float
    pearson: float

    @property
    def degrees(self) -> int:
        """Observations less parameters of the mean."""
        return len(self.table) - len(self.estimate)

    @property
    def pearson_p(self) -> float:
        """Chance of a Pearson statistic as large under a Poisson model."""
        return float(chi2.sf(self.pearson, self.degrees))

    @property
    def overdispersion_p(self) -> float:
        """Likelihood ratio of NB2 to Poisson; half the chi-squared tail, k = 0 being a boundary."""
        ratio = max(2 * (self.negative_binomial - self.log_likelihood), 0.0)
        return float(chi2.sf(ratio, 1) / 2) if ratio > 0 else 0.5

    def log_rate(self, year: int) -> tuple[float, float]:
        """Log of the rate per exchange-year in a year, and its standard error."""
        design = _design(np.array([year]), self.table.index.to_numpy(), self.trend)[0]
        return float(design @ self.estimate), float(np.sqrt(design @ self.covariance @ design))

    def rate(self, year: int = LAST, level: float = 0.9) -> tuple[float, float, float]:
        """Rate per exchange-year with its Wald interval on the log scale."""
        centre, error = self.log_rate(year)
        half = float(norm.ppf((1 + level) / 2)) * error
        return float(np.exp(centre)), float(np.exp(centre - half)), float(np.exp(centre + half))


def _design(years: FloatArray, fitted: FloatArray, trend: bool) -> FloatArray:
    ones = np.ones(len(years))
    return np.column_stack([ones, years - fitted.mean()]) if trend else ones[:, None]


def fit_counts(events: pd.Series, exposure: pd.Series, *, trend: bool) -> FrequencyFit:
    """Fit a rate to yearly counts.

    Parameters
    ----------
    events : losses by year, not negative.
    exposure : exchange-years by year, same index, positive.
    trend : whether to fit a slope in time.

    Raises
    ------
    InputError
        Fewer incidents, or fewer years, than the model has parameters plus one (dispersion); an
        exposure that is not positive.
    """
    years, counts = events.index.to_numpy(float), events.to_numpy(float)
    size = exposure.reindex(events.index).to_numpy(float)
    _require_enough(years, counts, size, 2 + trend)
    design, offset = _design(years, years, trend), np.log(size)
    poisson = sm.GLM(counts, design, family=sm.families.Poisson(), offset=offset).fit()

    def lacking(log_dispersion: float) -> float:
        family = sm.families.NegativeBinomial(alpha=np.exp(log_dispersion))
        return -float(sm.GLM(counts, design, family=family, offset=offset).fit().llf)

    best = minimize_scalar(lacking, bounds=(np.log(LEAST_DISPERSION), np.log(10)), method="bounded")
    # Below that gain the search has only come close to the Poisson law from one side.
    better = -best.fun > poisson.llf + 1e-4
    return FrequencyFit(
        table=pd.DataFrame({"events": events, "exposure": size, "expected": poisson.fittedvalues}),
        trend=trend,
        estimate=np.asarray(poisson.params),
        covariance=np.asarray(poisson.cov_params()),
        log_likelihood=float(poisson.llf),
        dispersion=float(np.exp(best.x)) if better else 0.0,
        negative_binomial=float(-best.fun) if better else float(poisson.llf),
        pearson=float(poisson.pearson_chi2),
    )


def _require_enough(years: FloatArray, counts: FloatArray, size: FloatArray, needed: int) -> None:
    """Refuse too few incidents or years, and years without an exposure."""
    if counts.sum() < needed or len(counts) < needed:
        raise InputError(
            f"incidents: {counts.sum():g} in {len(counts)} years; allowed: at least {needed} of "
            f"each for a model with {needed} parameters; lengthen the window or drop the trend"
        )
    if not (size > 0).all():
        bad = ~(size > 0)
        raise InputError(
            f"exposure of {years[bad][0]:g} = {size[bad][0]:g}; allowed: above 0 in every year; "
            "leave the year out"
        )


def fit_world(reading: Reading = "central", *, trend: bool = False) -> FrequencyFit:
    """Rate of hacks at exchanges outside Japan, 2018 to 2025.

    Japan's own events stay out: they enter once, as its record, when `japan_rate` combines both.
    The counts of exchanges include Japan's 15 to 30, which are not taken off because nobody says
    which lists name them; where all are named the rate is about a tenth too low.
    """
    years = range(FIRST, LAST + 1)
    rows = counted(incidents(), loss_class="hack", jurisdictions=("korea", "rest"))
    return fit_counts(yearly_counts(rows, years), populations(reading, years), trend=trend)


def predictive_counts(
    fit: FrequencyFit, rng: np.random.Generator, level: float = 0.9, draws: int = 20_000
) -> pd.DataFrame:
    """Counts per year that the fit would see again: does it reproduce what it was fitted to?

    Rates are drawn from the normal approximation to the estimate, counts from the Poisson law, or
    from NB2 where the fitted dispersion is above zero.

    Returns
    -------
    DataFrame
        events, expected, low, high (interval of new counts at `level`), share_at_most (share of
        new counts at or below the one seen, half of ties: near 0 or 1 is a misfit); index year.
    """
    years = fit.table.index.to_numpy(float)
    parameters = rng.multivariate_normal(fit.estimate, fit.covariance, size=draws)
    rates = np.exp(parameters @ _design(years, years, fit.trend).T)
    mean = rates * fit.table["exposure"].to_numpy()
    if fit.dispersion > LEAST_DISPERSION:
        shape = 1 / fit.dispersion
        mean = mean * rng.gamma(shape, 1 / shape, size=mean.shape)
    new = rng.poisson(mean)
    seen = fit.table["events"].to_numpy()
    tail = (1 - level) / 2
    return fit.table[["events", "expected"]].assign(
        low=np.quantile(new, tail, axis=0),
        high=np.quantile(new, 1 - tail, axis=0),
        share_at_most=(new < seen).mean(axis=0) + (new == seen).mean(axis=0) / 2,
    )
