"""Out of sample on the register: each year, and each exchange, predicted from the others.

Four models are scored on the same rows: a constant hazard; size alone (log revenue); value; value
and losses, the one that is used. Held-out rows take every value that they may have, not those drawn
given whether the exchange left, and count the year in which it left whole. Nothing is chosen by
these scores: they are printed as they come out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm

from analysis.errors import InputError
from analysis.exits.exact import clopper_pearson
from analysis.exits.experiments import experiments
from analysis.exits.hazard import ExitModel, exit_model, key_of
from analysis.exits.posterior import COARSE, Prior, Rows, posterior, rate_of
from analysis.exits.row_values import IntArray, row_values
from analysis.market.panel import FloatArray
from analysis.scenario import Scenario

MODELS = ("constant", "size", "value", "value and losses")
DRAWS = 20
"""Data sets that folds are refitted on; scores are means over them."""
PREDICTIVE = 200
BINS = 4


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Predicted chance of leaving of each row, (model, draw, row), and what happened."""

    predicted: FloatArray
    event: FloatArray
    counts: FloatArray
    firm: IntArray

    def brier(self) -> pd.DataFrame:
        """Brier score, skill against the constant hazard, and log score by model; index model.

        The error of the difference to the constant is clustered by operator.
        """
        weight = self.counts / self.counts.sum(axis=-1, keepdims=True)
        squared = (self.predicted - self.event) ** 2 * weight
        score = squared.sum(axis=-1).mean(axis=-1)
        p = np.clip(self.predicted, 1e-9, 1 - 1e-9)
        log = np.where(self.event > 0, np.log(p), np.log1p(-p)) * weight
        gap = (squared - squared[0]).mean(axis=1)
        by_firm = gap @ (self.firm[:, None] == np.unique(self.firm)).astype(float)
        error = np.sqrt((by_firm**2).sum(axis=1))
        return pd.DataFrame(
            {
                "brier": score,
                "difference": gap.sum(axis=1),
                "difference_error": error,
                "skill": 1 - score / score[0],
                "log_score": log.sum(axis=-1).mean(axis=-1),
            },
            index=pd.Index(MODELS, name="model"),
        )

    def calibration(self, model: str = MODELS[-1], level: float = 0.9) -> pd.DataFrame:
        """Predicted and actual share that left, in bins of equal numbers of rows; index bin.

        Columns rows, exits (mean over data sets), predicted, actual, low, high (Clopper-Pearson).
        """
        p = self.predicted[MODELS.index(model)]
        inside = self.counts > 0
        place = np.full(p.shape, BINS)
        order = np.argsort(np.argsort(p[inside], kind="stable"), kind="stable")
        place[inside] = order * BINS // len(order)
        chosen = place[..., None] == np.arange(BINS)
        rows = chosen.sum(axis=(0, 1)) / len(p)
        exits = (chosen * self.event[..., None]).sum(axis=(0, 1)) / len(p)
        predicted = (chosen * p[..., None]).sum(axis=(0, 1)) / len(p) / rows
        low, high = clopper_pearson(pd.Series(exits), pd.Series(rows), level)
        columns = {"rows": rows, "exits": exits, "predicted": predicted, "actual": exits / rows}
        index = pd.RangeIndex(1, BINS + 1, name="bin")
        return pd.DataFrame(
            {**columns, "low": np.asarray(low), "high": np.asarray(high)}, index=index
        )


def held_out(scenario: Scenario, by: str) -> HeldOut:
    """Predictions of rows from a register without their year, or without their exchange.

    Parameters
    ----------
    by : 'year' or 'operator'.

    Raises
    ------
    InputError
        Another `by`.
    """
    if by not in ("year", "operator"):
        raise InputError(f"held out by '{by}'; allowed: year or operator")
    return _held_out(key_of(scenario), by)


@lru_cache(maxsize=8)
def _held_out(key: tuple[tuple[str, Any], ...], by: str) -> HeldOut:
    scenario = Scenario.model_validate(dict(key))
    model = exit_model(scenario, DRAWS)
    group, _ = pd.factorize(model.table[by])
    predicted = np.stack([_folds(*case, group, model.planned) for case in _cases(model, scenario)])
    firm, _ = pd.factorize(model.table["operator"])
    counts = (model.rows.at_risk > 0).astype(float)
    return HeldOut(predicted, model.rows.event * counts, counts, firm)


def _cases(model: ExitModel, scenario: Scenario) -> Iterator[tuple[Rows, FloatArray, Prior]]:
    """Rows, values that held-out rows may have (candidate, draw, row), and prior, by model."""
    rows, prior = model.rows, model.prior
    nothing, quiet = np.zeros_like(rows.value), np.zeros_like(rows.breach)
    yield Rows(rows.event, rows.at_risk, nothing, quiet), nothing[None], prior
    size = _size(model, scenario)
    response = float(np.log(-np.log(scenario.doubling_odds) / np.log(2)))
    by_size = Prior(prior.rate, (response, prior.response[1]), prior.breach)
    yield Rows(rows.event, rows.at_risk, size[0], quiet), size, by_size
    values = model.values.candidates - model.values.centre()
    yield Rows(rows.event, rows.at_risk, rows.value, quiet), values, prior
    yield rows, values, prior


