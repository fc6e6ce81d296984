"""Chance that a parent puts in money when its exchange is short of it.

Statements show it: in a year with a loss, net assets that rise by more than net income were paid
in by owners. Counted are years in which, without that money, less than a year's expenses would
have been left. Only exchanges that lived on publish a next statement, so every exit that followed
no loss of customers' crypto counts as a year without support. What was paid in was about a year's
expenses: nobody has yet been asked for a reserve that stays locked.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from scipy.special import betaln

from analysis.data import read
from analysis.errors import InputError
from analysis.exits.register import spells
from analysis.exits.revenue import statements
from analysis.market.panel import FloatArray
from analysis.scenario import Scenario
from analysis.scenario.exits import SUPPORT_YEARS

PARENT_CLASS = {
    "overseas_exchange": "overseas exchange",
    "crypto_group": "overseas exchange",
    "internet_group": "large group",
    "financial_group": "large group",
    "securities_group": "large group",
    "electronics_group": "large group",
    "listed_firm": "listed firm",
    "consortium": "no group",
    "independent": "no group",
    "other": "no group",
}
"""Classes of parent; the types of `market/operators` alone have too few years each."""
CLASSES = ("large group", "listed firm", "overseas exchange", "no group")


def parent_class(exchanges: tuple[str, ...]) -> tuple[str, ...]:
    """Class of each exchange's parent; one that is not in the register has no group."""
    types = read("market/operators").set_index("exchange")["parent_type"]
    return tuple(PARENT_CLASS.get(str(types.get(name, "other")), "no group") for name in exchanges)


def recapitalisations(least_share: float) -> pd.DataFrame:
    """Years with a loss that left less than a year's expenses, and whether owners paid in.

    Parameters
    ----------
    least_share : of expenses, the least payment that counts.

    Returns
    -------
    DataFrame
        exchange, ended_on, parent, needed (JPY mn to have a year's expenses), paid_in (JPY mn),
        share_of_expenses, supported.
    """
    years = statements()
    before = years.groupby("exchange")["net_assets"].shift()
    left = before + years["net_income"]
    found = years.assign(
        parent=parent_class(tuple(years["exchange"])),
        needed=years["expenses"] - left,
        paid_in=years["net_assets"] - left,
    )
    found = found[(found["net_income"] < 0) & (found["needed"] > 0) & found["paid_in"].notna()]
    share = found["paid_in"] / found["expenses"]
    found = found.assign(share_of_expenses=share, supported=share > least_share)
    names = ["exchange", "ended_on", "parent", "needed", "paid_in", "share_of_expenses"]
    return found[[*names, "supported"]].reset_index(drop=True)


def unsupported_exits() -> pd.Series:
    """Registered exchanges that left without a loss of customers' crypto, by class of parent."""
    found = spells("economic")
    left = found["event"] & (found["status_class"] == "registered")
    record = read("market/incident_record")["registrant_at_loss"]
    left &= ~found["exchange"].isin(list(record[record.notna()]))
    classes = pd.Series(parent_class(tuple(found.loc[left, "exchange"])), dtype=object)
    return classes.value_counts().reindex(list(CLASSES), fill_value=0)


@cache
def support_record(least_share: float) -> pd.DataFrame:
    """Years supported, years counted, and how many of those are exits, by class; index class."""
    found = recapitalisations(least_share)
    grouped = found.groupby("parent")["supported"].agg(["sum", "count"]).astype(int)
    table = grouped.reindex(list(CLASSES), fill_value=0)
    table = table.rename(columns={"sum": "supported", "count": "years"})
    exits = unsupported_exits()
    return table.assign(years=table["years"] + exits, exits=exits)


@cache
def _pooling(least_share: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Grid of mean and pseudo-years of the chance between classes, and its posterior weights.

    Jeffreys prior on the mean, pseudo-years log-uniform from 1 to 100: classes whose shares agree
    are pooled, others keep their own (A. Gelman et al., Bayesian Data Analysis, 3rd ed., ch. 5).
    """
    table = support_record(least_share)
    if table["years"].sum() == 0:
        raise InputError(
            f"recapitalisation_share = {least_share:g}: no year with a loss in the statements"
        )
    seen, years = (table[name].to_numpy(float)[:, None, None] for name in ("supported", "years"))
    mean = (np.arange(100) + 0.5)[:, None] / 100
    size = np.geomspace(1.0, 100.0, 41)
    a, b = mean * size, (1 - mean) * size
    log = (betaln(a + seen, b + years - seen) - betaln(a, b)).sum(axis=0)
    log = log - 0.5 * np.log(mean) - 0.5 * np.log1p(-mean)
    weight = np.exp(log - log.max())
    return mean[:, 0], size, weight / weight.sum()


def class_support(scenario: Scenario, draws: int) -> FloatArray:
    """Drawn chance of support by class of parent, in the order of `CLASSES`; (draw, class)."""
    generator = np.random.default_rng([scenario.seed, 11])
    mean, size, weight = _pooling(scenario.recapitalisation_share)
    cell = generator.choice(weight.size, size=draws, p=weight.ravel())
    centre, years = mean[cell // len(size), None], size[cell % len(size), None]
    table = support_record(scenario.recapitalisation_share)
    seen, counted = table["supported"].to_numpy(float), table["years"].to_numpy(float)
    chance = generator.beta(centre * years + seen, (1 - centre) * years + counted - seen)
    chance = np.clip(chance, 1e-6, 1 - 1e-6)
    odds = chance / (1 - chance) * np.exp(scenario.support_shift)
    return np.asarray(odds / (1 + odds))


def parent_support(exchanges: tuple[str, ...], scenario: Scenario, draws: int) -> FloatArray:
    """Chance that owners put in what is short, (draw, exchange), alike within a class of parent."""
    index = [CLASSES.index(name) for name in parent_class(exchanges)]
    return np.asarray(class_support(scenario, draws)[:, index])


def support_years(scenario: Scenario, draws: int) -> FloatArray:
    """What owners can be asked for at a time, years of expenses, (draw, 1).

    The scenario's number, else one per data set, log-uniform over the parameter's swept range:
    owners paid what had been lost, so their payments bound willingness from below only.
    """
    if scenario.support_years is not None:
        return np.full((draws, 1), scenario.support_years)
    generator = np.random.default_rng([scenario.seed, 12])
    low, high = np.log(SUPPORT_YEARS)
    return np.asarray(np.exp(generator.uniform(low, high, (draws, 1))))
