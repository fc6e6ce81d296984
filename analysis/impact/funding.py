"""How the reserve is built up, charged, and refilled after a loss.

Two accounting treatments. `lock_up`: an asset is earmarked, profit and net assets do not change.
`provision`: the yearly build-up is charged to profit and carried as a liability, as for securities
firms (FIEA art. 46-5; Cabinet Office Order on FIB art. 175, of which paragraph 2 lets only the
excess over the ceiling, or what the authority approves, be released). What is insured is not
provided for. No tax effect is counted: no order says yet whether the charge would be deductible.

For securities firms such a liability still counts as own capital in the capital ratio (Order art.
176(1)(vii)(b), text of 2013, through art. 14(1), not read; Money Partners' note on its ratio lists
the reserve there). So a provision lowers reported net assets and not, as such, the ratio.

`retained_earnings_only` follows Korea, where the reserve had to come out of retained earnings and
loss-making exchanges could only insure (News1, 2024-07-19).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import repeat
from typing import Literal

import numpy as np

from analysis.errors import InputError
from analysis.impact.insurance import Mix, Number, Offer
from analysis.market.panel import FloatArray, Panel
from analysis.rules.exposure import Exposure
from analysis.rules.formula import Formula
from analysis.scenario import Scenario

Treatment = Literal["lock_up", "provision"]


@dataclass(frozen=True)
class BuildUp:
    """How the reserve of one formula grows; arrays (year, ..., exchange), JPY mn.

    Attributes
    ----------
    balance : what is due at the end of each year.
    mix : how it is met, chosen anew each year.
    """

    balance: FloatArray
    mix: Mix


def steady_mix(required: FloatArray, panel: Panel, offer: Offer, scenario: Scenario) -> Mix:
    """Cheapest mix at the end of the phase-in, when the whole requirement is due.

    Under `retained_earnings_only` the cash is the net income of the years of the phase-in, at
    least of one, where it is positive and held constant.

    Parameters
    ----------
    required : array (..., draw, exchange), JPY mn.
    offer : prices of cash and of insurance.
    """
    available: Number = np.inf
    if scenario.retained_earnings_only:
        available = earnings(panel["net_income"], max(scenario.phase_in_years, 1))[-1]
    return offer.cheapest(required, available)


def each_year(
    formula: Formula, exposure: Exposure, panel: Panel, offer: Offer, scenario: Scenario
) -> Iterator[tuple[FloatArray, Mix]]:
    """The same year by year, (..., exchange), for those who need no year for long."""
    balance = formula.path(exposure, scenario.horizon_years, scenario.phase_in_years)
    available: Iterable[Number] = repeat(np.inf)
    if scenario.retained_earnings_only:
        available = earnings(panel["net_income"], scenario.horizon_years)
    for one, cash in zip(balance, available, strict=False):
        yield one, offer.cheapest(one, cash)


def build_up(
    formula: Formula, exposure: Exposure, panel: Panel, offer: Offer, scenario: Scenario
) -> BuildUp:
    """Balance of a formula's reserve over the horizon, and the cheapest mix in each year.

    Under `retained_earnings_only` the cash of year t is the net income of the years up to t.
    Years after the phase-in keep adding to it, so an unfunded part can still close.
    """
    balance = formula.path(exposure, scenario.horizon_years, scenario.phase_in_years)
    available: Number = np.inf
    if scenario.retained_earnings_only:
        available = earnings(panel["net_income"], scenario.horizon_years)
    return BuildUp(balance, offer.cheapest(balance, available))


def earnings(net_income: FloatArray, years: int) -> FloatArray:
    """Cumulated positive net income at the end of each year, JPY mn, shape (year, ..., exchange).

    Parameters
    ----------
    net_income : array (..., exchange), JPY mn per year, held constant; a loss counts as zero.
    years : number of years, at least 1.
    """
    count = np.arange(1.0, years + 1).reshape(-1, *[1] * net_income.ndim)
    return count * np.maximum(net_income, 0.0)


def charge(cash: FloatArray, treatment: Treatment) -> FloatArray:
    """Charge on profit of each year, JPY mn, shape of `cash` (year, ..., exchange).

    Under `provision` the year's change of the cash reserve: a release is a negative charge, and
    the sum over years is the reserve itself. Zero under `lock_up`. No tax effect.
    """
    if treatment == "lock_up":
        return np.zeros_like(cash)
    return np.diff(cash, axis=0, prepend=np.zeros_like(cash[:1]))


def net_assets_after(net_assets: FloatArray, cash: FloatArray, treatment: Treatment) -> FloatArray:
    """Reported net assets with a reserve of `cash`, JPY mn, broadcast shape of the two.

    The reserve is the sum of the charges so far, so only its level counts. Profit of the years is
    not added here: the figure isolates what the treatment does.
    """
    reserve = cash if treatment == "provision" else np.zeros_like(cash)
    return net_assets - reserve


def refill(balance: FloatArray, loss: FloatArray, year: int, years: int) -> FloatArray:
    """Path of the balance when a loss is paid out of it at the end of `year`, then refilled.

    The reserve pays min(loss, balance); the gap closes in equal steps over the next `years`, on
    top of the build-up that goes on. With `years` 0 it is closed by the end of the next year.

    Parameters
    ----------
    balance : array (year, ..., exchange), JPY mn, path without the loss.
    loss : array (..., exchange), JPY mn, not negative.
    year : 1-based year at the end of which the loss is paid.

    Returns
    -------
    array (year, ..., exchange), JPY mn; equal to `balance` before `year` and from
    `year + max(years, 1)` on.

    Raises
    ------
    InputError
        A year outside the path.
    """
    if not 1 <= year <= len(balance):
        raise InputError(f"year = {year} is outside the path; give 1 to {len(balance)}")
    paid = np.minimum(loss, balance[year - 1])
    since = np.arange(1, balance.shape[0] + 1) - year
    open_share = np.where(since < 0, 0.0, np.maximum(1 - since / max(years, 1), 0.0))
    return np.asarray(balance - open_share.reshape(-1, *[1] * paid.ndim) * paid)
