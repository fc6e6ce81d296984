"""Exits, and the market after, where one assumption is another: the amounts required stay."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, get_args

import pandas as pd

from analysis.errors import InputError
from analysis.impact.evaluate import Impact, with_amounts
from analysis.impact.sensitivity import swept
from analysis.scenario import Scenario

if TYPE_CHECKING:
    from analysis.rules.formula import Formula

LEAVING = (
    "support_years",
    "support_shift",
    "support_record",
    "unmet_loss_share",
    "insurable_share",
    "phase_in_years",
    "exit_definition",
    "value_response_spread",
    "owner_benefit",
)
"""What the chance of leaving is most in doubt about."""
ANSWERING = ("outside_share", "nesting")
"""What the market's answer is most in doubt about."""


def cases(name: str) -> tuple[Any, ...]:
    """Values that a parameter is tried at: the ends of its range, or every one of its words."""
    field = Scenario.model_fields.get(name)
    words = get_args(field.annotation) if field else ()
    return words if words and all(isinstance(word, str) for word in words) else swept(name)


def exit_sensitivity(
    impact: Impact, names: Iterable[str] = LEAVING, formula: str | None = None
) -> pd.DataFrame:
    """Expected exits of every formula at both ends of each parameter, all others staying.

    Parameters
    ----------
    names : parameters that change neither the panel nor what a formula asks.
    formula : the only one wanted; all by default.

    Returns
    -------
    DataFrame, one row per parameter, value and formula
        `baseline_exits` without a rule, `added_exits` by it and `forced_exits`, means over data
        sets before the market answers.

    Raises
    ------
    InputError
        A formula that is not among the evaluated, or a parameter without a swept range.
    """
    chosen = impact.formulas if formula is None else (_formula(impact, formula),)
    parts = []
    for name in names:
        for value in cases(name):
            exits = _with(impact, name, value, chosen).exits
            sums = {
                "baseline_exits": exits.baseline,
                "added_exits": exits.policy - exits.baseline,
                "forced_exits": exits.forced,
            }
            formulas = [one.id for one in chosen]
            columns = {name: part.sum(axis=-1).mean(axis=-1) for name, part in sums.items()}
            parts.append(
                pd.DataFrame({"parameter": name, "value": value, "formula": formulas, **columns})
            )
    return pd.concat(parts, ignore_index=True)


def answer_sensitivity(
    impact: Impact, formula: str, names: Iterable[str] = ANSWERING
) -> pd.DataFrame:
    """The market after one formula at both ends of each parameter; index parameter, value.

    Columns exits_after, offshore_share and its rise over that before; means over data sets.

    Raises
    ------
    InputError
        A formula that is not among the evaluated, or a parameter without a swept range.
    """
    chosen = (_formula(impact, formula),)
    rows = {}
    for name in names:
        for value in cases(name):
            moved = _with(impact, name, value, chosen)
            after = moved.market_after
            outside = float(after.outside.mean())
            rows[name, value] = {
                "exits_after": float(after.exits.mean()),
                "offshore_share": outside,
                "offshore_rise": outside - moved.scenario.outside_share,
            }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["parameter", "value"])


def _formula(impact: Impact, name: str) -> Formula:
    found = [one for one in impact.formulas if one.id == name]
    if not found:
        known = ", ".join(one.id for one in impact.formulas)
        raise InputError(f"formula '{name}' is not evaluated; allowed: {known}")
    return found[0]


def _with(impact: Impact, name: str, value: Any, formulas: tuple[Formula, ...]) -> Impact:
    """The same amounts of some of the formulas under another value of one parameter."""
    places = [impact.formulas.index(formula) for formula in formulas]
    return with_amounts(
        impact.required[places],
        formulas,
        impact.exposure,
        impact.losses,
        impact.scenario.with_(**{name: value}),
    )
