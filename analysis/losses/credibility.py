"""Yearly rate of losses of each exchange: the world's, Japan's and the exchange's own record.

Three levels, each a gamma-Poisson model whose prior is the level above. World: the log rate is
normal as the regression gives it. Japan: given the world's rate m its own is gamma with mean m and
the assumed variation between jurisdictions; the record of registered operators updates it. Firm:
given Japan's rate, relative rates of exchanges are gamma with mean one and shape
`firm_heterogeneity`; the record of each updates its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from scipy.stats import beta, gamma, nbinom, norm

from analysis.losses.exposure import REGISTER_DAY, Reading, Record, exposure_years
from analysis.losses.frequency import FIRST, LAST, FrequencyFit, fit_world
from analysis.losses.incidents import counted, doubtful, in_window, incidents
from analysis.market.panel import FloatArray, Panel
from analysis.market.sampling import uniform
from analysis.scenario import Scenario
from analysis.scenario.losses import OperationalReading

RECORD_YEARS = 10.0
"""Years that the panel's record of an exchange looks back (field `incident_count`)."""

REGISTER_START = {
    "registered": pd.Timestamp("2017-09-29"),
    "with_deemed": pd.Timestamp("2017-04-01"),
}
_STREAM = 6
"""Keeps the random numbers of this page apart from those that made the panel."""


@dataclass(frozen=True)
class GammaRate:
    """A rate with a gamma distribution, as if `shape` events had been seen in `years` of risk."""

    shape: FloatArray
    years: FloatArray

    @property
    def mean(self) -> FloatArray:
        """Expected events per exchange-year."""
        return np.asarray(self.shape / self.years)

    def quantile(self, level: FloatArray | float) -> FloatArray:
        """Rate below which it lies with a probability."""
        return np.asarray(gamma.ppf(level, self.shape, scale=1 / self.years))


@dataclass(frozen=True)
class ClassRates:
    """Expected events a year by class, each of shape (draw, exchange)."""

    hack: FloatArray
    operational: FloatArray

    @property
    def total(self) -> FloatArray:
        """Both classes together."""
        return self.hack + self.operational

    @property
    def operational_share(self) -> FloatArray:
        """Share of events without a thief; 0 where there are no events at all."""
        total = self.total
        return np.divide(self.operational, total, out=np.zeros_like(total), where=total > 0)


@cache
def _world(reading: Reading, trend: bool) -> FrequencyFit:
    return fit_world(reading, trend=trend)


@cache
def japan_record(record: Record) -> tuple[int, float]:
    """Hacks with a customer loss at Japan's operators, and their exchange-years, to mid 2026."""
    rows = counted(incidents(), loss_class="hack", jurisdictions=("japan",))
    statuses = ["registered"] if record == "registered" else ["registered", "deemed"]
    rows = in_window(rows, REGISTER_START[record], REGISTER_DAY)
    years = float(exposure_years(record)["central"].sum())
    return int(rows["register_status"].isin(statuses).sum()), years


@cache
def class_counts(reading: OperationalReading) -> tuple[int, int]:
    """Operational events and hacks on the whole list since 2018, Japan's included."""
    listed = incidents()
    recent = listed[listed["occurred_on"].dt.year >= FIRST]
    operational, hacks = (len(counted(recent, loss_class=one)) for one in ("operational", "hack"))
    if reading == "excluded":
        return 0, hacks
    more = len(doubtful(recent, "operational")) if reading == "with_doubtful" else 0
    return operational + more, hacks


def japan_rate(scenario: Scenario, world: FloatArray | float | None = None) -> GammaRate:
    """Posterior of Japan's rate of hacks, given the world's true rate.

    Prior: mean `world` and standard deviation `jurisdiction_variation` times the mean, so shape
    k = 1 / variation^2. With n events in e exchange-years the posterior is gamma with shape k + n
    and k / world + e years. As the variation tends to 0 it tends to the world's rate; as it grows,
    to n / e.

    Parameters
    ----------
    world : rate per exchange-year, any shape; the fitted one over `reporting_share` if left out.
    """
    if world is None:
        fit = _world(scenario.population_reading, scenario.frequency_trend == "fitted")
        world = fit.rate(LAST)[0] / scenario.reporting_share
    events, years = japan_record(scenario.japan_record)
    shape = scenario.jurisdiction_variation**-2
    exposed = np.asarray(shape / np.asarray(world, dtype=float) + years)
    return GammaRate(np.full(exposed.shape, shape + events), exposed)


