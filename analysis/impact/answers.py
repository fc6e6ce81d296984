"""The market's answer under every formula and without any, and what is asked of a moved market."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.exits.choice import utility_of
from analysis.impact.cash_due import AT_ONCE
from analysis.impact.concentration import shares
from analysis.impact.market_after import Answer, MarketAfter, joined
from analysis.losses.severity import ShareSeverity
from analysis.market.panel import FloatArray, Panel
from analysis.rules.exposure import Exposure, exposure
from analysis.rules.loss_quantile import LossQuantile

if TYPE_CHECKING:
    from analysis.impact.evaluate import Impact


_STREAM = 11
MOST = 0.5
"""Share of volume above which leavers had most of it, and of data sets that are most of them."""


def market_after(impact: Impact) -> MarketAfter:
    """Market after exits under every formula, arrays (formula, draw, exchange)."""
    exits, uniforms = impact.exits, uniform_numbers(impact)
    return joined(
        Answer(
            exits,
            partial(required_after, impact, place),
            exits.due.at(place),
            impact.response.volume_lost_share[place],
            trust(impact, place),
        ).settle(uniforms)
        for place in range(len(impact.formulas))
    )


def market_without_rule(impact: Impact) -> MarketAfter:
    """Market after the exits that come without any rule, (draw, exchange); the same numbers."""
    nothing = np.zeros_like(impact.free)
    answer = Answer(impact.exits, lambda _, custody, *__: np.zeros_like(custody), AT_ONCE, nothing)
    return answer.settle(uniform_numbers(impact))


def left_with_leavers(impact: Impact) -> FloatArray:
    """Today's share of spot volume of those who have left, (formula, draw)."""
    gone = ~impact.market_after.stays
    return np.asarray((gone * shares(impact.panel["spot_volume"])).sum(axis=-1))


def extrapolates(impact: Impact) -> NDArray[np.bool_]:
    """Formulas under which who has left had most of the volume, in most data sets; (formula,).

    No rule on record removed so much, and the few who are left would have to multiply with the
    means that they have: then the model says that no market is left as we know it, and how many
    survive means nothing.
    """
    return np.asarray((left_with_leavers(impact) > MOST).mean(axis=-1) >= MOST)


def uniform_numbers(impact: Impact) -> FloatArray:
    """One number for each data set and exchange, the same for all formulas, (draw, exchange).

    A Latin hypercube: at each exchange one number falls into every equal part of 0 to 1, so that
    the number of exits is close to what is expected with few data sets.
    """
    seed = np.random.SeedSequence(impact.scenario.seed, spawn_key=(_STREAM,))
    generator = np.random.default_rng(seed)
    shape = impact.free.shape
    strata = np.broadcast_to(np.arange(shape[0])[:, np.newaxis], shape)
    return np.asarray((generator.permuted(strata, axis=0) + generator.random(shape)) / shape[0])


def trust(impact: Impact, place: int) -> FloatArray | float:
    """Utility that customers gain as losses are more often paid, (draw, 1), alike everywhere.

    The chance that reserve and insurance pay a loss in full, exchanges weighted by custody; without
    a rule nothing is set aside. No study identifies a response, so that by default there is none.
    """
    scenario = impact.scenario
    if scenario.trust_semi_elasticity == 0:
        return 0.0
    custody = impact.panel["customer_crypto"]
    covered = impact.appraisal.steady.coverage_given_loss[place]
    points = 100 * (covered * custody).sum(axis=-1) / custody.sum(axis=-1)
    gained = utility_of(scenario.trust_semi_elasticity, points, scenario.outside_share)
    return np.asarray(gained[:, np.newaxis])


def required_after(
    impact: Impact,
    place: int,
    market: Panel,
    custody: FloatArray,
    stays: NDArray[np.bool_],
    which: NDArray[np.bool_],
) -> FloatArray:
    """What one formula requires of a moved market, JPY mn, (draw, exchange).

    The formula is asked again, with two exceptions. Where losses are shares of custody and no more
    frequent at large exchanges, a loss quantile is proportional to custody, exactly, and is scaled.
    A fund for all is sized for who stays; for who has left, and only wonders whether to come back,
    its share per yen of custody is that of today.

    Parameters
    ----------
    place : of the formula.
    market : the moved panel.
    custody : multiple of custody, (draw, exchange).
    stays : who has not left, same shape.
    which : the data sets of the panel that these are, (draw of the panel,).
    """
    formula, scaled = impact.formulas[place], impact.required[place][which] * custody
    if isinstance(formula, LossQuantile) and losses_scale_with_custody(impact.exposure):
        return np.asarray(scaled)
    if not formula.pooled:
        return np.broadcast_to(formula.required(_seen(impact, market, which)), stays.shape)
    values = dict(market.values)
    values["customer_crypto"] = np.where(stays, values["customer_crypto"], 0.0)
    asked = formula.required(_seen(impact, replace(market, values=values), which))
    return np.where(stays, asked, scaled)


def losses_scale_with_custody(base: Exposure) -> bool:
    """Whether a year's loss is proportional to custody under the exposure's loss model."""
    model = base.loss_model
    return (
        model is not None
        and model.size_elasticity == 0
        and isinstance(model.hack, ShareSeverity)
        and isinstance(model.error, ShareSeverity)
    )


def _seen(impact: Impact, market: Panel, which: NDArray[np.bool_]) -> Exposure:
    """Exposure of a moved market; the rule maker's estimate of losses is of today's."""
    model = impact.exposure.loss_model
    if model is not None:
        means = {name: getattr(model, name)[which] for name in ("mean_record", "mean_custody")}
        model = replace(model, **means)
    return replace(exposure(market, impact.scenario), loss_model=model)
