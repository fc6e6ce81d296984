"""The design of a sweep: which points, of which scenario each is made, how it is evaluated."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.scenario import Scenario, changed, scenario
from analysis.scenario.rule_names import DOTTED, RULE
from analysis.uncertainty.ranges import Range
from analysis.uncertainty.samples import Plan


@dataclass(frozen=True)
class Stop:
    """When replicates are enough: each headline's standard error is below its tolerance.

    Parameters
    ----------
    by : {"seed"}
        What differs between replicates; replicate r has the design's seed plus r.
    batch, most : int
        Replicates evaluated at a time, and at most.
    tolerance : mapping of column to number, or to `{"absolute": number}`
        Largest standard error of the mean over replicates (one, not an interval): relative for
        amounts and ratios, absolute for counts and where it says so.
    """

    by: Literal["seed"]
    batch: int
    most: int
    tolerance: Mapping[str, float | Mapping[str, float]]


@dataclass(frozen=True, eq=False)
class Design:
    """All points of a sweep, each a complete and checked scenario; see `read_design`.

    Parameters
    ----------
    name : str
        Stem of the design's file.
    title, question : str
    base : mapping
        Changes to the baseline that hold at every point.
    levers, uncertainties : tuple of str
        Varied names; with `stop` the only uncertainty is `seed`.
    method : str
        Of the uncertainties, or `combine` of the levers (`list`, too) when there are none, or
        `seed` for replicates.
    samples, seed : int
        Rows of the sample, and what it is drawn with (first seed of replicates).
    ranges : mapping of name to Range
        Of each varied uncertainty.
    plan : Plan or None
        What an estimator must know of a drawn sample; None where values are given.
    tables, pages : tuple of str
    marked : tuple of int, or "all"
        Points that become executed notebooks.
    stop : Stop or None
    show : mapping
        What the page on the sweep looks at first: `measure`, `formula`, `above`, where given.
    points : DataFrame
        Columns point, levers, sample (int64), then one for each varied name; levers outermost.
    """

    name: str
    title: str
    question: str
    base: Mapping[str, Any]
    levers: tuple[str, ...]
    uncertainties: tuple[str, ...]
    method: str
    samples: int
    seed: int
    ranges: Mapping[str, Range]
    plan: Plan | None
    tables: tuple[str, ...]
    pages: tuple[str, ...]
    marked: tuple[int, ...] | Literal["all"]
    stop: Stop | None
    show: Mapping[str, Any]
    points: pd.DataFrame

    def __len__(self) -> int:
        return len(self.points)

    @property
    def varied(self) -> tuple[str, ...]:
        """Varied names, in the order of the columns of `points`."""
        return (*self.levers, *self.uncertainties)

    @cached_property
    def identity(self) -> dict[str, Any]:
        """What the points are and what is asked of them, as plain JSON values.

        `plan` holds what an estimator needs (`Plan.of` reads it back), `points` the hash of all
        values, so that a change of a range's default is another design too.
        """
        stop = self.stop
        return {
            "name": self.name,
            "title": self.title,
            "question": self.question,
            "base": dict(self.base),
            "levers": list(self.levers),
            "uncertainties": list(self.uncertainties),
            "method": self.method,
            "samples": self.samples,
            "seed": self.seed,
            "ranges": {name: chosen.as_dict() for name, chosen in self.ranges.items()},
            "plan": None if self.plan is None else self.plan.as_dict(),
            "tables": list(self.tables),
            "read": {
                "notebooks": list(self.pages),
                "points": self.marked if self.marked == "all" else list(self.marked),
            },
            "stop": None if stop is None else {**vars(stop), "tolerance": dict(stop.tolerance)},
            "show": dict(self.show),
            "n_points": len(self),
            "points": _hash_of(self.points),
        }

    def scenarios(self, points: Sequence[int] | None = None) -> list[Scenario]:
        """Scenarios of some points, in their order; of all by default.

        Equal to what `scenario` makes of the same values. They are not checked again one by one:
        `read_design` has checked every point.
        """
        rows = self.points if points is None else self.points.iloc[_places(self, points)]
        base = scenario(self.base)
        names = [name for name in self.varied if not name.startswith(DOTTED)]
        rules = [name for name in self.varied if name.startswith(DOTTED)]
        values = [rows[name].tolist() for name in names]
        if rules:
            keys = [name.removeprefix(DOTTED) for name in rules]
            amounts = zip(*(rows[name].tolist() for name in rules), strict=True)
            names.append(RULE)
            values.append([{**base.rule_parameters, **_given(keys, row)} for row in amounts])
        given = base.model_fields_set | set(names)
        return [
            _unchecked(base, zip(names, row, strict=True), given)
            for row in zip(*values, strict=True)
        ]


def _unchecked(base: Scenario, changes: Iterable[tuple[str, Any]], given: set[str]) -> Scenario:
    """Copy with changes known to be good; pydantic's own copy takes ten times as long."""
    made = Scenario.__new__(Scenario)
    values = dict(base.__dict__)
    values.update(changes)
    object.__setattr__(made, "__dict__", values)
    object.__setattr__(made, "__pydantic_fields_set__", given)
    object.__setattr__(made, "__pydantic_extra__", None)
    object.__setattr__(made, "__pydantic_private__", None)
    return made


