"""What it is worth to learn an uncertain parameter before a decision is taken.

Two answers, of which the second depends on what the decision is for.

*Narrowing*: the expected reduction of the variance of a measure once a parameter is known, its
first-order index times the variance.

*Value for a choice*: options (formulas, with or without levers) are chosen by the mean of an
objective. Learning everything first is worth EVPI = E[max U] - max E[U]; learning one parameter
EVPPI = E[max E[U | x]] - max E[U], where E[U | x] is a cubic spline in x fitted to the sample
(Strong, Oakley and Brennan 2014, Medical Decision Making 34(3), 311-326: one sample, no nested
simulation). A fit follows noise a little, so that even a parameter without any influence gains
something. What it gains on average where the points' objectives are shuffled is taken off its value
(of a parameter that matters this takes a little too much, the less the more points there are), and
the largest that any parameter gets in such a shuffle is the noise: a value that is not above it is
no value, however many parameters are looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.interpolate import BSpline

from analysis.errors import InputError
from analysis.market.panel import FloatArray

KNOTS = 3
"""Inner knots of the spline, at quantiles; fewer with few points."""
POINTS_PER_TERM = 8
RESAMPLES = 200
LEVEL = 0.95
LEAST = 30
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Choice:
    """Objective of every option at every point of a sample.

    Attributes
    ----------
    utility : (point, option), larger is better.
    parameters : (point, parameter).
    """

    utility: pd.DataFrame
    parameters: pd.DataFrame

    @classmethod
    def of(
        cls, rows: pd.DataFrame, names: Sequence[str], measure: str, *, least: bool = False
    ) -> Choice:
        """Choice among formulas, and lever combinations where the rows hold several.

        Parameters
        ----------
        rows : rows of a table, joined with what was varied; points independently drawn.
        measure : objective.
        least : whether the smallest value is the best.

        Raises
        ------
        InputError
            One option only, or too few points at which every option has a figure.
        """
        several = len(rows["levers"].unique()) > 1
        option = rows["formula"] + (
            " at lever combination " + rows["levers"].astype(str) if several else ""
        )
        wide = rows.assign(_option=option).pivot_table(
            measure, "sample", "_option", sort=False, dropna=False
        )
        finite = np.isfinite(wide.to_numpy(dtype=float)).all(axis=1)
        whole: pd.DataFrame = wide.loc[finite].sort_index()
        if wide.shape[1] < 2 or len(whole) < LEAST:
            raise InputError(
                f"{measure}: {wide.shape[1]} options at {len(whole)} points with a figure for "
                f"each; a choice needs 2 options and {LEAST} points"
            )
        known = rows.drop_duplicates("sample").set_index("sample")[list(names)]
        better = -whole if least else whole
        return cls(better, known.reindex(whole.index))

    @property
    def best(self) -> str:
        """Option with the best mean: what is chosen when nothing more is learnt."""
        return str(self.utility.mean().idxmax())

    @property
    def perfect(self) -> float:
        """Expected value of perfect information, in the unit of the objective."""
        return _gain(self.utility.to_numpy(), self.utility.mean().to_numpy())


def value_of_information(choice: Choice, seed: int, level: float = LEVEL) -> pd.DataFrame:
    """Expected value of learning each parameter before choosing.

    Parameters
    ----------
    seed : of resampling and shuffling.

    Returns
    -------
    DataFrame
        One row per parameter, most valuable first: `parameter`, `value` (EVPPI, unit of the
        objective, less its bias), `low`, `high` (of resampled points: below the value, from 0 where
        it is not above the noise, and above the value with nothing taken off), `noise` (`level`
        quantile over shuffles of the largest value of any parameter), `above_noise`, `changes`
        (share of points at which another option would be chosen), `of_perfect` (share of EVPI).
    """
    rng = np.random.default_rng(seed)
    utility = choice.utility.to_numpy()
    bases = {str(name): spline_basis(values) for name, values in choice.parameters.items()}
    shuffled = _shuffled(list(bases.values()), utility, rng)
    chance = shuffled.mean(axis=0)
    noise = float(np.quantile((shuffled - chance).max(axis=1), level))
    rows = []
    for (name, basis), bias in zip(bases.items(), chance, strict=True):
        gain, changes = _worth(basis, utility)
        value = max(gain - bias, 0.0)
        above = value > noise
        low, high = _interval(basis, utility, rng, level)
        rows.append(
            {
                "parameter": name,
                "value": value,
                "low": max(value + low, 0.0) if above else 0.0,
                "high": gain + high,
                "noise": noise,
                "above_noise": above,
                "changes": changes,
                "of_perfect": value / choice.perfect if choice.perfect > 0 else float("nan"),
            }
        )
    found = pd.DataFrame(rows).sort_values("value", ascending=False, kind="stable")
    return found.reset_index(drop=True)


def _shuffled(
    bases: Sequence[FloatArray], utility: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """Gain of every parameter where whole rows of the objective are shuffled, (shuffle, parameter).

    Every parameter meets the same shuffle, so that the largest of them is what chance gives.
    """
    means, solvers = utility.mean(axis=0), [np.linalg.pinv(basis) for basis in bases]
    found = np.empty((RESAMPLES, len(bases)))
    for row in found:
        drawn = utility[rng.permutation(len(utility))]
        row[:] = [_gain(b @ (s @ drawn), means) for b, s in zip(bases, solvers, strict=True)]
    return found


def _interval(
    basis: FloatArray, utility: FloatArray, rng: np.random.Generator, level: float
) -> tuple[float, float]:
    """Ends of resampled gains around their own mean: at most 0, at least 0."""
    resampled = np.empty(RESAMPLES)
    for step in range(RESAMPLES):
        drawn = rng.integers(len(utility), size=len(utility))
        resampled[step] = _worth(basis[drawn], utility[drawn])[0]
    low, high = np.quantile(resampled - resampled.mean(), [(1 - level) / 2, (1 + level) / 2])
    return min(float(low), 0.0), max(float(high), 0.0)


def narrowing(rows: pd.DataFrame, first: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Expected reduction of the variance and of the standard deviation by learning a parameter.

    Parameters
    ----------
    rows : rows of one lever combination.
    first : what `sensitivity.indices` gives for the measure.

    Returns
    -------
    DataFrame
        `formula`, `parameter`, `deviation` (standard deviation now, unit of the measure), `share`
        (of the variance that is expected to go, not below 0), `left` (root of the expected variance
        that is left).
    """
    deviation = rows.groupby("formula", sort=False)[measure].std()
    one = first[first["index"] == "first"]
    now = one["formula"].map(deviation).to_numpy(dtype=float)
    share = one["value"].clip(0, 1).to_numpy()
    return pd.DataFrame(
        {
            "formula": one["formula"].to_numpy(),
            "parameter": one["parameter"].to_numpy(),
            "deviation": now,
            "share": share,
            "left": now * np.sqrt(1 - share),
        }
    )


