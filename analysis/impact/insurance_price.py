"""What insurers ask against what they are expected to pay: a check of the loss model.

Rates on line are quotes and know nothing of the loss model, so their ratio tells whether the two
agree. Limits, prices and amounts stay as they are while losses become more frequent.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.interpolate import PchipInterpolator

from analysis.errors import InputError
from analysis.impact.cost import ratio
from analysis.impact.evaluate import Impact
from analysis.impact.layers import Layers, claims
from analysis.impact.yearly_losses import YearlyLosses
from analysis.market.panel import FloatArray

MULTIPLIERS = (0.1, 1.0, 3.0, 8.0, 20.0, 50.0)
"""Frequencies, over the record's, at which payments are worked out: the curve through them is exact
to half a percent."""


def frequency_at_loss_ratio(impact: Impact, target: float) -> pd.DataFrame:
    """How frequent losses must be for insurers' payments to be a given part of the premium.

    Parameters
    ----------
    target : payments over premium, e.g. 0.57.

    Returns
    -------
    DataFrame
        One row per formula: `formula`; `premium_over_limit`; `loss_ratio` and `loss_ratio_answered`
        (the same if every policy answers), of means over data sets; `multiplier` and
        `multiplier_answered`: frequency, over the record's, at which each is `target`. Blank where
        nothing is insured; a multiplier also where none of `MULTIPLIERS`' range does it.

    Raises
    ------
    InputError
        A target that is not above 0.
    """
    if not target > 0:
        raise InputError(f"target = {target:g}; allowed: above 0; give e.g. 0.57")
    premium, limit = (
        amount.sum(axis=-1).mean(axis=-1) for amount in (impact.steady.premium, impact.steady.limit)
    )
    answered = np.stack([_claims(impact, losses) for losses in _worlds(impact)], axis=-1)
    today = _claims(impact, impact.losses)
    answers = impact.scenario.insurance_response
    columns = {
        "premium_over_limit": ratio(premium, limit),
        "loss_ratio": ratio(answers * today, premium),
        "loss_ratio_answered": ratio(today, premium),
        "multiplier": [
            _root(*pair, target) for pair in zip(answers * answered, premium, strict=True)
        ],
        "multiplier_answered": [
            _root(*pair, target) for pair in zip(answered, premium, strict=True)
        ],
    }
    return pd.DataFrame({"formula": [one.id for one in impact.formulas], **columns})


def _worlds(impact: Impact) -> Iterator[YearlyLosses]:
    """Losses at each of `MULTIPLIERS`."""
    for times in MULTIPLIERS:
        yield impact.losses.under(impact.scenario.with_(frequency_multiplier=times))


def _claims(impact: Impact, losses: YearlyLosses) -> FloatArray:
    """Expected payments if every policy answers, mean over data sets, (formula,), JPY mn a year."""
    certain = impact.scenario.with_(insurance_response=1.0)
    paid = []
    for place, formula in enumerate(impact.formulas):
        mix = impact.steady.at(place)
        layers = (
            Layers.of_fund(mix, certain).of_industry()
            if formula.pooled
            else Layers.of(mix, certain)
        )
        each = claims(losses.industry if formula.pooled else losses.annual, layers)
        paid.append((each if formula.pooled else each.sum(axis=-1)).mean())
    return np.array(paid)


def _root(paid: FloatArray, premium: float, target: float) -> float:
    """Multiplier at which payments (multiplier,) are `target` of the premium; NaN where none is."""
    if premium <= 0 or (paid <= 0).any():
        return float("nan")
    gap = np.log(paid / premium / target)
    found = PchipInterpolator(np.log(MULTIPLIERS), gap).roots(extrapolate=False)
    return float(np.exp(found[0])) if len(found) else float("nan")
