"""The part `uncertainties` of a design file: what nobody knows, and how it is sampled."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analysis.scenario import ORDERED
from analysis.uncertainty.design_levers import COMBINE, combined, read_list
from analysis.uncertainty.design_names import Quantity, suggestion, uncertain_names
from analysis.uncertainty.design_plan import HERE, OPTIONS, read_plan, refuse_options
from analysis.uncertainty.design_source import Source
from analysis.uncertainty.design_values import categories, range_of_entry
from analysis.uncertainty.levers import Combination
from analysis.uncertainty.ranges import Range, in_order
from analysis.uncertainty.samples import SAMPLERS, Plan
from analysis.yaml_lines import Location

METHODS = (*SAMPLERS, *COMBINE, "list")
SEED = 64
STEPS = 5
KEYS = ("method", "samples", "seed", "vary", "also", "except", *OPTIONS)


@dataclass(frozen=True)
class Sample:
    """Values of the uncertainties, one row per sample, and where they come from.

    `columns` holds the drawn values of each name, `rows` those that are given instead.
    """

    method: str
    samples: int
    seed: int
    varied: list[Quantity]
    ranges: dict[str, Range]
    plan: Plan | None = None
    columns: dict[str, np.ndarray] = field(default_factory=dict)
    rows: list[Combination] = field(default_factory=list)


def read_uncertainties(source: Source, entry: Any, levers: Mapping[str, list[Any]]) -> Sample:
    """The sample that the file asks for.

    Parameters
    ----------
    levers : mapping
        Values that each lever takes: its name cannot be uncertain too, and a range that the file
        leaves open ends where a pair of the two would fall out of order.
    """
    given = source.mapping(HERE, entry, KEYS)
    if "method" not in given:
        raise source.marked.error(HERE, f"method is missing; one of {', '.join(METHODS)}")
    method = source.one_of((*HERE, "method"), given["method"], METHODS)
    refuse_options(source, given, method)
    seed = source.whole((*HERE, "seed"), given.get("seed", SEED), 0, 2**32 - 1)
    if method in ("list", "zip") and "samples" in given:
        raise source.marked.error((*HERE, "samples"), f"method {method} takes its length from vary")
    if method == "list":
        rows, varied = read_list(source, (*HERE, "vary"), given.get("vary"))
        _refuse_levers(source, {each.name: each for each in varied}, levers)
        return _given_rows(method, rows, seed, varied)
    entries = _entries(source, given, levers)
    varied = [source.quantity(place, name) for name, (place, _) in entries.items()]
    _refuse_levers(source, {each.name: each for each in varied}, levers)
    if method in COMBINE:
        return _given_values(source, given, (method, seed), varied, entries, levers)
    return _drawn(source, given, (method, seed), varied, entries, levers)


Entries = dict[str, tuple[Location, Any]]


def _entries(source: Source, given: dict[str, Any], levers: Mapping[str, list[Any]]) -> Entries:
    """Name, line and entry of each uncertainty.

    `all` leaves out what base fixes and what a lever moves; `also` adds to it or replaces ranges.
    """
    vary, here = given.get("vary"), (*HERE, "vary")
    entries = _named(source, here, vary) if vary != "all" else {}
    if vary == "all":
        known = [n for n in uncertain_names() if n not in source.fixed and n not in levers]
        left_out = given.get("except") or []
        if not isinstance(left_out, list):
            raise source.marked.error((*HERE, "except"), "must be a list of names")
        for place, name in enumerate(left_out):
            if name not in known:
                hint = suggestion(name, known)
                told = f"'{name}' is not among those that all varies{hint}"
                raise source.marked.error((*HERE, "except", place), told)
        entries = {name: ((*here, name), None) for name in known if name not in left_out}
        entries |= _named(source, (*HERE, "also"), given["also"]) if "also" in given else {}
    else:
        for key in ("except", "also"):
            if key in given:
                raise source.marked.error((*HERE, key), "belongs to vary: all")
    return entries


def _named(source: Source, here: Location, vary: Any) -> Entries:
    if isinstance(vary, dict) and vary:
        return {name: ((*here, name), entry) for name, entry in vary.items()}
    if isinstance(vary, list) and vary:
        entries: Entries = {}
        for place, name in enumerate(vary):
            if not isinstance(name, str):
                raise source.marked.error((*here, place), "must be the name of a parameter")
            if name in entries:
                raise source.marked.error((*here, place), f"'{name}' is there twice; keep one")
            entries[name] = ((*here, place), None)
        return entries
    told = "must be all, a list of names, or a mapping of names to ranges, and not empty"
    raise source.marked.error(here, told)


def _refuse_levers(
    source: Source, varied: Mapping[str, Quantity], levers: Mapping[str, list[Any]]
) -> None:
    for name in varied:
        if name in levers:
            told = f"'{name}' is a lever already; keep one of the two"
            raise source.marked.error((*HERE, "vary", name), told)


def _given_rows(method: str, rows: list[Combination], seed: int, varied: list[Quantity]) -> Sample:
    ranges = {
        each.name: categories(list(dict.fromkeys(r.get(each.name, each.default) for r in rows)))
        for each in varied
    }
    return Sample(method, len(rows), seed, varied, ranges, rows=rows)


def _given_values(
    source: Source,
    given: dict[str, Any],
    how: tuple[str, int],
    varied: list[Quantity],
    entries: Entries,
    levers: Mapping[str, list[Any]],
) -> Sample:
    """Grid, zip, one at a time: steps of the distribution where the file lists no values.

    A grid is read as a sample, so that its steps are the medians of parts of equal probability.
    One at a time moves each parameter from end to end, and so does zip.
    """
    method, seed = how
    steps = source.whole((*HERE, "samples"), given.get("samples", STEPS), 2, 100_000)
    values: dict[str, Any] = {}
    for each in varied:
        place, entry = entries[each.name]
        stepped = isinstance(entry, dict) and not {"from", "to", "steps", "scale"}.isdisjoint(entry)
        if stepped or (isinstance(entry, list) and method == "zip"):
            values[each.name] = entry
            continue
        within = _within(source, each.name, levers, ())
        chosen = range_of_entry(source, place, each, entry, within)
        places = (np.arange(steps) + 0.5) / steps if method == "grid" else np.linspace(0, 1, steps)
        at = chosen.choices or chosen.values(places).tolist()
        values[each.name] = list(dict.fromkeys(at)) if method != "zip" else list(at)
    rows, _, _ = combined(source, (*HERE, "vary"), values, method)
    return _given_rows(method, rows, seed, varied)


def _drawn(
    source: Source,
    given: dict[str, Any],
    how: tuple[str, int],
    varied: list[Quantity],
    entries: Entries,
    levers: Mapping[str, list[Any]],
) -> Sample:
    method, seed = how
    together = {each.name for each in varied}
    ranges = {
        each.name: range_of_entry(
            source,
            entries[each.name][0],
            each,
            entries[each.name][1],
            _within(source, each.name, levers, together),
        )
        for each in varied
    }
    pairs = [
        (low, high)
        for low, high in ORDERED
        if {low, high} <= ranges.keys() and not (ranges[low].choices or ranges[high].choices)
    ]
    for low, high in pairs:
        _refuse_unordered(source, entries[low][0], high, ranges[low], ranges[high])
        ranges[low], ranges[high] = in_order(ranges[low], ranges[high])
    plan = read_plan(source, given, how, tuple(ranges), pairs)
    unit = plan.unit()
    columns = {name: chosen.values(unit[:, i]) for i, (name, chosen) in enumerate(ranges.items())}
    for low, high in pairs:
        two = columns[low], columns[high]
        columns[low], columns[high] = np.minimum(*two), np.maximum(*two)
    return Sample(method, plan.samples, seed, varied, ranges, plan, columns)


def _refuse_unordered(source: Source, here: Location, name: str, low: Range, high: Range) -> None:
    """Draws that are put in order stay in their ranges only where these have the order too."""
    for end, ours, theirs in (("reaches", low.high, high.high), ("starts at", low.low, high.low)):
        if ours > theirs:
            told = f"{end} {ours:g}, above the {theirs:g} of {name}"
            raise source.marked.error(here, told)


def _within(
    source: Source, name: str, levers: Mapping[str, list[Any]], together: Collection[str]
) -> tuple[float, float]:
    """Where an open range has to end so that a pair of the two stays in order."""
    least, most = -np.inf, np.inf
    for low, high in ORDERED:
        other = high if name == low else low
        if name not in (low, high) or other in together:
            continue
        values = levers.get(other) or [getattr(source.base, other)]
        if name == low:
            most = min(values)
        else:
            least = max(values)
    return least, most
