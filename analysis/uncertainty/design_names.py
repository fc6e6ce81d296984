"""Names that a design may vary: fields of the scenario and parameters of single formulas."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

from analysis.errors import SHOWN, InputError, cut
from analysis.rules.selection import overrides_by_formula, rule_files
from analysis.scenario import Scenario, allowed, rule_names
from analysis.scenario.parameter import usual_shape
from analysis.scenario.rule_names import DOTTED
from analysis.uncertainty.ranges import Range

Kind = Literal["number", "integer", "boolean", "text"]
RULE = rule_names.RULE
_FIELDS: Mapping[str, Mapping[str, Any]] = Scenario.model_json_schema()["properties"]


@dataclass(frozen=True)
class Quantity:
    """A parameter that a design may vary, with what it may be.

    Parameters
    ----------
    name : str
        Field of the scenario, or `rule_parameters.<formula>.<parameter>`.
    kind : Kind
    default : value
        Value in the design's base; None where a rule has no such clause or a record is used.
    swept : Range or None
        Range over which it is swept unless a design says otherwise.
    choices : tuple
        All readings of a parameter that has a few; empty for others.
    """

    name: str
    kind: Kind
    default: Any
    swept: Range | None
    choices: tuple[Any, ...]

    @property
    def rule_key(self) -> str:
        """`<formula>.<parameter>` of a parameter of a formula, otherwise blank."""
        return self.name.removeprefix(DOTTED) if self.name.startswith(DOTTED) else ""

    def checked(self, value: Any, base: Scenario) -> Any:
        """The value in the parameter's own type.

        Raises
        ------
        InputError
            Wrong type or out of range; the message says what is allowed.
        """
        if not self.rule_key:
            return _checked_field(self.name, value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InputError(f"{self.name} = {cut(value)}: should be a number")
        overrides_by_formula({self.rule_key: float(value)}, rule_files(base))
        return float(value)


def quantity(name: str, base: Scenario) -> Quantity:
    """What a design varies by a name.

    Raises
    ------
    InputError
        No such parameter; the nearest is suggested.
    """
    if name.startswith(DOTTED):
        return _of_rule(name, base)
    if name == RULE:
        raise InputError(f"write {RULE}.<formula>.<parameter>, one line for each")
    if name not in _FIELDS:
        raise InputError(f"unknown parameter '{name}'{suggestion(name, _FIELDS)}")
    return _of_scenario(name, getattr(base, name))


def uncertain_names() -> tuple[str, ...]:
    """Every published figure and every judgement that has a swept range."""
    return tuple(
        name
        for name, schema in _FIELDS.items()
        if schema["kind"] in ("evidence", "assumption") and schema["swept"]
    )


def swept(name: str) -> str:
    """Range and distribution of a parameter unless a design says otherwise; blank without one."""
    chosen = _of_scenario(name, None).swept
    return "" if chosen is None else str(chosen)


def nearest(name: object, known: Iterable[str]) -> str:
    """The nearest known name, to be put behind a complaint that lists them all; or nothing."""
    near = difflib.get_close_matches(str(name)[:SHOWN], list(known), n=1)
    return f"; did you mean '{near[0]}'?" if near else ""


def suggestion(name: object, known: Iterable[str]) -> str:
    """The nearest known name, or all of a few, to be put behind a complaint."""
    listed = list(known)
    if near := nearest(name, listed):
        return near
    return f"; known: {', '.join(listed)}" if len(listed) <= 20 else ""


def _of_scenario(name: str, default: Any) -> Quantity:
    schema = _FIELDS[name]
    kinds = {choice.get("type", "string") for choice in schema.get("anyOf", [schema])}
    known: tuple[Kind, ...] = ("boolean", "integer", "number")
    kind: Kind = next((each for each in known if each in kinds), "text")
    choices = (False, True) if kind == "boolean" else tuple(schema.get("enum", ()))
    usual = None
    if schema["swept"]:
        low, high = schema["swept"]
        triangular = schema["distribution"] == "triangular"
        mode = float(schema["default"]) if triangular else None
        usual = Range(low, high, schema["distribution"], mode, integer=kind == "integer")
    return Quantity(name, kind, default, usual, choices)


def _of_rule(name: str, base: Scenario) -> Quantity:
    key, files = name.removeprefix(DOTTED), rule_files(base)
    id, _, parameter = key.rpartition(".")
    if id not in files:
        hint = suggestion(id, files) or "; `study formulas` lists them"
        raise InputError(f"unknown formula '{id}' in '{name}'{hint}")
    file = files[id]
    if parameter not in file.preset.parameters:
        hint = suggestion(parameter, file.preset.parameters)
        raise InputError(f"{id} has no parameter '{parameter}'{hint}")
    low, high = file.preset.parameters[parameter].range
    default = base.rule_parameters.get(key, file.value(parameter, base.law_date))
    shape, _ = usual_shape("lever", default, (low, high))
    return Quantity(name, "number", default, Range(low, high, shape), ())


def _checked_field(name: str, value: Any) -> Any:
    try:
        return _adapter(name).validate_python(value)
    except ValidationError as failure:
        what = failure.errors()[0]["msg"]
        raise InputError(
            f"parameter {name} = {cut(value)}: {what}; allowed: {allowed(name)}"
        ) from None


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    """Check of one field, as the scenario checks it."""
    field = Scenario.model_fields[name]
    checked: Any = field.annotation
    for bound in field.metadata:
        checked = Annotated[checked, bound]
    return TypeAdapter(checked, config=ConfigDict(strict=True))
