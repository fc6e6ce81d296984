"""Entries of a design: a list of values, steps from one to another, or a range."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np

from analysis.errors import cut
from analysis.scenario.parameter import Shape
from analysis.uncertainty.design_names import Quantity
from analysis.uncertainty.design_source import Source
from analysis.uncertainty.ranges import Range
from analysis.yaml_lines import Location

STEPS = 5
MOST_STEPS = 100_000
SHAPES: tuple[str, ...] = get_args(Shape)


def values_of_entry(
    source: Source, here: Location, varied: Quantity, entry: Any, repeated: bool = False
) -> list[Any]:
    """Values of a lever: as listed, or steps over the swept or a given range.

    Steps of a parameter in whole numbers are rounded and each is kept once; a parameter with a
    few readings takes all of them.
    """
    if isinstance(entry, list):
        return values_listed(source, here, varied, entry, repeated)
    given = source.mapping(here, entry, ("from", "to", "steps", "scale"))
    if varied.choices:
        if given:
            raise source.marked.error(here, f"has readings, not a range: {list(varied.choices)}")
        return list(varied.choices)
    low = _end(source, (*here, "from"), varied, given.get("from"), "low")
    high = _end(source, (*here, "to"), varied, given.get("to"), "high")
    if low >= high:
        raise source.marked.error(here, f"from {low:g} is not below to {high:g}")
    steps = source.whole((*here, "steps"), given.get("steps", STEPS), 2, MOST_STEPS)
    scale = source.one_of((*here, "scale"), given.get("scale", "linear"), ("linear", "log"))
    if scale == "log" and low <= 0:
        raise source.marked.error(here, f"from {low:g}; a log scale starts above 0")
    spaced = np.geomspace(low, high, steps) if scale == "log" else np.linspace(low, high, steps)
    # Twelve digits: a reader's table shows 0.3, not 0.30000000000000004.
    neat = [float(f"{value:.12g}") for value in spaced]
    if varied.kind == "integer":
        return list(dict.fromkeys(int(np.floor(value + 0.5)) for value in neat))
    return neat


def values_listed(
    source: Source, here: Location, varied: Quantity, entry: list[Any], repeated: bool = False
) -> list[Any]:
    """Listed values, each checked, none twice unless they may be `repeated`."""
    source.listed(here, entry, "values")
    values = [source.checked((*here, i), varied, value) for i, value in enumerate(entry)]
    seen: set[tuple[type, Any]] = set()
    for place, value in enumerate(values):
        if (type(value), value) in seen and not repeated:
            raise source.marked.error(
                (*here, place), f"{cut(entry[place])} is there twice; keep one"
            )
        seen.add((type(value), value))
    return values


def range_of_entry(
    source: Source, here: Location, varied: Quantity, entry: Any, within: tuple[float, float]
) -> Range:
    """Range of an uncertainty: swept or given, or the listed values or readings as categories.

    A range that the design does not give ends at `within`: at the value of the other parameter
    of an ordered pair when that one stays.
    """
    if isinstance(entry, list):
        return categories(values_listed(source, here, varied, entry))
    given = source.mapping(here, entry, ("low", "high", "distribution", "mode"))
    if varied.choices:
        if given:
            raise source.marked.error(here, f"has readings, not a range: {list(varied.choices)}")
        return categories(list(varied.choices))
    low = _end(source, (*here, "low"), varied, given.get("low"), "low")
    high = _end(source, (*here, "high"), varied, given.get("high"), "high")
    low = low if "low" in given else max(low, within[0])
    high = high if "high" in given else min(high, within[1])
    if low >= high:
        raise source.marked.error(here, f"low {low:g} is not below high {high:g}")
    return _shaped(source, here, varied, given, (low, high))


def categories(values: list[Any]) -> Range:
    """Listed values, each as likely as another."""
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
    low, high = (min(values), max(values)) if numbers else (0, len(values) - 1)
    return Range(low, high, "choice", choices=tuple(values))


def _shaped(
    source: Source,
    here: Location,
    varied: Quantity,
    given: dict[str, Any],
    ends: tuple[float, float],
) -> Range:
    low, high = ends
    swept = varied.swept
    usual = swept.distribution if swept else "uniform"
    shape = source.one_of((*here, "distribution"), given.get("distribution", usual), SHAPES)
    if shape == "log_uniform" and low <= 0:
        if "distribution" in given:
            raise source.marked.error(here, f"low {low:g}; log_uniform starts above 0")
        shape = "uniform"
    mode = given.get("mode")
    if mode is not None and shape != "triangular":
        raise source.marked.error((*here, "mode"), f"belongs to triangular, not to {shape}")
    if shape != "triangular":
        return Range(low, high, shape, integer=varied.kind == "integer")
    if mode is None:
        mode = swept.mode if swept and swept.mode is not None else varied.default
        mode = None if mode is None else min(max(mode, low), high)
    if mode is None:
        raise source.marked.error(here, "triangular needs a mode; the parameter has no default")
    mode = source.checked((*here, "mode"), varied, mode)
    if not low <= mode <= high:
        raise source.marked.error(
            (*here, "mode"), f"{mode:g} is outside its range {low:g} to {high:g}"
        )
    return Range(low, high, shape, float(mode), integer=varied.kind == "integer")


def _end(source: Source, here: Location, varied: Quantity, value: Any, end: str) -> Any:
    """One end of a range: given and checked, or of the swept range."""
    if value is not None:
        if varied.kind == "text":
            raise source.marked.error(here, "is text; list its values")
        checked = source.checked(here, varied, value)
        if checked is None:
            raise source.marked.error(here, "must be a number")
        return checked
    if varied.swept is None:
        raise source.marked.error(
            here[:-1], "has no swept range; list its values, or give both ends of a range"
        )
    return getattr(varied.swept, end)
