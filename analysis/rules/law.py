"""A rule file: the closed schema of `data/rules/<formula>/<preset>.yaml`, its checks and its cache.

Every value is keyed by the date from which it holds and carries its own reference. `null` means
that the law has no such clause; it is not zero.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from analysis.errors import InputError
from analysis.rules.registry import FORMULAS, OTHER_RULES, parameter_names
from analysis.yaml_lines import Location, Marked, read_marked, shown

Status = Literal["in force", "proposed", "scenario", "superseded"]
Confidence = Literal["high", "medium", "low", "reported", "derived", "assumption"]
Currency = Literal["JPY", "USD", "EUR", "GBP", "KRW", "HKD", "THB", "TRY", "AED", "SGD"]
Unit = Literal["share", "level", "bp", "factor", "years", "tiers", "JPY mn"] | Currency
CURRENCIES = frozenset(Currency.__args__)  # type: ignore[attr-defined]


def _day(text: str) -> str:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise ValueError("must be a day written YYYY-MM-DD")
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError("is not a day of the calendar") from None
    return text


def _address(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/:,;]+\.[^\s/:,;]+(:\d+)?(/[^\s,;]*)?", text):
        raise ValueError("must be one address that starts with http:// or https://")
    return text


Day = Annotated[str, AfterValidator(_day)]
Address = Annotated[str, AfterValidator(_address)]
Text = Annotated[str, Field(min_length=1)]
Number = Annotated[float, Field(allow_inf_nan=False)]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class LegalReference(_Closed):
    """Where a value is written, and when it was read."""

    title: Text
    address: Address
    pinpoint: Text
    retrieved_on: Day


class DatedValue(_Closed):
    """A value from one day on. An assumption needs a note instead of a reference."""

    value: Number | None
    confidence: Confidence
    reference: LegalReference | None = None
    note: str = ""


class LegalParameter(_Closed):
    """One parameter of a rule: label, unit, allowed range (swept where it is an assumption)."""

    label: Text
    unit: Unit
    range: Annotated[list[Number], Field(min_length=2, max_length=2)]
    values: Annotated[dict[Day, DatedValue], Field(min_length=1)]


class Preset(_Closed):
    """One rule file."""

    formula: Text
    preset: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: Text
    jurisdiction: Text
    currency: Currency
    status: Status
    last_checked_on: Day
    checked: Text
    not_modelled: Text
    reference: LegalReference
    parameters: dict[str, LegalParameter]

    @property
    def id(self) -> str:
        """`formula_preset`; the preset `base` is not named."""
        return self.formula if self.preset == "base" else f"{self.formula}_{self.preset}"


@dataclass(frozen=True)
class RuleFile:
    """A checked rule file with the line of each of its keys."""

    preset: Preset
    marked: Marked

    def value(self, name: str, law_date: str) -> float | None:
        """Value of a parameter at a date, in the unit of the file.

        A rule in force has values only from its first date on. What is proposed or a scenario
        holds at no date: its first value is read before that.

        Raises
        ------
        InputError
            The rule had no value yet.
        """
        values = self.preset.parameters[name].values
        begun = [day for day in values if day <= law_date]
        if not begun and self.preset.status in ("in force", "superseded"):
            first = min(values)
            message = (
                f"no value at {law_date}, the first holds from {first}; choose a later law_date"
            )
            raise self.marked.error(("parameters", name, "values", first), message)
        return values[max(begun) if begun else min(values)].value


def rule_file(path: Path) -> RuleFile:
    """Read and check a rule file; read again only when it changed.

    Raises
    ------
    InputError
        Whatever is wrong, with file, line and key.
    """
    try:
        stamp = path.stat()
    except OSError as failure:
        raise InputError(f"{shown(path)}: cannot be read ({failure.strerror})") from None
    return _checked(path, stamp.st_mtime_ns, stamp.st_size)


@lru_cache(maxsize=256)
def _checked(path: Path, modified: int, size: int) -> RuleFile:  # noqa: ARG001
    marked = read_marked(path)
    try:
        preset = Preset.model_validate(marked.content)
    except ValidationError as failure:
        # A misspelt key is both unknown and missing: the unknown one says more.
        first, *_ = sorted(failure.errors(), key=lambda e: e["type"] != "extra_forbidden")
        location, message = _complaint(first)
        raise marked.error(location, message) from None
    for location, message in _contradictions(preset):
        raise marked.error(location, message)
    return RuleFile(preset, marked)


def _complaint(first: Any) -> tuple[Location, str]:
    """Location and message of pydantic's first complaint, in the words of the file."""
    location = tuple(part for part in first["loc"] if part != "[key]")
    message = str(first["msg"]).removeprefix("Value error, ")
    match first["type"]:
        case "extra_forbidden":
            known = {key for model in _Closed.__subclasses__() for key in model.model_fields}
            return location, f"unknown or misplaced key{_nearest(str(location[-1]), known)}"
        case "missing":
            return location, "missing; add it"
        case "literal_error":
            return location, f"{first['input']!r} is not allowed; {message}"
        case _:
            return location, f"{first['input']!r}: {message}"


def _contradictions(preset: Preset) -> Iterator[tuple[Location, str]]:
    """What the schema cannot see: the formula, its parameters, ranges, references, currency."""
    known = {**FORMULAS, **OTHER_RULES}
    if preset.formula not in known:
        yield ("formula",), f"unknown formula '{preset.formula}'{_nearest(preset.formula, known)}"
        return
    expected = parameter_names(preset.formula)
    for name in preset.parameters:
        if name not in expected:
            yield (
                ("parameters", name),
                f"{preset.formula} has no such parameter{_nearest(name, expected)}",
            )
    for name in expected:
        if name not in preset.parameters:
            message = f"parameter '{name}' of {preset.formula} is missing; null if not in law"
            yield ("parameters", name), message
    for name, parameter in preset.parameters.items():
        yield from _parameter_contradictions(("parameters", name), parameter, preset.currency)


def _parameter_contradictions(
    here: Location, parameter: LegalParameter, currency: str
) -> Iterator[tuple[Location, str]]:
    low, high = parameter.range
    if low >= high:
        yield (*here, "range"), f"{low:g} is not below {high:g}"
    if parameter.unit == "level":
        yield from _level_contradictions(here, parameter)
    if parameter.unit in CURRENCIES and parameter.unit != currency:
        yield (*here, "unit"), f"{parameter.unit}, but the file's currency is {currency}"
    for day, dated in parameter.values.items():
        at = (*here, "values", day)
        if dated.value is not None and not low <= dated.value <= high:
            yield (*at, "value"), f"{dated.value:g} is outside its range {low:g} to {high:g}"
        if dated.reference is None and dated.confidence != "assumption":
            yield (*at, "reference"), "missing; add it, or call the value an assumption"
        if not dated.note and (dated.value is None or dated.confidence == "assumption"):
            yield (*at, "note"), "missing; a null or an assumption says why"


def _level_contradictions(
    here: Location, parameter: LegalParameter
) -> Iterator[tuple[Location, str]]:
    """A distribution has no quantile at 0 and none short of everything at 1."""
    allowed = "a level lies above 0 and below 1, such as 0.995 for 99.5 %"
    for day, dated in parameter.values.items():
        if dated.value is not None and not 0 < dated.value < 1:
            yield (*here, "values", day, "value"), f"{dated.value:g}; {allowed}"
    if not (parameter.range[0] > 0 and parameter.range[1] < 1):
        low, high = parameter.range
        yield (*here, "range"), f"{low:g} to {high:g}; {allowed}"


def _nearest(name: str, known: Any) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean '{near[0]}'?" if near else ""
