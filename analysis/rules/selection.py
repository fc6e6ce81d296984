"""Candidate formulas of a scenario: the shipped rule files, the user's own, the levers on top."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.data import DATA, read
from analysis.errors import InputError
from analysis.rules.article_175 import Article175
from analysis.rules.formula import Formula, Parameter, Reference
from analysis.rules.law import CURRENCIES, Preset, RuleFile, rule_file
from analysis.rules.registry import FORMULAS, OTHER_RULES
from analysis.scenario import Scenario
from analysis.yaml_lines import shown

RULES = DATA / "rules"
NO_CAP = 1e8
_MILLION = 1e6


def candidates(scenario: Scenario) -> tuple[Formula, ...]:
    """Formulas that a scenario evaluates, in the order of the register, the user's own last.

    Values hold at `law_date`; money is brought to JPY mn at the end of `base_month`. Overrides
    (`rule_parameters`), multiplier, floor and cap apply to every formula and leave its id as it is;
    a formula that they change has the status `scenario`.

    Raises
    ------
    InputError
        Unknown formula, file or parameter (the nearest is suggested), value out of range, rule
        without a value at `law_date`, month without an exchange rate.
    """
    return tuple(formula for _, formula in _pairs(scenario))


def load_formula(path: str | Path, scenario: Scenario) -> Formula:
    """Formula of one rule file, shipped or the user's own, without overrides and levers.

    Raises
    ------
    InputError
        Whatever is wrong with the file, with file, line and key.
    """
    return _formula(_candidate_file(Path(path)), scenario, _day(scenario))


def securities_reserve(scenario: Scenario) -> Article175:
    """The eight items of the securities firms' reserve at the scenario's `law_date`."""
    file = rule_file(RULES / "article_175" / "securities_firms.yaml")
    day = _day(scenario)
    return Article175(**{name: file.value(name, day) or 0.0 for name in file.preset.parameters})


def catalogue(scenario: Scenario) -> pd.DataFrame:
    """One row per candidate: what it is, whose rule, where it stands, when it was last checked."""
    rows = [
        {
            "id": formula.id,
            "title": formula.title,
            "formula": preset.formula,
            "jurisdiction": preset.jurisdiction,
            "status": formula.status,
            "last_checked_on": preset.last_checked_on,
            "source_title": preset.reference.title,
            "source_address": preset.reference.address,
            "pinpoint": preset.reference.pinpoint,
            "currency": preset.currency,
            "n_parameters": len(preset.parameters),
        }
        for preset, formula in _pairs(scenario)
    ]
    return pd.DataFrame(rows)


def _pairs(scenario: Scenario) -> list[tuple[Preset, Formula]]:
    files = rule_files(scenario)
    wanted = _wanted(scenario.formula, files)
    overrides = overrides_by_formula(scenario.rule_parameters, files)
    day, made = _day(scenario), []
    for id, file in files.items():
        if id in wanted:
            formula = _formula(file, scenario, day, overrides.get(id))
            made.append((file.preset, _levers(formula, scenario)))
    return made


def rule_files(scenario: Scenario) -> dict[str, RuleFile]:
    """Rule files of the candidates by id."""
    paths = [path for name in FORMULAS for path in sorted((RULES / name).glob("*.yaml"))]
    files = {file.preset.id: file for file in map(rule_file, paths)}
    if scenario.formula_file is not None:
        own = _candidate_file(Path(scenario.formula_file))
        if own.preset.id in files:
            message = f"'{own.preset.id}' is a candidate already; choose another preset name"
            raise own.marked.error(("preset",), message)
        files[own.preset.id] = own
    return files


def _candidate_file(path: Path) -> RuleFile:
    file = rule_file(path)
    if file.preset.formula in OTHER_RULES:
        message = f"{file.preset.formula} needs volumes by item and cannot be a candidate"
        raise file.marked.error(("formula",), f"{message}; choose one of {', '.join(FORMULAS)}")
    return file


def _wanted(text: str, files: Mapping[str, RuleFile]) -> Collection[str]:
    if text.strip() == "all":
        return files.keys()
    ids = [id.strip() for id in text.split(",") if id.strip()]
    if not ids:
        raise InputError("parameter formula is empty; write all, an id, or ids with commas")
    for id in ids:
        if id not in files:
            raise InputError(f"unknown formula '{id}'; {_suggestion(id, files)}")
    return set(ids)


def overrides_by_formula(
    given: Mapping[str, Parameter], files: Mapping[str, RuleFile]
) -> dict[str, dict[str, Parameter]]:
    """Overrides by formula and parameter, checked against the file that they change."""
    ordered: dict[str, dict[str, Parameter]] = {}
    for key, value in given.items():
        id, _, name = key.rpartition(".")
        if id not in files:
            message = f"rule_parameters: unknown formula '{id}' in '{key}'"
            raise InputError(f"{message}; {_suggestion(id, files)}")
        parameters = files[id].preset.parameters
        if name not in parameters:
            message = f"rule_parameters: {id} has no parameter '{name}'"
            raise InputError(f"{message}; {_suggestion(name, parameters)}")
        low, high = parameters[name].range
        values = np.asarray(value, dtype=float)
        outside = values[~((low <= values) & (values <= high))]
        if outside.size:
            unit, file = parameters[name].unit, shown(files[id].marked.path)
            message = f"rule_parameters: {key} = {outside.flat[0]:g}"
            message = f"{message}; allowed: {low:g} to {high:g} {unit}"
            raise InputError(f"{message} (range in {file})")
        ordered.setdefault(id, {})[name] = values if values.ndim else float(value)
    return ordered


def _suggestion(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean '{near[0]}'?" if near else f"known: {', '.join(known)}"


def _day(scenario: Scenario) -> str:
    try:
        return date.fromisoformat(scenario.law_date).isoformat()
    except ValueError:
        message = f"parameter law_date = '{scenario.law_date}' is not a day of the calendar"
        raise InputError(f"{message}; write YYYY-MM-DD") from None


def _formula(
    file: RuleFile,
    scenario: Scenario,
    day: str,
    overrides: Mapping[str, Parameter] | None = None,
) -> Formula:
    preset, changed = file.preset, overrides or {}
    values: dict[str, Parameter | None] = {}
    foreign: dict[str, str] = {}
    for name, parameter in preset.parameters.items():
        value = changed.get(name, file.value(name, day))
        if value is not None and parameter.unit in CURRENCIES:
            value = value * (exchange_rate(parameter.unit, scenario.base_month) / _MILLION)
            if parameter.unit != "JPY":
                foreign[name] = parameter.unit
        values[name] = value
    return FORMULAS[preset.formula](
        **values,
        currencies=foreign,
        id=preset.id,
        title=preset.title,
        status="scenario" if changed else preset.status,
        reference=Reference(**preset.reference.model_dump()),
        last_checked_on=preset.last_checked_on,
        not_modelled=preset.not_modelled,
    )


def exchange_rate(currency: str, month: str, asked_by: str = "base_month") -> float:
    """Yen per unit of a currency at the end of a month.

    Raises
    ------
    InputError
        No such rate; the message says what asked for it and which months have one.
    """
    pair = f"{currency}/JPY"
    rates = _rates(month)
    if pair not in rates:
        months = read("market/prices_monthly").query("series == @pair")["month"]
        allowed = f"{months.min()} to {months.max()}" if len(months) else "none"
        message = f"no rate of {pair} at {asked_by} {month} in data/market/prices_monthly.csv"
        raise InputError(f"{message}; months with one: {allowed}")
    return rates[pair]


@lru_cache(maxsize=64)
def _rates(month: str) -> Mapping[str, float]:
    prices = read("market/prices_monthly")
    here = prices[prices["month"] == month]
    return {"JPY/JPY": 1.0, **dict(zip(here["series"], here["value"], strict=True))}


def _levers(formula: Formula, scenario: Scenario) -> Formula:
    """Multiplier, then floor, then cap; tables know the formula by the id that it had.

    Each is a number, or an array (scenario, 1, 1) of which some may leave the formula as it is.
    """
    changed = formula
    if np.any(scenario.rate_multiplier != 1):
        changed = changed.times(scenario.rate_multiplier)
    if np.any(np.asarray(scenario.floor_jpy_mn) > 0):
        changed = changed.floor(scenario.floor_jpy_mn)
    cap = np.asarray(scenario.cap_jpy_mn)
    if np.any(cap < NO_CAP):
        changed = changed.cap(np.where(cap < NO_CAP, cap, np.inf) if cap.ndim else float(cap))
    return changed if changed is formula else replace(changed, id=formula.id)