def values_of(design: Design, point: int) -> dict[str, Any]:
    """What a point changes in the baseline; parameters of formulas in one mapping."""
    return changed(scenario_of(design, point))


def scenario_of(design: Design, point: int) -> Scenario:
    """The scenario of one point, checked as any other.

    Raises
    ------
    InputError
        No such point.
    """
    (place,) = _places(design, [point])
    return scenario_with(design.base, values_at(design.points, place, design.varied))


def values_at(points: pd.DataFrame, place: int, names: Iterable[str]) -> dict[str, Any]:
    """Values in one row of a table of points, each of its column's own type; a blank is None."""
    cells = {name: points[name].iloc[place] for name in names}
    plain = {name: v.item() if isinstance(v, np.generic) else v for name, v in cells.items()}
    return {name: None if value != value else value for name, value in plain.items()}


def scenario_with(base: Mapping[str, Any], values: Mapping[str, Any]) -> Scenario:
    """A base with what is varied on top, parameters of formulas among the values, checked."""
    rules = {name.removeprefix(DOTTED): v for name, v in values.items() if DOTTED in name}
    plain = {name: value for name, value in values.items() if DOTTED not in name}
    together = {**base.get(RULE, {}), **_given(list(rules), tuple(rules.values()))}
    return scenario({**base, **plain, **({RULE: together} if together else {})})


def problem(design: Design) -> dict[str, Any]:
    """The unit cube of a drawn sample as SALib describes a problem.

    Raises
    ------
    InputError
        The design's values are given, not drawn.
    """
    if design.plan is None:
        raise InputError(
            f"design {design.name}: method {design.method} draws no sample, so there is nothing to "
            "estimate indices from; choose sobol or morris"
        )
    return {**design.plan.problem}


def _places(design: Design, points: Sequence[int]) -> list[int]:
    places = [int(point) for point in points]
    for place in places:
        if not 0 <= place < len(design):
            raise InputError(
                f"design {design.name}: no point {place}; allowed: 0 to {len(design) - 1}"
            )
    return places


def _given(keys: Sequence[str], row: Sequence[Any]) -> dict[str, float]:
    """Overrides of a point: None leaves the rule file's value (also where it has none)."""
    return {key: value for key, value in zip(keys, row, strict=True) if _is_given(value)}


def _is_given(value: Any) -> bool:
    return value is not None and value == value


def _hash_of(points: pd.DataFrame) -> str:
    made = hashlib.sha256()
    for name in points:
        column = points[name]
        made.update(_canonical([str(name), str(column.dtype)]))
        numbers = column.dtype != object
        made.update(column.to_numpy().tobytes() if numbers else _canonical(column.tolist()))
    return made.hexdigest()


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
