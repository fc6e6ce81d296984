"""Would the register tell, if the model were true? Registers simulated from known parameters.

Every replication keeps the size of the register (exchanges, years, values, losses) and draws its
exits anew, each on a day; an exchange that left is not at risk afterwards. Parameters drawn from
the prior check the computation: posterior ranks of the truth are then uniform and intervals cover
exactly what they say (S. R. Cook, A. Gelman and D. B. Rubin, Validation of Software for Bayesian
Models Using Posterior Quantiles, JCGS 15, 2006). Fixed parameters show bias, coverage and power.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import kstest

from analysis.errors import InputError
from analysis.exits.hazard import ExitModel
from analysis.exits.posterior import POINTS, Prior, Rows, grid, log_likelihood, posterior, rate_of
from analysis.exits.row_values import IntArray
from analysis.market.panel import FloatArray

PARAMETERS = ("log_rate", "log_response", "log_breach_odds")
LIKELIHOOD_RATIO = 2.706
"""Twice the log-likelihood ratio above which value matters at 5 %, one-sided (chi-squared, 1)."""
CHUNK = 100


@dataclass(frozen=True, eq=False)
class Register:
    """What a replication keeps: values, losses and time at risk by row, and the row's operator."""

    value: FloatArray
    breach: FloatArray
    at_risk: FloatArray
    operator: IntArray

    def simulate(self, truth: FloatArray, generator: np.random.Generator) -> Rows:
        """Exits drawn from parameters (replication, 3); the values of a data set drawn for each."""
        picked = generator.integers(len(self.value), size=len(truth))
        value, at_risk = self.value[picked], self.at_risk[picked]
        exponent = truth[:, :1] - np.exp(truth[:, 1:2]) * value + truth[:, 2:] * self.breach
        wait = generator.exponential(size=at_risk.shape) / rate_of(exponent)
        left = (wait < at_risk).astype(float)
        same = self.operator[:, None] == self.operator
        earlier = np.triu(same, 1).astype(float)
        gone = (left @ earlier) > 0
        return Rows(
            np.where(gone, 0.0, left),
            np.where(gone, 0.0, np.minimum(wait, at_risk)),
            value,
            np.broadcast_to(self.breach, value.shape),
        )


def register_of(model: ExitModel) -> Register:
    """The register as it was fitted, its rows in the order of years within operators.

    The year in which an exchange left counts whole: how long it would have been at risk.
    """
    order = model.table.reset_index(drop=True).sort_values(["operator", "year"]).index.to_numpy()
    operator, _ = pd.factorize(model.table["operator"].iloc[order])
    rows = model.rows
    return Register(rows.value[:, order], rows.breach[0, order], model.planned[:, order], operator)


@dataclass(frozen=True, eq=False)
class Recovery:
    """Replications: truth, posterior mean, sd and rank (replication, parameter); events; ratio."""

    truth: FloatArray
    mean: FloatArray
    spread: FloatArray
    rank: FloatArray
    events: FloatArray
    ratio: FloatArray

    def table(self, level: float = 0.9) -> pd.DataFrame:
        """Bias, coverage and width by parameter, with Monte Carlo errors; index parameter.

        Columns bias, bias_error, coverage, coverage_error, posterior_sd, uniform_p (chance of
        ranks as uneven as these if they are uniform; of use only for parameters from the prior).
        """
        n = len(self.truth)
        inside = np.abs(self.rank - 0.5) <= level / 2
        gap = self.mean - self.truth
        return pd.DataFrame(
            {
                "bias": gap.mean(axis=0),
                "bias_error": gap.std(axis=0, ddof=1) / np.sqrt(n),
                "coverage": inside.mean(axis=0),
                "coverage_error": np.full(3, np.sqrt(level * (1 - level) / n)),
                "posterior_sd": self.spread.mean(axis=0),
                "uniform_p": [float(kstest(column, "uniform").pvalue) for column in self.rank.T],
            },
            index=pd.Index(PARAMETERS, name="parameter"),
        )

    @property
    def power(self) -> float:
        """Share of replications whose likelihood alone says at 5 % that value matters."""
        return float((self.ratio > LIKELIHOOD_RATIO).mean())


def recover(
    register: Register, prior: Prior, truth: FloatArray, generator: np.random.Generator
) -> Recovery:
    """Simulate and refit one register per row of `truth` (rate, log response, log breach odds).

    Raises
    ------
    InputError
        Fewer than 50 replications: errors would be too wide to judge by.
    """
    if len(truth) < 50:
        raise InputError(f"replications = {len(truth)}; allowed: at least 50; give 200 or more")
    parts = [
        _refit(register, prior, truth[start : start + CHUNK], generator)
        for start in range(0, len(truth), CHUNK)
    ]
    joined = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return Recovery(truth, *joined)


def _refit(
    register: Register, prior: Prior, truth: FloatArray, generator: np.random.Generator
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    rows = register.simulate(truth, generator)
    found = posterior(rows, prior)
    mean, spread = (
        np.stack(columns, axis=1)
        for columns in zip(*(found.moments(i) for i in range(3)), strict=True)
    )
    rank = np.stack([found.below(i, truth[:, i]) for i in range(3)], axis=1)
    log = log_likelihood(rows, grid(prior, POINTS)).max(axis=(1, 3))
    return mean, spread, rank, rows.event.sum(axis=1), 2 * (log.max(axis=1) - log[:, 0])


def fixed_cases(model: ExitModel) -> dict[str, FloatArray]:
    """Parameters for the power study: the posterior mean, with the response / 3, as it is, x 3."""
    centre = model.summary()["mean"].to_numpy(float)
    return {
        name: centre + np.array([0.0, np.log(factor), 0.0])
        for name, factor in (("a third", 1 / 3), ("as estimated", 1.0), ("three times", 3.0))
    }
