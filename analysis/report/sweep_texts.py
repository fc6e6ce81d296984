"""What the page on a sweep needs to put its results into words: names, thresholds, questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import pandas as pd

from analysis.errors import InputError
from analysis.impact.switching import SAME
from analysis.report.sweeps import measure_label, number, parameter_label
from analysis.rules import candidates
from analysis.scenario import Scenario, scenario
from analysis.uncertainty.breakpoints import Question
from analysis.uncertainty.convergence import is_count
from analysis.uncertainty.design_names import quantity
from analysis.uncertainty.fitting import FITTING
from analysis.uncertainty.results import Results

QUICK = "industry"
"""Table that is evaluated in a fraction of a second: breakpoints evaluate it many times."""
MOST_MOVED, MOST_PAIRS = 6, 2
OBJECTIVES: Mapping[str, bool] = {"npv_jpy_mn": False}
"""Objectives of a choice that are known to be such, and whether the least is best."""


@dataclass(frozen=True, eq=False)
class Reading:
    """One measure of a sweep, and the formula whose figures are shown.

    Attributes
    ----------
    rows : rows of the table with the measure, joined with what was varied.
    """

    results: Results
    measure: str
    table: str
    formula: str
    rows: pd.DataFrame

    @classmethod
    def of(cls, results: Results, measure: str, table: str | None, formula: str | None) -> Reading:
        """Find the measure and the formula.

        Raises
        ------
        InputError
            No table, or not the one asked for, has the measure; the sweep has no such formula.
        """
        holders = [name for name in results.tables if measure in results.measures(name)]
        if table is not None:
            holders = [name for name in holders if name == table]
        if not holders:
            known = [one for name in results.tables for one in results.measures(name)]
            raise InputError(
                f"measure '{measure}': not in {table or 'any table'} of the sweep; there are "
                f"{', '.join(dict.fromkeys(known))}"
            )
        rows = results.table(holders[0], [measure])
        formulas = list(rows["formula"].unique())
        if formula is not None and formula not in formulas:
            raise InputError(f"formula '{formula}': the sweep has {', '.join(formulas)}")
        return cls(results, measure, holders[0], formula or formulas[0], rows)

    @cached_property
    def base(self) -> Scenario:
        """Scenario that the design starts from."""
        return scenario(self.results.design["base"])

    @cached_property
    def titles(self) -> dict[str, str]:
        """Title of each formula of the sweep, its id where the rule is the user's own."""
        known = {one.id: one.title for one in candidates(Scenario())}
        return {name: known.get(name, name) for name in self.rows["formula"].unique()}

    @property
    def fitting(self) -> tuple[str, ...]:
        """Estimators that fit the sample."""
        return FITTING.get(self.results.design["method"], ())

    def size(self) -> str:
        """How the points come about, in words."""
        points, method = self.results.points, str(self.results.design["method"]).replace("_", " ")
        levers, samples = points["levers"].nunique(), points["sample"].nunique()
        if not self.results.uncertainties:
            return f"one for each of {levers:,} combinations of levers ({method})"
        drawn = f"{samples:,} samples of uncertainties ({method})"
        if not self.results.levers:
            return drawn
        return f"{levers:,} combinations of levers, each with {drawn}"

    def varied(self) -> pd.DataFrame:
        """Table of what varies: parameter, role, base, values or range."""
        design, points = self.results.design, self.results.points
        rows = []
        for name in (*self.results.levers, *self.results.uncertainties):
            values = points[name].drop_duplicates()
            drawn = design["ranges"].get(name, {})
            rows.append(
                {
                    "parameter": parameter_label(name),
                    "role": "lever" if name in self.results.levers else "uncertainty",
                    "base": number(self.results.baseline[name]),
                    "values": f"{number(drawn['low'])} to {number(drawn['high'])}"
                    if "low" in drawn
                    else _values(values),
                    "distribution": _distribution(drawn),
                }
            )
        return pd.DataFrame(rows)

    def threshold(self, values: pd.Series) -> float:
        """Value that about a quarter of the points exceed; a half number for counts."""
        upper = float(values.quantile(0.75))
        return float(int(upper)) + 0.5 if is_count(self.measure) and upper % 1 == 0 else upper

    def movable(self, asked: str | None, indices: pd.DataFrame | None) -> list[str]:
        """Parameters to move for breakpoints: as asked (with commas), or levers and the largest.

        Raises
        ------
        InputError
            Nothing that can move, or a table that takes too long to be evaluated again and again.
        """
        if asked is None and self.table != QUICK:
            raise InputError(
                f"table {self.table} takes a while a point; name what may move with `-p "
                "breakpoints NAME,NAME`"
            )
        if asked is not None:
            names = [name.strip() for name in asked.split(",") if name.strip()]
        else:
            names = [*self.results.levers, *self._ranked(indices)]
            names = [name for name in names if _moves(name, self.base)][:MOST_MOVED]
        if not names:
            raise InputError("no parameter of the sweep is a number with a swept range")
        return names

    def swaps(self, today: pd.Series) -> list[Question]:
        """Whether formulas that are next to each other swap places, the closest pairs first."""
        ordered = today.dropna().sort_values(kind="stable")
        pairs = [
            (upper - lower, lower, upper, str(one), str(other))
            for (one, lower), (other, upper) in pairwise(ordered.items())
        ]
        apart = [pair for pair in pairs if pair[0] > SAME * max(abs(pair[1]), abs(pair[2]))]
        near = sorted(apart, key=lambda pair: pair[0] / max(abs(pair[1]), abs(pair[2])))
        return [Question(one, other) for *_, one, other in near[:MOST_PAIRS]]

    def one_more(self, today: pd.Series) -> list[Question]:
        """Whether one more exchange is counted than at the base, under the formula shown."""
        return [Question(self.formula, None, float(today[self.formula]) + 1.0)]

    @property
    def counted(self) -> tuple[str, str]:
        """Table and measure that count exchanges: that of the page, or those short of cash."""
        return (self.table, self.measure) if is_count(self.measure) else (QUICK, "exchanges_short")

    def _ranked(self, indices: pd.DataFrame | None) -> list[str]:
        if indices is None or indices.empty:
            return list(self.results.uncertainties)
        ranked = indices[indices["index"] == indices["index"].iloc[0]]
        names = ranked.sort_values("value", ascending=False)["parameter"]
        plan = self.results.design.get("plan") or {"names": [], "groups": None}
        groups = zip(plan["groups"] or plan["names"], plan["names"], strict=True)
        members = pd.DataFrame(groups, columns=["group", "name"]).groupby("group")["name"].agg(list)
        return [member for name in names for member in members.get(name, [name])]

    @property
    def pairs(self) -> bool:
        """Whether parameters with an order among them are drawn together."""
        drawn = self.results.design["ranges"].values()
        return any("of two draws" in str(one.get("distribution", "")) for one in drawn)

    def in_words(self, question: str) -> str:
        """A question of breakpoints with titles in place of ids."""
        first, against, second = question.partition(" against ")
        if not against:
            counted = measure_label(self.counted[1])
            return f"mean {counted} over data sets up by one, {self.titles.get(first, first)}"
        names = [self.titles.get(name, name) for name in (first, second)]
        return f"{names[0]} and {names[1]} swap places"

    def objective(self, asked: str | None) -> tuple[str, bool, pd.DataFrame]:
        """Objective of the choice, whether the least is best, and its rows.

        Raises
        ------
        InputError
            None is given and the sweep has no table with one, or there is nothing to learn.
        """
        if not self.results.uncertainties or "given_data" not in self.fitting:
            raise InputError(
                "it needs unknowns that are drawn independently: uncertainties with `method: "
                "latin_hypercube`, sobol or grid"
            )
        name, least = (asked or "").removeprefix("-"), (asked or "").startswith("-")
        options = [name] if asked else list(OBJECTIVES)
        for table in self.results.tables:
            for one in options:
                if one in self.results.measures(table):
                    return one, least, self.results.table(table, [one])
        raise InputError(
            "a choice needs an objective, and a cost alone is none (it is least where least is "
            "asked): add `appraisal` under `tables:` of the design, which has npv_jpy_mn, or give "
            "one with `-p objective NAME` (`-NAME` where less is better)"
        )

    def option(self, name: str) -> str:
        """An option of a choice in words."""
        formula, _, levers = name.partition(" at lever combination ")
        title = self.titles.get(formula, formula)
        if not levers:
            return title
        points = self.results.points
        own = points[points["levers"] == int(levers)].iloc[0]
        return f"{title} with {listed(own[list(self.results.levers)])}"


def listed(values: Mapping[str, Any] | pd.Series) -> str:
    """Names and values in one line."""
    return ", ".join(
        f"{parameter_label(str(name))} {number(value)}" for name, value in values.items()
    )


def _distribution(drawn: Mapping[str, Any]) -> str:
    mode = drawn.get("mode")
    known = str(drawn.get("distribution", "")).replace("_", " ")
    return known if mode is None else f"{known}, mode {number(mode)}"


def _values(values: pd.Series) -> str:
    ordered = values.sort_values() if pd.api.types.is_numeric_dtype(values) else values
    shown = [number(value) for value in ordered]
    return ", ".join(shown if len(shown) <= 12 else [*shown[:6], "...", shown[-1]])


def _moves(name: str, base: Scenario) -> bool:
    known = quantity(name, base)
    return (
        known.swept is not None
        and known.kind in ("number", "integer")
        and (known.default is not None)
    )
