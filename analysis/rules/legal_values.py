"""The parameters behind the candidates of a scenario, one row each, for a reader to check."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from analysis.data import read
from analysis.rules.law import CURRENCIES, DatedValue, RuleFile, rule_file
from analysis.rules.registry import FORMULAS
from analysis.rules.selection import RULES, candidates
from analysis.scenario import Scenario

ABSENT = "no such clause"
_UNITS = {"share": "%", "level": "%", "days per year": "days a year", "factor": "times"}


def legal_values(scenario: Scenario) -> pd.DataFrame:
    """Every parameter of every candidate at `law_date`, in the unit of its law.

    Returns
    -------
    DataFrame
        formula, parameter, label; value and unit as in the law, value_jpy_mn (money only, at the
        end of the base month), text (value and unit as a reader writes them); effective_on (first
        day of the value), confidence, title, pinpoint and address of the reference (blank for an
        assumption), note, changed (whether `rule_parameters` replaces the value). A clause that
        the rule does not have has no value and the text `ABSENT`: that is not zero.

    Raises
    ------
    InputError
        As `candidates`.
    """
    files = {file.preset.id: file for file in map(rule_file, _paths(scenario))}
    return pd.DataFrame(
        [
            _row(files[formula.id], name, scenario)
            for formula in candidates(scenario)
            for name in files[formula.id].preset.parameters
        ]
    )


def _paths(scenario: Scenario) -> list[Path]:
    shipped = [path for name in FORMULAS for path in sorted((RULES / name).glob("*.yaml"))]
    return [*shipped, *([Path(scenario.formula_file)] if scenario.formula_file else [])]


def _row(file: RuleFile, name: str, scenario: Scenario) -> dict[str, object]:
    parameter = file.preset.parameters[name]
    day, dated = _dated(file, name, scenario.law_date)
    override = scenario.rule_parameters.get(f"{file.preset.id}.{name}")
    value = dated.value if override is None else override
    money = _jpy_mn(value, parameter.unit, scenario.base_month)
    reference = dated.reference
    return {
        "formula": file.preset.id,
        "parameter": name,
        "label": parameter.label,
        "value": value,
        "unit": parameter.unit,
        "value_jpy_mn": money,
        "text": _text(value, parameter.unit, money),
        "effective_on": day,
        "confidence": dated.confidence,
        "title": reference.title if reference else "",
        "pinpoint": reference.pinpoint if reference else "",
        "address": reference.address if reference else "",
        "note": dated.note,
        "changed": override is not None,
    }


def _dated(file: RuleFile, name: str, law_date: str) -> tuple[str, DatedValue]:
    """The value that `RuleFile.value` returns, with its day and its reference."""
    values = file.preset.parameters[name].values
    begun = [day for day in values if day <= law_date]
    day = max(begun) if begun else min(values)
    return day, values[day]


def _jpy_mn(value: float | None, unit: str, month: str) -> float | None:
    """Money in JPY mn; nothing for a value of another unit."""
    if value is None or unit == "JPY mn":
        return value
    if unit not in CURRENCIES:
        return None
    if unit == "JPY":
        return value / 1e6
    prices = read("market/prices_monthly").set_index(["month", "series"])["value"]
    return value * float(prices.loc[month, f"{unit}/JPY"]) / 1e6


def _text(value: float | None, unit: str, money: float | None) -> str:
    if value is None:
        return ABSENT
    if unit == "JPY mn":
        return _yen(value)
    if unit in CURRENCIES:
        large = value >= 1e6
        amount = f"{unit} {value / 1e6 if large else value:,.10g}{' mn' if large else ''}"
        return amount if money is None else f"{amount} ({_yen(money)})"
    shown = 100 * value if unit in ("share", "level") else value
    return f"{shown:,.10g} {_UNITS.get(unit, unit)}"


def _yen(amount: float) -> str:
    return f"JPY {amount:,.{0 if amount >= 1000 else 4}{'f' if amount >= 1000 else 'g'}} mn"
