"""All points of a design checked as scenarios, column by column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.rules import candidates
from analysis.scenario import ORDERED, Scenario
from analysis.uncertainty.design_names import RULE, Quantity
from analysis.uncertainty.design_source import Source
from analysis.yaml_lines import Location

#: Text that only together says which formulas there are, with which values.
_WHICH = ("law_date", "base_month", "formula_file", "formula")


def check_points(
    source: Source, points: pd.DataFrame, varied: Sequence[Quantity], lines: Mapping[str, Location]
) -> None:
    """Refuse a design of which one point is no scenario.

    Values are checked at the ends of each column of numbers and one by one elsewhere; pairs that
    have an order at every point; formulas for every combination that decides which there are.

    Raises
    ------
    InputError
        The message names file, line, parameter, value and the first such point.
    """
    for each in varied:
        for value in _tested(points[each.name], each):
            source.checked(lines[each.name], each, value)
    _check_order(source, points, lines)
    formulas = _check_formulas(source, points, lines)
    _check_overrides(source, formulas, varied, lines)


def _tested(column: pd.Series, varied: Quantity) -> list[Any]:
    if varied.kind == "number" and column.dtype != object:
        return [float(column.min()), float(column.max())]
    values = column.drop_duplicates().tolist()
    # A formula without such a clause has none in its base either.
    return [value for value in values if not (value is None and varied.rule_key)]


def _check_order(source: Source, points: pd.DataFrame, lines: Mapping[str, Location]) -> None:
    for low, high in ORDERED:
        if low not in points and high not in points:
            continue
        below = points[low] if low in points else getattr(source.base, low)
        above = points[high] if high in points else getattr(source.base, high)
        wrong = np.flatnonzero(np.asarray(below > above))
        if wrong.size:
            first = int(wrong[0])
            at = [side[first] if isinstance(side, pd.Series) else side for side in (below, above)]
            told = f"{low} = {at[0]:g} is above {high} = {at[1]:g}; {wrong.size} such points"
            location = lines[low] if low in points else lines[high]
            raise source.marked.error(location, f"point {first}: {told}; narrow the range")


def _check_formulas(
    source: Source, points: pd.DataFrame, lines: Mapping[str, Location]
) -> frozenset[str]:
    """Every formula that some point evaluates."""
    names = [name for name in _WHICH if name in points]
    if not names:
        return _of_base(source)
    found: set[str] = set()
    for row in points[names].drop_duplicates().itertuples(index=False):
        changed: dict[str, Any] = dict(zip(names, row, strict=True))
        chosen: Scenario = source.base.model_copy(update=changed)
        try:
            found |= {formula.id for formula in candidates(chosen)}
        except InputError as refusal:
            told = ", ".join(f"{name} = {value}" for name, value in changed.items())
            raise source.marked.error(lines[names[0]], f"{told}: {refusal}") from None
    return frozenset(found)


def _of_base(source: Source) -> frozenset[str]:
    """Formulas of the base; a refusal is told where the first value stands that brings it."""
    try:
        return frozenset(formula.id for formula in candidates(source.base))
    except InputError as refusal:
        fixed = [name for name in _WHICH if name in source.fixed]
        for count, name in enumerate(fixed[:-1], start=1):
            part = {one: getattr(source.base, one) for one in fixed[:count]}
            source.at(("base", name), partial(candidates, Scenario(**part)))
        raise source.marked.error(("base", *fixed[-1:]), str(refusal)) from None


def _check_overrides(
    source: Source,
    formulas: frozenset[str],
    varied: Sequence[Quantity],
    lines: Mapping[str, Location],
) -> None:
    """A parameter of a formula that is evaluated at no point moves nothing."""
    for each in varied:
        formula = each.rule_key.rpartition(".")[0]
        if formula and formula not in formulas:
            told = f"{RULE} of {formula}, which no point evaluates; add it to formula in base"
            raise source.marked.error(lines[each.name], told)