def world_rates(scenario: Scenario, level: FloatArray) -> FloatArray:
    """True rate of hacks outside Japan at posterior probabilities `level`, any shape.

    The regression gives a normal law of the log rate. Japan's record speaks on it too, through the
    gamma model: its likelihood is negative binomial, and the product is inverted on a grid.
    """
    fit = _world(scenario.population_reading, scenario.frequency_trend == "fitted")
    centre, error = fit.log_rate(LAST)
    steps = np.linspace(-6.0, 6.0, 2_001)
    rate = np.exp(centre + error * steps) / scenario.reporting_share
    events, years = japan_record(scenario.japan_record)
    shape = scenario.jurisdiction_variation**-2
    density = norm.pdf(steps) * nbinom.pmf(events, shape, shape / (shape + rate * years))
    below = np.cumsum(density) - density / 2
    found = np.interp(level, below / density.sum(), steps)
    return np.asarray(np.exp(centre + error * found) / scenario.reporting_share)


def japan_rates(scenario: Scenario, draws: int) -> tuple[FloatArray, FloatArray]:
    """Japan's rates of hacks and of operational losses by data set, each of shape (draw, 1).

    Operational losses are too few anywhere for a record of Japan's own (it has none): their number
    per hack is the world's, with Jeffreys' prior on the share. The random numbers depend on `seed`
    and `draws` alone, so scenarios differ by what was changed and not by chance.
    """
    rng = np.random.default_rng(np.random.SeedSequence(scenario.seed, spawn_key=(_STREAM,)))
    level = uniform(rng, draws, 3)
    hack = japan_rate(scenario, world_rates(scenario, level[:, :1])).quantile(level[:, 1:2])
    if scenario.operational_losses == "excluded":
        return hack, np.zeros_like(hack)
    operational, hacks = class_counts(scenario.operational_losses)
    share = beta.ppf(level[:, 2:], operational + 0.5, hacks + 0.5)
    return hack, hack * share / (1 - share)


def relative_rates(panel: Panel, scenario: Scenario, japan: FloatArray) -> FloatArray:
    """Rate of hacks of each exchange over Japan's, mean one over exchanges, (draw, exchange).

    With n losses in e years on record and Japan's rate r the posterior mean is (a + n) / (a + r e),
    a being `firm_heterogeneity`; as a grows it tends to 1. It is multiplied by custody to the power
    `size_elasticity`, and divided by its mean over exchanges: the record moves exchanges against
    each other, never the market, whose rate has used the same losses already (and those of
    operators that have left, so that the factors of the survivors need not average one).

    The record is the panel's, which counts losses of customers' crypto.
    """
    years = np.minimum(panel["years_registered"], RECORD_YEARS)
    shape = scenario.firm_heterogeneity
    factor = (shape + panel["incident_count"]) / (shape + japan * years)
    custody = panel["customer_crypto"]
    factor = factor * (custody / custody.mean(axis=-1, keepdims=True)) ** scenario.size_elasticity
    return np.asarray(factor / factor.mean(axis=-1, keepdims=True))


def class_rates(panel: Panel, scenario: Scenario) -> ClassRates:
    """Expected events a year of each exchange by class, times `frequency_multiplier`.

    Operational losses do not follow the record of hacks: every exchange has Japan's rate.
    """
    hack, operational = japan_rates(scenario, panel.draws)
    relative = relative_rates(panel, scenario, hack)
    scale = scenario.frequency_multiplier
    return ClassRates(scale * hack * relative, scale * operational * np.ones_like(relative))


def firm_rates(panel: Panel, scenario: Scenario) -> FloatArray:
    """Expected events a year of each exchange, both classes, shape (draw, exchange)."""
    return class_rates(panel, scenario).total
