"""Chance that an owner puts in money when its exchange is short of it.

Statements show it: in a year with a loss, net assets that rise by more than net income were paid
in by owners. Counted, for yes and for no, are years whose loss left less than a year's expenses:
yes if owners paid in, no if they did not. A no is seldom a refusal to the end: all exchanges that
were not helped stayed in business. Exits are no part of it, as none is known to have followed such
a need: Kraken had every claim covered, Coinbase named the market, LINE Xenesis published no
statement, of FXcoin and Coinage neither owner nor cause is known. The other reading of the record,
`exits`, takes only those exits for refusals, in need or not.

Owners differ more than classes of owners do, so each exchange has a chance of its own, given its
class and its own record: beta within a class, classes around a common mean. What owners paid was
about a year's expenses; nobody has yet been asked for a reserve that stays locked.
"""

from __future__ import annotations

from dataclasses import dataclass
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

_STREAM = 11
PARENT_CLASS = {
    "overseas_exchange": "overseas exchange",
    "crypto_group": "no group",
    "internet_group": "large group",
    "financial_group": "large group",
    "securities_group": "large group",
    "electronics_group": "large group",
    "listed_firm": "listed firm",
    "consortium": "no group",
    "independent": "no group",
    "other": "no group",
}
"""Classes of parent; the types of `market/operators` alone have too few years each. The group of
crypto firms is that of bitFlyer, which has no group above it."""
CLASSES = ("large group", "listed firm", "overseas exchange", "no group")

MEANS = (np.arange(80) + 0.5) / 80
"""Grid of means, of all owners and of a class."""
CORRELATIONS = (np.arange(20) + 0.5) / 20
"""Grid of the correlation of two years of one owner within a class, uniform before the record."""
CLASS_YEARS = np.geomspace(1.0, 100.0, 15)
"""Grid of the pseudo-years that tie a class to the common mean, log-uniform."""


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


def unsupported_exits() -> tuple[str, ...]:
    """Registered exchanges that left without a loss of customers' crypto."""
    found = spells("economic")
    left = found["event"] & (found["status_class"] == "registered")
    record = read("market/incident_record")["registrant_at_loss"]
    left &= ~found["exchange"].isin(list(record[record.notna()]))
    return tuple(found.loc[left, "exchange"])


@cache
def support_by_exchange(least_share: float, reading: str) -> pd.DataFrame:
    """Years with support and years counted of each exchange; index exchange.

    Returns
    -------
    DataFrame
        parent, supported, years, stayed (years without support, of exchanges that never left).

    Raises
    ------
    InputError
        No year in need in the statements.
    """
    found = recapitalisations(least_share)
    exits = unsupported_exits()
    if reading == "exits":
        found = found[found["supported"]]
        refused = pd.DataFrame({"exchange": exits, "parent": parent_class(exits)})
        found = pd.concat([found, refused.assign(supported=False)], ignore_index=True)
    if found.empty:
        raise InputError(
            f"recapitalisation_share = {least_share:g}: no year with a loss in the statements"
        )
    left = spells("economic").query("event")["exchange"]
    supported = found["supported"].astype(bool)
    found = found.assign(supported=supported, stayed=~supported & ~found["exchange"].isin(left))
    grouped = found.groupby("exchange")
    return pd.DataFrame(
        {
            "parent": grouped["parent"].first(),
            "supported": grouped["supported"].sum().astype(int),
            "years": grouped["supported"].count().astype(int),
            "stayed": grouped["stayed"].sum().astype(int),
        }
    )


def support_record(least_share: float, reading: str = "years") -> pd.DataFrame:
    """Years supported, years counted, and years without support after which the exchange stayed.

    Columns exchanges, supported, years, stayed; index class of parent.
    """
    each = support_by_exchange(least_share, reading)
    table = each.groupby("parent")[["supported", "years", "stayed"]].sum()
    table.insert(0, "exchanges", each.groupby("parent").size())
    return table.reindex(list(CLASSES), fill_value=0)