def spline_basis(values: pd.Series) -> FloatArray:
    """Cubic B-splines of a parameter, (point, term); one term per value where these are few."""
    few = len(values.unique()) <= KNOTS + 4
    if few or not pd.api.types.is_numeric_dtype(values):
        groups, known = pd.factorize(values)
        return np.eye(len(known))[groups]
    ranks = values.rank().to_numpy(dtype=float)
    place = (ranks - 0.5) / len(ranks)  # equally spaced, whatever the distribution
    inner = int(np.clip(len(place) // POINTS_PER_TERM - 4, 0, KNOTS))
    knots = np.concatenate([[0.0] * 4, np.linspace(0, 1, inner + 2)[1:-1], [1.0] * 4])
    return np.asarray(BSpline.design_matrix(place, knots, 3).toarray())


def _worth(basis: FloatArray, utility: FloatArray) -> tuple[float, float]:
    """EVPPI of the parameter behind a basis, and how often it changes the choice."""
    # Normal equations: splines overlap with few others only, so that squaring loses nothing here.
    fitted = basis @ np.linalg.lstsq(basis.T @ basis, basis.T @ utility, rcond=None)[0]
    means = utility.mean(axis=0)
    return _gain(fitted, means), float((fitted.argmax(axis=1) != means.argmax()).mean())


def _gain(known: FloatArray, means: FloatArray) -> float:
    """What choosing by `known` gains over choosing by the means; rounding is no gain."""
    gain = float(known.max(axis=1).mean() - means.max())
    return gain if gain > ROUNDING * float(np.abs(means).max()) else 0.0
