"""How far the fit of the lost share can be trusted: families, bootstrap, prediction, holdout."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import betainc, betaln, expit, logit, ndtr
from scipy.stats import norm

from analysis.errors import InputError
from analysis.losses.severity import capped_share_mean
from analysis.losses.severity_fit import (
    PRIOR,
    SeverityFit,
    design_of,
    draw_parameters,
    fit_shares,
    maximise,
    share_log_likelihood,
)
from analysis.market.panel import FloatArray
from analysis.market.sampling import uniform

STATISTICS = ("median", "mean", "above 0.1", "above 0.3", "above 0.5", "largest")
SPLIT = pd.Timestamp("2020-01-01")
PIECES = 2000  # of the share axis on which scores are integrated


def families(table: pd.DataFrame) -> pd.DataFrame:
    """Logit-normal against beta on the same rows, without penalty or effects.

    Returns
    -------
    DataFrame
        Index family; columns log_likelihood, mean, median, above_half (probability).
    """
    free = np.array([[0.0, np.inf], [0.0, np.inf]])
    ones = np.ones((len(table), 1))
    normal = maximise(
        ("location", "log_scale"),
        np.array([-2.0, 0.5]),
        lambda values: float(share_log_likelihood(values, table, ones).sum()),
        free,
        len(table),
    )
    curved = maximise(
        ("log_a", "log_b"),
        np.array([-0.5, 0.5]),
        lambda values: _beta_log_likelihood(values, table),
        free,
        len(table),
    )
    a, b = np.exp(curved.estimate)
    location, scale = normal["location"], np.exp(normal["log_scale"])
    grid = np.linspace(0, 1, 100_001)[1:-1]
    return pd.DataFrame(
        {
            "log_likelihood": [normal.log_likelihood, curved.log_likelihood],
            "mean": [float(capped_share_mean(np.array(1.0), location, scale)), a / (a + b)],
            "median": [expit(location), grid[np.searchsorted(betainc(a, b, grid), 0.5)]],
            "above_half": [ndtr(location / scale), 1 - betainc(a, b, 0.5)],
        },
        index=pd.Index(["logit-normal", "beta"], name="family"),
    )


def _beta_log_likelihood(values: FloatArray, table: pd.DataFrame) -> float:
    a, b = np.exp(values)
    low, high = table["low"].to_numpy(float), table["high"].to_numpy(float)
    figure = low == high
    at = np.where(figure, low, 0.5)
    point = (a - 1) * np.log(at) + (b - 1) * np.log1p(-at) - betaln(a, b)
    inside = np.where(figure, 1.0, betainc(a, b, high) - betainc(a, b, low))
    return float(np.where(figure, point, np.log(np.maximum(inside, 1e-300))).sum())


def bootstrap(table: pd.DataFrame, samples: int, rng: np.random.Generator) -> pd.DataFrame:
    """Refits to incidents drawn with replacement; one row per sample, columns as the fit."""
    rows = rng.integers(0, len(table), (samples, len(table)))
    fits = [fit_shares(table.iloc[row].reset_index(drop=True)) for row in rows]
    return pd.DataFrame([fit.estimate for fit in fits], columns=list(fits[0].names))


def exact_quantiles(table: pd.DataFrame, levels: FloatArray) -> pd.DataFrame:
    """Quantiles of location and log scale under the penalised likelihood itself, on a grid.

    For a table without operational rows. The grid spans six standard errors of the normal
    approximation on either side.

    Returns
    -------
    DataFrame
        Index level; columns location, log_scale.

    Raises
    ------
    InputError
        Operational rows in the table.
    """
    if table["operational"].any():
        raise InputError("table: operational rows in it; allowed: hacks only; leave them out")
    fit, ones = fit_shares(table), np.ones((len(table), 1))
    at = [fit.names.index("location"), fit.names.index("log_scale")]
    axes = [
        fit.estimate[place] + fit.standard_error[place] * np.linspace(-6, 6, 81) for place in at
    ]
    log = np.array(
        [
            [share_log_likelihood(np.array([x, y]), table, ones).sum() for y in axes[1]]
            for x in axes[0]
        ]
    )
    log += norm.logpdf(axes[0], *PRIOR["location"])[:, None]
    log += norm.logpdf(axes[1], *PRIOR["log_scale"])
    weight = np.exp(log - log.max())
    marginals = {"location": weight.sum(axis=1), "log_scale": weight.sum(axis=0)}
    quantiles = {}
    for (name, marginal), axis in zip(marginals.items(), axes, strict=True):
        cumulative = np.cumsum(marginal) - marginal / 2
        quantiles[name] = np.interp(levels, cumulative / marginal.sum(), axis)
    return pd.DataFrame(quantiles, index=pd.Index(levels, name="level"))


def predictive_check(
    table: pd.DataFrame, draws: int, level: float, rng: np.random.Generator
) -> pd.DataFrame:
    """Data sets simulated from the fit against the data it was fitted to.

    Returns
    -------
    DataFrame
        Index statistic; columns observed_low and observed_high (the statistic at the lower and
        upper bounds of all rows), predicted_low, predicted, predicted_high, covered.
    """
    fit = fit_shares(table)
    location, scale = _centre_and_scale(fit, table, draws, rng)
    simulated = expit(location + scale * rng.standard_normal((draws, len(table))))
    low, middle, high = np.quantile(
        _statistics(simulated), [(1 - level) / 2, 0.5, (1 + level) / 2], axis=1
    )
    bottom = _statistics(table["low"].to_numpy(float)[None, :])[:, 0]
    top = _statistics(table["high"].to_numpy(float)[None, :])[:, 0]
    return pd.DataFrame(
        {
            "observed_low": bottom,
            "observed_high": top,
            "predicted_low": low,
            "predicted": middle,
            "predicted_high": high,
            "covered": (top >= low) & (bottom <= high),
        },
        index=pd.Index(STATISTICS, name="statistic"),
    )


def _statistics(shares: FloatArray) -> FloatArray:
    """The statistics of `STATISTICS` by data set, shape (statistic, data set)."""
    above = [(shares > cut).mean(axis=1) for cut in (0.1, 0.3, 0.5)]
    return np.stack([np.median(shares, axis=1), shares.mean(axis=1), *above, shares.max(axis=1)])


def _centre_and_scale(
    fit: SeverityFit, table: pd.DataFrame, draws: int, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Location of every row and scale, by draw from the fit; shapes (draw, row), (draw, 1)."""
    drawn = draw_parameters(fit, uniform(rng, draws, len(fit.names)))
    effects = np.column_stack([drawn[name] for name in fit.names[:-1]])
    return effects @ design_of(table, fit.names).T, np.exp(drawn["log_scale"])


