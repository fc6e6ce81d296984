"""What published studies say of the survival of exchanges, recalculated as far as they allow.

T. Moore and N. Christin, Beware the Middleman, Financial Cryptography 2013 (40 exchanges);
T. Moore, N. Christin and J. Szurdi, Revisiting the Risks of Bitcoin Currency Exchange Closure, ACM
TOIT 18(4), 2018 (80 exchanges, by quarter). Their data files were not seen: what is recalculated
follows from printed numbers, or comes from the authors' code on a table rebuilt to the month.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit
from scipy.stats import fisher_exact, norm
from scipy.stats.contingency import odds_ratio

from analysis import data
from analysis.errors import InputError
from analysis.market.panel import FloatArray

QUARTERS = 4
BREACH_ERROR = 1.0
"""Standard error of the log odds of a breach, assumption: none is printed. Of 38 closures at most
15 came in the quarter of a breach, and an odds ratio with so few events has an error near 1/2 at
best; 1 leaves room for the choice of the model."""


@dataclass(frozen=True)
class Effect:
    """A log odds ratio of closing with its standard error, and where both come from."""

    estimate: float
    standard_error: float
    basis: str

    @property
    def ratio(self) -> float:
        """Odds ratio."""
        return float(np.exp(self.estimate))

    def interval(self, level: float = 0.9) -> tuple[float, float]:
        """Odds ratios at both ends of the normal interval of the log."""
        half = float(norm.ppf((1 + level) / 2)) * self.standard_error
        return float(np.exp(self.estimate - half)), float(np.exp(self.estimate + half))


@dataclass(frozen=True)
class BreachTable:
    """Closed of the breached against closed of the others, over the whole life.

    Attributes
    ----------
    closed, total : (breached, others).
    ratio : odds ratio of the sample.
    conditional : conditional maximum likelihood estimate, which the interval goes with.
    low, high : exact conditional interval of the odds ratio.
    p_value : Fisher's exact test, two-sided.
    """

    closed: tuple[int, int]
    total: tuple[int, int]
    ratio: float
    conditional: float
    low: float
    high: float
    p_value: float


def value(study: str, model: str, quantity: str, origin: str | None = None) -> float:
    """One number of `market/published_survival`.

    Raises
    ------
    InputError
        No such number, or several that `origin` would tell apart.
    """
    table = data.read("market/published_survival")
    row = (table["study"] == study) & (table["model"] == model) & (table["quantity"] == quantity)
    if origin is not None:
        row &= table["origin"] == origin
    if row.sum() != 1:
        raise InputError(
            f"published number '{study}, {model}, {quantity}': {row.sum()} rows; allowed: one; see "
            "data/market/published_survival.csv"
        )
    return float(table.loc[row, "value"].item())


def _error(study: str, model: str, quantity: str) -> float:
    table = data.read("market/published_survival").dropna(subset=["standard_error"])
    row = (table["study"] == study) & (table["model"] == model) & (table["quantity"] == quantity)
    return float(table.loc[row, "standard_error"].item())


def breach_and_closure(level: float = 0.9) -> BreachTable:
    """Did breached exchanges close more often? 15 of 25 against 23 of 55 (2018, abstract)."""
    study, of = "moore_christin_szurdi_2018", "sample"
    total, closed, breached, both = (
        int(value(study, of, name))
        for name in ("exchanges", "closed", "breached", "breached_closed")
    )
    others = total - breached
    cells = [[both, breached - both], [closed - both, others - (closed - both)]]
    exact = odds_ratio(cells, kind="conditional")
    bounds = exact.confidence_interval(level)
    return BreachTable(
        closed=(both, closed - both),
        total=(breached, others),
        ratio=cells[0][0] * cells[1][1] / (cells[0][1] * cells[1][0]),
        conditional=float(exact.statistic),
        low=float(bounds.low),
        high=float(bounds.high),
        p_value=float(fisher_exact(cells).pvalue),
    )


def size_effect() -> Effect:
    """Log odds of closing in a quarter per doubling of volume (2018); its error is derived.

    The abstract prints the ratio, 0.88, without an error. The study of 2013 has an error of 0.0676
    for the same slope with 18 closures; information grows with closures, of which the later study
    has 38, so the error is taken as 0.0676 sqrt(18 / 38) = 0.047.
    """
    few = value("moore_christin_2013", "sample", "closed")
    many = value("moore_christin_szurdi_2018", "sample", "closed")
    error = _error("moore_christin_2013", "cox_closure", "log2_volume") * np.sqrt(few / many)
    return Effect(
        value("moore_christin_szurdi_2018", "logit_quarterly", "log2_volume"),
        float(error),
        "estimate printed; error derived from the study of 2013 by the number of closures",
    )


def breach_effect() -> Effect:
    """Log odds of closing in the quarter of a breach (2018); its error is an assumption."""
    return Effect(
        value("moore_christin_szurdi_2018", "logit_quarterly", "breach_same_quarter"),
        BREACH_ERROR,
        "estimate printed; error assumed",
    )


def closing_in_year(
    base: ArrayLike,
    doublings: ArrayLike = 0.0,
    breached_quarters: ArrayLike = 0.0,
    breach_odds: float | None = None,
) -> FloatArray:
    """Probability of closing within a year from quarterly odds; arguments broadcast.

    Parameters
    ----------
    base : probability of closing within a year at the reference volume, without a breach.
    doublings : how many times the volume is twice the reference; negative for smaller.
    breached_quarters : quarters with a breach among the four.
    breach_odds : odds ratio of a quarter with a breach, if not the published one.

    Raises
    ------
    InputError
        A probability outside 0 to 1, or more than four quarters.
    """
    yearly, hit = np.asarray(base, dtype=float), np.asarray(breached_quarters, dtype=float)
    if not ((yearly > 0) & (yearly < 1)).all() or not ((hit >= 0) & (hit <= QUARTERS)).all():
        raise InputError(
            f"base from {yearly.min():g} to {yearly.max():g}, breached quarters from "
            f"{hit.min():g} to {hit.max():g}; allowed: above 0 and below 1, and 0 to {QUARTERS}"
        )
    quarterly = -np.expm1(np.log1p(-yearly) / QUARTERS)
    odds = np.log(quarterly / (1 - quarterly)) + size_effect().estimate * np.asarray(doublings)
    stays = np.log(expit(-odds)) * (QUARTERS - hit)
    of_breach = breach_effect().estimate if breach_odds is None else np.log(breach_odds)
    stays = stays + np.log(expit(-odds - of_breach)) * hit
    return np.asarray(-np.expm1(stays))


def yearly_breach_factor(base: float, breach_odds: float) -> float:
    """What a breach in one quarter multiplies a year's rate of closing with.

    Below (breach_odds + 3) / 4, since a probability grows less than its odds.
    """
    struck = float(closing_in_year(base, 0.0, 1.0, breach_odds))
    return float(np.log1p(-struck) / np.log1p(-base))
