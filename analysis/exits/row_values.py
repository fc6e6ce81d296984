"""Value of staying for each row of the register, from statements where there are any.

A row takes the last statement year that ended before the row's year, else the one that ended in
it. Rows without either are drawn, one value per data set, from the spread of values between and
within exchanges, and given whether the exchange left: a leaver's missing value is lower when
leavers' values are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.exits.revenue import statements
from analysis.market.panel import BoolArray, FloatArray

CANDIDATES = 24
"""Values drawn for each exchange without statements, of which its outcome picks one."""
IntArray = NDArray[np.int64]
Standing = Callable[[dict[str, FloatArray]], FloatArray]


@dataclass(frozen=True, eq=False)
class RowValues:
    """Values g of rows, (draw, row), missing ones filled with the first candidate.

    Attributes
    ----------
    observed : whether the row has a statement, (row,).
    candidates : (candidate, draw, row), equal to the value where there is a statement.
    doubled : g if revenue were twice as large, less g; median over statements, (draw, 1).
    firm : number of the operator of each row, (row,).
    """

    observed: BoolArray
    candidates: FloatArray
    doubled: FloatArray
    firm: IntArray

    def centre(self) -> FloatArray:
        """Median value over rows with statements, (draw, 1)."""
        return np.asarray(np.median(self.candidates[0][:, self.observed], axis=1, keepdims=True))

    def given(self, log_likelihood: FloatArray, generator: np.random.Generator) -> FloatArray:
        """One candidate per data set and exchange, by the likelihood of its rows; (draw, row).

        Parameters
        ----------
        log_likelihood : of each row's outcome under each candidate, (candidate, draw, row).
        """
        member = (self.firm[:, None] == np.arange(self.firm.max() + 1)).astype(float)
        flat = log_likelihood.reshape(-1, len(self.firm)) @ member
        by_firm = flat.reshape(*log_likelihood.shape[:2], -1)
        chosen = (by_firm + generator.gumbel(size=by_firm.shape)).argmax(axis=0)[:, self.firm]
        return np.asarray(np.take_along_axis(self.candidates, chosen[None], axis=0)[0])


def _statement_of(exchange: pd.Series, year: pd.Series, years: pd.DataFrame) -> IntArray:
    """Position in `years` of each row's statement year, -1 without one."""
    ended = years["ended_on"].dt.year
    last = {
        (name, int(y)): i for i, (name, y) in enumerate(zip(years["exchange"], ended, strict=True))
    }
    pairs = list(zip(exchange, year.astype(int), strict=True))
    return np.array([last.get((n, y - 1), last.get((n, y), -1)) for n, y in pairs])


def row_values(
    rows: pd.DataFrame, standing: Standing, draws: int, generator: np.random.Generator
) -> RowValues:
    """Values of the rows of a register.

    Parameters
    ----------
    rows : columns operator, exchange, year.
    standing : g from revenue, expenses and net assets, each (1, statement), as (draw, statement).
    """
    years = statements().dropna(subset=["net_assets"]).reset_index(drop=True)
    names = ("revenue", "expenses", "net_assets")
    figures = {name: years[name].to_numpy(float)[None] for name in names}
    value = standing(figures)
    more = standing(figures | {"revenue": 2 * np.maximum(figures["revenue"], 0)})
    doubled = np.median(more - value, axis=1, keepdims=True)
    place = _statement_of(rows["exchange"], rows["year"], years)
    observed = place >= 0
    firm, _ = pd.factorize(rows["operator"])
    known = rows["exchange"].to_numpy(object)
    filled = _drawn(value, years["exchange"].to_numpy(object), known, firm, draws, generator)
    filled[:, :, observed] = value[:, place[observed]]
    return RowValues(observed, filled, doubled, firm)


def _drawn(
    value: FloatArray,
    owner: FloatArray,
    known: FloatArray,
    firm: IntArray,
    draws: int,
    generator: np.random.Generator,
) -> FloatArray:
    """Values (candidate, draw, row) from asinh(g) = mean + exchange + year, both normal.

    They stay within the values seen. Exchanges with statements in other years keep what those say
    of them. Variances by the method of moments for unbalanced groups (S. R. Searle, G. Casella and
    C. E. McCulloch, Variance Components, 1992, sec. 3.6).
    """
    z = np.arcsinh(value)
    names = pd.unique(owner)
    member = (owner[:, None] == names).astype(float)
    size = member.sum(axis=0)
    means = z @ member / size
    within = ((z - means @ member.T) ** 2).sum(axis=1) / (len(owner) - len(names))
    grand = means.mean(axis=1, keepdims=True)
    between = np.maximum(means.var(axis=1, ddof=1) - within * (1 / size).mean(), 0.05)
    precision = 1 / between[:, None] + size / within[:, None]
    shrunk = grand + (means - grand) * (size / within[:, None]) / precision
    index = pd.Index(names).get_indexer(pd.Index(known))
    has = index >= 0
    centre = np.where(has, shrunk[:, index], grand)
    spread = np.where(has, precision[:, index] ** -0.5, np.sqrt(between)[:, None])
    shape = (CANDIDATES, draws)
    own = generator.standard_normal((*shape, firm.max() + 1))[..., firm]
    year = generator.standard_normal((*shape, len(firm)))
    drawn = centre + spread * own + np.sqrt(within)[:, None] * year
    least, most = z.min(axis=1, keepdims=True), z.max(axis=1, keepdims=True)
    return np.asarray(np.sinh(np.clip(drawn, least, most)))