def holdout(table: pd.DataFrame, draws: int, rng: np.random.Generator) -> pd.DataFrame:
    """Fit before 2020, predict the shares from 2020 on, and score.

    The log score is the mean log probability of a row's bounds (or density at its figure),
    against a share spread evenly over 0 to 1. The continuous ranked probability score (smaller is
    better; in shares) is against the median share before 2020 as a point forecast; rows with an
    upper bound only have none.

    Returns
    -------
    DataFrame
        Index score; columns model, constant, rows.

    Raises
    ------
    InputError
        No rows on one side of the split.

    References
    ----------
    T. Gneiting and A. E. Raftery, Strictly proper scoring rules, prediction, and estimation,
    Journal of the American Statistical Association 102, 2007, sec. 4.2.
    """
    past, future = _split(table)
    location, scale = _centre_and_scale(fit_shares(past), future, draws, rng)
    low, high = future["low"].to_numpy(float), future["high"].to_numpy(float)
    log_score = np.mean(_log_predictive(location, scale, low, high))
    width = np.where(low == high, 1.0, high - low)
    known = low > 0
    middle = ((low + high) / 2)[known]
    ranked = _ranked_scores(location[:, known], scale, middle)
    seen = (past["low"] > 0).to_numpy()
    constant = float(((past["low"] + past["high"]) / 2)[seen].median())
    return pd.DataFrame(
        {
            "model": [log_score, ranked.mean()],
            "constant": [np.log(width).mean(), np.abs(middle - constant).mean()],
            "rows": [len(future), int(known.sum())],
        },
        index=pd.Index(["log score", "ranked probability score"], name="score"),
    )


def _split(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows before 2020 and from then on, if there are both."""
    late = table["date"] >= SPLIT
    if late.all() or not late.any():
        raise InputError("table: no rows before or from 2020 on; use the sample 'all' or 'firm'")
    return table[~late].reset_index(drop=True), table[late].reset_index(drop=True)


def _ranked_scores(location: FloatArray, scale: FloatArray, seen: FloatArray) -> FloatArray:
    """Continuous ranked probability score of each row, in shares."""
    grid = (np.arange(PIECES) + 0.5) / PIECES
    cdf = np.stack([ndtr((logit(share) - location) / scale).mean(axis=0) for share in grid])
    return np.asarray(((cdf - (grid[:, None] >= seen)) ** 2).mean(axis=0))


def _log_predictive(
    location: FloatArray, scale: FloatArray, low: FloatArray, high: FloatArray
) -> FloatArray:
    """Log of each row's probability or density, averaged over draws."""
    figure = low == high
    at = np.where(figure, low, 0.5)
    point = norm.pdf((logit(at) - location) / scale) / (scale * at * (1 - at))
    inside = ndtr((logit(high) - location) / scale) - ndtr((logit(low) - location) / scale)
    return np.asarray(np.log(np.where(figure, point, inside).mean(axis=0)))