def _size(model: ExitModel, scenario: Scenario) -> FloatArray:
    """Log revenue less its median, (candidate, draw, row); missing ones drawn."""

    def log_revenue(figures: dict[str, FloatArray]) -> FloatArray:
        floor = scenario.revenue_floor_share * figures["expenses"]
        found = np.log(np.maximum(figures["revenue"], floor))
        return np.asarray(np.broadcast_to(found, (DRAWS, found.shape[-1])))

    generator = np.random.default_rng([scenario.seed, 17])
    found = row_values(model.table, log_revenue, DRAWS, generator)
    return np.asarray(found.candidates - found.centre())


def _folds(
    rows: Rows, values: FloatArray, prior: Prior, group: IntArray, planned: FloatArray
) -> FloatArray:
    """Chance of leaving of each row from a posterior without its group, (draw, row).

    Mean over parameters and over the values that a row may have, whatever became of it.
    """
    predicted = np.zeros_like(rows.value)
    generator = np.random.default_rng(0)
    for fold in np.unique(group):
        out = group == fold
        kept = Rows(rows.event, np.where(out, 0.0, rows.at_risk), rows.value, rows.breach)
        found = posterior(kept, prior, COARSE)
        points = found.sample(generator, PREDICTIVE)[..., None, :]
        picked = np.arange(PREDICTIVE) % len(values)
        exponent = points[..., 0] - np.exp(points[..., 1]) * values[picked][:, :, out]
        exponent = exponent + points[..., 2] * rows.breach[:, out]
        chance = -np.expm1(-planned[:, out] * rate_of(exponent))
        predicted[:, out] = chance.mean(axis=0)
    return predicted


def against_experiments(
    yearly: FloatArray, weight: FloatArray, generator: np.random.Generator, level: float = 0.9
) -> pd.DataFrame:
    """Share that the hazard lets survive, beside what survived rules in Korea and Japan.

    As many exchanges as the rule met are picked at random from the panel, and leave by chance; of
    volume, each keeps its part. `applies` is true of rules on resources alone: a hazard of those
    with a licence says nothing of firms that never get one.

    Parameters
    ----------
    yearly : chance of leaving in a year, (draw, exchange), with the rule or without.
    weight : volume, (draw, exchange).
    """
    table = experiments(level)
    table = table[table["jurisdiction"].isin(["Korea", "Japan"])]
    found = {}
    for name, row in table.iterrows():
        counted = row["measure"] == "count"
        number = int(row["before"]) if counted else yearly.shape[-1]
        stays = (1 - yearly) ** (row["window_months"] / 12)
        picked = generator.integers(yearly.shape[-1], size=(len(yearly), number))
        if not counted:
            picked = np.broadcast_to(np.arange(number), picked.shape)
        kept = generator.random(picked.shape) < np.take_along_axis(stays, picked, axis=1)
        part = np.take_along_axis(np.ones_like(weight) if counted else weight, picked, axis=1)
        share = (kept * part).sum(axis=1) / part.sum(axis=1)
        low, high = np.quantile(share, [(1 - level) / 2, (1 + level) / 2])
        found[name] = (share.mean(), low, high)
    columns = ["predicted", "predicted_low", "predicted_high"]
    predicted = pd.DataFrame.from_dict(found, orient="index", columns=columns)
    kept_columns = ["jurisdiction", "rule", "measure", "window_months", "before"]
    actual = table[[*kept_columns, "survived", "low", "high"]]
    return actual.join(predicted).assign(applies=table["resource_rule"])


def regression(model: ExitModel, ridge: float = 0.01) -> pd.DataFrame:
    """The same rows without priors: cloglog GLM, plain and with a ridge on the two slopes.

    Estimates over data sets by Rubin's rules; plain ones have standard errors. Columns plain,
    plain_error, ridge, posterior; index rate at the median, response to g, breach.
    """
    rows, planned = model.rows, model.planned
    found, variances, shrunk = [], [], []
    for draw in range(min(len(rows.event), DRAWS)):
        kept = rows.at_risk[draw] > 0
        slopes = np.column_stack([-rows.value[draw], rows.breach[draw]])[kept]
        glm = sm.GLM(
            rows.event[draw][kept],
            sm.add_constant(slopes, has_constant="add"),
            family=sm.families.Binomial(sm.families.links.CLogLog()),
            offset=np.log(planned[draw][kept]),
        )
        plain = glm.fit(maxiter=200)
        found.append(plain.params)
        variances.append(np.diag(plain.cov_params()))
        penalised = glm.fit_regularized(alpha=np.array([0.0, ridge, ridge]), L1_wt=0.0)
        shrunk.append(penalised.params)
    between = np.var(found, axis=0, ddof=1) * (1 + 1 / len(found))
    error = np.sqrt(np.mean(variances, axis=0) + between)
    means = [float(model.posterior.moments(i)[0].mean()) for i in (0, 1, 2)]
    means[1] = float(np.exp(model.posterior.moments(1)[0]).mean())
    return pd.DataFrame(
        {
            "plain": np.mean(found, axis=0),
            "plain_error": error,
            "ridge": np.mean(shrunk, axis=0),
            "posterior": means,
        },
        index=pd.Index(["log_rate", "response", "log_breach_odds"], name="parameter"),
    )
