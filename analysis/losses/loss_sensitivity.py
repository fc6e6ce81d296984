"""The industry's expected loss of a year with one choice of the loss model moved at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, cast, get_args, get_origin

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.losses.exceedance import return_level
from analysis.losses.model import market_model
from analysis.losses.reach import reach_table
from analysis.market.panel import FloatArray
from analysis.scenario import Scenario
from analysis.scenario.losses import LossParameters
from analysis.scenario.severity import SeverityParameters

SCALES = ("frequency_multiplier", "severity_multiplier", "loss_steps")
"""No choices about the world: two switching values, and a setting of the computation."""

NAMES = tuple(
    name
    for name in (*LossParameters.model_fields, *SeverityParameters.model_fields)
    if name not in SCALES
)

HOT_SHARE = "hot_share"
"""Field of the panel that is moved as well: every exchange at either end of what is drawn."""


def loss_sensitivity(
    values: Mapping[str, FloatArray],
    scenario: Scenario,
    names: Iterable[str] = (*NAMES, HOT_SHARE),
    chance: float | None = None,
) -> pd.DataFrame:
    """Expected loss of all exchanges at the ends of each swept range, or under each reading.

    One choice moves, all others stay as in the scenario: joint movements are not in it. Random
    numbers are common, so differences are not chance.

    Parameters
    ----------
    values : panel values by field, each (draw, exchange).
    chance : also give the loss that a year exceeds with this chance (slow).

    Returns
    -------
    DataFrame
        parameter, value (as text), chosen (whether the scenario has it), expected_jpy_mn (mean
        over data sets) and, if asked for, return_level_jpy_mn.

    Raises
    ------
    InputError
        A parameter that is none of losses, or has neither a swept range nor readings.
    """
    rows = [
        {
            "parameter": name,
            "value": value if isinstance(value, str) else f"{value:g}",
            "chosen": name != HOT_SHARE and value == getattr(scenario, name),
            **_measures(moved, changed, chance),
        }
        for name in names
        for value, moved, changed in _moves(values, scenario, name)
    ]
    return pd.DataFrame(rows)


def expected_by_reach(
    values: Mapping[str, FloatArray], scenario: Scenario, reaches: FloatArray
) -> FloatArray:
    """Expected loss of all exchanges by probability that a theft goes beyond hot wallets.

    Returns
    -------
    array (reach, draw), JPY mn.
    """
    return np.stack(
        [
            _industry(values, scenario.with_(beyond_hot=float(reach)))[1].sum(axis=-1)
            for reach in reaches
        ]
    )


def reach_sensitivity(
    values: Mapping[str, FloatArray], scenario: Scenario, level: float
) -> pd.DataFrame:
    """`reach_table` with the expected loss of all exchanges at each reading's mean, JPY mn.

    The model draws the reach by data set, so its own expected loss differs a little.
    """
    table = reach_table(level)
    expected = expected_by_reach(values, scenario, table["mean"].to_numpy())
    return table.assign(expected_jpy_mn=expected.mean(axis=-1))


def _moves(
    values: Mapping[str, FloatArray], scenario: Scenario, name: str
) -> Iterator[tuple[Any, Mapping[str, FloatArray], Scenario]]:
    """Every value of one choice, with panel and scenario as they then are."""
    if name == HOT_SHARE:
        for end in (scenario.hot_share_low, scenario.hot_share_high):
            yield end, {**values, name: np.full(values[name].shape, end)}, scenario
        return
    for value in _choices(name):
        yield value, values, scenario.with_(**{name: value})


def _choices(name: str) -> tuple[Any, ...]:
    field = Scenario.model_fields.get(name)
    if field is None or name not in NAMES:
        raise InputError(f"parameter '{name}' is no choice of the loss model; give e.g. beyond_hot")
    if get_origin(field.annotation) is Literal:
        return get_args(field.annotation)
    extra = cast(Mapping[str, Any], field.json_schema_extra)
    return tuple(extra["swept"])


def _industry(values: Mapping[str, FloatArray], scenario: Scenario) -> tuple[Any, FloatArray]:
    """Model and expected loss of every exchange."""
    model = market_model(values, scenario)
    fields = ("customer_crypto", "hot_share", "incident_count", "years_registered")
    annual = model.annual_loss(*(values[field] for field in fields))
    return model.industry_loss(annual), annual.mean


def _measures(
    values: Mapping[str, FloatArray], scenario: Scenario, chance: float | None
) -> dict[str, float]:
    industry, mean = _industry(values, scenario)
    measures = {"expected_jpy_mn": float(mean.sum(axis=-1).mean())}
    if chance is not None:
        measures["return_level_jpy_mn"] = return_level(industry, chance)[0]
    return measures