@dataclass(frozen=True, eq=False)
class SupportPosterior:
    """Weights of what owners have in common, on the grids.

    of_class : log weight of a class mean given common mean and pseudo-years, (common, mean).
    likelihood : log-likelihood of the record, (class, mean, correlation).
    weight : of common mean and pseudo-years with correlation, (common, correlation), sums to 1.
    """

    of_class: FloatArray
    likelihood: FloatArray
    weight: FloatArray

    @property
    def correlation(self) -> FloatArray:
        """Weight of each of `CORRELATIONS`."""
        return np.asarray(self.weight.sum(axis=0))


@cache
def support_posterior(least_share: float, reading: str) -> SupportPosterior:
    """Posterior of the chance of support between classes and owners, by quadrature.

    Jeffreys prior on the common mean; classes and owners whose shares agree are pooled, others
    keep their own (A. Gelman et al., Bayesian Data Analysis, 3rd ed., ch. 5).
    """
    each = support_by_exchange(least_share, reading)
    yes, years = (each[name].to_numpy(float)[:, None, None] for name in ("supported", "years"))
    size = (1 - CORRELATIONS) / CORRELATIONS
    a, b = MEANS[:, None] * size, (1 - MEANS[:, None]) * size
    log = betaln(a + yes, b + years - yes) - betaln(a, b)
    member = np.stack([each["parent"] == name for name in CLASSES]).astype(float)
    likelihood = np.tensordot(member, log, axes=1)
    common, tie = (array.ravel() for array in np.meshgrid(MEANS, CLASS_YEARS, indexing="ij"))
    above, below = common[:, None] * tie[:, None] - 1, (1 - common[:, None]) * tie[:, None] - 1
    of_class = above * np.log(MEANS) + below * np.log1p(-MEANS)
    of_class -= np.log(np.exp(of_class).sum(axis=1, keepdims=True))
    joint = np.log(np.exp(of_class) @ np.exp(likelihood)).sum(axis=0)
    joint -= 0.5 * (np.log(common) + np.log1p(-common))[:, None]
    weight = np.exp(joint - joint.max())
    return SupportPosterior(of_class, likelihood, weight / weight.sum())


def _drawn_classes(
    scenario: Scenario, draws: int, generator: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Mean of each class, (draw, class), and pseudo-years of an owner within it, (draw, 1)."""
    found = support_posterior(scenario.recapitalisation_share, scenario.support_record)
    cell = generator.choice(found.weight.size, size=draws, p=found.weight.ravel())
    common, place = np.unravel_index(cell, found.weight.shape)
    log = found.of_class[common] + found.likelihood[:, :, place].transpose(0, 2, 1)
    picked = (log + generator.gumbel(size=log.shape)).argmax(axis=-1)
    width = MEANS[1] - MEANS[0]
    mean = MEANS[picked.T] + width * (generator.random(picked.T.shape) - 0.5)
    return mean, ((1 - CORRELATIONS) / CORRELATIONS)[place, None]


def _shifted(chance: FloatArray, scenario: Scenario) -> FloatArray:
    chance = np.clip(chance, 1e-6, 1 - 1e-6)
    odds = chance / (1 - chance) * np.exp(scenario.support_shift)
    return np.asarray(odds / (1 + odds))


def class_support(scenario: Scenario, draws: int) -> FloatArray:
    """Mean chance of support among owners of a class, in the order of `CLASSES`; (draw, class)."""
    generator = np.random.default_rng([scenario.seed, _STREAM])
    return _shifted(_drawn_classes(scenario, draws, generator)[0], scenario)


def parent_support(exchanges: tuple[str, ...], scenario: Scenario, draws: int) -> FloatArray:
    """Chance that owners put in what is short, given class and own record; (draw, exchange).

    An exchange has the same draws whichever others are asked for.
    """
    generator = np.random.default_rng([scenario.seed, _STREAM])
    mean, size = _drawn_classes(scenario, draws, generator)
    known = sorted(read("market/operators")["exchange"])
    names = (*known, *(name for name in exchanges if name not in known))
    record = support_by_exchange(scenario.recapitalisation_share, scenario.support_record)
    record = record.reindex(list(names))
    yes, years = (
        record[name].fillna(0).to_numpy(float)[:, None] for name in ("supported", "years")
    )
    centre = mean[:, [CLASSES.index(name) for name in parent_class(names)]].T
    own = size.T
    chance = generator.beta(centre * own + yes, (1 - centre) * own + years - yes)
    return _shifted(chance[[names.index(name) for name in exchanges]].T, scenario)


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
