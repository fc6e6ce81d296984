"""Every parameter of the study, once: name, unit, default, allowed range, swept range, source.

`Scenario` is the single input of `analysis.evaluate` beside the panel. A notebook, a papermill
run and a sweep all build one, so a value that is out of range is refused in one place.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict, ValidationError, model_validator

from analysis.errors import InputError, cut
from analysis.scenario.appraisal import AppraisalParameters
from analysis.scenario.cost import CostParameters
from analysis.scenario.exits import ExitParameters
from analysis.scenario.funding import FundingParameters
from analysis.scenario.losses import LossParameters
from analysis.scenario.market_answer import MarketAnswerParameters
from analysis.scenario.panel import PanelParameters
from analysis.scenario.protection import ProtectionParameters
from analysis.scenario.rule_names import FORM, RULE, joined
from analysis.scenario.rules import RuleParameters
from analysis.scenario.severity import SeverityParameters

__all__ = ["ORDERED", "Scenario", "changed", "scenario"]

#: Pairs of parameters of which the first may not be above the second.
ORDERED = (
    ("hot_share_low", "hot_share_high"),
    ("order_book_share_low", "order_book_share_high"),
    ("binance_flow_low", "binance_flow_high"),
    ("benchmark_carried_low", "benchmark_carried_high"),
    ("floor_jpy_mn", "cap_jpy_mn"),
)


class Scenario(
    ExitParameters,
    MarketAnswerParameters,
    LossParameters,
    SeverityParameters,
    ProtectionParameters,
    AppraisalParameters,
    CostParameters,
    FundingParameters,
    RuleParameters,
    PanelParameters,
):
    """One complete set of parameters. Frozen; unknown names and non-finite numbers are errors.

    Money is JPY million, rates are fractions per year, time is years unless the unit says else.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_default=True)

    @model_validator(mode="after")
    def _ordered(self) -> Scenario:
        for low, high in ORDERED:
            floor, ceiling = getattr(self, low), getattr(self, high)
            if floor > ceiling:
                raise ValueError(f"{low} = {floor:g} is above {high} = {ceiling:g}")
        return self

    @property
    def carry_rate(self) -> float:
        """What a yen of cash costs a year: return that owners require less what it yields."""
        return self.cost_of_equity - self.reserve_yield

    def with_(self, **changes: Any) -> Scenario:
        """Checked copy with `changes` applied (pydantic's own copy does not validate)."""
        return scenario({**self.model_dump(), **changes})


def scenario(values: Mapping[str, Any] | None = None) -> Scenario:
    """Build a scenario from names and values, with one clear message for what is wrong.

    A parameter of a formula may be written in any way that `joined` reads.

    Raises
    ------
    InputError
        Unknown name (the nearest is suggested), wrong type, value out of range.
    """
    values = joined(values or {})
    for name in values:
        if name not in Scenario.model_fields:
            near = difflib.get_close_matches(name, Scenario.model_fields, n=1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise InputError(f"unknown parameter '{name}'{hint}")
    try:
        return Scenario.model_validate(values)
    except ValidationError as failure:
        raise InputError(_message(failure)) from None


def _message(failure: ValidationError) -> str:
    """First complaint in one line: name, value, what is wrong, allowed range."""
    first = failure.errors()[0]
    what = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return what
    name, *within = map(str, first["loc"])
    told = ".".join([name, *within[:1]]) if name == RULE else name
    return f"parameter {told} = {cut(first['input'])}: {what}; allowed: {allowed(name)}"


def changed(chosen: Scenario) -> dict[str, Any]:
    """Parameters that differ from the baseline, as plain JSON values, in the scenario's order."""
    baseline, values = Scenario().model_dump(mode="json"), chosen.model_dump(mode="json")
    return {name: value for name, value in values.items() if value != baseline[name]}


def allowed(name: str) -> str:
    """Allowed values of a parameter, in words."""
    schema = Scenario.model_json_schema()["properties"][name]
    if name == RULE:
        return FORM
    if "enum" in schema:
        return " or ".join(schema["enum"])
    if "pattern" in schema:
        return f"a {schema['unit']} such as {schema['default']}"
    lows = [f"{schema[key]:g}" for key in ("exclusiveMinimum", "minimum") if key in schema]
    highs = [f"{schema[key]:g}" for key in ("exclusiveMaximum", "maximum") if key in schema]
    if not lows:
        return str(schema["unit"])
    above = "above " if "exclusiveMinimum" in schema else ""
    below = " below" if "exclusiveMaximum" in schema else ""
    why = f" ({schema['limits']})" if schema.get("limits") else ""
    return f"{above}{lows[0]} to{below} {highs[0]}{why}" if highs else f"{above}{lows[0]} and more"
